"""How a model was made, and how its loss fell, as JSON can hold it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from firth.vectors.store import WordVectors

__all__ = ["curve_of", "record_of"]

_DEEPEST = 20


def record_of(wv: WordVectors) -> dict[str, Any]:
    """Return a model's record; numbers that are none become None."""
    found: dict[str, Any] = _plain(wv.record)
    return found


def curve_of(wv: WordVectors) -> list[dict[str, Any]]:
    """Return the training's losses by the passes over the text: of the training, on the text held out, or both.

    A record from elsewhere may hold anything under these names; what is no list of losses is left out.
    """
    points: dict[float, dict[str, Any]] = {}
    for name, key, place, loss in (
        ("training", "history", "epoch", "loss"),
        ("held_out", "held_out_losses", "passes", "loss"),
    ):
        entries = wv.record.get(key)
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, Mapping) and _is_number(entry.get(place)) and _is_number(entry.get(loss)):
                passes = float(entry[place])
                point = points.setdefault(passes, {"epoch": passes, "training": None, "held_out": None})
                point[name] = float(entry[loss])
    return [points[passes] for passes in sorted(points)]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _plain(value: Any, depth: int = 0) -> Any:
    if depth > _DEEPEST:
        return None
    if isinstance(value, Mapping):
        return {str(key): _plain(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner, depth + 1) for inner in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, str | int) else str(value)
