"""Blocks: the runs of sentences in which a corpus is handed to the threads, and the random stream of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Block", "blocks_of", "stream_seed"]


@dataclass(frozen=True, slots=True)
class Block:
    """Some whole sentences.

    Args:
        number: int ≥ 0, the block's place in the corpus.
        sentences: which, a range with step 1.
        first_token: where the first of them begins in the corpus.
        tokens: how many words they have.
    """

    number: int
    sentences: range
    first_token: int
    tokens: int


def blocks_of(sentence_ends: npt.NDArray[np.int64], size: int) -> list[Block]:
    """Return the corpus cut at sentence ends into blocks of about `size` words.

    The cut depends on the corpus alone, never on the number of threads.

    Args:
        sentence_ends: int64 (S,), increasing, exclusive.
        size: int ≥ 1, words; a block has fewer than `size` and one sentence more.
    """
    total = int(sentence_ends[-1]) if len(sentence_ends) else 0
    wanted = np.arange(size, total + size, size)
    cuts = np.unique(np.minimum(np.searchsorted(sentence_ends, wanted, side="left") + 1, len(sentence_ends)))
    blocks, start, first_token = [], 0, 0
    for number, stop in enumerate(cuts.tolist()):
        end = int(sentence_ends[stop - 1])
        blocks.append(Block(number, range(start, stop), first_token, end - first_token))
        start, first_token = stop, end
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
