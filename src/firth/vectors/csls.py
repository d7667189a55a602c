"""CSLS: cosine, less what a word has in common with everybody, so that hubs are not everyone's neighbour.

    CSLS(x, q) = 2 cos(x, q) − r(x) − r(q)        r(x): the mean cosine of x with its n nearest words

Source: Conneau et al. 2018 (ICLR; arXiv:1710.04087), §2.3; there between two languages, here within one vocabulary,
where no word is its own neighbour.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from firth.errors import SettingsError
from firth.events import Progress, Stage
from firth.vectors.closeness import ByMetric, Ids
from firth.vectors.distances import METRICS, name_and_number
from firth.vectors.neighbour_graph import LEAST_WORDS, MOST_NEIGHBOURS, nearest_cosines
from firth.vectors.neighbours import ids_of, nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firth.events import Listener
    from firth.vectors.metric import Floats, Wide
    from firth.vectors.norms import RowNorms

__all__ = ["CSLS", "hubness", "mean_similarities", "neighbourhood"]

_DEFAULT = 10
# Words whose neighbourhoods are looked for between two reports.
_AT_ONCE = 1024


def neighbourhood(metric: object) -> int | None:
    """Return n where a metric is "csls" (n = 10) or "csls:n"; None for any other metric.

    Raises:
        SettingsError: n is no whole number from 1.
    """
    if not isinstance(metric, str):
        return None
    if metric == "csls":
        return _DEFAULT
    name, n = name_and_number(metric)
    if name != "csls" or n is None:
        return None
    if not (n >= 1 and n.is_integer()):
        raise SettingsError(f'expected a whole number of neighbours from 1, as in "csls:10", got "{metric}"')
    return int(n)


def mean_similarities(
    matrix: npt.NDArray[np.float32],
    norms: RowNorms,
    vectors: Floats,
    own: Sequence[Sequence[int]],
    *,
    n: int,
    among: Ids | int | None,
    on_event: Listener | None = None,
) -> Wide:
    """Return r, the mean cosine of each vector with its n nearest words; 0 where there is no other word.

    Args:
        matrix: float32 (V, D).
        norms: of the matrix.
        vectors: float64 or float32 (Q, D), finite.
        own: for each vector the row numbers of its own word, which do not count.
        n: int ≥ 1; fewer where there are not so many words.
        among: the words that count as neighbours, as for `nearest`.
        on_event: told how far the work has come.

    Returns:
        float64 (Q,).
    """
    means = np.zeros(len(vectors))
    started = time.monotonic()
    for start in range(0, len(vectors), _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        found = nearest(
            matrix, norms, vectors[some].astype(np.float64), k=n, metric="cosine", among=among, left_out=own[some]
        )
        there = np.isfinite(found.values)
        sums = np.where(there, found.values, 0.0).sum(axis=1)
        means[some] = sums / np.maximum(1, there.sum(axis=1))
        if on_event is not None and len(vectors) > _AT_ONCE:
            done = min(start + _AT_ONCE, len(vectors))
            on_event(Progress(done=done, total=len(vectors), unit="words", seconds=time.monotonic() - started))
    return means


def hubness(
    matrix: npt.NDArray[np.float32], norms: RowNorms, *, n: int, among: Ids | int | None, on_event: Listener | None
) -> Wide:
    """Return r of every word that is searched among; this takes half as long as a search for each of them.

    Args:
        matrix: float32 (V, D).
        norms: of the matrix.
        n: int ≥ 1.
        among: as for `nearest`.
        on_event: told how far the work has come.

    Returns:
        float64 (V,); NaN for words that are not searched among.
    """
    if on_event is not None:
        on_event(Stage(name="looking for hubs"))
    ids = ids_of(among, len(matrix))
    r = np.full(len(matrix), np.nan)
    if len(ids) >= LEAST_WORDS and n <= MOST_NEIGHBOURS:
        near = nearest_cosines(matrix, norms, n=n, among=among, on_event=on_event)
        if near is not None:
            r[ids] = near.sum(axis=1) / n
            return r
    r[ids] = mean_similarities(
        matrix, norms, matrix[ids], [[word_id] for word_id in ids.tolist()], n=n, among=among, on_event=on_event
    )
    return r


class CSLS:
    """Closeness by CSLS.

    Args:
        queries: float64 (Q, D), finite.
        of_queries: float64 (Q,), r of each query.
        of_rows: float64 (V,), r of each word that is searched among.
    """

    wide = False
    needs = ""

    def __init__(self, queries: Wide, of_queries: Wide, of_rows: Wide) -> None:
        self._cosine = ByMetric(METRICS["cosine"], queries)
        self._of_queries = of_queries
        self._of_rows = of_rows
        self.queries = len(queries)
        self.tame = self._cosine.tame

    def block(self, word_ids: Ids, rows: Floats, norms: Floats, slack: float) -> Floats:
        """Return 2 cos − r − r, of which the cosine's slack counts twice and the sums round by a few units more."""
        closeness = self._cosine.block(word_ids, rows, norms, slack)
        closeness *= 2
        closeness -= self._of_rows[word_ids].astype(closeness.dtype)
        closeness -= self._of_queries.astype(closeness.dtype)[:, np.newaxis]
        closeness += closeness.dtype.type(np.copysign(16 * np.finfo(closeness.dtype).eps, slack))
        return closeness

    def exact(self, word_ids: Ids, rows: Wide, query: Ids) -> Wide:
        """Return 2 cos − r − r in float64."""
        return 2 * self._cosine.exact(word_ids, rows, query) - self._of_rows[word_ids] - self._of_queries[query]

    def value(self, closeness: Wide) -> Wide:
        """Return CSLS, which is its own closeness."""
        return closeness
