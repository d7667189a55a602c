"""The loop: blocks × epochs × threads. Nothing here knows what is learned, or how."""

from __future__ import annotations

import queue
import signal
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from firth.errors import DivergedError, EmptyCorpusError
from firth.events import EpochEnd, Progress
from firth.training.blocks import Block, blocks_of, stream_seed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firth.events import Listener
    from firth.training.schedule import LinearSchedule

__all__ = ["Model", "Outcome", "Tally", "Work", "train"]

_SECONDS_BETWEEN_REPORTS = 0.2


class Tally(Protocol):
    """What a model says of a block: summed loss in nats, and of how many decisions."""

    @property
    def loss(self) -> float: ...  # noqa: D102
    @property
    def decisions(self) -> int: ...  # noqa: D102


class Model(Protocol):
    """What can be trained.

    It makes working memory for a thread, learns a block of groups with it, and tells whether its numbers still are.
    """

    def scratch(self, longest_group: int) -> Any: ...  # noqa: D102

    def train_block(  # noqa: D102
        self,
        material: Any,
        groups: range,
        *,
        rates: tuple[float, float],
        seed: int,
        scratch: Any,
    ) -> Tally: ...

    def has_diverged(self) -> bool: ...  # noqa: D102


@dataclass(frozen=True, kw_only=True, slots=True)
class Work:
    """What one epoch passes over: items in groups that stay together.

    Args:
        material: handed to the model as it is: an encoded corpus, a table's entries.
        ends: int64 (G,), increasing, exclusive: where the groups end, in items (sentences in words, tiles in entries).
        units: int ≥ 1, what the pass is said to hold; words that min_count dropped were read all the same, so a corpus
            has more words than items.
        unit: what is counted ("words", "entries").
        block_size: int ≥ 1, items in a block: a few hundredths of a second of work, so that Ctrl-C is heard and threads
            end together.
    """

    material: Any
    ends: npt.NDArray[np.int64]
    units: int
    unit: str = "words"
    block_size: int = 50_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """How the training went.

    Args:
        history: one entry for each epoch that was finished.
        seconds: of training alone.
        units: of work done, all epochs together.
        unit: what is counted ("words", "entries").
        interrupted: whether Ctrl-C ended it early.
    """

    history: tuple[EpochEnd, ...]
    seconds: float
    units: int
    unit: str
    interrupted: bool


def train(
    model: Model,
    work: Work,
    schedule: LinearSchedule,
    *,
    epochs: int,
    threads: int,
    seed: int,
    on_event: Listener,
) -> Outcome:
    """Train a model.

    Each block's random stream depends on (seed, epoch, block) and its rate on its place alone. One thread takes the
    blocks in order and always gives the same bits. Several take them as they come and change the same matrices
    without locks (Hogwild): who reads which row before or after whom is then left to chance.

    Args:
        model: what learns.
        work: what an epoch passes over, at least one group.
        schedule: the rate over the whole training.
        epochs: int ≥ 1, passes over the work.
        threads: int ≥ 1.
        seed: int ≥ 0.
        on_event: gets Progress several times a second and EpochEnd; called in the caller's thread.

    Returns:
        The history; on Ctrl-C the training so far, with `interrupted` set.

    Raises:
        DivergedError: the vectors are no numbers any more.
        EmptyCorpusError: in all epochs no word had company.

    Source: Recht et al. 2011, "Hogwild: a lock-free approach to parallelizing stochastic gradient descent".
    """
    return _Training(model, work, schedule, epochs=epochs, threads=threads, seed=seed, on_event=on_event).run()


