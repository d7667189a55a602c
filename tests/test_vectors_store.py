from __future__ import annotations

import copy
import pickle
import sys
from pathlib import Path

import numpy as np
import pytest

import firth.errors as e
from firth.vectors.load import load
from firth.vectors.store import WordVectors

WORDS = ["king", "queen", "man", "woman", "prince", "mother-in-law", "o'brien", "new york"]


@pytest.fixture
def wv() -> WordVectors:
    rng = np.random.default_rng(5)
    matrix = rng.standard_normal((len(WORDS), 6)).astype(np.float32)
    matrix[1] = matrix[0] - matrix[2] + matrix[3]
    return WordVectors(WORDS, matrix, np.arange(len(WORDS), 0, -1))


def test_what_it_holds(wv: WordVectors) -> None:
    assert len(wv) == 8
    assert wv.dim == 6
    assert list(wv) == WORDS
    assert wv.words == WORDS
    assert "king" in wv
    assert "kong" not in wv
    assert 3 not in wv
    assert wv.index("man") == 2
    assert (wv["man"] == wv.matrix[2]).all()
    assert repr(wv) == "<WordVectors: 8 words × 6 dimensions>"
    assert wv.counts is not None
    assert wv.counts.tolist() == [8, 7, 6, 5, 4, 3, 2, 1]
    assert wv.output_matrix is None
    assert wv.record == {}


def test_they_can_be_handed_to_other_processes(wv: WordVectors) -> None:
    whole = WordVectors(WORDS, wv.matrix, wv.counts, output_matrix=wv.matrix[:, :2], record={"dim": [6]})
    for vectors in (wv, whole):
        vectors.neighbors("king")
        other = pickle.loads(pickle.dumps(vectors))  # noqa: S301  (our own)
        assert other.words == WORDS
        assert np.array_equal(other.matrix, vectors.matrix)
        assert np.array_equal(other.counts, vectors.counts)
        assert (other.output_matrix is None) == (vectors.output_matrix is None)
        assert other.record == vectors.record
        with pytest.raises(ValueError, match="read-only"):
            other.matrix[0] = 1
        assert copy.copy(vectors) is vectors
        assert copy.deepcopy(vectors) is vectors
    assert np.array_equal(other.output_matrix, whole.output_matrix)


def test_mapped_vectors_can_be_handed_to_other_processes(wv: WordVectors, tmp_path: Path) -> None:
    wv.save(tmp_path / "wv.safetensors")
    other = pickle.loads(pickle.dumps(load(tmp_path / "wv.safetensors")))  # noqa: S301  (our own)
    (tmp_path / "wv.safetensors").unlink()
    assert np.array_equal(other.matrix, wv.matrix)
    assert other.words == WORDS


def test_nothing_can_be_written_into(wv: WordVectors) -> None:
    assert wv.counts is not None
    for array in (wv.matrix, wv["king"], wv.counts):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    with pytest.raises(TypeError):
        wv.record["a"] = 1  # type: ignore[index]


def test_the_callers_array_stays_writable_and_is_not_copied() -> None:
    matrix = np.ones((1, 2), dtype=np.float32)
    wv = WordVectors(["a"], matrix)
    matrix[0, 0] = 5
    assert wv.matrix[0, 0] == 5


@pytest.mark.parametrize(
    ("words", "matrix", "options", "message"),
    [
        (["a", "b"], np.ones((1, 2)), {}, "one row for each of 2 words"),
        ([], np.ones((0, 2)), {}, "at least one"),
        (["a"], np.ones((1, 0)), {}, "one column or more"),
        (["a"], np.ones(1), {}, "shape"),
        (["a"], np.array([["x"]]), {}, "numbers"),
        (["a", "a"], np.ones((2, 2)), {}, '"a" as word 0 and as word 1'),
        (["a", 7], np.ones((2, 2)), {}, "got 7 as word 1"),
        (["\ud800"], np.ones((1, 2)), {}, "half a surrogate"),
        (["a"], np.ones((1, 2)), {"counts": np.array([-1])}, "count of 0 or more"),
        (["a"], np.ones((1, 2)), {"counts": np.array([1.5])}, "count of 0 or more"),
        (["a"], np.ones((1, 2)), {"output_matrix": np.ones((2, 2))}, "an output matrix"),
    ],
)
def test_parts_that_do_not_fit(words: list, matrix: np.ndarray, options: dict, message: str) -> None:
    with pytest.raises(e.SettingsError, match=message):
        WordVectors(words, matrix, **options)


def test_an_unknown_word_suggests_near_ones(wv: WordVectors) -> None:
    with pytest.raises(e.UnknownWordError, match=r'expected one of 8 words, got "quen"; did you mean "queen"\?'):
        wv["quen"]
    with pytest.raises(e.UnknownWordError, match='"king"'):
        wv.neighbors("King")
    with pytest.raises(e.UnknownWordError, match=r'got "zzzz"$'):
        wv.similarity("king", "zzzz")
    with pytest.raises(e.SettingsError, match="as str, got 3"):
        wv[3]  # type: ignore[index]


