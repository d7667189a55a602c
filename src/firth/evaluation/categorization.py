"""Categorisation: do clusters of vectors, made without knowledge of the kinds, hold words of one kind each?

    purity = 1/N · Σ_clusters max_kinds |cluster ∩ kind|

The words are joined step by step, always those two clusters whose union spreads the least, until as many are left as
there are kinds. Words count as vectors of length 1, so that distance is a matter of the angle alone.

Source: Baroni, Dinu & Kruszewski 2014 (ACL), §3; purity: Zhao & Karypis 2002; the clusters: Ward 1963.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from firth.evaluation.categories import read_categories
from firth.evaluation.known_words import KnownWords

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from firth.vectors.store import WordVectors

__all__ = ["CategorizationResult", "evaluate"]


@dataclass(frozen=True, kw_only=True, slots=True)
class CategorizationResult:
    """How pure the clusters are; prints as a few lines.

    Args:
        asked: words listed.
        missing: those that are not known.
        kinds: how many kinds the known words are of, and so how many clusters were made.
        clusters: word → its cluster, numbers from 0.
        right: word → whether it is of the kind that its cluster has most of.
    """

    asked: int
    missing: tuple[str, ...]
    kinds: int
    clusters: Mapping[str, int] = field(repr=False)
    right: Mapping[str, bool] = field(repr=False)

    @property
    def known(self) -> int:
        """Words that were clustered."""
        return len(self.clusters)

    @property
    def purity(self) -> float | None:
        """The share of words that are of the kind that their cluster has most of; None where no word is known."""
        return float(np.mean(list(self.right.values()))) if self.right else None

    @property
    def coverage(self) -> float | None:
        """Known words / listed words; None where none was listed."""
        return self.known / self.asked if self.asked else None

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain numbers and names, ready for JSON."""
        return {
            "purity": self.purity, "kinds": self.kinds, "asked": self.asked, "known": self.known,
            "coverage": self.coverage, "missing": list(self.missing), "clusters": dict(self.clusters),
        }  # fmt: skip

    def __str__(self) -> str:
        purity = "—" if self.purity is None else f"{100 * self.purity:.1f} %"
        coverage = "—" if self.coverage is None else f"{100 * self.coverage:.1f} %"
        return f"purity  {purity} of {self.kinds} clusters\nknown   {self.known:,} of {self.asked:,} words ({coverage})"


def evaluate(
    wv: WordVectors,
    categories: str | Path | Mapping[str, str],
    *,
    most_frequent: int | None = None,
    ignore_case: bool = True,
) -> CategorizationResult:
    """Cluster the listed words by cosine, as many clusters as kinds, and compare with the kinds.

    Args:
        wv: the vectors.
        categories: a file as `firth.evaluation.categories.read_categories` reads it, or word → kind.
        most_frequent: int ≥ 1, how many words are known; None for all.
        ignore_case: whether words that differ in case alone are one.

    Raises:
        SourceError, FormatError: the file cannot be read; a vector holds NaN or infinity.
    """
    listed = read_categories(categories) if isinstance(categories, str | Path) else categories
    known = KnownWords(wv, most_frequent=most_frequent, ignore_case=ignore_case)
    ranks = {word: rank for word in listed if (rank := known.rank(word)) is not None}
    words = list(ranks)
    kinds = len({listed[word] for word in words})
    unit = known.unit_vectors(np.array(list(ranks.values()), dtype=np.int64)).astype(np.float64)
    numbers = _clusters(unit, kinds)
    most: dict[int, str] = {}
    for number in set(numbers):
        most[number] = Counter(
            listed[word] for word, own in zip(words, numbers, strict=True) if own == number
        ).most_common(1)[0][0]
    return CategorizationResult(
        asked=len(listed),
        missing=tuple(word for word in listed if word not in ranks),
        kinds=kinds,
        clusters=dict(zip(words, numbers, strict=True)),
        right={word: listed[word] == most[number] for word, number in zip(words, numbers, strict=True)},
    )


def _clusters(unit: npt.NDArray[np.float64], clusters: int) -> list[int]:
    """Return each row's cluster, numbered in the order in which they first come.

    Args:
        unit: float64 (N, D), rows of length 1.
        clusters: int ≥ 1, how many are to be left; fewer where ties leave no cut between.
    """
    if len(unit) < 2:
        return [0] * len(unit)
    from scipy.cluster.hierarchy import fcluster, linkage  # noqa: PLC0415 - takes a while to load

    found = fcluster(linkage(unit, method="ward"), clusters, criterion="maxclust")
    order: dict[int, int] = {}
    return [order.setdefault(int(number), len(order)) for number in found]
