from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firth.errors import SettingsError, UnknownWordError
from firth.vectors.store import WordVectors


@given(seed=st.integers(0, 1000), n=st.integers(3, 8))
def test_the_odd_one_is_the_one_least_like_the_others(seed: int, n: int) -> None:
    matrix = np.random.default_rng(seed).standard_normal((n, 4))
    words = [f"w{row}" for row in range(n)]
    wv = WordVectors(words, matrix)
    table = wv.odd_one_out(words)
    means = {word: np.mean([wv.similarity(word, other) for other in words if other != word]) for word in words}
    assert list(table.words) == sorted(words, key=means.__getitem__)
    np.testing.assert_allclose(table.values, [means[word] for word in table.words], atol=1e-12)
    # The same word as the one farthest from the mean of unit vectors, gensim's definition.
    unit = wv.matrix / np.linalg.norm(wv.matrix, axis=1, keepdims=True)
    assert table.word == words[int((unit @ unit.mean(axis=0)).argmin())]


def test_by_distance_the_farthest_is_odd() -> None:
    wv = WordVectors(["a", "b", "c", "far"], np.array([[1.0], [1.1], [0.9], [5]]))
    table = wv.odd_one_out(["a", "far", "b", "c", "a"], metric="euclidean")
    assert table.word == "far"
    assert table.columns == ("word", "mean_distance")
    assert table.values[0] == pytest.approx((4 + 3.9 + 4.1) / 3, rel=1e-6)


def test_of_equals_the_first() -> None:
    wv = WordVectors(["a", "b", "c"], np.ones((3, 2)))
    assert wv.odd_one_out(["c", "a", "b"]).words == ("c", "a", "b")


def test_questions_that_cannot_be() -> None:
    wv = WordVectors(["a", "b", "c"], np.eye(3))
    for words in (["a", "b"], ["a", "b", "a"], []):
        with pytest.raises(SettingsError, match="at least 3 different words"):
            wv.odd_one_out(words)
    with pytest.raises(UnknownWordError):
        wv.odd_one_out(["a", "b", "x"])
