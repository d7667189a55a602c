"""Hold what `firth plan` says of a text against the text itself, and against a training; print tables for docs/plan.md.

    python bench/planning.py wiki100.txt                       # the vocabulary's curve, by the size of the sample
    python bench/planning.py wiki100.txt --phrases             # the same when phrases are joined
    python bench/planning.py novels/*.txt --train              # memory and time too: trains an epoch of each objective
    python bench/planning.py novels/*.txt --ways               # the same of shards, phrases, a bootstrap and so on

Errors are relative: +5 % is a twentieth too much. Memory is the highest that a process of its own had of heap and stack
(files mapped into memory aside); time is wall time, which wanders with what else the machine does.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

import firth
from firth.corpus.phrases import phrases_from
from firth.corpus.reading import Reading, read
from firth.plan_estimate import MIN_COUNTS

OBJECTIVES = {
    "skip-gram": "firth.SkipGram()",
    "skip-gram, dim 300": "firth.SkipGram(dim=300)",
    "CBOW, hierarchical softmax": "firth.CBOW(loss=firth.HierarchicalSoftmax())",
    "GloVe": "firth.GloVe()",
    "PPMI": "firth.PPMI()",
}
WAYS = {
    "skip-gram, phrases": ("firth.SkipGram()", {"phrases": 2}),
    "skip-gram, reproducible": ("firth.SkipGram()", {"reproducible": True}),
    "GloVe, reproducible": ("firth.GloVe()", {"reproducible": True}),
    "skip-gram, 2 shards": ("firth.SkipGram()", {"shards": 2}),
    "skip-gram, 8 shards": ("firth.SkipGram()", {"shards": 8}),
    "skip-gram, bootstrap of 2": ("firth.SkipGram()", {"bootstrap": 2}),
    "on from skip-gram": ("firth.SkipGram()", {"start": "skip-gram"}),
}
"""Of training; with --ways."""

CHILD = """
import json, sys, threading, time, firth
highest = 0
def watch():
    global highest
    while True:
        now = [int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("RssAnon")]
        highest = max(highest, *now)
        time.sleep(0.01)
threading.Thread(target=watch, daemon=True).start()
objective, settings = eval(sys.argv[1]), json.loads(sys.argv[2])
begun = time.perf_counter()
run = firth.train(sys.argv[5:], objective, epochs=None if isinstance(objective, firth.PPMI) else 1, threads=1,
                  cache=sys.argv[3], output=sys.argv[4], force=True, **settings)
print(json.dumps({"memory": 1024 * highest, "seconds": run.seconds, "all": time.perf_counter() - begun,
                  "words": len(run.vectors), "kept": run.record["corpus"]["words_kept"]}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", type=Path, nargs="+")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1, 4, 16], help="of the sample, in MiB")
    parser.add_argument("--train", action="store_true")
    parser.add_argument("--ways", action="store_true", help="train with phrases, shards, a bootstrap and so on")
    parser.add_argument("--phrases", action="store_true", help="only the vocabulary when phrases are joined")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.phrases:
            vocabulary(options.text, options.sizes, folder, phrases=2)
        elif options.train or not options.ways:
            vocabulary(options.text, options.sizes, folder)
        if options.train:
            training(options.text, folder, {name: (settings, {}) for name, settings in OBJECTIVES.items()})
        if options.ways:
            training(options.text, folder, WAYS)


def vocabulary(text: list[Path], sizes: list[int], folder: str, phrases: int | None = None) -> None:
    corpus = read(text, Reading(min_count=1, cache=Path(folder), phrases=phrases_from(phrases)))[0]
    counts = corpus.vocabulary.counts
    truth = np.array([np.count_nonzero(counts >= some) for some in MIN_COUNTS])
    print("| sample | share | words of the text |", " | ".join(f"min_count {some}" for some in MIN_COUNTS), "|")
    print("| --- " * (3 + len(MIN_COUNTS)) + "|")
    print(f"| the truth | | {counts.sum():,} |", " | ".join(f"{true:,}" for true in truth.tolist()), "|")
    for size in sizes:
        plan = firth.plan(text, sample_size=size << 20, measure=False, phrases=phrases)
        curve = [step.words for step in plan.vocabulary]
        words = plan.vocabulary[0].occurrences
        errors = " | ".join(f"{100 * error:+.1f} %" for error in (curve / truth - 1).tolist())
        print(f"| {size} MiB | {plan.share:.1%} | {100 * (words / counts.sum() - 1):+.1f} % | {errors} |")


def training(text: list[Path], folder: str, ways: dict[str, tuple[str, dict[str, object]]]) -> None:
    print("\n| | words: plan, found | memory: plan, found | s an epoch: plan, found | s in all: plan, found |")
    print("| --- " * 5 + "|")
    for name, (objective, given) in ways.items():
        settings = {**given}
        if "start" in settings:
            settings["start"] = f"{folder}/{settings['start']}"
            train_child("firth.SkipGram()", {}, folder, settings["start"], text[:1])
        plan = firth.plan(text, eval(objective), threads=1, epochs=None if "PPMI" in objective else 1, **settings)  # noqa: S307 - our own
        found = train_child(objective, settings, folder, f"{folder}/run", text)
        epoch = plan.seconds.get("epoch")
        seconds = (
            "— | —"
            if epoch is None
            else (f"{epoch:.1f}, {found['seconds']:.1f} | {plan.total_seconds:.1f}, {found['all']:.1f}")
        )
        memory = f"{sum(plan.memory.values()) / 2**20:,.0f} MiB, {found['memory'] / 2**20:,.0f} MiB"
        print(f"| {name} | {plan.words:,}, {found['words']:,} | {memory} | {seconds} |", flush=True)


def train_child(
    objective: str, settings: dict[str, object], folder: str, output: str, text: list[Path]
) -> dict[str, float]:
    command = [sys.executable, "-c", CHILD, objective, json.dumps(settings), folder, output, *map(str, text)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


if __name__ == "__main__":
    main()
