"""Learning: an objective over an encoded corpus, to vectors. The one place that knows every kind of objective."""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch
from typing import TYPE_CHECKING, Any

import numpy as np

from firth.errors import SettingsError
from firth.events import Stage
from firth.objectives.architecture import Architecture
from firth.training import trainer
from firth.training.schedule import LinearSchedule

if TYPE_CHECKING:
    import numpy.typing as npt

    from firth.corpus.encoded import EncodedCorpus
    from firth.events import Listener

__all__ = ["Learned", "learn"]


@dataclass(frozen=True, kw_only=True)
class Learned:
    """What an objective made of a corpus.

    Args:
        words: float32 (V, D), a vector for each word of the vocabulary, in its order.
        outputs: float32 (V, D), each word's vector as that which is predicted; None where the objective has none.
        outcome: how the learning went.
        model: what was trained, or None where nothing was.
    """

    words: npt.NDArray[np.float32]
    outputs: npt.NDArray[np.float32] | None
    outcome: trainer.Outcome
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
        model=model,
    )
