"""Weights are exact where they can be, and never so large that a sum overflows."""

from __future__ import annotations

from fractions import Fraction

import pytest

from firth.contexts.distance_weights import distance_weights, weight
from firth.contexts.window import Window
from firth.errors import SettingsError


def test_a_window_of_ten_has_glove_s_unit() -> None:
    weights = distance_weights(Window(left=10, right=10), "harmonic", 10**9)
    assert weights.unit == 2520
    assert weights.left.tolist() == weights.right.tolist() == [2520 // d for d in range(1, 11)]
    assert weights.total == 14762


@pytest.mark.parametrize("weighting", ["harmonic", "flat", "soft"])
@pytest.mark.parametrize(("left", "right"), [(1, 1), (22, 22), (0, 7), (3, 5), (23, 2), (1000, 1000)])
@pytest.mark.parametrize("words", [0, 10**6, 10**12])
def test_weights_are_exact_or_near(weighting: str, left: int, right: int, words: int) -> None:
    weights = distance_weights(Window(left=left, right=right), weighting, words)
    assert weights.total * max(1, words) < 2**63
    exact = weighting != "harmonic" or (max(left, right) <= 22 and weights.total * words < 2**60)
    for side, reach in ((weights.left, left), (weights.right, right)):
        assert len(side) == reach
        for distance, units in enumerate(side.tolist(), start=1):
            truth = weight(weighting, distance, reach)
            assert units > 0
            assert abs(Fraction(units, weights.unit) - truth) <= (0 if exact else Fraction(1, 2 * weights.unit))
    if weighting == "harmonic" and max(left, right) > 22 and words <= 10**6:
        assert weights.unit == 2**32


def test_soft_is_the_mean_of_word2vec_s_draws() -> None:
    window = Window(left=4, right=6, soft=True)
    draws = [Fraction(2 * n + 1, 2 * 12) for n in range(12)]
    for distance in range(1, 7):
        seen = sum(window.reach(float(draw))[1] >= distance for draw in draws)
        assert Fraction(seen, 12) == weight("soft", distance, 6)


def test_another_weighting_is_refused() -> None:
    with pytest.raises(SettingsError, match="expected the weighting"):
        distance_weights(Window(left=1, right=1), "linear", 1)
