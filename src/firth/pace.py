"""The pace: how fast this machine learns an objective, from half a second of it."""

from __future__ import annotations

import dataclasses
import itertools
import threading
import time
from dataclasses import dataclass
from functools import singledispatch
from typing import TYPE_CHECKING, Any

import numpy as np
from threadpoolctl import threadpool_limits

from firth.contexts.cooccurrence import count_cooccurrences
from firth.contexts.window import Window
from firth.distributed.shared_text import shared_out
from firth.learning import load_kernels
from firth.objectives.architecture import Architecture, WholeVocabularyLoss
from firth.objectives.count_based import CooccurrenceBased, CountBased
from firth.objectives.glove import GloVe
from firth.objectives.hierarchical_softmax import HierarchicalSoftmax
from firth.objectives.reproducible import ReproducibleModel
from firth.objectives.reproducible_glove import SHARES, ReproducibleGloVe
from firth.training.blocks import blocks_of, stream_seed
from firth.training.held_out import SplitText, choose, nothing_held_out
from firth.training.replica import Lesson
from firth.training.trainer import Work

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy.typing as npt

    from firth.corpus.encoded import EncodedCorpus
    from firth.training.blocks import Block
    from firth.training.settings import TrainingSettings
    from firth.training.shards import Shards

__all__ = ["Pace", "measured"]

_SECONDS = 0.5
_MATRICES = 1 << 28
"""Bytes of matrices with which the pace is taken at most: beyond that no row is in the cache anyway."""

_WORDS_IN_A_BLOCK = 10_000
_WORDS_IN_A_DENSE_BLOCK = 5_000
_ENTRIES_IN_A_BLOCK = 100_000
_WORDS_IN_A_SHARED_BLOCK = 50_000
_ENTRIES_IN_A_SHARED_BLOCK = 1_000_000
"""Where all threads share a block they wait for one another at its end, and so it is as large as in a training."""

_HELD_OUT = 20_000
"""Words, or entries, of which a held-out loss is taken, about."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """What a machine does in a second.

    Args:
        learning: kept words learned from, or entries of a table; None where it was not measured.
        counting: kept words whose company is counted; None where nothing is counted or it was not measured.
        asking: held-out words, or entries, whose loss is taken; None where that does not depend on how many there are.
        once: seconds that a held-out loss takes besides, however much is held out.
    """

    learning: float | None = None
    counting: float | None = None
    asking: float | None = None
    once: float = 0.0

    def held_out(self, words: int) -> float:
        """Return the seconds that one held-out loss takes.

        Args:
            words: int ≥ 0, or entries, that are held out.
        """
        return self.once + (words / self.asking if self.asking else 0.0)


@singledispatch
def measured(
    objective: Any,  # noqa: ARG001 - the signature of every kind
    corpus: EncodedCorpus,  # noqa: ARG001
    settings: TrainingSettings,  # noqa: ARG001
    *,
    words: int,  # noqa: ARG001
    folder: Path,  # noqa: ARG001
) -> Pace:
    """Return how fast this machine learns an objective; what is factorised is not measured.

    Args:
        objective: what is learned.
        corpus: a sample of the text, encoded.
        settings: how it is learned.
        words: V ≥ 1, different words of the whole text: the matrices are that large, up to a quarter of a gigabyte.
        folder: a temporary one.
    """
    return Pace()


@measured.register(Architecture)
def _of_text(
    objective: Architecture,
    corpus: EncodedCorpus,
    settings: TrainingSettings,
    *,
    words: int,
    folder: Path,  # noqa: ARG001
) -> Pace:
    """Train on the sample; rows that it does not reach stand there as they would, and are drawn as noise."""
    load_kernels(objective, reproducible=settings.reproducible)
    threads, shards = settings.threads, settings.shards
    dense = isinstance(objective.loss, WholeVocabularyLoss)
    if isinstance(objective.loss, HierarchicalSoftmax):
        # A tree of the user's own may not know the sample's words; what matters is the paths' length.
        objective = dataclasses.replace(objective, loss=HierarchicalSoftmax())
    counts = corpus.vocabulary.counts
    rows = max(len(counts), min(words, _MATRICES // (8 * objective.dim)))
    filled = np.ones(rows, dtype=np.int64)
    filled[: len(counts)] = counts
    model: Any = objective.over([""] * rows, filled, seed=1)
    text = SplitText(corpus.token_ids, corpus.sentence_ends, nothing_held_out())
    if shards is not None:
        learning = _in_rounds(objective, model, text, counts=filled, shards=shards, threads=threads)
    else:
        together = settings.reproducible and not dense
        if together:
            model = ReproducibleModel(model, threads=settings.threads_together)
        size = _WORDS_IN_A_DENSE_BLOCK if dense else _WORDS_IN_A_SHARED_BLOCK if together else _WORDS_IN_A_BLOCK
        blocks = blocks_of(corpus.sentence_ends, size)
        learning = _learning(model, text, corpus.sentence_ends, blocks, 1 if dense or together else threads)
    chosen = choose(corpus.sentence_ends, share=min(0.5, _HELD_OUT / max(1, len(corpus.token_ids))), seed=1)
    if len(chosen) == 0:
        return Pace(learning=learning)
    text = SplitText(corpus.token_ids, corpus.sentence_ends, chosen)
    with threadpool_limits(threads, user_api="blas"):
        tally = model.held_out_tally(text, threads=threads)  # the first loads the kernel
        start = time.perf_counter()
        tally = model.held_out_tally(text, threads=threads)
        asked = time.perf_counter()
        if tally.decisions:
            model.perplexity(text, tally)
        once = time.perf_counter() - asked
    if dense:  # no more is asked than takes some tenths of a second
        return Pace(learning=learning, once=once + asked - start)
    return Pace(learning=learning, asking=chosen.words / max(1e-9, asked - start), once=once)


@measured.register(GloVe)
def _of_entries(
    objective: GloVe,
    corpus: EncodedCorpus,
    settings: TrainingSettings,
    *,
    words: int,
    folder: Path,
) -> Pace:
    """Count the sample, and learn from its table."""
    threads, reproducible = settings.threads, settings.reproducible
    counts, counting = _counted(objective, corpus, threads)
    if not len(counts):
        return Pace(counting=counting)
    tiles = objective.arranged(counts, seed=1, threads=threads, folder=folder, shares=SHARES if reproducible else 1)
    rows = max(len(corpus.vocabulary), min(words, _MATRICES // (16 * objective.dim)))
    model = objective.over([""] * rows, np.zeros(0, np.int64), seed=1)
    blocks = blocks_of(tiles.ends, _ENTRIES_IN_A_SHARED_BLOCK if reproducible else _ENTRIES_IN_A_BLOCK)
    # The first run loads the kernel.
    model.train_block(tiles, blocks[0].groups, rates=objective.rates, seed=1, scratch=None)
    learner: Any = ReproducibleGloVe(model, threads=settings.threads_together) if reproducible else model
    learning = _learning(learner, tiles, tiles.ends, blocks, 1 if reproducible else threads)
    held = dataclasses.replace(tiles, held_out=tiles.entries[:_HELD_OUT])
    model.held_out_loss(held)
    start = time.perf_counter()
    model.held_out_loss(held)
    asking = len(held.held_out) / max(1e-9, time.perf_counter() - start)
    return Pace(learning=learning, counting=counting, asking=asking)


@measured.register(CountBased)
def _of_counts(
    objective: CountBased,
    corpus: EncodedCorpus,
    settings: TrainingSettings,
    *,
    words: int,  # noqa: ARG001
    folder: Path,  # noqa: ARG001
) -> Pace:
    if not isinstance(objective, CooccurrenceBased):
        return Pace()
    return Pace(counting=_counted(objective, corpus, settings.threads)[1])


def _counted(objective: GloVe | CooccurrenceBased, corpus: EncodedCorpus, threads: int) -> tuple[Any, float]:
    """Count the sample's company; return the counts, and words a second."""
    # A tiny window first, which loads the kernels.
    count_cooccurrences(corpus, window=Window(left=1, right=0), threads=threads)
    start = time.perf_counter()
    counts = count_cooccurrences(corpus, window=objective.window, weighting=objective.weighting, threads=threads)
    return counts, len(corpus.token_ids) / max(1e-9, time.perf_counter() - start)


