"""GloVe's tiles learned by the workers of a cluster, to the bits that one machine's reproducible training gives.

Each worker has some blocks of words: their counts, from which it arranges its own tiles, and their vectors. The vectors
of a block of contexts, AdaGrad's sums with them, go from worker to worker in the order of the tiles: whoever learns a
tile waits for the block as the tile before left it, and hands it on. Tiles that share neither words nor contexts are
learned at once; those that do keep their order, so that nothing is to be merged.

Source: Gemulla, Nijkamp, Haas and Sismanis 2011, "Large-scale matrix factorization with distributed stochastic gradient
descent" (KDD), whose strata are the tiles that can be learned at once; here they follow from an order that is drawn.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from firth.distributed.engine import ATTEMPTS, WorkerLostError, is_lost
from firth.distributed.held_rows import even_ranges, holder_of
from firth.distributed.round_facts import round_facts
from firth.distributed.tile_rows import TileRows
from firth.errors import ClusterError, EmptyCorpusError
from firth.events import Notice, Round, Stage
from firth.objectives.reproducible_glove import SHARES, tasks_of
from firth.objectives.tiles import ENTRY, SIDE, cut, drawn, laid_out, tile_plan
from firth.training.blocks import blocks_of
from firth.training.shards import Shares

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from firth.distributed.counting import PartitionedCounts
    from firth.distributed.engine import Actor, Engine
    from firth.events import Listener
    from firth.objectives.glove import GloVe
    from firth.objectives.glove_model import EntryTally, GloVeModel
    from firth.objectives.reproducible_glove import Task
    from firth.training.replica import Lesson

__all__ = ["RoundsOfBlocks", "TileRounds"]

_BLOCKS_A_WORKER = 8
"""In a round, after which all vectors come together once: so many that no worker waits for long at its end."""


class RoundsOfBlocks(Shares):
    """A pass whose blocks are learned in order, some in each round: one share, all of it.

    Args:
        ends: int64 (G,), of the groups.
        block_size: int ≥ 1, entries.
        workers: int ≥ 1.
    """

    def __init__(self, ends: npt.NDArray[np.int64], block_size: int, workers: int) -> None:
        super().__init__(blocks_of(ends, block_size), 1, _BLOCKS_A_WORKER * workers)

    def is_between_rounds(self, done: int) -> bool:
        """Return yes: where a round begins makes no difference."""
        return 0 <= done <= self.total


class TileRounds:
    """GloVe's tiles with the workers of an engine, and the rounds in which they are learned.

    Args:
        engine: whose workers hold them.
        counts: by ranges of rows.
        objective: with the order "tiles".
        model: which has learned all that the workers have when a round is over.
        held_out: float in [0, 0.5], the share of the entries, about, that is not learned from.
        seed: int ≥ 0, of the tiles' order.
        on_event: told of stages, and gets a Round after each, and a Notice of each worker lost.

    Raises:
        EmptyCorpusError: there are no counts, or all are held out.
        ClusterError: a worker was lost again and again.
    """

    def __init__(
        self,
        engine: Engine,
        counts: PartitionedCounts,
        objective: GloVe,
        model: GloVeModel,
        *,
        held_out: float,
        seed: int,
        on_event: Listener,
    ) -> None:
        if len(counts) == 0:
            raise EmptyCorpusError(
                "expected counts of words that stand together, but no two words do; give more text or a wider window"
            )
        self._engine, self._counts, self._model, self._on_event = engine, counts, model, on_event
        row_ends = np.cumsum(counts.row_sizes)
        self._plan = tile_plan(row_ends, SIDE, SHARES)
        self._starts = np.concatenate(([0], self._plan.part_ends[:-1]))
        self._blocks = even_ranges(row_ends[self._plan.part_ends - 1], engine.workers)
        self._holder_of = np.repeat(np.arange(len(self._blocks)), [len(blocks) for blocks in self._blocks])
        self._about = engine.put((self._plan, objective.x_max, objective.alpha))
        self._arranged: tuple[Any, ...] | None = None
        self.lost = 0
        self.rounds: list[Round] = []
        """All that were told."""
        on_event(Stage(name="arranging the counts on the cluster"))
        self._holders: list[Actor] = [self._made(number) for number in range(len(self._blocks))]
        cells = np.concatenate(self._asked(lambda: [holder.call("cells")[0] for holder in self._holders]))
        key, random = drawn(seed)
        starts, _ = laid_out(cells, random)
        # A tile's place among those that are not empty is the number of its stream.
        full = np.flatnonzero(cells)
        order = full[np.argsort(starts.ravel()[full])]
        numbers = np.zeros(cells.size, np.int64)
        numbers[order] = np.arange(len(order))
        self._arranged = key, numbers.reshape(cells.shape), held_out, seed
        found = self._asked(lambda: [self._arrange(number) for number in range(len(self._holders))])
        kept = np.concatenate([sizes for sizes, _ in found])
        self._order = order[kept.ravel()[order] > 0]
        self._tile_ends = np.cumsum(kept.ravel()[self._order])
        self._held_out(cells - kept, order, found)
        if len(self._tile_ends) == 0:
            raise EmptyCorpusError(
                f"expected counts to learn from, but all {len(self.held_out):,} are held out; hold out a smaller share"
            )
        self.ends: npt.NDArray[np.int64] = cut(self._tile_ends)
        """int64 (G,), increasing, exclusive: the ends of groups that stay together."""

    def _held_out(self, sizes: npt.NDArray[np.int64], order: npt.NDArray[np.int64], found: list[Any]) -> None:
        """Put the entries that are held out into the order of the tiles."""
        pieces: list[npt.NDArray[np.void]] = [np.zeros(0, ENTRY)] * sizes.size
        for blocks, (_, held) in zip(self._blocks, found, strict=True):
            mine = order[np.isin(order // sizes.shape[1], blocks)]
            ends = np.cumsum(sizes.ravel()[mine])
            for tile, piece in zip(mine.tolist(), np.split(held, ends[:-1]), strict=True):
                pieces[tile] = piece
        self.held_out: npt.NDArray[np.void] = np.concatenate([pieces[tile] for tile in order.tolist()])
        """(h,) of `firth.objectives.tiles.ENTRY`, those that are not learned from."""

    def begin(self) -> None:
        """Give the workers the words' vectors as the model has them."""
        self._asked(lambda: [self._restore(number) for number in range(len(self._holders))])
        self._contexts = self._context_blocks()

    def learn(self, lessons: Sequence[Sequence[Lesson]]) -> list[list[EntryTally]]:
        """Go through one round; the model has learned it when this returns.

        Args:
            lessons: one share's, its blocks.

        Raises:
            ClusterError: a worker was lost again and again.
        """
        from firth.objectives.glove_model import EntryTally  # noqa: PLC0415 - loads Numba

        begun, lost_before = time.perf_counter(), self.lost
        blocks = [self._tasks(lesson) for lesson in lessons[0]]
        tasks = [task for block in blocks for task in block]
        # The model stays as it was until all is there: from it a round is begun again.
        for _ in range(ATTEMPTS):
            try:
                losses, contexts = self._submitted(tasks)
                words = [holder.call("words")[0] for holder in self._holders]
                found = [self._engine.wait_for(handle) for handle in losses]
                learned = time.perf_counter()
                rows = [self._engine.wait_for(handle) for handle in words]
                changed = {block: self._engine.wait_for(contexts[block]) for block in {task.tile[1] for task in tasks}}
            except WorkerLostError:
                self._make_lost()
                self.begin()
            else:
                break
        else:
            raise self._given_up()
        self._take(rows, changed)
        self._contexts = contexts
        self._tell(tasks, rows, changed, learned - begun, time.perf_counter() - learned, self.lost - lost_before)
        tallies, place = [], 0
        for block in blocks:
            mine = np.array(found[place : place + len(block)])
            place += len(block)
            tallies.append(EntryTally(loss=float(mine.sum()), decisions=sum(len(task.entries) for task in block)))
        return [tallies]

    def _tasks(self, lesson: Lesson) -> list[Task]:
        groups = lesson.groups
        first = int(self.ends[groups.start - 1]) if groups.start else 0
        starts = np.concatenate(([first], self.ends[groups.start : groups.stop - 1]))
        tiles = self._order[np.searchsorted(self._tile_ends, starts, side="right")]
        blocks = len(self._plan.part_ends)
        return tasks_of(self.ends, groups, lesson.rates, tiles // blocks, tiles % blocks)

    def _submitted(self, tasks: list[Task]) -> tuple[list[Any], list[Any]]:
        """Start all tasks; return handles of their losses, and of the contexts as they are when all are done."""
        contexts, losses = list(self._contexts), []
        for task in tasks:
            row, column = task.tile
            tile = int(np.searchsorted(self._tile_ends, task.entries.start, side="right"))
            start = int(self._tile_ends[tile - 1]) if tile else 0
            places = task.entries.start - start, task.entries.stop - start
            contexts[column], loss = self._holders[self._holder_of[row]].call(
                "learn", row, column, places, task.rates, contexts[column], results=2
            )
            losses.append(loss)
        return losses, contexts

    def _take(self, rows: list[Any], changed: dict[int, Any]) -> None:
        """Write what a round changed into the model."""
        words, contexts = self._model.state()["words"], self._model.state()["contexts"]
        words[:] = np.concatenate(rows)
        for block, values in changed.items():
            contexts[self._starts[block] : self._plan.part_ends[block]] = values

    def _tell(  # noqa: PLR0917 - one event's six numbers
        self, tasks: list[Task], rows: list[Any], changed: dict[int, Any], learning: float, merging: float, lost: int
    ) -> None:
        width = rows[0].shape[1] * rows[0].itemsize
        sizes = (self._plan.part_ends - self._starts) * width
        handed_on = int(sum(sizes[task.tile[1]] for task in tasks))
        gathered = sum(part.nbytes for part in rows) + sum(part.nbytes for part in changed.values())
        told = Round(
            rows=sum(len(part) for part in rows) + sum(len(part) for part in changed.values()),
            sent=handed_on + gathered,
            received=handed_on,
            learning=learning,
            merging=merging,
            lost=lost,
        )
        self.rounds.append(told)
        self._on_event(told)

    def facts(self) -> dict[str, Any]:
        """Return what the record of the run should say of the rounds since training began or went on."""
        if not self.rounds:
            return {"rounds": 0}
        return {
            **round_facts(self.rounds),
            "workers": len(self._holders),
            "tiles": len(self._order),
            "workers_lost": sum(one.lost for one in self.rounds),
        }

    def _rows(self, number: int) -> range:
        """Return the words of a worker."""
        blocks = self._blocks[number]
        return range(int(self._starts[blocks.start]), int(self._plan.part_ends[blocks.stop - 1]))

    def _made(self, number: int) -> Actor:
        """Make a worker as far as its counts."""
        return holder_of(
            self._engine, self._counts, self._rows(number), TileRows, len(self._counts.row_sizes), self._about,
            self._blocks[number],
        )  # fmt: skip

    def _arrange(self, number: int) -> Any:
        assert self._arranged is not None  # noqa: S101 - the cells were counted
        key, numbers, held_out, seed = self._arranged
        blocks = self._blocks[number]
        return self._holders[number].call("arrange", key, numbers[blocks.start : blocks.stop], held_out, seed)[0]

    def _restore(self, number: int) -> Any:
        rows = self._rows(number)
        return self._holders[number].call("restore", np.array(self._model.state()["words"][rows.start : rows.stop]))[0]

    def _context_blocks(self) -> list[Any]:
        contexts = self._model.state()["contexts"]
        return [
            self._engine.put(np.array(contexts[first:last]))
            for first, last in zip(self._starts, self._plan.part_ends, strict=True)
        ]

    def _asked(self, ask: Callable[[], list[Any]]) -> list[Any]:
        """Return what workers answer; where some are lost, they are made again, and all are asked again."""
        for _ in range(ATTEMPTS):
            try:
                return [self._engine.wait_for(handle) for handle in ask()]
            except WorkerLostError:
                self._make_lost()
        raise self._given_up()

    def _make_lost(self) -> None:
        asked = [holder.call("stands", self._arranged is not None)[0] for holder in self._holders]
        lost = [number for number, handle in enumerate(asked) if is_lost(self._engine, handle)]
        if lost:
            self.lost += len(lost)
            self._on_event(Notice(text=f"{len(lost)} of {len(asked)} workers were lost; their tiles are learned anew"))
        for number in lost:
            self._holders[number] = self._made(number)
            if self._arranged is not None:
                self._arrange(number)

    def _given_up(self) -> ClusterError:
        return ClusterError(
            f"expected workers that stay, but in {ATTEMPTS} attempts at the same round some were lost each time; look "
            "after their memory, then go on (--resume)"
        )
