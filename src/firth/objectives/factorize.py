"""From a wide matrix of words × contexts to short vectors: by SVD, PCA or NMF, or not at all."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from firth.errors import SettingsError
from firth.objectives.compressed_rows import CompressedRows
from firth.objectives.factors import Factors
from firth.objectives.nmf import NMF
from firth.objectives.pca import PCA
from firth.objectives.room import IN_MEMORY
from firth.objectives.svd import SVD

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from firth.events import Listener

__all__ = ["LARGEST_DENSE", "Factorization", "check_dense", "check_not_empty", "factorize"]

Factorization = SVD | PCA | NMF

LARGEST_DENSE = 2**31
"""Bytes of the largest matrix that is written out with all its zeros: 2 GiB."""


def factorize(
    matrix: csr_array | CompressedRows,
    factorization: Factorization | None,
    *,
    dim: int,
    seed: int = 1,
    threads: int = 1,
    in_memory: int = IN_MEMORY,
    on_event: Listener | None = None,
) -> Factors:
    """Return the vectors that a factorisation makes of a matrix, or its own rows.

    Args:
        matrix: M, `scipy.sparse.csr_array` (V, C), or CompressedRows, float32.
        factorization: how; None takes the rows as they are, zeros included.
        dim: D, int in [1, min(V, C)]; not looked at where there is no factorisation.
        seed: int ≥ 0.
        threads: int ≥ 1.
        in_memory: int ≥ 0, bytes up to which SVD and PCA hold the matrix by columns in memory, not in a file.
        on_event: told of progress and notices.

    Raises:
        SettingsError: the matrix is empty, holds what is no number, is narrower than D, or too large to be written out.
        MissingExtraError: an optional library is not installed.
    """
    rows = CompressedRows.of(matrix)
    rows.check_finite()
    check_not_empty(bool(rows.values.any()))
    if factorization is not None:
        return factorization.factorize(
            rows, dim=dim, seed=seed, threads=threads, in_memory=in_memory, on_event=on_event
        )
    begun = time.perf_counter()
    check_dense(rows.shape)
    dense = np.asarray(rows.to_scipy().toarray(), dtype=np.float32)
    return Factors(
        words=dense,
        contexts=None,
        strengths=None,
        explained=1.0,
        rank=dense.shape[1],
        seconds=time.perf_counter() - begun,
    )


def check_not_empty(holds: bool) -> None:
    """Refuse a matrix that has nothing to be factorised.

    Args:
        holds: whether an entry is not 0.

    Raises:
        SettingsError: none is.
    """
    if not holds:
        raise SettingsError(
            "expected a matrix with something in it, got one of zeros alone; lower the shift, widen the window, or "
            "give more text"
        )


def check_dense(shape: tuple[int, int]) -> None:
    """Refuse a matrix too large to be written out with all its zeros.

    Args:
        shape: the matrix's.

    Raises:
        SettingsError: it would take more than `LARGEST_DENSE` bytes.
    """
    size = 4 * shape[0] * shape[1]
    if size > LARGEST_DENSE:
        raise SettingsError(
            f"expected at most {LARGEST_DENSE / 2**30:g} GiB for a matrix that is not factorised, but {shape[0]:,} "
            f"words × {shape[1]:,} columns take {size / 2**30:,.1f} GiB; keep fewer words (max_words=, min_count=), or "
            "factorise it (factorization=SVD())"
        )
