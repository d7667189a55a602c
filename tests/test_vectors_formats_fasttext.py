"""fastText's models: bytes written by the definition here, and files of its own program and of gensim."""

from __future__ import annotations

import gzip
import struct
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firth.errors import FormatError, SettingsError, SourceError, UnknownWordError
from firth.events import Event, Notice
from firth.vectors.formats import fasttext
from firth.vectors.load import load
from firth.vectors.store import WordVectors
from firth.vectors.subwords import Subwords, ngram_hash, ngrams

WORDS = ("the", "</s>", "naïve", "東京", "a")
TEXT = ["the", "king", "café", "naïve", "東京", "東京タワー", "🎉", "x"]

some_words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


def model(
    words: tuple[str | bytes, ...] = WORDS,
    dim: int = 3,
    bucket: int = 11,
    minn: int = 2,
    maxn: int = 4,
    loss: int = 2,
    kind: int = 2,
    labels: int = 0,
    pruned: int = -1,
    quantised: int = 0,
    version: int = 12,
    rows: int | None = None,
    counts: tuple[int, ...] | None = None,
) -> bytes:
    rng = np.random.default_rng(5)
    names = [word.encode() if isinstance(word, str) else word for word in words]
    out = struct.pack("<2i", 793712314, version)
    out += struct.pack("<12id", dim, 5, 1, 1, 5, 1, loss, kind, bucket, minn, maxn, 100, 1e-4)
    out += struct.pack("<3i2q", len(words) + labels, len(words), labels, 99, pruned)
    for number, name in enumerate(names):
        out += name + struct.pack("<bqb", 0, 10 - number if counts is None else counts[number], 0)
    out += b"".join(b"__label__%d" % number + struct.pack("<bqb", 0, 1, 1) for number in range(labels))
    height = len(words) + bucket if rows is None else rows
    out += struct.pack("<b2q", quantised, height, dim)
    out += rng.standard_normal((height, dim), dtype=np.float32).tobytes()
    outputs = labels if kind == 3 else len(words)
    out += struct.pack("<b2q", 0, outputs, dim)
    return out + rng.standard_normal((outputs, dim), dtype=np.float32).tobytes()


def opened(tmp_path: Path, content: bytes, **options: object) -> WordVectors:
    path = tmp_path / "model.vec"
    # Vectors opened before are mapped: their file must not be written into.
    path.unlink(missing_ok=True)
    path.write_bytes(content)
    return load(path, **options)  # type: ignore[arg-type]


def test_vectors_are_means_of_rows(tmp_path: Path) -> None:
    wv = opened(tmp_path, model())
    content = model()
    start = content.index(b"a\0" + struct.pack("<qb", 6, 0)) + 2 + 9 + 1 + 16
    inputs = np.frombuffer(content, "<f4", 16 * 3, start).reshape(16, 3)
    for word_id, word in enumerate(WORDS):
        rows = [word_id, *(5 + ngram_hash(ngram) % 11 for ngram in ngrams(word, 2, 4))]
        np.testing.assert_allclose(wv[word], inputs[rows].mean(axis=0), rtol=1e-5)
    unseen = [5 + ngram_hash(ngram) % 11 for ngram in ngrams("théâtre", 2, 4)]
    np.testing.assert_allclose(wv["théâtre"], inputs[unseen].mean(axis=0), rtol=1e-5)
    assert wv.words == list(WORDS)
    assert wv.counts is not None
    assert wv.counts.tolist() == [10, 9, 8, 7, 6]
    assert wv.output_matrix is not None


def test_ngrams() -> None:
    assert ngrams("the", 3, 6) == ["<th", "<the", "<the>", "the", "the>", "he>"]
    assert ngrams("a", 1, 2) == ["<a", "a", "a>"]
    assert ngrams("", 2, 3) == ["<>"]
    assert ngrams("</s>", 1, 6) == []
    assert ngrams("the", 1, 0) == []