def test_similarity(wv: WordVectors) -> None:
    a, b = wv["king"].astype(float), wv["man"].astype(float)
    assert wv.similarity("king", "man") == pytest.approx(a @ b / np.linalg.norm(a) / np.linalg.norm(b), abs=1e-15)
    assert wv.similarity("king", "king") == 1.0
    assert WordVectors(["a", "b"], np.eye(2)[[0, 0]] * [[1], [0]]).similarity("a", "b") == 0.0


def test_neighbors_of_a_word_a_vector_and_several(wv: WordVectors) -> None:
    one = wv.neighbors("king", k=3)
    assert len(one) == 3
    assert one.columns == ("word", "similarity")
    assert "king" not in one.words
    assert one.rows[0] == (one.words[0], wv.similarity("king", one.words[0]))
    assert list(one) == one.rows
    assert one[0] == one.rows[0]

    by_vector = wv.neighbors(wv["king"], k=4)
    assert by_vector.rows == [("king", 1.0), *one.rows]
    assert wv.neighbors(wv["king"].tolist(), k=4).rows == by_vector.rows

    several = wv.neighbors(["king", "man"], k=3)
    assert several.columns == ("query", "word", "similarity")
    assert several.rows == [
        *(("king", *row) for row in one.rows),
        *(("man", *row) for row in wv.neighbors("man", k=3).rows),
    ]
    vectors = wv.neighbors(wv.matrix[:2], k=1)
    assert vectors.rows == [("vector 1", "king", 1.0), ("vector 2", "queen", 1.0)]
    assert [row[0] for row in wv.neighbors([wv["king"], wv["man"]], k=1).rows] == ["vector 1", "vector 2"]


def test_neighbors_by_euclidean_distance(wv: WordVectors) -> None:
    table = wv.neighbors("king", metric="euclidean")
    assert table.columns == ("word", "distance")
    assert len(table) == 7
    distances = [float(np.linalg.norm(wv["king"].astype(float) - wv[word].astype(float))) for word in table.words]
    assert distances == sorted(distances)
    np.testing.assert_allclose(table.values, distances, rtol=1e-12)


def test_neighbors_among_some_words_and_with_the_query_word(wv: WordVectors) -> None:
    assert set(wv.neighbors("king", among=["man", "woman", "king"]).words) == {"man", "woman"}
    assert set(wv.neighbors("king", most_frequent=3).words) == {"queen", "man"}
    shown = wv.neighbors("king", k=2, include_query=True)
    assert shown.columns == ("word", "similarity", "query_word")
    assert shown.rows[0] == ("king", 1.0, True)
    assert shown.rows[1][2] is False
    assert str(shown).splitlines()[1].endswith("(query word)")
    for among in ([], "king", 3):
        with pytest.raises(e.SettingsError, match="among="):
            wv.neighbors("king", among=among)
    with pytest.raises(e.SettingsError, match="got both"):
        wv.neighbors("king", among=["man"], most_frequent=2)
    with pytest.raises(e.SettingsError, match="most frequent words of 1 or more"):
        wv.neighbors("king", most_frequent=0)


@pytest.mark.parametrize(
    "query",
    [np.ones(5), np.ones((1, 5)), np.ones((0, 6)), [], [[1.0], [1.0, 2.0]], ["king", 1.0], None, np.ones((1, 1, 6))],
)
def test_queries_that_cannot_be(wv: WordVectors, query: object) -> None:
    with pytest.raises(e.SettingsError, match="expected a word, a list of words, a vector of 6 numbers"):
        wv.neighbors(query)  # type: ignore[arg-type]


@pytest.mark.parametrize("number", [np.nan, np.inf, 1e300])
def test_query_vectors_out_of_range(wv: WordVectors, number: float) -> None:
    with pytest.raises(e.SettingsError, match="finite float32"):
        wv.neighbors(np.full(6, number))


def test_a_vector_that_is_not_finite_names_its_word() -> None:
    wv = WordVectors(["good", "bad"], np.array([[1, 2], [np.nan, 0]]))
    assert wv["good"].tolist() == [1, 2]
    for ask in (lambda: wv["bad"], lambda: wv.neighbors("good"), lambda: wv.similarity("good", "bad")):
        with pytest.raises(e.FormatError, match='"bad"'):
            ask()


def test_analogy(wv: WordVectors) -> None:
    table = wv.analogy("king - man + woman", k=3)
    assert table.measures == "similarity"
    assert not {"king", "man", "woman"} & set(table.words)
    assert wv.analogy(positive=["king", "woman"], negative=["man"], k=3).rows == table.rows
    unit = wv.matrix / np.linalg.norm(wv.matrix, axis=1, keepdims=True)
    target = unit[0] - unit[2] + unit[3]
    cosines = unit @ target / np.linalg.norm(target)
    others = [word_id for word_id in np.argsort(-cosines) if word_id not in (0, 2, 3)]
    assert table.words == tuple(WORDS[word_id] for word_id in others[:3])
    np.testing.assert_allclose(table.values, cosines[others[:3]], rtol=1e-5)

    shown = wv.analogy("king - man + woman", k=8, include_query=True)
    assert {row[0] for row in shown if row[2]} == {"king", "man", "woman"}
    assert wv.analogy('"new york" - o\'brien + mother-in-law').words


