"""Categories: how often a word's nearest neighbour, among listed words, is of its own kind."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from firth.errors import FormatError, SettingsError
from firth.evaluation.gold_file import read_lines
from firth.evaluation.known_words import KnownWords

if TYPE_CHECKING:
    from collections.abc import Mapping

    from firth.vectors.store import WordVectors

__all__ = ["CategoryResult", "CategoryScore", "evaluate", "read_categories"]


@dataclass(frozen=True, kw_only=True, slots=True)
class CategoryScore:
    """How one category's words found their own.

    Args:
        category: its name.
        asked: words listed in it.
        known: those that have a vector.
        right: those whose nearest listed neighbour is in the category too.
    """

    category: str
    asked: int
    known: int
    right: int

    @property
    def purity(self) -> float | None:
        """Right / known; None where no word is known."""
        return self.right / self.known if self.known else None


@dataclass(frozen=True, kw_only=True, slots=True)
class CategoryResult:
    """The nearest-neighbour purity of listed words; prints as a table.

    Args:
        scores: one per category, in the order of the list.
        strays: (word, nearest listed neighbour) of each word whose neighbour is of another category.
        missing: the listed words that have no vector.
    """

    scores: tuple[CategoryScore, ...]
    strays: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]

    @property
    def total(self) -> CategoryScore:
        """All words together."""
        return CategoryScore(
            category="total",
            asked=sum(score.asked for score in self.scores),
            known=sum(score.known for score in self.scores),
            right=sum(score.right for score in self.scores),
        )

    @property
    def purity(self) -> float | None:
        """The share of all known words whose nearest listed neighbour is of their category."""
        return self.total.purity

    @property
    def chance(self) -> float | None:
        """The purity to expect if each word's neighbour were any other known word: Σ n(n − 1) / (N(N − 1))."""
        known = self.total.known
        if known < 2:
            return None
        return sum(score.known * (score.known - 1) for score in self.scores) / (known * (known - 1))

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain numbers and names, ready for JSON."""
        rows = [
            {
                "category": score.category, "asked": score.asked, "known": score.known, "right": score.right,
                "purity": score.purity,
            }
            for score in (*self.scores, self.total)
        ]  # fmt: skip
        return {
            "total": rows[-1], "categories": rows[:-1], "chance": self.chance,
            "strays": [list(stray) for stray in self.strays], "missing": list(self.missing),
        }  # fmt: skip

    def __str__(self) -> str:
        rows = [*self.scores, self.total]
        width = max(len("category"), *(len(score.category) for score in rows))
        lines = [f"{'category':<{width}}    purity  right  known  asked"]
        lines += [
            f"{score.category:<{width}}  {_percent(score.purity):>8}  {score.right:>5,}  {score.known:>5,}"
            f"  {score.asked:>5,}"
            for score in rows
        ]
        lines.append(f"purity by chance: {_percent(self.chance)}")
        return "\n".join(lines)


def _percent(share: float | None) -> str:
    """Return a share as a percentage, or a dash."""
    return "—" if share is None else f"{100 * share:.1f} %"


def read_categories(path: str | Path) -> dict[str, str]:
    """Return the category of each word in a CSV file with the columns `category` and `word`.

    Lines without a word are passed over: the set of Almuhareb and Poesio ends each of its categories with one.

    Args:
        path: the file, with a heading; further columns are not read.

    Raises:
        SourceError: the file cannot be read.
        FormatError: it is not in this format, or puts a word into two categories.
    """
    lines = read_lines(path)
    rows = list(csv.reader(line for _, line in lines))
    heading = [name.strip().lower() for name in rows[0]]
    if not {"category", "word"} <= set(heading):
        raise FormatError(f'expected the columns "category" and "word" in {path}, got {", ".join(heading) or "none"}')
    at_category, at_word = heading.index("category"), heading.index("word")
    categories: dict[str, str] = {}
    for row in rows[1:]:
        fields = [row[at].strip() if at < len(row) else "" for at in (at_category, at_word)]
        category, word = fields
        if not word:
            continue
        if not category:
            raise FormatError(f'expected a category for each word of {path}, got none for "{word}"')
        if categories.setdefault(word, category) != category:
            raise FormatError(
                f'expected one category for each word of {path}, got "{categories[word]}" and "{category}" for "{word}"'
            )
    return categories


def evaluate(
    wv: WordVectors, categories: str | Path | Mapping[str, str], *, ignore_case: bool = True
) -> CategoryResult:
    """Find each listed word's nearest neighbour by cosine among the other listed words, and compare their categories.

    Args:
        wv: the vectors.
        categories: a file as `read_categories` reads it, or word → category.
        ignore_case: whether words that differ in case alone are one.

    Raises:
        SourceError, FormatError: the file cannot be read; a vector holds NaN or infinity.
        SettingsError: two listed words differ in case alone, where case is ignored.
    """
    listed = read_categories(categories) if isinstance(categories, str | Path) else categories
    known_words = KnownWords(wv, most_frequent=None, ignore_case=ignore_case)
    ranks = {word: rank for word in listed if (rank := known_words.rank(word)) is not None}
    known = list(ranks)
    if len(set(ranks.values())) < len(ranks):
        forms = Counter(ranks.values())
        twins = [word for word in known if forms[ranks[word]] > 1]
        raise SettingsError(
            f"expected listed words that differ in more than case, got {', '.join(twins[:4])}; pass ignore_case=False"
        )
    unit = known_words.unit_vectors(np.array(list(ranks.values()), dtype=np.int64))
    similarity = unit @ unit.T
    np.fill_diagonal(similarity, -np.inf)
    # A word alone has no neighbour, and is not right.
    nearest = similarity.argmax(axis=1) if len(known) > 1 else np.zeros(len(known), dtype=np.int64)
    strays = [
        (word, known[other])
        for word, other in zip(known, nearest.tolist(), strict=True)
        if listed[word] != listed[known[other]] or word == known[other]
    ]
    astray = {word for word, _ in strays}
    scores = []
    for category in dict.fromkeys(listed.values()):
        words = [word for word in listed if listed[word] == category]
        found = [word for word in words if word in ranks]
        scores.append(
            CategoryScore(
                category=category,
                asked=len(words),
                known=len(found),
                right=sum(word not in astray for word in found),
            )
        )
    return CategoryResult(
        scores=tuple(scores), strays=tuple(strays), missing=tuple(word for word in listed if word not in ranks)
    )
