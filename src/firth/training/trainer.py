"""The loop: blocks × epochs × threads. Nothing here knows what is learned, or how."""

from __future__ import annotations

import queue
import signal
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from firth.errors import DivergedError, EmptyCorpusError, SettingsError
from firth.events import EpochEnd, Progress
from firth.training.blocks import Block, blocks_of, stream_seed
from firth.training.replica import Lesson
from firth.training.state import State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from firth.events import HeldOutLoss, Listener
    from firth.training.schedule import LinearSchedule
    from firth.training.shards import Shares

__all__ = ["Checkpoints", "Model", "Outcome", "Replicas", "Tally", "Work", "train"]

_SECONDS_BETWEEN_REPORTS = 0.2


class Tally(Protocol):
    """What a model says of a block: summed loss in nats, of how many decisions, and what became of each word."""

    @property
    def loss(self) -> float: ...  # noqa: D102
    @property
    def decisions(self) -> int: ...  # noqa: D102
    @property
    def words(self) -> Mapping[str, int]: ...  # noqa: D102


class Checkpoints(Protocol):
    """Where a training is written down from time to time: its state, and the model's arrays by name."""

    def is_due(self) -> bool: ...  # noqa: D102
    def write(self, state: dict[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> None: ...  # noqa: D102
    def read(self) -> tuple[dict[str, Any], Mapping[str, npt.NDArray[Any]]] | None: ...  # noqa: D102


class Model(Protocol):
    """What can be trained.

    It makes working memory for a thread, learns a block of groups with it, and tells whether its numbers still are; all
    that learning changes it gives away, and takes back.
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
    def state(self) -> dict[str, npt.NDArray[Any]]: ...  # noqa: D102
    def restore(self, state: Mapping[str, npt.NDArray[Any]]) -> None: ...  # noqa: D102


class Replicas(Protocol):
    """Copies of the model, each of which learns a share of the pass; after each round the model has learned it all."""

    def begin(self) -> None: ...  # noqa: D102
    def learn(self, lessons: Sequence[Sequence[Lesson]]) -> Sequence[Sequence[Tally]]: ...  # noqa: D102


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
    measured_every: int = 100_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """How the training went.

    Args:
        history: one entry for each epoch that was finished.
        seconds: of training alone.
        units: of work done, all epochs together.
        unit: what is counted ("words", "entries").
        interrupted: whether Ctrl-C ended it early.
        curve: the held-out losses, in order; empty where nothing is held out.
        words: what became of the words met, all epochs together, by kind; empty where there are no words.
        kept_epoch: the epoch, from 1, whose vectors were kept as the best; None where patience was not asked for.
    """

    history: tuple[EpochEnd, ...]
    seconds: float
    units: int
    unit: str
    interrupted: bool
    curve: tuple[HeldOutLoss, ...] = ()
    words: Mapping[str, int] = field(default_factory=dict)
    kept_epoch: int | None = None


def train(
    model: Model,
    work: Work,
    schedule: LinearSchedule,
    *,
    epochs: int,
    threads: int,
    seed: int,
    on_event: Listener,
    measure: Callable[[float], HeldOutLoss | None] | None = None,
    patience: int | None = None,
    checkpoints: Checkpoints | None = None,
    shared: tuple[Shares, Replicas] | None = None,
) -> Outcome:
    """Train a model.

    Each block's random stream depends on (seed, epoch, block) and its rate on its place alone. One thread takes the
    blocks in order and always gives the same bits, even where it was broken off and went on from a checkpoint. Several
    take them as they come and change the same matrices without locks (Hogwild): who reads which row before or after
    whom is then left to chance.

    Args:
        model: what learns.
        work: what an epoch passes over, at least one group.
        schedule: the rate over the whole training.
        epochs: int ≥ 1, passes over the work.
        threads: int ≥ 1.
        seed: int ≥ 0.
        on_event: gets Progress several times a second, HeldOutLoss and EpochEnd; called in the caller's thread.
        measure: given the passes done, takes the held-out loss, while no thread learns; None measures nothing.
        patience: int ≥ 1, end after so many epochs in which the held-out loss was not less than in the best, and keep
            the best's vectors; None goes through all epochs and keeps the last's. Needs `measure`.
        checkpoints: where the training is written down when it is time, and at Ctrl-C, and whence it goes on.
        shared: the pass's blocks as they are shared out, and the replicas that learn them in place of threads here;
            None learns them with the model itself.

    Returns:
        The history; on Ctrl-C the training so far, with `interrupted` set.

    Raises:
        DivergedError: the vectors are no numbers any more.
        EmptyCorpusError: in all epochs no word had company.

    Source: Recht et al. 2011, "Hogwild: a lock-free approach to parallelizing stochastic gradient descent".
    """
    training = _Training(model, work, schedule, epochs=epochs, threads=threads, seed=seed, on_event=on_event)
    training.measure, training.patience, training.checkpoints = measure, patience, checkpoints
    training.shared = shared
    return training.run()


class _Training:
    """The state of one call of `train`."""

    measure: Callable[[float], HeldOutLoss | None] | None = None
    patience: int | None = None
    checkpoints: Checkpoints | None = None
    shared: tuple[Shares, Replicas] | None = None

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
        self.stop, self.pause = threading.Event(), threading.Event()
        self.state = State(blocks=len(self.blocks))
        self.best: dict[str, npt.NDArray[Any]] = {}
        self.start = self.last_report = 0.0

    def run(self) -> Outcome:
        self._restore()
        if self.shared is not None:
            self.shared[1].begin()
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
        state = self.state
        while state.epoch < self.epochs and not self._is_out_of_patience():
            self._epoch()
            if state.block < len(self.blocks):
                break
            self._end_epoch()
            self._write_checkpoint(where_due=True)
        interrupted = state.epoch < self.epochs and not self._is_out_of_patience()
        if interrupted:
            self._refuse_diverged()
            self._write_checkpoint()
        elif all(epoch.loss is None for epoch in state.history):
            raise EmptyCorpusError(
                "expected words with company, but subsampling left no two words together; raise its threshold, set it "
                "to 0, or give more text"
            )
        elif self.best:
            self.model.restore(self.best)
        return Outcome(
            history=tuple(state.history),
            seconds=state.seconds,
            units=round(state.all_items * self.units_per_item),
            unit=self.work.unit,
            interrupted=interrupted,
            curve=tuple(state.curve),
            words=dict(state.words),
            kept_epoch=state.best_epoch if self.best and not interrupted else None,
        )

    def _is_out_of_patience(self) -> bool:
        return self.patience is not None and self.state.epoch - self.state.best_epoch >= self.patience

    def _epoch(self) -> None:
        """Train from the state's block to the epoch's end, unless it is stopped before."""
        state, step = self.state, max(1, self.work.measured_every // self.work.block_size)
        while state.block < len(self.blocks) and not self.stop.is_set():
            until = min(len(self.blocks), (state.block // step + 1) * step)
            if self.shared is None:
                self._learn_blocks(until)
            else:
                self._learn_rounds(*self.shared, until)
            if until <= state.block < len(self.blocks):
                self._measure()
            if state.block < len(self.blocks) and not self.stop.is_set():
                self._write_checkpoint(where_due=True)

    def _end_epoch(self) -> None:
        """Account for an epoch, and begin the next one."""
        state, work = self.state, self.work
        self._refuse_diverged()
        state.epoch, state.block = state.epoch + 1, 0
        measured = self._measure()
        ended = EpochEnd(
            epoch=state.epoch,
            epochs=self.epochs,
            loss=state.loss / state.decisions if state.decisions else None,
            per_second=work.units / state.epoch_seconds if state.epoch_seconds > 0 else 0.0,
            unit=work.unit,
            seconds=state.epoch_seconds,
            held_out_loss=measured.loss if measured else None,
            held_out_loss_per_token=measured.per_token if measured else None,
            held_out_perplexity=measured.perplexity if measured else None,
        )
        state.loss, state.decisions, state.items, state.epoch_seconds = 0.0, 0, 0, 0.0
        state.history.append(ended)
        if self.patience is not None and (
            state.best_epoch == 0 or (measured is not None and measured.loss < state.best_loss)
        ):
            state.best_epoch, state.best_loss = state.epoch, measured.loss if measured else float("inf")
            self.best = {name: array.copy() for name, array in self.model.state().items()}
        self.on_event(ended)

    def _measure(self) -> HeldOutLoss | None:
        """Take the held-out loss, where there is one."""
        measured = self.measure(self.state.epoch + self.state.items % self.items / self.items) if self.measure else None
        if measured is not None:
            self.state.curve.append(measured)
            self.on_event(measured)
        return measured

    def _refuse_diverged(self) -> None:
        if self.model.has_diverged():
            raise DivergedError(
                f"expected vectors of numbers, but the training diverged in epoch {self.state.epoch + 1}; the learning "
                f"rate of {self.schedule.first} is too high for this text: choose a lower one"
            )

    def _write_checkpoint(self, *, where_due: bool = False) -> None:
        """Write down how far the training is: now, or only where it is time."""
        if self.checkpoints is None or (where_due and not self.checkpoints.is_due()):
            return
        self._refuse_diverged()
        arrays = {f"model.{name}": array for name, array in self.model.state().items()}
        arrays |= {f"best.{name}": array for name, array in self.best.items()}
        self.checkpoints.write(self.state.to_dict(), arrays)

    def _restore(self) -> None:
        """Go on from the checkpoint, where there is one."""
        if self.checkpoints is None or (found := self.checkpoints.read()) is None:
            return
        state, arrays = found
        self.state = State.from_dict(state)
        between = self.shared is None or self.shared[0].is_between_rounds(self.state.block)
        if self.state.blocks != len(self.blocks) or not between:
            raise SettingsError(
                f"expected a training of {len(self.blocks):,} blocks an epoch, got one of {self.state.blocks:,} to go "
                "on with; it was begun by another version of Firth, which alone can go on with it"
            )
        self.model.restore({name: arrays[f"model.{name}"] for name in self.model.state()})
        if self.patience is not None and self.state.best_epoch:
            self.best = {name: np.array(arrays[f"best.{name}"]) for name in self.model.state()}

    def _learn_blocks(self, until: int) -> None:
        """Learn the blocks from the state's on, up to one or to where the training is stopped or pauses.

        A thread ends the block it has; blocks are taken in order, so that those done are always the first so many.
        """
        state = self.state
        waiting: queue.SimpleQueue[Block] = queue.SimpleQueue()
        finished: queue.SimpleQueue[tuple[Block, Tally] | BaseException | None] = queue.SimpleQueue()
        for block in self.blocks[state.block : until]:
            waiting.put(block)
        self.pause.clear()
        workers = [
            threading.Thread(target=self._work, args=(state.epoch, waiting, finished, scratch), daemon=True)
            for scratch in self.scratch
        ]
        self.start, error = time.perf_counter(), None
        for worker in workers:
            worker.start()
        working = len(workers)
        while working:
            try:
                result = finished.get()
                if result is None:
                    working -= 1
                elif isinstance(result, BaseException):
                    error = result
                else:
                    self._account(*result)
                    self._report()
            except KeyboardInterrupt:
                self.stop.set()
        for worker in workers:
            worker.join()
        if error is not None:
            raise error
        seconds = time.perf_counter() - self.start
        state.seconds, state.epoch_seconds = state.seconds + seconds, state.epoch_seconds + seconds

    def _learn_rounds(self, shares: Shares, replicas: Replicas, until: int) -> None:
        """Let the replicas learn, from the state's round on, at least up to a block unless stopped or paused."""
        state = self.state
        self.pause.clear()
        self.start = time.perf_counter()
        while state.block < until and not self.stop.is_set() and not self.pause.is_set():
            parts = shares.round_after(state.block)
            lessons = [[self._lesson(shares, share, block) for block in part] for share, part in enumerate(parts)]
            for part, tallies in zip(parts, replicas.learn(lessons), strict=True):
                for block, tally in zip(part, tallies, strict=True):
                    self._account(block, tally)
            self._report()
        seconds = time.perf_counter() - self.start
        state.seconds, state.epoch_seconds = state.seconds + seconds, state.epoch_seconds + seconds

    def _lesson(self, shares: Shares, share: int, block: Block) -> Lesson:
        """Return a block as its replica learns it, at the rate that the pass has come to when all are as far."""
        epoch, first = self.state.epoch, shares.groups[share].start
        before = shares.items_before(share, block)
        after = before + shares.count * block.items
        places = [epoch * self.items + min(self.items, items) for items in (before, after)]
        start, end = (self.schedule.rate(place / (self.items * self.epochs)) for place in places)
        groups = range(block.groups.start - first, block.groups.stop - first)
        return Lesson(groups, (start, end), stream_seed(self.seed, epoch, block.number))

    def _account(self, block: Block, tally: Tally) -> None:
        """Add a block that is done to the state."""
        state = self.state
        state.block, state.items, state.all_items = (
            state.block + 1,
            state.items + block.items,
            state.all_items + block.items,
        )
        state.loss, state.decisions = state.loss + tally.loss, state.decisions + tally.decisions
        for kind, count in tally.words.items():
            state.words[kind] = state.words.get(kind, 0) + count
        if self.checkpoints is not None and self.checkpoints.is_due():
            self.pause.set()

    def _work(
        self,
        epoch: int,
        waiting: queue.SimpleQueue[Block],
        finished: queue.SimpleQueue[tuple[Block, Tally] | BaseException | None],
        scratch: Any,
    ) -> None:
        """Take blocks until none is left; what goes wrong is raised again in the caller's thread."""
        try:
            while not self.stop.is_set() and not self.pause.is_set():
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

    def _report(self) -> None:
        """Say how far the training is, a few times a second."""
        state = self.state
        seconds = state.seconds + time.perf_counter() - self.start
        if seconds - self.last_report < _SECONDS_BETWEEN_REPORTS:
            return
        self.last_report = seconds
        self.on_event(
            Progress(
                done=round(state.all_items * self.units_per_item),
                total=self.work.units * self.epochs,
                unit=self.work.unit,
                seconds=seconds,
                loss=state.loss / state.decisions if state.decisions else None,
                rate=self.schedule.rate(state.all_items / (self.items * self.epochs)),
                epoch=state.epoch + 1,
            )
        )
