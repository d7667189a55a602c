"""What this machine has, and how sizes are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from firth import machine
from firth.errors import SettingsError


def test_numbers_of_bytes() -> None:
    assert machine.bytes_of("3000") == 3000
    assert machine.bytes_of("1.5G") == machine.bytes_of("1536 MiB") == 3 << 29
    for bad in ("", "many", "-1G", "3 apples"):
        with pytest.raises(SettingsError, match="number of bytes"):
            machine.bytes_of(bad)
    assert machine.shown(3 << 29) == "1.5 GiB"
    assert machine.shown(100) == "0.0 MiB"
    assert machine.shown(500 << 30) == "500 GiB"


def test_a_container_s_limit_counts(tmp_path: Path) -> None:
    assert machine._of_the_container(tmp_path) is None
    (tmp_path / "memory.max").write_text("max\n")
    assert machine._of_the_container(tmp_path) is None
    (tmp_path / "memory.max").write_text("1000\n")
    (tmp_path / "memory.current").write_text("700\n")
    (tmp_path / "memory.stat").write_text("anon 300\nfile 400\n")
    assert machine._of_the_container(tmp_path) == 700


def test_the_memory_there_is_can_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    found = machine.free_memory()
    assert found is None or found > 0
    monkeypatch.setenv("FIRTH_MEMORY", "2G")
    assert machine.free_memory() == 2 << 30
    monkeypatch.setenv("FIRTH_MEMORY", "lots")
    with pytest.raises(SettingsError):
        machine.free_memory()


def test_the_disk_of_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    found = machine.free_disk(tmp_path / "not" / "there")
    assert found is not None
    assert found > 0


def test_a_limit_on_the_process_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    resource = pytest.importorskip("resource")
    monkeypatch.setattr(resource, "getrlimit", lambda _: (400 << 20, resource.RLIM_INFINITY))
    assert machine.free_memory() == 400 << 20
    assert machine.is_limit_of_the_process(400 << 20)
    assert not machine.is_limit_of_the_process(300 << 20)
    monkeypatch.setattr(resource, "getrlimit", lambda _: (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert machine._of_the_process() is None
