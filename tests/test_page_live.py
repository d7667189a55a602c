"""A training that is watched in a real browser: words glide, the loss falls, and in the end there is a model."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

import firth
from firth.corpus import small_world

if TYPE_CHECKING:
    from pages import Visits

pytestmark = pytest.mark.slow

PLACES = "() => [...document.querySelectorAll('svg.glide circle')].map((one) => one.getAttribute('cx')).join()"


def test_a_training_is_watched_to_its_end(visit: Visits) -> None:
    from firth.explorer.live import LiveTraining  # noqa: PLC0415
    from firth.explorer.server import explore  # noqa: PLC0415

    live = LiveTraining()
    seen = threading.Event()
    sentences = list(small_world.text(100_000))

    def train() -> None:
        def told(event: object) -> None:
            live(event)
            if type(event).__name__ == "EpochEnd" and not seen.is_set():
                seen.wait(240)  # until the page has shown something of it

        run = firth.train(sentences, firth.SkipGram(dim=20, window=4), epochs=6, threads=1, on_event=told)
        live.ended(run)

    with explore(live, port=0, open_browser=False, wait=False) as explorer:
        training = threading.Thread(target=train, daemon=True)
        training.start()
        page = visit(explorer.address)
        page.wait_for_selector("h1:text-is('Training')")
        # The first training on a machine compiles its kernels before anything moves.
        page.wait_for_function("() => document.querySelectorAll('svg.glide circle').length > 10", timeout=180_000)
        page.get_by_role("link", name="Neighbours").click()
        page.wait_for_selector("main .remark:has-text('not over yet')")
        page.get_by_role("link", name="Training", exact=True).click()
        page.wait_for_function("() => document.querySelectorAll('svg.glide circle').length > 10")
        # Other words are followed from when they are asked for.
        page.evaluate("() => { location.hash = '#/training?word=king&word=queen&word=dog'; }")
        page.wait_for_function("() => document.querySelectorAll('.live .chosen li').length === 3")
        seen.set()
        page.wait_for_function("() => document.querySelectorAll('svg.glide circle').length === 3")
        page.wait_for_selector("svg.glide text:has-text('queen')")
        page.wait_for_selector("text=The training is over.")
        training.join(60)
        page.wait_for_selector("dl.record")
        page.wait_for_selector(".live figure polyline")
        # Every moment can be gone back to; the words stand elsewhere then.
        slider = page.get_by_label("Moment of the training")
        last = page.evaluate(PLACES)
        slider.focus()
        page.keyboard.press("Home")
        page.wait_for_function(f"last => ({PLACES})() !== last", arg=last)
        assert slider.get_attribute("aria-valuetext").endswith(" words")
        # The model that it ends with is open.
        page.get_by_role("link", name="Map", exact=True).click()
        page.wait_for_selector("canvas.dots")
        page.get_by_role("link", name="Neighbours").click()
        page.get_by_role("combobox", name="Word", exact=True).fill("king")
        page.keyboard.press("Enter")
        page.wait_for_selector("h2.queried .word:text-is('king')")
        page.wait_for_load_state("networkidle")  # the server ends before the page does
