"""How fast vector files are opened, beside gensim: python bench/vector_files.py [--words 500000] [--python PYTHON].

Makes files of random vectors with 300 dimensions and opens each in a process of its own: Firth's and, with --python of
an environment that has gensim, gensim's. Printed are the seconds of processor time (since wall time wanders), the least
of five (since the system's share wanders too, with how much memory it must clear), and how much more memory than the
matrix the process came to need. Linux alone.

python bench/vector_files.py --large --python PYTHON reads one binary file of 3,000,000 words instead, Firth and gensim
in turns. What a machine charges for the first touch of the matrix's 3.6 GB wanders more than all the rest, in virtual
machines above all, and both must pay it. So it is measured alone, in the same rounds; and both are measured once with
it and once in memory that their process has held before. Seconds by the clock and of processor time; ratios are the
median of those of the rounds.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from firth.vectors.store import WordVectors

PEAK = """
def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
"""
FIRTH = """
import json, sys, time
import firth
path, limit, small = sys.argv[1:4]
firth.load(small)  # compiled kernels are loaded
before = peak()
began = time.process_time()
wv = firth.load(path, limit=int(limit) or None)
seconds = time.process_time() - began
print(json.dumps([seconds, (peak() - before - wv.matrix.nbytes) / 2**20]))
"""
GENSIM = """
import json, sys, time
from gensim.models import KeyedVectors
path, limit = sys.argv[1:3]
before = peak()
began = time.process_time()
kv = KeyedVectors.load_word2vec_format(
    path, binary=path.endswith(".bin"), limit=int(limit) or None, no_header=path.endswith(".glove")
)
seconds = time.process_time() - began
print(json.dumps([seconds, (peak() - before - kv.vectors.nbytes) / 2**20]))
"""

CLOCKS = """
import json, os, sys, time
import numpy as np
path, small = sys.argv[1:3]
words, dim = map(int, open(path, "rb").readline().split())
if "MALLOC_MMAP_MAX_" in os.environ:
    held = np.ones(5 * words * dim, np.uint8)
    del held
