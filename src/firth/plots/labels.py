"""Labels that do not collide: each word beside its point, where it covers no other word and as few points as may be.

Each label tries places around its point, near ones first. The most crowded choose first, and then all once more, now
that they know where the others are. Nothing is drawn at random, so the same picture comes out again. A label that had
to go some way is tied to its point by a thin line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np
import numpy.typing as npt

from firth.events import Notice
from firth.plots.canvas import settled, whole
from firth.plots.colours import GREY, INK
from firth.vectors.words import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Annotation

    from firth.events import Listener
    from firth.vectors.metric import Wide

__all__ = ["label_points"]

_TURNS = 16
_STEPS = (0.0, 4.0, 9.0, 15.0, 23.0, 33.0, 45.0, 60.0, 80.0)
"""How far from touching its point a label tries to stand, in points of type."""

_GAP, _DOT = 1.5, 4.0
"""Points of type: between two labels, and from a point's middle to where its label may begin."""

_COVERED, _OUTSIDE, _POINT, _CROSSED = 1e6, 1e5, 60.0, 40.0
"""What a place costs, against 1 for each point of type of distance: another label, the frame, a point, a line."""

_ROUNDS = 3
_SAMPLES = 6


class _Placed(NamedTuple):
    """Labels that have a place: their middles, half their widths and heights, their points; float64 (n, 2) each."""

    middles: Wide
    halves: Wide
    points: Wide


def label_points(
    axes: Axes,
    places: Wide,
    words: Sequence[str],
    *,
    size: float = 9.0,
    obstacles: Wide | None = None,
    on_event: Listener | None = None,
) -> list[Annotation]:
    """Write words beside points; call it last, when the axes' limits are what they will be.

    Args:
        axes: two-dimensional, or three-dimensional with `places` as its projection gives them.
        places: float64 (n, 2), in the data's coordinates.
        words: n of them.
        size: of the letters, in points.
        obstacles: float64 (m, 2), what labels should not cover either, such as points along a line.
        on_event: told how many labels still cover one another, where there is no room.

    Returns:
        the labels, in the order of the words.
    """
    labels = [
        axes.annotate(
            shown(word), place, (0.0, 0.0), textcoords="offset points", ha="center", va="center", fontsize=size,
            color=INK, annotation_clip=False, zorder=5,
        )
        for word, place in zip(words, places.tolist(), strict=True)
    ]  # fmt: skip
    for label in labels:
        label.set_in_layout(False)
    figure = whole(cast("Figure", axes.figure))
    settled(figure)
    # Everything from here on is in points of type, so that it does not depend on the resolution.
    scale = 72.0 / figure.dpi
    extents = [label.get_window_extent() for label in labels]
    halves = np.array([(extent.width, extent.height) for extent in extents]).reshape(-1, 2) * scale / 2
    to_points = axes.transData.transform
    points = to_points(places) * scale
    others = np.empty((0, 2)) if obstacles is None else to_points(obstacles) * scale
    frame = axes.get_window_extent().get_points() * scale + np.array([[_DOT], [-_DOT]])
    middles, collisions = _arranged(points, halves, np.concatenate([points, others]), frame)
    for label, place, middle, half in zip(labels, points, middles, halves, strict=True):
        label.set_position(tuple((middle - place).tolist()))
        if _distance(place, middle, half) > 2 * _DOT:
            end = np.clip(place, middle - half, middle + half)
            axes.annotate(
                "", tuple(axes.transData.inverted().transform(place / scale)), tuple((end - place).tolist()),
                textcoords="offset points", annotation_clip=False, zorder=1,
                arrowprops={"arrowstyle": "-", "color": GREY, "linewidth": 0.5, "shrinkA": 0, "shrinkB": 2},
            ).set_in_layout(False)  # fmt: skip
    if collisions and on_event is not None:
        on_event(Notice(text=f"{collisions:,} of {len(words):,} labels cover one another; draw fewer words"))
    return labels


