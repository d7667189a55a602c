"""Tables of documents: JSONL, CSV and Parquet files, Arrow tables, data frames and Hugging Face datasets."""

from __future__ import annotations

import csv
import io
import json
import math
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from firth.corpus.decompression import SUFFIXES as COMPRESSED
from firth.corpus.decompression import PieceStream
from firth.errors import MissingExtraError, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from firth.corpus.remote import RemoteFile

__all__ = [
    "SUFFIXES",
    "Columns",
    "Kind",
    "Missing",
    "is_table",
    "kind_of",
    "parquet_length",
    "parquet_rows",
    "row_group_sizes",
    "rows",
    "table_rows",
]

SUFFIXES = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet")
_ROWS_AT_ONCE = 256

Kind = Literal["text", "jsonl", "csv", "parquet"]


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Which columns to read.

    Args:
        text: the column of the text; None stands for "text".
        id: the column of the documents' ids, or None.
    """

    text: str | None = None
    id: str | None = None

    def of(self, there: Sequence[str], where: str) -> tuple[str, str | None]:
        """Return both names, having made sure that the table has them.

        Raises:
            SourceError: a column is missing; the message names those there are.
        """
        text = self.text or "text"
        for column in (text, self.id):
            if column is not None and column not in there:
                hint = "" if self.text or column == self.id else "; name the text's with text_column"
                raise SourceError(
                    f"expected a column {column!r} in {where}, but it has {', '.join(map(repr, there))}{hint}"
                )
        return text, self.id


class Missing:
    """How many rows had no text, and which was the first."""

    def __init__(self) -> None:
        self.count = 0
        self.first: int | None = None

    def add(self, row: int) -> None:
        """Note one more row, by its number in its file."""
        self.first = row if self.first is None else self.first
        self.count += 1

    def add_all(self, other: Missing, rows_before: int) -> None:
        """Take over those of rows behind these; `rows_before` are in the same file and were not known to `other`."""
        if self.first is None and other.first is not None:
            self.first = rows_before + other.first
        self.count += other.count


def kind_of(path: Path | RemoteFile, head: bytes) -> Kind:
    """Return what a file holds, by its first bytes (Parquet) and its name (the other tables).

    Args:
        path: the file.
        head: its first bytes.
    """
    if head.startswith(b"PAR1"):
        return "parquet"
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in COMPRESSED:
        suffixes.pop()
    suffix = suffixes[-1] if suffixes else ""
    if suffix in (".jsonl", ".ndjson", ".json"):
        return "jsonl"
    return "csv" if suffix in (".csv", ".tsv") else "text"


def rows(
    kind: Kind, utf8: Iterator[bytes], path: Path | RemoteFile, columns: Columns, *, begins: bool = True
) -> Iterator[tuple[Any, str]]:
    """Give the text (None where there is none) and id of each row of a JSONL or CSV file.

    Args:
        kind: "jsonl" or "csv".
        utf8: the file's text.
        path: the file.
        columns: which columns to read.
        begins: whether this is the file's beginning, whose first row must have these columns; of JSONL it may be lines
            from within.

    Raises:
        SourceError: the file breaks its format or lacks a column.
    """
    stream: Any = io.BufferedReader(PieceStream(utf8), 1 << 20)
    return _jsonl_rows(stream, path, columns, begins) if kind == "jsonl" else _csv_rows(stream, path, columns)


def _jsonl_rows(
    lines: Iterable[bytes], path: Path | RemoteFile, columns: Columns, begins: bool
) -> Iterator[tuple[Any, str]]:
    text_column = None if begins else columns.text or "text"
    id_column = None if begins else columns.id
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise SourceError(f"expected a JSON object in line {number:,} of {path}, but {error}") from None
        if not isinstance(row, dict):
            raise SourceError(
                f"expected a JSON object in each line of {path} (JSONL), but line {number:,} holds "
                f"{type(row).__name__}; write one object a line"
            )
        if text_column is None:
            text_column, id_column = columns.of(list(row), f"line {number:,} of {path}")
        text = row.get(text_column)
        if text is not None and not isinstance(text, str):
            raise SourceError(
                f"expected text in {text_column!r}, but line {number:,} of {path} has {type(text).__name__}"
            )
        yield text, _id(row, id_column)


def _csv_rows(stream: Any, path: Path | RemoteFile, columns: Columns) -> Iterator[tuple[Any, str]]:
    lines = io.TextIOWrapper(stream, "utf-8", newline="")
    header = lines.readline()
    if not header:
        return
    delimiter = max("\t;," if path.suffixes[0].lower() == ".tsv" else ",;\t", key=header.count)
    lines = _with_first(header, lines)  # type: ignore[assignment]
    # The limit is one for the whole process; a document may be longer than the 128 KB it begins with.
    csv.field_size_limit(max(csv.field_size_limit(), 2**31 - 1))
    reader = csv.DictReader(lines, delimiter=delimiter, strict=True)
    try:
        text_column, id_column = columns.of(list(reader.fieldnames or ()), str(path))
        for row in reader:
            yield row[text_column], _id(row, id_column)
    except csv.Error as error:
        raise SourceError(f"{path} is not well-formed CSV near line {reader.reader.line_num:,}: {error}") from None


def _with_first(first: str, lines: Iterable[str]) -> Iterator[str]:
    yield first
    yield from lines


def _id(row: Mapping[str, Any], column: str | None) -> str:
    value = None if column is None else row.get(column)
    return "" if value is None else str(value)


def parquet_rows(path: Path | RemoteFile, columns: Columns, groups: range | None = None) -> Iterator[tuple[Any, str]]:
    """Give the text and id of each row of a Parquet file, or of some of its row groups, a batch in memory at a time.

    Raises:
        MissingExtraError: pyarrow is not installed.
        SourceError: the file is broken or lacks a column.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415 (an extra)
        import pyarrow.parquet as pq  # noqa: PLC0415
    except ImportError:
        raise MissingExtraError.of("arrow", "Reading Parquet") from None
    try:
        # A row group at a time; a file elsewhere is read through its own stream.
        with _for_arrow(path) as stream, pq.ParquetFile(stream) as file:
            chosen = columns.of(file.schema_arrow.names, str(path))
            wanted = [column for column in chosen if column is not None]
            for batch in file.iter_batches(
                batch_size=_ROWS_AT_ONCE, columns=wanted, row_groups=None if groups is None else list(groups)
            ):
                yield from _batch_rows(batch, chosen)
    except (pa.ArrowException, OSError) as error:
        raise SourceError(f"{path} could not be read as Parquet: {error}") from None


