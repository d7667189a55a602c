"""Hold what `firth plan` says of a text against the text itself, and against a training; print tables for docs/plan.md.

    python bench/planning.py wiki100.txt                       # the vocabulary's curve, by the size of the sample
    python bench/planning.py novels/*.txt --train              # memory and time too: trains an epoch of each objective

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
from firth.corpus.encoded import encode
from firth.corpus.sources import open_source
from firth.planning import MIN_COUNTS

OBJECTIVES = {
    "skip-gram": "firth.SkipGram()",
    "skip-gram, dim 300": "firth.SkipGram(dim=300)",
    "CBOW, hierarchical softmax": "firth.CBOW(loss=firth.HierarchicalSoftmax())",
    "GloVe": "firth.GloVe()",
    "PPMI": "firth.PPMI()",
}
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
objective = eval(sys.argv[1])
run = firth.train(sys.argv[3:], objective, epochs=None if isinstance(objective, firth.PPMI) else 1, threads=1,
                  cache=sys.argv[2], output=sys.argv[2] + "/run", force=True)
print(json.dumps({"memory": 1024 * highest, "seconds": run.seconds, "entries": run.record.get("cooccurrences", {})}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", type=Path, nargs="+")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1, 4, 16], help="of the sample, in MiB")
    parser.add_argument("--train", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        vocabulary(options.text, options.sizes, folder)
        if options.train:
            training(options.text, folder)


def vocabulary(text: list[Path], sizes: list[int], folder: str) -> None:
    counts = encode(open_source(text), firth.Words(), min_count=1, cache=folder).vocabulary.counts
    truth = np.array([np.count_nonzero(counts >= some) for some in MIN_COUNTS])
    print("| sample | share | words of the text |", " | ".join(f"min_count {some}" for some in MIN_COUNTS), "|")
    print("| --- " * (3 + len(MIN_COUNTS)) + "|")
    print(f"| the truth | | {counts.sum():,} |", " | ".join(f"{true:,}" for true in truth.tolist()), "|")
    for size in sizes:
        plan = firth.plan(text, sample_size=size << 20, measure=False)
        curve = [step.words for step in plan.vocabulary]
        errors = " | ".join(f"{100 * error:+.1f} %" for error in (curve / truth - 1).tolist())
        print(f"| {size} MiB | {plan.share:.1%} | {100 * (plan.occurrences / counts.sum() - 1):+.1f} % | {errors} |")


def training(text: list[Path], folder: str) -> None:
    print("\n| objective | memory: plan, found | seconds of an epoch: plan, found |\n| --- | --- | --- |")
    for name, settings in OBJECTIVES.items():
        plan = firth.plan(text, eval(settings), threads=1)  # noqa: S307 - our own settings
        done = subprocess.run(
            [sys.executable, "-c", CHILD, settings, folder, *map(str, text)], check=True, capture_output=True, text=True
        )
        found = json.loads(done.stdout)
        planned = sum(plan.memory.values()) / 2**20
        epoch = plan.seconds.get("epoch")
        seconds = "—" if epoch is None else f"{epoch:.1f}, {found['seconds']:.1f}"
        memory = f"{planned:,.0f} MiB, {found['memory'] / 2**20:,.0f} MiB"
        print(f"| {name} | {memory} | {seconds} |", flush=True)


if __name__ == "__main__":
    main()