def test_analogies_that_cannot_be(wv: WordVectors) -> None:
    with pytest.raises(e.UnknownWordError, match="put a blank on each side"):
        wv.analogy("king-man + woman")
    with pytest.raises(e.UnknownWordError, match=r'got "xyz"$'):
        wv.analogy("king - xyz")
    with pytest.raises(e.ExpressionError, match="cancel out"):
        wv.analogy("king - king")
    for options in ({}, {"expression": "king", "positive": ["man"]}):
        with pytest.raises(e.SettingsError, match="either an expression"):
            wv.analogy(**options)


def test_a_table_prints_aligned(wv: WordVectors) -> None:
    rows = np.eye(3)
    table = WordVectors(["a", "日本", "cafe\u0301\x1b[31m"], rows).neighbors("a")
    assert str(table).splitlines() == [
        "word          similarity",
        "日本              0.0000",
        "cafe\u0301\\x1b[31m      0.0000",
    ]
    cut = WordVectors(["a", "日本", "b"], rows).neighbors("a", k=1)
    assert str(cut).splitlines()[-1] == cut.notes[0]
    assert "equally near" in cut.notes[0]
    assert str(wv.neighbors(["king", "man"], k=1)).splitlines()[0].split() == ["query", "word", "similarity"]
    assert repr(table) == str(table)


def test_a_table_converts(wv: WordVectors, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyarrow")
    table = wv.neighbors(["king", "man"], k=2, include_query=True)
    assert table.to_arrow().to_pylist() == table.to_dicts()
    assert table.to_dicts()[0] == {"query": "king", "word": "king", "similarity": 1.0, "query_word": True}
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(e.MissingExtraError, match="arrow"):
        table.to_arrow()
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(e.MissingExtraError, match="pip install pandas"):
        table.to_pandas()


def test_a_table_becomes_a_data_frame(wv: WordVectors) -> None:
    pytest.importorskip("pandas")
    table = wv.neighbors("king", k=2)
    assert table.to_pandas().to_dict("records") == table.to_dicts()


def test_save_by_suffix_and_by_name(wv: WordVectors, tmp_path) -> None:
    for name in ("a.safetensors", "a.txt", "a.vec"):
        wv.save(tmp_path / name)
        again = load(tmp_path / name)
        assert again.words == WORDS
        assert again.matrix.tobytes() == wv.matrix.tobytes()
    wv.save(tmp_path / "b.dat", format="word2vec-text")
    assert (tmp_path / "b.dat").read_bytes() == (tmp_path / "a.txt").read_bytes()
    with pytest.raises(e.FormatError, match='"new york" with a blank'):
        wv.save(tmp_path / "c.bin")
    with pytest.raises(e.SettingsError, match="safetensors"):
        wv.save(tmp_path / "c.model")
    with pytest.raises(e.SettingsError, match="word2vec-binary"):
        wv.save(tmp_path / "c", format="w2v")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.safetensors", "a.txt", "a.vec", "b.dat"]


def test_a_file_that_cannot_be_written(wv: WordVectors, tmp_path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(e.StorageError, match="could not write"):
        wv.save(tmp_path / "file" / "a.safetensors")


@pytest.mark.parametrize("suffix", ["safetensors", "txt", "bin"])
def test_vectors_of_a_training_that_diverged_are_not_saved(tmp_path: Path, suffix: str) -> None:
    wv = WordVectors(["good", "bad"], np.array([[1, 2], [np.inf, 0]]))
    with pytest.raises(e.FormatError, match='NaN or infinity in the vector of "bad"; the training diverged'):
        wv.save(tmp_path / f"wv.{suffix}")
    assert list(tmp_path.iterdir()) == []


def test_a_pickle_keeps_the_runs_of_a_bootstrap() -> None:
    rng = np.random.default_rng(1)
    runs = [WordVectors(["a", "b", "c"], rng.normal(size=(3, 2)), record={"run": run}) for run in (1, 2)]
    wv = WordVectors(["a", "b", "c"], rng.normal(size=(3, 2)), np.array([3, 2, 1]), replicas=runs)
    again = pickle.loads(pickle.dumps(wv))  # noqa: S301  (our own)
    assert [run.record["run"] for run in again.replicas] == [1, 2]
    for one, other in zip((wv, *wv.replicas), (again, *again.replicas), strict=True):
        np.testing.assert_array_equal(one.matrix, other.matrix)
    assert again.neighbors("a", k=2).rows == wv.neighbors("a", k=2).rows
