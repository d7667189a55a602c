"""Draw docs/map.svg, the README's picture, from a training on the small world: python docs/make_map.py."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import numpy as np
import numpy.typing as npt

from firth.corpus import small_world
from firth.objectives.skipgram import SkipGram
from firth.train import train

if TYPE_CHECKING:
    from firth.vectors.store import WordVectors

PICTURE = Path(__file__).with_name("map.svg")
PANEL, GAP, TOP, MARGIN = 400, 20, 44, 46

GROUPS = {
    "#c2185b": ["pink", "red", "blue", "green", "yellow", "purple", "orange"],
    "#6a1b9a": ["king", "queen", "prince", "princess", "duke", "duchess"],
    "#00796b": ["dog", "cat", "horse", "cow", "sheep", "goat"],
    "#e65100": ["apple", "pear", "cherry", "lemon", "peach", "grape"],
    "#1565c0": ["paris", "rome", "madrid", "berlin", "athens", "lisbon"],
}
CAPITALS = [
    ("paris", "france"), ("rome", "italy"), ("madrid", "spain"), ("berlin", "germany"), ("athens", "greece"),
    ("lisbon", "portugal"), ("vienna", "austria"), ("london", "england"),
]  # fmt: skip
COUPLES = [("king", "queen"), ("man", "woman"), ("prince", "princess"), ("duke", "duchess"), ("father", "mother")]


def plane(vectors: WordVectors, words: list[str]) -> dict[str, tuple[float, float]]:
    """Return each word's place on the two principal components of these words' unit vectors, in a panel's pixels.

    The singular vectors of the centred rows X = U S Vᵀ; places are X V, scaled to fill the panel.
    """
    rows = np.stack([vectors[word] / np.linalg.norm(vectors[word]) for word in words]).astype(np.float64)
    rows -= rows.mean(axis=0)
    _, _, axes = np.linalg.svd(rows, full_matrices=False)
    places: npt.NDArray[np.float64] = rows @ axes[:2].T
    low, high = places.min(axis=0), places.max(axis=0)
    scaled = MARGIN + (places - low) / (high - low) * (PANEL - 2 * MARGIN)
    return {word: (round(float(x), 1), round(PANEL - float(y), 1)) for word, (x, y) in zip(words, scaled, strict=True)}


def label(word: str, place: tuple[float, float], colour: str) -> str:
    x, y = place
    return (
        f'<circle cx="{x}" cy="{y}" r="3.5" fill="{colour}"/>'
        f'<text x="{x}" y="{y - 8:.1f}" fill="{colour}">{escape(word)}</text>'
    )


def arrow(start: tuple[float, float], end: tuple[float, float]) -> str:
    return f'<line x1="{start[0]}" y1="{start[1]}" x2="{end[0]}" y2="{end[1]}" stroke="#b0bec5" stroke-width="1.5"/>'


def clusters(vectors: WordVectors) -> list[str]:
    places = plane(vectors, [word for words in GROUPS.values() for word in words])
    return [label(word, places[word], colour) for colour, words in GROUPS.items() for word in words]


def arrows(vectors: WordVectors, pairs: list[tuple[str, str]], colours: tuple[str, str]) -> list[str]:
    places = plane(vectors, [word for pair in pairs for word in pair])
    lines = [arrow(places[left], places[right]) for left, right in pairs]
    return lines + [label(word, places[word], colours[side]) for pair in pairs for side, word in enumerate(pair)]


def picture(vectors: WordVectors) -> str:
    panels = [
        ("words of a kind stand together", clusters(vectors)),
        ("capital → country: one direction", arrows(vectors, CAPITALS, ("#1565c0", "#2e7d32"))),
        ("he → she: another", arrows(vectors, COUPLES, ("#4527a0", "#ad1457"))),
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
