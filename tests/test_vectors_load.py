from __future__ import annotations

import gzip
import os
import pickle
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firth.errors import FirthError, FormatError, SettingsError, SourceError
from firth.vectors.formats.registry import FORMATS, HEAD
from firth.vectors.load import load
from firth.vectors.store import WordVectors

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", [known.name for known in FORMATS if known.read is not None and known.inside is None])
def test_the_format_is_told_from_the_content(name: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(9)
    matrix = rng.standard_normal((50, 20), dtype=np.float32)
    wv = WordVectors([f"w{row}" for row in range(50)], matrix)
    for misleading in ("a", "a.txt", "a.bin", "a.safetensors"):
        wv.save(tmp_path / misleading, format=name)
        again = load(tmp_path / misleading)
        assert again.words == wv.words
        assert again.matrix.tobytes() == matrix.tobytes()
        assert load(str(tmp_path / misleading), format=name).words == wv.words


def test_exactly_one_format_recognises_each_file(tmp_path: Path) -> None:
    wv = WordVectors(["a", "b"], np.array([[0.5, 1], [0, 0]]))
    for known in FORMATS:
        if known.read is None or known.inside is not None:
            continue
        wv.save(tmp_path / "a", format=known.name)
        head = (tmp_path / "a").read_bytes()[:HEAD]
        assert [other.name for other in FORMATS if other.recognises(head)] == [known.name]


def test_the_folder_of_a_run(tmp_path: Path) -> None:
    WordVectors(["a"], np.ones((1, 2))).save(tmp_path / "run" / "vectors.safetensors")
    assert load(tmp_path / "run").words == ["a"]
    with pytest.raises(FormatError, match=r"the folder of a run, which holds vectors\.safetensors"):
        load(tmp_path)


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="there is no such file or folder"):
        load(tmp_path / "nothing")
    with pytest.raises(SourceError, match="a null character"):
        load(tmp_path / "a\0b")
    (tmp_path / "file").write_bytes(b"1 1\na 1\n")
    with pytest.raises(SourceError, match="could not open"):
        load(tmp_path / "file" / "b")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the administrator may read every file")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1 1\na 1\n")
    (tmp_path / "a").chmod(0)
    with pytest.raises(SourceError, match="could not open"):
        load(tmp_path / "a")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "got an empty file"),
        (gzip.compress(b"Once upon a time", mtime=0), 'begins with "Once upon a time"'),
        (pickle.dumps({"a": 1}), "a Python pickle; Firth never unpickles"),
        (b"Once upon a time\nthere was", 'begins with "Once upon a time"'),
        (b"\x7fELF\x02\x01", r'begins with "\\x7fELF'),
        (b"{}", 'begins with "{}"'),
    ],
)
def test_files_of_no_known_format_name_what_is_readable(content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(content)
    with pytest.raises(FormatError, match=message) as caught:
        load(tmp_path / "a.bin")
    assert f"({', '.join(known.title for known in FORMATS if known.name != 'hub' and known.read)})" in str(caught.value)


@pytest.mark.parametrize("limit", [0, -1, 2.5, True, "10"])
def test_a_limit_that_cannot_be(limit: object, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="a limit of 1 or more"):
        load(tmp_path, limit=limit)  # type: ignore[arg-type]


def test_settings_that_cannot_be(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match='"word2vec-text"'):
        load(tmp_path, format="pickle")
    with pytest.raises(SettingsError, match="strict"):
        load(tmp_path, errors="ignore")  # type: ignore[arg-type]


@settings(max_examples=200, deadline=None)
@given(content=st.binary(max_size=60), form=st.sampled_from([None, *(known.name for known in FORMATS)]))
def test_any_bytes_give_vectors_or_a_firth_error(
    content: bytes, form: str | None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(content)
    try:
        wv = load(path, format=form)
    except FirthError:
        return
    assert len(wv) >= 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SourceError, match=r"expected a file, got .*, a pipe"):
        load(tmp_path / "pipe")


@pytest.mark.parametrize("wrong", [3, None])
def test_what_is_no_path_is_refused(wrong: object) -> None:
    with pytest.raises(SettingsError, match="path"):
        load(wrong)
