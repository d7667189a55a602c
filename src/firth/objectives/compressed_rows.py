"""A sparse matrix as compressed rows, in memory or mapped, however many entries it has; and how it is turned around.

SciPy's arrays are made of the same three, but want columns of eight bytes where there are 2³¹ entries or more: a copy
of them all, which is just what a matrix that lies on disk must be spared.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from firth.errors import SettingsError
from firth.objectives.room import IN_MEMORY, room

if TYPE_CHECKING:
    from pathlib import Path

    from scipy.sparse import csr_array

__all__ = ["CompressedRows", "column_sizes", "turned"]

_AT_ONCE = 1 << 20
_TURNED_AT_ONCE = 1 << 23
"""Entries of the result that one thread writes to at a time: 64 MiB of them."""


@dataclass(frozen=True, slots=True, eq=False)
class CompressedRows:
    """A matrix of V rows and C columns by its entries.

    Args:
        row_ends: int64 (V,), exclusive: row i holds the entries row_ends[i − 1] … row_ends[i] − 1.
        columns: int32 or int64 (n,), ascending in a row, none twice.
        values: float (n,).
        width: C.
    """

    row_ends: npt.NDArray[np.int64]
    columns: npt.NDArray[Any]
    values: npt.NDArray[Any]
    width: int

    def __post_init__(self) -> None:
        """Let the kernels see all matrices alike, mapped or not, so that they are compiled once."""
        for name in ("row_ends", "columns", "values"):
            view = np.asarray(getattr(self, name)).view(np.ndarray)
            view.flags.writeable = False
            object.__setattr__(self, name, view)

    @classmethod
    def of(cls, matrix: Any) -> CompressedRows:
        """Return a matrix as compressed rows, of which nothing is copied where it is sorted.

        Args:
            matrix: `scipy.sparse.csr_array` (V, C), or what has `row_ends`, `columns` and `values` of as many columns
                as rows, such as `firth.contexts.cooccurrence.Cooccurrences`.
        """
        if isinstance(matrix, CompressedRows):
            return matrix
        if hasattr(matrix, "row_ends"):
            rows, width = (matrix.row_ends, matrix.columns, matrix.values), len(matrix.row_ends)
        else:
            if not matrix.has_canonical_format:
                matrix = matrix.copy()
                matrix.sum_duplicates()
            rows, width = (matrix.indptr[1:].astype(np.int64), matrix.indices, matrix.data), matrix.shape[1]
        return cls(*rows, width)

    @property
    def shape(self) -> tuple[int, int]:
        """(V, C)."""
        return len(self.row_ends), self.width

    def to_scipy(self) -> csr_array:
        """Return the same as a SciPy sparse array, over the same entries where there are fewer than 2³¹."""
        from scipy.sparse import csr_array  # noqa: PLC0415 - SciPy is loaded when it is needed

        # Ends of another type than the columns would have SciPy copy these.
        fits = len(self.columns) <= np.iinfo(self.columns.dtype).max
        ends = np.zeros(len(self.row_ends) + 1, self.columns.dtype if fits else np.int64)
        ends[1:] = self.row_ends
        return csr_array((self.values, self.columns, ends), shape=self.shape)

    def check_finite(self) -> None:
        """Refuse values that are no numbers.

        Raises:
            SettingsError: one is NaN or infinite.
        """
        for begin in range(0, len(self.values), _AT_ONCE):
            if not np.isfinite(self.values[begin : begin + _AT_ONCE]).all():
                raise SettingsError("expected a matrix of finite numbers, got one with NaN or infinity")

    def squares(self) -> npt.NDArray[np.float64]:
        """Return each row's Σ values²: float64 (V,)."""
        from firth.kernels.sparse_product import square_rows  # noqa: PLC0415 - settings must not load Numba

        squares = np.zeros(len(self.row_ends))
        square_rows(self.row_ends, self.values, squares)
        return squares


def column_sizes(matrix: CompressedRows) -> npt.NDArray[np.int64]:
    """Return how many entries each column has: int64 (C,)."""
    from firth.kernels.transposition import count_columns  # noqa: PLC0415 - settings must not load Numba

    sizes = np.zeros(matrix.width, np.int64)
    count_columns(matrix.columns, 0, len(matrix.columns), sizes)
    return sizes


def turned(
    matrix: CompressedRows, *, threads: int = 1, in_memory: int = IN_MEMORY, folder: Path | None = None
) -> CompressedRows:
    """Return the transposed matrix, (C, V), with the bits of its entries.

    Args:
        matrix: (V, C).
        threads: int ≥ 1; each turns ranges of columns of its own.
        in_memory: int ≥ 0, bytes; more goes to a nameless file, of which a range of columns is at work at a time.
        folder: where that file goes; None for the cache folder.

    Raises:
        StorageError: there is no room for the file.
    """
    from firth.kernels.transposition import find_runs, turn_runs  # noqa: PLC0415 - settings must not load Numba

    ends = np.cumsum(column_sizes(matrix))
    count = len(matrix.columns)
    columns, values = (
        room(count, part.dtype, in_memory=in_memory // 2, folder=folder).view(np.ndarray)
        for part in (matrix.columns, matrix.values)
    )
    wanted = np.arange(_TURNED_AT_ONCE, count, _TURNED_AT_ONCE)
    cuts = np.unique([0, *np.searchsorted(ends, wanted).tolist(), matrix.width]).tolist()

    def turn(first: int, last: int) -> None:
        places = np.concatenate(([ends[first - 1] if first else 0], ends[first : last - 1]))
        starts, stops = np.empty((2, len(matrix.row_ends)), np.int64)
        find_runs(matrix.row_ends, matrix.columns, first, last, starts, stops)
        turn_runs(starts, stops, matrix.columns, matrix.values, 0, first, places, columns, values)

    pool = ThreadPoolExecutor(threads)
    try:
        list(pool.map(turn, cuts[:-1], cuts[1:]))
    finally:
        pool.shutdown(cancel_futures=True)
    return CompressedRows(ends, columns, values, len(matrix.row_ends))
