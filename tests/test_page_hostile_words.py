"""Words that would break a page if it let them: markup, turned writing, emoji, ten thousand characters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import numpy as np
import pytest

from firth.vectors.store import WordVectors
from pages import is_drawn, overflow, saved, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pages import Visits

pytestmark = pytest.mark.slow

HOSTILE = [
    "<img src=x onerror=window.hacked=1>",
    "</script><script>window.hacked=1</script>",
    "<!--",
    "\u202egnp.exe\u202c",
    "كتاب",
    "שלום",
    "👩\u200d👩\u200d👧\u200d👦",
    "x" * 10_000,
    "語" * 10_000,
    "a" * 40 + "\u0301" * 300,
    "two\nlines",
    "quote\"s and 's",
    "&amp;&lt;",
    "%2e%2e#?word=",
    "=1+1",
    "constructor",
    "__proto__",
    "-",
    "\\u003c",
]


@pytest.fixture(scope="module")
def hostile() -> Iterator[str]:
    from firth.explorer.server import explore  # noqa: PLC0415 - loads Starlette

    generator = np.random.default_rng(5)
    words = [*HOSTILE, *(f"word{number}" for number in range(60))]
    matrix = generator.normal(size=(len(words), 8)).astype(np.float32)
    vectors = WordVectors(words, matrix, np.arange(len(words), 0, -1))
    with explore({"<b>bold</b>": vectors, "o" * 500: vectors}, port=0, open_browser=False, wait=False) as explorer:
        yield explorer.address


def is_unharmed(page: Any) -> None:
    assert page.evaluate("window.hacked") is None
    assert page.locator("img, main script, main b").count() == 0
    assert overflow(page) <= 0


@pytest.mark.parametrize("width", [1280, 360])
def test_hostile_words_are_shown_as_text(visit: Visits, hostile: str, width: int) -> None:
    page = visit(f"{hostile}#/neighbors", width=width)
    page.wait_for_selector("main h1")
    for word in HOSTILE:
        page.evaluate("word => { location.hash = '#/neighbors?' + new URLSearchParams({ word, k: 100 }); }", word)
        beginning = word[:100]
        page.wait_for_function(
            "beginning => document.querySelector('h2.queried')?.textContent.startsWith(beginning)", arg=beginning
        )
        is_unharmed(page)
    shown = set(words_of(page))
    for word in HOSTILE[:-1]:
        assert any(one[:60] == word.strip()[:60] for one in shown), word[:60]
    # The layout stays what it is: no row is taller than two lines.
    assert page.evaluate("Math.max(...[...document.querySelectorAll('tbody tr')].map((row) => row.clientHeight))") < 60


@pytest.mark.parametrize(
    "view",
    [
        "map?word={}",
        "neighbors?word={}",
        "arithmetic?expression=%22{}%22",
        "axes?positive={}&negative=word1&word={}",
        "compare?word={}",
        "heatmap?word={}&word=word1",
        "pairs?text={}",
    ],
)
def test_hostile_words_in_every_view(visit: Visits, hostile: str, view: str, tmp_path: Path) -> None:
    page = visit(hostile, width=360)
    for word in HOSTILE[:8]:
        # The server takes expressions and texts up to a length; ten thousand characters between quotes are beyond it.
        if len(word) > 4000 and not view.endswith("word={}"):
            word = word[:4000] if view.startswith("pairs") else "word2"  # noqa: PLW2901
        page.evaluate(
            """([view, word]) => {
                for (const one of document.querySelectorAll("main table, main svg")) one.dataset.before = "";
                location.hash = "#/" + view.replaceAll("{}", encodeURIComponent(word));
            }""",
            [view, word],
        )
        page.wait_for_selector("main table.words:not([data-before]), main figure svg:not([data-before])")
        is_unharmed(page)
    svg = saved(page, "SVG", tmp_path).decode()
    # A picture with a word that ends its element would not be read again.
    read = "text => new DOMParser().parseFromString(text, 'image/svg+xml').querySelector('parsererror, img, script')"
    assert page.evaluate(read, svg) is None


def test_hostile_words_on_the_map(visit: Visits, hostile: str, tmp_path: Path) -> None:
    page = visit(f"{hostile}#/map")
    is_drawn(page)
    page.locator("summary:has-text('Words in view')").click()
    page.wait_for_selector(".in-view .word-list li")
    is_unharmed(page)
    page.keyboard.press("/")
    page.keyboard.type("<img")
    option = page.wait_for_selector("[role=option]")
    assert option.text_content().startswith(HOSTILE[0])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_selector(".result h2")
    is_unharmed(page)
    told = saved(page, "CSV", tmp_path).decode()
    assert "'=1+1" in told, "what a spreadsheet would take for a formula is quoted"


def test_hostile_words_in_one_file(visit: Visits, hostile: str, tmp_path: Path) -> None:
    page = visit(f"{hostile}#/map")
    is_drawn(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Save page").click()
    path = tmp_path / "page.html"
    download.value.save_as(path)
    alone = visit(path.as_uri() + "#/neighbors?word=" + quote(HOSTILE[1]))
    words_of(alone)
    is_unharmed(alone)
    for word in (HOSTILE[3], "__proto__", "constructor", "\\u003c"):
        alone.evaluate("word => { location.hash = '#/neighbors?' + new URLSearchParams({ word }); }", word)
        alone.wait_for_function("word => document.querySelector('h2.queried')?.textContent === word", arg=word)
    is_unharmed(alone)
