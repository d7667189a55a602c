from __future__ import annotations

import numpy as np
import pytest

from firth.errors import FormatError, SettingsError, UnknownWordError
from firth.vectors.store import WordVectors


@pytest.fixture
def wv() -> WordVectors:
    matrix = np.random.default_rng(1).standard_normal((7, 4))
    matrix[6] = 0
    return WordVectors(["rich", "wealthy", "poor", "duke", "beggar", "clerk", "nothing"], matrix)


def test_an_axis_is_the_difference_of_two_means(wv: WordVectors) -> None:
    axis = wv.axis(["rich", "wealthy"], ["poor"])
    unit = wv.matrix[:6].astype(float) / np.linalg.norm(wv.matrix[:6].astype(float), axis=1, keepdims=True)
    direction = (unit[0] + unit[1]) / 2 - unit[2]
    direction /= np.linalg.norm(direction)
    np.testing.assert_allclose(axis.direction, direction, atol=1e-12)
    table = axis.project(["duke", "beggar", "clerk", "duke", "nothing"])
    assert table.columns == ("word", "projection")
    assert dict(table.rows) == pytest.approx(
        {"duke": unit[3] @ direction, "beggar": unit[4] @ direction, "clerk": unit[5] @ direction, "nothing": 0.0}
    )
    assert list(table.values) == sorted(table.values, reverse=True)
    assert repr(axis) == "<Axis from poor to rich, wealthy>"
    assert (
        wv.neighbors(axis.direction, k=1).words
        == wv.axis(["rich", "wealthy"], ["poor"]).project(wv.words[:6]).words[:1]
    )


def test_turned_round_it_gives_the_opposite(wv: WordVectors) -> None:
    there, back = wv.axis(["rich"], ["poor"]), wv.axis(["poor"], ["rich"])
    assert there.project(["duke"]).values[0] == -back.project(["duke"]).values[0]


def test_questions_that_cannot_be(wv: WordVectors) -> None:
    with pytest.raises(SettingsError, match="same mean"):
        wv.axis(["rich"], ["rich"])
    with pytest.raises(SettingsError, match="positive words"):
        wv.axis("rich", ["poor"])
    with pytest.raises(SettingsError, match="negative words"):
        wv.axis(["rich"], [])
    with pytest.raises(UnknownWordError, match='"poor"'):
        wv.axis(["rich"], ["poorr"])
    with pytest.raises(SettingsError, match="at least 1"):
        wv.axis(["rich"], ["poor"]).project([])
    with pytest.raises(FormatError, match='"b"'):
        WordVectors(["a", "b", "c"], np.array([[1, 0], [np.nan, 1], [0, 1]])).axis(["a"], ["c"]).project(["b"])
