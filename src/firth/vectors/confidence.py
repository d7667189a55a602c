"""How far to trust an answer: what the same training says on the text drawn again, run by run.

For each word that an answer lists: the share of the runs whose own answer of the same length lists it too, and the
percentile interval of its number, from the quantile (1 − level)/2 of the runs' numbers to (1 + level)/2.

A run in which a word asked with did not come is left out of its shares; a word that did not come in a run gives no
number there. With ten runs an interval of 95 % reaches nearly from the least of the ten numbers to the greatest.

Sources: Antoniak and Mimno 2018 (TACL 6), "Evaluating the stability of embedding-based word similarities"; the
percentile interval: Efron and Tibshirani 1993, §13.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from firth.errors import SettingsError
from firth.vectors.closeness import ByMetric, exactly
from firth.vectors.csls import neighbourhood
from firth.vectors.neighbours import ids_of
from firth.vectors.queries import understood
from firth.vectors.table import Column

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from firth.vectors.closeness import Ids
    from firth.vectors.metric import Wide
    from firth.vectors.queries import Queries
    from firth.vectors.store import WordVectors

__all__ = [
    "LEVEL",
    "Confidence",
    "Interval",
    "Shares",
    "intervals",
    "occurs",
    "of_neighbours",
    "of_runs",
    "seen",
    "shares",
    "similarity_interval",
]

LEVEL = 0.95
"""The share of the runs' numbers that an interval holds."""

