"""The rows of word-vector files: bytes of records or of lines to a matrix and a block of words.

The readable definitions of what is read are `split` in `firth.vectors.formats.text_rows` and the docstring of
`firth.vectors.formats.word2vec`; tests hold them and these kernels together.

**Decimal numbers.** What a line's number must become is float32(float(text)), each rounding to nearest. With m the
first 19 digits as an integer and e its power of ten, the kernel forms d = fl(fl(m) · fl(10ᵉ)): three roundings and the
digits left out, together less than 4 · 2⁻⁵³ of the value; float(text) is one more rounding away, so it lies between
d(1 − 2⁻⁵⁰) and d(1 + 2⁻⁵⁰). Rounding to float32 never turns an order around: where it takes both of these to the same
number, it takes float(text) there too. Where it does not (about one number in 10⁸), or where the value is below or
above the normal float32 numbers, the line is left to the definition.
"""

from __future__ import annotations

import numpy as np

from firth.kernels.jit import kernel

__all__ = ["LARGEST_POWER", "POWERS_OF_TEN", "first_rows", "parse_lines", "split_records"]

LARGEST_POWER = 60
POWERS_OF_TEN = np.array([float(f"1e{power}") for power in range(-LARGEST_POWER, LARGEST_POWER + 1)])
"""float64 (2 · LARGEST_POWER + 1,): 10ᵉ, correctly rounded, at e + LARGEST_POWER."""

_EXPONENT = np.uint32(0x7F800000)
_SIGN = np.uint32(0x80000000)
_SMALLEST, _LARGEST = 1.2e-38, 3.4e38
_BELOW, _ABOVE = 1.0 - 2.0**-50, 1.0 + 2.0**-50
_BLANK, _TAB, _RETURN, _LINE_FEED, _PLUS, _MINUS, _POINT = 32, 9, 13, 10, 43, 45, 46
_TEN = np.uint64(10)
_PRIME = np.uint64(0xD6E8FEB86659FD93)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_THIRTY_TWO = np.uint64(32)


@kernel
def split_records(buffer, size, matrix, bits, text, ends, at):
    """Take records of word2vec's binary format apart: a word, a blank, its numbers.

    Args:
        buffer: uint8; the first `size` bytes are the file's.
        size: how many.
        matrix: uint8 (rows, 4 · D), the matrix's bytes.
        bits: uint32 (rows, D), the same memory.
        text: uint8, room for the words' bytes: `size`.
        ends: int64 (rows + 1,), where words end, counted through the whole file; the last one known is set.
        at: int64 (4,): the next byte, the next row, the bytes written to `text`, and the first row that holds NaN or
            infinity, −1 for none. The kernel stops where a record is not whole or the matrix is full.
    """
    i, row, used = at[0], at[1], at[2]
    width = matrix.shape[1]
    while row < len(matrix):
        start = i
        while start < size and buffer[start] == _LINE_FEED:
            start += 1
        blank = start
        while blank < size and buffer[blank] != _BLANK:
            blank += 1
        if blank + 1 + width > size:
            break
        for k in range(start, blank):
            text[used + k - start] = buffer[k]
        used += blank - start
        ends[row + 1] = ends[row] + blank - start
        # Unsigned, since Numba asks of every signed index whether it counts from the end, and then copies byte by byte.
        first = np.uint64(blank + 1)
        for k in range(np.uint64(width)):
            matrix[row, k] = buffer[first + k]
        largest = np.uint32(0)
        for k in range(bits.shape[1]):
            largest = max(largest, bits[row, k] & _EXPONENT)
        if largest == _EXPONENT and at[3] < 0:
            at[3] = row
        i = blank + 1 + width
        row += 1
    at[0], at[1], at[2] = i, row, used


