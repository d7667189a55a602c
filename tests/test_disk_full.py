"""A disk that fills up at any moment of a training: one sentence, nothing half written, nothing lost that was whole.

Two ways to have one. A real file system of a few pages, in a namespace of its own, where the system lets this process
mount one: the disk is left with so many free pages, or free files. And, anywhere, Python's own ways to write, of which
one call in turn finds the disk full. `FIRTH_EVERY_PAGE=1 pytest tests/test_disk_full.py` leaves no number out, which
takes some minutes; every day's tests take some of them.
"""

from __future__ import annotations

import errno
import io
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import firth
from conftest import Server, account, numbers
from firth.checkpoints import newest
from firth.corpus import small_world
from firth.errors import StorageError
from firth.events import Event, Notice
from firth.kernels.jit import JIT_IS_OFF

pytestmark = pytest.mark.skipif(JIT_IS_OFF, reason="trains for minutes in plain Python")

PAGE = 4096
EVERY = bool(os.environ.get("FIRTH_EVERY_PAGE"))
TRAININGS: dict[str, list[str]] = {
    "skip-gram": ["--phrases", "1"],
    "GloVe": ["--model", "glove", "--epochs", "3"],
    "bootstrap": ["--bootstrap", "2"],
}


class SmallDisk:
    """A file system of its own in memory, seen by the processes of a server alone, and through them from here.

    Args:
        folder: where it is mounted.
        printed: what the processes print.
    """

    def __init__(self, folder: Path, printed: Path) -> None:
        mount = f'mount -t tmpfs -o size=16m,nr_inodes=400 firth "{folder}" && exec "$@"'
        self.server = Server(printed, ["unshare", "--mount", "sh", "-c", mount, "sh"])
        self.inside = folder
        self.folder = Path(f"/proc/{self.server.process.pid}/root{folder}")

    def run(self, *arguments: object) -> tuple[int, str]:
        """Return a process's exit code and what it printed."""
        return self.server.run(*arguments, cache=self.inside / "cache")

    def leave(self, pages: int | None = None, files: int | None = None) -> None:
        """Fill the disk until so many pages, or new files, are left."""
        if files is not None:
            (self.folder / "filler").mkdir()
            for number in range(os.statvfs(self.folder).f_ffree - files):
                (self.folder / "filler" / str(number)).touch()
        if pages is not None:
            with (self.folder / "filler").open("xb") as file:
                taken = os.statvfs(self.folder).f_bfree - pages
                if taken > 0:
                    os.posix_fallocate(file.fileno(), 0, taken * PAGE)

    def free(self) -> None:
        """Take the filling away again."""
        filler = self.folder / "filler"
        shutil.rmtree(filler) if filler.is_dir() else filler.unlink()

    def left_behind(self) -> list[Path]:
        """Return the files that nobody was to see."""
        return list(self.folder.rglob("*.part*")) + list(self.folder.rglob(".*"))


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallDisk]:
    folder = tmp_path_factory.mktemp("disk")
    for program in ("unshare", "mount"):
        if shutil.which(program) is None:
            pytest.skip(f"there is no {program} on this system to make a small disk with")
    probe = ["unshare", "--mount", "mount", "-t", "tmpfs", "-o", "size=64k", "firth", str(folder)]
    done = subprocess.run(probe, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"this account may not mount a small disk: {done.stderr.strip()}")
    made = SmallDisk(folder, tmp_path_factory.mktemp("printed") / "printed.txt")
    made.server.run("--version")  # answers once the disk is mounted
    text = "\n".join(small_world.text(12_000))
    (made.folder / "text.txt").write_text(text, encoding="utf-8")
    yield made
    made.server.close()


def emptied(disk: SmallDisk) -> Path:
    """Return the folder of a run on the disk, from which all but the text is gone."""
    for path in disk.folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != "text.txt":
            path.unlink()
    return disk.folder / "run"


def replicas(folder: Path) -> list[bytes]:
    return [path.read_bytes()[-1000:] for path in sorted((folder / "bootstrap").glob("*"))]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("training", "earlier"), [("skip-gram", False), ("skip-gram", True), ("GloVe", False), ("bootstrap", False)]
)
@pytest.mark.parametrize("kind", ["pages", "files"])
def test_a_disk_with_so_much_left(disk: SmallDisk, training: str, kind: str, earlier: bool) -> None:
    begin = ["train", disk.inside / "text.txt", "-o", disk.inside / "run", "--dim", "8", "--epochs", "2"]
    begin += ["--threads", "1", "--checkpoint-every", "0", "--min-count", "3", *TRAININGS[training]]
    run = emptied(disk)
    assert disk.run(*begin)[0] == 0, disk.server.printed.read_text()
    expected, told, drawn = numbers(run), account(run), replicas(run)
    left, failed = 0, 0
    while True:
        emptied(disk)
        before: dict[Path, bytes] = {}
        if earlier:
            assert disk.run(*begin, "--dim", "9")[0] == 0, disk.server.printed.read_text()
            before = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
            shutil.rmtree(disk.folder / "cache")
        disk.leave(**{kind: left})
        code, printed = disk.run(*begin, *(["--force"] if earlier else []))
        where = f"{left} {kind} left: {printed}"
        assert "Traceback" not in printed, where
        assert not disk.left_behind(), where
        if code == 0:
            assert numbers(run) == expected, where
            if "no checkpoint" not in printed:
                break
        else:
            failed += 1
            assert code == 1, where
            assert printed.splitlines()[-1].startswith("firth: could not"), where
            assert "No space left on device" in printed.splitlines()[-1], where
            whole = (run / "vectors.safetensors").exists() and numbers(run) == expected
            if not whole:
                assert {path: path.read_bytes() for path in before} == before, where
                assert (run / "vectors.safetensors").exists() == earlier, where
            disk.free()
            again = newest(run) is not None if run.exists() else False
            overwrite = ["--force"] if run.exists() and any(run.iterdir()) else []
            code, printed = disk.run(*(["train", "--resume", disk.inside / "run"] if again else [*begin, *overwrite]))
            assert code == 0, f"{where}\nthen {printed}"
        assert numbers(run) == expected, where
        assert account(run) == told, where
        left += 1 if EVERY else {"pages": 9, "files": 2}[kind]
    assert failed > 2
    assert replicas(run) == drawn


