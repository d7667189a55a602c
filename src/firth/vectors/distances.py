"""How near two vectors are: one entry per metric, each with its formula.

A search goes through the matrix in float32 by matrix products, which round. So each metric gives two forms: a fast one
for a block of rows that may be told to err on the near side by as much as rounding can amount to (no true neighbour is
then missed), and an exact one in float64 for the few rows that remain. Both are *closenesses*: larger is nearer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from firth.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["METRICS", "Floats", "Metric", "metric_named"]

Floats = npt.NDArray[np.floating[Any]]
"""float32 where all norms are tame, else float64."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Metric:
    """One way to say how near two vectors x (a row) and q (a query) are.

    Args:
        name: as the user asks for it.
        formula: for the documentation.
        measures: what the number is: a similarity grows with nearness, a distance shrinks.
        block: (rows (B, D), their norms (B,), queries (Q, D), their norms (Q,), slack) → closeness (Q, B), raised by
            `slack` times the product or square of the norms, as rounding errors grow.
        pairs: float64 (rows (n, D), queries (n, D)) → float64 (n,), the closeness of each row to its own query. Equal
            rows give equal bits.
        value: closeness → the number the formula gives.
    """

    name: str
    formula: str
    measures: Literal["similarity", "distance"]
    block: Callable[[Floats, Floats, Floats, Floats, float], Floats]
    pairs: Callable[[npt.NDArray[np.float64], npt.NDArray[np.float64]], npt.NDArray[np.float64]]
    value: Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]]


def _products(rows: Floats, queries: Floats) -> Floats:
    # One query alone is a matrix-vector product, which BLAS reads the rows for only once.
    product: Floats = (rows @ queries[0])[np.newaxis, :] if len(queries) == 1 else queries @ rows.T
    return product


def _inverse(norms: Floats) -> Floats:
    """1 / norm, and 0 for a zero row: its cosine with anything is 0."""
    return np.divide(1, norms, out=np.zeros_like(norms), where=norms > 0)


def _row_sums(products: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    # Not by BLAS: its sums depend on a row's position in the block, and equal rows must tie.
    sums: npt.NDArray[np.float64] = products.sum(axis=1)
    return sums


def _cosine_block(rows: Floats, norms: Floats, queries: Floats, query_norms: Floats, slack: float) -> Floats:
    closeness = _products(rows, queries * _inverse(query_norms)[:, np.newaxis])
    closeness *= _inverse(norms)
    closeness += closeness.dtype.type(slack)
    return closeness


def _cosine_pairs(rows: npt.NDArray[np.float64], queries: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    # One root of the product: the cosine of a vector with itself is then 1 to the last bit.
    norms = np.sqrt(_row_sums(rows * rows) * _row_sums(queries * queries))
    cosines = np.divide(_row_sums(rows * queries), norms, out=np.zeros(len(rows)), where=norms > 0)
    return np.clip(cosines, -1.0, 1.0)


def _euclidean_block(rows: Floats, norms: Floats, queries: Floats, query_norms: Floats, slack: float) -> Floats:
    # −|x − q|² = 2 x·q − |x|² − |q|²; (|x| + |q|)² ≤ 2 |x|² + 2 |q|², so the slack shrinks the two squares.
    closeness = _products(rows, 2 * queries)
    shrink = closeness.dtype.type(1 - 2 * slack)
    closeness -= shrink * norms * norms
    closeness -= (shrink * query_norms * query_norms)[:, np.newaxis]
    return closeness


def _euclidean_pairs(rows: npt.NDArray[np.float64], queries: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    apart = rows - queries
    squares = _row_sums(apart * apart)
    return -squares


def _dot_block(rows: Floats, norms: Floats, queries: Floats, query_norms: Floats, slack: float) -> Floats:
    closeness = _products(rows, queries)
    closeness += (slack * query_norms[:, np.newaxis]).astype(closeness.dtype) * norms
    return closeness


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric(
            name="cosine",
            formula="x·q / (|x| |q|), and 0 where x or q is zero",
            measures="similarity",
            block=_cosine_block,
            pairs=_cosine_pairs,
            value=lambda closeness: closeness,
        ),
        Metric(
            name="euclidean",
            formula="√Σ (xᵢ − qᵢ)²",
            measures="distance",
            block=_euclidean_block,
            pairs=_euclidean_pairs,
            value=lambda closeness: np.sqrt(np.maximum(-closeness, 0.0)),
        ),
        Metric(
            name="dot",
            formula="x·q = Σ xᵢ qᵢ",
            measures="similarity",
            block=_dot_block,
            pairs=lambda rows, queries: _row_sums(rows * queries),
            value=lambda closeness: closeness,
        ),
    )
}


def metric_named(name: str) -> Metric:
    """Return a metric by its name.

    Raises:
        SettingsError: there is none of that name.
    """
    if not isinstance(name, str) or name not in METRICS:
        known = ", ".join(f'"{known}"' for known in METRICS)
        raise SettingsError(f"expected a metric of {known}, got {name!r}")
    return METRICS[name]
