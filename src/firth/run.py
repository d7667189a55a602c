"""A run: what a training made, how it went, and the folder in which both are kept."""

from __future__ import annotations

import dataclasses
import json
import platform
from contextlib import ExitStack
from functools import cached_property, partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np

from firth.objectives.sampled import first_vectors
from firth.storage import synced, written_whole
from firth.vectors.replicas import remove_replicas
from firth.vectors.store import WordVectors

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy.typing as npt

    from firth.corpus.encoded import EncodedCorpus
    from firth.corpus.phrases import PhraseModel
    from firth.events import EpochEnd, HeldOutLoss
    from firth.learning import Learned
    from firth.training.trainer import Outcome

__all__ = ["PHRASES_NAME", "RECORD_NAME", "VECTORS_NAME", "Run", "described", "record_of", "text_seen", "vectors_of"]

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
        first: gives the vectors before the first step, float32 (V, D); None where they were drawn with the seed.
    """

    def __init__(
        self,
        *,
        vectors: WordVectors,
        outcome: Outcome,
        record: dict[str, Any],
        seed: int,
        phrases: PhraseModel | None = None,
        first: Callable[[], npt.NDArray[np.float32]] | None = None,
    ) -> None:
        self.vectors = vectors
        self.phrases = phrases
        """The phrases that were joined in the text before it was trained on, or None."""
        self.record = record
        self.path: Path | None = None
        """The folder it was written to, or None."""
        self.missing_replicas = 0
        """How many runs of a bootstrap Ctrl-C has left out."""
        self._outcome = outcome
        self._first = first or partial(first_vectors, len(vectors), vectors.dim, seed=seed)

    def __repr__(self) -> str:
        ended = "interrupted" if self.interrupted else f"{len(self.history)} epochs"
        return f"<Run: {self.vectors!r}, {ended}, {self.per_second:,.0f} {self.unit}/s>"

    @property
    def outcome(self) -> Outcome:
        """The trainer's account."""
        return self._outcome

    @property
    def history(self) -> tuple[EpochEnd, ...]:
        """One entry for each epoch: its mean loss per decision, its speed."""
        return self._outcome.history

    @property
    def held_out(self) -> tuple[HeldOutLoss, ...]:
        """The losses on sentences that were not trained on, in order; empty where none were held out."""
        return self._outcome.curve

    @property
    def kept_epoch(self) -> int | None:
        """The epoch, from 1, whose vectors were kept as the best; None where patience was not asked for."""
        return self._outcome.kept_epoch

    @property
    def seconds(self) -> float:
        """Seconds of training, without reading and saving."""
        return self._outcome.seconds

    @property
    def per_second(self) -> float:
        """Units of work done per second of training: words of the text, or entries of a table of counts."""
        return self._outcome.units / self._outcome.seconds if self._outcome.seconds > 0 else 0.0

    @property
    def unit(self) -> str:
        """What `per_second` counts."""
        return self._outcome.unit

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C ended the training early."""
        return self._outcome.interrupted

    @cached_property
    def untrained(self) -> WordVectors:
        """The same words with the vectors they had before the first step."""
        return WordVectors(self.vectors.words, self._first(), self.vectors.counts, record={"untrained": True})

    def write(self, folder: Path) -> None:
        """Write the vectors, the record and the phrases, if any, to a folder, and wait until they are on the disk.

        What an earlier run left there is replaced once all of it is written, so that no file is half written, and a
        full disk leaves the earlier run as it was.

        Args:
            folder: is made where it is not there.

        Raises:
            StorageError: it cannot be written.
        """
        with ExitStack() as replaced:
            record = replaced.enter_context(written_whole(folder / RECORD_NAME))
            record.write_text(json.dumps(self.record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
            parts = [record]
            if self.phrases is not None:
                parts.append(replaced.enter_context(written_whole(folder / PHRASES_NAME)))
                self.phrases.save(parts[-1])
            parts.append(replaced.enter_context(written_whole(folder / VECTORS_NAME)))
            self.vectors.save(parts[-1], "safetensors")
            synced(folder, *parts)
        # An earlier run's phrases, and its bootstrap, would be taken for this one's.
        if self.phrases is None:
            (folder / PHRASES_NAME).unlink(missing_ok=True)
        remove_replicas(folder)
        synced(folder)
        self.path = folder


def vectors_of(learned: Learned, corpus: EncodedCorpus, record: dict[str, Any]) -> WordVectors:
    """Return what was learned by word.

    Args:
        learned: from the corpus.
        corpus: whose words they are.
        record: how they were made.
    """
    return WordVectors(
        corpus.vocabulary.words, learned.words, corpus.vocabulary.counts, output_matrix=learned.outputs, record=record
    )


def record_of(corpus: EncodedCorpus, outcome: Outcome, **settings: Any) -> dict[str, Any]:
    """Return how vectors came to be, as JSON can hold it.

    Args:
        corpus: what was trained on.
        outcome: the trainer's account.
        settings: everything that was chosen, by name.
    """
    return {
        **{name: described(value) for name, value in settings.items()},
        "corpus": {
            "fingerprint": corpus.fingerprint,
            "words_read": corpus.word_total,
            "words_kept": len(corpus.token_ids),
            "dropped": corpus.dropped,
            "vocabulary": len(corpus.vocabulary),
            "sentences": len(corpus.sentence_ends),
            "notices": list(corpus.notices),
        },
        "texts": [text_seen(corpus)],
        "words": dict(outcome.words),
        "interrupted": outcome.interrupted,
        "training_seconds": outcome.seconds,
        "kept_epoch": outcome.kept_epoch,
        "held_out_losses": [dataclasses.asdict(point) for point in outcome.curve],
        "history": [dataclasses.asdict(epoch) for epoch in outcome.history],
        "versions": {
            "firth": version("firth"),
            "numpy": np.__version__,
            "numba": version("numba"),
            "python": platform.python_version(),
        },
    }


def text_seen(corpus: EncodedCorpus) -> dict[str, Any]:
    """Return what a record keeps of a text that was learned from: names, hash, size.

    Args:
        corpus: the text, encoded.
    """
    return {
        **corpus.text,
        "fingerprint": corpus.fingerprint,
        "words_read": corpus.word_total,
        "words_kept": len(corpus.token_ids),
    }


def described(settings: Any) -> Any:
    """Return settings as JSON can hold them, each with the name of its kind."""
    if hasattr(settings, "described") and not isinstance(settings, type):
        # What is too large for a record tells its kind and fingerprint.
        return settings.described()
    if dataclasses.is_dataclass(settings) and not isinstance(settings, type):
        fields = {field.name: described(getattr(settings, field.name)) for field in dataclasses.fields(settings)}
        return {"kind": type(settings).__name__, **fields}
    if isinstance(settings, frozenset | set):
        return sorted(map(str, settings))
    if isinstance(settings, list | tuple):
        return [described(value) for value in settings]
    if settings is None or isinstance(settings, str | int | float | bool):
        return settings
    return f"{type(settings).__module__}.{getattr(settings, '__qualname__', type(settings).__qualname__)}"
