"""The map of words in a real browser: moved, zoomed, lassoed, coloured, by hand and by keys."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import pytest

from pages import DOTS, chooser, is_drawn, saved

if TYPE_CHECKING:
    from pathlib import Path

    from firth.run import Run
    from pages import Visits

pytestmark = pytest.mark.slow


def zoom_of(page: Any) -> float:
    return float(page.evaluate("new URLSearchParams(location.hash.split('?')[1]).get('z')"))


def middle_of(page: Any) -> tuple[float, float]:
    box = page.locator("canvas.signs").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def pixels(page: Any) -> int:
    """Return a number that changes where the drawn dots do."""
    return int(page.evaluate(f"({DOTS})().reduce((sum, value) => (Math.imul(sum, 31) + value) | 0, 7)"))


def test_wheel_drag_and_the_address(visit: Visits, explored: str) -> None:
    page = visit(f"{explored}#/map")
    is_drawn(page)
    before = pixels(page)
    x, y = middle_of(page)
    page.mouse.move(x, y)
    page.mouse.wheel(0, -600)
    page.wait_for_function("() => location.hash.includes('z=')")
    assert zoom_of(page) > 1.5
    assert pixels(page) != before
    zoomed = pixels(page)
    page.mouse.down()
    page.mouse.move(x + 120, y + 40, steps=4)
    page.mouse.up()
    page.wait_for_timeout(200)
    assert pixels(page) != zoomed
    # The part of the map that is seen is part of its address.
    other = visit(page.url)
    is_drawn(other)
    other.wait_for_function("() => document.querySelector('.legend.clusters button')")
    page.wait_for_function("() => document.querySelector('.legend.clusters button')")
    assert abs(zoom_of(other) - zoom_of(page)) < 1e-6
    page.get_by_role("button", name="Whole").click()
    page.wait_for_function("() => location.hash.includes('z=1&') || location.hash.endsWith('z=1')")


def test_what_is_under_the_pointer_stays_there(visit: Visits, explored: str) -> None:
    page = visit(f"{explored}#/map")
    done = page.evaluate(
        """async () => {
            const { Camera } = await import("/page/camera.js");
            const camera = new Camera();
            camera.whole = { left: -3, right: 5, bottom: -2, top: 2 };
            camera.resize(800, 500);
            camera.fit();
            const before = camera.toPlane(620, 90);
            camera.zoomAt(7.3, 620, 90);
            const after = camera.toPlane(620, 90);
            const [x, y] = camera.toPixels(...after);
            return [before[0] - after[0], before[1] - after[1], x - 620, y - 90, camera.zoom - 7.3];
        }"""
    )
    assert all(abs(number) < 1e-9 for number in done)


def test_grid_finds_what_a_search_through_all_points_finds(visit: Visits, explored: str) -> None:
    page = visit(f"{explored}#/map")
    wrong = page.evaluate(
        """async () => {
            const { PointGrid } = await import("/page/point_grid.js");
            const { rowsInside, isInside } = await import("/page/lasso.js");
            let seed = 1;
            const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
            const places = Float32Array.from({ length: 6000 }, () => random() ** 3 * 10 - 2);
            places[100] = NaN;
            const grid = new PointGrid(places);
            const wrong = [];
            for (let trial = 0; trial < 200; trial++) {
                const [x, y, reach] = [random() * 12 - 3, random() * 12 - 3, random()];
                let [best, distance] = [-1, reach * reach];
                for (let row = 0; row < 3000; row++) {
                    const apart = (places[2 * row] - x) ** 2 + (places[2 * row + 1] - y) ** 2;
                    if (apart < distance) [best, distance] = [row, apart];
                }
                if (grid.nearest(x, y, reach) !== best) wrong.push(["nearest", trial]);
                const loop = Array.from({ length: 7 }, () => [random() * 8 - 2, random() * 8 - 2]);
                const inside = [];
                for (let row = 0; row < 3000; row++) if (isInside(loop, places[2 * row], places[2 * row + 1])) inside.push(row);
                if (rowsInside(grid, loop).join() !== inside.join()) wrong.push(["lasso", trial]);
            }
            return wrong;
        }"""  # noqa: E501
    )
    assert wrong == []


def test_labels_never_overlap(visit: Visits, explored: str) -> None:
    page = visit(f"{explored}#/map")
    overlapping, placed = page.evaluate(
        """async () => {
            const { placeLabels } = await import("/page/labels.js");
            let seed = 3;
            const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
            const some = Array.from({ length: 500 }, (_, row) => ({ row, text: "x".repeat(1 + random() * 20), x: random() * 900, y: random() * 600 }));
            const labels = placeLabels(some, { width: 900, height: 600, line: 17, gap: 7, most: 300 }, (text) => 7 * text.length);
            let count = 0;
            for (const a of labels) for (const b of labels) if (a.row < b.row && Math.abs(a.y - b.y) < 17 && a.left < b.left + b.width && b.left < a.left + a.width) count++;
            return [count, labels.length];
        }"""  # noqa: E501
    )
    assert overlapping == 0
    assert placed > 50


def test_a_click_chooses_a_word_and_shows_its_neighbours(visit: Visits, explored: str, small_run: Run) -> None:
    page = visit(f"{explored}#/map?word=king")
    page.wait_for_selector(".result h2 .word:text-is('king')")
    shown = page.locator(".result tbody th").all_text_contents()
    assert shown == list(small_run.vectors.neighbors("king", k=12).words)
    page.locator(".result tbody a").first.click()
    page.wait_for_selector(f".result h2 .word:text-is('{shown[0]}')")
    page.locator("canvas.signs").focus()
    page.keyboard.press("Escape")
    page.wait_for_function("() => !location.hash.includes('word=')")
    is_drawn(page)
    page.mouse.click(*middle_of(page))
    page.locator("canvas.signs").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".result h2")


def test_lasso_by_hand_lists_and_saves_words(visit: Visits, explored: str, tmp_path: Path) -> None:
    page = visit(f"{explored}#/map")
    is_drawn(page)
    page.get_by_role("button", name="Lasso").click()
    x, y = middle_of(page)
    page.mouse.move(x - 150, y - 150)
    page.mouse.down()
    for across, down in ((150, -150), (150, 150), (-150, 150), (-150, -140)):
        page.mouse.move(x + across, y + down, steps=3)
    page.mouse.up()
    title = page.wait_for_selector(".result h2:has-text('words')").text_content()
    count = int(title.split()[0].replace(",", ""))
    assert count > 10
    assert page.locator(".result .word-list li").count() == min(count, 200)
    rows = list(csv.reader(io.StringIO(saved(page, "CSV", tmp_path).decode())))
    assert rows[0] == ["word", "row", "x", "y"]
    assert len(rows) == count + 1
    page.keyboard.press("Escape")
    page.wait_for_function("() => !document.querySelector('.result h2')")


def test_the_map_by_keyboard_and_in_words(visit: Visits, explored: str) -> None:
    page = visit(f"{explored}#/map")
    is_drawn(page)
    page.locator("canvas.signs").focus()
    whole = page.locator("canvas.signs").get_attribute("aria-label")
    assert "words in view" in whole
    for key in ("+", "+", "+", "ArrowRight", "ArrowUp"):
        page.keyboard.press(key)
    page.wait_for_function("() => document.querySelector('#announcement').textContent.includes('words in view')")
    page.wait_for_function(
        "old => document.querySelector('canvas.signs').getAttribute('aria-label') !== old", arg=whole
    )
    page.locator("summary:has-text('Words in view')").click()
    assert page.locator(".in-view .word-list li").count() > 5
    page.locator(".in-view .word-list a").first.click()
    page.wait_for_selector(".result h2")


def test_a_cluster_of_very_frequent_words_alone_is_in_the_legend(visit: Visits, explored: str) -> None:
    page = visit(f"{explored}#/map")
    told = page.evaluate(
        """async () => {
            const { MapLegend } = await import("/page/map_legend.js");
            const values = Float32Array.from({ length: 2000 }, (_, row) => (row === 37 ? 3 : row % 3));
            const legend = new MapLegend((row) => `word${row}`, () => {});
            legend.show({ by: "cluster", values, only: null });
            return [...legend.root.querySelectorAll("button")].map((one) => one.textContent);
        }"""
    )
    assert len(told) == 4
    assert "word37" in told[3]


def test_an_axis_without_words_asks_for_them(visit: Visits, explored: str) -> None:
    page = visit(f"{explored}#/map?colour=axis")
    page.wait_for_selector(".panel .remark:has-text('at least one word to each end')")


@pytest.mark.parametrize("colour", ["count", "norm", "cluster"])
def test_colours(visit: Visits, explored: str, colour: str) -> None:
    page = visit(f"{explored}#/map")
    is_drawn(page)
    chooser(page, "Colour").select_option("axis")
    for name, word in (("From", "man"), ("To", "woman")):
        page.get_by_role("combobox", name=f"{name}: add a word").fill(word)
        page.keyboard.press("Enter")
        page.wait_for_selector(f".chosen .word:text-is('{word}')")
    page.wait_for_selector(".scale-legend:has-text('woman')")
    before = pixels(page)
    chooser(page, "Colour").select_option(colour)
    page.wait_for_selector(".legend.clusters button" if colour == "cluster" else ".scale-legend canvas")
    page.wait_for_timeout(150)
    assert pixels(page) != before
    if colour == "cluster":
        painted = pixels(page)
        page.locator(".legend.clusters button").first.click()
        page.wait_for_function("() => location.hash.includes('only=')")
        page.wait_for_timeout(150)
        assert pixels(page) != painted


def test_highlight_what_holds_a_text(visit: Visits, explored: str, small_run: Run) -> None:
    page = visit(f"{explored}#/map")
    is_drawn(page)
    page.get_by_label("Highlight words that contain").fill("ing")
    page.keyboard.press("Enter")
    holding = sum("ing" in word for word in small_run.vectors.words)
    page.wait_for_selector(f"text={holding} words contain this")


def test_fingers_pinch(visit: Visits, explored: str) -> None:
    page = visit(f"{explored}#/map", width=390, height=780, has_touch=True)
    is_drawn(page)
    x, y = middle_of(page)
    client = page.context.new_cdp_session(page)
    for kind, apart in (("touchStart", 30), ("touchMove", 60), ("touchMove", 90), ("touchEnd", None)):
        touches = [] if apart is None else [{"x": x - apart, "y": y, "id": 1}, {"x": x + apart, "y": y, "id": 2}]
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})
    page.wait_for_function("() => location.hash.includes('z=')")
    assert zoom_of(page) == pytest.approx(3, rel=0.2)


def test_a_usable_map_needs_no_graphics_card(visit: Visits, explored: str) -> None:
    page = visit(f"{explored}#/map")
    page.wait_for_function("() => document.documentElement.dataset.usable")
    kinds = page.evaluate("[...document.querySelectorAll('canvas')].map((one) => one.getContext('2d') !== null)")
    assert all(kinds)
