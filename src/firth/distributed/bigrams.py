"""Phrases found and joined by many: each counts or joins a stretch of the text, counts are added up by pairs.

What comes of it is, to the bit, what `firth.corpus.bigrams.Bigrams` makes of the same text alone: counts are whole
numbers, whose sums do not depend on their order, and no phrase goes over a sentence's end.
"""

from __future__ import annotations

import time
from collections import deque
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from firth.corpus.bigrams import Bigrams, PairCounts, Roles, stretches, words_at_once
from firth.distributed.engine import ATTEMPTS, WorkerLostError, lost_again_and_again
from firth.events import Notice, Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy.typing as npt

    from firth.corpus.bigrams import Text
    from firth.distributed.engine import Engine
    from firth.events import Listener

__all__ = ["ClusterBigrams"]

_MOST_WORDS = 1 << 23
"""Of a stretch."""

_LEAST_WORDS = 1 << 16
"""Of a stretch, fewer are not worth the way."""

_STRETCHES_EACH = 4
"""Stretches for each worker, where there is text enough."""

_TOGETHER = 32
"""Stretches whose counts are added up as soon as these are counted."""


class ClusterBigrams(Bigrams):
    """Passes by a cluster.

    Args:
        engine: who counts and joins.
        on_event: told of lost workers.
    """

    def __init__(self, engine: Engine, on_event: Listener | None = None) -> None:
        self._engine = engine
        self._tell: Listener = (lambda _: None) if on_event is None else on_event

    def counted(self, text: Text, roles: Roles, *, min_count: int, most: int, tell: Listener) -> PairCounts:
        """See `Bigrams.counted`; where one machine would forget pairs, this one counts alone, to forget the same."""
        coming = max((tokens.stop - tokens.start for _, tokens in stretches(text, words_at_once(most))), default=0)
        for _ in range(ATTEMPTS):
            try:
                found = self._counted(text, roles, min_count, most - coming, tell)
            except WorkerLostError:
                tell(Notice(text="counts of pairs were lost with their worker, all pairs are counted again"))
                continue
            if found is None:
                tell(
                    Notice(
                        text="this machine counts the pairs of words, not the cluster: there may be more than "
                        f"{most:,} different ones (max_pairs)"
                    )
                )
                return super().counted(text, roles, min_count=min_count, most=most, tell=tell)
            return found
        raise lost_again_and_again("while phrases were found")

    def _counted(self, text: Text, roles: Roles, min_count: int, most: int, tell: Listener) -> PairCounts | None:
        """Return the pairs that are frequent enough; None where there are more than `most` different ones."""
        parts, total, begun = self._engine.workers, len(text.token_ids), time.monotonic()
        about = self._engine.put((roles, parts))
        # Of each part of the pairs, what is counted and has yet to be added up.
        waiting: list[list[Any]] = [[] for _ in range(parts)]
        for done, different, handles in self._mapped(text, _count, about, results=1 + parts):
            if different > most:
                return None
            for part, handle in zip(waiting, handles[1:], strict=True):
                part.append(handle)
                if len(part) == _TOGETHER:
                    part[:] = self._engine.start(_add, 1, *part, results=2)[1:]
            tell(Progress(done=done, total=total, unit="words", seconds=time.monotonic() - begun))
        added = [self._engine.start(_add, min_count, *part, results=2) for part in waiting]
        if sum(self._engine.wait_for(number) for number, _ in added) > most:
            return None
        pairs = [self._engine.wait_for(handle) for _, handle in added]
        keys = np.concatenate([keys for keys, _ in pairs])
        order = np.argsort(keys)
        return PairCounts(keys[order], np.concatenate([counts for _, counts in pairs])[order], 1)

    def joined(
        self, text: Text, roles: Roles, table: npt.NDArray[np.int64], counts: npt.NDArray[np.int64]
    ) -> Iterator[tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]]:
        """See `Bigrams.joined`."""
        about = self._engine.put((roles, table, len(counts)))
        for _, (ids, ends, which, times), _ in self._mapped(text, _join, about, results=1):
            counts[which] += times
            yield ids, ends

    def kept(
        self, text: Text, new_ids: npt.NDArray[np.int32]
    ) -> Iterator[tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]]:
        """See `Bigrams.kept`."""
        about = self._engine.put(new_ids)
        for _, kept, _ in self._mapped(text, _keep, about, results=1):
            yield kept

    def _mapped(
        self, text: Text, work: Callable[..., Any], about: Any, *, results: int
    ) -> Iterator[tuple[int, Any, list[Any]]]:
        """Start work on all stretches, some at a time; yield words done, the first result, and all handles."""
        each = len(text.token_ids) // (_STRETCHES_EACH * self._engine.workers)
        places = list(stretches(text, min(max(each, _LEAST_WORDS), _MOST_WORDS)))

        def started(number: int) -> list[Any]:
            return self._engine.start(work, _stretch(text, *places[number]), about, results=results)

        under_way: deque[list[Any]] = deque()
        for number, (_, tokens) in enumerate(places):
            while len(under_way) < 2 * self._engine.workers and number + len(under_way) < len(places):
                under_way.append(started(number + len(under_way)))
            handles = under_way.popleft()
            for _ in range(ATTEMPTS):
                try:
                    first = self._engine.wait_for(handles[0])
                    break
                except WorkerLostError:
                    lost = f"stretch {number + 1} of {len(places)} was lost with its worker, done again"
                    self._tell(Notice(text=lost))
                    handles = started(number)
            else:
                raise lost_again_and_again("while phrases were found")
            yield tokens.stop, first, handles


