"""Input splits: wherever a file is cut, what its splits hold is together what the file holds, each byte once."""

from __future__ import annotations

import io
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firth.corpus import input_splits
from firth.corpus.input_splits import LINES, PARAGRAPHS, CannotBeCutError, Split, splits_of
from firth.corpus.sources import open_source
from firth.corpus.tables import Columns
from firth.distributed.shares import FileHere
from firth.errors import SourceError

TEXTS = st.lists(
    st.sampled_from([b"\n", b"\n\n", b"\r\n", b"\r\n\r\n", b"a", b"bc ", b"\xc3\xa9", b"\xff"]), max_size=30
)


def naive_cuts(data: bytes, marks: tuple[bytes, ...]) -> list[int]:
    """Return all places where a file may be cut."""
    return [place for place in range(1, len(data)) if data[:place].endswith(marks)]


@given(TEXTS.map(b"".join), st.sampled_from([LINES, PARAGRAPHS]), st.integers(1, 9), st.integers(1, 5))
def test_splits_are_the_file(data: bytes, marks: tuple[bytes, ...], parts: int, at_once: int) -> None:
    size, cuts = len(data), naive_cuts(data, marks)
    ends = [size * number // parts for number in range(parts + 1)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(input_splits, "_AT_ONCE", at_once)
        found = []
        for first, last in pairwise(ends):
            split = Split(file="f", kind="text", first=first, last=last, size=size, marks=marks)
            stream: Any = io.BytesIO(data)
            start = split.begin(stream)
            piece = b"".join(split.pieces(stream, start))
            begin = 0 if first == 0 else next((cut for cut in cuts if first <= cut < last), None)
            if begin is None or first == last:
                assert piece == b""
            else:
                assert start == begin
                end = next((cut for cut in cuts if cut >= last), size) if last < size else size
                assert piece == data[begin:end]
            found.append(piece)
    assert b"".join(found) == data


def test_a_file_that_has_become_shorter_is_named(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_bytes(b"a line\n" * 100)
    *_, last = cut(path, parts=4)
    source = open_source([path])
    path.write_bytes(b"a line\n" * 90)
    with pytest.raises(SourceError, match=r"expected 700 bytes in .*text.txt, but it has become shorter"):
        list(source.share([last]).utf8())
    path.unlink()
    with pytest.raises(SourceError, match=r"text.txt could not be read"):
        list(source.share([last]).utf8())


def cut(path: Path, *, parts: int = 3, most: int = 1 << 40, encoding: str = "utf-8", join_lines: bool = False) -> Any:
    return splits_of(
        path, FileHere(path), parts=parts, most=most, encoding=encoding, join_lines=join_lines, columns=Columns()
    )


def both(path: Path, parts: int, **reading: Any) -> tuple[Any, list[Any]]:
    """Read a file whole, and by its splits: texts, and sources."""
    whole = open_source([path], **reading)
    text, found, pieces = b"".join(whole.utf8()), [], []
    for split in cut(path, parts=parts, encoding=whole.decoder.encoding):
        source = whole.share([split])
        pieces.append(b"".join(source.utf8()))
        found.append(source)
    assert b"".join(pieces) == text
    assert sum(map(bool, pieces)) > 1
    return whole, found


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "cp1252", "ascii"])
@pytest.mark.parametrize("parts", [2, 3, 11, 40])
def test_a_text_is_decoded_as_one(parts: int, encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_bytes(
        b"\xef\xbb\xbf" + "ä line\r\nof text \n\n é \n".encode() * 9 + b"cut \xc3\nand \x81 bad \xff\xfe\n" * 9
    )
    whole, splits = both(path, parts, encoding=encoding)
    assert sum(split.decoder.bad.count for split in splits) == whole.decoder.bad.count
    first = next((split.decoder.bad.first for split in splits if split.decoder.bad.count), None)
    assert first == whole.decoder.bad.first
    assert [name for split in splits for name in split.document_ids] == whole.document_ids == [str(path)]
    assert [name for split in splits for name in split.findings.plain_texts] == [str(path)]


@pytest.mark.parametrize("parts", [2, 5, 30])
def test_jsonl_keeps_its_rows(parts: int, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    rows: list[Any] = [{"text": f"row\n{number}", "n": number} for number in range(40)]
    rows[7]["text"] = rows[31]["text"] = None
    del rows[33]["text"]
    rows[20]["text"] = "half \ud800 of it"
    path.write_text("".join(json.dumps(row) + "\n" * (1 + (row["n"] % 3 == 0)) for row in rows), encoding="utf-8")
    whole, splits = both(path, parts, id_column="n")
    again = open_source([path])
    before = 0
    for split in splits:
        again.add_findings(split.findings, split.decoder.bad, before)
        before += split.findings.rows
    assert again.findings.rows == whole.findings.rows == 40
    assert again.findings.missing.count == whole.findings.missing.count == 3
    assert again.findings.missing.first == whole.findings.missing.first == 7
    assert str(again.decoder.bad.first) == str(whole.decoder.bad.first) == f"character 5 of item 20 of {path}"
    assert [name for split in splits for name in split.document_ids] == whole.document_ids


@pytest.mark.parametrize("parts", [2, 5, 100])
def test_parquet_is_cut_between_row_groups(parts: int, tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed (the extra arrow)")
    import pyarrow.parquet as pq  # noqa: PLC0415

    path = tmp_path / "rows.parquet"
    texts = [None if number in (4, 77) else f"row {number} " * (number % 7) for number in range(90)]
    pq.write_table(pa.table({"text": texts, "other": list(range(90))}), path, row_group_size=10)
    splits = cut(path, parts=parts)
    assert 2 <= len(splits) <= 9
    assert [number for split in splits for number in range(split.first, split.last)] == list(range(9))
    assert len(cut(path, parts=2, most=1)) == 9
    both(path, parts)
    pq.write_table(pa.table({"text": texts}), path)
    with pytest.raises(CannotBeCutError, match="one group"):
        cut(path)


def test_blank_lines_at_the_beginning_hide_the_first_row(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text("\n" * 50 + '{"text": "a"}\n' * 2, encoding="utf-8")
    first, *_ = cut(path)
    with pytest.raises(CannotBeCutError, match="blank lines"):
        list(open_source([path]).share([first]).utf8())


@pytest.mark.parametrize(
    ("name", "content", "encoding", "why"),
    [
        ("a.txt", __import__("gzip").compress(b"text\n" * 99), "utf-8", "gzip"),
        ("a.csv", b"text\nb\n", "utf-8", "CSV"),
        ("a.txt", b"text\nb\n", "utf-16", "utf-16"),
        ("a.txt", b"text\nb\n", "utf-8-sig", "utf-8-sig"),
        ("a.txt", b"text\nb\n", "gb18030", "gb18030"),
        ("a.txt", b"%PDF-1.7 and so on", "utf-8", "PDF"),
        ("a.parquet", b"PAR1 and no more", "utf-8", "Parquet"),
    ],
)
def test_what_cannot_be_cut_says_why(name: str, content: bytes, encoding: str, why: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow", reason="pyarrow is not installed (the extra arrow)")
    with pytest.raises(CannotBeCutError, match=why):
        cut(path, encoding=encoding)
