"""The bootstrap: how far a score would move with other items of the same kind.

A test set is a sample of the questions that could have been asked. Drawing as many items from it again, with
replacement, many times over, shows how much of a score is owed to which items happened to be in it.

Source: Efron 1979, "Bootstrap methods: another look at the jackknife"; the percentile interval: Efron & Tibshirani
1993, §13.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from firth.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

__all__ = ["Interval", "interval", "resampled"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Interval:
    """An interval that holds the middle of the resampled scores.

    Args:
        low: its lower end.
        high: its upper end.
        level: the share of resampled scores in it, in (0, 1).
    """

    low: float
    high: float
    level: float


def resampled(
    statistic: Callable[[npt.NDArray[np.int64]], float | None], items: int, *, samples: int, seed: int
) -> npt.NDArray[np.float64]:
    """Return a statistic of many samples drawn with replacement; samples in which it is not defined are left out.

    Args:
        statistic: of the items whose positions it is given, int64 (items,); None where it is not defined.
        items: int ≥ 0, how many there are.
        samples: int ≥ 1, how many times they are drawn again.
        seed: int ≥ 0.

    Returns:
        float64 (at most `samples`,).
    """
    generator = np.random.Generator(np.random.PCG64(seed))
    drawn = (statistic(generator.integers(items, size=items)) for _ in range(samples if items else 0))
    return np.array([value for value in drawn if value is not None], dtype=np.float64)


def interval(
    statistic: Callable[[npt.NDArray[np.int64]], float | None],
    items: int,
    *,
    level: float = 0.95,
    samples: int = 1000,
    seed: int = 1,
) -> Interval | None:
    """Return the percentile interval of a statistic.

        [q_{(1 − level) / 2}, q_{(1 + level) / 2}]  of the statistic of `samples` samples

    Args:
        statistic: of the items whose positions it is given, int64 (items,); None where it is not defined.
        items: int ≥ 0, how many there are.
        level: float in (0, 1).
        samples: int ≥ 100.
        seed: int ≥ 0.

    Returns:
        The interval; None where fewer than two items are there, or the statistic is defined in no sample.

    Raises:
        SettingsError: a level or a number of samples that cannot be.
    """
    if not 0 < level < 1:
        raise SettingsError(f"expected a level between 0 and 1, got {level!r}; 0.95 is usual")
    if not isinstance(samples, int) or samples < 100:
        raise SettingsError(f"expected 100 or more bootstrap samples, got {samples!r}; 1000 are usual")
    if items < 2:
        return None
    values = resampled(statistic, items, samples=samples, seed=seed)
    if not len(values):
        return None
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return Interval(low=float(low), high=float(high), level=level)
