"""What every weighting can do: a weight for each word, and how much of each common component is taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from firth.errors import SettingsError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["Weighting", "checked_components"]


@runtime_checkable
class Weighting(Protocol):
    """A text's vector is v(s) = 1/|s| Σ_{w ∈ s} weight(w) v(w), less shares of its projections on common components."""

    @property
    def components(self) -> int:
        """How many principal components of the texts' vectors are taken away, ≥ 0."""

    @property
    def needs_counts(self) -> bool:
        """Whether the words' probabilities take part."""

    @property
    def needs_texts(self) -> bool:
        """Whether something is learned from texts before the first vector."""

    @property
    def unit_length(self) -> bool:
        """Whether word vectors are brought to length 1 first."""

    def word_weights(self, probabilities: npt.NDArray[np.float64], mean_length: float) -> npt.NDArray[np.float64]:
        """Return each word's weight.

        Args:
            probabilities: float64 (V,), p(w), ≥ 0; their sum is 1.
            mean_length: known words in a text on average, > 0.
        """

    def shares(self, squares: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return how much of the projection on each component is taken away, from 0 to 1.

        Args:
            squares: float64 (k,), the components' squared singular values, > 0, largest first.
        """


def checked_components(components: object) -> None:
    """Refuse a number of components that cannot be."""
    if not isinstance(components, int) or isinstance(components, bool) or components < 0:
        raise SettingsError(f"expected components as a whole number of 0 or more, got {components!r}")
