"""A weighed matrix of counts by ranges of its rows, each with a worker: what a factorisation needs, computed there.

Every worker has some rows of the matrix A and, after one exchange of entries, some rows of its transpose Aᵀ. A row of
A·B or of Aᵀ·B is then one worker's work, from the same numbers in the same order as on one machine: nothing is added up
across workers, and the bits are those of one machine, whatever the number of workers. Dense matrices travel, of as many
columns as the factorisation asks for at a time; the entries never do again, and never come to who began.

A worker that is lost is made again: its rows from the counts, which the cluster has still, its columns from the others.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from firth.distributed.counting import counted_by_rows
from firth.distributed.engine import WorkerLostError
from firth.errors import ClusterError
from firth.events import Notice, Stage
from firth.objectives.compressed_rows import CompressedRows, column_sizes
from firth.objectives.factorize import check_not_empty
from firth.objectives.nmf import NMF
from firth.objectives.room import room

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from firth.corpus.encoded import EncodedCorpus
    from firth.distributed.counting import PartitionedCounts
    from firth.distributed.engine import Actor, Engine
    from firth.events import Listener
    from firth.objectives.count_based import CooccurrenceBased
    from firth.objectives.factors import Factors

__all__ = ["HeldRows", "RowPartitions", "can_be_partitioned", "even_ranges", "factors_by_rows", "holder_of"]

_ATTEMPTS = 5
_IN_MEMORY = 64 << 20
"""Bytes of each kind of entries that a worker holds in memory; more lies in a nameless file on its disk."""

_ENTRY = 8
"""Bytes of a column and a value."""


def can_be_partitioned(objective: CooccurrenceBased) -> bool:
    """Return whether an objective's factorisation asks for no more than products with the matrix."""
    return objective.factorization is not None and not isinstance(objective.factorization, NMF)


def factors_by_rows(
    engine: Engine, objective: CooccurrenceBased, corpus: EncodedCorpus, *, memory: int, seed: int, on_event: Listener
) -> tuple[Factors, dict[str, Any]]:
    """Count, weigh and factorise by the workers of an engine; return the vectors, and what was sent for them.

    Args:
        engine: whose workers do it.
        objective: one of which `can_be_partitioned` holds.
        corpus: the text.
        memory: bytes that one worker counts in.
        seed: int ≥ 0, of the random vectors with which the factorisation begins.
        on_event: told of stages, progress and notices.

    Raises:
        SettingsError: nothing is left of the counts.
        ClusterError: a worker was lost again and again.
    """
    factorization = objective.factorization
    assert factorization is not None and not isinstance(factorization, NMF)  # noqa: PT018, S101 - as was asked
    counts = counted_by_rows(
        engine, corpus, window=objective.window, weighting=objective.weighting, memory=memory, on_event=on_event
    )
    products = RowPartitions(engine, counts, objective, on_event=on_event)
    on_event(Stage(name="factorising on the cluster"))
    factors = factorization.factors(products, dim=objective.dim, seed=seed, on_event=on_event)
    return objective.finished(factors), products.facts()


