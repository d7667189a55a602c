"""How much more often than by chance: the ratio of each count to what its row and column lead one to expect.

The matrix is given by rows (`row_ends`, `columns`, `values`) and only read, so that it may lie on disk, memory-mapped;
only what is kept is written. Definition: `firth.objectives.ppmi.pointwise_mutual_information`.
"""

import numpy as np

from firth.kernels.jit import kernel

__all__ = ["count_kept", "keep_logarithms", "sum_margins"]


@kernel
def sum_margins(row_ends, columns, values, row_sums, column_sums):
    """Add up each row and each column.

    Args:
        row_ends: int64 (V,), exclusive ends of the rows' entries.
        columns: int32 or int64 (n,), each in [0, C).
        values: float (n,).
        row_sums: float64 (V,), set.
        column_sums: float64 (C,), zeros; added to.
    """
    entry = np.int64(0)
    for row in range(len(row_ends)):
        total = 0.0
        while entry < row_ends[row]:
            value = np.float64(values[entry])
            total += value
            column_sums[columns[entry]] += value
            entry += 1
        row_sums[row] = total


@kernel
def count_kept(row_ends, columns, values, row_sums, expected, least, kept):
    """Count, for each row, the entries whose ratio is above `least`.

        ratio = values[e] / (row_sums[i] · expected[columns[e]])

    Args:
        row_ends: int64 (V,), exclusive ends of the rows' entries.
        columns: int32 or int64 (n,).
        values: float (n,).
        row_sums: float64 (V,), > 0 where a row has entries.
        expected: float64 (C,), the columns' shares of all contexts; > 0 where a column has entries.
        least: float ≥ 0.
        kept: int64 (V,), set.
    """
    entry = np.int64(0)
    for row in range(len(row_ends)):
        number = 0
        while entry < row_ends[row]:
            if np.float64(values[entry]) > least * row_sums[row] * expected[columns[entry]]:
                number += 1
            entry += 1
        kept[row] = number


@kernel
def keep_logarithms(row_ends, columns, values, row_sums, expected, least, shift, kept_columns, kept_values):
    """Write the columns of the entries that `count_kept` counts, and log(ratio / shift).

    Args:
        row_ends: int64 (V,), exclusive ends of the rows' entries.
        columns: int32 or int64 (n,).
        values: float (n,).
        row_sums: float64 (V,).
        expected: float64 (C,).
        least: float ≥ 0.
        shift: float > 0.
        kept_columns: of the type of `columns`, as many as are kept.
        kept_values: float32, as many.
    """
    entry = np.int64(0)
    written = np.int64(0)
    for row in range(len(row_ends)):
        while entry < row_ends[row]:
            chance = row_sums[row] * expected[columns[entry]]
            value = np.float64(values[entry])
            if value > least * chance:
                kept_columns[written] = columns[entry]
                kept_values[written] = np.log(value / (shift * chance))
                written += 1
            entry += 1
