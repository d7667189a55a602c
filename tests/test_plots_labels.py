"""Labels: none over another, none outside, each near its point, and the same again."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from firth.events import Event, Notice
from firth.plots.labels import label_points


def axes_for(places: np.ndarray, size: float = 6.0):  # type: ignore[no-untyped-def]
    figure = Figure(figsize=(size, size), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.scatter(*places.T)
    axes.margins(0.2)
    return axes


def boxes(labels: list) -> np.ndarray:  # type: ignore[type-arg]
    return np.array([label.get_window_extent().extents for label in labels])


def overlaps(found: np.ndarray) -> int:
    count = 0
    for one in range(len(found)):
        for other in range(one):
            a, b = found[one], found[other]
            count += bool(a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3])
    return count


@pytest.mark.parametrize("seed", range(4))
def test_labels_do_not_collide_even_where_points_do(seed: int) -> None:
    rng = np.random.default_rng(seed)
    places = np.concatenate([rng.normal(centre, 0.02, (8, 2)) for centre in ([0, 0], [1, 0], [0, 1], [1, 1])])
    words = ["".join(rng.choice(list("abcdefghij"), rng.integers(2, 10))) for _ in places]
    events: list[Event] = []
    axes = axes_for(places)
    labels = label_points(axes, places, words, on_event=events.append)
    found = boxes(labels)
    assert [label.get_text() for label in labels] == words
    assert overlaps(found) == 0
    assert events == []
    frame = axes.get_window_extent().extents
    assert (found[:, :2] >= frame[:2]).all()
    assert (found[:, 2:] <= frame[2:]).all()


def test_a_lone_label_stands_beside_its_point_and_off_it() -> None:
    places = np.array([[0.0, 0.0], [5.0, 5.0]])
    axes = axes_for(places)
    labels = label_points(axes, places, ["king", "queen"])
    for label, point in zip(boxes(labels), axes.transData.transform(places), strict=True):
        assert not (label[0] < point[0] < label[2] and label[1] < point[1] < label[3])
        nearest = np.clip(point, label[:2], label[2:])
        assert np.abs(nearest - point).max() < 8 * axes.figure.dpi / 72


def test_the_same_points_give_the_same_places() -> None:
    places = np.random.default_rng(1).normal(size=(30, 2))
    words = [f"word{number}" for number in range(30)]
    first, again = (boxes(label_points(axes_for(places), places, words)) for _ in range(2))
    np.testing.assert_array_equal(first, again)


def test_labels_that_cannot_be_parted_are_told() -> None:
    places = np.zeros((60, 2)) + np.linspace(0, 1e-3, 60)[:, None]
    events: list[Event] = []
    label_points(axes_for(places, size=1.2), places, ["a long word"] * 60, on_event=events.append)
    assert [event.text.split(" labels")[1] for event in events if isinstance(event, Notice)] == [
        " cover one another; draw fewer words"
    ]


def test_a_label_gives_way_to_an_obstacle() -> None:
    places = np.array([[0.0, 0.0], [1.0, 1.0]])
    axes = axes_for(places)
    free = boxes(label_points(axes, places, ["king", "queen"]))[0]
    middle = axes.transData.inverted().transform((free[:2] + free[2:]) / 2)
    axes = axes_for(places)
    moved = label_points(axes, places, ["king", "queen"], obstacles=np.array([middle]))
    x, y = axes.transData.transform(middle)
    left, low, right, high = boxes(moved)[0]
    assert not (left < x < right and low < y < high)
