"""What was learned: vectors, how it went, and what the record of the run should say of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from firth.training.trainer import Outcome

__all__ = ["Learned"]


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
    outcome: Outcome
    facts: dict[str, Any] = field(default_factory=dict)
    model: Any = None
