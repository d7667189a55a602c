"""Blocks: the runs of groups in which a pass is handed to the threads, and the random stream of each.

A group is what stays together: a sentence of words, a tile of entries.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Block", "blocks_of", "stream_seed"]


@dataclass(frozen=True, slots=True)
class Block:
    """Some whole groups.

    Args:
        number: int ≥ 0, the block's place in the pass.
        groups: which, a range with step 1.
        first_item: where the first of them begins.
        items: how many items they have.
    """

    number: int
    groups: range
    first_item: int
    items: int


def blocks_of(ends: npt.NDArray[np.int64], size: int) -> list[Block]:
    """Return a pass cut at the ends of groups into blocks of about `size` items.

    The cut depends on the groups alone, never on the number of threads.

    Args:
        ends: int64 (G,), increasing, exclusive: the groups' ends, in items.
        size: int ≥ 1, items; a block has fewer than `size` and one group more.
    """
    total = int(ends[-1]) if len(ends) else 0
    wanted = np.arange(size, total + size, size)
    cuts = np.unique(np.minimum(np.searchsorted(ends, wanted, side="left") + 1, len(ends)))
    blocks, start, first_item = [], 0, 0
    for number, stop in enumerate(cuts.tolist()):
        end = int(ends[stop - 1])
        blocks.append(Block(number, range(start, stop), first_item, end - first_item))
        start, first_item = stop, end
    return blocks


def stream_seed(seed: int, epoch: int, block: int) -> int:
    """Return the seed of a block's random stream, which depends on nothing but these three.

    Args:
        seed: int ≥ 0, the run's.
        epoch: int ≥ 0.
        block: int ≥ 0, the block's number.

    Returns:
        int in [0, 2⁶⁴).
    """
    return int(np.random.SeedSequence((seed, epoch, block)).generate_state(1, np.uint64)[0])
