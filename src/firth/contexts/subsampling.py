"""Subsampling: very frequent words say little about their company, so most of their occurrences are left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from firth.errors import SettingsError

__all__ = ["Subsampling"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Subsampling:
    """The probability with which each occurrence of a word is kept.

        rule="word2vec":  keep = min(1, √(t / f) + t / f)     what word2vec.c, gensim and fastText do
        rule="paper":     keep = min(1, √(t / f))             the paper's: discard with 1 − √(t / f)

    where f is the word's share of the corpus.

    Args:
        threshold: t, float in [0, 1]; 0 keeps everything; usual values are 1e-3 to 1e-5.
        rule: which formula.

    Source: Mikolov et al. 2013 (arXiv:1310.4546), §2.3.
    """

    threshold: float = 1e-3
    rule: Literal["word2vec", "paper"] = "word2vec"

    def __post_init__(self) -> None:
        """Refuse thresholds that are no share of a corpus."""
        if not (isinstance(self.threshold, int | float) and 0 <= self.threshold <= 1):
            raise SettingsError(
                f"expected a subsampling threshold from 0 (keep all) to 1, got {self.threshold!r}; 1e-3 is usual"
            )
        if self.rule not in ("word2vec", "paper"):
            raise SettingsError(f'expected the subsampling rule "word2vec" or "paper", got {self.rule!r}')

    @classmethod
    def of(cls, subsample: float | Subsampling) -> Subsampling:
        """Return `subsample` itself, or word2vec's rule with that threshold."""
        return subsample if isinstance(subsample, Subsampling) else cls(threshold=subsample)

    def keep_probabilities(self, counts: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Return for each word the probability that one occurrence of it is kept.

        Args:
            counts: int64 (V,), each word's count in the corpus, ≥ 1.

        Returns:
            float64 (V,), in (0, 1].
        """
        if self.threshold == 0 or len(counts) == 0:
            return np.ones(len(counts))
        ratio = self.threshold * counts.sum() / counts
        keep = np.sqrt(ratio) + (ratio if self.rule == "word2vec" else 0.0)
        return np.asarray(np.minimum(keep, 1.0))
