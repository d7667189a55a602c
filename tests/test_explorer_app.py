"""The explorer's addresses: what each answers, and what it says to what it cannot answer."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from firth.explorer.app import METRICS, app_of
from firth.explorer.models import Models, OpenedModel, opened
from firth.vectors.postprocess import centre, pca
from firth.vectors.store import WordVectors

WORDS = [
    "the", "king", "queen", "man", "woman", "Paris", "kings", "<script>alert(1)</script>", "שלום", "👩‍👩‍👧", "a b",
    "naïve", "x" * 10_000, "\u202egnp.exe", "", "'\"&", "NaN", "end",
]  # fmt: skip


def vectors(seed: int = 1, dim: int = 8) -> WordVectors:
    matrix = np.random.default_rng(seed).normal(size=(len(WORDS), dim)).astype(np.float32)
    counts = np.arange(len(WORDS), 0, -1) * 10
    record = {
        "objective": {"kind": "SkipGram", "rate": math.nan}, "seed": 3,
        "history": [{"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": 0.4}, {"epoch": "x"}],
        "held_out_losses": [{"passes": 1.0, "loss": 0.6}, {"passes": 1.5, "loss": math.inf}],
    }  # fmt: skip
    return WordVectors(WORDS, matrix, counts, record=record)


WV = vectors()


def client_of(*models: WordVectors) -> TestClient:
    named = {f"model {number}": wv for number, wv in enumerate(models or (WV, vectors(2)))}
    return TestClient(app_of(Models(opened(named))), base_url="http://127.0.0.1:8000")


@pytest.fixture(scope="module")
def client() -> TestClient:
    return client_of()


def ask(client: TestClient, path: str, **parameters: Any) -> Any:
    answer = client.get(f"/api/{path}", params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


def refused(client: TestClient, path: str, status: int, **parameters: Any) -> str:
    """Return the one sentence with which a request is refused."""
    answer = client.get(f"/api/{path}", params=parameters)
    assert answer.status_code == status, answer.text
    assert list(answer.json()) == ["error"]
    sentence: str = answer.json()["error"]
    assert "\n" not in sentence
    assert "Traceback" not in sentence
    return sentence


def floats(client: TestClient, path: str, **parameters: Any) -> np.ndarray:
    answer = client.get(f"/api/{path}", params=parameters)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/octet-stream"
    return np.frombuffer(answer.content, "<f4")


def test_the_page_and_nothing_else_is_served(client: TestClient) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.text.lower().startswith("<!doctype html>")
    names = [
        "../app.py",
        "%2e%2e%2fapp.py",
        "app.py",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "x.js",
    ]
    for name in names:
        assert client.get(f"/page/{name}").status_code == 404
    for path in ("/api", "/api/", "/api/nothing", "/favicon.ico", "/api/models/", "/page"):
        answer = client.get(path, follow_redirects=False)
        assert answer.status_code == 404, path
        assert list(answer.json()) == ["error"]


def test_models(client: TestClient) -> None:
    told = ask(client, "models")
    assert told["live"] is False
    assert told["metrics"] == list(METRICS)
    assert told["methods"] == ["3CosAdd", "3CosMul", "PairDirection"]
    assert told["models"] == [
        {
            "id": number, "name": f"model {number}", "words": len(WORDS), "dim": 8, "counts": True,
            "confidence": False, "runs": 0,
        }
        for number in (0, 1)
    ]  # fmt: skip


def test_words_by_their_beginning(client: TestClient) -> None:
    assert ask(client, "words", prefix="ki")["words"] == [
        {"word": "king", "row": 1, "count": 170},
        {"word": "kings", "row": 6, "count": 120},
    ]
    assert [found["word"] for found in ask(client, "words", prefix="paris")["words"]] == ["Paris"]
    assert [found["row"] for found in ask(client, "words", prefix="", k=3)["words"]] == [0, 1, 2]
    assert ask(client, "words", prefix="\0")["words"] == []
    assert ask(client, "words", prefix="x" * 10_000)["words"][0]["row"] == 12
    for k in ("0", "-1", "1001", "x", "1e3", "１", "9" * 30, " 3"):
        assert "expected k from 1 to 1,000" in refused(client, "words", 400, k=k)
    assert "10,000 characters" in refused(client, "words", 400, prefix="x" * 10_001)
    assert "expected model from 0 to 1" in refused(client, "words", 400, model=2)


def test_labels(client: TestClient) -> None:
    assert ask(client, "labels", row=[3, 1]) == {"rows": [3, 1], "labels": ["man", "king"]}
    assert ask(client, "labels", first=2) == {"rows": [0, 1], "labels": ["the", "king"]}
    assert ask(client, "labels", first=5000)["labels"] == WORDS
    assert "either row" in refused(client, "labels", 400)
    assert "either row" in refused(client, "labels", 400, row=1, first=1)
    assert "expected row from 0 to 17" in refused(client, "labels", 400, row=len(WORDS))
    assert "expected row from 0 to 17" in refused(client, "labels", 400, row="-1")
    assert "at most 2,000" in refused(client, "labels", 400, row=["1"] * 2001)
    assert "expected first from 0 to 5,000" in refused(client, "labels", 400, first=5001)


def test_the_most_frequent_come_first_whatever_their_order() -> None:
    wv = WordVectors(["rare", "rarely", "rat"], np.eye(3), np.array([1, 5, 3]))
    client = client_of(wv)
    assert ask(client, "labels", first=2)["labels"] == ["rarely", "rat"]
    assert [found["word"] for found in ask(client, "words", prefix="ra", k=2)["words"]] == ["rarely", "rat"]
    assert ask(client, "search", text="a", k=1) == {"rows": [1], "total": 3}


def test_search(client: TestClient) -> None:
    assert ask(client, "search", text="king") == {"rows": [1, 6], "total": 2}
    assert ask(client, "search", text="king", k=1) == {"rows": [1], "total": 2}
    assert ask(client, "search", text="gqueenm")["total"] == 0
    assert ask(client, "search", text="ALOM")["total"] == 0
    assert ask(client, "search", text="לו")["rows"] == [8]
    assert "empty" in refused(client, "search", 400, text="")
    assert "expected a parameter text" in refused(client, "search", 400)


def test_the_map(client: TestClient) -> None:
    places = floats(client, "map").reshape(-1, 2)
    unit = WordVectors(WORDS, WV.matrix / np.linalg.norm(WV.matrix, axis=1, keepdims=True))
    np.testing.assert_allclose(places, pca(unit, 2).matrix, atol=1e-5)
    told = ask(client, "layouts")["layouts"]
    assert [layout["name"] for layout in told] == ["pca", "umap"]
    assert told[0]["state"] == "ready"
    assert 0 < told[0]["kept"][1] < told[0]["kept"][0] < 1
    assert "expected layout of pca, umap" in refused(client, "map", 400, layout="tsne")
    assert "expected model" in refused(client, "map", 400, model="../../etc")


def test_colours(client: TestClient) -> None:
    np.testing.assert_allclose(floats(client, "colour", by="count"), np.log10(WV.counts), rtol=1e-6)
    np.testing.assert_allclose(floats(client, "colour", by="norm"), np.linalg.norm(WV.matrix, axis=1), rtol=1e-6)
    clusters = floats(client, "colour", by="cluster")
    assert set(clusters) <= set(range(12))
    along = floats(client, "colour", by="axis", positive=["king", "man"], negative="queen")
    projected = dict(WV.axis(["king", "man"], ["queen"]).project(WORDS).rows)
    np.testing.assert_allclose(along, [projected[word] for word in WORDS], atol=1e-6)
    assert "expected by of count" in refused(client, "colour", 400, by="age")
    assert "positive" in refused(client, "colour", 400, by="axis", negative="king")
    assert refused(client, "colour", 404, by="axis", negative="king", positive="nobody")
    uncounted = client_of(WordVectors(WORDS, WV.matrix))
    np.testing.assert_allclose(floats(uncounted, "colour")[:2], [0, np.log10(2)], rtol=1e-6)


@pytest.mark.parametrize("metric", [*METRICS, "minkowski:3"])
def test_neighbours_by_any_metric(client: TestClient, metric: str) -> None:
    told = ask(client, "neighbors", word="king", k=3, metric=metric)
    table = WV.neighbors("king", 3, metric)
    assert [row["word"] for row in told["neighbors"]] == list(table.words)
    assert [row["value"] for row in told["neighbors"]] == list(table.values)
    assert told["closer"] == {"distance": "smaller", "similarity": "greater"}[table.measures]
    assert (told["row"], told["count"]) == (1, 170)


def test_neighbours_of_centred_and_of_the_most_frequent(client: TestClient) -> None:
    told = ask(client, "neighbors", word="king", k=3, centred=1)
    assert [row["word"] for row in told["neighbors"]] == list(centre(WV).neighbors("king", 3).words)
    told = ask(client, "neighbors", word="king", first=4)
    assert {row["row"] for row in told["neighbors"]} == {0, 2, 3}


def test_neighbours_that_cannot_be(client: TestClient) -> None:
    assert 'did you mean "king" or "kings"' in refused(client, "neighbors", 404, word="kingz")
    assert "expected a metric" in refused(client, "neighbors", 400, word="king", metric="magic")
    assert "expected centred of 0, 1" in refused(client, "neighbors", 400, word="king", centred="yes")
    assert "expected a parameter word" in refused(client, "neighbors", 400)
    assert "100 characters" in refused(client, "neighbors", 400, word="king", metric="x" * 200)
    refused(client, "neighbors", 400, word="king", metric="minkowski:-3")


def test_csls_is_refused_where_it_would_take_forever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("firth.explorer.nearest.MOST_WORDS_OF_CSLS", 10)
    client = client_of()
    assert "at most 10 words for CSLS" in refused(client, "neighbors", 400, word="king", metric="csls:3")
    assert len(ask(client, "neighbors", word="king", metric="csls:3", first=10)["neighbors"]) == 9


def test_a_bootstrap_s_shares_are_told() -> None:
    replicas = [vectors(seed) for seed in (5, 6)]
    wv = WordVectors(WV.words, WV.matrix, WV.counts, replicas=replicas)
    client = client_of(wv)
    told = ask(client, "models")["models"][0]
    assert (told["confidence"], told["runs"]) == (True, 2)
    table = wv.neighbors("king", 3)
    assert table.confidence is not None
    for row, share in zip(
        ask(client, "neighbors", word="king", k=3)["neighbors"], table.confidence.shares, strict=True
    ):
        assert row["share"] == share
        assert row["low"] <= row["high"]
    asked = ask(client, "axis", positive="king", negative="queen", word="man")
    assert asked["words"][0]["low"] <= asked["words"][0]["high"]
    assert ask(client, "neighbors", word="king", centred=1)["neighbors"][0]["share"] is None


def test_analogies(client: TestClient) -> None:
    told = ask(client, "analogy", expression="king - man + woman", k=3)
    assert [row["word"] for row in told["answers"]] == list(WV.analogy("king - man + woman", 3).words)
    assert not any(row["asked"] for row in told["answers"])
    kept = ask(client, "analogy", expression="king - man + woman", queries="keep", method="3cosmul")
    assert kept["method"] == "3CosMul"
    assert {row["word"] for row in kept["answers"] if row["asked"]} <= {"king", "man", "woman"}
    assert any(row["asked"] for row in kept["answers"])
    assert refused(client, "analogy", 400, expression="king - + woman")
    assert refused(client, "analogy", 400, expression="")
    assert refused(client, "analogy", 400, expression="king - king")
    assert refused(client, "analogy", 404, expression="king - nobody")
    assert "expected a method" in refused(client, "analogy", 400, expression="king", method="magic")
    assert "expected queries of leave, keep" in refused(client, "analogy", 400, expression="king", queries="some")


def test_an_axis(client: TestClient) -> None:
    told = ask(client, "axis", positive=["king", "man"], negative=["queen"], word=["woman", "the"], k=2)
    axis = WV.axis(["king", "man"], ["queen"])
    assert [(row["word"], row["value"]) for row in told["words"]] == axis.project(["woman", "the"]).rows
    whole = axis.project(WORDS)
    assert [row["word"] for row in told["most"]] == list(whole.words[:2])
    assert [row["word"] for row in told["least"]] == [whole.words[-1], whole.words[-2]]
    assert [row["value"] for row in told["least"]] == pytest.approx([whole.values[-1], whole.values[-2]])
    assert "same mean" in refused(client, "axis", 400, positive="king", negative="king")
    assert "from 1 to 200 of negative" in refused(client, "axis", 400, positive="king")
    many = [f"w{number}" for number in range(201)]
    assert "from 0 to 200 of word" in refused(client, "axis", 400, positive="king", negative="man", word=many)


def test_a_plane(client: TestClient) -> None:
    ends = {"x_positive": "king", "x_negative": "queen", "y_positive": "man", "y_negative": "woman"}
    told = ask(client, "plane", **ends, word=["the", "Paris"])["words"]
    across = dict(WV.axis(["king"], ["queen"]).project(["the", "Paris"]).rows)
    up = dict(WV.axis(["man"], ["woman"]).project(["the", "Paris"]).rows)
    assert told == [
        {"word": word, "row": WORDS.index(word), "x": across[word], "y": up[word]} for word in ("the", "Paris")
    ]
    # The ends have their places on it, too, each once.
    placed = [row["word"] for row in ask(client, "plane", **ends, first=3)["words"]]
    assert placed[:3] == WORDS[:3]
    assert sorted(placed) == sorted({*WORDS[:3], "king", "queen", "man", "woman"})
    assert "either word" in refused(client, "plane", 400, **ends)
    assert "x_positive" in refused(client, "plane", 400, word="the")


def test_two_models(client: TestClient) -> None:
    told = ask(client, "compare", left=0, right=1, word="king", k=12)
    left, right = ([row["word"] for row in told[side]] for side in ("left", "right"))
    assert left == list(WV.neighbors("king", 12).words)
    assert told["shared"] == [word for word in left if word in right]
    assert refused(client, "compare", 404, left=0, right=1, word="nobody")
    assert refused(client, "compare", 400, left=0, right=7, word="king")
    other = client_of(WV, WordVectors(["king", "lord"], np.ones((2, 8))))
    assert ask(other, "compare", left=0, right=1, word="man")["right"] is None
    assert ask(other, "compare", left=0, right=1, word="lord")["left"] is None


def test_what_moved_most() -> None:
    generator = np.random.default_rng(3)
    matrix = generator.normal(size=(200, 4))
    turn = np.linalg.qr(generator.normal(size=(4, 4)))[0]
    later = matrix @ turn
    later[7] = -later[7]
    words = [f"w{number}" for number in range(200)]
    counts = np.full(200, 50)
    counts[9] = 2
    client = client_of(WordVectors(words, matrix, counts), WordVectors(words, later, counts[::-1].copy()))
    told = ask(client, "moved", left=0, right=1, k=3)
    assert told["words"][0]["word"] == "w7"
    assert told["words"][0]["similarity"] == pytest.approx(-1, abs=1e-5)
    assert told["words"][1]["similarity"] == pytest.approx(1, abs=1e-5)
    assert "200 shared words" in told["method"]
    frequent = ask(client, "moved", left=0, right=1, k=1000, least_count=10)["words"]
    assert {"w9", "w190"} & {row["word"] for row in frequent} == set()
    assert (frequent[0]["left_count"], frequent[0]["right_count"]) == (50, 50)
    assert "two different models" in refused(client, "moved", 400, left=0, right=0)
    assert "expected k" in refused(client, "moved", 400, left=0, right=1, k=0)
    assert "dimensions" in refused(client_of(WV, vectors(2, dim=5)), "moved", 400, left=0, right=1)


def test_a_heat_map(client: TestClient) -> None:
    told = ask(client, "heatmap", word=["king", "queen"], components=3)
    turned = pca(WV, 3)
    np.testing.assert_allclose(told["raw"], [WV["king"], WV["queen"]])
    np.testing.assert_allclose(told["principal"], [turned["king"], turned["queen"]], atol=1e-5)
    assert len(told["kept"]) == 3
    assert len(ask(client, "heatmap", word="king", components=1000)["kept"]) == 8
    assert "from 1 to 200 of word" in refused(client, "heatmap", 400)
    assert refused(client, "heatmap", 404, word="nobody")
    assert refused(client, "heatmap", 400, word="king", components=0)


def test_unknown_words_of_a_list_are_left_out_and_named(client: TestClient) -> None:
    known = ask(client, "heatmap", word=["king", "queen"])
    assert known["unknown"] == []
    told = ask(client, "heatmap", word=["nobody", "king", "no one", "queen", "nobody"])
    assert told == {**known, "unknown": ["nobody", "no one"]}
    assert refused(client, "heatmap", 404, word=["nobody", "no one"])
    ends = {"positive": "king", "negative": "queen"}
    axis = ask(client, "axis", **ends, word="man")
    more = {"positive": ["nobody", "king"], "negative": ["queen", "no one"]}
    assert ask(client, "axis", **more, word=["man", "him"]) == {**axis, "unknown": ["nobody", "no one", "him"]}
    assert ask(client, "axis", **ends, word=["him"]) == {**axis, "words": [], "unknown": ["him"]}
    assert "nobody" in refused(client, "axis", 404, positive=["nobody"], negative=["queen"])
    across = {"x_positive": "king", "x_negative": "queen", "y_positive": ["him", "man"], "y_negative": "woman"}
    plane = ask(client, "plane", **across, word=["the", "nobody"])
    assert ([row["word"] for row in plane["words"]], plane["unknown"]) == (["the"], ["him", "nobody"])
    assert ask(client, "plane", **across, first=3)["unknown"] == ["him"]
    assert refused(client, "plane", 404, **across, word=["nobody"])


def test_neighbours_that_are_cut_between_equals_are_told() -> None:
    client = client_of(WordVectors(WORDS, np.ones((len(WORDS), 3))))
    assert "equally near" in ask(client, "neighbors", word="king", k=3)["notes"][0]
    assert "equally near" in ask(client, "analogy", expression="king + queen", k=3)["notes"][0]
    assert ask(client, "neighbors", word="king", k=len(WORDS) - 1)["notes"] == []


def test_the_record(client: TestClient) -> None:
    told = ask(client, "record")
    assert told["record"]["objective"] == {"kind": "SkipGram", "rate": None}
    assert told["curve"] == [
        {"epoch": 1.0, "training": 0.5, "held_out": 0.6},
        {"epoch": 2.0, "training": 0.4, "held_out": None},
    ]
    bare = client_of(WordVectors(WORDS, WV.matrix, record={"history": "none", "deep": [[{"a": object}]]}))
    assert ask(bare, "record")["curve"] == []


def test_pairs(client: TestClient) -> None:
    told = ask(client, "pairs", text="Kings wear crowns.\nQueens too", window=1)
    assert told["tokens"] == ["kings", "wear", "crowns", "queens", "too"]
    pairs = [(pair["centre"], pair["context"]) for pair in told["pairs"]]
    assert pairs == [(0, 1), (1, 0), (1, 2), (2, 1), (3, 4), (4, 3)]
    assert ask(client, "pairs", text="")["tokens"] == []
    assert "5,000 characters" in refused(client, "pairs", 400, text="x" * 5001)
    assert "expected window" in refused(client, "pairs", 400, text="x", window=21)


def test_without_a_training_there_is_nothing_live(client: TestClient) -> None:
    assert ask(client, "live") == {"state": "none", "stage": "", "frames": [], "words": []}
    assert refused(client, "live", 400, after="x")


def test_vectors_that_are_no_numbers_are_named() -> None:
    matrix = WV.matrix.copy()
    matrix[2, 3] = np.nan
    client = client_of(WordVectors(WORDS, matrix))
    for path, parameters in (
        ("map", {}), ("layouts", {}), ("neighbors", {"word": "king"}), ("colour", {"by": "norm"}),
        ("colour", {"by": "cluster"}), ("heatmap", {"word": "queen"}), ("analogy", {"expression": "queen"}),
    ):  # fmt: skip
        assert '"queen"' in refused(client, path, 422, **parameters)


def test_what_nobody_foresaw_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr(OpenedModel, "described", fail)
    client = TestClient(app_of(Models(opened(WV))), base_url="http://127.0.0.1", raise_server_exceptions=False)
    assert "secret" not in refused(client, "models", 500)
    assert "default-src 'none'" in client.get("/api/models").headers["content-security-policy"]

    def exhausted(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(OpenedModel, "described", exhausted)
    assert "memory" in refused(client, "models", 503)


@pytest.mark.parametrize("word", WORDS)
def test_every_word_comes_back_as_it_is(client: TestClient, word: str) -> None:
    told = ask(client, "neighbors", word=word, k=2)
    assert told["word"] == word
    assert told["row"] == WORDS.index(word)
    assert ask(client, "labels", row=told["row"])["labels"] == [word]
    assert word in [found["word"] for found in ask(client, "words", prefix=word)["words"]]
    assert ask(client, "heatmap", word=word)["words"] == [word]


HOSTILE = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["<img src=x onerror=alert(1)>", "\u202e", "\x00", "%00", "%2e%2e/", "a" * 10_000, "👩‍👩‍👧" * 50, "\ud800"]
    ),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    path=st.sampled_from(
        [
            "words", "labels", "search", "layouts", "map", "colour", "neighbors", "analogy", "axis", "plane", "compare",
            "moved", "heatmap", "record", "pairs", "live", "models",
        ]
    ),
    parameters=st.dictionaries(
        st.sampled_from(
            [
                "model", "prefix", "row", "first", "text", "k", "by", "word", "metric", "centred", "expression",
                "method", "queries", "positive", "negative", "left", "right", "window", "after", "components",
            ]
        ),
        HOSTILE | st.integers(-5, 10**12).map(str) | st.sampled_from(["king", "queen", "axis", "1"]),
        max_size=6,
    ),
)  # fmt: skip
def test_whatever_is_asked_gets_an_answer_or_a_sentence(
    client: TestClient, path: str, parameters: dict[str, str]
) -> None:
    try:
        answer = client.get(f"/api/{path}", params=parameters)
    except UnicodeEncodeError:
        return  # half a surrogate pair cannot be written into an address
    assert answer.status_code in (200, 202, 400, 404, 422), answer.text
    if answer.headers["content-type"] == "application/json":
        told = json.loads(answer.content)
        if answer.status_code >= 400:
            assert list(told) == ["error"]
            assert "\n" not in told["error"]
