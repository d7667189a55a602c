"""The questions of a text, a batch at a time, for those who ask about the whole vocabulary.

An input is a distinct centre, asked for every word of its company (skip-gram), or the mean of a window, asked for its
centre (CBOW). All questions of a batch to one input are put together, so that it meets the vocabulary once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from firth.kernels.arguments import Company, HeldOut
from firth.kernels.whole_vocabulary import Batch, gather, mean_of_members
from firth.kernels.windows import lay_windows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firth.contexts.subsampling import Subsampling
    from firth.contexts.window import Window
    from firth.objectives.sampled import Sentences

__all__ = ["Batches", "company_of"]


def company_of(
    window: Window,
    subsampling: Subsampling,
    counts: npt.NDArray[np.int64],
    *,
    averages: bool,
    divides_gradient: bool = False,
) -> Company:
    """Return how contexts are found and become inputs, as kernels take it.

    Args:
        window: where a centre's company lies.
        subsampling: how frequent words are thinned out.
        counts: int64 (V,), each ≥ 1.
        averages: whether the company's mean is the input (CBOW), else the centre is.
        divides_gradient: whether a context gets 1 / M of the mean's gradient.
    """
    return Company(
        keep_probability=subsampling.keep_probabilities(counts).astype(np.float32),
        left=window.left,
        right=window.right,
        soft=window.soft,
        before_subsampling=window.before_subsampling,
        averages=averages,
        divides_gradient=divides_gradient,
    )


class Batches:
    """Working memory for the questions of a batch; `over` fills it again and again.

    Args:
        company: how contexts are found and become inputs.
        size: B, int ≥ 1, places of the text in a batch.
        as_sets: whether a centre's company is a set of words, met once, else each of its words is a pair of its own.
    """

    def __init__(self, company: Company, size: int, *, as_sets: bool) -> None:
        vocabulary = len(company.keep_probability)
        most = size * (1 + company.left + company.right)
        self.company, self.size, self.as_sets = company, size, as_sets
        self.batch = Batch(
            slots=np.full(vocabulary, -1, dtype=np.int32),
            seen=np.full(vocabulary, -1, dtype=np.int64),
            touched=np.zeros(min(vocabulary, most), dtype=np.int32),
            members=np.zeros(most, dtype=np.int32),
            member_ends=np.zeros(size, dtype=np.int64),
            asked_rows=np.zeros(most, dtype=np.int32),
            asked_words=np.zeros(most, dtype=np.int32),
            weights=np.zeros(size, dtype=np.float32),
        )
        self._sizes = np.zeros(4, dtype=np.int64)
        self.words_met = {"trained": 0, "alone": 0, "subsampled": 0, "held_out": 0}
        """What became of the words of the sentences last filled in."""

    def over(self, sentences: Sentences, which: range, *, seed: int) -> Iterator[float]:
        """Fill the batch with the questions of some sentences, yielding each time how far they are, from 0 to 1.

        Args:
            sentences: the text.
            which: of its sentences, a range with step 1.
            seed: int in [0, 2⁶⁴), of what subsampling and soft windows draw.
        """
        ends = sentences.sentence_ends
        if not which:
            return
        tokens = int(ends[which.stop - 1]) - (int(ends[which.start - 1]) if which.start else 0)
        places, firsts, lasts = np.empty(tokens + 1, dtype=np.int32), *np.empty((2, tokens + 1), dtype=np.int64)
        held_out = HeldOut(np.uint64(sentences.key), np.uint64(sentences.below))
        count, left_out = lay_windows(
            sentences.token_ids, ends, which.start, which.stop, held_out,
            self.company, np.uint64(seed), places, firsts, lasts,
        )  # fmt: skip
        self._account(tokens - left_out, left_out, places[:count] >= 0, firsts[:count], lasts[:count])
        self.batch.seen[:] = -1
        for start in range(0, count, self.size):
            stop = min(count, start + self.size)
            gather(
                places, firsts, lasts, start, stop, self.company.averages, self.as_sets, self.batch, self._sizes
            )  # fmt: skip
            self.batch.slots[self.words] = -1
            if self.met:
                yield start / count

    def _account(
        self,
        tokens: int,
        left_out: int,
        kept: npt.NDArray[np.bool_],
        firsts: npt.NDArray[np.int64],
        lasts: npt.NDArray[np.int64],
    ) -> None:
        """Note what became of the words: how many were learned from, and how many had no company."""
        before = np.concatenate(([0], np.cumsum(kept)))
        trained = int(np.count_nonzero(kept & (before[lasts] - before[firsts] > 1)))
        self.words_met = {
            "trained": trained,
            "alone": int(before[-1]) - trained,
            "subsampled": int(tokens) - int(before[-1]),
            "held_out": int(left_out),  # without the compiler, a kernel gives NumPy's own integers
        }

    @property
    def rows(self) -> int:
        """How many inputs there are."""
        return int(self._sizes[0])

    @property
    def words(self) -> npt.NDArray[np.int32]:
        """int32 (n,), a view: the words whose input vectors take part, each once."""
        return self.batch.touched[: self._sizes[1]]

    @property
    def pairs(self) -> int:
        """How many (input, target) pairs there are."""
        return int(self._sizes[2])

    @property
    def met(self) -> int:
        """How often the vocabulary is met: the pairs, or the companies where they are sets."""
        return int(self._sizes[3])

    def inputs(self, vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Return the inputs.

        Args:
            vectors: float32 (n, D), those of `words`.

        Returns:
            float32 (rows, D); where the centres are the inputs, the very same array.
        """
        if not self.company.averages:
            return vectors
        means = np.empty((self.rows, vectors.shape[1]), dtype=np.float32)
        mean_of_members(vectors, self.batch.members, self.batch.member_ends, self.rows, means)
        return means
