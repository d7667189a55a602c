"""The settings of a training: how something is learned once the text is encoded, whatever it is that is learned."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from firth.errors import SettingsError
from firth.training.held_out import check_share

if TYPE_CHECKING:
    from firth.training.shards import Shards

__all__ = ["TrainingSettings", "cores"]


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainingSettings:
    """How an objective is learned from an encoded text; one that cannot be is not made.

    Args:
        epochs: int from 1 to 100,000, passes over the text or its counts; None takes the objective's own number.
        threads: int from 1 to 1024.
        seed: int in [0, 2⁶³), of all that is drawn.
        held_out: float in [0, 0.5], the share of the text, or of GloVe's counts, that is not trained on but measured
            by; None is a hundredth of a text of 100,000 words or more, and nothing of a shorter one.
        patience: int ≥ 1, end after so many epochs without a lower held-out loss, and keep the best epoch's vectors;
            None goes through all epochs.
        reproducible: whether the same bits shall come of it with any number of threads.
        shards: how the text is shared out to copies of the model, for the sampled losses; None learns with one model.

    Raises:
        SettingsError: a setting that cannot be.
    """

    epochs: int | None = None
    threads: int = 1
    seed: int = 1
    held_out: float | None = None
    patience: int | None = None
    reproducible: bool = False
    shards: Shards | None = None

    def __post_init__(self) -> None:
        """Refuse what no training can have."""
        epochs, threads, seed, patience = self.epochs, self.threads, self.seed, self.patience
        if epochs is not None and not (_is_whole(epochs) and 1 <= epochs <= 100_000):
            raise SettingsError(f"expected 1 or more epochs, got {epochs!r}")
        if not (_is_whole(seed) and 0 <= seed < 2**63):
            raise SettingsError(f"expected a seed from 0 to 2⁶³ − 1, got {seed!r}")
        if not (_is_whole(threads) and 1 <= threads <= 1024):
            raise SettingsError(
                f"expected from 1 to 1024 threads, got {threads!r}; leave it out to use all of the processor's cores"
            )
        if patience is not None and not (_is_whole(patience) and patience >= 1):
            raise SettingsError(f"expected a patience of 1 or more epochs, got {patience!r}; 2 is usual")
        check_share(self.held_out)
        if not isinstance(self.reproducible, bool):
            raise SettingsError(f"expected reproducible to be True or False, got {self.reproducible!r}")

    @property
    def threads_together(self) -> int:
        """How many threads may work on one block: no more than there are cores, as they wait for one another."""
        return min(self.threads, cores())


def _is_whole(number: object) -> bool:
    return isinstance(number, int) and not isinstance(number, bool)


def cores() -> int:
    """Return how many of the processor's cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
