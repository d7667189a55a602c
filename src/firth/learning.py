"""Learning: an objective over an encoded corpus, to vectors. The one place that knows every kind of objective."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from functools import singledispatch
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from firth.errors import SettingsError
from firth.events import Notice, Stage
from firth.objectives.architecture import Architecture, SampledLoss
from firth.objectives.negative_sampling import NegativeSampling
from firth.training import trainer
from firth.training.schedule import LinearSchedule

if TYPE_CHECKING:
    import numpy.typing as npt

    from firth.corpus.encoded import EncodedCorpus
    from firth.events import Listener

__all__ = ["Learned", "learn", "load_kernels"]


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
    raise SettingsError(f"expected an objective such as SkipGram() or CBOW(), got {objective!r}")


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
    work = trainer.Work(material=corpus, ends=corpus.sentence_ends, units=corpus.word_total)
    schedule = LinearSchedule(first=objective.rates[0], last=objective.rates[1])
    on_event(Stage(name="training"))
    outcome = trainer.train(
        model, work, schedule, epochs=epochs or objective.default_epochs, threads=threads, seed=seed, on_event=on_event
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
