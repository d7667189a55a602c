"""`firth convert`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from firth.vectors.load import load
from firth.vectors.store import WordVectors


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "a.safetensors"
    WordVectors(["one", "two", "three"], np.array([[1, 2], [3, 4], [5, 0.1]]), np.array([9, 5, 2])).save(path)
    return path


def test_a_file_is_converted(firth: Callable, source: Path, tmp_path: Path) -> None:
    done = firth("convert", source, tmp_path / "b.txt")
    assert done.code == 0, done
    assert done.out == f"{tmp_path / 'b.txt'}: 3 words × 2 dimensions, safetensors to word2vec-text\n"
    assert done.err == "note: word2vec text does not keep the words' counts; .safetensors does\n"
    assert load(tmp_path / "b.txt").words == ["one", "two", "three"]


def test_json_limit_and_formats(firth: Callable, source: Path, tmp_path: Path) -> None:
    done = firth("convert", source, tmp_path / "b.txt", "--to", "glove", "--limit", 2, "--json")
    assert done.document["words"] == 2
    assert done.document["to"] == "glove"
    assert (tmp_path / "b.txt").read_bytes() == b"one 1 2\ntwo 3 4\n"
    done = firth("convert", tmp_path / "b.txt", tmp_path / "c.bin", "--from", "glove", "--json")
    assert done.document == {"words": 2, "dim": 2, "from": "glove", "to": "word2vec-binary", "notices": []}


def test_nothing_is_overwritten_unasked(firth: Callable, source: Path, tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_text("precious")
    firth("convert", source, tmp_path / "b.txt").is_one_sentence("--force")
    assert (tmp_path / "b.txt").read_text() == "precious"
    assert firth("convert", source, tmp_path / "b.txt", "--force").code == 0
    assert load(tmp_path / "b.txt").words[0] == "one"
    assert firth("convert", source, source, "--force").code == 0
    assert load(source).words == ["one", "two", "three"]


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".xz", ".zst"])
def test_compressed_files(firth: Callable, source: Path, suffix: str, tmp_path: Path) -> None:
    for name in ("b.txt", "b.bin", "b.glove"):
        assert firth("convert", source, tmp_path / (name + suffix)).code == 0
        assert not (tmp_path / (name + suffix)).read_bytes().startswith(b"3 2")
        assert load(tmp_path / (name + suffix)).matrix.tobytes() == load(source).matrix.tobytes()
    firth("convert", source, tmp_path / f"c.safetensors{suffix}").is_one_sentence("expected a file name")


def test_a_folder_for_one_file_is_not_made(firth: Callable, source: Path, tmp_path: Path) -> None:
    """A mistyped path is refused; where the target is a folder itself, it is made."""
    firth("convert", source, tmp_path / "gone" / "b.txt").is_one_sentence("no", str(tmp_path / "gone"))
    assert not (tmp_path / "gone").exists()
    assert firth("convert", source, tmp_path / "new" / "projector", "--to", "projector").code == 0


def test_errors_are_one_sentence(firth: Callable, source: Path, tmp_path: Path) -> None:
    firth("convert", source, tmp_path / "b.doc").is_one_sentence(".safetensors", "word2vec text", "'b.doc'")
    firth("convert", source, tmp_path / "b.txt", "--to", "pickle").is_one_sentence('"glove"')
    firth("convert", tmp_path / "none", tmp_path / "b.txt").is_one_sentence("no such file")
    firth("convert", source, "a\0b.txt").is_one_sentence("the path of a file")
    (tmp_path / "text").write_text("Once upon a time")
    firth("convert", tmp_path / "text", tmp_path / "b.txt").is_one_sentence("begins with")
    assert not (tmp_path / "b.txt").exists()
