"""How far a training is: all that must be known, besides what the model learned, to go on as if nothing had been."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from firth.events import EpochEnd, HeldOutLoss

__all__ = ["State"]


@dataclass(kw_only=True, slots=True)
class State:
    """A place between two blocks, and the account up to there.

    Random numbers need no place here: each block's stream is made of the seed, the epoch and the block's number.

    Args:
        blocks: int ≥ 0, into how many blocks an epoch is cut.
        epoch: int ≥ 0, the one at work.
        block: int ≥ 0, its next block; all before it are done.
        loss: the epoch's summed training loss so far, in nats.
        decisions: of how many decisions.
        items: done in this epoch.
        epoch_seconds: of work in this epoch.
        seconds: of work in all.
        all_items: done in all epochs together.
        words: what became of the words met in all epochs, by kind.
        history: of the finished epochs.
        curve: all held-out losses.
        best_epoch: the number, from 1, of the epoch with the least held-out loss; 0 before there is one.
        best_loss: that loss.
    """

    blocks: int = 0
    epoch: int = 0
    block: int = 0
    loss: float = 0.0
    decisions: int = 0
    items: int = 0
    epoch_seconds: float = 0.0
    seconds: float = 0.0
    all_items: int = 0
    words: dict[str, int] = field(default_factory=dict)
    history: list[EpochEnd] = field(default_factory=list)
    curve: list[HeldOutLoss] = field(default_factory=list)
    best_epoch: int = 0
    best_loss: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return the state as JSON can hold it; floats keep every bit."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> State:
        """Return the state that `to_dict` told.

        Args:
            values: by name.

        Raises:
            TypeError, KeyError: they are no state.
        """
        history = [EpochEnd(**epoch) for epoch in values["history"]]
        curve = [HeldOutLoss(**point) for point in values["curve"]]
        return cls(**{**values, "history": history, "curve": curve})
