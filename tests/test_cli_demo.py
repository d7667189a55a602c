"""`firth demo` and `firth.demo`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from firth.vectors.load import load

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Outcome


@pytest.mark.slow
def test_a_small_demonstration(firth: Callable[..., Outcome], tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    outcome = firth("demo", "--words", "100000", "-o", folder)
    assert outcome.code == 0, outcome
    for part in ("Sliding window (size = 5)", "trained", "untrained", "king - man + woman", "paris - france + italy"):
        assert part in outcome.out
    assert f"firth neighbors {folder} paris" in outcome.out
    assert len((folder / "small-world.txt").read_text().split()) >= 100_000
    assert "pink" in load(folder)


@pytest.mark.slow
def test_json_and_the_same_again(firth: Callable[..., Outcome], tmp_path: Path) -> None:
    first, again = (firth("demo", "--words", "100000", "-o", tmp_path / "demo", "--json").document for _ in range(2))
    assert first["loss"] == again["loss"]
    assert first["neighbors"] == again["neighbors"]
    assert [answer["word"] for answer in first["analogies"]["king - man + woman"]]


def test_a_folder_with_other_things_is_left_alone(firth: Callable[..., Outcome], tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    firth("demo", "-o", tmp_path).is_one_sentence("other things")
    firth("demo", "-o", tmp_path / "thesis.txt").is_one_sentence("thesis.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize(("option", "value"), [("--words", "0"), ("--words", "99999"), ("--seed", "-1")])
def test_settings_that_cannot_be(firth: Callable[..., Outcome], tmp_path: Path, option: str, value: str) -> None:
    firth("demo", option, value, "-o", tmp_path / "demo").is_one_sentence(value)
    assert not (tmp_path / "demo").exists()


@pytest.mark.slow
def test_the_whole_demonstration_finds_the_queen_and_rome(firth: Callable[..., Outcome], tmp_path: Path) -> None:
    document = firth("demo", "-o", tmp_path / "demo", "--json").document
    answers = {expression: rows[0]["word"] for expression, rows in document["analogies"].items()}
    assert answers == {"king - man + woman": "queen", "paris - france + italy": "rome"}
    colours = {"purple", "blue", "yellow", "orange", "green", "red", "white", "black", "brown", "grey", "violet"}
    trained = {row["word"] for row in document["neighbors"]["trained"]}
    untrained = {row["word"] for row in document["neighbors"]["untrained"]}
    assert len(trained & colours) >= 4 > len(untrained & colours)