began = time.perf_counter(), time.process_time()
"""
TOLD = """
print(json.dumps([time.perf_counter() - began[0], time.process_time() - began[1]]))
"""
IN_TURN = {
    "memory": CLOCKS + "np.empty((words, dim), np.float32)[:, ::256] = 1" + TOLD,
    "Firth": "import sys, firth; firth.load(sys.argv[2])" + CLOCKS + "wv = firth.load(path)" + TOLD,
    "gensim": "from gensim.models import KeyedVectors"
    + CLOCKS
    + "kv = KeyedVectors.load_word2vec_format(path, binary=True)"
    + TOLD,
}
"""What is run in turn, each in a process of its own, libraries and kernels loaded already."""
KEEPING = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(2**62)}
"""By these glibc keeps the memory that a process has given back, to give it out again."""


def write_large(path: Path, words: int, dim: int) -> None:
    """Write a binary file, a few vectors at a time."""
    rng = np.random.default_rng(1)
    with path.open("wb") as file:
        file.write(b"%d %d\n" % (words, dim))
        for start in range(0, words, 10_000):
            rows = rng.standard_normal((min(10_000, words - start), dim), dtype=np.float32)
            file.writelines(b"word_%d %b\n" % (start + n, row.tobytes()) for n, row in enumerate(rows))


def large(path: Path, small: Path, *, python: str, rounds: int) -> None:
    """Print what reading one large file takes, in rounds."""
    found: dict[tuple[str, str], list[list[float]]] = {}
    for turn in range(1, rounds + 1):
        for memory, variables in (("fresh", {}), ("held before", KEEPING)):
            for name, program in IN_TURN.items():
                if name == "memory" and variables:
                    continue
                time.sleep(5)  # until the machine has taken back what the process before has freed
                done = subprocess.run(
                    [python if name == "gensim" else sys.executable, "-W", "ignore", "-c", program, path, small],
                    check=True, capture_output=True, text=True, env={**os.environ, **variables},
                )  # fmt: skip
                found.setdefault((memory, name), []).append(json.loads(done.stdout))
        told = (f"{name}, {memory}: {times[-1][0]:.2f} ({times[-1][1]:.2f})" for (memory, name), times in found.items())
        print(f"round {turn}: " + "; ".join(told), flush=True)
    print(
        "\n| memory | seconds | memory alone | Firth | gensim | times as fast |\n| --- | --- | --- | --- | --- | --- |"
    )
    for memory in ("fresh", "held before"):
        for clock, kind in enumerate(("by the clock", "of processor time")):
            ours, theirs = ([times[clock] for times in found[memory, name]] for name in ("Firth", "gensim"))
            alone = [times[clock] for times in found.get((memory, "memory"), [[0, 0]])]
            ratio = statistics.median(t / o for t, o in zip(theirs, ours, strict=True))
            middle = " | ".join(f"{statistics.median(values):.2f}" for values in (alone, ours, theirs))
            print(f"| {memory} | {kind} | {middle} | {ratio:.1f} |")


def measured(python: str, program: str, *arguments: object) -> tuple[float, float]:
    """Return the least seconds of three processes, and the memory of the last."""
    found = []
    for _ in range(5):
        done = subprocess.run(
            [python, "-W", "ignore", "-c", PEAK + program, *map(str, arguments)],
            check=True,
            capture_output=True,
            text=True,
        )
        found.append(json.loads(done.stdout))
    return min(seconds for seconds, _ in found), found[-1][1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--words", type=int, default=500_000)
    parser.add_argument("--text-words", type=int, default=100_000)
    parser.add_argument("--python", help="of an environment with gensim")
    parser.add_argument("--large", action="store_true", help="read one file of 3,000,000 words, in rounds")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="where the files are made; the system's for temporary files else")
    given = parser.parse_args()
    if given.large:
        if given.python is None:
            parser.error("--large needs --python, of an environment with gensim")
        with tempfile.TemporaryDirectory(dir=given.folder) as name:
            write_large(Path(name) / "large.bin", 3_000_000, 300)
            WordVectors(["a", "b"], np.array([[0.5, 1], [2, 3]])).save(Path(name) / "small.bin")
            large(Path(name) / "large.bin", Path(name) / "small.bin", python=given.python, rounds=given.rounds)
        return
    rng = np.random.default_rng(1)
    print("| file | words | Firth, s | gensim, s | times as fast | Firth, MB beyond the matrix | gensim |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        folder = Path(name)
        for suffix, words, limit in (
            (".bin", given.words, 0),
            (".bin", given.words, 1000),
            (".txt", given.text_words, 0),
            (".glove", given.text_words, 0),
            (".safetensors", given.words, 0),
            (".parquet", given.text_words, 0),
            (".npz", given.text_words, 0),
        ):
            wv = WordVectors([f"word_{n}" for n in range(words)], rng.standard_normal((words, 300), dtype=np.float32))
            wv.save(folder / f"a{suffix}")
            WordVectors(["a", "b"], np.array([[0.5, 1], [2, 3]])).save(folder / f"small{suffix}")
            ours, room = measured(sys.executable, FIRTH, folder / f"a{suffix}", limit, folder / f"small{suffix}")
            row = [suffix + (f", limit={limit:,}" if limit else ""), f"{words:,}", f"{ours:.3f}", "", "", f"{room:.0f}"]
            if given.python and suffix in (".bin", ".txt", ".glove"):
                theirs, their_room = measured(given.python, GENSIM, folder / f"a{suffix}", limit)
                row[3:5] = f"{theirs:.3f}", f"{theirs / ours:.1f}"
                row.append(f"{their_room:.0f}")
            print("| " + " | ".join([*row, ""][:7]) + " |", flush=True)
            (folder / f"a{suffix}").unlink()


if __name__ == "__main__":
    main()