class _Training:
    """The state of one call of `train`."""

    def __init__(
        self,
        model: Model,
        work: Work,
        schedule: LinearSchedule,
        *,
        epochs: int,
        threads: int,
        seed: int,
        on_event: Listener,
    ) -> None:
        self.model, self.work, self.schedule, self.seed, self.on_event = model, work, schedule, seed, on_event
        self.blocks = blocks_of(work.ends, work.block_size)
        self.epochs, self.threads = epochs, min(threads, len(self.blocks))
        self.items = int(work.ends[-1])
        self.units_per_item = work.units / self.items
        longest = int(np.diff(work.ends, prepend=0).max())
        self.scratch = [model.scratch(longest) for _ in range(self.threads)]
        self.stop = threading.Event()
        self.start = time.perf_counter()
        self.last_report = 0.0

    def run(self) -> Outcome:
        with self._hearing_ctrl_c():
            return self._run()

    @contextmanager
    def _hearing_ctrl_c(self) -> Iterator[None]:
        """Let Ctrl-C set `stop`, wherever it falls; a second one ends the program as usual."""
        ours = threading.current_thread() is threading.main_thread()
        if not ours or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
            yield  # only the main thread may, and a handler of somebody else's stays
            return

        def stop(*_: object) -> None:
            self.stop.set()
            signal.signal(signal.SIGINT, signal.default_int_handler)

        signal.signal(signal.SIGINT, stop)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    def _run(self) -> Outcome:
        history: list[EpochEnd] = []
        items = 0
        for epoch in range(self.epochs):
            began = time.perf_counter()
            loss, done = self._epoch(epoch)
            items += done
            if self.model.has_diverged():
                raise DivergedError(
                    f"expected vectors of numbers, but the training diverged in epoch {epoch + 1}; the learning rate "
                    f"of {self.schedule.first} is too high for this text: choose a lower one"
                )
            if done < self.items:
                break
            seconds = time.perf_counter() - began
            history.append(
                EpochEnd(
                    epoch=epoch + 1,
                    epochs=self.epochs,
                    loss=loss,
                    per_second=self.work.units / seconds,
                    unit=self.work.unit,
                    seconds=seconds,
                )
            )
            self.on_event(history[-1])
        interrupted = len(history) < self.epochs
        if not interrupted and all(epoch.loss is None for epoch in history):
            raise EmptyCorpusError(
                "expected words with company, but subsampling left no two words together; raise its threshold, set it "
                "to 0, or give more text"
            )
        return Outcome(
            history=tuple(history),
            seconds=time.perf_counter() - self.start,
            units=round(items * self.units_per_item),
            unit=self.work.unit,
            interrupted=interrupted,
        )

    def _epoch(self, epoch: int) -> tuple[float | None, int]:
        """Train one epoch; return its mean loss and how many items were read, all of them unless it was stopped."""
        waiting: queue.SimpleQueue[Block] = queue.SimpleQueue()
        finished: queue.SimpleQueue[tuple[Block, Tally] | BaseException | None] = queue.SimpleQueue()
        for block in self.blocks:
            waiting.put(block)
        workers = [
            threading.Thread(target=self._work, args=(epoch, waiting, finished, scratch), daemon=True)
            for scratch in self.scratch
        ]
        for worker in workers:
            worker.start()
        working, loss, decisions, items = len(workers), 0.0, 0, 0
        error: BaseException | None = None
        while working:
            try:
                result = finished.get()
                if result is None:
                    working -= 1
                elif isinstance(result, BaseException):
                    error = result
                else:
                    block, tally = result
                    loss, decisions, items = loss + tally.loss, decisions + tally.decisions, items + block.items
                    self._report(epoch, items, loss / decisions if decisions else None)
            except KeyboardInterrupt:
                self.stop.set()
        for worker in workers:
            worker.join()
        if error is not None:
            raise error
        return loss / decisions if decisions else None, items

    def _work(
        self,
        epoch: int,
        waiting: queue.SimpleQueue[Block],
        finished: queue.SimpleQueue[tuple[Block, Tally] | BaseException | None],
        scratch: Any,
    ) -> None:
        """Take blocks until none is left; what goes wrong is raised again in the caller's thread."""
        try:
            while not self.stop.is_set():
                try:
                    block = waiting.get_nowait()
                except queue.Empty:
                    break
                finished.put((block, self._learn(epoch, block, scratch)))
        except BaseException as error:
            self.stop.set()
            finished.put(error)
        finally:
            finished.put(None)

    def _learn(self, epoch: int, block: Block, scratch: Any) -> Tally:
        whole = self.items * self.epochs
        begin = epoch * self.items + block.first_item
        return self.model.train_block(
            self.work.material,
            block.groups,
            rates=(self.schedule.rate(begin / whole), self.schedule.rate((begin + block.items) / whole)),
            seed=stream_seed(self.seed, epoch, block.number),
            scratch=scratch,
        )

    def _report(self, epoch: int, items: int, loss: float | None) -> None:
        """Say how far the training is, a few times a second."""
        seconds = time.perf_counter() - self.start
        if seconds - self.last_report < _SECONDS_BETWEEN_REPORTS:
            return
        self.last_report = seconds
        done = epoch * self.items + items
        self.on_event(
            Progress(
                done=round(done * self.units_per_item),
                total=self.work.units * self.epochs,
                unit=self.work.unit,
                seconds=seconds,
                loss=loss,
                rate=self.schedule.rate(done / (self.items * self.epochs)),
                epoch=epoch + 1,
            )
        )
