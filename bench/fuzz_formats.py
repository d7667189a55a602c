"""Readers of vector files against damaged and hostile bytes: python bench/fuzz_formats.py [--minutes 10] [--seed 1].

Good files of every format, small ones, are changed at random: bits and bytes, numbers in the places where sizes
stand, pieces cut out, doubled, or taken from another file, and ends cut off. Each is opened, under its own format's
name or by its content, and its vectors are searched. Whatever is raised must be one of Firth's own errors; no file may
take longer than SLOW seconds, and the address space may not grow by more than ROOM bytes. An input that breaks a rule
is kept in a folder that the report names; one that ends the process stands there as `now`.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

import numpy as np

from firth.errors import FirthError
from firth.vectors.formats.registry import FORMATS
from firth.vectors.load import load
from firth.vectors.store import WordVectors
from firth.vectors.subwords import Subwords

SLOW = 5.0
ROOM = 2 * 2**30
LONGEST = 100_000
NUMBERS = [0, 1, -1, 2, 3, 127, 128, 255, 256, 32767, 65535, 65536, 2**24, 2**31 - 1, -(2**31), 2**32 - 1, 2**40, 2**62]
TEXTS = [b"nan", b"inf", b"1e999", b"99999999999", b"-1", b" ", b"\n", b"\t", b"\0", b"\xff\xfe", b"{", b"}", b'"']


def good_files(folder: Path) -> dict[str, list[bytes]]:
    """Return small good files of each format."""
    rng = np.random.default_rng(1)
    words = ["one", "two", "naïve", "東京", *(f"w{n}" for n in range(20))]
    rows, table = (rng.standard_normal((size, 5), dtype=np.float32) for size in (len(words), 11))
    plain = WordVectors(words, rows)
    subwords = Subwords(rows, table, shortest=2, longest=3)
    full = WordVectors(
        words, rows, np.arange(len(words))[::-1], output_matrix=rows[::-1], subwords=subwords, record={"made": [1, "é"]}
    )
    found: dict[str, list[bytes]] = {}
    for known in FORMATS:
        if known.read is None or known.name == "hub":
            continue
        for number, wv in enumerate((plain, full)):
            path = folder / f"good-{known.name}-{number}"
            wv.save(path, format=known.name)
            found.setdefault(known.name, []).append((path / (known.inside or "")).read_bytes())
            if known.streams:
                for suffix in (".gz", ".zst", ".xz", ".bz2"):
                    wv.save(path.with_suffix(suffix), format=known.name)
                    found[known.name].append(path.with_suffix(suffix).read_bytes())
    return found


def changed(content: bytes, others: list[bytes], rng: random.Random) -> bytes:  # noqa: C901 (a list of ways)
    """Return a file with some changes."""
    out = bytearray(content)
    for _ in range(rng.choice([1, 1, 1, 2, 3, 8])):
        place = rng.randrange(len(out) + 1)
        what = rng.randrange(9)
        if what == 0 and out:
            out[place % len(out)] ^= 1 << rng.randrange(8)
        elif what == 1 and out:
            out[place % len(out)] = rng.randrange(256)
        elif what == 2:
            size = rng.choice([1, 2, 4, 8])
            number = rng.choice(NUMBERS) % 256**size
            out[place : place + size] = number.to_bytes(size, rng.choice(["little", "little", "big"]))
        elif what == 3:
            out[place : place + rng.randrange(64)] = b""
        elif what == 4:
            out[place:place] = out[place : place + rng.randrange(64)] * rng.choice([1, 2, 50])
        elif what == 5:
            other = rng.choice(others)
            start = rng.randrange(len(other) + 1)
            out[place : place + rng.randrange(64)] = other[start : start + rng.randrange(200)]
        elif what == 6:
            out = out[:place]
        elif what == 7:
            out[place : place + rng.choice([0, 1, 3])] = rng.choice(TEXTS)
        else:
            # Digits are where texts say how much there is.
            digits = [at for at in range(min(len(out), 200)) if 48 <= out[at] <= 57]
            if digits:
                out[rng.choice(digits)] = 48 + rng.randrange(10)
    return bytes(out[:LONGEST])


def opened(path: Path, name: str | None) -> tuple[str, float]:
    """Open a file and ask it for neighbours; return what came of it, and the processor's seconds."""
    began = time.process_time()
    outcome = "vectors"
    try:
        wv = load(path, format=name, limit=3 if name and len(name) % 2 else None)
        wv.neighbors(wv.words[0], k=2)
        if wv.subwords is not None:
            wv.neighbors("never seen", k=2)
    except FirthError as error:
        if str(error).count("\n"):
            raise AssertionError("a message of several lines") from error
        outcome = type(error).__name__
    seconds = time.process_time() - began
    if seconds > SLOW:
        raise TimeoutError(f"{seconds:.1f} s")
    return outcome, seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--format", help="this one alone")
    given = parser.parse_args()
    rng = random.Random(given.seed)  # noqa: S311 (nothing secret)
    folder = Path(tempfile.mkdtemp(prefix="firth-fuzz-"))
    files = good_files(folder)
    names = [given.format] if given.format else list(files)
    everything = [content for some in files.values() for content in some]
    (folder / "metadata.tsv").write_bytes(b"".join(b"w%d\n" % n for n in range(24)))
    for name in names:  # compile before the room is measured
        (folder / "now").write_bytes(files[name][0])
        opened(folder / "now", name)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + ROOM, used + ROOM))
    outcomes: dict[str, Counter[str]] = {name: Counter() for name in names}
    broken, runs, slowest = 0, 0, 0.0
    end = time.monotonic() + 60 * given.minutes
    while time.monotonic() < end:
        name = rng.choice(names)
        content = changed(rng.choice(files[name]), everything, rng)
        # Vectors opened before may still be mapped: a new file each time.
        (folder / "now").unlink(missing_ok=True)
        (folder / "now").write_bytes(content)
        try:
            outcome, seconds = opened(folder / "now", rng.choice([name, name, None]))
            outcomes[name][outcome] += 1
            slowest = max(slowest, seconds)
        except Exception:
            broken += 1
            kept = folder / f"broken-{broken}-{name}"
            kept.write_bytes(content)
            print(f"{kept}\n{traceback.format_exc()}", flush=True)
        runs += 1
    for name, counted in outcomes.items():
        print(f"{name:16} {sum(counted.values()):9,}  {dict(counted.most_common())}")
    print(f"{runs:,} files opened, {broken} broke a rule, the slowest took {slowest:.2f} s")
    sys.exit(bool(broken))


if __name__ == "__main__":
    main()
