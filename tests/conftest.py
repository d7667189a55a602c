"""What several test files share: the command line, here and in processes of its own; a browser and what it looks at."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import firth as library
from firth.cli import main
from firth.corpus import small_world
from pages import Visits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from firth.run import Run


@dataclass(frozen=True)
class Outcome:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)

    def is_one_sentence(self, *parts: str) -> None:
        """Assert that the command failed as all should: one line, no traceback, exit code 1."""
        assert self.code == 1, self
        assert self.out == ""
        assert self.err.startswith("firth: ")
        assert self.err.count("\n") == 1, self.err
        for part in parts:
            assert part in self.err


@pytest.fixture
def firth(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Outcome]:
    """Return a function that runs `firth ARGUMENTS…` with bytes on standard input."""

    def run(*arguments: object, stdin: bytes = b"") -> Outcome:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(stdin)), encoding="utf-8"))
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        code = ended.value.code
        return Outcome(code if isinstance(code, int) else int(bool(code)), printed.out, printed.err)

    return run


class Server:
    """Runs `firth` in processes of their own, one at a time; see fork_server.py.

    Args:
        printed: the file to which they print.
        within: the command that starts the server, before its own words; for a shell's `exec "$@"`.
    """

    def __init__(self, printed: Path, within: Sequence[str] = ()) -> None:
        script = Path(__file__).with_name("fork_server.py")
        self.printed = printed
        self.process = subprocess.Popen(
            [*within, sys.executable, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def close(self) -> None:
        """End the server."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()

    def start(self, *arguments: object, limit: int | None = None, cache: Path | None = None) -> int:
        """Return the number of a new process; no file that it writes may grow beyond `limit` bytes."""
        assert self.process.stdin
        assert self.process.stdout
        command: dict[str, object] = {
            "arguments": list(map(str, arguments)),
            "printed": str(self.printed),
            "limit": limit,
        }
        command["cache"] = None if cache is None else str(cache)
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def wait(self) -> int:
        """Return how the process ended: its exit code, or less than 0 where a signal ended it."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return os.waitstatus_to_exitcode(int(self.process.stdout.readline()))

    def run(self, *arguments: object, limit: int | None = None, cache: Path | None = None) -> tuple[int, str]:
        """Return a process's exit code and what it printed."""
        self.start(*arguments, limit=limit, cache=cache)
        return self.wait(), self.printed.read_text()


def numbers(folder: Path) -> bytes:
    """Return a run's vectors and words; the file's header tells of seconds too, which no two trainings share."""
    data = (folder / "vectors.safetensors").read_bytes()
    return data[8 + int.from_bytes(data[:8], "little") :]


def account(folder: Path) -> list[object]:
    """Return what a run's record tells, but for the time it took."""
    record = json.loads((folder / "run.json").read_text())
    history = [
        {key: value for key, value in epoch.items() if key not in ("seconds", "per_second")}
        for epoch in record["history"]
    ]
    return [history, record["held_out_losses"], record["words"], record["kept_epoch"], record["interrupted"]]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium without a window: Debian's, or the one that Playwright has fetched."""
    api = pytest.importorskip("playwright.sync_api", reason="the page's tests need Playwright (pip install playwright)")
    installed = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with api.sync_playwright() as playwright:
        if installed is None and not Path(playwright.chromium.executable_path).exists():
            pytest.skip("the page's tests need Chromium (apt-get install chromium, or playwright install chromium)")
        started = playwright.chromium.launch(executable_path=installed)
        yield started
        started.close()


@pytest.fixture
def visit(browser: Any) -> Iterator[Visits]:
    visits = Visits(browser)
    yield visits
    for context in visits.contexts:
        context.close()
    assert visits.complaints == []


@pytest.fixture(scope="session")
def small_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A training on the small world with two more on the text drawn again, in a folder."""
    sentences = list(small_world.text(120_000))
    objective = library.SkipGram(dim=24, window=4)
    folder = tmp_path_factory.mktemp("explored") / "small"
    return library.train(sentences, objective, epochs=4, threads=1, bootstrap=2, output=folder)


@pytest.fixture(scope="session")
def explored(small_run: Run) -> Iterator[str]:
    """The address of an explorer that shows it, trained and untrained."""
    from firth.explorer.server import explore  # noqa: PLC0415 - loads Starlette

    models = {"small world": small_run, "untrained": small_run.untrained}
    with explore(models, port=0, open_browser=False, wait=False) as explorer:
        yield explorer.address
