"""A sparse matrix as what a factorisation needs of it: its products with dense matrices, by several threads.

A centred matrix, A − 1·μᵀ with μ the columns' means, would have no zero left. Its products need only those of A:

    (A − 1·μᵀ)·B = A·B − 1·(μᵀ·B),    (A − 1·μᵀ)ᵀ·B = Aᵀ·B − μ·(1ᵀ·B)
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from firth.objectives.compressed_rows import CompressedRows, turned
from firth.objectives.room import IN_MEMORY

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from scipy.sparse import csr_array

__all__ = ["Centred", "Products", "SparseProducts", "products_of_rows"]

Floats = npt.NDArray[np.floating]
_PIECES = 32
"""Pieces for each thread: rows differ in length by a factor of thousands, and no thread should wait for another."""


class Products(Protocol):
    """A matrix A, (V, C), as a factorisation sees it, wherever its entries are."""

    @property
    def shape(self) -> tuple[int, int]:
        """(V, C)."""
        ...

    @property
    def square_sum(self) -> float:
        """‖A‖²."""
        ...

    def times(self, dense: Floats) -> Floats:
        """Return A·B, of the type of B.

        Args:
            dense: B, float (C, D).
        """
        ...

    def transposed_times(self, dense: Floats) -> Floats:
        """Return Aᵀ·B, of the type of B.

        Args:
            dense: B, float (V, D).
        """
        ...

    def gram_times(self, dense: Floats) -> Floats:
        """Return Aᵀ·A·B, of the type of B.

        Args:
            dense: B, float (C, D).
        """
        ...

    def column_sums(self) -> npt.NDArray[np.float64]:
        """Return 1ᵀ·A, float64 (C,)."""
        ...


def products_of_rows(rows: CompressedRows, dense: Floats, pool: ThreadPoolExecutor, cuts: list[int]) -> Floats:
    """Return a matrix's product; each row is one thread's work, so the bits do not depend on their number.

    Args:
        rows: A, (V, C).
        dense: B, float (C, D), rows contiguous.
        pool: the threads.
        cuts: where the pieces of the work begin, and V.
    """
    from firth.kernels.sparse_product import multiply_rows  # noqa: PLC0415 - settings must not load Numba

    product = np.empty((len(rows.row_ends), dense.shape[1]), dense.dtype)

    def piece(first: int, last: int) -> None:
        multiply_rows(rows.row_ends, rows.columns, rows.values, dense, first, last, product)

    list(pool.map(piece, cuts[:-1], cuts[1:]))
    return product


class SparseProducts:
    """A sparse matrix's products with dense ones; a context manager, which ends its threads.

    Args:
        matrix: `scipy.sparse.csr_array` (V, C), or CompressedRows, float32. It is held twice, by rows and by columns.
        threads: int ≥ 1.
        in_memory: int ≥ 0, bytes; what is more goes by columns into a nameless file, and of both no more need be in
            memory than the rows at work.
        folder: where that file goes; None for the cache folder.
    """

    def __init__(
        self,
        matrix: csr_array | CompressedRows,
        *,
        threads: int,
        in_memory: int = IN_MEMORY,
        folder: Path | None = None,
    ) -> None:
        self._rows = CompressedRows.of(matrix)
        self.shape: tuple[int, int] = self._rows.shape
        self._columns = turned(self._rows, threads=threads, in_memory=in_memory, folder=folder)
        self._cuts, self._column_cuts = (_cuts(side, threads) for side in (self._rows, self._columns))
        self.square_sum = float(self._rows.squares().sum())
        self._pool = ThreadPoolExecutor(threads)

    def __enter__(self) -> SparseProducts:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def times(self, dense: Floats) -> Floats:
        """See `Products`."""
        return products_of_rows(self._rows, np.ascontiguousarray(dense), self._pool, self._cuts)

    def transposed_times(self, dense: Floats) -> Floats:
        """See `Products`."""
        return products_of_rows(self._columns, np.ascontiguousarray(dense), self._pool, self._column_cuts)

    def gram_times(self, dense: Floats) -> Floats:
        """See `Products`."""
        return self.transposed_times(self.times(dense))

    def column_sums(self) -> npt.NDArray[np.float64]:
        """See `Products`."""
        from firth.kernels.association import sum_margins  # noqa: PLC0415 - settings must not load Numba

        sums = np.zeros(self.shape[1])
        sum_margins(self._rows.row_ends, self._rows.columns, self._rows.values, np.empty(self.shape[0]), sums)
        return sums


class Centred:
    """A matrix's products, each of its columns' means taken off.

    Args:
        products: of the matrix as it is.
    """

    def __init__(self, products: Products) -> None:
        self._products, self.shape = products, products.shape
        self._means = products.column_sums() / max(1, self.shape[0])
        self.square_sum = products.square_sum - self.shape[0] * float(self._means @ self._means)

    def times(self, dense: Floats) -> Floats:
        """See `Products`."""
        product = self._products.times(dense)
        product -= (self._means @ dense).astype(dense.dtype)
        return product

    def transposed_times(self, dense: Floats) -> Floats:
        """See `Products`."""
        product = self._products.transposed_times(dense)
        product -= np.outer(self._means, dense.sum(axis=0, dtype=np.float64)).astype(dense.dtype)
        return product

    def gram_times(self, dense: Floats) -> Floats:
        """See `Products`."""
        return self.transposed_times(self.times(dense))

    def column_sums(self) -> npt.NDArray[np.float64]:
        """See `Products`: zeros."""
        return np.zeros(self.shape[1])


def _cuts(matrix: CompressedRows, threads: int) -> list[int]:
    """Return where pieces of about as many entries begin, and V."""
    wanted: Any = np.linspace(0, len(matrix.values), _PIECES * threads + 1)[1:-1]
    cuts: list[int] = np.unique([0, *np.searchsorted(matrix.row_ends, wanted), len(matrix.row_ends)]).tolist()
    return cuts
