"""Phrases found by stretches of a text are those that one machine finds: by threads, and by Ray."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import firth
from firth.corpus import small_world
from firth.corpus.bigrams import Bigrams, Roles
from firth.corpus.phrase_learning import encode_with_phrases
from firth.corpus.phrases import PhraseModel, Phrases
from firth.corpus.sources import open_source
from firth.corpus.tokenizers import Words
from firth.distributed import bigrams
from firth.distributed.bigrams import ClusterBigrams
from firth.distributed.engine import WorkerLostError
from firth.distributed.local import LocalEngine
from firth.distributed.ray_cluster import RayEngine
from firth.errors import ClusterError
from firth.events import Event, Notice, Progress
from firth.kernels.jit import JIT_IS_OFF

try:
    import ray
except ImportError:
    ray = None

WORLD = list(small_world.text(3_000))
PHRASES = Phrases(passes=3, threshold=5, discount=0, min_count=2, connectors="english")


@pytest.fixture(autouse=True)
def short_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bigrams, "_LEAST_WORDS", 1)
    monkeypatch.setattr(bigrams, "_MOST_WORDS", 150)
    monkeypatch.setattr(bigrams, "_TOGETHER", 3)


@pytest.fixture(params=[1, 3])
def engine(request: pytest.FixtureRequest) -> Iterator[LocalEngine]:
    engine = LocalEngine(request.param)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def cluster() -> Iterator[RayEngine]:
    engine = RayEngine("local", workers=2, store=100 << 20)
    yield engine
    engine.close()


def learned(folder: Path, how: Bigrams | None, phrases: Any = PHRASES, **settings: Any) -> tuple[Any, PhraseModel]:
    return encode_with_phrases(open_source(WORLD), Words(), phrases, min_count=2, cache=folder, bigrams=how, **settings)


def assert_same(one: tuple[Any, PhraseModel], other: tuple[Any, PhraseModel]) -> None:
    assert one[0].path != other[0].path
    for file in one[0].path.iterdir():
        assert file.read_bytes() == (other[0].path / file.name).read_bytes(), file.name
    assert one[1].phrases == other[1].phrases
    assert one[1].record == other[1].record


SENTENCES = st.lists(st.lists(st.integers(0, 6), max_size=9), max_size=9)


@settings(max_examples=20 if JIT_IS_OFF else 100, deadline=None)
@given(SENTENCES, st.integers(1, 3), st.integers(1, 30), st.integers(1, 3))
def test_passes_by_stretches_are_those_of_one(sentences: Any, workers: int, words: int, min_count: int) -> None:
    lengths = [len(sentence) for sentence in sentences if sentence]
    ids = [word for sentence in sentences for word in sentence]
    text: Any = SimpleNamespace(token_ids=np.array(ids, np.int32), sentence_ends=np.cumsum(np.array(lengths, np.int64)))
    text.token_ids.flags.writeable = text.sentence_ends.flags.writeable = False
    roles = Roles(np.array([0, 1, 2, -1, -2, -3, 3], np.int32), 4, 3)
    engine, results = LocalEngine(workers), []
    with pytest.MonkeyPatch.context() as patch, np.errstate(over="ignore"):
        patch.setattr(bigrams, "_MOST_WORDS", words)
        for how in (Bigrams(), ClusterBigrams(engine)):
            found = how.counted(text, roles, min_count=min_count, most=1000, tell=lambda _: None)
            table = np.zeros(256, np.int64)
            firth.kernels.bigrams.enter(found.keys, 7 + np.arange(len(found.keys)), table)  # type: ignore[attr-defined]
            counts = np.zeros(7 + len(found.keys), np.int64)
            joined = [*how.joined(text, roles, table, counts)]
            kept = [*how.kept(text, np.array([0, -1, 1, -1, 2, 3, -1], np.int32))]
            results.append([*found, counts, *map(lengths_of, (joined, kept))])
    engine.close()
    for one, other in zip(*results, strict=True):
        np.testing.assert_array_equal(one, other)


def lengths_of(runs: Any) -> Any:
    """Return ids, and behind them the lengths of the sentences."""
    parts = [np.zeros(0), *(ids for ids, _ in runs), *(np.diff(ends, prepend=0) for _, ends in runs)]
    return np.concatenate(parts)


def test_phrases_are_those_of_one_machine(engine: LocalEngine, tmp_path: Path) -> None:
    events: list[Event] = []
    alone = learned(tmp_path / "alone", None)
    apart = learned(tmp_path / "apart", ClusterBigrams(engine), on_event=events.append)
    assert len(alone[1]) > 20
    assert len({phrase.in_pass for phrase in alone[1].phrases}) == 3
    assert_same(alone, apart)
    assert not any(isinstance(event, Notice) and "this machine" in event.text for event in events)
    done = [event for event in events if isinstance(event, Progress) and event.unit == "words"]
    assert done[-1].done == done[-1].total
    again = [learned(tmp_path / name, how, alone[1]) for name, how in (("1", None), ("2", ClusterBigrams(engine)))]
    assert_same(*again)


def test_where_one_machine_forgets_it_counts_alone(engine: LocalEngine, tmp_path: Path) -> None:
    found = []
    for most in (1000, 2_200):
        events: list[Event] = []
        phrases = Phrases(passes=1, threshold=1, min_count=1, max_pairs=most, discount=0)
        alone = learned(tmp_path / f"alone{most}", None, phrases)
        apart = learned(tmp_path / f"apart{most}", ClusterBigrams(engine), phrases, on_event=events.append)
        assert_same(alone, apart)
        found.append(any(isinstance(event, Notice) and "this machine counts" in event.text for event in events))
        assert (alone[1].record["notices"] != []) <= found[-1]
    assert found[0]


class Losing(LocalEngine):
    """An engine that loses some of the results of a kind."""

    def __init__(self, lost: Any, times: int) -> None:
        super().__init__(2)
        self.lost, self.times = lost, times

    def wait_for(self, handle: Any) -> Any:
        value = super().wait_for(handle)
        if self.times and self.lost(value):
            self.times -= 1
            raise WorkerLostError("killed")
        return value


LOST = {
    "counts of a stretch": lambda value: isinstance(value, int),
    "a stretch joined": lambda value: isinstance(value, tuple) and len(value) == 4,
    "a stretch kept": lambda value: isinstance(value, tuple) and len(value) == 2 and value[0].dtype == np.int32,
    "sums": lambda value: isinstance(value, tuple) and len(value) == 2 and value[0].dtype == np.int64,
}


@pytest.mark.parametrize("what", LOST)
def test_what_is_lost_is_done_again_and_counted_once(what: str, tmp_path: Path) -> None:
    engine, events = Losing(LOST[what], 3), []
    apart = learned(tmp_path / "apart", ClusterBigrams(engine, events.append), on_event=events.append)
    engine.close()
    assert engine.times == 0
    assert sum(isinstance(event, Notice) and "again" in event.text for event in events) == 3
    assert_same(learned(tmp_path / "alone", None), apart)


@pytest.mark.parametrize("what", LOST)
def test_what_is_lost_again_and_again_ends_it(what: str, tmp_path: Path) -> None:
    engine = Losing(LOST[what], 1000)
    with pytest.raises(ClusterError, match="lost again and again"):
        learned(tmp_path, ClusterBigrams(engine))
    engine.close()


@pytest.mark.slow
@pytest.mark.skipif(JIT_IS_OFF, reason="trains for minutes in plain Python")
@pytest.mark.skipif(ray is None, reason="Ray is not installed (the extra ray)")
class TestWithRay:
    def test_workers_killed_change_no_phrase(
        self, cluster: RayEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(bigrams, "_MOST_WORDS", 1_000)
        marks = tmp_path / "killed"
        marks.mkdir()
        for name in ("_count", "_add", "_join", "_keep"):
            real = getattr(bigrams, name)

            def dying(*arguments: Any, real: Any = real, name: str = name) -> Any:
                if not list(marks.glob(f"{name}-*")):
                    (marks / f"{name}-{os.getpid()}").touch()
                    os.kill(os.getpid(), signal.SIGKILL)
                return real(*arguments)

            monkeypatch.setattr(bigrams, name, dying)
        apart = learned(tmp_path / "apart", ClusterBigrams(cluster))
        assert len(list(marks.iterdir())) >= 4
        assert_same(learned(tmp_path / "alone", None), apart)

    @pytest.mark.usefixtures("cluster")
    def test_a_training_begins_with_them(self, tmp_path: Path) -> None:
        runs = [
            firth.train(
                WORLD, firth.SkipGram(dim=8), epochs=1, shards=2, threads=2, min_count=2, cluster=where,
                phrases=PHRASES, cache=tmp_path / str(where),
            )
            for where in (None, "local")
        ]  # fmt: skip
        assert runs[0].vectors.matrix.tobytes() == runs[1].vectors.matrix.tobytes()
        assert any("_" in word for word in runs[1].vectors.words)
