"""The odd one out: the word of a list that is least near to the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from firth.vectors.distance_table import distances
from firth.vectors.queries import some_words
from firth.vectors.table import Column, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firth.vectors.metric import Metric
    from firth.vectors.store import WordVectors

__all__ = ["OddOneOut", "odd_one_out"]


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class OddOneOut(Table):
    """How near each word of a list is to the others, the oddest first.

    Args:
        words: the list's different words.
        values: float each, the mean of the metric to all the others.
        measures: "similarity" or "distance".
        metric: the metric's name.
    """

    words: tuple[str, ...]
    values: tuple[float, ...]
    measures: str
    metric: str

    @property
    def word(self) -> str:
        """The odd one."""
        return self.words[0]

    def data(self) -> list[Column]:
        """Return (word, its mean similarity or distance)."""
        return [Column("word", "text", self.words), Column(f"mean_{self.measures}", "number", self.values)]


def odd_one_out(wv: WordVectors, words: Sequence[str], metric: Metric) -> OddOneOut:
    """Find the word with the least mean similarity, or greatest mean distance, to the others.

        argmin_w  1/(n − 1) Σ_{v ≠ w} cos(w, v)

    By cosine this is also the word farthest from the mean of all unit vectors. Of equals the first in the list.

    Args:
        wv: the vectors.
        words: at least three different ones.
        metric: fitted, if it must be.

    Raises:
        UnknownWordError: there is no vector for a word.
        SettingsError: there are fewer than three, or the metric gives no number for two of them.
    """
    each, _ = some_words(wv, words, least=3)
    table = distances(wv, each, metric)
    apart = table.values.copy()
    np.fill_diagonal(apart, 0.0)
    means = apart.sum(axis=1) / (len(each) - 1)
    order = np.argsort(means if metric.measures == "similarity" else -means, kind="stable").tolist()
    return OddOneOut(
        words=tuple(each[place] for place in order),
        values=tuple(float(means[place]) for place in order),
        measures=metric.measures,
        metric=metric.name,
    )
