"""A sparse matrix by rows times a dense one: each row of the result is a weighted sum of the dense matrix's rows."""

import numpy as np

from firth.kernels.jit import kernel

__all__ = ["multiply_rows", "square_rows"]


@kernel
def multiply_rows(row_ends, columns, values, dense, first, last, product):
    """Set some rows of the product: product[i] = Σ_e values[e] · dense[columns[e]], e an entry of row i.

    Four entries at a time, so that a row of the product is read and written a quarter as often.

    Args:
        row_ends: int64 (V,), exclusive ends of the rows' entries.
        columns: int32 or int64 (n,), each in [0, C).
        values: float (n,).
        dense: float (C, D), rows contiguous.
        first: the first row to set.
        last: the row after the last one.
        product: float (V, D), of the same type as `dense`.
    """
    width = dense.shape[1]
    entry = np.int64(0)
    if first > 0:
        entry = row_ends[first - 1]
    for row in range(first, last):
        end = row_ends[row]
        for d in range(width):
            product[row, d] = 0
        while entry + 4 <= end:
            # Unsigned: a check for negative indices would keep the inner loop out of the wide registers.
            a = np.uint64(columns[entry])
            b = np.uint64(columns[entry + 1])
            c = np.uint64(columns[entry + 2])
            e = np.uint64(columns[entry + 3])
            by_a = values[entry]
            by_b = values[entry + 1]
            by_c = values[entry + 2]
            by_e = values[entry + 3]
            for d in range(width):
                product[row, d] += by_a * dense[a, d] + by_b * dense[b, d] + by_c * dense[c, d] + by_e * dense[e, d]
            entry += 4
        while entry < end:
            a = np.uint64(columns[entry])
            by_a = values[entry]
            for d in range(width):
                product[row, d] += by_a * dense[a, d]
            entry += 1


@kernel
def square_rows(row_ends, values, squares):
    """Set each row's Σ values².

    Args:
        row_ends: int64 (V,), exclusive ends of the rows' entries.
        values: float (n,).
        squares: float64 (V,).
    """
    entry = np.int64(0)
    for row in range(len(row_ends)):
        total = 0.0
        while entry < row_ends[row]:
            total += np.float64(values[entry]) * np.float64(values[entry])
            entry += 1
        squares[row] = total
