"""How the rows of several copies of a matrix changed, and those changes made one; `training/merging.py` defines it."""

from __future__ import annotations

import numpy as np

from firth.kernels.jit import kernel, kernel_part

__all__ = ["add_changes", "copy_rows", "find_changed", "merge_changes", "take_changes"]

_NO_ROW = 0x7FFFFFFFFFFFFFFF


@kernel
def find_changed(own_bits, base_bits, changed):
    """Mark the rows in which two matrices differ.

    Args:
        own_bits, base_bits: int32 (R, S), the matrices' own bits, since NaN is no number to compiled arithmetic.
        changed: bool (R,), is written.
    """
    for row in range(own_bits.shape[0]):
        difference = np.int32(0)
        for column in range(own_bits.shape[1]):
            difference |= own_bits[row, column] ^ base_bits[row, column]
        changed[row] = difference != 0


@kernel
def take_changes(own, base, rows, changes):
    """Write own[row] − base[row] for some rows.

    Args:
        own, base: float32 (R, S).
        rows: int64 (n,).
        changes: float32 (n, D), D ≤ S, is written.
    """
    for place in range(len(rows)):
        row = rows[place]
        for column in range(changes.shape[1]):
            changes[place, column] = own[row, column] - base[row, column]


@kernel
def add_changes(base, rows, changes):
    """Add changes to their rows, each of which comes once.

    Args:
        base: float32 (R, S), is changed.
        rows: int64 (n,).
        changes: float32 (n, D), D ≤ S.
    """
    for place in range(len(rows)):
        row = rows[place]
        for column in range(changes.shape[1]):
            base[row, column] += changes[place, column]


@kernel
def copy_rows(base, rows, own):
    """Copy some rows of one matrix to the other.

    Args:
        base: float32 (R, S).
        rows: int64 (n,).
        own: float32 (R, S), is changed.
    """
    for place in range(len(rows)):
        row = rows[place]
        for column in range(own.shape[1]):
            own[row, column] = base[row, column]


@kernel_part
def _combine(changes, first, target):
    """Write a · (1 − a·b / 2|a|²) + b · (1 − a·b / 2|b|²) of two rows that follow one another to a third."""
    product, left, right = np.float32(0), np.float32(0), np.float32(0)
    for column in range(changes.shape[1]):
        a, b = changes[first, column], changes[first + 1, column]
        product += a * b
        left += a * a
        right += b * b
    a_share, b_share = np.float32(1), np.float32(1)
    if left > 0 and right > 0:
        a_share -= product / (2 * left)
        b_share -= product / (2 * right)
    for column in range(changes.shape[1]):
        changes[target, column] = changes[first, column] * a_share + changes[first + 1, column] * b_share


@kernel_part
def _join(changes, width):
    """Join the first rows in pairs, then the results in pairs, until one is left, the first."""
    while width > 1:
        joined = 0
        for first in range(0, width - 1, 2):
            _combine(changes, first, joined)
            joined += 1
        if width % 2 == 1:
            for column in range(changes.shape[1]):
                changes[joined, column] = changes[width - 1, column]
            joined += 1
        width = joined


@kernel
def merge_changes(rows, changes, places, ends, pending, merged_rows, merged):
    """Make one change of all that several copies have of the same row; return how many rows there are.

    Args:
        rows: int64 (n,), the first copy's, ascending, then the second's …
        changes: float32 (n, D), beside them.
        places: int64 (N,), where each copy's begin, is overwritten.
        ends: int64 (N,), where they end.
        pending: float32 (N, D), working memory.
        merged_rows: int64 (n,), is written, ascending.
        merged: float32 (n, D), is written.
    """
    count = 0
    while True:
        row = _NO_ROW
        for copy in range(len(ends)):
            if places[copy] < ends[copy]:
                row = min(row, rows[places[copy]])
        if row == _NO_ROW:
            return count
        width = 0
        for copy in range(len(ends)):
            if places[copy] < ends[copy] and rows[places[copy]] == row:
                for column in range(changes.shape[1]):
                    pending[width, column] = changes[places[copy], column]
                places[copy] += 1
                width += 1
        _join(pending, width)
        merged_rows[count] = row
        for column in range(changes.shape[1]):
            merged[count, column] = pending[0, column]
        count += 1
