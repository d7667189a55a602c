"""A training as it is seen from the page: chosen words where they are, frame by frame, with the loss beside them.

Frames are taken in the training's own thread, which copies a few rows and goes on; where the words then lie on the page
is computed when the page asks, in the server's threads.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from firth.errors import SettingsError, UnknownWordError
from firth.events import EpochEnd, Event, HeldOutLoss, Learning, Progress, Stage
from firth.explorer.once import Once
from firth.vectors.words import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["MOST_FRAMES", "MOST_WATCHED", "LiveTraining"]

MOST_FRAMES = 600
"""Then every other one goes, and new ones come half as often."""

MOST_WATCHED = 1000
_AT_FIRST = 60
_SECONDS_BETWEEN_FRAMES = 0.2
_PATHS = 8
_STEPS = 3

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Frame:
    """The training at one moment.

    Args:
        number: int ≥ 1, rising.
        done: units of work done.
        total: in all.
        training: the running mean loss, or None.
        held_out: the last loss on text held out, or None.
        rate: the learning rate.
        vectors: float32 (m, D) of the first m watched words.
    """

    number: int
    done: int
    total: int | None
    training: float | None
    held_out: float | None
    rate: float | None
    vectors: npt.NDArray[np.float32]


class _Path:
    """Some words' places from frame to frame, on a plane that turns slowly towards where they differ most.

    The plane's basis B is moved by a few steps B ← polar(C B), C being the words' covariance in the frame. That is the
    power iteration for the two first principal components; of all bases of the plane that it comes to, the polar
    factor U Vᵀ of C B = U S Vᵀ is the one nearest to C B, so that points glide and nothing turns over.

    Args:
        watched: int64 (n,), the words' places among the watched ones.
    """

    def __init__(self, watched: npt.NDArray[np.int64]) -> None:
        self._watched = watched
        self._basis: Floats | None = None
        self._places: dict[int, list[list[float] | None]] = {}

    def places(self, frame: _Frame) -> list[list[float] | None]:
        """Return the words' places in a frame, not before one that it was asked for; None for words not there yet."""
        if frame.number not in self._places:
            self._places[frame.number] = self._placed(frame.vectors)
        return self._places[frame.number]

    def _placed(self, vectors: npt.NDArray[np.float32]) -> list[list[float] | None]:
        there = np.flatnonzero(self._watched < len(vectors))
        places: list[list[float] | None] = [None] * len(self._watched)
        rows = vectors[self._watched[there]].astype(np.float64)
        if len(there) < 2 or not np.isfinite(rows).all():
            return places
        apart = rows - rows.mean(axis=0)
        basis = _principal(apart) if self._basis is None else self._basis
        for _ in range(_STEPS):
            basis = _polar(apart.T @ (apart @ basis), basis)
        self._basis = basis
        for place, point in zip(there.tolist(), (apart @ basis).tolist(), strict=True):
            places[place] = point
        return places


def _principal(apart: Floats) -> Floats:
    """Return the first two principal components as columns; zeros where there are not so many dimensions."""
    basis = np.zeros((apart.shape[1], 2))
    components = np.linalg.svd(apart, full_matrices=False)[2][:2].T
    basis[:, : components.shape[1]] = components
    return basis


def _polar(matrix: Floats, before: Floats) -> Floats:
    """Return the orthonormal matrix nearest to another; the one before where that says nothing."""
    left, strengths, right = np.linalg.svd(matrix, full_matrices=False)
    if not np.isfinite(strengths).all() or len(strengths) < 2 or not strengths[1] > 1e-12 * strengths[0]:
        return before
    nearest: Floats = left @ right
    return nearest