FEW = 5
"""With fewer runs it is said that they tell little: one of four is a quarter of them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Interval:
    """A number, and between which two the middle of the runs' numbers lies.

    Args:
        value: the number itself.
        low: the interval's lower end; None where fewer than two runs had both words.
        high: its upper end; None likewise.
        level: the share of the runs' numbers in it.
        runs: how many runs had both words.
    """

    value: float
    low: float | None
    high: float | None
    level: float
    runs: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Confidence:
    """What the runs say of the rows of a table.

    Args:
        shares: per row, the share of the runs that list it, in [0, 1], None where no run could; None where a table
            lists what was asked for.
        lows: per row, the interval's lower end; None where fewer than two runs give a number.
        highs: the same, its upper end.
        runs: how many runs there are.
        drawn: what was drawn again: "documents", "sentences", or "" where it was nothing, or is not known.
        missing: int ≥ 0, how many runs of the bootstrap are not there, as where it was broken off.
    """

    shares: tuple[float | None, ...] | None
    lows: tuple[float | None, ...]
    highs: tuple[float | None, ...]
    runs: int
    drawn: str
    missing: int = 0

    def columns(self) -> list[Column]:
        """Return the columns of a table: share, low, high."""
        listed = [] if self.shares is None else [Column("share", "share", self.shares)]
        return [*listed, Column("low", "number", self.lows), Column("high", "number", self.highs)]

    @property
    def notes(self) -> tuple[str, ...]:
        """What else there is to know, a sentence each: where runs are missing."""
        if not self.missing:
            return ()
        there = f"{self.runs} of the bootstrap's {self.runs + self.missing} runs are there"
        return (f"{there}; if it was broken off, firth train --resume RUN (firth.resume) trains the others",)

    def __str__(self) -> str:
        alone = self.runs == 1
        told = f"{self.runs} run{'' if alone else 's'}" + (f" on {self.drawn} drawn again" if self.drawn else "")
        # One number has no interval.
        within = [] if alone else [f"{LEVEL:.0%} of them between low and high"]
        few = ["so few runs tell little"] if self.runs < FEW else []
        if self.shares is None:
            return "; ".join([*within, told, *few])
        return "; ".join([f"share of {told} that list{'s' if alone else ''} the word", *within, *few])


@dataclass(frozen=True, kw_only=True, slots=True)
class Shares:
    """What one run answers.

    Args:
        listed: int64 (Q, k), the words that it lists, −1 for none.
        values: float64 (Q, k), the numbers that it gives to the words of the answer that is looked at.
        asked: bool (Q,), whether all words asked with came in its text.
    """

    listed: Ids
    values: Wide
    asked: npt.NDArray[np.bool_]


def occurs(replica: WordVectors, word_ids: Any) -> npt.NDArray[np.bool_]:
    """Return whether words came in a run's text: bool, of the shape of `word_ids`.

    Args:
        replica: the run's vectors.
        word_ids: int64, any shape; −1 for no word.
    """
    ids = np.asarray(word_ids, dtype=np.int64)
    if replica.counts is None:
        return ids >= 0
    came: npt.NDArray[np.bool_] = (ids >= 0) & (replica.counts[np.maximum(ids, 0)] > 0)
    return came


def seen(replica: WordVectors, where: Ids | int | None) -> Ids | int | None:
    """Return those of some words that came in a run's text; the others have the vectors they began with, pure chance.

    Args:
        replica: the run's vectors.
        where: the words, as for `firth.vectors.neighbours.nearest`.
    """
    if replica.counts is None or bool(replica.counts.all()):
        return where
    ids = ids_of(where, len(replica))
    return ids[replica.counts[ids] > 0]


def shares(replicas: Sequence[WordVectors], answer: Ids, ask: Callable[[WordVectors], Shares]) -> Confidence:
    """Return what runs say of an answer, row by row: query by query, its words in their order.

    Args:
        replicas: the runs' vectors, at least one; their words are those of the answer.
        answer: int64 (Q, k), the words listed; −1 for none, which gives no row.
        ask: puts the same question to a run.
    """
    listed, able = np.zeros(answer.shape), np.zeros(answer.shape)
    values = np.full((len(replicas), *answer.shape), np.nan)
    for number, replica in enumerate(replicas):
        told = ask(replica)
        asked = told.asked[:, np.newaxis]
        came = occurs(replica, answer)
        able += asked
        listed += asked & came & (answer[:, :, np.newaxis] == told.listed[:, np.newaxis, :]).any(axis=2)
        values[number] = np.where(asked & came, told.values, np.nan)
    rows = answer >= 0
    lows, highs = intervals(values[:, rows])
    part = [
        runs_listing / runs_able if runs_able else None
        for runs_listing, runs_able in zip(listed[rows].tolist(), able[rows].tolist(), strict=True)
    ]
    return of_runs(replicas, shares=tuple(part), lows=lows, highs=highs)


def of_runs(
    replicas: Sequence[WordVectors],
    *,
    shares: tuple[float | None, ...] | None,
    lows: tuple[float | None, ...],
    highs: tuple[float | None, ...],
) -> Confidence:
    """Return what runs say, with what their records tell of their bootstrap; the other arguments as for `Confidence`.

    Args:
        replicas: the runs' vectors, at least one.
    """
    told = replicas[0].record.get("bootstrap")
    drawn, runs = (told.get("drawn"), told.get("runs")) if isinstance(told, dict) else (None, None)
    return Confidence(
        shares=shares,
        lows=lows,
        highs=highs,
        runs=len(replicas),
        drawn=drawn if drawn in ("documents", "sentences") else "",
        missing=max(0, runs - len(replicas)) if isinstance(runs, int) else 0,
    )


def intervals(values: Wide, level: float = LEVEL) -> tuple[tuple[float | None, ...], tuple[float | None, ...]]:
    """Return the percentile intervals' lower and upper ends; None where fewer than two runs give a number.

    Args:
        values: float64 (runs, n), NaN where a run gives none.
        level: float in (0, 1).
    """
    ends: list[tuple[float | None, float | None]] = []
    for column in values.T:
        known = column[np.isfinite(column)]
        if len(known) < 2:
            ends.append((None, None))
        else:
            low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2]).tolist()
            ends.append((low, high))
    return tuple(low for low, _ in ends), tuple(high for _, high in ends)


def similarity_interval(wv: WordVectors, a: str, b: str) -> Interval:
    """Return two words' cosine with its interval: see `WordVectors.similarity_interval`.

    Args:
        wv: vectors with replicas.
        a: one word.
        b: the other.

    Raises:
        UnknownWordError: there is no vector for one of them.
        SettingsError: there are no replicas.
    """
    value = wv.similarity(a, b)
    if not len(wv.replicas):
        raise SettingsError(
            "expected vectors with runs on the text drawn again, got some without; train with bootstrap=10 "
            "(--bootstrap 10) and open the run's folder"
        )
    words = np.array([wv.index(a), wv.index(b)])
    numbers = [replica.similarity(a, b) for replica in wv.replicas if occurs(replica, words).all()]
    (low,), (high,) = intervals(np.array(numbers)[:, np.newaxis])
    return Interval(value=value, low=low, high=high, level=LEVEL, runs=len(numbers))


def of_neighbours(
    wv: WordVectors,
    queries: Queries,
    answer: Ids,
    *,
    k: int,
    metric: str,
    where: Ids | int | None,
    include_query: bool,
) -> Confidence | None:
    """Return what runs say of lists of neighbours; None without runs, for queries that are no words, and by CSLS.

    Args:
        wv: the vectors.
        queries: what was asked with.
        answer: int64 (Q, k), the neighbours found, −1 for none.
        k: how many were asked for.
        metric: the metric's name.
        where: the words looked at, as for `firth.vectors.neighbours.nearest`.
        include_query: whether the words asked with were not left out.
    """
    # A vector points elsewhere in each run; CSLS would have to learn every run's hubs.
    if not len(wv.replicas) or neighbourhood(metric) is not None or [1] * len(answer) != [*map(len, queries.word_ids)]:
        return None
    words = [wv.words[word_id] for (word_id,) in queries.word_ids]
    query, position = np.repeat(np.arange(len(answer)), answer.shape[1]), np.maximum(answer, 0).ravel()

    def ask(replica: WordVectors) -> Shares:
        again = understood(replica, words)
        found = replica.search.nearest(
            again,
            k=k,
            metric=metric,
            where=seen(replica, where),
            left_out=() if include_query else again.word_ids,
            approximate=False,
            on_event=None,
        )
        by = ByMetric(replica.search.metric(metric), again.vectors)
        near = exactly(by, np.arange(len(replica)), replica.matrix, position, query)
        return Shares(
            listed=found.nearest.word_ids,
            values=by.metric.value(near).reshape(answer.shape),
            asked=occurs(replica, again.word_ids)[:, 0],
        )

    return shares(wv.replicas, answer, ask)
