"""How fast vector files are opened, beside gensim: python bench/vector_files.py [--words 500000] [--python PYTHON].

Makes files of random vectors with 300 dimensions and opens each in a process of its own: Firth's and, with --python of
an environment that has gensim, gensim's. Printed are the seconds of processor time (since wall time wanders), the least
of five (since the system's share wanders too, with how much memory it must clear), and how much more memory than the
matrix the process came to need. Linux alone.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
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
    given = parser.parse_args()
    rng = np.random.default_rng(1)
    print("| file | words | Firth, s | gensim, s | times as fast | Firth, MB beyond the matrix | gensim |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as name:
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
