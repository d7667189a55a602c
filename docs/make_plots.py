"""Draw the pictures of README.md and docs/plots.md from a training on the small world: python docs/make_plots.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

import firth
from firth import plots
from firth.corpus import small_world

README_PICTURE = Path(__file__).with_name("map.svg")
PICTURES = Path(__file__).with_name("pictures")

GROUPS = {
    "colours": ["pink", "red", "blue", "green", "yellow", "purple", "orange"],
    "nobles": ["king", "queen", "prince", "princess", "duke", "duchess"],
    "animals": ["dog", "cat", "horse", "cow", "sheep", "goat"],
    "fruit": ["apple", "pear", "cherry", "lemon", "peach", "grape"],
}
CAPITALS = [
    ("paris", "france"), ("rome", "italy"), ("madrid", "spain"), ("berlin", "germany"), ("athens", "greece"),
    ("stockholm", "sweden"), ("cairo", "egypt"), ("london", "england"),
]  # fmt: skip
COUPLES = [
    ("king", "queen"), ("man", "woman"), ("prince", "princess"), ("father", "mother"), ("uncle", "aunt"),
    ("boy", "girl"), ("brother", "sister"),
]  # fmt: skip
SIX = ["pink", "blue", "yellow", "king", "prince", "duke"]
NINE = [word for words in list(GROUPS.values())[:3] for word in words[:3]]
PARALLELOGRAM = [("man", "king"), ("woman", "queen")]


def three_maps(wv: firth.WordVectors) -> Figure:
    """Draw the README's picture."""
    figure = Figure(figsize=(12.6, 4.6), layout="constrained")
    left, middle, right = figure.subfigures(1, 3)
    plots.scatter(wv, GROUPS, title="words of a kind stand together", figure=left)
    plots.analogy(wv, CAPITALS, title="capital → country: one direction", figure=middle)
    plots.analogy(wv, COUPLES, plane="difference", title="he → she: another", figure=right)
    return figure


def main() -> None:
    settings: dict[str, Any] = {"threads": 1, "seed": 1, "held_out": 0.01}
    text = list(small_world.text(1_000_000, seed=1))
    run = firth.train(text, firth.SkipGram(dim=100, window=5), **settings)
    cbow = firth.train(text, firth.CBOW(dim=100, window=5), **settings)
    wv = run.vectors
    PICTURES.mkdir(exist_ok=True)
    figures = {
        "heatmap": plots.heatmap(wv, SIX),
        "scatter-3d": plots.scatter(wv, GROUPS, dimensions=3),
        "scatter-umap": plots.scatter(wv, GROUPS, method="umap", background=300),
        "analogy": plots.analogy(wv, PARALLELOGRAM),
        "similarity": plots.similarity(wv, NINE),
        "untrained": plots.trained_beside_untrained(wv, NINE),
        "variance": plots.explained_variance(wv),
        "tree": plots.tree(wv, ["the", "king", "queen", "pink"]),
        "loss": plots.loss_curves([run, cbow], names=["skip-gram", "CBOW"]),
    }
    for name, figure in figures.items():
        plots.save(figure, PICTURES / f"{name}.svg", letters="text")
    plots.save(three_maps(wv), README_PICTURE, letters="text")


if __name__ == "__main__":
    main()
