"""Outlier detection: which word does not belong with the others?

A test is a cluster of n words of a kind and one outlier. A word's compactness is the mean similarity of all pairs
that remain when it is taken out:

    c(w) = Σ_{a ≠ b, both ≠ w} cos(a, b) / (n (n − 1))

The outlier should have the highest: without it the rest is at its most compact.

    accuracy = share of tests in which it has;   OPP = mean of (words with a lower compactness than it) / n

Source: Camacho-Collados & Navigli 2016, "Find the word that does not belong" (RepEval), §2.
"""

from __future__ import annotations

import ast
import csv
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from firth.errors import FormatError, SettingsError
from firth.evaluation.gold_file import read_lines
from firth.evaluation.known_words import KnownWords

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from firth.vectors.store import WordVectors

__all__ = ["OutlierResult", "OutlierSet", "evaluate", "read_outliers"]

FEWEST_WORDS = 3
"""Among fewer words of a kind there is no telling which does not belong."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OutlierSet:
    """A cluster and its outliers; each outlier with the cluster is one test.

    Args:
        words: (n,) str, words of a kind.
        outliers: (m,) str, none of which is of that kind.
    """

    words: tuple[str, ...]
    outliers: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class OutlierResult:
    """How outliers were found; prints as a table.

    Args:
        asked: tests in the set.
        answered: those of which the outlier and three or more words of the cluster are known.
        missing: the words that are not known, each once.
        positions: test → position, for the tests answered: the share of the cluster's known words whose compactness is
            below the outlier's; 1 where it was found. A test is (cluster's name, outlier).
    """

    asked: int
    answered: int
    missing: tuple[str, ...]
    positions: Mapping[tuple[str, str], float] = field(repr=False)

    @property
    def accuracy(self) -> float | None:
        """The share of the tests answered in which the outlier was found; None where none was answered."""
        return float(np.mean([place == 1 for place in self.positions.values()])) if self.positions else None

    @property
    def opp(self) -> float | None:
        """The outliers' mean position, from 0 (most at home of all) to 1 (found); None where no test was answered."""
        return float(np.mean(list(self.positions.values()))) if self.positions else None

    @property
    def coverage(self) -> float | None:
        """Tests answered / tests asked; None where none was asked."""
        return self.answered / self.asked if self.asked else None

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain numbers and names, ready for JSON."""
        return {
            "accuracy": self.accuracy, "opp": self.opp, "asked": self.asked, "answered": self.answered,
            "coverage": self.coverage, "missing": list(self.missing),
        }  # fmt: skip

    def __str__(self) -> str:
        lines = [
            f"found     {_percent(self.accuracy)} of the outliers",
            f"OPP       {_percent(self.opp)}",
            f"answered  {self.answered:,} of {self.asked:,} tests ({_percent(self.coverage)})",
        ]
        if self.missing:
            lines.append(f"missing   {', '.join(self.missing[:10])}{', …' if len(self.missing) > 10 else ''}")
        return "\n".join(lines)


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{100 * share:.1f} %"


def read_outliers(path: str | Path) -> dict[str, OutlierSet]:
    """Return the clusters of a file in the format of 8-8-8, by name.

    Either a CSV file with the columns `category`, `words` and `outliers`, lists in Python's notation; or a text file
    with a word of the cluster on each line, an empty line, and an outlier on each line, as the set's authors have it.

    Args:
        path: the file.

    Raises:
        SourceError: the file cannot be read.
        FormatError: it is in neither format.
    """
    lines = read_lines(path)
    heading = [name.strip().lower() for name in next(csv.reader([lines[0][1]]))]
    if not {"category", "words", "outliers"} <= set(heading):
        return {Path(path).stem: _plain(Path(path))}
    places = [heading.index(name) for name in ("category", "words", "outliers")]
    clusters = {}
    for number, line in lines[1:]:
        fields = next(csv.reader([line]))
        if len(fields) <= max(places):
            raise FormatError(f"expected {len(heading)} columns in line {number} of {path}, got {len(fields)}")
        name, words, outliers = (fields[place] for place in places)
        where = f"line {number} of {path}"
        clusters[name] = OutlierSet(words=_words(words, where), outliers=_words(outliers, where))
    return clusters


def _plain(path: Path) -> OutlierSet:
    """Return the cluster of a text file: words, an empty line, outliers."""
    paragraphs = [part.split("\n") for part in path.read_text(encoding="utf-8-sig").replace("\r", "").split("\n\n")]
    paragraphs = [[line.strip() for line in part if line.strip()] for part in paragraphs]
    paragraphs = [part for part in paragraphs if part]
    if len(paragraphs) != 2:
        raise FormatError(
            f'expected the columns "category", "words" and "outliers" in {path}, or words of a kind, an empty line and '
            f"outliers; got {len(paragraphs)} paragraphs"
        )
    return OutlierSet(words=tuple(paragraphs[0]), outliers=tuple(paragraphs[1]))


def _words(text: str, where: str) -> tuple[str, ...]:
    """Return the words of a list written as Python writes it; empty ones are no words."""
    try:
        words = ast.literal_eval(text) if len(text) < 100_000 else None
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        words = None
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise FormatError(f"expected a list of words such as ['dog', 'cat'] in {where}, got {text[:50]!r}")
    return tuple(word for word in words if word)


def evaluate(
    wv: WordVectors,
    clusters: str | Path | Mapping[str, OutlierSet | tuple[Sequence[str], Sequence[str]]],
    *,
    most_frequent: int | None = None,
    ignore_case: bool = True,
) -> OutlierResult:
    """Look for the outlier of each test by compactness, with cosines.

    Words of a cluster that are not known take no part; a test is answered where its outlier and three or more of the
    cluster's words are known.

    Args:
        wv: the vectors.
        clusters: a file as `read_outliers` reads it, or name → `OutlierSet` or (words, outliers).
        most_frequent: int ≥ 1, how many words are known; None for all.
        ignore_case: whether words that differ in case alone are one.

    Raises:
        SourceError, FormatError: the file cannot be read; a vector holds NaN or infinity.
        SettingsError: a cluster that is none.
    """
    sets = read_outliers(clusters) if isinstance(clusters, str | Path) else {n: _set(c) for n, c in clusters.items()}
    known = KnownWords(wv, most_frequent=most_frequent, ignore_case=ignore_case)
    positions: dict[tuple[str, str], float] = {}
    missing: dict[str, None] = {}
    for name, some in sets.items():
        ranks = [rank for word in some.words if (rank := known.rank(word)) is not None]
        missing.update(dict.fromkeys(word for word in (*some.words, *some.outliers) if known.rank(word) is None))
        if len(ranks) < FEWEST_WORDS:
            continue
        for outlier in some.outliers:
            rank = known.rank(outlier)
            if rank is not None:
                unit = known.unit_vectors(np.array([*ranks, rank], dtype=np.int64)).astype(np.float64)
                positions[name, outlier] = _position(unit)
    return OutlierResult(
        asked=sum(len(some.outliers) for some in sets.values()),
        answered=len(positions),
        missing=tuple(missing),
        positions=positions,
    )


def _set(cluster: OutlierSet | tuple[Sequence[str], Sequence[str]]) -> OutlierSet:
    if isinstance(cluster, OutlierSet):
        return cluster
    if isinstance(cluster, str) or len(cluster) != 2 or any(isinstance(words, str) for words in cluster):
        raise SettingsError(f"expected a cluster as a list of words and a list of outliers, got {cluster!r}")
    return OutlierSet(words=tuple(cluster[0]), outliers=tuple(cluster[1]))


def _position(unit: npt.NDArray[np.float64]) -> float:
    """Return the share of a cluster's words whose compactness is below that of the outlier, the last row.

    Taking out w leaves Σ − 2 · (w's similarities to the others): the least similar word leaves the most behind.
    """
    similarity = unit @ unit.T
    np.fill_diagonal(similarity, 0)
    compactness = similarity.sum() - 2 * similarity.sum(axis=1)
    return float(np.mean(compactness[:-1] < compactness[-1]))
