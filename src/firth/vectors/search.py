"""One matrix, and what searches of it have learned once: how its numbers spread, its hubs, its indexes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from firth.errors import SettingsError
from firth.vectors.approximate import ApproximateIndex
from firth.vectors.csls import CSLS, hubness, mean_similarities, neighbourhood
from firth.vectors.distances import metric_named
from firth.vectors.neighbours import Nearest, nearest, ranked

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from firth.events import Listener
    from firth.vectors.closeness import Ids
    from firth.vectors.metric import Metric, Wide
    from firth.vectors.norms import RowNorms
    from firth.vectors.queries import Queries

__all__ = ["Found", "Search"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What a search found and how.

    Args:
        nearest: one row per query.
        measures: "similarity" or "distance".
        metric: the metric's name.
        recall: of an approximate search, as for `NeighborTable`; else None.
    """

    nearest: Nearest
    measures: str
    metric: str
    recall: float | None = None


class Search:
    """Searches of one matrix.

    Args:
        matrix: float32 (V, D).
        norms: of the matrix.
    """

    def __init__(self, matrix: npt.NDArray[np.float32], norms: RowNorms) -> None:
        self._matrix = matrix
        self._norms = norms
        self._fitted: dict[str, Metric] = {}
        self._hubs: dict[tuple[int, int | None], Wide] = {}
        self._indexes: dict[str, ApproximateIndex] = {}

    def metric(self, name: str) -> Metric:
        """Return a metric by its name, fitted to the matrix where it must be.

        Raises:
            SettingsError: there is none of that name, or the vectors do not spread as it needs.
            FormatError: a vector holds NaN or infinity, and the metric must know all of them.
        """
        if neighbourhood(name) is not None:
            raise SettingsError('expected a metric between two vectors alone, got "csls", which only neighbours have')
        metric = metric_named(name)
        if metric.fit is not None:
            if metric.name not in self._fitted:
                self._fitted[metric.name] = metric.fit(self._matrix, self._norms)
            metric = self._fitted[metric.name]
        return metric

    def nearest(
        self,
        queries: Queries,
        *,
        k: int,
        metric: str,
        where: Ids | int | None,
        left_out: Sequence[Sequence[int]],
        approximate: bool,
        on_event: Listener | None,
    ) -> Found:
        """Find the k nearest rows of each query.

        Args:
            queries: what is asked with.
            k: int ≥ 1.
            metric: a name as for `metric`, or "csls".
            where: the words looked at, as for `firth.vectors.neighbours.nearest`.
            left_out: as there.
            approximate: whether to search an index.
            on_event: told how far long work has come.

        Raises:
            SettingsError: k, a metric or a combination of these that cannot be.
            FormatError: a row that was looked at holds NaN or infinity.
            MissingExtraError: the library for approximate searches is not installed.
        """
        if approximate:
            if where is not None:
                raise SettingsError("expected an approximate search among all words, got one among some; leave one out")
            index = self._index(metric, on_event)
            near = index.nearest(queries.vectors, k=k, left_out=left_out)
            return Found(nearest=near, measures=index.metric.measures, metric=index.metric.name, recall=index.recall)
        n = neighbourhood(metric)
        if n is not None:
            near = self._by_csls(queries, n, k=k, where=where, left_out=left_out, on_event=on_event)
            return Found(nearest=near, measures="similarity", metric=f"csls:{n}")
        chosen = self.metric(metric)
        near = nearest(self._matrix, self._norms, queries.vectors, k=k, metric=chosen, among=where, left_out=left_out)
        return Found(nearest=near, measures=chosen.measures, metric=chosen.name)

    def _index(self, metric: str, on_event: Listener | None) -> ApproximateIndex:
        chosen = self.metric(metric)
        if chosen.name not in self._indexes:
            self._indexes[chosen.name] = ApproximateIndex(self._matrix, self._norms, chosen, on_event=on_event)
        return self._indexes[chosen.name]

    def _by_csls(
        self,
        queries: Queries,
        n: int,
        *,
        k: int,
        where: Ids | int | None,
        left_out: Sequence[Sequence[int]],
        on_event: Listener | None,
    ) -> Nearest:
        if where is None or isinstance(where, int):
            if (n, where) not in self._hubs:
                self._hubs[n, where] = hubness(self._matrix, self._norms, n=n, among=where, on_event=on_event)
            of_rows = self._hubs[n, where]
        else:
            of_rows = hubness(self._matrix, self._norms, n=n, among=where, on_event=on_event)
        of_queries = self._of_queries(queries, of_rows, n=n, where=where)
        return ranked(
            self._matrix,
            self._norms,
            lambda some: CSLS(queries.vectors[some], of_queries[some], of_rows),
            queries=len(queries.vectors),
            k=k,
            among=where,
            left_out=left_out,
        )

    def _of_queries(self, queries: Queries, of_rows: Wide, *, n: int, where: Ids | int | None) -> Wide:
        """Return r of each query; of a word that is searched among it is known."""
        if not queries.word_ids:
            return mean_similarities(self._matrix, self._norms, queries.vectors, (), n=n, among=where)
        own = [of_rows[word_ids[0]] if len(word_ids) else np.nan for word_ids in queries.word_ids]
        found = np.array(own, dtype=np.float64)
        others = np.flatnonzero(np.isnan(found))
        if len(others):
            left_out = [queries.word_ids[query] for query in others.tolist()]
            found[others] = mean_similarities(
                self._matrix, self._norms, queries.vectors[others], left_out, n=n, among=where
            )
        return found
