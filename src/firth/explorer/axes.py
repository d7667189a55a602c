"""Words along an axis between two lists of words, and in the plane that two axes span."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firth.explorer.nearest import number, rows_of
from firth.explorer.unknown_words import known_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firth.vectors.store import WordVectors

__all__ = ["axis", "in_plane"]


def axis(
    wv: WordVectors,
    positive: Sequence[str],
    negative: Sequence[str],
    words: Sequence[str],
    *,
    k: int,
    first: int | None = None,
) -> dict[str, Any]:
    """Return where words stand along an axis, and which of all stand farthest out at its two ends.

    Unknown words are left out and named, as long as each end has a known one.

    Args:
        wv: the vectors.
        positive: the words at one end.
        negative: those at the other.
        words: those that are asked about; may be none.
        k: int ≥ 1, how many at each end.
        first: int ≥ 1, only so many most frequent words at the ends; None for all.

    Raises:
        UnknownWordError: there is no vector for any word of an end.
        SettingsError: an end is empty, or both are alike.
        FormatError: a vector holds NaN or infinity.
    """
    (positive, negative, words), unknown = known_words(wv, positive, negative, words)
    words = [] if words and set(words) <= set(unknown) else words
    along = wv.axis(positive, negative)
    asked = along.project(words) if words else None
    told = None if asked is None else asked.confidence
    blank = (None,) * len(words)
    most, least = (rows_of(wv, wv.neighbors(sign * along.direction, k, most_frequent=first)) for sign in (1.0, -1.0))
    return {
        "words": []
        if asked is None
        else [
            {"word": word, "row": _row(wv, word), "value": number(value), "low": low, "high": high}
            for word, value, low, high in zip(
                asked.words, asked.values, told.lows if told else blank, told.highs if told else blank, strict=True
            )
        ],
        "most": most,
        "least": [{**row, "value": None if row["value"] is None else -row["value"]} for row in least],
        "unknown": unknown,
    }


def in_plane(
    wv: WordVectors,
    x: tuple[Sequence[str], Sequence[str]],
    y: tuple[Sequence[str], Sequence[str]],
    words: Sequence[str],
) -> dict[str, Any]:
    """Return words' places on two axes, the cosine with each; unknown words are left out and named.

    Args:
        wv: the vectors.
        x: positive and negative words of the one.
        y: those of the other.
        words: at least one.

    Raises:
        UnknownWordError: there is no vector for any word of a list.
        SettingsError: an end is empty, or both of an axis are alike.
        FormatError: a vector holds NaN or infinity.
    """
    (*ends, words), unknown = known_words(wv, *x, *y, words)
    x, y = (ends[0], ends[1]), (ends[2], ends[3])
    across, up = (_values(wv, ends, words) for ends in (x, y))
    return {
        "words": [
            {"word": word, "row": _row(wv, word), "x": number(across[word]), "y": number(up[word])}
            for word in dict.fromkeys(words)
        ],
        "unknown": unknown,
    }


def _values(wv: WordVectors, ends: tuple[Sequence[str], Sequence[str]], words: Sequence[str]) -> dict[str, float]:
    projected = wv.axis(*ends).project(words)
    return dict(zip(projected.words, projected.values, strict=True))


def _row(wv: WordVectors, word: str) -> int | None:
    rows = wv.row_ids(word)
    return rows[0] if rows else None
