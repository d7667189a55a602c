"""Word arithmetic by every method, against its formula written out word by word."""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import firth.errors as e
from firth.vectors.analogy import cos_add
from firth.vectors.lrcos import LRCos
from firth.vectors.neighbours import ranked
from firth.vectors.store import WordVectors


def unit(vector: np.ndarray) -> np.ndarray:
    wide = vector.astype(np.float64)
    norm = np.linalg.norm(wide)
    return wide / norm if norm else wide


def cosine(x: np.ndarray, y: np.ndarray) -> float:
    return float(unit(x) @ unit(y))


def wv_of(matrix: np.ndarray) -> WordVectors:
    return WordVectors([f"w{row}" for row in range(len(matrix))], matrix)


def random_vectors(seed: int, rows: int = 400, dim: int = 6) -> np.ndarray:
    matrix = np.random.default_rng(seed).standard_normal((rows, dim)).astype(np.float32)
    matrix[100:120] = matrix[50]
    matrix[120:140] = matrix[51] * (1 + 1e-6 * np.random.default_rng(9).standard_normal((20, dim)).astype(np.float32))
    matrix[140] = 0
    return matrix


def same(table: object, scores: list[float], left_out: set[int], k: int) -> None:
    rows = [row for row in np.argsort(-np.array(scores), kind="stable").tolist() if row not in left_out][:k]
    np.testing.assert_allclose(table.values, [scores[row] for row in rows], atol=1e-9)
    for word, row in zip(table.words, rows, strict=True):
        # Where two scores differ by rounding alone, the two sums may order them otherwise.
        assert word == f"w{row}" or abs(scores[int(word[1:])] - scores[row]) < 1e-9


def three_cos_add(m: np.ndarray, x: np.ndarray) -> float:
    return cosine(x, unit(m[1]) - unit(m[2]) + 0.5 * unit(m[3]))


def three_cos_mul(m: np.ndarray, x: np.ndarray) -> float:
    def s(row: int) -> float:
        return max(0.0, (cosine(x, m[row]) + 1) / 2)

    return s(1) * s(3) ** 0.5 / (s(2) + 0.001)


def pair_direction(m: np.ndarray, x: np.ndarray) -> float:
    return cosine(unit(x) - unit(m[3]), unit(m[1]) - unit(m[2]))


