"""Some blocks of words with a worker: GloVe's tiles of them, arranged there, and their vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from firth.distributed import held_rows
from firth.distributed.engine import WorkerLostError
from firth.distributed.held_rows import HeldRows
from firth.objectives.held_out_entries import set_aside
from firth.objectives.room import room
from firth.objectives.tiles import ENTRY

if TYPE_CHECKING:
    import numpy.typing as npt

    from firth.objectives.tiles import TilePlan

__all__ = ["TileRows"]


class TileRows(HeldRows):
    """Some blocks of words: their counts, then their tiles, and their vectors.

    Args:
        row_ends: see `HeldRows`.
        first_row: see `HeldRows`.
        words: V.
        about: how tiles are cut, x_max and α.
        blocks: which of the plan's blocks these words are.
    """

    def __init__(
        self,
        row_ends: npt.NDArray[np.int64],
        first_row: int,
        words: int,
        about: tuple[TilePlan, float, float],
        blocks: range,
    ) -> None:
        super().__init__(row_ends, first_row, words)
        self._plan, self._x_max, self._alpha = about
        self._blocks = blocks
        self._block_starts = np.concatenate(([0], self._plan.part_ends[:-1]))
        self._entries: npt.NDArray[np.void] | None = None
        self._made: tuple[npt.NDArray[np.int64], npt.NDArray[np.void]] | None = None

    def stands(self, is_arranged: bool) -> None:
        """Raise where something is missing of what was asked for before."""
        if self._entries is None and (self.counts is None or is_arranged):
            raise WorkerLostError("a worker lacks its tiles")

    def _local_rows(self, block: int) -> tuple[int, int]:
        """Return the first row of a block, and that behind the last, among those here."""
        return int(self._block_starts[block]) - self.first_row, int(self._plan.part_ends[block]) - self.first_row

    def cells(self) -> npt.NDArray[np.int64]:
        """Return how many entries each tile has: int64 (blocks here, all blocks)."""
        from firth.kernels.tiles import count  # noqa: PLC0415 - loads Numba

        counts = self.counts
        cells = np.zeros((len(self._blocks), self._plan.groups), np.int64)
        for block, sizes in zip(self._blocks, cells, strict=True):
            first, last = self._local_rows(block)
            start = int(counts.row_ends[first - 1]) if first else 0
            count(counts.columns, start, int(counts.row_ends[last - 1]), self._plan.blocks, np.uint64(0), sizes)
        return cells

    def arrange(
        self, key: np.uint64, numbers: npt.NDArray[np.int64], held_out: float, seed: int
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.void]]:
        """Make the tiles; return how many entries of each are learned from, and those that are not, tile by tile."""
        from firth.kernels.tiles import place, shuffle  # noqa: PLC0415 - loads Numba

        if self._made is not None:
            return self._made
        counts, cells = self.counts, self.cells()
        full = np.flatnonzero(cells)
        order = full[np.argsort(numbers.ravel()[full])]
        ends = np.cumsum(cells.ravel()[order])
        places = np.zeros(cells.size, np.int64)
        places[order] = ends - cells.ravel()[order]
        starts = places[order]
        entries = room(len(counts.columns), ENTRY, in_memory=held_rows.IN_MEMORY).view(np.ndarray)
        for block, own in zip(self._blocks, places.reshape(cells.shape), strict=True):
            place(
                counts.row_ends, counts.columns, counts.values, *self._local_rows(block), self._plan.blocks, key,
                float(self._x_max), float(self._alpha), own, entries,
            )  # fmt: skip
        # Which entries are held out is asked of the words' own numbers.
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            entries[start:end]["row"] += self.first_row
        shuffle(entries.view(np.int64).reshape(-1, 2), starts, ends, numbers.ravel()[order], 0, len(ends), key)
        held = entries[:0]
        if held_out:
            entries, ends, held = set_aside(entries, ends, share=held_out, seed=seed)
        self._tile_starts = np.zeros(cells.size, np.int64)
        self._tile_starts[order] = np.concatenate(([0], ends[:-1]))
        kept = np.zeros(cells.size, np.int64)
        kept[order] = np.diff(ends, prepend=0)
        for tile, end in zip(order.tolist(), ends.tolist(), strict=True):
            some = entries[self._tile_starts[tile] : end]
            some["row"] -= self.first_row
            some["column"] -= self._block_starts[tile % self._plan.groups]
        # The counts are done with; whoever is made again takes them from where they were added up.
        self._columns, self._values = self._columns[:0], self._values[:0]
        entries.flags.writeable = False
        self._entries = entries
        self._made = kept.reshape(cells.shape), held
        return self._made

    def restore(self, rows: npt.NDArray[np.float32]) -> None:
        """Take the words' vectors as they are."""
        self._vectors = _aligned(rows)

    def words(self) -> npt.NDArray[np.float32]:
        """Return the words' vectors as they are."""
        return self._vectors.copy()

    def learn(
        self, row: int, column: int, places: tuple[int, int], rates: tuple[float, float], contexts: Any
    ) -> tuple[npt.NDArray[np.float32], float]:
        """Learn some entries of a tile; return the contexts' vectors as they are then, and the loss."""
        from firth.kernels.glove import train_entries  # noqa: PLC0415 - loads Numba

        if self._entries is None:
            raise WorkerLostError("a worker lacks its tiles")
        start = int(self._tile_starts[(row - self._blocks.start) * self._plan.groups + column])
        changed, tally = _aligned(contexts), np.zeros(1)
        train_entries(self._vectors, changed, self._entries, start + places[0], start + places[1], *rates, tally)
        return changed, float(tally[0])


def _aligned(rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    from firth.kernels.alignment import aligned_zeros  # noqa: PLC0415 - loads Numba

    own = aligned_zeros(*rows.shape)
    own[:] = rows
    return own
