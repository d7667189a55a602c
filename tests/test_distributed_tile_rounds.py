"""GloVe's tiles with workers: the bits of one machine's reproducible training, also where some are lost."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import firth
from firth.contexts.cooccurrence import count_cooccurrences
from firth.corpus import small_world
from firth.corpus.encoded import EncodedCorpus, encode
from firth.corpus.sources import open_source
from firth.corpus.tokenizers import Words
from firth.distributed import counting, held_rows, tile_rounds
from firth.distributed.counting import counted_by_rows
from firth.distributed.engine import WorkerLostError
from firth.distributed.local import LocalEngine
from firth.distributed.tile_rounds import RoundsOfBlocks, TileRounds
from firth.errors import ClusterError, EmptyCorpusError
from firth.events import Event, Notice, Round
from firth.kernels.jit import JIT_IS_OFF
from firth.learning import from_entries, learn
from firth.objectives import tiles
from firth.objectives.reproducible_glove import SHARES
from firth.training.settings import TrainingSettings

MEMORY = 1 << 26
SETTINGS = TrainingSettings(epochs=2, threads=1, seed=5, held_out=0.1, reproducible=True)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> EncodedCorpus:
    text = list(small_world.text(1_200 if JIT_IS_OFF else 6_000))
    return encode(open_source(text), Words(), min_count=2, cache=tmp_path_factory.mktemp("cache"))


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let there be many of everything: parts, tiles, groups of one tile, blocks and rounds."""
    monkeypatch.setattr(counting, "_ENTRIES_IN_A_PART", 2_000)
    monkeypatch.setattr(tiles, "_GROUP", 200)
    monkeypatch.setattr(from_entries, "_ENTRIES_IN_A_BLOCK", 150)
    monkeypatch.setattr(tile_rounds, "_BLOCKS_A_WORKER", 2)


OBJECTIVES = {
    "plain": firth.GloVe(dim=5, window=4),
    "falling rate": firth.GloVe(dim=6, window=3, min_rate=0.01, vectors="separate"),
    "one side": firth.GloVe(dim=4, window=firth.Window(left=2, right=0), x_max=3, vectors="concatenated"),
}


