"""Rows of cells as lines of text: in columns that stand below each other, or as a Markdown table."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

__all__ = ["in_columns", "in_markdown"]


def in_columns(rows: Sequence[Sequence[str]], *, left: Collection[int] = (0,)) -> str:
    """Return rows as lines whose cells stand below each other, two blanks apart.

    Args:
        rows: of as many cells each; at least one.
        left: the columns that begin at the left; the others, numbers mostly, end at the right.
    """
    drawn = []
    for place, cells in enumerate(zip(*rows, strict=True)):
        widths = [_width(cell) for cell in cells]
        blanks = [" " * (max(widths) - width) for width in widths]
        pairs = zip(cells, blanks, strict=True)
        drawn.append([cell + blank if place in left else blank + cell for cell, blank in pairs])
    return "\n".join("  ".join(cells).rstrip() for cells in zip(*drawn, strict=True))


def in_markdown(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as a Markdown table, the first as its heading.

    Args:
        rows: of as many cells each; at least one.
    """
    heading, *rest = [[cell.replace("|", "\\|") for cell in cells] for cells in rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (heading, ["---"] * len(heading), *rest))


def _width(text: str) -> int:
    """Columns that a terminal gives a text: two for wide East Asian characters, none for combining marks."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )
