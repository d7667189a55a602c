"""Noise: the distribution from which the words that did not occur are drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from firth.errors import SettingsError

__all__ = ["LogUniform", "Noise", "Unigram", "check_negatives", "check_noise"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Unigram:
    """Noise by frequency: q(w) ∝ count(w)^α.

    Args:
        power: α, float in [0, 1]; 0.75 in word2vec, 0.5 in fastText, 0 draws all words alike, 1 as in the corpus.

    Source: Mikolov et al. 2013 (arXiv:1310.4546), §2.2.
    """

    power: float = 0.75

    def __post_init__(self) -> None:
        """Refuse powers that make no distribution of use."""
        if not (isinstance(self.power, int | float) and 0 <= self.power <= 1):
            raise SettingsError(f"expected a noise power from 0 to 1, got {self.power!r}; word2vec's is 0.75")

    def probabilities(self, counts: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Return q.

        Args:
            counts: int64 (V,), each ≥ 1, most frequent first.

        Returns:
            float64 (V,), sums to 1.
        """
        weights = counts.astype(np.float64) ** self.power
        return np.asarray(weights / weights.sum())


@dataclass(frozen=True, kw_only=True, slots=True)
class LogUniform:
    """Noise by rank (Zipf's law): q(w) = (log(r + 2) − log(r + 1)) / log(V + 1), r the word's rank from 0.

    Source: the `log_uniform_candidate_sampler` of TensorFlow; Zipf 1935.
    """

    def probabilities(self, counts: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Return q.

        Args:
            counts: int64 (V,); only their number and order matter. Of words of one count, the first has the first rank.

        Returns:
            float64 (V,), sums to 1.
        """
        rank = np.empty(len(counts))
        rank[np.argsort(-counts, kind="stable")] = np.arange(len(counts))
        return np.asarray((np.log(rank + 2) - np.log(rank + 1)) / np.log(len(counts) + 1))


Noise = Unigram | LogUniform


def check_negatives(negatives: int) -> None:
    """Refuse a number of noise words that is none.

    Raises:
        SettingsError: it is no whole number from 1 to 1000.
    """
    if not isinstance(negatives, int) or isinstance(negatives, bool) or not 1 <= negatives <= 1000:
        raise SettingsError(f"expected from 1 to 1000 noise words per target, got {negatives!r}; 5 to 20 are usual")


def check_noise(noise: object) -> None:
    """Refuse what no noise words can be drawn from.

    Raises:
        SettingsError: it is neither `Unigram` nor `LogUniform`.
    """
    if not isinstance(noise, Noise):
        raise SettingsError(f"expected a noise distribution, Unigram() or LogUniform(), got {noise!r}")
