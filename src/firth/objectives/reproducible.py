"""A sampled model whose blocks several threads learn together, to the same bits whatever their number.

A block's words are cut into READERS equal parts. In a round each reader goes on by LENGTH places in its part. A row
that one reader alone touches in the round is changed in place; of one that several touch, each changes a copy of its
own, and `merged` says what comes of the copies. How many threads do the readers' work does not matter.

Beside one thread that learns one centre after the other, little is lost: a row seldom stands in two stretches at once
unless its word is frequent, and a frequent word's row is moved so often that it can be moved a little late
(bench/LOG.md).
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from firth.kernels.arguments import Block, Copies, HeldOut, Marks, Thread
from firth.objectives.crew import Crew
from firth.objectives.sampled import BlockTally, loss_every

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from firth.objectives.held_out import HeldOutTally, HeldOutText
    from firth.objectives.sampled import SampledModel, Sentences
    from firth.objectives.tree import Tree

__all__ = ["DAMPING", "LENGTH", "READERS", "ReproducibleModel", "merged"]

READERS = 8
"""How many parts of a block are read at once, and so the most threads that there is work for."""

LENGTH = 64
"""Places in a reader's stretch of one round; by measurement, as the next (bench/LOG.md)."""

DAMPING = 0.05
"""How soon many changes of one row count as a mean, and not as a sum."""


def merged(
    row: npt.NDArray[np.floating], copies: npt.NDArray[np.floating], touches: npt.NDArray[np.integer], damping: float
) -> npt.NDArray[np.floating]:
    """Return what comes of a row of which several readers have changed copies.

        r + g · Σ (copy − r),   g = s(Σ n) / Σ s(n),   s(n) = n / (1 + damping · n)

    s(n) is how far n steps carry a row that is the nearer to its goal the more steps it has made. Where there are few,
    g is nearly 1 and the changes add up; where there are many, each copy has made most of the way, and g is nearly one
    over their number.

    Args:
        row: r, float (D,), as it was before the round.
        copies: float (m, D), as the readers left them.
        touches: n, int (m,), ≥ 1, how often the row stands in each one's stretch.
        damping: float ≥ 0.
    """

    def way(n: npt.NDArray[np.integer]) -> npt.NDArray[np.floating]:
        return n / (1 + damping * n)

    share = way(touches.sum()) / way(touches).sum()
    result: npt.NDArray[np.floating] = row + share * (copies - row).sum(axis=0)
    return result


