"""Near spellings: what an unknown word was perhaps meant to be."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from firth.vectors.words import PackedWords

__all__ = ["near_spellings"]

# Bounds that keep the search below a tenth of a second for any vocabulary; frequent words are the likelier meant.
_WORDS_LOOKED_AT = 100_000
_WORDS_COMPARED = 500
_LONGEST = 100
_LEAST_RATIO = 0.7


def near_spellings(words: PackedWords, word: str, most: int = 3) -> list[str]:
    """Return up to `most` words that are spelled almost like `word`, nearest first.

    Words that differ in capitals alone come first, then those of the first 100,000 whose ratio by difflib, 2 M / T, is
    0.7 or more: M characters that match in order, T characters in both together.

    Args:
        words: the vocabulary, most frequent first.
        word: the word that it does not hold.
        most: int ≥ 1.
    """
    cases = dict.fromkeys((word.lower(), word.capitalize(), word.upper(), word.casefold()))
    near = [other for other in cases if other != word and other in words]
    candidates = [words[word_id] for word_id in _alike_by_bytes(words, word.encode(errors="replace")).tolist()]
    close = difflib.get_close_matches(word, candidates, n=most, cutoff=_LEAST_RATIO)
    return list(dict.fromkeys(near + close))[:most]


def _alike_by_bytes(words: PackedWords, spelled: bytes) -> npt.NDArray[np.int64]:
    """Return the words, at most 500, that share most bytes with a spelling, in whatever order: M can only be less."""
    if not 2 <= len(spelled) <= _LONGEST:
        return np.empty(0, dtype=np.int64)
    starts = words.ends[:-1][:_WORDS_LOOKED_AT]
    lengths = words.ends[1:][:_WORDS_LOOKED_AT] - starts
    # M is at most the shorter length, so that other lengths cannot reach the ratio.
    some: npt.NDArray[np.int64] = np.flatnonzero((lengths <= len(spelled) * 2) & (lengths >= len(spelled) // 2))
    some = some[2 * np.minimum(lengths[some], len(spelled)) >= _LEAST_RATIO * (lengths[some] + len(spelled))]
    if len(some) == 0:
        return some
    starts, lengths = starts[some], lengths[some]
    # Each candidate's count of each byte that the spelling has, all other bytes counted as one.
    kinds, counts = np.unique(np.frombuffer(spelled, dtype=np.uint8), return_counts=True)
    kind_of = np.full(256, len(kinds), dtype=np.int64)
    kind_of[kinds] = np.arange(len(kinds))
    owner = np.repeat(np.arange(len(some)), lengths)
    within = np.arange(len(owner)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    kind = kind_of[words.text[starts[owner] + within]]
    table = np.bincount(owner * (len(kinds) + 1) + kind, minlength=len(some) * (len(kinds) + 1))
    shared = np.minimum(table.reshape(len(some), -1)[:, :-1], counts).sum(axis=1)
    ratio = 2 * shared / (lengths + len(spelled))
    best = np.argsort(-ratio, kind="stable")[:_WORDS_COMPARED]
    alike: npt.NDArray[np.int64] = some[best[ratio[best] >= _LEAST_RATIO]]
    return alike