class LiveTraining:
    """A listener that keeps what the page shows of a training; give it to `firth.train` as `on_event`.

    training = LiveTraining()
    explorer = firth.explore(training, wait=False)
    run = firth.train(text, on_event=training)
    training.ended(run)
    """

    def __init__(self) -> None:
        self._lock, self._paths_lock = threading.Lock(), threading.Lock()
        self._state: Literal["training", "done", "failed"] = "training"
        self._stage = ""
        self._learning: Learning | None = None
        self._is_open = False
        self._word_ids: Once[dict[str, int]] = Once(self._numbered)
        self._watched: dict[int, int] = {}
        self._rows = np.empty(0, dtype=np.int64)
        self._frames: list[_Frame] = []
        self._number = 0
        self._between, self._last = _SECONDS_BETWEEN_FRAMES, 0.0
        self._now: Progress | None = None
        self._held_out: float | None = None
        self._paths: OrderedDict[tuple[int, ...], _Path] = OrderedDict()
        self.result: Any = None
        """What the training made, once it has ended."""

    def __call__(self, event: Event) -> None:
        """Take note of what the training tells."""
        if isinstance(event, Learning):
            self._begin(event)
        elif isinstance(event, Stage):
            self._stage, self._is_open = event.name, False
        elif isinstance(event, HeldOutLoss):
            self._held_out = event.loss
        elif isinstance(event, Progress):
            self._now = event
            if self._is_open and time.monotonic() - self._last >= self._between:
                self._take(event.done, event.total, event.loss, event.rate)
        elif isinstance(event, EpochEnd) and self._is_open:
            units = round(event.per_second * event.seconds)
            rate = None if self._now is None else self._now.rate
            self._take(units * event.epoch, units * event.epochs or None, event.loss, rate)

    def ended(self, result: Any) -> None:
        """Say that the training is over.

        Args:
            result: the run; None where it failed.
        """
        self.result, self._is_open = result, False
        self._state = "failed" if result is None else "done"

    def told(self, after: int, words: Sequence[str]) -> dict[str, Any]:
        """Return what the page is told: the state, and the frames since the last one that it has.

        Args:
            after: int ≥ 0, that frame's number.
            words: those whose places it wants; empty for the first that are watched.

        Raises:
            UnknownWordError: the training does not learn a word.
            SettingsError: more words are watched than can be.
        """
        with self._lock:
            chosen = self._chosen(words)
            frames = list(self._frames)
        with self._paths_lock:  # another one, so that the training never waits for the page
            path = self._path(tuple(chosen.values()))
            # A frame's places follow from those before it: frames that were never asked for are gone through, too.
            placed = [path.places(frame) for frame in frames]
        now = self._now
        return {
            "state": self._state,
            "stage": self._stage,
            "done": None if now is None else now.done,
            "total": None if now is None else now.total,
            "unit": None if now is None else now.unit,
            "words": list(chosen),
            "frames": [
                {
                    "number": frame.number, "words_done": frame.done, "words_total": frame.total,
                    "training": frame.training, "held_out": frame.held_out, "rate": frame.rate, "places": places,
                }
                for frame, places in zip(frames, placed, strict=True)
                if frame.number > after
            ],
        }  # fmt: skip

    def _begin(self, learning: Learning) -> None:
        # The most frequent words of all, such as "the", have everybody's company; those behind them say more.
        skipped = min(100, len(learning.words) // 10)
        names = enumerate(learning.words[skipped:2000], skipped)
        rows = [row for row, word in names if len(word) >= 4 and word.isalpha()][:_AT_FIRST]
        rows = rows or list(range(min(_AT_FIRST, len(learning.words))))
        with self._lock:
            self._learning, self._now = learning, None  # how far the reading came says nothing here
            self._watched = {row: place for place, row in enumerate(rows)}
            self._rows = np.array(rows, dtype=np.int64)
            self._is_open = True
        self._take(0, None, None, None)

    def _take(self, done: int, total: int | None, training: float | None, rate: float | None) -> None:
        """Keep the watched words' vectors as they are now."""
        if self._learning is None:
            return
        self._last = time.monotonic()
        vectors = self._learning.vectors_of(self._rows)
        with self._lock:
            self._number += 1
            self._frames.append(
                _Frame(
                    number=self._number, done=done, total=total, training=training, held_out=self._held_out,
                    rate=rate, vectors=vectors,
                )
            )  # fmt: skip
            if len(self._frames) > MOST_FRAMES:
                del self._frames[1::2]
                self._between *= 2

    def _chosen(self, words: Sequence[str]) -> dict[str, int]:
        """Return some words with their places among the watched; from now on they are watched."""
        if self._learning is None:
            return {}
        known = self._learning.words
        if not words:
            return {known[row]: place for row, place in list(self._watched.items())[:_AT_FIRST]}
        for word in words:
            if word not in self._word_ids():
                raise UnknownWordError(f'expected one of {len(known):,} words, got "{shown(word)}"')
        rows = [self._word_ids()[word] for word in words]
        new = [row for row in dict.fromkeys(rows) if row not in self._watched]
        if len(self._watched) + len(new) > MOST_WATCHED:
            raise SettingsError(f"expected at most {MOST_WATCHED:,} words to watch in all, got more; watch fewer")
        for row in new:
            self._watched[row] = len(self._watched)
        if new:
            self._rows = np.concatenate((self._rows, np.array(new, dtype=np.int64)))
        return {word: self._watched[row] for word, row in zip(words, rows, strict=True)}

    def _numbered(self) -> dict[str, int]:
        words = () if self._learning is None else self._learning.words
        return {word: row for row, word in enumerate(words)}

    def _path(self, watched: tuple[int, ...]) -> _Path:
        if watched not in self._paths:
            self._paths[watched] = _Path(np.array(watched, dtype=np.int64))
            if len(self._paths) > _PATHS:
                self._paths.popitem(last=False)
        self._paths.move_to_end(watched)
        return self._paths[watched]
