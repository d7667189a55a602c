"""Every word beside every other, ordered by a tree of which are nearest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from firth.errors import SettingsError
from firth.plots.canvas import drawing, whole
from firth.plots.colours import GREY, INK, SEQUENTIAL
from firth.vectors.words import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure
    from matplotlib.image import AxesImage

    from firth.events import Listener
    from firth.vectors.metric import Wide
    from firth.vectors.store import WordVectors

__all__ = ["matrix_image", "similarity", "span", "tree_of"]

_NUMBERED = 14
"""Words at most between which the numbers are written into the cells."""


def similarity(
    wv: WordVectors,
    words: Sequence[str],
    *,
    metric: str = "cosine",
    title: str | None = None,
    figure: Figure | SubFigure | None = None,
    on_event: Listener | None = None,
) -> Figure:
    """Draw a metric between every two words as a matrix, beside the tree that joins the nearest first.

    The tree is that of average linkage: two groups are as far apart as their words are on average. What is light is
    near, in similarities and distances alike.

    Args:
        wv: the vectors.
        words: at least two different ones.
        metric: as for `WordVectors.distances`.
        title: of the picture; None for none.
        figure: a Matplotlib figure or subfigure to draw in; None for a new one.
        on_event: told of scripts for which there is no font.

    Returns:
        the figure; its axes are those of the tree, the matrix and the colour bar.

    Raises:
        UnknownWordError: there is no vector for a word.
        SettingsError: fewer than two words, or a metric that cannot be.
        FormatError: a word's vector holds NaN or infinity.
        MissingExtraError: Matplotlib is not installed.

    Source: Sokal and Michener 1958 (average linkage, UPGMA).
    """
    table = wv.distances(words, metric)
    if len(table.words) < 2:
        raise SettingsError("expected at least 2 different words for a matrix, got 1; name more")
    is_near = table.measures == "similarity"
    order, lines = tree_of(table.values.max() - table.values if is_near else table.values)
    each = [table.words[place] for place in order]
    values = table.values[np.ix_(order, order)]
    side = 1.6 + 0.3 * len(each)
    with drawing(figure, each, (max(4.5, side * 1.35), max(3.4, side)), on_event) as drawn:
        if title is not None:
            drawn.suptitle(title, wrap=True)
        tree, axes = drawn.subplots(1, 2, width_ratios=[1, 4])
        for heights, places in lines:
            tree.plot(heights, places, color=INK, linewidth=1)
        tree.set_ylim(len(each) - 0.5, -0.5)
        tree.invert_xaxis()
        tree.axis("off")
        image = matrix_image(axes, values, each, nearest_is_large=is_near)
        axes.yaxis.tick_right()
        bar: Any = drawn.colorbar(image, ax=axes, aspect=30, pad=0.02, fraction=0.04)
        bar.set_label(f"{table.metric} {'similarity' if is_near else 'distance'}", fontsize=9)
        bar.ax.tick_params(labelsize=8, colors=GREY)
        bar.outline.set_visible(False)
    return whole(drawn)


def matrix_image(
    axes: Axes,
    values: Wide,
    words: Sequence[str],
    *,
    nearest_is_large: bool = True,
    numbers: bool = True,
    limits: tuple[float, float] | None = None,
) -> AxesImage:
    """Draw a square matrix, a cell for every two words, light where they are near.

    Args:
        axes: to draw in.
        values: float64 (n, n).
        words: n, of its rows and columns.
        nearest_is_large: whether large numbers are near.
        numbers: whether they are written into the cells of a small matrix.
        limits: the numbers that the ends of the colours stand for; None for those of `span`.
    """
    lowest, highest = span(values) if limits is None else limits
    colours = SEQUENTIAL if nearest_is_large else f"{SEQUENTIAL}_r"
    image = axes.imshow(values, cmap=colours, vmin=lowest, vmax=highest, aspect="equal", interpolation="none")
    names = [shown(word) for word in words]
    axes.set_xticks(range(len(words)), names, rotation=90, fontsize=9)
    axes.set_yticks(range(len(words)), names, fontsize=9)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    if numbers and len(words) <= _NUMBERED:
        for row, column in np.ndindex(values.shape):
            shade = float(np.clip((values[row, column] - lowest) / ((highest - lowest) or 1.0), 0, 1))
            ink = INK if (shade if nearest_is_large else 1 - shade) > 0.5 else "white"
            # A zero has no sign, though its number may: −0.00.
            told = f"{values[row, column]:.2f}".replace("-0.00", "0.00").replace("-", "−")
            axes.text(column, row, told, ha="center", va="center", fontsize=7, color=ink)
    return image


def span(values: Wide) -> tuple[float, float]:
    """Return the least and the largest number between two different words.

    Each word is nearest to itself; if the colours reached that far, little would be left of them for the others.

    Args:
        values: float64 (n, n), n ≥ 2.
    """
    between = values[~np.eye(len(values), dtype=bool)]
    low, high = float(between.min()), float(between.max())
    return (low, high) if low < high else (float(values.min()), float(values.max()))


def tree_of(apart: Wide) -> tuple[list[int], list[tuple[list[float], list[float]]]]:
    """Return the order of the words in the tree, and its lines: (heights, places) of each join.

    Args:
        apart: float64 (n, n), distances; of two that differ by direction, the mean is taken.
    """
    from scipy.cluster.hierarchy import dendrogram, linkage  # noqa: PLC0415 - slow to load
    from scipy.spatial.distance import squareform  # noqa: PLC0415

    even = (apart + apart.T) / 2
    np.fill_diagonal(even, 0.0)
    joins = linkage(squareform(even, checks=False), "average", optimal_ordering=True)
    drawn = dendrogram(joins, no_plot=True)
    # SciPy puts leaf k at 10 k + 5.
    lines = [
        (heights, [(place - 5) / 10 for place in places])
        for heights, places in zip(drawn["dcoord"], drawn["icoord"], strict=True)
    ]
    return drawn["leaves"], lines
