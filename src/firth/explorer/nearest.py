"""A word's neighbours, the answers of word arithmetic and where words stand on axes, as the page is told of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from firth.errors import SettingsError
from firth.vectors.csls import neighbourhood

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firth.explorer.models import OpenedModel
    from firth.vectors.store import WordVectors
    from firth.vectors.table import NeighborTable

__all__ = ["analogy", "counted", "neighbours", "number"]

MOST_WORDS_OF_CSLS = 30_000
"""CSLS compares every word with every other before it can answer."""


def number(value: float) -> float | None:
    """Return a number as JSON can hold it: None for what is none."""
    return value if math.isfinite(value) else None


def counted(wv: WordVectors, row: int) -> int | None:
    """Return how often a row's word came, or None where that is not known."""
    return None if wv.counts is None else int(wv.counts[row])


def neighbours(
    model: OpenedModel, word: str, *, k: int, metric: str, centred: bool, first: int | None = None
) -> dict[str, Any]:
    """Return a word's neighbours.

    Args:
        model: among whose words.
        word: the word.
        k: int ≥ 1.
        metric: as for `WordVectors.neighbors`.
        centred: whether the mean of all vectors is taken off before.
        first: int ≥ 1, only so many most frequent words; None for all.

    Raises:
        UnknownWordError: there is no vector for it.
        SettingsError: there is no such metric, or it would take too long.
        FormatError: a vector holds NaN or infinity.
    """
    looked_at = min(first or len(model.wv), len(model.wv))
    if neighbourhood(metric) is not None and looked_at > MOST_WORDS_OF_CSLS:
        raise SettingsError(
            f"expected at most {MOST_WORDS_OF_CSLS:,} words for CSLS, which compares each with every other, got "
            f"{looked_at:,}; look at the most frequent alone (first={MOST_WORDS_OF_CSLS})"
        )
    wv = model.vectors(centred=centred)
    table = wv.neighbors(word, k, metric, most_frequent=first)
    row = wv.row_ids(word)
    return {
        "word": word,
        "row": row[0] if row else None,
        "count": counted(wv, row[0]) if row else None,
        "metric": table.metric,
        "centred": centred,
        "closer": "smaller" if table.measures == "distance" else "greater",
        "neighbors": rows_of(wv, table),
        "notes": list(table.notes),
    }


def analogy(
    model: OpenedModel, expression: str, *, k: int, method: str, keep: bool, centred: bool, first: int | None = None
) -> dict[str, Any]:
    """Return the answers of word arithmetic.

    Args:
        model: among whose words.
        expression: such as "king - man + woman".
        k: int ≥ 1.
        method: as for `WordVectors.analogy`.
        keep: whether the words asked with may be answers.
        centred: whether the mean of all vectors is taken off before.
        first: int ≥ 1, only so many most frequent words; None for all.

    Raises:
        ExpressionError: it cannot be read.
        UnknownWordError: there is no vector for a word.
        FormatError: a vector holds NaN or infinity.
    """
    wv = model.vectors(centred=centred)
    table = wv.analogy(expression, k, method=method, include_query=keep, most_frequent=first)
    asked = table.query_words or (False,) * len(table)
    answers = [{**row, "asked": was} for row, was in zip(rows_of(wv, table), asked, strict=True)]
    return {
        "expression": expression,
        "method": table.metric,
        "centred": centred,
        "answers": answers,
        "notes": list(table.notes),
    }


def rows_of(wv: WordVectors, table: NeighborTable) -> list[dict[str, Any]]:
    """Return a table's rows: word, row, count, value, and what a bootstrap's runs say of it."""
    blank: Sequence[None] = (None,) * len(table)
    told = table.confidence
    shares, lows, highs = (blank, blank, blank) if told is None else (told.shares or blank, told.lows, told.highs)
    found = []
    for word, value, share, low, high in zip(table.words, table.values, shares, lows, highs, strict=True):
        row = wv.index(word)
        found.append(
            {
                "word": word, "row": row, "count": counted(wv, row), "value": number(value),
                "share": share, "low": low, "high": high,
            }
        )  # fmt: skip
    return found
