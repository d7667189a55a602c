"""Show that memory follows the vocabulary and not the text: train on a text made by repeating one, and watch.

    python bench/memory.py wiki100.txt --copies 20 --limit-gb 1.2

Runs the training in a process whose own memory (heap and stack; not the mapped files, which the system takes back at
will) may not exceed the limit, and prints the peak.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

CHILD = """
import json, sys, firth
text, cache = sys.argv[1:]
run = firth.train(text, firth.SkipGram(), epochs=1, cache=cache)
status = open("/proc/self/status").read()
print(json.dumps({"status": [line for line in status.splitlines() if line.startswith(("VmHWM", "RssAnon", "VmPeak"))],
                  "words": run.record["corpus"]["words_read"], "vocabulary": len(run.vectors),
                  "seconds": run.record["total_seconds"]}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", type=Path)
    parser.add_argument("--copies", type=int, default=20)
    parser.add_argument("--limit-gb", type=float, default=1.2, help="of memory of the process's own")
    options = parser.parse_args()
    limit = int(options.limit_gb * 2**30)
    with tempfile.TemporaryDirectory(dir=options.text.parent) as folder:
        large = Path(folder) / "large.txt"
        with large.open("wb") as out:
            for _ in range(options.copies):
                out.write(options.text.read_bytes())
        print(f"{large.stat().st_size / 1e9:.2f} GB of text")
        done = subprocess.run(
            [sys.executable, "-c", CHILD, large, folder],
            check=True,
            capture_output=True,
            text=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (limit, limit)),
        )
        for name, value in json.loads(done.stdout).items():
            print(f"{name}: {value}")


if __name__ == "__main__":
    main()
