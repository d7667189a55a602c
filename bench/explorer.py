"""How long the explorer takes: from the command to the page, the first map, a word's neighbours; and what looking on
at a training costs it.

    python bench/explorer.py                     # 400,000 and 3,000,000 words of 100 numbers, in a folder of its own
    python bench/explorer.py --words 400000      # one size
    python bench/explorer.py --training          # a training with and without the explorer, in processor time

The vectors are made: 2,000 groups of words around directions of their own, with lengths that fall with the rank, and
counts by Zipf's law. On a machine that does other things meanwhile, the server's processor time says more than the
clock; it is that of all its threads, in steps of 10 ms, and the first figures hold what it prepares in the background.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

GROUPS = 2000
BLOCK = 100_000
SOURCE = Path(__file__).parents[1] / "src"


def make(path: Path, words: int, dim: int) -> None:
    """Write a model, block by block into a mapped array, so that this program needs little memory."""
    from firth.vectors.store import WordVectors  # noqa: PLC0415

    generator = np.random.default_rng(1)
    centres = generator.normal(size=(GROUPS, dim)).astype(np.float32)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        matrix = np.memmap(Path(folder) / "matrix", np.float32, "w+", shape=(words, dim))
        for start in range(0, words, BLOCK):
            rows = matrix[start : start + BLOCK]
            rows[:] = generator.standard_normal(size=rows.shape, dtype=np.float32)
            rows += 1.5 * centres[generator.integers(GROUPS, size=len(rows))]
            rows /= (1 + np.log1p(np.arange(start, start + len(rows), dtype=np.float32)))[:, np.newaxis]
        counts = (1e9 / np.arange(1, words + 1)).astype(np.int64)
        names = [f"w{row}" for row in range(words)]
        WordVectors(names, matrix, counts, record={"made": "bench/explorer.py"}).save(path)


def processor_of(pid: int) -> float:
    """Return the processor seconds that a process has used; 0 where the system does not say."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def timed(address: str) -> tuple[float, bytes]:
    """Return how many milliseconds an answer took, and the answer."""
    begun = time.perf_counter()
    with urllib.request.urlopen(address, timeout=600) as answer:  # noqa: S310 - our own address
        body = answer.read()
    return 1000 * (time.perf_counter() - begun), body


@contextlib.contextmanager
def served(model: Path) -> Iterator[tuple[subprocess.Popen[str], str, float]]:
    """Give the process of `firth explore`, its address, and the seconds until it printed it."""
    begun = time.perf_counter()
    command = [sys.executable, "-m", "firth", "explore", model, "--no-browser", "--port", "0", "--json"]
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        printed = process.stdout.readline() if process.stdout is not None else ""
        address = json.loads(printed)["address"]
        try:
            yield process, address, time.perf_counter() - begun
        finally:
            process.send_signal(signal.SIGINT)


def measure(model: Path, words: int) -> dict[str, Any]:
    """Return the figures of one model."""
    with served(model) as (process, address, seconds):
        figures: dict[str, Any] = {"words": words, "server up, s": seconds}

        used = processor_of(process.pid)
        figures["server up, processor s"] = used

        def one(name: str, path: str) -> None:
            before = processor_of(process.pid)
            figures[f"{name}, ms"] = timed(address + path)[0]
            figures[f"{name}, processor ms"] = 1000 * (processor_of(process.pid) - before)

        one("page", "")
        one("first map", "api/map")
        figures["command to first map, s"] = figures["server up, s"] + figures["first map, ms"] / 1000
        one("map again", "api/map")
        one("2,000 labels", "api/labels?first=2000")
        one("first neighbours", "api/neighbors?word=w12345&k=20")
        generator = np.random.default_rng(2)
        asked = generator.integers(words, size=21).tolist()
        for name, query in (
            ("neighbours by cosine", "neighbors?k=20&word=w{}"),
            ("neighbours by Euclidean distance", "neighbors?k=20&metric=euclidean&word=w{}"),
            ("completion", "words?prefix=w{}"),
            ("analogy", "analogy?expression=w{}" + urllib.parse.quote(" - w7 + w8")),
        ):
            before = processor_of(process.pid)
            times = [timed(f"{address}api/{query.format(row)}")[0] for row in asked]
            figures[f"{name}, ms: median"], figures[f"{name}, ms: worst"] = statistics.median(times), max(times)
            figures[f"{name}, processor ms"] = 1000 * (processor_of(process.pid) - before) / len(asked)
        one("words that hold a text", "api/search?text=777")
        one("clusters", "api/colour?by=cluster")
        status = Path(f"/proc/{process.pid}/status")
        if status.exists():
            fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
            figures["memory of its own, MiB"] = int(fields["RssAnon"].split()[0]) / 1024
        return figures


def training(folder: Path, sentences: int) -> dict[str, Any]:
    """Return a training's processor and wall time alone, beside the explorer, and with a page that looks on."""
    from firth.corpus import small_world  # noqa: PLC0415

    text = folder / "text.txt"
    text.write_text("\n".join(small_world.text(sentences)), encoding="utf-8")
    figures: dict[str, list[float]] = {}
    for _ in range(3):
        for name, look in (("alone", None), ("explorer open", 0.0), ("page looking on", 0.5)):
            figures.setdefault(name, []).append(_one_training(text, folder / "run", look))
    return {f"training, processor s, {name}": min(seconds) for name, seconds in figures.items()}


def _one_training(text: Path, run: Path, look: float | None) -> float:
    """Return the processor seconds of one training; `look` is how often a page asks for frames, 0 for never."""
    import threading  # noqa: PLC0415

    import firth  # noqa: PLC0415
    from firth.explorer.live import LiveTraining  # noqa: PLC0415

    live, over = LiveTraining(), threading.Event()
    with contextlib.ExitStack() as stack:
        if look is not None:
            explorer = stack.enter_context(firth.explore(live, port=0, open_browser=False, wait=False))
            if look:

                def ask() -> None:
                    after = 0
                    while not over.wait(look):
                        frames = json.loads(timed(f"{explorer.address}api/live?after={after}")[1])["frames"]
                        after = frames[-1]["number"] if frames else after

                threading.Thread(target=ask, daemon=True).start()
        begun = _processor()
        firth.train(text, firth.SkipGram(), epochs=10, threads=2, on_event=None if look is None else live)
        seconds = _processor() - begun
        over.set()
    shutil.rmtree(run, ignore_errors=True)
    return seconds


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=int, nargs="*", default=[400_000, 3_000_000])
    parser.add_argument("--dim", type=int, default=100)
    parser.add_argument("--training", action="store_true")
    parser.add_argument("--sentences", type=int, default=1_000_000, help="words of the small world to train on")
    parser.add_argument("--folder", type=Path, help="where models are kept for another time; else they are removed")
    chosen = parser.parse_args()
    sys.path.insert(0, str(SOURCE))
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.folder or Path(temporary)
        if chosen.training:
            show(training(folder, chosen.sentences))
            return
        for words in chosen.words:
            model = folder / f"{words}x{chosen.dim}.safetensors"
            if not model.exists():
                make(model, words, chosen.dim)
            show(measure(model, words))


def show(figures: dict[str, Any]) -> None:
    for name, value in figures.items():
        print(f"{name:45} {value:12,.1f}" if isinstance(value, float) else f"{name:45} {value:12,}")
    print()


if __name__ == "__main__":
    main()