class ReproducibleModel:
    """A sampled model that learns each block by several threads, to the same bits whatever their number.

    Args:
        model: what learns; its matrices are moved.
        threads: int ≥ 1, at most; more than there are readers are not used, and fewer where they are faster.
        readers: int in [1, 15], parts of a block.
        length: int ≥ 1, places in a stretch.
        damping: float ≥ 0, of the merging.
    """

    def __init__(
        self,
        model: SampledModel,
        *,
        threads: int,
        readers: int = READERS,
        length: int = LENGTH,
        damping: float = DAMPING,
    ) -> None:
        # They load Numba.
        from firth.kernels.jit import JIT_IS_OFF  # noqa: PLC0415
        from firth.kernels.reproducible import train_together  # noqa: PLC0415
        from firth.kernels.tickets import yielding  # noqa: PLC0415

        self._train_together, self._model = train_together, model
        self._readers, self._length, self._damping = readers, length, damping
        # Plain Python has one thread, which takes every ticket.
        self._crew = Crew(1 if JIT_IS_OFF else min(threads, readers))
        self._pool = ThreadPoolExecutor(self._crew.most)
        self._yield_address = 0 if JIT_IS_OFF else yielding()
        self._make_room()

    def _make_room(self) -> None:
        """Make room for copies behind both matrices, and for plans."""
        model, readers, length = self._model, self._readers, self._length
        self._rows = (len(model.input_vectors), len(model.output_vectors))
        self._reach, self._asked = model.window.left + model.window.right, model.most_asked
        self._most = most = (length + self._reach, length * self._asked)
        rooms = [readers * min(touched, rows) for touched, rows in zip(most, self._rows, strict=True)]
        # Behind the rows stands the model's own zero row, then come the copies, and another zero row.
        self._weights = model.widened(rooms[0] + 1, rooms[1] + 1)
        self._first_copies = np.array(self._rows, dtype=np.int64) + 1
        self._copies = tuple(
            Copies(
                # A shared row has two copies at least. One place more: what is none is written there, too.
                rows=np.zeros((2, min(room // 2, rows) + 1), dtype=np.int32),
                shared=np.zeros(2, dtype=np.int64),
                made=np.zeros((2, readers, min(room // 2, rows) + 1), dtype=np.int64),
                sources=np.zeros((2, room + 1), dtype=np.int32),
                ends=np.zeros((2, readers + 1), dtype=np.int64),
            )
            for room, rows in zip(rooms, self._rows, strict=True)
        )
        self._decisions = model.decisions._replace(
            offsets=np.concatenate((model.decisions.offsets, np.zeros(rooms[1] + 1, dtype=np.float32)))
        )
        frozen = np.zeros(self._rows[0] + rooms[0] + 1, dtype=np.uint8)
        if model.company.freezes:
            frozen[: self._rows[0]] = model.company.frozen
        self._company = model.company._replace(frozen=frozen)
        self._block = Block(
            places=np.zeros(0, dtype=np.int32),
            facts=np.zeros(4, dtype=np.int64),
            windows=np.zeros((2 * readers, length, 2), dtype=np.int32),
            rows=np.zeros((2 * readers, length + self._reach), dtype=np.int32),
            asked=np.zeros((2 * readers, length * self._asked), dtype=np.int32),
            asked_ends=np.zeros((2 * readers, length + 1), dtype=np.int32),
        )

    @property
    def input_vectors(self) -> npt.NDArray[np.float32]:
        """float32 (V, D), a view: the word vectors."""
        return self._model.input_vectors

    @property
    def output_vectors(self) -> npt.NDArray[np.float32]:
        """float32 (rows, D), a view: one row for each word, or for each inner node of a tree."""
        return self._model.output_vectors

    @property
    def tree(self) -> Tree | None:
        """The tree of hierarchical softmax; None for a loss that draws noise words."""
        return self._model.tree

    def log_scores(self, vectors: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
        """Return log p(w | v) of every word, but for a constant of each input's own; see `SampledModel.log_scores`."""
        return self._model.log_scores(vectors)

    def has_diverged(self) -> bool:
        """Return whether a vector holds what is no number."""
        return self._model.has_diverged()

    def scratch(self, longest_sentence: int) -> list[Thread]:
        """Return working memory for all threads.

        Args:
            longest_sentence: int ≥ 1, in words.
        """
        return [self._thread(longest_sentence) for _ in range(self._crew.most)]

    def _thread(self, longest_sentence: int) -> Thread:
        marks = [Marks(np.zeros(rows, dtype=np.uint8), np.zeros(rows, dtype=np.int32)) for rows in self._rows]
        return Thread(
            scratch=self._model.scratch(longest_sentence),
            input_marks=marks[0],
            output_marks=marks[1],
            plans=np.zeros(1, dtype=np.int64),
            covered=np.zeros((self._readers, 2), dtype=np.int64),
            bits=np.zeros(self._length * self._asked, dtype=np.uint64),
            found=np.zeros(max(*self._most, self._readers) + 1, dtype=np.int64),
        )

    def train_block(
        self, material: Sentences, groups: range, *, rates: tuple[float, float], seed: int, scratch: list[Thread]
    ) -> BlockTally:
        """Learn from some sentences, by all threads at once; arguments as for `SampledModel.train_block`."""
        from firth.kernels.tickets import tickets  # noqa: PLC0415

        token_ids, ends = material.token_ids, material.sentence_ends
        words = int(ends[groups.stop - 1]) - (int(ends[groups.start - 1]) if groups.start else 0)
        # A break before and after each sentence, and a place that subsampling writes and takes back.
        if len(self._block.places) < (room := words + len(groups) + 2):
            self._block = self._block._replace(places=np.zeros(room, dtype=np.int32))
        tally, counts = np.zeros((self._readers, 8)), tickets()

        def share(thread: Thread) -> None:
            self._train_together(
                self._weights, token_ids, ends, groups.start, groups.stop,
                HeldOut(np.uint64(material.key), np.uint64(material.below)), self._company, self._decisions,
                rates[0], rates[1], np.uint64(seed), loss_every(len(token_ids)), self._length, self._damping,
                self._first_copies, self._block, self._copies, counts, self._yield_address, thread, tally,
            )  # fmt: skip

        began = time.perf_counter()
        others = [self._pool.submit(share, thread) for thread in scratch[1 : self._crew.size()]]
        share(scratch[0])
        for other in others:
            other.result()
        self._crew.tell(time.perf_counter() - began, words)
        kept, held_out = int(self._block.facts[1]), int(self._block.facts[2])
        loss, decisions, centres = tally[:, :3].sum(axis=0)
        return BlockTally(
            loss=float(loss),
            decisions=int(decisions),
            centres=int(centres),
            alone=kept - int(centres),
            subsampled=words - held_out - kept,
            held_out=held_out,
        )

    def held_out_tally(self, text: HeldOutText, *, threads: int) -> HeldOutTally:
        """Return the loss on sentences that are not learned from; see `firth.objectives.held_out`.

        Args:
            text: the sentences.
            threads: int ≥ 1.
        """
        return self._model.held_out_tally(text, threads=threads)

    def perplexity(self, text: HeldOutText, tally: HeldOutTally) -> float | None:
        """Return the perplexity of held-out words, or None where it would take long; see `SampledModel.perplexity`."""
        return self._model.perplexity(text, tally)

    def state(self) -> dict[str, npt.NDArray[np.float32]]:
        """Return all that learning changes, as views: what `restore` takes."""
        return self._model.state()

    def restore(self, state: Mapping[str, npt.NDArray[np.float32]]) -> None:
        """Go back to a state of a model with the same settings.

        Args:
            state: what `state` gave.
        """
        self._model.restore(state)
