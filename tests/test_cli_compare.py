"""`firth compare`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from firth.corpus import small_world

pytestmark = pytest.mark.slow  # every test trains

OPTIONS = ("--dim", 8, "--epochs", 1, "--threads", 1)


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    path.write_text("\n".join(small_world.text(20_000)), encoding="utf-8")
    return path


def test_a_table_for_people(firth: Callable, text: Path, tmp_path: Path) -> None:
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("king\tqueen\t9\nking\tnosuchword\t8\nking\tthe\t1\n")
    questions = tmp_path / "questions.txt"
    questions.write_text(": one\nking queen man woman\n")
    names = ["skip-gram", "skip-gram/nce", "cbow/hierarchical-softmax"]
    objectives = [option for name in names for option in ("--objective", name)]
    gold = ("--similarity", pairs, "--analogies", questions)
    done = firth("compare", text, *objectives, "--word", "king", *gold, "-o", tmp_path / "report.md", *OPTIONS)
    assert done.code == 0, done
    lines = done.out.splitlines()
    assert "pairs: 2 of 3 are answerable (66.7%)." in lines
    start = next(number for number, line in enumerate(lines) if line.startswith("objective"))
    assert [line.split("  ")[0] for line in lines[start + 1 : start + 4]] == names
    assert "nearest to king:" in lines
    assert "Nearest to *king*:" in (tmp_path / "report.md").read_text(encoding="utf-8")


def test_json(firth: Callable, text: Path) -> None:
    document = firth("compare", text, "--objective", "cbow", "--json", "--window", 2, *OPTIONS).document
    assert [row["name"] for row in document["objectives"]] == ["cbow"]
    assert document["objectives"][0]["objective"]["window"] == 2
    assert document["objectives"][0]["objective"]["dim"] == 8


@pytest.mark.parametrize("name", ["word2vec", "cbow/", "cbow/softmax", "/nce", ""])
def test_an_unknown_objective_is_wrong_usage(firth: Callable, text: Path, name: str) -> None:
    done = firth("compare", text, "--objective", name)
    if name == "cbow/":  # a stroke without a loss is its default
        assert done.code == 0
        return
    assert done.code == 2
    assert "skip-gram, cbow" in done.err


def test_an_unknown_word_is_one_sentence(firth: Callable, text: Path) -> None:
    done = firth("compare", text, "--word", "nosuchword")
    assert done.code == 1
    assert done.err.splitlines()[-1].startswith("firth: expected words of the text")
    assert "'nosuchword'" in done.err


def test_what_was_learned_is_told_beside_what_was_not(firth: Callable, text: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.md"
    done = firth("compare", text, "--objective", "cbow", "--objective", "lsa", "-o", report, *OPTIONS)
    assert done.code == 1
    assert "lsa is missing: expected two documents or more" in done.out
    assert "| cbow |" in report.read_text(encoding="utf-8")
    again = firth("compare", text, "--objective", "cbow", "-o", report, *OPTIONS)
    assert (again.code, again.out) == (1, "")
    assert "--force" in again.err
    assert firth("compare", text, "--objective", "cbow", "-o", report, "--force", *OPTIONS).code == 0
    assert firth("compare", text, "--objective", "cbow", "--objective", "cbow").code == 2
