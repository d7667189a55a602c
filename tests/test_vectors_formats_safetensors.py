from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.numpy import save_file

from firth.errors import FirthError, FormatError, SettingsError, StorageError
from firth.vectors.formats import safetensors
from firth.vectors.load import load
from firth.vectors.store import WordVectors

RECORD = {"objective": "skip-gram", "seed": 1, "loss": [0.5, float("inf")], "é": None}


def some_vectors(rows: int = 4) -> WordVectors:
    rng = np.random.default_rng(7)
    return WordVectors(
        ["the", "naïve", "日本", "new york"][:rows],
        rng.standard_normal((rows, 3)).astype(np.float32),
        np.array([9, 5, 5, 1])[:rows],
        output_matrix=rng.standard_normal((rows, 2)).astype(np.float32),
        record=RECORD,
    )


def file_of(header: object, data: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def test_everything_comes_back(tmp_path: Path) -> None:
    wv = some_vectors()
    wv.save(tmp_path / "a.safetensors")
    again = load(tmp_path / "a.safetensors")
    assert again.words == wv.words
    assert again.matrix.tobytes() == wv.matrix.tobytes()
    assert again.counts is not None
    assert again.counts.tolist() == [9, 5, 5, 1]
    assert again.output_matrix is not None
    assert wv.output_matrix is not None
    assert again.output_matrix.tobytes() == wv.output_matrix.tobytes()
    assert again.record == RECORD
    again.save(tmp_path / "b.safetensors")
    assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()


def test_the_vectors_are_mapped_not_read(tmp_path: Path) -> None:
    some_vectors().save(tmp_path / "a.safetensors")
    base: Any = load(tmp_path / "a.safetensors").matrix
    while not isinstance(base, np.memmap):
        base = base.base
    assert isinstance(base, np.memmap)


def test_other_programs_read_it(tmp_path: Path) -> None:
    wv = some_vectors()
    wv.save(tmp_path / "a.safetensors")
    with safe_open(tmp_path / "a.safetensors", framework="numpy") as file:
        assert set(file.keys()) == {"input", "output", "counts", "words", "word_ends"}
        assert file.get_tensor("input").tobytes() == wv.matrix.tobytes()
        assert file.get_tensor("words").tobytes().decode() == "thenaïve日本new york"
        assert file.metadata()["firth"] == "1"
        assert json.loads(file.metadata()["record"]) == RECORD


def test_a_file_that_another_program_wrote(tmp_path: Path) -> None:
    matrix = np.arange(6, dtype=np.float32).reshape(2, 3)
    tensors = {
        "input": matrix,
        "words": np.frombuffer(b"onetwo", dtype=np.uint8),
        "word_ends": np.array([0, 3, 6]),
        "more": np.ones(3, dtype=np.float16),
    }
    save_file(tensors, tmp_path / "a.bin")
    wv = load(tmp_path / "a.bin")
    assert wv.words == ["one", "two"]
    assert wv.matrix.tolist() == matrix.tolist()
    assert wv.counts is None
    assert wv.record == {}


def test_limit(tmp_path: Path) -> None:
    wv = some_vectors()
    wv.save(tmp_path / "a.safetensors")
    two = load(tmp_path / "a.safetensors", limit=2)
    assert two.words == ["the", "naïve"]
    assert two.matrix.tolist() == wv.matrix[:2].tolist()
    assert two.counts is not None
    assert two.output_matrix is not None
    assert (len(two.counts), len(two.output_matrix)) == (2, 2)
    assert len(load(tmp_path / "a.safetensors", limit=100)) == 4


def test_numbers_that_are_not_aligned_are_read_all_the_same(tmp_path: Path) -> None:
    header = {
        "words": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]},
        "word_ends": {"dtype": "I64", "shape": [2], "data_offsets": [1, 17]},
        "input": {"dtype": "F32", "shape": [1, 2], "data_offsets": [17, 25]},
    }
    data = b"a" + np.array([0, 1]).tobytes() + np.array([1.5, -2], dtype=np.float32).tobytes()
    (tmp_path / "a").write_bytes(file_of(header, data))
    wv = load(tmp_path / "a", format="safetensors")
    assert wv["a"].tolist() == [1.5, -2]
    assert wv.matrix.flags.aligned


def test_saving_over_the_mapped_file_leaves_the_mapped_one_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    some_vectors().save(path)
    mapped = load(path)
    before = mapped.matrix.tolist()
    some_vectors(2).save(path)
    mapped.save(tmp_path / "b.safetensors")
    assert mapped.matrix.tolist() == before
    assert len(load(path)) == 2
    mapped.save(path)
    assert load(path).words == mapped.words


