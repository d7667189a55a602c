"""Co-occurrence counts a row at a time: every place where a word stands, and the words around it, summed up.

The text is turned around first: for each word, the places where it stands. A row's sums then lie in an array with one
number for each word, which stays in the processor's cache, and come out in order. Nothing is sorted: the columns that
a row has are marked in **flags**, 32 to an integer, and the integers that have any in a **summary** of the same kind.

An **occurrence** is one int64: a place in `tokens`, and how far the window reaches from there before a sentence or the
window ends,

    place · 2²⁰ + left · 2¹⁰ + right

All sums are whole numbers, so that no order of adding can be told from another.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from firth.kernels.jit import kernel, kernel_part
from firth.kernels.simd import prefetch

__all__ = ["Entries", "Row", "count_rows", "count_words", "invert", "is_sound", "merge_rows"]

_PLACE, _LEFT, _REACH = 20, 10, 1023
_AHEAD = 8
"""Occurrences between asking for a place in the text and reading it; most are far from the one before."""

_BRUIJN = 0x077CB531
"""Shifted to the left by 0 to 31, its upper five of 32 bits are each number once."""
_LOW = 0xFFFFFFFF
_BIT_NUMBERS = np.zeros(32, np.int64)
_BIT_NUMBERS[[((_BRUIJN << bit) & _LOW) >> 27 for bit in range(32)]] = range(32)

_INFINITY_BITS = 0x7F800000


class Row(NamedTuple):
    """Working memory of one thread for a row of V words; all zero between rows.

    sums: int64 (V,), by column.
    columns: int32 (V + 1,), those that are not 0, as they were met; need not be zero.
    flags: int64 (⌈V / 32⌉,), a bit a column.
    summary: int64 (⌈V / 1024⌉,), a bit an integer of flags.
    """

    sums: npt.NDArray[np.int64]
    columns: npt.NDArray[np.int32]
    flags: npt.NDArray[np.int64]
    summary: npt.NDArray[np.int64]


class Entries(NamedTuple):
    """Room for the entries of some rows, one row after the other.

    columns: int32 (C,), ascending in a row.
    sums: int64 (C,), > 0.
    row_sizes: int64 (V,), how many entries each row has, the first of the rows first.
    """

    columns: npt.NDArray[np.int32]
    sums: npt.NDArray[np.int64]
    row_sizes: npt.NDArray[np.int64]


@kernel
def count_words(token_ids, counts):
    """Add each word's count in int32 (T,) to int64 (V,)."""
    for place in range(len(token_ids)):
        counts[token_ids[place]] += 1


@kernel
def invert(token_ids, sentence_start, sentence_ends, first, last, offset, left, right, next_places, occurrences):
    """Write the occurrences of a stretch of text where each word's belong.

    Args:
        token_ids: int32 (T,), the corpus.
        sentence_start: where the sentence of the stretch's first word begins.
        sentence_ends: int64, exclusive ends of that sentence and those after it, to the stretch's last word or further.
        first, last: the stretch, `last` exclusive.
        offset: what is subtracted from places.
        left, right: the window's reach, 0 … 1000.
        next_places: int64 (V,), where each word's next occurrence goes; moved on.
        occurrences: int64, room.
    """
    start = sentence_start
    for sentence in range(len(sentence_ends)):
        end = sentence_ends[sentence]
        for place in range(max(start, first), min(end, last)):
            before = min(left, place - start)
            after = min(right, end - 1 - place)
            word = token_ids[place]
            occurrences[next_places[word]] = ((place - offset) << _PLACE) | (before << _LEFT) | after
            next_places[word] += 1
        start = end


@kernel_part
def _add(column, weight, row, known):
    """Add to one column's sum; return how many columns the row has now."""
    before = row.sums[column]
    # Written always and counted only if new, which spares a branch that nothing could foretell.
    row.columns[known] = column
    row.sums[column] = before + weight
    return known + (before == 0)


@kernel_part
def _lowest(bits):
    """Return the number of the lowest bit that is set in 1 … 2³² − 1."""
    return _BIT_NUMBERS[(((bits & -bits) * _BRUIJN) & _LOW) >> 27]


