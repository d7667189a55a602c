"""What an objective needs, and what the way of training needs besides: bytes of memory and of disk.

The parts are those that grow with the text or the settings, and the program itself. Files that are mapped into memory,
an encoded text and counts, are not among them: the system drops their pages where it needs the room.
"""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING, Any

import numpy as np

from firth.contexts.cooccurrence import MEMORY as COUNTING_MEMORY
from firth.errors import SettingsError
from firth.machine import free_memory
from firth.objectives.architecture import Architecture, WholeVocabularyLoss
from firth.objectives.count_based import CooccurrenceBased, CountBased
from firth.objectives.glove import GloVe
from firth.objectives.hierarchical_softmax import HierarchicalSoftmax
from firth.objectives.nmf import NMF
from firth.objectives.room import IN_MEMORY

if TYPE_CHECKING:
    import numpy.typing as npt

    from firth.training.shards import Shards

__all__ = [
    "counting_memory",
    "disk_for_training",
    "held_in_memory",
    "memory_besides",
    "memory_for_counting",
    "memory_for_learning",
    "memory_for_phrases",
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


def memory_besides(
    objective: Any,
    words: int,
    *,
    shards: Shards | None = None,
    occurrences: int = 0,
    counts: npt.NDArray[np.int64] | None = None,
    runs: int = 0,
) -> Parts:
    """Return the bytes of memory that the way of training needs besides, part by part.

    Args:
        objective: what is learned.
        words: V ≥ 0.
        shards: how the text is shared out to copies of the model; None where there are none.
        occurrences: int ≥ 0, kept words of the text.
        counts: int64 (n,), how often words come, the most frequent first, to tell how many rows change between two
            merges; None takes all.
        runs: int ≥ 0, of a bootstrap.
    """
    parts: Parts = {}
    if shards is not None:
        learned = memory_for_learning(objective, words)
        parts["shards' copies"] = shards.count * (learned["matrices"] + learned["tables"])
        size, blocks = shards.cut(max(1, occurrences))
        changed = 4 * objective.dim * _changed_rows(objective, words, size * blocks, counts)
        # Each copy's changes, these gathered and merged, each with an eighth to spare; and the last merge's and this.
        parts["shards' changes"] = round(1.125 * changed * (2 * shards.count + 2))
    if runs:
        outputs = 1 if _outputs(objective) == 1 else 2
        parts["the vectors to judge"] = outputs * 4 * words * getattr(objective, "dim", words)
    return parts


def _changed_rows(objective: Architecture, words: int, occurrences: int, counts: npt.NDArray[np.int64] | None) -> int:
    """Return how many rows of both matrices change where so many words of a text are learned from, about.

    Σ over the rows of 1 − exp(−times expected)
    """
    if counts is None or len(counts) == 0 or isinstance(objective.loss, HierarchicalSoftmax):
        return 2 * words
    counts = counts[:words]
    p, q = counts / counts.sum(), counts**0.75 / (counts**0.75).sum()
    asked = p + getattr(objective.loss, "negatives", 0) * q
    return round(sum(float(np.sum(1 - np.exp(-occurrences * times))) for times in (p, asked)))


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


def memory_for_phrases(pairs: int) -> int:
    """Return the bytes of memory that a pass needs which looks for phrases.

    Args:
        pairs: int ≥ 0, different pairs of neighbours in the text, or as many as are remembered.
    """
    # A table that grows stands beside the larger one for a moment.
    return 24 << int(pairs / 0.6).bit_length()


def disk_for_training(
    objective: Any,
    words: int,
    *,
    occurrences: int,
    sentences: int,
    entries: int = 0,
    columns: int | None = None,
    kinds: int = 0,
    kept: int = 0,
    passes: int = 0,
    goes_on: bool = False,
    runs: int = 0,
) -> Parts:
    """Return the bytes of disk that a training takes, part by part.

    Args:
        objective: what is learned.
        words: V ≥ 0, different words that are kept.
        occurrences: int ≥ 0, words in the text, rare ones too: all are written before it is known which are kept.
        sentences: int ≥ 0, in the text.
        entries: int ≥ 0, of the table of counts, where there is one.
        columns: int ≥ 0, the table's; None for as many as words.
        kinds: int ≥ 0, different words in the text, rare ones too.
        kept: int ≥ 0, words of the text that are learned from.
        passes: int ≥ 0, over the text, that join phrases.
        goes_on: whether it goes on from a model, and the text is written in the model's words, too.
        runs: int ≥ 0, of a bootstrap.
    """
    ids, ends = 4 * (occurrences + sentences), 8 * sentences
    own = 4 * kept + ends + _LISTED_WORD * words
    again = bool(passes or goes_on)
    # Where words are chosen later, all of them are kept first.
    parts = {"encoded text": ids + ends + _LISTED_WORD * (kinds if again else words)}
    if passes:
        parts["text between passes"] = passes * (ids + ends)
        parts["text with phrases"] = own
    if goes_on:
        parts["text in the model's words"] = own
    outputs, dim = _outputs(objective), getattr(objective, "dim", 1)
    if isinstance(objective, GloVe | CooccurrenceBased):
        # Runs that did not fit into memory lie beside the table until they are merged.
        parts["counts"] = 8 * entries + (16 * entries if 24 * entries > counting_memory() else 0)
    if isinstance(objective, GloVe) and 16 * entries > held_in_memory():
        parts["tiles"] = 16 * entries
    if isinstance(objective, CooccurrenceBased) and 8 * entries > held_in_memory():
        parts["weighed counts"] = 16 * entries
    if isinstance(objective, CountBased) and objective.factorization is None:
        dim = words if columns is None else columns
    parts["vectors"] = 4 * words * dim * outputs + _LISTED_WORD * words
    if isinstance(objective, Architecture | GloVe):
        learned = memory_for_learning(objective, words, entries=entries)
        # Two, and the one that is being written in place of the older.
        parts["checkpoints"] = 3 * (learned.get("matrices", 0) + learned.get("AdaGrad's sums", 0))
    if runs:
        parts["text drawn again"] = own
        parts["bootstrap's vectors"] = runs * (4 * words * dim + _LISTED_WORD * words)
    return parts


def _outputs(objective: Any) -> int:
    """Return how many vectors a word has in the file."""
    if isinstance(objective, GloVe):
        return 1 if objective.vectors == "sum" else 2
    if isinstance(objective, Architecture):
        return 1 if isinstance(objective.loss, HierarchicalSoftmax) else 2
    return 2 if isinstance(objective, CooccurrenceBased) and objective.factorization is not None else 1


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
