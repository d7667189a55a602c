"""What training by shards costs as machines are added: coefficients measured here, a model made of them, real runs.

    python bench/scale.py --text wiki100.txt                     # coefficients, a check against real runs, a table
    python bench/scale.py --text wiki100.txt --cluster local     # the real runs on a Ray cluster begun here

Run with an interpreter that has Firth installed (and Ray, for --cluster). Prints the tables of docs/scale.md.
"""

import argparse
import statistics
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import firth
from firth.corpus.encoded import encode
from firth.corpus.sources import open_source
from firth.corpus.tokenizers import Words
from firth.events import EpochEnd, Round, Stage
from firth.training.merging import Room, add_portion, changes_between, merged, size_of
from firth.training.shards import Shards

NEGATIVES, THRESHOLD = 5, 1e-3


class Coefficients(NamedTuple):
    """What one core of this machine does.

    words: a second, learned by skip-gram with negative sampling.
    taken: bytes a second of changes found and taken by a replica.
    merged: bytes a second of changes, of all replicas together, made one.
    added: bytes a second of merged changes put into a model.
    """

    words: float
    taken: float
    merged: float
    added: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=Path, required=True)
    parser.add_argument("--dim", type=int, default=100)
    parser.add_argument("--cluster")
    options = parser.parse_args()
    corpus = encode(open_source(options.text), Words())
    counts = corpus.vocabulary.counts
    here = measured(options.text, counts, options.dim)
    print(
        f"one core, dim {options.dim}: {here.words / 1e6:.2f} M words/s; changes taken {here.taken / 1e9:.2f}, ", end=""
    )
    print(f"merged {here.merged / 1e9:.2f}, added {here.added / 1e9:.2f} GB/s\n")
    check(options, counts, here)
    predict(options.dim, here)


