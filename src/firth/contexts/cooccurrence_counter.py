"""How co-occurrences are counted: stretch by stretch of the text in bounded memory, row by row, by several threads.

A stretch that fits into memory is turned around, and its rows are counted one after the other. If that is the whole
text, the rows are the result; else each stretch becomes a sorted run on disk, and the runs are merged, row by row too.
"""

from __future__ import annotations

import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from firth.contexts.inverted_index import InvertedIndex
from firth.contexts.sorted_runs import SortedRuns
from firth.events import Progress, Stage
from firth.kernels import cooccurrence as kernels

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path
    from typing import BinaryIO

    import numpy.typing as npt

    from firth.contexts.distance_weights import DistanceWeights
    from firth.contexts.window import Window
    from firth.corpus.encoded import EncodedCorpus
    from firth.events import Event, Listener

__all__ = ["Counter", "Plan", "workspace"]

LEAST_TOKENS = 1 << 16
"""A stretch is never shorter, however little memory there shall be; nor shorter than the vocabulary."""
MOST_ENTRIES = 1 << 20
"""Room for one thread's entries; more brings nothing."""
_BYTES_AN_ENTRY = 4 + 8 + 4
_BYTES_A_COLUMN = 8 + 4 + 1 + 8
_SMALL_WEIGHT = 1 << 20
"""Where a token's weights together are below, its sums rarely need more than 32 bits."""
_JOBS_A_THREAD = 16
_TELL_SECONDS = 0.1
_LARGEST = int(np.iinfo(np.int64).max)


