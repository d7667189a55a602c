"""The closest pairs of a set of words: every pair is looked at, block beside block."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from firth.errors import SettingsError
from firth.events import Progress, Stage
from firth.vectors.closeness import ByMetric, Ids, exactly, fast, refuse_no_numbers
from firth.vectors.neighbours import blocks_of, finite_rows
from firth.vectors.table import Column, Table

if TYPE_CHECKING:
    from firth.events import Listener
    from firth.vectors.metric import Metric, Wide
    from firth.vectors.store import WordVectors

__all__ = ["PairTable", "closest_pairs"]

# Words held against a block of others at once.
_AT_ONCE = 256


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class PairTable(Table):
    """Pairs of words, the closest first; of each pair the more frequent word first.

    Args:
        words: the pairs' first words.
        others: their second words.
        values: float each.
        measures: "similarity" or "distance".
        metric: the metric's name.
    """

    words: tuple[str, ...]
    others: tuple[str, ...]
    values: tuple[float, ...]
    measures: str
    metric: str

    def data(self) -> list[Column]:
        """Return (word, other, number) of each pair."""
        return [
            Column("word", "text", self.words),
            Column("other", "text", self.others),
            Column(self.measures, "number", self.values),
        ]


def closest_pairs(wv: WordVectors, ids: Ids, k: int, metric: Metric, on_event: Listener | None = None) -> PairTable:
    """Find the k closest pairs of different words; ties in the order of the words.

    Takes as long as a search for each of the words.

    Args:
        wv: the vectors.
        ids: int64 (n,), the words, each once.
        k: int ≥ 1; fewer where there are not so many pairs.
        metric: fitted, if it must be.
        on_event: told how far the work has come.

    Raises:
        SettingsError: k is no whole number ≥ 1, or the metric gives no number for a pair.
        FormatError: a vector holds NaN or infinity.
    """
    if not isinstance(k, int | np.integer) or isinstance(k, bool) or k < 1:
        raise SettingsError(f"expected a number of pairs k of 1 or more, got {k!r}")
    if on_event is not None:
        on_event(Stage(name="comparing all pairs"))
    ids = np.sort(ids)
    best = _BestPairs(min(int(k), len(ids) * (len(ids) - 1) // 2))
    started = time.monotonic()
    # A pair is looked at once: from its later word, among the words before that.
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        # A number of words instead of their ids, where they are the first ones, spares a copy of their rows.
        end = start + len(some)
        earlier = end if int(ids[end - 1]) == end - 1 else ids[:end]
        best.take(wv, some, earlier, metric)
        if on_event is not None and len(ids) > _AT_ONCE:
            done = start + len(some)
            on_event(Progress(done=done, total=len(ids), unit="words", seconds=time.monotonic() - started))
    return PairTable(
        words=tuple(wv.words[word_id] for word_id in best.first.tolist()),
        others=tuple(wv.words[word_id] for word_id in best.second.tolist()),
        values=tuple(metric.value(best.closeness).tolist()),
        measures=metric.measures,
        metric=metric.name,
    )


class _BestPairs:
    """The k best pairs so far, sorted by closeness, then by first and second word."""

    def __init__(self, k: int) -> None:
        self.k = k
        self.first = np.empty(0, dtype=np.int64)
        self.second = np.empty(0, dtype=np.int64)
        self.closeness: Wide = np.empty(0)

    def take(self, wv: WordVectors, later: Ids, earlier: Ids | int, metric: Metric) -> None:
        """Look at the pairs of each later word with all words before it."""
        by = ByMetric(metric, finite_rows(wv.matrix, wv.norms, later))
        for word_ids, rows, norms in blocks_of(wv.matrix, wv.norms, earlier):
            block, slack = fast(by, rows, norms)
            pairs = word_ids < later[:, np.newaxis]
            bar = self.closeness[-1] if len(self.closeness) == self.k > 0 else -np.inf
            if bar == -np.inf and pairs.sum() > self.k:
                # No bar yet: the k-th best of these pairs on the far side of rounding.
                low = by.block(word_ids, *block, -slack)[pairs]
                bar = np.partition(low, len(low) - self.k)[len(low) - self.k]
            high = by.block(word_ids, *block, slack)
            if by.wide:
                refuse_no_numbers(np.where(pairs, high, 0.0), word_ids, wv.norms, by.needs)
            bar_below = np.nextafter(high.dtype.type(bar), high.dtype.type(-np.inf))
            query, position = np.divmod(np.flatnonzero((high >= bar_below) & pairs), len(rows))
            self._merge(word_ids[position], later[query], exactly(by, word_ids, rows, position, query))

    def _merge(self, first: Ids, second: Ids, closeness: Wide) -> None:
        first = np.concatenate((self.first, first))
        second = np.concatenate((self.second, second))
        closeness = np.concatenate((self.closeness, closeness))
        order = np.lexsort((second, first, -closeness))[: self.k]
        self.first, self.second, self.closeness = first[order], second[order], closeness[order]
