"""Tables: JSONL, CSV, Parquet, Arrow, data frames and datasets give the same documents."""

from __future__ import annotations

import csv
import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

from firth.corpus.sources import Source, open_source
from firth.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROWS = [
    {"id": 7, "title": "One", "text": 'First, "quoted"\nline'},
    {"id": 8, "title": "Zwei", "text": "ünïcode; " * 30_000},
    {"id": 9, "title": "None", "text": None},
    {"id": 10, "title": "Empty", "text": ""},
]


def write(kind: str, folder: Path) -> Any:
    """Return a table of ROWS of one kind."""
    file = folder / f"table.{kind}"
    if kind == "jsonl":
        file.write_text("\n\n".join(map(json.dumps, ROWS)) + "\n")
    elif kind == "jsonl.gz":
        file.write_bytes(gzip.compress("\n".join(map(json.dumps, ROWS)).encode()))
    elif kind in ("csv", "tsv"):
        with file.open("w", newline="", encoding="utf-8-sig") as stream:
            writer = csv.DictWriter(stream, ["id", "title", "text"], delimiter="\t" if kind == "tsv" else ";")
            writer.writeheader()
            writer.writerows(row for row in ROWS if row["text"] is not None)
    elif kind == "pandas":
        return pytest.importorskip("pandas", reason="pandas is not installed").DataFrame(ROWS)
    elif kind == "datasets":
        return Dataset()
    else:
        arrow = pytest.importorskip("pyarrow", reason="the extra 'arrow' is not installed")
        table = arrow.Table.from_pylist(ROWS)
        if kind == "arrow":
            return table
        if kind == "stream":
            return table.to_reader()
        pytest.importorskip("pyarrow.parquet").write_table(table, file, row_group_size=1)
    return file


class Dataset:
    """As much of a Hugging Face dataset as is asked for."""

    column_names = ("id", "title", "text")

    def iter(self, batch_size: int) -> Iterator[dict[str, list[Any]]]:
        assert batch_size > 0
        for row in ROWS:
            yield {name: [value] for name, value in row.items()}


KINDS = ["jsonl", "jsonl.gz", "csv", "tsv", "parquet", "arrow", "stream", "pandas", "datasets"]


def documents(source: Source) -> list[str]:
    return [document.decode() for document in b"".join(source.utf8()).split(b"\xff")[:-1]]


@pytest.mark.parametrize("kind", KINDS)
def test_all_tables_give_the_same_documents(tmp_path: Path, kind: str) -> None:
    source = open_source(write(kind, tmp_path), text_column="text", id_column="id")
    assert documents(source) == [row["text"] for row in ROWS if row["text"] is not None]
    assert source.document_ids == ["7", "8", "10"]
    if kind not in ("csv", "tsv"):
        assert source.notices[-1].startswith("1 rows had no text and were left out; the first is row 2 of ")
    assert documents(open_source(write(kind, tmp_path), text_column="title"))[:2] == ["One", "Zwei"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_missing_column_names_those_there_are(tmp_path: Path, kind: str) -> None:
    for columns in ({"text_column": "body"}, {"id_column": "body"}):
        with pytest.raises(SourceError, match=r"expected a column 'body' in .*, but it has 'id', 'title', 'text'"):
            documents(open_source(write(kind, tmp_path), **columns))


def test_the_text_column_must_be_named_where_none_is_called_text(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"body": "a"}\n')
    with pytest.raises(SourceError, match="it has 'body'; name the text's with text_column"):
        documents(open_source(tmp_path / "a.jsonl"))


def test_two_formats_in_one_call(tmp_path: Path) -> None:
    files = [write("jsonl", tmp_path), write("parquet", tmp_path), tmp_path / "plain.txt"]
    files[-1].write_text("plain")
    found = documents(open_source(files, text_column="title"))
    assert found == ["One", "Zwei", "None", "Empty"] * 2 + ["plain"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", '{"text": "a"}\n{"text": ', "expected a JSON object in line 2 of"),
        ("a.jsonl", '{"text": "a"}\n["a"]\n', "line 2 holds list"),
        ("a.json", '[{"text": "a"}]', "line 1 holds list; write one object a line"),
        ("a.jsonl", '{"text": ["a"]}', "expected text in 'text', but line 1 of .* has list"),
        ("a.jsonl", "[" * 100_000, "expected a JSON object in line 1"),
        ("a.csv", 'text\n"never closed\n', "is not well-formed CSV near line 2"),
        ("a.parquet", "PAR1 and no more", "could not be read as Parquet"),
    ],
)
def test_broken_tables_are_errors(tmp_path: Path, name: str, content: str, message: str) -> None:
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow", reason="the extra 'arrow' is not installed")
    (tmp_path / name).write_text(content)
    with pytest.raises(SourceError, match=message):
        documents(open_source(tmp_path / name))


def test_columns_of_other_types_are_errors() -> None:
    arrow = pytest.importorskip("pyarrow", reason="the extra 'arrow' is not installed")
    with pytest.raises(SourceError, match="expected text in the column 'text', but it holds int64"):
        documents(open_source(arrow.table({"text": [1, 2]})))


def test_empty_tables_hold_nothing(tmp_path: Path) -> None:
    for name in ("a.csv", "a.jsonl"):
        (tmp_path / name).write_text("")
        assert documents(open_source(tmp_path / name)) == []
    (tmp_path / "a.csv").write_text("text,id\n")
    assert documents(open_source(tmp_path / "a.csv")) == []


def test_a_dictionary_of_datasets_asks_for_a_choice() -> None:
    class Splits(dict[str, Any]):
        column_names = ()

    with pytest.raises(SourceError, match="'train', 'test'; choose one"):
        open_source(Splits(train=Dataset(), test=Dataset()))
