"""What a search is asked with, and where it looks: words or vectors in, ids and float64 out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from firth.errors import SettingsError
from firth.vectors.neighbours import most_frequent_ids
from firth.vectors.table import NeighborTable
from firth.vectors.words import shown

if TYPE_CHECKING:
    from firth.vectors.closeness import Ids
    from firth.vectors.confidence import Confidence
    from firth.vectors.metric import Wide
    from firth.vectors.neighbours import Nearest
    from firth.vectors.store import WordVectors

__all__ = ["Queries", "Query", "some_words", "understood", "where_to_look"]

# Queries that a note about ties names.
_NAMED = 3

Query = str | Sequence[str] | npt.NDArray[np.floating] | Sequence[float] | Sequence[npt.NDArray[np.floating]]
"""A word, several words, a vector (D,), or several vectors (Q, D)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Queries:
    """Queries that were understood.

    Args:
        vectors: float64 (Q, D), finite.
        names: one per query; None for one query alone, whose table needs no column for it.
        word_ids: for each query the words that it was asked with; empty where queries are vectors.
    """

    vectors: Wide
    names: Sequence[str] | None
    word_ids: Sequence[Sequence[int]]

    def table(
        self,
        wv: WordVectors,
        found: Nearest,
        *,
        measures: str,
        metric: str,
        include_query: bool,
        recall: float | None = None,
        confidence: Confidence | None = None,
    ) -> NeighborTable:
        """Return what a search found as a table.

        Args:
            wv: the vectors.
            found: one row per query.
            measures: as for `NeighborTable`.
            metric: as for `NeighborTable`.
            include_query: whether the words asked with were not left out, and are to be marked.
            recall: as for `NeighborTable`.
            confidence: as for `NeighborTable`.
        """
        places = [(query, rank) for query, rank in np.argwhere(found.word_ids >= 0).tolist()]
        ids = [int(found.word_ids[place]) for place in places]
        return NeighborTable(
            words=tuple(wv.words[word_id] for word_id in ids),
            values=tuple(float(found.values[place]) for place in places),
            measures=measures,
            metric=metric,
            queries=None if self.names is None else tuple(self.names[query] for query, _ in places),
            query_words=(
                tuple(word_id in self.word_ids[query] for (query, _), word_id in zip(places, ids, strict=True))
                if include_query and self.word_ids
                else None
            ),
            recall=recall,
            confidence=confidence,
            notes=self._ties(wv, found) + (() if confidence is None else confidence.notes),
        )

    def _ties(self, wv: WordVectors, found: Nearest) -> tuple[str, ...]:
        """Return a sentence about queries whose list was cut between words that are equally near, if there are any.

        Of a vector of zeros to which all words shown are equally near, that is said, cut or not.
        """
        given = found.word_ids >= 0
        alike = np.all(~given | (found.values == found.values[:, :1]), axis=1)
        # The arithmetic's one answer has a vector for each of its terms.
        zero = np.all(self.vectors == 0, axis=1) if len(self.vectors) == len(alike) else np.zeros_like(alike)
        flat = zero & alike & (found.tied | (given.sum(axis=1) > 1))
        notes = []
        if (cut := found.tied & ~flat).any():
            notes.append(
                f"the last neighbour shown of {self._names(wv, cut)} is no nearer than others that are not shown: of "
                "words that are equally near, the first in order are shown"
            )
        for which, rest in (
            (flat & found.tied, ", and others that are not shown are as near"),
            (flat & ~found.tied, ""),
        ):
            if which.any():
                zeros = "a vector" if which.sum() == 1 else "vectors"
                notes.append(
                    f"all neighbours shown of {self._names(wv, which)} ({zeros} of zeros) are equally near: they come "
                    f"in the order of the words{rest}"
                )
        return tuple(notes)

    def _names(self, wv: WordVectors, which: npt.NDArray[np.bool_]) -> str:
        chosen = np.flatnonzero(which).tolist()
        more = f" and {len(chosen) - _NAMED:,} more" if len(chosen) > _NAMED else ""
        return ", ".join(self._name(wv, query) for query in chosen[:_NAMED]) + more

    def _name(self, wv: WordVectors, query: int) -> str:
        if self.names is not None:
            return f'"{shown(self.names[query])}"'
        asked = self.word_ids[query] if self.word_ids else ()
        return f'"{shown(wv.words[asked[0]])}"' if len(asked) == 1 else "the query"


