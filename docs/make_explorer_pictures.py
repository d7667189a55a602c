"""Make the pictures of docs/explorer.md in Chromium: python docs/make_explorer_pictures.py.

Needs Playwright, Chromium, and Pillow (which comes with Matplotlib) to keep the files small.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from PIL import Image
from playwright.sync_api import sync_playwright

import firth
from firth.corpus import small_world
from firth.explorer.server import explore

if TYPE_CHECKING:
    from collections.abc import Sequence

FOLDER = Path(__file__).parent

PICTURES: Sequence[tuple[str, str, str, Literal["light", "dark"], tuple[int, int]]] = (
    ("explorer-map.png", "#/map?word=king", ".legend.clusters button", "light", (1040, 640)),
    ("explorer-compare.png", "#/compare?word=king", "section[aria-label='What moved most'] table", "dark", (1200, 790)),
    ("explorer-arithmetic.png", "#/arithmetic?expression=king+-+man+%2B+woman", "table.words", "light", (390, 640)),
)
"""File, address, what must have come before it is taken, colours, size."""


def taken(browser: Any, address: str) -> None:
    for name, fragment, awaited, colours, (width, height) in PICTURES:
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=colours)
        page = context.new_page()
        page.goto(address + fragment)
        page.wait_for_selector(awaited)
        page.wait_for_load_state("networkidle")
        page.screenshot(path=FOLDER / name)
        context.close()
        with Image.open(FOLDER / name) as picture:
            few = picture.convert("RGB").quantize(128, dither=Image.Dither.NONE)
        few.save(FOLDER / name, optimize=True)


def main() -> None:
    sentences = list(small_world.text(300_000))
    objectives = {"skip-gram": firth.SkipGram(dim=50), "CBOW": firth.CBOW(dim=50)}
    runs = {name: firth.train(sentences, objective, epochs=5, threads=1) for name, objective in objectives.items()}
    installed = shutil.which("chromium") or shutil.which("google-chrome")
    with explore(runs, port=0, open_browser=False, wait=False) as explorer, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed)
        taken(browser, explorer.address)
        browser.close()


if __name__ == "__main__":
    main()