def test_the_hash_is_fnv_1a_for_ascii() -> None:
    # Test vectors of the function's authors, http://www.isthe.com/chongo/src/fnv/test_fnv.c
    assert ngram_hash("") == 0x811C9DC5
    assert ngram_hash("a") == 0xE40C292C
    assert ngram_hash("foobar") == 0xBF9CF968


@settings(max_examples=60, deadline=None)
@given(
    words=st.lists(some_words, min_size=1, max_size=5, unique=True), shortest=st.integers(1, 3), more=st.integers(0, 3)
)
def test_the_kernel_adds_up_what_the_definition_does(words: list[str], shortest: int, more: int) -> None:
    rng = np.random.default_rng(7)
    rows, table = (rng.standard_normal((size, 4), dtype=np.float32) for size in (len(words), 13))
    subwords = Subwords(rows, table, shortest=shortest, longest=shortest + more)
    matrix = np.empty_like(rows)
    assert list(subwords.fill(WordVectors(words, rows).words, matrix)) == [len(words)]  # type: ignore[arg-type]
    for word, row, found in zip(words, rows, matrix, strict=True):
        grams = [table[ngram_hash(ngram) % 13] for ngram in ngrams(word, shortest, shortest + more)]
        total = row.copy()
        for gram in grams:
            total += gram
        np.testing.assert_allclose(found, total * np.float32(1 / (1 + len(grams))), rtol=1e-6)


def test_unknown_words_have_neighbours(tmp_path: Path) -> None:
    wv = opened(tmp_path, model())
    assert "unseen" not in wv
    table = wv.neighbors("unseen", k=5)
    assert sorted(table.words) == sorted(WORDS)
    assert len(wv.neighbors(["unseen", "the"], k=2)) == 4
    assert len(wv.analogy("unseen - the + a", k=5)) == 3
    assert -1 <= wv.similarity("unseen", "the") <= 1
    with pytest.raises(UnknownWordError):
        wv.index("unseen")
    with pytest.raises(UnknownWordError):
        wv["\ud800"]


def test_without_ngrams_unknown_words_stay_unknown(tmp_path: Path) -> None:
    wv = opened(tmp_path, model(bucket=0, minn=0, maxn=0))
    assert wv.subwords is None
    with pytest.raises(UnknownWordError):
        wv["unseen"]
    # A classifier of version 11 says it has n-grams, and has none.
    assert opened(tmp_path, model(kind=3, version=11)).subwords is None


def test_a_classifier_s_labels_are_left_behind(tmp_path: Path) -> None:
    told: list[Event] = []
    wv = opened(tmp_path, model(kind=3, labels=2), on_event=told.append)
    assert wv.words == list(WORDS)
    assert wv.output_matrix is None
    assert told == [Notice(text="labels of model.vec that are no words, left out: 2")]


def test_inner_nodes_are_no_output_vectors(tmp_path: Path) -> None:
    assert opened(tmp_path, model(loss=1)).output_matrix is None


def test_limit_and_compression(tmp_path: Path) -> None:
    whole = opened(tmp_path, model())
    for content in (model(), gzip.compress(model())):
        wv = opened(tmp_path, content, limit=2)
        assert wv.words == list(WORDS[:2])
        assert wv.matrix.tobytes() == whole.matrix[:2].tobytes()
        assert wv["unseen"].tobytes() == whole["unseen"].tobytes()
    again = opened(tmp_path, gzip.compress(model()))
    assert again.matrix.tobytes() == whole.matrix.tobytes()


@pytest.mark.parametrize("settings", [{}, {"minn": 1, "maxn": 1}, {"bucket": 0, "minn": 0, "maxn": 0}, {"bucket": 1}])
def test_what_is_read_is_written_to_the_same_bytes(settings: dict[str, int], tmp_path: Path) -> None:
    content = model(**settings)  # type: ignore[arg-type]
    opened(tmp_path, content).save(tmp_path / "b.fasttext")
    assert (tmp_path / "b.fasttext").read_bytes() == content
    opened(tmp_path, content).save(tmp_path / "b.safetensors")
    again = load(tmp_path / "b.safetensors")
    again.save(tmp_path / "c.fasttext")
    assert (tmp_path / "c.fasttext").read_bytes() == content
    assert (again.subwords is None) == (settings.get("maxn") == 0)