class FullDisk:
    """Python's ways to change a disk, of which one call, and by choice all after it, finds it full.

    Args:
        patch: what puts them in place.
    """

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.calls, self.fails, self.stays = 0, sys.maxsize, False
        disk, real_open = self, io.open

        class Raw(io.FileIO):
            """A file whose writes are counted as they leave the program, not as they are asked for."""

            def write(self, data: Any) -> int:
                disk.count()
                return super().write(data)

        def opened(file: Any, mode: str = "r", buffering: int = -1, *arguments: Any, **named: Any) -> Any:
            if not set(mode) & set("wxa+"):
                return real_open(file, mode, buffering, *arguments, **named)
            if isinstance(file, str | os.PathLike):
                disk.count()
            raw = Raw(file, mode.replace("b", "").replace("t", ""), named.pop("closefd", True))
            if buffering == 0:
                return raw
            buffered = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
            return buffered if "b" in mode else io.TextIOWrapper(buffered, *arguments, **named)

        patch.setattr(io, "open", opened)
        patch.setattr("builtins.open", opened)
        for module, name in [(os, "fsync"), (os, "replace"), (os, "rename"), (os, "mkdir"), (tempfile, "mkstemp")]:
            patch.setattr(module, name, self._counted(getattr(module, name)))

    def _counted(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **named: Any) -> Any:
            self.count()
            return real(*arguments, **named)

        return counted

    def count(self) -> None:
        """Count a call; raise where it is the one."""
        self.calls += 1
        if self.calls == self.fails or (self.stays and self.calls > self.fails):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def full_at(self, call: int, *, stays: bool) -> None:
        """Count anew, and let a call fail."""
        self.calls, self.fails, self.stays = 0, call, stays

    def free(self) -> None:
        """Let no call fail any more."""
        self.full_at(sys.maxsize, stays=False)


@pytest.mark.slow
@pytest.mark.parametrize("objective", [firth.SkipGram(dim=8), firth.GloVe(dim=8)], ids=["skip-gram", "GloVe"])
@pytest.mark.parametrize("stays", [False, True], ids=["once", "from then on"])
def test_every_call_that_can_find_it_full(
    tmp_path: Path, objective: Any, stays: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("from_text._WORDS_IN_A_BLOCK", "from_entries._ENTRIES_IN_A_BLOCK"):
        monkeypatch.setattr(f"firth.learning.{name}", 20_000)
    text = tmp_path / "text.txt"
    text.write_text("\n".join(small_world.text(12_000)), encoding="utf-8")
    settings = {"epochs": 2, "threads": 1, "min_count": 3, "phrases": 1, "checkpoint_every": 0}

    def trained(folder: Path, **more: Any) -> firth.Run:
        return firth.train(text, objective, output=folder / "run", cache=folder / "cache", **settings, **more)

    whole = trained(tmp_path / "alone")
    disk = FullDisk(monkeypatch)
    trained(tmp_path / "counted")
    calls, failed, notices = disk.calls, 0, []
    assert calls > 40

    def listen(event: Event) -> None:
        if isinstance(event, Notice) and "no checkpoint" in event.text:
            notices.append(event.text)

    for call in range(1, calls + 1) if EVERY else range(2, calls + 1, 5):
        place = tmp_path / f"call {call}"
        disk.full_at(call, stays=stays)
        run, error = None, ""
        try:
            run = trained(place, on_event=listen)
        except StorageError as raised:
            error = str(raised)
        disk.free()
        if run is None:
            failed += 1
            assert "No space left on device" in error, call
            assert "\n" not in error
            assert not list(place.rglob("*.part*")), call
            assert not list(place.rglob(".*")), call
            if (place / "run" / "vectors.safetensors").exists():
                assert firth.load(place / "run").matrix.tobytes() == whole.vectors.matrix.tobytes(), call
            again = (place / "run").exists() and newest(place / "run") is not None
            run = firth.resume(place / "run", cache=place / "cache") if again else trained(place, force=True)
        assert run.vectors.matrix.tobytes() == whole.vectors.matrix.tobytes(), call
        assert firth.load(place / "run").matrix.tobytes() == whole.vectors.matrix.tobytes(), call
        assert run.record["words"] == whole.record["words"], call
        shutil.rmtree(place)
    assert failed > 3
    assert notices
