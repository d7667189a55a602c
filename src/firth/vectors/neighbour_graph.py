"""The cosines of every word with its nearest words: each product computed once for both its words, in threads.

The words are cut into blocks. In each round every block meets one other, as players do in a tournament, so that no two
threads touch the same words. Products are float32; of each word's greatest ones a few more are kept than are wanted,
and computed anew in float64. Where the rounding of the others leaves open whether these are the greatest, the word is
searched for by `firth.vectors.neighbours`. So the values are that search's to the bit.
"""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from firth.events import Progress
from firth.vectors.neighbours import blocks_of, ids_of, nearest
from firth.vectors.product_metrics import cosines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firth.events import Listener
    from firth.vectors.closeness import Ids
    from firth.vectors.metric import Wide
    from firth.vectors.norms import RowNorms

__all__ = ["LEAST_WORDS", "MOST_NEIGHBOURS", "nearest_cosines"]

LEAST_WORDS = 4096
"""Fewer are searched for one after the other as fast."""
MOST_NEIGHBOURS = 64
"""More would have to be kept in order for each word, which takes longer than a search."""

# Rows of a block: a tile of products, and the blocks, lie in the processor's cache.
_BLOCK = 512
_SPARE = 6
# Words whose values are computed in float64 at once.
_EXACTLY = 512


def nearest_cosines(
    matrix: npt.NDArray[np.float32],
    norms: RowNorms,
    *,
    n: int,
    among: Ids | int | None,
    on_event: Listener | None = None,
) -> Wide | None:
    """Return each word's cosines with its n nearest other words, the greatest first.

    Args:
        matrix: float32 (V, D).
        norms: of the matrix.
        n: int, 1 to MOST_NEIGHBOURS.
        among: the words, LEAST_WORDS or more, as for `firth.vectors.neighbours.nearest`.
        on_event: told how far the work has come.

    Returns:
        float64 (words, n), by rising row number; None where float32 could not hold the products.

    Raises:
        FormatError: a row holds NaN or infinity.
    """
    from threadpoolctl import threadpool_limits  # noqa: PLC0415 - looks through all loaded libraries

    lengths = [row_norms for _, _, row_norms in blocks_of(matrix, norms, among)]
    if any(some.dtype != np.float32 for some in lengths):
        return None
    together = np.concatenate(lengths)
    inverse = np.divide(1, together, out=np.zeros_like(together), where=together > 0)
    graph = _Graph(matrix, ids_of(among, len(matrix)), inverse, n + _SPARE)
    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(os.cpu_count() or 1, "firth-graph") as pool:
        graph.fill(pool, on_event)
        parts = pool.map(graph.exactly, range(0, len(inverse), _EXACTLY))
        values: Wide = np.concatenate([part[:, :n] for part in parts])
    open_still = np.flatnonzero(values[:, -1] < graph.bars.astype(np.float64) + graph.slack)
    for start in range(0, len(open_still), _EXACTLY):
        some = open_still[start : start + _EXACTLY]
        own = graph.ids[some]
        left_out = [[word_id] for word_id in own.tolist()]
        values[some] = nearest(
            matrix, norms, matrix[own].astype(np.float64), k=n, metric="cosine", among=among, left_out=left_out
        ).values
    return values


class _Graph:
    """Each word's greatest products so far.

    Args:
        matrix: float32 (V, D).
        ids: int64 (W,), the words, rising.
        inverse: float32 (W,), 1 / their norms; 0 for zero.
        m: int, how many are kept of each word.
    """

    def __init__(self, matrix: npt.NDArray[np.float32], ids: Ids, inverse: npt.NDArray[np.float32], m: int) -> None:
        self.ids = ids
        self.slack = (matrix.shape[1] + 16) * float(np.finfo(np.float32).eps)
        """What a float32 cosine may be wrong by."""
        self.bars = np.full(len(ids), -np.inf, dtype=np.float32)
        """The least product that is kept of each word."""
        self._matrix = matrix
        self._inverse = inverse
        self._values = np.full((len(ids), m), -np.inf, dtype=np.float32)
        self._others = np.zeros((len(ids), m), dtype=np.int64)
        self._rows_are_words = bool(ids[-1] == len(ids) - 1)

    def fill(self, pool: ThreadPoolExecutor, on_event: Listener | None) -> None:
        """Take in all products."""
        blocks = -(-len(self.ids) // _BLOCK)
        rounds = list(_rounds(blocks))
        started = time.monotonic()
        for done, pairs in enumerate(rounds, start=1):
            for _ in pool.map(self._tile, pairs):
                pass
            if on_event is not None:
                share = len(self.ids) * done // len(rounds)
                seconds = time.monotonic() - started
                on_event(Progress(done=share, total=len(self.ids), unit="words", seconds=seconds))

    def _tile(self, blocks: tuple[int, int]) -> None:
        from firth.kernels.best_pairs import best_of_tile  # noqa: PLC0415 (Numba takes half a second to load)

        first, second = (block * _BLOCK for block in blocks)
        left = self._units(first)
        right = left if first == second else self._units(second)
        best_of_tile(left @ right.T, first, second, self._values, self._others, self.bars)

    def _units(self, start: int) -> npt.NDArray[np.float32]:
        some = slice(start, start + _BLOCK)
        units: npt.NDArray[np.float32] = self._rows(some) * self._inverse[some, np.newaxis]
        return units

    def _rows(self, some: slice) -> npt.NDArray[np.float32]:
        return self._matrix[: len(self.ids)][some] if self._rows_are_words else self._matrix[self.ids[some]]

    def exactly(self, start: int) -> Wide:
        """Return the cosines of some words with those kept, float64 (words, m), the greatest first."""
        some = slice(start, start + _EXACTLY)
        rows = self._rows(some).astype(np.float64)
        others = self._matrix[self.ids[self._others[some].T]]
        values = np.stack([cosines(rows, other.astype(np.float64)) for other in others], axis=1)
        values.sort(axis=1)
        return values[:, ::-1]


def _rounds(blocks: int) -> Iterator[list[tuple[int, int]]]:
    """Yield rounds of pairs of blocks: first each with itself, then each with one other, until all have met."""
    yield [(block, block) for block in range(blocks)]
    players: list[int | None] = [*range(blocks), *([None] if blocks % 2 else [])]
    half = len(players) // 2
    for _ in range(len(players) - 1):
        pairs = zip(players[:half], reversed(players[half:]), strict=True)
        yield [(min(a, b), max(a, b)) for a, b in pairs if a is not None and b is not None]
        players.insert(1, players.pop())
