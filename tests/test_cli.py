"""The group of verbs: help, exit codes, interruption, closed pipes."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from firth.cli import VERBS
from firth.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Outcome


def test_help_lists_every_verb(firth: Callable[..., Outcome]) -> None:
    outcome = firth("--help")
    assert outcome.code == 0
    for verb in VERBS:
        assert f"\n  {verb} " in outcome.out


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_s_help_has_an_example(firth: Callable[..., Outcome], verb: str) -> None:
    outcome = firth(verb, "--help")
    assert outcome.code == 0
    assert "Examples:\n" in outcome.out
    assert f" firth {verb}" in outcome.out


@pytest.mark.parametrize("arguments", [["nonsense"], ["neighbors"], ["pairs", "a b", "--nonsense"], []])
def test_wrong_usage_is_2(firth: Callable[..., Outcome], arguments: list[str]) -> None:
    outcome = firth(*arguments)
    assert outcome.code == 2
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (SettingsError("expected x,\ngot y"), 1, "firth: expected x, got y\n"),
        (KeyboardInterrupt(), 130, "firth: interrupted\n"),
        (MemoryError(), 1, "firth: out of memory; a smaller --dim, a higher --min-count or --max-words needs less\n"),
        (OSError(28, "No space left on device"), 1, "firth: [Errno 28] No space left on device\n"),
    ],
)
def test_what_goes_wrong_is_one_sentence(
    firth: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, says: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("firth.contexts.pairs.pairs", fail)
    outcome = firth("pairs", "kings wear crowns")
    assert (outcome.code, outcome.out, outcome.err) == (code, "", says)


@pytest.mark.parametrize("at", ["firth.cli", "click", "firth.errors"])
def test_ctrl_c_while_the_program_loads_is_no_traceback(at: str) -> None:
    """What loads is interrupted in its own midst; `firth` begins with the package, in which nothing takes time."""
    program = (
        "import sys\n"
        "from firth.__main__ import main\n"
        "class Interrupted:\n"
        "    def find_spec(self, name, *_):\n"
        f"        if name == {at!r}:\n"
        "            raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupted())\n"
        f"sys.modules.pop({at!r}, None)\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", program, "--help"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "firth: interrupted\n")


def test_debug_shows_the_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    command = [sys.executable, "-m", "firth"]
    quiet, flagged = (
        subprocess.run([*command, *flags, "pairs", "a b", "--window", "0"], capture_output=True, text=True, check=False)
        for flags in ([], ["--debug"])
    )
    monkeypatch.setenv("FIRTH_DEBUG", "1")
    told = subprocess.run([*command, "pairs", "a b", "--window", "0"], capture_output=True, text=True, check=False)
    assert [done.returncode for done in (quiet, flagged, told)] == [1, 1, 1]
    assert [("Traceback" in done.stderr) for done in (quiet, flagged, told)] == [False, True, True]


def test_a_closed_pipe_ends_quietly() -> None:
    words = " ".join(["crowns"] * 20_000)
    with subprocess.Popen(
        [sys.executable, "-m", "firth", "pairs", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as reader:
        assert reader.stdin is not None
        assert reader.stdout is not None
        assert reader.stderr is not None
        reader.stdin.write(words)
        reader.stdin.close()
        reader.stdout.readline()
        reader.stdout.close()
        assert reader.stderr.read() == ""
