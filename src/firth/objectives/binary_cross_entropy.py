"""Binary cross entropy: of every word of the vocabulary, is it in the company or not?

    L = −Σ_w [ y_w · log σ(z_w) + (1 − y_w) · log σ(−z_w) ],  z_w = v'_w · v + b_w

y is the company as a multi-hot vector: 1 for each word in it, however often it stands there, 0 for all others. It is
negative sampling with every other word as a noise word, each once; σ(z_w) is the probability that w is in the company.
Met n times, with w in the company c_w times, an input's gradient is ∂L/∂z_w = n · σ(z_w) − c_w.

b_w, which is not learned, is the logit of the base rate: how often w is in a company whatever the input. Without it
every word begins as likely in as out, and the vectors must first learn that nearly all words are nearly always out.

Source: the multi-label loss of Read et al. 2009, "Classifier chains", §2 (binary relevance); "one-vs-all" in fastText;
of the base rate in the bias, Lin et al. 2017 (arXiv:1708.02002), §3.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from firth.errors import SettingsError
from firth.objectives.full_softmax import check_batch

if TYPE_CHECKING:
    import numpy.typing as npt

    from firth.objectives.decisions import Floats

__all__ = ["BinaryCrossEntropy", "gradients", "loss"]


@dataclass(frozen=True, kw_only=True, slots=True)
class BinaryCrossEntropy:
    """The binary cross entropy of the company, a multi-hot vector over the whole vocabulary.

    Args:
        batch: B, int in [1, 100000]: places of the text learned from at one state of the matrices, see `FullSoftmax`.
        base_rates: whether b_w is the logit of the word's base rate; else it is 0.
    """

    batch: int = 1024
    base_rates: bool = True

    def __post_init__(self) -> None:
        """Refuse a batch that is none, and what is neither yes nor no."""
        check_batch(self.batch)
        if not isinstance(self.base_rates, bool):
            raise SettingsError(f"expected base_rates to be True or False, got {self.base_rates!r}")

    def biases(self, kept: npt.NDArray[np.float64], company: float) -> npt.NDArray[np.float64]:
        """Return b.

            b_w = log(e^λ − 1), the logit of 1 − e^−λ,  λ = company · kept_w / Σ kept

        λ is how often the word stands in a company on average, 1 − e^−λ how likely it is to stand there at all.

        Args:
            kept: float64 (V,), > 0: how many occurrences of each word are expected to be left by subsampling.
            company: > 0, the mean number of words in a company.

        Returns:
            float64 (V,).
        """
        return np.log(np.expm1(company * kept / kept.sum())) if self.base_rates else np.zeros(len(kept))


def loss(inputs: Floats, outputs: Floats, targets: Floats, biases: Floats | float = 0.0) -> float:
    """Return the summed loss of all inputs.

    Args:
        inputs: float (R, D), I.
        outputs: float (V, D), O.
        targets: float (R, V), y: 1 where the word is in the input's company, else 0.
        biases: float (V,), b, or 0.

    Returns:
        The loss in nats.
    """
    logits = inputs @ outputs.T + biases
    return float((np.logaddexp(0, logits) - targets * logits).sum())


def gradients(inputs: Floats, outputs: Floats, targets: Floats, biases: Floats | float = 0.0) -> tuple[Floats, Floats]:
    """Return the loss's gradients with respect to the inputs and to the outputs.

        ∂L/∂I = (σ(z) − y) · O      ∂L/∂O = (σ(z) − y)ᵀ · I

    Args:
        inputs: float (R, D), I.
        outputs: float (V, D), O.
        targets: float (R, V), y: 1 where the word is in the input's company, else 0.
        biases: float (V,), b, or 0.

    Returns:
        float (R, D) and float (V, D).
    """
    error = np.exp(-np.logaddexp(0, -(inputs @ outputs.T + biases))) - targets
    return error @ outputs, error.T @ inputs
