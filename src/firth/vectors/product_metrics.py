"""The metrics that matrix products compute: cosine, Pearson correlation, Euclidean distance, inner product."""

from __future__ import annotations

import numpy as np

from firth.vectors.metric import Floats, Metric, Wide, row_sums

__all__ = ["PRODUCT_METRICS", "cosines"]


def _products(rows: Floats, queries: Floats) -> Floats:
    # One query alone is a matrix-vector product, which BLAS reads the rows for only once.
    product: Floats = (rows @ queries[0])[np.newaxis, :] if len(queries) == 1 else queries @ rows.T
    return product


def _inverse(norms: Floats) -> Floats:
    """1 / norm; a zero row's products are 0, and with a finite number in place of 1 / 0 its cosines are, too."""
    return 1 / np.maximum(norms, np.finfo(norms.dtype).tiny)


def _cosine_block(rows: Floats, norms: Floats, queries: Floats, query_norms: Floats, slack: float) -> Floats:
    closeness = _products(rows, queries * _inverse(query_norms)[:, np.newaxis])
    closeness *= _inverse(norms)
    closeness += closeness.dtype.type(slack)
    return closeness


def cosines(rows: Wide, queries: Wide) -> Wide:
    """Return x·q / (|x| |q|) for each row and its query, 0 where one is zero.

    Args:
        rows: float64 (n, D).
        queries: float64 (n, D).

    Returns:
        float64 (n,), within [−1, 1]; equal rows give equal bits.
    """
    # One root of the product: the cosine of a vector with itself is then 1 to the last bit.
    norms = np.sqrt(row_sums(rows * rows) * row_sums(queries * queries))
    quotients = np.divide(row_sums(rows * queries), norms, out=np.zeros(len(rows)), where=norms > 0)
    return np.clip(quotients, -1.0, 1.0)


def _centred(vectors: Wide) -> Wide:
    """x − x̄; zero where all of a row's numbers are alike, which the mean's rounding would hide."""
    centred: Wide = vectors - (row_sums(vectors) / vectors.shape[1])[:, np.newaxis]
    centred[vectors.min(axis=1) == vectors.max(axis=1)] = 0.0
    return centred


def _correlation_block(rows: Floats, norms: Floats, queries: Floats, query_norms: Floats, slack: float) -> Floats:
    # (x − x̄)·(q − q̄) = x·(q − q̄) and |x − x̄|² = |x|² − D x̄²: two products instead of centring the rows. What is
    # small beside |x| or |q| may be large beside |x − x̄| or |q − q̄|; the slack grows by their quotients.
    dtype = rows.dtype.type
    centred = _centred(queries.astype(np.float64))
    spread_q = np.sqrt(row_sums(centred * centred))
    inverse_q = np.divide(1, spread_q, out=np.zeros_like(spread_q), where=spread_q > 0)
    means = rows @ np.full(rows.shape[1], 1 / rows.shape[1], dtype)
    squares = norms * norms
    left = squares - dtype(rows.shape[1]) * means * means
    # Where next to nothing is left, rounding may be all of it.
    certain = left > dtype(16 * abs(slack)) * squares
    inverse_x = np.divide(1, np.sqrt(np.maximum(left, 0)), out=np.zeros_like(left), where=certain)
    ratio = norms * inverse_x
    closeness = _products(rows, (centred * inverse_q[:, np.newaxis]).astype(dtype)) * inverse_x
    closeness += (slack * (1 + query_norms * inverse_q)).astype(dtype)[:, np.newaxis] * ratio
    closeness += dtype(8 * slack) * ratio * ratio
    closeness[:, ~certain] = np.copysign(2, slack)
    return closeness


def _euclidean_block(rows: Floats, norms: Floats, queries: Floats, query_norms: Floats, slack: float) -> Floats:
    # −|x − q|² = 2 x·q − |x|² − |q|²; (|x| + |q|)² ≤ 2 |x|² + 2 |q|², so the slack shrinks the two squares.
    closeness = _products(rows, 2 * queries)
    shrink = closeness.dtype.type(1 - 2 * slack)
    closeness -= shrink * norms * norms
    closeness -= (shrink * query_norms * query_norms)[:, np.newaxis]
    return closeness


def _euclidean_pairs(rows: Wide, queries: Wide) -> Wide:
    apart = rows - queries
    return -row_sums(apart * apart)


def _dot_block(rows: Floats, norms: Floats, queries: Floats, query_norms: Floats, slack: float) -> Floats:
    closeness = _products(rows, queries)
    closeness += (slack * query_norms[:, np.newaxis]).astype(closeness.dtype) * norms
    return closeness


PRODUCT_METRICS = (
    Metric(
        name="cosine",
        formula="x·q / (|x| |q|), and 0 where x or q is zero",
        measures="similarity",
        block=_cosine_block,
        pairs=cosines,
        value=lambda closeness: closeness,
    ),
    Metric(
        name="correlation",
        formula="(x − x̄)·(q − q̄) / (|x − x̄| |q − q̄|), Pearson's r; 0 where all numbers of x or of q are alike",
        measures="similarity",
        block=_correlation_block,
        pairs=lambda rows, queries: cosines(_centred(rows), _centred(queries)),
        value=lambda closeness: closeness,
    ),
    Metric(
        name="dot",
        formula="x·q = Σ xᵢ qᵢ",
        measures="similarity",
        block=_dot_block,
        pairs=lambda rows, queries: row_sums(rows * queries),
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
        name="sqeuclidean",
        formula="Σ (xᵢ − qᵢ)²",
        measures="distance",
        block=_euclidean_block,
        pairs=_euclidean_pairs,
        value=lambda closeness: np.maximum(-closeness, 0.0),
    ),
)
