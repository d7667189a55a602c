"""One-hot vectors: every word is an axis of its own, as far from each other word as from all.

    v_w = e_w,    cos(v_w, v_u) = 1 where w = u, else 0

Nothing is learned. It is the baseline that says what an evaluation gives to vectors that know words apart and no more,
and the input layer that the other objectives multiply with a matrix.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from firth.errors import SettingsError
from firth.objectives.count_based import CountBased

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from firth.objectives.factorize import Factorization

__all__ = ["OneHot"]


@dataclass(frozen=True, kw_only=True, slots=True)
class OneHot(CountBased):
    """A vector with a single one for each word; as many dimensions as words."""

    needs: ClassVar[Literal["cooccurrences", "documents", "vocabulary"]] = "vocabulary"

    factorization: Factorization | None = None

    def __post_init__(self) -> None:
        """Refuse a factorisation: an identity has no directions that are stronger than others."""
        CountBased.__post_init__(self)
        if self.factorization is not None:
            raise SettingsError(
                "expected no factorisation of one-hot vectors, as all their directions are equally strong, got "
                f"{self.factorization!r}"
            )

    def check_shape(self, shape: tuple[int, int]) -> None:
        """Refuse a vocabulary too large to be written out: see `CountBased.check_shape`; columns do not matter."""
        CountBased.check_shape(self, (shape[0], shape[0]))

    def weighted(self, counts: csr_array) -> csr_array:
        """Return the identity.

        Args:
            counts: `scipy.sparse.csr_array` (V, anything), of which only the number of rows is looked at.

        Returns:
            `scipy.sparse.csr_array` (V, V), float32.
        """
        from scipy.sparse import csr_array  # noqa: PLC0415 - SciPy is loaded when it is needed

        size = counts.shape[0]
        places = np.arange(size + 1, dtype=np.int32)
        return csr_array((np.ones(size, np.float32), places[:-1], places), shape=(size, size))
