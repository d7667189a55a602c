"""A semantic axis: the direction from some words to others, and where any word stands along it.

Source: An, Kwak and Ahn 2018 (ACL), "SemAxis", §3; here on unit vectors, so that long ones do not outweigh the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from firth.errors import SettingsError
from firth.vectors.analogy import units
from firth.vectors.confidence import Confidence, intervals, occurs, of_runs
from firth.vectors.product_metrics import cosines
from firth.vectors.queries import some_words
from firth.vectors.table import Column, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firth.vectors.metric import Wide
    from firth.vectors.store import WordVectors

__all__ = ["Axis", "Projection", "axis"]


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Projection(Table):
    """Where words stand along an axis, from its positive end to its negative.

    Args:
        words: the words.
        values: float each in [−1, 1], the cosine with the axis.
        confidence: what the same training says on the text drawn again; None where there are no such runs.
    """

    words: tuple[str, ...]
    values: tuple[float, ...]
    confidence: Confidence | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """What else there is to know, a sentence each: where runs of the bootstrap are missing."""
        return () if self.confidence is None else self.confidence.notes

    def data(self) -> list[Column]:
        """Return (word, projection), and the intervals where there are."""
        behind = [] if self.confidence is None else self.confidence.columns()
        return [Column("word", "text", self.words), Column("projection", "number", self.values), *behind]

    def __str__(self) -> str:
        table = super(Projection, self).__str__()
        return table if self.confidence is None else "\n".join((table, str(self.confidence), *self.notes))


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Axis:
    """The direction from negative words to positive ones.

    Args:
        wv: the vectors.
        positive: the words at one end.
        negative: those at the other.
        direction: float64 (D,), of length 1, read-only; a query for `neighbors`, too.
    """

    wv: WordVectors
    positive: tuple[str, ...]
    negative: tuple[str, ...]
    direction: Wide

    def project(self, words: Sequence[str]) -> Projection:
        """Return cos(x, direction) of words: above 0 towards the positive end. Of equals the first in the list first.

        Args:
            words: at least one.

        Raises:
            UnknownWordError: there is no vector for a word.
            FormatError: a word's vector holds NaN or infinity.
        """
        each, _ = some_words(self.wv, words)
        values = self._along(each)
        order = np.argsort(-values, kind="stable").tolist()
        ordered = [each[place] for place in order]
        return Projection(
            words=tuple(ordered),
            values=tuple(float(values[place]) for place in order),
            confidence=self._confidence(ordered) if len(self.wv.replicas) else None,
        )

    def _along(self, words: Sequence[str]) -> Wide:
        vectors = np.stack([self.wv[word] for word in words]).astype(np.float64)
        return cosines(vectors, np.broadcast_to(self.direction, vectors.shape))

    def _confidence(self, words: Sequence[str]) -> Confidence:
        """Return what the replicas say, each along its own axis between the same words."""
        ends = [self.wv.index(word) for word in (*self.positive, *self.negative)]
        ids = [self.wv.index(word) for word in words]
        replicas = self.wv.replicas
        values = np.full((len(replicas), len(words)), np.nan)
        for number, replica in enumerate(replicas):
            if occurs(replica, ends).all():
                along = axis(replica, self.positive, self.negative)._along(words)  # noqa: SLF001  (of its own kind)
                values[number] = np.where(occurs(replica, ids), along, np.nan)
        lows, highs = intervals(values)
        return of_runs(replicas, shares=None, lows=lows, highs=highs)

    def __repr__(self) -> str:
        return f"<Axis from {', '.join(self.negative)} to {', '.join(self.positive)}>"


def axis(wv: WordVectors, positive: Sequence[str], negative: Sequence[str]) -> Axis:
    """Return the axis from some words to others.

        direction ∝ 1/|P| Σ_{p ∈ P} p/|p| − 1/|N| Σ_{n ∈ N} n/|n|

    Args:
        wv: the vectors.
        positive: P, at least one word.
        negative: N, at least one word.

    Raises:
        UnknownWordError: there is no vector for a word.
        SettingsError: a list is empty or none, or their means are alike.
        FormatError: a word's vector holds NaN or infinity.
    """
    ends, means = [], []
    for words, what in ((positive, "positive words"), (negative, "negative words")):
        each, _ = some_words(wv, words, what)
        ends.append(tuple(each))
        means.append(units(np.stack([wv[word] for word in each])).mean(axis=0))
    apart = means[0] - means[1]
    length = np.sqrt((apart * apart).sum())
    if not length > 1e-6:
        raise SettingsError("expected positive and negative words that differ, got ends with the same mean")
    direction = apart / length
    direction.flags.writeable = False
    return Axis(wv=wv, positive=ends[0], negative=ends[1], direction=direction)
