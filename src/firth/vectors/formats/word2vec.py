"""word2vec's two formats, which every program for word vectors reads and writes: text and binary.

Text: a first line "count dimensions", then one line per word: the word, a blank, its numbers with blanks between.
Binary: the same first line, then for each word its bytes, a blank, its numbers as little-endian float32, and a line
feed (word2vec.c writes it, gensim does not).

Neither keeps counts, output vectors or a record. Numbers are written with nine digits, which give the same float32 bits
when read again. A line of text is read from the right, so that a word may hold blanks; not if the part after its last
blank is a number, which could as well be a value too many. The binary format has no words with blanks.

Source: word2vec.c (https://code.google.com/archive/p/word2vec/), functions TrainModel and, in distance.c, main.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, BinaryIO, Literal

import numpy as np
import numpy.typing as npt

from firth.errors import FormatError
from firth.events import Listener, Notice
from firth.storage import written_whole
from firth.vectors.formats.contents import Contents
from firth.vectors.words import PackedWords, shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = [
    "ByteErrors",
    "read_binary",
    "read_text",
    "recognises_binary",
    "recognises_text",
    "write_binary",
    "write_text",
]

ByteErrors = Literal["strict", "replace"]
"""What to do about a word that is no UTF-8: refuse the file, or put U+FFFD for the bad bytes."""

_HEADER = re.compile(rb"[ \t]*(\d{1,15})[ \t]+(\d{1,9})[ \t]*\r?\n")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")
_LONGEST_HEADER = 128
_LONGEST_WORD = 65_536
_READ_AT_ONCE = 4 * 2**20
_WRITTEN_AT_ONCE = 1024


def recognises_text(head: bytes) -> bool:
    """Return whether a file that begins with `head` is word2vec text.

    It is if the second line holds as many numbers as the first says, or if nothing in `head` is a control character:
    binary numbers always hold some.
    """
    header = _HEADER.match(head)
    if not header:
        return False
    line = head[header.end() :].split(b"\n", 1)[0]
    return _values(line, int(header[2])) is not None or not _CONTROL.search(head)


def recognises_binary(head: bytes) -> bool:
    """Return whether a file that begins with `head` is word2vec binary."""
    return _HEADER.match(head) is not None and not recognises_text(head)


def read_text(
    path: Path, *, limit: int | None = None, errors: ByteErrors = "strict", on_event: Listener | None = None
) -> Contents:
    """Read a text file.

    Args:
        path: the file.
        limit: int ≥ 1, only so many words from the first; None for all.
        errors: about words that are no UTF-8.
        on_event: told what was left out.

    Raises:
        FormatError: it is not what its first line says; the message names the line.
        OSError: it cannot be opened.
    """
    with path.open("rb") as file:
        total, dim, size = _header(file, path)
        n = total if limit is None else min(total, limit)
        # The shortest line holds a one-digit number and a blank for each dimension.
        _refuse_lie(path, n, dim, backed=(size + 1) // (2 * dim), size=size)
        rows = _Rows(path, n, dim, errors, place="line")
        longest = 2 * _LONGEST_WORD + 64 * dim
        for number in range(2, n + 2):
            line = file.readline(longest)
            if not line:
                raise FormatError(
                    f"expected {total:,} vectors in {path}, as its first line says, got {number - 2:,}; the file is "
                    "cut off or its first line wrong"
                )
            word, values = _split(path, line, dim, number)
            with np.errstate(over="ignore"):
                rows.add(word, np.array(values, dtype=np.float32), number)
        if n == total and file.read(_READ_AT_ONCE).strip():
            raise FormatError(
                f"expected {total:,} vectors in {path}, as its first line says, got more lines; correct the first "
                f"line, or read the first {total:,} by firth.load(path, limit={total})"
            )
    return rows.contents(on_event)


def _split(path: Path, line: bytes, dim: int, number: int) -> tuple[bytes, list[float]]:
    """Return a line's word and values."""
    split = _values(line, dim)
    if split is None:
        numbers = line.split()[1:]
        bad = next((text for text in numbers[-dim:] if not _is_number(text)), None)
        got = f"{len(numbers):,}" if bad is None else f'"{shown(bad.decode(errors="replace"))}" among them'
        raise FormatError(f"expected a word and {dim:,} numbers in line {number:,} of {path}, got {got}")
    word, values = split
    pieces = word.split()
    if pieces and pieces != [word] and _is_number(pieces[-1]):
        raise FormatError(
            f"expected a word and {dim:,} numbers in line {number:,} of {path}, got more numbers, or a word that ends "
            f'in one ("{shown(word.decode(errors="replace"))}")'
        )
    return word, values


