"""Files that lie elsewhere: s3://bucket/shards/*.parquet, and every other address that fsspec knows.

A file there has the face of a `pathlib.Path` as far as sources need one. What breaks off while it is read is asked for
again from the same place, a few times, before it is an error.
"""

from __future__ import annotations

import hashlib
import io
import re
import time
from datetime import datetime
from functools import cached_property
from pathlib import PurePosixPath
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from firth.errors import MissingExtraError, SourceError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["RemoteFile", "expanded", "is_remote"]

_ADDRESS = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+://")
_AT_ONCE = 8 << 20
_ATTEMPTS = 4
_WAIT = 0.5
"""Seconds before the second attempt; twice as many before each further one."""

_STAMPS = ("LastModified", "mtime", "updated", "last_modified", "created")
_MARKS = ("ETag", "etag", "VersionId", "md5Hash", "ino", "checksum")
"""What stores tell of a file that changes with it."""


def is_remote(name: object) -> bool:
    """Return whether a name is the address of something elsewhere."""
    return isinstance(name, str) and bool(_ADDRESS.match(name))


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