def measured(text: Path, counts: np.ndarray, dim: int) -> Coefficients:
    """Measure by processor time, which other work on the machine does not change much."""
    words = learning_speed(text, dim)
    generator, rows = np.random.default_rng(1), len(counts)
    base = {name: np.zeros((rows, -(-dim // 16) * 16), np.float32) for name in ("inputs", "outputs")}
    copies = [{name: matrix.copy() for name, matrix in base.items()} for _ in range(4)]
    rooms = [Room() for _ in copies]
    seconds: dict[str, list[float]] = {"taken": [], "merged": [], "added": []}
    for turn in range(5):
        for copy in copies:
            for matrix in copy.values():
                chosen = generator.random(rows) < 0.5
                matrix[chosen, :dim] += generator.normal(size=(int(chosen.sum()), dim)).astype(np.float32)
        marks = [time.thread_time()]
        parts = [
            changes_between(base, own, dim=dim, portions=1, room=r)[0] for own, r in zip(copies, rooms, strict=True)
        ]
        marks.append(time.thread_time())
        portion = merged(parts)
        marks.append(time.thread_time())
        add_portion(base, portion)
        marks.append(time.thread_time())
        sent, received = sum(map(size_of, parts)), size_of(portion)
        if turn:  # the first compiles, and gets its memory
            for name, size, spent in zip(seconds, (sent, sent, received), np.diff(marks), strict=True):
                seconds[name].append(size / spent)
    return Coefficients(words, *(statistics.median(values) for values in seconds.values()))


def learning_speed(text: Path, dim: int) -> float:
    """Return how many words a core learns in a second of its time."""
    marks: list[float] = []

    def listen(event: Any) -> None:
        if isinstance(event, EpochEnd) or (isinstance(event, Stage) and event.name == "training"):
            marks.append(time.process_time())

    run = firth.train(text, firth.SkipGram(dim=dim), epochs=1, threads=1, held_out=0, on_event=listen)
    return run.per_second * run.seconds / (marks[1] - marks[0])


def rows_changed(counts: np.ndarray, words: float) -> float:
    """Return how many rows of both matrices a copy changes in so many words of text: each comes by chance.

    1 − exp(−λ) of the rows whose words are expected λ times: input rows as words of windows that are left after
    subsampling, output rows as centres and as noise.
    """
    share = counts / counts.sum()
    kept = np.minimum(1.0, np.sqrt(THRESHOLD / share) + THRESHOLD / share) * share
    noise = share**0.75 / (share**0.75).sum()
    centres = words * kept.sum()
    inputs, outputs = words * kept, words * kept + NEGATIVES * centres * noise
    return float(-np.expm1(-inputs).sum() - np.expm1(-outputs).sum())


def round_of(
    counts: np.ndarray, dim: int, here: Coefficients, *, shards: int, every: int, network: float
) -> dict[str, float]:
    """Return what a round takes where each replica has a core of its own and a machine's network of its own.

    Args:
        counts: of the vocabulary.
        dim: D.
        here: a core's coefficients.
        shards: N.
        every: words between merges.
        network: bytes a second, in and out at once; inf for replicas in one memory.
    """
    row = 4 * dim + 8
    sent, received = row * rows_changed(counts, every), row * rows_changed(counts, shards * every)
    learning = every / here.words + sent / here.taken
    # Each merges an N-th of the rows for all: what it gets for that is as much as it gave.
    merging = sent / here.merged + 2 * received / here.added
    wire = (2 * sent + received) / network
    return {"sent": sent, "received": received, "learning": learning, "merging": merging, "wire": wire}


def check(options: argparse.Namespace, counts: np.ndarray, here: Coefficients) -> None:
    """Print what the model says of rounds beside real rounds."""
    names = "shards", "merge every", "MB sent: model", "real", "MB received: model", "real", "s learning: model", "real"
    heading(names)
    for shards, every in ((1, 100_000), (2, 100_000), (2, 500_000)):
        rounds: list[Round] = []

        def listen(event: Any, rounds: list[Round] = rounds) -> None:
            if isinstance(event, Round):
                rounds.append(event)

        firth.train(
            options.text, firth.SkipGram(dim=options.dim), epochs=1, threads=shards, held_out=0, on_event=listen,
            shards=Shards(count=shards, merge_every=every), cluster=options.cluster,
        )  # fmt: skip
        model = round_of(counts, options.dim, here, shards=shards, every=every, network=float("inf"))
        middle = rounds[len(rounds) // 4 : -1]
        real = [statistics.median(getattr(one, name) for one in middle) for name in ("sent", "received", "learning")]
        print(
            f"| {shards} | {every:,} | {shards * model['sent'] / 1e6:.1f} | {real[0] / 1e6:.1f} | "
            f"{shards * model['received'] / 1e6:.1f} | {real[1] / 1e6:.1f} | {model['learning']:.3f} | {real[2]:.3f} |",
            flush=True,
        )


def heading(names: tuple[str, ...]) -> None:
    print("|", " | ".join(names), "|")
    print("| --- " * len(names) + "|")


def crawl(words: int) -> np.ndarray:
    """Return the counts of a vocabulary of so many words in a trillion, by Zipf's law as Mandelbrot bent it."""
    shares = 1 / (np.arange(1, words + 1) + 2.7) ** 1.05
    return shares / shares.sum() * 1e12


def predict(dim: int, here: Coefficients) -> None:
    """Print what a trillion words would take."""
    counts, tokens, network = crawl(2_000_000), 1e12, 10e9 / 8
    dimension = 300
    wide = here._replace(words=here.words * dim / dimension)
    memory = 4 * dimension * 2 * len(counts)
    print(f"\nA trillion words, {len(counts):,} different, dim {dimension}, a core and 10 Gbit/s each:\n")
    names = "replicas", "merge every", "hours an epoch", "learning", "merging", "wire", "GB a round, each", "TB, each"
    heading(names)
    for shards in (8, 32, 128, 512):
        for every in (100_000, 1_000_000, 10_000_000, 100_000_000):
            one = round_of(counts, dimension, wide, shards=shards, every=every, network=network)
            seconds = one["learning"] + one["merging"] + one["wire"]
            rounds, moved = tokens / (shards * every), 2 * one["sent"] + one["received"]
            parts = " | ".join(f"{one[name] / seconds:.0%}" for name in ("learning", "merging", "wire"))
            print(
                f"| {shards} | {every:,} | {rounds * seconds / 3600:,.1f} | {parts} | {moved / 1e9:.2f} | "
                f"{rounds * moved / 1e12:,.1f} |"
            )
    print(f"\nMemory of a replica: {2 * memory / 1e9:.1f} GB for the matrices and the last merge, and what changed.")


if __name__ == "__main__":
    main()