def _values(line: bytes, dim: int) -> tuple[bytes, list[float]] | None:
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


def _is_number(text: bytes) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return b"_" not in text


def read_binary(
    path: Path, *, limit: int | None = None, errors: ByteErrors = "strict", on_event: Listener | None = None
) -> Contents:
    """Read a binary file.

    Args:
        path: the file.
        limit: int ≥ 1, only so many words from the first; None for all.
        errors: about words that are no UTF-8.
        on_event: told what was left out.

    Raises:
        FormatError: it is not what its first line says; the message names the word by its number.
        OSError: it cannot be opened.
    """
    with path.open("rb") as file:
        total, dim, size = _header(file, path)
        n = total if limit is None else min(total, limit)
        _refuse_lie(path, n, dim, backed=size // (4 * dim + 1), size=size)
        rows = _Rows(path, n, dim, errors, place="word")
        buffer, position = b"", 0
        for number in range(1, n + 1):
            blank = buffer.find(b" ", position)
            while blank < 0 or blank + 1 + 4 * dim > len(buffer):
                if blank < 0 and len(buffer) - position > _LONGEST_WORD:
                    raise FormatError(
                        f"expected a blank after word {number:,} of {path}, got none in {_LONGEST_WORD:,} bytes; the "
                        "file is no word2vec binary or its number of dimensions is wrong"
                    )
                more = file.read(max(_READ_AT_ONCE, 4 * dim))
                if not more:
                    raise FormatError(
                        f"expected {total:,} vectors in {path}, as its first line says, but the file ends within "
                        f"vector {number:,}; it is cut off or its first line wrong"
                    )
                buffer, position = buffer[position:] + more, 0
                blank = buffer.find(b" ")
            rows.add(buffer[position:blank].lstrip(b"\n"), np.frombuffer(buffer, "<f4", dim, blank + 1), number)
            position = blank + 1 + 4 * dim
        if n == total and (buffer[position:] + file.read(_READ_AT_ONCE)).strip():
            raise FormatError(
                f"expected the end of {path} after {total:,} vectors of {dim:,} dimensions, as its first line says, "
                f"got more bytes; correct the first line, or read the first {total:,} by "
                f"firth.load(path, limit={total})"
            )
    return rows.contents(on_event)


def _header(file: BinaryIO, path: Path) -> tuple[int, int, int]:
    """Return (words, dimensions, bytes that follow)."""
    line = file.readline(_LONGEST_HEADER)
    header = _HEADER.fullmatch(line)
    if not header or not int(header[1]) or not int(header[2]):
        raise FormatError(
            f"expected a first line such as {b'70506 100'.decode()} (words, dimensions) in {path}, got "
            f'"{shown(line.decode(errors="replace").strip())}"'
        )
    return int(header[1]), int(header[2]), os.fstat(file.fileno()).st_size - len(line)


def _refuse_lie(path: Path, n: int, dim: int, *, backed: int, size: int) -> None:
    if n > backed:
        raise FormatError(
            f"expected {n:,} vectors of {dim:,} dimensions in {path}, as its first line says, got {size:,} bytes, "
            f"too few for more than {backed:,}; the file is cut off or its first line wrong"
        )


class _Rows:
    """The words and vectors read so far; a word that comes again is left out, and counted."""

    def __init__(self, path: Path, n: int, dim: int, errors: ByteErrors, *, place: str) -> None:
        self.path = path
        self.errors = errors
        self.place = place
        self.matrix = np.empty((n, dim), dtype=np.float32)
        self.ids: dict[str, int] = {}
        self.again: list[str] = []
        self.replaced = 0
        # Places of the rows not yet checked for NaN, by row.
        self.unchecked: list[int] = []

    def add(self, word: bytes, values: npt.NDArray[np.floating], place: int) -> None:
        try:
            text = word.decode()
        except UnicodeDecodeError as error:
            if self.errors == "strict":
                raise FormatError(
                    f"expected a word in UTF-8 in {self.place} {place:,} of {self.path}, got byte "
                    f'0x{word[error.start]:02x} in "{shown(word.decode(errors="replace"))}"; '
                    'firth.load(path, errors="replace") puts � for such bytes'
                ) from None
            text = word.decode(errors="replace")
            self.replaced += 1
        row = len(self.ids)
        if self.ids.setdefault(text, row) != row:
            self.again.append(text)
            return
        self.matrix[row] = values
        self.unchecked.append(place)
        if len(self.unchecked) == 1024:
            self.check()

    def check(self) -> None:
        """Refuse NaN and infinity in the rows added since the last check."""
        first = len(self.ids) - len(self.unchecked)
        finite = np.isfinite(self.matrix[first : len(self.ids)]).all(axis=1)
        if not finite.all():
            bad = int(np.argmin(finite))
            raise FormatError(
                f"expected finite float32 numbers in {self.path}, got NaN, infinity or too large ones for "
                f'"{shown(list(self.ids)[first + bad])}" ({self.place} {self.unchecked[bad]:,})'
            )
        self.unchecked.clear()

    def contents(self, on_event: Listener | None) -> Contents:
        self.check()
        notices = []
        if self.again:
            some = ", ".join(f'"{shown(word)}"' for word in self.again[:3])
            notices.append(
                f"words that came more than once in {self.path.name}: {len(self.again):,} ({some}); the first vector "
                "of each was kept"
            )
        if self.replaced:
            notices.append(f"{self.replaced:,} words of {self.path.name} were no UTF-8; � stands for their bad bytes")
        if on_event is not None:
            for text in notices:
                on_event(Notice(text=text))
        return Contents(
            words=PackedWords.of_ids(self.ids),
            matrix=self.matrix[: len(self.ids)],
            record={"notices": notices} if notices else {},
        )


def write_text(path: Path, contents: Contents) -> None:
    """Write a text file, whole or not at all.

    Raises:
        StorageError: it cannot be written.
        FormatError: a word or a number is none that the format can carry.
    """

    def lines() -> Iterator[bytes]:
        row_format = " ".join(["%.9g"] * contents.matrix.shape[1])
        for word, row in _finite_rows(contents):
            pieces = word.split()
            if b"\n" in word or (pieces and pieces != [word] and _is_number(pieces[-1])):
                raise _cannot_carry(word, "word2vec's text format", "a line feed, or a number after a blank,")
            yield word + b" " + (row_format % tuple(row.tolist())).encode() + b"\n"

    _write(path, contents, lines())


def write_binary(path: Path, contents: Contents) -> None:
    """Write a binary file, whole or not at all.

    Raises:
        StorageError: it cannot be written.
        FormatError: a word or a number is none that the format can carry.
    """

    def records() -> Iterator[bytes]:
        for word, row in _finite_rows(contents):
            if b" " in word or b"\n" in word:
                raise _cannot_carry(word, "word2vec's binary format", "a blank or a line feed")
            yield word + b" " + row.astype("<f4", copy=False).tobytes() + b"\n"

    _write(path, contents, records())


def _finite_rows(contents: Contents) -> Iterator[tuple[bytes, npt.NDArray[np.float32]]]:
    text, start = contents.words.text.tobytes(), 0
    for word_id, (end, row) in enumerate(zip(contents.words.ends[1:].tolist(), contents.matrix, strict=True)):
        if not word_id % _WRITTEN_AT_ONCE:
            contents.refuse_not_finite(range(word_id, word_id + _WRITTEN_AT_ONCE))
        yield text[start:end], row
        start = end


def _cannot_carry(word: bytes, format_name: str, what: str) -> FormatError:
    return FormatError(
        f'expected words that {format_name} can carry, got "{shown(word.decode())}" with {what} in it; '
        "save as .safetensors instead"
    )


def _write(path: Path, contents: Contents, records: Iterator[bytes]) -> None:
    with written_whole(path) as part, part.open("wb", buffering=_READ_AT_ONCE) as file:
        file.write(b"%d %d\n" % contents.matrix.shape)
        for record in records:
            file.write(record)
