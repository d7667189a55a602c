"""Count the co-occurrences of a text with several budgets and threads; print processor time, and memory of one's own.

    python bench/cooccurrence.py wiki100.txt

Words are separated by blanks; those that come less than five times are left out.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

CHILD = """
import json, sys, time
from pathlib import Path
from firth.contexts.cooccurrence import count_cooccurrences
from firth.corpus.encoded import encode
from firth.corpus.sources import open_source
from firth.corpus.tokenizers import Whitespace
text, cache, window, threads, memory = sys.argv[1:]
corpus = encode(open_source(text), Whitespace(), min_count=5, cache=cache)
count_cooccurrences(encode(open_source(["a b a b"]), Whitespace(), min_count=1, cache=cache), threads=1)  # compile
def own():
    status = Path("/proc/self/status").read_text()
    return int(status.split("RssAnon:")[1].split()[0]) / 1024
before = peak = own()
def watch(event):
    global peak
    peak = max(peak, own())
wall, start = time.perf_counter(), time.process_time()
counts = count_cooccurrences(corpus, window=int(window), threads=int(threads), memory=int(memory), on_event=watch,
                             folder=Path(cache) / "counts")
print(json.dumps({"entries": len(counts), "cpu": time.process_time() - start, "wall": time.perf_counter() - wall,
                  "megabytes": peak - before, "tokens": len(corpus.token_ids)}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", type=Path)
    options = parser.parse_args()
    print("| window | threads | memory | tokens | entries | processor time | wall time | memory of its own |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as cache:
        for window, threads, megabytes in (
            (10, 1, 1024), (10, 2, 1024), (10, 1, 128), (10, 1, 32), (5, 1, 1024), (30, 1, 1024),
        ):  # fmt: skip
            arguments = [options.text, cache, window, threads, megabytes << 20]
            done = subprocess.run(
                [sys.executable, "-c", CHILD, *map(str, arguments)], check=True, capture_output=True, text=True
            )
            shutil.rmtree(Path(cache) / "counts")
            found = json.loads(done.stdout)
            print(
                f"| {window} | {threads} | {megabytes} MiB | {found['tokens'] / 1e6:.1f} M | "
                f"{found['entries'] / 1e6:.1f} M | {found['cpu']:.1f} s | {found['wall']:.1f} s | "
                f"{found['megabytes']:.0f} MiB |",
                flush=True,
            )


if __name__ == "__main__":
    main()
