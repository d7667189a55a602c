from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from firth.errors import FormatError, SettingsError
from firth.vectors import neighbours
from firth.vectors.distances import METRICS
from firth.vectors.norms import BLOCK, RowNorms, are_tame, norms_of
from firth.vectors.product_metrics import PRODUCT_METRICS
from firth.vectors.store import WordVectors
from firth.vectors.words import PackedWords


def search(matrix: np.ndarray, queries: np.ndarray, **settings: object) -> neighbours.Nearest:
    words = PackedWords.of([f"w{row}" for row in range(len(matrix))])
    return neighbours.nearest(matrix, RowNorms(matrix, words), queries.astype(np.float64), **settings)


def closeness_by_definition(metric: str, matrix: np.ndarray, query: np.ndarray) -> np.ndarray:
    """Each row's closeness, one by one, with Python's exact sums."""
    out = []
    for row in matrix.astype(np.float64):
        dot = math.fsum((row * query).tolist())
        if metric == "cosine":
            norms = math.sqrt(math.fsum((row * row).tolist())) * math.sqrt(math.fsum((query * query).tolist()))
            out.append(dot / norms if norms else 0.0)
        elif metric == "correlation":
            x, q = (vector - math.fsum(vector.tolist()) / len(vector) for vector in (row, query))
            norms = math.sqrt(math.fsum((x * x).tolist())) * math.sqrt(math.fsum((q * q).tolist()))
            out.append(math.fsum((x * q).tolist()) / norms if np.ptp(row) and np.ptp(query) else 0.0)
        elif metric in ("euclidean", "sqeuclidean"):
            squares = math.fsum(((row - query) ** 2).tolist())
            out.append(-squares if metric == "sqeuclidean" else -math.sqrt(squares))
        else:
            out.append(dot)
    return np.array(out)


