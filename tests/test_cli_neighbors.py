"""`firth neighbors` and `firth analogy`, on four hand-made vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from firth.vectors.store import WordVectors

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Outcome


@pytest.fixture
def model(tmp_path: Path) -> Path:
    # The axes are royalty, gender, and something else.
    rows = [[1, 1, 0], [1, -1, 0], [0, 1, 0.1], [0, -1, 0.1], [0.1, 0, 1]]
    path = tmp_path / "royals.safetensors"
    WordVectors(["king", "queen", "man", "woman", "apple"], np.array(rows, np.float32)).save(path)
    return path


def test_neighbors(firth: Callable[..., Outcome], model: Path) -> None:
    outcome = firth("neighbors", model, "king", "-k", "2")
    assert (outcome.code, outcome.err) == (0, "")
    assert [line.split() for line in outcome.out.splitlines()] == [
        ["word", "similarity"],
        ["man", "0.7036"],
        ["apple", "0.0704"],
    ]


def test_neighbors_of_several_words(firth: Callable[..., Outcome], model: Path) -> None:
    tables = firth("neighbors", model, "king", "queen", "-k", "1", "--metric", "euclidean").out.split("\n\n")
    assert [table.split()[:3] for table in tables] == [["king:", "word", "distance"], ["queen:", "word", "distance"]]


def test_neighbors_as_json(firth: Callable[..., Outcome], model: Path) -> None:
    document = firth("neighbors", model, "king", "-k", "1", "--json").document
    assert document == [{"word": "king", "neighbors": [{"word": "man", "similarity": pytest.approx(0.70359756)}]}]


def test_neighbors_that_are_all_equally_near(firth: Callable[..., Outcome], tmp_path: Path) -> None:
    path = tmp_path / "alike.safetensors"
    WordVectors(["a", "b", "c", "d"], np.array([[0, 0], [1, 2], [3, 1], [5, 5]], np.float32)).save(path)
    note = 'all neighbours shown of "a" (a vector of zeros) are equally near'
    assert firth("neighbors", path, "a").out.splitlines()[-1].startswith(note)
    told, plain = firth("neighbors", path, "a", "b", "--json").document
    assert [text.startswith(note) for text in told["notes"]] == [True]
    assert "notes" not in plain
    WordVectors(["a", "b", "c", "d"], np.ones((4, 2), np.float32)).save(path)
    (answer,) = firth("neighbors", path, "a", "-k", "1", "--json").document
    assert answer["notes"][0].startswith('the last neighbour shown of "a" is no nearer than others')
    assert "notes" not in firth("neighbors", path, "a", "-k", "3", "--json").document[0]
    assert "equally near" in firth("analogy", path, "a + b", "-k", "1", "--json").document["notes"][0]
    assert "notes" not in firth("analogy", path, "a + b", "--json").document


def test_analogy(firth: Callable[..., Outcome], model: Path) -> None:
    for expression in (["king - man + woman"], ["king", "-", "man", "+", "woman"]):
        outcome = firth("analogy", model, *expression, "-k", "1")
        assert outcome.code == 0
        assert outcome.out.splitlines()[1].split()[0] == "queen"


def test_analogy_with_its_own_words_shown(firth: Callable[..., Outcome], model: Path) -> None:
    outcome = firth("analogy", model, "king - man + woman", "--include-query", "--json")
    assert outcome.document["expression"] == "king - man + woman"
    shown = {answer["word"]: answer["query_word"] for answer in outcome.document["answers"]}
    assert shown == {"king": True, "queen": False, "man": True, "woman": True, "apple": False}


@pytest.mark.parametrize("verb", ["neighbors", "analogy"])
def test_an_unknown_word_suggests_near_ones(firth: Callable[..., Outcome], model: Path, verb: str) -> None:
    firth(verb, model, "kinng").is_one_sentence("kinng", '"king"')


@pytest.mark.parametrize("expression", ["king - + woman", "king -", "+", "king woman", ""])
def test_arithmetic_that_cannot_be_read(firth: Callable[..., Outcome], model: Path, expression: str) -> None:
    firth("analogy", model, expression).is_one_sentence()


@pytest.mark.parametrize("verb", ["neighbors", "analogy"])
def test_models_that_are_not_there(firth: Callable[..., Outcome], tmp_path: Path, verb: str) -> None:
    firth(verb, tmp_path / "nothing", "king").is_one_sentence("nothing")
    firth(verb, tmp_path, "king").is_one_sentence("vectors.safetensors")


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"", ""),
        (b"3 2\nking 1 2\nqueen 1 3\n", "3"),
        (b"99999999999 300\nking 1 2\n", ""),
        (b"2 2\nking 1 2\nqueen 1\n", "line 3"),
        (b"2 2\nking 1 nan\nqueen 1 3\n", "nan"),
        (b"2 2\nking 1 2\nqu\xff\xfeen 1 3\n", "UTF-8"),
        (b"\x00\x01\x02garbage", ""),
        (b'\xff\xff\xff\xff\xff\xff\xff\x7f{"vectors":1}', ""),
    ],
    ids=["empty", "short", "lying", "ragged", "nan", "bytes", "garbage", "lying safetensors"],
)
def test_broken_files(firth: Callable[..., Outcome], tmp_path: Path, content: bytes, part: str) -> None:
    path = tmp_path / "broken.txt"
    path.write_bytes(content)
    firth("neighbors", path, "king").is_one_sentence(part)


def test_what_was_left_out_is_told(firth: Callable[..., Outcome], tmp_path: Path) -> None:
    path = tmp_path / "twice.txt"
    path.write_text("3 2\nking 1 2\nking 1 3\nqueen 1 1\n")
    outcome = firth("neighbors", path, "king")
    assert outcome.code == 0
    assert outcome.out.splitlines()[1].split()[0] == "queen"
    assert outcome.err.startswith("note: ")
    assert "more than once" in outcome.err


@pytest.mark.parametrize("options", [["-k", "0"], ["-k", "many"], ["--most-frequent", "0"]])
def test_options_that_cannot_be(firth: Callable[..., Outcome], model: Path, options: list[str]) -> None:
    assert firth("neighbors", model, "king", *options).code == 2
