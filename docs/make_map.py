"""Draw docs/map.svg, the README's picture, from a training on the small world: python docs/make_map.py."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import numpy as np
import numpy.typing as npt

from firth.corpus import small_world
from firth.objectives.skipgram import SkipGram
from firth.text_to_vectors import train

if TYPE_CHECKING:
    from firth.vectors.store import WordVectors

PICTURE = Path(__file__).with_name("map.svg")
PANEL, GAP, TOP, LINE = 400, 20, 44, 16
MARGINS = np.array([84, 40])

GROUPS = {
    "#c2185b": ["pink", "red", "blue", "green", "yellow", "purple", "orange"],
    "#6a1b9a": ["king", "queen", "prince", "princess", "duke", "duchess"],
    "#00796b": ["dog", "cat", "horse", "cow", "sheep", "goat"],
    "#e65100": ["apple", "pear", "cherry", "lemon", "peach", "grape"],
}
CAPITALS = [
    ("paris", "france"), ("rome", "italy"), ("madrid", "spain"), ("berlin", "germany"), ("athens", "greece"),
    ("stockholm", "sweden"), ("cairo", "egypt"), ("london", "england"),
]  # fmt: skip
COUPLES = [
    ("king", "queen"), ("man", "woman"), ("prince", "princess"), ("father", "mother"),
    ("uncle", "aunt"), ("boy", "girl"), ("brother", "sister"),
]  # fmt: skip

Place = tuple[float, float]


def unit_rows(vectors: WordVectors, words: list[str]) -> npt.NDArray[np.float64]:
    rows = np.stack([vectors[word] / np.linalg.norm(vectors[word]) for word in words]).astype(np.float64)
    return rows - rows.mean(axis=0)


def first_components(rows: npt.NDArray[np.float64], count: int) -> npt.NDArray[np.float64]:
    """Return the principal components: the first right singular vectors of the centred rows X = U S Vᵀ."""
    return np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)[2][:count]


def in_panel(words: list[str], places: npt.NDArray[np.float64]) -> dict[str, Place]:
    """Return each word's place in pixels, so that all of them fill a panel."""
    low, high = places.min(axis=0), places.max(axis=0)
    scaled = MARGINS + (places - low) / (high - low) * (PANEL - 2 * MARGINS)
    return {word: (round(float(x), 1), round(PANEL - float(y), 1)) for word, (x, y) in zip(words, scaled, strict=True)}


def plane(vectors: WordVectors, words: list[str]) -> dict[str, Place]:
    """Return words on their two principal components."""
    rows = unit_rows(vectors, words)
    return in_panel(words, rows @ first_components(rows, 2).T)


def along(vectors: WordVectors, pairs: list[tuple[str, str]]) -> dict[str, Place]:
    """Return pairs of words on the mean of their differences, sideways, and the first component of what is left."""
    words = [word for pair in pairs for word in pair]
    rows = unit_rows(vectors, words)
    direction = (rows[1::2] - rows[::2]).mean(axis=0)
    direction /= np.linalg.norm(direction)
    sideways = rows @ direction
    rest = rows - np.outer(sideways, direction)
    return in_panel(words, np.column_stack([sideways, rest @ first_components(rest, 1)[0]]))


def spread(heights: dict[str, float]) -> dict[str, float]:
    """Return the heights of labels, moved apart where one would cover another."""
    order = sorted(heights, key=heights.__getitem__)
    moved = dict(heights)
    for _ in range(100):
        for upper, lower in pairwise(order):
            if (overlap := LINE - (moved[lower] - moved[upper])) > 0:
                moved[upper] -= overlap / 2
                moved[lower] += overlap / 2
    return moved


def label(word: str, place: Place, beside: Place, colour: str, side: int) -> str:
    x, y = place
    anchor = ("end", "start")[side]
    return (
        f'<circle cx="{x}" cy="{y}" r="3.5" fill="{colour}"/>'
        f'<text x="{beside[0]:.1f}" y="{beside[1] + 4.5:.1f}" fill="{colour}" text-anchor="{anchor}">'
        f"{escape(word)}</text>"
    )


def arrow(start: Place, end: Place) -> str:
    return f'<line x1="{start[0]}" y1="{start[1]}" x2="{end[0]}" y2="{end[1]}" stroke="#b0bec5" stroke-width="1.5"/>'


def clusters(vectors: WordVectors) -> list[str]:
    """Draw each word as a dot, and beside each group the list of its words: the dots are too near for labels."""
    places = plane(vectors, [word for words in GROUPS.values() for word in words])
    drawn = []
    for colour, words in GROUPS.items():
        dots = [places[word] for word in words]
        drawn += [f'<circle cx="{x}" cy="{y}" r="4" fill="{colour}" fill-opacity="0.8"/>' for x, y in dots]
        x, y = (sum(axis) / len(dots) for axis in zip(*dots, strict=True))
        side = 1 if x < PANEL / 2 else -1
        x += side * (max(abs(dot[0] - x) for dot in dots) + 12)
        top = min(max(y - 8 * (len(words) - 1) + 5, 24), PANEL - 16 * len(words))
        anchor = "start" if side == 1 else "end"
        drawn += [
            f'<text x="{x:.1f}" y="{top + 16 * line:.1f}" fill="{colour}" text-anchor="{anchor}">{escape(word)}</text>'
            for line, word in enumerate(words)
        ]
    return drawn


def arrows(places: dict[str, Place], pairs: list[tuple[str, str]], colours: tuple[str, str]) -> list[str]:
    lines = [arrow(places[left], places[right]) for left, right in pairs]
    for side, words in enumerate(zip(*pairs, strict=True)):
        # The labels stand in a column outside all dots, so that none lies on a dot or an arrow.
        heights = spread({word: places[word][1] for word in words})
        column = max(places[word][0] for word in words) + 8 if side else min(places[word][0] for word in words) - 8
        lines += [label(word, places[word], (column, heights[word]), colours[side], side) for word in words]
    return lines


def picture(vectors: WordVectors) -> str:
    panels = [
        ("words of a kind stand together", clusters(vectors)),
        (
            "capital → country: one direction",
            arrows(plane(vectors, [word for pair in CAPITALS for word in pair]), CAPITALS, ("#1565c0", "#2e7d32")),
        ),
        ("he → she: another", arrows(along(vectors, COUPLES), COUPLES, ("#4527a0", "#ad1457"))),
    ]
    width, height = len(panels) * (PANEL + GAP) + GAP, TOP + PANEL + GAP
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"',
        ' font-family="Helvetica, Arial, sans-serif" font-size="14" text-anchor="middle">',
        "<title>Word vectors of the small world on their two principal components</title>",
        f'<rect width="{width}" height="{height}" rx="8" fill="#ffffff"/>',
    ]
    for number, (title, drawn) in enumerate(panels):
        left = GAP + number * (PANEL + GAP)
        lines += [
            f'<g transform="translate({left} {TOP})">',
            f'<text x="{PANEL / 2:.0f}" y="-14" font-size="17" fill="#37474f">{escape(title)}</text>',
            f'<rect width="{PANEL}" height="{PANEL}" rx="6" fill="#fafafa" stroke="#eceff1"/>',
            *drawn,
            "</g>",
        ]
    return "\n".join([*lines, "</svg>", ""])


def main() -> None:
    run = train(list(small_world.text(1_000_000, seed=1)), SkipGram(dim=100, window=5), threads=1, seed=1)
    PICTURE.write_text(picture(run.vectors), encoding="utf-8")


if __name__ == "__main__":
    main()
