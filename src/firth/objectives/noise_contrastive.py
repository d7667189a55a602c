"""Noise-contrastive estimation: the same question, asked so that the answer is a probability.

    L = −log σ(s_t − log k q(t)) − Σ_{i=1…k} log σ(−(s_{n_i} − log k q(n_i))),  s_w = v'_w · v,  n_i ~ q

With many noise words its optimum is s_w = log p(w | v): the logits become log-probabilities, and the partition
function is taken to be 1.

Source: Gutmann and Hyvärinen 2010; Mnih and Teh 2012 (arXiv:1206.6426), §3.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from firth.objectives.negative_sampling import DrawnRows
from firth.objectives.noise import Noise, Unigram, check_negatives, check_noise

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["NCE"]


@dataclass(frozen=True, kw_only=True, slots=True)
class NCE:
    """The loss of noise-contrastive estimation.

    Args:
        negatives: k, int in [1, 1000]: noise words per target; the estimate is the better the more.
        noise: q, what they are drawn from: `Unigram` or `LogUniform` (as TensorFlow's sampler).
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
        noise = self.noise.probabilities(counts)
        return DrawnRows(self.negatives, noise, np.log(self.negatives * noise))
