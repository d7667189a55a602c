"""`firth explore`: what it says, and what it refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from firth.explorer.server import Explorer
from firth.vectors.store import WordVectors

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Outcome


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.safetensors"
    WordVectors(["a", "b", "c"], np.eye(3), record={"seed": 1}).save(path)
    return path


@pytest.fixture(autouse=True)
def _ended_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Explorer, "wait", Explorer.stop)


def test_it_prints_the_models_and_the_address(firth: Callable[..., Outcome], model: Path) -> None:
    done = firth("explore", model, "--untrained", "--limit", 2, "--no-browser", "--port", 0)
    assert done.code == 0, done
    lines = done.out.splitlines()
    assert lines[:2] == [f"{model.name}{kind}: 2 words × 3 dimensions" for kind in ("", ", untrained")]
    assert lines[2].startswith("http://127.0.0.1:")


def test_json(firth: Callable[..., Outcome], model: Path) -> None:
    done = firth("explore", model, "--no-browser", "--port", 0, "--token", "a-token-of-my-own", "--json")
    assert done.document["address"].endswith("/?token=a-token-of-my-own")
    assert done.document["models"] == [{"name": model.name, "words": 3, "dim": 3}]


def test_errors_are_one_sentence(firth: Callable[..., Outcome], model: Path, tmp_path: Path) -> None:
    firth("explore", tmp_path / "none", "--no-browser").is_one_sentence("no such file")
    firth("explore", model, "--no-browser", "--token", "x").is_one_sentence("token of 16")
    firth("explore", model, "--no-browser", "--host", "nowhere.invalid").is_one_sentence("of this machine")
    assert firth("explore").code == 2
    assert firth("explore", model, "--port", 70_000).code == 2


def test_a_training_that_lacks_its_folder_opens_nothing(
    firth: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("the explorer was opened")

    monkeypatch.setattr("firth.explorer.server.explore", never)
    assert firth("train", tmp_path / "text.txt", "--explore").code == 2
    assert firth("train", "-o", tmp_path / "run", "--explore").code == 2


PAGE = {
    "index.html": b'<head><link rel="stylesheet" href="page/style.css"></head>'
    b'<script type="module" src="page/main.js"></script>',
    "style.css": b"",
    "main.js": b"",
}


def test_the_page_as_one_file(
    firth: Callable[..., Outcome], model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("firth.explorer.static_page.page_files", lambda: PAGE)
    target = tmp_path / "page.html"
    assert firth("explore", model, "--export", target).out == f"{target}: 3 words\n"
    whole = target.read_bytes()
    assert b'"words": ["a", "b", "c"]' in whole
    firth("explore", model, "--export", target).is_one_sentence("--force")
    assert target.read_bytes() == whole
    done = firth("explore", model, "--export", target, "--force", "--words", 2, "--json")
    assert done.document == {"path": str(target), "words": 2, "left_out": 1}
    assert firth("explore", model, "--export", target, "--force", "--words", 1).out.endswith("1 words, 2 left out\n")
    firth("explore", model, "--export", model / "inside.html").is_one_sentence("could not write")
    assert firth("explore", model, model, "--export", tmp_path / "b.html").code == 2
    assert firth("explore", model, "--words", 2).code == 2