def _learning(model: Any, material: Any, ends: npt.NDArray[np.int64], blocks: Sequence[Block], threads: int) -> float:
    """Learn from blocks again and again with so many threads; return items a second, all threads together."""
    longest = int(np.diff(ends, prepend=0).max())
    waiting = itertools.count()
    done: list[int] = []
    failed: list[BaseException] = []
    start = time.perf_counter()

    def work() -> None:
        try:
            scratch, items = model.scratch(longest), 0
            while items == 0 or time.perf_counter() - start < _SECONDS:
                number = next(waiting)
                block = blocks[number % len(blocks)]
                model.train_block(
                    material, block.groups, rates=(1e-3, 1e-3), seed=stream_seed(1, 0, number), scratch=scratch
                )
                items += block.items
            done.append(items)
        except BaseException as error:
            failed.append(error)

    workers = [threading.Thread(target=work, daemon=True) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if failed:
        raise failed[0]
    return sum(done) / max(1e-9, time.perf_counter() - start)


def _in_rounds(
    objective: Architecture, model: Any, text: SplitText, *, counts: npt.NDArray[np.int64], shards: Shards, threads: int
) -> float:
    """Learn rounds of a text by shards, and merge them, again and again; return words a second, all shards together."""
    ends = text.sentence_ends
    work = Work(material=text, ends=ends, units=int(ends[-1]), block_size=shards.cut(int(ends[-1]))[0])
    words = [""] * len(counts)
    with shared_out(
        objective, words, counts, model, text=text, work=work, shards=shards, seed=1, threads=threads, cluster=None,
        on_event=lambda _: None,
    ) as (shares, replicas):  # fmt: skip
        replicas.begin()
        done = items = rounds = 0
        start = time.perf_counter()
        # The first round makes the copies, and is not counted unless there is no other.
        while rounds < 2 or time.perf_counter() - start < _SECONDS:
            if rounds == 1:
                start, items = time.perf_counter(), 0
            parts, rounds = shares.round_after(done), rounds + 1
            lessons = [
                [_lesson(block, first.start, (rounds, block.number)) for block in part]
                for part, first in zip(parts, shares.groups, strict=True)
            ]
            replicas.learn(lessons)
            items += sum(block.items for part in parts for block in part)
            done += sum(map(len, parts))
            done = 0 if done >= shares.total else done
        return items / max(1e-9, time.perf_counter() - start)


def _lesson(block: Block, first: int, place: tuple[int, int]) -> Lesson:
    groups = range(block.groups.start - first, block.groups.stop - first)
    return Lesson(groups, (1e-3, 1e-3), stream_seed(1, *place))
