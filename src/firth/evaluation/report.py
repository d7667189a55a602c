"""The report: vectors scored on a suite of test sets, with coverage, intervals, and beside other vectors."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from firth.downloads.fetch import datasets_folder
from firth.errors import SettingsError
from firth.evaluation import analogies, categorization, outliers, similarity
from firth.evaluation.bootstrap import Interval, interval
from firth.evaluation.correlation import spearman
from firth.evaluation.paired import PairedTest, compare_correlations, compare_shares
from firth.evaluation.suite import found
from firth.events import Progress, Stage
from firth.text_columns import in_columns, in_markdown
from firth.vectors.analogy import METHODS, PAIR_METHODS, method_named

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    import numpy.typing as npt

    from firth.evaluation.suite import TestSet
    from firth.events import Listener
    from firth.vectors.store import WordVectors

__all__ = ["Report", "Scored", "evaluate", "scored"]

MEASURES = {"analogies": "accuracy", "similarity": "Spearman", "categories": "purity", "outliers": "accuracy"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Scored:
    """What vectors scored on one test set.

    Args:
        name: the set's.
        kind: "analogies", "similarity", "categories" or "outliers".
        value: accuracy, Spearman's ρ or purity; None where it is not defined, as where no item is known.
        interval: in which the value lies when the items are drawn again; None where there is none.
        asked: questions, pairs, words or tests in the set.
        known: those of which all words are known; only they were scored.
        further: other measures of the same set, by name: Pearson's r, OPP, an accuracy for each category.
        items: item → outcome: whether it is right, or (rating, cosine).
        against: the paired test beside other vectors; None where there were none.
    """

    name: str
    kind: str
    value: float | None
    interval: Interval | None
    asked: int
    known: int
    further: Mapping[str, float | None]
    items: Mapping[Any, Any] = field(repr=False)
    against: PairedTest | None = None

    def __str__(self) -> str:
        return _shown(self, self.value)

    @property
    def measure(self) -> str:
        """What the value is."""
        return MEASURES[self.kind]

    @property
    def coverage(self) -> float | None:
        """Known / asked; None where nothing was asked."""
        return self.known / self.asked if self.asked else None

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain numbers and names, ready for JSON."""
        return {
            "name": self.name, "kind": self.kind, "measure": self.measure, "value": self.value,
            "low": None if self.interval is None else self.interval.low,
            "high": None if self.interval is None else self.interval.high,
            "asked": self.asked, "known": self.known, "coverage": self.coverage, "further": dict(self.further),
            "against": None if self.against is None else self.against.to_dict(),
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Report:
    """Scores on several test sets; prints as a table. There is no mean of them: sets differ in what they ask.

    Args:
        scores: one for each set.
        absent: names of the suite's sets that were not found.
        words: how many words the vectors have.
        most_frequent: how many of them took part in analogies; None for all.
        method: what answered the analogies.
        level: of the intervals.
    """

    scores: tuple[Scored, ...]
    absent: tuple[str, ...]
    words: int
    most_frequent: int | None
    level: float
    method: str = METHODS[0]

    def __getitem__(self, name: str) -> Scored:
        for score in self.scores:
            if score.name == name:
                return score
        raise KeyError(name)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain numbers and names, ready for JSON."""
        return {
            "words": self.words, "most_frequent": self.most_frequent, "level": self.level,
            "method": self.method,
            "sets": [score.to_dict() for score in self.scores], "absent": list(self.absent),
        }  # fmt: skip

    def markdown(self) -> str:
        """Return the report as a Markdown table with its notes below."""
        return "\n".join([in_markdown(self._table()), "", *self._notes()]) + "\n"

    def __str__(self) -> str:
        return "\n".join([in_columns(self._table(), left=(0, 1)), "", *self._notes()])

    def _table(self) -> list[list[str]]:
        compared = any(score.against for score in self.scores)
        header = ["test set", "measure", "score", f"{self.level:.0%} interval", "known", "asked", "coverage"]
        rows = []
        for score in self.scores:
            between = (
                "—"
                if score.interval is None
                else f"{_shown(score, score.interval.low)} – {_shown(score, score.interval.high)}"
            )
            coverage = "—" if score.coverage is None else f"{score.coverage:.1%}"
            row = [
                score.name, score.measure, _shown(score, score.value), between, f"{score.known:,}", f"{score.asked:,}",
                coverage,
            ]  # fmt: skip
            if compared:
                test = cast("PairedTest", score.against)
                row += [
                    f"{test.items:,}", _shown(score, test.first), _shown(score, test.second),
                    "—" if test.p is None else "<.001" if test.p < 0.001 else f"{test.p:.3f}",
                ]  # fmt: skip
            rows.append(row)
        return [header + (["in both", "this", "other", "p"] if compared else []), *rows]

    def _notes(self) -> list[str]:
        notes = ["Only items of which all words are known were scored; the others lower the coverage, not the score."]
        if any(score.kind == "analogies" for score in self.scores):
            most = self.words if self.most_frequent is None else min(self.most_frequent, self.words)
            among = f"all {most:,}" if most == self.words else f"the {most:,} most frequent of {self.words:,}"
            left_out = (
                "each pair by what its category's others teach, and the word asked about is no answer"
                if self.method in PAIR_METHODS
                else "the query words are no answers"
            )
            notes.append(f"Analogies were asked of {among} words by {self.method}; {left_out}.")
        if any(score.against for score in self.scores):
            notes.append('"in both": items known to both vectors, on which "this" and "other" were compared.')
        if self.absent:
            notes.append(f"Not found: {', '.join(self.absent)}.")
        return notes


def evaluate(
    wv: WordVectors,
    data: str | os.PathLike[str] | None = None,
    *,
    suite: str = "standard",
    against: WordVectors | None = None,
    most_frequent: int | None = 30_000,
    ignore_case: bool = True,
    method: str = METHODS[0],
    level: float = 0.95,
    samples: int = 1000,
    seed: int = 1,
    on_event: Listener | None = None,
) -> Report:
    """Score vectors on the test sets of a suite.

    Args:
        wv: the vectors.
        data: the folder in which the sets lie, or in folders below it; None is where `firth datasets` keeps them. Those
            of the suite that are not there are named.
        suite: "standard", "analogies" or "similarity": see `firth.evaluation.suite`.
        against: other vectors, to be compared on the items that both know.
        most_frequent: int ≥ 1, how many words take part in analogies; None for all.
        ignore_case: whether words that differ in case alone are one.
        method: of the analogies: "3CosAdd", "3CosMul", "PairDirection", "3CosAvg" or "LRCos" (the extra `sklearn`).
        level: float in (0, 1), of the intervals.
        samples: int ≥ 100, of the bootstrap.
        seed: int ≥ 0, of the bootstrap.
        on_event: a listener for progress.

    Raises:
        SettingsError: a suite or method that is none; a level or number of samples that cannot be.
        SourceError, FormatError: no set is there, or one cannot be read; a vector holds NaN or infinity.
    """
    if not 0 < level < 1:
        raise SettingsError(f"expected a level between 0 and 1, got {level!r}; 0.95 is usual")
    method = method_named(method, by_pairs=None)
    there, absent = found(datasets_folder() if data is None else Path(data), suite)
    tell: Listener = (lambda _: None) if on_event is None else on_event
    tell(Stage(name="evaluating"))
    scores = []
    options: dict[str, Any] = {"most_frequent": most_frequent, "ignore_case": ignore_case, "method": method}
    sampling = {"level": level, "samples": samples, "seed": seed}
    for number, (some, path) in enumerate(there.items()):
        tell(Progress(done=number, total=len(there), unit="sets", seconds=0))
        score = scored(wv, some, path, sampling=sampling, **options)
        if against is not None:
            score = _beside(score, scored(against, some, path, **options), sampling)
        scores.append(score)
    return Report(
        scores=tuple(scores), absent=tuple(some.name for some in absent), words=len(wv), most_frequent=most_frequent,
        level=level, method=method,
    )  # fmt: skip


def scored(
    wv: WordVectors,
    some: TestSet,
    gold: Any,
    *,
    most_frequent: int | None = 30_000,
    ignore_case: bool = True,
    method: str = METHODS[0],
    sampling: Mapping[str, Any] | None = None,
) -> Scored:
    """Return the score on one test set.

    Args:
        wv: the vectors.
        some: its name and kind.
        gold: its file, or what the kind's own `evaluate` takes.
        most_frequent: int ≥ 1, how many words take part in analogies; the other kinds name all the words that they are
            about.
        ignore_case: whether words that differ in case alone are one.
        method: of the analogies.
        sampling: level, samples and seed of the interval; None for none.

    Raises:
        SourceError, FormatError: the set cannot be read; a vector holds NaN or infinity.
    """
    further: dict[str, float | None] = {}
    items: dict[Any, Any]
    if some.kind == "analogies":
        answered = analogies.evaluate(wv, gold, most_frequent=most_frequent, ignore_case=ignore_case, method=method)
        value, asked, known = answered.accuracy, answered.total.asked, answered.total.answerable
        items, further = dict(answered.answers), {score.category: score.accuracy for score in answered.scores}
    elif some.kind == "similarity":
        ordered = similarity.evaluate(wv, gold, ignore_case=ignore_case)
        value, asked, known, further = ordered.spearman, ordered.asked, ordered.known, {"Pearson": ordered.pearson}
        items = {(left, right): (rating, cosine) for left, right, rating, cosine in ordered.items}
    elif some.kind == "categories":
        parted = categorization.evaluate(wv, gold, ignore_case=ignore_case)
        value, asked, known, items = parted.purity, parted.asked, parted.known, dict(parted.right)
    else:
        told = outliers.evaluate(wv, gold, ignore_case=ignore_case)
        value, asked, known, further = told.accuracy, told.asked, told.answered, {"OPP": told.opp}
        items = {test: position == 1 for test, position in told.positions.items()}
    return Scored(
        name=some.name, kind=some.kind, value=value, asked=asked, known=known, further=further, items=items,
        interval=None if sampling is None else _interval(items, some.kind, sampling),
    )  # fmt: skip


def _interval(items: Mapping[Any, Any], kind: str, sampling: Mapping[str, Any]) -> Interval | None:
    outcomes = np.array(list(items.values()), dtype=np.float64)

    def statistic(drawn: npt.NDArray[np.int64]) -> float | None:
        some = outcomes[drawn]
        return spearman(some[:, 0], some[:, 1]) if kind == "similarity" else float(some.mean())

    return interval(statistic, len(outcomes), **sampling)


def _beside(score: Scored, other: Scored, sampling: Mapping[str, Any]) -> Scored:
    """Return a score with the paired test beside other vectors' score on the same set."""
    compare = compare_correlations if score.kind == "similarity" else compare_shares
    return Scored(
        name=score.name, kind=score.kind, value=score.value, interval=score.interval, asked=score.asked,
        known=score.known, further=score.further, items=score.items,
        against=compare(score.items, other.items, **sampling),
    )  # fmt: skip


def _shown(score: Scored, value: float | None) -> str:
    """Return a value in the form of its measure: a correlation with three decimals, a share as a percentage."""
    if value is None:
        return "—"
    return f"{value:.3f}" if score.kind == "similarity" else f"{value:.1%}"
