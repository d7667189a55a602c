"""A replica: a copy of the model that learns its share of each round, and says what that changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from firth.training.merging import Portion, Room, add_portion, changes_between

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import numpy.typing as npt

    from firth.training.trainer import Model, Tally

__all__ = ["Lesson", "Replica"]


@dataclass(frozen=True, slots=True)
class Lesson:
    """One block, as it is to be learned.

    Args:
        groups: which of the replica's own groups, a range with step 1.
        rates: the learning rate at its start and end.
        seed: int in [0, 2⁶⁴), of everything that is drawn.
    """

    groups: range
    rates: tuple[float, float]
    seed: int


class Replica:
    """A copy of the model.

    Args:
        model: the copy, at the last merge.
        dim: D, how many numbers of each row can change.
        material: its share, as the model takes it.
        longest_group: int ≥ 1, in items.
        base: the matrices as they are at the last merge, which the caller keeps so; None keeps a copy of them here.
    """

    def __init__(
        self,
        model: Model,
        dim: int,
        material: Any,
        *,
        longest_group: int,
        base: Mapping[str, npt.NDArray[np.float32]] | None,
    ) -> None:
        self._model, self._dim, self._material = model, dim, material
        self._own = model.state()
        self._keeps_base = base is None
        self._base = {name: matrix.copy() for name, matrix in self._own.items()} if base is None else base
        self._scratch, self._room = model.scratch(longest_group), Room()

    def learn(
        self, merged: Sequence[Portion], lessons: Sequence[Lesson], portions: int
    ) -> tuple[list[Tally], list[Portion]]:
        """Take what the last round's merge came to, learn, and return what that changed.

        Args:
            merged: all portions of the last merge; nothing before the first round.
            lessons: in order.
            portions: int ≥ 1, in how many the changes are given.
        """
        for portion in merged:
            self._take(portion)
        tallies = [
            self._model.train_block(
                self._material, lesson.groups, rates=lesson.rates, seed=lesson.seed, scratch=self._scratch
            )
            for lesson in lessons
        ]
        return tallies, changes_between(self._base, self._own, dim=self._dim, portions=portions, room=self._room)

    def _take(self, portion: Portion) -> None:
        from firth.kernels.row_changes import copy_rows  # noqa: PLC0415 - loads Numba

        if self._keeps_base:
            add_portion(self._base, portion)
        # What this copy changed is among what was merged, so that it is at the merge in every row again.
        for name, (rows, _) in portion.items():
            copy_rows(self._base[name], rows, self._own[name])
