"""The order in which GloVe visits a table's entries: tile by tile, so that the rows at work stay in the cache.

A **tile** is the part of the table where a block of words meets a block of contexts. Tiles come in random order, the
entries within each are shuffled, so neighbouring tiles have nothing to do with each other; but while a tile is learned
from, the same few thousand rows are read and written again and again. In the order `"random"` all entries are shuffled,
as the paper has it, and nearly every one of them has to wait for its rows.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, Protocol, get_args

import numpy as np
import numpy.typing as npt

from firth.errors import EmptyCorpusError, SettingsError
from firth.events import Progress, Stage
from firth.objectives.held_out_entries import set_aside
from firth.objectives.room import IN_MEMORY, room

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from firth.events import Listener

__all__ = ["ENTRY", "SIDE", "Counts", "Order", "TilePlan", "Tiles", "arrange", "cut", "drawn", "laid_out", "tile_plan"]

ENTRY = np.dtype([("row", np.int32), ("column", np.int32), ("log_count", np.float32), ("weight", np.float32)])
"""One entry: which word i, which context j, log X_ij, and f(X_ij)."""

Order = Literal["tiles", "random"]

SIDE = 2048
"""Words on a tile's side; by measurement (bench/LOG.md)."""

_GROUP = 65_536
"""Entries that stay together at most: a larger tile is several groups, one after the other."""

_PARTS = 64


class Counts(Protocol):
    """Co-occurrence counts X as compressed rows.

    row_ends: int64 (V,), exclusive; columns: int32 (n,), ascending within a row; values: float32 (n,), each > 0.
    """

    @property
    def row_ends(self) -> npt.NDArray[np.int64]: ...  # noqa: D102
    @property
    def columns(self) -> npt.NDArray[np.int32]: ...  # noqa: D102
    @property
    def values(self) -> npt.NDArray[np.float32]: ...  # noqa: D102


@dataclass(frozen=True, kw_only=True, slots=True)
class Tiles:
    """A table's entries in the order in which they are learned from.

    Args:
        entries: (n,) of ENTRY, read-only; in memory, or in a file that goes when nobody holds it any more.
        ends: int64 (G,), increasing, exclusive: the ends of groups that stay together.
        side: words on a tile's side at most; 0 where all entries are shuffled.
        block_ends: int64 (P,), increasing, exclusive: the words of each row of tiles, and of each column of them; one
            block of all words where all entries are shuffled.
        held_out: (h,) of ENTRY, those that are not learned from.
    """

    entries: npt.NDArray[np.void]
    ends: npt.NDArray[np.int64]
    side: int
    block_ends: npt.NDArray[np.int64]
    held_out: npt.NDArray[np.void] = field(default_factory=lambda: np.zeros(0, dtype=ENTRY))


