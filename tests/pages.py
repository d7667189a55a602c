"""What tests of the explorer's page share: visits in a real browser, and what is looked for on a page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

FILLED = {
    "map": "#/map?word=king",
    "neighbors": "#/neighbors?word=king&beside=euclidean",
    "arithmetic": "#/arithmetic?expression=king+-+man+%2B+woman",
    "axes": "#/axes?positive=woman&negative=man&y_positive=queen&y_negative=dog",
    "compare": "#/compare?word=king",
    "heatmap": "#/heatmap?word=king&word=queen&word=dog",
    "training": "#/training",
    "pairs": "#/pairs?text=kings+wear+crowns+of+jewels",
}


def words_of(page: Any, selector: str = "table.words tbody th") -> list[str]:
    page.wait_for_selector(selector)
    return [text.strip() for text in page.locator(selector).all_text_contents()]


def chooser(page: Any, name: str) -> Any:
    return page.locator("label.control", has=page.locator(f".name:text-is('{name}')")).locator("select")


def overflow(page: Any) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


def saved(page: Any, name: str, folder: Path) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("button", name=f"Save as {name}").click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    assert path.suffix == f".{name.lower()}"
    return path.read_bytes()


DOTS = """() => {
    // Read from a copy: the page's own canvas is only ever written.
    const dots = document.querySelector("canvas.dots");
    const copy = new OffscreenCanvas(dots.width, dots.height).getContext("2d", { willReadFrequently: true });
    copy.drawImage(dots, 0, 0);
    return new Uint32Array(copy.getImageData(0, 0, dots.width, dots.height).data.buffer);
}"""
"""The map's pixels."""


def is_drawn(page: Any) -> None:
    """Wait until something stands on the map's canvas, that is, until not all of its pixels are alike."""
    page.wait_for_function(
        f"() => document.querySelector('canvas.dots') && ({DOTS})().some((one, _, all) => one !== all[0])"
    )


@dataclass
class Visits:
    """Opens pages, each in a context of its own, and keeps what the browser complained of.

    Args:
        browser: Playwright's.
        complaints: errors and warnings from the console, and exceptions; a test fails where any are left at its end.
    """

    browser: Any
    complaints: list[str] = field(default_factory=list)
    contexts: list[Any] = field(default_factory=list)

    def __call__(self, address: str, *, width: int = 1280, height: int = 800, **context: Any) -> Any:
        self.contexts.append(self.browser.new_context(viewport={"width": width, "height": height}, **context))
        page = self.contexts[-1].new_page()
        page.set_default_timeout(20_000)
        page.on("console", lambda told: self._keep(told.type, f"{told.type}: {told.text}"))
        page.on("pageerror", lambda error: self._keep("error", f"exception: {error}"))
        page.goto(address)
        return page

    def _keep(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.complaints.append(text)

    def forgive(self, text: str) -> None:
        """Expect a complaint that holds this text, and forget it."""
        found = [complaint for complaint in self.complaints if text in complaint]
        assert found, self.complaints
        self.complaints = [complaint for complaint in self.complaints if complaint not in found]
