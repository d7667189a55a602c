"""The configuration of a training: all that decides what comes of it, and what its records tell of that."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from firth.bootstrap import check_runs
from firth.learning import can_be_shared, check_objective
from firth.same_training import about_training
from firth.training.shards import Shards

if TYPE_CHECKING:
    from firth.corpus.encoded import EncodedCorpus
    from firth.corpus.reading import Reading
    from firth.distributed.engine import Engine
    from firth.start import StartModel
    from firth.training.settings import TrainingSettings

__all__ = ["Configuration"]


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """What `firth.train` was told, but for what changes nothing of the vectors: where they are written, who listens.

    Args:
        objective: what is learned.
        reading: how the text is read.
        settings: how it is learned from.
        start: the model to go on from, or None.
        bootstrap: how many times more it is trained on the text drawn again, or None.
    """

    objective: Any
    reading: Reading
    settings: TrainingSettings
    start: StartModel | None
    bootstrap: int | None

    def check(self) -> None:
        """Refuse what does not go together, before anything is read.

        Raises:
            SettingsError: a setting that the objective, or the model to go on from, has no use for.
        """
        check_objective(self.objective, self.settings)
        if self.bootstrap is not None:
            check_runs(self.bootstrap)
        if self.start is not None:
            self.start.check(self.reading, bootstrap=self.bootstrap)

    def shared_by(self, engine: Engine | None) -> Configuration:
        """Return the same, with a share for each worker of a cluster, where the objective learns by shares.

        Args:
            engine: the cluster; None is this process alone.
        """
        if engine is None or self.settings.shards is not None or not can_be_shared(self.objective):
            return self
        shards = Shards(count=min(engine.workers, 1024))
        return dataclasses.replace(self, settings=dataclasses.replace(self.settings, shards=shards))

    def recorded(self) -> dict[str, Any]:
        """Return what the record of a run begins with: by the names of `train`, in the order that all records have."""
        reading, settings = self.reading, self.settings
        return {
            "objective": self.objective, "tokenizer": reading.tokenizer, "min_count": reading.min_count,
            "max_words": reading.max_words, "max_sentence": reading.max_sentence, "phrases": reading.phrases,
            "epochs": settings.epochs, "seed": settings.seed, "held_out": settings.held_out,
            "patience": settings.patience, "reproducible": settings.reproducible, "start": self.start,
            "shards": settings.shards,
        }  # fmt: skip

    def about(self, text: Any, corpus: EncodedCorpus) -> dict[str, Any]:
        """Return what a checkpoint keeps of the training; `firth.resume` gives its settings back to `train` by name.

        Args:
            text: as it was given.
            corpus: the same, encoded.
        """
        reading = self.reading
        more: dict[str, Any] = {
            "text_column": reading.text_column, "id_column": reading.id_column, "encoding": reading.encoding,
            "errors": reading.errors, **({} if reading.unreadable == "refuse" else {"unreadable": reading.unreadable}),
            "bootstrap": self.bootstrap,
        }  # fmt: skip
        about = about_training(text, corpus, {**self.recorded(), **more}, threads=self.settings.threads)
        return {**about, "start": None if self.start is None else self.start.about()}
