"""Writing a vector file row by row: whole or not at all, compressed where its name says so, telling how far it is."""

from __future__ import annotations

import bz2
import gzip
import lzma
import sys
import time
from typing import TYPE_CHECKING, BinaryIO

from firth.errors import FormatError
from firth.events import Progress, Stage
from firth.storage import written_whole
from firth.vectors.words import shown

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    from firth.events import Listener
    from firth.vectors.formats.contents import Contents

__all__ = ["cannot_carry", "word_rows", "write_rows"]

_ROWS_AT_ONCE = 1024
_BYTES_AT_ONCE = 2**20


def word_rows(contents: Contents) -> Iterator[tuple[bytes, npt.NDArray[np.float32]]]:
    """Give each word in UTF-8 with its vector.

    Raises:
        FormatError: a vector has NaN or infinity in it.
    """
    text, start = contents.words.text.tobytes(), 0
    for word_id, (end, row) in enumerate(zip(contents.words.ends[1:].tolist(), contents.matrix, strict=True)):
        if not word_id % _ROWS_AT_ONCE:
            contents.refuse_not_finite(range(word_id, word_id + _ROWS_AT_ONCE))
        yield text[start:end], row
        start = end


def cannot_carry(word: bytes, format_name: str, what: str) -> FormatError:
    """Return the error about a word that a format has no way to write.

    Args:
        word: in UTF-8.
        format_name: for the message.
        what: it has in it.
    """
    return FormatError(
        f'expected words that {format_name} can carry, got "{shown(word.decode())}" with {what} in it; '
        "save as .safetensors instead"
    )


def write_rows(
    path: Path, contents: Contents, pieces: Iterator[bytes], *, first: bytes = b"", on_event: Listener | None = None
) -> None:
    """Write a file of one piece for each row.

    Args:
        path: the file; compressed if its suffix is .gz, .bz2, .xz or .zst.
        contents: whose rows they are.
        pieces: bytes, V of them.
        first: what stands before them.
        on_event: told how far it has come.

    Raises:
        StorageError: it cannot be written.
    """
    began = time.monotonic()
    if on_event is not None:
        on_event(Stage(name=f"writing {path.name}"))
    with written_whole(path) as part, part.open("wb") as raw, _compressed(raw, path.suffix.lower()) as file:
        gathered, size = [first], len(first)
        for row, piece in enumerate(pieces, 1):
            gathered.append(piece)
            size += len(piece)
            if size > _BYTES_AT_ONCE:
                file.write(b"".join(gathered))
                gathered, size = [], 0
                if on_event is not None:
                    seconds = time.monotonic() - began
                    on_event(Progress(done=row, total=len(contents.words), unit="words", seconds=seconds))
        file.write(b"".join(gathered))


def _compressed(file: BinaryIO, suffix: str) -> BinaryIO:
    if suffix == ".gz":
        # No name and no time in it: the same vectors give the same bytes.
        return gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=6, mtime=0)  # type: ignore[return-value]
    if suffix == ".bz2":
        return bz2.BZ2File(file, "wb")  # type: ignore[return-value]
    if suffix == ".xz":
        return lzma.LZMAFile(file, "wb")  # type: ignore[return-value]
    if suffix == ".zst":
        return zstd.ZstdFile(file, "wb")  # type: ignore[return-value]
    return file