def arrange(
    counts: Counts,
    *,
    x_max: float,
    alpha: float,
    order: Order = "tiles",
    side: int = SIDE,
    shares: int = 1,
    seed: int,
    threads: int = 1,
    folder: Path | None = None,
    in_memory: int = IN_MEMORY,
    held_out: float = 0.0,
    on_event: Listener | None = None,
) -> Tiles:
    """Return a table's entries, each with log X and its weight min(1, (X / x_max)^α), in the order of learning.

    The order depends on the table, the seed, `order`, `side` and `shares` alone, never on the number of threads. Each
    entry takes 16 bytes; a table of more than `in_memory` bytes is arranged in a nameless file, and the pages that are
    at work are all that must fit into memory: those of one block of words.

    Args:
        counts: the table.
        x_max: float > 0, the count from which on an entry has the full weight.
        alpha: α, float ≥ 0, the exponent of the weight below it.
        order: "tiles", or "random": all entries shuffled.
        side: int ≥ 1, words on a tile's side.
        shares: int ≥ 1; no row of tiles has more than one in so many of the entries, unless it has only one word.
        seed: int ≥ 0.
        threads: int ≥ 1.
        folder: where a large table's file goes; None for the cache folder.
        in_memory: int ≥ 0, bytes.
        held_out: float in [0, 0.5], the share of the entries, about, that is not learned from; see
            `firth.objectives.held_out_entries`.
        on_event: told of the stage and its progress.

    Raises:
        SettingsError: `order` is neither.
        EmptyCorpusError: the table has no entries, or all of them are held out.
        StorageError: there is no room for the file.
    """
    if order not in get_args(Order):
        raise SettingsError(f'expected the order "tiles" or "random", got {order!r}')
    if len(counts.columns) == 0:
        raise EmptyCorpusError(
            "expected counts of words that stand together, but no two words do; give more text or a wider window"
        )
    if on_event:
        on_event(Stage(name="arranging the counts"))
    plan = tile_plan(counts.row_ends, side, shares) if order == "tiles" else _random_plan(counts.row_ends)
    entries = room(len(counts.columns), ENTRY, in_memory=in_memory, folder=folder)
    ends = _Arrangement(counts, plan, entries, seed=seed, threads=threads, on_event=on_event).run(x_max, alpha)
    held = entries[:0]
    if held_out:
        entries, ends, held = set_aside(entries, ends, share=held_out, seed=seed)
        ends = ends[np.diff(ends, prepend=0) > 0]
        if len(entries) == 0:
            raise EmptyCorpusError(
                f"expected counts to learn from, but all {len(held):,} are held out; hold out a smaller share"
            )
    entries.flags.writeable = False
    return Tiles(
        entries=entries,
        ends=cut(ends),
        side=side if order == "tiles" else 0,
        block_ends=plan.part_ends if order == "tiles" else plan.part_ends[-1:],
        held_out=held,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class TilePlan:
    """How entries are sorted: cells, each the entries of one group in one part of the rows.

    Args:
        part_ends: int64 (P,), the ends of the parts of rows that are worked on apart.
        blocks: int32 (V,), each column's group, or empty where groups are drawn.
        groups: how many groups there are.
    """

    part_ends: npt.NDArray[np.int64]
    blocks: npt.NDArray[np.int32]
    groups: int

    @property
    def draws(self) -> bool:
        """Whether an entry's group is drawn, and so has entries from every part."""
        return len(self.blocks) == 0


def tile_plan(row_ends: npt.NDArray[np.int64], side: int, shares: int) -> TilePlan:
    """Return the plan whose cells are tiles.

    Args:
        row_ends: int64 (V,), exclusive.
        side: as for `arrange`.
        shares: as for `arrange`.
    """
    words, most, ends, entries = len(row_ends), -(-int(row_ends[-1]) // shares), [0], 0
    while ends[-1] < words:
        # The last word with which the block has not too many entries.
        end = int(np.searchsorted(row_ends, entries + most, side="right"))
        ends.append(min(max(end, ends[-1] + 1), ends[-1] + side, words))
        entries = int(row_ends[ends[-1] - 1])
    part_ends = np.array(ends[1:], dtype=np.int64)
    blocks = np.repeat(np.arange(len(part_ends), dtype=np.int32), np.diff(ends))
    return TilePlan(part_ends=part_ends, blocks=blocks, groups=len(part_ends))


def _random_plan(row_ends: npt.NDArray[np.int64]) -> TilePlan:
    """Return the plan that draws each entry's group and so, shuffled within the groups, shuffles the whole table.

    Source: Rao 1961, Sandelius 1962; Sanders 1998, "Random permutations on distributed, external and hierarchical
    memory".
    """
    entries = int(row_ends[-1])
    cuts = np.searchsorted(row_ends, np.arange(1, _PARTS + 1) * entries // _PARTS, side="left") + 1
    part_ends = np.unique(np.minimum(cuts, len(row_ends))).astype(np.int64)
    return TilePlan(part_ends=part_ends, blocks=np.zeros(0, dtype=np.int32), groups=-(-entries // _GROUP))


def drawn(seed: int) -> tuple[np.uint64, np.random.Generator]:
    """Return the key of all that is drawn of single entries, and what the order of tiles is drawn from.

    Args:
        seed: int ≥ 0.
    """
    random = np.random.Generator(np.random.PCG64(seed))
    return random.integers(1 << 64, dtype=np.uint64), random


def laid_out(
    cells: npt.NDArray[np.int64], random: np.random.Generator
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return where each tile begins and ends, in an order that is drawn.

    Args:
        cells: int64 (P, P), how many entries each has.
        random: as `drawn` gives it.
    """
    order = random.permutation(cells.size)
    ends = np.empty(cells.shape, dtype=np.int64)
    ends.ravel()[order] = np.cumsum(cells.ravel()[order])
    return ends - cells, ends


class _Arrangement:
    """One table on its way into another order; each pass over it is shared among threads.

    Args:
        counts: the table.
        plan: the cells.
        entries: (n,) of ENTRY, room for the result.
        seed: int ≥ 0.
        threads: int ≥ 1, how many work at once.
        on_event: told of progress.
    """

    def __init__(
        self,
        counts: Counts,
        plan: TilePlan,
        entries: npt.NDArray[np.void],
        *,
        seed: int,
        threads: int,
        on_event: Listener | None,
    ) -> None:
        from firth.kernels import tiles  # noqa: PLC0415 - loads Numba

        self._kernels, self._plan, self._entries = tiles, plan, entries
        # The kernels see all tables alike, mapped or not, so that they are compiled once.
        self._row_ends, self._columns = _read_only(counts.row_ends), _read_only(counts.columns)
        self._values = _read_only(counts.values)
        self._seed, self._random = drawn(seed)
        self._threads, self._on_event, self._began = threads, on_event, time.perf_counter()
        self._part_starts = np.concatenate(([0], plan.part_ends[:-1]))

    def run(self, x_max: float, alpha: float) -> npt.NDArray[np.int64]:
        """Fill the entries; return where the shuffled groups end, none of them empty."""
        parts = range(len(self._plan.part_ends))
        cells = np.zeros((len(parts), self._plan.groups), dtype=np.int64)
        self._each(partial(self._count, cells), parts)
        starts, ends = self._laid_out(cells)
        self._each(partial(self._place, starts.copy(), float(x_max), float(alpha)), parts)
        if self._plan.draws:
            # A drawn group begins with its first part's cell and ends with its last one's.
            starts, ends = starts[:1], ends[-1:]
        full = ends > starts
        starts, ends = np.sort(starts[full]), np.sort(ends[full])
        cuts = np.searchsorted(ends, np.arange(_PARTS) * int(ends[-1]) // _PARTS).tolist()
        self._each(partial(self._shuffle, starts, ends), [*pairwise([*cuts, len(ends)])])
        return ends

    def _laid_out(self, cells: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return where each cell begins and ends: tiles in random order; drawn groups whole, part after part."""
        if not self._plan.draws:
            return laid_out(cells, self._random)
        ends = np.empty(cells.shape, dtype=np.int64)
        ends.T[:] = np.cumsum(cells.ravel(order="F")).reshape(cells.T.shape)
        return ends - cells, ends

    def _each(self, work: Callable[[Any], None], things: Sequence[Any]) -> None:
        """Do the work on each thing, by several threads."""
        executor = ThreadPoolExecutor(self._threads)
        try:
            for done, _ in enumerate(executor.map(work, things), 1):
                if self._on_event:
                    seconds = time.perf_counter() - self._began
                    self._on_event(Progress(done=done, total=len(things), unit="parts", seconds=seconds))
        finally:
            executor.shutdown(cancel_futures=True)

    def _count(self, cells: npt.NDArray[np.int64], part: int) -> None:
        first, last = int(self._part_starts[part]), int(self._plan.part_ends[part])
        start = int(self._row_ends[first - 1]) if first else 0
        stop = int(self._row_ends[last - 1])
        self._kernels.count(self._columns, start, stop, self._plan.blocks, self._seed, cells[part])

    def _place(self, places: npt.NDArray[np.int64], x_max: float, alpha: float, part: int) -> None:
        self._kernels.place(
            self._row_ends, self._columns, self._values, int(self._part_starts[part]), int(self._plan.part_ends[part]),
            self._plan.blocks, self._seed, x_max, alpha, places[part], self._entries,
        )  # fmt: skip

    def _shuffle(self, starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64], groups: tuple[int, int]) -> None:
        halves = self._entries.view(np.int64).reshape(-1, 2)
        self._kernels.shuffle(halves, starts, ends, np.arange(len(ends)), *groups, self._seed)


def _read_only(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    view = np.asarray(array).view()
    view.flags.writeable = False
    return view


def cut(ends: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the ends of tiles, or of shuffled groups, cut into groups of 65,536 entries at most.

    Args:
        ends: int64, increasing, exclusive.
    """
    inner = np.arange(_GROUP, int(ends[-1]), _GROUP, dtype=np.int64)
    return np.union1d(ends, inner)
