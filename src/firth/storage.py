"""Where files go: the cache folder, and writing beside and renaming so that no half-written file is ever seen."""

from __future__ import annotations

import importlib
import os
import shutil
import sys
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from firth.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["cache_folder", "locked", "put_in_place", "refuse_held", "synced", "written_whole"]

LOCK_NAME = ".firth-lock"

_Opened = TypeVar("_Opened")


def cache_folder() -> Path:
    """Return the folder in which Firth may keep what it can make again: `$FIRTH_CACHE`, or the system's own place.

    Raises:
        StorageError: there is no home folder and `$FIRTH_CACHE` is not set.
    """
    if chosen := os.environ.get("FIRTH_CACHE"):
        return Path(chosen)
    try:
        if sys.platform == "win32":
            return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "firth"
        if sys.platform == "darwin":
            return Path.home() / "Library" / "Caches" / "firth"
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "firth"
    except RuntimeError as error:
        raise StorageError(
            "expected a home folder to keep a cache in, but this account has none; set FIRTH_CACHE to a folder"
        ) from error


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Give a path beside `path` to write to, and rename it to `path` when the block ends without an error.

    Args:
        path: the file (not a folder) that shall appear whole or not at all; its folder is made.

    Raises:
        StorageError: the file could not be written; nothing is left behind.
    """
    part: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
        os.close(handle)
        part = Path(name)
        yield part
        # mkstemp makes files that only their owner may read; a finished file gets what a plain open() would give.
        mask = os.umask(0)
        os.umask(mask)
        part.chmod(0o666 & ~mask)
        part.replace(path)
    except OSError as error:
        raise StorageError(
            f"could not write {path}: {error.strerror or error}; free some space or choose another place"
        ) from error
    finally:
        if part is not None:
            part.unlink(missing_ok=True)


def synced(folder: Path, *files: Path) -> None:
    """Wait until files, and the names in their folder, are on the disk, where the system can say so of names.

    Args:
        folder: in which files were renamed.
        files: in it; those whose writer did not wait for them.

    Raises:
        StorageError: a file could not be written to the disk.
    """
    for path in files:
        try:
            with path.open("r+b") as file:
                os.fsync(file.fileno())
        except OSError as error:
            raise StorageError(
                f"could not write {path}: {error.strerror or error}; free some space or choose another place"
            ) from error
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder, made where it is not there, so that nobody else who asks for it gets it meanwhile.

    The system lets go of what a killed process held. At the end the lock's file is taken away, and so are the folders
    that were made, where nothing was put into them.

    Args:
        folder: to be held.

    Raises:
        StorageError: somebody holds it, or it cannot be made.
    """
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / LOCK_NAME
        handle = _lock(path)
        if handle is None:
            raise _held(folder)
    except OSError as error:
        raise StorageError(f"could not write to {folder}: {error.strerror or error}; choose another place") from error
    try:
        yield
    finally:
        _let_go(path, handle)
        with suppress(OSError):
            for empty in made:
                empty.rmdir()


def refuse_held(folder: Path) -> None:
    """Refuse a folder that somebody holds; nothing in it changes.

    Args:
        folder: that `locked` may hold.

    Raises:
        StorageError: somebody holds it.
    """
    try:
        handle = os.open(folder / LOCK_NAME, os.O_RDWR)
    except OSError:  # there is none, or none that this account could hold
        return
    try:
        if not _is_ours(handle):
            raise _held(folder)
    finally:
        os.close(handle)


def _held(folder: Path) -> StorageError:
    return StorageError(
        f"expected {folder} for this training alone, but another is under way there; wait for its end, or choose "
        "another folder"
    )


def _lock(path: Path) -> int | None:
    """Return a handle that holds the lock, or None where somebody else does."""
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT)
        if not _is_ours(handle):
            os.close(handle)
            return None
        # Whoever held it may have taken the file away between the two steps.
        with suppress(FileNotFoundError):
            if path.stat().st_ino == os.fstat(handle).st_ino:
                return handle
        os.close(handle)


def _is_ours(handle: int) -> bool:
    """Hold an open file, unless somebody else does; the system lets go of it when it is closed, or the process ends."""
    flock = _flock()
    try:
        if flock is None:
            windows: Any = importlib.import_module("msvcrt")
            windows.locking(handle, windows.LK_NBLCK, 1)
        else:
            flock(handle)
    except (BlockingIOError, PermissionError):  # of flock, and of Windows
        return False
    return True


def _let_go(path: Path, handle: int) -> None:
    """Take the lock's file away, then let go of it, so that nobody comes to hold a file without a name."""
    if _flock() is None:
        # Windows takes no file away that is open; nor does it this one where another holds it by now.
        os.close(handle)
        with suppress(OSError):
            path.unlink()
        return
    with suppress(OSError):
        path.unlink()
    os.close(handle)


def _flock() -> Callable[[int], None] | None:
    """Return what holds an open file, or raises BlockingIOError; None on Windows, which has other locks."""
    try:
        import fcntl  # noqa: PLC0415 - not on Windows
    except ImportError:
        return None
    return lambda handle: fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def put_in_place(part: Path, target: Path, found: Callable[[Path], _Opened | None]) -> _Opened:
    """Rename a finished folder to where it belongs, unless a whole one lies there already; return what lies there.

    Args:
        part: the finished folder, on the same disk, with the rights that `mkdtemp` gives.
        target: its place; what lies there and is not what is wanted goes.
        found: opens what is wanted in a folder; None where it is not there, or not whole.

    Raises:
        OSError: it could not be put there.
    """
    if (whole := found(target)) is not None:
        return whole
    if target.exists():
        shutil.rmtree(target)
    mask = os.umask(0)
    os.umask(mask)
    part.chmod(0o777 & ~mask)
    try:
        part.rename(target)
    except OSError:
        # Another process may have been faster.
        if (whole := found(target)) is not None:
            return whole
        raise
    whole = found(target)
    if whole is None:
        raise OSError(f"{target} was changed by another program")
    return whole
