"""What an objective needs: bytes of memory and of disk, beside what this machine has; and what to change if it is less.

The parts are those that grow with the text or the settings, and the program itself. Files that are mapped into memory,
an encoded text and counts, are not among them: the system drops their pages where it needs the room.
"""

from __future__ import annotations

import dataclasses
import os
import re
import shutil
from functools import singledispatch
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firth.contexts.cooccurrence import MEMORY as COUNTING_MEMORY
from firth.errors import SettingsError
from firth.objectives.architecture import Architecture, WholeVocabularyLoss
from firth.objectives.count_based import CooccurrenceBased, CountBased
from firth.objectives.glove import GloVe
from firth.objectives.hierarchical_softmax import HierarchicalSoftmax
from firth.objectives.nmf import NMF
from firth.objectives.room import IN_MEMORY

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import numpy.typing as npt

__all__ = [
    "advice",
    "bytes_of",
    "check_fits",
    "counting_memory",
    "disk_for_training",
    "free_disk",
    "free_memory",
    "held_in_memory",
    "memory_for_counting",
    "memory_for_learning",
    "shown",
]

_PROGRAM = 200 << 20
"""Python, NumPy, SciPy, Numba and the compiled kernels."""

_WORD = 150
"""A word as a Python string, in a tuple and as a key, and its count."""

_LISTED_WORD = 20
"""A word and its count in a file."""

_KRYLOV = 8
"""Vectors of the Krylov space for each singular vector wanted; 5 are usual, 12 the most."""

_LOGITS = 32 << 20
_SHARE_IN_MEMORY = 8
"""Of the memory there is, one in so many bytes at most holds a table that may as well lie on disk."""

_LEAST_COUNTING = 1 << 24

_FACTOR = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}

Parts = dict[str, int]


@singledispatch
def memory_for_learning(
    objective: Any,
    words: int,  # noqa: ARG001 - the signature of every kind
    *,
    entries: int = 0,  # noqa: ARG001
    columns: int | None = None,  # noqa: ARG001
) -> Parts:
    """Return the bytes of memory that an objective needs, part by part.

    Args:
        objective: what is learned, with its settings.
        words: V ≥ 0, different words that are kept.
        entries: int ≥ 0, of the table of counts, where there is one.
        columns: int ≥ 0, the table's columns; None for as many as words.

    Raises:
        SettingsError: this is no objective.
    """
    raise SettingsError(f"expected an objective such as SkipGram(), CBOW() or PPMI(), got {objective!r}")


def _with_words(words: int, parts: Parts) -> Parts:
    return {"program": _PROGRAM, "words": _WORD * words, **{name: size for name, size in parts.items() if size}}


@memory_for_learning.register(Architecture)
def _of_text(objective: Architecture, words: int, *, entries: int = 0, columns: int | None = None) -> Parts:  # noqa: ARG001
    from firth.kernels.alignment import padded  # noqa: PLC0415 - loads Numba

    plain = 4 * words * objective.dim
    if isinstance(objective.loss, WholeVocabularyLoss):
        return _with_words(
            words, {"matrices": 2 * plain, "AdaGrad's sums": 2 * plain, "gradients": 2 * plain, "logits": _LOGITS}
        )
    rows = 4 * (words + 1) * padded(objective.dim)
    # A tree's nodes and paths, or the table that noise is drawn from.
    tables = 300 * words if isinstance(objective.loss, HierarchicalSoftmax) else 60 * words
    return _with_words(words, {"matrices": 2 * rows, "copies to save": 2 * plain, "tables": tables})


@memory_for_learning.register(GloVe)
def _of_entries(objective: GloVe, words: int, *, entries: int = 0, columns: int | None = None) -> Parts:  # noqa: ARG001
    from firth.kernels.alignment import padded  # noqa: PLC0415 - loads Numba

    rows = 4 * words * padded(objective.dim + 2)
    # Many tiles lie on disk; counting is over when they and the vectors are made.
    tiles = 16 * entries if 16 * entries <= held_in_memory() else 0
    counting = max(0, min(counting_memory(), 24 * entries) - 4 * rows - tiles)
    return _with_words(
        words,
        {
            "matrices": 2 * rows,
            "AdaGrad's sums": 2 * rows,
            "copies to save": 8 * words * objective.dim,
            "tiles": tiles,
            "counting": counting,
        },
    )


@memory_for_learning.register(CountBased)
def _of_counts(objective: CountBased, words: int, *, entries: int = 0, columns: int | None = None) -> Parts:
    columns = words if columns is None else columns
    if objective.factorization is None:
        return _with_words(words, {"the matrix": 4 * words * columns, "counts": 16 * entries})
    narrow = min(words, columns)
    basis = 4 * _KRYLOV * objective.dim * narrow
    vectors = 4 * objective.dim * (words + columns)
    counting, weighed = 0, 18 * entries
    if isinstance(objective, CooccurrenceBased):
        counting = min(counting_memory(), 24 * entries)
        if not isinstance(objective.factorization, NMF):
            # By rows and by columns; either lies on disk where it is large, and the counts always do.
            weighed = min(16 * entries, 2 * held_in_memory())
    work = {"weighed counts": weighed, "factorisation": basis, "vectors": 2 * vectors}
    return _with_words(words, {**work, "counting": max(0, counting - sum(work.values()))})


