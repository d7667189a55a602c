"""How cost grows with the work: words, dimensions, vocabulary, threads; with the exponents that fit.

    python bench/growth.py                                                some twenty minutes, and 2 GB of memory
    python bench/growth.py --words 1e5 1e6 --vocabulary 1e4 1e5 --dim 50 100 --text-words 1e5    a trial: a minute

Words are drawn by Zipf's law. One thing changes at a time, the others stay at --base; each point is the least processor
time (for threads: the least time) of several rounds in which all points of an axis take turns. The exponent e is that
of seconds ~ x^e, by least squares on logarithms, with the range of e between neighbouring points beside it: 1 is
proportional. Training begins with ids in memory; reading and counting with a text, which is written first.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import threading
import time
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from run import machine
from zipf import SENTENCE, write_text, zipf_text

import firth
from firth.contexts.cooccurrence import count_cooccurrences
from firth.corpus.encoded import encode
from firth.corpus.sources import open_source
from firth.training.blocks import blocks_of

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
OBJECTIVES = {
    "skip-gram, negative sampling": lambda dim: firth.SkipGram(dim=dim),
    "CBOW, negative sampling": lambda dim: firth.CBOW(dim=dim),
    "skip-gram, hierarchical softmax": lambda dim: firth.SkipGram(dim=dim, loss=firth.HierarchicalSoftmax()),
}
BLOCK = 50_000


class Size(NamedTuple):
    """How much work there is."""

    words: int
    dim: int
    vocabulary: int
    threads: int


@cache
def drawn(words: int, vocabulary: int) -> Any:
    """Return ids by Zipf's law; the last few are kept, as points of one axis take turns."""
    return zipf_text(words, vocabulary)


@cache
def model_of(name: str, dim: int, vocabulary: int, words: int) -> Any:
    return OBJECTIVES[name](dim).over([""] * vocabulary, drawn(words, vocabulary).counts, seed=1)


def train(name: str, size: Size) -> tuple[float, float]:
    """Return the processor's seconds and the time of an epoch."""
    text = drawn(size.words, size.vocabulary)
    model = model_of(name, size.dim, size.vocabulary, size.words)
    waiting = iter(blocks_of(text.sentence_ends, BLOCK))
    lock = threading.Lock()

    def work() -> None:
        scratch = model.scratch(SENTENCE)
        while True:
            with lock:
                block = next(waiting, None)
            if block is None:
                return
            model.train_block(text, block.groups, rates=(1e-3, 1e-3), seed=block.number, scratch=scratch)

    workers = [threading.Thread(target=work) for _ in range(size.threads)]
    processor, begun = time.process_time(), time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return time.process_time() - processor, time.perf_counter() - begun


def read(path: Path, threads: int) -> tuple[float, float]:
    """Return what turning a text into ids takes."""
    with tempfile.TemporaryDirectory() as folder:
        processor, begun = time.process_time(), time.perf_counter()
        encode(open_source(path), firth.Whitespace(), min_count=1, cache=folder, threads=threads)
        return time.process_time() - processor, time.perf_counter() - begun


def count(corpus: Any, threads: int) -> tuple[float, float]:
    """Return what counting co-occurrences in a window of 10 takes."""
    with tempfile.TemporaryDirectory() as folder:
        processor, begun = time.process_time(), time.perf_counter()
        count_cooccurrences(corpus, window=10, threads=threads, folder=folder)
        return time.process_time() - processor, time.perf_counter() - begun


def least(points: dict[float, Callable[[], tuple[float, float]]], rounds: int, *, wall: bool) -> dict[float, float]:
    """Return each point's least seconds; the first round compiles and touches the memory."""
    found: dict[float, float] = {}
    for turn in range(rounds + 1):
        for x, do in points.items():
            seconds = do()[1 if wall else 0]
            if turn:
                found[x] = min(seconds, found.get(x, np.inf))
    return found


