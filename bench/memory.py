"""Show that memory follows the vocabulary and not the text: train on a text made by repeating one, and watch.

    python bench/memory.py wiki100.txt --copies 20 --limit-gb 1.2
    python bench/memory.py wiki30.txt --copies 1 --model ppmi --max-words 30000 --limit-gb 0.4
    python bench/memory.py wiki30.txt --copies 1 --model glove --max-words 30000 --limit-gb 0.4 --cluster local

Runs the training in a process whose own memory (heap and stack; not the mapped files, which the system takes back at
will) may not exceed the limit, and prints the peak. The kernels are compiled before, without the limit: the compiler
alone takes more than what is tested here. With a cluster, each worker that is begun here has the same limit.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

CHILD = """
import hashlib, json, resource, sys, time, firth
text, cache, model, max_words, cluster, limit = sys.argv[1:]
if int(limit):
    resource.setrlimit(resource.RLIMIT_DATA, (int(limit), int(limit)))
objective = {"skip-gram": firth.SkipGram(), "glove": firth.GloVe(), "ppmi": firth.PPMI()}[model]
peak = {}

def listen(event):
    for line in open("/proc/self/status"):
        name, value = line.split(":")
        if name in ("VmData", "RssAnon", "RssFile"):
            peak[name] = max(peak.get(name, 0), int(value.split()[0]) >> 10)

begun = time.process_time()
run = firth.train(text, objective, epochs=1, threads=1, max_words=int(max_words) or None, cache=cache, on_event=listen,
                  cluster=cluster or None, reproducible=bool(cluster) and model == "glove")
listen(None)
told = {name: run.record.get(name) for name in ("cooccurrences", "partitions", "merging")}
print(json.dumps({"peak, MiB, as sampled": peak, "words": run.record["corpus"]["words_read"],
                  "vocabulary": len(run.vectors), "seconds": run.record["total_seconds"],
                  "seconds of the processor, here": time.process_time() - begun,
                  "vectors": hashlib.sha256(run.vectors.matrix.tobytes()).hexdigest()[:16],
                  **{name: value for name, value in told.items() if value}}))
"""

WARM = """
import json, sys, firth
from firth.corpus import small_world
sentences = list(small_world.text(20_000))
for objective in (firth.SkipGram(dim=8), firth.GloVe(dim=8), firth.PPMI(dim=8)):
    firth.train(sentences, objective, epochs=1, threads=1, cache=sys.argv[1])
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", type=Path)
    parser.add_argument("--copies", type=int, default=20)
    parser.add_argument("--limit-gb", type=float, default=1.2, help="of memory of the process's own; 0 for none")
    parser.add_argument("--model", choices=["skip-gram", "glove", "ppmi"], default="skip-gram")
    parser.add_argument("--max-words", type=int, default=0)
    parser.add_argument("--cluster", default="", help='such as "local"')
    options = parser.parse_args()
    limit = int(options.limit_gb * 2**30)
    with tempfile.TemporaryDirectory(dir=options.text.parent) as folder:
        large = Path(folder) / "large.txt"
        with large.open("wb") as out:
            for _ in range(options.copies):
                out.write(options.text.read_bytes())
        print(f"{large.stat().st_size / 1e9:.2f} GB of text")
        subprocess.run([sys.executable, "-c", WARM, folder], check=True, capture_output=True)
        about = [options.model, str(options.max_words), options.cluster, str(limit)]
        done = subprocess.run(
            [sys.executable, "-c", CHILD, large, folder, *about],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            # The linear algebra library reserves room for each of its threads, used or not.
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )
        for name, value in json.loads(done.stdout).items():
            print(f"{name}: {value}")


if __name__ == "__main__":
    main()
