"""Logarithms of counts: the simplest weighting that keeps frequent words from drowning all others.

    M_wc = log(1 + X_wc)

Source: the entries that GloVe's vectors are fitted to, up to its biases (Pennington, Socher and Manning 2014, §3);
HAL's counts (Lund and Burgess 1996) had no logarithm.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from firth.objectives.compressed_rows import CompressedRows
from firth.objectives.count_based import CooccurrenceBased
from firth.objectives.room import IN_MEMORY, room

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

__all__ = ["LogCounts"]

_AT_ONCE = 1 << 20


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

    def weighed(
        self,
        counts: CompressedRows,
        *,
        column_sums: npt.NDArray[np.float64] | None = None,  # noqa: ARG002 - nothing is expected of a column
        in_memory: int = IN_MEMORY,
        folder: Path | None = None,
    ) -> CompressedRows:
        """Return log(1 + X); places of the entries are shared with X, not copied.

        Args:
            counts: X or some of its rows, each entry ≥ 0.
            column_sums: not used.
            in_memory: see `CooccurrenceBased.weighed`.
            folder: see `CooccurrenceBased.weighed`.

        Returns:
            float32.
        """
        values = room(len(counts.values), np.float32, in_memory=in_memory // 2, folder=folder).view(np.ndarray)
        for begin in range(0, len(values), _AT_ONCE):
            some = slice(begin, begin + _AT_ONCE)
            np.log1p(counts.values[some], out=values[some], dtype=np.float32, casting="same_kind")
        return CompressedRows(counts.row_ends, counts.columns, values, counts.width)
