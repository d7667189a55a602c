from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from firth.errors import SettingsError
from firth.events import Event, Progress, Stage
from firth.vectors import csls
from firth.vectors.store import WordVectors


def unit(matrix: np.ndarray) -> np.ndarray:
    wide = matrix.astype(np.float64)
    return wide / np.linalg.norm(wide, axis=1, keepdims=True)


def by_definition(matrix: np.ndarray, n: int, query: np.ndarray, own: int | None) -> np.ndarray:
    """CSLS of each row with a query, with r as the mean of the n greatest cosines to other rows."""
    cosines = unit(matrix) @ unit(matrix).T
    np.fill_diagonal(cosines, -np.inf)
    of_rows = np.sort(cosines, axis=1)[:, -n:].mean(axis=1)
    to_query = unit(matrix) @ unit(query[None])[0]
    others = to_query if own is None else np.delete(to_query, own)
    return 2 * to_query - of_rows - np.sort(others)[-n:].mean()


@pytest.mark.parametrize("n", [1, 5])
def test_csls_equals_its_definition(n: int) -> None:
    rng = np.random.default_rng(1)
    matrix = rng.standard_normal((200, 5)).astype(np.float32) + 0.5
    wv = WordVectors([f"w{row}" for row in range(200)], matrix)
    table = wv.neighbors("w3", k=199, metric=f"csls:{n}")
    assert (table.metric, table.measures) == (f"csls:{n}", "similarity")
    expected = by_definition(matrix, n, matrix[3], 3)
    order = [row for row in np.argsort(-expected, kind="stable").tolist() if row != 3]
    assert table.words == tuple(f"w{row}" for row in order)
    np.testing.assert_allclose(table.values, expected[order], atol=1e-12)
    by_vector = wv.neighbors(matrix[3] * 2, k=5, metric=f"csls:{n}")
    expected = by_definition(matrix, n, matrix[3] * 2, None)
    np.testing.assert_allclose(by_vector.values, np.sort(expected)[::-1][:5], atol=1e-12)


def test_csls_among_some_words_knows_only_their_neighbourhoods() -> None:
    rng = np.random.default_rng(2)
    matrix = rng.standard_normal((100, 4)).astype(np.float32)
    wv = WordVectors([f"w{row}" for row in range(100)], matrix)
    few = WordVectors([f"w{row}" for row in range(30)], matrix[:30])
    assert wv.neighbors("w2", metric="csls", most_frequent=30).rows == few.neighbors("w2", metric="csls:10").rows
    among = wv.neighbors("w2", metric="csls", among=[f"w{row}" for row in range(30)])
    assert among.rows == few.neighbors("w2", metric="csls").rows
    assert wv.neighbors("w2", metric="csls", among=["w2"]).rows == []


def test_hubs_are_put_down() -> None:
    """Words that stand nearer to the common mean are neighbours of very many by cosine, of far fewer by CSLS."""
    rng = np.random.default_rng(3)
    matrix = 1 + rng.uniform(0.8, 1.5, size=(500, 1)) * rng.standard_normal((500, 100))
    words = [f"w{row}" for row in range(500)]
    wv = WordVectors(words, matrix)
    most = [max(Counter(wv.neighbors(words, k=10, metric=metric).words).values()) for metric in ("cosine", "csls")]
    assert most[1] < most[0] / 2


def test_the_work_is_told_and_done_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csls, "_AT_ONCE", 16)
    wv = WordVectors([f"w{row}" for row in range(40)], np.random.default_rng(4).standard_normal((40, 3)))
    events: list[Event] = []
    wv.neighbors("w1", metric="csls", on_event=events.append)
    assert isinstance(events[0], Stage)
    assert [event.done for event in events if isinstance(event, Progress)] == [16, 32, 40]
    again: list[Event] = []
    wv.neighbors("w2", metric="csls", on_event=again.append)
    assert again == []


@pytest.mark.parametrize("metric", ["csls:0", "csls:2.5", "csls:-1", "csls:inf"])
def test_neighbourhoods_that_cannot_be(metric: str) -> None:
    with pytest.raises(SettingsError, match="whole number of neighbours"):
        WordVectors(["a", "b"], np.eye(2)).neighbors("a", metric=metric)


def test_csls_is_for_neighbours_alone() -> None:
    wv = WordVectors(["a", "b", "c"], np.eye(3))
    for ask in (wv.distances, wv.odd_one_out, wv.closest_pairs):
        with pytest.raises(SettingsError, match="only neighbours have"):
            ask(["a", "b", "c"], metric="csls")
