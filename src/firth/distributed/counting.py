"""Co-occurrences counted by many: each counts a stretch of the text, then each adds up some rows of all stretches.

Counts are whole numbers of one unit until the last step, so that their sums are exact in any order: the result has the
bits that counting on one machine gives.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from firth.contexts.distance_weights import distance_weights
from firth.contexts.window import Window
from firth.distributed.engine import ATTEMPTS, WorkerLostError, lost_again_and_again
from firth.events import Notice, Progress, Stage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import BinaryIO

    import numpy.typing as npt

    from firth.contexts.cooccurrence_counter import Plan
    from firth.contexts.distance_weights import DistanceWeights, Weighting
    from firth.corpus.encoded import EncodedCorpus
    from firth.distributed.engine import Engine
    from firth.events import Listener

__all__ = ["ClusterCounter", "PartitionedCounts", "counted_by_rows", "counter_of"]

_ENTRIES_IN_A_PART = 1 << 24
"""About as many at the most, so that what is added up at a time fits into a worker's memory, and 128 MiB hold it."""

_PARTS_A_WORKER = 64


@dataclass(frozen=True, slots=True)
class PartitionedCounts:
    """Counts by ranges of rows that lie with the workers.

    Args:
        parts: the ranges, in order, which together are all rows.
        handles: of each part's int32 columns and float32 values, row by row.
        row_sizes: int64 (V,), how many entries each row has.
        total: Σ X.
    """

    parts: list[range]
    handles: list[Any]
    row_sizes: npt.NDArray[np.int64]
    total: float

    def __len__(self) -> int:
        return int(self.row_sizes.sum())


def counter_of(engine: Engine | None) -> Callable[..., Any] | None:
    """Return what makes counters of an engine: what `count_cooccurrences` takes; None is this process alone."""
    return None if engine is None else partial(ClusterCounter, engine)


class _Counts(NamedTuple):
    """The counts of some rows.

    columns: int32 (n,), ascending in a row.
    sums: uint32 or int64 (n,), in units.
    row_sizes: int64, how many entries each of the rows has.
    """

    columns: npt.NDArray[np.int32]
    sums: npt.NDArray[Any]
    row_sizes: npt.NDArray[np.int64]


