"""A map of words: near words near one another, in two or three dimensions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from firth.errors import SettingsError
from firth.plots.canvas import drawing, settled, whole
from firth.plots.colours import FAINT, GREY, INK, kind
from firth.plots.labels import label_points
from firth.plots.planes import placed
from firth.vectors.analogy import units
from firth.vectors.queries import some_words
from firth.vectors.words import shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from firth.events import Listener
    from firth.plots.planes import Places
    from firth.vectors.metric import Wide
    from firth.vectors.store import WordVectors

__all__ = ["rows_of", "scatter"]


def rows_of(wv: WordVectors, words: Sequence[str], *, keep_lengths: bool) -> Wide:
    """Return words' vectors, each scaled to length 1 unless they shall keep their lengths: float64 (n, D)."""
    rows = np.stack([wv[word] for word in words])
    return rows.astype(np.float64) if keep_lengths else units(rows)


def scatter(
    wv: WordVectors,
    words: Sequence[str] | Mapping[str, Sequence[str]],
    *,
    method: str = "pca",
    dimensions: int = 2,
    background: int = 0,
    keep_lengths: bool = False,
    seed: int = 1,
    title: str | None = None,
    figure: Figure | SubFigure | None = None,
    on_event: Listener | None = None,
) -> Figure:
    """Draw words in two or three dimensions, with labels that do not collide.

    Vectors are scaled to length 1, so that the map shows what the cosine sees, and centred.

    Args:
        wv: the vectors.
        words: a list of them, or groups of them by name, each in its own colour and shape.
        method: "pca", "tsne", "umap" or "pacmap" (the last three by the extra `maps`).
        dimensions: 2 or 3; in three, labels are placed for the angle at which it is first seen.
        background: int ≥ 0, so many of the first words (in most files the most frequent) are placed with the chosen
            ones and drawn as grey dots; t-SNE, UMAP and PaCMAP mean more among many.
        keep_lengths: leave the vectors' lengths as they are.
        seed: int ≥ 0, of what t-SNE, UMAP and PaCMAP draw.
        title: of the picture; None for none.
        figure: a Matplotlib figure or subfigure to draw in; None for a new one.
        on_event: told of labels that cover one another, and of scripts for which there is no font.

    Returns:
        the figure; the whole of it where a subfigure was given.

    Raises:
        UnknownWordError: there is no vector for a word.
        SettingsError: a method, a number of dimensions or of words that cannot be.
        FormatError: a word's vector holds NaN or infinity.
        MissingExtraError: a library is not installed.
    """
    groups = _groups(wv, words)
    chosen = [word for members in groups.values() for word in members]
    if isinstance(background, bool) or not isinstance(background, int | np.integer) or background < 0:
        raise SettingsError(f"expected a background of 0 or more words, got {background!r}")
    among = set(chosen)
    rest = [word for word in wv.words[: int(background)] if word not in among]
    with drawing(figure, [*chosen, *groups], (6.4, 6.0), on_event) as drawn:
        places = placed(rows_of(wv, [*chosen, *rest], keep_lengths=keep_lengths), method, dimensions, seed)
        axes: Any = drawn.subplots(subplot_kw={"projection": "3d"} if dimensions == 3 else {})
        if title is not None:
            axes.set_title(title, wrap=True)
        _draw(axes, groups, places)
        _name_axes(axes, places)
        at = places.coordinates[: len(chosen)]
        label_points(axes, _on_paper(axes, at), chosen, on_event=on_event)
    return whole(drawn)


def _groups(wv: WordVectors, words: Sequence[str] | Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return the words by group, each once: those without groups under an empty name."""
    if not hasattr(words, "items"):
        return {"": some_words(wv, words)[0]}
    seen: set[str] = set()
    groups: dict[str, list[str]] = {}
    for name, members in words.items():
        each = some_words(wv, members, f"the group {name!r}")[0]
        groups[str(name)] = [word for word in each if word not in seen]
        seen.update(each)
    if not groups:
        raise SettingsError("expected groups of words by name, got none")
    return groups


def _draw(axes: Any, groups: Mapping[str, Sequence[str]], places: Places) -> None:
    """Draw the points: the background first, then each group."""
    at = places.coordinates
    named = sum(map(len, groups.values()))
    # In three dimensions a point's shade would tell its depth, and a group's colour would be no one colour.
    settings = {"depthshade": False} if at.shape[1] == 3 else {}
    if len(at) > named:
        axes.scatter(*at[named:].T, s=5, color=FAINT, linewidths=0, zorder=0, rasterized=len(at) > 2000, **settings)
    start = 0
    for number, (name, members) in enumerate(groups.items()):
        style, stop = kind(number), start + len(members)
        axes.scatter(
            *at[start:stop].T, s=26, color=style.colour, marker=style.marker, edgecolors="white", linewidths=0.4,
            label=shown(name) or None, zorder=3, **settings,
        )  # fmt: skip
        start = stop
    if list(groups) != [""]:
        axes.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(0.0, -0.1), ncols=min(4, len(groups)))
    if at.shape[1] == 2:
        axes.margins(0.18, 0.12)


def _name_axes(axes: Any, places: Places) -> None:
    """Say along an axis how much of the variance it keeps; where axes mean nothing, say so by leaving them out."""
    each = [axes.xaxis, axes.yaxis] + ([axes.zaxis] if places.coordinates.shape[1] == 3 else [])
    for number, axis in enumerate(each, start=1):
        share = "" if places.shares is None else f" ({places.shares[number - 1]:.0%} of the variance)"
        name = "component" if places.shares is not None else places.method
        axis.set_label_text(f"{name} {number}{share}", color=INK)
        axis.set_tick_params(labelsize=8, colors=GREY)
        if places.shares is None:
            axis.set_ticks([])
    if len(each) == 2:
        # One unit is as long across as down, or near and far would depend on the direction.
        axes.set_aspect("equal", adjustable="datalim")


def _on_paper(axes: Axes, at: Wide) -> Wide:
    """Return where points lie in the two dimensions that axes are drawn in."""
    if at.shape[1] == 2:
        return at
    from mpl_toolkits.mplot3d import proj3d  # noqa: PLC0415 - comes with Matplotlib

    settled(axes.figure)
    across, down, _ = proj3d.proj_transform(*at.T, axes.get_proj())  # type: ignore[attr-defined]
    return np.column_stack([across, down])
