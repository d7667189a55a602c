"""The loss as it fell: of one training, or of several beside one another."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from firth.errors import FormatError, SettingsError, SourceError
from firth.events import Notice
from firth.plots.canvas import drawing, plain, whole
from firth.plots.colours import kind
from firth.run import RECORD_NAME, Run
from firth.vectors.words import shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.figure import Figure, SubFigure

    from firth.events import Listener

__all__ = ["loss_curves"]

_LARGEST = 1 << 28
"""Bytes of a record at most; what is larger is none."""

Points = list[tuple[float, float]]


class _Curves(NamedTuple):
    """A training's curves, each of (passes, loss), what kind of loss it is, and what was counted as it was learned."""

    training: Points
    held_out: Points
    objective: str
    unit: str


def loss_curves(
    runs: Run | str | os.PathLike[str] | Sequence[Run | str | os.PathLike[str]],
    *,
    names: Sequence[str] | None = None,
    title: str | None = None,
    figure: Figure | SubFigure | None = None,
    on_event: Listener | None = None,
) -> Figure:
    """Draw the loss after each pass: on the sentences held out, and, thinner and dashed, on those trained on.

    Args:
        runs: runs, or the folders that they were written to; one or several.
        names: of the runs; None for those of their folders.
        title: of the picture; None for none.
        figure: a Matplotlib figure or subfigure to draw in; None for a new one.
        on_event: told where losses cannot be compared, since they are of different kinds.

    Returns:
        the figure; the whole of it where a subfigure was given.

    Raises:
        SourceError: there is no record in a folder.
        FormatError: a record is broken, or holds no loss at all (counts that are factorised have none).
        SettingsError: no runs, or another number of names.
        MissingExtraError: Matplotlib is not installed.
    """
    each = [runs] if isinstance(runs, Run | str | os.PathLike) else list(runs)
    if not each:
        raise SettingsError("expected at least one run whose loss is to be drawn, got none")
    called = [_name(run, number) for number, run in enumerate(each, start=1)] if names is None else list(names)
    if len(called) != len(each):
        raise SettingsError(f"expected a name for each of {len(each)} runs, got {len(called)}")
    curves = [_curves(run, name) for run, name in zip(each, called, strict=True)]
    if len({curve.objective for curve in curves}) > 1 and on_event is not None:
        on_event(Notice(text="these are losses of different kinds; how one falls can be compared, but not how high"))
    with drawing(figure, called, (6.4, 4.0), on_event) as drawn:
        axes = drawn.subplots()
        for number, (name, curve) in enumerate(zip(called, curves, strict=True)):
            style = kind(number)
            start = f"{shown(name)}: " if len(curves) > 1 else ""
            for points, label, thin in ((curve.held_out, "held out", False), (curve.training, "training", True)):
                if points:
                    axes.plot(
                        *zip(*points, strict=True), color=style.colour, marker=style.marker, label=start + label,
                        linestyle="--" if thin else "-", linewidth=1.0 if thin else 1.8, markersize=3 if thin else 5,
                        markevery=max(1, len(points) // 12), markerfacecolor="white" if thin else style.colour,
                    )  # fmt: skip
        axes.set_xlabel("passes over the text")
        axes.set_ylabel(_measure({curve.unit for curve in curves}))
        axes.set_xlim(left=0)
        axes.legend(frameon=False, fontsize=9)
        if title is not None:
            axes.set_title(title, fontsize=11, wrap=True)
        plain(axes)
    return whole(drawn)


def _measure(units: set[str]) -> str:
    """Return what is drawn: a decision's loss is a logarithm of a probability, an entry's a weighted square."""
    return {"words": "loss per decision, in nats", "entries": "loss per entry"}.get("".join(units), "loss")


def _name(run: object, number: int) -> str:
    path = run.path if isinstance(run, Run) else run
    return f"run {number}" if path is None else Path(str(path)).resolve().name or str(path)


def _curves(run: Run | str | os.PathLike[str], name: str) -> _Curves:
    record = run.record if isinstance(run, Run) else _record(run)
    try:
        curves = _Curves(
            training=_points(record["history"], "epoch"),
            held_out=_points(record.get("held_out_losses", ()), "passes"),
            objective=json.dumps(_kinds(record["objective"]), sort_keys=True),
            unit=next((str(epoch["unit"]) for epoch in record["history"]), ""),
        )
    except (KeyError, TypeError, ValueError):
        raise FormatError(
            f'expected the record of a training for "{shown(name)}", with its losses, got one without or a broken one'
        ) from None
    if not curves.training and not curves.held_out:
        raise FormatError(
            f'expected a training with a loss after every epoch, but "{shown(name)}" has none: it was broken '
            "off before, or it was counted and factorised, which is not learned step by step"
        )
    return curves


def _kinds(settings: Any) -> Any:
    """Return of an objective's settings what its loss depends on: the kinds of things, not their sizes."""
    if isinstance(settings, dict):
        return {name: _kinds(value) for name, value in settings.items() if name == "kind" or isinstance(value, dict)}
    return settings


def _points(entries: Any, across: str) -> Points:
    """Return (passes, loss) of the entries that have a loss; ValueError where one is no number."""
    points = [(float(entry[across]), float(entry["loss"])) for entry in entries if entry["loss"] is not None]
    if not all(math.isfinite(number) for point in points for number in point):
        raise ValueError("expected finite numbers")
    return points


def _record(folder: str | os.PathLike[str]) -> Mapping[str, Any]:
    """Return the record in a run's folder."""
    path = Path(folder) / RECORD_NAME
    try:
        if path.stat().st_size > _LARGEST:
            raise FormatError(
                f"expected the record of a training in {path}, got a file of {path.stat().st_size:,} bytes"
            )
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, RecursionError) as error:
        raise SourceError(
            f"expected the folder of a run, which holds {RECORD_NAME}, but {path} could not be read: "
            f"{getattr(error, 'strerror', None) or error}"
        ) from None
    except ValueError as error:
        raise FormatError(f"expected the record of a training in {path}, got what is no JSON ({error})") from None
    if not isinstance(record, dict):
        raise FormatError(f"expected the record of a training in {path}, got other JSON")
    return record
