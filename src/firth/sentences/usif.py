"""Unsupervised smooth inverse frequency: SIF without a setting that must be found by trial."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from firth.errors import SettingsError
from firth.sentences.weighting import checked_components

__all__ = ["USIF"]


@dataclass(frozen=True, kw_only=True)
class USIF:
    """Unsupervised smooth inverse frequency.

    Word vectors are brought to length 1, and

        weight(w) = a / (a/2 + p(w)),   a = (1 − α) / (α Z),   Z = |V| / 2,
        α = the share of the vocabulary with p(w) > 1 − (1 − 1/|V|)ⁿ,

    where the threshold is the probability that n draws from a vocabulary of equally frequent words bring up a given
    word. Then v(s) − Σᵢ λᵢ uᵢ uᵢᵀ v(s), where uᵢ are the first m principal components of the texts' vectors, not
    centred, and λᵢ = σᵢ² / Σ_{j ≤ m} σⱼ² their shares of the squared singular values. Where no word reaches the
    threshold, α = 0 and every weight is 2, the limit.

    The author's program divides by each dimension's length over the words of one text instead; the model of the paper
    depends on the angle between word and text alone, hence on vectors of length 1.

    Args:
        components: int ≥ 0, m.
        length: ≥ 1, n, the mean number of known words in a text; None measures it on the texts that it is fitted on.

    Raises:
        SettingsError: a length or a number of components that cannot be.

    Source: Ethayarajh 2018, "Unsupervised Random Walk Sentence Embeddings: A Strong but Simple Baseline", RepL4NLP,
    §3–4.
    """

    components: int = 5
    length: float | None = None

    def __post_init__(self) -> None:
        """Refuse settings that cannot be."""
        if self.length is not None and (
            not isinstance(self.length, int | float)
            or isinstance(self.length, bool)
            or not 1 <= self.length < float("inf")
        ):
            raise SettingsError(
                f"expected a length of 1 or more, the mean number of words in a text, got {self.length!r}"
            )
        checked_components(self.components)

    @property
    def needs_counts(self) -> bool:
        """The words' probabilities take part."""
        return True

    @property
    def needs_texts(self) -> bool:
        """The components and, unless it is given, the mean length are those of the texts that it is fitted on."""
        return self.components > 0 or self.length is None

    @property
    def unit_length(self) -> bool:
        """Only the direction of word vectors takes part."""
        return True

    def word_weights(self, probabilities: npt.NDArray[np.float64], mean_length: float) -> npt.NDArray[np.float64]:
        """Return a / (a/2 + p(w)): float64 (V,), above 0, at most 2."""
        size = len(probabilities)
        n = mean_length if self.length is None else self.length
        threshold = 1 - (1 - 1 / size) ** n
        alpha = np.count_nonzero(probabilities > threshold) / size
        if not 0 < alpha < 1:  # all can be above it by rounding alone: they cannot all be more frequent than 1/|V|
            return np.full(size, 2.0)
        a = (1 - alpha) / (alpha * size / 2)
        weights: npt.NDArray[np.float64] = a / (a / 2 + probabilities)
        return weights

    def shares(self, squares: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return λ, each component's share of the squared singular values: float64 (k,); their sum is 1."""
        shares: npt.NDArray[np.float64] = squares / squares.sum()
        return shares
