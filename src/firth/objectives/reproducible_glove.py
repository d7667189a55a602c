"""GloVe's tiles learned by several threads at once, to the bits that one thread alone would give.

A tile changes the rows of its words and of its contexts, their biases and AdaGrad's sums among them, and no others. So
two tiles that share neither words nor contexts may be learned in either order, or at once, and nothing is to be merged.
The tiles of a block keep their order where they do share: each waits for those before it that have the same words or
the same contexts. All else is left to whichever thread is free.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from firth.objectives.glove_model import EntryTally, GloVeModel

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from firth.objectives.tiles import Tiles

__all__ = ["SHARES", "ReproducibleGloVe", "Task", "tasks_of"]

SHARES = 32
"""Of how many shares of the entries a row of tiles has at most one, so that no tile is long waited for."""


@dataclass(frozen=True, slots=True)
class Task:
    """Some groups that follow each other and belong to one tile.

    Args:
        groups: a range with step 1.
        entries: the same, as places among all entries.
        tile: which block of words, and which of contexts, they change.
        rates: the learning rate at their start and end.
    """

    groups: range
    entries: range
    tile: tuple[int, int]
    rates: tuple[float, float]

    @property
    def lines(self) -> frozenset[int]:
        """What they change, as numbers that are never the same for words and contexts."""
        return frozenset((2 * self.tile[0], 2 * self.tile[1] + 1))


class _Order:
    """Which task may be begun: the first that shares no line with one that is before it and not yet done."""

    def __init__(self, tasks: list[Task]) -> None:
        self.tasks = tasks
        self.waiting = dict(enumerate(tasks))
        self.under_way: dict[int, Task] = {}
        self.changed = threading.Condition()
        self.failed = False

    def begin(self) -> int | None:
        """Return the number of the next task, once there is one; None where all are begun."""
        with self.changed:
            while self.waiting and not self.failed:
                blocked = {line for task in self.under_way.values() for line in task.lines}
                for number, task in self.waiting.items():
                    if not task.lines & blocked:
                        self.under_way[number] = self.waiting.pop(number)
                        return number
                    blocked |= task.lines
                self.changed.wait()
        return None

    def end(self, number: int, *, failed: bool = False) -> None:
        """Say that a task is done."""
        with self.changed:
            del self.under_way[number]
            self.failed |= failed
            self.changed.notify_all()


class ReproducibleGloVe:
    """A GloVe model each of whose blocks several threads learn, to the same bits whatever their number.

    Args:
        model: what learns.
        threads: int ≥ 1.
    """

    def __init__(self, model: GloVeModel, *, threads: int) -> None:
        self._model, self._threads = model, threads
        self._pool = ThreadPoolExecutor(max(1, threads - 1))

    @property
    def input_vectors(self) -> npt.NDArray[np.float32]:
        """float32 (V, D), or (V, 2D) where they are concatenated: the words' vectors, as the settings want them."""
        return self._model.input_vectors

    def has_diverged(self) -> bool:
        """Return whether a row holds what is no number."""
        return self._model.has_diverged()

    def scratch(self, longest_group: int) -> None:
        """Return the working memory of one thread: none is needed.

        Args:
            longest_group: int ≥ 1, in entries.
        """

    def train_block(
        self, material: Tiles, groups: range, *, rates: tuple[float, float], seed: int, scratch: None
    ) -> EntryTally:
        """Learn from some groups of entries; arguments as for `GloVeModel.train_block`."""
        order = _Order(_tasks(material, groups, rates))
        losses = np.zeros(len(order.tasks))

        def share() -> None:
            while (number := order.begin()) is not None:
                task, failed = order.tasks[number], True
                try:
                    tally = self._model.train_block(material, task.groups, rates=task.rates, seed=seed, scratch=scratch)
                    losses[number], failed = tally.loss, False
                finally:
                    order.end(number, failed=failed)

        others = [self._pool.submit(share) for _ in range(self._threads - 1)]
        share()
        for other in others:
            other.result()
        first = int(material.ends[groups.start - 1]) if groups.start else 0
        return EntryTally(loss=float(losses.sum()), decisions=int(material.ends[groups.stop - 1]) - first)

    def state(self) -> dict[str, npt.NDArray[np.float32]]:
        """Return all that learning changes, as views: what `restore` takes."""
        return self._model.state()

    def restore(self, state: Mapping[str, npt.NDArray[np.float32]]) -> None:
        """Go back to a state of a model with the same settings.

        Args:
            state: what `state` gave.
        """
        self._model.restore(state)


def _tasks(tiles: Tiles, groups: range, rates: tuple[float, float]) -> list[Task]:
    """Return the groups of a block by tiles, in their order."""
    ends = tiles.ends[groups.start : groups.stop]
    first = int(tiles.ends[groups.start - 1]) if groups.start else 0
    entries = tiles.entries[np.concatenate(([first], ends[:-1]))]
    rows, columns = (np.searchsorted(tiles.block_ends, entries[side], side="right") for side in ("row", "column"))
    return tasks_of(tiles.ends, groups, rates, rows, columns)


def tasks_of(
    ends: npt.NDArray[np.int64],
    groups: range,
    rates: tuple[float, float],
    rows: npt.NDArray[np.integer],
    columns: npt.NDArray[np.integer],
) -> list[Task]:
    """Return the groups of a block by tiles, in their order.

    Args:
        ends: int64 (G,), of all groups.
        groups: those of the block, a range with step 1.
        rates: the learning rate at its start and end.
        rows: int, of each group of the block, its tile's block of words.
        columns: likewise, of contexts.
    """
    first = int(ends[groups.start - 1]) if groups.start else 0
    ends = ends[groups.start : groups.stop]
    starts = np.concatenate(([first], ends[:-1]))
    same = (rows[1:] == rows[:-1]) & (columns[1:] == columns[:-1])
    cuts = [0, *(np.flatnonzero(~same) + 1).tolist(), len(groups)]
    slope = (rates[1] - rates[0]) / (int(ends[-1]) - first)
    return [
        Task(
            groups=groups[begin:end],
            entries=range(int(starts[begin]), int(ends[end - 1])),
            tile=(int(rows[begin]), int(columns[begin])),
            rates=(rates[0] + slope * (int(starts[begin]) - first), rates[0] + slope * (int(ends[end - 1]) - first)),
        )
        for begin, end in pairwise(cuts)
    ]
