"""Skip-gram: from a word, predict its company.

    L = Σ_centres Σ_{c in the centre's window} loss(target = centre, input = v_c)

The pairs are those of the textbook, seen from the other side: that c is asked for the centre, rather than the centre
for c, lets all contexts of one centre share its rows of the output matrix, and over a symmetric window every pair is
met both ways all the same. A window with two different sides is mirrored, so that `left` and `right` keep their
meaning: what a centre is to predict. The losses over the whole vocabulary have no rows to share, and ask each centre.

Source: Mikolov et al. 2013 (arXiv:1301.3781), §3.2; (arXiv:1310.4546), §2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from firth.contexts.subsampling import Subsampling
from firth.contexts.window import Window
from firth.objectives import decisions
from firth.objectives.architecture import Architecture, WholeVocabularyLoss
from firth.objectives.binary_cross_entropy import BinaryCrossEntropy
from firth.objectives.full_softmax import FullSoftmax
from firth.objectives.hierarchical_softmax import HierarchicalSoftmax
from firth.objectives.negative_sampling import NegativeSampling
from firth.objectives.noise_contrastive import NCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

    from firth.objectives.decisions import Asked, Floats
    from firth.objectives.sampled import SampledModel
    from firth.objectives.whole_vocabulary import WholeVocabularyModel

__all__ = ["SkipGram", "gradients", "loss"]

# By measurement: bench/LOG.md, "Default rates".
_DEFAULT_RATES = {
    NegativeSampling: 0.025,
    NCE: 0.05,
    HierarchicalSoftmax: 0.025,
    FullSoftmax: 0.2,
    BinaryCrossEntropy: 0.2,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class SkipGram(Architecture):
    """The skip-gram model.

    Args:
        dim: D, int in [1, 10000], numbers per word; 100.
        window: int ≥ 1, the words to either side that are company, or a `Window`; 5.
        subsample: float in [0, 1], the threshold above which frequent words are thinned out, or a `Subsampling`; 1e-3.
        loss: `NegativeSampling()`, `NCE()` or `HierarchicalSoftmax()`, which ask a context for its centre, or
            `FullSoftmax()` or `BinaryCrossEntropy()`, which ask a centre for its company.
        rate: float > 0, the learning rate at the start; None takes the loss's own.
        min_rate: float ≥ 0, the rate at the end; None is a ten-thousandth of the first.
    """

    @property
    def default_rate(self) -> float:
        """The learning rate with which the loss was found to learn best."""
        return _DEFAULT_RATES[type(self.loss)]

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
                averages=False,
                divides_gradient=False,
                seed=seed,
            )

        return SampledModel(
            dim=self.dim,
            window=Window.of(self.window).mirrored,
            subsampling=Subsampling.of(self.subsample),
            rows=self.loss.over(words, counts),
            counts=counts,
            averages=False,
            divides_gradient=False,
            seed=seed,
        )


def loss(contexts: Floats, outputs: Floats, asked: Asked) -> float:
    """Return one centre's loss: every context answers the centre's decisions.

    Args:
        contexts: float (M, D), the contexts' input vectors.
        outputs: float (N, D), the rows asked.
        asked: the centre's decisions.
    """
    return decisions.loss(contexts, outputs, asked)


def gradients(contexts: Floats, outputs: Floats, asked: Asked) -> tuple[Floats, Floats]:
    """Return the gradients of `loss` with respect to the contexts' vectors and to the rows asked.

    Args:
        contexts: float (M, D), the contexts' input vectors.
        outputs: float (N, D), the rows asked.
        asked: the centre's decisions.

    Returns:
        float (M, D) and float (N, D).
    """
    return decisions.gradients(contexts, outputs, asked)
