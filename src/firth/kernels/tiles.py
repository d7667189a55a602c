"""Entries of a table sorted into groups, and shuffled within each: a counting sort in three passes.

An entry's **group** is its column's block where `blocks` names one for each column, and else drawn at random from its
place in the table. Each row's block of rows is a matter of its own, so that several threads can share the work and
still place each entry where one alone would.
"""

from __future__ import annotations

import numpy as np

from firth.kernels.jit import kernel, kernel_part
from firth.kernels.random import advance, bits_of

__all__ = ["count", "place", "shuffle"]

_32 = np.uint64(32)


@kernel_part
def _below(bits, count):
    """Return a whole number in [0, count) from 64 random bits; count below 2³²."""
    return np.int64(((bits >> _32) * np.uint64(count)) >> _32)


@kernel_part
def _group(entry, column, blocks, groups, seed):
    """Return an entry's group."""
    if len(blocks) > 0:
        return np.int64(blocks[column])
    return _below(bits_of(bits_of(np.uint64(entry)) ^ seed), groups)


@kernel
def count(columns, start, stop, blocks, seed, counts):
    """Count the entries of each group among some entries.

    Args:
        columns: int32 (n,).
        start: the first entry.
        stop: behind the last one.
        blocks: int32 (V,), each column's group, or empty.
        seed: uint64, of the draw where `blocks` is empty.
        counts: int64 (groups,), to which is added.
    """
    for entry in range(start, stop):
        counts[_group(entry, columns[entry], blocks, len(counts), seed)] += 1


@kernel
def place(row_ends, columns, values, first_row, last_row, blocks, seed, x_max, alpha, places, entries):
    """Write the entries of some rows to their groups, with log X and f(X).

    Args:
        row_ends: int64 (V,), exclusive.
        columns: int32 (n,).
        values: float32 (n,), X > 0.
        first_row: the first row.
        last_row: behind the last one.
        blocks: int32 (V,), each column's group, or empty.
        seed: uint64, of the draw where `blocks` is empty.
        x_max: float64 > 0, the count from which on an entry has the full weight.
        alpha: float64 ≥ 0, the weight's exponent below it.
        places: int64 (groups,), where each group's next entry goes; moved on.
        entries: (n,) of `firth.objectives.tiles.ENTRY`.
    """
    entry = np.int64(0) if first_row == 0 else row_ends[first_row - 1]
    for row in range(first_row, last_row):
        while entry < row_ends[row]:
            group = _group(entry, columns[entry], blocks, len(places), seed)
            here = entries[places[group]]
            places[group] += 1
            x = np.float64(values[entry])
            here["row"] = row
            here["column"] = columns[entry]
            here["log_count"] = np.log(x)
            here["weight"] = 1.0 if x >= x_max else (x / x_max) ** alpha
            entry += 1


@kernel
def shuffle(halves, starts, ends, numbers, first, last, seed):
    """Shuffle the entries within each of some groups (Fisher and Yates).

    Args:
        halves: int64 (n, 2), the entries as they lie in memory.
        starts: int64 (groups,), where each group begins.
        ends: int64 (groups,), exclusive.
        numbers: int64 (groups,), by which each has a stream of its own.
        first: the first group.
        last: behind the last one.
        seed: uint64.
    """
    for group in range(first, last):
        start = starts[group]
        state = bits_of(bits_of(np.uint64(numbers[group])) ^ seed)
        for left in range(ends[group] - start, 1, -1):
            state = advance(state)
            other, end = start + _below(bits_of(state), left), start + left - 1
            first_half, second_half = halves[other, 0], halves[other, 1]
            halves[other, 0], halves[other, 1] = halves[end, 0], halves[end, 1]
            halves[end, 0], halves[end, 1] = first_half, second_half
