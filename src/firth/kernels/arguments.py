"""What the training kernel is given: matrices, how contexts are found, what is asked, and working memory."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = ["ROW_ALIGNMENT", "Company", "Decisions", "HeldOut", "Scratch", "Weights", "WindowScratch", "Windows"]

ROW_ALIGNMENT = 16
"""Floats to which a row is padded: the widest register there is, and one cache line."""


NOBODY = np.zeros(1, dtype=np.uint8)
"""Nobody is frozen."""


class Weights(NamedTuple):
    """The two matrices, float32 (rows + 1, stride), rows padded with zeros, the last row zero and never learned."""

    inputs: npt.NDArray[np.float32]
    outputs: npt.NDArray[np.float32]


class Company(NamedTuple):
    """How contexts are found, and how they become inputs.

    keep_probability: float32 (V,); left, right: the window's reach, then its two choices.
    averages: whether the contexts' mean is the one input (CBOW), else each is an input (skip-gram).
    divides_gradient: whether a context gets its share of the mean's gradient, else all of it.
    freezes: whether `frozen` is to be looked at: uint8 (V,), not 0 where a word's input vector stays as it is.
    """

    keep_probability: npt.NDArray[np.float32]
    left: int
    right: int
    soft: bool
    before_subsampling: bool
    averages: bool
    divides_gradient: bool
    freezes: bool = False
    frozen: npt.NDArray[np.uint8] = NOBODY


class Decisions(NamedTuple):
    """What is asked for a target.

    uses_paths: whether the rows are the nodes on a path, else the target and `negatives` drawn words.
    negatives: k ≥ 0.
    has_offsets: whether `offsets` are to be looked at (NCE).
    noise: uint32 (V, 2), the alias table.
    offsets: float32 (V,), subtracted from a row's logit.
    path_ends: int64 (V + 1,), where each word's path begins and ends in the next.
    path_steps: int32, a node's number times two, plus its label: small, because every centre meets another path.
    """

    uses_paths: bool
    negatives: int
    has_offsets: bool
    noise: npt.NDArray[np.uint32]
    offsets: npt.NDArray[np.float32]
    path_ends: npt.NDArray[np.int64]
    path_steps: npt.NDArray[np.int32]


class HeldOut(NamedTuple):
    """Which sentences are not learned from: those whose number, hashed with the key, is below a bound; both uint64."""

    key: np.uint64
    below: np.uint64


class Scratch(NamedTuple):
    """Working memory of one thread.

    sentence: int32, one more than the longest sentence.
    input_rows: int64, one more than the window's words.
    asked_rows: int64. Of paths: the nodes' rows. Of noise: three thirds of k + 2, the target's row and its noise, then
        the zero row; one third is asked while the noise of the next centre but one is drawn into another.
    labels: float32, of a path's nodes.
    errors: float32, the tile; whole registers.
    gradient: float32, the asked rows' gradients, or the hidden vector's.
    hidden: float32 (stride,).
    first_label: float32 (16,), a one and zeros: the labels of a target and its noise.
    """

    sentence: npt.NDArray[np.int32]
    input_rows: npt.NDArray[np.int64]
    asked_rows: npt.NDArray[np.int64]
    labels: npt.NDArray[np.float32]
    errors: npt.NDArray[np.float32]
    gradient: npt.NDArray[np.float32]
    hidden: npt.NDArray[np.float32]
    first_label: npt.NDArray[np.float32]


class Windows(NamedTuple):
    """Centres and their contexts.

    targets: int64 (N,), the centres. contexts: int64 (M,), one centre's after the other's. ends: int64 (N,), exclusive.
    """

    targets: npt.NDArray[np.int64]
    contexts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]


class WindowScratch(NamedTuple):
    """Working memory for windows. sentence: int32, one more than the longest sentence. input_rows: int64, a window."""

    sentence: npt.NDArray[np.int32]
    input_rows: npt.NDArray[np.int64]
