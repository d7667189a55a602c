"""The learning rate's way from its first value to its last."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LinearSchedule"]


@dataclass(frozen=True, kw_only=True, slots=True)
class LinearSchedule:
    """A rate that falls in a straight line: rate(x) = first + (last − first) · x.

    Args:
        first: float > 0, at the beginning.
        last: float in [0, first], at the end.
    """

    first: float
    last: float

    def rate(self, progress: float) -> float:
        """Return the rate after a share of the work.

        Args:
            progress: float, from 0 to 1; what lies outside counts as the nearer end.
        """
        return self.first + (self.last - self.first) * min(1.0, max(0.0, progress))