@pytest.mark.parametrize("name", OBJECTIVES)
@pytest.mark.parametrize("workers", [1, 3])
def test_the_vectors_are_those_of_one_machine(
    name: str, workers: int, corpus: EncodedCorpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRTH_CACHE", str(tmp_path))
    monkeypatch.setattr(held_rows, "IN_MEMORY", 0 if workers == 3 else 1 << 30)
    objective, engine, events = OBJECTIVES[name], LocalEngine(workers), list[Event]()
    alone = learn(objective, corpus, SETTINGS, on_event=lambda _: None)
    apart = learn(objective, corpus, SETTINGS, on_event=events.append, cluster=engine)
    engine.close()
    assert apart.words.tobytes() == alone.words.tobytes()
    assert (apart.outputs is None) == (alone.outputs is None)
    assert apart.outputs is None or apart.outputs.tobytes() == alone.outputs.tobytes()
    assert apart.outcome.curve == alone.outcome.curve
    assert [epoch.loss for epoch in apart.outcome.history] == [epoch.loss for epoch in alone.outcome.history]
    assert apart.facts["cooccurrences"] == alone.facts["cooccurrences"]
    rounds = [event for event in events if isinstance(event, Round)]
    assert len(rounds) == apart.facts["merging"]["rounds"] >= 2
    assert apart.facts["merging"]["workers"] == workers
    assert apart.facts["merging"]["bytes_sent"] == sum(event.sent for event in rounds) > 0


def test_what_one_has_is_what_all_have(corpus: EncodedCorpus, tmp_path: Path) -> None:
    objective = OBJECTIVES["plain"]
    counts = count_cooccurrences(corpus, window=4, folder=tmp_path / "counts")
    arranged = objective.arranged(counts, seed=5, shares=SHARES, held_out=0.1)
    engine = LocalEngine(2)
    parts = counted_by_rows(engine, corpus, window=4, weighting="harmonic", memory=MEMORY)
    model = objective.over(corpus.vocabulary.words, corpus.vocabulary.counts, seed=1)
    rounds = TileRounds(engine, parts, objective, model, held_out=0.1, seed=5, on_event=lambda _: None)
    engine.close()
    np.testing.assert_array_equal(rounds.ends, arranged.ends)
    assert rounds.held_out.tobytes() == arranged.held_out.tobytes()


@pytest.mark.parametrize("when", [1, 8, 20] if JIT_IS_OFF else [1, 2, 3, 5, 8, 20, 60, 61, 62, 100])
def test_what_is_lost_is_learned_anew(when: int, corpus: EncodedCorpus) -> None:
    class Losing(LocalEngine):
        asked = -1

        def wait_for(self, handle: Any) -> Any:
            # Once the counts are there: an answer is lost, and a worker does not answer when it is asked.
            self.asked += self.asked >= 0
            if self.asked in {when, when + 2}:
                raise WorkerLostError("killed")
            return super().wait_for(handle)

    objective, engine, events = OBJECTIVES["plain"], Losing(3), list[Event]()
    alone = learn(objective, corpus, SETTINGS, on_event=lambda _: None)

    def listen(event: Event) -> None:
        events.append(event)
        if getattr(event, "name", "") == "arranging the counts on the cluster":
            engine.asked = 0

    apart = learn(objective, corpus, SETTINGS, on_event=listen, cluster=engine)
    engine.close()
    assert engine.asked > when + 2
    assert apart.words.tobytes() == alone.words.tobytes()
    assert apart.outcome.curve == alone.outcome.curve
    assert any("were lost" in event.text for event in events if isinstance(event, Notice))


def test_what_cannot_be(corpus: EncodedCorpus) -> None:
    class Lost(LocalEngine):
        def wait_for(self, handle: Any) -> Any:  # noqa: ARG002 - it is lost whatever it is
            raise WorkerLostError("killed")

    engine, objective = LocalEngine(2), OBJECTIVES["plain"]
    parts = counted_by_rows(engine, corpus, window=4, weighting="harmonic", memory=MEMORY)
    model = objective.over(corpus.vocabulary.words, corpus.vocabulary.counts, seed=1)
    about: Any = {"held_out": 0.0, "seed": 5, "on_event": lambda _: None}
    lost = Lost(2)
    with pytest.raises(ClusterError, match="lost each time"):
        TileRounds(lost, parts, objective, model, **about)
    nothing = counting.PartitionedCounts(parts.parts, parts.handles, np.zeros_like(parts.row_sizes), 0.0)
    with pytest.raises(EmptyCorpusError, match="no two words do"):
        TileRounds(engine, nothing, objective, model, **about)
    with pytest.raises(EmptyCorpusError, match="are held out"):
        TileRounds(engine, parts, objective, model, **(about | {"held_out": 1.0 - 2.0**-40}))
    lost.close()
    engine.close()


def test_what_a_cluster_began_goes_on_without_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def two_threads(cluster: str | None, *, workers: int) -> Iterator[LocalEngine | None]:  # noqa: ARG001
        engine = LocalEngine(2)
        yield None if cluster is None else engine
        engine.close()

    monkeypatch.setattr("firth.text_to_vectors.connected", two_threads)
    rounds: list[Round] = []

    def interrupt(event: Event) -> None:
        if isinstance(event, Round):
            rounds.append(event)
            if len(rounds) == 1:
                signal.raise_signal(signal.SIGINT)

    text = list(small_world.text(1_200 if JIT_IS_OFF else 6_000))
    (tmp_path / "text.txt").write_text("\n".join(text), encoding="utf-8")
    told: dict[str, Any] = {"min_count": 2, "threads": 1, "epochs": 2, "reproducible": True, "held_out": 0.1}
    about = tmp_path / "text.txt", OBJECTIVES["plain"]
    begun = firth.train(*about, cluster="two", output=tmp_path / "run", on_event=interrupt, **told)
    assert begun.interrupted
    ended = firth.resume(tmp_path / "run")
    assert not ended.interrupted
    assert len(rounds) == 1
    assert ended.vectors.matrix.tobytes() == firth.train(*about, **told).vectors.matrix.tobytes()


def test_any_place_begins_a_round() -> None:
    shares = RoundsOfBlocks(np.arange(10, 200, 10), 20, workers=2)
    assert shares.is_between_rounds(1)
    assert not shares.is_between_rounds(shares.total + 1)
    (part,) = shares.round_after(1)
    assert [block.number for block in part] == [1, 2, 3, 4]
