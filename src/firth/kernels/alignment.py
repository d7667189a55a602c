"""Matrices as the kernels want them: rows of whole registers, each beginning at a cache line."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from firth.kernels.arguments import ROW_ALIGNMENT

__all__ = ["aligned_zeros", "padded"]

_CACHE_LINE = 64


def padded(dim: int) -> int:
    """Return how many floats a row of `dim` takes: the next multiple of ROW_ALIGNMENT."""
    return -(-dim // ROW_ALIGNMENT) * ROW_ALIGNMENT


def aligned_zeros(rows: int, width: int) -> npt.NDArray[np.float32]:
    """Return a zero matrix that begins at a cache line.

    Args:
        rows: int ≥ 1.
        width: int, a multiple of ROW_ALIGNMENT.

    Returns:
        float32 (rows, width).
    """
    size = rows * width * 4
    memory = np.zeros(size + _CACHE_LINE, dtype=np.uint8)
    start = -memory.ctypes.data % _CACHE_LINE
    return memory[start : start + size].view(np.float32).reshape(rows, width)
