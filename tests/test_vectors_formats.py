"""All formats over: what both can carry comes through any pair of them; hostile bytes end in Firth's own errors."""

from __future__ import annotations

import io
import itertools
import json
import pickle
import shutil
import sqlite3
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from firth.errors import FirthError, FormatError, SettingsError, StorageError
from firth.kernels.jit import JIT_IS_OFF
from firth.vectors import export
from firth.vectors.convert import convert
from firth.vectors.formats.registry import FORMATS, Format
from firth.vectors.load import load
from firth.vectors.plane import plane
from firth.vectors.store import WordVectors
from firth.vectors.subwords import Subwords

READ = [known for known in FORMATS if known.read is not None]
pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")
feather = pytest.importorskip("pyarrow.feather")

# Every format can carry these; what single ones cannot, their own tests tell.
words = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Z"], exclude_characters="\t\n\r"), min_size=1, max_size=6
)
finite = st.floats(width=32, allow_nan=False, allow_infinity=False)


def equal(a: WordVectors, b: WordVectors, parts: frozenset[str]) -> None:
    assert a.words == b.words
    assert a.matrix.tobytes() == b.matrix.tobytes()
    for part in ("counts", "output_matrix"):
        if part in parts:
            assert np.array_equal(getattr(a, part), getattr(b, part)), part
        else:
            assert getattr(b, part) is None
    if "record" in parts:
        assert a.record == b.record
    if "subwords" in parts and a.subwords is not None:
        assert a["never seen"].tobytes() == b["never seen"].tobytes()