def memory_for_counting(kinds: int, *, scans: bool) -> int:
    """Return the bytes of memory that the pass over the text needs for all its different words, rare ones too.

    Args:
        kinds: int ≥ 0, different words in the text.
        scans: whether the compiled scanner reads it; else Python, in a dictionary.
    """
    if not scans:
        return 250 * kinds
    doubled = 1 << max(12, (kinds - 1).bit_length() if kinds else 0)
    slots = 1 << max(15, (int(kinds / 0.3) - 1).bit_length() if kinds else 0)
    # A table that grows stands beside the larger one for a moment.
    return int(8 * slots * 1.5 + 16 * doubled * 1.5 + 12 * kinds)


def disk_for_training(
    objective: Any, words: int, *, occurrences: int, sentences: int, entries: int = 0, columns: int | None = None
) -> Parts:
    """Return the bytes of disk that a training takes, part by part.

    Args:
        objective: what is learned.
        words: V ≥ 0, different words that are kept.
        occurrences: int ≥ 0, words in the text, rare ones too: all are written before it is known which are kept.
        sentences: int ≥ 0, in the text.
        entries: int ≥ 0, of the table of counts, where there is one.
        columns: int ≥ 0, the table's; None for as many as words.
    """
    parts = {"encoded text": 4 * (occurrences + sentences) + 8 * sentences + _LISTED_WORD * words}
    outputs, dim = 1, getattr(objective, "dim", 1)
    if isinstance(objective, GloVe | CooccurrenceBased):
        # Runs that did not fit into memory lie beside the table until they are merged.
        parts["counts"] = 8 * entries + (16 * entries if 24 * entries > counting_memory() else 0)
    if isinstance(objective, GloVe) and 16 * entries > held_in_memory():
        parts["tiles"] = 16 * entries
    if isinstance(objective, CooccurrenceBased) and 8 * entries > held_in_memory():
        parts["weighed counts"] = 16 * entries
    if isinstance(objective, GloVe):
        outputs = 1 if objective.vectors == "sum" else 2
    elif isinstance(objective, Architecture):
        outputs = 1 if isinstance(objective.loss, HierarchicalSoftmax) else 2
    elif isinstance(objective, CountBased):
        outputs = 2 if isinstance(objective, CooccurrenceBased) and objective.factorization is not None else 1
        dim = dim if objective.factorization is not None else words if columns is None else columns
    parts["vectors"] = 4 * words * dim * outputs + _LISTED_WORD * words
    if isinstance(objective, Architecture | GloVe):
        learned = memory_for_learning(objective, words, entries=entries)
        # Two, and the one that is being written in place of the older.
        parts["checkpoints"] = 3 * (learned.get("matrices", 0) + learned.get("AdaGrad's sums", 0))
    return parts


def free_memory() -> int | None:
    """Return the bytes of memory there are: `$FIRTH_MEMORY`, or what the system has free; None where it does not say.

    Raises:
        SettingsError: `$FIRTH_MEMORY` is no number of bytes.
    """
    if chosen := os.environ.get("FIRTH_MEMORY"):
        return bytes_of(chosen)
    sizes = [size for size in (_of_the_machine(), _of_the_container(), _of_the_process()) if size is not None]
    return min(sizes) if sizes else None


