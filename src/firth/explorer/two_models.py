"""Two models beside each other: a word's neighbours in both, and which words moved most between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firth.errors import SettingsError, UnknownWordError
from firth.explorer.nearest import neighbours
from firth.vectors.alignment import align
from firth.vectors.store import WordVectors

if TYPE_CHECKING:
    from firth.explorer.models import OpenedModel
    from firth.vectors.alignment import Moves

__all__ = ["compare", "moved", "moves"]

MOST_ALIGNED = 100_000
"""Rarer words are mostly chance, and turning millions takes a while."""


def compare(left: OpenedModel, right: OpenedModel, word: str, *, k: int, metric: str) -> dict[str, Any]:
    """Return a word's neighbours in two models; None for one that does not have the word.

    Args:
        left: one model.
        right: the other.
        word: the word.
        k: int ≥ 1.
        metric: as for `WordVectors.neighbors`.

    Raises:
        UnknownWordError: neither has the word.
        SettingsError: there is no such metric.
        FormatError: a vector holds NaN or infinity.
    """
    lists: list[list[dict[str, Any]] | None] = []
    unknown = None
    for model in (left, right):
        try:
            lists.append(neighbours(model, word, k=k, metric=metric, centred=False)["neighbors"])
        except UnknownWordError as error:
            lists.append(None)
            unknown = unknown or error
    if unknown is not None and lists == [None, None]:
        raise unknown
    others = {row["word"] for row in lists[1] or ()}
    return {
        "word": word,
        "left": lists[0],
        "right": lists[1],
        "shared": [row["word"] for row in lists[0] or () if row["word"] in others],
    }


def moves(left: OpenedModel, right: OpenedModel) -> Moves:
    """Return how far each word that both models have moved, the right one turned onto the left.

    Args:
        left: one model.
        right: the other.

    Raises:
        SettingsError: they are one model, differ in dimensions, or share too few words.
        FormatError: a vector holds NaN or infinity.
    """
    if left is right:
        raise SettingsError("expected two different models, as no word moves within one; open another beside it")
    return align(_most_frequent(right.wv), _most_frequent(left.wv)).moves


def moved(found: Moves, *, k: int, least_count: int) -> dict[str, Any]:
    """Return the words that moved most.

    Args:
        found: how far each moved from the left model to the right.
        k: int ≥ 1, how many.
        least_count: int ≥ 1, words that came less often in one of the texts are left out.
    """
    most = found.most(k, min_count=least_count)
    blank = (None,) * len(most.words)
    return {
        "method": (
            f"orthogonal Procrustes on the half of {len(found.words):,} shared words that moves least; similarity is "
            "the cosine of a word's two vectors after that"
        ),
        "words": [
            {"word": word, "similarity": 1 - distance, "left_count": left, "right_count": right}
            for word, distance, left, right in zip(
                most.words, most.distances, most.onto_counts or blank, most.counts or blank, strict=True
            )
        ],
    }


def _most_frequent(wv: WordVectors) -> WordVectors:
    """Return the first words of large vectors alone; the rows are not copied."""
    if len(wv) <= MOST_ALIGNED:
        return wv
    counts = None if wv.counts is None else wv.counts[:MOST_ALIGNED]
    return WordVectors(wv.words[:MOST_ALIGNED], wv.matrix[:MOST_ALIGNED], counts)
