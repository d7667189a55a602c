"""Paired tests: McNemar's by counting all outcomes, the bootstrap by what is known of it."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firth.errors import SettingsError
from firth.evaluation.paired import compare_correlations, compare_shares


def mcnemar(ahead: int, behind: int) -> float:
    """Return McNemar's exact p by going through all ways in which the items that differ could have fallen."""
    n = ahead + behind
    ways = [sum(way) for way in itertools.product((0, 1), repeat=n)]
    return sum(abs(way - n / 2) >= abs(ahead - n / 2) for way in ways) / len(ways)


@given(st.integers(0, 6), st.integers(0, 6), st.integers(0, 5))
def test_mcnemar_s_p_is_the_share_of_ways_as_far_apart(ahead: int, behind: int, same: int) -> None:
    first = [True] * ahead + [False] * behind + [True] * same
    second = [False] * ahead + [True] * behind + [True] * same
    test = compare_shares(dict(enumerate(first)), dict(enumerate(second)), samples=100)
    assert test.items == len(first)
    if not first:
        assert (test.first, test.p, test.difference, test.interval) == (None, None, None, None)
        return
    assert test.p == pytest.approx(mcnemar(ahead, behind))
    assert test.difference == pytest.approx((ahead - behind) / len(first))
    assert test.interval.low - 1e-9 <= test.difference <= test.interval.high + 1e-9 or len(first) < 8


def test_only_items_of_both_are_compared() -> None:
    test = compare_shares({"a": True, "b": True, "c": False}, {"b": False, "c": False, "d": True})
    assert (test.items, test.first, test.second) == (2, 0.5, 0.0)


def pairs(noise: float, seed: int) -> dict[int, tuple[float, float]]:
    ratings = np.random.default_rng(0).normal(size=200)
    cosines = ratings + np.random.default_rng(seed).normal(scale=noise, size=200)
    return dict(enumerate(zip(ratings.tolist(), cosines.tolist(), strict=True)))


def test_a_clear_difference_of_correlations_is_found_and_chance_is_not() -> None:
    clear = compare_correlations(pairs(0.3, 1), pairs(3.0, 2))
    assert clear.p < 0.01
    assert clear.interval.low > 0.3
    alike = compare_correlations(pairs(1.0, 1), pairs(1.0, 2))
    assert alike.p > 0.05
    assert alike.interval.low < 0 < alike.interval.high
    same = compare_correlations(pairs(1.0, 1), pairs(1.0, 1))
    assert (same.difference, same.p) == (0, 1)


def test_correlations_that_are_not_defined_have_no_p() -> None:
    flat = dict.fromkeys(range(5), (1.0, 0.5))
    test = compare_correlations(flat, {item: (1.0, float(item)) for item in range(5)})
    assert (test.first, test.second, test.p, test.interval) == (None, None, None, None)
    assert compare_correlations({}, flat).items == 0


def test_too_few_samples_are_refused() -> None:
    with pytest.raises(SettingsError, match="100 or more"):
        compare_shares({"a": True}, {"a": False}, samples=10)
