"""GloVe's text format: lines of a word and its numbers with blanks between, and no first line to say how many.

How many numbers make a vector is told from the first lines: it is the smallest count of numbers at a line's end, since
a word that holds blanks may itself end in numbers (". . 5") but nearly all words do not. Words that hold blanks, as in
the vectors of 840 billion tokens, are read from the right. `<unk>`, which GloVe writes last, is a word like another.

Neither counts, output vectors nor a record are kept.

Source: Pennington, Socher, Manning 2014, "GloVe: Global Vectors for Word Representation", and save_params in its
program's src/glove.c (https://github.com/stanfordnlp/GloVe).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firth.errors import FormatError
from firth.vectors.formats.rows import ByteErrors, Rows
from firth.vectors.formats.stream import Stream
from firth.vectors.formats.text_rows import is_number, read_lines, text_lines
from firth.vectors.formats.word2vec import HEADER
from firth.vectors.formats.writing import write_rows
from firth.vectors.words import shown

if TYPE_CHECKING:
    from pathlib import Path

    from firth.events import Listener
    from firth.vectors.formats.contents import Contents

__all__ = ["read", "recognises", "write"]

_LINES_LOOKED_AT = 100


def recognises(head: bytes) -> bool:
    """Return whether a file that begins with `head` is GloVe's text: two numbers or more at the end of each line.

    One number at each line's end could be a list of counts.
    """
    if HEADER.match(head) or b"\0" in head:
        return False
    lines = _whole_lines(head)
    return bool(lines) and min(map(_numbers_at_end, lines)) >= 2


def _whole_lines(head: bytes) -> list[bytes]:
    """Return the first lines of a file, without one that `head` may have cut."""
    lines = head.split(b"\n")
    return [line for line in (lines[:-1] or lines)[:_LINES_LOOKED_AT] if line.strip()]


def _numbers_at_end(line: bytes) -> int:
    """Return how many numbers stand at the end of a line, behind a first part that is the word's."""
    parts = line.rstrip().split(b" ")
    parts = parts if len(parts) > 1 else line.split()
    numbers = 0
    for part in reversed(parts[1:]):
        if not is_number(part):
            break
        numbers += 1
    return numbers


def read(
    path: Path, *, limit: int | None = None, errors: ByteErrors = "strict", on_event: Listener | None = None
) -> Contents:
    """Read a file.

    Args:
        path: the file, which may be compressed.
        limit: int ≥ 1, only so many words from the first; None for all.
        errors: about words that are no UTF-8.
        on_event: told how far it has come, and what was left out.

    Raises:
        FormatError: its lines do not have as many numbers as the first ones; the message names the line.
        SourceError: its compressed data is broken.
        OSError: it cannot be opened.
    """
    with Stream(path, on_event) as stream:
        stream.refill()
        lines = _whole_lines(bytes(stream.block[: stream.end]))
        dim = min(map(_numbers_at_end, lines), default=0)
        if not dim:
            worst = min(lines, key=_numbers_at_end, default=b"")
            raise FormatError(
                f"expected lines of a word and its numbers in {path}, got one without numbers at its end: "
                f'"{shown(worst.decode(errors="replace"))}"'
            )
        rows = Rows(path, dim, errors, place="line", first=1)
        read_lines(stream, rows, limit)
    return rows.contents(on_event)


def write(path: Path, contents: Contents, *, on_event: Listener | None = None) -> None:
    """Write a file, whole or not at all.

    Args:
        path: the file; compressed if its suffix says so.
        contents: what goes into it.
        on_event: told how far it has come.

    Raises:
        StorageError: it cannot be written.
        FormatError: a word or a number is none that the format can carry.
    """
    write_rows(path, contents, text_lines(contents, "GloVe's format"), on_event=on_event)
