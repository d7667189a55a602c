"""Analogies by pairs: each pair of a category is asked about after learning from all its other pairs.

    3CosAvg        cos(x, c + mean of b's − mean of a's)
    LRCos          P(x is of b's kind) · cos(x, c)

over the other pairs (a, b), as `firth.vectors.analogy` and `firth.vectors.lrcos` define them.

Only c itself is no answer. The words of the other pairs stay possible answers: to leave out all other capitals would
hand the right one over.

Source: Drozd, Gladkova & Matsuoka 2016 (COLING), §3 and §4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from firth.vectors import lrcos
from firth.vectors.analogy import cos_avg

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from firth.evaluation.analogy_files import Question
    from firth.evaluation.known_words import KnownWords
    from firth.vectors.store import WordVectors

__all__ = ["LEAST_OTHERS", "Pair", "answerable_pairs", "pairs_of", "right_by_others"]

Pair = tuple[str, tuple[str, ...]]
"""A word, and the words that stand in the category's relation to it."""

LEAST_OTHERS = {"3CosAvg": 1, "LRCos": 2}
"""Method → how many different second words there must be to learn from."""


def pairs_of(questions: Iterable[Question]) -> list[Pair]:
    """Return the pairs of which a category's questions a : b = c : expected are made, each once."""
    asked: dict[Pair, None] = {}
    given: dict[tuple[str, str], None] = {}
    for a, b, c, expected in questions:
        given[a, b] = None
        asked[c, (expected,) if isinstance(expected, str) else expected] = None
    for a, b in given:
        if not any(a == word and b in expected for word, expected in asked):
            asked[a, (b,)] = None
    return list(asked)


def answerable_pairs(known: KnownWords, pairs: Sequence[Pair], method: str) -> list[Pair]:
    """Return the pairs of known words, where there are others enough to learn from; else none."""
    both = [
        (word, expected)
        for word, expected in pairs
        if known.rank(word) is not None and any(known.rank(answer) is not None for answer in expected)
    ]
    ranks = _ranks(known, both)
    return [
        pair for place, pair in enumerate(both) if len(np.unique(np.delete(ranks[:, 1], place))) >= LEAST_OTHERS[method]
    ]


def right_by_others(
    wv: WordVectors, known: KnownWords, unit: npt.NDArray[np.float32], pairs: Sequence[Pair], method: str
) -> list[bool]:
    """Return for which pairs the other pairs lead from the first word to a second.

    Args:
        wv: the vectors.
        known: their words that take part.
        unit: float32 (V, D), the known words' unit vectors.
        pairs: all answerable.
        method: "3CosAvg" or "LRCos".

    Raises:
        MissingExtraError: scikit-learn, which LRCos needs, is not installed.
    """
    ranks = _ranks(known, pairs)
    ones = np.ones(len(unit), dtype=np.float32)
    right = []
    for place, (word, expected) in enumerate(pairs):
        others = np.delete(ranks, place, axis=0)
        if method == "LRCos":
            by = lrcos.learned(
                wv.matrix,
                wv.norms,
                asked=int(known.word_ids[ranks[place, 0]]),
                pairs=known.word_ids[others],
                among=known.word_ids,
            )
            closeness = by.block(known.word_ids, unit, ones, 0.0)[0]
        else:
            wide = unit[ranks[place, 0]].astype(np.float64)
            sides = (unit[others[:, side]].astype(np.float64) for side in (0, 1))
            closeness = unit @ cos_avg(wide, *sides).astype(np.float32)
        closeness[known.alike(word)] = -np.inf
        answer = int(closeness.argmax())
        right.append(any(answer in known.alike(one) for one in expected))
    return right


def _ranks(known: KnownWords, pairs: Sequence[Pair]) -> npt.NDArray[np.int64]:
    """Return the ranks of each pair's two words, of several second ones the first that is known: int64 (n, 2)."""
    found = [
        (known.rank(word), next(known.rank(answer) for answer in expected if known.rank(answer) is not None))
        for word, expected in pairs
    ]
    return np.array(found, dtype=np.int64).reshape(-1, 2)
