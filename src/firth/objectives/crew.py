"""How many threads a block is given, where that changes nothing of what is learned: as many as were fastest lately.

Threads that wait for one another are no faster than the slowest of them, and where other programs want the same cores,
one of them is always being put aside. So fewer are tried from time to time, and more again.
"""

from __future__ import annotations

__all__ = ["Crew"]

_BETWEEN_TRIALS = 64
"""Blocks, some seconds of work: trying fewer threads in vain then costs a hundredth."""

_NEWEST = 0.25
"""How much the last block counts for the pace of its number of threads."""


class Crew:
    """The number of threads, and the pace of each number that was tried.

    Args:
        most: int ≥ 1.
    """

    def __init__(self, most: int) -> None:
        self._sizes = [most]
        while self._sizes[-1] > 1:
            self._sizes.append(self._sizes[-1] // 2)
        self._best = 0
        self._seconds: dict[int, float] = {}
        self._blocks = 0

    @property
    def most(self) -> int:
        """The most threads that there can be."""
        return self._sizes[0]

    def _place(self) -> int:
        """Return which of the sizes is next: in turn, one trial of the next smaller and of the next larger."""
        trial, rest = divmod(self._blocks, _BETWEEN_TRIALS)
        if rest != _BETWEEN_TRIALS - 1:
            return self._best
        other = self._best + (1 if trial % 2 == 0 else -1)
        return other if 0 <= other < len(self._sizes) else self._best

    def size(self) -> int:
        """Return how many threads the next block is given."""
        return self._sizes[self._place()]

    def tell(self, seconds: float, words: int) -> None:
        """Say how long the block took.

        Args:
            seconds: float ≥ 0.
            words: int ≥ 1, in the block.
        """
        place, pace = self._place(), seconds / words
        if place == self._best:
            before = self._seconds.get(place, pace)
            self._seconds[place] = before + _NEWEST * (pace - before)
        elif pace < self._seconds.get(self._best, pace):
            self._best = place
            self._seconds = {place: pace}
        self._blocks += 1
