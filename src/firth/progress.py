"""Shows events to a person: a live bar on a terminal, plain lines in a log file, notices alone in a pipe."""

from __future__ import annotations

import os
import stat
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from firth.events import EpochEnd, Event, HeldOutLoss, Learning, Notice, Progress, Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import Progress as Bar

    from firth.events import Listener

__all__ = ["describe", "shown"]

SECONDS_BETWEEN_LINES = 5.0


@contextmanager
def shown(stream: TextIO | None = None) -> Iterator[Listener]:
    """Give a listener that shows events on `stream`, in the way that suits what the stream is.

        with firth.progress.shown() as on_event:
            firth.train("novels/*.txt", on_event=on_event)

    A terminal gets one live bar; a plain file (`2> log.txt`) a line every five seconds; a pipe, or anything else,
    nothing. Notices are shown everywhere.

    Args:
        stream: where to; standard error where None.
    """
    stream = sys.stderr if stream is None else stream
    if stream.isatty():
        yield from _on_terminal(stream)
    elif _is_plain_file(stream):
        yield _Lines(stream)
    else:
        yield _Notices(stream)


def describe(event: Event) -> str:
    """Return an event as one line of text without a line end."""
    if isinstance(event, Stage):
        return event.name
    if isinstance(event, Notice):
        return f"note: {event.text}"
    if isinstance(event, EpochEnd):
        figures = (
            _loss(event.loss),
            _held_out(event.held_out_loss, event.held_out_perplexity),
            f"{_short(event.per_second)} {event.unit}/s",
            _duration(event.seconds),
        )
        return f"epoch {event.epoch} of {event.epochs}: " + ", ".join(figure for figure in figures if figure)
    if isinstance(event, HeldOutLoss):
        return f"after {event.passes:.2f} passes: {_held_out(event.loss, event.perplexity)}"
    if isinstance(event, Learning):
        return f"learning vectors for {len(event.words):,} words"
    parts = [f"{_short(event.done)} {event.unit}"]
    if event.total:
        parts[0] = f"{min(1.0, event.done / event.total):4.0%} of {_short(event.total)} {event.unit}"
    return ", ".join(part for part in (*parts, _figures(event)) if part)


def _figures(progress: Progress) -> str:
    """Return a progress event's figures, those that it has."""
    left = progress.seconds_left
    figures = [
        f"epoch {progress.epoch}" if progress.epoch else "",
        _loss(progress.loss),
        f"{_short(progress.per_second)} {progress.unit}/s" if progress.per_second else "",
        f"{_duration(left)} left" if left is not None else "",
    ]
    return ", ".join(figure for figure in figures if figure)


def _loss(loss: float | None) -> str:
    return "" if loss is None else f"loss {loss:.4f}"


def _held_out(loss: float | None, perplexity: float | None) -> str:
    if loss is None:
        return ""
    return f"held out {loss:.4f}" + (f", perplexity {perplexity:.1f}" if perplexity is not None else "")


class _Notices:
    """Shows notices only: whoever reads a pipe wants no bars in it."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def __call__(self, event: Event) -> None:
        if isinstance(event, Notice):
            print(describe(event), file=self.stream, flush=True)


class _Lines:
    """Writes each stage, notice and epoch as a line, and progress every few seconds."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.next_line = time.monotonic() + SECONDS_BETWEEN_LINES

    def __call__(self, event: Event) -> None:
        if _is_said_elsewhere(event):
            return
        if isinstance(event, Progress):
            now = time.monotonic()
            if now < self.next_line:
                return
            self.next_line = now + SECONDS_BETWEEN_LINES
        print(describe(event), file=self.stream, flush=True)


def _on_terminal(stream: TextIO) -> Iterator[Listener]:
    """Yield a listener that keeps one bar at the bottom and prints notices and epochs above it."""
    # rich takes a tenth of a second to import: only a person at a terminal waits for it.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, TextColumn  # noqa: PLC0415
    from rich.progress import Progress as Bar  # noqa: PLC0415

    columns = (TextColumn("{task.description}"), BarColumn(bar_width=24), TextColumn("{task.fields[figures]}"))
    # Ten frames a second are seen as movement; more would take time from the training threads.
    bar = Bar(*columns, console=Console(file=stream), transient=True, refresh_per_second=10)
    with bar:
        yield _Live(bar)


class _Live:
    """Hands events to a rich progress bar."""

    def __init__(self, bar: Bar) -> None:
        self.bar = bar
        self.task = bar.add_task("", total=None, figures="", visible=False)

    def __call__(self, event: Event) -> None:
        if isinstance(event, Stage):
            self.bar.reset(self.task, total=None, description=event.name, figures="", visible=True)
        elif isinstance(event, Progress):
            self.bar.update(
                self.task, total=event.total, completed=event.done, figures=_figures(event), visible=True, refresh=False
            )
        elif not _is_said_elsewhere(event):
            self.bar.console.print(describe(event), markup=False, highlight=False, soft_wrap=True)


def _is_said_elsewhere(event: Event) -> bool:
    """Return whether an event is the beginning of learning, or a held-out loss that the epoch's own line tells too."""
    return isinstance(event, Learning) or (isinstance(event, HeldOutLoss) and event.passes == round(event.passes))


def _is_plain_file(stream: TextIO) -> bool:
    try:
        return stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError):  # a stream without a descriptor, such as io.StringIO
        return False


def _short(number: float) -> str:
    """Return a count as people say it: 940, 1,250, 16.8 M."""
    if number >= 10_000_000:
        return f"{number / 1e6:,.1f} M"
    if number >= 1_000_000:
        return f"{number / 1e6:.2f} M"
    return f"{number:,.0f}"


def _duration(seconds: float) -> str:
    """Return a length of time: 0.8 s, 12 s, 3:05 min, 2:10 h."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02} min"
    return f"{whole // 3600}:{whole % 3600 // 60:02} h"
