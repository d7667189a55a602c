"""The length of each row, computed when a search first comes there, and with it the check against NaN."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from firth.errors import FormatError
from firth.vectors.words import PackedWords, shown

if TYPE_CHECKING:
    from firth.vectors.metric import Floats

__all__ = ["BLOCK", "RowNorms", "are_tame", "norms_of"]

BLOCK = 16_384
"""Rows that a search takes at once: 20 MB at 300 dimensions."""


def norms_of(rows: npt.NDArray[np.float32]) -> Floats:
    """Return each row's length √Σ xᵢ².

    Args:
        rows: float32 (B, D).

    Returns:
        (B,): float32; float64 where a square would overflow float32 or vanish in it. NaN and infinity stay what they
        are.
    """
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        squares: npt.NDArray[np.float32] = np.einsum("ij,ij->i", rows, rows)
        odd = np.flatnonzero(~((squares > 1e-25) & (squares < 1e30)))
        if len(odd) == 0:
            return np.sqrt(squares)
        if are_tame(_wide_norms(rows[odd])):
            return np.sqrt(squares)
        # The norms of all rows, as the search then computes in float64 and expects them to be as exact.
        return _wide_norms(rows)


def _wide_norms(rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    norms = np.empty(len(rows))
    for start in range(0, len(rows), 1024):
        wide = rows[start : start + 1024].astype(np.float64)
        norms[start : start + 1024] = np.sqrt((wide * wide).sum(axis=1))
    return norms


def are_tame(norms: Floats) -> bool:
    """Return whether float32 products of vectors with these norms neither overflow nor vanish."""
    return bool(np.all((norms == 0) | ((norms > 1e-12) & (norms < 1e15))))


class RowNorms:
    """The rows' norms of one matrix, kept once computed.

    Args:
        matrix: float32 (V, D).
        words: the rows' words, for the message about a row that is no vector.
    """

    def __init__(self, matrix: npt.NDArray[np.float32], words: PackedWords) -> None:
        self._matrix = matrix
        self._words = words
        self._blocks: dict[int, Floats] = {}

    def word(self, word_id: int) -> str:
        """Return a row's word as a message can show it."""
        return shown(self._words[word_id])

    def block(self, start: int) -> Floats:
        """Return the norms of rows start … start + BLOCK.

        Args:
            start: int, a multiple of BLOCK.

        Raises:
            FormatError: a row there holds NaN or infinity; it names the word.
        """
        norms = self._blocks.get(start)
        if norms is None:
            norms = norms_of(self._matrix[start : start + BLOCK])
            self._refuse_not_finite(norms, range(start, start + len(norms)))
            self._blocks[start] = norms
        return norms

    def of_rows(self, rows: npt.NDArray[np.float32], word_ids: npt.NDArray[np.int64]) -> Floats:
        """Return the norms of gathered rows.

        Args:
            rows: float32 (B, D), the matrix's rows `word_ids`.
            word_ids: int64 (B,).

        Raises:
            FormatError: one of them holds NaN or infinity; it names the word.
        """
        norms = norms_of(rows)
        self._refuse_not_finite(norms, word_ids)
        return norms

    def _refuse_not_finite(self, norms: Floats, word_ids: range | npt.NDArray[np.int64]) -> None:
        finite = np.isfinite(norms)
        if not finite.all():
            word_id = int(word_ids[int(np.argmin(finite))])
            raise FormatError(
                f'expected finite numbers, got NaN or infinity in the vector of "{shown(self._words[word_id])}" '
                f"(row {word_id:,}); the training diverged or the file is broken"
            )