def hard_matrix(rng: np.random.Generator, rows: int, dim: int) -> np.ndarray:
    """Rows in tight bunches, exact copies, zero rows."""
    centres = rng.standard_normal((max(1, rows // 20), dim))
    matrix = (centres[rng.integers(len(centres), size=rows)] + 1e-4 * rng.standard_normal((rows, dim))).astype(
        np.float32
    )
    matrix[rng.integers(rows, size=rows // 10)] = matrix[0]
    matrix[rng.integers(rows, size=rows // 20)] = 0
    return matrix


BY_PRODUCTS = sorted(metric.name for metric in PRODUCT_METRICS)


@pytest.mark.parametrize("metric", BY_PRODUCTS)
@pytest.mark.parametrize("scale", [1.0, 1e-30, 1e25])
def test_neighbours_equal_a_full_sort(metric: str, scale: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "BLOCK", 64)
    monkeypatch.setattr("firth.vectors.norms.BLOCK", 64)
    monkeypatch.setattr(neighbours, "_QUERIES", 3)
    monkeypatch.setattr("firth.vectors.closeness._NUMBERS", 100)
    rng = np.random.default_rng(1)
    matrix = hard_matrix(rng, 500, 7) * np.float32(scale)
    queries = np.concatenate([matrix[:4], matrix[100:103] * 2, np.zeros((1, 7))]).astype(np.float64)
    found = search(matrix, queries, k=20, metric=metric)
    for query, ids, values in zip(queries, found.word_ids, found.values, strict=True):
        rows = METRICS[metric].pairs(matrix.astype(np.float64), np.repeat(query[None], 500, axis=0))
        expected = np.lexsort((np.arange(500), -rows))[:20]
        assert ids.tolist() == expected.tolist()
        np.testing.assert_array_equal(values, METRICS[metric].value(rows[expected]))
        by_definition = np.abs(closeness_by_definition(metric, matrix, query)[expected])
        np.testing.assert_allclose(np.abs(values), by_definition, rtol=1e-9, atol=1e-12 * by_definition.max())


@st.composite
def matrices_and_queries(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    rows, dim = draw(st.tuples(st.integers(1, 12), st.integers(1, 4)))
    numbers = st.floats(width=32, allow_nan=False, allow_infinity=False)
    drawn = draw(hnp.arrays(np.float32, (rows + 1, dim), elements=numbers))
    return drawn[1:], drawn[0]


# Norms just outside what float32 products are good for, beside usual ones.
@example(case=(np.array([[1.00000005e15], [0.99999]], dtype=np.float32), np.ones(1, np.float32)), metric="cosine", k=1)
@settings(max_examples=200, deadline=None)
@given(case=matrices_and_queries(), metric=st.sampled_from(BY_PRODUCTS), k=st.integers(1, 12))
def test_neighbours_of_any_finite_matrix(case: tuple[np.ndarray, np.ndarray], metric: str, k: int) -> None:
    matrix, query = case[0], case[1].astype(np.float64)
    found = search(matrix, query[None], k=k, metric=metric)
    exact = METRICS[metric].pairs(matrix.astype(np.float64), np.repeat(query[None], len(matrix), axis=0))
    expected = np.lexsort((np.arange(len(matrix)), -exact))[:k]
    assert found.word_ids[0, : len(expected)].tolist() == expected.tolist()
    assert found.word_ids.shape == (1, len(expected))
    assert not np.isnan(found.values).any()


def test_one_query_and_the_same_among_many_give_the_same_bits() -> None:
    rng = np.random.default_rng(3)
    matrix = rng.standard_normal((3000, 50), dtype=np.float32)
    many = search(matrix, matrix[:300], k=5)
    for query in (0, 17, 299):
        one = search(matrix, matrix[query : query + 1], k=5)
        assert one.word_ids[0].tolist() == many.word_ids[query].tolist()
        assert one.values[0].tobytes() == many.values[query].tobytes()


def test_left_out_and_among() -> None:
    rng = np.random.default_rng(4)
    matrix = rng.standard_normal((200, 5), dtype=np.float32)
    everything = search(matrix, matrix[:1], k=200).word_ids[0]
    assert everything[0] == 0
    assert search(matrix, matrix[:1], k=3, left_out=[[0]]).word_ids[0].tolist() == everything[1:4].tolist()
    first = [row for row in everything.tolist() if row < 50]
    assert search(matrix, matrix[:1], k=60, among=50).word_ids[0].tolist() == first
    some = np.array([7, 3, 100])
    ranked = [row for row in everything.tolist() if row in some]
    assert search(matrix, matrix[:1], k=3, among=some).word_ids[0].tolist() == ranked


def test_all_rows_alike_come_in_the_order_of_the_words() -> None:
    matrix = np.full((1000, 4), 0.3, dtype=np.float32)
    assert search(matrix, matrix[:2], k=4, left_out=[[0], [2]]).word_ids.tolist() == [[1, 2, 3, 4], [0, 1, 3, 4]]


def test_a_row_that_is_no_vector_is_named_when_a_search_comes_there() -> None:
    matrix = np.ones((BLOCK + 10, 2), dtype=np.float32)
    matrix[BLOCK + 3, 1] = np.nan
    assert search(matrix, matrix[:1], k=2, among=BLOCK).word_ids.tolist() == [[0, 1]]
    with pytest.raises(FormatError, match=f'"w{BLOCK + 3}"'):
        search(matrix, matrix[:1], k=2)
    with pytest.raises(FormatError, match=f'"w{BLOCK + 3}"'):
        search(matrix, matrix[:1], k=2, among=np.array([1, BLOCK + 3]))


def test_norms_survive_overflow_and_underflow() -> None:
    rows = np.array([[3e38, 3e38], [1e-40, 0], [3, 4], [0, 0]], dtype=np.float32)
    norms = norms_of(rows)
    np.testing.assert_allclose(norms, np.sqrt((rows.astype(np.float64) ** 2).sum(axis=1)), rtol=1e-12)
    assert not are_tame(norms)
    assert norms_of(rows[2:]).dtype == np.float32


@pytest.mark.parametrize("k", [0, -1, 1.5, True, "3"])
def test_a_k_that_cannot_be(k: object) -> None:
    with pytest.raises(SettingsError, match="k of 1 or more"):
        search(np.ones((2, 2), dtype=np.float32), np.ones((1, 2)), k=k)


def test_the_most_frequent() -> None:
    assert neighbours.most_frequent_ids(None, 3) == 3
    assert neighbours.most_frequent_ids(np.array([5, 4, 4]), 2) == 2
    assert np.asarray(neighbours.most_frequent_ids(np.array([1, 9, 4, 9]), 3)).tolist() == [1, 2, 3]
    with pytest.raises(SettingsError, match="most frequent words"):
        neighbours.most_frequent_ids(None, 0)


def is_cut(name: str) -> str:
    return (
        f"the last neighbour shown of {name} is no nearer than others that are not shown: of words that are equally "
        "near, the first in order are shown"
    )


def test_ties_at_the_cut_are_told() -> None:
    """Which of equally near words are shown says nothing, and that some are left out is a fact, not a guess."""
    matrix = np.random.default_rng(2).standard_normal((30, 4))
    matrix[20:] = matrix[20]
    wv = WordVectors([f"w{row}" for row in range(30)], matrix)
    for k in range(1, 31):
        expected = (is_cut('"w21"'),) if k < 9 else ()
        assert wv.neighbors("w21", k=k).notes == expected
        assert wv.neighbors("w21", k=k, metric="manhattan").notes == expected
        assert wv.neighbors("w21", k=k, include_query=True).notes == ((is_cut('"w21"'),) if k < 10 else ())
        values = wv.neighbors("w1", k=30).values
        own = k < len(values) and values[k] == values[k - 1]
        assert wv.neighbors("w1", k=k).notes == ((is_cut('"w1"'),) if own else ())
    assert str(wv.neighbors("w21", k=1)).splitlines()[-1] == is_cut('"w21"')
    assert wv.neighbors(matrix[21], k=5).notes == (is_cut("the query"),)
    several = wv.neighbors([f"w{row}" for row in range(18, 30)], k=3)
    assert 'of "w20", "w21", "w22" and 7 more is' in several.notes[0]
    among = ["w1", "w20", "w22", "w23"]
    assert wv.neighbors("w21", k=2, among=among).notes == (is_cut('"w21"'),)
    assert wv.neighbors("w21", k=3, among=among).notes == ()
    assert wv.neighbors("w21", k=1, most_frequent=22).notes == ()
    assert wv.neighbors("w21", k=1, most_frequent=23).notes == (is_cut('"w21"'),)
    assert wv.neighbors("w21", k=4, metric="csls:3").notes == (is_cut('"w21"'),)


def test_a_tie_behind_a_nearer_word_is_told() -> None:
    wv = WordVectors(["q", "near", "b", "c", "d", "far"], [[1, 0], [9, 1], [1, 1], [2, 2], [4, 4], [-1, 0]])
    assert [len(wv.neighbors("q", k=k).notes) for k in range(1, 8)] == [0, 1, 1, 0, 0, 0, 0]
    assert wv.analogy("q", k=2).notes == (is_cut('"q"'),)
    assert wv.analogy("q", k=4).notes == ()
    assert wv.analogy("q + near", k=1).notes == (is_cut("the query"),)
    for method in ("3CosMul", "3CosAdd"):
        assert wv.analogy("q + near", k=2, method=method).notes == (is_cut("the query"),)
        assert wv.analogy("q + near", k=3, method=method).notes == ()


def test_of_an_approximate_search_ties_are_told() -> None:
    pytest.importorskip("faiss")
    wv = WordVectors(["a", "b", "c", "d"], np.array([[1, 2], [1, 2], [1, 2], [2, 1]], np.float32))
    notes = [wv.neighbors("a", k=k, approximate=True).notes for k in (1, 2, 3)]
    assert notes == [(is_cut('"a"'),), (), ()]


def test_all_neighbours_of_a_vector_of_zeros_are_equally_near() -> None:
    matrix = np.random.default_rng(2).standard_normal((30, 4))
    matrix[3:5] = 0
    wv = WordVectors([f"w{row}" for row in range(30)], matrix)
    told = "are equally near: they come in the order of the words"
    cut = ", and others that are not shown are as near"
    for k in (1, 5, 28):
        assert wv.neighbors("w3", k=k).notes == (f'all neighbours shown of "w3" (a vector of zeros) {told}{cut}',)
    assert wv.neighbors("w3", k=29).notes == (f'all neighbours shown of "w3" (a vector of zeros) {told}',)
    assert wv.neighbors("w3", k=5, metric="euclidean").notes == ()
    assert wv.neighbors("w3", k=5, among=["w3"]).notes == ()
    assert wv.neighbors("w3", k=5, among=["w3", "w4"]).notes == ()
    assert "of the query (a vector of zeros) are" in wv.neighbors(np.zeros(4), k=5).notes[0]
    several = wv.neighbors(["w1", "w3", "w4"], k=3)
    assert several.notes == (f'all neighbours shown of "w3", "w4" (vectors of zeros) {told}{cut}',)
