"""The words that an evaluation may use: the most frequent ones, found with or without regard to case."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from firth.errors import SettingsError
from firth.vectors.norms import RowNorms
from firth.vectors.words import PackedWords

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firth.vectors.store import WordVectors

__all__ = ["KnownWords"]


class KnownWords:
    """The most frequent words of some vectors, each with its rank from 0.

    Words are ordered by their counts, or where there are none, as they stand in the vectors (word2vec's files have the
    most frequent word first). Where case is ignored, a word asked for means the most frequent of those that differ in
    case alone.

    Args:
        wv: the vectors.
        most_frequent: int ≥ 1, how many words are known; None for all.
        ignore_case: whether “Paris” and “paris” are one word.

    Raises:
        SettingsError: `most_frequent` is no such number.
    """

    def __init__(self, wv: WordVectors, *, most_frequent: int | None, ignore_case: bool) -> None:
        if most_frequent is not None and (
            not isinstance(most_frequent, int) or isinstance(most_frequent, bool) or most_frequent < 1
        ):
            raise SettingsError(
                f"expected most_frequent to be a whole number from 1, or None for all words, got {most_frequent!r}"
            )
        self._wv = wv
        order = np.arange(len(wv)) if wv.counts is None else np.argsort(-wv.counts, kind="stable")
        self.word_ids: npt.NDArray[np.int64] = order[:most_frequent].astype(np.int64)
        self.ignore_case = ignore_case
        self._alike: dict[str, list[int]] = {}
        for rank, word_id in enumerate(self.word_ids.tolist()):
            self._alike.setdefault(self.form(wv.words[word_id]), []).append(rank)

    def __len__(self) -> int:
        return len(self.word_ids)

    def form(self, word: str) -> str:
        """Return the form of a word by which it is found: itself, or without regard to case."""
        return word.casefold() if self.ignore_case else word

    def rank(self, word: str) -> int | None:
        """Return a word's rank, the most frequent spelling's where case is ignored; None where it is not known."""
        alike = self._alike.get(self.form(word))
        return None if alike is None else alike[0]

    def alike(self, word: str) -> Sequence[int]:
        """Return the ranks of all known words that are one with `word`; empty where there is none."""
        return self._alike.get(self.form(word), [])

    def unit_vectors(self, ranks: npt.NDArray[np.int64] | None = None) -> npt.NDArray[np.float32]:
        """Return the words' vectors scaled to length 1; a vector of zeros stays as it is.

        Args:
            ranks: int64 (n,), which words; None for all.

        Returns:
            float32 (n, D).

        Raises:
            FormatError: a vector holds NaN or infinity.
        """
        ids = self.word_ids if ranks is None else self.word_ids[ranks]
        rows = self._wv.matrix[ids]
        norms = RowNorms(self._wv.matrix, PackedWords.of(self._wv.words)).of_rows(rows, ids)
        unit: npt.NDArray[np.float32] = (rows / np.where(norms > 0, norms, 1)[:, None]).astype(np.float32, copy=False)
        return unit
