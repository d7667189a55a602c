"""Every kind of objective goes through the same door, and knows what it was told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import firth
from firth.corpus import small_world
from firth.errors import SettingsError
from firth.evaluation import categories
from firth.events import Event, Stage
from firth.learning import learn, load_kernels
from firth.training.settings import TrainingSettings

OBJECTIVES = {
    "skip-gram, full softmax": firth.SkipGram(dim=20, loss=firth.FullSoftmax()),
    "CBOW, binary cross entropy": firth.CBOW(dim=20, loss=firth.BinaryCrossEntropy()),
    "GloVe": firth.GloVe(dim=20),
    "PPMI": firth.PPMI(dim=20),
    "log counts, PCA": firth.LogCounts(dim=20, factorization=firth.PCA()),
}


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("learning") / "text.txt"
    path.write_text("\n".join(small_world.text(120_000)), encoding="utf-8")
    return path


@pytest.mark.slow
@pytest.mark.parametrize("name", OBJECTIVES)
def test_each_learns_which_words_are_of_a_kind(text: Path, name: str, tmp_path: Path) -> None:
    objective = OBJECTIVES[name]
    events: list[Event] = []
    run = firth.train(text, objective, threads=1, cache=text.parent, output=tmp_path / "run", on_event=events.append)
    assert run.vectors.matrix.shape == (len(run.vectors.words), 20)
    purity = categories.evaluate(run.vectors, small_world.categories())
    assert purity.purity > 0.7 > 5 * purity.chance
    again = firth.train(text, objective, threads=1, cache=text.parent)
    np.testing.assert_array_equal(again.vectors.matrix, run.vectors.matrix)
    record = json.loads((tmp_path / "run" / "run.json").read_text(encoding="utf-8"))
    assert record["objective"]["kind"] == type(objective).__name__
    losses = [epoch.loss for epoch in run.history]
    assert losses == sorted(losses, reverse=True)
    assert len(losses) == (0 if isinstance(objective, firth.PPMI | firth.LogCounts) else objective.default_epochs)
    assert run.per_second > 0
    assert run.unit == ("entries" if name == "GloVe" else "words")
    assert any(isinstance(event, Stage) for event in events)
    outputs = run.vectors.output_matrix
    assert outputs is None or outputs.shape == run.vectors.matrix.shape


def test_documents_are_what_lsa_counts(tmp_path: Path) -> None:
    topics = (["sun", "moon", "star", "sky"], ["bread", "cheese", "soup", "salt"])
    generator = np.random.default_rng(1)
    documents = [" ".join(generator.choice(topics[number % 2], size=12)) for number in range(60)]
    wv = firth.train(documents, firth.TfIdf(dim=4), min_count=1, cache=tmp_path).vectors
    near = {word: wv.neighbors(word, k=3).words for word in ("sun", "soup")}
    assert set(near["sun"]) == set(topics[0]) - {"sun"}
    assert set(near["soup"]) == set(topics[1]) - {"soup"}
    with pytest.raises(SettingsError, match="60"):
        firth.train(documents, firth.TfIdf(dim=61), min_count=1, cache=tmp_path)


def test_one_hot_vectors_are_all_alike(tmp_path: Path) -> None:
    wv = firth.train(["a b c a"], firth.OneHot(), min_count=1, cache=tmp_path).vectors
    np.testing.assert_array_equal(wv.matrix, np.eye(3, dtype=np.float32))


def test_what_counts_once_has_no_epochs(text: Path) -> None:
    with pytest.raises(SettingsError, match="PPMI counts the text once"):
        firth.train(text, firth.PPMI(), epochs=3, cache=text.parent)


@pytest.mark.parametrize("wrong", [firth.NCE(), firth.SkipGram, "glove", 3])
def test_what_is_no_objective_is_refused(text: Path, wrong: Any) -> None:
    with pytest.raises(SettingsError, match="objective"):
        firth.train(text, wrong, cache=text.parent)
    with pytest.raises(SettingsError, match="objective"):
        learn(wrong, None, TrainingSettings(), on_event=print)
    load_kernels(wrong)  # nothing to load


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [
        ("--model", "glove", "--x-max", 5, "--alpha", 0.5, "--epochs", 2),
        ("--model", "ppmi", "--shift", 2, "--smoothing", 1, "--factorization", "svd:0"),
        ("--model", "log-counts", "--weighting", "flat", "--factorization", "pca", "--window", 3),
        ("--model", "one-hot"),
        ("--loss", "full-softmax", "--epochs", 1),
        ("--model", "cbow", "--loss", "binary-cross-entropy", "--epochs", 1),
    ],
    ids=lambda options: " ".join(map(str, options[:4])),
)
def test_the_command_line_names_them_all(firth: Callable, tmp_path: Path, options: tuple[object, ...]) -> None:
    path = tmp_path / "text.txt"
    path.write_text("\n".join(small_world.text(5_000)), encoding="utf-8")
    dim = () if "one-hot" in options else ("--dim", 4)
    done = firth("train", path, "-o", tmp_path / "run", "--threads", 1, *dim, *options)
    assert done.code == 0, done
    settings = json.loads((tmp_path / "run" / "run.json").read_text(encoding="utf-8"))["objective"]
    names = {"--x-max": "x_max", "--shift": "shift", "--smoothing": "smoothing", "--weighting": "weighting"}
    for option, value in zip(options[::2], options[1::2], strict=True):
        if option in names:
            assert settings[names[option]] == value
    if "svd:0" in options:
        assert settings["factorization"] == {"kind": "SVD", "p": 0}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--model", "glove", "--x-max", 0), "above 0"),
        (("--model", "ppmi", "--dim", 9999), "at most"),
        (("--model", "ppmi", "--epochs", 5), "counts the text once"),
    ],
)
def test_settings_that_cannot_be_are_one_sentence(
    firth: Callable, tmp_path: Path, options: tuple[object, ...], said: str
) -> None:
    path = tmp_path / "text.txt"
    path.write_text("\n".join(small_world.text(5_000)), encoding="utf-8")
    done = firth("train", path, "-o", tmp_path / "run", *options)
    assert done.code == 1
    assert said in done.err.splitlines()[-1]
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    "options",
    [
        ("--model", "glove", "--loss", "nce"),
        ("--model", "ppmi", "--negatives", 5),
        ("--model", "skip-gram", "--x-max", 5),
        ("--model", "ppmi", "--factorization", "svd:x"),
        ("--model", "ppmi", "--factorization", "qr"),
    ],
)
def test_options_without_use_are_wrong_usage(firth: Callable, tmp_path: Path, options: tuple[object, ...]) -> None:
    assert firth("train", tmp_path / "text.txt", "-o", tmp_path / "run", *options).code == 2
