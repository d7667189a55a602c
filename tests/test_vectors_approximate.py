from __future__ import annotations

import sys

import numpy as np
import pytest

from firth.errors import FormatError, MissingExtraError, SettingsError
from firth.events import Event, Notice
from firth.vectors.store import WordVectors

pytest.importorskip("faiss")


def clustered(rows: int = 3000, dim: int = 20) -> WordVectors:
    rng = np.random.default_rng(1)
    centres = rng.standard_normal((rows // 30, dim))
    matrix = centres[rng.integers(len(centres), size=rows)] + 0.5 * rng.standard_normal((rows, dim))
    return WordVectors([f"w{row}" for row in range(rows)], matrix * rng.uniform(0.5, 2, size=(rows, 1)))


@pytest.mark.parametrize("metric", ["cosine", "correlation", "euclidean", "sqeuclidean"])
def test_most_true_neighbours_are_found_and_their_values_are_exact(metric: str) -> None:
    wv = clustered()
    words = [f"w{row}" for row in range(0, 3000, 30)]
    events: list[Event] = []
    found = wv.neighbors(words, k=10, metric=metric, approximate=True, on_event=events.append)
    true = wv.neighbors(words, k=10, metric=metric)
    exact = {row[:2]: row[2] for row in true}
    hits = [row for row in found if row[:2] in exact]
    assert len(hits) / len(exact) > 0.95
    assert all(row[2] == exact[row[:2]] for row in hits)
    assert found.recall is not None
    assert abs(found.recall - len(hits) / len(exact)) < 0.05
    notices = [event.text for event in events if isinstance(event, Notice)]
    (notice,) = notices
    assert f"finds {100 * found.recall:.1f} % of the true 10 nearest neighbours, measured on 100 words" in notice
    assert str(found).splitlines()[-1].startswith("approximate; such searches found")
    assert true.recall is None
    assert not any(row[0] == row[1] for row in found)
    again: list[Event] = []
    assert wv.neighbors(words, k=10, metric=metric, approximate=True, on_event=again.append).rows == found.rows
    assert again == []


def test_the_stated_recall_is_measured() -> None:
    """Inner products of long and short vectors are what such an index is bad at: the recall must say so."""
    rng = np.random.default_rng(2)
    matrix = rng.standard_normal((3000, 20)) * rng.lognormal(0, 1.5, size=(3000, 1))
    wv = WordVectors([f"w{row}" for row in range(3000)], matrix)
    words = [f"w{row}" for row in range(0, 3000, 10)]
    found = wv.neighbors(words, metric="dot", approximate=True)
    true = {row[:2] for row in wv.neighbors(words, metric="dot")}
    assert found.recall == pytest.approx(len(true & {row[:2] for row in found}) / len(true), abs=0.1)


def test_more_asked_for_than_there_are() -> None:
    wv = clustered(60)
    table = wv.neighbors("w3", k=1000, approximate=True)
    assert len(set(table.words)) == len(table.words) <= 59
    assert "w3" not in table.words
    shown = wv.neighbors("w3", k=3, approximate=True, include_query=True)
    assert shown.rows[0] == ("w3", 1.0, True)
    assert len(wv.neighbors([wv["w1"], wv["w2"]], k=2, approximate=True)) == 4
    assert WordVectors(["only"], np.ones((1, 2))).neighbors("only", approximate=True).rows == []


def test_questions_that_cannot_be(monkeypatch: pytest.MonkeyPatch) -> None:
    wv = clustered(60)
    with pytest.raises(SettingsError, match='got "manhattan"'):
        wv.neighbors("w1", metric="manhattan", approximate=True)
    with pytest.raises(SettingsError, match="csls"):
        wv.neighbors("w1", metric="csls", approximate=True)
    for choice in ({"among": ["w2"]}, {"most_frequent": 5}):
        with pytest.raises(SettingsError, match="among all words"):
            wv.neighbors("w1", approximate=True, **choice)
    with pytest.raises(SettingsError, match="k of 1 or more"):
        wv.neighbors("w1", k=0, approximate=True)
    with pytest.raises(FormatError, match='"b"'):
        WordVectors(["a", "b"], np.array([[1, 2], [np.nan, 1]])).neighbors("a", approximate=True)
    monkeypatch.setitem(sys.modules, "faiss", None)
    with pytest.raises(MissingExtraError, match=r"firth\[ann\]"):
        clustered(60).neighbors("w1", approximate=True)
