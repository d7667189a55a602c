"""The loss as it fell: a few lines of characters for a terminal. As a picture: `firth.plots.loss_curves`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firth.events import EpochEnd, HeldOutLoss

__all__ = ["as_text"]

_BLOCKS = " ▁▂▃▄▅▆▇█"

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


def _lines(history: Sequence[EpochEnd], held_out: Sequence[HeldOutLoss]) -> dict[str, Points]:
    """Return each curve's points: passes, loss."""
    return {
        "training": [(float(epoch.epoch), epoch.loss) for epoch in history if epoch.loss is not None],
        "held out": [(point.passes, point.loss) for point in held_out],
    }
