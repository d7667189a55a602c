"""Word similarity: how well cosines order pairs of words as people do."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from firth.errors import FormatError, SettingsError
from firth.evaluation.correlation import pearson, spearman
from firth.evaluation.gold_file import read_lines
from firth.evaluation.known_words import KnownWords

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from firth.vectors.store import WordVectors

__all__ = ["RatedPair", "SimilarityResult", "evaluate", "read_pairs"]

RatedPair = tuple[str, str, float]

# MEN writes its lemmas with their part of speech: automobile-n, run-v, blue-j.
_PART_OF_SPEECH = re.compile(r"(?<=.)-[anvjr]$")


@dataclass(frozen=True, kw_only=True, slots=True)
class SimilarityResult:
    """How the cosines of rated pairs go with people's ratings; prints as a table.

    Args:
        spearman: ρ over the known pairs, in [−1, 1]; None where it is not defined (fewer than two known pairs, or all
            ratings or all cosines equal).
        pearson: r over the known pairs, likewise.
        asked: pairs in the set.
        known: pairs of which both words are known; only these were correlated.
        missing: the words that are not known, each once.
        items: the known pairs: (word, word, rating, cosine).
    """

    spearman: float | None
    pearson: float | None
    asked: int
    known: int
    missing: tuple[str, ...]
    items: tuple[tuple[str, str, float, float], ...] = field(default=(), repr=False)

    @property
    def coverage(self) -> float | None:
        """Known pairs / pairs asked; None where none was asked."""
        return self.known / self.asked if self.asked else None

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain numbers and names, ready for JSON."""
        return {
            "spearman": self.spearman, "pearson": self.pearson, "asked": self.asked, "known": self.known,
            "coverage": self.coverage, "missing": list(self.missing),
        }  # fmt: skip

    def __str__(self) -> str:
        share = "—" if self.coverage is None else f"{100 * self.coverage:.1f} %"
        lines = [
            f"Spearman  {_shown(self.spearman)}",
            f"Pearson   {_shown(self.pearson)}",
            f"known     {self.known:,} of {self.asked:,} pairs ({share})",
        ]
        if self.missing:
            more = ", …" if len(self.missing) > 10 else ""
            lines.append(f"missing   {', '.join(self.missing[:10])}{more}")
        return "\n".join(lines)


def _shown(correlation: float | None) -> str:
    """Return a correlation with three decimals, or a dash where it is not defined."""
    return "—" if correlation is None else f"{correlation:.3f}"


def read_pairs(path: str | Path) -> tuple[RatedPair, ...]:
    """Return the rated pairs of a file in the format of WordSim-353, SimLex-999, MEN or one like them.

    A line holds two words and, in the first later column that is a number, their rating; the columns are separated by
    tabs, semicolons, commas, colons or blanks, whichever comes first in this order and gives three columns. A first
    line without a number is the heading; lines that begin with `#` are comments. Where every word ends in its part of
    speech as MEN writes it (automobile-n), that ending is taken off.

    Args:
        path: the file.

    Raises:
        SourceError: the file cannot be read.
        FormatError: it is not in this format.
    """
    lines = [(number, line) for number, line in read_lines(path) if not line.startswith("#")]
    if not lines:
        raise FormatError(f"expected rated pairs in {path}, got only comments")
    split = _splitter(lines[0][1])
    column = _rating_column(split(lines[0][1]))
    if column is None:
        lines = lines[1:]
        column = _rating_column(split(lines[0][1])) if lines else None
    if column is None:
        raise FormatError(f"expected two words and a rating in each line of {path}, got no rating in its first lines")
    pairs = [_pair(split(line), column, f"line {number} of {path}") for number, line in lines]
    if all(_PART_OF_SPEECH.search(word) for pair in pairs for word in pair[:2]):
        return tuple((_PART_OF_SPEECH.sub("", left), _PART_OF_SPEECH.sub("", right), r) for left, right, r in pairs)
    return tuple(pairs)


def _splitter(line: str) -> Callable[[str], list[str]]:
    """Return the function that splits lines like this one into its columns."""
    for mark in "\t;,:":
        if line.count(mark) >= 2:
            return lambda text, mark=mark: [field.strip() for field in text.split(mark)]  # type: ignore[misc]
    return str.split


def _rating_column(fields: Sequence[str]) -> int | None:
    """Return the first column after the two words that is a number, or None."""
    return next((column for column, field in enumerate(fields) if column >= 2 and _number(field) is not None), None)


def _number(field: str) -> float | None:
    """Return a field's finite number, or None."""
    try:
        value = float(field)
    except ValueError:
        return None
    return value if np.isfinite(value) else None


def _pair(fields: Sequence[str], column: int, where: str) -> RatedPair:
    """Return a line's rated pair."""
    rating = _number(fields[column]) if len(fields) > column else None
    if rating is None or not fields[0] or not fields[1]:
        raise FormatError(f"expected two words and a rating in column {column + 1} in {where}, got {fields!r}")
    return fields[0], fields[1], rating


def evaluate(
    wv: WordVectors,
    pairs: str | Path | Sequence[RatedPair],
    *,
    most_frequent: int | None = None,
    ignore_case: bool = True,
) -> SimilarityResult:
    """Correlate the cosines of pairs of words with people's ratings.

    A pair with an unknown word is left out of the correlation and counted: see the result's coverage.

    Args:
        wv: the vectors.
        pairs: a file as `read_pairs` reads it, or (word, word, rating) each.
        most_frequent: int ≥ 1, how many words are known; None for all.
        ignore_case: whether words that differ in case alone are one.

    Raises:
        SourceError, FormatError: the file cannot be read; a vector holds NaN or infinity.
        SettingsError: a rating is not a finite number.
    """
    rated = read_pairs(pairs) if isinstance(pairs, str | Path) else tuple(pairs)
    for pair in rated:
        if len(pair) != 3 or not isinstance(pair[2], int | float) or not np.isfinite(pair[2]):
            raise SettingsError(f"expected each pair to be two words and a finite rating, got {pair!r}")
    known = KnownWords(wv, most_frequent=most_frequent, ignore_case=ignore_case)
    ranks = [(known.rank(left), known.rank(right)) for left, right, _ in rated]
    kept = [place for place, (left, right) in enumerate(ranks) if left is not None and right is not None]
    both = np.array([ranks[place] for place in kept], dtype=np.int64).reshape(-1, 2)
    left, right = known.unit_vectors(both[:, 0]), known.unit_vectors(both[:, 1])
    # A word is as near to itself as every other word is to itself: by rounding, these ties would break.
    cosines = np.where(both[:, 0] == both[:, 1], 1.0, np.einsum("ij,ij->i", left, right, dtype=np.float64))
    ratings = np.array([rated[place][2] for place in kept], dtype=np.float64)
    missing = dict.fromkeys(word for pair in rated for word in pair[:2] if known.rank(word) is None)
    return SimilarityResult(
        spearman=spearman(cosines, ratings), pearson=pearson(cosines, ratings), asked=len(rated), known=len(kept),
        missing=tuple(missing),
        items=tuple(
            (*rated[place][:2], rating, cosine)
            for place, rating, cosine in zip(kept, ratings.tolist(), cosines.tolist(), strict=True)
        ),
    )  # fmt: skip
