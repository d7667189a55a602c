"""Pointwise mutual information: how much more often two words stand together than chance would have it.

    PMI(w, c) = log( P(w, c) / (P(w) · P(c)) ),    P(w, c) = X_wc / ΣX,    P(w) = X_w· / ΣX
    P_α(c) = X_·c^α / Σ_c' X_·c'^α                 context distribution smoothing, α = 0.75
    SPPMI(w, c) = max(PMI(w, c) − log k, 0)        shifted, positive; k = 1 is PPMI

Pairs that never stood together have PMI −∞, which no matrix can hold: they are 0, with and without `positive`.
Smoothing takes away PMI's liking for rare contexts. Skip-gram with k negatives factorises PMI − log k without
saying so.

Source: Church and Hanks 1990 (Computational Linguistics 16); PPMI: Bullinaria and Levy 2007; shifted: Levy and
Goldberg 2014 (NIPS 27), §3; smoothing: Levy, Goldberg and Dagan 2015 (TACL 3), §3.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from firth.errors import SettingsError
from firth.objectives.compressed_rows import CompressedRows
from firth.objectives.count_based import CooccurrenceBased
from firth.objectives.nmf import NMF
from firth.objectives.room import IN_MEMORY, room

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["PPMI", "context_shares", "pointwise_mutual_information"]

Double = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class PPMI(CooccurrenceBased):
    """Positive pointwise mutual information, factorised.

    Args:
        dim: D, int in [1, 10000], numbers per word; 100.
        factorization: `SVD()`, `PCA()` or `NMF()`; None keeps the matrix's rows as they are.
        window: int ≥ 1, the words to either side that are company, or a `Window`; 10.
        weighting: "harmonic", "soft" or "flat": what company counts by its distance.
        add_contexts: whether a word's vector is the sum of its word and its context vector.
        positive: whether pairs rarer than chance are 0; else they stay, negative.
        shift: k, float ≥ 1, log k is taken off: pairs must be k times as often as chance to be seen.
        smoothing: α, float in [0, 1], the power of the contexts' counts; 1 does not smooth.
    """

    positive: bool = True
    shift: float = 1.0
    smoothing: float = 0.75

    def __post_init__(self) -> None:
        """Refuse settings that no vectors can be made with."""
        CooccurrenceBased.__post_init__(self)
        if not isinstance(self.shift, int | float) or isinstance(self.shift, bool) or not 1 <= self.shift < np.inf:
            raise SettingsError(f"expected a shift k of 1 or more, got {self.shift!r}; 1 shifts nothing, 5 is usual")
        if not isinstance(self.smoothing, int | float) or not 0 <= self.smoothing <= 1:
            raise SettingsError(
                f"expected a smoothing power from 0 to 1, got {self.smoothing!r}; 0.75 is usual, 1 does not smooth"
            )
        if not self.positive and isinstance(self.factorization, NMF):
            raise SettingsError(
                "expected positive=True where NMF() factorises, which takes no negative entries, got positive=False; "
                "keep the positive ones alone, or factorise by SVD()"
            )

    def weighed(
        self,
        counts: CompressedRows,
        *,
        column_sums: Double | None = None,
        in_memory: int = IN_MEMORY,
        folder: Path | None = None,
    ) -> CompressedRows:
        """Return the matrix of shifted PMI: what is kept is written once, the counts are only read.

        Args:
            counts: X or some of its rows, each entry ≥ 0.
            column_sums: X_·c, of the whole X; None where these rows are the whole.
            in_memory: see `CooccurrenceBased.weighed`.
            folder: see `CooccurrenceBased.weighed`.

        Returns:
            float32: with `positive` only the entries above 0, else all that X has.
        """
        from firth.kernels.association import count_kept, keep_logarithms, sum_margins  # noqa: PLC0415 - loads Numba

        row_ends, columns, values = counts.row_ends, counts.columns, counts.values
        row_sums, own_column_sums = np.zeros(len(row_ends)), np.zeros(counts.width)
        sum_margins(row_ends, columns, values, row_sums, own_column_sums)
        expected = context_shares(own_column_sums if column_sums is None else column_sums, self.smoothing)

        least = self.shift if self.positive else 0.0
        kept = np.zeros(len(row_ends), np.int64)
        count_kept(row_ends, columns, values, row_sums, expected, least, kept)
        count = int(kept.sum())
        kept_columns = room(count, columns.dtype, in_memory=in_memory // 2, folder=folder).view(np.ndarray)
        kept_values = room(count, np.float32, in_memory=in_memory // 2, folder=folder).view(np.ndarray)
        keep_logarithms(row_ends, columns, values, row_sums, expected, least, self.shift, kept_columns, kept_values)
        return CompressedRows(np.cumsum(kept), kept_columns, kept_values, counts.width)


def context_shares(column_sums: Double, smoothing: float) -> Double:
    """Return P_α, the contexts' smoothed distribution.

    Args:
        column_sums: X_·c, float64 (C,), ≥ 0.
        smoothing: α in [0, 1].

    Returns:
        float64 (C,), sums to 1.
    """
    weights = column_sums**smoothing
    return np.asarray(weights / (weights.sum() or 1.0))


def pointwise_mutual_information(
    counts: Double, *, positive: bool = True, shift: float = 1.0, smoothing: float = 0.75
) -> Double:
    """Return shifted PMI by its definition, from a matrix with all its zeros.

    Args:
        counts: X, float64 (V, C), ≥ 0.
        positive: whether values below 0 become 0.
        shift: k ≥ 1.
        smoothing: α in [0, 1].

    Returns:
        float64 (V, C); 0 where X is.
    """
    expected = context_shares(counts.sum(axis=0), smoothing)
    with np.errstate(divide="ignore", invalid="ignore"):
        # P(w, c) / P(w) = X_wc / X_w·
        pmi = np.log(counts / counts.sum(axis=1, keepdims=True) / expected) - np.log(shift)
    if positive:
        pmi = np.maximum(pmi, 0)
    return np.where(counts > 0, pmi, 0)
