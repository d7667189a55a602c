"""A bootstrap that was begun and has not ended: what must be known to go on with it.

The training that it belongs to has ended, and its checkpoints are gone; its vectors and its record lie in the run's
folder. Beside them, until the last run of the bootstrap is there, lies `bootstrap.json`:

    about      settings, text, versions, as in a checkpoint; the number of runs among the settings
    outcome    how the training went

Which runs have ended is seen from their files.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from firth.errors import FormatError
from firth.events import EpochEnd, HeldOutLoss
from firth.run import VECTORS_NAME, Run
from firth.storage import synced, written_whole
from firth.training.trainer import Outcome
from firth.vectors.load import load
from firth.vectors.replicas import BEGUN_NAME

if TYPE_CHECKING:
    from pathlib import Path

    from firth.corpus.phrases import PhraseModel

__all__ = ["BEGUN_NAME", "BegunBootstrap", "begun_in"]


@dataclass(frozen=True, kw_only=True)
class BegunBootstrap:
    """What is known of one.

    Args:
        about: settings, text, versions, as JSON can hold them.
        outcome: of the training that it belongs to.
    """

    about: dict[str, Any]
    outcome: Outcome

    def write(self, folder: Path) -> None:
        """Write it to the folder of the run, and wait until it is on the disk.

        Raises:
            StorageError: it cannot be written.
        """
        document = {"about": self.about, "outcome": dataclasses.asdict(self.outcome)}
        with written_whole(folder / BEGUN_NAME) as part:
            part.write_text(json.dumps(document), encoding="utf-8")
            synced(folder, part)
        synced(folder)

    def run(self, folder: Path, *, seed: int, phrases: PhraseModel | None) -> Run:
        """Return the training that it belongs to, from its folder.

        Args:
            folder: of the run.
            seed: int ≥ 0, of the first vectors.
            phrases: those that were joined in the text, or None.

        Raises:
            SourceError, FormatError: its vectors are gone, or broken.
        """
        vectors = load(folder / VECTORS_NAME)
        run = Run(vectors=vectors, outcome=self.outcome, record=dict(vectors.record), seed=seed, phrases=phrases)
        run.path = folder
        return run


def begun_in(folder: Path) -> BegunBootstrap | None:
    """Return the bootstrap that was begun in a run's folder, or None where there is none.

    Args:
        folder: of the run.

    Raises:
        FormatError: its record is broken.
    """
    path = folder / BEGUN_NAME
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        told = document["outcome"]
        history = tuple(EpochEnd(**epoch) for epoch in told["history"])
        curve = tuple(HeldOutLoss(**point) for point in told["curve"])
        outcome = Outcome(**{**told, "history": history, "curve": curve})
        return BegunBootstrap(about=dict(document["about"]), outcome=outcome)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise FormatError(
            f"expected the record of a bootstrap that was begun in {path}, got a file without it ({error}); remove it"
        ) from None
