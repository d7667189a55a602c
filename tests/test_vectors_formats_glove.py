from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from firth.errors import FormatError
from firth.vectors.formats import glove
from firth.vectors.load import load
from firth.vectors.store import WordVectors


def opened(tmp_path: Path, content: bytes, **options: object) -> WordVectors:
    path = tmp_path / "vectors.bin"
    path.write_bytes(content)
    return load(path, **options)  # type: ignore[arg-type]


def test_as_its_program_writes_it(tmp_path: Path) -> None:
    """save_params writes the word, "%lf" after a blank for each number, and <unk> last."""
    wv = opened(tmp_path, b"the 0.418000 -0.249680\n, 0.013441 0.236820\n<unk> -0.160780 0.000000\n")
    assert wv.words == ["the", ",", "<unk>"]
    assert wv["the"].tolist() == [np.float32("0.418"), np.float32("-0.24968")]
    assert wv.counts is None


def test_words_with_blanks(tmp_path: Path) -> None:
    """As in the vectors of 840 billion tokens: ". . ." and "at name@domain.com"."""
    wv = opened(tmp_path, b". . . 1 2\nat name@domain.com 3 4\n1999 5 6\nplain 7 8\n")
    assert wv.words == [". . .", "at name@domain.com", "1999", "plain"]
    assert wv.matrix.tolist() == [[1, 2], [3, 4], [5, 6], [7, 8]]


def test_what_is_written(tmp_path: Path) -> None:
    WordVectors(["a b", "c"], np.array([[1, -2], [0.1, 3]])).save(tmp_path / "a.glove")
    assert (tmp_path / "a.glove").read_bytes() == b"a b 1 -2\nc 0.100000001 3\n"


def test_limit_and_blank_lines_at_the_end(tmp_path: Path) -> None:
    content = b"a 1 2\nb 3 4\n\n \n"
    assert opened(tmp_path, content).words == ["a", "b"]
    assert opened(tmp_path, content, limit=1).words == ["a"]
    assert opened(tmp_path, content, limit=2).words == ["a", "b"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a 1 2\n\nb 3 4\n", r"a word and 2 numbers in line 2 .*, got 0"),
        (b"a 1 2\nb 3 4 5\n", r'in line 2 .*"b 3"'),
        (b"a 1 2\n" * 200 + b"b 3\n", r"in line 201 .*, got 1"),
        (b"a 1 2\nb 3 1e39\n", r'for "b" \(line 2\)'),
        (b"a 1 2\nb\xff 3 4\n", r"in UTF-8 in line 2"),
    ],
)
def test_broken_files(content: bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=message):
        opened(tmp_path, content)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"Once upon a time\n", b"a 1 2\nno numbers\n"])
def test_what_is_none(content: bytes, tmp_path: Path) -> None:
    assert not glove.recognises(content)
    with pytest.raises(FormatError, match="without numbers at its end"):
        opened(tmp_path, content, format="glove")


def test_a_list_of_counts_is_no_glove_file() -> None:
    assert not glove.recognises(b"the 1061396\nof 593677\n")
    assert not glove.recognises(b"2 2\na 1 2\nb 3 4\n")
    assert glove.recognises(b"the 1 2 3\n")
