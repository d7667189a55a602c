"""Full softmax: a word's probability is its share among all words of the vocabulary.

    p(w | v) = exp(v'_w · v) / Σ_u exp(v'_u · v)
    L = −log p(target | v)

What negative sampling, noise-contrastive estimation and hierarchical softmax stand in for. Its cost grows with the
vocabulary, but it is made of matrix products, and an input asked for several targets meets the vocabulary once:

    L = −Σ_rw c_rw · log p_rw,  ∂L/∂z_rw = n_r · p_rw − c_rw,  n_r = Σ_w c_rw

with c_rw how often input r is asked for word w, and z = I · Oᵀ.

Source: Bengio et al. 2003, §2; Mikolov et al. 2013 (arXiv:1310.4546), §2, equation 2; Rong 2014 (arXiv:1411.2738), §1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from firth.errors import SettingsError

if TYPE_CHECKING:
    from firth.objectives.decisions import Floats

__all__ = ["FullSoftmax", "check_batch", "gradients", "log_probabilities", "loss"]


@dataclass(frozen=True, kw_only=True, slots=True)
class FullSoftmax:
    """The softmax over the whole vocabulary.

    Args:
        batch: B, int in [1, 100000]: places of the text learned from at one state of the matrices. The larger, the
            fewer distinct inputs to a word of text, and the older the matrices that gradients are taken at.
    """

    batch: int = 1024

    def __post_init__(self) -> None:
        """Refuse a batch that is none."""
        check_batch(self.batch)


def check_batch(batch: int) -> None:
    """Refuse a number of places that makes no batch.

    Raises:
        SettingsError: it is no whole number from 1 to 100,000.
    """
    if not isinstance(batch, int) or isinstance(batch, bool) or not 1 <= batch <= 100_000:
        raise SettingsError(f"expected a batch of 1 to 100000 places of the text, got {batch!r}; 1024 is usual")


def log_probabilities(logits: Floats) -> Floats:
    """Return the logarithm of each row's softmax.

        log p_rw = z_rw − log Σ_u exp(z_ru)

    Args:
        logits: float (R, V), z.

    Returns:
        float (R, V), in nats.
    """
    # What is taken from all of a row alike changes nothing but keeps exp in its range.
    shifted = logits - logits.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))


def loss(inputs: Floats, outputs: Floats, targets: Floats) -> float:
    """Return the summed loss of all pairs.

    Args:
        inputs: float (R, D), I.
        outputs: float (V, D), O.
        targets: float (R, V), c: how often each input is asked for each word.

    Returns:
        The loss in nats.
    """
    return float(-(targets * log_probabilities(inputs @ outputs.T)).sum())


def gradients(inputs: Floats, outputs: Floats, targets: Floats) -> tuple[Floats, Floats]:
    """Return the loss's gradients with respect to the inputs and to the outputs.

        ∂L/∂I = (n · p − c) · O      ∂L/∂O = (n · p − c)ᵀ · I

    Args:
        inputs: float (R, D), I.
        outputs: float (V, D), O.
        targets: float (R, V), c: how often each input is asked for each word.

    Returns:
        float (R, D) and float (V, D).
    """
    probabilities = np.exp(log_probabilities(inputs @ outputs.T))
    error = targets.sum(axis=1, keepdims=True) * probabilities - targets
    return error @ outputs, error.T @ inputs
