"""What a search asks of a metric, that is, of one way to say how near two vectors are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Callable

    from firth.vectors.norms import RowNorms

__all__ = ["Floats", "Metric", "Wide", "row_sums"]

Floats = npt.NDArray[np.floating[Any]]
"""float32 where all norms are tame, else float64."""

Wide = npt.NDArray[np.float64]
"""float64, in which all numbers that are shown are computed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Metric:
    """One way to say how near two vectors x (a row) and q (a query) are.

    A search goes through the matrix by a fast form, which rounds: in float32 by matrix products, or by SciPy. So each
    metric gives two forms: a fast one for a block of rows that may be told to err on the near side by as much as
    rounding can amount to (no true neighbour is then missed), and an exact one in float64 for the few rows that remain.
    Both are *closenesses*: larger is nearer.

    Args:
        name: as the user asks for it.
        formula: for the documentation.
        measures: what the number is: a similarity grows with nearness, a distance shrinks.
        block: (rows (B, D), their norms (B,), queries (Q, D), their norms (Q,), slack) → closeness (Q, B), raised by
            as much as `slack` allows for: the rounding of some D operations, relative to the numbers in them.
        pairs: float64 (rows (n, D), queries (n, D)) → float64 (n,), the closeness of each row to its own query. Equal
            rows give equal bits. NaN or infinity where the formula gives no number.
        value: closeness → the number the formula gives.
        wide: whether `block` must be given float64, and can give what is no number.
        needs: what numbers vectors must have so that the formula gives one; "" where any will do, or nearly any.
        fit: for a metric that must know how all vectors spread: (matrix, its norms) → the metric
            that does; else None.
    """

    name: str
    formula: str
    measures: Literal["similarity", "distance"]
    block: Callable[[Floats, Floats, Floats, Floats, float], Floats]
    pairs: Callable[[Wide, Wide], Wide]
    value: Callable[[Wide], Wide]
    wide: bool = False
    needs: str = ""
    fit: Callable[[npt.NDArray[np.float32], RowNorms], Metric] | None = None


def row_sums(numbers: Wide) -> Wide:
    """Return the sum of each row; equal rows give equal bits wherever they stand, as BLAS does not promise.

    Args:
        numbers: float64 (n, D).
    """
    sums: Wide = np.ascontiguousarray(numbers).sum(axis=1)
    return sums
