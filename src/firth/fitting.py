"""Whether a training fits into this machine's memory, and what to change where it does not."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from firth.demands import memory_for_learning
from firth.errors import SettingsError
from firth.machine import free_memory, is_limit_of_the_process, shown

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import numpy.typing as npt

    from firth.demands import Parts

__all__ = ["advice", "check_fits"]


def advice(
    objective: Any,
    words: int,
    memory: int,
    *,
    entries: int = 0,
    columns: int | None = None,
    besides: Callable[[Any, int], Parts] | None = None,
    least_count: Callable[[int], int] | None = None,
) -> str:
    """Return what to change so that learning fits into memory: fewer words, or fewer numbers for each.

    Args:
        objective: what is learned.
        words: V, different words that are kept now.
        memory: bytes there are.
        entries: of the table of counts.
        columns: the table's; None for as many as words.
        besides: gives what the way of training needs besides, of an objective and so many words; None is nothing.
        least_count: gives the min_count that keeps no more than so many words.
    """

    def fits(objective: Any, kept: int) -> bool:
        # Of counts, the frequent words have nearly all: entries shrink more slowly than words.
        parts = memory_for_learning(objective, kept, entries=min(entries, kept * kept), columns=columns)
        more = besides(objective, kept) if besides else {}
        return sum(parts.values()) + sum(more.values()) <= memory

    options = []
    kept = _most(lambda some: fits(objective, some), words)
    if kept >= 2:
        by_count = f"min_count={least_count(kept)}, or " if least_count else ""
        options.append(f"keep at most {kept:,} words ({by_count}max_words={kept})")
    if getattr(objective, "dim", 1) > 1 and getattr(objective, "factorization", 0) is not None:
        dim = _most(lambda some: fits(dataclasses.replace(objective, dim=max(1, some)), words), objective.dim)
        if dim >= 10:
            options.append(f"take {dim} numbers a word (dim={dim})")
    if is_limit_of_the_process(memory):
        options.append("raise the limit on this process's memory (ulimit -d)")
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
    besides: Callable[[Any, int], Parts] | None = None,
    memory: int | None = None,
) -> None:
    """Refuse what would not fit into memory, before hours are spent on it.

    Args:
        objective: what is to be learned.
        words: V ≥ 1, different words that are kept.
        counts: int64 (V,), how often each comes, most frequent first; with it the error names a min_count.
        entries: int ≥ 0, of the table of counts, as far as it is known.
        columns: int ≥ 0, the table's; None for as many as words.
        besides: as for `advice`.
        memory: bytes there are; None asks the system, and where that does not say, nothing is refused.

    Raises:
        SettingsError: it needs more memory than there is; says what to change.
    """
    there = free_memory() if memory is None else memory
    parts = memory_for_learning(objective, words, entries=entries, columns=columns)
    needed = sum((parts | (besides(objective, words) if besides else {})).values())
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
        besides=besides,
        least_count=None if counts is None else lambda kept: int(counts[kept]) + 1,
    )
    raise SettingsError(
        f"expected a model that fits into the {shown(there)} of memory that are free, but {what} take {shown(needed)}; "
        f"{change}; or name the memory there is in the environment's FIRTH_MEMORY"
    )
