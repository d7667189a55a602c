"""The loop: blocks cover the corpus, streams depend on their place alone, the rate falls, Ctrl-C is heard."""

from __future__ import annotations

import itertools
import threading
import time
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firth.errors import DivergedError, EmptyCorpusError
from firth.events import EpochEnd, Event, Progress
from firth.objectives.sampled import BlockTally
from firth.training import trainer
from firth.training.blocks import blocks_of, stream_seed
from firth.training.schedule import LinearSchedule

SCHEDULE = LinearSchedule(first=0.5, last=0.1)


# Ten sentences of a hundred thousand words each: twenty blocks would be too few words, ten are not.
WORK = trainer.Work(material="a text", ends=np.arange(1, 11, dtype=np.int64) * 100_000, units=2_000_000)


@dataclass
class Model:
    """Learns nothing, and remembers what it was given."""

    seen: list[tuple[range, tuple[float, float], int]] = field(default_factory=list)
    pause: float = 0.0
    failing: bool = False
    diverged: bool = False
    decisions: int = 4

    def has_diverged(self) -> bool:
        return self.diverged

    def state(self) -> dict[str, np.ndarray]:
        return {}

    def restore(self, state: dict[str, np.ndarray]) -> None:
        assert state == {}

    def scratch(self, longest_group: int) -> int:
        return longest_group

    def train_block(
        self,
        material: str,
        groups: range,
        *,
        rates: tuple[float, float],
        seed: int,
        scratch: int,
    ) -> BlockTally:
        assert scratch == 100_000
        assert material == "a text"
        if self.failing:
            raise RuntimeError("a broken model")
        time.sleep(self.pause)
        self.seen.append((groups, rates, seed))
        return BlockTally(loss=2.0 * len(self.seen), decisions=self.decisions, centres=1)


def run(model: Model, *, epochs: int = 2, threads: int = 1) -> tuple[trainer.Outcome, list[Event]]:
    events: list[Event] = []
    outcome = trainer.train(model, WORK, SCHEDULE, epochs=epochs, threads=threads, seed=7, on_event=events.append)
    return outcome, events


@given(st.lists(st.integers(1, 50), min_size=1, max_size=60), st.integers(1, 200))
def test_blocks_cover_each_sentence_once_and_in_order(lengths: list[int], size: int) -> None:
    ends = np.cumsum(lengths).astype(np.int64)
    blocks = blocks_of(ends, size)
    assert list(itertools.chain(*(block.groups for block in blocks))) == list(range(len(lengths)))
    assert [block.number for block in blocks] == list(range(len(blocks)))
    for block in blocks:
        assert block.items == sum(lengths[s] for s in block.groups) > 0
        assert block.first_item == sum(lengths[: block.groups.start])
        assert block.items < size + max(lengths)
    assert all(block.items >= size - max(lengths) for block in blocks[:-1])


def test_streams_differ_by_seed_epoch_and_block_and_by_nothing_else() -> None:
    seeds = [stream_seed(*place) for place in itertools.product(range(4), range(4), range(50))]
    assert len(set(seeds)) == len(seeds)
    assert seeds == [stream_seed(*place) for place in itertools.product(range(4), range(4), range(50))]
    assert all(0 <= seed < 2**64 for seed in seeds)


def test_the_rate_falls_in_a_straight_line_and_no_further() -> None:
    assert [SCHEDULE.rate(x) for x in (-1, 0, 0.5, 1, 2)] == pytest.approx([0.5, 0.5, 0.3, 0.1, 0.1])


def test_one_thread_takes_the_blocks_in_order() -> None:
    model = Model()
    outcome, events = run(model)
    assert [sentences for sentences, _, _ in model.seen] == 2 * [range(i, i + 1) for i in range(10)]
    assert [seed for _, _, seed in model.seen] == [stream_seed(7, epoch, i) for epoch in range(2) for i in range(10)]
    rates = list(itertools.chain(*(rates for _, rates, _ in model.seen)))
    assert rates[0] == 0.5
    assert rates[-1] == pytest.approx(0.1)
    assert rates[1:-1:2] == pytest.approx(rates[2::2])
    assert outcome.units == 4_000_000
    assert not outcome.interrupted
    assert [event for event in events if isinstance(event, EpochEnd)] == list(outcome.history)
    # Blocks 1 … 10 and 11 … 20 said 2, 4, … nats of four decisions each.
    assert [epoch.loss for epoch in outcome.history] == pytest.approx([110 / 40, 310 / 40])


@pytest.mark.parametrize("threads", [2, 3, 50])
def test_threads_share_the_same_blocks(threads: int) -> None:
    alone, together = Model(), Model()
    run(alone)
    run(together, threads=threads)
    key = lambda entry: (entry[0].start, entry[2])  # noqa: E731
    assert sorted(together.seen, key=key) == sorted(alone.seen, key=key)


def test_progress_counts_words_of_the_text() -> None:
    _, events = run(Model(pause=0.05))
    progress = [event for event in events if isinstance(event, Progress)]
    assert len(progress) >= 3
    assert all(event.total == 4_000_000 and event.unit == "words" for event in progress)
    assert all(event.done % 200_000 == 0 for event in progress)
    assert [event.done for event in progress] == sorted(event.done for event in progress)
    assert {event.epoch for event in progress} == {1, 2}
    last = progress[-1]
    assert last.seconds_left == pytest.approx((4_000_000 - last.done) / last.per_second)


def test_what_goes_wrong_in_a_thread_is_raised_here() -> None:
    with pytest.raises(RuntimeError, match="a broken model"):
        run(Model(failing=True), threads=2)


def test_a_training_that_diverges_is_no_result() -> None:
    with pytest.raises(DivergedError, match=r"rate of 0\.5 is too high"):
        run(Model(diverged=True))


def test_a_training_in_which_no_word_has_company_is_no_result() -> None:
    with pytest.raises(EmptyCorpusError, match="subsampling"):
        run(Model(decisions=0))


def test_ctrl_c_ends_the_training_after_the_blocks_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    model, real = Model(pause=0.01), trainer._Training._report
    asked = threading.Event()

    def report(self: trainer._Training, *arguments: object) -> None:
        real(self, *arguments)
        if len(model.seen) >= 5 and not asked.is_set():
            asked.set()
            raise KeyboardInterrupt

    monkeypatch.setattr(trainer._Training, "_report", report)
    outcome, _ = run(model)
    assert outcome.interrupted
    assert outcome.history == ()
    assert 5 <= len(model.seen) < 10
    assert outcome.units == 200_000 * len(model.seen)