def held_in_memory() -> int:
    """Return how large a table may be that is held in memory, in bytes; a larger one lies on disk, mapped.

    A gigabyte at the most, and less where the memory is small.
    """
    there = free_memory()
    return IN_MEMORY if there is None else min(IN_MEMORY, there // _SHARE_IN_MEMORY)


def counting_memory() -> int:
    """Return the bytes that counting co-occurrences works in: a gigabyte at the most, and less of a small memory."""
    there = free_memory()
    return COUNTING_MEMORY if there is None else max(_LEAST_COUNTING, min(COUNTING_MEMORY, there // 4))


def _of_the_process() -> int | None:
    """Return the limit on the process's own memory (`ulimit -d`), all that it has already taken among it."""
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return None
    limit = resource.getrlimit(resource.RLIMIT_DATA)[0]
    return None if limit == resource.RLIM_INFINITY else limit


def _of_the_machine() -> int | None:
    try:
        found = re.search(r"^MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text(encoding="ascii"), re.MULTILINE)
        if found:
            return 1024 * int(found[1])
    except (OSError, UnicodeError):
        pass
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None


def _of_the_container(root: Path = Path("/sys/fs/cgroup")) -> int | None:
    """Return what a container's limit leaves; pages of files give way, so they are not counted as taken."""
    try:
        limit = (root / "memory.max").read_text(encoding="ascii").strip()
        if limit == "max":
            return None
        taken = int((root / "memory.current").read_text(encoding="ascii"))
        files = re.search(r"^file (\d+)$", (root / "memory.stat").read_text(encoding="ascii"), re.MULTILINE)
        return max(0, int(limit) - taken + (int(files[1]) if files else 0))
    except (OSError, ValueError):
        return None


def free_disk(folder: Path) -> int | None:
    """Return the free bytes on the disk where a folder lies, or would lie; None where that cannot be known.

    Args:
        folder: need not exist.
    """
    try:
        there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
        return shutil.disk_usage(there).free
    except (OSError, StopIteration):
        return None


def bytes_of(text: str) -> int:
    """Return a number of bytes that is written like 3000000000, 800M or 1.5G.

    Raises:
        SettingsError: it is not.
    """
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?\s*", text, re.IGNORECASE)
    if found is None:
        raise SettingsError(f"expected a number of bytes such as 800M or 16G, got {text!r}")
    return int(float(found[1]) * _FACTOR[found[2].upper()])


def shown(size: float) -> str:
    """Return a number of bytes as people read it: 0.5 MiB, 12 MiB, 3.4 GiB."""
    for unit, factor in (("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20)):
        if size >= factor or unit == "MiB":
            return f"{size / factor:,.1f} {unit}" if size < 100 * factor else f"{size / factor:,.0f} {unit}"
    raise AssertionError("the smallest unit fits all")


def advice(
    objective: Any,
    words: int,
    memory: int,
    *,
    entries: int = 0,
    columns: int | None = None,
    least_count: Callable[[int], int] | None = None,
) -> str:
    """Return what to change so that learning fits into memory: fewer words, or fewer numbers for each.

    Args:
        objective: what is learned.
        words: V, different words that are kept now.
        memory: bytes there are.
        entries: of the table of counts.
        columns: the table's; None for as many as words.
        least_count: gives the min_count that keeps no more than so many words.
    """

    def fits(objective: Any, kept: int) -> bool:
        # Of counts, the frequent words have nearly all: entries shrink more slowly than words.
        parts = memory_for_learning(objective, kept, entries=min(entries, kept * kept), columns=columns)
        return sum(parts.values()) <= memory

    options = []
    kept = _most(lambda some: fits(objective, some), words)
    if kept >= 2:
        by_count = f"min_count={least_count(kept)}, or " if least_count else ""
        options.append(f"keep at most {kept:,} words ({by_count}max_words={kept})")
    if getattr(objective, "dim", 1) > 1 and getattr(objective, "factorization", 0) is not None:
        dim = _most(lambda some: fits(dataclasses.replace(objective, dim=max(1, some)), words), objective.dim)
        if dim >= 10:
            options.append(f"take {dim} numbers a word (dim={dim})")
    return "; or ".join(options) or "use a machine with more memory"


def _most(fits: Callable[[int], bool], most: int) -> int:
    """Return the largest number up to `most` that fits, 0 if none; what fits, fits smaller too."""
    least, most = 0, most + 1
    while most - least > 1:
        middle = (least + most) // 2
        if fits(middle):
            least = middle
        else:
            most = middle
    return least


def check_fits(
    objective: Any,
    words: int,
    *,
    counts: npt.NDArray[np.int64] | None = None,
    entries: int = 0,
    columns: int | None = None,
    memory: int | None = None,
) -> None:
    """Refuse what would not fit into memory, before hours are spent on it.

    Args:
        objective: what is to be learned.
        words: V ≥ 1, different words that are kept.
        counts: int64 (V,), how often each comes, most frequent first; with it the error names a min_count.
        entries: int ≥ 0, of the table of counts, as far as it is known.
        columns: int ≥ 0, the table's; None for as many as words.
        memory: bytes there are; None asks the system, and where that does not say, nothing is refused.

    Raises:
        SettingsError: it needs more memory than there is; says what to change.
    """
    there = free_memory() if memory is None else memory
    parts = memory_for_learning(objective, words, entries=entries, columns=columns)
    needed = sum(parts.values())
    if there is None or needed <= there:
        return
    dim = getattr(objective, "dim", None)
    what = f"{words:,} words" + (f" of {dim:,} numbers" if dim else "")
    change = advice(
        objective,
        words,
        there,
        entries=entries,
        columns=columns,
        least_count=None if counts is None else lambda kept: int(counts[kept]) + 1,
    )
    raise SettingsError(
        f"expected a model that fits into the {shown(there)} of memory that are free, but {what} take {shown(needed)}; "
        f"{change}; or name the memory there is in the environment's FIRTH_MEMORY"
    )
