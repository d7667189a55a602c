"""Readers of vector files against bytes that a fuzzer makes by what they reach: python bench/fuzz_coverage.py.

    pip install atheris; python bench/fuzz_coverage.py --minutes 10

libFuzzer (through Atheris) changes small good files of every format and keeps what reaches a line or a comparison that
nothing reached before. All Python of `firth.vectors` is watched, and so are the kernels, which run as plain Python
here, where NumPy refuses what lies outside an array. The rules are those of bench/fuzz_formats.py, which has more
files to the second and the compiled kernels, but no eyes. An input that breaks a rule is kept in a folder that the
report names.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

os.environ["NUMBA_DISABLE_JIT"] = "1"

import atheris

with atheris.instrument_imports(include=["firth.vectors", "firth.kernels.vector_files", "firth.kernels.ngrams"]):
    from fuzz_formats import good_files, opened

LONGEST = 8_192
NAMES: list[str | None] = [None]


class Fuzzed:
    """What is called with each input.

    Args:
        folder: for the inputs.
        ends: when the report is due, of `time.monotonic`.
    """

    def __init__(self, folder: Path, ends: float) -> None:
        self.folder, self.ends = folder, ends
        self.outcomes: Counter[str] = Counter()
        self.slowest = 0.0
        self.kept: Counter[str] = Counter()

    def __call__(self, data: bytes) -> None:
        """Open the input, whose first byte chooses the format."""
        if time.monotonic() > self.ends:
            self.report()
            os._exit(bool(self.kept))
        if not data:
            return
        path = self.folder / "now"
        path.unlink(missing_ok=True)
        path.write_bytes(data[1:])
        try:
            outcome, seconds = opened(path, NAMES[data[0] % len(NAMES)])
            self.slowest = max(self.slowest, seconds)
        except Exception as error:
            outcome = f"broke a rule: {type(error).__name__}"
            where = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{Path(where.filename).stem}-{where.lineno}-{type(error).__name__}"
            self.kept[place] += 1
            if self.kept[place] == 1:
                (self.folder / f"broken-{place}").write_bytes(data)
                print(f"{self.folder}/broken-{place}\n{traceback.format_exc()}", flush=True)
        self.outcomes[outcome] += 1

    def report(self) -> None:
        """Print what came of all."""
        print(f"{sum(self.outcomes.values()):,} files opened: {dict(self.outcomes.most_common())}")
        print(f"the slowest took {self.slowest:.2f} s; broken: {dict(self.kept)}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="firth-fuzz-"))
    seeds = folder / "seeds"
    seeds.mkdir()
    files = good_files(folder)
    NAMES.extend(files)
    for name, contents in files.items():
        for number, content in enumerate(contents):
            for choice in (NAMES.index(name), 0):
                (seeds / f"{name}-{number}-{choice}").write_bytes(bytes([choice]) + content[: LONGEST - 1])
    fuzzed = Fuzzed(folder, time.monotonic() + 60 * given.minutes)
    flags = [f"-max_len={LONGEST}", "-timeout=30", "-rss_limit_mb=4096", "-verbosity=0", f"-artifact_prefix={folder}/"]
    atheris.Setup([sys.argv[0], *flags, str(seeds)], fuzzed)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
