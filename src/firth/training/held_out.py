"""Sentences that are never trained on, so that the loss on them says what was learned rather than what was seen.

A sentence is held out where a hash of its number, under a key that depends on the seed, is below a bound. Which
sentences these are depends on the text, the seed and the share alone: not on threads, epochs, or how often the
training was broken off.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from firth.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "DEFAULT_SHARE",
    "FEWEST_WORDS",
    "MOST_WORDS",
    "HeldOutSentences",
    "SplitText",
    "check_share",
    "choose",
    "nothing_held_out",
    "share_of_entries",
]

DEFAULT_SHARE = 0.01
MOST_WORDS = 200_000
"""So many words measure a loss to about three digits; more would only take longer."""

FEWEST_WORDS = 100_000
"""In a shorter text a hundredth is too little to measure by, and every sentence is needed to learn from."""

_AT_ONCE = 1 << 20
_INCREMENT = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_PURPOSE = 0x4E1D
"""Sets the key's stream apart from those of the blocks, which are made of three numbers."""


@dataclass(frozen=True, eq=False)
class HeldOutSentences:
    """What is held out of a text.

    Args:
        key: int in [0, 2⁶⁴), of the hash.
        below: int in [0, 2⁶⁴): a sentence is held out where its hash is below it.
        stream: int in [0, 2⁶⁴), the seed of what is drawn to measure them.
        sentences: int64 (H,), the sentences' numbers, ascending.
        words: how many words they have.
    """

    key: int
    below: int
    stream: int
    sentences: npt.NDArray[np.int64]
    words: int

    def __len__(self) -> int:
        return len(self.sentences)


class SplitText:
    """A text, a part of which is held out, as models take it.

    Args:
        token_ids: int32 (T,).
        sentence_ends: int64 (S,), exclusive.
        held_out: the part.
    """

    def __init__(
        self, token_ids: npt.NDArray[np.int32], sentence_ends: npt.NDArray[np.int64], held_out: HeldOutSentences
    ) -> None:
        self.token_ids, self.sentence_ends = token_ids, sentence_ends
        self.key, self.below, self.stream = held_out.key, held_out.below, held_out.stream
        self.sentences = held_out.sentences


def nothing_held_out() -> HeldOutSentences:
    """Return the choice of no sentence."""
    return HeldOutSentences(0, 0, 0, np.zeros(0, dtype=np.int64), 0)


def choose(sentence_ends: npt.NDArray[np.int64], *, share: float | None, seed: int) -> HeldOutSentences:
    """Return the sentences to hold out: those with the lowest hashes, as many as have at most a share of the words.

        hash(s) = the number s of the generator SplitMix64, started at a key made of the seed

    Args:
        sentence_ends: int64 (S,), exclusive, in words.
        share: float in [0, 0.5], of the words, of which never more than `MOST_WORDS` are held out; None is
            `DEFAULT_SHARE`, and nothing of a text of fewer than `FEWEST_WORDS` words.
        seed: int ≥ 0.

    Raises:
        SettingsError: a share that cannot be.
    """
    check_share(share)
    total = int(sentence_ends[-1]) if len(sentence_ends) else 0
    if share == 0 or total == 0 or (share is None and total < FEWEST_WORDS):
        return nothing_held_out()
    budget = min(total * (DEFAULT_SHARE if share is None else share), MOST_WORDS)
    key, stream = np.random.SeedSequence((seed, _PURPOSE)).generate_state(2, np.uint64).tolist()
    # Twice what is wanted, so that chance leaves enough of them to choose from.
    bound = min(2**64 - 1, int((2 * budget / total + 64 / len(sentence_ends)) * 2**64))
    found = [_below(sentence_ends, key, bound, part) for part in _parts(len(sentence_ends))]
    numbers, hashes, lengths = (np.concatenate(arrays) for arrays in zip(*found, strict=True))
    order = np.argsort(hashes, kind="stable")
    count = int(np.searchsorted(np.cumsum(lengths[order]), budget, side="right"))
    below = int(hashes[order[count]]) if count < len(order) else bound
    chosen = np.flatnonzero(hashes < np.uint64(below))
    return HeldOutSentences(key, below, stream, numbers[chosen], int(lengths[chosen].sum()))


def share_of_entries(entries: int, *, share: float | None, words: int) -> float:
    """Return the share of a table's entries to hold out; the rules are those of sentences.

    Args:
        entries: int ≥ 0, of which never more than about `MOST_WORDS` are held out.
        share: float in [0, 0.5]; None is `DEFAULT_SHARE`, and nothing of a text of fewer than `FEWEST_WORDS` words.
        words: int ≥ 0, that the text has.

    Raises:
        SettingsError: a share that cannot be.
    """
    check_share(share)
    if share is None:
        share = DEFAULT_SHARE if words >= FEWEST_WORDS else 0.0
    return min(share, MOST_WORDS / max(1, entries))


def check_share(share: float | None) -> None:
    """Refuse a share that cannot be held out.

    Args:
        share: of a text.

    Raises:
        SettingsError: it is not from 0 to 0.5, or None.
    """
    if share is not None and not (isinstance(share, int | float) and not isinstance(share, bool) and 0 <= share <= 0.5):
        raise SettingsError(
            f"expected a share from 0 to 0.5 of the text to be held out, got {share!r}; 0.01 is usual, 0 holds out none"
        )


def _parts(sentences: int) -> Iterator[range]:
    for start in range(0, sentences, _AT_ONCE):
        yield range(start, min(start + _AT_ONCE, sentences))


def _below(
    ends: npt.NDArray[np.int64], key: int, bound: int, part: range
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    """Return the sentences of a part whose hashes are below a bound: their numbers, hashes and lengths."""
    numbers = np.arange(part.start, part.stop, dtype=np.uint64)
    bits = np.uint64(key) + (numbers + np.uint64(1)) * _INCREMENT
    bits = (bits ^ (bits >> np.uint64(30))) * _FIRST
    bits = (bits ^ (bits >> np.uint64(27))) * _SECOND
    bits ^= bits >> np.uint64(31)
    found = np.flatnonzero(bits < np.uint64(bound))
    chosen = found + part.start
    lengths = ends[chosen] - np.where(chosen > 0, ends[chosen - 1], 0)
    return chosen, bits[found], lengths
