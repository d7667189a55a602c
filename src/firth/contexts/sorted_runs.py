"""Sorted runs: counts that did not fit into memory, on disk row by row, one run after the other, until merged."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    import numpy.typing as npt

__all__ = ["SortedRuns", "mapped"]


def mapped(path: Path, dtype: type[np.generic]) -> npt.NDArray[Any]:
    """Return a file as a read-only array; an empty file too, which cannot be mapped."""
    return np.memmap(path, dtype, "r") if path.stat().st_size else np.zeros(0, dtype)


class SortedRuns:
    """Runs of entries sorted by row and column, written in one go and then read in any order.

    Args:
        folder: an empty one, of the runs' own.
        sums_type: of the sums on disk, uint32 or int64.
    """

    def __init__(self, folder: Path, sums_type: type[np.uint32 | np.int64]) -> None:
        self.sums_type = sums_type
        self._paths = folder / "columns.i32", folder / "sums", folder / "ends.i64"
        self._end = 0

    def __enter__(self) -> SortedRuns:
        with ExitStack() as stack:
            self._columns, self._sums, self._ends = (stack.enter_context(path.open("xb")) for path in self._paths)
            self._files = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._files.__exit__(kind, error, trace)

    def append(
        self, columns: npt.NDArray[np.int32], sums: npt.NDArray[np.int64], row_sizes: npt.NDArray[np.int64]
    ) -> None:
        """Write the entries of the next rows; after the last row of a run comes the first row of the next.

        Args:
            columns: int32 (n,), ascending in a row, where a column may come again.
            sums: int64 (n,), that fit the type on disk.
            row_sizes: int64, how many entries each of the rows has.
        """
        self._columns.write(columns.data)
        self._sums.write(sums.astype(self.sums_type, copy=False).data)
        ends = self._end + np.cumsum(row_sizes)
        self._ends.write(ends.data)
        self._end = int(ends[-1])

    def read(self) -> tuple[npt.NDArray[np.int32], npt.NDArray[Any], npt.NDArray[np.int64]]:
        """Return all columns, sums, and the ends of all runs' rows (runs · V,), mapped, once everything is written."""
        return tuple(  # type: ignore[return-value]
            mapped(path, dtype) for path, dtype in zip(self._paths, (np.int32, self.sums_type, np.int64), strict=True)
        )
