"""What a search ranks by: how near all rows are to some queries, fast with bounds on rounding, and exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from firth.errors import SettingsError
from firth.vectors.norms import RowNorms, are_tame

if TYPE_CHECKING:
    from firth.vectors.metric import Floats, Metric, Wide

__all__ = ["ByMetric", "Closeness", "Ids", "exactly", "fast", "refuse_no_numbers"]

Ids = npt.NDArray[np.int64]
"""Row numbers, which are words' ids, or numbers of queries."""

# Numbers compared in float64 at once.
_NUMBERS = 2**20


class Closeness(Protocol):
    """How near all rows are to some queries: what a search ranks by; larger is nearer.

    Args:
        queries: how many there are.
        tame: whether the search may go through the matrix in float32, as far as the queries are concerned.
        wide: whether it must not, and whether there may be rows for which the formula gives no number.
        needs: what vectors must have so that it gives one; "" where nothing is asked of them.
    """

    queries: int
    tame: bool
    wide: bool
    needs: str

    def block(self, word_ids: Ids, rows: Floats, norms: Floats, slack: float) -> Floats:
        """Return (Q, B), computed fast, and raised by as much as rounding can amount to; lowered where slack < 0."""
        ...

    def exact(self, word_ids: Ids, rows: Wide, query: Ids) -> Wide:
        """Return float64 (n,): the closeness of each row to its query; equal rows give equal bits."""
        ...

    def value(self, closeness: Wide) -> Wide:
        """Return the numbers that the formula gives."""
        ...


class ByMetric:
    """Closeness to vectors by a metric.

    Args:
        metric: the metric, fitted if it must be.
        queries: float64 (Q, D), finite.
    """

    def __init__(self, metric: Metric, queries: Wide) -> None:
        self.metric = metric
        self.vectors = queries
        self.norms = np.sqrt((queries * queries).sum(axis=1))
        self.queries = len(queries)
        self.tame = are_tame(self.norms)
        self.wide = metric.wide
        self.needs = f"{metric.name} needs {metric.needs}" if metric.needs else ""

    def block(self, word_ids: Ids, rows: Floats, norms: Floats, slack: float) -> Floats:  # noqa: ARG002  (a protocol's)
        """Return the metric's fast form for all queries and rows."""
        queries, query_norms = self.vectors.astype(rows.dtype), self.norms.astype(rows.dtype)
        return self.metric.block(rows, norms, queries, query_norms, slack)

    def exact(self, word_ids: Ids, rows: Wide, query: Ids) -> Wide:  # noqa: ARG002  (a protocol's)
        """Return the metric's exact form for each row and its query."""
        return self.metric.pairs(rows, self.vectors[query])

    def value(self, closeness: Wide) -> Wide:
        """Return the metric's numbers."""
        return self.metric.value(closeness)


def fast(by: Closeness, rows: npt.NDArray[np.float32], norms: Floats) -> tuple[tuple[Floats, Floats], float]:
    """Return rows and norms in the precision in which they may be gone through, and the slack for its rounding."""
    tame = by.tame and not by.wide and norms.dtype == np.float32
    dtype: type[np.floating[Any]] = np.float32 if tame else np.float64
    # Sums of D products, norms and quotients: each rounds by at most 2 D + 32 half units in the last place.
    slack = (rows.shape[1] + 16) * float(np.finfo(dtype).eps)
    return (rows.astype(dtype, copy=False), norms.astype(dtype, copy=False)), slack


def exactly(by: Closeness, word_ids: Ids, rows: npt.NDArray[np.float32], position: Ids, query: Ids) -> Wide:
    """Return the exact closeness of some pairs of a row (by its position in the block) and a query.

    Args:
        by: the closeness.
        word_ids: int64 (B,), the block's.
        rows: float32 (B, D).
        position: int64 (n,).
        query: int64 (n,).

    Returns:
        float64 (n,).
    """
    closeness = np.empty(len(query))
    pairs = max(1, _NUMBERS // rows.shape[1])
    for start in range(0, len(query), pairs):
        some = slice(start, start + pairs)
        at = position[some]
        closeness[some] = by.exact(word_ids[at], rows[at].astype(np.float64), query[some])
    return closeness


def refuse_no_numbers(closeness: Floats, word_ids: Ids, norms: RowNorms, needs: str = "") -> None:
    """Refuse a block in which the formula gives no number: such a word can be ranked nowhere.

    Args:
        closeness: (Q, B).
        word_ids: int64 (B,).
        norms: of the matrix; it knows the words.
        needs: the closeness's.

    Raises:
        SettingsError: there is NaN or infinity; it names a word.
    """
    good = np.isfinite(closeness).all(axis=0)
    if not good.all():
        word = norms.word(int(word_ids[int(np.argmin(good))]))
        raise SettingsError(
            f'expected a metric that gives a number for every vector, got one that gives none between "{word}" and a '
            f"query{f', as {needs}' if needs else ''}; choose another, or other words"
        )
