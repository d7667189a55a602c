"""A sample of a text: where its pieces come from, and which share of it they are said to be."""

from __future__ import annotations

import bz2
import gzip
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from firth.corpus.sample import PIECE, sample
from firth.errors import SettingsError, SourceError

SIZE = 4 * PIECE


def words(count: int, seed: int = 1) -> str:
    """Return lines of numbered words, so that it can be told which were read."""
    draw = random.Random(seed)  # noqa: S311
    return "\n".join(" ".join(f"w{draw.randrange(10**6):06d}" for _ in range(12)) for _ in range(count // 12))


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    path.write_text(words(60_000), encoding="utf-8")
    return path


def test_a_small_text_is_read_whole(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"{number}.txt").write_text(f"these are the words of {number}\n", encoding="utf-8")
    taken = sample(tmp_path)
    assert taken.share == 1
    assert taken.documents == 3
    assert "".join(taken.pieces) == "".join(f"these are the words of {number}\n" for number in range(3))


def test_pieces_are_spread_and_hold_whole_words(text: Path) -> None:
    taken = sample(text, size=SIZE)
    whole = text.read_text(encoding="utf-8")
    assert len(taken.pieces) == 4
    assert all(piece in whole for piece in taken.pieces)
    assert all(len(word) == 7 for piece in taken.pieces for word in piece.split())
    stretch = len(whole) / 4
    places = [whole.index(piece) / stretch for piece in taken.pieces]
    assert places == sorted(places)
    assert all(abs(place - number - 0.5) <= 0.6 for number, place in enumerate(places))
    assert taken.share == pytest.approx(SIZE / len(whole), rel=0.01)
    assert taken.pieces == sample(text, size=SIZE).pieces
    assert taken.pieces != sample(text, size=SIZE, seed=2).pieces


def test_files_are_read_by_their_size(tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"{number:02d}.txt").write_text(words(6_000, number), encoding="utf-8")
    taken = sample(tmp_path, size=SIZE)
    assert taken.documents == 20
    assert taken.share == pytest.approx(SIZE / sum(path.stat().st_size for path in tmp_path.iterdir()), rel=0.02)


@pytest.mark.parametrize(("compress", "error"), [(gzip.compress, 0.2), (bz2.compress, 0.8)])
def test_of_a_compressed_file_the_beginning_is_read(
    tmp_path: Path, text: Path, compress: Callable[[bytes], bytes], error: float
) -> None:
    whole = text.read_bytes() * 4
    packed = tmp_path / "packed"
    packed.mkdir()
    (packed / "text.txt.gz").write_bytes(compress(whole))
    taken = sample(packed, size=SIZE * 8)
    assert "".join(taken.pieces) == whole[: taken.bytes_read].decode()
    assert taken.bytes_read < len(whole)
    # The share is told from how far the reader has come in the file: bzip2 reads blocks of nearly a megabyte ahead.
    assert taken.share == pytest.approx(taken.bytes_read / len(whole), rel=error)
    assert any("from the beginning" in note for note in taken.notes)


def test_rows_are_read_from_the_beginning(tmp_path: Path, text: Path) -> None:
    rows = text.read_text(encoding="utf-8").splitlines()
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(json.dumps({"body": row}) for row in rows), encoding="utf-8")
    taken = sample(path, size=SIZE, text_column="body")
    assert taken.pieces == rows[: len(taken.pieces)]
    assert taken.share == pytest.approx(len(taken.pieces) / len(rows), rel=0.2)
    assert taken.documents == pytest.approx(len(rows), rel=0.2)


def test_rows_of_parquet_are_counted(tmp_path: Path, text: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    rows = text.read_text(encoding="utf-8").splitlines()
    pq.write_table(pa.table({"text": rows}), tmp_path / "rows.parquet")
    taken = sample(tmp_path / "rows.parquet", size=SIZE)
    assert taken.pieces == rows[: len(taken.pieces)]
    assert taken.share == pytest.approx(len(taken.pieces) / len(rows), rel=1e-6)
    table = sample(pa.table({"text": rows}), size=SIZE)
    assert table.pieces == taken.pieces
    assert table.share == taken.share


def test_of_a_list_some_items_are_read(text: Path) -> None:
    lines = text.read_text(encoding="utf-8").splitlines()
    taken = sample(lines, size=SIZE)
    assert {*taken.pieces} < {*lines}
    assert taken.share == len(taken.pieces) / len(lines)
    assert taken.documents == pytest.approx(len(lines))
    tokens = sample([line.split() for line in lines], size=SIZE)
    assert [" ".join(piece) for piece in tokens.pieces] == taken.pieces
    assert sample(lines[:3]).share == 1


def test_of_what_has_no_length_the_beginning_is_read(text: Path) -> None:
    class Lines:
        def __iter__(self) -> Iterator[str]:
            return iter(text.read_text(encoding="utf-8").splitlines())

    taken = sample(Lines(), size=SIZE)
    assert taken.share is None
    assert taken.documents is None


def test_text_without_blanks_is_cut_between_characters(tmp_path: Path) -> None:
    path = tmp_path / "japanese.txt"
    path.write_text("言葉の意味は使われ方にある" * 5_000, encoding="utf-8")
    taken = sample(path, size=SIZE)
    assert len(taken.pieces) == 4
    assert not any("\ufffd" in piece for piece in taken.pieces)
    assert taken.notes == ()


def test_encodings_and_bad_bytes(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_bytes(("größe maß " * 20_000).encode("latin-1"))
    assert {*" ".join(sample(path, size=SIZE, encoding="latin-1").pieces).split()} == {"größe", "maß"}
    taken = sample(path, size=SIZE)
    assert any("could not be read as utf-8" in note for note in taken.notes)
    path.write_bytes(("größe maß " * 20_000).encode("utf-16"))
    assert {*" ".join(sample(path, size=SIZE, encoding="utf-16").pieces).split()} == {"größe", "maß"}


def test_what_cannot_be_sampled(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="got an iterator"):
        sample(iter(["a b"]))
    with pytest.raises(SourceError, match="no file"):
        sample(tmp_path / "gone.txt")
    with pytest.raises(SourceError, match="lists of words only"):
        sample([["a", "b"], "a b"])
    (tmp_path / "book.pdf").write_bytes(b"%PDF-1.7" + b" x" * 10**5)
    with pytest.raises(SourceError, match="a PDF"):
        sample(tmp_path / "book.pdf", size=SIZE)
