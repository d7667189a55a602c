"""A sample: pieces spread over a text, read in place of the whole, and which share of it they are.

Plain text is read at places all over it, chosen at random, one in each of many equal stretches. Compressed files and
tables can be read from their beginning only: of each, the share that would have fallen into it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sized
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from firth.corpus import decompression, tables
from firth.corpus.decoding import Decoder
from firth.corpus.sources import DOCUMENT_END, open_source
from firth.errors import SettingsError, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from firth.corpus.remote import RemoteFile
    from firth.corpus.sources import Source

__all__ = ["PIECE", "SIZE", "Sample", "sample"]

SIZE = 16 << 20
"""Bytes of text that are read unless another number is named; a text of no more is read whole."""

PIECE = 8 << 10
"""Bytes of text that are read in one place: a page or two."""

_BLANKS = b" \n\r\t"


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Pieces of a text.

    Args:
        name: the text's, for messages.
        pieces: str, or lists of words where the text is made of them.
        share: float in (0, 1], which share of the text they are, estimated where files are compressed or tables; None
            where the text's length cannot be known.
        documents: float ≥ 0, how many the whole text has; None where that cannot be known.
        bytes_read: of text, in UTF-8.
        notes: sentences on how the sample was taken.
    """

    name: str
    pieces: list[str] | list[list[str]]
    share: float | None
    documents: float | None
    bytes_read: int
    notes: tuple[str, ...] = ()


def sample(
    text: Any,
    *,
    size: int = SIZE,
    text_column: str | None = None,
    encoding: str = "utf-8",
    seed: int = 1,
) -> Sample:
    """Return pieces of a text, or all of it where it is small.

    Bytes that the encoding does not allow are replaced, and told of in a note.

    Args:
        text: as for `firth.corpus.sources.open_source`, but nothing that can be read only once, standard input aside.
        size: int ≥ PIECE, bytes of text to read, about.
        text_column: where tables and JSONL, CSV and Parquet files have the text.
        encoding: of text files.
        seed: int ≥ 0, of the places.

    Raises:
        SourceError: the text cannot be read.
        SettingsError: it is an iterator, which would be used up.
    """
    if isinstance(text, Iterator):
        raise SettingsError(
            "expected a text that can be read again after the sample, got an iterator; give files or a list"
        )
    source = open_source(text, text_column=text_column, encoding=encoding)
    random_places = random.Random(seed)  # noqa: S311 - nothing here is secret
    if source.files is not None and source.total_bytes is not None:
        return _Files(source, size, random_places).sample()
    if source.items is not None and not source.holds_tokens and source.text_column is not None:
        return _from_rows(source, size, len(text) if isinstance(text, Sized) else None)
    if source.items is not None:
        return _from_items(source, text, size, random_places)
    return _from_stream(source, size)


