"""A faiss index of unit vectors, and the words beside it, one a line; written, not read.

name.faiss is what `faiss.write_index` makes of an `IndexFlatIP`: "IxFI", D (int32), V (int64), two int64 without
meaning, 1 (trained), 0 (inner product; int32), V · D (uint64), then the vectors as float32, all little-endian.
name.faiss.words.txt holds the words in UTF-8: line i + 1 is the word of row i.

The inner product of unit vectors is the cosine, so that faiss, and whatever builds on it, finds the same neighbours as
Firth. A flat index holds nothing but vectors, and needs no library to be written; faiss makes its other kinds from it.

Source: https://github.com/facebookresearch/faiss, faiss/impl/index_write.cpp
"""

from __future__ import annotations

import struct
import time
from typing import TYPE_CHECKING

from firth.events import Listener, Notice, Progress, Stage
from firth.storage import written_whole
from firth.vectors.analogy import units
from firth.vectors.formats.writing import cannot_carry

if TYPE_CHECKING:
    from pathlib import Path

    from firth.vectors.formats.contents import Contents

__all__ = ["WORDS_SUFFIX", "write"]

WORDS_SUFFIX = ".words.txt"
"""What follows the index's name in that of the file of words."""

_HEADER = struct.Struct("<4siqqq?iQ")
_NO_MEANING = 1 << 20
_ROWS_AT_ONCE = 8192


def write(path: Path, contents: Contents, *, on_event: Listener | None = None) -> None:
    """Write the index and the words, each whole or not at all.

    Args:
        path: the index's file.
        contents: what goes into it.
        on_event: told how far it has come, and that the vectors' lengths are not kept.

    Raises:
        StorageError: it cannot be written.
        FormatError: a vector has NaN or infinity in it, or a word a line end.
    """
    total, dim = contents.matrix.shape
    began = time.monotonic()
    if on_event is not None:
        on_event(Stage(name=f"writing {path.name}"))
    with (
        written_whole(path.with_name(path.name + WORDS_SUFFIX)) as words_part,
        written_whole(path) as part,
        words_part.open("wb") as words,
        part.open("wb") as index,
    ):
        for word in contents.words:
            if "\n" in word or "\r" in word:
                raise cannot_carry(
                    word.encode(), "a file of a word a line, as stands beside a faiss index,", "a line end"
                )
            words.write(word.encode() + b"\n")
        index.write(_HEADER.pack(b"IxFI", dim, total, _NO_MEANING, _NO_MEANING, True, 0, total * dim))
        for start in range(0, total, _ROWS_AT_ONCE):
            rows = range(start, min(start + _ROWS_AT_ONCE, total))
            contents.refuse_not_finite(rows)
            index.write(units(contents.matrix[rows.start : rows.stop]).astype("<f4").tobytes())
            if on_event is not None:
                seconds = time.monotonic() - began
                on_event(Progress(done=rows.stop, total=total, unit="words", seconds=seconds))
    if on_event is not None:
        on_event(Notice(text=f"the words are in {path.name}{WORDS_SUFFIX}, by row; the vectors' lengths were made 1"))
