"""The first principal component of some of a matrix's rows, by power iteration.

The definition stands in `firth.objectives.vector_tree`. A library's eigenvectors would do, but for matrices as small
as these its threads cost a hundred times the arithmetic.
"""

import numpy as np

from firth.kernels.jit import kernel, kernel_part

__all__ = ["project"]


@kernel
def project(matrix, group, nothing, steps, least_turn, centred, direction, projections):
    """Set where rows lie along the direction in which they differ most, whose largest part is positive.

    Args:
        matrix: float (V, D).
        group: int64 (N,), the rows that are meant, N ≥ 1.
        nothing: rows whose halves differ from their mean by less than this are the same, and lie at 0.
        steps: at most so many steps.
        least_turn: a direction that a step moves by less, in squared length, is the last.
        centred: float64 (≥ N, D), working memory.
        direction: float64 (2, D), working memory; the first row is set to the direction.
        projections: float64 (N,), set.
    """
    dim = matrix.shape[1]
    if not _centre(matrix, group, nothing, centred, direction[0]):
        for row in range(len(group)):
            projections[row] = 0.0
        return
    _start(len(group), centred, direction[0])
    for _ in range(steps):
        if _step(len(group), centred, direction[0], direction[1]) < least_turn:
            break
    largest = 0
    for d in range(dim):
        if abs(direction[0, d]) > abs(direction[0, largest]):
            largest = d
    sign = 1.0 if direction[0, largest] >= 0.0 else -1.0
    for row in range(len(group)):
        projections[row] = sign * _along(centred[row], direction[0])


@kernel_part
def _centre(matrix, group, nothing, centred, mean):
    """Set half the rows less their mean, the largest part being scaled to 1; return whether the rows differ at all.

    Unhalved and unscaled, sums and squares of numbers near the ends of float64's range would leave it.
    """
    for d in range(len(mean)):
        mean[d] = 0.0
    for row in range(len(group)):
        for d in range(len(mean)):
            mean[d] += 0.5 * matrix[group[row], d] / len(group)
    largest = 0.0
    for row in range(len(group)):
        for d in range(len(mean)):
            centred[row, d] = 0.5 * matrix[group[row], d] - mean[d]
            largest = max(largest, abs(centred[row, d]))
    if largest < nothing:
        return False
    for row in range(len(group)):
        for d in range(len(mean)):
            centred[row, d] /= largest
    return True


@kernel_part
def _start(rows, centred, direction):
    """Set the direction to that of the row furthest from the mean, the first of those."""
    furthest, longest = 0, -1.0
    for row in range(rows):
        length = _along(centred[row], centred[row])
        if length > longest:
            furthest, longest = row, length
    for d in range(len(direction)):
        direction[d] = centred[furthest, d] / np.sqrt(longest)


@kernel_part
def _step(rows, centred, direction, after):
    """Set d to Cᵀ C d, scaled to length 1; return how far it has moved, squared."""
    for d in range(len(direction)):
        after[d] = 0.0
    for row in range(rows):
        along = _along(centred[row], direction)
        for d in range(len(direction)):
            after[d] += along * centred[row, d]
    length = np.sqrt(_along(after, after))
    turn = 0.0
    for d in range(len(direction)):
        turn += (after[d] / length - direction[d]) ** 2
        direction[d] = after[d] / length
    return turn


@kernel_part
def _along(one, other):
    """Return two vectors' dot product."""
    total = 0.0
    for d in range(len(one)):
        total += one[d] * other[d]
    return total
