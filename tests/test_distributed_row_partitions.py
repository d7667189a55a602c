"""A matrix by ranges of rows: the bits of one machine, for any number of workers, also where some are lost."""

from __future__ import annotations

from collections.abc import Callable
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
from firth.distributed import counting, held_rows
from firth.distributed.counting import counted_by_rows
from firth.distributed.engine import WorkerLostError
from firth.distributed.local import LocalEngine
from firth.distributed.row_partitions import RowPartitions, factors_by_rows
from firth.errors import ClusterError, SettingsError
from firth.events import Event, Notice, Stage
from firth.kernels.jit import JIT_IS_OFF
from firth.objectives import svd
from firth.objectives.compressed_rows import CompressedRows
from firth.objectives.sparse_products import SparseProducts

MEMORY = 1 << 26


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> EncodedCorpus:
    text = list(small_world.text(1_200 if JIT_IS_OFF else 8_000))
    return encode(open_source(text), Words(), min_count=2, cache=tmp_path_factory.mktemp("cache"))


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let there be more parts than workers, and a basis to grow."""
    monkeypatch.setattr(counting, "_ENTRIES_IN_A_PART", 2_000)
    monkeypatch.setattr(svd, "_SMALL", 10)


class Losing(LocalEngine):
    """Threads of which some results are lost: those for which a function of their number says so."""

    def __init__(self, threads: int, is_lost: Callable[[int], bool]) -> None:
        super().__init__(threads)
        self.asked, self.is_lost = 0, is_lost

    def wait_for(self, handle: Any) -> Any:
        self.asked += 1
        if self.is_lost(self.asked):
            raise WorkerLostError("killed")
        return super().wait_for(handle)


def by_rows(engine: Any, objective: Any, corpus: EncodedCorpus, tell: Any = lambda _: None) -> RowPartitions:
    counts = counted_by_rows(
        engine, corpus, window=objective.window, weighting=objective.weighting, memory=MEMORY, on_event=None
    )
    return RowPartitions(engine, counts, objective, on_event=tell)


OBJECTIVES = {
    "PPMI": firth.PPMI(dim=6, window=4),
    "one side": firth.PPMI(dim=6, window=firth.Window(left=3, right=0), add_contexts=True),
    "PMI": firth.PPMI(dim=6, window=2, positive=False, smoothing=1),
    "log counts": firth.LogCounts(dim=6, window=3, factorization=firth.PCA()),
}


@pytest.mark.parametrize("name", OBJECTIVES)
@pytest.mark.parametrize("workers", [1, 3])
def test_the_vectors_are_those_of_one_machine(
    name: str, workers: int, corpus: EncodedCorpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    objective = OBJECTIVES[name]
    monkeypatch.setattr(held_rows, "IN_MEMORY", 0 if workers == 3 else 1 << 30)
    monkeypatch.setenv("FIRTH_CACHE", str(tmp_path))
    counts = count_cooccurrences(corpus, window=objective.window, folder=tmp_path / "counts")
    alone = objective.vectors(counts, seed=3)
    engine, stages = LocalEngine(workers), []
    apart, facts = factors_by_rows(
        engine, objective, corpus, memory=MEMORY, seed=3,
        on_event=lambda event: stages.append(event.name) if isinstance(event, Stage) else None,
    )  # fmt: skip
    engine.close()
    assert apart.words.tobytes() == alone.words.tobytes()
    assert apart.contexts is not None
    assert alone.contexts is not None
    assert apart.contexts.tobytes() == alone.contexts.tobytes()
    assert apart.explained == alone.explained
    assert facts["workers"] == workers
    assert facts["counts"] == len(counts)
    assert facts["workers_lost"] == 0
    assert facts["bytes_sent"] > 0
    assert "exchanging entries" in stages


def test_products_and_sums(corpus: EncodedCorpus, tmp_path: Path) -> None:
    objective = OBJECTIVES["one side"]
    counts = count_cooccurrences(corpus, window=objective.window, folder=tmp_path / "counts")
    matrix = objective.weighed(CompressedRows.of(counts))
    engine = LocalEngine(2)
    partitions = by_rows(engine, objective, corpus)
    given = np.random.default_rng(0).standard_normal((len(counts.row_ends), 5))
    with SparseProducts(matrix, threads=1) as products:
        for kind in (np.float32, np.float64):
            dense = given.astype(kind)
            for name in ("times", "transposed_times", "gram_times"):
                here, there = getattr(products, name)(dense), getattr(partitions, name)(dense)
                assert there.dtype == kind
                assert here.tobytes() == there.tobytes()
        assert products.column_sums().tobytes() == partitions.column_sums().tobytes()
        assert products.square_sum == partitions.square_sum
    # Each dense matrix goes to both whole, as does what lies between the two products of one call.
    size = given.nbytes + given.astype(np.float32).nbytes
    assert partitions.facts()["products"] == 8
    assert partitions.facts()["bytes_sent"] == 2 * 4 * size
    assert partitions.facts()["bytes_received"] == 4 * size + 8 * len(matrix.values)
    engine.close()


@pytest.mark.parametrize("when", range(0, 12, 5 if JIT_IS_OFF else 1))
def test_what_is_lost_is_made_again(when: int, corpus: EncodedCorpus) -> None:
    objective, events = OBJECTIVES["PPMI"], list[Event]()
    engine = LocalEngine(3)
    counts = counted_by_rows(engine, corpus, window=4, weighting="harmonic", memory=MEMORY)
    whole = RowPartitions(engine, counts, objective, on_event=events.append)
    dense = np.random.default_rng(0).standard_normal((whole.shape[1], 4)).astype(np.float32)
    wanted = whole.gram_times(dense)
    # An answer is lost, and the same worker does not answer when it is asked whether it stands.
    losing = Losing(3, lambda number: number in {1 + when, 3 + when})
    partitions = RowPartitions(losing, counts, objective, on_event=events.append)
    for _ in range(3):
        assert partitions.gram_times(dense).tobytes() == wanted.tobytes()
    assert partitions.lost == sum("workers were lost" in event.text for event in events if isinstance(event, Notice))
    assert losing.asked > 3 + when
    losing.close()
    engine.close()


def test_what_is_lost_again_and_again_is_said(corpus: EncodedCorpus) -> None:
    engine = LocalEngine(2)
    counts = counted_by_rows(engine, corpus, window=4, weighting="harmonic", memory=MEMORY)
    losing = Losing(2, lambda _: True)
    with pytest.raises(ClusterError, match="lost each time"):
        RowPartitions(losing, counts, OBJECTIVES["PPMI"], on_event=lambda _: None)
    losing.close()
    engine.close()


def test_nothing_left_of_the_counts_is_refused(corpus: EncodedCorpus) -> None:
    engine = LocalEngine(2)
    with pytest.raises(SettingsError, match="zeros alone"):
        by_rows(engine, firth.PPMI(dim=2, shift=1e9), corpus)
    engine.close()
