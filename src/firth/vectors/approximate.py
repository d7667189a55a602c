"""Approximate neighbours from an index, for vocabularies of millions; how many true neighbours it finds is measured.

The index is a navigable small-world graph (HNSW) by faiss. What it brings is compared exactly, so values and order are
those of an exact search; only some neighbours may be missing. Built by several threads, the graph is not the same
twice.

Source: Malkov and Yashunin 2020 (IEEE TPAMI 42; arXiv:1603.09320); https://github.com/facebookresearch/faiss
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from firth.errors import MissingExtraError, SettingsError
from firth.events import Notice, Progress, Stage
from firth.vectors.analogy import units
from firth.vectors.neighbours import Nearest, nearest
from firth.vectors.norms import BLOCK, RowNorms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firth.events import Listener
    from firth.vectors.closeness import Ids
    from firth.vectors.metric import Metric, Wide

__all__ = ["ApproximateIndex"]

_METRICS = ("cosine", "correlation", "dot", "euclidean", "sqeuclidean")
# Links of a node, and candidates held while building and while searching: recall above 0.99 on word vectors.
_LINKS = 16
_BUILD_WIDTH = 128
_SEARCH_WIDTH = 64
# Words whose exact neighbours the recall is measured against, and how many of each.
_SAMPLE = 100
_NEIGHBOURS = 10


class ApproximateIndex:
    """An index of all rows by one metric.

    Args:
        matrix: float32 (V, D).
        norms: of the matrix.
        metric: cosine, correlation, dot, euclidean or sqeuclidean.
        on_event: told how far the building has come, and the recall.

    Raises:
        SettingsError: another metric.
        FormatError: a vector holds NaN or infinity.
        MissingExtraError: faiss is not installed.
    """

    def __init__(
        self,
        matrix: npt.NDArray[np.float32],
        norms: RowNorms,
        metric: Metric,
        *,
        on_event: Listener | None = None,
    ) -> None:
        if metric.name not in _METRICS:
            raise SettingsError(
                f'expected a metric of {", ".join(_METRICS)} for an approximate search, got "{metric.name}"'
            )
        try:
            import faiss  # noqa: PLC0415  (optional)
        except ImportError:
            raise MissingExtraError.of("ann", "An approximate search") from None
        self.metric = metric
        self._matrix = matrix
        straight = metric.name in ("euclidean", "sqeuclidean")
        kind = faiss.METRIC_L2 if straight else faiss.METRIC_INNER_PRODUCT
        self._index: Any = faiss.IndexHNSWFlat(matrix.shape[1], _LINKS, kind)
        self._index.hnsw.efConstruction = _BUILD_WIDTH
        self._build(norms, on_event)
        self.recall = self._measured(norms)
        if on_event is not None:
            on_event(
                Notice(
                    text=f"the approximate search finds {100 * self.recall:.1f} % of the true {_NEIGHBOURS} nearest "
                    f"neighbours, measured on {min(_SAMPLE, len(matrix))} words drawn by chance"
                )
            )

    def nearest(self, queries: Wide, *, k: int, left_out: Sequence[Sequence[int]] = ()) -> Nearest:
        """Find neighbours of each query, nearest first, ties by word id; perhaps not all of the k nearest.

        Args:
            queries: float64 (Q, D), finite.
            k: int ≥ 1.
            left_out: for each query the row numbers that must not be given; empty for none at all.

        Raises:
            SettingsError: k is no whole number ≥ 1.
        """
        if not isinstance(k, int | np.integer) or isinstance(k, bool) or k < 1:
            raise SettingsError(f"expected a number of neighbours k of 1 or more, got {k!r}")
        spare = max((len(ids) for ids in left_out), default=0)
        # One more than is given, to know whether it is as near as the last one given.
        wanted = min(int(k) + spare + 1, len(self._matrix))
        self._index.hnsw.efSearch = max(_SEARCH_WIDTH, 2 * wanted)
        _, found = self._index.search(self._prepared(queries), wanted)
        width = min(int(k), len(self._matrix))
        ids = np.full((len(queries), width), -1, dtype=np.int64)
        values = np.full((len(queries), width), np.nan)
        tied = np.zeros(len(queries), dtype=np.bool_)
        for query, row in enumerate(found):
            candidates = np.setdiff1d(row[row >= 0], left_out[query] if left_out else [])
            closeness = self._closeness(candidates, queries[query])
            order = np.lexsort((candidates, -closeness))
            tied[query] = len(order) > width and closeness[order[width]] == closeness[order[width - 1]]
            order = order[:width]
            ids[query, : len(order)] = candidates[order]
            values[query, : len(order)] = self.metric.value(closeness[order])
        return Nearest(word_ids=ids, values=values, tied=tied)

    def _closeness(self, word_ids: Ids, query: Wide) -> Wide:
        rows = self._matrix[word_ids].astype(np.float64)
        return self.metric.pairs(rows, np.repeat(query[np.newaxis, :], len(rows), axis=0))

    def _build(self, norms: RowNorms, on_event: Listener | None) -> None:
        if on_event is not None:
            on_event(Stage(name="building the index"))
        started = time.monotonic()
        for start in range(0, len(self._matrix), BLOCK):
            norms.block(start)
            rows = self._matrix[start : start + BLOCK]
            self._index.add(self._prepared(rows.astype(np.float64)))
            if on_event is not None:
                seconds = time.monotonic() - started
                done = start + len(rows)
                on_event(Progress(done=done, total=len(self._matrix), unit="words", seconds=seconds))

    def _prepared(self, vectors: Wide) -> npt.NDArray[np.float32]:
        """Return vectors whose inner product, or straight distance, is what the metric ranks by."""
        if self.metric.name == "correlation":
            vectors = vectors - vectors.mean(axis=1, keepdims=True)
        if self.metric.name in ("cosine", "correlation"):
            vectors = units(vectors)
        return np.ascontiguousarray(vectors, dtype=np.float32)

    def _measured(self, norms: RowNorms) -> float:
        """Return the share of the true neighbours of some words that the index finds."""
        sample = np.sort(np.random.default_rng(1).permutation(len(self._matrix))[:_SAMPLE])
        queries = self._matrix[sample].astype(np.float64)
        own = [[word_id] for word_id in sample.tolist()]
        true = nearest(self._matrix, norms, queries, k=_NEIGHBOURS, metric=self.metric, left_out=own).word_ids
        found = self.nearest(queries, k=_NEIGHBOURS, left_out=own).word_ids
        hits = sum(len(np.intersect1d(a[a >= 0], b)) for a, b in zip(true, found, strict=True))
        return hits / max(1, int((true >= 0).sum()))