@pytest.mark.parametrize("record", [{"a": object()}, {"a": {1, 2}}, {"a": "\ud800"}, {"a": "x" * 2**24}])
def test_a_record_that_json_cannot_hold(record: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="expected a record"):
        WordVectors(["a"], np.ones((1, 1)), record=record).save(tmp_path / "a.safetensors")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "a.safetensors"
    some_vectors().save(path)
    before = path.read_bytes()
    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(StorageError, match="No space left on device"):
        some_vectors(2).save(path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.safetensors"]
    assert path.read_bytes() == before


def good_parts() -> tuple[dict[str, Any], bytes]:
    header: dict[str, Any] = {
        "word_ends": {"dtype": "I64", "shape": [3], "data_offsets": [0, 24]},
        "counts": {"dtype": "I64", "shape": [2], "data_offsets": [24, 40]},
        "input": {"dtype": "F32", "shape": [2, 2], "data_offsets": [40, 56]},
        "words": {"dtype": "U8", "shape": [2], "data_offsets": [56, 58]},
    }
    data = np.array([0, 1, 2, 7, 8]).tobytes() + np.ones(4, dtype=np.float32).tobytes() + b"ab"
    return header, data


def with_tensor(name: str, **changes: object) -> bytes:
    header, data = good_parts()
    header[name] |= changes
    return file_of(header, data)


def with_header(**entries: object) -> bytes:
    header, data = good_parts()
    return file_of(header | entries, data)


def with_data(start: int, new: bytes) -> bytes:
    header, data = good_parts()
    return file_of(header, data[:start] + new + data[start + len(new) :])


def without_input() -> bytes:
    header, data = good_parts()
    header["other"] = header.pop("input")
    return file_of(header, data)


def without_dimensions() -> bytes:
    header, data = good_parts()
    header["input"] |= {"shape": [2, 0], "data_offsets": [40, 40]}
    header["words"] |= {"data_offsets": [40, 42]}
    return file_of(header, data[:40] + b"ab")


def with_too_few_counts() -> bytes:
    header, data = good_parts()
    header["counts"] |= {"shape": [1], "data_offsets": [24, 32]}
    header["input"] |= {"data_offsets": [32, 48]}
    header["words"] |= {"data_offsets": [48, 50]}
    return file_of(header, data[:32] + data[40:])


SPOILED = {
    "no input": without_input(),
    "dtype": with_tensor("input", dtype="I32"),
    "unknown dtype": with_tensor("input", dtype="F128"),
    "dtype no text": with_tensor("input", dtype=["F32"]),
    "rank": with_tensor("input", shape=[4]),
    "negative shape": with_tensor("input", shape=[-2, -2]),
    "huge shape": with_tensor("input", shape=[2**62, 2**62]),
    "overflowing shape": with_tensor("input", shape=[2**32, 2**32, 0]),
    "bool shape": with_tensor("input", shape=[True, 4]),
    "too few word bounds": with_tensor("word_ends", shape=[1], data_offsets=[0, 8]),
    "offsets backwards": with_tensor("input", data_offsets=[56, 40]),
    "offsets too far": with_tensor("words", data_offsets=[58, 60]),
    "overlap": with_tensor("counts", data_offsets=[16, 32]),
    "three offsets": with_tensor("words", data_offsets=[56, 58, 60]),
    "extra key": with_tensor("words", x=1),
    "no dimensions": without_dimensions(),
    "too few counts": with_too_few_counts(),
    "negative counts": with_data(24, np.array([-1]).tobytes()),
    "word bounds": with_data(0, np.array([0, 3, 2]).tobytes()),
    "word bytes": with_data(57, b"\xff"),
    "metadata numbers": with_header(__metadata__={"a": 1}),
    "metadata list": with_header(__metadata__=[]),
    "record": with_header(__metadata__={"record": "{"}),
    "record no object": with_header(__metadata__={"record": "[1]"}),
    "record deep": with_header(__metadata__={"record": "[" * 100_000}),
    "version": with_header(__metadata__={"firth": "2"}),
    "tensor no object": with_header(input=3),
    "trailing": file_of(*good_parts()) + b"x",
    "cut": file_of(*good_parts())[:-1],
    "no object": file_of([1, 2]),
    "deep": file_of(b'{"a":' + b"[" * 100_000),
    "twice": file_of(b'{"a": 1, "a": 2}'),
    "long number": file_of(b'{"a": ' + b"9" * 10_000 + b"}"),
    "no utf8": file_of(b'{"\xff": 1}'),
    "header too long": struct.pack("<Q", 1000) + b"{}",
    "huge header": struct.pack("<Q", 2**63) + b"{}",
    "short": b"\0" * 4,
}


def test_the_unspoiled_parts_are_a_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(file_of(*good_parts()))
    assert load(tmp_path / "a", format="safetensors").words == ["a", "b"]


@pytest.mark.parametrize("change", SPOILED)
def test_spoiled_files_are_refused(change: str, tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(SPOILED[change])
    with pytest.raises(FormatError, match="expected"):
        load(path, format="safetensors")


def test_a_header_of_more_than_16_mib_is_not_parsed(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(file_of(b"{" + b" " * 2**24 + b"}"))
    with pytest.raises(FormatError, match="at most 16 MiB"):
        load(path)


def test_a_nan_does_not_keep_a_file_from_opening(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    WordVectors(["good", "bad"], np.array([[1, 0], [2, 0]])).save(path)
    two = np.float32(2).tobytes()
    assert path.read_bytes().count(two) == 1
    path.write_bytes(path.read_bytes().replace(two, np.float32(np.nan).tobytes()))
    again = load(path)
    with pytest.raises(FormatError, match='NaN or infinity in the vector of "bad"'):
        again.neighbors("good")


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_changed_bytes_give_vectors_or_a_firth_error(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = bytearray(file_of(*good_parts()))
    for _ in range(data.draw(st.integers(1, 4))):
        kind = data.draw(st.sampled_from(["change", "cut", "insert"]))
        place = data.draw(st.integers(0, max(0, len(content) - 1)))
        some = data.draw(st.binary(min_size=1, max_size=8))
        if kind == "cut":
            del content[place : place + len(some)]
        elif kind == "insert":
            content[place:place] = some
        else:
            content[place : place + len(some)] = some
    path = tmp_path_factory.getbasetemp() / "changed.safetensors"
    path.write_bytes(content)
    try:
        wv = load(path, format="safetensors")
        list(wv.words)
        wv.neighbors(wv.words[0])
    except FirthError:
        return
    assert wv.matrix.nbytes <= len(content)


def test_recognises() -> None:
    assert safetensors.recognises(file_of(*good_parts()))
    assert not safetensors.recognises(b"{}")
    assert not safetensors.recognises(b"\xff" * 8 + b"{")
