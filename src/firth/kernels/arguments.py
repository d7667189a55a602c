"""What the training kernel is given: matrices, how contexts are found, what is asked, and working memory."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = [
    "ROW_ALIGNMENT",
    "Block",
    "Company",
    "Copies",
    "Decisions",
    "HeldOut",
    "Marks",
    "Scratch",
    "Thread",
    "Weights",
    "WindowScratch",
    "Windows",
]

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
    noise: uint64 (V,), the alias table, each row's two numbers as one: see firth.kernels.random.draw_alias.
    offsets: float32 (V,), subtracted from a row's logit.
    path_ends: int64 (V + 1,), where each word's path begins and ends in the next.
    path_steps: int32, a node's number times two, plus its label: small, because every centre meets another path.
    """

    uses_paths: bool
    negatives: int
    has_offsets: bool
    noise: npt.NDArray[np.uint64]
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


class Marks(NamedTuple):
    """Who touches which of a matrix's rows in the round that is being planned.

    tags: uint8 (rows,), the plan's number times 16, plus the one reader's or SHARED; smaller ones are of earlier plans.
    numbers: int32 (rows,), of a row shared in the newest plan, which of them it is.
    """

    tags: npt.NDArray[np.uint8]
    numbers: npt.NDArray[np.int32]


class Copies(NamedTuple):
    """The copies of one matrix's rows, for two rounds in turn: the one that is learned and the one that is planned.

    rows: int32 (2, s), which rows are shared. shared: int64 (2,), how many. made: int64 (2, readers, s), of each reader
    and shared row how often the row stands in the reader's stretch, plus 2³² times which copy is the reader's. sources:
    int32 (2, n), which row each copy is of. ends: int64 (2, readers + 1), where each reader's copies end, after a zero.
    """

    rows: npt.NDArray[np.int32]
    shared: npt.NDArray[np.int64]
    made: npt.NDArray[np.int64]
    sources: npt.NDArray[np.int32]
    ends: npt.NDArray[np.int64]


class Block(NamedTuple):
    """A block on its way through rounds: its words, and what is planned for two rounds in turn.

    places: int32, BREAK, and after each sentence's words another. facts: int64 (4,): places, words that subsampling
    kept, words held out, rounds. windows: int32 (2 · readers, length, 2), each centre's first place and the one after
    its last. rows: int32 (2 · readers, length + reach), the input row of each place from the stretch's start less the
    left reach on. asked: int32 (2 · readers, length · most asked), output rows; of a path times two, plus the label.
    asked_ends: int32 (2 · readers, length + 1), after a zero.
    """

    places: npt.NDArray[np.int32]
    facts: npt.NDArray[np.int64]
    windows: npt.NDArray[np.int32]
    rows: npt.NDArray[np.int32]
    asked: npt.NDArray[np.int32]
    asked_ends: npt.NDArray[np.int32]


class Thread(NamedTuple):
    """Working memory of one of the threads that learn a block together.

    scratch: as for a thread of its own. input_marks, output_marks: of the plans it makes. plans: int64 (1,), how many
    it has made since the tags were cleared. covered: int64 (readers, 2), the places that each one's windows cover.
    bits: uint64, one for each row asked in a stretch. found: int64, one more than a stretch has places, windows and
    all, or rows asked, or than there are readers.
    """

    scratch: Scratch
    input_marks: Marks
    output_marks: Marks
    plans: npt.NDArray[np.int64]
    covered: npt.NDArray[np.int64]
    bits: npt.NDArray[np.uint64]
    found: npt.NDArray[np.int64]
