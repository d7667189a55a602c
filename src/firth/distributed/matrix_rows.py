"""Rows of a weighed matrix, and of its transpose, with a worker: its part of each product."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from firth.distributed import held_rows
from firth.distributed.engine import WorkerLostError
from firth.distributed.held_rows import HeldRows
from firth.objectives.compressed_rows import CompressedRows, column_sizes
from firth.objectives.room import room

if TYPE_CHECKING:
    import numpy.typing as npt

    from firth.objectives.count_based import CooccurrenceBased

__all__ = ["MatrixRows"]


class MatrixRows(HeldRows):
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
        matrix = objective.weighed(self.counts, column_sums=column_sums, in_memory=held_rows.IN_MEMORY)
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
        self._turned_columns = room(count, np.int32, in_memory=held_rows.IN_MEMORY).view(np.ndarray)
        self._turned_values = room(count, np.float32, in_memory=held_rows.IN_MEMORY).view(np.ndarray)
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
