"""Learning: an objective over an encoded corpus, to vectors. The one place that knows every kind of objective."""

from __future__ import annotations

import dataclasses
import os
import time
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial, singledispatch
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from threadpoolctl import threadpool_limits

from firth.contexts.cooccurrence import count_cooccurrences
from firth.contexts.documents import count_documents
from firth.demands import counting_memory, held_in_memory
from firth.distributed.counting import ClusterCounter, counted_by_rows
from firth.distributed.row_partitions import can_be_partitioned, factors_by_rows
from firth.distributed.shared_text import shared_out
from firth.distributed.tile_rounds import RoundsOfBlocks, TileRounds
from firth.errors import SettingsError
from firth.events import HeldOutLoss, Learning, Notice, Stage
from firth.objectives.architecture import Architecture, SampledLoss, WholeVocabularyLoss
from firth.objectives.count_based import CooccurrenceBased, CountBased
from firth.objectives.glove import GloVe
from firth.objectives.negative_sampling import NegativeSampling
from firth.objectives.reproducible import ReproducibleModel
from firth.objectives.reproducible_glove import SHARES, ReproducibleGloVe
from firth.training import trainer
from firth.training.held_out import FEWEST_WORDS, SplitText, check_share, choose, share_of_entries
from firth.training.schedule import LinearSchedule

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    import numpy.typing as npt
    from scipy.sparse import csr_array

    from firth.contexts.cooccurrence import Cooccurrences
    from firth.corpus.encoded import EncodedCorpus
    from firth.distributed.engine import Engine
    from firth.distributed.replicas import Replicas
    from firth.events import Listener
    from firth.training.held_out import HeldOutSentences
    from firth.training.shards import Shards, Shares
    from firth.training.trainer import Checkpoints

__all__ = ["Beginning", "Learned", "can_be_shared", "check_objective", "learn", "load_kernels"]

_WORDS_IN_A_BLOCK = 50_000
_WORDS_IN_A_DENSE_BLOCK = 5_000
_ENTRIES_IN_A_BLOCK = 400_000
"""A few hundredths of a second of work each; of the dense one's, a second."""

_BLOCKS_TOGETHER = 10
"""How many of GloVe's blocks are one where several threads share a block: they wait for one another at its end."""


class Beginning(Protocol):
    """A model to go on from: what it makes of a text's counts, and how it is put into a new model of that text."""

    def counts(self, corpus: EncodedCorpus) -> npt.NDArray[np.int64]: ...  # noqa: D102
    def put_into(self, model: Any, corpus: EncodedCorpus, *, seed: int) -> None: ...  # noqa: D102


@dataclass(frozen=True, kw_only=True)
class Learned:
    """What an objective made of a corpus.

    Args:
        words: float32 (V, D), a vector for each word of the vocabulary, in its order.
        outputs: float32 (V, D), each word's vector as that which is predicted; None where the objective has none.
        outcome: how the learning went.
        facts: what else the record of the run should say, by name.
        model: what was trained, or None where nothing was.
    """

    words: npt.NDArray[np.float32]
    outputs: npt.NDArray[np.float32] | None
    outcome: trainer.Outcome
    facts: dict[str, Any] = field(default_factory=dict)
    model: Any = None


