"""Negative sampling: tell the word that occurred from a few drawn ones that did not.

    L = −log σ(v'_t · v) − Σ_{i=1…k} log σ(−v'_{n_i} · v),  n_i ~ q

v is the input vector, v'_t the target's output vector, q the noise. All contexts of one centre share its noise words.

Source: Mikolov et al. 2013 (arXiv:1310.4546), §2.2, equation 4.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from firth.objectives.alias_table import alias_table
from firth.objectives.decisions import Asked
from firth.objectives.noise import Noise, Unigram, check_negatives, check_noise

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["DrawnRows", "NegativeSampling"]


class DrawnRows:
    """Asks a target's own row and the rows of its noise words.

    Args:
        negatives: k ≥ 1.
        noise: float64 (V,), q.
        offsets: float64 (V,), subtracted from each row's logit.
    """

    def __init__(self, negatives: int, noise: npt.NDArray[np.float64], offsets: npt.NDArray[np.float64]) -> None:
        self.negatives = negatives
        self.noise = noise
        self.offsets = offsets
        self.row_count = len(noise)
        self.most_asked = 1 + negatives
        self.table = alias_table(noise)

    def asked(self, target: int, noise_words: npt.NDArray[np.int64]) -> Asked:
        """Return the decisions for a target; a noise word equal to it is left out.

        Args:
            target: word id.
            noise_words: int64 (k,), drawn from the noise.
        """
        rows = np.concatenate(([target], noise_words[noise_words != target])).astype(np.int64)
        labels = np.zeros(len(rows))
        labels[0] = 1
        return Asked(rows=rows, labels=labels, offsets=self.offsets[rows])

    def log_scores(self, logits: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return log p(w | v) as the answers imply it, but for a constant of each input's own.

            log p(w | v) = logit − offset + log k q(w)

        A target is told best from k words of noise by the logarithm of its odds, p / k q; with NCE's offsets what is
        added is what was subtracted, and the logits themselves are the logarithms.

        Args:
            logits: float64 (n, V), of every word's row.

        Returns:
            float64 (n, V), in nats.

        Source: Mnih and Teh 2012, §3; of negative sampling, Levy and Goldberg 2014, §3.1.
        """
        with np.errstate(divide="ignore"):  # where the noise never draws a word, it was never asked as noise
            return np.asarray(logits - self.offsets + np.log(self.negatives * self.noise))


@dataclass(frozen=True, kw_only=True, slots=True)
class NegativeSampling:
    """The loss of word2vec's negative sampling.

    Args:
        negatives: k, int in [1, 1000]: noise words per target; 5 to 20 for small corpora, 2 to 5 for large ones.
        noise: what they are drawn from.
    """

    negatives: int = 5
    noise: Noise = field(default_factory=Unigram)

    def __post_init__(self) -> None:
        """Refuse a number of noise words that is none."""
        check_negatives(self.negatives)
        check_noise(self.noise)

    def over(self, words: Sequence[str], counts: npt.NDArray[np.int64]) -> DrawnRows:  # noqa: ARG002 - for trees
        """Return the loss made ready for a vocabulary.

        Args:
            words: (V,) str.
            counts: int64 (V,), each ≥ 1, most frequent first.
        """
        return DrawnRows(self.negatives, self.noise.probabilities(counts), np.zeros(len(counts)))
