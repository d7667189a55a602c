"""Words × documents: how often each word stands in each document.

Source: Salton, Wong and Yang 1975, "A vector space model for automatic indexing".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["count_documents"]

_CHUNK = 2**22


def count_documents(
    token_ids: npt.NDArray[np.int32], document_ends: npt.NDArray[np.int64], words: int, *, chunk: int = _CHUNK
) -> csr_array:
    """Return X, X[i, d] = how often word i stands in document d.

    Documents without a word of the vocabulary keep their column, empty, so that columns are the corpus's documents.

    Args:
        token_ids: int32 (T,), the corpus, each in [0, words).
        document_ends: int64 (N,), ascending, the documents' exclusive ends in it.
        words: V, how many words there are.
        chunk: tokens counted at once, which bounds the memory beside the result.

    Returns:
        `scipy.sparse.csr_array` (V, N), float32.
    """
    from scipy.sparse import csc_array  # noqa: PLC0415 - SciPy is loaded when it is needed

    ends = np.asarray(document_ends, dtype=np.int64)
    column_ends = np.zeros(len(ends) + 1, np.int64)
    rows: list[npt.NDArray[np.int32]] = []
    numbers: list[npt.NDArray[np.float32]] = []
    first, begin = 0, 0
    while first < len(ends):
        # Whole documents: as many as a chunk holds, and at least one.
        last = max(first + 1, int(np.searchsorted(ends, begin + chunk, side="right")))
        document = np.repeat(np.arange(last - first), np.diff(ends[first:last], prepend=begin))
        keys, counts = np.unique(document * words + token_ids[begin : ends[last - 1]], return_counts=True)
        column_ends[first + 1 : last + 1] = np.bincount(keys // words, minlength=last - first)
        rows.append((keys % words).astype(np.int32))
        numbers.append(counts.astype(np.float32))
        first, begin = last, int(ends[last - 1])
    np.cumsum(column_ends, out=column_ends)
    entries = (
        np.concatenate(numbers or [np.zeros(0, np.float32)]),
        np.concatenate(rows or [np.zeros(0, np.int32)]),
        column_ends,
    )
    return csc_array(entries, shape=(words, len(ends))).tocsr()
