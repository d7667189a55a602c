"""Lines of a word and its numbers, with blanks between: what word2vec's text format and GloVe's have in common.

A line is read from the right, so that a word may hold blanks; not if the part after its last blank is a number, which
could as well be a value too many. `split` defines it; a kernel reads the plain lines, nearly all, to the same bits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from firth.errors import FormatError
from firth.vectors.formats.writing import cannot_carry, word_rows
from firth.vectors.words import shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from firth.vectors.formats.contents import Contents
    from firth.vectors.formats.rows import Rows
    from firth.vectors.formats.stream import Stream

__all__ = ["LONGEST_WORD", "ends_in_number", "is_number", "read_lines", "split", "text_lines", "values"]

LONGEST_WORD = 65_536
"""Bytes; what is longer is no word but a file of another format."""


def split(path: Path, line: bytes, dim: int, number: int) -> tuple[bytes, list[float]]:
    """Return a line's word and its `dim` values.

    Args:
        path: the file, for messages.
        line: with or without its line end.
        dim: int ≥ 1.
        number: of the line in the file, for messages.

    Raises:
        FormatError: it has another number of numbers.
    """
    found = values(line, dim)
    if found is None:
        numbers = line.split()[1:]
        bad = next((text for text in numbers[-dim:] if not is_number(text)), None)
        got = f"{len(numbers):,}" if bad is None else f'"{shown(bad.decode(errors="replace"))}" among them'
        raise FormatError(f"expected a word and {dim:,} numbers in line {number:,} of {path}, got {got}")
    word, floats = found
    if ends_in_number(word):
        raise FormatError(
            f"expected a word and {dim:,} numbers in line {number:,} of {path}, got more numbers, or a word that ends "
            f'in one ("{shown(word.decode(errors="replace"))}")'
        )
    return word, floats


def values(line: bytes, dim: int) -> tuple[bytes, list[float]] | None:
    """Return the word and the last `dim` numbers of a line, or None where they are not there."""
    body = line.rstrip()
    for separator in (b" ", None):
        parts = body.rsplit(separator, dim)
        if len(parts) == dim + 1 and not (b"_" in body and any(b"_" in part for part in parts[1:])):
            try:
                return parts[0], list(map(float, parts[1:]))
            except ValueError:
                continue
    return None


def is_number(text: bytes) -> bool:
    """Return whether a piece of a line is a number."""
    try:
        float(text)
    except ValueError:
        return False
    return b"_" not in text


def ends_in_number(word: bytes) -> bool:
    """Return whether a word has blanks and a number behind the last: it could not be told from a value too many."""
    pieces = word.split()
    return bool(pieces) and pieces != [word] and is_number(pieces[-1])


def read_lines(stream: Stream, rows: Rows, n: int | None) -> None:
    """Read lines into rows.

    Args:
        stream: at the beginning of the first line.
        rows: what is read.
        n: how many lines at most; None for all there are.

    Raises:
        FormatError: a line is not a word and as many numbers as rows have dimensions.
    """
    from firth.kernels.vector_files import POWERS_OF_TEN, parse_lines  # noqa: PLC0415 (Numba takes long to load)

    dim = rows.matrix.shape[1]
    longest = 2 * LONGEST_WORD + 64 * dim
    at = np.zeros(3, dtype=np.int64)
    text = np.empty(0, dtype=np.uint8)
    while n is None or rows.filled < n:
        size = stream.end if stream.ended else stream.block.rfind(b"\n", stream.start, stream.end) + 1
        if size <= stream.start:
            if stream.ended:
                return
            if stream.end - stream.start > longest:
                cut = bytes(stream.block[stream.start : stream.start + longest])
                split(stream.path, cut, dim, rows.first + rows.filled)
                raise FormatError(f"expected lines shorter than {longest:,} bytes in {stream.path}")
            stream.refill()
            continue
        _make_room(stream, rows, n, size)
        if len(text) < size:
            text = np.empty(size, dtype=np.uint8)
        behind, stream.block[size] = stream.block[size], ord("\n")
        while stream.start < size and (n is None or rows.filled < n):
            at[:] = stream.start, rows.filled, 0
            matrix = rows.matrix[:n]
            undecided = parse_lines(
                stream.array, size, matrix, matrix.view(np.uint32), text, rows.ends, POWERS_OF_TEN, at
            )
            stream.start, rows.filled = int(at[0]), int(at[1])
            rows.add_text(text[: at[2]].tobytes())
            if not undecided:
                break
            end = stream.block.index(b"\n", stream.start)
            line = bytes(stream.block[stream.start : end])
            stream.start = min(end + 1, size)
            if n is None and not line.strip() and _only_blanks_follow(stream):
                return
            word, floats = split(stream.path, line, dim, rows.first + rows.filled)
            rows.add(word, np.array(floats))
        stream.block[size] = behind


def _only_blanks_follow(stream: Stream) -> bool:
    while not stream.block[stream.start : stream.end].strip():
        if stream.ended:
            return True
        stream.start = stream.end
        stream.refill()
    return False


def _make_room(stream: Stream, rows: Rows, n: int | None, size: int) -> None:
    """Make room for the lines in the block, and, as far as the file's length backs them, for those to come."""
    lines = stream.block.count(b"\n", stream.start, size) + 1
    needed = rows.filled + lines
    if needed <= len(rows.matrix):
        return
    likely = needed + needed // 4
    if stream.size is not None and not rows.filled:
        # The lines to come are taken to be about as long as these; the shortest has two bytes a number.
        to_come = int(1.02 * lines * stream.size / (size - stream.start))
        likely = max(needed, min(to_come, stream.size // (2 * rows.matrix.shape[1])))
    rows.make_room(likely if n is None else min(likely, n))


def text_lines(contents: Contents, format_name: str) -> Iterator[bytes]:
    """Give a line for each row, numbers in nine digits, which give the same float32 bits when read again.

    Args:
        contents: what is written.
        format_name: for messages.

    Raises:
        FormatError: a word or a number is none that a line can carry.
    """
    row_format = " ".join(["%.9g"] * contents.matrix.shape[1])
    for word, row in word_rows(contents):
        if b"\n" in word or ends_in_number(word):
            raise cannot_carry(word, format_name, "a line feed, or a number after a blank,")
        yield word + b" " + (row_format % tuple(row.tolist())).encode() + b"\n"
