"""What objectives need: the figures against the arrays that they really make, and what is said where it is too much."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import firth
from firth import demands, fitting
from firth.corpus.scanner import Scanner, character_table
from firth.corpus.tokenizers import Words
from firth.errors import SettingsError
from firth.machine import free_memory
from firth.objectives.glove_model import GloVeModel


def total(objective: Any, words: int, **known: Any) -> int:
    return sum(demands.memory_for_learning(objective, words, **known).values())


@pytest.mark.parametrize("dim", [16, 100])
@pytest.mark.parametrize("loss", [firth.NegativeSampling(), firth.HierarchicalSoftmax(), firth.FullSoftmax()])
def test_the_matrices_are_those_of_the_model(dim: int, loss: Any) -> None:
    words = 500
    objective = firth.SkipGram(dim=dim, loss=loss)
    model = objective.over([str(word) for word in range(words)], np.full(words, 3, np.int64), seed=1)
    parts = demands.memory_for_learning(objective, words)
    held = sum(
        (view if view.base is None else view.base).nbytes for view in (model.input_vectors, model.output_vectors)
    )
    # A tree has a row less than words; cache lines take a few bytes.
    assert parts["matrices"] == pytest.approx(held, rel=0.01)


def test_glove_holds_sums_beside_its_matrices() -> None:
    model = GloVeModel(words=300, dim=50, seed=1)
    parts = demands.memory_for_learning(firth.GloVe(dim=50), 300)
    held = sum(view.base.nbytes for view in (model.word_vectors, model.context_vectors))
    assert parts["matrices"] + parts["AdaGrad's sums"] == pytest.approx(held, rel=0.01)


def test_more_is_needed_of_more() -> None:
    for objective in (firth.SkipGram(), firth.GloVe(), firth.PPMI(), firth.PPMI(factorization=None), firth.TfIdf()):
        assert total(objective, 2000, entries=10**6) > total(objective, 1000, entries=10**6)
        assert total(objective, 1000, entries=10**8) >= total(objective, 1000, entries=10**6)
    assert total(firth.SkipGram(dim=300), 1000) > total(firth.SkipGram(dim=100), 1000)
    few, many = (demands.disk_for_training(firth.GloVe(), 1000, occurrences=10**6, sentences=10, entries=entries)
                 for entries in (10**6, 10**9))  # fmt: skip
    assert set(many) - set(few) == {"tiles"}
    with pytest.raises(SettingsError, match="expected an objective"):
        demands.memory_for_learning("skip-gram", 10)


def test_the_scanner_s_tables_are_bounded() -> None:
    scanner = Scanner(Words(), character_table(Words()))
    scanner.scan(" ".join(f"word{number}" for number in range(20_000)).encode() + b"\n")
    held = sum(getattr(scanner, name).nbytes for name in ("_slots", "_units", "_starts", "_counts"))
    said = demands.memory_for_counting(20_000, scans=True)
    assert held / 2 <= said <= 3 * held
    assert demands.memory_for_counting(0, scans=True) > 0
    assert demands.memory_for_counting(10**6, scans=False) > demands.memory_for_counting(10**6, scans=True) / 2


def test_what_may_lie_on_disk_does_where_the_memory_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = 10**7
    found = {}
    for memory in ("400M", "64G"):
        monkeypatch.setenv("FIRTH_MEMORY", memory)
        for objective in (firth.GloVe(), firth.PPMI(), firth.LogCounts(factorization=firth.NMF())):
            parts = demands.memory_for_learning(objective, 1000, entries=entries)
            disk = demands.disk_for_training(objective, 1000, occurrences=10**6, sentences=10, entries=entries)
            found[memory, type(objective).__name__] = (
                parts.get("tiles", 0) + parts.get("weighed counts", 0),
                disk.get("tiles", 0) + disk.get("weighed counts", 0),
            )
    assert found["64G", "GloVe"] == (16 * entries, 0)
    assert found["400M", "GloVe"] == (0, 16 * entries)
    assert found["64G", "PPMI"] == (16 * entries, 0)
    assert found["400M", "PPMI"] == (2 * (50 << 20), 16 * entries)
    # scikit-learn wants all of it, wherever it lies besides.
    assert found["400M", "LogCounts"][0] == found["64G", "LogCounts"][0] > 16 * entries
    monkeypatch.setenv("FIRTH_MEMORY", "400M")
    assert demands.held_in_memory() == 50 << 20
    assert demands.counting_memory() == 100 << 20
    monkeypatch.setenv("FIRTH_MEMORY", "64G")
    assert demands.held_in_memory() == demands.counting_memory() == 1 << 30
    monkeypatch.setenv("FIRTH_MEMORY", "1M")
    assert demands.counting_memory() == 1 << 24


def test_what_fits_is_let_pass() -> None:
    fitting.check_fits(firth.SkipGram(), 1000, memory=1 << 30)
    fitting.check_fits(firth.SkipGram(), 10**9, memory=None if free_memory() is None else 1 << 60)


@pytest.mark.parametrize("objective", [firth.SkipGram(dim=300), firth.GloVe(dim=300), firth.PPMI(dim=300)])
def test_what_does_not_fit_is_refused_with_what_to_change(objective: Any) -> None:
    words, memory = 1_000_000, 1 << 30
    counts = np.maximum(1, 10**9 // np.arange(1, words + 1)).astype(np.int64)
    with pytest.raises(SettingsError, match="expected a model that fits") as refused:
        fitting.check_fits(objective, words, counts=counts, memory=memory)
    text = str(refused.value)
    numbers = {part.split("=")[0]: int(part.split("=")[1]) for part in text.replace(")", " ").replace("(", " ").replace(
        ",", " ").split() if "=" in part}  # fmt: skip
    # Each change by itself is enough, and no more than enough.
    assert total(objective, numbers["max_words"]) <= memory < total(objective, numbers["max_words"] + 1000)
    assert np.count_nonzero(counts >= numbers["min_count"]) <= numbers["max_words"]
    assert np.count_nonzero(counts >= numbers["min_count"] - 1) > numbers["max_words"]
    assert (
        total(type(objective)(dim=numbers["dim"]), words)
        <= memory
        < total(type(objective)(dim=numbers["dim"] + 8), words)
    )


def test_where_nothing_helps_a_larger_machine_is_named() -> None:
    with pytest.raises(SettingsError, match="a machine with more memory"):
        fitting.check_fits(firth.OneHot(), 100, memory=1 << 20)


def test_a_limit_on_the_process_may_be_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    resource = pytest.importorskip("resource")
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1 << 20, resource.RLIM_INFINITY))
    with pytest.raises(SettingsError, match=r"; raise the limit on this process's memory \(ulimit -d\); or name"):
        fitting.check_fits(firth.OneHot(), 100)
    with pytest.raises(SettingsError, match="a machine with more memory"):
        fitting.check_fits(firth.OneHot(), 100, memory=1 << 19)
