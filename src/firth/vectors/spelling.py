"""Near spellings: what an unknown word was perhaps meant to be."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from firth.vectors.words import PackedWords

__all__ = ["near_spellings"]

# Bounds that keep the search below a tenth of a second for any vocabulary; frequent words are the likelier meant.
_WORDS_LOOKED_AT = 200_000
_WORDS_COMPARED = 4_000


def near_spellings(words: PackedWords, word: str, most: int = 3) -> list[str]:
    """Return up to `most` words that are spelled almost like `word`, nearest first.

    Words that differ in capitals alone come first. The others are compared by difflib's ratio (at least 0.7) if they
    are among the first 200,000 words, are within two bytes of the same length, and begin with the same byte or end
    with the same two; at most the first 4,000 such words.

    Args:
        words: the vocabulary, most frequent first.
        word: the word that it does not hold.
        most: int ≥ 1.
    """
    cases = dict.fromkeys((word.lower(), word.capitalize(), word.upper(), word.casefold()))
    near = [other for other in cases if other != word and other in words]
    spelled = word.encode(errors="replace")
    if len(spelled) > 100 or len(spelled) < 2:
        return near[:most]
    starts, ends = words.ends[:-1][:_WORDS_LOOKED_AT], words.ends[1:][:_WORDS_LOOKED_AT]
    lengths = ends - starts
    some = np.flatnonzero((abs(lengths - len(spelled)) <= 2) & (lengths >= 2))
    first, last, last_but_one = words.text[starts[some]], words.text[ends[some] - 1], words.text[ends[some] - 2]
    some = some[(first == spelled[0]) | ((last == spelled[-1]) & (last_but_one == spelled[-2]))]
    candidates = [words[word_id] for word_id in some[:_WORDS_COMPARED].tolist()]
    near += [other for other in difflib.get_close_matches(word, candidates, n=most, cutoff=0.7) if other not in near]
    return near[:most]
