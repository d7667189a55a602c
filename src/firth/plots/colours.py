"""Colours that survive: a printer without colour, and eyes that do not tell red from green.

What a colour says, lightness says too: maps of one direction grow lighter all the way, maps of signed numbers grow
darker from a white zero to both sides. Kinds differ in shape as well as in colour.

Source: the colours of kinds are those of Okabe and Ito 2008, "Color universal design", ordered so that neighbours
differ in lightness; cividis is that of Nuñez, Anderton and Renslow 2018 (PLOS ONE).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage

    from firth.vectors.metric import Wide

__all__ = ["FAINT", "GREY", "INK", "KINDS", "SEQUENTIAL", "SIGNED", "Kind", "kind", "signed_image"]

SEQUENTIAL = "cividis"
"""For numbers of one direction: dark is little, light is much."""

SIGNED = "RdBu_r"
"""For numbers around zero: blue below, white at zero, red above."""

INK, GREY, FAINT = "#222222", "#767676", "#b8b8b8"
"""For words, for what stands beside them, and for what they stand before."""

_DASHED, _LIGHT_INK = 0.1, 0.6
"""Of the largest number: a cell below minus the first share carries a dash, below minus the second a white one."""


class Kind(NamedTuple):
    """How one of several kinds is drawn: a colour, a marker, a line style."""

    colour: str
    marker: str
    line: str


KINDS = (
    Kind("#0072b2", "o", "-"),
    Kind("#e69f00", "s", "--"),
    Kind("#222222", "^", "-."),
    Kind("#56b4e9", "D", ":"),
    Kind("#d55e00", "v", "-"),
    Kind("#009e73", "P", "--"),
    Kind("#cc79a7", "X", "-."),
)
"""After the seventh, colours come again with other markers."""

_MARKERS = "osD^vPX*<>ph"


def kind(number: int) -> Kind:
    """Return how the kind of a number is drawn; the first 84 differ.

    Args:
        number: int ≥ 0.
    """
    first = KINDS[number % len(KINDS)]
    if number < len(KINDS):
        return first
    place = _MARKERS.index(first.marker) + number // len(KINDS)
    return first._replace(marker=_MARKERS[place % len(_MARKERS)])


def signed_image(axes: Axes, values: Wide, *, most: float | None = None, dashes: bool = False) -> AxesImage:
    """Draw a matrix of numbers around zero, a cell each; zero is white, whatever the numbers are.

    Args:
        axes: to draw in.
        values: float64 (rows, columns).
        most: > 0, the size of the number that is darkest; None for the largest of `values`.
        dashes: whether cells clearly below zero carry a dash, for prints without colour.
    """
    limit = most or float(np.abs(values).max()) or 1.0
    image = axes.imshow(values, cmap=SIGNED, vmin=-limit, vmax=limit, aspect="auto", interpolation="none")
    if dashes:
        dark = values < -_LIGHT_INK * limit
        for chosen, ink in ((dark, "white"), (~dark & (values < -_DASHED * limit), INK)):
            rows, columns = np.nonzero(chosen)
            axes.plot(columns, rows, marker="_", markersize=4, color=ink, linestyle="none", markeredgewidth=0.8)
        # Else the marks would widen the axes beyond the cells.
        axes.set_xlim(-0.5, values.shape[1] - 0.5)
        axes.set_ylim(values.shape[0] - 0.5, -0.5)
    return image
