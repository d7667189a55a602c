"""The page as one file: what is in it, and that no word gets out of its place."""

from __future__ import annotations

import base64
import json
import re
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from firth.errors import SettingsError
from firth.explorer import static_page as module
from firth.explorer.app import app_of, page_files
from firth.explorer.models import Models, opened
from firth.explorer.static_page import SCRIPT, STYLE, static_page
from firth.vectors.store import WordVectors

HOSTILE = [
    "plain", "</script><script>alert(1)</script>", "<!--", "]]>", "&lt;", "\u2028\u2029", "שלום\u202e", "👩‍👩‍👧",
    "\\u003c", '"\\', "</SCRIPT >", "x" * 10_000,
]  # fmt: skip
PAGE = {
    "index.html": f"<!doctype html><html><head>{STYLE}</head><body>{SCRIPT}</body></html>".encode(),
    "style.css": b"body { color: red }",
    "main.js": b'import { a, b } from "./other.js";\nimport {\n  c\n} from "./third.js";\nconsole.log(a);\n',
    "other.js": "export const a = 'ü', b = 2;\n".encode(),
    "third.js": b"export const c = 3;\n",
}


def vectors(words: list[str] = HOSTILE) -> WordVectors:
    matrix = np.random.default_rng(1).normal(size=(len(words), 4))
    record = {"note": "</script><img src=x onerror=alert(1)>", "history": [{"epoch": 1, "loss": 0.5}]}
    return WordVectors(words, matrix, np.arange(len(words)) + 1, record=record)


