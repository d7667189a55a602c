"""Files that lie elsewhere: s3://bucket/shards/*.parquet, and every other address that fsspec knows.

A file there has the face of a `pathlib.Path` as far as sources need one. What breaks off while it is read is asked for
again from the same place, a few times, before it is an error.
"""

from __future__ import annotations

import hashlib
import io
import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cached_property
from pathlib import PurePosixPath
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from firth.errors import MissingExtraError, SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future

__all__ = ["ChangedError", "RemoteFile", "expanded", "fetched", "is_fetched_whole", "is_remote"]

_ADDRESS = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+://")
_AT_ONCE = 8 << 20
_SMALL = 4 << 20
"""Bytes of a file that is fetched by one question, with others."""

_FILES_TOGETHER, _BYTES_TOGETHER = 256, 32 << 20
"""Of small files that are asked for at once, at the most."""

_ATTEMPTS = 4
_WAIT = 0.5
"""Seconds before the second attempt; twice as many before each further one."""

_STAMPS = ("LastModified", "mtime", "updated", "last_modified", "created")
_MARKS = ("ETag", "etag", "VersionId", "md5Hash", "ino", "checksum")
"""What stores tell of a file that changes with it."""


def is_remote(name: object) -> bool:
    """Return whether a name is the address of something elsewhere."""
    return isinstance(name, str) and bool(_ADDRESS.match(name))


class ChangedError(Exception):
    """A file is not there any more, or has another size; says which."""


class RemoteFile:
    """A file at an address.

    Args:
        filesystem: of fsspec, that has it.
        path: its name there.
        url: its whole address.
        info: what the file system says of it: its size, and what changes when it does.
    """

    def __init__(self, filesystem: Any, path: str, url: str, info: dict[str, Any]) -> None:
        self._filesystem, self._path, self._url, self._info = filesystem, path, url, info

    def __str__(self) -> str:
        return self._url

    def __repr__(self) -> str:
        return f"RemoteFile({self._url!r})"

    @property
    def suffixes(self) -> list[str]:
        """As of a `Path`."""
        return PurePosixPath(self._path).suffixes

    def resolve(self) -> str:
        """Return what tells it from other files: its address."""
        return self._url

    def is_file(self) -> bool:
        """Return whether its size is known, and something by which to tell that it has changed."""
        return self._info.get("size") is not None and any(name in self._info for name in (*_STAMPS, *_MARKS))

    def exists(self) -> bool:
        """Return True; it was found."""
        return True

    def is_unchanged(self) -> bool:
        """Return whether the file can be there, for a process that did not find it itself, and has the size it had."""
        try:
            return bool(self._filesystem.info(self._path).get("size") == self._info.get("size"))
        except FileNotFoundError:
            return False
        except Exception:  # what stands in the way now may not when it is read, several times where need be
            return True

    @cached_property
    def _mark(self) -> int:
        """What changes with the file: a number made of its entity tag, version, check sum, time."""
        marks = [str(self._info.get(name)) for name in (*_MARKS, *_STAMPS)]
        return int.from_bytes(hashlib.sha256("\0".join(marks).encode()).digest()[:8], "big")

    def stat(self) -> Any:
        """Return size, time stamps and mark as `Path.stat` names them."""
        changed = next(
            (self._info[name] for name in ("LastModified", "mtime", "updated", "last_modified") if name in self._info),
            0,
        )
        seconds = changed.timestamp() if isinstance(changed, datetime) else _number(changed)
        stamp = int(seconds * 1e9)
        return SimpleNamespace(
            st_size=int(self._info.get("size") or 0), st_mtime_ns=stamp, st_ctime_ns=stamp, st_ino=self._mark
        )

    def open(self, mode: str = "rb") -> io.BufferedReader:  # noqa: ARG002 - the face of a Path
        """Return the file, open for reading."""
        return io.BufferedReader(_Steady(self._again, self._url), 1 << 20)

    def _again(self) -> Any:
        return self._filesystem.open(self._path, "rb", block_size=_AT_ONCE)

    @property
    def is_small(self) -> bool:
        """Whether it is worth being fetched with others."""
        size = self._info.get("size")
        return size is not None and 0 < int(size) <= _SMALL

    @property
    def filesystem(self) -> Any:
        """Which has it, of fsspec."""
        return self._filesystem

    @property
    def path(self) -> str:
        """Its name there."""
        return self._path

    def with_content(self, content: bytes) -> _FetchedFile:
        """Return the file with what it holds."""
        return _FetchedFile(self._filesystem, self._path, self._url, self._info, content)


class _FetchedFile(RemoteFile):
    """A file elsewhere whose content is here."""

    def __init__(self, *about: Any) -> None:
        *rest, self._content = about
        super().__init__(*rest)

    def open(self, mode: str = "rb") -> io.BufferedReader:  # noqa: ARG002 - the face of a Path
        """Return the file, open for reading."""
        return io.BufferedReader(io.BytesIO(self._content))


def is_fetched_whole(path: Any) -> bool:
    """Return whether `fetched` gets a file by one question, and then sees whether it has changed."""
    return isinstance(path, RemoteFile) and path.is_small


