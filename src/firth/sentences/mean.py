"""The plain mean: every word counts alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Mean"]


@dataclass(frozen=True, kw_only=True)
class Mean:
    """The mean of a text's word vectors: v(s) = 1/|s| Σ_{w ∈ s} v(w), where |s| is the number of known words."""

    @property
    def components(self) -> int:
        """None is taken away."""
        return 0

    @property
    def needs_counts(self) -> bool:
        """The words' probabilities take no part."""
        return False

    @property
    def needs_texts(self) -> bool:
        """Nothing is learned from texts."""
        return False

    @property
    def unit_length(self) -> bool:
        """Word vectors are taken as they are."""
        return False

    def word_weights(
        self,
        probabilities: npt.NDArray[np.float64],
        mean_length: float,  # noqa: ARG002  (as every weighting)
    ) -> npt.NDArray[np.float64]:
        """Return 1 for each word: float64 (V,)."""
        return np.ones(len(probabilities))

    def shares(self, squares: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return 0 for each component: float64 (k,)."""
        return np.zeros(len(squares))
