"""An SQLite database with one table of words and vectors; written, not read.

    vectors (id INTEGER PRIMARY KEY, word TEXT UNIQUE, count INTEGER, vector BLOB)

The vector is its numbers as little-endian float32, one after the other, as the extension sqlite-vec takes them:

    SELECT b.word, vec_distance_cosine(a.vector, b.vector) FROM vectors a, vectors b WHERE a.word = 'king' ORDER BY 2

`id` is the word's row, the count NULL where it is not known.

Source: https://www.sqlite.org/fileformat.html and https://github.com/asg017/sqlite-vec
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

from firth.errors import StorageError
from firth.events import Listener, Progress, Stage
from firth.storage import written_whole
from firth.vectors.formats.writing import word_rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from firth.vectors.formats.contents import Contents

__all__ = ["write"]

_ROWS_AT_ONCE = 4096


def write(path: Path, contents: Contents, *, on_event: Listener | None = None) -> None:
    """Write a database, whole or not at all.

    Args:
        path: the file.
        contents: what goes into it.
        on_event: told how far it has come.

    Raises:
        StorageError: it cannot be written.
        FormatError: a vector has NaN or infinity in it.
    """
    total = len(contents.words)
    counts = [None] * total if contents.counts is None else contents.counts.tolist()
    began = time.monotonic()

    def rows() -> Iterator[tuple[int, str, int | None, bytes]]:
        for row, (word, vector) in enumerate(word_rows(contents)):
            yield row, word.decode(), counts[row], vector.astype("<f4", copy=False).tobytes()
            if on_event is not None and not row % _ROWS_AT_ONCE:
                on_event(Progress(done=row, total=total, unit="words", seconds=time.monotonic() - began))

    if on_event is not None:
        on_event(Stage(name=f"writing {path.name}"))
    try:
        with written_whole(path) as part, closing(sqlite3.connect(part)) as database:
            # The file appears only when it is whole: a journal would guard what nobody can see.
            database.execute("PRAGMA journal_mode = OFF")
            database.execute("PRAGMA synchronous = OFF")
            database.execute(
                "CREATE TABLE vectors (id INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE, count INTEGER, "
                "vector BLOB NOT NULL)"
            )
            with database:
                database.executemany("INSERT INTO vectors VALUES (?, ?, ?, ?)", rows())
    except sqlite3.Error as error:
        raise StorageError(f"could not write {path}: {error}; free some space or choose another place") from error
