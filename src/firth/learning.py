"""Learning: an objective over an encoded corpus, to vectors. The one place that knows every kind of objective."""

from __future__ import annotations

import dataclasses
import time
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import singledispatch
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
from threadpoolctl import threadpool_limits

from firth.contexts.cooccurrence import count_cooccurrences
from firth.contexts.documents import count_documents
from firth.errors import SettingsError
from firth.events import Notice, Stage
from firth.objectives.architecture import Architecture, SampledLoss, WholeVocabularyLoss
from firth.objectives.count_based import CooccurrenceBased, CountBased
from firth.objectives.glove import GloVe
from firth.objectives.negative_sampling import NegativeSampling
from firth.training import trainer
from firth.training.schedule import LinearSchedule

if TYPE_CHECKING:
    import numpy.typing as npt
    from scipy.sparse import csr_array

    from firth.corpus.encoded import EncodedCorpus
    from firth.events import Listener

__all__ = ["Learned", "check_objective", "learn", "load_kernels"]

_WORDS_IN_A_BLOCK = 50_000
_WORDS_IN_A_DENSE_BLOCK = 5_000
_ENTRIES_IN_A_BLOCK = 400_000
"""A few hundredths of a second of work each; of the dense one's, a second."""


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
) -> Learned:
    """Learn vectors for a corpus's words.

    Args:
        objective: what is learned, with its settings.
        corpus: encoded text.
        epochs: int ≥ 1, passes over the text or its counts; None takes the objective's own number.
        threads: int ≥ 1.
        seed: int ≥ 0, of all that is drawn.
        on_event: a listener for stages, notices, progress and epochs.

    Returns:
        The vectors, and how it went; on Ctrl-C during the training what it had come to.

    Raises:
        SettingsError: this is no objective.
        DivergedError: the vectors are no numbers any more.
        EmptyCorpusError: no word has company.
    """
    raise SettingsError(f"expected an objective such as SkipGram(), CBOW() or PPMI(), got {objective!r}")


def check_objective(objective: Any, *, epochs: int | None) -> None:
    """Refuse what is no objective, and a number of epochs where nothing is passed over more than once.

    Args:
        objective: what is to be learned.
        epochs: as for `learn`.

    Raises:
        SettingsError: one of them cannot be.
    """
    if learn.dispatch(type(objective)) is learn.dispatch(object):
        raise SettingsError(f"expected an objective such as SkipGram(), CBOW() or PPMI(), got {objective!r}")
    if isinstance(objective, CountBased) and epochs not in (None, 1):
        raise SettingsError(
            f"expected no number of epochs, as {type(objective).__name__} counts the text once, got {epochs!r}; leave "
            "it out"
        )


