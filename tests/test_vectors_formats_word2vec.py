from __future__ import annotations

import gzip
import tracemalloc
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from firth.errors import FirthError, FormatError
from firth.events import Event, Notice
from firth.kernels.vector_files import hash_words, repeated_words
from firth.vectors.formats import records, stream
from firth.vectors.load import load
from firth.vectors.store import WordVectors

if TYPE_CHECKING:
    from pathlib import Path

ONE = np.array([1, -2], dtype="<f4").tobytes()
TWO = np.array([0.1, 3e-42], dtype="<f4").tobytes()


def opened(tmp_path: Path, content: bytes, **options: object) -> WordVectors:
    path = tmp_path / "vectors"
    path.write_bytes(content)
    return load(path, **options)


@pytest.mark.parametrize(
    "content",
    [
        b"2 2\none 1 -2\ntwo 0.1 3e-42\n",
        b"2 2\none 1 -2\ntwo 0.1 3e-42",
        b"2 2\r\none 1 -2 \r\ntwo 0.1 3e-42 \r\n\r\n",
        b"2\t2\none\t1\t-2\ntwo  0.1   3e-42\n\n",
        b"2 2\none " + ONE + b"two " + TWO,
        b"2 2\none " + ONE + b"\ntwo " + TWO + b"\n",
    ],
)
def test_what_other_programs_write(content: bytes, tmp_path: Path) -> None:
    wv = opened(tmp_path, content)
    assert wv.words == ["one", "two"]
    assert wv.matrix.tobytes() == ONE + TWO
    assert wv.counts is None
    assert wv.record == {}


def test_what_is_written(tmp_path: Path) -> None:
    wv = WordVectors(["one", "two"], np.frombuffer(ONE + TWO, dtype=np.float32).reshape(2, 2))
    wv.save(tmp_path / "a.txt")
    assert (tmp_path / "a.txt").read_bytes() == b"2 2\none 1 -2\ntwo 0.100000001 3.00018001e-42\n"
    wv.save(tmp_path / "a.bin")
    assert (tmp_path / "a.bin").read_bytes() == b"2 2\none " + ONE + b"\ntwo " + TWO + b"\n"


def test_words_with_blanks_are_read_from_the_right(tmp_path: Path) -> None:
    wv = opened(tmp_path, b"3 2\nnew york 1 2\n. . . 3 4\nroute 66a 5 6\n")
    assert wv.words == ["new york", ". . .", "route 66a"]
    assert wv["new york"].tolist() == [1, 2]


@pytest.mark.parametrize("words", [["new york", "a"], ["a\nb"], ["\n"]])
def test_words_that_binary_cannot_carry(words: list[str], tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="instead"):
        WordVectors(words, np.ones((len(words), 1))).save(tmp_path / "a.bin")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("word", ["route 66", "a\nb", "x -1e5"])
def test_words_that_text_cannot_carry(word: str, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="instead"):
        WordVectors([word], np.ones((1, 1))).save(tmp_path / "a.txt")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", [".txt", ".bin"])