class ClusterCounter:
    """One count over a corpus by a cluster; to the rest what `firth.contexts.cooccurrence_counter.Counter` is.

    Args:
        engine: who counts.
        corpus: what is counted.
        window: its reach.
        weights: of that window.
        plan: how much memory there is for the work of one.
        folder: not needed here.
        on_event: told of stages, progress, and how many bytes went which way.
    """

    def __init__(
        self,
        engine: Engine,
        corpus: EncodedCorpus,
        *,
        window: Window,
        weights: DistanceWeights,
        plan: Plan,
        folder: Path,  # noqa: ARG002 - what does not fit into memory is the engine's to write down
        on_event: Listener | None,
    ) -> None:
        self.engine, self.corpus, self.window, self.weights, self.plan = engine, corpus, window, weights, plan
        self.tell: Listener = (lambda _: None) if on_event is None else on_event
        self.words = len(corpus.vocabulary)
        self.row_sizes = np.zeros(self.words, np.int64)
        """int64 (V,), how many entries each row has, once they are written."""
        self.sum = 0
        """All counts together, in units."""

    def write(self, columns: BinaryIO, values: BinaryIO) -> None:
        """Count, and write the entries row by row: int32 columns to one file, float32 values to another."""
        for handle in self.partitioned().handles:
            part_columns, part_values = self._merged(handle)
            columns.write(part_columns.data)
            values.write(part_values.data)

    def partitioned(self) -> PartitionedCounts:
        """Count, and leave the counts where they were added up."""
        stretches, parts = self._stretches(), self._row_ranges()
        self.tell(Stage(name="counting co-occurrences on the cluster"))
        about = self.engine.put((self.words, self.window, self.weights, parts))
        shards = [(_shard(self.corpus, stretch, self.window), len(stretch)) for stretch in stretches]
        counted = [self.engine.start(_count, shard, about, results=1 + len(parts)) for shard, _ in shards]
        start, done, total = time.monotonic(), 0, len(self.corpus.token_ids)
        for number, (shard, size) in enumerate(shards):
            self._wait_for(counted, number, shard, about)
            done += size
            self.tell(Progress(done=done, total=total, unit="words", seconds=time.monotonic() - start))
        self.tell(Stage(name="merging co-occurrences on the cluster"))
        merged = [
            self.engine.start(
                _merge, part, self.words, self.weights.unit, *(row[1 + number] for row in counted), results=2
            )
            for number, part in enumerate(parts)
        ]
        start, read = time.monotonic(), 0
        for part, (_, about_part) in zip(parts, merged, strict=True):
            sizes, part_sum = self._merged(about_part)
            self.row_sizes[part.start : part.stop] = sizes
            self.sum += part_sum
            read += len(part)
            self.tell(Progress(done=read, total=self.words, unit="words", seconds=time.monotonic() - start))
        total_count = self.sum / self.weights.unit
        return PartitionedCounts(parts, [handle for handle, _ in merged], self.row_sizes, total_count)

    def _stretches(self) -> list[range]:
        """Cut the text so that each has as much as it has memory for, and no worker is idle."""
        tokens = len(self.corpus.token_ids)
        count = min(max(len(self.plan.stretches), self.engine.workers), max(1, tokens))
        cuts = [tokens * number // count for number in range(count + 1)]
        return [range(first, last) for first, last in pairwise(cuts)]

    def _row_ranges(self) -> list[range]:
        """Cut the rows into ranges of about as many entries each: one or more for each worker."""
        reach = self.window.left + self.window.right
        entries = np.cumsum(np.minimum(self.corpus.vocabulary.counts * reach, self.words) + 1)
        most = _PARTS_A_WORKER * self.engine.workers
        count = min(max(self.engine.workers, min(most, int(entries[-1]) // _ENTRIES_IN_A_PART)), self.words)
        wanted = int(entries[-1]) * np.arange(1, count) // count
        cuts = np.unique([0, *np.searchsorted(entries, wanted).tolist(), self.words]).tolist()
        return [range(first, last) for first, last in pairwise(cuts)]

    def _wait_for(self, counted: list[list[Any]], number: int, shard: Any, about: Any) -> None:
        """Wait until a stretch is counted, again where its worker was lost for good."""
        for _ in range(ATTEMPTS):
            try:
                self.engine.wait_for(counted[number][0])
            except WorkerLostError:
                self.tell(
                    Notice(text=f"stretch {number + 1} of {len(counted)} was lost with its worker, counted again")
                )
                counted[number] = self.engine.start(_count, shard, about, results=len(counted[number]))
            else:
                return
        raise lost_again_and_again("while counting")

    def _merged(self, handle: Any) -> Any:
        try:
            return self.engine.wait_for(handle)
        except WorkerLostError:
            raise lost_again_and_again("while counting") from None


def counted_by_rows(
    engine: Engine,
    corpus: EncodedCorpus,
    *,
    window: int | Window,
    weighting: Weighting,
    memory: int,
    on_event: Listener | None = None,
) -> PartitionedCounts:
    """Count how often words stand near one another, and leave the counts with the workers, by ranges of rows.

    Args:
        engine: who counts.
        corpus: what is counted.
        window: as for `firth.contexts.cooccurrence.count_cooccurrences`.
        weighting: likewise.
        memory: bytes for the work of one.
        on_event: told of stages and progress.

    Raises:
        ClusterError: a worker was lost again and again.
    """
    from firth.contexts.cooccurrence_counter import Plan  # noqa: PLC0415 - loads Numba

    window = Window.of(window)
    weights = distance_weights(window, weighting, len(corpus.token_ids))
    plan = Plan(
        tokens=len(corpus.token_ids), words=len(corpus.vocabulary), weight=weights.total, threads=1, memory=memory
    )
    counter = ClusterCounter(
        engine, corpus, window=window, weights=weights, plan=plan, folder=corpus.path, on_event=on_event
    )
    return counter.partitioned()


def _shard(corpus: EncodedCorpus, stretch: range, window: Window) -> Any:
    """Return a stretch of a text with what its windows reach, as a text of its own."""
    offset = max(0, stretch.start - window.left)
    ends = corpus.sentence_ends
    first, last = np.searchsorted(ends, stretch.start, side="right"), np.searchsorted(ends, stretch.stop, side="left")
    return SimpleNamespace(
        token_ids=np.array(corpus.token_ids[offset : stretch.stop + window.right]),
        # From the end of the sentence before, where the first window must stop; its own place may lie too far back.
        sentence_ends=np.maximum(ends[max(0, first - 1) : last + 1] - offset, 0),
        stretch=range(stretch.start - offset, stretch.stop - offset),
    )


def _count(shard: Any, about: tuple[int, Window, DistanceWeights, list[range]]) -> list[Any]:
    """Count one stretch; return how many entries it has, and the counts of each range of rows."""
    from firth.contexts.cooccurrence_counter import Counter, Plan  # noqa: PLC0415 - loads Numba

    words, window, weights, parts = about
    # Memory enough for one stretch, as the driver cut it so.
    plan = Plan(tokens=len(shard.stretch), words=words, weight=weights.total, threads=1, memory=1 << 62)
    corpus: Any = SimpleNamespace(
        token_ids=shard.token_ids, sentence_ends=shard.sentence_ends, vocabulary=range(words), word_total=0
    )
    counter = Counter(corpus, window=window, weights=weights, plan=plan, folder=None, on_event=None)  # type: ignore[arg-type]
    columns, sums, sizes = [], [], []
    with ThreadPoolExecutor(1) as pool:
        for done in counter.rows_of(pool, shard.stretch):
            columns.append(done.entries.columns[: done.size].copy())
            sums.append(_narrow(done.entries.sums[: done.size]))
            sizes.append(done.entries.row_sizes[: len(done.rows)].copy())
    row_sizes = np.concatenate(sizes)
    whole = _Counts(np.concatenate(columns), np.concatenate(sums), row_sizes)
    ends = np.concatenate([[0], np.cumsum(row_sizes)])
    return [len(whole.columns), *(_rows(whole, ends, part) for part in parts)]


def _narrow(sums: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
    """Return sums in half the bytes where they fit."""
    fits = len(sums) == 0 or int(sums.max()) <= np.iinfo(np.uint32).max
    return sums.astype(np.uint32) if fits else sums.copy()


def _rows(counts: _Counts, ends: npt.NDArray[np.int64], part: range) -> _Counts:
    entries = slice(int(ends[part.start]), int(ends[part.stop]))
    return _Counts(counts.columns[entries], counts.sums[entries], counts.row_sizes[part.start : part.stop])


def _merge(part: range, words: int, unit: int, *counted: _Counts) -> tuple[Any, Any]:
    """Add up what all stretches have of a range of rows; return columns and values; the rows' sizes and the sum."""
    from firth.contexts.cooccurrence_counter import workspace  # noqa: PLC0415 - loads Numba
    from firth.kernels.cooccurrence import merge_rows  # noqa: PLC0415

    columns = np.concatenate([counts.columns for counts in counted])
    sums = np.concatenate([counts.sums.astype(np.int64) for counts in counted])
    ends = np.cumsum(np.concatenate([counts.row_sizes for counts in counted]))
    row, entries = workspace(words, max(len(columns), 1))
    size = int(merge_rows(columns, sums, ends, len(part), 0, len(part), row, entries))
    values = np.empty(size, np.float32)
    np.divide(entries.sums[:size], float(unit), out=values, dtype=np.float64, casting="same_kind")
    about = entries.row_sizes[: len(part)].copy(), int(entries.sums[:size].sum())
    return (entries.columns[:size].copy(), values), about
