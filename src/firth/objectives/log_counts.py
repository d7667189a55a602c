"""Logarithms of counts: the simplest weighting that keeps frequent words from drowning all others.

    M_wc = log(1 + X_wc)

Source: the entries that GloVe's vectors are fitted to, up to its biases (Pennington, Socher and Manning 2014, §3);
HAL's counts (Lund and Burgess 1996) had no logarithm.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from firth.objectives.count_based import CooccurrenceBased, check_counts

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["LogCounts"]


@dataclass(frozen=True, kw_only=True, slots=True)
class LogCounts(CooccurrenceBased):
    """Logarithms of co-occurrence counts, factorised: a baseline for PPMI.

    Args:
        dim: D, int in [1, 10000], numbers per word; 100.
        factorization: `SVD()`, `PCA()` or `NMF()`; None keeps the matrix's rows as they are.
        window: int ≥ 1, the words to either side that are company, or a `Window`; 10.
        weighting: "harmonic", "soft" or "flat": what company counts by its distance.
        add_contexts: whether a word's vector is the sum of its word and its context vector.
    """

    def weighted(self, counts: csr_array) -> csr_array:
        """Return log(1 + X); places of the entries are shared with X, not copied.

        Args:
            counts: X, `scipy.sparse.csr_array` (V, C), each entry ≥ 0.

        Returns:
            `scipy.sparse.csr_array` (V, C), float32.
        """
        from scipy.sparse import csr_array  # noqa: PLC0415 - SciPy is loaded when it is needed

        counts = check_counts(counts)
        values = np.log1p(counts.data, dtype=np.float32)
        return csr_array((values, counts.indices, counts.indptr), shape=counts.shape)