def test_vectors_that_are_not_finite_are_not_written(suffix: str, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match='NaN or infinity in the vector of "b"'):
        WordVectors(["a", "b"], np.array([[1], [np.inf]])).save(tmp_path / f"a{suffix}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        # The header lies about the number of words, or of dimensions.
        (b"3 2\none 1 2\ntwo 3 4\n", r"expected 3 vectors .*, got 2; the file is cut off"),
        (b"1 2\none 1 2\ntwo 3 4\n", r"expected 1 vectors .* got more lines; .* limit=1"),
        (b"999999999999 2\none 1 2\n", r"expected 999,999,999,999 vectors .* too few for more than 2;"),
        (b"1 999999999\none 1 2\n", r"of 999,999,999 dimensions"),
        (b"2 3\none 1 2\ntwo 3 4\n", r"a word and 3 numbers in line 2 .*, got 2"),
        (b"2 1\none 1 2\ntwo 3 4\n", r'a word and 1 numbers in line 2 .*, got more numbers, .*"one 1"'),
        (b"0 2\n", "a first line such as 70506 100"),
        (b"2 0\none\ntwo\n", "a first line such as"),
        # Lines with other values.
        (b"2 2\none 1 2\ntwo 3\n", r"in line 3 .*, got 1"),
        (b"2 2\none 1 2\n\ntwo 3 4\n", r"in line 3 .*, got 0"),
        (b"2 2\none 1 2\ntwo 3 4 5\n", r'in line 3 .*"two 3"'),
        (b"2 2\none 1 2\ntwo 3 x\n", r'in line 3 .*, got "x" among them'),
        (b"2 2\none 1 2\ntwo 3 1_0\n", r'in line 3 .*, got "1_0" among them'),
        (b"2 2\none 1 2\ntwo 3 0x10\n", r'in line 3 .*, got "0x10" among them'),
        (b"2 2\none 1 nan\ntwo 3 4\n", r'NaN, infinity or too large ones for "one" \(line 2\)'),
        (b"2 2\none 1 2\ntwo -inf 4\n", r'for "two" \(line 3\)'),
        (b"2 2\none 1 2\ntwo 1e39 4\n", r'for "two" \(line 3\)'),
        (b"2 2\none 1 2\nt\xffo 3 4\n", r'in UTF-8 in line 3 .*, got byte 0xff in "t�o"; .*errors="replace"'),
        (b"1 1\n" + b"x" * 200_000, "a word and 1 numbers in line 2"),
        # Binary.
        (b"2 2\none " + ONE + b"two " + TWO[:-1], "the file ends within vector 2"),
        (b"1 2\none " + ONE + b"more", "expected the end of .* after 1 vectors of 2 dimensions"),
        (b"1 2\none " + ONE + b"\n\n\n\nx", "expected the end of"),
        (b"9999 2\none " + ONE + b"\ntwo " + TWO, "too few for more than 2"),
        (b"2 2\none " + ONE + b"longer-than-that " + TWO[:1], "the file ends within vector 2"),
        (b"2 2\none " + ONE + b"x" * 100_000, r"a blank after word 2 .*, got none in 65,536 bytes"),
        (b"1 2\none " + np.array([1, np.nan], "<f4").tobytes(), r'for "one" \(word 1\)'),
        (b"1 2\no\xc3e " + ONE, r'in UTF-8 in word 1 .*, got byte 0xc3 in "o�e"'),
    ],
)
def test_broken_files(content: bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=message):
        opened(tmp_path, content)


@pytest.mark.parametrize("format_name", ["word2vec-text", "word2vec-binary"])
@pytest.mark.parametrize("content", [b"", b"king 0.1 0.2\n", b"2 2", b"-1 2\nx", b"1" * 500 + b" 2\n", b"\xff\xfe"])
def test_no_header(format_name: str, content: bytes, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="a first line such as 70506 100"):
        opened(tmp_path, content, format=format_name)


def test_bytes_that_are_no_utf8_can_be_replaced(tmp_path: Path) -> None:
    told: list[Event] = []
    wv = opened(tmp_path, b"2 1\nt\xffo 3\nb 1\n", errors="replace", on_event=told.append)
    assert wv.words == ["t�o", "b"]
    assert told == [Notice(text="1 words of vectors were no UTF-8; � stands for their bad bytes")]
    assert wv.record == {"notices": [told[0].text]}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "content", [b"3 2\none 1 -2\none 7 7\ntwo 0.1 3e-42\n", b"3 2\none %bone %btwo %b" % (ONE, TWO, TWO)]
)
def test_a_word_that_comes_again_is_left_out_and_told(content: bytes, tmp_path: Path) -> None:
    told: list[Event] = []
    wv = opened(tmp_path, content, on_event=told.append)
    assert wv.words == ["one", "two"]
    assert wv.matrix.tobytes() == ONE + TWO
    assert len(told) == 1
    assert 'words that came more than once in vectors: 1 ("one")' in told[0].text  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "content",
    [
        b"3 2\none 1 -2\ntwo 0.1 3e-42\n\xff",
        b"3 2\none " + ONE + b"\ntwo " + TWO + b"\n\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
    ],
)
def test_limit_reads_no_further(content: bytes, tmp_path: Path) -> None:
    wv = opened(tmp_path, content, limit=2)
    assert wv.words == ["one", "two"]
    assert opened(tmp_path, content, limit=1).matrix.tobytes() == ONE