def test_vectors_without_ngrams_or_counts(tmp_path: Path) -> None:
    wv = WordVectors(["new york", "b"], np.array([[0.5, 1], [2, 3]]))
    wv.save(tmp_path / "a.fasttext")
    again = load(tmp_path / "a.fasttext")
    assert again.words == ["new york", "b"]
    assert again.matrix.tobytes() == wv.matrix.tobytes()
    assert again.counts is None
    assert again.output_matrix is None
    with pytest.raises(FormatError, match="a null character"):
        WordVectors(["a\0b"], np.ones((1, 1))).save(tmp_path / "b.fasttext")
    assert not (tmp_path / "b.fasttext").exists()


def test_other_formats_tell_that_ngrams_are_lost(tmp_path: Path) -> None:
    told: list[Event] = []
    opened(tmp_path, model()).save(tmp_path / "a.txt", on_event=told.append)
    assert isinstance(told[-1], Notice)
    assert "the n-grams' vectors (unknown words get none any more)" in told[-1].text


def test_words_that_are_no_utf8(tmp_path: Path) -> None:
    content = model((b"\xe6", b"\xe7", "a", "b", "c"))
    with pytest.raises(FormatError, match="in UTF-8 in word 1"):
        opened(tmp_path, content)
    told: list[Event] = []
    wv = opened(tmp_path, content, errors="replace", on_event=told.append)
    assert wv.words == ["�", "a", "b", "c"]
    assert wv.counts is not None
    assert wv.counts.tolist() == [10, 8, 7, 6]
    plain = opened(tmp_path, model(("x", "y", "a", "b", "c")))
    assert wv["b"].tobytes() == plain["b"].tobytes()
    assert wv["unseen"].tobytes() == plain["unseen"].tobytes()
    assert len(told) == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (model(quantised=1), r"quantised one \(\.ftz\)"),
        (model(pruned=3), r"pruned for quantisation"),
        (model(version=13), "version 11 or 12"),
        (model(dim=0), "0 dimensions"),
        (model(rows=3), "a row for each of 5 words"),
        (model(rows=9), "5 rows for words and 11 for n-grams"),
        (model()[:-1], "cut off"),
        (model()[:100], "the file is cut off|ends in a header"),
        (model()[:30], "ends in a header"),
        (model(counts=(1, 1, -1, 1, 1)), "counts of 0 or more"),
        (model(("a", "a", "b", "c", "d")).replace(b"\0\0\0a\0", b"\0\0\0a\0", 1)[:8], "ends in a header"),
        (model().replace(struct.pack("<i", 5) + struct.pack("<2i", 5, 0), struct.pack("<3i", 10**9, 10**9, 0)), "few"),
    ],
)
def test_broken_files(content: bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=message):
        opened(tmp_path, content)


@pytest.mark.parametrize(("shortest", "longest"), [(0, 3), (4, 3)])
def test_lengths_that_cannot_be(shortest: int, longest: int) -> None:
    with pytest.raises(SettingsError, match="n-grams"):
        Subwords(np.ones((1, 2), np.float32), np.ones((1, 2), np.float32), shortest=shortest, longest=longest)