class _Files:
    """Files whose sizes are known, and what was read of them.

    Args:
        source: of files.
        size: int ≥ 1, bytes of text to read.
        random_places: gives the places.
    """

    def __init__(self, source: Source, size: int, random_places: random.Random) -> None:
        self._source, self._size, self._random = source, size, random_places
        self._pieces: list[str] = []
        self._bytes_read = 0
        self._text_total = 0.0
        self._documents = 0.0
        self._decoder = Decoder(source.decoder.encoding, "replace")

    def sample(self) -> Sample:
        source = self._source
        assert source.files is not None  # noqa: S101 (checked by the caller)
        sizes = [path.stat().st_size for path in source.files]
        total, notes, heads, passed = sum(sizes), list(source.notices), 0, 0
        count = max(1, self._size // PIECE)
        stretch = max(1.0, total / count)
        places = [(number + self._random.random()) * stretch for number in range(count)]
        for path, size in zip(source.files, sizes, strict=True):
            here = [place - passed for place in places if passed <= place < passed + size]
            passed += size
            if total <= self._size:
                self._head(path, size, size, None)
            elif not here:
                # None of the places fell into it; as many documents as its like.
                self._documents += 1
            elif self._is_plain(path):
                self._spread(path, here, stretch)
            else:
                heads += 1
                self._head(path, size, stretch * len(here), PIECE * len(here))
        if heads:
            one = "1 compressed file or table was" if heads == 1 else f"{heads:,} compressed files and tables were"
            notes.append(f"{one} read from the beginning, not in places all over")
        if self._decoder.bad.count:
            notes.append(
                f"{self._decoder.bad.count:,} places of the sample could not be read as {self._decoder.encoding} and "
                "became U+FFFD"
            )
        share = min(1.0, self._bytes_read / self._text_total) if self._text_total else 1.0
        return Sample(
            name=source.name, pieces=self._pieces, share=share, documents=self._documents,
            bytes_read=self._bytes_read, notes=tuple(notes),
        )  # fmt: skip

    def _is_plain(self, path: Path | RemoteFile) -> bool:
        """Return whether a file's text can be read in any place of it."""
        encoding = self._decoder.encoding
        if encoding.startswith(("utf-7", "utf_7", "hz", "iso2022")) or " \n".encode(encoding) != b" \n":
            return False
        try:
            with path.open("rb") as stream:
                head = stream.peek(decompression.HEAD)[: decompression.HEAD]
        except OSError as error:
            raise SourceError(f"{path} could not be read: {error.strerror or error}") from None
        decompression.refuse_other_formats(head, str(path))
        return tables.kind_of(path, head) == "text" and decompression.compression_of(head) is None

    def _spread(self, path: Path | RemoteFile, places: list[float], stretch: float) -> None:
        """Read a piece at each place, from one blank to another."""
        self._documents += 1
        try:
            with path.open("rb") as stream:
                for place in places:
                    stream.seek(max(0, int(place) - PIECE // 2))
                    piece = _whole_words(stream.read(PIECE), begins=stream.tell() <= PIECE)
                    self._take(b"".join(self._decoder.utf8([piece], str(path))))
                    self._text_total += stretch
        except OSError as error:
            raise SourceError(f"{path} could not be read: {error.strerror or error}") from None

    def _head(self, path: Path | RemoteFile, size: int, stands_for: float, wanted: int | None) -> None:
        """Read a file from its beginning.

        Args:
            path: the file.
            size: its bytes.
            stands_for: how many bytes of such files what is read stands for.
            wanted: int ≥ 1, bytes of text; None reads it to its end.
        """
        before, read = self._bytes_read, _Read()
        try:
            for piece in self._documents_of(path, read):
                self._take(piece)
                if wanted is not None and self._bytes_read - before >= wanted:
                    break
            else:
                read.share = 1.0
        except OSError as error:
            raise SourceError(f"{path} could not be read: {error.strerror or error}") from None
        scale = stands_for / max(1.0, size * read.share) if wanted is not None else 1.0
        self._text_total += (self._bytes_read - before) * scale
        self._documents += read.documents * scale

    def _documents_of(self, path: Path | RemoteFile, read: _Read) -> Iterator[bytes]:
        """Give a file's text in pieces, each row of a table by itself."""
        source = self._source
        with path.open("rb") as stream:
            head = stream.peek(decompression.HEAD)[: decompression.HEAD]
            kind = tables.kind_of(path, head)
            if kind == "parquet":
                rows = tables.parquet_rows(path, source.columns)
                length = tables.parquet_length(path)
                for read.documents, (text, _) in enumerate(rows, 1):
                    read.share = read.documents / max(1, length)
                    if isinstance(text, str):
                        yield text.encode("utf-8", "replace")
                return
            utf8 = self._decoder.utf8(_small(decompression.pieces(stream, str(path)), stream, path, read), str(path))
            if kind == "text":
                read.documents = 1
                yield from _words_together(utf8)
                return
            for read.documents, (text, _) in enumerate(tables.rows(kind, utf8, path, source.columns), 1):
                if isinstance(text, str):
                    yield text.encode("utf-8", "replace")

    def _take(self, piece: bytes) -> None:
        self._pieces.append(piece.decode("utf-8", "replace"))
        self._bytes_read += len(piece)


class _Read:
    """Which share of a file has been read, in its own bytes or rows, and how many documents."""

    share = 0.0
    documents = 0


def _small(pieces: Iterable[bytes], stream: Any, path: Path | RemoteFile, read: _Read) -> Iterator[bytes]:
    """Give pieces of PIECE bytes at most, and note with each which share of the file it ends at."""
    size, out = max(1, path.stat().st_size), 0
    for piece in pieces:
        decompressed = out + len(piece)
        for first in range(0, len(piece), PIECE):
            part = piece[first : first + PIECE]
            out += len(part)
            read.share = min(1.0, stream.tell() / size * out / decompressed)
            yield part


def _words_together(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Give a text cut at blanks, where it has any."""
    rest = b""
    for piece in pieces:
        data = rest + piece
        cut = max(data.rfind(blank) for blank in (b" ", b"\n")) + 1
        if cut or len(data) > 8 * PIECE:
            yield data[: cut or len(data)]
            data = data[cut:] if cut else b""
        rest = data
    if rest:
        yield rest


def _whole_words(piece: bytes, *, begins: bool) -> bytes:
    """Return what stands in a piece between its first and its last blank; all, but for cut characters, without any.

    Args:
        piece: bytes from any place of a text.
        begins: whether the text begins with it.
    """
    places = [place for blank in _BLANKS if (place := piece.find(blank)) >= 0]
    first = 0 if begins or not places else min(places) + 1
    last = max(piece.rfind(blank) for blank in _BLANKS) + 1
    if last > first:
        return piece[first:last]
    while first < len(piece) and piece[first] & 0xC0 == 0x80:
        first += 1
    last = len(piece)
    while last > first and piece[last - 1] & 0x80:
        last -= 1
        if piece[last] & 0x40:
            break
    return piece[first:last]


def _from_rows(source: Source, size: int, length: int | None) -> Sample:
    """Read a table's first rows."""
    assert source.items is not None  # noqa: S101 (checked by the caller)
    pieces, done, number = [], 0, 0
    for number, (text, _) in enumerate(source.items, 1):
        if isinstance(text, str):
            pieces.append(text)
            done += len(text.encode("utf-8", "replace"))
        if done >= size:
            share = None if length is None else number / max(1, length)
            break
    else:
        share = 1.0
    notes = ("the table was read from its beginning",) if share != 1 else ()
    documents = None if share is None else number / share
    return Sample(name=source.name, pieces=pieces, share=share, documents=documents, bytes_read=done, notes=notes)


def _from_items(source: Source, text: Any, size: int, random_places: random.Random) -> Sample:
    """Read some items of a list, chosen at random; of what has no length the first."""
    items: Iterable[Any] = source.token_lists() if source.holds_tokens else source.items  # type: ignore[assignment]
    length = len(text) if isinstance(text, Sized) else None
    if length is not None and isinstance(text, list | tuple):
        order = random_places.sample(range(length), length)
        chosen = (text[place] for place in order)
        items = chosen if not source.holds_tokens else (_words(item) for item in chosen)
    pieces: list[Any] = []
    done = 0
    for item in items:
        if not source.holds_tokens and not isinstance(item, str):
            raise SourceError(f"expected strings, but an item of {source.name} is {type(item).__name__}")
        pieces.append(item)
        words = [item] if isinstance(item, str) else item
        done += sum(len(word.encode("utf-8", "replace")) + 1 for word in words)
        if done >= size:
            break
    share = 1.0 if done < size else None if length is None else len(pieces) / length
    documents = None if share is None else len(pieces) / share
    return Sample(name=source.name, pieces=pieces, share=share, documents=documents, bytes_read=done)


def _words(item: Any) -> list[str]:
    if not isinstance(item, list | tuple) or not all(isinstance(word, str) for word in item):
        raise SourceError(f"expected lists of words only, but an item is {type(item).__name__}: {item!r:.60}")
    return list(item)


def _from_stream(source: Source, size: int) -> Sample:
    """Read the first bytes of a pipe or of standard input, whose end nobody knows before it comes."""
    pieces, done, share = [], 0, None
    stream = _words_together(part for piece in source.utf8() for part in piece.split(DOCUMENT_END))
    for piece in stream:
        pieces.append(piece.decode())
        done += len(piece)
        if done >= size:
            break
    else:
        share = 1.0
    documents = 1.0 if share else None
    return Sample(name=source.name, pieces=pieces, share=share, documents=documents, bytes_read=done)