def test_many_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Records that straddle the blocks in which a file is read."""
    monkeypatch.setattr(stream, "READ_AT_ONCE", 13)
    monkeypatch.setattr(records, "_BLOCK", 13)
    monkeypatch.setattr(records, "_SMALLEST_BLOCK", 1)
    rng = np.random.default_rng(8)
    matrix = rng.standard_normal((3000, 3), dtype=np.float32)
    wv = WordVectors([f"w{row}" for row in range(3000)], matrix)
    for suffix in (".bin", ".txt", ".bin.gz"):
        wv.save(tmp_path / f"a{suffix}")
        again = load(tmp_path / f"a{suffix}")
        assert again.words == wv.words
        assert again.matrix.tobytes() == matrix.tobytes()


def binary(rows: list[tuple[bytes, bytes]], dim: int, total: int | None = None) -> bytes:
    first = b"%d %d\n" % (len(rows) if total is None else total, dim)
    return first + b"".join(word + b" " + numbers for word, numbers in rows)


@pytest.mark.parametrize("block", [7, 100, 5000])
@pytest.mark.parametrize("threads", [1, 4])
@pytest.mark.parametrize("packed", [False, True])
def test_records_copied_by_threads_are_those_of_the_file(
    block: int, threads: int, packed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Words of any length up to hundreds of bytes, some of them twice, line feeds between some records."""
    monkeypatch.setattr(records, "_BLOCK", block)
    monkeypatch.setattr(records, "_SMALLEST_BLOCK", block)
    monkeypatch.setattr(records.os, "cpu_count", lambda: threads)
    rng = np.random.default_rng(block)
    matrix = rng.standard_normal((400, 5)).astype("<f4")
    some = [b"%d" % row + b"x" * int(rng.integers(0, 300)) for row in range(400)]
    some[7], some[333] = some[200], some[5]
    rows = [(b"\n" * (row % 3) + word, matrix[row].tobytes()) for row, word in enumerate(some)]
    content = binary(rows, 5)
    path = tmp_path / "a"
    path.write_bytes(gzip.compress(content, mtime=0) if packed else content)
    kept = [row for row in range(400) if row not in (200, 333)]
    again = load(path)
    assert again.words == [some[row].decode() for row in kept]
    assert again.matrix.tobytes() == matrix[kept].tobytes()
    assert load(path, limit=150).matrix.tobytes() == matrix[:150].tobytes()
    # What is wrong with an earlier record is said before what is wrong with a later one.
    bad = matrix.copy()
    bad[390, 2], bad[120, 4], bad[60, 0] = np.nan, np.inf, -np.inf
    path.write_bytes(binary([(word, bad[row].tobytes()) for row, (word, _) in enumerate(rows)], 5)[:-3])
    with pytest.raises(FormatError, match=r"NaN, infinity or too large ones for .* \(word 61\)"):
        load(path)
    path.write_bytes(content[:-3])
    with pytest.raises(FormatError, match="the file ends within vector 400"):
        load(path)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=9), max_size=40), st.integers(0, 3))
def test_words_that_come_again_are_those_of_a_dictionary(some: list[bytes], bits: int) -> None:
    """With hashes so short that different words meet in a slot, with one tag."""
    ends = np.cumsum([0, *map(len, some)])
    text = np.frombuffer(b"".join(some), dtype=np.uint8)
    keys = np.empty(len(some), dtype=np.uint64)
    with np.errstate(over="ignore"):
        hash_words(text, ends, np.uint64(bits + 99), keys)
    assert len({(word, int(key)) for word, key in zip(some, keys, strict=True)}) == len(set(some))
    keys &= np.uint64(2**bits - 1)
    again = np.zeros(len(some), dtype=np.uint8)
    found = repeated_words(text, ends, keys, np.zeros(64, dtype=np.uint64), again)
    naive = [word in some[:row] for row, word in enumerate(some)]
    assert (again.tolist(), found) == ([int(one) for one in naive], sum(naive))


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
finite = st.floats(width=32, allow_nan=False, allow_infinity=False)


