"""What every sampled objective comes down to: yes/no decisions, their loss and its gradients.

Negative sampling, noise-contrastive estimation and hierarchical softmax differ only in which rows of the output matrix
are asked for a target, with which labels and which offsets. `firth.kernels.decisions` is this file's fast twin.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Asked", "gradients", "loss"]

Floats = npt.NDArray[np.floating]


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """The decisions asked for one target.

    Args:
        rows: int64 (N,), rows of the output matrix.
        labels: float (N,), 1 for yes and 0 for no.
        offsets: float (N,), subtracted from the logits.
    """

    rows: npt.NDArray[np.int64]
    labels: Floats
    offsets: Floats


def loss(inputs: Floats, outputs: Floats, asked: Asked) -> float:
    """Return the summed loss of all decisions.

        z = I · Oᵀ − offset
        L = Σ −log σ(z) where the label is 1, −log σ(−z) where it is 0

    Args:
        inputs: float (M, D), I.
        outputs: float (N, D), O: the rows of the output matrix that are asked.
        asked: N decisions, asked of every input.

    Returns:
        The loss in nats.
    """
    logits = inputs @ outputs.T - asked.offsets
    signs = 1 - 2 * asked.labels
    return float(np.logaddexp(0, signs * logits).sum())


def gradients(inputs: Floats, outputs: Floats, asked: Asked) -> tuple[Floats, Floats]:
    """Return the loss's gradients with respect to the inputs and to the output rows.

        ∂L/∂I = (σ(z) − label) · O      ∂L/∂O = (σ(z) − label)ᵀ · I

    Args:
        inputs: float (M, D), I.
        outputs: float (N, D), O.
        asked: N decisions, asked of every input.

    Returns:
        float (M, D) and float (N, D).
    """
    logits = inputs @ outputs.T - asked.offsets
    error = 1 / (1 + np.exp(-logits)) - asked.labels
    return error @ outputs, error.T @ inputs
