"""A sparse matrix by rows turned into one by columns, a range of its columns at a time: a counting sort.

Each row's columns ascend, so that its entries in a range of columns stand together: a **run**. What is written for a
range of columns is a stretch of the result, so that little of it is at work at once, wherever the matrix lies.
"""

import numpy as np

from firth.kernels.jit import kernel, kernel_part

__all__ = ["copy_runs", "count_columns", "find_runs", "turn_runs"]


@kernel
def count_columns(columns, start, stop, sizes):
    """Count the entries of each column among some entries.

    Args:
        columns: int32 or int64 (n,), each in [0, C).
        start: the first entry.
        stop: behind the last one.
        sizes: int64 (C,), to which is added.
    """
    for entry in range(start, stop):
        sizes[columns[entry]] += 1


@kernel_part
def _first_from(columns, low, high, column):
    """Return the first place in [low, high) whose column is not below `column`; high where there is none."""
    while low < high:
        middle = (low + high) // 2
        if columns[middle] < column:
            low = middle + 1
        else:
            high = middle
    return low


@kernel
def find_runs(row_ends, columns, first_column, last_column, starts, ends):
    """Find each row's run in a range of columns.

    Args:
        row_ends: int64 (V,), exclusive ends of the rows' entries.
        columns: int32 or int64 (n,), ascending in a row.
        first_column: the range's first.
        last_column: behind its last one.
        starts: int64 (V,), set.
        ends: int64 (V,), exclusive, set.
    """
    begin = np.int64(0)
    for row in range(len(row_ends)):
        end = row_ends[row]
        starts[row] = _first_from(columns, begin, end, first_column)
        ends[row] = _first_from(columns, starts[row], end, last_column)
        begin = end


@kernel
def turn_runs(starts, ends, columns, values, first_row, first_column, places, turned_columns, turned_values):
    """Write the entries of the rows' runs to their columns, in the order of the rows.

    Args:
        starts: int64 (V,), where each row's run begins.
        ends: int64 (V,), exclusive.
        columns: int32 or int64 (n,).
        values: float (n,).
        first_row: the number of the first row in the whole matrix.
        first_column: the first column of the range.
        places: int64 (columns of the range,), where each column's next entry goes; moved on.
        turned_columns: of the type of `columns`: the rows' numbers are written.
        turned_values: of the type of `values`.
    """
    for row in range(len(starts)):
        for entry in range(starts[row], ends[row]):
            column = columns[entry] - first_column
            place = places[column]
            places[column] = place + 1
            turned_columns[place] = first_row + row
            turned_values[place] = values[entry]


@kernel
def copy_runs(starts, ends, columns, values, run_columns, run_values):
    """Copy the entries of the rows' runs, one after the other.

    Args:
        starts: int64 (V,), where each row's run begins.
        ends: int64 (V,), exclusive.
        columns: int32 or int64 (n,).
        values: float (n,).
        run_columns: of the type of `columns`, as many as there are in the runs; set.
        run_values: of the type of `values`, as many; set.
    """
    written = np.int64(0)
    for row in range(len(starts)):
        for entry in range(starts[row], ends[row]):
            run_columns[written] = columns[entry]
            run_values[written] = values[entry]
            written += 1
