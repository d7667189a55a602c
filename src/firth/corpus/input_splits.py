"""Input splits: one large file read by several, each from a place where it may be cut to the next one.

A text may be cut behind a line, or, where lines are joined to sentences, behind a blank line; a JSONL file behind a
line, a Parquet file between row groups. Whoever reads a split looks for these places itself: it reads the first one at
or after where its split begins, up to the first one at or after where it ends. So all splits together are the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

import numpy as np

from firth.corpus import tables
from firth.corpus.decompression import HEAD, compression_of, refuse_other_formats
from firth.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from firth.corpus.remote import RemoteFile

__all__ = ["CannotBeCutError", "Split", "splits_of"]

LINES, PARAGRAPHS = (b"\n",), (b"\n\n", b"\n\r\n")
"""Behind what a text may be cut."""

_AT_ONCE = 1 << 20
_PLAIN_ENCODINGS = ("utf-8", "ascii", "iso8859-", "cp125", "koi8-")
"""Encodings whose byte 0x0A is always a line's end, whatever stands before it: those of which that is known."""


class CannotBeCutError(Exception):
    """A file must be read whole; says why."""


@dataclass(frozen=True, kw_only=True)
class Split:
    """What one of several reads of a file.

    Args:
        file: the whole one, of this machine or elsewhere.
        kind: what it holds.
        first: where the split begins: a byte, or of Parquet the number of a row group.
        last: where it ends, likewise.
        size: where the file ends, likewise.
        marks: behind which it may be cut; of Parquet none.
        head: the file's first bytes.
    """

    file: Any
    kind: Literal["text", "jsonl", "parquet"]
    first: int
    last: int
    size: int
    marks: tuple[bytes, ...] = ()
    head: bytes = b""

    def __str__(self) -> str:
        return str(self.file)

    @property
    def suffixes(self) -> list[str]:
        """The file's."""
        suffixes: list[str] = self.file.suffixes
        return suffixes

    @property
    def begins(self) -> bool:
        """Whether the file begins with it."""
        return self.first == 0

    @property
    def ends(self) -> bool:
        """Whether the file ends with it."""
        return self.last == self.size

    def stat(self) -> Any:
        """Return the whole file's."""
        return self.file.stat()

    def is_unchanged(self) -> bool:
        """Return whether the file is there, and is the one that was cut."""
        return bool(self.file.is_unchanged())

    def begin(self, stream: BinaryIO) -> int:
        """Return where the first byte stands that is of it; `last` where there is no place to cut in it.

        Args:
            stream: the file.
        """
        found = _next_cut(stream, self.first, self.last, self.marks)
        return self.last if found is None else found

    def pieces(self, stream: BinaryIO, begin: int) -> Iterator[bytes]:
        """Give its bytes, in the file's order: what lies elsewhere is read ahead.

        Raises:
            SourceError: the file cannot be read, or has become shorter.
        """
        try:
            if begin < self.last:
                yield from self._between(stream, begin, self.last)
                if not self.ends:
                    end = _next_cut(stream, self.last, self.size, self.marks)
                    yield from self._between(stream, self.last, self.size if end is None else end)
        except OSError as error:
            raise SourceError(f"{self.file} could not be read: {error.strerror or error}") from None

    def _between(self, stream: BinaryIO, first: int, last: int) -> Iterator[bytes]:
        stream.seek(first)
        while first < last:
            piece = stream.read(min(last - first, _AT_ONCE))
            if not piece:
                raise SourceError(f"expected {self.size:,} bytes in {self.file}, but it has become shorter")
            first += len(piece)
            yield piece


def _next_cut(stream: BinaryIO, place: int, end: int, marks: tuple[bytes, ...]) -> int | None:
    """Return the first place from `place` on, and before `end`, where the file may be cut; None where there is none.

    That depends on the bytes right before each place alone: whoever looks, from wherever, finds the same ones.
    """
    if place == 0:
        return 0
    longest = max(map(len, marks))
    at = max(0, place - longest)
    stream.seek(at)
    before = b""
    while at - len(before) < end and (piece := stream.read(min(_AT_ONCE, 1 << 16 if not before else _AT_ONCE))):
        data, first = before + piece, at - len(before)
        found = [
            first + start + len(mark)
            for mark in marks
            if (start := data.find(mark, max(0, place - len(mark) - first))) >= 0
        ]
        if found:
            return min(found) if min(found) < end else None
        at += len(piece)
        before = data[-longest + 1 :] if longest > 1 else b""
    return None


def splits_of(
    file: Path | RemoteFile,
    there: Any,
    *,
    parts: int,
    most: int,
    encoding: str,
    join_lines: bool,
    columns: tables.Columns,
) -> list[Split]:
    """Cut a file.

    Args:
        file: not a pipe, and not empty.
        there: the same file for whoever reads the splits.
        parts: int ≥ 2, how many there should be.
        most: bytes, int ≥ 1, that a split should have at the most; of Parquet, before it was compressed.
        encoding: of text, as `Decoder` names it.
        join_lines: whether sentences of a text go on over the ends of lines.
        columns: of tables.

    Raises:
        CannotBeCutError: it must be read whole.
        MissingExtraError: pyarrow is needed and not installed.
    """
    try:
        with file.open("rb") as stream:
            head = stream.peek(HEAD)[:HEAD]
        compression = compression_of(head)
        refuse_other_formats(head, str(file))
        kind = tables.kind_of(file, head)
        if kind == "parquet":
            return _row_groups(file, there, parts, most, columns)
    except (OSError, SourceError) as error:
        raise CannotBeCutError(str(error)) from None  # whoever reads it will find the same, and say it
    if compression is not None:
        raise CannotBeCutError(f"it is {compression} data")
    if kind == "csv":
        raise CannotBeCutError("a field of CSV may hold the end of a line")
    if not encoding.startswith(_PLAIN_ENCODINGS) or encoding == "utf-8-sig":
        raise CannotBeCutError(f"in {encoding} text, only who reads from the beginning knows where a line ends")
    size = file.stat().st_size
    parts = min(max(parts, -(-size // most)), size)
    marks = PARAGRAPHS if kind == "text" and join_lines else LINES
    return [
        Split(file=there, kind=kind, first=first, last=last, size=size, marks=marks, head=head)
        for first, last in pairwise(size * number // parts for number in range(parts + 1))
    ]


def _row_groups(file: Path | RemoteFile, there: Any, parts: int, most: int, columns: tables.Columns) -> list[Split]:
    sizes = tables.row_group_sizes(file, columns)
    if len(sizes) < 2:
        raise CannotBeCutError("its rows are in one group")
    ends = np.cumsum(sizes)
    parts = max(parts, -(-int(ends[-1]) // most))
    wanted = int(ends[-1]) * np.arange(1, parts) // parts
    cuts = np.unique([0, *(np.searchsorted(ends, wanted) + 1).tolist(), len(sizes)]).tolist()
    return [
        Split(file=there, kind="parquet", first=first, last=last, size=len(sizes)) for first, last in pairwise(cuts)
    ]
