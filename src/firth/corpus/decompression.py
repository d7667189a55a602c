"""Compressed files: gzip, bzip2, xz and Zstandard, known by their first bytes, whatever the file is called."""

from __future__ import annotations

import bz2
import functools
import gzip
import io
import itertools
import lzma
import sys
import zlib
from typing import TYPE_CHECKING, Any, BinaryIO

from firth.errors import SourceError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["HEAD", "SUFFIXES", "PieceStream", "compression_of", "pieces", "refuse_other_formats"]

SUFFIXES = (".gz", ".bz2", ".xz", ".zst")
"""How compressed files are usually called; only the search through a folder looks at names."""

HEAD = 512
"""How many first bytes are enough to know a file by."""

_PIECE = 1 << 20

_NOT_TEXT = (
    (0, b"%PDF-", "a PDF"),
    (0, b"PK\x03\x04", "a zip archive (as .docx, .odt and .epub files are)"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Microsoft Office file"),
    (0, b"{\\rtf", "an RTF document"),
    (0, b"\x89PNG\r\n", "an image"),
    (0, b"\xff\xd8\xff", "an image"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (0, b"SQLite format 3\0", "an SQLite database"),
    (257, b"ustar", "a tar archive"),
)


class PieceStream(io.RawIOBase):
    """Pieces of bytes as a file, for what wants to read from one."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer, or its beginning."""
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def compression_of(head: bytes) -> str | None:
    """Return the compression that a file's first bytes show: "gzip", "bzip2", "xz", "zstandard" or None.

    Args:
        head: the file's first HEAD bytes, or all it has.
    """
    if head.startswith(b"\x1f\x8b"):
        return "gzip"
    if head[:3] == b"BZh" and head[4:10] in (b"1AY&SY", b"\x17rE8P\x90"):
        return "bzip2"
    if head.startswith(b"\xfd7zXZ\0"):
        return "xz"
    # Skippable frames begin with any of sixteen numbers.
    if head.startswith(b"\x28\xb5\x2f\xfd") or (head[1:4] == b"\x2a\x4d\x18" and head[0] >> 4 == 5):
        return "zstandard"
    return None


def refuse_other_formats(head: bytes, name: str) -> None:
    """Raise where a file's first bytes show a format that is not text.

    Raises:
        SourceError: it is a PDF, an archive, an image or the like.
    """
    for offset, mark, kind in _NOT_TEXT:
        if head[offset:].startswith(mark):
            raise SourceError(f"expected text, but {name} is {kind}; extract its text to a file first")


def _opened(stream: BinaryIO, compression: str | None) -> BinaryIO:
    if compression == "gzip":
        return gzip.GzipFile(fileobj=stream, mode="rb")  # type: ignore[return-value]
    if compression == "bzip2":
        return bz2.BZ2File(stream)  # type: ignore[return-value]
    if compression == "xz":
        return lzma.LZMAFile(stream)  # type: ignore[return-value]
    if compression == "zstandard":
        return zstd.ZstdFile(stream)  # type: ignore[return-value]
    return stream


def pieces(stream: BinaryIO, name: str) -> Iterator[bytes]:
    """Give the bytes of a file, decompressed where its first bytes show a compression; members are joined.

    Args:
        stream: the file, open for reading, with `peek` (as `open(path, "rb")` gives).
        name: the file, for messages.

    Raises:
        SourceError: the file cannot be read, its compressed data is broken or ends too soon, or it is no text.
    """
    compression = None
    try:
        head = stream.peek(HEAD)[:HEAD]  # type: ignore[attr-defined]
        if len(head) < HEAD and not stream.seekable():
            # A pipe shows what has come so far: wait for enough of it.
            head = stream.read(HEAD)
            rest = iter(functools.partial(stream.read1, _PIECE), b"")  # type: ignore[attr-defined]
            stream = io.BufferedReader(PieceStream(itertools.chain([head], rest)))
        compression = compression_of(head)
        if compression:
            opened = io.BufferedReader(_opened(stream, compression), _PIECE)  # type: ignore[type-var]
            head = opened.peek(HEAD)[:HEAD]
        else:
            opened = stream  # type: ignore[assignment]
        refuse_other_formats(head, name)
        while piece := opened.read(_PIECE):
            yield piece
    except EOFError:
        raise SourceError(
            f"expected {name} to hold {compression} data to its end, but it is cut off; get the whole file"
        ) from None
    except (OSError, lzma.LZMAError, zlib.error, zstd.ZstdError) as error:
        what = f"read as {compression} data" if compression else "read"
        raise SourceError(f"{name} could not be {what}: {getattr(error, 'strerror', None) or error}") from None
