"""Nearest neighbours, exact: every row is looked at, by blocks, for one query or for thousands at once."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from firth.errors import SettingsError
from firth.vectors.closeness import ByMetric, Closeness, Ids, exactly, fast, refuse_no_numbers
from firth.vectors.distances import metric_named
from firth.vectors.norms import BLOCK, RowNorms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from firth.vectors.metric import Floats, Metric, Wide

__all__ = ["Nearest", "blocks_of", "finite_rows", "ids_of", "most_frequent_ids", "nearest", "ranked"]

# Queries whose scores against one block are held at once: 256 × 16,384 float32 are 16 MB.
_QUERIES = 256
# Results held at once while searching.
_RESULTS = 2**22
# Rows whose k-th best is the bar for the first block: enough for few others to pass, few enough to be looked at twice.
_FIRST = 4096


@dataclass(frozen=True, kw_only=True, slots=True)
class Nearest:
    """What a search found, one row per query, nearest first, ties by word id.

    Args:
        word_ids: int64 (Q, k); −1 where fewer than k words could be given.
        values: float64 (Q, k), the metric's numbers; NaN beside −1.
        tied: bool (Q,), whether the first word left out is exactly as near as the last one given.
    """

    word_ids: Ids
    values: Wide
    tied: npt.NDArray[np.bool_]


def nearest(
    matrix: npt.NDArray[np.float32],
    norms: RowNorms,
    queries: Wide,
    *,
    k: int = 10,
    metric: str | Metric = "cosine",
    among: Ids | int | None = None,
    left_out: Sequence[Sequence[int]] = (),
) -> Nearest:
    """Find the k nearest rows of each query.

    The values are computed in float64, so that one query alone and the same among a thousand give the same bits.

    Args:
        matrix: float32 (V, D).
        norms: of the matrix.
        queries: float64 (Q, D), finite.
        k: int ≥ 1.
        metric: as `firth.vectors.distances.metric_named` knows it, or one that it gave.
        among: None for all rows, n for the first n, or int64 (n,) row numbers, each once.
        left_out: for each query the row numbers that must not be given; empty for none at all.

    Raises:
        SettingsError: k is no whole number ≥ 1, there is no such metric, or it gives no number for a row.
        FormatError: a row that was looked at holds NaN or infinity.
    """
    chosen = metric_named(metric) if isinstance(metric, str) else metric
    if chosen.fit is not None:
        chosen = chosen.fit(matrix, norms)
    return ranked(
        matrix,
        norms,
        lambda some: ByMetric(chosen, queries[some]),
        queries=len(queries),
        k=k,
        among=among,
        left_out=left_out,
    )


def ranked(
    matrix: npt.NDArray[np.float32],
    norms: RowNorms,
    closeness: Callable[[slice], Closeness],
    *,
    queries: int,
    k: int,
    among: Ids | int | None = None,
    left_out: Sequence[Sequence[int]] = (),
) -> Nearest:
    """Find the k rows of greatest closeness to each query.

    Args:
        matrix: float32 (V, D).
        norms: of the matrix.
        closeness: for some of the queries, how near rows are to them.
        queries: Q, how many queries there are.
        k: int ≥ 1.
        among: as for `nearest`.
        left_out: as for `nearest`.

    Raises:
        SettingsError: k is no whole number ≥ 1, or there is no number for a row.
        FormatError: a row that was looked at holds NaN or infinity.
    """
    if not isinstance(k, int | np.integer) or isinstance(k, bool) or k < 1:
        raise SettingsError(f"expected a number of neighbours k of 1 or more, got {k!r}")
    spare = max((len(ids) for ids in left_out), default=0)
    there = len(matrix) if among is None else min(among, len(matrix)) if isinstance(among, int) else len(among)
    # One more than is given, to know whether it is as near as the last one given.
    wanted = min(int(k) + spare + 1, max(1, there))
    # No more columns than there can be results, or a k beyond all bounds would take memory for them.
    width = min(int(k), there)
    ids = np.full((queries, width), -1, dtype=np.int64)
    values = np.full((queries, width), np.nan)
    tied = np.zeros(queries, dtype=np.bool_)
    at_once = min(_QUERIES, max(1, _RESULTS // wanted))
    for first in range(0, queries, at_once):
        chosen = closeness(slice(first, first + at_once))
        best = _Best(chosen, wanted)
        for word_ids, rows, row_norms in blocks_of(matrix, norms, among):
            best.take(word_ids, rows, row_norms, norms)
        for query, (found, near) in enumerate(best.by_query(), start=first):
            if left_out and len(left_out[query]):
                stay = ~np.isin(found, left_out[query])
                found, near = found[stay], near[stay]  # noqa: PLW2901  (the shorter lists)
            given = min(width, len(found))
            ids[query, :given] = found[:given]
            values[query, :given] = chosen.value(near[:given])
            tied[query] = len(found) > given and near[given] == near[given - 1]
    return Nearest(word_ids=ids, values=values, tied=tied)


def most_frequent_ids(counts: Ids | None, n: int) -> Ids | int:
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


def ids_of(among: Ids | int | None, words: int) -> Ids:
    """Return the row numbers that `nearest` looks at.

    Args:
        among: as for `nearest`.
        words: V.
    """
    if among is None or isinstance(among, int):
        return np.arange(words if among is None else min(among, words))
    return np.sort(among)


def blocks_of(
    matrix: npt.NDArray[np.float32], norms: RowNorms, among: Ids | int | None
) -> Iterator[tuple[Ids, npt.NDArray[np.float32], Floats]]:
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


def finite_rows(matrix: npt.NDArray[np.float32], norms: RowNorms, word_ids: Ids) -> Wide:
    """Return some rows in float64, (n, D), to search with.

    Raises:
        FormatError: one of them holds NaN or infinity; it names the word.
    """
    rows = matrix[word_ids]
    norms.of_rows(rows, word_ids)
    return rows.astype(np.float64)


class _Best:
    """The best rows so far of each of some queries.

    Every block's closeness is first computed fast and on the near side of rounding; only rows that could still be among
    the best are compared exactly.
    """

    def __init__(self, closeness: Closeness, k: int) -> None:
        self.by = closeness
        self.k = k
        # The best so far, sorted by query, then closeness, then word id; and for each query the k-th best closeness.
        self.query = np.empty(0, dtype=np.int64)
        self.word_id = np.empty(0, dtype=np.int64)
        self.closeness = np.empty(0)
        self.bar = np.full(closeness.queries, -np.inf)

    def take(self, word_ids: Ids, rows: npt.NDArray[np.float32], row_norms: Floats, norms: RowNorms) -> None:
        """Look at a block of rows, none of which came before."""
        block, slack = fast(self.by, rows, row_norms)
        bar = self.bar
        if len(rows) > self.k and len(self.query) == 0:
            # No bar yet: the k-th best of some rows on the far side of rounding.
            some = max(_FIRST, 4 * self.k)
            low = self.by.block(word_ids[:some], block[0][:some], block[1][:some], -slack)
            if self.by.wide:
                refuse_no_numbers(low, word_ids[:some], norms, self.by.needs)
            low.partition(low.shape[1] - self.k, axis=1)
            bar = low[:, low.shape[1] - self.k].astype(np.float64)
        high = self.by.block(word_ids, *block, slack)
        if self.by.wide:
            refuse_no_numbers(high, word_ids, norms, self.by.needs)
        # Rounded down, so that the comparison in float32 never loses a tie.
        bar_below = np.nextafter(bar.astype(high.dtype), high.dtype.type(-np.inf))
        query, position = np.divmod(np.flatnonzero(high >= bar_below[:, np.newaxis]), len(rows))
        if len(query):
            self._merge(query, word_ids[position], exactly(self.by, word_ids, rows, position, query))

    def _merge(self, query: Ids, word_id: Ids, closeness: Wide) -> None:
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

    def by_query(self) -> Iterator[tuple[Ids, Wide]]:
        """Yield each query's (word ids, closenesses), nearest first."""
        starts = np.searchsorted(self.query, np.arange(self.by.queries + 1))
        for start, end in itertools.pairwise(starts.tolist()):
            yield self.word_id[start:end], self.closeness[start:end]