@contextmanager
def _for_arrow(path: Any) -> Iterator[Any]:
    """Give what pyarrow can read a file from: the path of one here, else an open stream."""
    if isinstance(path, Path):
        yield path
    else:
        with path.open("rb") as stream:
            yield stream


def _parquet_metadata(path: Path | RemoteFile) -> Any:
    """Return what a Parquet file says of itself."""
    try:
        import pyarrow as pa  # noqa: PLC0415 (an extra)
        import pyarrow.parquet as pq  # noqa: PLC0415
    except ImportError:
        raise MissingExtraError.of("arrow", "Reading Parquet") from None
    try:
        with _for_arrow(path) as stream:
            return pq.read_metadata(stream)
    except (pa.ArrowException, OSError) as error:
        raise SourceError(f"{path} could not be read as Parquet: {error}") from None


def parquet_length(path: Path | RemoteFile) -> int:
    """Return how many rows a Parquet file says it has.

    Raises:
        MissingExtraError: pyarrow is not installed.
        SourceError: the file is broken.
    """
    return int(_parquet_metadata(path).num_rows)


def row_group_sizes(path: Path | RemoteFile, columns: Columns) -> list[int]:
    """Return how many bytes the columns that are read take in each row group of a Parquet file, before compression.

    Raises:
        MissingExtraError: pyarrow is not installed.
        SourceError: the file is broken.
    """
    about = _parquet_metadata(path)
    wanted = {columns.text or "text", columns.id}
    groups = (about.row_group(number) for number in range(about.num_row_groups))
    return [
        1 + sum(
            int(column.total_uncompressed_size)
            for column in map(group.column, range(group.num_columns))
            if column.path_in_schema in wanted
        )
        for group in groups
    ]  # fmt: skip


def is_table(value: object) -> bool:
    """Return whether a value is a table with named columns: of Arrow, pandas, polars or Hugging Face."""
    return hasattr(value, "__arrow_c_stream__") or hasattr(value, "column_names") or hasattr(value, "itertuples")


def table_rows(table: Any, columns: Columns) -> Iterator[tuple[Any, str]]:
    """Give the text and id of each row of a table in memory or of a Hugging Face dataset.

    Raises:
        MissingExtraError: pyarrow is needed and not installed.
        SourceError: the table lacks a column.
    """
    if isinstance(table, dict):
        raise SourceError(f"expected one data set, but there are {', '.join(map(repr, table))}; choose one of them")
    where = f"the {type(table).__name__}"
    if hasattr(table, "column_names") and hasattr(table, "iter"):
        return _dataset_rows(table, columns, where)
    if hasattr(table, "to_batches"):
        chosen = columns.of(table.schema.names, where)
        return (row for batch in table.to_batches(max_chunksize=_ROWS_AT_ONCE) for row in _batch_rows(batch, chosen))
    if hasattr(table, "itertuples"):
        text, name = columns.of([str(column) for column in table.columns], where)
        ids = (_id({"id": value}, "id") for value in table[name]) if name else ("" for _ in range(len(table)))
        return ((_no_nan(value), id_) for value, id_ in zip(table[text], ids, strict=True))
    try:
        import pyarrow as pa  # noqa: PLC0415 (an extra)
    except ImportError:
        raise MissingExtraError.of("arrow", f"Reading {where}") from None
    reader = pa.RecordBatchReader.from_stream(table)
    chosen = columns.of(reader.schema.names, where)
    return (row for batch in reader for row in _batch_rows(batch, chosen))


def _no_nan(value: Any) -> Any:
    """Return None for the NaN with which pandas marks a missing text."""
    return None if isinstance(value, float) and math.isnan(value) else value


def _batch_rows(batch: Any, chosen: tuple[str, str | None]) -> Iterator[tuple[Any, str]]:
    text, name = chosen
    column = batch.column(text)
    if not any(kind in str(column.type) for kind in ("string", "null", "dictionary")):
        raise SourceError(f"expected text in the column {text!r}, but it holds {column.type}")
    texts = column.to_pylist()
    if name is None:
        return ((value, "") for value in texts)
    ids = batch.column(name).to_pylist()
    return ((value, _id({"id": id_}, "id")) for value, id_ in zip(texts, ids, strict=True))


def _dataset_rows(dataset: Any, columns: Columns, where: str) -> Iterator[tuple[Any, str]]:
    if dataset.column_names is not None:
        columns.of(list(dataset.column_names), where)
    for batch in dataset.iter(batch_size=_ROWS_AT_ONCE):
        text, name = columns.of(list(batch), where)
        ids = batch[name] if name else [None] * len(batch[text])
        for value, id_ in zip(batch[text], ids, strict=True):
            yield value, _id({"id": id_}, "id")