def understood(wv: WordVectors, query: Query) -> Queries:
    """Return queries as a search takes them.

    Raises:
        UnknownWordError: there is no vector for a word.
        SettingsError: it is no query.
        FormatError: a word's vector holds NaN or infinity.
    """
    if isinstance(query, str):
        return Queries(vectors=wv[query].astype(np.float64)[np.newaxis, :], names=None, word_ids=[wv.row_ids(query)])
    if isinstance(query, Sequence) and len(query) and all(isinstance(word, str) for word in query):
        words = [str(word) for word in query]
        vectors = np.stack([wv[word] for word in words]).astype(np.float64)
        return Queries(vectors=vectors, names=words, word_ids=[wv.row_ids(word) for word in words])
    vectors = _vectors(query, wv.dim)
    names = None if np.ndim(query) == 1 else [f"vector {number}" for number in range(1, len(vectors) + 1)]
    return Queries(vectors=vectors, names=names, word_ids=[])


def _vectors(query: object, dim: int) -> Wide:
    try:
        given = np.asarray(query)
    except ValueError:
        given = np.empty(0)
    if given.dtype.kind not in "fiu" or given.ndim not in (1, 2) or 0 in given.shape or given.shape[-1] != dim:
        raise SettingsError(
            f"expected a word, a list of words, a vector of {dim:,} numbers or an array of such vectors as "
            f"query, got {given.dtype} of shape {given.shape}"
        )
    vectors = np.atleast_2d(given).astype(np.float64)
    if not np.all(np.abs(vectors) <= np.finfo(np.float32).max):
        raise SettingsError("expected query vectors of finite float32 numbers, got NaN, infinity or larger ones")
    return vectors


def where_to_look(wv: WordVectors, among: Sequence[str] | None, most_frequent: int | None) -> Ids | int | None:
    """Return the words that a search shall look at, as `nearest` takes them.

    Args:
        wv: the vectors.
        among: only these words; None for all.
        most_frequent: only the n most frequent; None for all.

    Raises:
        UnknownWordError: there is no vector for a word.
        SettingsError: both are given, `among` is no list of words or empty, or n is no whole number ≥ 1.
    """
    if most_frequent is not None:
        if among is not None:
            raise SettingsError("expected either among= or most_frequent=, got both")
        return most_frequent_ids(wv.counts, most_frequent)
    return None if among is None else np.unique(some_words(wv, among, "among=")[1])


def some_words(wv: WordVectors, words: Sequence[str], what: str = "words", least: int = 1) -> tuple[list[str], Ids]:
    """Return a list of words, each once and in its order, and their ids.

    Args:
        wv: the vectors.
        words: the list.
        what: how a message names it.
        least: int ≥ 1, how many different words there must be.

    Raises:
        UnknownWordError: there is no vector for a word.
        SettingsError: it is no list of words, or too short.
    """
    if isinstance(words, str) or not isinstance(words, Sequence | set | frozenset):
        raise SettingsError(f'expected {what} as a list of words, such as ["king", "queen"], got {words!r}')
    each = list(dict.fromkeys(words))
    ids = np.array([wv.index(word) for word in each], dtype=np.int64)
    if len(each) < least:
        raise SettingsError(
            f"expected {what} as a list of at least {least} different word{'s' * (least > 1)}, got {len(each)}"
        )
    return each, ids
