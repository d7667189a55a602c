"""`firth align`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.stats import ortho_group

from firth.vectors.alignment import align
from firth.vectors.load import load
from firth.vectors.store import WordVectors

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Outcome

WORDS = ["king", "queen", "man", "woman", "apple", "gay", "broadcast", "awful"]


@pytest.fixture
def models(tmp_path: Path) -> tuple[Path, Path]:
    rng = np.random.default_rng(1)
    matrix = rng.standard_normal((8, 3))
    later = matrix @ ortho_group.rvs(3, random_state=1)
    later[5:] = rng.standard_normal((3, 3))
    paths = tmp_path / "then.safetensors", tmp_path / "now.safetensors"
    for path, rows in zip(paths, (matrix, later), strict=True):
        WordVectors(WORDS, rows, [80, 70, 60, 50, 40, 30, 20, 10]).save(path)
    return paths


def test_what_moved_is_shown_and_the_turned_vectors_are_written(
    firth: Callable[..., Outcome], models: tuple[Path, Path], tmp_path: Path
) -> None:
    output = tmp_path / "turned.safetensors"
    outcome = firth("align", *models, "-o", output, "-k", "2", "--min-count", "20")
    expected = align(load(models[0]), load(models[1]))
    lines = outcome.out.splitlines()
    assert lines[0].startswith("aligned by 4 of 8 shared words")
    assert lines[2].split() == ["word", "distance", "count", "onto_count"]
    assert {line.split()[0] for line in lines[3:]} == {"gay", "broadcast"}
    turned = load(output)
    np.testing.assert_array_equal(turned.matrix, expected.vectors.matrix)
    np.testing.assert_allclose(turned["king"], load(models[1])["king"], atol=1e-5)
    assert turned.record["alignment"]["anchors"] == 4
    firth("align", *models, "-o", output).is_one_sentence("turned.safetensors", "--force")
    assert firth("align", *models, "-o", output, "--force").code == 0


def test_json(firth: Callable[..., Outcome], models: tuple[Path, Path]) -> None:
    document = firth("align", *models, "--stable", "1", "--centred", "--json").document
    expected = align(load(models[0]), load(models[1]), stable=1, centred=True)
    assert document == {
        "output": None, "shared_words": 8, "anchors": 8, "anchor_distance": expected.anchor_distance, "rounds": 1,
        "moved_most": expected.moves.to_dicts(),
    }  # fmt: skip


def test_anchors_from_a_file(firth: Callable[..., Outcome], models: tuple[Path, Path], tmp_path: Path) -> None:
    some = tmp_path / "anchors.txt"
    some.write_text("king\nqueen\nman\nwoman\nemperor\n", encoding="utf-8")
    outcome = firth("align", *models, "--anchors", some, "--json")
    assert outcome.document["anchors"] == 4
    assert "emperor" in outcome.err
    assert outcome.document["anchor_distance"] == pytest.approx(0, abs=1e-6)
    assert firth("align", *models, "--anchors", some, "--most-frequent", "3").code == 2
    assert firth("align", *models, "--most-frequent", "5", "--stable", "1", "--json").document["anchors"] == 5


def test_what_cannot_be_is_one_sentence(
    firth: Callable[..., Outcome], models: tuple[Path, Path], tmp_path: Path
) -> None:
    output = tmp_path / "turned.safetensors"
    firth("align", models[0], tmp_path / "nothing", "-o", output).is_one_sentence("nothing")
    firth("align", *models, "--stable", "0", "-o", output).is_one_sentence("share")
    firth("align", *models, "--stable", "0.1", "-o", output).is_one_sentence("at least 3 anchors")
    assert not output.exists()
    (tmp_path / "broken.safetensors").write_bytes(b"\x10\0\0\0\0\0\0\0{}")
    firth("align", models[0], tmp_path / "broken.safetensors").is_one_sentence("broken.safetensors")
