"""Parquet and Feather: a table with a column of words and a column of vectors, as databases and explorers take them.

Written are the columns

    word             string
    count            int64, where known
    vector           fixed-size list of D float32
    output_vector    fixed-size list of D' float32, where there are any

and the record, as JSON, under "firth" in the schema's metadata. Read is any table with a column of strings and one of
lists of numbers: those named here, or "text", "token" and "embedding", or else the only ones of their kind. Feather is
Arrow's own file format (version 2), uncompressed here.

Source: https://parquet.apache.org/docs/file-format/ and https://arrow.apache.org/docs/format/Columnar.html, read and
written by pyarrow.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from firth.errors import FormatError, MissingExtraError
from firth.events import Listener, Progress, Stage
from firth.storage import written_whole
from firth.vectors.formats.contents import Contents, record_of
from firth.vectors.formats.rows import ByteErrors, Rows
from firth.vectors.words import shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy.typing as npt

__all__ = [
    "read_feather",
    "read_parquet",
    "recognises_feather",
    "recognises_parquet",
    "write_feather",
    "write_parquet",
]

_WORD_NAMES = ("word", "words", "text", "token", "tokens", "name", "id")
_VECTOR_NAMES = ("vector", "vectors", "embedding", "embeddings")
_ROWS_AT_ONCE = 16_384


def recognises_parquet(head: bytes) -> bool:
    """Return whether a file that begins with `head` is Parquet."""
    return head.startswith(b"PAR1")


def recognises_feather(head: bytes) -> bool:
    """Return whether a file that begins with `head` is Arrow's file format, Feather's second version."""
    return head.startswith(b"ARROW1")


def read_parquet(
    path: Path, *, limit: int | None = None, errors: ByteErrors = "strict", on_event: Listener | None = None
) -> Contents:
    """Read a Parquet file.

    Args:
        path: the file.
        limit: int ≥ 1, only so many words from the first; None for all.
        errors: about words that are no UTF-8.
        on_event: told how far it has come, and what was left out.

    Raises:
        FormatError: it is broken, or has no columns of words and vectors.
        MissingExtraError: pyarrow is not installed.
        OSError: it cannot be opened.
    """
    _pyarrow()
    import pyarrow.parquet as pq  # noqa: PLC0415 (optional)

    with path.open("rb") as opened, _broken(path, "Parquet"), pq.ParquetFile(opened) as file:
        if on_event is not None and file.metadata.num_rows > _ROWS_AT_ONCE:
            on_event(Stage(name=f"reading {path.name}"))
        columns = _columns(path, file.schema_arrow)
        wanted = [name for name in columns.values() if name is not None]
        batches = file.iter_batches(batch_size=_ROWS_AT_ONCE, columns=wanted)
        return _contents(path, batches, columns, file.schema_arrow, file.metadata.num_rows, limit, errors, on_event)


def read_feather(
    path: Path, *, limit: int | None = None, errors: ByteErrors = "strict", on_event: Listener | None = None
) -> Contents:
    """Read a Feather file; arguments and errors as for `read_parquet`."""
    pa = _pyarrow()
    with path.open("rb") as opened, _broken(path, "Feather"), pa.ipc.open_file(opened) as file:
        columns = _columns(path, file.schema)
        wanted = [name for name in columns.values() if name is not None]
        pieces = (
            batch.select(wanted).slice(start, _ROWS_AT_ONCE)
            for batch in map(file.get_batch, range(file.num_record_batches))
            for start in range(0, batch.num_rows, _ROWS_AT_ONCE)
        )
        return _contents(path, pieces, columns, file.schema, None, limit, errors, on_event)


def _pyarrow() -> Any:  # pyarrow brings no types
    try:
        import pyarrow as pa  # noqa: PLC0415 (optional)
        import pyarrow.ipc  # noqa: PLC0415
    except ImportError:
        raise MissingExtraError.of("arrow", "Reading and writing Parquet and Feather") from None
    return pa


@contextlib.contextmanager
def _broken(path: Path, title: str) -> Iterator[None]:
    """Turn pyarrow's errors into one sentence."""
    pa = _pyarrow()
    try:
        yield
    except FormatError:
        raise
    except (pa.ArrowException, OSError, ValueError, KeyError, IndexError, TypeError, OverflowError) as error:
        reason = " ".join(str(error).split())
        raise FormatError(f"expected {title} in {path}, got a file that is broken: {shown(reason, 200)}") from None