@settings(max_examples=200, deadline=None)
@given(cuts=st.lists(st.tuples(st.integers(0, 400), st.binary(max_size=9)), min_size=1, max_size=4))
def test_damaged_files_give_vectors_or_a_firth_error(
    cuts: list[tuple[int, bytes]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = bytearray(model())
    for place, piece in cuts:
        content[place : place + len(piece)] = piece
    path = tmp_path_factory.getbasetemp() / "damaged"
    path.write_bytes(content)
    try:
        wv = load(path, format="fasttext")
        assert wv.matrix.nbytes <= len(content)
    except (FormatError, SourceError, UnknownWordError):
        return


def trained(kind: str, text: str, tmp_path: Path, **options: object) -> Any:
    """Return a model of fastText's own program."""
    program = pytest.importorskip("fasttext")
    path = tmp_path / "text.txt"
    path.write_text(text)
    for _ in range(50):
        with suppress(RuntimeError):  # some builds begin with memory as it comes, which may hold NaN
            made = getattr(program, f"train_{kind}")(str(path), minCount=1, epoch=1, thread=1, verbose=0, **options)
            if np.isfinite(made.get_input_matrix()).all():
                return made
    pytest.skip("this build of fastText trains to NaN")


@pytest.mark.parametrize(
    "options",
    [
        {"minn": 3, "maxn": 6, "bucket": 100},
        {"minn": 1, "maxn": 2, "bucket": 7, "model": "cbow"},
        {"minn": 2, "maxn": 3, "bucket": 50, "loss": "hs"},
        {"maxn": 0},
    ],
)
def test_files_of_fasttext_s_own_program(options: dict[str, object], tmp_path: Path) -> None:
    text = "\n".join(" ".join(np.random.default_rng(n).permutation(TEXT)) for n in range(300))
    theirs = trained("unsupervised", text, tmp_path, dim=5, **options)
    theirs.save_model(str(tmp_path / "model.bin"))
    wv = load(tmp_path / "model.bin")
    assert wv.words == theirs.words
    for word in [*wv.words, *(("unseen", "théâtre", "京", "🎉🎉") if options["maxn"] else ())]:
        assert wv[word].tobytes() == theirs.get_word_vector(word).astype("<f4").tobytes()
    wv.save(tmp_path / "again.fasttext")
    again = pytest.importorskip("fasttext").load_model(str(tmp_path / "again.fasttext"))
    assert again.words == wv.words
    assert again.get_word_vector("naïve").astype("<f4").tobytes() == wv["naïve"].tobytes()


def test_a_quantised_model_of_its_own_program(tmp_path: Path) -> None:
    text = "".join(f"__label__{n % 2} word{n} other\n" for n in range(400))
    made = trained("supervised", text, tmp_path, dim=4)
    made.save_model(str(tmp_path / "a.bin"))
    wv = load(tmp_path / "a.bin")
    assert wv["other"].tobytes() == made.get_word_vector("other").astype("<f4").tobytes()
    made.quantize(str(tmp_path / "text.txt"), retrain=False, cutoff=300)
    made.save_model(str(tmp_path / "a.ftz"))
    with pytest.raises(FormatError, match="ftz"):
        load(tmp_path / "a.ftz")


def test_files_that_gensim_writes(tmp_path: Path) -> None:
    models = pytest.importorskip("gensim.models")
    facebook = pytest.importorskip("gensim.models.fasttext")
    theirs = models.FastText([TEXT] * 20, vector_size=6, min_count=1, bucket=50, epochs=1, seed=1, workers=1)
    facebook.save_facebook_model(theirs, str(tmp_path / "a.bin"))
    wv = load(tmp_path / "a.bin")
    assert wv.words == theirs.wv.index_to_key
    for word in [*wv.words, "unseen", "théâtre"]:
        np.testing.assert_allclose(wv[word], theirs.wv[word], rtol=1e-5, atol=1e-7)
    wv.save(tmp_path / "b.fasttext")
    again = facebook.load_facebook_vectors(str(tmp_path / "b.fasttext"))
    np.testing.assert_allclose(again["unseen"], wv["unseen"], rtol=1e-5, atol=1e-7)


def test_recognises() -> None:
    assert fasttext.recognises(model()[:8])
    assert not fasttext.recognises(b"2 2\na ")
