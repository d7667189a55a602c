"""`firth plot`."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import numpy as np
import pytest

from firth.vectors.store import WordVectors
from firth.vectors.words import shown

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Outcome

WORDS = ["king", "queen", "man", "woman", "pink", "blue", "dog"]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "novels.safetensors"
    matrix = np.random.default_rng(1).normal(size=(7, 10))
    WordVectors(WORDS, matrix, [70, 60, 50, 40, 30, 20, 10], record={"seed": 1}).save(path)
    return path


def words_in(path: Path) -> set[str]:
    """Return the words whose outlines an SVG has, by the comments beside them."""
    parser = ET.XMLParser(target=ET.TreeBuilder(insert_comments=True))  # noqa: S314 - our own
    found = ET.parse(path, parser).iter(ET.Comment)  # noqa: S314
    return {str(comment.text).strip() for comment in found}


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        ("scatter", WORDS[:4]),
        ("scatter", [*WORDS[:4], "--dimensions", "3", "--background", "6", "--keep-lengths"]),
        ("heatmap", WORDS[:4]),
        ("similarity", [*WORDS[:4], "--metric", "euclidean"]),
        ("untrained", WORDS[:4]),
        ("analogy", ["man", "king", "woman", "queen", "--plane", "difference"]),
        ("variance", []),
        ("tree", ["king", "queen", "man", "woman", "--tree", "huffman"]),
    ],
)
def test_each_kind_is_drawn(
    firth: Callable[..., Outcome], model: Path, tmp_path: Path, kind: str, arguments: list[str]
) -> None:
    output = tmp_path / "p.svg"
    outcome = firth("plot", model, *arguments, "--kind", kind, "-o", output, "--title", "a title", "--json")
    assert outcome.code == 0, outcome
    drawn = [word for word in arguments if word in WORDS]
    assert outcome.document["kind"] == kind
    assert sorted(outcome.document["words"]) == sorted(drawn)
    found = words_in(output)
    assert "a title" in found
    assert all(any(word in text.split() for text in found) for word in drawn)


def test_groups_and_a_file_of_words(firth: Callable[..., Outcome], model: Path, tmp_path: Path) -> None:
    some, output = tmp_path / "words.txt", tmp_path / "map.svg"
    some.write_text("dog\nking\nqeen\n", encoding="utf-8")
    outcome = firth(
        "plot", model, "--group", "nobles=king,queen", "--group", "colours=pink,blue", "--words", some, "-o", output
    )
    assert outcome.code == 0, outcome
    assert "1 of 3 words" in outcome.err
    assert '"qeen"; did you mean "queen"?' in outcome.err
    assert {"nobles", "colours", "others", "king", "queen", "pink", "blue", "dog"} <= words_in(output)
    assert outcome.out == f"{output}: scatter\n"


def test_two_models(firth: Callable[..., Outcome], model: Path, tmp_path: Path) -> None:
    output = tmp_path / "two.svg"
    outcome = firth("plot", model, *WORDS[:4], "--kind", "untrained", "--other", model, "-o", output)
    assert outcome.code == 0, outcome
    assert shown(str(model)) not in ("trained", "untrained")
    assert "untrained" not in words_in(output)


def test_the_losses_of_runs(firth: Callable[..., Outcome], tmp_path: Path) -> None:
    text = ("kings wear crowns of jewels\n" * 300).encode()
    run, plotted = tmp_path / "run", tmp_path / "while.pdf"
    trained = firth(
        "train", "-", "-o", run, "--dim", "8", "--epochs", "2", "--threads", "1", "--plot", plotted, stdin=text
    )
    assert trained.code == 0, trained
    assert plotted.read_bytes().startswith(b"%PDF")
    output = tmp_path / "loss.svg"
    outcome = firth("plot", run, run, "--kind", "loss", "-o", output, "--json")
    assert outcome.document == {"output": str(output), "kind": "loss", "runs": [str(run), str(run)]}
    assert {"run: training", "passes over the text"} <= words_in(output)
    firth("plot", run, tmp_path / "none", "--kind", "loss", "-o", tmp_path / "x.svg").is_one_sentence("run.json")


def test_training_refuses_a_picture_that_cannot_be_drawn_before_it_begins(
    firth: Callable[..., Outcome], tmp_path: Path
) -> None:
    outcome = firth("train", "-", "-o", tmp_path / "run", "--plot", tmp_path / "loss.gif", stdin=b"a b\n" * 100)
    outcome.is_one_sentence(".svg, .png or .pdf")
    assert not (tmp_path / "run").exists()


def test_training_replaces_a_picture_only_where_that_is_wanted(firth: Callable[..., Outcome], tmp_path: Path) -> None:
    picture = tmp_path / "loss.svg"
    picture.write_text("mine")
    arguments = ["train", "-", "-o", tmp_path / "run", "--dim", "4", "--epochs", "1", "--threads", "1"]
    text = ("kings wear crowns of jewels\n" * 50).encode()
    firth(*arguments, "--plot", picture, stdin=text).is_one_sentence("loss.svg", "--force")
    assert picture.read_text() == "mine"
    assert not (tmp_path / "run").exists()
    assert firth(*arguments, "--plot", picture, "--force", stdin=text).code == 0
    assert "<svg" in picture.read_text()


def test_a_training_without_losses_says_so_and_is_kept(firth: Callable[..., Outcome], tmp_path: Path) -> None:
    text = ("kings wear crowns of jewels\n" * 50).encode()
    picture = tmp_path / "loss.svg"
    outcome = firth(
        "train", "-", "-o", tmp_path / "run", "--model", "log-counts", "--dim", "3", "--plot", picture, stdin=text
    )
    assert outcome.code == 0, outcome
    assert "has none" in outcome.err
    assert not picture.exists()


def test_a_picture_is_not_replaced_unasked(firth: Callable[..., Outcome], model: Path, tmp_path: Path) -> None:
    output = tmp_path / "p.svg"
    output.write_text("mine")
    firth("plot", model, *WORDS[:4], "-o", output).is_one_sentence("p.svg", "--force")
    assert output.read_text() == "mine"
    assert firth("plot", model, *WORDS[:4], "-o", output, "--force", "--letters", "text").code == 0
    assert b">king<" in output.read_bytes()


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--kind", "heatmap"],
        ["king", "queen", "man", "--kind", "analogy"],
        ["king", "queen", "--kind", "analogy"],
        ["king", "queen", "--kind", "heatmap", "--method", "umap"],
        ["king", "--kind", "loss", "--words", "x"],
        ["--group", "king,queen"],
        ["king", "queen", "--kind", "pie"],
    ],
)
def test_wrong_usage_is_2(firth: Callable[..., Outcome], model: Path, tmp_path: Path, arguments: list[str]) -> None:
    outcome = firth("plot", model, *arguments, "-o", tmp_path / "p.svg")
    assert outcome.code == 2
    assert not (tmp_path / "p.svg").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["king", "qeen", "-o", "p.svg"], 'did you mean "queen"'),
        (["king", "queen", "man", "-o", "p.gif"], ".svg, .png or .pdf"),
        (["king", "queen", "-o", "p.svg"], "at least 3 words"),
        (["king", "queen", "man", "-o", "novels.safetensors/p.svg"], "could not write"),
    ],
)
def test_bad_input_is_one_sentence(
    firth: Callable[..., Outcome],
    model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    says: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    firth("plot", model, *arguments).is_one_sentence(says)
    assert [path.name for path in tmp_path.iterdir()] == [model.name]


def test_without_matplotlib_the_extra_is_told(
    firth: Callable[..., Outcome], model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    firth("plot", model, *WORDS[:4], "-o", tmp_path / "p.svg").is_one_sentence("firth[plots]")