def _columns(path: Path, schema: Any) -> dict[str, str | None]:
    """Return the names of the columns that hold words, vectors, counts and output vectors."""
    names = list(schema.names)
    if len(set(names)) != len(names):
        raise FormatError(f"expected columns of different names in {path}, got {_listed(names)}")
    texts = [name for name in names if "string" in str(schema.field(name).type)]
    lists = [name for name in names if _is_vector(schema.field(name).type)]
    outputs = "output_vector" if "output_vector" in lists else None
    vectors = [name for name in lists if name != outputs]
    word = next((name for name in _WORD_NAMES if name in texts), texts[0] if len(texts) == 1 else None)
    vector = next((name for name in _VECTOR_NAMES if name in vectors), vectors[0] if len(vectors) == 1 else None)
    if word is None or vector is None:
        raise FormatError(
            f'expected a column of words (such as "word") and one of lists of numbers (such as "vector") in {path}, '
            f"got {_listed(f'{name} ({schema.field(name).type})' for name in names)}"
        )
    count = "count" if "count" in names and "int" in str(schema.field("count").type) else None
    return {"word": word, "vector": vector, "count": count, "output_vector": outputs}


def _is_vector(kind: Any) -> bool:
    return "list" in str(kind) and str(getattr(kind, "value_type", "")) in ("float", "double", "halffloat")


def _listed(names: Any) -> str:
    some = [shown(str(name)) for name in names]
    return ", ".join(some[:8]) + (" …" if len(some) > 8 else "") or "no columns"


def _contents(  # noqa: PLR0917 (one call from each reader)
    path: Path,
    batches: Iterator[Any],
    columns: dict[str, str | None],
    schema: Any,
    total: int | None,
    limit: int | None,
    errors: ByteErrors,
    on_event: Listener | None,
) -> Contents:
    rows: Rows | None = None
    counts: list[npt.NDArray[np.int64]] = []
    outputs: list[npt.NDArray[np.float32]] = []
    began = time.monotonic()
    for batch in _up_to(limit, batches):
        values = _values(path, batch.column(columns["vector"]))
        if rows is None:
            rows = Rows(path, values.shape[1], errors, place="row", first=1)
        if values.shape[1] != rows.matrix.shape[1]:
            raise FormatError(f"expected vectors of one length in {path}, got other ones after row {rows.filled:,}")
        rows.add_block([word.encode() for word in _filled(path, batch.column(columns["word"])).to_pylist()], values)
        if columns["count"] is not None:
            counts.append(np.asarray(_filled(path, batch.column(columns["count"])).to_pylist(), dtype=np.int64))
        if columns["output_vector"] is not None:
            outputs.append(_values(path, batch.column(columns["output_vector"])).astype(np.float32))
        if on_event is not None and rows.filled >= _ROWS_AT_ONCE:
            on_event(Progress(done=rows.filled, total=total, unit="words", seconds=time.monotonic() - began))
    if rows is None:
        raise FormatError(f"expected one row or more in {path}, got none")
    contents = rows.contents(on_event)
    counted = np.delete(np.concatenate(counts), rows.again) if counts else None
    if counted is not None and counted.min() < 0:
        raise FormatError(f"expected counts of 0 or more in {path}, got {int(counted.min()):,}")
    return replace(
        contents,
        counts=counted,
        output_matrix=np.delete(np.concatenate(outputs), rows.again, axis=0) if outputs else None,
        record={**record_of(path, (schema.metadata or {}).get(b"firth", b"{}")), **contents.record},
    )


