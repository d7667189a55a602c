"""Where pictures are drawn: a new Matplotlib figure, or one that the caller has; never one of pyplot's."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from firth.errors import MissingExtraError, SettingsError
from firth.plots.fonts import families_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from firth.events import Listener

__all__ = ["drawing", "plain", "settled", "whole"]


@contextmanager
def drawing(
    figure: Figure | SubFigure | None,
    words: Iterable[str],
    size: tuple[float, float],
    on_event: Listener | None,
) -> Iterator[Figure | SubFigure]:
    """Give a figure to draw in, with fonts that have the words' letters; words are text, never formulas.

    Args:
        figure: the caller's; None for a new one.
        words: every word that will be drawn.
        size: of a new figure, inches across and down.
        on_event: told of scripts for which there is no font.

    Raises:
        MissingExtraError: Matplotlib is not installed.
        SettingsError: what was given is no figure.
    """
    try:
        import matplotlib as mpl  # noqa: PLC0415 - the extra `plots`
        from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
        from matplotlib.figure import Figure, FigureBase  # noqa: PLC0415
        from matplotlib.font_manager import FontPath  # noqa: F401, PLC0415 - older releases lack it
    except ImportError:
        raise MissingExtraError.of("plots", "Drawing") from None
    if figure is not None and not isinstance(figure, FigureBase):
        raise SettingsError(f"expected a Matplotlib Figure or SubFigure to draw in, got {figure!r}")
    # Each text keeps the fonts that hold when it is made; formulas are between dollar signs, and so may a word be.
    held: Any = {"font.family": families_for(words, on_event), "text.parse_math": False, "text.usetex": False}
    with mpl.rc_context(held), warnings.catch_warnings():
        # A notice has told of letters for which there is no font, once and by script.
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        if figure is None:
            figure = Figure(figsize=size, layout="constrained")
            FigureCanvasAgg(figure)
        yield figure


def settled(figure: Figure | SubFigure) -> None:
    """Lay a figure out, so that it is known where on the paper everything in it lies.

    Args:
        figure: with its axes, titles and ticks.
    """
    whole(figure).draw_without_rendering()


def whole(figure: Figure | SubFigure) -> Figure:
    """Return the figure that a subfigure is a part of; a figure as it is.

    Args:
        figure: that was drawn in.
    """
    root: Any = figure.get_figure(root=True)
    return cast("Figure", root)


def plain(axes: Axes) -> None:
    """Take away the frame's upper and right sides, which say nothing.

    Args:
        axes: whose frame it is.
    """
    axes.spines[["top", "right"]].set_visible(False)