@kernel
def _number(buffer, i, powers):  # noqa: C901, PLR0912 (a number's parts, one after the other)
    """Return the magnitude of the decimal number that begins at i, its sign, and where it ends: −1 if undecided."""
    sign = np.uint32(0)
    if buffer[i] == _MINUS:
        sign = _SIGN
        i += 1
    elif buffer[i] == _PLUS:
        i += 1
    mantissa = np.uint64(0)
    power = 0
    kept = 0
    digits = 0
    point = False
    while True:
        digit = np.int64(buffer[i]) - 48
        if digit >= 0 and digit <= 9:
            digits += 1
            if kept < 19:
                mantissa = mantissa * _TEN + np.uint64(digit)
                kept += mantissa != 0
                power -= point
            else:
                power += not point
        elif buffer[i] == _POINT and not point:
            point = True
        else:
            break
        i += 1
    if digits == 0:
        return np.float64(0.0), sign, -1
    if buffer[i] in (69, 101):  # E, e
        i += 1
        negative = buffer[i] == _MINUS
        if negative or buffer[i] == _PLUS:
            i += 1
        exponent = 0
        digits = 0
        while buffer[i] >= 48 and buffer[i] <= 57 and digits < 6:
            exponent = exponent * 10 + np.int64(buffer[i]) - 48
            digits += 1
            i += 1
        if digits == 0:
            return np.float64(0.0), sign, -1
        power += -exponent if negative else exponent
    if mantissa == 0:
        return np.float64(0.0), sign, i
    if power < -LARGEST_POWER or power > LARGEST_POWER:
        return np.float64(0.0), sign, -1
    value = np.float64(mantissa) * powers[power + LARGEST_POWER]
    if value < _SMALLEST or value > _LARGEST or np.float32(value * _BELOW) != np.float32(value * _ABOVE):
        return np.float64(0.0), sign, -1
    return value, sign, i


@kernel
def parse_lines(buffer, size, matrix, bits, text, ends, powers, at):
    """Parse lines of a word, a blank and its numbers, as far as they are plain.

    Args:
        buffer: uint8; the first `size` bytes are whole lines, and a line feed stands behind them.
        size: how many.
        matrix: float32 (rows, D).
        bits: uint32 (rows, D), the same memory.
        text: uint8, room for the words' bytes: `size`.
        ends: int64 (rows + 1,), where words end, counted through the whole file; the last one known is set.
        powers: POWERS_OF_TEN.
        at: int64 (3,): the next byte, the next row, the bytes written to `text`.

    Returns:
        Whether it stopped before a line that the definition must read: one with a word of several parts, another number
        of numbers, or a number that cannot be decided here. Else all lines are read or the matrix is full.
    """
    i, row, used = at[0], at[1], at[2]
    dim = matrix.shape[1]
    undecided = False
    while i < size and row < len(matrix):
        start = i
        while buffer[i] > _BLANK and buffer[i] != 127:
            i += 1
        end = i
        # A second blank would belong to the word.
        undecided = end == start or buffer[i] not in (_BLANK, _TAB) or buffer[i + 1] in (_BLANK, _TAB)
        j = 0
        while not undecided and j < dim:
            while buffer[i] in (_BLANK, _TAB):
                i += 1
            value, sign, i = _number(buffer, i, powers)
            undecided = i < 0 or (buffer[i] > _BLANK)
            if not undecided:
                matrix[row, j] = value
                bits[row, j] |= sign
            j += 1
        while not undecided and buffer[i] != _LINE_FEED:
            undecided = buffer[i] not in (_BLANK, _TAB, _RETURN)
            i += 1
        if undecided:
            i = start
            break
        for k in range(start, end):
            text[used + k - start] = buffer[k]
        used += end - start
        ends[row + 1] = ends[row] + end - start
        row += 1
        i += 1
    at[0], at[1], at[2] = min(i, size), row, used
    return undecided


@kernel
def first_rows(text, ends, seed, slots, first):
    """Find, for each word, the first row with the same word.

    Args:
        text: uint8, all words' bytes.
        ends: int64 (V + 1,), where they begin and end.
        seed: uint64, drawn anew each time, so that no file can be made whose words all meet in one slot.
        slots: int64, the hash table, zeros; its length is a power of two above V.
        first: int64 (V,), to be filled.

    Returns:
        How many words came before.
    """
    last = len(slots) - 1
    again = 0
    for row in range(len(first)):
        start, end = ends[row], ends[row + 1]
        key = seed
        unit = np.uint64(end - start)
        for k in range(start, end):
            unit = unit << np.uint64(8) | np.uint64(text[k])
            if (k - start) & 7 == 7:
                key = (key ^ unit) * _PRIME
                key ^= key >> _THIRTY_TWO
                unit = np.uint64(0)
        key = (key ^ unit) * _PRIME
        key = (key ^ (key >> _THIRTY_TWO)) * _GOLDEN
        slot = np.int64((key ^ (key >> _THIRTY_TWO)) & np.uint64(last))
        while slots[slot] != 0:
            other = slots[slot] - 1
            if ends[other + 1] - ends[other] == end - start:
                k = 0
                while k < end - start and text[ends[other] + k] == text[start + k]:
                    k += 1
                if k == end - start:
                    break
            slot = (slot + 1) & last
        if slots[slot] == 0:
            slots[slot] = row + 1
            first[row] = row
        else:
            first[row] = slots[slot] - 1
            again += 1
    return again
