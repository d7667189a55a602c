"""What a long piece of work tells whoever listens: stages, notices, progress, the end of each epoch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["EpochEnd", "Event", "Listener", "Notice", "Progress", "Stage"]


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
    """

    epoch: int
    epochs: int
    loss: float | None
    per_second: float
    unit: str
    seconds: float


Event = Stage | Notice | Progress | EpochEnd
Listener = Callable[[Event], None]
