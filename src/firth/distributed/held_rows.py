"""Rows of the counts with a worker, which takes them from those that added them up; what holds a matrix begins so."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from firth.distributed.engine import WorkerLostError
from firth.objectives.compressed_rows import CompressedRows
from firth.objectives.room import room

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from firth.distributed.counting import PartitionedCounts
    from firth.distributed.engine import Actor, Engine

__all__ = ["IN_MEMORY", "HeldRows", "even_ranges", "holder_of"]

IN_MEMORY = 64 << 20
"""Bytes of each kind of entries that a worker holds in memory; more lies in a nameless file on its disk."""


def holder_of(engine: Engine, counts: PartitionedCounts, rows: range, make: Callable[..., Any], *about: Any) -> Actor:
    """Make an object that holds some rows of the counts, which it takes from the workers that added them up.

    Args:
        engine: where.
        counts: by ranges of rows.
        rows: which, one or more.
        make: a `HeldRows`.
        about: what else it is made with.
    """
    row_ends = np.concatenate(([0], np.cumsum(counts.row_sizes)))
    before = int(row_ends[rows.start])
    holder = engine.actor(make, row_ends[rows.start + 1 : rows.stop + 1] - before, rows.start, *about)
    for part, handle in zip(counts.parts, counts.handles, strict=True):
        first, last = max(part.start, rows.start), min(part.stop, rows.stop)
        if first < last:
            start, begin, end = (int(row_ends[row]) for row in (part.start, first, last))
            holder.call("take", begin - before, begin - start, end - start, handle)
    return holder


class HeldRows:
    """What one worker has: some rows of the counts.

    Args:
        row_ends: int64, of its rows, the first of which begins at 0.
        first_row: the first of them.
        words: V.
    """

    def __init__(self, row_ends: npt.NDArray[np.int64], first_row: int, words: int) -> None:
        count = int(row_ends[-1])
        self.first_row, self._row_ends, self._words = first_row, row_ends, words
        self._columns = room(count, np.int32, in_memory=IN_MEMORY).view(np.ndarray)
        self._values = room(count, np.float32, in_memory=IN_MEMORY).view(np.ndarray)
        self._taken = 0

    def take(self, place: int, begin: int, end: int, part: tuple[Any, Any]) -> None:
        """Take the entries of some rows out of a part of the counts."""
        columns, values = part
        self._columns[place : place + end - begin] = columns[begin:end]
        self._values[place : place + end - begin] = values[begin:end]
        self._taken += end - begin

    @property
    def counts(self) -> CompressedRows:
        """The counts of these rows."""
        # A part that was lost on its way leaves a call undone, and those after it are done all the same.
        if self._taken < len(self._columns):
            raise WorkerLostError("a worker lacks some of its counts")
        return CompressedRows(self._row_ends, self._columns, self._values, self._words)


def even_ranges(ends: npt.NDArray[np.int64], count: int) -> list[range]:
    """Cut rows into ranges of about as many entries each, none without a row.

    Args:
        ends: int64 (V,), where the rows' entries end.
        count: int ≥ 1, how many ranges at the most.
    """
    wanted = int(ends[-1]) * np.arange(1, count) // count
    cuts = np.unique([0, *(np.searchsorted(ends, wanted) + 1).clip(max=len(ends)).tolist(), len(ends)]).tolist()
    return [range(first, last) for first, last in pairwise(cuts)]