def exponents(found: dict[float, float]) -> tuple[float, float, float]:
    """Return the exponent that fits, and the least and the greatest between neighbouring points."""
    x, seconds = np.log(list(found)), np.log(list(found.values()))
    steps = [(b - a) / (q - p) for (p, a), (q, b) in pairwise(zip(x, seconds, strict=True))]
    return float(np.polyfit(x, seconds, 1)[0]), min(steps), max(steps)


def axes(options: argparse.Namespace, base: Size) -> dict[str, list[Size]]:
    """Return the points of each axis."""
    return {
        "words": [base._replace(words=int(words)) for words in options.words],
        "dim": [base._replace(dim=dim) for dim in options.dim],
        "vocabulary": [base._replace(vocabulary=int(vocabulary)) for vocabulary in options.vocabulary],
        "threads": [base._replace(threads=threads) for threads in options.threads],
    }


def text_tasks(axis: str, sizes: list[Size], most: int, folder: Path) -> dict[str, dict[float, Any]]:
    """Return what begins with a text, for the axes on which it depends."""
    if axis == "dim":
        return {}
    tasks: dict[str, dict[float, Any]] = {"reading": {}, "counting": {}}
    for size in sizes:
        if size.words > most:
            continue
        path = folder / f"{size.words}-{size.vocabulary}.txt"
        if not path.exists():
            write_text(path, size.words, size.vocabulary)
        corpus = encode(open_source(path), firth.Whitespace(), min_count=1, cache=folder / "cache")
        x = getattr(size, axis)
        tasks["reading"][x] = lambda path=path, size=size: read(path, size.threads)
        tasks["counting"][x] = lambda corpus=corpus, size=size: count(corpus, size.threads)
    return tasks


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=float, nargs="+", default=[1e5, 1e6, 1e7, 1e8])
    parser.add_argument("--dim", type=int, nargs="+", default=[50, 100, 200, 300, 600])
    parser.add_argument("--vocabulary", type=float, nargs="+", default=[1e4, 3e4, 1e5, 3e5, 1e6])
    parser.add_argument("--threads", type=int, nargs="+", default=[2**n for n in range(10) if 2**n <= os.cpu_count()])
    parser.add_argument("--base", type=float, nargs=3, default=[1e6, 100, 1e5], help="words, dim, vocabulary")
    parser.add_argument("--text-words", type=float, default=1e7, help="the largest text that is read and counted")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--output", type=Path, default=HERE.parent / "build" / "bench" / "growth.json")
    options = parser.parse_args()
    base = Size(int(options.base[0]), int(options.base[1]), int(options.base[2]), 1)
    rows: list[dict[str, Any]] = []
    print("| | grows | seconds | exponent |\n| --- | --- | --- | --- |")
    for axis, sizes in axes(options, base).items():
        with tempfile.TemporaryDirectory() as folder:
            tasks: dict[str, dict[float, Any]] = {
                name: {getattr(size, axis): lambda name=name, size=size: train(name, size) for size in sizes}
                for name in OBJECTIVES
            }
            tasks |= text_tasks(axis, sizes, int(options.text_words), Path(folder))
            for name, points in tasks.items():
                if len(points) < 2:
                    continue
                found = least(points, options.rounds, wall=axis == "threads")
                fitted, low, high = exponents(found)
                told = ", ".join(f"{x:,.0f}: {seconds:.3g}" for x, seconds in found.items())
                print(f"| {name} | {axis} | {told} | {fitted:.2f} ({low:.2f} to {high:.2f}) |", flush=True)
                rows.append({"what": name, "axis": axis, "seconds": found, "exponent": fitted, "range": [low, high]})
                model_of.cache_clear()
            drawn.cache_clear()
    options.output.parent.mkdir(parents=True, exist_ok=True)
    report = {"machine": machine(), "base": base._asdict(), "grown": rows}
    options.output.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