def _stretch(text: Text, sentences: slice, tokens: slice) -> Any:
    """Return some sentences as a text of their own."""
    stretch = SimpleNamespace(
        token_ids=np.array(text.token_ids[tokens]), sentence_ends=text.sentence_ends[sentences] - tokens.start
    )
    # What comes from a file or from another process cannot be written to: one kernel is enough for both.
    stretch.token_ids.flags.writeable = stretch.sentence_ends.flags.writeable = False
    return stretch


def _count(stretch: Any, about: tuple[Roles, int]) -> list[Any]:
    """Count a stretch; return how many different pairs it has, and the counts of each part of all pairs."""
    roles, parts = about
    with np.errstate(over="ignore"):
        keys, counts, _ = Bigrams().counted(stretch, _own(roles), min_count=1, most=1 << 62, tell=lambda _: None)
    numbers = keys % parts
    return [len(keys), *((keys[numbers == part], counts[numbers == part]) for part in range(parts))]


def _add(
    min_count: int, *counted: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]
) -> tuple[int, tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Add up counts of one part of the pairs; return how many different ones there are, and those frequent enough."""
    none = np.zeros(0, np.int64)
    keys, counts = (np.concatenate([none, *columns]) for columns in zip(*counted, (none, none), strict=True))
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    firsts = np.flatnonzero(np.diff(keys, prepend=-1))
    sums = np.add.reduceat(counts[order], firsts) if len(firsts) else none
    frequent = sums >= min_count
    return len(firsts), (keys[firsts[frequent]], sums[frequent])


def _join(
    stretch: Any, about: tuple[Roles, npt.NDArray[np.int64], int]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Join a stretch; return its ids, its sentences' ends, which ids it has, and how often each."""
    roles, table, units = about
    counts = np.zeros(units, np.int64)
    with np.errstate(over="ignore"):
        ids, ends = _together(Bigrams().joined(stretch, _own(roles), np.array(table), counts))
    which = np.flatnonzero(counts)
    return ids, ends, which, counts[which]


def _keep(stretch: Any, new_ids: npt.NDArray[np.int32]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    return _together(Bigrams().kept(stretch, np.array(new_ids)))


def _own(roles: Roles) -> Roles:
    """Return roles that can be written to, as those of one machine can: what came here would be for another kernel."""
    return roles._replace(of=np.array(roles.of))


def _together(
    runs: Iterator[tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]],
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    all_ids, all_ends, written = [np.zeros(0, np.int32)], [np.zeros(0, np.int64)], 0
    for ids, ends in runs:
        all_ids.append(ids)
        all_ends.append(ends + written)
        written += len(ids)
    return np.concatenate(all_ids), np.concatenate(all_ends)
