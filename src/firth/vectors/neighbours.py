"""Nearest neighbours, exact: every row is looked at, by blocks, for one query or for thousands at once."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from firth.errors import SettingsError
from firth.vectors.distances import Floats, Metric, metric_named
from firth.vectors.norms import BLOCK, RowNorms, are_tame

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Nearest", "most_frequent_ids", "nearest"]

# Queries whose scores against one block are held at once: 256 × 16,384 float32 are 16 MB.
_QUERIES = 256
# Results held at once while searching, and numbers compared in float64 at once.
_RESULTS = 2**22
_NUMBERS = 2**20


@dataclass(frozen=True, kw_only=True, slots=True)
class Nearest:
    """What a search found, one row per query, nearest first, ties by word id.

    Args:
        word_ids: int64 (Q, k); −1 where fewer than k words could be given.
        values: float64 (Q, k), the metric's numbers; NaN beside −1.
    """

    word_ids: npt.NDArray[np.int64]
    values: npt.NDArray[np.float64]


def nearest(
    matrix: npt.NDArray[np.float32],
    norms: RowNorms,
    queries: npt.NDArray[np.float64],
    *,
    k: int = 10,
    metric: str = "cosine",
    among: npt.NDArray[np.int64] | int | None = None,
    left_out: Sequence[Sequence[int]] = (),
) -> Nearest:
    """Find the k nearest rows of each query.

    The values are computed in float64, so that one query alone and the same among a thousand give the same bits.

    Args:
        matrix: float32 (V, D).
        norms: of the matrix.
        queries: float64 (Q, D), finite.
        k: int ≥ 1.
        metric: a name in `firth.vectors.distances.METRICS`.
        among: None for all rows, n for the first n, or int64 (n,) row numbers, each once.
        left_out: for each query the row numbers that must not be given; empty for none at all.

    Raises:
        SettingsError: k is no whole number ≥ 1, or there is no such metric.
        FormatError: a row that was looked at holds NaN or infinity.
    """
    if not isinstance(k, int | np.integer) or isinstance(k, bool) or k < 1:
        raise SettingsError(f"expected a number of neighbours k of 1 or more, got {k!r}")
    chosen = metric_named(metric)
    spare = max((len(ids) for ids in left_out), default=0)
    wanted = min(int(k) + spare, len(matrix))
    ids = np.full((len(queries), int(k)), -1, dtype=np.int64)
    values = np.full((len(queries), int(k)), np.nan)
    at_once = min(_QUERIES, max(1, _RESULTS // wanted))
    for first in range(0, len(queries), at_once):
        some = slice(first, first + at_once)
        best = _Best(queries[some], wanted, chosen)
        for word_ids, rows, row_norms in _blocks(matrix, norms, among):
            best.take(word_ids, rows, row_norms)
        for query, (found, closeness) in enumerate(best.by_query(), start=first):
            if left_out and len(left_out[query]):
                stay = ~np.isin(found, left_out[query])
                found, closeness = found[stay], closeness[stay]  # noqa: PLW2901  (the shorter lists)
            given = min(int(k), len(found))
            ids[query, :given] = found[:given]
            values[query, :given] = chosen.value(closeness[:given])
    return Nearest(word_ids=ids, values=values)


def most_frequent_ids(counts: npt.NDArray[np.int64] | None, n: int) -> npt.NDArray[np.int64] | int:
    """Return the n most frequent words as `nearest` takes them: n itself where the rows are in that order.

    Args:
        counts: int64 (V,), or None where they are not known: then the rows count as ordered, as in all usual files.
        n: int ≥ 1.
    """
    if not isinstance(n, int | np.integer) or isinstance(n, bool) or n < 1:
        raise SettingsError(f"expected a number of most frequent words of 1 or more, got {n!r}")
    if counts is None or bool(np.all(counts[1:] <= counts[:-1])):
        return int(n)
    return np.sort(np.argsort(-counts, kind="stable")[:n])


def _blocks(
    matrix: npt.NDArray[np.float32], norms: RowNorms, among: npt.NDArray[np.int64] | int | None
) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.float32], Floats]]:
    """Yield (word ids, rows, norms) block by block, word ids rising."""
    if among is None or isinstance(among, int):
        end = len(matrix) if among is None else min(among, len(matrix))
        for start in range(0, end, BLOCK):
            stop = min(start + BLOCK, end)
            yield np.arange(start, stop), matrix[start:stop], norms.block(start)[: stop - start]
        return
    among = np.sort(among)
    for start in range(0, len(among), BLOCK):
        word_ids = among[start : start + BLOCK]
        rows = matrix[word_ids]
        yield word_ids, rows, norms.of_rows(rows, word_ids)


class _Best:
    """The best rows so far of each of some queries.

    Every block's scores are first computed fast and on the near side of rounding; only rows that could still be among
    the best are compared exactly.
    """

    def __init__(self, queries: npt.NDArray[np.float64], k: int, metric: Metric) -> None:
        self.queries = queries
        self.norms = np.sqrt((queries * queries).sum(axis=1))
        self.tame = are_tame(self.norms)
        self.k = k
        self.metric = metric
        # The best so far, sorted by query, then closeness, then word id; and for each query the k-th best closeness.
        self.query = np.empty(0, dtype=np.int64)
        self.word_id = np.empty(0, dtype=np.int64)
        self.closeness = np.empty(0)
        self.bar = np.full(len(queries), -np.inf)

    def take(self, word_ids: npt.NDArray[np.int64], rows: npt.NDArray[np.float32], row_norms: Floats) -> None:
        """Look at a block of rows, none of which came before."""
        tame = self.tame and row_norms.dtype == np.float32
        dtype: type[np.floating[Any]] = np.float32 if tame else np.float64
        # Sums of D products, norms and quotients: each rounds by at most 2 D + 32 half units in the last place.
        slack = (rows.shape[1] + 16) * float(np.finfo(dtype).eps)
        block: tuple[Floats, Floats, Floats, Floats] = (
            rows.astype(dtype, copy=False),
            row_norms.astype(dtype, copy=False),
            self.queries.astype(dtype),
            self.norms.astype(dtype),
        )
        bar = self.bar
        if len(rows) > self.k and len(self.query) == 0:
            # No bar yet: the k-th best of this block on the far side of rounding.
            low = self.metric.block(*block, -slack)
            low.partition(len(rows) - self.k, axis=1)
            bar = low[:, len(rows) - self.k].astype(np.float64)
        # Rounded down, so that the comparison in float32 never loses a tie.
        bar_below = np.nextafter(bar.astype(dtype), dtype(-np.inf))
        near = self.metric.block(*block, slack) >= bar_below[:, np.newaxis]
        query, position = np.divmod(np.flatnonzero(near), len(rows))
        closeness = np.empty(len(query))
        pairs = max(1, _NUMBERS // rows.shape[1])
        for start in range(0, len(query), pairs):
            some = slice(start, start + pairs)
            closeness[some] = self.metric.pairs(rows[position[some]].astype(np.float64), self.queries[query[some]])
        self._merge(query, word_ids[position], closeness)

    def _merge(
        self, query: npt.NDArray[np.int64], word_id: npt.NDArray[np.int64], closeness: npt.NDArray[np.float64]
    ) -> None:
        query = np.concatenate((self.query, query))
        word_id = np.concatenate((self.word_id, word_id))
        closeness = np.concatenate((self.closeness, closeness))
        order = np.lexsort((word_id, -closeness, query))
        query = query[order]
        place = np.arange(len(query)) - np.searchsorted(query, query)
        best = place < self.k
        order = order[best]
        self.query, self.word_id, self.closeness = query[best], word_id[order], closeness[order]
        last = place[best] == self.k - 1
        self.bar[self.query[last]] = self.closeness[last]

    def by_query(self) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]]:
        """Yield each query's (word ids, closenesses), nearest first."""
        starts = np.searchsorted(self.query, np.arange(len(self.queries) + 1))
        for start, end in itertools.pairwise(starts.tolist()):
            yield self.word_id[start:end], self.closeness[start:end]