@kernel_part
def _emit(row, known, largest, entries, size):
    """Write a row's entries behind the `size` that are there, in order, and make the row zero; return the new size."""
    for place in range(known):
        column = np.int64(row.columns[place])
        row.flags[column >> 5] |= np.int64(1) << (column & 31)
        row.summary[column >> 10] |= np.int64(1) << ((column >> 5) & 31)
    for group in range(len(row.summary)):
        any_of = row.summary[group]
        row.summary[group] = 0
        while any_of != 0:
            flag = group * 32 + _lowest(any_of)
            any_of &= any_of - 1
            bits = row.flags[flag]
            row.flags[flag] = 0
            while bits != 0:
                column = flag * 32 + _lowest(bits)
                bits &= bits - 1
                rest = row.sums[column]
                row.sums[column] = 0
                while rest > largest:
                    entries.columns[size] = column
                    entries.sums[size] = largest
                    size += 1
                    rest -= largest
                entries.columns[size] = column
                entries.sums[size] = rest
                size += 1
    return size


@kernel
def count_rows(
    tokens, occurrences, occurrence_ends, first, last, left_weights, right_weights, largest, row, entries
):  # fmt: skip
    """Count the company of the words first … last − 1; return how many entries they have.

        sums[j] = Σ over the word's places p, over distances d up to p's reach, of weight(d) if j stands at p ± d

    Args:
        tokens: int32, the text that occurrences point into.
        occurrences: int64 (T,), by word.
        occurrence_ends: int64 (V,), exclusive.
        first, last: the rows.
        left_weights, right_weights: int64, > 0, by distance from 1 on.
        largest: the greatest sum that one entry may have; a greater one is written as several of the same column.
        row: working memory.
        entries: room for all.
    """
    size = 0
    final = len(occurrences) - 1
    occurrence = np.int64(0)
    if first > 0:
        occurrence = occurrence_ends[first - 1]
    for word in range(first, last):
        known = 0
        while occurrence < occurrence_ends[word]:
            coming = occurrences[min(occurrence + _AHEAD, final)]
            prefetch(tokens, (coming >> _PLACE) - ((coming >> _LEFT) & _REACH))
            prefetch(tokens, (coming >> _PLACE) + (coming & _REACH))
            here = occurrences[occurrence]
            occurrence += 1
            place = here >> _PLACE
            for distance in range((here >> _LEFT) & _REACH):
                known = _add(tokens[place - 1 - distance], left_weights[distance], row, known)
            for distance in range(here & _REACH):
                known = _add(tokens[place + 1 + distance], right_weights[distance], row, known)
        before = size
        size = _emit(row, known, largest, entries, size)
        entries.row_sizes[word - first] = size - before
    return size


@kernel
def merge_rows(columns, sums, ends, words, first, last, row, entries):
    """Add up what several runs hold of the rows first … last − 1; return how many entries they have.

    Args:
        columns: int32, of all rows of the first run, then of the second …
        sums: uint32 or int64, beside them.
        ends: int64 (runs · V,), exclusive, in the same order.
        words: V.
        first, last: the rows.
        row: working memory.
        entries: room for all.
    """
    size = 0
    largest = np.int64(0x7FFFFFFFFFFFFFFF)
    for word in range(first, last):
        known = 0
        for part in range(word, len(ends), words):
            start = np.int64(0)
            if part > 0:
                start = ends[part - 1]
            for place in range(start, ends[part]):
                known = _add(columns[place], np.int64(sums[place]), row, known)
        before = size
        size = _emit(row, known, largest, entries, size)
        entries.row_sizes[word - first] = size - before
    return size


@kernel
def is_sound(row_ends, columns, value_bits):
    """Return whether arrays are a matrix: ends that rise to the last entry, columns ascending, values > 0 and finite.

    Args:
        row_ends: int64 (V,).
        columns: int32 (n,).
        value_bits: int32 (n,), the float32 values' own bits, since NaN is no number to compiled arithmetic.
    """
    start = np.int64(0)
    for word in range(len(row_ends)):
        end = row_ends[word]
        if end < start or end > len(columns):
            return False
        before = np.int64(-1)
        for place in range(start, end):
            column = np.int64(columns[place])
            if column <= before or not 0 < value_bits[place] < _INFINITY_BITS:
                return False
            before = column
        if before >= len(row_ends):
            return False
        start = end
    return start == len(columns)
