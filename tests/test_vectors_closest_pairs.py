from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from firth.errors import FormatError, SettingsError
from firth.events import Event, Progress
from firth.vectors import closest_pairs
from firth.vectors.distances import metric_named
from firth.vectors.store import WordVectors


def words_of(rows: int) -> list[str]:
    return [f"w{row}" for row in range(rows)]


def naive(matrix: np.ndarray, k: int, name: str) -> list[tuple[str, str, float]]:
    metric = metric_named(name)
    wide = matrix.astype(np.float64)
    pairs = list(itertools.combinations(range(len(matrix)), 2))
    if not pairs:
        return []
    first, second = (wide[list(side)] for side in zip(*pairs, strict=True))
    closeness = metric.pairs(first, second)
    order = sorted(range(len(pairs)), key=lambda place: (-closeness[place], pairs[place]))[:k]
    values = metric.value(closeness)
    return [(f"w{pairs[at][0]}", f"w{pairs[at][1]}", float(values[at])) for at in order]


@pytest.mark.parametrize("name", ["cosine", "correlation", "dot", "euclidean", "manhattan", "canberra"])
@pytest.mark.parametrize("k", [1, 25, 100_000])
def test_closest_pairs_equal_all_pairs_sorted(name: str, k: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closest_pairs, "_AT_ONCE", 7)
    monkeypatch.setattr("firth.vectors.neighbours.BLOCK", 16)
    monkeypatch.setattr("firth.vectors.norms.BLOCK", 16)
    rng = np.random.default_rng(1)
    matrix = rng.standard_normal((60, 4)).astype(np.float32)
    matrix[40:44] = matrix[3]
    table = WordVectors(words_of(60), matrix).closest_pairs(k=k, metric=name)
    expected = naive(matrix, k, name)
    assert [row[:2] for row in table] == [row[:2] for row in expected]
    np.testing.assert_array_equal(table.values, [row[2] for row in expected])


@settings(max_examples=60, deadline=None)
@given(
    matrix=hnp.arrays(
        np.float32,
        st.tuples(st.integers(1, 9), st.integers(1, 3)),
        elements=st.floats(width=32, allow_nan=False, allow_infinity=False),
    ),
    k=st.integers(1, 12),
    name=st.sampled_from(["cosine", "correlation", "euclidean", "manhattan"]),
)
def test_closest_pairs_of_any_matrix(matrix: np.ndarray, k: int, name: str) -> None:
    table = WordVectors(words_of(len(matrix)), matrix).closest_pairs(k=k, metric=name)
    assert [row[:2] for row in table] == [row[:2] for row in naive(matrix, k, name)]


def test_closest_pairs_of_some_words() -> None:
    wv = WordVectors(words_of(5), np.array([[1, 0], [1, 0.1], [0, 1], [1, 0.01], [-1, 0]]))
    table = wv.closest_pairs(["w2", "w0", "w1", "w0"], k=2)
    assert table.columns == ("word", "other", "similarity")
    assert [row[:2] for row in table] == [("w0", "w1"), ("w1", "w2")]
    assert [row[:2] for row in wv.closest_pairs(k=1, most_frequent=3)] == [("w0", "w1")]
    assert [row[:2] for row in wv.closest_pairs(k=1)] == [("w0", "w3")]
    assert wv.closest_pairs(["w1"], k=3).rows == []
    assert str(table).splitlines()[1].split() == ["w0", "w1", "0.9950"]


def test_questions_that_cannot_be() -> None:
    wv = WordVectors(["a", "b"], np.array([[1, 2], [np.nan, 1]]))
    for k in (0, 1.5, True):
        with pytest.raises(SettingsError, match="k of 1 or more"):
            wv.closest_pairs(["a"], k=k)  # type: ignore[arg-type]
    with pytest.raises(FormatError, match='"b"'):
        wv.closest_pairs()
    with pytest.raises(SettingsError, match=r'"[ab]" and a query'):
        WordVectors(["a", "b"], -np.eye(2)).closest_pairs(metric="jensenshannon")


def test_the_work_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closest_pairs, "_AT_ONCE", 4)
    events: list[Event] = []
    WordVectors(words_of(10), np.eye(10)).closest_pairs(k=1, on_event=events.append)
    assert [event.done for event in events if isinstance(event, Progress)] == [4, 8, 10]
