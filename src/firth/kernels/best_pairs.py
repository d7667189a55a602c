"""The best of all pairs: from tiles of products, for each row the greatest so far and whose they are.

The readable definition is a sort of all products of each row; tests hold both together.
"""

from __future__ import annotations

import numpy as np

from firth.kernels.jit import kernel, kernel_part

__all__ = ["best_of_tile"]

_AT_ONCE = 64


@kernel_part
def _put(values, others, bars, row, value, other):
    """Put a product in its place among a row's best, the least of which falls out."""
    place = values.shape[1] - 1
    while place > 0 and values[row, place - 1] < value:
        values[row, place] = values[row, place - 1]
        others[row, place] = others[row, place - 1]
        place -= 1
    values[row, place] = value
    others[row, place] = other
    bars[row] = values[row, values.shape[1] - 1]


@kernel
def best_of_tile(products, first, second, values, others, bars):
    """Take in the products of two blocks of rows, for the rows of both; of one block with itself, once.

    Args:
        products: float32 (A, B): of rows first … first + A with rows second … second + B.
        first: int.
        second: int; the same as `first`, or no row is in both.
        values: float32 (V, m), each row's greatest products so far, the greatest first; −∞ at the beginning.
        others: int64 (V, m), the rows they are with.
        bars: float32 (V,), the last of each row's values.
    """
    same = first == second
    for i in range(products.shape[0]):
        for start in range(0, products.shape[1], _AT_ONCE):
            stop = min(start + _AT_ONCE, products.shape[1])
            bar = bars[first + i]
            over = np.uint32(0)
            for j in range(np.uint64(start), np.uint64(stop)):
                over |= np.uint32((products[i, j] > bar) | (products[i, j] > bars[np.uint64(second) + j]))
            if over == 0:
                continue
            for j in range(start, stop):
                value = products[i, j]
                if same and i == j:
                    continue
                if value > bars[first + i]:
                    _put(values, others, bars, first + i, value, second + j)
                if not same and value > bars[second + j]:
                    _put(values, others, bars, second + j, value, first + i)