def _arranged(points: Wide, halves: Wide, obstacles: Wide, frame: Wide) -> tuple[Wide, int]:
    """Return the middles of the labels, and how many of them cover another.

    Args:
        points: float64 (n, 2), what is labelled.
        halves: float64 (n, 2), half of each label's width and height.
        obstacles: float64 (m, 2), of which the first n are the points.
        frame: float64 (2, 2), the lower left and the upper right corner.
    """
    apart = np.abs(points[:, None] - points).max(axis=2) if len(points) else np.empty((0, 0))
    order = np.argsort(-(apart < 40).sum(axis=1), kind="stable")
    middles = np.full_like(points, np.nan)
    for _ in range(_ROUNDS):
        for one in order.tolist():
            candidates = _candidates(points[one], halves[one])
            rest = np.flatnonzero(~np.isnan(middles[:, 0]) & (np.arange(len(points)) != one))
            others = _Placed(middles[rest], halves[rest], points[rest])
            cost = _cost(candidates, points[one], halves[one], others, frame)
            cost += _POINT * _within(candidates, obstacles, halves[one] + 2).sum(axis=1)
            middles[one] = candidates[cost.argmin()]
    touching: npt.NDArray[np.bool_] = np.asarray(
        (np.abs(middles[:, None] - middles) < halves[:, None] + halves).all(axis=2)
    )
    np.fill_diagonal(touching, val=False)
    return middles, int(touching.any(axis=1).sum())


def _candidates(point: Wide, half: Wide) -> Wide:
    """Return the middles that a label may have: around its point, at growing distances; the right-hand side first."""
    angles = np.arange(_TURNS) * 2 * np.pi / _TURNS
    ways = np.column_stack([np.cos(angles), np.sin(angles)])
    # From the point to the label's middle when the label just touches a dot, in each direction.
    with np.errstate(divide="ignore"):
        touching = np.min((half + _DOT) / np.abs(np.where(np.abs(ways) < 1e-9, 0.0, ways)), axis=1)
    reach = touching[None, :] + np.array(_STEPS)[:, None]
    return np.asarray(point + (reach[:, :, None] * ways).reshape(-1, 2))


def _cost(candidates: Wide, point: Wide, half: Wide, placed: _Placed, frame: Wide) -> Wide:
    """Return what each candidate costs: labels covered, lines crossed, distance, and what lies outside the frame."""
    middles, halves, points = placed
    ends = np.clip(point, candidates - half, candidates + half)
    cost: Wide = np.sqrt(((ends - point) ** 2).sum(axis=1))
    # To the right reads best.
    cost += 0.5 * (candidates[:, 0] < point[0] - half[0])
    cost += _OUTSIDE * ((candidates - half < frame[0]) | (candidates + half > frame[1])).any(axis=1)
    cost += _COVERED * _within(candidates, middles, half + halves + _GAP).sum(axis=1)
    # The lines that tie labels to their points: this one's under the others, and the others' under this one.
    ours = _line(np.broadcast_to(point, ends.shape), ends)
    crossed = _within(ours, middles, halves).reshape(len(candidates), -1).sum(axis=1)
    theirs = _line(points, np.clip(points, middles - halves, middles + halves))
    cost += _CROSSED * (crossed + _within(candidates, theirs, half).sum(axis=1))
    return cost


def _line(starts: Wide, ends: Wide) -> Wide:
    """Return points along lines: float64 (lines · samples, 2)."""
    along = np.linspace(0.2, 0.9, _SAMPLES)[:, None]
    return np.asarray((starts[:, None] + along * (ends - starts)[:, None]).reshape(-1, 2))


def _within(middles: Wide, others: Wide, reach: Wide) -> npt.NDArray[np.bool_]:
    """Return which places are near which others, across and down: bool (n, m); `reach` is float64 (2,) or (m, 2)."""
    return np.asarray((np.abs(middles[:, None] - others[None]) < reach).all(axis=2))


def _distance(point: Wide, middle: Wide, half: Wide) -> float:
    """Return how far a point is from a box."""
    return float(np.sqrt((np.maximum(np.abs(point - middle) - half, 0.0) ** 2).sum()))
