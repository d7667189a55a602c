"""What skip-gram and CBOW have in common: the settings that say what is learned from which company, and how fast."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from firth.contexts.subsampling import Subsampling
from firth.contexts.window import Window
from firth.errors import SettingsError
from firth.objectives.binary_cross_entropy import BinaryCrossEntropy
from firth.objectives.full_softmax import FullSoftmax
from firth.objectives.hierarchical_softmax import HierarchicalSoftmax
from firth.objectives.negative_sampling import NegativeSampling
from firth.objectives.noise_contrastive import NCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

    from firth.objectives.sampled import SampledModel
    from firth.objectives.whole_vocabulary import WholeVocabularyModel

__all__ = ["Architecture", "SampledLoss", "WholeVocabularyLoss"]

SampledLoss = NegativeSampling | NCE | HierarchicalSoftmax
"""Losses that ask an input a few yes/no questions."""

WholeVocabularyLoss = FullSoftmax | BinaryCrossEntropy
"""Losses that ask it about every word."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Architecture:
    """Settings of a model that learns from windows.

    Args:
        dim: D, int in [1, 10000], numbers per word.
        window: int ≥ 1, the words to either side that are company, or a `Window`.
        subsample: float in [0, 1], the threshold above which frequent words are thinned out, or a `Subsampling`.
        loss: how an input is asked: `NegativeSampling`, `NCE`, `HierarchicalSoftmax`, `FullSoftmax` or
            `BinaryCrossEntropy`.
        rate: float > 0, the learning rate at the start; None takes the objective's own.
        min_rate: float ≥ 0, the rate at the end; None is a ten-thousandth of the first.
    """

    dim: int = 100
    window: int | Window = 5
    subsample: float | Subsampling = 1e-3
    loss: SampledLoss | WholeVocabularyLoss = field(default_factory=NegativeSampling)
    rate: float | None = None
    min_rate: float | None = None

    def __post_init__(self) -> None:
        """Refuse settings that cannot be trained with."""
        if not isinstance(self.dim, int) or isinstance(self.dim, bool) or not 1 <= self.dim <= 10_000:
            raise SettingsError(f"expected from 1 to 10000 dimensions, got {self.dim!r}; 100 to 300 are usual")
        Window.of(self.window)
        Subsampling.of(self.subsample)
        if not isinstance(self.loss, SampledLoss | WholeVocabularyLoss):
            raise SettingsError(
                "expected a loss, NegativeSampling(), NCE(), HierarchicalSoftmax(), FullSoftmax() or "
                f"BinaryCrossEntropy(), got {self.loss!r}"
            )
        if self.rate is not None and not (isinstance(self.rate, int | float) and 0 < self.rate <= 10):
            raise SettingsError(f"expected a learning rate above 0 and at most 10, got {self.rate!r}; 0.025 is usual")
        first = self.rates[0]
        if self.min_rate is not None and not (isinstance(self.min_rate, int | float) and 0 <= self.min_rate <= first):
            raise SettingsError(
                f"expected a last learning rate from 0 to the first one, which is {first}, got {self.min_rate!r}"
            )

    @property
    def default_epochs(self) -> int:
        """Passes over the text where nothing else is said."""
        return 5

    @property
    def default_rate(self) -> float:
        """The learning rate with which these settings were found to learn best."""
        raise NotImplementedError

    @property
    def shard_rate_growth(self) -> float:
        """By how much of the learning rate each doubling of the shards raises it; see `firth.training.shards`."""
        return 0.25

    def over(
        self, words: Sequence[str], counts: npt.NDArray[np.int64], *, seed: int
    ) -> SampledModel | WholeVocabularyModel:
        """Return an untrained model of a vocabulary.

        Args:
            words: (V,) str.
            counts: int64 (V,), each ≥ 1, most frequent first.
            seed: int ≥ 0, of the first input vectors.
        """
        raise NotImplementedError

    @property
    def rates(self) -> tuple[float, float]:
        """The learning rate at the start and at the end."""
        first = self.default_rate if self.rate is None else self.rate
        return first, first * 1e-4 if self.min_rate is None else self.min_rate
