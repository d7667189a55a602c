"""All words in two dimensions at once: the plane in which their directions differ most, and where each word lies in it.

The plane is found on a sample of rows spread over the whole matrix, and the rows are put into it block by block, so
that a matrix of three million rows in a mapped file is read once and never copied.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from firth.vectors.norms import BLOCK, norms_of

if TYPE_CHECKING:
    from firth.vectors.metric import Floats, Wide
    from firth.vectors.norms import RowNorms

__all__ = ["Plane", "plane", "principal", "spread", "unit_rows"]

_SAMPLE = 65_536
_RUN = 1024


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Plane:
    """Where words lie in two dimensions.

    Args:
        places: float32 (V, 2).
        kept: the share of the variance along each axis, float in [0, 1] each.
    """

    places: npt.NDArray[np.float32]
    kept: tuple[float, float]


def plane(matrix: npt.NDArray[np.float32], norms: RowNorms) -> Plane:
    """Return the words' places on their first two principal components, each vector scaled to length 1 before.

        places = (u − ū) (p₁ p₂)        u = x / |x|, p: principal components of the sample, the largest number > 0

    Args:
        matrix: float32 (V, D).
        norms: of the matrix.

    Raises:
        FormatError: a row holds NaN or infinity.
    """
    middle, directions, shares = principal(matrix, units=True)
    basis = np.zeros((matrix.shape[1], 2))
    basis[:, : directions.shape[1]] = directions[:, :2]
    places = np.empty((len(matrix), 2), dtype=np.float32)
    # In float32 as the rows are, less the mean first: what is small stays exact.
    narrow, near = basis.astype(np.float32), middle.astype(np.float32)
    for start in range(0, len(matrix), BLOCK):
        rows = unit_rows(matrix[start : start + BLOCK], norms.block(start))
        rows -= near
        places[start : start + BLOCK] = rows @ narrow
    first, second = [*shares[:2].tolist(), 0.0][:2]
    return Plane(places=places, kept=(first, second))


def spread(rows: int, most: int, run: int = _RUN) -> list[slice]:
    """Return the rows of a sample: all, or runs of rows that lie evenly over the whole.

    Args:
        rows: int ≥ 1, how many there are.
        most: int ≥ run, how many may be taken.
        run: int ≥ 1, rows that follow one another; a file is read faster so.
    """
    if rows <= most:
        return [slice(start, min(start + run, rows)) for start in range(0, rows, run)]
    starts = np.linspace(0, rows - run, most // run).astype(np.int64)
    return [slice(start, start + run) for start in starts.tolist()]


def unit_rows(rows: npt.NDArray[np.float32], norms: Floats) -> npt.NDArray[np.float32]:
    """Return rows scaled to length 1, zeros as they are: float32 (B, D).

    Args:
        rows: float32 (B, D); those that are no numbers stay so.
        norms: (B,), their lengths.
    """
    wide = norms[:, np.newaxis]
    with np.errstate(invalid="ignore"):
        scaled = np.divide(rows, wide, out=np.zeros(rows.shape, dtype=wide.dtype), where=wide > 0)
    return scaled.astype(np.float32, copy=False)


def principal(matrix: npt.NDArray[np.float32], *, units: bool) -> tuple[Wide, Wide, Wide]:
    """Return what rows differ in most, told from a sample of 65,536 rows; from all where there are no more.

    Args:
        matrix: float32 (V, D).
        units: whether each row is scaled to length 1 before.

    Returns:
        The mean, float64 (D,); the principal components as columns, float64 (D, D), the one that keeps most first,
        each pointing to where its largest number is > 0; the share of the variance that each keeps, float64 (D,).
    """
    dim = matrix.shape[1]
    total, products, count = np.zeros(dim), np.zeros((dim, dim)), 0
    for run in spread(len(matrix), _SAMPLE):
        rows = matrix[run]
        # Rows that are no numbers are refused by name where they are looked at.
        known = np.nan_to_num(unit_rows(rows, norms_of(rows)) if units else rows, posinf=0.0, neginf=0.0)
        total += known.sum(axis=0, dtype=np.float64)
        products += known.T @ known if units else known.T.astype(np.float64) @ known
        count += len(rows)
    middle = total / count
    variances, directions = np.linalg.eigh(products / count - np.outer(middle, middle))
    variances, directions = np.maximum(variances[::-1], 0.0), directions[:, ::-1]
    # An eigenvector's sign is arbitrary; this one is the same on every machine.
    signs = np.sign(directions[np.abs(directions).argmax(axis=0), np.arange(dim)])
    # Of rows that are all alike rounding leaves a variance of its own.
    differ = variances.sum() > 1e-12 * products.trace() / count
    shares = variances / variances.sum() if differ else np.zeros(dim)
    return middle, directions * signs, shares
