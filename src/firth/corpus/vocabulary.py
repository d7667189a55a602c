"""The vocabulary: the words that are kept, most frequent first, and how often each came."""

from __future__ import annotations

import difflib
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from firth.errors import EmptyCorpusError, UnknownWordError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

__all__ = ["Vocabulary", "nothing_kept", "ordered"]


class Vocabulary:
    """Words and their counts; a word's id is its place. It cannot be changed.

    The most frequent word comes first; words of one count are ordered by their code points, so that the same text
    gives the same ids always and everywhere. Where a training goes on from a model, the model's words come first, as
    they are; see `firth.corpus.continued`.

    Args:
        words: (V,) str, each once, in the order of their ids.
        counts: int64 (V,), ≥ 0, how often each came.
    """

    def __init__(self, words: Sequence[str], counts: npt.NDArray[np.int64]) -> None:
        self.words: tuple[str, ...] = tuple(words)
        self.counts: npt.NDArray[np.int64] = np.array(counts, dtype=np.int64)
        self.counts.flags.writeable = False

    @property
    def total(self) -> int:
        """How many words the corpus has, counting every occurrence of the words kept."""
        return int(self.counts.sum())

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {word: word_id for word_id, word in enumerate(self.words)}

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self._ids

    def __iter__(self) -> Iterator[str]:
        return iter(self.words)

    def __repr__(self) -> str:
        return f"<Vocabulary of {len(self):,} words, {self.total:,} occurrences>"

    def index(self, word: str) -> int:
        """Return a word's id.

        Raises:
            UnknownWordError: the vocabulary does not hold it; the message names near spellings.
        """
        try:
            return self._ids[word]
        except KeyError:
            near = difflib.get_close_matches(word, self.words[:100_000], n=3)
            hint = f"; near it are {', '.join(near)}" if near else ""
            raise UnknownWordError(f"the vocabulary has no word {word!r}{hint}") from None


def ordered(words: Sequence[str], counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the places of words in a vocabulary's order: by count, then by code points.

    Args:
        words: str, each once, in any order.
        counts: int64, how often each came.
    """
    by_code_points = np.array(sorted(range(len(words)), key=words.__getitem__), dtype=np.int64)
    return by_code_points[np.argsort(-counts[by_code_points], kind="stable")]


def nothing_kept(word_total: int, highest: int, min_count: int, where: str) -> EmptyCorpusError:
    """Return the error that fits a corpus of which no word is kept.

    Args:
        word_total: words read.
        highest: the highest count of any word.
        min_count: the count that was asked for.
        where: the source's name.
    """
    if word_total == 0:
        return EmptyCorpusError(f"expected text with words in it, but {where} has none")
    return EmptyCorpusError(
        f"expected words that come {min_count:,} times or more (min_count), but the most frequent word of {where} "
        f"comes {highest:,} time{'s' if highest != 1 else ''}; lower min_count or give more text"
    )
