"""A handful of float32 lanes as one value: what lets a kernel say which numbers stay in registers.

Numba vectorises a loop when it can prove that no two rows overlap; rows picked by word ids from one matrix it cannot.
So the kernels load, combine and store whole registers themselves. Every operation here is given twice: as the machine
does it, and (where compilation is off) as NumPy does it.

Matrices are addressed by `offset`, the number of floats from their start. Their rows are padded with zeros to a
multiple of `firth.kernels.arguments.ROW_ALIGNMENT` floats, so that no row needs a shorter last step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from numba.extending import intrinsic

from firth.kernels import llvm
from firth.kernels.arguments import ROW_ALIGNMENT
from firth.kernels.jit import JIT_IS_OFF, kernel_part

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "LANES",
    "add",
    "clamp",
    "divide",
    "inverse_root",
    "load",
    "load_splat",
    "multiply",
    "multiply_add",
    "prefetch",
    "prefetch_row",
    "splat",
    "splat_lane",
    "store",
    "store_totals",
    "total",
    "totals",
    "zeros",
]

Lanes = npt.NDArray[np.float32]

LANES: int = llvm.LANES
"""Float32 values in one register of this machine: 16, 8 or 4."""


def _as_instructions(generator: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give an operation its machine form; where compilation is off, its definition is run."""
    return lambda definition: definition if JIT_IS_OFF else intrinsic(generator)


@_as_instructions(llvm.load)
def load(matrix: Lanes, offset: int) -> Lanes:
    """Return the lanes that begin `offset` floats from the matrix's start."""
    return matrix.reshape(-1)[offset : offset + LANES].copy()


@_as_instructions(llvm.store)
def store(matrix: Lanes, offset: int, value: Lanes) -> None:
    """Write the lanes to the place `offset` floats from the matrix's start."""
    matrix.reshape(-1)[offset : offset + LANES] = value


@_as_instructions(llvm.splat)
def splat(value: float) -> Lanes:
    """Return lanes that all hold one float32."""
    return np.full(LANES, value, dtype=np.float32)


@_as_instructions(llvm.load_splat)
def load_splat(array: Lanes, offset: int) -> Lanes:
    """Return lanes that all hold the float32 `offset` places from the array's start."""
    return np.full(LANES, array.reshape(-1)[offset], dtype=np.float32)


@_as_instructions(llvm.zeros)
def zeros() -> Lanes:
    """Return lanes of zeros."""
    return np.zeros(LANES, dtype=np.float32)


@_as_instructions(llvm.splat_lane)
def splat_lane(value: Lanes, lane: int) -> Lanes:
    """Return lanes that all hold one lane of a value."""
    return np.full(LANES, value[lane], dtype=np.float32)


@_as_instructions(llvm.arithmetic("fdiv"))
def divide(a: Lanes, b: Lanes) -> Lanes:
    """Return a / b."""
    return a / b


@_as_instructions(llvm.inverse_root)
def inverse_root(value: Lanes) -> Lanes:
    """Return 1 / √value, for values above zero."""
    return (1 / np.sqrt(value)).astype(np.float32)


@_as_instructions(llvm.clamp)
def clamp(value: Lanes, limit: Lanes) -> Lanes:
    """Return the value, no further from zero than the limit."""
    return np.clip(value, -limit, limit)


@_as_instructions(llvm.arithmetic("fadd"))
def add(a: Lanes, b: Lanes) -> Lanes:
    """Return a + b."""
    return a + b


@_as_instructions(llvm.arithmetic("fmul"))
def multiply(a: Lanes, b: Lanes) -> Lanes:
    """Return a · b."""
    return a * b


@_as_instructions(llvm.multiply_add)
def multiply_add(a: Lanes, b: Lanes, c: Lanes) -> Lanes:
    """Return a · b + c."""
    return a * b + c


@_as_instructions(llvm.total)
def total(value: Lanes) -> np.float32:
    """Return the sum over the lanes."""
    return np.float32(value.sum())


@_as_instructions(llvm.totals)
def totals(*values: Lanes) -> Lanes:
    """Return the sums over the lanes of six values as the first six lanes; only where LANES is 8 or more."""
    return np.array([*(value.sum() for value in values), *[0] * (LANES - 6)], dtype=np.float32)


@_as_instructions(llvm.store_totals)
def store_totals(array: Lanes, offset: int, *values: Lanes) -> None:
    """Write the sums over the lanes of six values to six places, `offset` from the array's start."""
    array.reshape(-1)[offset : offset + 6] = [value.sum() for value in values]


@_as_instructions(llvm.prefetch)
def prefetch(matrix: Lanes, offset: int) -> None:
    """Ask for a cache line early; nothing to do outside the machine."""


@kernel_part
def prefetch_row(matrix, row):
    """Ask early for a row, a cache line at a time."""
    for d in range(0, matrix.shape[1], ROW_ALIGNMENT):
        prefetch(matrix, row + d)
