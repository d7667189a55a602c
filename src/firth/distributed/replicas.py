"""Training by shards: replicas learn their parts of a round, their changes are merged, and all go on from there.

A replica that is lost with its worker is made again as it was at the last merge, and learns its part again: what it
would have said had not been added anywhere yet.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from firth.distributed.engine import ATTEMPTS, WorkerLostError
from firth.distributed.round_facts import round_facts
from firth.errors import ClusterError
from firth.events import Notice, Round
from firth.training.merging import Portion, add_portion, merged, size_of
from firth.training.replica import Replica

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy.typing as npt

    from firth.distributed.engine import Actor, Engine
    from firth.events import Listener
    from firth.training.replica import Lesson
    from firth.training.trainer import Model, Tally

__all__ = ["Replicas"]


class Replicas:
    """The replicas of a model, wherever they are.

    Args:
        engine: where they are.
        model: the model itself, which is changed at each merge.
        dim: D, how many numbers of each row can change.
        make: returns a model with the same settings, untrained; must be possible to pickle where the engine shares no
            memory.
        texts: the share of each.
        longest_group: int ≥ 1, in items.
        on_event: gets a Round after each merge, and a Notice of each worker lost.
    """

    def __init__(
        self,
        engine: Engine,
        model: Model,
        dim: int,
        make: Callable[[], Model],
        texts: Sequence[Any],
        *,
        longest_group: int,
        on_event: Listener,
    ) -> None:
        self._engine, self._model, self._dim, self._on_event = engine, model, dim, on_event
        self._make, self._longest_group = engine.put(make), longest_group
        self._texts = [engine.put(text) for text in texts]
        self._portions = min(engine.workers, len(texts))
        self._actors: list[Actor] = []
        self._merged: list[Any] = []
        self.rounds: list[Round] = []
        """All that were told."""

    def begin(self) -> None:
        """Make the replicas as the model is now."""
        state = self._state()
        self._actors = [self._replica(number, state) for number in range(len(self._texts))]
        self._merged = []

    def _state(self) -> Any:
        """Return a handle of the model's matrices: themselves, or a copy that stays as it is."""
        if self._engine.shares_memory:
            return self._model.state()
        return self._engine.put({name: np.array(matrix) for name, matrix in self._model.state().items()})

    def _replica(self, number: int, state: Any) -> Actor:
        shared = self._engine.shares_memory
        return self._engine.actor(
            _made_replica, self._make, self._dim, self._texts[number], self._longest_group, state, shared
        )

    def learn(self, lessons: Sequence[Sequence[Lesson]]) -> list[Sequence[Tally]]:
        """Go through one round; the model has learned it when this returns.

        Args:
            lessons: of each replica.

        Raises:
            ClusterError: a worker was lost again and again.
        """
        start = time.perf_counter()
        calls = [self._start(actor, part, self._merged) for actor, part in zip(self._actors, lessons, strict=True)]
        lost = 0
        for _ in range(ATTEMPTS):
            again = self._lost(calls)
            if not again:
                learned = time.perf_counter()
                portions = self._merge(calls)
                if portions is not None:
                    break
                again = [number for number in range(len(calls)) if self._is_lost(calls[number])]
            lost += len(again)
            self._on_event(
                Notice(text=f"{len(again)} of {len(calls)} replicas were lost with their workers and learn anew")
            )
            state = self._state()
            for number in again:
                self._actors[number] = self._replica(number, state)
                calls[number] = self._start(self._actors[number], lessons[number], [])
        else:
            raise ClusterError(
                f"expected workers that stay, but in {ATTEMPTS} attempts at the same round some were lost each time; "
                "look after their memory, then go on (--resume)"
            )
        state_now = self._model.state()
        for portion in portions:
            add_portion(state_now, portion)
        tallies, sent = [], 0
        for call in calls:
            own, size = self._engine.wait_for(call[0])
            tallies.append(own)
            sent += size
        self._tell(portions, sent=sent, learning=learned - start, merging=time.perf_counter() - learned, lost=lost)
        return tallies

    def _start(self, actor: Actor, lessons: Sequence[Lesson], merged_before: Sequence[Any]) -> list[Any]:
        return actor.call("learn", self._portions, lessons, *merged_before, results=1 + self._portions)

    def _lost(self, calls: Sequence[list[Any]]) -> list[int]:
        return [number for number, call in enumerate(calls) if self._is_lost(call)]

    def _is_lost(self, call: list[Any]) -> bool:
        try:
            self._engine.wait_for(call[0])
        except WorkerLostError:
            return True
        return False

    def _merge(self, calls: Sequence[list[Any]]) -> list[Portion] | None:
        """Merge portion by portion, each wherever there is room; None where some are gone with their worker."""
        handles = [
            self._engine.start(_merged, *(call[1 + portion] for call in calls))[0] for portion in range(self._portions)
        ]
        try:
            portions = [self._engine.wait_for(handle) for handle in handles]
        except WorkerLostError:
            return None
        self._merged = handles
        return portions

    def _tell(self, portions: Sequence[Portion], *, sent: int, learning: float, merging: float, lost: int) -> None:
        told = Round(
            rows=sum(len(changes.rows) for portion in portions for changes in portion.values()),
            sent=sent,
            received=len(self._actors) * sum(map(size_of, portions)),
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
            "workers": self._engine.workers,
            "replicas_lost": sum(one.lost for one in self.rounds),
        }


class _Worker:
    """A replica behind a call that gives each portion apart, so that each can go its own way."""

    def __init__(self, replica: Replica) -> None:
        self._replica = replica

    def learn(self, portions: int, lessons: Sequence[Lesson], *merged_before: Portion) -> list[Any]:
        tallies, changes = self._replica.learn(merged_before, lessons, portions)
        return [(tallies, sum(map(size_of, changes))), *changes]


def _made_replica(  # noqa: PLR0917 - an engine hands arguments on by place
    make: Callable[[], Model],
    dim: int,
    text: Any,
    longest_group: int,
    state: Mapping[str, npt.NDArray[np.float32]],
    shared: bool,
) -> _Worker:
    model = make()
    model.restore(state)
    return _Worker(Replica(model, dim, text, longest_group=longest_group, base=state if shared else None))


def _merged(*portions: Portion) -> Portion:
    return merged(portions)
