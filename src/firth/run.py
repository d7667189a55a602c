"""A run: what a training made, how it went, and the folder in which both are kept."""

from __future__ import annotations

import dataclasses
import json
import platform
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np

from firth.objectives.sampled import SampledModel, first_vectors
from firth.storage import written_whole
from firth.vectors.store import WordVectors

if TYPE_CHECKING:
    from pathlib import Path

    from firth.corpus.encoded import EncodedCorpus
    from firth.corpus.phrases import PhraseModel
    from firth.events import EpochEnd
    from firth.training.trainer import Outcome

__all__ = ["PHRASES_NAME", "RECORD_NAME", "VECTORS_NAME", "Run", "record_of", "vectors_of"]

VECTORS_NAME = "vectors.safetensors"
RECORD_NAME = "run.json"
PHRASES_NAME = "phrases.json"


class Run:
    """A training that has ended: what it made, and how it went.

    Args:
        vectors: the word vectors.
        outcome: the trainer's account.
        record: settings, corpus, versions, timings, losses; what JSON can hold.
        seed: int ≥ 0, of the first vectors.
        phrases: the phrases that were joined in the text, or None.
    """

    def __init__(
        self,
        *,
        vectors: WordVectors,
        outcome: Outcome,
        record: dict[str, Any],
        seed: int,
        phrases: PhraseModel | None = None,
    ) -> None:
        self.vectors = vectors
        self.phrases = phrases
        """The phrases that were joined in the text before it was trained on, or None."""
        self.record = record
        self.path: Path | None = None
        """The folder it was written to, or None."""
        self._outcome = outcome
        self._seed = seed

    def __repr__(self) -> str:
        ended = "interrupted" if self.interrupted else f"{len(self.history)} epochs"
        return f"<Run: {self.vectors!r}, {ended}, {self.words_per_second:,.0f} words/s>"

    @property
    def history(self) -> tuple[EpochEnd, ...]:
        """One entry for each epoch: its mean loss per decision, its speed."""
        return self._outcome.history

    @property
    def seconds(self) -> float:
        """Seconds of training, without reading and saving."""
        return self._outcome.seconds

    @property
    def words_per_second(self) -> float:
        """Words of the text trained on per second."""
        return self._outcome.words / self._outcome.seconds if self._outcome.seconds > 0 else 0.0

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C ended the training early."""
        return self._outcome.interrupted

    @cached_property
    def untrained(self) -> WordVectors:
        """The same words with the vectors they had before the first step."""
        first = first_vectors(len(self.vectors), self.vectors.dim, seed=self._seed)
        return WordVectors(self.vectors.words, first, self.vectors.counts, record={"untrained": True})

    def write(self, folder: Path) -> None:
        """Write the vectors, the record and the phrases, if any, to a folder, each file whole or not at all.

        Args:
            folder: is made where it is not there.

        Raises:
            StorageError: it cannot be written.
        """
        self.vectors.save(folder / VECTORS_NAME)
        with written_whole(folder / RECORD_NAME) as part:
            part.write_text(json.dumps(self.record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        if self.phrases is not None:
            self.phrases.save(folder / PHRASES_NAME)
        else:
            # An earlier run's phrases would be taken for this one's.
            (folder / PHRASES_NAME).unlink(missing_ok=True)
        self.path = folder


def vectors_of(model: SampledModel, corpus: EncodedCorpus, record: dict[str, Any]) -> WordVectors:
    """Return a model's vectors by word; those of a tree's inner nodes belong to no word and stay behind.

    Args:
        model: trained on the corpus.
        corpus: whose words they are.
        record: how they were made.
    """
    outputs = model.output_vectors
    return WordVectors(
        corpus.vocabulary.words,
        np.ascontiguousarray(model.input_vectors),
        corpus.vocabulary.counts,
        output_matrix=np.ascontiguousarray(outputs) if len(outputs) == len(corpus.vocabulary) else None,
        record=record,
    )


def record_of(corpus: EncodedCorpus, outcome: Outcome, **settings: Any) -> dict[str, Any]:
    """Return how vectors came to be, as JSON can hold it.

    Args:
        corpus: what was trained on.
        outcome: the trainer's account.
        settings: everything that was chosen, by name.
    """
    return {
        **{name: _described(value) for name, value in settings.items()},
        "corpus": {
            "fingerprint": corpus.fingerprint,
            "words_read": corpus.word_total,
            "words_kept": len(corpus.token_ids),
            "vocabulary": len(corpus.vocabulary),
            "sentences": len(corpus.sentence_ends),
            "notices": list(corpus.notices),
        },
        "interrupted": outcome.interrupted,
        "training_seconds": outcome.seconds,
        "history": [dataclasses.asdict(epoch) for epoch in outcome.history],
        "versions": {
            "firth": version("firth"),
            "numpy": np.__version__,
            "numba": version("numba"),
            "python": platform.python_version(),
        },
    }


def _described(settings: Any) -> Any:
    """Return settings as JSON can hold them, each with the name of its kind."""
    if hasattr(settings, "described") and not isinstance(settings, type):
        # What is too large for a record tells its kind and fingerprint.
        return settings.described()
    if dataclasses.is_dataclass(settings) and not isinstance(settings, type):
        fields = {field.name: _described(getattr(settings, field.name)) for field in dataclasses.fields(settings)}
        return {"kind": type(settings).__name__, **fields}
    if isinstance(settings, frozenset | set):
        return sorted(map(str, settings))
    if isinstance(settings, list | tuple):
        return [_described(value) for value in settings]
    if settings is None or isinstance(settings, str | int | float | bool):
        return settings
    return f"{type(settings).__module__}.{getattr(settings, '__qualname__', type(settings).__qualname__)}"
