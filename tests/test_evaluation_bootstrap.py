"""The bootstrap: intervals that hold the truth about as often as they say."""

from __future__ import annotations

import numpy as np
import pytest

from firth.errors import SettingsError
from firth.evaluation.bootstrap import interval, resampled


def test_a_share_s_interval_is_about_the_binomial_one() -> None:
    outcomes = np.array([1.0] * 60 + [0.0] * 40)
    found = interval(lambda drawn: float(outcomes[drawn].mean()), 100, samples=4000)
    assert found.low == pytest.approx(0.6 - 1.96 * np.sqrt(0.6 * 0.4 / 100), abs=0.02)
    assert found.high == pytest.approx(0.6 + 1.96 * np.sqrt(0.6 * 0.4 / 100), abs=0.02)
    narrow = interval(lambda drawn: float(outcomes[drawn].mean()), 100, samples=4000, level=0.5)
    assert found.low < narrow.low < 0.6 < narrow.high < found.high


def test_nine_intervals_in_ten_hold_the_truth() -> None:
    generator = np.random.default_rng(1)
    held = 0
    for trial in range(200):
        values = generator.normal(5.0, 2.0, size=60)
        found = interval(
            lambda drawn, values=values: float(values[drawn].mean()), 60, level=0.9, samples=300, seed=trial
        )
        held += found.low <= 5.0 <= found.high
    assert 165 <= held <= 195


def test_samples_without_a_value_are_left_out() -> None:
    values = resampled(lambda drawn: None if drawn[0] else 1.0, 2, samples=500, seed=1)
    assert 150 < len(values) < 350
    assert interval(lambda _: None, 5) is None


def test_one_item_has_no_interval() -> None:
    assert interval(lambda _: 1.0, 1) is None
    assert interval(lambda _: 1.0, 0) is None


def test_the_seed_is_all_that_is_drawn() -> None:
    outcomes = np.random.default_rng(1).normal(size=30)
    one, two, other = (interval(lambda drawn: float(outcomes[drawn].mean()), 30, seed=seed) for seed in (1, 1, 2))
    assert one == two != other


@pytest.mark.parametrize("wrong", [{"level": 0}, {"level": 1}, {"level": 95}, {"samples": 99}, {"samples": 1.5}])
def test_settings_that_cannot_be(wrong: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match="usual"):
        interval(lambda _: 1.0, 10, **wrong)
