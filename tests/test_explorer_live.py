"""A training as the page sees it: frames, places that glide, words asked for late, and its end."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

import firth
from firth.corpus import small_world
from firth.errors import SettingsError, UnknownWordError
from firth.events import EpochEnd, HeldOutLoss, Learning, Progress, Stage
from firth.explorer import live as module
from firth.explorer.app import app_of
from firth.explorer.live import LiveTraining
from firth.explorer.models import Models

WORDS = [f"word{'abcdefghijklmnopqrstuvwxyz'[row % 26]}{'abcdefghij'[row // 26]}" for row in range(200)]


class World:
    """Vectors that move from one place to another while they are looked at."""

    def __init__(self) -> None:
        generator = np.random.default_rng(1)
        self.begin = generator.normal(size=(200, 6)) * 0.01
        self.end = generator.normal(size=(200, 6)) * (5, 4, 1, 1, 1, 1)
        self.share = 0.0

    def vectors_of(self, rows: np.ndarray) -> np.ndarray:
        whole = self.begin * (1 - self.share) + self.end * self.share
        return whole[rows].astype(np.float32)


def progress(done: int, loss: float = 0.5) -> Progress:
    return Progress(done=done, total=1000, unit="words", seconds=1.0, loss=loss, rate=0.02, epoch=1)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> tuple[World, LiveTraining]:
    monkeypatch.setattr(module, "_SECONDS_BETWEEN_FRAMES", 0.0)
    made, live = World(), LiveTraining()
    live(Stage(name="training"))
    live(Learning(words=WORDS, vectors_of=made.vectors_of))
    return made, live


def test_frames_tell_how_far_it_is(world: tuple[World, LiveTraining]) -> None:
    made, live = world
    made.share = 0.5
    live(progress(100, 0.7))
    live(HeldOutLoss(passes=0.5, loss=0.6, per_token=1.0))
    live(progress(500, 0.65))
    live(EpochEnd(epoch=1, epochs=2, loss=0.66, per_second=250.0, unit="words", seconds=2.0))
    told = live.told(0, [])
    assert (told["state"], told["stage"], told["done"], told["total"]) == ("training", "training", 500, 1000)
    assert [frame["number"] for frame in told["frames"]] == [1, 2, 3, 4]
    assert [frame["words_done"] for frame in told["frames"]] == [0, 100, 500, 500]
    assert [frame["training"] for frame in told["frames"]] == [None, 0.7, 0.65, 0.66]
    assert [frame["held_out"] for frame in told["frames"]] == [None, None, 0.6, 0.6]
    assert told["words"] == WORDS[20:80]  # the most frequent of all are passed over
    assert all(len(frame["places"]) == 60 for frame in told["frames"])
    assert [frame["number"] for frame in live.told(3, [])["frames"]] == [4]
    assert live.told(4, [])["frames"] == []


def test_an_epoch_that_ends_before_any_progress_says_how_much_there_is() -> None:
    live = LiveTraining()
    live(Stage(name="reading the text"))
    live(Progress(done=77, total=77, unit="bytes", seconds=1.0))
    live(Stage(name="training"))
    live(Learning(words=WORDS, vectors_of=World().vectors_of))
    assert live.told(0, [])["unit"] is None
    live(EpochEnd(epoch=2, epochs=3, loss=0.5, per_second=100.0, unit="words", seconds=0.1))
    assert [(frame["words_done"], frame["words_total"]) for frame in live.told(0, [])["frames"]] == [
        (0, None),
        (20, 30),
    ]


def test_places_glide_and_end_in_the_principal_plane(world: tuple[World, LiveTraining]) -> None:
    made, live = world
    for step in range(1, 61):
        made.share = min(1.0, step / 30)
        live(progress(step))
    chosen = [WORDS[row] for row in range(30, 60)]
    live.told(0, chosen)
    for step in range(61, 121):
        live(progress(step))
    frames = np.array([frame["places"] for frame in live.told(0, chosen)["frames"] if frame["places"][0] is not None])
    assert len(frames) > 59
    apart = made.end[30:60] - made.end[30:60].mean(axis=0)
    kept = (np.linalg.svd(apart, compute_uv=False)[:2] ** 2).sum()
    assert (frames[-1] ** 2).sum() == pytest.approx(kept, rel=1e-3)
    steps = np.linalg.norm(np.diff(frames, axis=0), axis=2).max(axis=1)
    spread = np.linalg.norm(frames[-1], axis=1).max()
    assert steps.max() < 0.2 * spread  # nothing jumps, and nothing is mirrored


def test_words_asked_for_late_have_no_earlier_places(world: tuple[World, LiveTraining]) -> None:
    made, live = world
    made.share = 1.0
    live(progress(1))
    told = live.told(0, [WORDS[0], WORDS[30], WORDS[31]])
    assert told["frames"][-1]["places"][0] is None
    assert told["frames"][-1]["places"][1] is not None
    live(progress(2))
    told = live.told(0, [WORDS[0], WORDS[30], WORDS[31]])
    assert [frame["places"][0] is None for frame in told["frames"]] == [True, True, False]
    with pytest.raises(UnknownWordError, match="nobody"):
        live.told(0, ["nobody"])
    module_most = module.MOST_WATCHED
    try:
        module.MOST_WATCHED = 61
        with pytest.raises(SettingsError, match="at most 61"):
            live.told(0, [WORDS[1], WORDS[2]])
    finally:
        module.MOST_WATCHED = module_most


def test_frames_are_bounded(world: tuple[World, LiveTraining], monkeypatch: pytest.MonkeyPatch) -> None:
    _, live = world
    monkeypatch.setattr(module, "MOST_FRAMES", 10)
    for step in range(100):
        live(progress(step))
    numbers = [frame["number"] for frame in live.told(0, [])["frames"]]
    assert len(numbers) <= 10
    assert (numbers[0], numbers[-1]) == (1, 101)
    assert numbers == sorted(set(numbers))


def test_what_is_learned_after_the_first_training_makes_no_frames(world: tuple[World, LiveTraining]) -> None:
    _, live = world
    live(progress(1))
    live(Stage(name="saving"))
    live(progress(2))
    assert [frame["words_done"] for frame in live.told(0, [])["frames"]] == [0, 1]
    assert live.told(0, [])["stage"] == "saving"


def test_vectors_that_are_no_numbers_have_no_place() -> None:
    live = LiveTraining()
    live(Learning(words=["some", "more"], vectors_of=lambda rows: np.full((len(rows), 3), np.nan, np.float32)))
    assert live.told(0, [])["frames"][0]["places"] == [None, None]
    live(Learning(words=["some", "more"], vectors_of=lambda rows: np.ones((len(rows), 1), np.float32)))
    assert live.told(0, [])["frames"][-1]["places"] == [[0.0, 0.0], [0.0, 0.0]]


def test_before_it_begins_and_after_it_failed() -> None:
    live = LiveTraining()
    assert live.told(0, ["anything"])["frames"] == []
    live(Stage(name="reading the text"))
    assert live.told(0, [])["stage"] == "reading the text"
    live.ended(None)
    assert live.told(0, [])["state"] == "failed"


@pytest.mark.slow
@pytest.mark.parametrize("objective", [firth.SkipGram(dim=10), firth.CBOW(dim=10), firth.GloVe(dim=10)])
def test_a_training_is_shown_and_then_its_vectors(objective: Any) -> None:
    live = LiveTraining()
    client = TestClient(app_of(Models(live=live)), base_url="http://127.0.0.1")
    told = client.get("/api/models").json()
    assert (told["live"], told["models"]) == (True, [])
    refused = client.get("/api/neighbors?word=king")
    assert refused.status_code == 400
    assert "training is not over" in refused.json()["error"]
    run = firth.train(list(small_world.text(20_000)), objective, epochs=2, threads=1, on_event=live)
    told = client.get("/api/live", params={"word": ["king", "queen"]}).json()
    assert told["state"] == "training"
    assert told["frames"][0]["words_done"] == 0
    assert len(told["frames"]) >= 3
    assert told["frames"][-1]["training"] is not None
    last = client.get("/api/live").json()
    assert last["frames"][-1]["places"][0] is not None
    live.ended(run)
    assert client.get("/api/live").json()["state"] == "done"
    models = client.get("/api/models").json()["models"]
    assert [model["words"] for model in models] == [len(run.vectors)]
    neighbours = client.get("/api/neighbors?word=king&k=3").json()["neighbors"]
    assert [row["word"] for row in neighbours] == list(run.vectors.neighbors("king", 3).words)


@pytest.mark.slow
def test_looking_on_changes_no_bit() -> None:
    text = list(small_world.text(20_000))
    alone = firth.train(text, firth.SkipGram(dim=10), epochs=1, threads=1)
    live = LiveTraining()
    shown = firth.train(text, firth.SkipGram(dim=10), epochs=1, threads=1, on_event=live)
    assert shown.vectors.matrix.tobytes() == alone.vectors.matrix.tobytes()


@pytest.mark.slow
@pytest.mark.parametrize("vectors", ["separate", "sum", "concatenated"])
def test_glove_s_words_are_those_that_it_gives_away(vectors: str) -> None:
    seen: list[np.ndarray] = []
    live: list[Learning] = []

    def listen(event: Any) -> None:
        if isinstance(event, Learning):
            live.append(event)
        if isinstance(event, EpochEnd):
            seen.append(live[0].vectors_of(np.arange(5)))

    run = firth.train(
        list(small_world.text(20_000)), firth.GloVe(dim=6, vectors=vectors), epochs=1, threads=1, on_event=listen
    )
    np.testing.assert_array_equal(seen[0], run.vectors.matrix[:5])
