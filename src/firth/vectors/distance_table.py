"""The distance of every word of a list from every other, as a square table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from firth.errors import SettingsError
from firth.vectors.closeness import ByMetric
from firth.vectors.queries import some_words
from firth.vectors.table import Column, Table, aligned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firth.vectors.metric import Metric, Wide
    from firth.vectors.store import WordVectors

__all__ = ["DistanceTable", "distances"]


@dataclass(frozen=True, kw_only=True, slots=True, repr=False, eq=False)
class DistanceTable(Table):
    """Every word of a list beside every other; prints as a square, iterates as rows (word, other, number).

    Args:
        words: n different words.
        values: float64 (n, n), read-only: row i, column j is words[i] as x beside words[j] as q.
        measures: "similarity" or "distance".
        metric: the metric's name.
    """

    words: tuple[str, ...]
    values: Wide
    measures: str
    metric: str

    def data(self) -> list[Column]:
        """Return (word, other, number) of all n² pairs."""
        n = len(self.words)
        return [
            Column("word", "text", [word for word in self.words for _ in range(n)]),
            Column("other", "text", self.words * n),
            Column(self.measures, "number", self.values.ravel().tolist()),
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return the square, ready for JSON."""
        return {
            "metric": self.metric, "measures": self.measures, "words": list(self.words), "values": self.values.tolist(),
        }  # fmt: skip

    def __str__(self) -> str:
        columns = [
            Column(word, "number", column.tolist()) for word, column in zip(self.words, self.values.T, strict=True)
        ]
        return aligned([Column(self.measures, "text", self.words), *columns])


def distances(wv: WordVectors, words: Sequence[str], metric: Metric) -> DistanceTable:
    """Compute the metric between all pairs of words, exactly, in float64.

    Args:
        wv: the vectors.
        words: at least one; those that come twice are shown once.
        metric: fitted, if it must be.

    Raises:
        UnknownWordError: there is no vector for a word.
        SettingsError: it is no list of words, or the metric gives no number for two of them.
        FormatError: a word's vector holds NaN or infinity.
    """
    each, _ = some_words(wv, words)
    vectors = np.stack([wv[word] for word in each]).astype(np.float64)
    values = np.empty((len(each), len(each)))
    by = ByMetric(metric, vectors)
    ids = np.arange(len(each))
    for column in range(len(each)):
        values[:, column] = by.exact(ids, vectors, np.full(len(each), column))
    if not np.isfinite(values).all():
        row, column = np.argwhere(~np.isfinite(values))[0].tolist()
        raise SettingsError(
            f'expected vectors between which "{metric.name}" gives a number, got none between "{each[row]}" and '
            f'"{each[column]}"{f", as it needs {metric.needs}" if metric.needs else ""}; choose another metric'
        )
    values = metric.value(values)
    values.flags.writeable = False
    return DistanceTable(words=tuple(each), values=values, measures=metric.measures, metric=metric.name)
