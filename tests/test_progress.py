"""What a terminal, a log file and a pipe get to see."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from firth import progress
from firth.events import EpochEnd, Event, Learning, Notice, Progress, Stage

if TYPE_CHECKING:
    from pathlib import Path

EVENTS: list[Event] = [
    Stage(name="training"),
    Learning(words=["a", "b"], vectors_of=lambda rows: np.zeros((len(rows), 3), np.float32)),
    Progress(done=250_000, total=1_000_000, unit="words", seconds=0.5, loss=0.25, rate=0.02, epoch=1),
    Notice(text="3 bad bytes were replaced."),
    EpochEnd(epoch=1, epochs=5, loss=0.25, per_second=2_000_000.0, unit="words", seconds=0.5),
]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def show(stream: io.TextIOBase) -> None:
    with progress.shown(stream) as on_event:  # type: ignore[arg-type]
        for event in EVENTS:
            on_event(event)


def test_a_pipe_gets_notices_only() -> None:
    stream = io.StringIO()
    show(stream)
    assert stream.getvalue() == "note: 3 bad bytes were replaced.\n"


def test_a_file_gets_lines(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    with path.open("w") as stream:
        show(stream)
    assert path.read_text() == (
        "training\nnote: 3 bad bytes were replaced.\nepoch 1 of 5: loss 0.2500, 2.00 M words/s, 0.5 s\n"
    )


def test_a_file_gets_progress_every_few_seconds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    with (tmp_path / "log.txt").open("w") as stream, progress.shown(stream) as on_event:
        for _ in range(25):
            now[0] += 0.5
            on_event(EVENTS[2])
    lines = (tmp_path / "log.txt").read_text().splitlines()
    assert lines == [" 25% of 1.00 M words, epoch 1, loss 0.2500, 500,000 words/s, 1.5 s left"] * 2


def test_a_terminal_gets_a_bar_and_lines_above_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    stream = Terminal()
    with progress.shown(stream) as on_event:
        for event in EVENTS:
            on_event(event)
        on_event.bar.refresh()  # type: ignore[attr-defined]
    screen = stream.getvalue()
    assert "note: 3 bad bytes were replaced.\n" in screen
    assert "epoch 1 of 5" in screen
    assert "2 words" not in screen
    assert "epoch 1, loss 0.2500, 500,000 words/s, 1.5 s left" in screen


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (EVENTS[1], "learning vectors for 2 words"),
        (Progress(done=0, total=None, unit="bytes", seconds=0.0), "0 bytes"),
        (Progress(done=10, total=None, unit="bytes", seconds=5.0), "10 bytes, 2 bytes/s"),
        (Progress(done=10, total=20, unit="bytes", seconds=20.0), " 50% of 20 bytes, 0 bytes/s, 20 s left"),
        (Progress(done=1, total=200, unit="bytes", seconds=1.0), "  0% of 200 bytes, 1 bytes/s, 3:19 min left"),
        (Progress(done=1, total=20_000, unit="bytes", seconds=1.0), "  0% of 20,000 bytes, 1 bytes/s, 5:33 h left"),
        (Progress(done=30, total=20, unit="bytes", seconds=3.0), "100% of 20 bytes, 10 bytes/s, 0.0 s left"),
        (Progress(done=0, total=16_800_000, unit="words", seconds=0.0), "  0% of 16.8 M words"),
    ],
)
def test_lines_hold_what_is_known(event: Event, line: str) -> None:
    assert progress.describe(event) == line


def test_rich_is_imported_for_terminals_alone() -> None:
    script = (
        "import sys, firth.progress as p\nwith p.shown(): pass\nprint('rich' in sys.modules, 'numba' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env={**os.environ}, timeout=60
    )
    assert done.stdout == "False False\n"
