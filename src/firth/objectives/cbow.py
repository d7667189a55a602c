"""Continuous bag of words: from the mean of its company, predict the word.

    h = (1 / M) Σ_{c in the centre's window} v_c
    L = Σ_centres loss(target = centre, input = h)
    ∂L/∂v_c = (1 / M) ∂L/∂h                       "corrected": the gradient that follows from the formula
    ∂L/∂v_c ≈ ∂L/∂h                               "historical": what word2vec.c, gensim and fastText do

Source: Mikolov et al. 2013 (arXiv:1301.3781), §3.1; on the gradient İrsoy et al. 2021 (arXiv:2012.15332).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from firth.contexts.subsampling import Subsampling
from firth.contexts.window import Window
from firth.errors import SettingsError
from firth.objectives import decisions
from firth.objectives.architecture import Architecture, WholeVocabularyLoss
from firth.objectives.binary_cross_entropy import BinaryCrossEntropy
from firth.objectives.full_softmax import FullSoftmax
from firth.objectives.hierarchical_softmax import HierarchicalSoftmax
from firth.objectives.negative_sampling import NegativeSampling
from firth.objectives.noise_contrastive import NCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firth.objectives.decisions import Asked, Floats
    from firth.objectives.sampled import SampledModel
    from firth.objectives.whole_vocabulary import WholeVocabularyModel

__all__ = ["CBOW", "gradients", "loss"]

# By measurement: bench/LOG.md, "Default rates".
_DEFAULT_RATES = {
    "corrected": {
        NegativeSampling: 0.15,
        NCE: 0.15,
        HierarchicalSoftmax: 0.075,
        FullSoftmax: 0.2,
        BinaryCrossEntropy: 0.2,
    },
    "historical": {
        NegativeSampling: 0.075,
        NCE: 0.075,
        HierarchicalSoftmax: 0.025,
        FullSoftmax: 0.2,
        BinaryCrossEntropy: 0.2,
    },
}


@dataclass(frozen=True, kw_only=True, slots=True)
class CBOW(Architecture):
    """The continuous bag-of-words model.

    Args:
        dim: D, int in [1, 10000], numbers per word; 100.
        window: int ≥ 1, the words to either side that are company, or a `Window`; 5.
        subsample: float in [0, 1], the threshold above which frequent words are thinned out, or a `Subsampling`; 1e-3.
        loss: how the mean is asked for the centre: `NegativeSampling()`, `NCE()`, `HierarchicalSoftmax()`,
            `FullSoftmax()` or `BinaryCrossEntropy()`.
        rate: float > 0, the learning rate at the start; None takes the loss's and gradient's own (the corrected one,
            being divided among the contexts, wants a higher one).
        min_rate: float ≥ 0, the rate at the end; None is a ten-thousandth of the first.
        gradient: "corrected" divides the mean's gradient among the contexts, "historical" hands all of it to each.
    """

    gradient: Literal["corrected", "historical"] = "corrected"

    def __post_init__(self) -> None:
        """Refuse settings that cannot be trained with."""
        if self.gradient not in _DEFAULT_RATES:
            raise SettingsError(f'expected the CBOW gradient "corrected" or "historical", got {self.gradient!r}')
        Architecture.__post_init__(self)

    @property
    def default_rate(self) -> float:
        """The learning rate with which the loss and gradient were found to learn best."""
        return _DEFAULT_RATES[self.gradient][type(self.loss)]

    @property
    def shard_rate_growth(self) -> float:
        """Less than for skip-gram: its own rate is nearer to the highest that it learns well with."""
        return 0.125

    def over(
        self, words: Sequence[str], counts: npt.NDArray[np.int64], *, seed: int
    ) -> SampledModel | WholeVocabularyModel:
        """Return an untrained model of a vocabulary.

        Args:
            words: (V,) str.
            counts: int64 (V,), each ≥ 1, most frequent first.
            seed: int ≥ 0, of the first input vectors.
        """
        # Settings must not load Numba.
        from firth.objectives.sampled import SampledModel  # noqa: PLC0415
        from firth.objectives.whole_vocabulary import WholeVocabularyModel  # noqa: PLC0415

        if isinstance(self.loss, WholeVocabularyLoss):
            return WholeVocabularyModel(
                dim=self.dim,
                window=Window.of(self.window),
                subsampling=Subsampling.of(self.subsample),
                loss=self.loss,
                counts=counts,
                averages=True,
                divides_gradient=self.gradient == "corrected",
                seed=seed,
            )

        return SampledModel(
            dim=self.dim,
            window=Window.of(self.window),
            subsampling=Subsampling.of(self.subsample),
            rows=self.loss.over(words, counts),
            counts=counts,
            averages=True,
            divides_gradient=self.gradient == "corrected",
            seed=seed,
        )


def loss(contexts: Floats, outputs: Floats, asked: Asked) -> float:
    """Return one centre's loss: the mean of its contexts answers the centre's decisions.

    Args:
        contexts: float (M, D), the contexts' input vectors.
        outputs: float (N, D), the rows asked.
        asked: the centre's decisions.
    """
    return decisions.loss(contexts.mean(axis=0, keepdims=True), outputs, asked)


def gradients(
    contexts: Floats, outputs: Floats, asked: Asked, *, gradient: Literal["corrected", "historical"] = "corrected"
) -> tuple[Floats, Floats]:
    """Return the gradients of `loss` with respect to the contexts' vectors and to the rows asked.

    Args:
        contexts: float (M, D), the contexts' input vectors.
        outputs: float (N, D), the rows asked.
        asked: the centre's decisions.
        gradient: "corrected" is the gradient; "historical" gives each context M times as much.

    Returns:
        float (M, D) and float (N, D).
    """
    hidden, outer = decisions.gradients(contexts.mean(axis=0, keepdims=True), outputs, asked)
    share = len(contexts) if gradient == "corrected" else 1
    return np.repeat(hidden / share, len(contexts), axis=0), outer
