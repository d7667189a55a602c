"""The loss of a sampled objective on sentences that it does not learn from.

Each sentence is thinned out, its windows laid and its noise drawn as in training, but from a stream of random numbers
that depends on the seed and the sentence's number alone: the same questions are asked after every epoch, with any
number of threads. Logits and losses are taken in float64.

For a small vocabulary there is also the perplexity, exp(mean of −log p(target | input)): among as many words, were they
equally probable, the model would hesitate. p is the probability that the loss implies, made to add up to 1 over the
whole vocabulary, so that perplexities of different losses can be compared; see the models' `log_scores`.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from firth.kernels.arguments import Windows, WindowScratch
from firth.objectives.full_softmax import log_probabilities

if TYPE_CHECKING:
    from collections.abc import Callable

    from firth.kernels.arguments import Company, Decisions, Scratch, Weights

__all__ = ["HeldOutTally", "HeldOutText", "first_windows", "held_out_tally", "most_inputs", "perplexity"]

_PIECE = 256
"""Sentences that a thread takes at a time; the pieces' sums are added in their order, whoever made them."""

_MOST_WORDS = 10_000
_MOST_PRODUCTS = 2e9
_MOST_INPUTS, _FEWEST_INPUTS = 50_000, 200
"""A larger vocabulary, or more windows, would make the perplexity cost more than some tenths of a second."""

_AT_ONCE = 256


class HeldOutText(Protocol):
    """A text as word ids, the numbers of its held-out sentences, int64 (H,), and the seed of what is asked of them."""

    @property
    def token_ids(self) -> npt.NDArray[np.int32]: ...  # noqa: D102
    @property
    def sentence_ends(self) -> npt.NDArray[np.int64]: ...  # noqa: D102
    @property
    def sentences(self) -> npt.NDArray[np.int64]: ...  # noqa: D102
    @property
    def stream(self) -> int: ...  # noqa: D102


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldOutTally:
    """What the held-out sentences came to.

    Args:
        loss: float64, summed, in nats.
        decisions: how many were asked.
        centres: how many words had company and so were asked for.
        inputs: how many (input, centre) pairs there were: a context each (skip-gram), or the mean (CBOW).
    """

    loss: float
    decisions: int
    centres: int
    inputs: int


def held_out_tally(
    text: HeldOutText,
    *,
    weights: Weights,
    company: Company,
    decisions: Decisions,
    scratch: Callable[[int], Scratch],
    threads: int,
) -> HeldOutTally:
    """Return the loss on the held-out sentences.

    Args:
        text: the sentences.
        weights: what has been learned.
        company: how inputs are found.
        decisions: what they are asked.
        scratch: makes working memory for sentences up to a length.
        threads: int ≥ 1.
    """
    from firth.kernels.held_out import held_out_loss  # noqa: PLC0415 - loads Numba

    longest = _longest(text)

    def ask(start: int) -> npt.NDArray[np.float64]:
        tally, sentences = np.zeros(4), text.sentences[start : start + _PIECE]
        held_out_loss(
            weights, text.token_ids, text.sentence_ends, sentences, company, decisions, np.uint64(text.stream),
            scratch(longest), tally,
        )  # fmt: skip
        return tally

    with ThreadPoolExecutor(threads) as pool:
        total = np.sum(list(pool.map(ask, range(0, len(text.sentences), _PIECE))), axis=0)
    return HeldOutTally(loss=float(total[0]), decisions=int(total[1]), centres=int(total[2]), inputs=int(total[3]))


def perplexity(
    text: HeldOutText,
    *,
    inputs: npt.NDArray[np.float32],
    log_scores: Callable[[npt.NDArray[np.floating]], npt.NDArray[np.float64]],
    company: Company,
    skipped: int,
) -> float | None:
    """Return the perplexity of the first held-out centres, each asked of its contexts or of their mean.

    Args:
        text: the sentences.
        inputs: float32 (V, D), the input vectors.
        log_scores: from inputs, float (n, D), to log p of every word, float64 (n, V), but for a constant of each input.
        company: how inputs are found.
        skipped: int ≥ 0, noise words that a centre draws.

    Returns:
        float ≥ 1, or None where the vocabulary is large, or no word has company.
    """
    if len(inputs) > _MOST_WORDS:
        return None
    windows = first_windows(text, most_inputs(*inputs.shape), company, skipped)
    counts = np.diff(windows.ends, prepend=0)
    total, pairs = 0.0, 0
    for start in range(0, len(windows.targets), _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        first = int(windows.ends[start - 1]) if start else 0
        asked = inputs[windows.contexts[first : windows.ends[some][-1]]].astype(np.float64)
        targets = windows.targets[some]
        if company.averages:
            starts = windows.ends[some] - counts[some] - first
            asked = np.add.reduceat(asked, starts, axis=0) / counts[some][:, None]
        else:
            targets = np.repeat(targets, counts[some])
        log_p = log_probabilities(log_scores(asked))
        total -= float(log_p[np.arange(len(targets)), targets].sum())
        pairs += len(targets)
    with np.errstate(over="ignore"):  # of vectors that diverge
        return float(np.exp(total / pairs)) if pairs else None


def most_inputs(words: int, dim: int) -> int:
    """Return how many inputs may meet a whole vocabulary in some tenths of a second.

    Args:
        words: V ≥ 1.
        dim: D ≥ 1.
    """
    return max(_FEWEST_INPUTS, min(_MOST_INPUTS, int(_MOST_PRODUCTS / (words * dim))))


def first_windows(text: HeldOutText, most: int, company: Company, skipped: int) -> Windows:
    """Return the first of the held-out windows.

    Args:
        text: the sentences.
        most: int ≥ 1, contexts that they have together.
        company: how contexts are found.
        skipped: int ≥ 0, noise words that a centre draws.
    """
    from firth.kernels.held_out import held_out_windows  # noqa: PLC0415 - loads Numba

    room = Windows(*(np.zeros(most, dtype=np.int64) for _ in range(3)))
    scratch = WindowScratch(
        sentence=np.zeros(_longest(text) + 1, dtype=np.int32),
        input_rows=np.zeros(company.left + company.right + 2, dtype=np.int64),
    )
    centres = held_out_windows(
        text.token_ids, text.sentence_ends, text.sentences, company, skipped, np.uint64(text.stream), scratch, room
    )
    ends = room.ends[:centres]
    return Windows(room.targets[:centres], room.contexts[: ends[-1] if centres else 0], ends)


def _longest(text: HeldOutText) -> int:
    chosen = text.sentences
    return int((text.sentence_ends[chosen] - np.where(chosen > 0, text.sentence_ends[chosen - 1], 0)).max(initial=1))
