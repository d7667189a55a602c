"""From text to vectors: every objective learns the small world, one thread gives the same bits."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import firth
from firth.corpus import small_world
from firth.errors import DivergedError, EmptyCorpusError, SettingsError, StorageError
from firth.evaluation import analogies, categories
from firth.events import EpochEnd, Event, Stage

SENTENCES = ["the cat sat on the mat", "the dog sat on the rug", "a cat and a dog"] * 20

OBJECTIVES = {
    "skip-gram, negative sampling": (firth.SkipGram(), 0.95),
    "skip-gram, NCE": (firth.SkipGram(loss=firth.NCE()), 0.95),
    "skip-gram, NCE, log-uniform noise": (firth.SkipGram(loss=firth.NCE(noise=firth.LogUniform())), 0.95),
    "skip-gram, hierarchical softmax": (firth.SkipGram(loss=firth.HierarchicalSoftmax()), 0.95),
    "CBOW, negative sampling": (firth.CBOW(), 0.9),
    "CBOW, NCE": (firth.CBOW(loss=firth.NCE()), 0.9),
    "CBOW, hierarchical softmax": (firth.CBOW(loss=firth.HierarchicalSoftmax()), 0.9),
    "CBOW, negative sampling, historical": (firth.CBOW(gradient="historical"), 0.9),
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("world") / "small-world.txt"
    path.write_text("\n".join(small_world.text()), encoding="utf-8")
    return path


@pytest.mark.slow
@pytest.mark.parametrize(("objective", "least"), OBJECTIVES.values(), ids=OBJECTIVES.keys())
def test_every_objective_learns_the_small_world(world: Path, objective: Any, least: float) -> None:
    run = firth.train(world, objective, threads=1)
    accuracy = analogies.evaluate(run.vectors, small_world.questions()).accuracy
    purity = categories.evaluate(run.vectors, small_world.categories()).purity
    untrained = analogies.evaluate(run.untrained, small_world.questions()).accuracy
    figures = f"{objective}: {accuracy:.1%} of questions, purity {purity:.1%}; untrained {untrained:.1%}"
    assert accuracy >= least, figures
    assert purity >= 0.95, figures
    assert untrained < 0.02, figures
    assert run.vectors.analogy("king - man + woman", k=1).words[0] == "queen"


@pytest.mark.slow
@pytest.mark.parametrize("kind", [firth.ClusterTree, firth.VectorTree])
def test_every_tree_learns_the_small_world(world: Path, kind: type) -> None:
    before, kinds = firth.train(world, threads=1).vectors, small_world.categories()
    if kind is firth.VectorTree:
        tree = kind(vectors=before)
    else:
        tree = kind(clusters={word: kinds.get(word, "other") for word in before.words})
    run = firth.train(world, firth.SkipGram(loss=firth.HierarchicalSoftmax(tree=tree)), threads=1)
    accuracy = analogies.evaluate(run.vectors, small_world.questions()).accuracy
    purity = categories.evaluate(run.vectors, small_world.categories()).purity
    assert accuracy >= 0.95, f"{accuracy:.1%} of questions, purity {purity:.1%}"
    assert purity >= 0.95, f"{accuracy:.1%} of questions, purity {purity:.1%}"


def test_one_thread_and_the_same_seed_give_the_same_bits() -> None:
    runs = [
        firth.train(SENTENCES, firth.SkipGram(dim=20), threads=1, seed=seed, epochs=3, min_count=1)
        for seed in (5, 5, 6)
    ]
    first, same, other = (run.vectors.matrix for run in runs)
    np.testing.assert_array_equal(first, same)
    assert not np.array_equal(first, other)


def test_a_run_is_a_folder_that_opens(tmp_path: Path) -> None:
    objective = firth.CBOW(dim=7, window=firth.Window(left=2, right=1), loss=firth.NCE(negatives=3))
    run = firth.train(SENTENCES, objective, epochs=2, min_count=1, output=tmp_path / "run")
    assert run.path == tmp_path / "run"
    assert {path.name for path in run.path.iterdir()} == {"vectors.safetensors", "run.json"}
    opened = firth.load(run.path)
    np.testing.assert_array_equal(opened.matrix, run.vectors.matrix)
    np.testing.assert_array_equal(opened.output_matrix, run.vectors.output_matrix)
    assert list(opened.words) == list(run.vectors.words)
    assert opened.words[0] == "the"
    record = json.loads((run.path / "run.json").read_text(encoding="utf-8"))
    assert record["objective"]["loss"] == {
        "kind": "NCE", "negatives": 3, "noise": {"kind": "Unigram", "power": 0.75},
    }  # fmt: skip
    assert record["objective"]["window"]["left"] == 2
    assert record["corpus"]["words_read"] == sum(len(sentence.split()) for sentence in SENTENCES)
    assert [epoch["loss"] for epoch in record["history"]] == [epoch.loss for epoch in run.history]


def test_a_tree_has_no_output_vectors_of_words() -> None:
    run = firth.train(SENTENCES, firth.SkipGram(dim=5, loss=firth.HierarchicalSoftmax()), epochs=1, min_count=1)
    assert run.vectors.output_matrix is None


def test_events_tell_the_stages_and_the_epochs(tmp_path: Path) -> None:
    events: list[Event] = []
    firth.train(
        SENTENCES, firth.SkipGram(dim=5), epochs=3, min_count=1, output=tmp_path / "run", on_event=events.append
    )
    stages = [event.name for event in events if isinstance(event, Stage)]
    assert stages[-2:] == ["training", "saving"]
    assert len(stages) == len(set(stages))
    assert [event.epoch for event in events if isinstance(event, EpochEnd)] == [1, 2, 3]


def test_the_loss_falls() -> None:
    history = firth.train(SENTENCES, firth.SkipGram(dim=20, rate=0.1, subsample=0), epochs=20, min_count=1).history
    assert history[-1].loss < history[0].loss


def test_untrained_vectors_are_those_of_before_the_first_step() -> None:
    run = firth.train(SENTENCES, firth.SkipGram(dim=20), epochs=1, min_count=1, seed=3)
    assert list(run.untrained.words) == list(run.vectors.words)
    assert np.abs(run.untrained.matrix).max() <= 0.5 / 20
    assert not np.array_equal(run.untrained.matrix, run.vectors.matrix)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"epochs": 0}, "epochs"),
        ({"epochs": 1.5}, "epochs"),
        ({"threads": 0}, "threads"),
        ({"seed": -1}, "seed"),
        ({"min_count": 0}, "min_count"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        firth.train(SENTENCES, **settings)


@pytest.mark.parametrize("wrong", ["cbow", firth.SkipGram, 3])
def test_what_is_no_objective_is_refused(wrong: object) -> None:
    with pytest.raises(SettingsError, match="objective"):
        firth.train(SENTENCES, wrong)


@pytest.mark.parametrize("wrong", ["", 3])
def test_what_names_no_folder_is_refused(wrong: object) -> None:
    with pytest.raises(SettingsError, match="folder"):
        firth.train(SENTENCES, output=wrong)


def test_a_name_that_no_folder_can_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="could not make the folder"):
        firth.train(SENTENCES, output=tmp_path / ("x" * 3000))


# Plain Python's arithmetic, where compilation is off, warns of what compiled arithmetic passes over.
@pytest.mark.filterwarnings("ignore:(overflow|invalid value) encountered:RuntimeWarning")
def test_a_rate_far_too_high_is_told_from_a_result() -> None:
    objective = firth.SkipGram(dim=8, rate=10, subsample=0, loss=firth.NegativeSampling(negatives=20))
    with pytest.raises(DivergedError, match="learning rate"):
        firth.train(SENTENCES * 20, objective, epochs=20, min_count=1)


def test_a_text_that_subsampling_empties_is_told_from_a_result(tmp_path: Path) -> None:
    with pytest.raises(EmptyCorpusError, match="subsampling"):
        firth.train(SENTENCES, firth.SkipGram(dim=8, subsample=1e-30), min_count=1, output=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_min_count_above_every_count_is_refused() -> None:
    with pytest.raises(EmptyCorpusError, match="min_count"):
        firth.train(SENTENCES, min_count=10_000)


def test_an_earlier_run_is_not_overwritten_unasked(tmp_path: Path) -> None:
    firth.train(SENTENCES, firth.SkipGram(dim=5), epochs=1, min_count=1, output=tmp_path)
    before = (tmp_path / "run.json").read_bytes()
    with pytest.raises(StorageError, match="earlier run"):
        firth.train(SENTENCES, firth.SkipGram(dim=6), epochs=1, min_count=1, output=tmp_path)
    assert (tmp_path / "run.json").read_bytes() == before
    firth.train(SENTENCES, firth.SkipGram(dim=6), epochs=1, min_count=1, output=tmp_path, force=True)
    assert firth.load(tmp_path).dim == 6


def test_a_place_that_cannot_be_written_is_refused_before_the_training(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="could not make the folder"):
        firth.train(SENTENCES, output=tmp_path / "file" / "run")


def test_threads_default_to_all_cores() -> None:
    run = firth.train(SENTENCES, firth.SkipGram(dim=5), epochs=1, min_count=1)
    assert run.record["threads"] == len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else True


def test_what_does_not_fit_into_memory_is_refused_before_the_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRTH_MEMORY", str(300 << 20))
    text = list(small_world.text(5_000))
    with pytest.raises(SettingsError, match="memory"):
        firth.train(text, firth.SkipGram(dim=10_000, window=2), min_count=1, cache=tmp_path, output=tmp_path / "run")
    assert not (tmp_path / "run" / "vectors.safetensors").exists()
