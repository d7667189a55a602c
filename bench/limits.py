"""The kernels beside the machine's own limits, measured in the same run: which share of them each one reaches.

    python bench/limits.py                                  a minute or two; prints the table, writes limits.json

One thread, processor time, the best of several rounds in which limits and kernels take turns. The limits: the rate of
BLAS's matrix product; of copying memory that no cache holds; of gathering whole rows of such a matrix at random, by
Zipf's law as words come; of additions into a table by NumPy's bincount; of the product of a large matrix and a vector.
What a kernel must do at least, in operations and in bytes, is reckoned from what it was given. bench/README.md says how
to read it.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from run import machine
from threadpoolctl import threadpool_limits
from zipf import SENTENCE, write_text, zipf_text

import firth
from firth.contexts.cooccurrence import count_cooccurrences
from firth.corpus.encoded import encode
from firth.corpus.sources import open_source
from firth.kernels.sparse_product import multiply_rows
from firth.objectives.sampled import loss_every
from firth.objectives.tiles import arrange
from firth.training.blocks import blocks_of

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
VOCABULARY = 70_000
LIMITS = {
    "product": ("matrix product", "GFlop/s", 1e9),
    "copy": ("copying memory, read and written", "GB/s", 1e9),
    "gather": ("gathering rows by Zipf's law, read and written", "GB/s", 1e9),
    "sweep": ("product of a large matrix and a vector", "GB/s", 1e9),
    "additions": ("additions into a table, bincount", "M/s", 1e6),
}


class Work(NamedTuple):
    """One thing that is timed: what is done, which limits it is held against, and how much of each it needs."""

    name: str
    do: Callable[[], Any]
    needs: dict[str, float]


def limits(dim: int) -> list[Work]:
    """Return what shows the machine's limits."""
    chance = np.random.default_rng(1)
    side = 1024
    a, b = chance.random((2, side, side), dtype=np.float32)
    product = np.empty((side, side), np.float32)
    large = np.ones(1 << 26, np.float32)
    copied = np.empty_like(large)
    text = zipf_text(1_000_000, VOCABULARY)
    rows = np.ones((VOCABULARY, -(-dim // 16) * 16), np.float32)
    ids, gathered = text.token_ids[:200_000].astype(np.int64), np.empty((200_000, rows.shape[1]), np.float32)
    tall, vector = large.reshape(-1, 256), np.ones(256, np.float32)
    columns = text.token_ids.astype(np.int64)
    return [
        Work("product", lambda: np.matmul(a, b, out=product), {"product": 2 * side**3}),
        Work("copy", lambda: np.copyto(copied, large), {"copy": 2 * large.nbytes}),
        Work("gather", lambda: np.take(rows, ids, axis=0, out=gathered, mode="clip"), {"gather": 2 * gathered.nbytes}),
        Work("sweep", lambda: tall @ vector, {"sweep": large.nbytes}),
        Work("additions", lambda: np.bincount(columns, minlength=VOCABULARY), {"additions": len(columns)}),
    ]


def contexts_of_a_centre(text: Any) -> float:
    """Return how many contexts a centre has on average: a skip-gram's decisions tell."""
    objective = firth.SkipGram(dim=16)
    model = objective.over([""] * VOCABULARY, text.counts, seed=1)
    block = blocks_of(text.sentence_ends, len(text.token_ids))[0]
    tally = model.train_block(text, block.groups, rates=(0.01, 0.01), seed=1, scratch=model.scratch(SENTENCE))
    asked = 1 + objective.loss.negatives
    return float(tally.decisions * loss_every(len(text.token_ids)) / tally.centres / asked)


def training(name: str, objective: Any, words: int) -> Work:
    """Return an epoch of a sampled objective: operations of its decisions, bytes of the rows that it changes."""
    text = zipf_text(words, VOCABULARY)
    model = objective.over([""] * VOCABULARY, text.counts, seed=1)
    scratch, block = model.scratch(SENTENCE), blocks_of(text.sentence_ends, words)[0]

    def do() -> Any:
        return model.train_block(text, block.groups, rates=objective.rates, seed=1, scratch=scratch)

    tally = do()
    contexts = contexts_of_a_centre(text)
    # The loss is taken of one centre in so many. A decision is a logit and two gradients, three products of D numbers.
    decisions = tally.decisions * loss_every(words)
    operations = 6.0 * objective.dim * decisions
    asked = decisions / tally.centres
    if isinstance(objective, firth.SkipGram):
        asked /= contexts
    else:
        # The mean, and the gradient handed back.
        operations += 2 * objective.dim * contexts * tally.centres
    rows = (contexts + asked) * tally.centres
    return Work(name, do, {"product": operations, "gather": 2 * rows * model.state()["inputs"].strides[0]})


def kernels(words: int, dim: int) -> list[Work]:
    """Return the kernels, each with work that takes some tenths of a second."""
    dims = dict.fromkeys([dim, 3 * dim])
    found = [training(f"skip-gram, negative sampling, dim {d}", firth.SkipGram(dim=d), words) for d in dims]
    found += [training(f"CBOW, negative sampling, dim {d}", firth.CBOW(dim=d), words) for d in dims]
    tree = firth.SkipGram(dim=dim, loss=firth.HierarchicalSoftmax())
    found.append(training(f"skip-gram, hierarchical softmax, dim {dim}", tree, words))
    return [*found, *tables(words, dim), neighbours(dim, 1), neighbours(dim, 64)]


def tables(words: int, dim: int) -> list[Work]:
    """Return what works with co-occurrences: counting, GloVe's step, the product that an SVD is made of."""
    folder = tempfile.TemporaryDirectory()
    path = Path(folder.name) / "text.txt"
    write_text(path, words, VOCABULARY)
    corpus = encode(open_source(path), firth.Whitespace(), min_count=1, cache=folder.name)
    counts = count_cooccurrences(corpus, window=10, threads=1)
    occurrences = sum(2 * max(0, SENTENCE - distance) for distance in range(1, 11)) * words / SENTENCE
    size = len(corpus.vocabulary)
    glove = firth.GloVe(dim=dim)
    tiles = arrange(counts, x_max=glove.x_max, alpha=glove.alpha, seed=1)
    model = glove.over([""] * size, np.zeros(0, np.int64), seed=1)
    block = blocks_of(tiles.ends, len(tiles.entries))[0]
    ends, entries = np.asarray(counts.row_ends), len(counts)
    columns, values = np.array(counts.columns), np.array(counts.values)
    dense, product = np.ones((size, dim), np.float32), np.empty((size, dim), np.float32)
    row_bytes = model.state()["words"].strides[0]

    def count() -> Any:
        with tempfile.TemporaryDirectory(dir=folder.name) as new:
            return count_cooccurrences(corpus, window=10, threads=1, folder=new)

    return [
        Work("co-occurrence counting, window 10", count, {"additions": occurrences}),
        Work(
            f"GloVe, dim {dim}",
            lambda: model.train_block(tiles, block.groups, rates=glove.rates, seed=1, scratch=None),
            # A product of D, and for each of two rows of D: gradient, square, root, step.
            {"product": 14 * dim * entries, "gather": 4 * row_bytes * entries},
        ),
        Work(
            f"sparse times dense, dim {dim}",
            lambda: multiply_rows(ends, columns, values, dense, 0, size, product),
            {"product": 2 * dim * entries, "gather": (4 * dim + 8) * entries},
        ),
    ]


def neighbours(dim: int, queries: int) -> Work:
    """Return exact neighbours of some words among 200,000."""
    chance = np.random.default_rng(1)
    matrix = chance.standard_normal((200_000, dim), dtype=np.float32)
    names = [f"w{number}" for number in range(len(matrix))]
    vectors = firth.WordVectors(names, matrix)
    asked = names[:queries]
    needs = {"sweep": matrix.nbytes} if queries == 1 else {"product": 2.0 * matrix.size * queries}
    return Work(f"neighbours of {queries} among 200,000, dim {dim}", lambda: vectors.neighbors(asked, k=10), needs)


def best(works: list[Work], rounds: int) -> dict[str, float]:
    """Return each work's least processor time, all taking turns."""
    found: dict[str, float] = {}
    for turn in range(rounds + 1):
        for work in works:
            begun = time.process_time()
            work.do()
            seconds = time.process_time() - begun
            if turn:  # the first round compiles, and touches the memory
                found[work.name] = min(seconds, found.get(work.name, np.inf))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=int, default=1_000_000)
    parser.add_argument("--dim", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--output", type=Path, default=HERE.parent / "build" / "bench" / "limits.json")
    options = parser.parse_args()
    with threadpool_limits(1):
        measures, works = limits(options.dim), kernels(options.words, options.dim)
        seconds = best([*measures, *works], options.rounds)
    rates = {work.name: work.needs[work.name] / seconds[work.name] for work in measures}
    print("| the machine | |\n| --- | --- |")
    for name, (title, unit, scale) in LIMITS.items():
        print(f"| {title} | {rates[name] / scale:,.1f} {unit} |")
    print("\n| kernel | seconds | reaches | share of the limit |\n| --- | --- | --- | --- |")
    rows = []
    for work in works:
        for limit, amount in work.needs.items():
            rate = amount / seconds[work.name]
            title, unit, scale = LIMITS[limit]
            rows.append({"kernel": work.name, "limit": limit, "rate": rate, "share": rate / rates[limit]})
            told = f"{rate / scale:,.1f} {unit} | {rate / rates[limit]:.0%} of {title.split(',')[0]}"
            print(f"| {work.name} | {seconds[work.name]:.3f} | {told} |")
    report = {"machine": machine(), "limits": rates, "seconds": seconds, "kernels": rows}
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
