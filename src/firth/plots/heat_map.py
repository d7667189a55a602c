"""Words' vectors as rows of colours: as they are, and turned to their principal components.

In the rows of raw numbers any column may matter; turned, the columns stand by how much of the variance they keep, and
the colours wash out to the right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from firth.plots.canvas import drawing, plain, whole
from firth.plots.colours import GREY, INK, kind, signed_image
from firth.plots.planes import principal_components
from firth.vectors.queries import some_words
from firth.vectors.words import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from firth.events import Listener
    from firth.vectors.metric import Wide
    from firth.vectors.store import WordVectors

__all__ = ["heatmap"]

_DASHED = 160
"""Columns at most in which a cell is wide enough for a dash."""

_TOLD = 12
"""Components at most whose share is written above each."""


def heatmap(
    wv: WordVectors,
    words: Sequence[str],
    *,
    title: str | None = None,
    figure: Figure | SubFigure | None = None,
    on_event: Listener | None = None,
) -> Figure:
    """Draw words' vectors as colours: raw above, their principal components below, with the variance that each keeps.

        X − x̄ = U S Vᵀ;  raw: X;  components: U S, n − 1 of them at most;  kept: S² / Σ S²

    White is zero; a dash marks what is clearly below it, for prints without colour.

    Args:
        wv: the vectors.
        words: at least two different ones.
        title: of the picture; None for none.
        figure: a Matplotlib figure or subfigure to draw in; None for a new one.
        on_event: told of scripts for which there is no font.

    Returns:
        the figure; its axes are those of the raw vectors, the shares, the components, and two colour bars.

    Raises:
        UnknownWordError: there is no vector for a word.
        SettingsError: fewer than two words, or vectors that are all alike.
        FormatError: a word's vector holds NaN or infinity.
        MissingExtraError: Matplotlib is not installed.
    """
    each, _ = some_words(wv, words, least=2)
    rows = np.stack([wv[word] for word in each]).astype(np.float64)
    components, shares = principal_components(rows)
    height = max(1.2, 0.24 * len(each))
    with drawing(figure, each, (8.0, 2 * height + 2.2), on_event) as drawn:
        if title is not None:
            drawn.suptitle(title, wrap=True)
        grid = drawn.add_gridspec(3, 1, height_ratios=[height, 0.7, height])
        raw, kept, turned = (drawn.add_subplot(grid[row]) for row in range(3))
        _matrix(raw, rows, each, f"raw vectors: {wv.dim:,} numbers each")
        raw.set_xlabel("dimension", fontsize=9)
        _shares(kept, shares)
        kept.sharex(turned)
        _matrix(turned, components, each, None)
        turned.set_xlabel("principal component", fontsize=9)
        _numbered(turned, components.shape[1], first=1)
        kept.tick_params(labelbottom=False)
    return whole(drawn)


def _matrix(axes: Axes, values: Wide, words: Sequence[str], title: str | None) -> None:
    """Draw a row of cells for each word, and what the colours mean."""
    image = signed_image(axes, values, dashes=values.shape[1] <= _DASHED)
    axes.set_yticks(range(len(words)), [shown(word) for word in words], fontsize=9)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    if title is not None:
        axes.set_title(title, fontsize=10, loc="left", wrap=True)
    figure: Any = axes.figure
    bar = figure.colorbar(image, ax=axes, aspect=12, pad=0.01, fraction=0.03)
    bar.ax.tick_params(labelsize=7, colors=GREY)
    bar.outline.set_visible(False)
    axes.tick_params(axis="x", labelsize=8, colors=GREY)


def _shares(axes: Axes, shares: Wide) -> None:
    """Draw the share of the variance that each component keeps, as bars above its column."""
    axes.bar(range(len(shares)), shares, width=0.8, color=kind(0).colour)
    if len(shares) <= _TOLD:
        for place, share in enumerate(shares.tolist()):
            axes.text(place, share, f"{share:.0%}", ha="center", va="bottom", fontsize=8, color=INK)
    axes.set_ylim(0, float(shares.max()) * 1.35)
    axes.set_yticks([])
    axes.tick_params(axis="x", length=0)
    axes.set_title("principal components, with the share of the variance that each keeps", fontsize=10, loc="left")
    plain(axes)
    axes.spines["left"].set_visible(False)


def _numbered(axes: Axes, count: int, *, first: int) -> None:
    """Number columns from `first` on, as many of them as there is room for."""
    step = -(-count // 25)
    axes.set_xticks(range(0, count, step), [str(number) for number in range(first, count + first, step)])
