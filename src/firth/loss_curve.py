"""The loss as it fell: a few lines of characters for a terminal, or a picture (SVG)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from firth.storage import written_whole

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from firth.events import EpochEnd, HeldOutLoss

__all__ = ["as_text", "write_picture"]

_BLOCKS = " ▁▂▃▄▅▆▇█"
_WIDE, _HIGH = 640, 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 20, 30, 50
_COLOURS = {"training": "#7f7f7f", "held out": "#1f77b4"}

Points = list[tuple[float, float]]


def as_text(
    history: Sequence[EpochEnd], held_out: Sequence[HeldOutLoss], *, width: int = 60, height: int = 6
) -> str | None:
    """Return the held-out loss, or else the training's, as a chart of characters; None where it has one point or none.

    Args:
        history: the epochs.
        held_out: the held-out losses.
        width: int ≥ 1, columns at most.
        height: int ≥ 1, lines.
    """
    lines = _lines(history, held_out)
    name = "held out" if len(lines["held out"]) > 1 else "training"
    points = lines[name]
    if len(points) < 2:
        return None
    passes, losses = np.array(points).T
    columns = min(width, max(len(points), width // len(points) * len(points)))
    shown = np.interp(np.linspace(passes[0], passes[-1], columns), passes, losses)
    low, high = float(losses.min()), float(losses.max())
    eighths = np.rint(1 + (shown - low) / ((high - low) or 1.0) * (8 * height - 1)).astype(int)
    rows = []
    for row in reversed(range(height)):
        bar = "".join(_BLOCKS[min(8, max(0, level - 8 * row))] for level in eighths.tolist())
        label = f"{high:.4f}" if row == height - 1 else f"{low:.4f}" if row == 0 else ""
        rows.append(f"{label:>8} {bar.rstrip()}")
    return "\n".join([f"Loss per decision, {name}, after {passes[0]:.4g} to {passes[-1]:.4g} passes:", *rows])


def write_picture(path: Path, history: Sequence[EpochEnd], held_out: Sequence[HeldOutLoss]) -> None:
    """Write the training's and the held-out loss as a picture.

    Args:
        path: the file, SVG.
        history: the epochs.
        held_out: the held-out losses.

    Raises:
        StorageError: it cannot be written.
    """
    lines = _lines(history, held_out)
    every = [point for points in lines.values() for point in points]
    last = max((passes for passes, _ in every), default=1.0)
    low, high = (pick((loss for _, loss in every), default=0.0) for pick in (min, max))
    span = (high - low) or 1.0

    def place(passes: float, loss: float) -> tuple[float, float]:
        across = _LEFT + passes / last * (_WIDE - _LEFT - _RIGHT)
        return across, _TOP + (high - loss) / span * (_HIGH - _TOP - _BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE} {_HIGH}" font-family="sans-serif">',
        f'<rect width="{_WIDE}" height="{_HIGH}" fill="white"/>',
        f'<path d="M{_LEFT},{_TOP}V{_HIGH - _BOTTOM}H{_WIDE - _RIGHT}" fill="none" stroke="black"/>',
        f'<text x="{_WIDE / 2}" y="{_HIGH - 10}" text-anchor="middle">passes over the text</text>',
        f'<text x="{_WIDE - _RIGHT}" y="{_HIGH - _BOTTOM + 18}" text-anchor="end">{last:.4g}</text>',
        f'<text x="{_LEFT - 6}" y="{_TOP + 5}" text-anchor="end">{high:.4f}</text>',
        f'<text x="{_LEFT - 6}" y="{_HIGH - _BOTTOM}" text-anchor="end">{low:.4f}</text>',
        f'<text x="{_LEFT}" y="{_TOP - 10}">loss per decision, in nats</text>',
    ]
    for row, (name, points) in enumerate(lines.items()):
        if not points:
            continue
        placed = [place(*point) for point in points]
        way = " ".join(f"{across:.1f},{down:.1f}" for across, down in placed)
        colour = _COLOURS[name]
        parts.append(f'<polyline points="{way}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{across:.1f}" cy="{down:.1f}" r="3" fill="{colour}"/>' for across, down in placed]
        parts.append(
            f'<text x="{_WIDE - _RIGHT}" y="{_TOP + 18 * row}" text-anchor="end" fill="{colour}">{name}</text>'
        )
    with written_whole(path) as part:
        part.write_text("\n".join([*parts, "</svg>"]) + "\n", encoding="utf-8")


def _lines(history: Sequence[EpochEnd], held_out: Sequence[HeldOutLoss]) -> dict[str, Points]:
    """Return each curve's points: passes, loss."""
    return {
        "training": [(float(epoch.epoch), epoch.loss) for epoch in history if epoch.loss is not None],
        "held out": [(point.passes, point.loss) for point in held_out],
    }
