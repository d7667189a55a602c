"""Chosen words' numbers as a heat map shows them: as they are, and on the vocabulary's principal components."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from firth.explorer.unknown_words import known_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firth.vectors.metric import Wide
    from firth.vectors.store import WordVectors

__all__ = ["heat_map"]


def heat_map(
    wv: WordVectors, words: Sequence[str], components: int, principal: tuple[Wide, Wide, Wide]
) -> dict[str, Any]:
    """Return words' vectors, and their coordinates on principal components, x less the mean.

    Unknown words are left out and named, as long as there is a known one.

    Args:
        wv: the vectors.
        words: at least one.
        components: int ≥ 1, how many, at most D.
        principal: the mean, the components and the shares of the variance, as `firth.vectors.plane.principal` gives
            them for rows as they are.

    Raises:
        UnknownWordError: there is no vector for any of the words.
        FormatError: a word's vector holds NaN or infinity.
    """
    (words,), unknown = known_words(wv, words)
    middle, directions, shares = principal
    vectors = np.stack([wv[word] for word in words]).astype(np.float64)
    turned = (vectors - middle) @ directions[:, :components]
    return {
        "words": list(words),
        "raw": vectors.tolist(),
        "principal": turned.tolist(),
        "kept": shares[:components].tolist(),
        "unknown": unknown,
    }
