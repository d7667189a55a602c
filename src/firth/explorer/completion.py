"""Finding words by their letters: those that begin so, and those that hold a text; millions of them in milliseconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from firth.vectors.words import PackedWords

if TYPE_CHECKING:
    from firth.vectors.store import WordVectors

__all__ = ["beginning_with", "holding"]

Rows = npt.NDArray[np.int64]


def beginning_with(wv: WordVectors, prefix: str, k: int) -> Rows:
    """Return the rows of the most frequent words that begin with a text, as typed, in small letters or in capitals.

    Args:
        wv: the vectors.
        prefix: the text; every word begins with the empty one.
        k: int ≥ 1, how many at most.
    """
    packed = PackedWords.of(wv.words)
    starts, lengths = packed.ends[:-1], np.diff(packed.ends)
    found = [np.empty(0, dtype=np.int64)]
    for wanted in _spellings(prefix):
        rows = np.flatnonzero(lengths >= len(wanted))
        for position, byte in enumerate(wanted):
            rows = rows[packed.text[starts[rows] + position] == byte]
            if len(rows) == 0:
                break
        found.append(rows)
    return most_frequent_first(wv, np.unique(np.concatenate(found)), k)


def holding(wv: WordVectors, text: str, k: int) -> tuple[Rows, int]:
    """Return the rows of the most frequent words that hold a text, and how many hold it in all.

    Args:
        wv: the vectors.
        text: at least one character; looked for as typed, in small letters and in capitals.
        k: int ≥ 1, how many rows at most.
    """
    packed = PackedWords.of(wv.words)
    found = [np.empty(0, dtype=np.int64)]
    for wanted in _spellings(text):
        last = len(packed.text) - len(wanted)
        places = np.flatnonzero(packed.text[: last + 1] == wanted[0]) if last >= 0 and wanted else found[0]
        for position, byte in enumerate(wanted[1:], 1):
            places = places[packed.text[places + position] == byte]
        rows = np.searchsorted(packed.ends, places, side="right") - 1
        # A match may reach from the end of one word into the next.
        found.append(rows[places + len(wanted) <= packed.ends[rows + 1]])
    rows = np.unique(np.concatenate(found))
    return most_frequent_first(wv, rows, k), len(rows)


def most_frequent_first(wv: WordVectors, rows: Rows, k: int) -> Rows:
    """Return the most frequent of some rows; where counts are not known, the first.

    Args:
        wv: the vectors.
        rows: int64 (n,), rising.
        k: int ≥ 0, how many at most.
    """
    if wv.counts is None:
        return rows[:k]
    return rows[np.argsort(-wv.counts[rows], kind="stable")[:k]]


def _spellings(text: str) -> list[bytes]:
    variants = dict.fromkeys((text, text.lower(), text.capitalize(), text.upper()))
    return [variant.encode(errors="replace") for variant in variants]
