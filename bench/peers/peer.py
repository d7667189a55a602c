"""What all peers' scripts have in common: their arguments, their clock, and the line of JSON that they print.

Each script is run by the interpreter of its peer's own environment, never by Firth's, so this needs the standard
library alone (and NumPy where vectors are written, which every peer brings).
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections import Counter
from importlib.metadata import version
from pathlib import Path
from typing import Any

NEGATIVE_SAMPLING, HIERARCHICAL, NCE = "negative-sampling", "hierarchical-softmax", "nce"


def arguments(description: str | None, *, rate: float | None = None) -> argparse.Namespace:
    """Return what shall be trained: the same names, and the same defaults, for every peer.

    Args:
        description: of the script.
        rate: the first learning rate where none is given; None leaves it to the tool.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("text", help="words with blanks between them, a sentence or a document a line")
    parser.add_argument("--task", default=f"skip-gram/{NEGATIVE_SAMPLING}", help="a model, perhaps a stroke and a loss")
    parser.add_argument("--dim", type=int, default=100)
    parser.add_argument("--window", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--min-count", type=int, default=5)
    parser.add_argument("--max-words", type=int, help="only so many words, the most frequent")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rate", type=float, default=rate, help="the tool's own default")
    parser.add_argument("--cache", help="where Firth keeps the encoded text; without it, it is encoded anew")
    parser.add_argument("--out", help="where to write the vectors, word2vec binary")
    return parser.parse_args()


class Clock:
    """When reading ended, when training ended."""

    def __init__(self) -> None:
        self.start = time.perf_counter()
        self.read: float | None = None
        self.trained: float | None = None

    def has_read(self) -> None:
        self.read = time.perf_counter()

    def has_trained(self) -> None:
        self.trained = time.perf_counter()

    def tell(self, package: str, *, words: int | None = None, **more: Any) -> None:
        """Print what it took.

        Args:
            package: whose version is told.
            words: of the text, times the epochs, where reading and training can be told apart.
            more: further entries, or others in place of these.
        """
        total = time.perf_counter() - self.start
        told: dict[str, Any] = {"version": version(package), "total_seconds": total, "megabytes": peak_megabytes()}
        if self.read is not None and self.trained is not None:
            told |= {"scan_seconds": self.read - self.start, "train_seconds": self.trained - self.read}
            if words is not None:
                told |= {"words": words, "words_per_second": words / told["train_seconds"]}
        print(json.dumps({**told, **more}))


def peak_megabytes() -> float | None:
    """Return the most memory that this process has had; what the one that started it had is not in it."""
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    return int(re.search(r"VmHWM:\s+(\d+) kB", status.read_text())[1]) / 1024


def write_vectors(path: str, words: list[str], matrix: Any) -> None:
    """Write word2vec's binary format.

    Args:
        path: the file.
        words: (V,), the most frequent first.
        matrix: (V, D).
    """
    import numpy as np  # noqa: PLC0415 - the peer's own

    rows = np.ascontiguousarray(matrix, "<f4")
    with Path(path).open("wb") as file:
        file.write(f"{len(words)} {rows.shape[1]}\n".encode())
        file.writelines(word.encode() + b" " + row.tobytes() + b"\n" for word, row in zip(words, rows, strict=True))


def frequent_words(text: str, min_count: int, most: int | None) -> dict[str, int]:
    """Return the words that are kept and their ids, the most frequent first.

    Args:
        text: the file.
        min_count: words that come less often are left out.
        most: only so many, or None.
    """
    counts: Counter[str] = Counter()
    with Path(text).open(encoding="utf-8") as lines:
        for line in lines:
            counts.update(line.split())
    kept = [word for word, count in counts.most_common(most) if count >= min_count]
    return {word: number for number, word in enumerate(kept)}
