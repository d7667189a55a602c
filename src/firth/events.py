"""What a long piece of work tells whoever listens: stages, notices, progress, the vectors, the end of each epoch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

__all__ = ["EpochEnd", "Event", "HeldOutLoss", "Learning", "Listener", "Notice", "Progress", "Stage"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """A new stage of the work has begun.

    Args:
        name: what is done now, as a short phrase ("reading the text", "training").
    """

    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """Something the user should know: what was left out, replaced or decided.

    Args:
        text: one sentence.
    """

    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """How far the stage has come.

    Args:
        done: units finished, ≥ 0.
        total: units in all, or None where it cannot be known (standard input).
        unit: what is counted ("words", "bytes").
        seconds: since the stage began, ≥ 0.
        loss: the running mean loss per decision in nats, or None outside training.
        rate: the learning rate now, or None outside training.
        epoch: the epoch now, from 1; 0 outside training.
    """

    done: int
    total: int | None
    unit: str
    seconds: float
    loss: float | None = None
    rate: float | None = None
    epoch: int = 0

    @property
    def per_second(self) -> float:
        """Units per second since the stage began."""
        return self.done / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Seconds until the stage ends at this pace, or None where that cannot be known."""
        if self.total is None or self.done == 0:
            return None
        return max(0, self.total - self.done) / self.per_second if self.per_second > 0 else None


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Learning:
    """Vectors begin to be learned, and may be looked at until the stage ends.

    Args:
        words: V words, most frequent first.
        vectors_of: given rows, int64 (n,), returns a copy of these words' vectors as they are now, float32 (n, D); a
            vector that is being changed may be half old and half new.
    """

    words: Sequence[str]
    vectors_of: Callable[[npt.NDArray[np.int64]], npt.NDArray[np.float32]]


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldOutLoss:
    """The loss was taken on sentences, or entries of a table, that are not trained on, always the same questions.

    Args:
        passes: passes over the text that were done by then, > 0; 1.5 is in the middle of the second epoch.
        loss: mean per decision, float64, in nats; of a table, mean weighted squared error per entry.
        per_token: mean per word that had company, all its decisions together, in nats; None where there are no words.
        perplexity: of such a word, by the probabilities that the model implies; None where that would take long.
    """

    passes: float
    loss: float
    per_token: float | None = None
    perplexity: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class EpochEnd:
    """One pass over the corpus has ended.

    Args:
        epoch: which, from 1.
        epochs: how many there will be.
        loss: the epoch's mean training loss per decision, float64, in nats; None where no centre had company.
        per_second: units of work done per second in this epoch.
        unit: what is counted: "words" of the text read, "entries" of a table.
        seconds: of this epoch.
        held_out_loss: the mean loss per decision on sentences that are not trained on, in nats; None where none are.
        held_out_loss_per_token: the same per word that had company.
        held_out_perplexity: of such a word; None where it would take long.
    """

    epoch: int
    epochs: int
    loss: float | None
    per_second: float
    unit: str
    seconds: float
    held_out_loss: float | None = None
    held_out_loss_per_token: float | None = None
    held_out_perplexity: float | None = None


Event = Stage | Notice | Progress | Learning | HeldOutLoss | EpochEnd
Listener = Callable[[Event], None]