def _up_to(limit: int | None, batches: Iterator[Any]) -> Iterator[Any]:
    """Give batches, checked, until they hold so many rows."""
    done = 0
    for given in batches:
        batch = given if limit is None else given.slice(0, limit - done)
        # Arrow does not look whether offsets and texts lie within their buffers until it is asked to.
        batch.validate(full=True)
        if batch.num_rows:
            yield batch
        done += batch.num_rows
        if limit is not None and done >= limit:
            return


def _filled(path: Path, column: Any) -> Any:
    if column.null_count:
        raise FormatError(f"expected a value in each row of {path}, got {column.null_count:,} rows without one")
    return column


def _values(path: Path, column: Any) -> npt.NDArray[np.floating]:
    """Return a column of lists as a matrix."""
    flat = _filled(path, _filled(path, column).flatten())
    size, left = divmod(len(flat), len(column))
    lengths = set(column.value_lengths().to_pylist()) if hasattr(column, "value_lengths") else {size}
    if left or not size or lengths != {size}:
        raise FormatError(f"expected vectors of one length in {path}, got lists of several")
    values: npt.NDArray[np.floating] = np.asarray(flat.to_numpy(zero_copy_only=False)).reshape(len(column), size)
    return values


def write_parquet(path: Path, contents: Contents, *, on_event: Listener | None = None) -> None:
    """Write a Parquet file, whole or not at all.

    Args:
        path: the file.
        contents: what goes into it.
        on_event: told how far it has come.

    Raises:
        StorageError: it cannot be written.
        SettingsError: the record holds what JSON cannot.
        FormatError: a vector has NaN or infinity in it.
        MissingExtraError: pyarrow is not installed.
    """
    _pyarrow()
    import pyarrow.parquet as pq  # noqa: PLC0415 (optional)

    schema = _schema(contents)
    with written_whole(path) as part, pq.ParquetWriter(part, schema, use_dictionary=False) as writer:
        for batch in _batches(contents, schema, path, on_event):
            writer.write_batch(batch)


def write_feather(path: Path, contents: Contents, *, on_event: Listener | None = None) -> None:
    """Write a Feather file, whole or not at all; arguments and errors as for `write_parquet`."""
    pa = _pyarrow()
    schema = _schema(contents)
    with written_whole(path) as part, pa.OSFile(str(part), "wb") as file, pa.ipc.new_file(file, schema) as writer:
        for batch in _batches(contents, schema, path, on_event):
            writer.write_batch(batch)


def _schema(contents: Contents) -> Any:
    pa = _pyarrow()
    fields = [("word", pa.string())]
    if contents.counts is not None:
        fields.append(("count", pa.int64()))
    fields.append(("vector", pa.list_(pa.float32(), contents.matrix.shape[1])))
    if contents.output_matrix is not None:
        fields.append(("output_vector", pa.list_(pa.float32(), contents.output_matrix.shape[1])))
    return pa.schema(fields, metadata={b"firth": contents.record_as_json().encode()})


def _batches(contents: Contents, schema: Any, path: Path, on_event: Listener | None) -> Iterator[Any]:
    pa = _pyarrow()
    total = len(contents.words)
    began = time.monotonic()
    if on_event is not None:
        on_event(Stage(name=f"writing {path.name}"))
    for start in range(0, total, _ROWS_AT_ONCE):
        rows = range(start, min(start + _ROWS_AT_ONCE, total))
        contents.refuse_not_finite(rows)
        arrays = [pa.array(contents.words[rows.start : rows.stop], pa.string())]
        if contents.counts is not None:
            arrays.append(pa.array(contents.counts[rows.start : rows.stop], pa.int64()))
        for matrix in (contents.matrix, contents.output_matrix):
            if matrix is not None:
                flat = pa.array(np.ascontiguousarray(matrix[rows.start : rows.stop]).reshape(-1), pa.float32())
                arrays.append(pa.FixedSizeListArray.from_arrays(flat, matrix.shape[1]))
        yield pa.record_batch(arrays, schema=schema)
        if on_event is not None:
            on_event(Progress(done=rows.stop, total=total, unit="words", seconds=time.monotonic() - began))
