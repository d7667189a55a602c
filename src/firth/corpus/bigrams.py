"""Passes over an encoded text for its bigrams: pairs counted, phrases joined, rare words left out.

`firth.kernels.bigrams` says what a pair, its role and its key are; `firth.distributed.bigrams` does the same by many.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from firth.events import Progress
from firth.kernels import bigrams as kernels

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from firth.events import Listener

__all__ = ["Bigrams", "PairCounts", "Roles", "Text", "stretches"]

_WORDS_AT_ONCE = 1 << 20
_LEAST_SLOTS = 1 << 12
_FULL = 0.6
"""A hash table with more keys than this share of its slots grows."""


class Text(Protocol):
    """Sentences of ids."""

    @property
    def token_ids(self) -> npt.NDArray[np.int32]:
        """int32 (T,)."""

    @property
    def sentence_ends(self) -> npt.NDArray[np.int64]:
        """int64 (S,), ascending."""


class Roles(NamedTuple):
    """What each id may be in a pair.

    of: int32 (V,), its role.
    words: how many ids can be part of a pair.
    radix: the connectors' number, and one.
    """

    of: npt.NDArray[np.int32]
    words: int
    radix: int


class PairCounts(NamedTuple):
    """Pairs and how often they came.

    keys: int64, ascending.
    counts: int64 of the same length.
    least: int ≥ 1: pairs that had come less often were forgotten on the way; 1 where none was.
    """

    keys: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]
    least: int


def stretches(text: Text, most: int) -> Iterator[tuple[slice, slice]]:
    """Yield sentences in runs of at most about `most` words, and at least one: their places, their words'."""
    ends = text.sentence_ends
    sentence = first = 0
    while sentence < len(ends):
        stop = max(sentence + 1, int(np.searchsorted(ends, first + most, side="right")))
        last = int(ends[stop - 1])
        yield slice(sentence, stop), slice(first, last)
        sentence, first = stop, last


def words_at_once(most_pairs: int) -> int:
    """Return how many words are counted before it is asked whether too many pairs are known."""
    return min(_WORDS_AT_ONCE, most_pairs // 2)


class Bigrams:
    """Passes in this process, by one thread."""

    def counted(self, text: Text, roles: Roles, *, min_count: int, most: int, tell: Listener) -> PairCounts:
        """Return all pairs that are frequent enough.

        Args:
            text: what is counted.
            roles: of its ids.
            min_count: int ≥ 1; rarer pairs are left out.
            most: int ≥ 2; where more different pairs may be known, the rarest are forgotten.
            tell: told of progress.
        """
        table = np.zeros(2 * _LEAST_SLOTS, np.int64)
        used, least = 0, 1
        begun = time.monotonic()
        for sentences, tokens in stretches(text, words_at_once(most)):
            coming = tokens.stop - tokens.start
            while used and used + coming > most:
                least += 1
                other = np.zeros_like(table)
                used = int(kernels.move(table, other, least))
                table = other
            if used + coming > _FULL * (len(table) // 2):
                other = np.zeros(2 << int((used + coming) / _FULL).bit_length(), np.int64)
                kernels.move(table, other, 1)
                table = other
            token_ids, ends = text.token_ids[tokens], text.sentence_ends[sentences]
            used += int(kernels.count(token_ids, ends, tokens.start, *roles, table))
            done = time.monotonic() - begun
            tell(Progress(done=tokens.stop, total=len(text.token_ids), unit="words", seconds=done))
        frequent = np.flatnonzero(table[1::2] >= min_count)
        keys, counts = table[::2][frequent], table[1::2][frequent]
        order = np.argsort(keys)
        return PairCounts(keys[order], counts[order], least)

    def joined(
        self, text: Text, roles: Roles, table: npt.NDArray[np.int64], counts: npt.NDArray[np.int64]
    ) -> Iterator[tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]]:
        """Yield the text anew, with pairs joined: some sentences' ids, and the sentences' ends among these.

        Args:
            text: what is joined.
            roles: of its ids.
            table: int64, key and new id of each pair that is joined, as the kernel takes it.
            counts: int64, by new and old id; what is written is added.
        """
        for sentences, tokens in stretches(text, _WORDS_AT_ONCE):
            token_ids, ends = text.token_ids[tokens], text.sentence_ends[sentences]
            joined, joined_ends = np.empty(len(token_ids), np.int32), np.empty(len(ends), np.int64)
            size = kernels.join(token_ids, ends, tokens.start, *roles, table, counts, joined, joined_ends)
            yield joined[:size], joined_ends

    def kept(
        self, text: Text, new_ids: npt.NDArray[np.int32]
    ) -> Iterator[tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]]:
        """Yield the text with other ids, without the words whose new id is negative; as `joined` does.

        Args:
            text: what is written anew.
            new_ids: int32 (V,), by old id.
        """
        for sentences, tokens in stretches(text, _WORDS_AT_ONCE):
            token_ids, ends = text.token_ids[tokens], text.sentence_ends[sentences]
            kept, kept_ends = np.empty(len(token_ids), np.int32), np.empty(len(ends), np.int64)
            size = kernels.keep(token_ids, ends, tokens.start, new_ids, kept, kept_ends)
            yield kept[:size], kept_ends
