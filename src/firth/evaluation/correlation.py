"""Correlation of two lists of numbers: by value (Pearson) and by rank (Spearman)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["average_ranks", "pearson", "spearman"]

Numbers = npt.NDArray[np.float64]


def average_ranks(values: Numbers) -> Numbers:
    """Return each value's rank from 1; equal values share the mean of their ranks.

    Args:
        values: float64 (n,), finite.

    Returns:
        float64 (n,).
    """
    _, group, sizes = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(sizes)
    ranks: Numbers = (last - (sizes - 1) / 2)[group]
    return ranks


def pearson(left: Numbers, right: Numbers) -> float | None:
    """Return Pearson's r = Σ (xᵢ − x̄)(yᵢ − ȳ) / √(Σ (xᵢ − x̄)² · Σ (yᵢ − ȳ)²).

    Args:
        left: float64 (n,), x.
        right: float64 (n,), y.

    Returns:
        r in [−1, 1]; None where it is not defined: fewer than two pairs, or all values of one side equal.
    """
    if len(left) < 2 or np.all(left == left[0]) or np.all(right == right[0]):
        return None
    x, y = left - left.mean(), right - right.mean()
    # Scaled first, so that squares neither overflow nor vanish.
    x, y = x / np.abs(x).max(), y / np.abs(y).max()
    return float(np.clip((x @ y) / np.sqrt((x @ x) * (y @ y)), -1.0, 1.0))


def spearman(left: Numbers, right: Numbers) -> float | None:
    """Return Spearman's ρ: Pearson's r of the average ranks; None where it is not defined.

    Args:
        left: float64 (n,).
        right: float64 (n,).
    """
    return pearson(average_ranks(left), average_ranks(right))
