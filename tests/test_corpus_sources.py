"""Sources: what stands for which files, how they are read, and what is said about what is not there."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from firth.corpus.decompression import compression_of, zstd
from firth.corpus.sources import Source, open_source
from firth.errors import BadBytesError, SettingsError, SourceError

if TYPE_CHECKING:
    from collections.abc import Callable


def documents(source: Source) -> list[str]:
    *whole, rest = b"".join(source.utf8()).split(b"\xff")
    assert rest == b""
    assert len(source.document_ids) == len(whole)
    return [document.decode() for document in whole]


def test_files_globs_and_folders(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / ".hidden").mkdir()
    for name in ("b.txt", "a.txt", "deep/er/c.md", "deep/wiki_00", "deep/picture.png", "deep/.hidden/x.txt"):
        (tmp_path / name).write_text(name)
    assert documents(open_source(tmp_path / "a.txt")) == ["a.txt"]
    assert documents(open_source(str(tmp_path / "*.txt"))) == ["a.txt", "b.txt"]
    assert documents(open_source([tmp_path / "b.txt", str(tmp_path / "a*")])) == ["b.txt", "a.txt"]
    source = open_source(str(tmp_path))
    assert documents(source) == ["a.txt", "b.txt", "deep/er/c.md", "deep/wiki_00"]
    assert source.document_ids[0] == str(tmp_path / "a.txt")
    assert source.notices == [f"1 file of {tmp_path} not named like text (.png) left out; name them to have them read"]
    twice = open_source([tmp_path / "a.txt", tmp_path])
    assert documents(twice) == ["a.txt", "b.txt", "deep/er/c.md", "deep/wiki_00"]
    assert "1 file was named more than once and is read once" in twice.notices


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nothing.txt", "there is no file or folder 'nothing.txt'"),
        ("no/*.txt", "expected files that match no/\\*.txt, but there are none"),
        ("The cat sat on the mat.", r"to give the text itself, put it in a list: \[text\]"),
        (["typo.txt"], "there is no file or folder 'typo.txt'"),
        (["-", "typo.txt"], "give it alone"),
        ([Path("typo")], "there is no file or folder 'typo'"),
        ("", "there is no file or folder ''"),
        (b"bytes", "got bytes"),
        ({"a": 1}, "got dict"),
        ({"a"}, "got set"),
        (7, "got int"),
        ([7], "its first item is int"),
    ],
)
def test_what_is_not_there_is_said(text: Any, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        open_source(text)


def test_a_folder_without_text_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"")
    with pytest.raises(SourceError, match="expected text files"):
        open_source(tmp_path)


def test_mixed_lists_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    with pytest.raises(SourceError, match="got int among them"):
        open_source([tmp_path / "a.txt", 3])
    with pytest.raises(SourceError, match="item 1 of the list is list"):
        documents(open_source(["text", ["words"]]))
    with pytest.raises(SourceError, match="item 1 is str"):
        list(open_source([["words"], "text"]).token_lists())
    with pytest.raises(SourceError, match="words as strings, but item 0 holds int: 3"):
        list(open_source([["words", 3]]).token_lists())


def test_lists_of_texts_are_texts() -> None:
    assert documents(open_source(["one\ntwo", "", "drei ü"])) == ["one\ntwo", "", "drei ü"]
    assert documents(open_source(("a",))) == ["a"]
    assert documents(open_source(io.StringIO("a\nb\n"))) == ["a\n", "b\n"]


def test_an_iterator_is_noticed_and_a_list_is_not() -> None:
    assert open_source(["a"]).notices == []
    assert "only once" in open_source(iter(["a"])).notices[0]


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    for data in (b"a b\nc", gzip.compress(b"a b\nc", mtime=0)):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(data))))
        assert documents(open_source("-")) == ["a b\nc"]


def test_standard_input_that_comes_slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(io.RawIOBase):
        rest = gzip.compress(os.urandom(1500).hex().encode())

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            piece, self.rest = self.rest[:1], self.rest[1:]
            buffer[: len(piece)] = piece
            return len(piece)

    wanted = gzip.decompress(Slow.rest).decode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(Slow())))
    assert documents(open_source("-")) == [wanted]


COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstandard": zstd.compress,
}
TEXT = "".join(f"line {n * n} äöü\n" for n in range(3000))


@pytest.mark.parametrize("kind", COMPRESSORS)
def test_compressed_files_are_known_by_their_bytes(tmp_path: Path, kind: str) -> None:
    pack = COMPRESSORS[kind]
    file = tmp_path / "called_anything.txt"
    file.write_bytes(pack(TEXT.encode()) + pack(b"second member"))
    assert compression_of(file.read_bytes()) == kind
    assert documents(open_source(file)) == [TEXT + "second member"]
    file.write_bytes(pack(b""))
    assert documents(open_source(file)) == [""]
    misnamed = tmp_path / "plain.gz"
    misnamed.write_text("plain")
    assert documents(open_source(misnamed)) == ["plain"]


@pytest.mark.parametrize("kind", COMPRESSORS)
@pytest.mark.parametrize("kept", [0.999, 0.5, 0.02])
def test_a_truncated_file_is_an_error(tmp_path: Path, kind: str, kept: float) -> None:
    file = tmp_path / "text"
    whole = COMPRESSORS[kind](TEXT.encode())
    for before in (b"", COMPRESSORS[kind](b"first member")):
        file.write_bytes(before + whole[: max(14, int(len(whole) * kept))])
        with pytest.raises(SourceError, match=f"expected {file} to hold {kind} data to its end, but it is cut off"):
            documents(open_source(file))


@pytest.mark.parametrize("kind", COMPRESSORS)
def test_a_corrupt_file_is_an_error(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "text"
    whole = bytearray(COMPRESSORS[kind](TEXT.encode()))
    whole[len(whole) // 2 : len(whole) // 2 + 9] = b"not right"
    file.write_bytes(bytes(whole))
    with pytest.raises(SourceError, match=str(file)):
        documents(open_source(file))


@pytest.mark.parametrize(
    ("head", "kind"), [(b"%PDF-1.4", "a PDF"), (b"PK\x03\x04", "a zip archive"), (b"\x89PNG\r\n\x1a\n", "an image")]
)
def test_other_formats_are_refused(tmp_path: Path, head: bytes, kind: str) -> None:
    for content in (head + b"...", gzip.compress(head + b"...")):
        (tmp_path / "file.txt").write_bytes(content)
        with pytest.raises(SourceError, match=f"is {kind}"):
            documents(open_source(tmp_path / "file.txt"))


def test_bad_bytes_are_counted_and_the_first_is_named(tmp_path: Path) -> None:
    good, bad = tmp_path / "a.txt", tmp_path / "b.txt"
    good.write_bytes("\ufeffgood \ufffd".encode())
    bad.write_bytes(b"x" * (1 << 20) + b"\xe9t\xe9 \xf0\x9f")
    source = open_source([good, bad])
    assert documents(source) == ["good \ufffd", "x" * (1 << 20) + "\ufffdt\ufffd \ufffd"]
    assert source.notices == [
        f"3 places could not be read as utf-8 and became U+FFFD; the first is byte 1,048,576 of {bad}"
    ]
    with pytest.raises(BadBytesError, match=f"byte 1,048,576 of {bad} \\(0xe9\\) does not fit"):
        documents(open_source([good, bad], errors="strict"))
    assert documents(open_source(bad, encoding="latin-1"))[0].endswith("été ð\x9f")


def test_half_surrogates_in_strings_are_bad_too() -> None:
    source = open_source(["good", "b\ud800d \ufffd"])
    assert documents(source) == ["good", "b\ufffdd \ufffd"]
    assert "1 place" in source.notices[0]
    assert "character 1 of item 1 of the list" in source.notices[0]
    with pytest.raises(BadBytesError, match="half of a surrogate pair"):
        documents(open_source(["b\ud800d"], errors="strict"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "gb18030", "utf-16-le"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "a.txt"
    text = "Zwölf 漢字 " * 100_000
    file.write_bytes(text.encode(encoding))
    assert documents(open_source(file, encoding=encoding)) == [text]


def test_a_byte_order_mark_hints_at_the_encoding(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes("text".encode("utf-16"))
    with pytest.raises(BadBytesError, match='begins like utf-16 text: give encoding="utf-16"'):
        documents(open_source(file, errors="strict"))
    source = open_source(file)
    documents(source)
    assert 'give encoding="utf-16"' in source.notices[0]
    file.write_text("text")
    with pytest.raises(SourceError, match="cannot be read as utf-16"):
        documents(open_source(file, encoding="utf-16"))


@pytest.mark.parametrize("settings", [{"encoding": "klingon"}, {"encoding": "base64"}, {"errors": "ignore"}])
def test_impossible_settings_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match=r"encoding|errors"):
        open_source(["a"], **settings)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="needs a user whom permissions bind")
def test_an_unreadable_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    (tmp_path / "a.txt").chmod(0)
    with pytest.raises(SourceError, match="Permission denied"):
        documents(open_source(tmp_path / "a.txt"))


def test_a_file_that_goes_away_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    source = open_source(tmp_path / "a.txt")
    (tmp_path / "a.txt").unlink()
    with pytest.raises(SourceError, match="could not be read: No such file"):
        documents(source)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
@pytest.mark.parametrize("content", [b"kings\nwear crowns\n", gzip.compress(b"kings\nwear crowns\n", mtime=0)])
def test_a_named_pipe_is_read_once(tmp_path: Path, content: bytes) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(content))
    writer.start()
    source = open_source(pipe)
    assert source.total_bytes is None
    assert documents(source) == ["kings\nwear crowns\n"]
    writer.join()
    assert source.done_bytes > 0


def test_an_encoding_must_be_a_name() -> None:
    with pytest.raises(SettingsError, match='such as "utf-8", got None'):
        open_source(["text"], encoding=None)  # type: ignore[arg-type]
