"""Pairs of words as arrows: where the same relation is the same way, the arrows are parallel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from firth.errors import SettingsError
from firth.plots.canvas import drawing, whole
from firth.plots.colours import FAINT, GREY, INK, kind
from firth.plots.labels import label_points
from firth.plots.planes import principal_components
from firth.plots.scatter_map import rows_of
from firth.vectors.analogy import units
from firth.vectors.queries import some_words
from firth.vectors.words import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure, SubFigure

    from firth.events import Listener
    from firth.vectors.metric import Wide
    from firth.vectors.store import WordVectors

__all__ = ["analogy"]

_PLANES = ("pca", "difference")


def analogy(
    wv: WordVectors,
    pairs: Sequence[tuple[str, str]],
    *,
    plane: str = "pca",
    keep_lengths: bool = False,
    title: str | None = None,
    figure: Figure | SubFigure | None = None,
    on_event: Listener | None = None,
) -> Figure:
    """Draw pairs of words as arrows; of two pairs, (man, king) and (woman, queen), the whole parallelogram.

    The cross is where the fourth corner would lie if the parallelogram were perfect, king − man + woman. A plane shows
    less than the vectors have: below the picture stands the mean cosine between the pairs' differences in all
    dimensions, and how much of the variance the plane keeps.

    Args:
        wv: the vectors.
        pairs: two or more, (from, to).
        plane: "pca": the two first principal components of the words; "difference": across, the mean of the pairs'
            differences, which makes the best of them; upward, the first component of what is left.
        keep_lengths: leave the vectors' lengths as they are; else each is scaled to length 1.
        title: of the picture; None for none.
        figure: a Matplotlib figure or subfigure to draw in; None for a new one.
        on_event: told of labels that cover one another, and of scripts for which there is no font.

    Returns:
        the figure; the whole of it where a subfigure was given.

    Raises:
        UnknownWordError: there is no vector for a word.
        SettingsError: no pairs, or fewer than two, a word paired with itself, an unknown plane, or words all alike.
        FormatError: a word's vector holds NaN or infinity.
        MissingExtraError: Matplotlib is not installed.

    Source: Mikolov, Yih and Zweig 2013 (NAACL), figure 2; Rumelhart and Abrahamson 1973 for the parallelogram.
    """
    checked = _checked(pairs)
    if plane not in _PLANES:
        raise SettingsError(f"expected {' or '.join(_PLANES)} as plane, got {plane!r}")
    each, _ = some_words(wv, [word for pair in checked for word in pair])
    row = {word: place for place, word in enumerate(each)}
    rows = rows_of(wv, each, keep_lengths=keep_lengths)
    ends = np.array([(row[start], row[end]) for start, end in checked])
    at, kept = _plane(rows, ends, plane)
    # Which way an axis points is arbitrary: the arrows shall run to the right, or else upward.
    at = at * np.where((at[ends[:, 1]] - at[ends[:, 0]]).sum(axis=0) < 0, -1.0, 1.0)
    with drawing(figure, each, (5.6, 5.4), on_event) as drawn:
        axes: Any = drawn.subplots()
        if title is not None:
            axes.set_title(title, wrap=True)
        # The second word of one pair may be the first of another; it is drawn as what it is first.
        first, second = dict.fromkeys(ends[:, 0].tolist()), dict.fromkeys(ends[:, 1].tolist())
        for number, some in enumerate((list(first), [place for place in second if place not in first])):
            style = kind(number)
            axes.scatter(*at[some].T, s=30, color=style.colour, marker=style.marker, edgecolors="white", zorder=3)
        for start, end in at[ends]:
            axes.annotate(
                "", end, start, zorder=2,
                arrowprops={"arrowstyle": "-|>", "color": GREY, "linewidth": 1.2, "shrinkA": 4, "shrinkB": 4},
            )  # fmt: skip
        words, places, lines = list(each), at, at[ends]
        if len(checked) == 2:
            corner = at[ends[0, 1]] - at[ends[0, 0]] + at[ends[1, 0]]
            sides = np.array([(at[ends[0, 0]], at[ends[1, 0]]), (at[ends[0, 1]], corner), (at[ends[1, 0]], corner)])
            for side in sides:
                axes.plot(*side.T, color=FAINT, linewidth=1, linestyle="--", zorder=1)
            axes.scatter(*corner, marker="x", s=40, color=INK, zorder=3)
            (a, b), (c, _) = checked
            words.append(f"{shown(b, 20)} − {shown(a, 20)} + {shown(c, 20)}")
            places, lines = np.vstack([at, corner]), np.concatenate([lines, sides])
        axes.margins(0.2)
        axes.set_aspect("equal", adjustable="datalim")
        axes.set_xticks([])
        axes.set_yticks([])
        agreement = f"{_agreement(rows, ends):.2f}".replace("-", "−")
        told = f"mean cosine between the differences: {agreement}\nvariance in this plane: {kept:.0%}"
        axes.set_xlabel(told, fontsize=9)
        label_points(axes, places, words, obstacles=_along(lines), on_event=on_event)
    return whole(drawn)


def _checked(pairs: object) -> list[tuple[str, str]]:
    """Return pairs that are pairs of different words."""
    if isinstance(pairs, str) or not hasattr(pairs, "__iter__"):
        raise SettingsError(f'expected pairs of words, such as [("man", "king"), ("woman", "queen")], got {pairs!r}')
    found: list[tuple[str, str]] = []
    for pair in pairs:
        if isinstance(pair, str) or not hasattr(pair, "__len__") or len(pair) != 2 or pair[0] == pair[1]:
            raise SettingsError(f'expected pairs of two different words, such as ("man", "king"), got {pair!r}')
        found.append((pair[0], pair[1]))
    if len(set(found)) < 2:
        raise SettingsError(f"expected at least 2 different pairs of words, got {len(set(found))}; name more")
    return found


def _plane(rows: Wide, ends: Any, plane: str) -> tuple[Wide, float]:
    """Return where the words lie in a plane, float64 (n, 2), and the share of the variance that it keeps."""
    centred = rows - rows.mean(axis=0)
    if plane == "pca":
        components, shares = principal_components(rows)
        return components[:, :2], float(shares[:2].sum())
    direction = units((centred[ends[:, 1]] - centred[ends[:, 0]]).mean(axis=0, keepdims=True))[0]
    across = centred @ direction
    if not np.abs(across).max() > 0:
        raise SettingsError('expected pairs whose differences do not cancel out; draw them in the plane "pca"')
    upward = principal_components(centred - np.outer(across, direction))[0][:, 0]
    at = np.column_stack([across, upward])
    return at, float((at**2).sum() / (centred**2).sum())


def _agreement(rows: Wide, ends: Any) -> float:
    """Return the mean cosine between the differences of every two pairs, in all dimensions."""
    differences = units(rows[ends[:, 1]] - rows[ends[:, 0]])
    cosines = differences @ differences.T
    return float(cosines[np.triu_indices(len(cosines), 1)].mean())


def _along(lines: Wide) -> Wide:
    """Return points along lines, which labels should not cover."""
    share = np.linspace(0.05, 0.95, 12)[:, None]
    return np.asarray((lines[:, None, 0] + share * (lines[:, None, 1] - lines[:, None, 0])).reshape(-1, 2))