@pytest.mark.parametrize(
    ("method", "expression", "score", "measures"),
    [
        ("3CosAdd", "w1 - w2 + 0.5*w3", three_cos_add, "similarity"),
        ("3cosmul", "w1 - w2 + 0.5*w3", three_cos_mul, "score"),
        ("PairDirection", "w1 - w2 + w3", pair_direction, "similarity"),
        ("PairDirection", "- w2 + w1 + w3", pair_direction, "similarity"),
    ],
)
@pytest.mark.parametrize("scale", [1.0, 1e-25, 1e30])
def test_a_method_equals_its_formula(
    method: str,
    expression: str,
    score: Callable[..., float],
    measures: str,
    scale: float,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("firth.vectors.neighbours.BLOCK", 64)
    monkeypatch.setattr("firth.vectors.norms.BLOCK", 64)
    matrix = random_vectors(1) * np.float32(scale)
    table = wv_of(matrix).analogy(expression, k=60, method=method)
    assert table.measures == measures
    same(table, [score(matrix, x) for x in matrix], {1, 2, 3}, 60)
    everything = wv_of(matrix).analogy(expression, k=400, method=method, include_query=True)
    assert {word for word, asked in zip(everything.words, everything.query_words, strict=True) if asked} == {
        "w1", "w2", "w3",
    }  # fmt: skip
    assert len(everything) == 400


# Words that point where the third one does, up to the last bit.
@example(
    matrix=np.array([[-1, 1], [0, 0], [0, 1], [-3, 3], [0, 0], [0, 0]], dtype=np.float32), method="PairDirection", k=3
)
@settings(max_examples=100, deadline=None)
@given(
    matrix=hnp.arrays(
        np.float32,
        st.tuples(st.integers(4, 12), st.integers(2, 4)),
        elements=st.integers(-3, 3).map(float),
    ),
    method=st.sampled_from(["3CosAdd", "3CosMul", "PairDirection"]),
    k=st.integers(1, 12),
)
def test_methods_on_small_whole_numbers(matrix: np.ndarray, method: str, k: int) -> None:
    """Many ties, zero vectors, words that are alike."""
    wv = wv_of(matrix)
    try:
        table = wv.analogy("w1 - w2 + w3", k=k, method=method)
    except e.ExpressionError:
        assert method != "3CosMul"
        return
    m = matrix
    score = {
        "3CosAdd": lambda x: cosine(x, unit(m[1]) - unit(m[2]) + unit(m[3])),
        "3CosMul": lambda x: (
            max(0, (cosine(x, m[1]) + 1) / 2) * max(0, (cosine(x, m[3]) + 1) / 2)
            / (max(0, (cosine(x, m[2]) + 1) / 2) + 0.001)
        ),
        "PairDirection": lambda x: (
            0.0 if np.linalg.norm(unit(x) - unit(m[3])) < 1e-6 else pair_direction(m, x)
        ),
    }[method]  # fmt: skip
    same(table, [score(x) for x in matrix], {1, 2, 3}, k)


def test_equal_vectors_come_in_the_order_of_the_words() -> None:
    matrix = np.tile(np.array([[0.3, 0.7]], np.float32), (50, 1))
    matrix[1:4] = [[1, 0], [0, 1], [1, 1]]
    for method in ("3CosAdd", "3CosMul", "PairDirection"):
        assert wv_of(matrix).analogy("w1 - w2 + w3", k=5, method=method).words == ("w0", "w4", "w5", "w6", "w7")


def test_three_cos_avg() -> None:
    matrix = random_vectors(2)
    wv = wv_of(matrix)
    pairs = [("w10", "w11"), ("w12", "w13"), ("w14", "w15")]
    offset = np.mean([unit(matrix[b]) - unit(matrix[b - 1]) for b in (11, 13, 15)], axis=0)
    scores = [cosine(x, unit(matrix[1]) + offset) for x in matrix]
    table = wv.analogy("w1", k=20, pairs=pairs)
    assert table.metric == "3CosAvg"
    same(table, scores, {1, *range(10, 16)}, 20)
    one = wv.analogy("w1", k=20, pairs=pairs[:1])
    assert one.words == tuple(word for word in wv.analogy("w1 - w10 + w11", k=20).words)


def test_lrcos() -> None:
    linear = pytest.importorskip("sklearn.linear_model")
    rng = np.random.default_rng(3)
    # Countries on one axis, capitals on another, each pair with a direction of its own.
    names = rng.standard_normal((30, 40))
    kinds = np.eye(40)[[0, 1]] * 4
    countries, capitals, others = names + kinds[0], names + kinds[1], rng.standard_normal((300, 40))
    matrix = np.concatenate([countries, capitals, others]).astype(np.float32)
    wv = wv_of(matrix)
    pairs = [(f"w{row}", f"w{row + 30}") for row in range(10)]
    right = sum(
        wv.analogy(f"w{row}", k=1, pairs=pairs, method="LRCos").words == (f"w{row + 30}",) for row in range(10, 30)
    )
    assert right >= 18
    table = wv.analogy("w20", k=200, pairs=pairs, method="lrcos")
    assert (table.measures, table.metric) == ("score", "LRCos")
    assert table.rows == wv.analogy("w20", k=200, pairs=pairs, method="LRCos").rows

    # The same with everything said again: the draw, the regression, the product.
    left_out = {20, *range(10), *range(30, 40)}
    drawn = np.random.default_rng(1).choice([row for row in range(360) if row not in left_out], 100, replace=False)
    wrong = np.union1d(np.arange(10), drawn)
    examples = np.stack([unit(matrix[row]) for row in (*range(30, 40), *wrong)])
    model = linear.LogisticRegression(class_weight="balanced", max_iter=1000)
    model.fit(examples, [1] * 10 + [0] * len(wrong))
    probability = model.predict_proba(np.stack([unit(x) for x in matrix]))[:, 1]
    scores = [float(p * cosine(x, matrix[20])) for p, x in zip(probability, matrix, strict=True)]
    same(table, scores, left_out, 200)


def test_lrcos_that_cannot_be(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("sklearn")
    wv = wv_of(np.eye(5, dtype=np.float32))
    with pytest.raises(e.SettingsError, match="two different second words"):
        wv.analogy("w0", pairs=[("w1", "w2")], method="LRCos")
    with pytest.raises(e.SettingsError, match="words that are no second word"):
        wv.analogy("w0", pairs=[("w1", "w2"), ("w2", "w1")], method="LRCos", among=["w1", "w2"])
    monkeypatch.setitem(sys.modules, "sklearn.linear_model", None)
    with pytest.raises(e.MissingExtraError, match=r"firth\[sklearn\]"):
        wv.analogy("w0", pairs=[("w1", "w2"), ("w3", "w4")], method="LRCos")


def test_among_some_words() -> None:
    wv = wv_of(random_vectors(5))
    for method in ("3CosAdd", "3CosMul", "PairDirection"):
        everything = wv.analogy("w1 - w2 + w3", k=400, method=method).words
        first = tuple(word for word in everything if int(word[1:]) < 30)
        assert wv.analogy("w1 - w2 + w3", k=400, method=method, most_frequent=30).words == first
        some = tuple(word for word in everything if word in ("w7", "w50", "w300"))
        assert wv.analogy("w1 - w2 + w3", method=method, among=["w300", "w7", "w50", "w2"]).words == some


def test_questions_that_cannot_be() -> None:
    wv = wv_of(np.eye(5, dtype=np.float32))
    with pytest.raises(e.SettingsError, match="of 3CosAdd, 3CosMul, PairDirection, got 'cos'"):
        wv.analogy("w0 - w1", method="cos")
    with pytest.raises(e.SettingsError, match="needs pairs="):
        wv.analogy("w0 - w1", method="LRCos")
    with pytest.raises(e.SettingsError, match="takes no pairs"):
        wv.analogy("w0", method="3CosMul", pairs=[("w1", "w2")])
    with pytest.raises(e.ExpressionError, match="one word to ask about"):
        wv.analogy("w0 - w3", pairs=[("w1", "w2")])
    for pairs in (["ab"], [("w1", "w2", "w3")]):
        with pytest.raises(e.SettingsError, match="pairs of two words"):
            wv.analogy("w0", pairs=pairs)
    with pytest.raises(e.UnknownWordError):
        wv.analogy("w0", pairs=[("w1", "w9")])
    for expression in ("w0 - w1", "w0 + w1 + w2", "w0 - w1 + 0.5*w2", "w0 - w1 - w2"):
        with pytest.raises(e.ExpressionError, match="for PairDirection"):
            wv.analogy(expression, method="PairDirection")
    with pytest.raises(e.ExpressionError, match="cancel out"):
        wv.analogy("w0 - w0 + w1", method="PairDirection")
    broken = wv_of(np.array([[1, 0], [0, 1], [1, 1], [np.nan, 0]], np.float32))
    for method in ("3CosAdd", "3CosMul", "PairDirection"):
        with pytest.raises(e.FormatError, match='"w3"'):
            broken.analogy("w0 - w1 + w2", method=method)


def test_the_target_is_the_weighted_sum() -> None:
    units = np.array([[0.6, 0.8], [0, 1], [0, 0]])
    np.testing.assert_allclose(cos_add(units, np.array([2, -0.5, 1])), [1.2, 1.6 - 0.5], rtol=1e-15)
    with pytest.raises(e.ExpressionError, match="cancel out"):
        cos_add(units[2:], np.array([1.0]))


@pytest.mark.parametrize("scale", [1.0, 1e-25, 1e30])
@pytest.mark.parametrize("intercept", [-3.0, 0.0, 40.0])
def test_lrcos_ranks_as_its_exact_form(scale: float, intercept: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("firth.vectors.neighbours.BLOCK", 64)
    monkeypatch.setattr("firth.vectors.norms.BLOCK", 64)
    matrix = random_vectors(6) * np.float32(scale)
    wv = wv_of(matrix)
    rng = np.random.default_rng(7)
    by = LRCos(unit(matrix[3]), 20 * rng.standard_normal(6), intercept)
    found = ranked(wv.matrix, wv.norms, lambda _: by, queries=1, k=150)
    exact = by.exact(np.arange(400), matrix.astype(np.float64), np.zeros(400, np.int64))
    assert found.word_ids[0].tolist() == np.lexsort((np.arange(400), -exact))[:150].tolist()
