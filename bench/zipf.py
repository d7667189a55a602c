"""Words drawn by Zipf's law, as ids and as a text: for benches that need a size, not a language."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

SENTENCE = 20
_AT_ONCE = 1_000_000


def zipf_ids(words: int, vocabulary: int, *, seed: int = 1) -> npt.NDArray[np.int32]:
    """Return words drawn with p(rank) ~ 1 / (rank + 2.7).

    Args:
        words: how many.
        vocabulary: V, of how many different ones.
        seed: of the draw.

    Returns:
        int32 (words,), each in [0, V).
    """
    bounds = np.cumsum(1 / (np.arange(vocabulary) + 2.7))
    chance = np.random.default_rng(seed)
    ids = np.empty(words, np.int32)
    for start in range(0, words, _AT_ONCE):
        part = ids[start : start + _AT_ONCE]
        part[:] = np.minimum(np.searchsorted(bounds, chance.random(len(part)) * bounds[-1]), vocabulary - 1)
    return ids


def zipf_text(words: int, vocabulary: int, *, seed: int = 1) -> SimpleNamespace:
    """Return sentences of twenty words as models take them, with each word's count, at least 1.

    Args:
        words: how many.
        vocabulary: of how many different ones.
        seed: of the draw.
    """
    ids = zipf_ids(words, vocabulary, seed=seed)
    counts = np.sort(np.maximum(np.bincount(ids, minlength=vocabulary), 1))[::-1].copy()
    ends = np.minimum(np.arange(SENTENCE, words + SENTENCE, SENTENCE), words)
    return SimpleNamespace(token_ids=ids, sentence_ends=ends, key=0, below=0, counts=counts)


def write_text(path: Path, words: int, vocabulary: int, *, seed: int = 1) -> None:
    """Write the same words as text, a sentence a line.

    Args:
        path: the file.
        words: how many.
        vocabulary: of how many different ones.
        seed: of the draw.
    """
    names = [f"w{number}" for number in range(vocabulary)]
    ids = zipf_ids(words, vocabulary, seed=seed)
    with path.open("w", encoding="ascii") as file:
        for start in range(0, words, SENTENCE):
            file.write(" ".join([names[number] for number in ids[start : start + SENTENCE].tolist()]) + "\n")
