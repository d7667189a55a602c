"""TensorFlow's Embedding Projector: a folder with tensor.tsv and metadata.tsv.

tensor.tsv has one line per word, its numbers with tabs between. metadata.tsv has the words in the same order, one a
line; with further columns (here the counts, where known) it begins with a line of their names, as the projector wants
it. Words with a tab or a line end cannot be carried.

Source: https://projector.tensorflow.org, "Load data from your computer".
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from firth.errors import FormatError
from firth.events import Listener, Progress, Stage
from firth.storage import written_whole
from firth.vectors.formats.rows import ByteErrors, Rows
from firth.vectors.formats.text_rows import is_number
from firth.vectors.formats.writing import cannot_carry, word_rows

if TYPE_CHECKING:
    from pathlib import Path

    from firth.vectors.formats.contents import Contents

__all__ = ["METADATA", "TENSOR", "read", "recognises", "write"]

TENSOR = "tensor.tsv"
METADATA = "metadata.tsv"

_WORD_COLUMNS = ("word", "words", "token", "label", "text", "name")
_ROWS_AT_ONCE = 1024
_LINES_LOOKED_AT = 100


def recognises(head: bytes) -> bool:
    """Return whether a file that begins with `head` is a tensor.tsv: as many numbers in each line, tabs between."""
    lines = head.split(b"\n")
    rows = [line.rstrip(b"\r").split(b"\t") for line in (lines[:-1] or lines)[:_LINES_LOOKED_AT]]
    return len(rows[0]) > 1 and all(
        len(row) == len(rows[0]) and all(part and is_number(part) for part in row) for row in rows
    )


def read(
    path: Path, *, limit: int | None = None, errors: ByteErrors = "strict", on_event: Listener | None = None
) -> Contents:
    """Read the vectors of a tensor.tsv with the words of the metadata.tsv beside it.

    Args:
        path: tensor.tsv, or a file of its kind.
        limit: int ≥ 1, only so many words from the first; None for all.
        errors: about words that are no UTF-8.
        on_event: told how far it has come, and what was left out.

    Raises:
        FormatError: the two do not fit, or a line is not made of as many numbers as the first.
        OSError: it cannot be opened.
    """
    beside = path.with_name(METADATA)
    try:
        words, counts = _words(beside, limit)
    except FileNotFoundError:
        raise FormatError(f"expected the words of {path} in {beside}, but there is no such file") from None
    rows: Rows | None = None
    began = time.monotonic()
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if number > len(words):
                if line.strip() and limit is None:
                    raise FormatError(f"expected {len(words):,} lines in {path}, one for each word, got more")
                break
            numbers = [float(part) if is_number(part) else np.nan for part in line.rstrip(b"\r\n").split(b"\t")]
            if rows is None:
                rows = Rows(path, len(numbers), errors, place="line", first=1)
                if on_event is not None and len(words) > _ROWS_AT_ONCE:
                    on_event(Stage(name=f"reading {path.name}"))
            if len(numbers) != rows.matrix.shape[1]:
                raise FormatError(
                    f"expected {rows.matrix.shape[1]:,} numbers in line {number:,} of {path}, got {len(numbers):,}"
                )
            rows.add_block([words[number - 1]], np.array([numbers]))
            if on_event is not None and not number % _ROWS_AT_ONCE:
                seconds = time.monotonic() - began
                on_event(Progress(done=number, total=len(words), unit="words", seconds=seconds))
    if rows is None or rows.filled < len(words):
        got = 0 if rows is None else rows.filled
        raise FormatError(f"expected {len(words):,} lines in {path}, one for each word, got {got:,}")
    contents = rows.contents(on_event)
    return contents if counts is None else replace(contents, counts=np.delete(counts, rows.again))


def _words(path: Path, limit: int | None) -> tuple[list[bytes], np.ndarray[tuple[int], np.dtype[np.int64]] | None]:
    """Return the words of a metadata.tsv, and the counts where it has them."""
    lines = [line.rstrip(b"\r") for line in path.read_bytes().removesuffix(b"\n").split(b"\n")]
    if not any(b"\t" in line for line in lines[:1]):
        return lines[:limit], None
    names = [name.decode(errors="replace").lower() for name in lines[0].split(b"\t")]
    column = next((names.index(name) for name in _WORD_COLUMNS if name in names), 0)
    cells = [line.split(b"\t") for line in lines[1:]][:limit]
    if not all(len(row) == len(names) for row in cells):
        bad = next(number for number, row in enumerate(cells, 2) if len(row) != len(names))
        raise FormatError(f"expected {len(names):,} columns in line {bad:,} of {path}, as in its first, got others")
    counts = None
    if "count" in names:
        texts = [row[names.index("count")] for row in cells]
        if all(text.isdigit() and len(text) < 19 for text in texts):
            counts = np.array([int(text) for text in texts], dtype=np.int64)
    return [row[column] for row in cells], counts


def write(path: Path, contents: Contents, *, on_event: Listener | None = None) -> None:
    """Write the two files to a folder, each whole or not at all.

    Args:
        path: the folder.
        contents: what goes into it.
        on_event: told how far it has come.

    Raises:
        StorageError: they cannot be written.
        FormatError: a word or a number is none that the format can carry.
    """
    began = time.monotonic()
    if on_event is not None:
        on_event(Stage(name=f"writing {path.name}"))
    total, dim = contents.matrix.shape
    row_format = "\t".join(["%.9g"] * dim)
    counts = None if contents.counts is None else contents.counts.tolist()
    with (
        written_whole(path / METADATA) as words_part,
        written_whole(path / TENSOR) as rows_part,
        words_part.open("wb") as words,
        rows_part.open("wb") as rows,
    ):
        if counts is not None:
            words.write(b"word\tcount\n")
        for row, (word, vector) in enumerate(word_rows(contents)):
            if any(byte in word for byte in b"\t\n\r"):
                raise cannot_carry(word, "the projector's format", "a tab or a line end")
            words.write(word + (b"\n" if counts is None else b"\t%d\n" % counts[row]))
            rows.write((row_format % tuple(vector.tolist())).encode() + b"\n")
            if on_event is not None and not row % _ROWS_AT_ONCE:
                on_event(Progress(done=row, total=total, unit="words", seconds=time.monotonic() - began))