class Elements(HTMLParser):
    """The elements of a page with the text in them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None], str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs), ""))

    def handle_data(self, data: str) -> None:
        tag, attributes, text = self.found[-1]
        self.found[-1] = (tag, attributes, text + data)


def made(wv: WordVectors, words: int = 1000) -> tuple[list[tuple[str, dict[str, str | None], str]], dict[str, Any]]:
    html = static_page(PAGE, opened({"<b>name</b>": wv})[0], words=words).decode()
    found = Elements(html).found
    (data,) = (text for tag, attributes, text in found if attributes.get("id") == "firth-data")
    return found, json.loads(data)


def test_what_is_in_it() -> None:
    wv = vectors()
    _, data = made(wv)
    order = list(range(len(wv)))[::-1]  # most frequent first
    assert data["words"] == [wv.words[row] for row in order]
    assert data["counts"] == sorted(wv.counts.tolist(), reverse=True)  # type: ignore[union-attr]
    matrix = np.frombuffer(base64.b64decode(data["matrix"]), "<f4").reshape(-1, 4)
    np.testing.assert_array_equal(matrix, wv.matrix[order])
    model = opened(wv)[0]
    places = np.frombuffer(base64.b64decode(data["layouts"]["pca"]), "<f4").reshape(-1, 2)
    np.testing.assert_array_equal(places, model.layouts.principal().places[order])
    assert list(base64.b64decode(data["clusters"])) == model.clusters()[order].tolist()
    assert data["model"] == {
        "id": 0,
        "name": "<b>name</b>",
        "words": 12,
        "dim": 4,
        "counts": True,
        "confidence": False,
        "runs": 0,
    }
    assert (data["left_out"], data["curve"]) == (0, [{"epoch": 1.0, "training": 0.5, "held_out": None}])
    assert data["record"]["note"] == wv.record["note"]


def test_no_word_gets_out_of_its_place() -> None:
    found, _ = made(vectors())
    assert [tag for tag, _, _ in found] == ["html", "head", "meta", "style", "body", "script", "script", "script"]
    kinds = [attributes.get("type") for tag, attributes, _ in found if tag == "script"]
    assert kinds == ["application/json", "importmap", "module"]
    (data,) = (text for tag, attributes, text in found if attributes.get("id") == "firth-data")
    assert not re.search("[<>&\u2028\u2029]", data)


def test_every_module_is_inside_and_called_by_its_name() -> None:
    found, _ = made(vectors())
    (imports,) = (json.loads(text)["imports"] for _, attributes, text in found if attributes.get("type") == "importmap")
    sources = {name: base64.b64decode(url.partition(",")[2]).decode() for name, url in imports.items()}
    assert all(url.startswith("data:text/javascript;base64,") for url in imports.values())
    assert sources == {
        "firth/main.js": 'import { a, b } from "firth/other.js";\nimport {\n  c\n} from "firth/third.js";\n'
        "console.log(a);\n",
        "firth/other.js": "export const a = 'ü', b = 2;\n",
        "firth/third.js": "export const c = 3;\n",
    }
    assert [text for tag, _, text in found if tag == "style"] == ["\nbody { color: red }\n"]
    policy = next(attributes["content"] for tag, attributes, _ in found if tag == "meta")
    assert policy is not None
    assert policy.startswith("default-src 'none'; ")
    assert "http" not in policy


def test_the_most_frequent_words_alone() -> None:
    _, data = made(vectors(), words=3)
    assert data["words"] == HOSTILE[:-4:-1]
    assert data["left_out"] == len(HOSTILE) - 3
    uncounted = WordVectors(["a", "b", "c"], np.eye(3))
    _, data = made(uncounted, words=2)
    assert (data["words"], data["counts"]) == (["a", "b"], None)


def test_what_does_not_fit_or_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    model = opened(vectors())[0]
    with pytest.raises(SettingsError, match="once, got 0"):
        static_page({**PAGE, "index.html": b"<head></head>"}, model, words=5)
    with pytest.raises(SettingsError, match="ends its element"):
        static_page({**PAGE, "style.css": b"a::after { content: '</STYLE>' }"}, model, words=5)
    monkeypatch.setattr(module, "LARGEST", 100)
    with pytest.raises(SettingsError, match="take 6 words or fewer of 4 numbers each"):
        static_page(PAGE, model, words=1000)


@settings(max_examples=50, deadline=None)
@given(words=st.lists(st.text(max_size=30), min_size=2, max_size=12, unique=True))
def test_any_words_come_through_a_page_and_a_server_as_they_are(words: list[str]) -> None:
    found, data = made(vectors(words))
    assert data["words"] == words[::-1]
    assert [tag for tag, _, _ in found].count("script") == 3
    client = TestClient(app_of(Models(opened(vectors(words)))), base_url="http://127.0.0.1")
    assert client.get("/api/labels", params={"row": list(range(len(words)))}).json()["labels"] == words
    answer = client.get("/api/neighbors", params={"word": words[0]}).json()
    assert sorted(row["word"] for row in answer["neighbors"]) == sorted(words[1:])


def test_by_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("firth.explorer.app.page_files", lambda: PAGE)
    client = TestClient(app_of(Models(opened({'a"; x=/é\r\n': vectors()}))), base_url="http://127.0.0.1")
    answer = client.get("/export.html?words=5")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == 'attachment; filename="a---x.html"'
    assert answer.content.count(b"<script") == 3
    for bad in ("words=0", "words=1000001", "layout=x", "model=1"):
        assert client.get(f"/export.html?{bad}").status_code == 400


def test_the_real_page_can_be_put_into_one_file() -> None:
    page = page_files()
    if STYLE.encode() not in page["index.html"]:
        pytest.skip("the page has no modules yet")
    html = static_page(page, opened(vectors())[0], words=5).decode()
    sources = [base64.b64decode(part).decode() for part in re.findall(r"data:text/javascript;base64,([\w+/=]+)", html)]
    assert len(sources) == sum(name.endswith(".js") for name in page)
    for source in sources:
        for wanted in re.findall(r'^\s*(?:import|export)\b[^"\n]*from "([^"]*)"', source, re.MULTILINE):
            assert wanted.removeprefix("firth/") in page
            assert wanted.startswith("firth/")