@singledispatch
def learn(
    objective: Any,
    corpus: EncodedCorpus,  # noqa: ARG001 - the signature of every kind
    *,
    epochs: int | None,  # noqa: ARG001
    threads: int,  # noqa: ARG001
    seed: int,  # noqa: ARG001
    on_event: Listener,  # noqa: ARG001
    held_out: float | None = None,  # noqa: ARG001
    patience: int | None = None,  # noqa: ARG001
    checkpoints: Checkpoints | None = None,  # noqa: ARG001
    shards: Shards | None = None,  # noqa: ARG001
    cluster: Engine | None = None,  # noqa: ARG001
    reproducible: bool = False,  # noqa: ARG001
) -> Learned:
    """Learn vectors for a corpus's words.

    Args:
        objective: what is learned, with its settings.
        corpus: encoded text.
        epochs: int ≥ 1, passes over the text or its counts; None takes the objective's own number.
        threads: int ≥ 1.
        seed: int ≥ 0, of all that is drawn.
        on_event: a listener for stages, notices, progress and epochs.
        held_out: float in [0, 0.5], the share of the text, or of GloVe's counts, that is not trained on but measured
            by; None is a hundredth of a text of 100,000 words or more, and nothing of a shorter one.
        patience: int ≥ 1, end after so many epochs without a lower held-out loss, and keep the best epoch's vectors;
            None goes through all epochs.
        checkpoints: where the training is written down from time to time, and whence it goes on; None for nowhere.
        shards: how the text is shared out to copies of the model, for the sampled losses; None learns with one model.
        cluster: what does the work of the shards, or counts; None is threads of this process.
        reproducible: whether the same bits shall come of it with any number of threads.

    Returns:
        The vectors, and how it went; on Ctrl-C during the training what it had come to.

    Raises:
        SettingsError: this is no objective.
        DivergedError: the vectors are no numbers any more.
        EmptyCorpusError: no word has company.
    """
    raise SettingsError(f"expected an objective such as SkipGram(), CBOW() or PPMI(), got {objective!r}")


def check_objective(
    objective: Any,
    *,
    epochs: int | None,
    held_out: float | None = None,
    patience: int | None = None,
    shards: Shards | None = None,
) -> None:
    """Refuse what is no objective, and settings of the training that this one has no use for.

    Args:
        objective: what is to be learned.
        epochs: as for `learn`.
        held_out: as for `learn`.
        patience: as for `learn`.
        shards: as for `learn`.

    Raises:
        SettingsError: one of them cannot be.
    """
    if learn.dispatch(type(objective)) is learn.dispatch(object):
        raise SettingsError(f"expected an objective such as SkipGram(), CBOW() or PPMI(), got {objective!r}")
    name = type(objective).__name__
    if isinstance(objective, CountBased) and epochs not in (None, 1):
        raise SettingsError(
            f"expected no number of epochs, as {name} counts the text once, got {epochs!r}; leave it out"
        )
    if shards is not None and not can_be_shared(objective):
        what = f"{name} with {type(objective.loss).__name__}" if isinstance(objective, Architecture) else name
        raise SettingsError(
            "expected shards with skip-gram or CBOW and negative sampling, NCE or hierarchical softmax, whose copies "
            f"can be merged, got {what}; leave the shards out"
        )
    if patience is not None and (not isinstance(patience, int) or isinstance(patience, bool) or patience < 1):
        raise SettingsError(f"expected a patience of 1 or more epochs, got {patience!r}; 2 is usual")
    check_share(held_out)
    if not isinstance(objective, Architecture | GloVe):
        for setting, value in (("patience", patience), ("held_out", held_out or None)):
            if value is not None:
                raise SettingsError(
                    f"expected no {setting}, as {name} learns from the counts of the whole text, none of which are "
                    f"held out, got {value!r}; leave it out"
                )


def can_be_shared(objective: Any) -> bool:
    """Return whether copies of an objective's model can learn shards of the text and be merged."""
    return isinstance(objective, Architecture) and isinstance(objective.loss, SampledLoss)


def held_out_sentences(
    corpus: EncodedCorpus, *, share: float | None, patience: int | None, seed: int, on_event: Listener
) -> HeldOutSentences:
    """Return the sentences of a text that are not trained on, and say where there are none.

    Args:
        corpus: the text.
        share: as `held_out` for `learn`.
        patience: as for `learn`.
        seed: int ≥ 0.
        on_event: told where nothing is held out that was expected to be.

    Raises:
        SettingsError: a share that cannot be, or patience with a text of which nothing is held out.
    """
    chosen = choose(corpus.sentence_ends, share=share, seed=seed)
    if len(chosen) == 0 and patience is not None:
        raise SettingsError(
            f"expected a held-out loss for the patience of {patience} epochs, but no sentence of this text of "
            f"{len(corpus.token_ids):,} words is held out; give a larger held_out (--held-out), or more text"
        )
    if len(chosen) == 0 and share != 0 and len(corpus.token_ids) >= FEWEST_WORDS:
        on_event(Notice(text="the text has so few sentences that none is held out, and so there is no held-out loss"))
    return chosen


