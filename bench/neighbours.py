"""Exact neighbours of 400,000 words × 300 dimensions: beside the memory's own speed, and beside gensim's most_similar.

    python bench/neighbours.py                       # a minute or two; makes an environment for gensim
    python bench/neighbours.py --index               # how long an index takes, and its recall: some minutes
    python bench/neighbours.py --csls --words 100000 --dim 100   # the hubs of a whole vocabulary
    python bench/neighbours.py --gensim-python ENV/bin/python

One thread on both sides. Times are of the processor, medians over rounds in which all take turns where they are in one
process; the reading speed is that of one inner product over the whole matrix, measured in the same process and round.
The vectors are drawn: bunches of a low-rank mixture, as word vectors are; how fast a search is depends little on them.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

WORK = Path(__file__).parents[1] / "build" / "bench"
GENSIM = "gensim==4.4.0"
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"), "1")
METRICS = ("cosine", "correlation", "euclidean", "manhattan", "chebyshev", "canberra", "minkowski:3")

FIRTH = """
import json, statistics, sys, time
import firth, numpy as np
path, rounds, metrics = sys.argv[1], int(sys.argv[2]), sys.argv[3].split(",")
wv = firth.load(path)
flat = wv.matrix.reshape(-1)
words = [wv.words[row] for row in range(0, len(wv), len(wv) // 1000)][:1000]
wv.neighbors(words[0])  # the norms, and the file into memory
def timed(work):
    start = time.process_time(); work(); return time.process_time() - start
reading, one = [], []
for number in range(rounds):
    reading.append(timed(lambda: np.dot(flat, flat)))
    one.append(timed(lambda: wv.neighbors(words[number])))
many = [timed(lambda: wv.neighbors(words)) / len(words) for _ in range(3)]
status = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)
found = {"reading": reading, "one": one, "many": many, "peak_mb": int(status["VmHWM"].split()[0]) * 1024 / 1e6,
         "answers": [wv.neighbors(word).words for word in words[:20]]}
found["metrics"] = {name: statistics.median(timed(lambda: wv.neighbors(words[1], metric=name)) for _ in range(3))
                    for name in metrics}
print(json.dumps(found))
"""

INDEX = """
import json, statistics, sys, time
import firth
wv = firth.load(sys.argv[1])
def timed(work):
    start = time.perf_counter(); work(); return time.perf_counter() - start
exact = statistics.median(timed(lambda: wv.neighbors("w7")) for _ in range(10))
made = timed(lambda: wv.neighbors("w7", approximate=True))
each = [timed(lambda: wv.neighbors(f"w{row}", approximate=True)) for row in range(200)]
recall = wv.neighbors("w7", approximate=True).recall
print(json.dumps({"made": made, "one": 1e3 * statistics.median(each), "exact": 1e3 * exact, "recall": recall}))
"""

CSLS = """
import json, sys, time
import firth
wv = firth.load(sys.argv[1])
wv.neighbors("w7", metric="csls", most_frequent=5000)  # the kernels
def timed(work):
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - clock, time.process_time() - processor
first, second = (timed(lambda: wv.neighbors("w7", metric="csls")) for _ in range(2))
print(json.dumps({"first": first, "second": second}))
"""

GENSIM_SIDE = """
import json, sys, time
import numpy as np
from gensim.models import KeyedVectors
matrix = np.load(sys.argv[1], mmap_mode="r")
kv = KeyedVectors(matrix.shape[1])
kv.add_vectors([f"w{row}" for row in range(len(matrix))], np.asarray(matrix))
words = [f"w{row}" for row in range(0, len(matrix), len(matrix) // 1000)][:1000]
kv.most_similar(words[0])
start = time.process_time()
found = [kv.most_similar(word) for word in words[:200]]
print(json.dumps({"each": (time.process_time() - start) / 200,
                  "answers": [[word for word, _ in table] for table in found[:20]]}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=int, default=400_000)
    parser.add_argument("--dim", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--index", action="store_true", help="the approximate index instead, with all threads")
    parser.add_argument("--csls", action="store_true", help="the first search by CSLS instead, with all threads")
    parser.add_argument("--gensim-python", type=Path, help="an interpreter that has gensim; made where not given")
    options = parser.parse_args()
    if options.index:
        with tempfile.TemporaryDirectory() as folder:
            draw(Path(folder), options.words, options.dim)
            found = run(sys.executable, INDEX, Path(folder) / "wv.safetensors")
        print(f"{options.words:,} words × {options.dim} dimensions; the index is made in {found['made']:.0f} s")
        print(f"recall@10 {found['recall']:.3f}; one query {found['one']:.2f} ms, exactly {found['exact']:.2f} ms")
        return
    if options.csls:
        with tempfile.TemporaryDirectory() as folder:
            draw(Path(folder), options.words, options.dim)
            found = run(sys.executable, CSLS, Path(folder) / "wv.safetensors")
        for name, (clock, processor) in found.items():
            print(f"the {name} search by CSLS: {clock:.2f} s, {processor:.2f} s of processor time")
        return
    os.environ.update(ONE_THREAD)
    with tempfile.TemporaryDirectory() as folder:
        draw(Path(folder), options.words, options.dim)
        ours = run(sys.executable, FIRTH, Path(folder) / "wv.safetensors", options.rounds, ",".join(METRICS))
        theirs = run(options.gensim_python or gensim_python(), GENSIM_SIDE, Path(folder) / "matrix.npy")
    size = options.words * options.dim * 4 / 1e6
    reading, one, many = (statistics.median(ours[name]) for name in ("reading", "one", "many"))
    ratio = statistics.median(a / b for a, b in zip(ours["one"], ours["reading"], strict=True))
    print(f"{options.words:,} words × {options.dim} dimensions, {size:,.0f} MB; ms of processor time, one thread")
    print(f"reading the matrix once            {1e3 * reading:8.2f}   ({size / reading / 1e3:.1f} GB/s)")
    print(f"one query                          {1e3 * one:8.2f}   {ratio:.2f} × the reading")
    print(f"each of 1,000 queries              {1e3 * many:8.2f}")
    times = theirs["each"] / many
    print(f"gensim's most_similar              {1e3 * theirs['each']:8.2f}   {times:.1f} × each of the 1,000")
    print(f"peak memory beyond the matrix      {ours['peak_mb'] - size:8.0f} MB")
    alike = sum(a == b for a, b in zip(ours["answers"], theirs["answers"], strict=True))
    print(f"the same ten neighbours in the same order as gensim: {alike} of {len(ours['answers'])} words")
    for name, seconds in ours["metrics"].items():
        print(f"one query, {name:<24}{1e3 * seconds:8.1f}")


def draw(folder: Path, rows: int, dim: int) -> None:
    """Write the vectors as Firth's file and as an array."""
    import numpy as np  # noqa: PLC0415  (after the number of threads is set)

    from firth.vectors.store import WordVectors  # noqa: PLC0415

    rng = np.random.default_rng(1)
    centres = (rng.standard_normal((2000, 50)) @ rng.standard_normal((50, dim))).astype(np.float32)
    matrix = np.empty((rows, dim), dtype=np.float32)
    for start in range(0, rows, 20_000):
        part = matrix[start : start + 20_000]
        part[:] = centres[rng.integers(len(centres), size=len(part))]
        part += 5 * rng.standard_normal(part.shape, dtype=np.float32)
    np.save(folder / "matrix.npy", matrix)
    WordVectors([f"w{row}" for row in range(rows)], matrix).save(folder / "wv.safetensors")


def gensim_python() -> Path:
    """Return an interpreter with gensim, in an environment that is made if need be."""
    python = WORK / "gensim" / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not python.exists():
        venv.create(WORK / "gensim", with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", GENSIM], check=True)
    return python


def run(python: Path | str, program: str, *arguments: object) -> dict:
    """Run a program in a process of its own and return what it printed."""
    started = time.monotonic()
    done = subprocess.run(
        [python, "-c", program, *map(str, arguments)], check=True, capture_output=True, text=True, timeout=1800
    )
    print(f"({time.monotonic() - started:.0f} s)", file=sys.stderr)
    return json.loads(done.stdout)


if __name__ == "__main__":
    main()
