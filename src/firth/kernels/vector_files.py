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

__all__ = [
    "LARGEST_POWER",
    "POWERS_OF_TEN",
    "copy_numbers",
    "find_records",
    "hash_words",
    "parse_lines",
    "repeated_words",
]

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
_ROW = np.uint64(2**40 - 1)
_FREE, _ONE = np.uint64(0), np.uint64(1)


@kernel
def find_records(buffer, size, width, text, numbers, ends, at):
    """Find records of word2vec's binary format, a word, a blank and its numbers, and take the words out.

    Args:
        buffer: uint8; the first `size` bytes are the file's.
        size: how many.
        width: 4 · D, the bytes of a record's numbers.
        text: uint8, room for the words' bytes: `size`.
        numbers: int64, where each record's numbers begin in `buffer`, to be filled; its length is how many records may
            be taken.
        ends: int64, where words end, counted through the whole file, from the last one known on: that is ends[0].
        at: int64 (3,): the next byte, how many records were found, the bytes written to `text`. The kernel stops where
            a record is not whole, or no more may be taken.
    """
    i, row, used = at[0], 0, 0
    while row < len(numbers):
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
        numbers[row] = blank + 1
        i = blank + 1 + width
        row += 1
    at[0], at[1], at[2] = i, row, used


@kernel
def copy_numbers(buffer, numbers, matrix, bits):
    """Copy the numbers of records into a matrix.

    Args:
        buffer: uint8, the records.
        numbers: int64 (rows,), where each record's numbers begin.
        matrix: uint8 (rows, 4 · D), the matrix's bytes.
        bits: uint32 (rows, D), the same memory.

    Returns:
        The first row that holds NaN or infinity, −1 for none.
    """
    bad = -1
    for row in range(len(numbers)):
        # Unsigned, since Numba asks of every signed index whether it counts from the end, and then copies byte by byte.
        first = np.uint64(numbers[row])
        for k in range(np.uint64(matrix.shape[1])):
            matrix[row, k] = buffer[first + k]
        largest = np.uint32(0)
        for k in range(bits.shape[1]):
            largest = max(largest, bits[row, k] & _EXPONENT)
        if largest == _EXPONENT and bad < 0:
            bad = row
    return bad


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
def hash_words(text, ends, seed, keys):
    """Hash each word.

    Args:
        text: uint8, all words' bytes.
        ends: int64 (V + 1,), where they begin and end.
        seed: uint64, drawn anew each time, so that no file can be made whose words all meet in one slot.
        keys: uint64 (V,), to be filled.
    """
    for row in range(len(keys)):
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
        keys[row] = key ^ (key >> _THIRTY_TWO)


@kernel
def repeated_words(text, ends, keys, slots, again):
    """Find the words that have come before.

    Hashing is a pass of its own, so that the processor can wait for the slots of many words at a time.

    Args:
        text: uint8, all words' bytes.
        ends: int64 (V + 1,), where they begin and end; V < 2⁴⁰.
        keys: uint64 (V,), their hashes.
        slots: uint64, the hash table, zeros; its length is a power of two above V. A slot holds a row + 1 in its lower
            forty bits and, above, part of its word's hash, which spares nearly all looks at other words.
        again: uint8 (V,), zeros: 1 where the word of an earlier row comes again.

    Returns:
        How many do.
    """
    last = np.uint64(len(slots) - 1)
    found = 0
    for row in range(len(keys)):
        tag = keys[row] & ~_ROW
        slot = keys[row] & last
        size = ends[row + 1] - ends[row]
        while slots[slot] != _FREE:
            if slots[slot] & ~_ROW == tag:
                other = np.int64(slots[slot] & _ROW) - 1
                k = 0 if ends[other + 1] - ends[other] == size else size + 1
                while k < size and text[ends[other] + k] == text[ends[row] + k]:
                    k += 1
                if k == size:
                    again[row] = 1
                    found += 1
                    break
            slot = (slot + _ONE) & last
        if slots[slot] == _FREE:
            slots[slot] = tag | np.uint64(row + 1)
    return found