class Plan:
    """How much memory goes where.

    Args:
        tokens: int ≥ 0, in the text.
        words: V, int ≥ 1.
        weight: int, all weights of one centre together, in units.
        threads: int ≥ 1, as many as may be; fewer where their working memory would take more than half.
        memory: int ≥ 1, bytes.
    """

    def __init__(self, *, tokens: int, words: int, weight: int, threads: int, memory: int) -> None:
        while threads > 1 and self._fixed(words, threads) > memory // 2:
            threads -= 1
        self.threads = threads
        self.workspaces = 2 * threads + 1
        """A thread goes on while what it counted waits to be written."""
        self.sums_type: type[np.uint32 | np.int64] = np.uint32 if weight < _SMALL_WEIGHT else np.int64
        """Of sums on disk between counting and merging."""
        self.largest = int(np.iinfo(self.sums_type).max)
        self.entries = max(words, min(MOST_ENTRIES, memory // 4 // (_BYTES_AN_ENTRY * self.workspaces)))
        left = memory - self._fixed(words, threads) - _BYTES_AN_ENTRY * self.workspaces * self.entries
        longest = max(left // InvertedIndex.BYTES_A_TOKEN, words, LEAST_TOKENS)
        count = max(1, -(-tokens // longest))
        cuts = [tokens * number // count for number in range(count + 1)]
        self.stretches = [range(first, last) for first, last in pairwise(cuts)]
        self.longest = max(map(len, self.stretches))
        if count == 1:
            self.largest = _LARGEST
        # The longest row is that of a word that stands everywhere, beside every word.
        self.entries = max(self.entries, words + self.longest * weight // self.largest)

    @staticmethod
    def _fixed(words: int, threads: int) -> int:
        return words * (_BYTES_A_COLUMN * (2 * threads + 1) + 16 * threads + 40)


def workspace(words: int, entries: int) -> tuple[kernels.Row, kernels.Entries]:
    """Return what the kernels work in, and room for what they count.

    Args:
        words: V, int ≥ 1.
        entries: int ≥ 1, how many there shall be room for.
    """
    row = kernels.Row(
        sums=np.zeros(words, np.int64),
        columns=np.empty(words + 1, np.int32),
        flags=np.zeros(-(-words // 32), np.int64),
        summary=np.zeros(-(-words // 1024), np.int64),
    )
    return row, kernels.Entries(
        columns=np.empty(entries, np.int32), sums=np.empty(entries, np.int64), row_sizes=np.empty(words, np.int64)
    )


class _Workspace:
    """What one job works in, and what it leaves to be written."""

    def __init__(self, words: int, entries: int) -> None:
        self.row, self.entries = workspace(words, entries)
        self.values = np.empty(entries, np.float32)
        self.size = 0
        self.rows = range(0)


class Counter:
    """One count over a corpus.

    Args:
        corpus: what is counted.
        window: its reach.
        weights: of that window.
        plan: how much memory goes where.
        folder: an empty one, for what does not fit into memory.
        on_event: told of stages and progress.
    """

    def __init__(
        self,
        corpus: EncodedCorpus,
        *,
        window: Window,
        weights: DistanceWeights,
        plan: Plan,
        folder: Path,
        on_event: Listener | None,
    ) -> None:
        self.corpus, self.window, self.weights, self.plan = corpus, window, weights, plan
        self.folder, self.on_event = folder, on_event
        self.words = len(corpus.vocabulary)
        self.row_sizes = np.zeros(self.words, np.int64)
        """int64 (V,), how many entries each row has, once they are written."""
        self.sum = 0
        """All counts together, in units."""
        self._workspaces = [_Workspace(self.words, plan.entries) for _ in range(plan.workspaces)]
        self._begun = self._told = 0.0

    def write(self, columns: BinaryIO, values: BinaryIO) -> None:
        """Count, and write the entries row by row: int32 columns to one file, float32 values to another."""
        # Not a `with`: what waits need not be done when something went wrong.
        pool = ThreadPoolExecutor(self.plan.threads, "firth-cooccurrences")
        try:
            self._stage("counting co-occurrences")
            index = self._index()
            if len(self.plan.stretches) == 1:
                for done in self._count(pool, index, self.plan.stretches[0]):
                    self._write(done, columns, values)
                return
            with SortedRuns(self.folder, self.plan.sums_type) as runs:
                for stretch in self.plan.stretches:
                    for done in self._count(pool, index, stretch):
                        entries = done.entries
                        sizes = entries.row_sizes[: len(done.rows)]
                        runs.append(entries.columns[: done.size], entries.sums[: done.size], sizes)
            del index
            self._stage("merging co-occurrences")
            for done in self._merge(pool, runs):
                self._write(done, columns, values)
        finally:
            pool.shutdown(cancel_futures=True)

    def rows_of(self, pool: ThreadPoolExecutor, stretch: range) -> Iterator[_Workspace]:
        """Yield the rows of one stretch, which is no longer than planned, some at a time, all with what they count."""
        return self._count(pool, self._index(), stretch)

    def _index(self) -> InvertedIndex:
        return InvertedIndex(
            self.corpus.token_ids,
            self.corpus.sentence_ends,
            words=self.words,
            window=self.window,
            longest=self.plan.longest,
            parts=self.plan.threads,
        )

    def _count(self, pool: ThreadPoolExecutor, index: InvertedIndex, stretch: range) -> Iterator[_Workspace]:
        """Yield the rows of a stretch, some at a time, all with what they count."""
        index.turn(stretch, pool)
        counts = np.diff(index.ends, prepend=0)
        reach, weight, largest = self.window.left + self.window.right, self.weights.total, self.plan.largest
        bounds = np.minimum(counts * reach, self.words) + counts * weight // largest
        work = -(-len(stretch) // (_JOBS_A_THREAD * self.plan.threads))

        def count(rows: range, workspace: _Workspace) -> int:
            return int(
                kernels.count_rows(
                    index.tokens, index.occurrences, index.ends, rows.start, rows.stop,
                    self.weights.left, self.weights.right, largest, workspace.row, workspace.entries,
                )
            )  # fmt: skip

        for done in self._in_order(pool, count, _jobs((bounds, self.plan.entries), (counts, work))):
            yield done
            self._tell(stretch.start + int(index.ends[done.rows.stop - 1]), len(self.corpus.token_ids), "words")

    def _merge(self, pool: ThreadPoolExecutor, runs: SortedRuns) -> Iterator[_Workspace]:
        """Yield the rows of all runs together, some at a time."""
        columns, sums, ends = runs.read()
        sizes = np.zeros(self.words, np.int64)
        start = 0
        for run in range(0, len(ends), self.words):
            sizes += np.diff(ends[run : run + self.words], prepend=start)
            start = int(ends[run + self.words - 1])
        work = -(-start // (_JOBS_A_THREAD * self.plan.threads))

        def merge(rows: range, workspace: _Workspace) -> int:
            return int(
                kernels.merge_rows(
                    columns, sums, ends, self.words, rows.start, rows.stop, workspace.row, workspace.entries
                )
            )

        read = 0
        jobs = _jobs((np.minimum(sizes, self.words), self.plan.entries), (sizes, work))
        for done in self._in_order(pool, merge, jobs):
            yield done
            read += int(sizes[done.rows.start : done.rows.stop].sum())
            self._tell(read, start, "entries")

    def _in_order(
        self, pool: ThreadPoolExecutor, work: Callable[[range, _Workspace], int], jobs: Iterable[range]
    ) -> Iterator[_Workspace]:
        """Do jobs by several threads and yield them in order; a workspace is used again when the next is asked for."""
        waiting: deque[Any] = deque()

        def do(rows: range, workspace: _Workspace) -> _Workspace:
            workspace.rows, workspace.size = rows, work(rows, workspace)
            return workspace

        for number, rows in enumerate(jobs):
            if len(waiting) == len(self._workspaces):
                yield waiting.popleft().result()
            waiting.append(pool.submit(do, rows, self._workspaces[number % len(self._workspaces)]))
        while waiting:
            yield waiting.popleft().result()

    def _write(self, done: _Workspace, columns: BinaryIO, values: BinaryIO) -> None:
        """Write finished rows."""
        sums, quotients = done.entries.sums[: done.size], done.values[: done.size]
        # Not in the kernel, whose arithmetic may multiply by a reciprocal: other bits.
        np.divide(sums, float(self.weights.unit), out=quotients, dtype=np.float64, casting="same_kind")
        columns.write(done.entries.columns[: done.size].data)
        values.write(quotients.data)
        self.row_sizes[done.rows.start : done.rows.stop] = done.entries.row_sizes[: len(done.rows)]
        self.sum += int(sums.sum())

    def _stage(self, name: str) -> None:
        self._begun = self._told = time.monotonic()
        if self.on_event:
            self.on_event(Stage(name=name))

    def _tell(self, done: int, total: int, unit: str) -> None:
        """Say how far it is, a few times a second, and at the end."""
        now = time.monotonic()
        if self.on_event and (now - self._told > _TELL_SECONDS or done == total):
            self._told = now
            if unit == "words":
                # Words that min_count dropped were read too.
                done, total = done * self.corpus.word_total // max(1, total), self.corpus.word_total
            event: Event = Progress(done=done, total=total, unit=unit, seconds=now - self._begun)
            self.on_event(event)


def _jobs(*limits: tuple[npt.NDArray[np.int64], int]) -> Iterator[range]:
    """Yield runs of rows, as long as may be, none of which goes over any limit, unless it is a single row.

    Args:
        limits: int64 (V,), what each row takes, and how much a run may take.
    """
    totals = [(np.cumsum(each), most) for each, most in limits]
    first, rows = 0, len(limits[0][0])
    while first < rows:
        before = [int(total[first - 1]) if first else 0 for total, _ in totals]
        ends = [
            int(np.searchsorted(total, start + most, side="right"))
            for (total, most), start in zip(totals, before, strict=True)
        ]
        last = max(first + 1, min(ends))
        yield range(first, last)
        first = last
