"""A file over HTTP that may break off and goes on where it stopped, as pooch's downloader."""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from firth.errors import SourceError, StorageError
from firth.events import Notice, Progress

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator
    from pathlib import Path

    from firth.events import Listener

__all__ = ["Transfer"]

# What is under way when a transfer breaks off is lost: a small piece.
_CHUNK = 1 << 16
_CONNECT_SECONDS = 30
_SILENT_SECONDS = 60
_WAITS = (1.0, 2.0, 5.0)
"""Seconds before each further try."""


class Transfer:
    """Downloads to a file of its own, which stays when the transfer breaks off, and hands it over when it is whole.

    What is there already is asked for no more (`Range`), unless the server's file has changed since (`If-Range`).

    Args:
        part: where the bytes gather; beside it, with the suffix .from, stands which version of the file they are of.
        limit: int, a longer file is refused: it is not what it claims to be.
        on_event: told how far it is, and when it broke off.
    """

    def __init__(self, part: Path, *, limit: int, on_event: Listener | None = None) -> None:
        self.part = part
        self.version = part.with_name(f"{part.name}.from")
        self.limit = limit
        self.on_event = on_event

    def __call__(self, url: str, output_file: str | os.PathLike[str], pooch: object) -> None:  # noqa: ARG002
        """Download, as pooch asks for it.

        Args:
            url: where from.
            output_file: where pooch wants the whole file.
            pooch: not used.

        Raises:
            SourceError: the server does not answer, does not have it, or broke off too often.
            StorageError: another process is at it, or the file cannot be written.
        """
        import requests  # noqa: PLC0415  (comes with pooch, an extra)

        try:
            with _alone(self.part):
                self._tries(requests, url)
                self.part.replace(output_file)
                self.version.unlink(missing_ok=True)
        except requests.RequestException:
            raise
        except OSError as error:
            raise StorageError(
                f"could not write {self.part}: {error.strerror or error}; free some space or choose another place"
            ) from error

    def _tries(self, requests: Any, url: str) -> None:
        for wait in (*_WAITS, None):
            try:
                self._once(requests, url)
            except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError) as error:
                have = self._have()
                # Where nothing has come, there is nobody to wait for.
                if wait is None or not have:
                    went = f"broke off after {have:,} bytes; the next call goes on there" if have else "failed"
                    raise SourceError(f"expected {url}, but the transfer {went} ({_reason(error)})") from error
                if self.on_event is not None:
                    self.on_event(
                        Notice(text=f"the transfer of {url} broke off after {have:,} bytes and goes on there")
                    )
                time.sleep(wait)
            else:
                return

    def _once(self, requests: Any, url: str) -> None:
        """Ask for what is missing, and append it."""
        headers = {"Accept-Encoding": "identity", "User-Agent": "firth"}
        have = self._have()
        if have:
            version = self.version.read_text(encoding="utf-8")
            headers |= {"Range": f"bytes={have}-", "If-Range": version}
        timeout = (_CONNECT_SECONDS, _SILENT_SECONDS)
        with requests.get(url, headers=headers, stream=True, timeout=timeout) as response:
            if response.status_code == requests.codes.requested_range_not_satisfiable and have:
                if response.headers.get("Content-Range") == f"bytes */{have}":
                    return  # all of it was here: the last process was ended before it could say so
                self.part.unlink()
                self._once(requests, url)
                return
            if response.status_code >= requests.codes.bad_request:
                raise SourceError(f"expected {url}, but the server answered {response.status_code} {response.reason}")
            goes_on = response.status_code == requests.codes.partial_content
            if goes_on and not response.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
                raise SourceError(f"expected {url} from byte {have:,} on, but the server answered another range")
            self._take(requests, response, have if goes_on else 0)

    def _take(self, requests: Any, response: Any, have: int) -> None:
        length = response.headers.get("Content-Length", "")
        total = have + int(length) if length.isdecimal() and len(length) < 19 else None
        if total is not None and total > self.limit:
            raise SourceError(f"expected at most {self.limit:,} bytes from {response.url}, got a file of {total:,}")
        if not have:
            # A weak ETag may stand for other bytes; without any, what was begun cannot be gone on with.
            etag = response.headers.get("ETag", "")
            version = response.headers.get("Last-Modified", "") if not etag or etag.startswith("W/") else etag
            self.part.unlink(missing_ok=True)
            self.version.write_text(version, encoding="utf-8")
        started, begun = time.monotonic(), have
        with self.part.open("ab") as file:
            for chunk in response.iter_content(_CHUNK):
                file.write(chunk)
                have += len(chunk)
                if have > self.limit:
                    raise SourceError(f"expected at most {self.limit:,} bytes from {response.url}, got more")
                if self.on_event is not None:
                    seconds = time.monotonic() - started
                    self.on_event(Progress(done=have, total=total, unit="bytes", seconds=seconds))
        if total is not None and have < total:
            raise requests.ConnectionError(f"{have - begun:,} of {total - begun:,} bytes came")

    def _have(self) -> int:
        """Return how many bytes are there to go on from; 0 where it is not known what they are of."""
        if not self.part.is_file() or not self.version.is_file() or not self.version.read_text(encoding="utf-8"):
            return 0
        return self.part.stat().st_size


def _reason(error: Exception) -> str:
    """Return what went wrong, without the library's own nesting of causes."""
    cause: BaseException = error
    while (inner := cause.__cause__ or cause.__context__) is not None:
        cause = inner
    return str(getattr(cause, "strerror", None) or cause or type(cause).__name__)


@contextmanager
def _alone(part: Path) -> Iterator[None]:
    """Keep another process from writing into the same file."""
    try:
        import fcntl  # noqa: PLC0415  (not on Windows, where nothing of the kind is that simple)
    except ImportError:
        yield
        return
    lock = part.with_name(f"{part.name}.lock")
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise StorageError(f"expected to be alone at {part}, but another process is downloading to it") from None
        try:
            yield
        finally:
            with suppress(OSError):
                lock.unlink()
