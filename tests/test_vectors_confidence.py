"""What runs on the text drawn again say of an answer: shares and intervals against plain loops over the runs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from firth.errors import SettingsError, UnknownWordError
from firth.events import Event, Notice
from firth.vectors.confidence import intervals, occurs, seen
from firth.vectors.postprocess import postprocess
from firth.vectors.replicas import with_replicas
from firth.vectors.store import WordVectors

WORDS = [f"w{number}" for number in range(40)]
RUNS = 7


def drawn(seed: int, noise: float) -> Any:
    rows = np.random.default_rng(1).standard_normal((40, 6))
    return rows + noise * np.random.default_rng(seed).standard_normal((40, 6))


@pytest.fixture
def replicas() -> list[WordVectors]:
    """Seven runs; in run 2 the word w0 did not come, in runs 3 and 4 w1 did not."""
    found = []
    for run in range(RUNS):
        counts = np.arange(40, 0, -1)
        if run == 2:
            counts[0] = 0
        if run in (3, 4):
            counts[1] = 0
        record = {"bootstrap": {"drawn": "documents"}}
        found.append(WordVectors(WORDS, drawn(run + 2, 0.8), counts, record=record))
    return found


@pytest.fixture
def wv(replicas: list[WordVectors]) -> WordVectors:
    return WordVectors(WORDS, drawn(1, 0.0), np.arange(40, 0, -1), replicas=replicas)


def naive(wv: WordVectors, table: Any, query: str, k: int, metric: str, among: list[str] | None = None) -> list[Any]:
    """Return (share, low, high) of each row, run by run and word by word."""
    rows = []
    for word in table.words:
        listed, able, values = 0, 0, []
        for replica in wv.replicas:
            came = {name for name, count in zip(WORDS, replica.counts.tolist(), strict=True) if count}  # type: ignore[union-attr]
            if query not in came:
                continue
            able += 1
            there = [name for name in among or WORDS if name in came]
            nearest = replica.neighbors(query, k=k, metric=metric, among=there)
            listed += word in nearest.words
            if word in came:
                every = replica.neighbors(query, k=40, metric=metric, include_query=True)
                values.append(dict(zip(every.words, every.values, strict=True))[word])
        low, high = np.percentile(values, [2.5, 97.5])
        rows.append((listed / able, low, high))
    return rows


@pytest.mark.parametrize("metric", ["cosine", "euclidean", "manhattan", "seuclidean", "dot"])
def test_neighbours_are_shown_with_shares_and_intervals(wv: WordVectors, metric: str) -> None:
    table = wv.neighbors("w0", k=6, metric=metric)
    measures = "similarity" if metric in ("cosine", "dot") else "distance"
    assert table.columns == ("word", measures, "share", "low", "high")
    assert [row[2:] for row in table.rows] == [pytest.approx(row) for row in naive(wv, table, "w0", 6, metric)]
    assert table.confidence is not None
    shares = [share for share in table.confidence.shares or () if share is not None]
    assert 0 < np.mean(shares) < 1, "the runs of this test disagree in part"


def test_several_queries_among_some_words(wv: WordVectors) -> None:
    among = ["w0", "w1", "w3", "w5", "w9", "w12", "w20"]
    table = wv.neighbors(["w0", "w1", "w3"], k=4, among=among)
    expected = []
    for place, query in enumerate(("w0", "w1", "w3")):
        alone = wv.neighbors(query, k=4, among=among)
        expected += naive(wv, alone, query, 4, "cosine", among)
        assert table.rows[4 * place : 4 * place + 4] == [(query, *row) for row in alone.rows]
    assert [row[3:] for row in table.rows] == [pytest.approx(row) for row in expected]


def test_words_asked_with_may_stay(wv: WordVectors) -> None:
    table = wv.neighbors("w5", k=3, include_query=True)
    assert table.columns == ("word", "similarity", "share", "low", "high", "query_word")
    assert table.rows[0] == ("w5", 1.0, 1.0, 1.0, 1.0, True)
    wide = wv.neighbors("w5", k=100)
    assert len(wide) == 39
    assert [row[2] for row in wide.rows if row[0] not in ("w0", "w1")] == [1.0] * 37
    assert {row[0]: row[2] for row in wide.rows}["w1"] == pytest.approx(5 / 7)


def test_how_they_are_printed(wv: WordVectors) -> None:
    lines = str(wv.neighbors("w0", k=3)).splitlines()
    assert lines[0].split() == ["word", "similarity", "share", "low", "high"]
    assert lines[1].split()[2].endswith("%")
    assert lines[-1] == "share of 7 runs on documents drawn again that list the word; 95% of them between low and high"


def test_few_runs_are_said_to_tell_little(wv: WordVectors, replicas: list[WordVectors]) -> None:
    def lines(runs: int) -> tuple[str, str]:
        some = with_replicas(wv, replicas[:runs])
        shown = some.neighbors("w0", k=3), some.axis(["w0", "w5"], ["w6"]).project(["w1", "w7"])
        return str(shown[0]).splitlines()[-1], str(shown[1]).splitlines()[-1]

    within = "95% of them between low and high"
    assert lines(1) == (
        "share of 1 run on documents drawn again that lists the word; so few runs tell little",
        "1 run on documents drawn again; so few runs tell little",
    )
    assert lines(4) == (
        f"share of 4 runs on documents drawn again that list the word; {within}; so few runs tell little",
        f"{within}; 4 runs on documents drawn again; so few runs tell little",
    )
    assert lines(5)[0] == f"share of 5 runs on documents drawn again that list the word; {within}"


def test_nothing_is_said_where_there_is_nothing_to_say(wv: WordVectors, replicas: list[WordVectors]) -> None:
    for table in (
        wv.neighbors(wv["w0"], k=2),
        wv.neighbors("w0", k=2, metric="csls:3"),
        wv.neighbors("w0", k=2, confidence=False),
        wv.analogy("w0 - w1 + w2", k=2, confidence=False),
        WordVectors(WORDS, drawn(1, 0.0)).neighbors("w0", k=2),
    ):
        assert table.confidence is None
        assert table.columns[-1] in ("similarity", "distance")
    silent = [WordVectors(WORDS, run.matrix, np.where(np.arange(40) == 0, 0, 1)) for run in replicas]
    table = with_replicas(wv, silent).neighbors("w0", k=2)
    assert [row[2:] for row in table.rows] == [(None, None, None)] * 2
    assert str(table).splitlines()[1].split()[-3:] == ["–", "–", "–"]
    assert "drawn again" not in str(table)


@pytest.mark.parametrize(
    ("settings", "method"),
    [
        ({"expression": "w0 - w3 + w4"}, None),
        ({"expression": "w0 - w3 + w4"}, "3CosMul"),
        ({"expression": "w0 - w3 + w4"}, "PairDirection"),
        ({"expression": "w0", "pairs": [("w5", "w6"), ("w7", "w8")]}, "3CosAvg"),
    ],
)
def test_answers_are_shown_with_shares_and_intervals(wv: WordVectors, settings: dict[str, Any], method: str) -> None:
    table = wv.analogy(k=4, method=method, **settings)
    for row in table.rows:
        listed, values = [], []
        for replica in wv.replicas:
            came = [name for name, count in zip(WORDS, replica.counts.tolist(), strict=True) if count]  # type: ignore[union-attr]
            if "w0" not in came:
                continue
            listed.append(row[0] in replica.analogy(k=4, method=method, among=came, **settings).words)
            every = replica.analogy(k=40, method=method, include_query=True, **settings)
            if row[0] in came:
                values.append(dict(zip(every.words, every.values, strict=True))[row[0]])
        assert row[2:] == pytest.approx((np.mean(listed), *np.percentile(values, [2.5, 97.5])))
    first = wv.analogy(k=1, method=method, **settings)
    same = [
        replica.analogy(k=1, method=method, **settings).words == first.words
        for number, replica in enumerate(wv.replicas)
        if number != 2
    ]
    assert first.rows[0][2] == pytest.approx(np.mean(same), abs=0.2)  # w1 stands among the answers in runs 3 and 4


def test_projections_have_intervals(wv: WordVectors) -> None:
    table = wv.axis(["w0", "w5"], ["w6"]).project(["w1", "w7", "w8"])
    assert table.columns == ("word", "projection", "low", "high")
    assert list(table.values) == sorted(table.values, reverse=True)
    for word, _, low, high in table.rows:
        values = [
            replica.axis(["w0", "w5"], ["w6"]).project([word]).values[0]
            for number, replica in enumerate(wv.replicas)
            if number != 2 and not (word == "w1" and number in (3, 4))
        ]
        assert (low, high) == pytest.approx(tuple(np.percentile(values, [2.5, 97.5])))
    assert str(table).splitlines()[-1] == "95% of them between low and high; 7 runs on documents drawn again"


def test_the_interval_of_one_similarity(wv: WordVectors) -> None:
    told = wv.similarity_interval("w0", "w1")
    values = [replica.similarity("w0", "w1") for number, replica in enumerate(wv.replicas) if number not in (2, 3, 4)]
    assert (told.value, told.runs, told.level) == (wv.similarity("w0", "w1"), 4, 0.95)
    assert (told.low, told.high) == pytest.approx(tuple(np.percentile(values, [2.5, 97.5])))
    with pytest.raises(SettingsError, match="bootstrap"):
        WordVectors(WORDS, wv.matrix).similarity_interval("w0", "w1")
    with pytest.raises(UnknownWordError):
        wv.similarity_interval("w0", "nobody")
    one = with_replicas(wv, wv.replicas[2:4]).similarity_interval("w0", "w1")
    assert (one.low, one.high, one.runs) == (None, None, 0)


def test_intervals_leave_out_what_is_no_number() -> None:
    values = np.array([[1.0, np.nan, np.nan], [3.0, 2.0, np.inf], [2.0, np.nan, -np.inf]])
    lows, highs = intervals(values, 0.5)
    assert lows == (1.5, None, None)
    assert highs == (2.5, None, None)


def test_which_words_came(replicas: list[WordVectors]) -> None:
    assert occurs(replicas[2], [[0, 1], [-1, 39]]).tolist() == [[False, True], [False, True]]
    assert seen(replicas[0], 5) == 5
    assert seen(replicas[0], None) is None
    assert np.asarray(seen(replicas[2], 3)).tolist() == [1, 2]
    assert np.asarray(seen(replicas[3], np.array([1, 7]))).tolist() == [7]
    assert seen(WordVectors(WORDS, drawn(1, 0)), 5) == 5


def test_changed_vectors_leave_the_runs_behind_and_say_so(wv: WordVectors) -> None:
    events: list[Event] = []
    assert not len(postprocess(wv, "centre", on_event=events.append).replicas)
    assert next(event.text for event in events if isinstance(event, Notice)).startswith("the bootstrap's runs")


def test_with_replicas_keeps_everything_else(wv: WordVectors) -> None:
    one = with_replicas(WordVectors(WORDS, wv.matrix, wv.counts, record={"a": 1}), wv.replicas)
    assert (one.record, list(one.replicas)) == ({"a": 1}, list(wv.replicas))
    assert one.neighbors("w0").rows == wv.neighbors("w0").rows