@learn.register(Architecture)
def _from_text(
    objective: Architecture,
    corpus: EncodedCorpus,
    *,
    epochs: int | None,
    threads: int,
    seed: int,
    on_event: Listener,
) -> Learned:
    """Train skip-gram or CBOW on the text itself, block by block."""
    model = objective.over(corpus.vocabulary.words, corpus.vocabulary.counts, seed=seed)
    if model.tree is not None:
        on_event(Notice(text=model.tree.summary))
    dense = isinstance(objective.loss, WholeVocabularyLoss)
    work = trainer.Work(
        material=corpus,
        ends=corpus.sentence_ends,
        units=corpus.word_total,
        block_size=_WORDS_IN_A_DENSE_BLOCK if dense else _WORDS_IN_A_BLOCK,
    )
    schedule = LinearSchedule(first=objective.rates[0], last=objective.rates[1])
    on_event(Stage(name="training"))
    # Products with the whole vocabulary are the linear algebra library's, which has threads of its own.
    with threadpool_limits(threads, user_api="blas") if dense else nullcontext():
        outcome = trainer.train(
            model,
            work,
            schedule,
            epochs=epochs or objective.default_epochs,
            threads=1 if dense else threads,
            seed=seed,
            on_event=on_event,
        )
    outputs = model.output_vectors
    return Learned(
        words=np.ascontiguousarray(model.input_vectors),
        # The vectors of a tree's inner nodes belong to no word and stay behind.
        outputs=np.ascontiguousarray(outputs) if len(outputs) == len(corpus.vocabulary) else None,
        outcome=outcome,
        facts={} if model.tree is None else {"tree": model.tree.facts()},
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
) -> Learned:
    """Count how often words stand together, and train GloVe on the counts, tile by tile."""
    counts = count_cooccurrences(
        corpus, window=objective.window, weighting=objective.weighting, threads=threads, on_event=on_event
    )
    tiles = objective.arranged(counts, seed=seed, threads=threads, on_event=on_event)
    model = objective.over(corpus.vocabulary.words, corpus.vocabulary.counts, seed=seed)
    work = trainer.Work(
        material=tiles, ends=tiles.ends, units=len(tiles.entries), unit="entries", block_size=_ENTRIES_IN_A_BLOCK
    )
    schedule = LinearSchedule(first=objective.rates[0], last=objective.rates[1])
    on_event(Stage(name="training"))
    outcome = trainer.train(
        model, work, schedule, epochs=epochs or objective.default_epochs, threads=threads, seed=seed, on_event=on_event
    )
    return Learned(
        words=model.input_vectors,
        outputs=model.output_vectors,
        outcome=outcome,
        facts={"cooccurrences": {"entries": len(counts), "total": counts.total}},
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
) -> Learned:
    """Count once what the objective needs, weigh the counts and factorise them."""
    check_objective(objective, epochs=epochs)
    start, words = time.perf_counter(), len(corpus.vocabulary)
    documents = len(corpus.document_ends)
    objective.check_shape((words, documents if objective.needs == "documents" else words))
    factors = objective.vectors(
        _counts(objective, corpus, threads=threads, on_event=on_event), seed=seed, threads=threads, on_event=on_event
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
        facts={"factors": {"explained": factors.explained, "rank": factors.rank, "strengths": strengths}},
    )


def _counts(objective: CountBased, corpus: EncodedCorpus, *, threads: int, on_event: Listener) -> csr_array:
    """Return the counts that an objective needs as a SciPy matrix with a row for each word."""
    from scipy.sparse import csr_array  # noqa: PLC0415 - SciPy takes a while to load

    words = len(corpus.vocabulary)
    if isinstance(objective, CooccurrenceBased):
        return count_cooccurrences(
            corpus, window=objective.window, weighting=objective.weighting, threads=threads, on_event=on_event
        ).to_scipy()
    if objective.needs == "documents":
        on_event(Stage(name="counting words in documents"))
        return count_documents(corpus.token_ids, corpus.document_ends, words)
    return csr_array((words, 1), dtype=np.float32)


@singledispatch
def load_kernels(objective: Any) -> None:
    """Compile the kernels that an objective trains with, or load them, so that its training begins at once.

    Args:
        objective: what will be learned.
    """


@load_kernels.register(Architecture)
def _load_text_kernels(objective: Architecture) -> None:
    """Put two words through the kernels; sampled losses take the same, and a chosen tree does not know the words."""
    text = SimpleNamespace(token_ids=np.array([0, 1], dtype=np.int32), sentence_ends=np.array([2], dtype=np.int64))
    text.token_ids.flags.writeable = text.sentence_ends.flags.writeable = False
    loss = NegativeSampling() if isinstance(objective.loss, SampledLoss) else objective.loss
    tiny = dataclasses.replace(objective, dim=1, loss=loss, min_rate=None)
    model: Any = tiny.over(["a", "b"], np.array([2, 1], dtype=np.int64), seed=1)
    model.train_block(text, range(1), rates=(0.1, 0.1), seed=1, scratch=model.scratch(2))
