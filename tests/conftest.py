"""What several test files share: the command line, run within this process; a browser, and a model to look at in it."""

from __future__ import annotations

import io
import json
import shutil
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
    from collections.abc import Callable, Iterator

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
