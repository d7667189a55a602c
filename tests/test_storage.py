"""Where files go: a folder that is held, by both kinds of lock that systems have."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from firth import storage
from firth.errors import StorageError


class Windows:
    """What Windows does with an open file: `msvcrt.locking` holds it until it is closed, and its name stays."""

    LK_NBLCK = 2

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.open: dict[int, str] = {}
        self.held: set[int] = set()
        self.real = SimpleNamespace(open=os.open, close=os.close, unlink=Path.unlink)
        monkeypatch.setitem(sys.modules, "fcntl", None)
        monkeypatch.setitem(sys.modules, "msvcrt", self)
        monkeypatch.setattr(os, "open", self.opened)
        monkeypatch.setattr(os, "close", self.closed)
        monkeypatch.setattr(Path, "unlink", lambda path, missing_ok=False: self.unlinked(path, missing_ok=missing_ok))

    def opened(self, path: Any, *how: Any, **more: Any) -> int:
        handle: int = self.real.open(path, *how, **more)
        self.open[handle] = os.fspath(path)
        return handle

    def closed(self, handle: int) -> None:
        self.real.close(handle)
        self.open.pop(handle, None)
        self.held.discard(handle)

    def unlinked(self, path: Path, *, missing_ok: bool) -> None:
        if os.fspath(path) in self.open.values():
            raise PermissionError(errno.EACCES, "The process cannot access the file")
        self.real.unlink(path, missing_ok=missing_ok)

    def locking(self, handle: int, mode: int, size: int) -> None:
        assert (mode, size) == (self.LK_NBLCK, 1)
        if any(self.open[other] == self.open[handle] for other in self.held):
            raise PermissionError(errno.EACCES, "Permission denied")
        self.held.add(handle)


@pytest.fixture(params=["this system's locks", "Windows' locks"])
def windows(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Windows | None:
    return Windows(monkeypatch) if request.param.startswith("Windows") else None


def test_a_folder_is_held_by_one(tmp_path: Path, windows: Windows | None) -> None:
    folder = tmp_path / "runs" / "first"
    with storage.locked(folder):
        for _ in range(2):
            with pytest.raises(StorageError, match="another is under way"), storage.locked(folder):
                pass
            with pytest.raises(StorageError, match="another is under way"):
                storage.refuse_held(folder)
        assert (folder / storage.LOCK_NAME).exists()
        if windows is not None:
            assert len(windows.open) == len(windows.held) == 1
    assert not (tmp_path / "runs").exists()
    assert windows is None or not windows.open
    with storage.locked(folder):
        (folder / "vectors").write_text("")
    assert [path.name for path in folder.iterdir()] == ["vectors"]


@pytest.mark.usefixtures("windows")
def test_what_a_killed_process_left_is_held_by_nobody(tmp_path: Path) -> None:
    left = tmp_path / storage.LOCK_NAME
    left.write_text("")
    storage.refuse_held(tmp_path)
    assert left.exists()
    with storage.locked(tmp_path):
        pass
    assert tmp_path.exists()
    assert not left.exists()


def test_windows_keeps_a_file_that_another_has_by_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    windows = Windows(monkeypatch)
    with storage.locked(tmp_path):
        other = os.open(tmp_path / storage.LOCK_NAME, os.O_RDWR)
    windows.locking(other, windows.LK_NBLCK, 1)
    with pytest.raises(StorageError, match="another is under way"), storage.locked(tmp_path):
        pass
    os.close(other)
    with storage.locked(tmp_path):
        pass
    assert not (tmp_path / storage.LOCK_NAME).exists()
