"""`firth evaluate`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from firth.vectors.store import WordVectors

WORDS = ["king", "queen", "man", "woman", "dog"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "gold").mkdir()
    pairs = "king\tqueen\t9\nman\twoman\t8\nking\tdog\t1\nman\ttram\t1\n"
    (tmp_path / "gold" / "EN-RG-65.txt").write_text(pairs)
    for seed in (1, 2):
        vectors = np.random.default_rng(seed).normal(size=(5, 3)).astype(np.float32)
        WordVectors(WORDS, vectors).save(tmp_path / f"{seed}.safetensors")
    return tmp_path


def test_a_table_and_its_markdown(firth: Callable, folder: Path) -> None:
    done = firth("evaluate", folder / "1.safetensors", "--data", folder / "gold", "-o", folder / "report.md")
    assert done.code == 0, done
    assert done.out.splitlines()[1].split()[:2] == ["RG-65", "Spearman"]
    assert "75.0%" in done.out
    assert (folder / "report.md").read_text(encoding="utf-8").startswith("| test set |")


def test_two_models_as_json(firth: Callable, folder: Path) -> None:
    arguments = (folder / "1.safetensors", folder / "2.safetensors", "--data", folder / "gold", "--samples", 200)
    document = firth("evaluate", *arguments, "--json").document
    assert document["sets"][0]["against"]["items"] == 3
    assert document["sets"][0]["coverage"] == 0.75


def test_a_folder_without_test_sets_is_one_sentence(firth: Callable, folder: Path) -> None:
    done = firth("evaluate", folder / "1.safetensors", "--data", folder)
    assert done.code == 0  # found below it
    done = firth("evaluate", folder / "1.safetensors", "--data", folder / "nothing")
    assert (done.code, done.out) == (1, "")
    assert done.err.count("\n") == 1
    assert "questions-words.txt" in done.err


def test_a_report_that_is_there_is_not_replaced_unasked(firth: Callable, folder: Path) -> None:
    report = folder / "report.md"
    report.write_text("mine")
    arguments = ("evaluate", folder / "1.safetensors", "--data", folder / "gold", "-o", report)
    assert firth(*arguments).code == 1
    assert report.read_text() == "mine"
    assert firth(*arguments, "--force").code == 0
    assert report.read_text(encoding="utf-8") != "mine"