@pytest.mark.parametrize(("source", "target"), list(itertools.product(READ, READ)), ids=lambda known: known.name)
@settings(max_examples=2 if JIT_IS_OFF else 6, deadline=None)
@given(data=st.data())
def test_every_pair_of_formats_is_lossless_where_both_can_be(
    source: Format, target: Format, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("pair")
    some = data.draw(st.lists(words, min_size=2, max_size=5, unique=True))
    dim = data.draw(st.integers(2, 4))
    matrix = data.draw(hnp.arrays(np.float32, (len(some), dim), elements=finite))
    counts = np.sort(data.draw(hnp.arrays(np.int64, len(some), elements=st.integers(1, 2**40))))[::-1]
    output = data.draw(hnp.arrays(np.float32, (len(some), dim), elements=finite))
    wv = WordVectors(some, matrix, counts, output_matrix=output, record={"made": ["é", 1]})
    wv.save(folder / "a", format=source.name)
    equal(wv, load(folder / "a", format=source.name), source.keeps)
    convert(folder / "a", folder / "b", source_format=source.name, target_format=target.name)
    equal(wv, load(folder / "b", format=target.name), source.keeps & target.keeps - {"subwords"})
    shutil.rmtree(folder)


@pytest.mark.parametrize("known", [known for known in READ if "subwords" in known.keeps], ids=lambda known: known.name)
def test_ngrams_are_kept(known: Format, tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    rows, table = (rng.standard_normal((size, 3), dtype=np.float32) for size in (4, 9))
    subwords = Subwords(rows, table, shortest=2, longest=3)
    matrix = np.empty_like(rows)
    some = WordVectors(["a", "bc", "déf", "g"], rows).words
    list(subwords.fill(some, matrix))  # type: ignore[arg-type]
    wv = WordVectors(some, matrix, subwords=subwords)
    wv.save(tmp_path / "a", format=known.name)
    again = load(tmp_path / "a")
    equal(wv, again, frozenset({"subwords"}))
    assert load(tmp_path / "a", limit=2)["never seen"].tobytes() == wv["never seen"].tobytes()


@pytest.mark.parametrize("known", READ, ids=lambda known: known.name)
def test_limit(known: Format, tmp_path: Path) -> None:
    wv = WordVectors([f"w{n}" for n in range(300)], np.arange(900).reshape(300, 3), np.arange(300)[::-1])
    wv.save(tmp_path / "a", format=known.name)
    again = load(tmp_path / "a", limit=7)
    assert again.words == list(wv.words)[:7]
    assert again.matrix.tolist() == wv.matrix[:7].tolist()
    if "counts" in known.keeps:
        assert again.counts is not None
        assert again.counts.tolist() == list(range(299, 292, -1))


@pytest.mark.parametrize("known", FORMATS, ids=lambda known: known.name)
def test_what_is_not_finite_is_not_written(known: Format, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match='NaN or infinity in the vector of "b"'):
        WordVectors(["a", "b"], np.array([[1, 2], [np.inf, 3]])).save(tmp_path / "a", format=known.name)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def made(name: str, folder: Path) -> bytes:
    """Return the bytes of a good file (of a folder, those of the file that is read)."""
    wv = WordVectors(["one", "two", "drei"], np.array([[1, 0.5], [2, -3], [0.1, 9]]), np.array([9, 5, 2]))
    wv.save(folder / "good", format=name)
    inside = next(known.inside for known in FORMATS if known.name == name)
    return (folder / "good" / inside if inside else folder / "good").read_bytes()


@pytest.mark.parametrize("known", READ, ids=lambda known: known.name)
@settings(max_examples=30 if JIT_IS_OFF else 150, deadline=None)
@given(data=st.data())
def test_damaged_files_give_vectors_or_a_firth_error(
    known: Format, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    content = bytearray(made(known.name, folder))
    for _ in range(data.draw(st.integers(0, 4))):
        place = data.draw(st.integers(0, len(content)))
        cut = data.draw(st.integers(0, 8))
        content[place : place + cut] = data.draw(st.one_of(st.binary(max_size=8), st.sampled_from([b"\xff" * 8, b""])))
    content = content[: data.draw(st.integers(0, len(content)))] if data.draw(st.booleans()) else content
    path = folder / "damaged"
    path.write_bytes(content)
    (folder / "metadata.tsv").write_bytes(b"one\ntwo\ndrei\n")
    try:
        wv = load(path, format=data.draw(st.sampled_from([known.name, None])))
        wv.neighbors(wv.words[0], k=2)
    except FirthError:
        pass
    shutil.rmtree(folder)


# Parquet and Feather


def test_tables_of_other_programs(tmp_path: Path) -> None:
    table = pa.table({
        "id": [1, 2],
        "token": pa.array(["a", "b"], pa.large_string()).dictionary_encode(),
        "embedding": pa.array([[1.0, 2.0], [3.0, 0.1]]),
    })  # fmt: skip
    pq.write_table(table, tmp_path / "a")
    feather.write_feather(table, str(tmp_path / "b"), compression="zstd")
    for name in ("a", "b"):
        wv = load(tmp_path / name)
        assert wv.words == ["a", "b"]
        assert wv.matrix.tolist() == np.array([[1, 2], [3, 0.1]], np.float32).tolist()


def test_what_a_table_looks_like(tmp_path: Path) -> None:
    WordVectors(["a", "b"], np.ones((2, 3)), np.array([5, 4]), record={"x": 1}).save(tmp_path / "a.parquet")
    schema = pq.read_schema(tmp_path / "a.parquet")
    assert schema.names == ["word", "count", "vector"]
    assert str(schema.field("vector").type) == "fixed_size_list<element: float>[3]"
    assert json.loads(schema.metadata[b"firth"]) == {"x": 1}


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"word": ["a"]}, r"one of lists of numbers .*, got word \(string\)"),
        ({"vector": [[1.0]]}, "a column of words"),
        ({"word": ["a", "b"], "vector": [[1.0], [1.0, 2.0]]}, "vectors of one length"),
        ({"word": ["a", "b"], "vector": [[1.0, 2.0], None]}, "1 rows without one"),
        ({"word": ["a", None], "vector": [[1.0], [2.0]]}, "1 rows without one"),
        ({"word": ["a"], "vector": [[float("nan")]]}, r'NaN, infinity or too large ones for "a" \(row 1\)'),
        ({"word": ["a"], "vector": [[1.0]], "count": [-1]}, "counts of 0 or more"),
        ({"word": ["a"], "x": [[1.0]], "y": [[2.0]]}, "one of lists"),
    ],
)
def test_tables_without_words_or_vectors(columns: dict[str, object], message: str, tmp_path: Path) -> None:
    pq.write_table(pa.table(columns), tmp_path / "a")
    with pytest.raises(FormatError, match=message):
        load(tmp_path / "a")