class RowPartitions:
    """A weighed matrix's products with dense ones, by the workers of an engine: `firth.objectives.sparse_products`.

    Args:
        engine: whose workers hold the rows.
        counts: by ranges of rows.
        objective: how they are weighed; must be possible to pickle where the engine shares no memory.
        on_event: told of stages and progress, and by a Notice of each worker lost.

    Raises:
        SettingsError: nothing is left of the counts.
        ClusterError: a worker was lost again and again.
    """

    def __init__(
        self, engine: Engine, counts: PartitionedCounts, objective: CooccurrenceBased, *, on_event: Listener
    ) -> None:
        words = len(counts.row_sizes)
        self.shape = (words, words)
        self._engine, self._counts, self._on_event = engine, counts, on_event
        self._objective = engine.put(objective)
        self._rows = even_ranges(np.cumsum(counts.row_sizes), engine.workers)
        self._columns: list[range] = []
        self._is_weighed = False
        self._column_sums: npt.NDArray[np.float64] | None = None
        self.lost = 0
        """Workers that had to be made again."""
        self.products = self.sent = self.received = 0
        """Products with A or Aᵀ; bytes of dense matrices and entries that went to workers, and from them."""
        on_event(Stage(name="weighing the counts on the cluster"))
        self._holders: list[Actor] = [self._made(number) for number in range(len(self._rows))]
        nothing = np.zeros(words)
        self._column_sums = self._asked(lambda: self._chain("add_counts", nothing))[0]
        squares = self._asked(lambda: [self._weigh(number) for number in range(len(self._holders))])
        self._is_weighed = True
        self.square_sum = float(np.concatenate(squares).sum())
        check_not_empty(self.square_sum > 0)
        self._sizes = self._asked(lambda: self._chain("add_sizes", nothing.astype(np.int64)))[0]
        self._columns = even_ranges(np.cumsum(self._sizes), engine.workers)
        on_event(Stage(name="exchanging entries"))
        self._asked(lambda: [self._turn(number) for number in range(len(self._holders))])

    def times(self, dense: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
        """See `firth.objectives.sparse_products.Products`."""
        return self._gathered("times", np.ascontiguousarray(dense))

    def transposed_times(self, dense: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
        """See `firth.objectives.sparse_products.Products`."""
        return self._gathered("transposed_times", np.ascontiguousarray(dense))

    def gram_times(self, dense: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
        """See `firth.objectives.sparse_products.Products`: A·B goes from worker to worker."""

        def ask() -> list[Any]:
            given = self._engine.put(np.ascontiguousarray(dense))
            parts = [holder.call("times", given)[0] for holder in self._holders]
            return [holder.call("transposed_times", *parts)[0] for holder in self._holders]

        found = np.concatenate(self._asked(ask))
        self._note(2, dense.nbytes, self.shape[0] * dense.shape[1] * dense.itemsize, found.nbytes)
        return found

    def column_sums(self) -> npt.NDArray[np.float64]:
        """See `firth.objectives.sparse_products.Products`."""

        sums: npt.NDArray[np.float64] = self._asked(lambda: self._chain("add_columns", np.zeros(self.shape[1])))[0]
        return sums

    def facts(self) -> dict[str, Any]:
        """Return what the record of the run should say."""
        return {
            "workers": len(self._holders),
            "counts": len(self._counts),
            "entries": int(self._sizes.sum()),
            "products": self.products,
            "bytes_sent": self.sent,
            "bytes_received": self.received,
            "workers_lost": self.lost,
        }

    def _gathered(self, method: str, dense: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
        def ask() -> list[Any]:
            given = self._engine.put(dense)
            return [holder.call(method, given)[0] for holder in self._holders]

        found = np.concatenate(self._asked(ask))
        self._note(1, dense.nbytes, found.nbytes)
        return found

    def _note(self, products: int, *sizes: int) -> None:
        """Count products, and the bytes: what each worker gets of a dense matrix is all of it, what it gives a part."""
        self.products += products
        self.sent += len(self._holders) * sum(sizes[:-1])
        self.received += sum(sizes[1:])

    def _made(self, number: int) -> Actor:
        """Make a worker as far as the rows of the counts."""
        return holder_of(self._engine, self._counts, self._rows[number], _MatrixRows, self.shape[1])

    def _chain(self, method: str, start: npt.NDArray[Any]) -> list[Any]:
        """Ask for a sum to which each worker in turn adds its rows', in the order of one machine."""
        handle: Any = start
        for holder in self._holders:
            handle = holder.call(method, handle)[0]
        return [handle]

    def _weigh(self, number: int) -> Any:
        return self._holders[number].call("weigh", self._objective, self._column_sums)[0]

    def _turn(self, number: int) -> Any:
        """Give a worker its columns' entries, from each worker in the order of the rows."""
        columns, holder = self._columns[number], self._holders[number]
        sizes = self._sizes[columns.start : columns.stop]
        holder.call("begin_turn", columns.start, sizes)
        for source, rows in zip(self._holders, self._rows, strict=True):
            (run,) = source.call("runs", columns.start, columns.stop)
            holder.call("turn", rows.start, run)
        self.received += int(sizes.sum()) * _ENTRY
        return holder.call("has_turned")[0]

    def _asked(self, ask: Callable[[], list[Any]]) -> list[Any]:
        """Return what workers answer; where some are lost, they are made again, and all are asked again."""
        for _ in range(_ATTEMPTS):
            try:
                return [self._engine.wait_for(handle) for handle in ask()]
            except WorkerLostError:
                self._make_lost()
        raise ClusterError(
            f"expected workers that stay, but in {_ATTEMPTS} attempts at the same product some were lost each time; "
            "look after their memory, then begin anew"
        )

    def _make_lost(self) -> None:
        """Make those that do not answer again, up to where they were."""
        asked = [holder.call("stands", self._is_weighed)[0] for holder in self._holders]
        lost = [number for number, handle in enumerate(asked) if self._is_lost(handle)]
        if lost:
            self.lost += len(lost)
            self._on_event(Notice(text=f"{len(lost)} of {len(asked)} workers were lost; their rows are made again"))
        for number in lost:
            self._holders[number] = self._made(number)
            if self._is_weighed:
                self._weigh(number)
        if self._columns:
            # What one gave may have been lost on the way to another, which stands but has not all of its columns.
            turned = [holder.call("has_turned")[0] for holder in self._holders]
            for number in [number for number, handle in enumerate(turned) if self._is_lost(handle)]:
                self._turn(number)

    def _is_lost(self, handle: Any) -> bool:
        try:
            self._engine.wait_for(handle)
        except WorkerLostError:
            return True
        return False


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
        self._columns = room(count, np.int32, in_memory=_IN_MEMORY).view(np.ndarray)
        self._values = room(count, np.float32, in_memory=_IN_MEMORY).view(np.ndarray)
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


class _MatrixRows(HeldRows):
    """Some rows of the counts, then of the matrix and of its transpose."""

    _matrix: CompressedRows | None = None
    _transpose: CompressedRows | None = None

    def stands(self, is_weighed: bool) -> None:
        """Raise where something is missing of what was asked for before."""
        if self.counts is not None and is_weighed:
            self._own()

    def has_turned(self) -> None:
        """Raise where some of the columns' entries are missing."""
        self._turned()

    def _own(self) -> CompressedRows:
        if self._matrix is None:
            raise WorkerLostError("a worker lacks its matrix")
        return self._matrix

    def _turned(self) -> CompressedRows:
        if self._transpose is None or not np.array_equal(self._places, self._ends):
            raise WorkerLostError("a worker lacks some of its columns")
        return self._transpose

    def add_counts(self, sums: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return column sums with those of these rows of the counts added."""
        return _added(self.counts, sums)

    def weigh(self, objective: CooccurrenceBased, column_sums: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Weigh the rows; return each row's sum of squares."""
        matrix = objective.weighed(self.counts, column_sums=column_sums, in_memory=_IN_MEMORY)
        matrix.check_finite()
        self._matrix = matrix
        return matrix.squares()

    def add_sizes(self, sizes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return how many entries columns have with those of these rows added."""
        return sizes + column_sizes(self._own())

    def add_columns(self, sums: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return column sums with those of these rows of the matrix added."""
        return _added(self._own(), sums)

    def runs(self, first_column: int, last_column: int) -> tuple[Any, Any, Any]:
        """Return the rows' entries in a range of columns: the ends of the rows, columns and values."""
        from firth.kernels.transposition import copy_runs, find_runs  # noqa: PLC0415 - loads Numba

        matrix = self._own()
        starts, ends = np.empty((2, len(matrix.row_ends)), np.int64)
        find_runs(matrix.row_ends, matrix.columns, first_column, last_column, starts, ends)
        run_ends = np.cumsum(ends - starts)
        columns = np.empty(int(run_ends[-1]), matrix.columns.dtype)
        values = np.empty(len(columns), matrix.values.dtype)
        copy_runs(starts, ends, matrix.columns, matrix.values, columns, values)
        return run_ends, columns, values

    def begin_turn(self, first_column: int, sizes: npt.NDArray[np.int64]) -> None:
        """Make room for some columns' entries."""
        ends = np.cumsum(sizes)
        count = int(ends[-1])
        self._first_column, self._ends, self._places = first_column, ends, ends - sizes
        self._turned_columns = room(count, np.int32, in_memory=_IN_MEMORY).view(np.ndarray)
        self._turned_values = room(count, np.float32, in_memory=_IN_MEMORY).view(np.ndarray)
        self._transpose = CompressedRows(ends, self._turned_columns, self._turned_values, self._words)

    def turn(self, first_row: int, runs: tuple[Any, Any, Any]) -> None:
        """Take the columns' entries out of some rows, which come after all that were taken before."""
        from firth.kernels.transposition import turn_runs  # noqa: PLC0415 - loads Numba

        run = CompressedRows(*runs, self._words)
        starts = np.concatenate(([0], run.row_ends[:-1]))
        turn_runs(
            starts, run.row_ends, run.columns, run.values, first_row, self._first_column, self._places,
            self._turned_columns, self._turned_values,
        )  # fmt: skip

    def times(self, dense: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
        """Return these rows of A·B."""
        return _product(self._own(), dense)

    def transposed_times(self, *parts: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
        """Return these rows of Aᵀ·B, where B is given in parts, one below the other."""
        return _product(self._turned(), parts[0] if len(parts) == 1 else np.concatenate(parts))


def _product(rows: CompressedRows, dense: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    from firth.kernels.sparse_product import multiply_rows  # noqa: PLC0415 - loads Numba

    product = np.empty((len(rows.row_ends), dense.shape[1]), dense.dtype)
    multiply_rows(rows.row_ends, rows.columns, rows.values, dense, 0, len(rows.row_ends), product)
    return product


def _added(rows: CompressedRows, sums: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    from firth.kernels.association import sum_margins  # noqa: PLC0415 - loads Numba

    added = np.array(sums)
    sum_margins(rows.row_ends, rows.columns, rows.values, np.empty(len(rows.row_ends)), added)
    return added


def even_ranges(ends: npt.NDArray[np.int64], count: int) -> list[range]:
    """Cut rows into ranges of about as many entries each, none without a row.

    Args:
        ends: int64 (V,), where the rows' entries end.
        count: int ≥ 1, how many ranges at the most.
    """
    wanted = int(ends[-1]) * np.arange(1, count) // count
    cuts = np.unique([0, *(np.searchsorted(ends, wanted) + 1).clip(max=len(ends)).tolist(), len(ends)]).tolist()
    return [range(first, last) for first, last in pairwise(cuts)]
