"""Lines of a word and its numbers: the kernel reads what the definition reads, to the same bits."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from firth.errors import FirthError
from firth.kernels.jit import JIT_IS_OFF
from firth.kernels.vector_files import POWERS_OF_TEN, parse_lines
from firth.vectors.formats import text_rows
from firth.vectors.load import load

EXAMPLES = 60 if JIT_IS_OFF else 1500


def parsed(line: bytes, dim: int) -> tuple[bytes, bytes] | None:
    """Return the word and the numbers' bytes as the kernel reads them, or None where it leaves them undecided."""
    buffer = np.frombuffer(line + b"\n\0", dtype=np.uint8)
    matrix = np.full((1, dim), np.float32(7))
    text = np.zeros(len(line) + 1, dtype=np.uint8)
    ends, at = np.zeros(2, dtype=np.int64), np.zeros(3, dtype=np.int64)
    undecided = parse_lines(buffer, len(line) + 1, matrix, matrix.view(np.uint32), text, ends, POWERS_OF_TEN, at)
    if undecided:
        assert at.tolist() == [0, 0, 0]
        return None
    assert at.tolist() == [len(line) + 1, 1, ends[1]]
    return text[: ends[1]].tobytes(), matrix.tobytes()


def defined(line: bytes, dim: int) -> tuple[bytes, bytes]:
    word, floats = text_rows.split(Path("a"), line, dim, 1)
    with np.errstate(over="ignore"):
        return word, np.array(floats).astype(np.float32).tobytes()


def halfway(bits: int, digits: int) -> str:
    """Return a decimal next to the middle between a float32 and the one after it."""
    here, above = (Fraction(struct.unpack("<f", struct.pack("<I", b))[0]) for b in (bits, bits + 1))
    middle = (here + above) / 2
    return f"{float(middle):.{digits}e}"


numbers = st.one_of(
    st.floats(width=32, allow_nan=False, allow_infinity=False).map(str),
    st.floats(width=32, allow_nan=False, allow_infinity=False).map(lambda x: f"{x:.9g}"),
    st.floats(allow_nan=False, allow_infinity=False, min_value=-1e30, max_value=1e30).map(repr),
    st.floats(-10, 10).map(lambda x: f"{x:.6f}"),
    st.from_regex(r"[-+]?[0-9]{0,25}\.?[0-9]{0,25}([eE][-+]?[0-9]{1,3})?", fullmatch=True),
    st.builds(halfway, st.integers(1, 0x7F7FFFFE), st.integers(5, 30)),
    st.sampled_from(["0", "-0", "-0.0e5", "1.", ".5", "+.5", "1e-45", "3.4028235e38", "3.4028236e38", "nan", "inf"]),
    st.sampled_from(["1_0", "0x1", "", ".", "-", "e5", "1e", "1e+", "--1", "1.2.3", "1e0000005", "٣", "1e400"]),
)


@settings(max_examples=EXAMPLES, deadline=None)
@given(number=numbers)
@example("16777217")  # exactly between two float32 numbers
@example("16777217.0000000000000000000000000001")
@example("1.17549435e-38")
@example("9007199791611905")  # between two doubles next to the middle of two float32 numbers
def test_a_number_is_rounded_as_python_rounds_it(number: str) -> None:
    line = f"word {number}".encode()
    found = parsed(line, 1)
    if found is not None:
        assert found == defined(line, 1)


def test_plain_numbers_are_decided() -> None:
    for number in (
        "0.1",
        "-12.345678",
        "1e-5",
        "0.000001",
        "-0.000000",
        "1.17549435e-30",
        "3",
        "123456789.123456789e3",
    ):
        assert parsed(f"w {number}".encode(), 1) is not None, number


@pytest.mark.skipif(JIT_IS_OFF, reason="a million numbers, and compilation is off")
def test_a_million_numbers() -> None:
    rng = np.random.default_rng(3)
    bits = rng.integers(0, 0x7F800000, 1_000_000, dtype=np.uint32) | (rng.integers(0, 2, 1_000_000) << 31)
    values = bits.astype(np.uint32).view(np.float32).reshape(-1, 100)
    undecided = 0
    for row in values:
        line = b"w " + b" ".join(b"%.9g" % value for value in row.tolist())
        found = parsed(line, 100)
        undecided += found is None
        assert found in (None, (b"w", row.tobytes()))
    # Those near or below the smallest normal number, one in 250 of these.
    assert undecided < 5000


pieces = st.sampled_from(
    [
        b"a",
        b"new",
        b"1",
        b"-2.5",
        b"3e1",
        b" ",
        b" ",
        b" ",
        b"\t",
        b"\r",
        b"\x0b",
        b"\x85",
        b"\xff",
        b"x1",
        b"nan",
        b"\0",
    ]
)


@settings(max_examples=EXAMPLES, deadline=None)
@given(line=st.lists(pieces, max_size=12).map(b"".join), dim=st.integers(1, 4))
def test_a_line_is_taken_apart_as_the_definition_does(line: bytes, dim: int) -> None:
    found = parsed(line, dim)
    if found is not None:
        assert found == defined(line, dim)


@settings(max_examples=EXAMPLES // 5, deadline=None)
@given(
    lines=st.lists(st.lists(pieces, max_size=8).map(b"".join), max_size=6),
    dim=st.integers(1, 3),
    block=st.sampled_from([1, 7, 100]),
)
def test_a_file_is_read_as_its_lines_are(
    lines: list[bytes], dim: int, block: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "lines"
    path.write_bytes(b"%d %d\n" % (len(lines), dim) + b"".join(line + b"\n" for line in lines))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("firth.vectors.formats.stream.READ_AT_ONCE", block)
        try:
            wv = load(path, format="word2vec-text", errors="replace")
        except FirthError:
            wv = None
    expected: dict[str, bytes] = {}
    try:
        for line in lines:
            word, numbers = defined(line, dim)
            assert np.isfinite(np.frombuffer(numbers, np.float32)).all()
            expected.setdefault(word.decode(errors="replace"), numbers)
    except (FirthError, AssertionError):
        expected = {}
    assert (wv is None) == (not expected)
    if wv is not None:
        assert wv.words == list(expected)
        assert wv.matrix.tobytes() == b"".join(expected.values())
