"""Texts in object stores: found, read by row group, asked for again when reading fails; S3 from a server begun here."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import firth
from conftest import Outcome
from firth.corpus import remote
from firth.corpus.sources import open_source
from firth.errors import MissingExtraError, SettingsError, SourceError

fsspec = pytest.importorskip("fsspec", reason="fsspec is not installed (the extra remote)")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "_WAIT", 0.0)


@pytest.fixture
def memory() -> Iterator[Any]:
    filesystem = fsspec.filesystem("memory")
    filesystem.store.clear()
    filesystem.pipe("/texts/b.txt", b"two words\n")
    filesystem.pipe("/texts/a.txt", b"one word\n")
    filesystem.pipe("/texts/deep/c.jsonl", b'{"text": "three more words"}\n')
    filesystem.pipe("/texts/picture.png", b"\x89PNG\r\n")
    yield filesystem
    filesystem.store.clear()


def text_of(where: Any, **settings: Any) -> bytes:
    return b"".join(open_source(where, **settings).utf8())


def test_an_address_is_known_from_a_path() -> None:
    assert all(map(remote.is_remote, ["s3://bucket/x", "https://a.b/c.txt", "memory://x"]))
    assert not any(map(remote.is_remote, ["novels/*.txt", "C:\\texts", "c:/texts", "-", "", Path("s3:/x"), 3, None]))


@pytest.mark.usefixtures("memory")
def test_files_patterns_and_folders_are_found_in_order() -> None:
    assert text_of("memory://texts/a.txt") == b"one word\n\xff"
    assert text_of("memory://texts/*.txt") == b"one word\n\xfftwo words\n\xff"
    assert text_of("memory://texts") == b"one word\n\xfftwo words\n\xffthree more words\xff"
    assert text_of(["memory://texts/b.txt", "memory://texts/a.txt"]) == b"two words\n\xffone word\n\xff"
    source = open_source(["memory://texts/b.txt", "memory://texts/*.txt"])
    assert [str(path) for path in source.files or []] == ["memory:///texts/b.txt", "memory:///texts/a.txt"]
    assert source.total_bytes == 19
    assert "named more than once" in source.notices[0]


@pytest.mark.usefixtures("memory")
@pytest.mark.parametrize("where", ["memory://texts/none.txt", "memory://nowhere/*.txt", "nosuchstore://bucket/x"])
def test_what_is_not_there_is_said_in_one_sentence(where: str) -> None:
    with pytest.raises(SourceError, match=where.split("//", maxsplit=1)[0]):
        open_source(where)


def test_a_missing_library_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(MissingExtraError, match=r"firth\[remote\]"):
        open_source("s3://bucket/x.txt")


def test_parquet_is_read_through_the_store(memory: Any) -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed (the extra arrow)")
    import pyarrow.parquet as pq  # noqa: PLC0415

    with memory.open("/texts/rows.parquet", "wb") as file:
        pq.write_table(pa.table({"text": [f"row {n}" for n in range(1000)]}), file, row_group_size=100)
    assert text_of("memory://texts/rows.parquet") == b"".join(b"row %d\xff" % n for n in range(1000))


class Wire:
    """A file whose reading fails now and then."""

    def __init__(self, data: bytes, fails: list[bool]) -> None:
        self.data, self.fails, self.place = data, fails, 0

    def seek(self, place: int, whence: int = 0) -> int:
        self.place = place + (len(self.data) if whence == 2 else self.place if whence == 1 else 0)
        return self.place

    def read(self, size: int) -> bytes:
        if self.fails and self.fails.pop(0):
            raise TimeoutError("no answer")
        found = self.data[self.place : self.place + min(size, 7)]
        self.place += len(found)
        return found

    def close(self) -> None:
        pass


@pytest.mark.parametrize("fails", [[True], [False, True, True, False, True], [True, True, True]])
def test_what_breaks_off_is_asked_for_again_where_it_was(fails: list[bool]) -> None:
    data = bytes(range(256))
    stream = remote._Steady(lambda: Wire(data, fails), "wire")
    found = b""
    while piece := stream.read(50):
        found += piece
    assert found == data


def test_a_store_that_never_answers_is_named(memory: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(*_: Any, **__: Any) -> None:
        raise TimeoutError("no answer")

    monkeypatch.setattr(type(memory), "open", lambda *_, **__: Wire(b"x", [True] * 9))
    monkeypatch.setattr(type(memory), "cat_file", silent)
    with pytest.raises(SourceError, match=r"memory:///texts/a.txt could not be read: TimeoutError: no answer, 4 times"):
        text_of("memory://texts/a.txt")


@pytest.mark.parametrize(("together", "most"), [(1, 99), (2, 99), (256, 99), (256, 3)])
def test_small_files_are_asked_for_many_at_a_time(
    together: int, most: int, memory: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "_FILES_TOGETHER", together)
    monkeypatch.setattr(remote, "_SMALL", most)
    (tmp_path / "here.txt").write_bytes(b"here\n")
    memory.pipe({f"/many/{n:02}.txt": b"x" * (n + 1) for n in range(7)})
    asked: list[int] = []
    real = type(memory).cat_ranges

    def watched(self: Any, paths: Any, *arguments: Any, **settings: Any) -> Any:
        asked.append(len(paths))
        return real(self, paths, *arguments, **settings)

    monkeypatch.setattr(type(memory), "cat_ranges", watched)
    where = ["memory://many/03.txt", str(tmp_path / "here.txt"), "memory://many"]
    text = b"xxxx\xffhere\n\xff" + b"".join(b"x" * (n + 1) + b"\xff" for n in range(7) if n != 3)
    assert text_of(where) == text
    assert sum(asked) == (7 if most == 99 else 3)
    assert max(asked) == min(together, 6 if most == 99 else 3)


def test_a_small_file_that_cannot_be_had_with_others_is_asked_for_alone(
    memory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise OSError("too much at once")

    for name in ("cat_file", "cat_ranges"):
        monkeypatch.setattr(type(memory), name, broken)
        assert text_of("memory://texts/*.txt") == b"one word\n\xfftwo words\n\xff"


def test_a_share_s_small_file_must_be_what_it_was(memory: Any) -> None:
    source = open_source("memory://texts/*.txt", unreadable="skip")
    share = source.share(source.files or [])
    memory.pipe("/texts/b.txt", b"three words, no?\n")
    with pytest.raises(remote.ChangedError, match=r"b\.txt"):
        list(share.utf8())
    memory.rm("/texts/b.txt")
    with pytest.raises(remote.ChangedError, match=r"b\.txt"):
        list(source.share(source.files or []).utf8())


def test_what_cannot_be_read_is_left_out_by_choice_and_counted(memory: Any, tmp_path: Path, firth: Any) -> None:
    memory.pipe("/texts/broken.txt.gz", __import__("gzip").compress(b"cut off here\n" * 99)[:-9])
    memory.pipe("/texts/rows.jsonl", b'{"text": "a row"}\n{"text": ')
    with pytest.raises(SourceError, match="broken"):
        text_of("memory://texts")
    source = open_source("memory://texts", unreadable="skip")
    documents = b"".join(source.utf8()).split(b"\xff")
    assert documents[0] == b"one word\n"
    assert documents[-1] == b""
    assert len(documents) - 1 == len(source.document_ids)
    assert b"a row" in documents
    assert b"three more words" in documents
    assert "2 of 5 files could not be read" in source.notices[-1]
    assert "memory:///texts/broken.txt.gz" in source.notices[-1]
    with pytest.raises(SourceError, match="none of 1 can"):
        text_of("memory://texts/rows.jsonl*", unreadable="skip", text_column="body")
    with pytest.raises(SettingsError, match="skip"):
        open_source("memory://texts", unreadable="maybe")  # type: ignore[arg-type]
    ended = firth("train", "memory://texts", "-o", tmp_path / "run", "--dim", 4, "--epochs", 1, "--min-count", 1,
                  "--unreadable", "skip", "--subsample", 0, "--json")  # fmt: skip
    assert ended.code == 0
    assert "2 of 5 files" in ended.err


def test_a_file_that_changes_is_another_corpus(memory: Any, tmp_path: Path) -> None:
    settings = {"min_count": 1, "epochs": 1, "cache": tmp_path, "threads": 1}
    objective = firth.SkipGram(dim=4, subsample=0)
    first = firth.train("memory://texts/*.txt", objective, **settings).record["corpus"]["fingerprint"]
    assert firth.train("memory://texts/*.txt", objective, **settings).record["corpus"]["fingerprint"] == first
    time.sleep(0.06)
    memory.pipe("/texts/a.txt", b"one wood\n")
    assert firth.train("memory://texts/*.txt", objective, **settings).record["corpus"]["fingerprint"] != first


@pytest.fixture(scope="module")
def bucket() -> Iterator[Any]:
    pytest.importorskip("moto", reason="moto is not installed")
    pytest.importorskip("s3fs", reason="s3fs is not installed (the extra remote)")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in {
                "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "AWS_ACCESS_KEY_ID": "test",
                "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1",
            }.items():  # fmt: skip
                patch.setenv(name, value)
            deadline = time.monotonic() + 60
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    assert time.monotonic() < deadline, "the S3 server did not begin"
                    time.sleep(0.2)
            filesystem = fsspec.filesystem("s3")
            filesystem.mkdir("bucket")
            yield filesystem
    finally:
        server.terminate()
        server.wait()


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # those of the store's own client
def test_a_bucket_of_many_shards_trains(bucket: Any, tmp_path: Path, firth: Any) -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed (the extra arrow)")
    import pyarrow.parquet as pq  # noqa: PLC0415

    sentences = [f"w{n % 11} w{n % 7} w{n % 5} w{n % 3}" for n in range(3_000)]
    for shard in range(30):
        with bucket.open(f"bucket/shards/{shard:03}.parquet", "wb") as file:
            pq.write_table(pa.table({"text": sentences[100 * shard : 100 * (shard + 1)]}), file, row_group_size=30)
    bucket.pipe("bucket/plain/a.txt.gz", __import__("gzip").compress("\n".join(sentences).encode()))
    outcomes = [
        firth("train", where, "-o", tmp_path / name, "--dim", 8, "--epochs", 1, "--threads", 1, "--json")
        for name, where in (("p", "s3://bucket/shards/*.parquet"), ("t", "s3://bucket/plain"))
    ]
    assert all(isinstance(outcome, Outcome) and outcome.code == 0 for outcome in outcomes), outcomes
    assert all(outcome.document["words"] == 11 for outcome in outcomes)
    firth("train", "s3://bucket/none/*.parquet", "-o", tmp_path / "n").is_one_sentence("s3://bucket/none")