@settings(max_examples=150, deadline=None)
@given(data=st.data(), suffix=st.sampled_from([".safetensors", ".txt", ".bin"]))
def test_what_is_written_comes_back_bit_by_bit(
    data: st.DataObject, suffix: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    some = data.draw(st.lists(words, min_size=1, max_size=5, unique=True))
    dim = data.draw(st.integers(1, 4))
    matrix = data.draw(hnp.arrays(np.float32, (len(some), dim), elements=finite))
    path = tmp_path_factory.getbasetemp() / f"round{suffix}"
    try:
        WordVectors(some, matrix).save(path)
    except FormatError:
        lasting = [word for word in some if any(blank in word for blank in " \t\n\r\v\f")]
        if suffix == ".safetensors" or not lasting:
            raise
        return
    names = {".safetensors": "safetensors", ".txt": "word2vec-text", ".bin": "word2vec-binary"}
    again = load(path, format=names[suffix])
    assert again.words == some
    assert again.matrix.tobytes() == matrix.tobytes()


@settings(max_examples=300, deadline=None)
@given(data=st.data(), form=st.sampled_from(["word2vec-text", "word2vec-binary", None]))
def test_hostile_bytes_give_vectors_or_a_firth_error(
    data: st.DataObject, form: str | None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    piece = st.one_of(
        st.binary(max_size=20),
        st.sampled_from(
            [b"1 1\n", b"2 2\n", b"3 1\n", b"one 1 2\n", b"x 1\n", b"\n", b" ", b"nan", b"one " + ONE, b"9" * 12]
        ),
    )
    content = b"".join(data.draw(st.lists(piece, max_size=8)))
    path = tmp_path_factory.getbasetemp() / "hostile"
    path.write_bytes(content)
    try:
        wv = load(path, format=form)
    except FirthError:
        return
    assert len(wv) == len(set(wv.words))
    assert np.isfinite(wv.matrix).all()
    assert wv.matrix.nbytes <= 4 * len(content)


@pytest.mark.parametrize("form", ["word2vec-text", "word2vec-binary"])
def test_nothing_is_allocated_that_the_file_does_not_back(form: str, tmp_path: Path) -> None:
    path = tmp_path / "liar"
    path.write_bytes(b"100000000 300\nking 0.1 0.2\n")
    tracemalloc.start()
    try:
        with pytest.raises(FormatError, match="too few"):
            load(path, format=form, limit=50_000_000)
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


# gensim leaves a file without a first line open.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("binary", [False, True])
def test_files_that_gensim_writes(binary: bool, tmp_path: Path) -> None:
    models = pytest.importorskip("gensim.models")
    rng = np.random.default_rng(4)
    keyed = models.KeyedVectors(7)
    keyed.add_vectors([f"naïve{n}" for n in range(50)], rng.standard_normal((50, 7), dtype=np.float32))
    keyed.save_word2vec_format(str(tmp_path / "a"), binary=binary)
    wv = load(tmp_path / "a")
    assert wv.words == keyed.index_to_key
    assert wv.matrix.tobytes() == keyed.vectors.tobytes()
    wv.save(tmp_path / "b", format="word2vec-binary" if binary else "word2vec-text")
    again = models.KeyedVectors.load_word2vec_format(str(tmp_path / "b"), binary=binary)
    assert again.index_to_key == keyed.index_to_key
    assert again.vectors.tobytes() == keyed.vectors.tobytes()
    if not binary:
        wv.save(tmp_path / "c", format="glove")
        glove = models.KeyedVectors.load_word2vec_format(str(tmp_path / "c"), no_header=True)
        assert glove.vectors.tobytes() == keyed.vectors.tobytes()
