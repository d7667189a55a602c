"""The explorer's page with a large vocabulary: how soon it is usable, how evenly it moves, how fast it answers.

    python bench/page.py                             # 400,000 words × 300 dimensions: a minute or two
    python bench/page.py --words 3000000 --dim 100   # needs 2.4 GB of disk and some 4 GB of memory

Chromium without a window and without a graphics card, 1280 × 800 pixels. The vectors are drawn, in bunches as word
vectors are. Times are of the clock, and wander with what else the machine does; the load is printed beside them.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

from firth.vectors.store import WordVectors

WORK = Path(__file__).parents[1] / "build" / "bench"
BUNCHES = 60

RECORD = """() => {
    window.intervals = [];
    let last = null;
    const step = (time) => {
        if (last !== null) window.intervals.push(time - last);
        last = time;
        window.recording = requestAnimationFrame(step);
    };
    window.recording = requestAnimationFrame(step);
}"""

DRAW = """async () => {
    const [{ MapCanvas }, { Camera }, { PointGrid }] = await Promise.all(
        ["map_canvas", "camera", "point_grid"].map((name) => import(`/page/${name}.js`)));
    const places = new Float32Array(await (await fetch("api/map?model=0&layout=pca")).arrayBuffer());
    const [camera, grid] = [new Camera(), new PointGrid(places)];
    camera.whole = grid.box;
    camera.resize(928, 708);
    camera.fit();
    const canvas = new MapCanvas(document.createElement("canvas"));
    canvas.resize(928, 708);
    const scene = { places, colours: new Uint8Array(places.length / 2), palette: new Uint32Array(256).fill(0xff7a5a0b),
        camera, ratio: 1, paper: 0xfff8fbfc, inView: places.length / 2, first: places.length / 2 };
    return Array.from({ length: 30 }, () => {
        const started = performance.now();
        canvas.draw(scene);
        return performance.now() - started;
    });
}"""

QUERY = """async (words) => {
    const times = [];
    for (const word of words) {
        const started = performance.now();
        await (await fetch(`api/neighbors?model=0&word=${word}&k=20`)).json();
        times.push(performance.now() - started);
    }
    return times;
}"""


def drawn(words: int, dim: int) -> Path:
    """Return a file of so many vectors; it is kept for the next time."""
    path = WORK / f"page-{words}-{dim}.safetensors"
    if not path.exists():
        WORK.mkdir(parents=True, exist_ok=True)
        generator = np.random.default_rng(1)
        middles = generator.normal(size=(BUNCHES, dim)).astype(np.float32)
        matrix = np.empty((words, dim), dtype=np.float32)
        for start in range(0, words, 100_000):
            rows = matrix[start : start + 100_000]
            rows[:] = generator.standard_normal(rows.shape, dtype=np.float32)
            rows += middles[generator.integers(0, BUNCHES, len(rows))] * generator.random(
                (len(rows), 1), dtype=np.float32
            )
        counts = (1e9 / np.arange(1, words + 1)).astype(np.int64) + 5
        WordVectors([f"word{number}" for number in range(words)], matrix, counts).save(path)
    return path


def processor_time(process: int) -> float:
    """Return the milliseconds of processor time that a process has taken so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def spread(times: list[float]) -> dict[str, float]:
    rounded = sorted(times)
    return {
        "least": round(rounded[0], 1),
        "median": round(statistics.median(rounded), 1),
        "95th": round(rounded[int(0.95 * (len(rounded) - 1))], 1),
        "longest": round(rounded[-1], 1),
        "n": len(rounded),
    }


def measured(page, address: str, words: int, server: int) -> dict[str, object]:
    """Return what one visit shows: milliseconds of the clock, and of the server's processor time where told."""
    started = time.perf_counter()
    page.goto(address)
    page.wait_for_function("() => document.documentElement.dataset.usable", timeout=600_000)
    found: dict[str, object] = {"usable": round(1000 * (time.perf_counter() - started))}
    found["the server's processor time until then"] = round(processor_time(server))
    page.wait_for_selector(".legend.clusters button", timeout=600_000)
    found["coloured by cluster"] = round(1000 * (time.perf_counter() - started))
    page.wait_for_timeout(1000)

    box = page.locator("canvas.signs").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    for name, gesture in (("pans", lambda: pan(page, x, y)), ("zooms", lambda: zoom(page))):
        page.evaluate(RECORD)
        gesture()
        intervals = page.evaluate("() => { cancelAnimationFrame(window.recording); return window.intervals; }")
        found[f"frames while the map {name}"] = spread(intervals)

    some = [f"word{number}" for number in np.linspace(0, words - 1, 40, dtype=int)]
    page.evaluate(QUERY, some[:2])
    before = processor_time(server)
    found["neighbours"] = spread(page.evaluate(QUERY, some))
    found["the server's processor time for each"] = round((processor_time(server) - before) / len(some), 1)
    found["all dots drawn"] = spread(page.evaluate(DRAW))
    return found


def pan(page, x: float, y: float) -> None:
    page.mouse.down()
    for step in range(120):
        page.mouse.move(x + 150 * np.sin(step / 12), y + 100 * np.sin(step / 17))
        page.wait_for_timeout(8)
    page.mouse.up()


def zoom(page) -> None:
    for step in range(120):
        page.mouse.wheel(0, -60 if (step // 30) % 2 == 0 else 60)
        page.wait_for_timeout(8)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=int, default=400_000)
    parser.add_argument("--dim", type=int, default=300)
    options = parser.parse_args()
    path = drawn(options.words, options.dim)
    command = [sys.executable, "-m", "firth", "explore", str(path), "--no-browser", "--port", "0", "--json"]
    started = time.perf_counter()
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        told = ""
        while not told.rstrip().endswith("}"):
            line = server.stdout.readline()
            if not line:
                sys.exit("the explorer ended before it had an address")
            told += line
        report = {
            "words": options.words,
            "dim": options.dim,
            "server up": round(1000 * (time.perf_counter() - started)),
        }
        installed = shutil.which("chromium") or shutil.which("google-chrome")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=installed)
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            report |= measured(page, json.loads(told)["address"], options.words, server.pid)
            browser.close()
        report["load of the machine"] = round(os.getloadavg()[0], 1)
        print(json.dumps(report, indent=1))
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
