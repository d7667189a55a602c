"""Binary cross entropy: of every word of the vocabulary, is it in the company or not?

    L = −Σ_w [ y_w · log σ(z_w) + (1 − y_w) · log σ(−z_w) ],  z_w = v'_w · v

y is the company as a multi-hot vector: 1 for each word in it, however often it stands there, 0 for all others. It is
negative sampling with every other word as a noise word, each once; σ(z_w) is the probability that w is in the company.
Met n times, with w in the company c_w times, an input's gradient is ∂L/∂z_w = n · σ(z_w) − c_w.

Source: the multi-label loss of Read et al. 2009, "Classifier chains", §2 (binary relevance); "one-vs-all" in fastText.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from firth.objectives.full_softmax import check_batch

if TYPE_CHECKING:
    from firth.objectives.decisions import Floats

__all__ = ["BinaryCrossEntropy", "gradients", "loss"]


@dataclass(frozen=True, kw_only=True, slots=True)
class BinaryCrossEntropy:
    """The binary cross entropy of the company, a multi-hot vector over the whole vocabulary.

    Args:
        batch: B, int in [1, 100000]: places of the text learned from at one state of the matrices, see `FullSoftmax`.
    """

    batch: int = 256

    def __post_init__(self) -> None:
        """Refuse a batch that is none."""
        check_batch(self.batch)


def loss(inputs: Floats, outputs: Floats, targets: Floats) -> float:
    """Return the summed loss of all inputs.

    Args:
        inputs: float (R, D), I.
        outputs: float (V, D), O.
        targets: float (R, V), y: 1 where the word is in the input's company, else 0.

    Returns:
        The loss in nats.
    """
    logits = inputs @ outputs.T
    return float((np.logaddexp(0, logits) - targets * logits).sum())


def gradients(inputs: Floats, outputs: Floats, targets: Floats) -> tuple[Floats, Floats]:
    """Return the loss's gradients with respect to the inputs and to the outputs.

        ∂L/∂I = (σ(z) − y) · O      ∂L/∂O = (σ(z) − y)ᵀ · I

    Args:
        inputs: float (R, D), I.
        outputs: float (V, D), O.
        targets: float (R, V), y: 1 where the word is in the input's company, else 0.

    Returns:
        float (R, D) and float (V, D).
    """
    error = np.exp(-np.logaddexp(0, -(inputs @ outputs.T))) - targets
    return error @ outputs, error.T @ inputs
