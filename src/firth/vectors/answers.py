"""From a question in words, "king - man + woman", to the table of its answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from firth.errors import ExpressionError, SettingsError, UnknownWordError
from firth.vectors import lrcos
from firth.vectors.analogy import CosMul, PairDirection, cos_add, cos_avg, method_named, units
from firth.vectors.closeness import ByMetric
from firth.vectors.distances import METRICS
from firth.vectors.expressions import parse, terms_of
from firth.vectors.neighbours import finite_rows, ranked
from firth.vectors.queries import Queries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firth.vectors.closeness import Closeness, Ids
    from firth.vectors.store import WordVectors
    from firth.vectors.table import NeighborTable

__all__ = ["answer"]


def answer(
    wv: WordVectors,
    expression: str | None,
    k: int,
    *,
    positive: Sequence[str],
    negative: Sequence[str],
    pairs: Sequence[tuple[str, str]],
    method: str | None,
    where: Ids | int | None,
    include_query: bool,
) -> NeighborTable:
    """Answer a question; the arguments are those of `WordVectors.analogy`, `where` its choice of words.

    Raises:
        ExpressionError: the expression cannot be read, its terms cancel out, or the method takes others.
        UnknownWordError: there is no vector for a word.
        SettingsError: k or a method that cannot be.
    """
    if (expression is None) == (not len(positive) + len(negative)):
        raise SettingsError('expected either an expression ("king - man + woman") or positive= and negative= words')
    chosen = method_named(method, by_pairs=len(pairs) > 0)
    terms = terms_of(positive, negative) if expression is None else parse(expression)
    asked = [word_id for term in terms for word_id in _ids_of_term(wv, term.word)]
    vectors = units(np.stack([wv[term.word] for term in terms]))
    weights = np.array([term.weight for term in terms])
    measures = "similarity"
    by: Closeness
    if len(pairs):
        if len(terms) != 1 or terms[0].weight != 1:
            raise ExpressionError(f"expected one word to ask about beside pairs, got {expression!r}")
        examples = _examples(wv, pairs)
        asked = [*asked, *examples.ravel().tolist()]
        if chosen == "LRCos":
            by = lrcos.learned(wv.matrix, wv.norms, asked=wv.index(terms[0].word), pairs=examples, among=where)
            measures = "score"
        else:
            sides = [units(finite_rows(wv.matrix, wv.norms, examples[:, side])) for side in (0, 1)]
            by = ByMetric(METRICS["cosine"], cos_avg(vectors[0], *sides)[np.newaxis, :])
    elif chosen == "3CosMul":
        by = CosMul(vectors, weights)
        measures = "score"
    elif chosen == "PairDirection":
        by = PairDirection.of(vectors, weights)
    else:
        by = ByMetric(METRICS["cosine"], cos_add(vectors, weights)[np.newaxis, :])
    left_out = () if include_query else [asked]
    found = ranked(wv.matrix, wv.norms, lambda _: by, queries=1, k=k, among=where, left_out=left_out)
    queries = Queries(vectors=vectors, names=None, word_ids=[asked])
    return queries.table(wv, found, measures=measures, metric=chosen, include_query=include_query)


def _examples(wv: WordVectors, pairs: Sequence[tuple[str, str]]) -> Ids:
    """Return pairs of words as ids: int64 (n, 2)."""
    for pair in pairs:
        if isinstance(pair, str) or len(pair) != 2:
            raise SettingsError(f'expected pairs of two words each, such as ("france", "paris"), got {pair!r}')
    return np.array([[wv.index(word) for word in pair] for pair in pairs], dtype=np.int64)


def _ids_of_term(wv: WordVectors, word: str) -> list[int]:
    try:
        return wv.row_ids(word)
    except UnknownWordError as error:
        if any(sign in word[1:] for sign in "+-−–"):
            raise UnknownWordError(f"{error}; if a sign was meant, put a blank on each side of it") from None
        raise
