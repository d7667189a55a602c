"""What a factorisation gives: a matrix of words × contexts as the product of two narrow ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from firth.errors import SettingsError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["Factors", "check_width"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Factors:
    """The narrow matrices in a wide one's place.

    Args:
        words: float32 (V, D), the words' vectors.
        contexts: float32 (C, D), the columns' vectors; None where there are none.
        strengths: float64 (D,), falling, the singular values; None where the method knows none.
        explained: the share of the matrix's square sum ‖M‖² that D dimensions give back, in [0, 1].
        rank: how many of the D dimensions hold something; the others are zeros.
        seconds: what the factorisation took.
    """

    words: npt.NDArray[np.float32]
    contexts: npt.NDArray[np.float32] | None
    strengths: npt.NDArray[np.float64] | None
    explained: float
    rank: int
    seconds: float


def check_width(dim: int, shape: tuple[int, int]) -> None:
    """Refuse a factorisation wider than its matrix.

    Args:
        dim: D.
        shape: the matrix's.

    Raises:
        SettingsError: there are more dimensions than rows or columns.
    """
    if dim > min(shape):
        raise SettingsError(
            f"expected at most {min(shape):,} dimensions, as the matrix has {shape[0]:,} words and {shape[1]:,} "
            f"columns, got {dim:,}; give a smaller dim (--dim), or more text"
        )
