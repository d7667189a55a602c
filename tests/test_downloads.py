"""Downloads, from a server on this machine that breaks off, changes its files, lies and goes away."""

from __future__ import annotations

import hashlib
import io
import re
import socket
import sys
import tarfile
import threading
import zipfile
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from firth.downloads import registry, transfer
from firth.downloads.archive import unpack
from firth.downloads.fetch import dataset, datasets_folder, where
from firth.downloads.registry import Dataset, datasets
from firth.errors import FormatError, MissingExtraError, SettingsError, SourceError, StorageError
from firth.evaluation import suite
from firth.events import Event, Notice, Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import Outcome

TEXT = np.random.default_rng(5).integers(97, 123, 300_000).astype(np.uint8).tobytes()


@dataclass
class Served:
    """What the server gives, and how badly; what it was asked."""

    content: bytes = TEXT
    etag: str | None = '"first"'
    modified: str | None = None
    cuts: list[int] = field(default_factory=list)  # bytes after which each request in turn breaks off
    ranges: bool = True
    status: int = 200
    length: bool = True
    shift: int = 0  # answers another range than was asked for
    asked: list[str | None] = field(default_factory=list)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        served: Served = self.server.served[self.path]  # type: ignore[attr-defined]
        wanted = self.headers.get("Range")
        served.asked.append(wanted)
        start = 0
        status = served.status
        version = served.etag or served.modified
        if wanted and served.ranges and status == 200 and self.headers.get("If-Range") in (None, version):
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            status = 206 if start < len(served.content) else 416
        body = served.content[start:] if status < 400 else b"no"
        self.send_response(status)
        if served.etag:
            self.send_header("ETag", served.etag)
        if served.modified:
            self.send_header("Last-Modified", served.modified)
        if status == 416 and start == len(served.content):
            self.send_header("Content-Range", f"bytes */{start}")
        if status == 206:
            first = start + served.shift
            self.send_header("Content-Range", f"bytes {first}-{len(served.content) - 1}/{len(served.content)}")
        if served.length:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(ConnectionError):  # who has heard enough hangs up
            self.wfile.write(body[: served.cuts.pop(0)] if served.cuts else body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@dataclass
class Server:
    address: str
    served: dict[str, Served]

    def give(self, path: str, content: bytes = TEXT, **more: Any) -> Served:
        self.served[path] = Served(content=content, **more)
        return self.served[path]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    pytest.importorskip("pooch", reason='downloads need the extra: pip install "firth[download]"')
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(transfer, "_WAITS", (0.0, 0.0))
    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.served = {}  # type: ignore[attr-defined]
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield Server(f"http://127.0.0.1:{http.server_address[1]}", http.served)  # type: ignore[attr-defined]
    http.shutdown()
    http.server_close()
    thread.join()


def sha256(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Dataset]:
    """Return a function that puts a dataset into the registry."""

    def make(*urls: str, name: str = "novel", file: str | None = None, **more: Any) -> Dataset:
        settings: dict[str, Any] = {
            "kind": "text", "title": "a novel", "licence": "public domain", "source": "https://example.org",
            "megabytes": len(TEXT) / 1e6, **more,
        }  # fmt: skip
        entry = Dataset(name=name, urls=urls, file=file or urls[0].rsplit("/", 1)[1], **settings)
        monkeypatch.setattr(registry, "_DATASETS", (entry, *registry._DATASETS))
        return entry

    return make


def left(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


# -- the transfer ----------------------------------------------------------------------------------------------------


def test_a_file_comes_once_and_is_kept(
    server: Server, known: Callable[..., Dataset], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    served = server.give("/novel.txt")
    known(f"{server.address}/novel.txt", checksum=sha256(TEXT))
    heard: list[Event] = []
    path = dataset("novel", folder=tmp_path, on_event=heard.append)
    assert path == tmp_path / "novel.txt" == where("novel", folder=tmp_path)
    assert path.read_bytes() == TEXT
    assert dataset("novel", folder=tmp_path) == path
    assert served.asked == [None]
    assert left(tmp_path) == {"novel.txt", "novel.txt.sha256"}
    assert (tmp_path / "novel.txt.sha256").read_text() == f"{sha256(TEXT)[7:]}  novel.txt\n"
    progress = [event for event in heard if isinstance(event, Progress)]
    assert (progress[-1].done, progress[-1].total, progress[-1].unit) == (len(TEXT), len(TEXT), "bytes")
    assert capfd.readouterr() == ("", "")


def test_a_transfer_that_breaks_off_goes_on(server: Server, known: Callable[..., Dataset], tmp_path: Path) -> None:
    served = server.give("/novel.txt", cuts=[131_072, 65_536])
    known(f"{server.address}/novel.txt", checksum=sha256(TEXT))
    heard: list[Event] = []
    assert dataset("novel", folder=tmp_path, on_event=heard.append).read_bytes() == TEXT
    assert served.asked == [None, "bytes=131072-", "bytes=196608-"]
    assert [event.text for event in heard if isinstance(event, Notice)] == [
        f"the transfer of {server.address}/novel.txt broke off after {have} bytes and goes on there"
        for have in ("131,072", "196,608")
    ]


def test_the_next_call_goes_on_where_this_one_stopped(
    server: Server, known: Callable[..., Dataset], tmp_path: Path
) -> None:
    served = server.give("/novel.txt", cuts=[65_536] * 3)
    known(f"{server.address}/novel.txt", checksum=sha256(TEXT))
    with pytest.raises(SourceError, match=r"broke off after 196,608 bytes; the next call goes on there"):
        dataset("novel", folder=tmp_path)
    assert not (tmp_path / "novel.txt").exists()
    assert dataset("novel", folder=tmp_path).read_bytes() == TEXT
    assert served.asked[3:] == ["bytes=196608-"]
    assert left(tmp_path) == {"novel.txt", "novel.txt.sha256"}


@pytest.mark.parametrize(
    "server_is",
    [
        {"etag": None}, {"etag": 'W/"weak"'}, {"ranges": False},
        {"etag": None, "modified": "Sat, 21 Nov 2026 10:00:00 GMT"},
    ],
)  # fmt: skip
def test_servers_that_cannot_say_what_they_go_on_with(
    server_is: dict[str, Any], server: Server, known: Callable[..., Dataset], tmp_path: Path
) -> None:
    served = server.give("/novel.txt", cuts=[131_072] * 3, **server_is)
    known(f"{server.address}/novel.txt", checksum=sha256(TEXT))
    for _ in range(4):
        try:
            path = dataset("novel", folder=tmp_path)
        except SourceError:
            continue
        break
    assert path.read_bytes() == TEXT
    can_go_on = bool(served.modified) or served.etag == '"first"'
    assert any(served.asked) == can_go_on


def test_a_file_that_changed_meanwhile_is_begun_anew(
    server: Server, known: Callable[..., Dataset], tmp_path: Path
) -> None:
    server.give("/novel.txt", cuts=[65_536] * 3)
    new = TEXT[::-1]
    known(f"{server.address}/novel.txt", checksum=sha256(new))
    with pytest.raises(SourceError):
        dataset("novel", folder=tmp_path)
    served = server.give("/novel.txt", new, etag='"second"')
    assert dataset("novel", folder=tmp_path).read_bytes() == new
    assert served.asked == ["bytes=196608-"]


def test_a_file_that_became_shorter_is_begun_anew(
    server: Server, known: Callable[..., Dataset], tmp_path: Path
) -> None:
    server.give("/novel.txt", cuts=[65_536] * 3)
    short = TEXT[:1000]
    known(f"{server.address}/novel.txt", checksum=sha256(short))
    with pytest.raises(SourceError):
        dataset("novel", folder=tmp_path)
    served = server.give("/novel.txt", short)
    assert dataset("novel", folder=tmp_path).read_bytes() == short
    assert served.asked == ["bytes=196608-", None]


def test_a_file_that_was_whole_already(server: Server, known: Callable[..., Dataset], tmp_path: Path) -> None:
    server.give("/novel.txt", cuts=[65_536] * 3)
    known(f"{server.address}/novel.txt", checksum=sha256(TEXT))
    with pytest.raises(SourceError):
        dataset("novel", folder=tmp_path)
    next(tmp_path.glob(".*.part")).write_bytes(TEXT)
    served = server.give("/novel.txt")
    assert dataset("novel", folder=tmp_path).read_bytes() == TEXT
    assert served.asked == [f"bytes={len(TEXT)}-"]


def test_another_range_than_was_asked_for(server: Server, known: Callable[..., Dataset], tmp_path: Path) -> None:
    server.give("/novel.txt", cuts=[65_536], shift=1)
    known(f"{server.address}/novel.txt", checksum=sha256(TEXT))
    with pytest.raises(SourceError, match="the server answered another range"):
        dataset("novel", folder=tmp_path)


def test_two_at_once(server: Server, known: Callable[..., Dataset], tmp_path: Path) -> None:
    fcntl = pytest.importorskip("fcntl", reason="files are locked by flock, which this system has not")
    server.give("/novel.txt")
    entry = known(f"{server.address}/novel.txt", checksum=sha256(TEXT))
    mark = hashlib.sha256(entry.urls[0].encode()).hexdigest()[:8]
    with (tmp_path / f".novel.txt.{mark}.part.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(StorageError, match="another process"):
            dataset("novel", folder=tmp_path)
    assert dataset("novel", folder=tmp_path).read_bytes() == TEXT


@pytest.mark.parametrize("length", [True, False])
def test_far_more_than_was_promised(
    length: bool, server: Server, known: Callable[..., Dataset], tmp_path: Path
) -> None:
    server.give("/novel.txt", bytes(18 << 20), length=length)
    known(f"{server.address}/novel.txt", megabytes=0.1)
    with pytest.raises(SourceError, match="at most 16,977,216 bytes"):
        dataset("novel", folder=tmp_path)
    assert not (tmp_path / "novel.txt").exists()


# -- what came is what was published ---------------------------------------------------------------------------------


def test_a_wrong_checksum(server: Server, known: Callable[..., Dataset], tmp_path: Path) -> None:
    server.give("/novel.txt", TEXT + b"!")
    for wanted in (sha256(TEXT), f"sha1:{hashlib.sha1(TEXT).hexdigest()}"):  # noqa: S324
        known(f"{server.address}/novel.txt", checksum=wanted)
        with pytest.raises(FormatError, match=rf"another checksum than {wanted} \([0-9a-f]+\)"):
            dataset("novel", folder=tmp_path)
        assert left(tmp_path) == set()


def test_another_server_where_one_fails(server: Server, known: Callable[..., Dataset], tmp_path: Path) -> None:
    asked = [
        server.give("/a/novel.txt", status=404).asked,
        server.give("/b/novel.txt", TEXT + b"!").asked,
        server.give("/c/novel.txt").asked,
        server.give("/d/novel.txt").asked,
    ]
    known(*(f"{server.address}/{name}/novel.txt" for name in "abcd"), checksum=sha256(TEXT))
    assert dataset("novel", folder=tmp_path).read_bytes() == TEXT
    assert [len(calls) for calls in asked] == [1, 1, 1, 0]


def test_without_a_published_checksum_the_first_one_is_kept(
    server: Server, known: Callable[..., Dataset], tmp_path: Path
) -> None:
    server.give("/novel.txt")
    known(f"{server.address}/novel.txt")
    heard: list[Event] = []
    path = dataset("novel", folder=tmp_path, on_event=heard.append)
    told = [event.text for event in heard if isinstance(event, Notice)]
    assert len(told) == 1
    assert sha256(TEXT)[7:] in told[0]
    path.unlink()
    assert dataset("novel", folder=tmp_path).read_bytes() == TEXT
    path.unlink()
    server.give("/novel.txt", TEXT + b"!")
    with pytest.raises(FormatError, match=r"delete .*novel\.txt\.sha256 to take the new file"):
        dataset("novel", folder=tmp_path)
    (tmp_path / "novel.txt.sha256").write_text("gibberish")
    with pytest.raises(FormatError, match=r"expected a SHA-256 in"):
        dataset("novel", folder=tmp_path)
    (tmp_path / "novel.txt.sha256").unlink()
    assert dataset("novel", folder=tmp_path).read_bytes() == TEXT + b"!"


# -- without a network -----------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("server")
def test_no_server_answers(known: Callable[..., Dataset], tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/novel.zip"
        known(url, file="novel.txt", member="novel.txt")
        with pytest.raises(SourceError) as caught:
            dataset("novel", folder=tmp_path)
    assert f"fetch {url} in another way and put it at {tmp_path / 'novel.zip'}" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_put_there_by_hand(
    known: Callable[..., Dataset], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pooch", None)
    known("https://example.org/novel.txt", checksum=sha256(TEXT))
    with pytest.raises(MissingExtraError, match=r"firth\[download\].*; or fetch https://example.org/novel.txt"):
        dataset("novel", folder=tmp_path)
    (tmp_path / "novel.txt").write_bytes(TEXT + b"!")
    with pytest.raises(FormatError, match=r"published sha256 .* delete it to fetch it again"):
        dataset("novel", folder=tmp_path)
    (tmp_path / "novel.txt").write_bytes(TEXT)
    assert dataset("novel", folder=tmp_path).read_bytes() == TEXT
    (tmp_path / "unpacked.txt").write_bytes(b"what somebody unpacked")
    known("https://example.org/other.zip", name="other", file="unpacked.txt", member="unpacked.txt")
    assert dataset("other", folder=tmp_path) == tmp_path / "unpacked.txt"


def test_the_cache_can_be_placed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FIRTH_CACHE", str(tmp_path / "cache"))
    assert datasets_folder() == tmp_path / "cache" / "datasets"
    assert where("text8") == tmp_path / "cache" / "datasets" / "text8"
    for wrong in ("", "a\0b", 3):
        with pytest.raises(SettingsError, match="expected a folder"):
            where("text8", folder=wrong)  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match="text8, enwik8"):
        dataset("text9")
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("FIRTH_CACHE", str(tmp_path / "file"))
    pytest.importorskip("pooch", reason='downloads need the extra: pip install "firth[download]"')
    with pytest.raises(StorageError, match="choose another folder, or set FIRTH_CACHE"):
        dataset("text8")


# -- archives --------------------------------------------------------------------------------------------------------


def zipped(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("|", "/"), content)
    return stream.getvalue()


def test_members_of_an_archive(server: Server, known: Callable[..., Dataset], tmp_path: Path) -> None:
    archive = zipped(**{"v|small.txt": b"one", "v|large.txt": TEXT, "__MACOSX|v|large.txt": b"x"})
    served = server.give("/v.zip", archive)
    url = f"{server.address}/v.zip"
    known(url, name="small", file="small.txt", member="v/small.txt", checksum=sha256(archive))
    known(url, name="large", file="large.txt", member="*large.txt", checksum=sha256(archive))
    assert dataset("small", folder=tmp_path).read_bytes() == b"one"
    assert dataset("large", folder=tmp_path).read_bytes() == TEXT
    # Two datasets of one archive: it came once.
    assert served.asked == [None]


def tarred(path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for info, content in members:
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def test_a_tar_archive(tmp_path: Path) -> None:
    link = tarfile.TarInfo("v/link.txt")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    archive = tarred(
        tmp_path / "v.tar.gz",
        (tarfile.TarInfo("./v/large.txt"), TEXT),
        (tarfile.TarInfo("../../escaped.txt"), b"out"),
        (link, b""),
    )
    unpack(archive, "v/large.txt", tmp_path / "large.txt")
    assert (tmp_path / "large.txt").read_bytes() == TEXT
    # A member's own path leads nowhere; a link is no file.
    unpack(archive, "*escaped.txt", tmp_path / "inside" / "mine.txt")
    assert (tmp_path / "inside" / "mine.txt").read_bytes() == b"out"
    with pytest.raises(FormatError, match=r'expected one file "v/link\.txt"'):
        unpack(archive, "v/link.txt", tmp_path / "link.txt")


def test_archives_that_are_not_what_they_claim(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.zip"
    bomb.write_bytes(zipped(**{"a.txt": bytes(50 << 20)}))
    with pytest.raises(FormatError, match="one that claims 52,428,800 bytes in an archive of"):
        unpack(bomb, "a.txt", tmp_path / "a.txt")
    two = tmp_path / "two.zip"
    two.write_bytes(zipped(**{"a.txt": b"1", "b.txt": b"2"}))
    for pattern, count in (("*.txt", 2), ("c.txt", 0)):
        with pytest.raises(FormatError, match=rf"got {count} such; it holds 'a.txt', 'b.txt'"):
            unpack(two, pattern, tmp_path / "a.txt")
    whole = zipped(**{"a.txt": TEXT})
    for name, content in {
        "cut.zip": whole[:-2000],
        "flipped.zip": whole[:5000] + bytes([whole[5000] ^ 255]) + whole[5001:],
        "text.zip": b"<html>sign in first</html>",
        "empty.zip": b"",
        "cut.tar.gz": tarred(tmp_path / "t", (tarfile.TarInfo("a.txt"), TEXT)).read_bytes()[:-5000],
    }.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(FormatError, match="delete it to fetch it again"):
            unpack(tmp_path / name, "a.txt", tmp_path / "a.txt")
    assert not (tmp_path / "a.txt").exists()


# -- the registry ----------------------------------------------------------------------------------------------------


def test_the_registry_is_in_order() -> None:
    known = datasets()
    assert len({one.name for one in known}) == len(known)
    assert len({one.file for one in known}) == len(known), "two datasets would be kept under one name"
    for one in known:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", one.name)
        assert one.urls
        assert all(re.fullmatch(r"https?://[\w.-]+/[\w./~-]+", url) for url in (*one.urls, one.source))
        assert one.checksum is None or re.fullmatch(r"sha256:[0-9a-f]{64}|sha1:[0-9a-f]{40}", one.checksum)
        assert one.megabytes > 0
        assert one.title
        assert one.licence
        assert (one.member is None) == (one.file == one.download)
        assert not set(one.file) & set("/\\*")
        # What is fetched without encryption is known by its checksum.
        assert one.checksum is not None or all(url.startswith("https://") for url in one.urls[:1])
    archives = {(one.download, one.checksum) for one in known}
    assert len({name for name, _ in archives}) == len(archives)


def test_the_evaluation_finds_what_is_kept(tmp_path: Path) -> None:
    looked_for = {file for kind in suite._FILES.values() for files in kind.values() for file in files}
    for name in (
        "google-analogies", "simlex-999", "ws-353", "ws-353-similarity", "ws-353-relatedness", "men", "rare-words",
        "rg-65", "mc-30",
    ):  # fmt: skip
        assert where(name, folder=tmp_path).name in looked_for


# -- the command line ------------------------------------------------------------------------------------------------


def test_the_list(firth: Callable[..., Outcome], tmp_path: Path) -> None:
    (tmp_path / "text8").write_text("anarchism originated")
    outcome = firth("datasets", "--folder", tmp_path)
    assert outcome.code == 0
    lines = outcome.out.splitlines()
    assert len(lines) == len(datasets()) + 1
    assert lines[1].split()[:3] == ["text8", "31", "here"]
    document = firth("datasets", "list", "--json", "--folder", tmp_path).document
    assert [(one["name"], one["here"]) for one in document[:2]] == [("text8", True), ("enwik8", False)]
    assert document[0]["checksum"].startswith("sha256:a6640522")


def test_get_and_where(
    firth: Callable[..., Outcome], server: Server, known: Callable[..., Dataset], tmp_path: Path
) -> None:
    server.give("/novel.txt")
    known(f"{server.address}/novel.txt", checksum=sha256(TEXT))
    file = str(tmp_path / "novel.txt")
    assert firth("datasets", "where", "novel", "--folder", tmp_path).out == f"{file}\n"
    assert firth("datasets", "where", "novel", "text8", "--folder", tmp_path, "--json").document == [
        {"name": "novel", "path": file, "here": False},
        {"name": "text8", "path": str(tmp_path / "text8"), "here": False},
    ]
    assert firth("datasets", "get", "novel", "--folder", tmp_path).out == f"{file}\n"
    outcome = firth("datasets", "get", "novel", "--folder", tmp_path, "--json")
    assert outcome.document == [{"name": "novel", "path": file, "here": True}]
    firth("datasets", "get", "novel", "novle").is_one_sentence("novle", "text8")
    for wrong in (["list", "novel"], ["get"], ["where"], ["fetch", "novel"]):
        assert firth("datasets", *wrong).code == 2
