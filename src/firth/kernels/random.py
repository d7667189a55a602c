"""Random numbers inside kernels: SplitMix64, and draws from an alias table."""

from __future__ import annotations

from typing import Any

import numpy as np

from firth.kernels.jit import JIT_IS_OFF, kernel_part

__all__ = ["advance", "bits_of", "draw_alias", "nth_bits", "uniform"]

# Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators": the increment and the two multipliers.
_INCREMENT = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_27, _30, _31, _32, _40 = (np.uint64(shift) for shift in (27, 30, 31, 32, 40))
_LOW_32 = np.uint64(0xFFFFFFFF)
_ALL_64 = 0xFFFFFFFFFFFFFFFF


def _advance(state: Any) -> Any:
    return state + _INCREMENT


def _bits_of(state: Any) -> Any:
    bits = (state ^ (state >> _30)) * _FIRST
    bits = (bits ^ (bits >> _27)) * _SECOND
    return bits ^ (bits >> _31)


def _nth_bits(state: Any, number: Any) -> Any:
    return bits_of(state + (np.uint64(number) + np.uint64(1)) * _INCREMENT)


def _advance_python(state: Any) -> Any:
    return np.uint64((int(state) + int(_INCREMENT)) & _ALL_64)


def _bits_of_python(state: Any) -> Any:
    bits = int(state)
    bits = ((bits ^ (bits >> 30)) * int(_FIRST)) & _ALL_64
    bits = ((bits ^ (bits >> 27)) * int(_SECOND)) & _ALL_64
    return np.uint64(bits ^ (bits >> 31))


def _nth_bits_python(state: Any, number: Any) -> Any:
    return bits_of(np.uint64((int(state) + (int(number) + 1) * int(_INCREMENT)) & _ALL_64))


# NumPy's scalars warn where 64-bit arithmetic wraps around, which is what this generator is built on.
advance = _advance_python if JIT_IS_OFF else kernel_part(_advance)
bits_of = _bits_of_python if JIT_IS_OFF else kernel_part(_bits_of)
# The generator's number after so many others, at once: a hash of the number, with the state as its key.
nth_bits = _nth_bits_python if JIT_IS_OFF else kernel_part(_nth_bits)


@kernel_part
def uniform(bits):
    """Return a float32 in (0, 1] from 64 random bits."""
    return (np.float32(bits >> _40) + np.float32(1.0)) * np.float32(1.0 / (1 << 24))


@kernel_part
def draw_alias(table, bits):
    """Return a word id drawn from an alias table by 64 random bits.

    table: uint64 (V,), of each column the share that is its own (in units of 2⁻³²), plus 2³² times the word that has
    the rest.
    """
    column = ((bits >> _32) * np.uint64(table.shape[0])) >> _32
    # No branch, which would be guessed wrong every other time: -1 where the other word is drawn, else 0. One number is
    # read, not two, since the compiler would put a second one's reading behind a branch.
    both = table[column]
    own, other = np.int64(both & _LOW_32), np.int64(both >> _32)
    is_other = (own - np.int64(1) - np.int64(bits & _LOW_32)) >> 63
    return np.int64(column) + (is_other & (other - np.int64(column)))