def test_a_table_s_words_come_once(tmp_path: Path) -> None:
    table = pa.table({"word": ["a", "a", "b"], "vector": [[1.0], [2.0], [3.0]], "count": [3, 2, 1]})
    pq.write_table(table, tmp_path / "a")
    wv = load(tmp_path / "a")
    assert wv.words == ["a", "b"]
    assert wv.matrix.tolist() == [[1], [3]]
    assert wv.counts is not None
    assert wv.counts.tolist() == [3, 1]


# NumPy


def test_archives_that_numpy_writes(tmp_path: Path) -> None:
    matrix = np.asfortranarray([[1, 2], [3, 0.1]])
    for save in (np.savez, np.savez_compressed):
        save(tmp_path / "a.npz", vocab=np.array(["naïve", "b"]), embeddings=matrix)
        wv = load(tmp_path / "a.npz")
        assert wv.words == ["naïve", "b"]
        assert wv.matrix.tolist() == matrix.astype(np.float32).tolist()
    np.savez(tmp_path / "b.npz", np.array([b"a", b"b"]), matrix.astype(">f8"))
    assert load(tmp_path / "b.npz").matrix.tolist() == matrix.astype(np.float32).tolist()


def test_numpy_opens_what_is_written(tmp_path: Path) -> None:
    wv = WordVectors(["a", "bé"], np.array([[1, 2], [3, 4]]), np.array([2, 1]))
    wv.save(tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz", allow_pickle=False) as opened:
        assert opened["words"].tolist() == ["a", "bé"]
        assert np.array_equal(opened["vectors"], wv.matrix)
        assert opened["counts"].tolist() == [2, 1]


def test_nothing_is_unpickled(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return Path.touch, (tmp_path / "exploded",)  # type: ignore[return-value]

    np.savez(tmp_path / "a.npz", words=np.array([Bomb(), "b"], dtype=object), vectors=np.ones((2, 2)))
    with pytest.raises(FormatError, match="never unpickles"):
        load(tmp_path / "a.npz")
    for name in [None, *(known.name for known in READ)]:
        (tmp_path / "b").write_bytes(pickle.dumps(Bomb()))
        with pytest.raises(FirthError):
            load(tmp_path / "b", format=name)
    assert not (tmp_path / "exploded").exists()


def test_an_archive_whose_header_lies(tmp_path: Path) -> None:
    def archive(shape: str, kind: int = zipfile.ZIP_STORED) -> Path:
        header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
        with zipfile.ZipFile(tmp_path / "a.npz", "w", kind) as file:
            file.writestr("vectors.npy", b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode())
            words = io.BytesIO()
            np.save(words, np.array(["a"]))
            file.writestr("words.npy", words.getvalue())
        return tmp_path / "a.npz"

    for shape in ("(1000000000, 300)", "(1, 2)", "(-1, 2)", "(1,)", "('a', 2)", "(0, 2)"):
        with pytest.raises(FormatError):
            load(archive(shape))


@pytest.mark.parametrize("word", ["a\0", "x" * 1001])
def test_words_that_numpy_cannot_carry(word: str, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="instead"):
        WordVectors([word], np.ones((1, 1))).save(tmp_path / "a.npz")


# The Embedding Projector


def test_the_projector_s_folder(tmp_path: Path) -> None:
    wv = WordVectors(["a b", "c"], np.array([[1, 0.1], [3, 4]]), np.array([2, 1]))
    wv.save(tmp_path / "a", format="projector")
    assert (tmp_path / "a" / "tensor.tsv").read_bytes() == b"1\t0.100000001\n3\t4\n"
    assert (tmp_path / "a" / "metadata.tsv").read_bytes() == b"word\tcount\na b\t2\nc\t1\n"
    again = load(tmp_path / "a")
    assert again.words == ["a b", "c"]
    WordVectors(["x", "y"], wv.matrix).save(tmp_path / "b", format="projector")
    assert (tmp_path / "b" / "metadata.tsv").read_bytes() == b"x\ny\n"
    assert load(tmp_path / "b" / "tensor.tsv").words == ["x", "y"]


@pytest.mark.parametrize(
    ("tensor", "metadata", "message"),
    [
        (b"1\t2\n", b"a\nb\n", "expected 2 lines .*, got 1"),
        (b"1\t2\n3\t4\n", b"a\n", "got more"),
        (b"1\t2\n3\n", b"a\nb\n", "2 numbers in line 2"),
        (b"1\t2\n3\tx\n", b"a\nb\n", 'for "b"'),
        (b"1\t2\n3\t4\n", b"word\tcount\na\t1\nb\n", "2 columns in line 3"),
        (b"1\t2\n", None, "there is no such file"),
    ],
)
def test_projector_files_that_do_not_fit(tensor: bytes, metadata: bytes | None, message: str, tmp_path: Path) -> None:
    (tmp_path / "tensor.tsv").write_bytes(tensor)
    if metadata is not None:
        (tmp_path / "metadata.tsv").write_bytes(metadata)
    with pytest.raises(FormatError, match=message):
        load(tmp_path)


@pytest.mark.parametrize("word", ["a\tb", "a\nb", "a\r"])
def test_words_that_the_projector_cannot_carry(word: str, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="instead"):
        WordVectors([word], np.ones((1, 2))).save(tmp_path / "a", format="projector")
    assert not (tmp_path / "a" / "tensor.tsv").exists()


# Folders, databases, other libraries


def test_the_hub_s_folder(tmp_path: Path) -> None:
    wv = WordVectors(['say "hi"', "b"], np.array([[1, 2], [3, 4]]), record={"dim": 2})
    wv.save(tmp_path / "model", format="hub")
    card = (tmp_path / "model" / "README.md").read_text()
    assert card.startswith("---\nlibrary_name: firth\n")
    assert "2 words, each with a vector of 2 numbers" in card
    assert json.loads((tmp_path / "model" / "config.json").read_text())["record"] == {"dim": 2}
    assert load(tmp_path / "model").words == wv.words
    (tmp_path / "model" / "README.md").write_text("my own")
    wv.save(tmp_path / "model", format="hub")
    assert (tmp_path / "model" / "README.md").read_text() == "my own"


def test_a_faiss_index_and_its_words(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    matrix = rng.standard_normal((300, 5)).astype(np.float32)
    matrix[7] = 0
    wv = WordVectors([f"é{row}" for row in range(300)], matrix)
    wv.save(tmp_path / "a.safetensors")
    done = convert(tmp_path / "a.safetensors", tmp_path / "a.faiss")
    assert done.notices == ("the words are in a.faiss.words.txt, by row; the vectors' lengths were made 1",)
    assert (tmp_path / "a.faiss.words.txt").read_text(encoding="utf-8").split("\n")[:-1] == wv.words
    content = (tmp_path / "a.faiss").read_bytes()
    unit = matrix / np.maximum(np.linalg.norm(matrix.astype(np.float64), axis=1, keepdims=True), 1e-30)
    np.testing.assert_allclose(np.frombuffer(content[45:], "<f4").reshape(300, 5), unit, atol=1e-7)
    with pytest.raises(SettingsError, match="only writes"):
        load(tmp_path / "a.faiss", format="faiss")
    with pytest.raises(FormatError, match="a faiss index, without its words"):
        load(tmp_path / "a.faiss")
    (tmp_path / "a.faiss").unlink()
    with pytest.raises(StorageError, match=r"words\.txt is there"):
        convert(tmp_path / "a.safetensors", tmp_path / "a.faiss")
    faiss = pytest.importorskip("faiss")
    convert(tmp_path / "a.safetensors", tmp_path / "a.faiss", force=True)
    index = faiss.read_index(str(tmp_path / "a.faiss"))
    same = faiss.IndexFlatIP(5)
    same.add(np.frombuffer(content[45:], "<f4").reshape(300, 5))
    assert faiss.serialize_index(same).tobytes() == content
    _, rows = index.search(unit[:3].astype(np.float32), 4)
    for row in range(3):
        assert tuple(wv.words[near] for near in rows[row][1:]) == wv.neighbors(wv.words[row], k=3).words


@pytest.mark.parametrize("word", ["a\nb", "a\rb"])
def test_words_that_cannot_stand_beside_an_index(word: str, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="a line end in it"):
        WordVectors(["a", word], np.eye(2)).save(tmp_path / "a.faiss")
    assert list(tmp_path.iterdir()) == []


def test_a_database(tmp_path: Path) -> None:
    wv = WordVectors(["a", "b'; DROP TABLE vectors; --"], np.array([[1, 2], [3, 0.1]]), np.array([2, 1]))
    wv.save(tmp_path / "a.sqlite")
    database = sqlite3.connect(tmp_path / "a.sqlite")
    rows = database.execute("SELECT id, word, count, vector FROM vectors ORDER BY id").fetchall()
    database.close()
    assert [row[:3] for row in rows] == [(0, "a", 2), (1, wv.words[1], 1)]
    assert b"".join(row[3] for row in rows) == wv.matrix.tobytes()
    with pytest.raises(SettingsError, match="only writes"):
        load(tmp_path / "a.sqlite", format="sqlite")
    with pytest.raises(FormatError, match="SQLite"):
        load(tmp_path / "a.sqlite")


@pytest.mark.parametrize("words", [40, 5])
def test_embedding_atlas_s_parquet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: int) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    monkeypatch.setattr("firth.vectors.formats.atlas._ROWS_AT_ONCE", 16)
    names = ["<b>", "a b", "שלום", *(f"w{row}" for row in range(words - 3))]
    matrix = np.random.default_rng(1).normal(size=(words, 6))
    wv = WordVectors(names, matrix, np.arange(words, 0, -1))
    wv.save(tmp_path / "atlas.parquet", format="atlas")
    rows = pq.read_table(tmp_path / "atlas.parquet").to_pylist()
    assert [list(row) for row in rows] == [["word", "count", "x", "y", "neighbors"]] * words
    assert [row["word"] for row in rows] == names
    assert [row["count"] for row in rows] == list(range(words, 0, -1))
    places = plane(wv.matrix, wv.norms).places
    np.testing.assert_array_equal([(row["x"], row["y"]) for row in rows], places)
    for row in rows:
        table = wv.neighbors(row["word"], 15)
        assert [names[other] for other in row["neighbors"]["ids"]] == list(table.words)
        np.testing.assert_allclose(row["neighbors"]["distances"], 1 - np.array(table.values), atol=1e-6)
    WordVectors(names, matrix).save(tmp_path / "uncounted.parquet", format="atlas")
    assert pq.read_schema(tmp_path / "uncounted.parquet").names == ["word", "x", "y", "neighbors"]
    with pytest.raises(SettingsError, match="only writes"):
        load(tmp_path / "atlas.parquet", format="atlas")


def test_keras() -> None:
    matrix, rows = export.to_keras(WordVectors(["a", "b"], np.array([[1, 2], [3, 4]])))
    assert matrix.tolist() == [[0, 0], [1, 2], [3, 4]]
    assert rows == {"a": 1, "b": 2}


def test_gensim() -> None:
    pytest.importorskip("gensim")
    wv = WordVectors(["a", "b"], np.array([[1, 2], [3, 4]]), np.array([7, 5]))
    keyed = export.to_gensim(wv)
    assert keyed["b"].tolist() == [3, 4]
    assert keyed.get_vecattr("a", "count") == 7
    assert keyed.most_similar("a")[0][0] == "b"


def test_torch() -> None:
    torch = pytest.importorskip("torch")
    wv = WordVectors(["a", "b"], np.array([[1, 2], [3, 4]]))
    embedding, rows = export.to_torch(wv, padding=True)
    assert embedding(torch.tensor([rows["b"], 0])).tolist() == [[3, 4], [0, 0]]
    assert export.to_torch(wv)[1] == {"a": 0, "b": 1}


def test_spacy() -> None:
    spacy = pytest.importorskip("spacy")
    vocabulary = spacy.blank("en").vocab
    export.to_spacy(WordVectors(["a", "b"], np.array([[1, 2], [3, 4]])), vocabulary)
    assert vocabulary["b"].vector.tolist() == [3, 4]
