"""`firth plan`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from firth.corpus import small_world


@pytest.fixture(autouse=True)
def short_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measure the pace with little work: kernels may run as plain Python."""
    monkeypatch.setattr("firth.pace._SECONDS", 0.01)
    monkeypatch.setattr("firth.pace._WORDS_IN_A_BLOCK", 100)
    monkeypatch.setattr("firth.pace._ENTRIES_IN_A_BLOCK", 1000)


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    path.write_text("\n".join(small_world.text(20_000)), encoding="utf-8")
    return path


def test_a_table_for_people(firth: Callable, text: Path) -> None:
    done = firth("plan", text, "--dim", 8, "--threads", 1, "--memory", "8G", "--disk", "8G")
    assert done.code == 0, done
    lines = done.out.splitlines()
    assert lines[0].endswith("text.txt, read whole")
    assert any(line.startswith("5  ←") for line in lines)
    assert {line.split()[0] for line in lines if line} >= {"words", "kept", "memory", "disk", "reading", "epoch"}
    assert lines[-1] == "It fits."


def test_json(firth: Callable, text: Path) -> None:
    options = ("--model", "glove", "--dim", 8, "--threads", 1, "--memory", "100M", "--disk", "8G", "--sample", "64K")
    document = firth("plan", text, "--json", *options).document
    assert document["free_memory"] == 100 << 20
    assert not document["fits"]
    assert document["entries"] > 0
    assert document["epochs"] == 15
    assert 0 < document["share"] < 1


def test_standard_input_has_no_length(firth: Callable, text: Path) -> None:
    whole = firth("plan", "-", "--json", "--dim", 8, "--threads", 1, stdin=text.read_bytes()).document
    assert whole["share"] == 1
    options = ("--dim", 8, "--threads", 1, "--sample", "16K", "--disk", "1T", "--memory", "1T")
    done = firth("plan", "-", *options, stdin=text.read_bytes())
    assert "of unknown length" in done.out
    assert "the figures are those of its beginning alone." in done.out


def test_it_takes_what_train_takes(firth: Callable, text: Path, tmp_path: Path) -> None:
    assert firth("train", text, "-o", tmp_path / "run", "--dim", 6, "--epochs", 1, "--threads", 1).code == 0
    limits = ("--threads", 1, "--memory", "8G", "--disk", "8G", "--json")
    document = firth("plan", text, "--phrases", 1, "--bootstrap", 2, "--reproducible", "--dim", 6, *limits).document
    assert document["runs"] == 2
    assert "text with phrases" in document["disk"]
    document = firth("plan", text, "--from", tmp_path / "run", "--shards", 2, "--merge-every", 1000, *limits).document
    assert "shards' copies" in document["memory"]
    assert "text in the model's words" in document["disk"]
    kept = ("--from", tmp_path / "run", "--new-words", "random", "--freeze", "old")
    assert firth("plan", text, *kept, *limits).document["words"] == document["words"]
    assert firth("plan", text, "--freeze", "old").code == 2
    firth("plan", text, "--from", tmp_path / "run", "--freeze", tmp_path / "gone").is_one_sentence("gone")
    firth("plan", text, "--cluster", "auto").is_one_sentence("cannot be measured from here", "--shards")
    assert firth("plan", text, "--merge-every", 1000).code == 2


def test_errors_are_one_sentence(firth: Callable, text: Path) -> None:
    firth("plan", text.parent / "gone.txt").is_one_sentence("no file")
    firth("plan", text, "--memory", "much").is_one_sentence("number of bytes")
    firth("plan", text, "--sample", 0).is_one_sentence("--sample (sample_size)", "8,192")
    firth("plan", text, "--min-count", 0).is_one_sentence("min_count")
    assert firth("plan", text, "--model", "ppmi", "--negatives", 3).code == 2
