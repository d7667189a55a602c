"""Smooth inverse frequency: rare words count more, and the direction that all texts share is taken away."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from firth.errors import SettingsError
from firth.sentences.weighting import checked_components

__all__ = ["SIF"]


@dataclass(frozen=True, kw_only=True)
class SIF:
    """Smooth inverse frequency.

    weight(w) = a / (a + p(w)), and from each v(s) its projections on the first principal components u₁ … u_m of the
    texts' vectors are taken away whole: v(s) − Σᵢ uᵢ uᵢᵀ v(s). The components are not centred: u₁ is the first singular
    vector of the matrix that has the v(s) as its columns.

    Args:
        a: > 0, the probability at which a word's weight is one half; the paper finds 10⁻⁴ to 10⁻³ good.
        components: int ≥ 0, m; the paper takes away one. With 0, nothing is learned from texts.

    Raises:
        SettingsError: an `a` or a number of components that cannot be.

    Source: Arora, Liang & Ma 2017, "A Simple but Tough-to-Beat Baseline for Sentence Embeddings", ICLR, §3 and
    algorithm 1.
    """

    a: float = 1e-3
    components: int = 1

    def __post_init__(self) -> None:
        """Refuse settings that cannot be."""
        if not isinstance(self.a, int | float) or isinstance(self.a, bool) or not 0 < self.a < float("inf"):
            raise SettingsError(f"expected a above 0, such as 0.001, got {self.a!r}")
        checked_components(self.components)

    @property
    def needs_counts(self) -> bool:
        """The words' probabilities take part."""
        return True

    @property
    def needs_texts(self) -> bool:
        """The components, if any, are those of the texts that it is fitted on."""
        return self.components > 0

    @property
    def unit_length(self) -> bool:
        """Word vectors are taken as they are."""
        return False

    def word_weights(
        self,
        probabilities: npt.NDArray[np.float64],
        mean_length: float,  # noqa: ARG002  (as every weighting)
    ) -> npt.NDArray[np.float64]:
        """Return a / (a + p(w)): float64 (V,), above 0, at most 1."""
        weights: npt.NDArray[np.float64] = self.a / (self.a + probabilities)
        return weights

    def shares(self, squares: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return 1 for each component: float64 (k,)."""
        return np.ones(len(squares))
