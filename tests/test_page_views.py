"""The explorer's page in a real browser: every view on a real model, as a reader sees it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from pages import DOTS, FILLED, chooser, is_drawn, overflow, saved, words_of

if TYPE_CHECKING:
    from pathlib import Path

    from firth.run import Run
    from pages import Visits

pytestmark = pytest.mark.slow

VIEWS = ["map", "neighbors", "arithmetic", "axes", "compare", "heatmap", "training", "pairs"]


@pytest.mark.parametrize("view", VIEWS)
def test_each_view_wide_and_narrow_light_and_dark(visit: Visits, explored: str, view: str) -> None:
    wide = visit(explored + FILLED[view])
    wide.wait_for_selector("main .result table, main table.words, main figure svg, main dl")
    assert wide.locator("main h1").count() == 1
    assert overflow(wide) <= 0
    assert wide.locator(f"nav a[aria-current=page][href*='#/{view}']").count() == 1
    wide.wait_for_load_state("networkidle")
    narrow = visit(explored + FILLED[view], width=360, height=740, color_scheme="dark")
    narrow.wait_for_selector("main .result table, main table.words, main figure svg, main dl")
    assert overflow(narrow) <= 0
    assert narrow.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(22, 24, 27)"
    narrow.wait_for_load_state("networkidle")


def test_neighbours_are_those_of_the_library(visit: Visits, explored: str, small_run: Run) -> None:
    page = visit(f"{explored}#/neighbors?word=king&k=10")
    expected = small_run.vectors.neighbors("king", k=10)
    assert words_of(page) == list(expected.words)
    cells = page.locator("table.words tbody tr").first.locator("td.number").all_text_contents()
    assert cells[0] == f"{expected.values[0]:.4f}"
    assert "…" in cells[1], "the interval over the runs"
    assert cells[2].endswith("%"), "the share of the runs"
    assert f"of {len(small_run.vectors.replicas)} trainings" in page.locator("main .remark").first.text_content()
    chooser(page, "Metric").select_option("euclidean")
    page.wait_for_function("() => location.hash.includes('metric=euclidean')")
    page.wait_for_selector("caption:text('euclidean')")
    assert words_of(page) == list(small_run.vectors.neighbors("king", k=10, metric="euclidean").words)
    page.get_by_label("Take the mean off").check()
    page.wait_for_selector("text=mean taken off")
    # A word leads on to its own neighbours, and back leads back.
    first = page.locator("table.words tbody a").first
    word = first.text_content()
    first.click()
    page.wait_for_selector(f"h2 .word:text-is('{word}')")
    page.go_back()
    page.wait_for_selector("h2 .word:text-is('king')")


def test_search_by_keyboard(visit: Visits, explored: str) -> None:
    page = visit(f"{explored}#/neighbors")
    page.wait_for_selector("main .remark")
    page.keyboard.press("/")
    field = page.get_by_role("combobox", name="Search a word")
    assert field.evaluate("field => field === document.activeElement")
    page.keyboard.type("quee")
    page.wait_for_selector("[role=option]:has-text('queen')")
    assert field.get_attribute("aria-expanded") == "true"
    page.keyboard.press("ArrowDown")
    assert page.locator("[role=option][aria-selected=true]").count() == 1
    page.keyboard.press("Enter")
    page.wait_for_function("() => location.hash.includes('word=queen')")
    page.wait_for_selector("h2 .word:text-is('queen')")
    assert "queen" in page.locator("#announcement").text_content()
    assert page.title().startswith("Neighbours · queen")


def test_an_unknown_word_is_told_in_a_sentence(visit: Visits, explored: str) -> None:
    page = visit(f"{explored}#/neighbors?word=zzzzqq")
    told = page.wait_for_selector("[role=alert]").text_content()
    assert "zzzzqq" in told
    chooser(page, "Metric").wait_for()
    visit.forgive("404")


def test_arithmetic_with_and_without_the_words_asked_with(visit: Visits, explored: str, small_run: Run) -> None:
    page = visit(f"{explored}#/arithmetic")
    page.get_by_label("Expression").fill("king - man + woman")
    page.keyboard.press("Enter")
    without = words_of(page)
    assert without == list(small_run.vectors.analogy("king - man + woman", k=15).words)
    page.get_by_label("Show the words asked with").check()
    page.wait_for_selector("tr.asked")
    assert page.locator("tr.asked th").first.text_content() in {"king", "woman"}
    chooser(page, "Method").select_option("3CosMul")
    page.wait_for_selector("th:text('3CosMul')")


def test_examples_are_such_as_the_model_can_answer(visit: Visits, explored: str, small_run: Run) -> None:
    page = visit(f"{explored}#/arithmetic")
    offered = page.locator("main .word-list a")
    offered.first.wait_for()
    words = {word for one in offered.all_text_contents() for word in re.split(" [-+] ", one)}
    assert words <= set(small_run.vectors.words)
    assert "king" in words
    offered.first.click()
    page.wait_for_selector("table.words")


def test_nothing_to_save_is_told_to_everybody(visit: Visits, explored: str) -> None:
    page = visit(f"{explored}#/arithmetic")
    for name in ("SVG", "CSV"):
        page.get_by_role("button", name=f"Save as {name}").click()
        page.wait_for_selector(".savings .told:has-text('nothing to save')")
        assert "nothing to save" in page.locator("#announcement").text_content()


def test_axes(visit: Visits, explored: str, small_run: Run) -> None:
    page = visit(f"{explored}#/axes")
    for name, word in (("From", "man"), ("To", "woman")):
        page.get_by_role("combobox", name=f"{name}: add a word").fill(word)
        page.keyboard.press("Enter")
        page.wait_for_selector(f".chosen .word:text-is('{word}')")
    page.wait_for_selector("caption:has-text('Furthest towards woman')")
    page.get_by_role("combobox", name="Words to place on it: add a word").fill("queen")
    page.keyboard.press("Enter")
    page.wait_for_selector("caption:has-text('Chosen words')")
    value = page.locator("table.words").first.locator("td.number").first.text_content()
    projected = small_run.vectors.axis(["woman"], ["man"]).project(["queen"])
    assert float(value.replace("−", "-")) == pytest.approx(projected.values[0], abs=1e-4)
    page.get_by_role("button", name="Add a second axis").click()
    for name, word in (("Upwards from", "dog"), ("Upwards to", "king")):
        page.get_by_role("combobox", name=f"{name}: add a word").fill(word)
        page.keyboard.press("Enter")
        page.wait_for_selector(f".chosen .word:text-is('{word}')")
    page.wait_for_selector("figure svg text:has-text('queen')")


def test_two_models(visit: Visits, explored: str) -> None:
    page = visit(f"{explored}#/compare?word=king")
    page.wait_for_selector("figure svg")
    page.wait_for_selector("h2:text('What moved most')")
    moved = page.locator("section[aria-label='What moved most'] tbody tr")
    assert moved.count() == 50
    word = moved.first.locator("th").text_content()
    moved.first.locator("a").click()
    page.wait_for_selector(f"h2.queried .word:text-is('{word}')")
    page.get_by_text("As tables").click()
    assert page.locator("section[aria-label='Neighbours in both'] table").count() == 2


def test_another_model_is_chosen_for_all_views(visit: Visits, explored: str) -> None:
    page = visit(f"{explored}#/neighbors?word=king")
    before = words_of(page)
    chooser(page, "Model").select_option("1")
    page.wait_for_function("() => location.hash.includes('model=1')")
    page.wait_for_function("old => document.querySelector('table.words tbody th')?.textContent !== old", arg=before[0])
    assert "model=1" in page.get_by_role("link", name="Arithmetic").get_attribute("href")


def test_heat_map_and_the_variance_kept(visit: Visits, explored: str) -> None:
    page = visit(explored + FILLED["heatmap"])
    page.wait_for_selector("figure svg image")
    assert page.locator("figure svg image").count() == 2
    assert "100 %" in page.locator("main .remark").last.text_content()
    page.get_by_role("button", name="Remove dog").click()
    page.wait_for_function("() => !location.hash.includes('dog')")
    page.wait_for_function(
        "() => ![...document.querySelectorAll('figure text')].some((one) => one.textContent.includes('dog'))"
    )


def test_the_model_s_name_can_be_read_on_a_narrow_screen(visit: Visits, explored: str) -> None:
    page = visit(f"{explored}#/neighbors?word=king", width=320)
    page.wait_for_selector("table.words")
    assert overflow(page) <= 0
    assert page.locator("#model select").bounding_box()["width"] > 90


def test_headings_of_a_narrow_heat_map_do_not_overlap(visit: Visits, explored: str) -> None:
    page = visit(explored + FILLED["heatmap"], width=390)
    page.wait_for_selector("figure svg image")
    overlaps = page.evaluate(
        """() => {
            const boxes = [...document.querySelectorAll("figure svg text")].map((one) => one.getBoundingClientRect());
            const apart = (a, b) => a.right <= b.left || b.right <= a.left || a.bottom - 4 <= b.top || b.bottom - 4 <= a.top;
            const beyond = document.querySelector("figure svg").getBoundingClientRect().right;
            return boxes.filter((a, i) => a.right > beyond + 1 || boxes.some((b, j) => j > i && !apart(a, b))).length;
        }"""  # noqa: E501
    )
    assert overlaps == 0


def test_record_and_loss(visit: Visits, explored: str) -> None:
    page = visit(f"{explored}#/training")
    page.wait_for_selector("figure svg polyline")
    record = page.locator("dl.record").first.text_content()
    assert "SkipGram" in record
    page.get_by_text("As a table").click()
    assert page.locator("details table tbody tr").count() == 4


def test_pairs_are_those_of_the_library(visit: Visits, explored: str) -> None:
    page = visit(f"{explored}#/pairs?text=kings+wear+crowns&window=1")
    rows = page.locator("table.pairs-table tbody tr")
    page.wait_for_selector("table.pairs-table")
    assert [re.sub(r"\s+", " ", row).strip() for row in rows.all_text_contents()] == [
        "kingswear", "wearkings crowns", "crownswear",
    ]  # fmt: skip
    page.locator("figure text:has-text('wear')").hover()
    page.wait_for_selector("figure path[stroke-width='2']")


@pytest.mark.parametrize("view", VIEWS)
def test_each_view_is_saved_as_svg_png_and_csv(visit: Visits, explored: str, view: str, tmp_path: Path) -> None:
    page = visit(explored + FILLED[view])
    page.wait_for_selector("main .result table, main table.words, main figure svg, main dl")
    if view == "map":
        is_drawn(page)
    page.wait_for_load_state("networkidle")
    svg = saved(page, "SVG", tmp_path).decode()
    assert svg.startswith("<svg")
    assert "NaN" not in svg
    assert saved(page, "PNG", tmp_path).startswith(b"\x89PNG")
    assert saved(page, "CSV", tmp_path).decode().count("\n") > 2


def test_addresses_are_shared_and_led_back_to(visit: Visits, explored: str) -> None:
    page = visit(explored + FILLED["neighbors"])
    words = words_of(page)
    for view in ("Arithmetic", "Pairs", "Neighbours"):
        page.get_by_role("link", name=view, exact=True).click()
        page.wait_for_selector(f"h1:text-is('{view}')")
    assert words_of(page) == words, "a view is found again as it was left"
    other = visit(page.url)
    assert words_of(other) == words
    page.go_back()
    page.wait_for_selector("h1:text-is('Pairs')")


def test_light_and_dark_by_choice(visit: Visits, explored: str) -> None:
    page = visit(explored + FILLED["map"])
    is_drawn(page)
    paper = f"({DOTS})()[0] & 255"
    assert page.evaluate(paper) == 252
    page.get_by_role("button", name="Switch to dark colours").click()
    page.wait_for_function(f"() => ({paper}) === 22")
    page.reload()
    is_drawn(page)
    assert page.evaluate(paper) == 22, "the choice is kept"


def test_the_focus_stays_where_it_was(visit: Visits, explored: str) -> None:
    page = visit(f"{explored}#/neighbors?word=king")
    words_of(page)
    chooser(page, "Metric").focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_function("() => location.hash.includes('metric=')")
    page.wait_for_selector("caption:text('euclidean')")
    focused = "() => document.activeElement.closest('label')?.querySelector('.name')?.textContent"
    assert page.evaluate(focused) == "Metric"
    page.get_by_role("link", name="Pairs").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:text-is('Pairs')")
    assert page.evaluate("() => document.activeElement.textContent") == "Pairs"


def test_every_control_has_a_name_and_can_be_reached(visit: Visits, explored: str) -> None:
    page = visit(explored)
    for view in VIEWS:
        page.goto(explored + FILLED[view])
        page.wait_for_selector("main .result table, main table.words, main figure svg, main dl")
        nameless = page.evaluate(
            """() => [...document.querySelectorAll("a, button, input, select, canvas[tabindex]")].filter((one) =>
                !(one.getAttribute("aria-label") || one.textContent.trim() || one.closest("label"))).length"""
        )
        assert nameless == 0, view
        assert page.locator("main, nav, header.masthead").count() >= 3
    other = visit(explored)
    other.wait_for_selector("main h1")
    other.keyboard.press("Tab")
    assert other.evaluate("document.activeElement.className") == "skip"


@pytest.mark.parametrize(
    "address", ["#/heatmap?word=king&word=zzz&word=queen", "#/axes?positive=woman&positive=zzz&negative=man&word=king"]
)
def test_unknown_words_are_named_beside_the_answer_of_the_others(visit: Visits, explored: str, address: str) -> None:
    page = visit(explored + address)
    told = page.wait_for_selector("p.remark:has-text('Left out')").text_content()
    assert "zzz" in told
    assert page.locator("[role=alert]").count() == 0
    page.wait_for_selector("main table.words, main figure svg")
