"""The other metrics that SciPy's `cdist` knows: each a definition in NumPy beside SciPy's fast form.

Source: SciPy's reference, scipy.spatial.distance. Its cosine and correlation are distances; here they are similarities.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from firth.errors import SettingsError
from firth.vectors.metric import Floats, Metric, Wide, row_sums
from firth.vectors.moments import covariance

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy.typing as npt

    from firth.vectors.norms import RowNorms

__all__ = ["CDIST_METRICS", "minkowski"]

_LEAST = 5e-324


def _block(
    rows: Floats,
    _norms: Floats,
    queries: Floats,
    _query_norms: Floats,
    slack: float,
    *,
    name: str,
    options: Mapping[str, Any],
    floor: float = 0.0,
    boolean: bool = False,
    suits: Callable[[Floats], npt.NDArray[np.bool_]] | None = None,
) -> Wide:
    """Return −d for each query and row by SciPy, raised by the rounding of its sums and by `floor`.

    Between two vectors that `suits` finds good there always is a number, 0 where SciPy has none.
    """
    from scipy.spatial.distance import cdist  # noqa: PLC0415  (slow to import)

    if boolean:
        rows, queries = rows != 0, queries != 0
    with np.errstate(all="ignore"):
        closeness: Wide = -cdist(queries, rows, name, **options)
        if suits is not None:
            # SciPy takes the root of a sum that rounding may have brought below 0, and that gives no number.
            closeness[np.isnan(closeness) & np.logical_and.outer(suits(queries), suits(rows))] = 0
        closeness += 4 * slack * abs(closeness) + np.copysign(floor, slack)
    return closeness


def _metric(
    name: str,
    formula: str,
    distance: Callable[[Wide, Wide], Wide],
    *,
    scipy_name: str | None = None,
    fit: Callable[[npt.NDArray[np.float32], RowNorms], Metric] | None = None,
    options: Mapping[str, Any] | None = None,
    floor: float = 0.0,
    boolean: bool = False,
    suits: Callable[[Floats], npt.NDArray[np.bool_]] | None = None,
    needs: str = "",
) -> Metric:
    def pairs(rows: Wide, queries: Wide) -> Wide:
        with np.errstate(all="ignore"):
            return -distance(rows, queries)

    return Metric(
        name=name,
        formula=formula,
        measures="distance",
        block=partial(
            _block, name=scipy_name or name, options=options or {}, floor=floor, boolean=boolean, suits=suits
        ),
        pairs=pairs,
        # −0.0 would print as such.
        value=np.abs,
        wide=True,
        needs=needs,
        fit=fit,
    )


def minkowski(p: float) -> Metric:
    """Return Minkowski's metric, (Σ |xᵢ − qᵢ|^p)^(1/p).

    Args:
        p: float ≥ 1, finite; 1 is Manhattan, 2 Euclidean, and the larger, the nearer to Chebyshev.

    Raises:
        SettingsError: another p.
    """
    if not 1 <= p < np.inf:
        raise SettingsError(
            f'expected a power p from 1 for Minkowski\'s metric ("minkowski:3"), got {p:g}; for infinity ask for '
            '"chebyshev"'
        )
    return _metric(
        f"minkowski:{p:g}",
        "(Σ |xᵢ − qᵢ|^p)^(1/p)",
        lambda x, q: row_sums(np.abs(x - q) ** p) ** (1 / p),
        scipy_name="minkowski",
        options={"p": p},
        # Where powers vanish in float64, any number below this one may stand for the distance.
        floor=(4096 * _LEAST) ** (1 / p),
    )


def _canberra(x: Wide, q: Wide) -> Wide:
    whole = np.abs(x) + np.abs(q)
    return row_sums(np.divide(np.abs(x - q), whole, out=np.zeros_like(whole), where=whole > 0))


def _jensen_shannon(x: Wide, q: Wide) -> Wide:
    p, r = (np.where(v < 0, np.nan, v) / row_sums(v)[:, np.newaxis] for v in (x, q))
    mean = (p + r) / 2
    divergence = sum(
        row_sums(np.where(side == 0, 0.0, side * np.log(np.where(side == 0, 1.0, side / mean)))) for side in (p, r)
    )
    return np.sqrt(np.where(divergence < 0, 0.0, divergence) / 2)


def _counts(x: Wide, q: Wide) -> tuple[Wide, Wide, Wide, Wide]:
    """How many places are non-zero in both, in x alone, in q alone, in neither."""
    a, b = x != 0, q != 0
    both, x_alone, q_alone, neither = (
        row_sums(places.astype(np.float64)) for places in (a & b, a & ~b, ~a & b, ~a & ~b)
    )
    return both, x_alone, q_alone, neither


def _dice(x: Wide, q: Wide) -> Wide:
    both, x_alone, q_alone, _ = _counts(x, q)
    return (x_alone + q_alone) / (2 * both + x_alone + q_alone)


def _jaccard(x: Wide, q: Wide) -> Wide:
    both, x_alone, q_alone, _ = _counts(x, q)
    some = both + x_alone + q_alone
    return np.where(some == 0, 0.0, (x_alone + q_alone) / some)


def _rogers_tanimoto(x: Wide, q: Wide) -> Wide:
    both, x_alone, q_alone, neither = _counts(x, q)
    twice = 2 * (x_alone + q_alone)
    return twice / (both + neither + twice)


def _russell_rao(x: Wide, q: Wide) -> Wide:
    apart: Wide = (x.shape[1] - _counts(x, q)[0]) / x.shape[1]
    return apart


def _sokal_sneath(x: Wide, q: Wide) -> Wide:
    both, x_alone, q_alone, _ = _counts(x, q)
    twice = 2 * (x_alone + q_alone)
    return twice / (both + twice)


def _yule(x: Wide, q: Wide) -> Wide:
    both, x_alone, q_alone, neither = _counts(x, q)
    mixed = x_alone * q_alone
    return np.where(mixed == 0, 0.0, 2 * mixed / (both * neither + mixed))


def _standardised(matrix: npt.NDArray[np.float32], norms: RowNorms) -> Metric:
    variances = np.diagonal(covariance(matrix, norms)).copy()
    if not bool(np.all(variances > 0)):
        raise SettingsError(
            f'expected vectors that differ in every dimension for "seuclidean", got {int(np.sum(variances == 0)):,} '
            "in which all are alike"
        )
    return _metric(
        "seuclidean",
        _FORMULAS["seuclidean"],
        lambda x, q: np.sqrt(row_sums((x - q) ** 2 / variances)),
        options={"V": variances},
    )


def _mahalanobis(matrix: npt.NDArray[np.float32], norms: RowNorms) -> Metric:
    values, directions = np.linalg.eigh(covariance(matrix, norms))
    if not values[0] > values[-1] * len(values) * np.finfo(np.float64).eps:
        raise SettingsError(
            f'expected vectors that spread in all {len(values):,} dimensions for "mahalanobis", got some that leave '
            'one out; "firth postprocess" with pca takes such dimensions away'
        )
    inverse = np.ascontiguousarray((directions / values) @ directions.T)

    def distance(x: Wide, q: Wide) -> Wide:
        apart = np.ascontiguousarray(x - q)
        # Not by BLAS: equal rows must give equal bits.
        squares: Wide = np.einsum("ni,ij,nj->n", apart, inverse, apart)
        return np.sqrt(np.maximum(squares, 0.0))

    def block(rows: Floats, row_norms: Floats, queries: Floats, query_norms: Floats, slack: float) -> Wide:
        from scipy.spatial.distance import cdist  # noqa: PLC0415

        with np.errstate(invalid="ignore"):
            squares = np.nan_to_num(cdist(queries, rows, "mahalanobis", VI=inverse)) ** 2
        # The quadratic form's terms may be far larger than their sum.
        largest = (row_norms + query_norms[:, np.newaxis]) ** 2 / values[0]
        closeness: Wide = -np.sqrt(np.maximum(squares - 4 * slack * len(values) * largest, 0.0))
        return closeness

    plain = _metric("mahalanobis", _FORMULAS["mahalanobis"], distance)
    return Metric(
        name=plain.name, formula=plain.formula, measures="distance", block=block, pairs=plain.pairs, value=plain.value,
        wide=True,
    )  # fmt: skip


def _unfitted(*_: Wide) -> Wide:
    raise AssertionError("a metric that must know all vectors is fitted first")


_FORMULAS = {
    "seuclidean": "√Σ (xᵢ − qᵢ)² / vᵢ, vᵢ the variance of dimension i over all words",
    "mahalanobis": "√((x − q)ᵀ S⁻¹ (x − q)), S the covariance of all words' vectors",
}

CDIST_METRICS = (
    _metric("manhattan", "Σ |xᵢ − qᵢ|", lambda x, q: row_sums(np.abs(x - q)), scipy_name="cityblock"),
    _metric("chebyshev", "max |xᵢ − qᵢ|", lambda x, q: np.abs(x - q).max(axis=1)),
    _metric("canberra", "Σ |xᵢ − qᵢ| / (|xᵢ| + |qᵢ|), where 0 / 0 counts as 0", _canberra),
    _metric(
        "braycurtis",
        "Σ |xᵢ − qᵢ| / Σ |xᵢ + qᵢ|",
        lambda x, q: row_sums(np.abs(x - q)) / row_sums(np.abs(x + q)),
    ),
    _metric("seuclidean", _FORMULAS["seuclidean"], _unfitted, fit=_standardised),
    _metric("mahalanobis", _FORMULAS["mahalanobis"], _unfitted, fit=_mahalanobis),
    _metric(
        "jensenshannon",
        "√((Σ pᵢ ln(pᵢ/mᵢ) + Σ rᵢ ln(rᵢ/mᵢ)) / 2), p = x / Σ xᵢ, r = q / Σ qᵢ, m = (p + r) / 2; no number below 0",
        _jensen_shannon,
        # The sums cancel near 0, where the root makes much of little.
        floor=1e-5,
        suits=lambda part: (part >= 0).all(axis=1) & (part.sum(axis=1) > 0),
        needs="numbers of 0 and more, not all of them 0",
    ),
    _metric("hamming", "the share of i with xᵢ ≠ qᵢ", lambda x, q: row_sums((x != q) * 1.0) / x.shape[1]),
    _metric("dice", "(x₁ + q₁) / (2 b + x₁ + q₁); b, x₁, q₁, n: see below", _dice, boolean=True),
    _metric("jaccard", "(x₁ + q₁) / (b + x₁ + q₁), and 0 where both are zero", _jaccard, boolean=True),
    _metric("rogerstanimoto", "2 (x₁ + q₁) / (b + n + 2 (x₁ + q₁))", _rogers_tanimoto, boolean=True),
    _metric("russellrao", "(D − b) / D", _russell_rao, boolean=True),
    _metric("sokalsneath", "2 (x₁ + q₁) / (b + 2 (x₁ + q₁))", _sokal_sneath, boolean=True),
    _metric("yule", "2 x₁ q₁ / (b n + x₁ q₁)", _yule, boolean=True),
)
