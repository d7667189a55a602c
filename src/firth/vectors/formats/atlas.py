"""Embedding Atlas's Parquet: words with their places in two dimensions and their nearest neighbours; written, not read.

Columns: word (string), count (int64, where known), x and y (float32, the principal plane of the vectors scaled to
length 1), neighbors: ids (list of int64, row numbers from 0, the nearest first, the word itself not among them) and
distances (list of float32, 1 − cosine). The atlas is told by `--x x --y y --neighbors neighbors --text word`.

Source: https://apple.github.io/embedding-atlas, "Command line", the option --neighbors.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from firth.errors import MissingExtraError
from firth.events import Listener, Progress, Stage
from firth.storage import written_whole
from firth.vectors.neighbours import nearest
from firth.vectors.norms import RowNorms
from firth.vectors.plane import plane
from firth.vectors.words import PackedWords

if TYPE_CHECKING:
    from pathlib import Path

    from firth.vectors.formats.contents import Contents

__all__ = ["NEIGHBOURS", "write"]

NEIGHBOURS = 15
"""Neighbours of each word that are written; fewer where there are not so many words."""

_ROWS_AT_ONCE = 4096


def write(path: Path, contents: Contents, *, on_event: Listener | None = None) -> None:
    """Write the file, whole or not at all; as much work as a search for every word.

    Args:
        path: the file.
        contents: what goes into it.
        on_event: told how far it has come.

    Raises:
        StorageError: it cannot be written.
        FormatError: a vector holds NaN or infinity.
        MissingExtraError: pyarrow is not installed.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415 - optional
        import pyarrow.parquet as pq  # noqa: PLC0415
    except ImportError:
        raise MissingExtraError.of("arrow", "Embedding Atlas's Parquet") from None
    words, began = PackedWords.of(contents.words), time.monotonic()
    norms = RowNorms(contents.matrix, words)
    if on_event is not None:
        on_event(Stage(name=f"writing {path.name}, every word's neighbours"))
    places = plane(contents.matrix, norms).places
    neighbours = pa.struct([("ids", pa.list_(pa.int64())), ("distances", pa.list_(pa.float32()))])
    fields = [("word", pa.string()), ("x", pa.float32()), ("y", pa.float32()), ("neighbors", neighbours)]
    if contents.counts is not None:
        fields.insert(1, ("count", pa.int64()))
    schema = pa.schema(fields)
    with written_whole(path) as part, pq.ParquetWriter(part, schema) as file:
        for start in range(0, len(words), _ROWS_AT_ONCE):
            rows = slice(start, min(start + _ROWS_AT_ONCE, len(words)))
            own = range(rows.start, rows.stop)
            found = nearest(
                contents.matrix, norms, contents.matrix[rows].astype(np.float64), k=NEIGHBOURS,
                left_out=[[row] for row in own],
            )  # fmt: skip
            kept = [ids >= 0 for ids in found.word_ids]
            columns = {
                "word": words[rows],
                "count": None if contents.counts is None else contents.counts[rows],
                "x": places[rows, 0],
                "y": places[rows, 1],
                "neighbors": [
                    {"ids": ids[there], "distances": (1 - values[there]).astype(np.float32)}
                    for ids, values, there in zip(found.word_ids, found.values, kept, strict=True)
                ],
            }
            file.write_table(pa.table({name: columns[name] for name in schema.names}, schema=schema))
            if on_event is not None:
                seconds = time.monotonic() - began
                on_event(Progress(done=rows.stop, total=len(words), unit="words", seconds=seconds))
