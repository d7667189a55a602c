"""A sparse matrix as what a factorisation needs of it: its products with dense matrices, by several threads.

A centred matrix, A − 1·μᵀ with μ the columns' means, would have no zero left. Its products need only those of A:

    (A − 1·μᵀ)·B = A·B − 1·(μᵀ·B),    (A − 1·μᵀ)ᵀ·B = Aᵀ·B − μ·(1ᵀ·B)
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from types import TracebackType

    from scipy.sparse import csr_array

__all__ = ["SparseProducts"]

Floats = npt.NDArray[np.floating]
_PIECES = 32
"""Pieces for each thread: rows differ in length by a factor of thousands, and no thread should wait for another."""


class _ByRows:
    """A matrix by rows, cut into pieces of about as many entries."""

    def __init__(self, matrix: csr_array, threads: int) -> None:
        self.row_ends = matrix.indptr[1:].astype(np.int64)
        self.columns: npt.NDArray[Any] = matrix.indices
        self.values: npt.NDArray[Any] = matrix.data
        wanted = np.linspace(0, len(self.values), _PIECES * threads + 1)[1:-1]
        self.cuts = np.unique([0, *np.searchsorted(self.row_ends, wanted), len(self.row_ends)]).tolist()

    def times(self, dense: Floats, pool: ThreadPoolExecutor) -> Floats:
        """Return the product; each row is one thread's work, so the bits do not depend on their number."""
        from firth.kernels.sparse_product import multiply_rows  # noqa: PLC0415 - settings must not load Numba

        dense = np.ascontiguousarray(dense)
        product = np.empty((len(self.row_ends), dense.shape[1]), dense.dtype)

        def piece(first: int, last: int) -> None:
            multiply_rows(self.row_ends, self.columns, self.values, dense, first, last, product)

        list(pool.map(piece, self.cuts[:-1], self.cuts[1:]))
        return product


class SparseProducts:
    """A sparse matrix's products with dense ones; a context manager, which ends its threads.

    Args:
        matrix: `scipy.sparse.csr_array` (V, C), float32. It is held twice, by rows and by columns.
        threads: int ≥ 1.
        centred: whether each column's mean is taken off.
    """

    def __init__(self, matrix: csr_array, *, threads: int, centred: bool = False) -> None:
        self.shape: tuple[int, int] = matrix.shape
        self._rows = _ByRows(matrix, threads)
        self._columns = _ByRows(matrix.T.tocsr(), threads)
        self._means = np.zeros(matrix.shape[1])
        if centred:
            values = matrix.data
            from firth.kernels.association import sum_margins  # noqa: PLC0415 - settings must not load Numba

            sum_margins(self._rows.row_ends, self._rows.columns, values, np.empty(matrix.shape[0]), self._means)
            self._means /= max(1, matrix.shape[0])
        self.square_sum = square_sum(matrix.data) - matrix.shape[0] * float(self._means @ self._means)
        self._centred = centred
        self._pool = ThreadPoolExecutor(threads)

    def __enter__(self) -> SparseProducts:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def times(self, dense: Floats) -> Floats:
        """Return A·B.

        Args:
            dense: B, float (C, D).
        """
        product = self._rows.times(dense, self._pool)
        if self._centred:
            product -= (self._means @ dense).astype(dense.dtype)
        return product

    def transposed_times(self, dense: Floats) -> Floats:
        """Return Aᵀ·B.

        Args:
            dense: B, float (V, D).
        """
        product = self._columns.times(dense, self._pool)
        if self._centred:
            product -= np.outer(self._means, dense.sum(axis=0, dtype=np.float64)).astype(dense.dtype)
        return product


def square_sum(values: Floats) -> float:
    """Return Σ values², summed in float64 without a copy of them all."""
    step = 2**20
    return sum(
        float(np.square(values[begin : begin + step], dtype=np.float64).sum()) for begin in range(0, len(values), step)
    )
