"""The mean and the covariance of all vectors, block by block, so that a mapped file is never copied as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from firth.vectors.norms import BLOCK, RowNorms

if TYPE_CHECKING:
    from firth.vectors.metric import Wide

__all__ = ["covariance", "mean"]


def mean(matrix: npt.NDArray[np.float32], norms: RowNorms) -> Wide:
    """Return the mean vector, Σ x / V.

    Args:
        matrix: float32 (V, D).
        norms: of the matrix.

    Returns:
        float64 (D,).

    Raises:
        FormatError: a row holds NaN or infinity.
    """
    total = np.zeros(matrix.shape[1])
    for start in range(0, len(matrix), BLOCK):
        norms.block(start)
        total += matrix[start : start + BLOCK].sum(axis=0, dtype=np.float64)
    return total / len(matrix)


def covariance(matrix: npt.NDArray[np.float32], norms: RowNorms) -> Wide:
    """Return the covariance of the dimensions, Σ (x − x̄)(x − x̄)ᵀ / (V − 1); zero where V is 1.

    Args:
        matrix: float32 (V, D).
        norms: of the matrix.

    Returns:
        float64 (D, D).

    Raises:
        FormatError: a row holds NaN or infinity.
    """
    middle = mean(matrix, norms)
    products = np.zeros((matrix.shape[1], matrix.shape[1]))
    for start in range(0, len(matrix), BLOCK):
        apart = matrix[start : start + BLOCK] - middle
        products += apart.T @ apart
    return products / max(1, len(matrix) - 1)
