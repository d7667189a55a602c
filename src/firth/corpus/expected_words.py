"""How many words a text will have in the vocabulary that is trained: its own, those of a model, and phrases.

A sample tells the text's own words (`firth.corpus.vocabulary_growth`). A model's words are known, and all of them stay.
Phrases must be told in another way: only a pair that is frequent enough scores, so that a sample lacks the rarer ones,
and nothing in it shows them. What is found in a quarter of the sample, and in all of it, tells how their number grows:

    P_m(N) ∝ N^β,   β = log₄(P_m(sample) / P_m(quarter of it)), from 0 to 1.25

as Herdan and Heaps have it for words (Heaps 1978, "Information retrieval", §7.5). The power falls slowly as a text
grows, so that the estimate is rather too high.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from firth.corpus.vocabulary_growth import MOST

if TYPE_CHECKING:
    import numpy.typing as npt

    from firth.corpus.vocabulary_growth import VocabularyGrowth

__all__ = ["QUARTER", "ExpectedWords", "PhraseGrowth"]

QUARTER = 4

_STEEPEST = 1.25
_FEWEST = 5
"""Phrases of the quarter below which its number is mere chance; then there are as many a word in the whole text."""


class PhraseGrowth:
    """The phrases of a text of which a sample was read.

    Args:
        counts: int64 (P,), how often each phrase stands in the sample.
        fewer: int64 (Q,), the same of a quarter of it.
        joined: words of the sample that its phrases have taken up: each phrase of n words n − 1 of them.
        times: t, float ≥ 1, how many times the sample the whole text is.
        most: P at most, as so many phrases there are in a model of them; None where they are yet to be found.
    """

    def __init__(
        self,
        counts: npt.NDArray[np.int64],
        fewer: npt.NDArray[np.int64],
        *,
        joined: int,
        times: float,
        most: int | None,
    ) -> None:
        self._counts, self._fewer, self._times, self._most = counts, fewer, times, most
        self.joined = joined * times
        """Words of the whole text that its phrases take up, at least."""

    def kinds(self, min_count: int) -> float:
        """Return how many different phrases come `min_count` times or more.

        Args:
            min_count: int ≥ 1.
        """
        if self._times <= 1:
            return float(np.count_nonzero(self._counts >= min_count))
        if min_count > MOST:
            return float(np.count_nonzero(self._counts * self._times >= min_count))
        here, before = (int(np.count_nonzero(some >= min_count)) for some in (self._counts, self._fewer))
        power = min(_STEEPEST, max(0.0, math.log(here / before, QUARTER))) if before >= _FEWEST else 1.0
        expected: float = here * self._times**power
        return expected if self._most is None else min(expected, self._most)


class ExpectedWords:
    """The vocabulary that a training will have; without phrases and a model it is that of the text.

    Args:
        growth: of the text's words that no model has.
        tokens: words in the whole text, before phrases are joined.
        phrases: that no model has, or None.
        known: how many words a model has.
        known_occurrences: how many words of the whole text these are.
    """

    def __init__(
        self,
        growth: VocabularyGrowth,
        phrases: PhraseGrowth | None = None,
        *,
        tokens: float,
        known: int = 0,
        known_occurrences: float = 0.0,
    ) -> None:
        self._growth, self._phrases = growth, phrases
        self.known, self._known_occurrences = known, known_occurrences
        self.tokens = tokens

    def kinds(self, min_count: int) -> float:
        """Return how many different words there are: a model's, and others that come `min_count` times or more.

        Args:
            min_count: int ≥ 1.
        """
        more = self._phrases.kinds(min_count) if self._phrases else 0.0
        return self.known + self._growth.kinds(min_count) + more

    def occurrences(self, min_count: int) -> float:
        """Return how many words of the text these are, each phrase one word.

        Args:
            min_count: int ≥ 1.
        """
        joined = self._phrases.joined if self._phrases else 0.0
        return max(0.0, self._known_occurrences + self._growth.occurrences(min_count) - joined)

    def least_count(self, kinds: int) -> int:
        """Return the lowest min_count that keeps no more than so many different words.

        Args:
            kinds: int ≥ 0.
        """
        found = self._growth.least_count(max(0, kinds - self.known))
        while self._phrases and found < MOST and self.kinds(found) > kinds:
            found += 1
        return found

    def of_most_frequent(self, kinds: int) -> float:
        """Return how many words of the text are a model's or among the most frequent others, `kinds` in all.

        Args:
            kinds: int ≥ 0.
        """
        return self._known_occurrences + self._growth.occurrences_of_most_frequent(max(0, kinds - self.known))
