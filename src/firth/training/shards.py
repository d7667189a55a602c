"""Shards: a pass cut into shares, each learned by a copy of the model of its own, and where these copies are merged.

All of it follows from the settings and the text: which blocks a share has, in which round it learns them, at which
rate. So what comes of it is the same wherever, and by how many threads or machines, the shares are learned.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from firth.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firth.training.blocks import Block

__all__ = ["Shards", "Shares"]

_LARGEST_BLOCK = 50_000
_ROUNDS_AT_LEAST = 8
"""In an epoch of a small text, so that its shares are merged before they have gone far."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Shards:
    """Into how many shares a text is cut, and how often the copies of the model that learn them are merged.

    Args:
        count: N, int from 1 to 1024.
        merge_every: int ≥ 1000, words of each share between two merges; fewer in a text of less than 8 times as many.
        rate_scale: float > 0, by which the learning rate is multiplied; None is 1 + log₂(N) / 4 for
            skip-gram and 1 + log₂(N) / 8 for CBOW, at most 2.
    """

    count: int
    merge_every: int = 100_000
    rate_scale: float | None = None

    def __post_init__(self) -> None:
        """Refuse numbers that cannot be."""
        if not isinstance(self.count, int) or isinstance(self.count, bool) or not 1 <= self.count <= 1024:
            raise SettingsError(f"expected from 1 to 1024 shards, got {self.count!r}; as many as there are machines")
        every, scale = self.merge_every, self.rate_scale
        if not isinstance(every, int) or isinstance(every, bool) or not 1000 <= every < 2**62:
            raise SettingsError(f"expected 1000 or more words between two merges, got {every!r}; 100,000 is usual")
        if scale is not None and not (
            isinstance(scale, int | float) and not isinstance(scale, bool) and 0 < scale <= 10
        ):
            raise SettingsError(f"expected the shards' rate_scale above 0 and at most 10, got {scale!r}; None is usual")

    @classmethod
    def of(cls, shards: int | Shards) -> Shards:
        """Return the settings, where only the number may have been given."""
        return shards if isinstance(shards, Shards) else cls(count=shards)

    def scale(self, growth: float) -> float:
        """Return by which the learning rate is multiplied: the setting, or 1 + growth · log₂(N), at most 2.

        Args:
            growth: float ≥ 0, what each doubling of the shards adds.
        """
        # Where copies agree, each merge is one copy's way, not all of theirs: higher steps make up for some of that.
        return min(2.0, 1.0 + math.log2(self.count) * growth) if self.rate_scale is None else self.rate_scale

    def cut(self, items: int) -> tuple[int, int]:
        """Return how many items a block shall have, and how many blocks each share learns between two merges.

        Args:
            items: int ≥ 1, in a pass.
        """
        words = min(self.merge_every, max(1, items // (self.count * _ROUNDS_AT_LEAST)))
        blocks = -(-words // _LARGEST_BLOCK)
        return -(-words // blocks), blocks


class Shares:
    """A pass's blocks, shared out: to each share a run of them, as many as to any other or one less.

    Args:
        blocks: of a pass, in order.
        count: N ≥ 1; of fewer blocks some shares have none.
        blocks_in_round: int ≥ 1, what each share learns before all are merged.
    """

    def __init__(self, blocks: Sequence[Block], count: int, blocks_in_round: int) -> None:
        self.count, self.blocks_in_round, self.total = count, blocks_in_round, len(blocks)
        longer, length = len(blocks) % count, len(blocks) // count
        starts = [length * share + min(share, longer) for share in range(count + 1)]
        self.shares = [blocks[start:end] for start, end in pairwise(starts)]

    @property
    def groups(self) -> list[range]:
        """The groups that each share has, all blocks together."""
        return [range(share[0].groups.start, share[-1].groups.stop) if share else range(0) for share in self.shares]

    def is_between_rounds(self, done: int) -> bool:
        """Return whether so many blocks are what some rounds come to."""
        return done == self.total or (done % (self.count * self.blocks_in_round) == 0 and done < self.total)

    def round_after(self, done: int) -> list[Sequence[Block]]:
        """Return the blocks that each share learns in the round after so many blocks of all shares are done.

        Args:
            done: int in [0, blocks): `is_between_rounds` holds.
        """
        # All shares are as long but for one block, so only the pass's last round can be cut short.
        first = done // self.count
        return [share[first : first + self.blocks_in_round] for share in self.shares]

    def items_before(self, share: int, block: Block) -> int:
        """Return how much of the pass is done when a share comes to one of its blocks, were all shares as far."""
        return self.count * (block.first_item - self.shares[share][0].first_item)
