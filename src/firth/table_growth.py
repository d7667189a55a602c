"""How large the table of counts would be: pairs of words grow as words do, so they are told from a sample alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from firth.contexts.window import Window
from firth.corpus.vocabulary_growth import VocabularyGrowth
from firth.objectives.count_based import CooccurrenceBased, CountBased
from firth.objectives.glove import GloVe

if TYPE_CHECKING:
    import numpy.typing as npt

    from firth.corpus.encoded import EncodedCorpus

__all__ = ["pairs_expected", "table_entries"]

_WORDS_FOR_PAIRS = 300_000
"""Words of the sample whose pairs are looked at one by one, about."""


def table_entries(corpus: EncodedCorpus, objective: Any, occurrences: float) -> int:
    """Return about how many entries the table of counts would have that an objective needs; 0 where it needs none.

    Args:
        corpus: a sample of the text, encoded, a document for each piece.
        objective: what is learned.
        occurrences: kept words of the whole text.
    """
    if isinstance(objective, GloVe | CooccurrenceBased):
        return pairs_expected(corpus, Window.of(objective.window), occurrences)
    if isinstance(objective, CountBased) and objective.needs == "documents":
        # At most: a word may come several times in a document.
        return int(occurrences)
    return 0


def pairs_expected(corpus: EncodedCorpus, window: Window, occurrences: float) -> int:
    """Return about how many different pairs of words stand in each other's windows in the whole text.

    Args:
        corpus: a sample of it, encoded, a document for each piece.
        window: how far.
        occurrences: words of the whole text that are in the vocabulary.
    """
    pairs, ends, words = _pairs(corpus, window)
    if len(pairs) == 0:
        return 0
    found = VocabularyGrowth(pairs, ends, occurrences / max(1, words)).kinds(1)
    return int(min(found, len(corpus.vocabulary) ** 2)) if occurrences <= words else int(found)


def _pairs(corpus: EncodedCorpus, window: Window) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], int]:
    """Return the pairs of a sample's pieces as numbers from 0, where the pieces end, and the words they begin with.

    Where a sample has many words, of each piece the first ones are taken: many small pieces tell more than few large.
    """
    ends, vocabulary = corpus.document_ends, len(corpus.vocabulary)
    most = max(1, _WORDS_FOR_PAIRS // max(1, len(ends)))
    keys: list[npt.NDArray[np.int64]] = []
    sizes, words, first = [], 0, 0
    for end in ends.tolist():
        ids = corpus.token_ids[first:end].astype(np.int64)
        sentences = np.searchsorted(corpus.sentence_ends, np.arange(first, end), side="right")
        first, before, begun = end, len(keys), min(most, len(ids))
        words += begun
        for distance in range(1, min(max(window.left, window.right), len(ids) - 1) + 1):
            here = slice(0, min(begun, len(ids) - distance))
            there = slice(distance, here.stop + distance)
            near = sentences[here] == sentences[there]
            one, other = ids[here][near], ids[there][near]
            keys += [one * vocabulary + other] if distance <= window.right else []
            keys += [other * vocabulary + one] if distance <= window.left else []
        sizes.append(sum(map(len, keys[before:])))
    if not sum(sizes):
        return np.zeros(0, np.int64), np.zeros(0, np.int64), words
    _, numbers = np.unique(np.concatenate(keys), return_inverse=True)
    return numbers.astype(np.int64), np.cumsum(np.array(sizes, dtype=np.int64)), words