def cores() -> int:
    """Return how many of the processor's cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _linear_algebra(threads: int, reproducible: bool) -> AbstractContextManager[object]:
    """Bound the threads of the linear algebra library, which adds in another order with another number of them."""
    limits: AbstractContextManager[object] = threadpool_limits(1 if reproducible else threads, user_api="blas")
    return limits


@learn.register(Architecture)
def _from_text(
    objective: Architecture,
    corpus: EncodedCorpus,
    *,
    epochs: int | None,
    threads: int,
    seed: int,
    on_event: Listener,
    held_out: float | None = None,
    patience: int | None = None,
    checkpoints: Checkpoints | None = None,
    shards: Shards | None = None,
    cluster: Engine | None = None,
    reproducible: bool = False,
    start: Beginning | None = None,
) -> Learned:
    """Train skip-gram or CBOW on the text itself, block by block; where there is a start, on from there."""
    check_objective(objective, epochs=epochs, held_out=held_out, patience=patience, shards=shards)
    counts = corpus.vocabulary.counts if start is None else start.counts(corpus)
    model: Any = objective.over(corpus.vocabulary.words, counts, seed=seed)
    if start is not None:
        start.put_into(model, corpus, seed=seed)
    if model.tree is not None:
        on_event(Notice(text=model.tree.summary))
    dense = isinstance(objective.loss, WholeVocabularyLoss)
    # Shards give the same bits by themselves.
    together = reproducible and not dense and shards is None
    if together:
        model = ReproducibleModel(model, threads=min(threads, cores()))
    chosen = held_out_sentences(corpus, share=held_out, patience=patience, seed=seed, on_event=on_event)
    text = SplitText(corpus.token_ids, corpus.sentence_ends, chosen)

    def measure(passes: float) -> HeldOutLoss | None:
        with _linear_algebra(threads, reproducible or shards is not None):
            tally = model.held_out_tally(text, threads=threads)
            perplexity = model.perplexity(text, tally)
        if not tally.decisions:
            return None
        return HeldOutLoss(
            passes=passes,
            loss=tally.loss / tally.decisions,
            per_token=tally.loss / tally.centres,
            perplexity=perplexity,
        )

    work = trainer.Work(
        material=text,
        ends=corpus.sentence_ends,
        units=corpus.word_total,
        block_size=_WORDS_IN_A_DENSE_BLOCK if dense else _WORDS_IN_A_BLOCK,
    )
    scale = 1.0 if shards is None else shards.scale(objective.shard_rate_growth)
    replicas: AbstractContextManager[tuple[Shares, Replicas] | None] = nullcontext()
    if shards is not None:
        work = dataclasses.replace(work, block_size=shards.cut(len(corpus.token_ids))[0])
        replicas = shared_out(
            objective, corpus.vocabulary.words, counts, model, text=text, work=work, shards=shards, seed=seed,
            threads=threads, cluster=cluster, on_event=on_event,
        )  # fmt: skip
    schedule = LinearSchedule(first=objective.rates[0] * scale, last=objective.rates[1] * scale)
    on_event(Stage(name="training"))
    on_event(Learning(words=corpus.vocabulary.words, vectors_of=lambda rows: model.input_vectors[rows]))
    # Products with the whole vocabulary are the linear algebra library's, which has threads of its own.
    with _linear_algebra(threads, reproducible) if dense else nullcontext(), replicas as shared:
        outcome = trainer.train(
            model,
            work,
            schedule,
            epochs=epochs or objective.default_epochs,
            threads=1 if dense or together or shards else threads,
            seed=seed,
            on_event=on_event,
            measure=measure if len(chosen) else None,
            patience=patience,
            checkpoints=checkpoints,
            shared=shared,
        )
    facts: dict[str, Any] = {"held_out_sentences": len(chosen), "held_out_words": chosen.words}
    if shared is not None:
        facts["merging"] = shared[1].facts()
    if model.tree is not None:
        facts["tree"] = model.tree.facts()
    outputs = model.output_vectors
    return Learned(
        words=np.ascontiguousarray(model.input_vectors),
        # The vectors of a tree's inner nodes belong to no word and stay behind.
        outputs=np.ascontiguousarray(outputs) if len(outputs) == len(corpus.vocabulary) else None,
        outcome=outcome,
        facts=facts,
        model=model,
    )


@learn.register(GloVe)
def _from_entries(
    objective: GloVe,
    corpus: EncodedCorpus,
    *,
    epochs: int | None,
    threads: int,
    seed: int,
    on_event: Listener,
    held_out: float | None = None,
    patience: int | None = None,
    checkpoints: Checkpoints | None = None,
    shards: Shards | None = None,
    cluster: Engine | None = None,
    reproducible: bool = False,
) -> Learned:
    """Count how often words stand together, and train GloVe on the counts, tile by tile."""
    check_objective(objective, epochs=epochs, held_out=held_out, patience=patience, shards=shards)
    model = objective.over(corpus.vocabulary.words, corpus.vocabulary.counts, seed=seed)
    block_size = _ENTRIES_IN_A_BLOCK * (_BLOCKS_TOGETHER if reproducible else 1)
    shared: tuple[RoundsOfBlocks, TileRounds] | None = None
    counts: Any
    tiles: Any
    if cluster is not None and reproducible and objective.order == "tiles":
        counts = counted_by_rows(
            cluster, corpus, window=objective.window, weighting=objective.weighting, memory=counting_memory(),
            on_event=on_event,
        )  # fmt: skip
        share = share_of_entries(len(counts), share=held_out, words=len(corpus.token_ids))
        tiles = TileRounds(cluster, counts, objective, model, held_out=share, seed=seed, on_event=on_event)
        shared = RoundsOfBlocks(tiles.ends, block_size, cluster.workers), tiles
    else:
        counts = count_cooccurrences(
            corpus, window=objective.window, weighting=objective.weighting, threads=threads, on_event=on_event,
            memory=counting_memory(), counter=_counter(cluster),
        )  # fmt: skip
        share = share_of_entries(len(counts), share=held_out, words=len(corpus.token_ids))
        tiles = objective.arranged(
            counts, seed=seed, threads=threads, held_out=share, shares=SHARES if reproducible else 1,
            in_memory=held_in_memory(), on_event=on_event,
        )  # fmt: skip
    held = len(tiles.held_out)
    if held == 0 and patience is not None:
        raise SettingsError(
            f"expected a held-out loss for the patience of {patience} epochs, but none of this text's {len(counts):,} "
            "counts is held out; give a larger held_out (--held-out), or more text"
        )
    work = trainer.Work(
        material=tiles, ends=tiles.ends, units=int(tiles.ends[-1]), unit="entries", block_size=block_size
    )
    schedule = LinearSchedule(first=objective.rates[0], last=objective.rates[1])
    on_event(Stage(name="training"))
    on_event(Learning(words=corpus.vocabulary.words, vectors_of=model.vectors_of))
    alone = shared is None and reproducible
    outcome = trainer.train(
        ReproducibleGloVe(model, threads=min(threads, cores())) if alone else model, work, schedule,
        epochs=epochs or objective.default_epochs, threads=1 if reproducible else threads, seed=seed,
        on_event=on_event, checkpoints=checkpoints, patience=patience, shared=shared,
        measure=(lambda passes: HeldOutLoss(passes=passes, loss=model.held_out_loss(tiles))) if held else None,
    )  # fmt: skip
    return Learned(
        words=model.input_vectors,
        outputs=model.output_vectors,
        outcome=outcome,
        facts={
            "cooccurrences": {"entries": len(counts), "total": counts.total, "held_out": held},
            **({} if shared is None else {"merging": shared[1].facts()}),
        },
        model=model,
    )


@learn.register(CountBased)
def _from_counts(
    objective: CountBased,
    corpus: EncodedCorpus,
    *,
    epochs: int | None,
    threads: int,
    seed: int,
    on_event: Listener,
    held_out: float | None = None,
    patience: int | None = None,
    checkpoints: Checkpoints | None = None,  # noqa: ARG001 - nothing to go on from: it is counted anew
    shards: Shards | None = None,
    cluster: Engine | None = None,
    reproducible: bool = False,
) -> Learned:
    """Count once what the objective needs, weigh the counts and factorise them."""
    check_objective(objective, epochs=epochs, held_out=held_out, patience=patience, shards=shards)
    start, words = time.perf_counter(), len(corpus.vocabulary)
    documents = len(corpus.document_ends)
    objective.check_shape((words, documents if objective.needs == "documents" else words))
    facts: dict[str, Any] = {}
    with _linear_algebra(threads, reproducible) if reproducible else nullcontext():
        if cluster is not None and isinstance(objective, CooccurrenceBased) and can_be_partitioned(objective):
            factors, facts["partitions"] = factors_by_rows(
                cluster, objective, corpus, memory=counting_memory(), seed=seed, on_event=on_event
            )
        else:
            counts = _counts(objective, corpus, threads=threads, on_event=on_event, cluster=cluster)
            factors = objective.vectors(
                counts, seed=seed, threads=threads, in_memory=held_in_memory(), on_event=on_event
            )
    outcome = trainer.Outcome(
        history=(), seconds=time.perf_counter() - start, units=corpus.word_total, unit="words", interrupted=False
    )
    strengths = None if factors.strengths is None else factors.strengths.tolist()
    return Learned(
        words=factors.words,
        # Only where words stand with words is there a context vector for each of them.
        outputs=factors.contexts if objective.needs == "cooccurrences" else None,
        outcome=outcome,
        facts={"factors": {"explained": factors.explained, "rank": factors.rank, "strengths": strengths}, **facts},
    )


def _counts(
    objective: CountBased, corpus: EncodedCorpus, *, threads: int, on_event: Listener, cluster: Engine | None
) -> csr_array | Cooccurrences:
    """Return the counts that an objective needs, with a row for each word."""
    from scipy.sparse import csr_array  # noqa: PLC0415 - SciPy takes a while to load

    words = len(corpus.vocabulary)
    if isinstance(objective, CooccurrenceBased):
        return count_cooccurrences(
            corpus, window=objective.window, weighting=objective.weighting, threads=threads, on_event=on_event,
            memory=counting_memory(), counter=_counter(cluster),
        )  # fmt: skip
    if objective.needs == "documents":
        on_event(Stage(name="counting words in documents"))
        return count_documents(corpus.token_ids, corpus.document_ends, words)
    return csr_array((words, 1), dtype=np.float32)


def _counter(cluster: Engine | None) -> Any:
    """Return who counts co-occurrences; None is this process alone."""
    return None if cluster is None else partial(ClusterCounter, cluster)


@singledispatch
def load_kernels(objective: Any, *, reproducible: bool = False) -> None:
    """Compile the kernels that an objective trains with, or load them, so that its training begins at once.

    Args:
        objective: what will be learned.
        reproducible: as for `learn`.
    """


@load_kernels.register(Architecture)
def _load_text_kernels(objective: Architecture, *, reproducible: bool = False) -> None:
    """Put two words through the kernels; sampled losses take the same, and a chosen tree does not know the words."""
    text = SimpleNamespace(
        token_ids=np.array([0, 1], dtype=np.int32), sentence_ends=np.array([2], dtype=np.int64), key=0, below=0
    )
    text.token_ids.flags.writeable = text.sentence_ends.flags.writeable = False
    loss = NegativeSampling() if isinstance(objective.loss, SampledLoss) else objective.loss
    tiny = dataclasses.replace(objective, dim=1, loss=loss, min_rate=None)
    model: Any = tiny.over(["a", "b"], np.array([2, 1], dtype=np.int64), seed=1)
    if reproducible and isinstance(objective.loss, SampledLoss):
        model = ReproducibleModel(model, threads=1)
    model.train_block(text, range(1), rates=(0.1, 0.1), seed=1, scratch=model.scratch(2))
