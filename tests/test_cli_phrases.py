"""`firth phrases`, and `firth train --phrases`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from firth.corpus.phrases import PhraseModel


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    lines = ["he reads the new york times", "w1 new york times x3"] * 10 + [
        f"w{n % 13} x{n % 11} y{n % 7}" for n in range(400)
    ]
    path.write_text("\n".join(lines))
    return path


def test_the_best_are_printed(firth: Callable, text: Path, tmp_path: Path) -> None:
    done = firth("phrases", text, "--threshold", 40, "-k", 2, "-o", tmp_path / "model.json")
    assert done.code == 0, done
    lines = done.out.splitlines()
    assert lines[0].split() == ["phrase", "count", "score", "pass"]
    assert len(lines) == 4
    model = PhraseModel.load(tmp_path / "model.json")
    assert lines[1].split()[0] == str(model.phrases[0])
    assert lines[3] == f"… {len(model) - 2} more"


def test_they_are_printed_by_count_too(firth: Callable, text: Path) -> None:
    for sort in ("score", "count"):
        document = firth("phrases", text, "--threshold", 5, "-k", 50, "--json", "--sort", sort).document
        values = [phrase[sort] for phrase in document["phrases"]]
        assert values == sorted(values, reverse=True)
        assert len({*values}) > 1
    assert firth("phrases", text, "--sort", "length").code == 2


def test_json(firth: Callable, text: Path) -> None:
    options = ("--score", "npmi", "--threshold", 0.5, "--connectors", "the, of", "--passes", 3)
    document = firth("phrases", text, text.parent / "text.txt", "--json", *options).document
    assert ["new", "york"] in [phrase["words"] for phrase in document["phrases"]]
    assert document["found"] >= len(document["phrases"])
    assert all(-1 <= phrase["score"] <= 1 for phrase in document["phrases"])
    assert set(document["phrases"][0]) == {"words", "count", "score", "pass"}


def test_standard_input(firth: Callable, text: Path) -> None:
    assert "new_york" in firth("phrases", "-", "--threshold", 40, stdin=text.read_bytes()).out


def test_errors_are_one_sentence(firth: Callable, text: Path) -> None:
    firth("phrases", text, "--threshold", 1e9).is_one_sentence("but the best", "lower the threshold")
    firth("phrases", text, "--passes", 0).is_one_sentence("from 1 to 10, got 0")
    firth("phrases", text.parent / "none.txt").is_one_sentence("no file")
    firth("phrases", text, "--connectors", " , ", "--threshold", "nan").is_one_sentence("thresholds")
    assert firth("phrases", text, "--score", "npmi", "--discount", 3).code == 2
    assert firth("phrases", text, "-o", "").code == 2
    firth("train", text, "-o", text.parent / "run", "--phrases", 0).is_one_sentence("passes")
    assert not (text.parent / "run").exists()


def test_training_joins_them(firth: Callable, text: Path, tmp_path: Path) -> None:
    lines = text.read_text().splitlines()
    text.write_text("\n".join([*lines, *(f"z{n % 17} q{n % 19} r{n % 23}" for n in range(2000))]))
    run = tmp_path / "run"
    done = firth("train", text, "-o", run, "--phrases", 2, "--dim", 4, "--epochs", 1, "--threads", 1)
    assert done.code == 0, done
    assert json.loads((run / "run.json").read_text())["phrases"]["passes"] == 2
    assert len(PhraseModel.load(run / "phrases.json")) > 0


def test_training_joins_the_phrases_of_a_file(firth: Callable, text: Path, tmp_path: Path) -> None:
    model, run = tmp_path / "model.json", tmp_path / "run"
    assert firth("phrases", text, "--threshold", 40, "-o", model).code == 0
    small = ("--dim", 4, "--epochs", 1, "--threads", 1, "--min-count", 1)
    assert firth("train", text, "-o", run, "--phrases", model, *small).code == 0
    assert "new_york_times" in (run / "vectors.safetensors").read_bytes().decode("latin-1")
    done = firth("train", text, "-o", run, "--force", "--phrases", tmp_path / "gone.json", *small)
    assert done.code == 1
    assert "gone.json" in done.err.splitlines()[-1]
