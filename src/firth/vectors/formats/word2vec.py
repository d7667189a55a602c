"""word2vec's two formats, which every program for word vectors reads and writes: text and binary.

Text: a first line "count dimensions", then one line per word: the word, a blank, its numbers with blanks between.
Binary: the same first line, then for each word its bytes, a blank, its numbers as little-endian float32, and a line
feed (word2vec.c writes it, gensim does not).

Neither keeps counts, output vectors or a record. Numbers are written with nine digits, which give the same float32 bits
when read again. How a line of text is read, words with blanks in it too, stands in `text_rows`. The binary format has
no words with blanks. fastText's `.vec` files are word2vec text.

Source: word2vec.c (https://code.google.com/archive/p/word2vec/), functions TrainModel and, in distance.c, main.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from firth.errors import FormatError
from firth.vectors.formats.records import read_records
from firth.vectors.formats.rows import ByteErrors, Rows
from firth.vectors.formats.stream import Stream
from firth.vectors.formats.text_rows import read_lines, text_lines, values
from firth.vectors.formats.writing import cannot_carry, word_rows, write_rows
from firth.vectors.words import shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from firth.events import Listener
    from firth.vectors.formats.contents import Contents

__all__ = [
    "HEADER",
    "read_binary",
    "read_text",
    "recognises_binary",
    "recognises_text",
    "write_binary",
    "write_text",
]

HEADER = re.compile(rb"[ \t]*(\d{1,15})[ \t]+(\d{1,9})[ \t]*\r?\n")
"""The first line of both formats."""

_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")
_LONGEST_HEADER = 128


def recognises_text(head: bytes) -> bool:
    """Return whether a file that begins with `head` is word2vec text.

    It is if the second line holds as many numbers as the first says, or if nothing in `head` is a control character:
    binary numbers always hold some.
    """
    header = HEADER.match(head)
    if not header:
        return False
    line = head[header.end() :].split(b"\n", 1)[0]
    return values(line, int(header[2])) is not None or not _CONTROL.search(head)


def recognises_binary(head: bytes) -> bool:
    """Return whether a file that begins with `head` is word2vec binary."""
    return HEADER.match(head) is not None and not recognises_text(head)


def read_text(
    path: Path, *, limit: int | None = None, errors: ByteErrors = "strict", on_event: Listener | None = None
) -> Contents:
    """Read a text file.

    Args:
        path: the file, which may be compressed.
        limit: int ≥ 1, only so many words from the first; None for all.
        errors: about words that are no UTF-8.
        on_event: told how far it has come, and what was left out.

    Raises:
        FormatError: it is not what its first line says; the message names the line.
        SourceError: its compressed data is broken.
        OSError: it cannot be opened.
    """
    with Stream(path, on_event) as stream:
        total, dim = _header(stream)
        n = total if limit is None else min(total, limit)
        # The shortest line holds a one-digit number and a blank for each dimension.
        _refuse_lie(stream, n, dim, shortest=2 * dim)
        rows = Rows(path, dim, errors, place="line", first=2)
        read_lines(stream, rows, n)
        if rows.filled < n:
            raise FormatError(
                f"expected {total:,} vectors in {path}, as its first line says, got {rows.filled:,}; the file is "
                "cut off or its first line wrong"
            )
        if n == total and _something_follows(stream):
            raise FormatError(
                f"expected {total:,} vectors in {path}, as its first line says, got more lines; correct the first "
                f"line, or read the first {total:,} by firth.load(path, limit={total})"
            )
    return rows.contents(on_event)


def read_binary(
    path: Path, *, limit: int | None = None, errors: ByteErrors = "strict", on_event: Listener | None = None
) -> Contents:
    """Read a binary file.

    Args:
        path: the file, which may be compressed.
        limit: int ≥ 1, only so many words from the first; None for all.
        errors: about words that are no UTF-8.
        on_event: told how far it has come, and what was left out.

    Raises:
        FormatError: it is not what its first line says; the message names the word by its number.
        SourceError: its compressed data is broken.
        OSError: it cannot be opened.
    """
    with Stream(path, on_event) as stream:
        total, dim = _header(stream)
        n = total if limit is None else min(total, limit)
        _refuse_lie(stream, n, dim, shortest=4 * dim + 1)
        rows = Rows(path, dim, errors, place="word", first=1)
        if stream.size is not None:
            rows.make_room(n)
        read_records(stream, rows, n, total)
        if n == total and _something_follows(stream):
            raise FormatError(
                f"expected the end of {path} after {total:,} vectors of {dim:,} dimensions, as its first line says, "
                f"got more bytes; correct the first line, or read the first {total:,} by "
                f"firth.load(path, limit={total})"
            )
    return rows.contents(on_event)


def _header(stream: Stream) -> tuple[int, int]:
    """Return (words, dimensions)."""
    line = stream.file.readline(_LONGEST_HEADER)
    header = HEADER.fullmatch(line)
    if not header or not int(header[1]) or not int(header[2]):
        raise FormatError(
            f"expected a first line such as {b'70506 100'.decode()} (words, dimensions) in {stream.path}, got "
            f'"{shown(line.decode(errors="replace").strip())}"'
        )
    return int(header[1]), int(header[2])


def _refuse_lie(stream: Stream, n: int, dim: int, *, shortest: int) -> None:
    """Refuse a first line that promises more rows, of so many bytes at least, than the file's length backs."""
    if stream.size is None:
        return
    size = stream.size - stream.file.tell()
    backed = (size + 1) // shortest
    if n > backed:
        raise FormatError(
            f"expected {n:,} vectors of {dim:,} dimensions in {stream.path}, as its first line says, got {size:,} "
            f"bytes, too few for more than {backed:,}; the file is cut off or its first line wrong"
        )


def _something_follows(stream: Stream) -> bool:
    """Return whether more than white space follows, as far as the next block goes."""
    if not stream.ended:
        stream.refill()
    return bool(stream.block[stream.start : stream.end].strip())


def write_text(path: Path, contents: Contents, *, on_event: Listener | None = None) -> None:
    """Write a text file, whole or not at all.

    Args:
        path: the file; compressed if its suffix says so.
        contents: what goes into it.
        on_event: told how far it has come.

    Raises:
        StorageError: it cannot be written.
        FormatError: a word or a number is none that the format can carry.
    """
    first = b"%d %d\n" % contents.matrix.shape
    write_rows(path, contents, text_lines(contents, "word2vec's text format"), first=first, on_event=on_event)


def write_binary(path: Path, contents: Contents, *, on_event: Listener | None = None) -> None:
    """Write a binary file, whole or not at all.

    Args:
        path: the file; compressed if its suffix says so.
        contents: what goes into it.
        on_event: told how far it has come.

    Raises:
        StorageError: it cannot be written.
        FormatError: a word or a number is none that the format can carry.
    """

    def records() -> Iterator[bytes]:
        for word, row in word_rows(contents):
            if b" " in word or b"\n" in word:
                raise cannot_carry(word, "word2vec's binary format", "a blank or a line feed")
            yield word + b" " + row.astype("<f4", copy=False).tobytes() + b"\n"

    write_rows(path, contents, records(), first=b"%d %d\n" % contents.matrix.shape, on_event=on_event)
