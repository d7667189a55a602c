"""The documentation's site: every page is reached, every name is told, and nothing is fetched from elsewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

import firth

ROOT = Path(__file__).parents[1]
FETCHED = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src", "object": "data"}
"""What a browser fetches by itself, and the attribute that says from where."""


class Page(HTMLParser):
    """The addresses in a page: those that a reader may follow, and those that are fetched without asking."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.followed: set[str] = set()
        self.fetched: set[str] = set()
        self.ids: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        self.ids.add(named.get("id", ""))
        if tag == "a":
            self.followed.add(named.get("href", ""))
        if tag in FETCHED:
            self.fetched.add(named.get(FETCHED[tag], ""))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("mkdocs", reason='the site needs pip install "firth[docs]"')
    folder = tmp_path_factory.mktemp("site")
    paths = os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT, capture_output=True, text=True, timeout=240, check=False,
        env={**os.environ, "PYTHONPATH": paths, "NO_MKDOCS_2_WARNING": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder


def test_the_first_page_leads_to_every_other() -> None:
    listed = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    for page in [*(ROOT / "docs").glob("*.md"), *(ROOT / "tutorials").glob("*.*")]:
        path = page.name if page.parent.name == "docs" else f"../tutorials/{page.name}"
        assert page.name == "index.md" or f"]({path})" in listed, f"docs/index.md has no row for {path}"


@pytest.mark.slow
def test_the_site_has_a_page_for_each_file_of_the_concepts(site: Path) -> None:
    for folder in ("contexts", "objectives"):
        for path in (ROOT / "src" / "firth" / folder).glob("*.py"):
            if path.name != "__init__.py":
                assert (site / "concepts" / folder / f"{path.stem}.html").exists(), path


@pytest.mark.slow
def test_the_reference_tells_of_every_name(site: Path) -> None:
    table = Page(site / "reference" / "index.html")
    for name in firth.__all__:
        target = next(link for link in table.followed if link.endswith(f"#{name.lower()}"))
        path, anchor = target.split("#")
        assert anchor in Page((site / "reference" / path).resolve()).ids, target


@pytest.mark.slow
def test_the_site_fetches_nothing_from_elsewhere(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 60
    for path in pages:
        outside = {link for link in Page(path).fetched if re.match(r"(?:[a-z]+:)?//", link)}
        assert outside == set(), f"{path.name} fetches {outside}"
    for path in site.rglob("*.css"):
        assert re.findall(r"(?:@import|url\()\s*[\"']?(?:https?:)?//[^)\"']+", path.read_text(encoding="utf-8")) == []


@pytest.mark.slow
def test_links_within_the_site_lead_somewhere(site: Path) -> None:
    pages = {path: Page(path) for path in site.rglob("*.html") if path.name != "404.html"}
    for path, page in pages.items():
        for link in page.followed:
            if re.match(r"[a-z]+:|//", link) or not link:
                continue
            target, _, anchor = link.partition("#")
            there = (path.parent / target).resolve() if target else path
            assert there.exists(), f"{path.name} leads to {link}"
            if anchor and there in pages:
                assert anchor in pages[there].ids, f"{path.name} leads to {link}"
