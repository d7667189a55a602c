"""The page saved as one file: opened without a server, it answers as the library does."""

from __future__ import annotations

import json
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from firth.explorer.app import page_files
from firth.explorer.models import opened
from firth.explorer.static_page import static_page
from firth.vectors.store import WordVectors
from pages import FILLED, is_drawn, overflow, saved, words_of

if TYPE_CHECKING:
    from pathlib import Path

    from firth.run import Run
    from pages import Visits

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def one_file(browser: Any, explored: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file as the page's own button saves it."""
    path = tmp_path_factory.mktemp("saved") / "page.html"
    page = browser.new_page()
    page.goto(f"{explored}#/map")
    with page.expect_download() as download:
        page.get_by_role("link", name="Save page").click()
    download.value.save_as(path)
    page.close()
    return path


def asked(page: Any, method: str, *question: Any) -> Any:
    """Return what the file's own search answers."""
    return page.evaluate(
        """async ([method, question]) => {
            const { staticApi } = await import("firth/static_api.js");
            window.answers ??= staticApi(JSON.parse(document.getElementById("firth-data").textContent));
            const answer = await window.answers[method](...question);
            return answer instanceof Float32Array ? [...answer] : answer;
        }""",
        [method, question],
    )


def test_every_view_but_those_that_need_a_server(visit: Visits, one_file: Path, tmp_path: Path) -> None:
    page = visit(one_file.as_uri() + FILLED["map"])
    is_drawn(page)
    page.wait_for_selector(".result table")
    assert page.get_by_role("link", name="Compare").count() == 0
    assert page.get_by_role("link", name="Save page").count() == 0
    for view, address in FILLED.items():
        if view in {"map", "compare"}:
            continue
        page.goto(one_file.as_uri() + address)
        page.wait_for_selector(f"nav a[aria-current=page][href*='#/{view}']")
        page.wait_for_selector("main table.words, main figure svg, main dl")
        assert page.locator("[role=alert]").count() == 0
        assert overflow(page) <= 0
        assert saved(page, "SVG", tmp_path).startswith(b"<svg")
    page.go_back()
    page.wait_for_selector("h1:text-is('Training')")


def test_it_asks_the_network_for_nothing(visit: Visits, one_file: Path) -> None:
    page = visit("about:blank")
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(one_file.as_uri() + FILLED["neighbors"])
    words_of(page)
    assert [url for url in requests if not url.startswith(("file:", "data:", "blob:"))] == []


METRICS = [
    "cosine", "correlation", "dot", "euclidean", "sqeuclidean", "manhattan", "chebyshev", "canberra", "braycurtis",
    "seuclidean", "mahalanobis", "minkowski:3", "hamming", "dice", "jaccard", "rogerstanimoto", "russellrao",
    "sokalsneath", "yule",
]  # fmt: skip


def test_neighbours_equal_the_library_s(visit: Visits, one_file: Path, small_run: Run) -> None:
    page = visit(one_file.as_uri() + "#/pairs")
    for metric, word in product(METRICS, ("king", "pink")):
        found = asked(page, "neighbours", 0, {"word": word, "k": 15, "metric": metric})
        expected = small_run.vectors.neighbors(word, k=15, metric=metric)
        assert [one["word"] for one in found["neighbors"]] == list(expected.words)
        np.testing.assert_allclose([one["value"] for one in found["neighbors"]], expected.values, rtol=1e-6, atol=1e-9)
        assert found["notes"] == list(expected.notes)
        assert found["closer"] == ("greater" if expected.measures == "similarity" else "smaller")


def test_ties_are_told_as_the_library_tells_them(visit: Visits, tmp_path: Path) -> None:
    """Of lists that are cut between equals, and of a vector of zeros; and not of lists that show all equals."""
    rows = [[1, 0], [9, 1], [1, 1], [2, 2], [4, 4], [-1, 0], [0, 0]]
    wv = WordVectors(["q", "near", "b", "c", "d", "far", "none"], np.array(rows, np.float32))
    path = tmp_path / "page.html"
    path.write_bytes(static_page(page_files(), opened(wv)[0], words=len(wv)))
    page = visit(path.as_uri() + "#/pairs")
    told = set()
    for word, k, metric in product(("q", "b", "none"), range(1, 8), ("cosine", "euclidean")):
        notes = asked(page, "neighbours", 0, {"word": word, "k": k, "metric": metric})["notes"]
        assert notes == list(wv.neighbors(word, k, metric).notes), (word, k, metric)
        told.update(notes)
    expressions = (("q", "3CosAdd"), ("q + near", "3CosAdd"), ("q + q", "3CosMul"), ("none", "3CosMul"))
    for (expression, method), k in product(expressions, range(1, 8)):
        notes = asked(page, "analogy", 0, {"expression": expression, "k": k, "method": method})["notes"]
        assert notes == list(wv.analogy(expression, k, method=method).notes), (expression, k, method)
        told.update(notes)
    assert len(told) == 5


def test_everything_else_equals_the_server_s(visit: Visits, explored: str, one_file: Path) -> None:
    served, alone = visit(f"{explored}#/pairs"), visit(one_file.as_uri() + "#/pairs")
    questions: list[tuple[str, list[Any]]] = [
        ("neighbours", [0, {"word": "king", "k": 9, "centred": 1}]),
        ("analogy", [0, {"expression": "king - man + woman", "k": 9}]),
        ("analogy", [0, {"expression": "king - man + 0.5*woman", "k": 9, "method": "3CosMul", "queries": "keep"}]),
        ("analogy", [0, {"expression": "king - man + woman", "k": 9, "method": "PairDirection", "centred": 1}]),
        ("axis", [0, {"positive": ["woman", "girl"], "negative": ["man"], "word": ["king", "queen"], "k": 7}]),
        ("plane", [0, {"x_positive": ["woman"], "x_negative": ["man"], "y_positive": ["pink"], "y_negative": ["dog"],
                       "word": ["king", "queen"]}]),
        ("plane", [0, {"x_positive": ["woman"], "x_negative": ["man"], "y_positive": ["pink"], "y_negative": ["dog"],
                       "first": 5}]),
        ("heatmap", [0, {"word": ["king", "queen", "pink"], "components": 8}]),
        ("heatmap", [0, {"word": ["zzz", "king", "queen"], "components": 8}]),
        ("axis", [0, {"positive": ["woman", "zzz"], "negative": ["man"], "word": ["king", "qqq"], "k": 7}]),
        ("axis", [0, {"positive": ["woman"], "negative": ["man"], "word": ["qqq"], "k": 7}]),
        ("plane", [0, {"x_positive": ["woman"], "x_negative": ["man"], "y_positive": ["pink", "zzz"],
                       "y_negative": ["dog"], "word": ["qqq", "queen"]}]),
        ("words", [0, "qu", 8]),
        ("search", [0, "ing"]),
        ("firstLabels", [0, 12]),
        ("record", [0]),
        ("pairs", ["The King’s well-known Σοφός, a.b 'tis\nand 3 dogs--then 東京", 2]),
    ]  # fmt: skip
    for method, question in questions:
        theirs = served.evaluate(
            """async ([method, question]) => {
                const { serverApi } = await import("/page/server_api.js");
                return serverApi()[method](...question);
            }""",
            [method, question],
        )
        is_same(asked(alone, method, *question), theirs, method)


def test_colours_equal_the_server_s(visit: Visits, explored: str, one_file: Path) -> None:
    served, alone = visit(f"{explored}#/pairs"), visit(one_file.as_uri() + "#/pairs")
    for by in ("count", "cluster", "norm", "axis"):
        axis = {"positive": ["woman"], "negative": ["man"]} if by == "axis" else {}
        theirs = served.evaluate(
            """async ([by, axis]) => {
                const { serverApi } = await import("/page/server_api.js");
                return [...await serverApi().colour(0, by, axis)];
            }""",
            [by, axis],
        )
        np.testing.assert_allclose(asked(alone, "colour", 0, by, axis), theirs, rtol=1e-5, atol=1e-6)


def is_same(mine: Any, theirs: Any, where: str) -> None:
    """Assert that two answers are equal, numbers nearly; what only runs and servers know is not compared."""
    if isinstance(theirs, dict):
        for key, value in theirs.items():
            if key not in {"share", "low", "high"}:
                is_same(mine.get(key), value, f"{where}.{key}")
    elif isinstance(theirs, list):
        assert len(mine) == len(theirs), where
        for place, (one, other) in enumerate(zip(mine, theirs, strict=True)):
            is_same(one, other, f"{where}[{place}]")
    elif isinstance(theirs, bool | str) or theirs is None:
        assert bool(mine) == theirs if isinstance(theirs, bool) else mine == theirs, where
    else:
        assert mine == pytest.approx(theirs, rel=1e-4, abs=1e-5), where


def test_what_cannot_be_answered_is_told(visit: Visits, one_file: Path) -> None:
    page = visit(one_file.as_uri() + "#/neighbors?word=zzzzqq")
    assert "zzzzqq" in page.wait_for_selector("[role=alert]").text_content()
    for expression in ("king -", "king man", "king - king", "0*king", '"king'):
        page.evaluate(
            "text => { location.hash = '#/arithmetic?' + new URLSearchParams({ expression: text }); }", expression
        )
        page.wait_for_function("text => document.querySelector('main input')?.value === text", arg=expression)
        page.wait_for_selector("[role=alert]")
    data = json.loads(page.locator("#firth-data").text_content())
    assert data["left_out"] == 0
