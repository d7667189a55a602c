"""Merging: copies of a model that learned apart become one again, row by row, in a fixed order.

Each copy r began at the same row w and came to w + Δ_r. Where the changes say the same, their mean is wanted, for each
copy went the whole way; where they say different things, their sum, for each went a way of its own. Two changes a and b
are made one so that both hold,

    a ⊕ b = (1 − a·b / 2|a|²) a + (1 − a·b / 2|b|²) b

which is a + b where they are at right angles and their mean where they are equal. More than two are joined in pairs,
then the results in pairs, in the order of the copies; a row that one copy alone changed takes its change as it is.

Source: Maleki et al. 2021, "Scaling distributed training with adaptive summation", §3; there for whole layers of a
network, here for each word's vector.
"""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Changes", "Portion", "Room", "add_portion", "changes_between", "combined", "merged", "size_of"]


class Changes(NamedTuple):
    """How some of a matrix's rows changed.

    rows: int64 (n,), ascending.
    values: float32 (n, D), what came to each.
    """

    rows: npt.NDArray[np.int64]
    values: npt.NDArray[np.float32]


Portion = dict[str, Changes]
"""The changes of some rows of each of a model's matrices, by its name."""


class Room:
    """Working memory that is kept from one time to the next: to get it anew would take longer than to merge."""

    def __init__(self) -> None:
        self._held: dict[str, npt.NDArray[np.float32]] = {}

    def of(self, name: str, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
        """Return an array of this shape, which holds anything; the one that had this name before is no longer valid.

        Args:
            name: what it is for.
            shape: of ints ≥ 0.
        """
        size = math.prod(shape)
        if name not in self._held or self._held[name].size < size:
            self._held[name] = np.empty(size + size // 8, dtype=np.float32)
        return self._held[name][:size].reshape(shape)


class _Here(threading.local):
    """Each thread's own room."""

    def __init__(self) -> None:
        self.room = Room()


_here = _Here()


def combined(changes: Sequence[npt.NDArray[np.floating]]) -> npt.NDArray[np.floating]:
    """Return what several copies' changes of one row come to: the definition.

    Args:
        changes: (n ≥ 1) of float (D,), in the order of the copies.
    """
    joined = list(changes)
    while len(joined) > 1:
        pairs = [joined[place : place + 2] for place in range(0, len(joined), 2)]
        joined = [_pair(*pair) if len(pair) == 2 else pair[0] for pair in pairs]
    return joined[0]


def _pair(a: npt.NDArray[np.floating], b: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    if not a.any() or not b.any():
        return a + b
    product = a @ b
    result: npt.NDArray[np.floating] = (1 - product / (2 * (a @ a))) * a + (1 - product / (2 * (b @ b))) * b
    return result


def changes_between(
    base: Mapping[str, npt.NDArray[np.float32]],
    own: Mapping[str, npt.NDArray[np.float32]],
    *,
    dim: int,
    portions: int,
    room: Room,
) -> list[Portion]:
    """Return how the rows of a copy that changed did so, in portions: row i in portion i modulo their number.

    They lie in `room`, until it is used again.

    Args:
        base: float32 (R, S) each, contiguous: where the copy began.
        own: the same matrices, where it is now.
        dim: D ≤ S, the columns that can change.
        portions: int ≥ 1.
        room: working memory.
    """
    from firth.kernels.row_changes import find_changed, take_changes  # noqa: PLC0415 - loads Numba

    result: list[Portion] = [{} for _ in range(portions)]
    for name, matrix in own.items():
        changed = np.empty(len(matrix), dtype=np.bool_)
        find_changed(matrix.view(np.int32), base[name].view(np.int32), changed)
        all_rows = np.flatnonzero(changed)
        values, start = room.of(name, (len(all_rows), dim)), 0
        for number, portion in enumerate(result):
            rows = all_rows[all_rows % portions == number] if portions > 1 else all_rows
            portion[name] = Changes(rows, values[start : start + len(rows)])
            take_changes(matrix, base[name], *portion[name])
            start += len(rows)
    return result


def merged(portions: Sequence[Portion]) -> Portion:
    """Return what the copies' changes of the same portion come to.

    Args:
        portions: of each copy, in order, at least one.
    """
    from firth.kernels.row_changes import merge_changes  # noqa: PLC0415 - loads Numba

    result: Portion = {}
    for name in portions[0]:
        rows = np.concatenate([portion[name].rows for portion in portions])
        columns = portions[0][name].values.shape[1]
        values = np.concatenate(
            [portion[name].values for portion in portions], out=_here.room.of("all", (len(rows), columns))
        )
        ends = np.cumsum([len(portion[name].rows) for portion in portions])
        places = np.concatenate([[0], ends[:-1]])
        pending = np.empty((len(portions), columns), dtype=np.float32)
        merged_rows, merged_values = np.empty_like(rows), _here.room.of("merged", values.shape)
        count = merge_changes(rows, values, places, ends, pending, merged_rows, merged_values)
        result[name] = Changes(merged_rows[:count].copy(), merged_values[:count].copy())
    return result


def add_portion(base: Mapping[str, npt.NDArray[np.float32]], portion: Portion) -> None:
    """Let the merged changes come to the model itself.

    Args:
        base: float32 (R, S) each; is changed.
        portion: what `merged` gave.
    """
    from firth.kernels.row_changes import add_changes  # noqa: PLC0415 - loads Numba

    for name, (rows, values) in portion.items():
        add_changes(base[name], rows, values)


def size_of(portion: Portion) -> int:
    """Return how many bytes a portion takes on its way."""
    return sum(rows.nbytes + values.nbytes for rows, values in portion.values())