def fetched(files: Sequence[Any], *, refuse_changed: bool) -> Iterator[Any]:
    """Give files in their order; small ones elsewhere are asked for many at a time, the next while these are read.

    Args:
        files: of any kind.
        refuse_changed: whether a small file must be there with the size that it had.

    Raises:
        ChangedError: one is not; only where they are refused.
    """
    runs = list(_runs(files))
    with ThreadPoolExecutor(1, "firth-fetch") as pool:
        coming: Future[list[Any]] | None = None
        for number, run in enumerate(runs):
            here = run if coming is None else coming.result()
            if coming is None and is_fetched_whole(run[0]):
                here = _content_of(run, refuse_changed)
            following = runs[number + 1] if number + 1 < len(runs) else run[:0]
            is_worth = len(following) > 0 and is_fetched_whole(following[0])
            coming = pool.submit(_content_of, following, refuse_changed) if is_worth else None
            yield from here


def _runs(files: Sequence[Any]) -> Iterator[list[Any]]:
    """Cut files into runs: of small ones of one store, that are asked for together, and of others, one each."""
    run: list[Any] = []
    size = 0
    for file in files:
        small = is_fetched_whole(file)
        full = len(run) == _FILES_TOGETHER or size >= _BYTES_TOGETHER
        if run and (not small or full or not is_fetched_whole(run[0]) or run[0].filesystem is not file.filesystem):
            yield run
            run, size = [], 0
        run.append(file)
        size += file.stat().st_size if small else 0
    if run:
        yield run


def _content_of(run: list[RemoteFile], refuse_changed: bool) -> list[RemoteFile]:
    """Return files with their contents; one that could not be got is left as it is, to be asked for by itself."""
    try:
        paths, sizes = [file.path for file in run], [file.stat().st_size for file in run]
        # A byte more than there should be tells a file that has grown; stores would first be asked for a size else.
        ends = [size + 1 for size in sizes]
        contents = run[0].filesystem.cat_ranges(paths, [0] * len(run), ends, on_error="return")
    except Exception:  # whatever it is, it will come again, with that file's name
        contents = [None] * len(run)
    found = []
    for file, content in zip(run, contents, strict=True):
        is_same = isinstance(content, bytes) and len(content) == file.stat().st_size
        if refuse_changed and not is_same and isinstance(content, bytes | FileNotFoundError):
            raise ChangedError(str(file))
        found.append(file.with_content(content) if is_same else file)
    return found


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


class _Steady(io.RawIOBase):
    """A file that is opened again where it was when reading fails."""

    def __init__(self, opened: Callable[[], Any], name: str) -> None:
        self._opened, self._name = opened, name
        self._place = 0
        self._file: Any = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._place = int(self._tried(lambda file: file.seek(offset, whence)))
        return self._place

    def readinto(self, buffer: Any) -> int:
        data = self._tried(lambda file: file.read(len(buffer)))
        buffer[: len(data)] = data
        self._place += len(data)
        return len(data)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
        super().close()

    def _tried(self, work: Callable[[Any], Any]) -> Any:
        for attempt in range(_ATTEMPTS):
            try:
                if self._file is None:
                    self._file = self._opened()
                    self._file.seek(self._place)
                return work(self._file)
            except FileNotFoundError:
                raise
            except Exception as error:
                # Each store has errors of its own, few of which are an OSError.
                self._file = None
                if attempt == _ATTEMPTS - 1:
                    raise OSError(f"{type(error).__name__}: {error}, {_ATTEMPTS} times") from error
                time.sleep(_WAIT * 2**attempt)
        raise AssertionError  # the loop ends by returning or raising


def expanded(url: str, named_like_text: Callable[[str], bool]) -> list[RemoteFile]:
    """Return the files that an address stands for: one file, those that match a pattern, or those below a folder.

    Args:
        url: such as s3://bucket/shards/*.parquet.
        named_like_text: which of a folder's files are meant, by their names.

    Raises:
        MissingExtraError: what such an address needs is not installed.
        SourceError: there is nothing there, or it cannot be reached.
    """
    try:
        import fsspec  # noqa: PLC0415 (an extra)
    except ImportError:
        raise MissingExtraError.of("remote", f"Reading {url}") from None
    try:
        filesystem, path = fsspec.core.url_to_fs(url)
        found = _below(filesystem, path, named_like_text)
    except ImportError:
        raise MissingExtraError.of("remote", f"Reading {url}") from None
    except Exception as error:
        # Each store has errors of its own for a wrong name, a missing right, a wire cut.
        raise SourceError(f"{url} could not be reached: {type(error).__name__}: {error}") from None
    if not found:
        raise SourceError(f"expected files at {url}, but there are none")
    return [
        RemoteFile(filesystem, name, str(filesystem.unstrip_protocol(name)), info)
        for name, info in sorted(found.items())
    ]


def _below(filesystem: Any, path: str, named_like_text: Callable[[str], bool]) -> dict[str, dict[str, Any]]:
    """Return what is there by its name; listed in few questions, for there may be thousands of files."""
    if any(sign in path for sign in "*?["):
        found: dict[str, dict[str, Any]] = filesystem.glob(path, detail=True)
        return {name: info for name, info in found.items() if info.get("type") != "directory"}
    if not filesystem.exists(path):
        return {}
    if filesystem.isfile(path):
        return {path: filesystem.info(path)}
    found = filesystem.find(path, detail=True)
    return {name: info for name, info in found.items() if named_like_text(PurePosixPath(name).name)}
