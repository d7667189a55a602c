"""The one step behind every sampled objective: yes/no decisions on an inputs × outputs tile.

    logits = I · Oᵀ − offset;  errors = (label − σ(logits)) · rate;  dI = errors · O;  dO = errorsᵀ · I

`input_rows` and `output_rows` are offsets of padded rows (firth.kernels.simd); an odd number of either is filled up
with the matrix's last row, which is always zero. All gradients are taken at the values before the step, and a row
that stands twice gets both its gradients, as the definitions in firth.objectives say.
"""

import numpy as np

from firth.kernels.jit import kernel_part
from firth.kernels.simd import LANES, add, load, load_splat, multiply_add, splat, store, store_totals, total, zeros

__all__ = ["add_to_rows", "hidden_gradients", "hidden_logits", "mean_of_rows", "tile_gradients", "tile_logits"]


@kernel_part
def _logits_2_by_6(inputs, first, second, outputs, rows, j, stride, logits, at, width):
    r0, r1, r2, r3, r4, r5 = rows[j], rows[j + 1], rows[j + 2], rows[j + 3], rows[j + 4], rows[j + 5]
    a0 = a1 = a2 = a3 = a4 = a5 = b0 = b1 = b2 = b3 = b4 = b5 = zeros()
    for d in range(0, stride, LANES):
        x, y = load(inputs, first + d), load(inputs, second + d)
        z = load(outputs, r0 + d)
        a0, b0 = multiply_add(x, z, a0), multiply_add(y, z, b0)
        z = load(outputs, r1 + d)
        a1, b1 = multiply_add(x, z, a1), multiply_add(y, z, b1)
        z = load(outputs, r2 + d)
        a2, b2 = multiply_add(x, z, a2), multiply_add(y, z, b2)
        z = load(outputs, r3 + d)
        a3, b3 = multiply_add(x, z, a3), multiply_add(y, z, b3)
        z = load(outputs, r4 + d)
        a4, b4 = multiply_add(x, z, a4), multiply_add(y, z, b4)
        z = load(outputs, r5 + d)
        a5, b5 = multiply_add(x, z, a5), multiply_add(y, z, b5)
    store_totals(logits, at, a0, a1, a2, a3, a4, a5)
    store_totals(logits, at + width, b0, b1, b2, b3, b4, b5)


@kernel_part
def _logits_2_by_2(inputs, first, second, outputs, rows, j, stride, logits, at, width):
    r0, r1 = rows[j], rows[j + 1]
    a0 = a1 = b0 = b1 = zeros()
    for d in range(0, stride, LANES):
        x, y = load(inputs, first + d), load(inputs, second + d)
        z = load(outputs, r0 + d)
        a0, b0 = multiply_add(x, z, a0), multiply_add(y, z, b0)
        z = load(outputs, r1 + d)
        a1, b1 = multiply_add(x, z, a1), multiply_add(y, z, b1)
    logits[at], logits[at + 1] = total(a0), total(a1)
    logits[at + width], logits[at + width + 1] = total(b0), total(b1)


@kernel_part
def tile_logits(inputs, input_rows, input_count, outputs, output_rows, width, stride, logits):
    """Fill `logits`, row by row, with the products of all input and output rows.

    input_count: how many inputs; where odd, input_rows has the zero row after the last.
    width: how many outputs, even; `logits` has this many columns.
    """
    for i in range(0, input_count, 2):
        first, second = input_rows[i], input_rows[i + 1]
        j = 0
        while j + 6 <= width:
            _logits_2_by_6(inputs, first, second, outputs, output_rows, j, stride, logits, i * width + j, width)
            j += 6
        while j < width:
            _logits_2_by_2(inputs, first, second, outputs, output_rows, j, stride, logits, i * width + j, width)
            j += 2


@kernel_part
def _output_gradient_6(inputs, rows, count, errors, at, width, d, gradient, g):
    g0 = g1 = g2 = g3 = g4 = g5 = zeros()
    for i in range(count):
        x = load(inputs, rows[i] + d)
        g0 = multiply_add(load_splat(errors, at), x, g0)
        g1 = multiply_add(load_splat(errors, at + 1), x, g1)
        g2 = multiply_add(load_splat(errors, at + 2), x, g2)
        g3 = multiply_add(load_splat(errors, at + 3), x, g3)
        g4 = multiply_add(load_splat(errors, at + 4), x, g4)
        g5 = multiply_add(load_splat(errors, at + 5), x, g5)
        at += width
    store(gradient, g, g0)
    store(gradient, g + LANES, g1)
    store(gradient, g + 2 * LANES, g2)
    store(gradient, g + 3 * LANES, g3)
    store(gradient, g + 4 * LANES, g4)
    store(gradient, g + 5 * LANES, g5)


@kernel_part
def _output_gradient_2(inputs, rows, count, errors, at, width, d, gradient, g):
    g0 = g1 = zeros()
    for i in range(count):
        x = load(inputs, rows[i] + d)
        g0 = multiply_add(load_splat(errors, at), x, g0)
        g1 = multiply_add(load_splat(errors, at + 1), x, g1)
        at += width
    store(gradient, g, g0)
    store(gradient, g + LANES, g1)


@kernel_part
def _input_update_6(inputs, rows, count, errors, at, width, d, outputs, output_rows, j):
    z0, z1 = load(outputs, output_rows[j] + d), load(outputs, output_rows[j + 1] + d)
    z2, z3 = load(outputs, output_rows[j + 2] + d), load(outputs, output_rows[j + 3] + d)
    z4, z5 = load(outputs, output_rows[j + 4] + d), load(outputs, output_rows[j + 5] + d)
    for i in range(count):
        x = multiply_add(load_splat(errors, at), z0, load(inputs, rows[i] + d))
        x = multiply_add(load_splat(errors, at + 1), z1, x)
        x = multiply_add(load_splat(errors, at + 2), z2, x)
        x = multiply_add(load_splat(errors, at + 3), z3, x)
        x = multiply_add(load_splat(errors, at + 4), z4, x)
        x = multiply_add(load_splat(errors, at + 5), z5, x)
        store(inputs, rows[i] + d, x)
        at += width


@kernel_part
def _input_update_2(inputs, rows, count, errors, at, width, d, outputs, output_rows, j):
    z0, z1 = load(outputs, output_rows[j] + d), load(outputs, output_rows[j + 1] + d)
    for i in range(count):
        x = multiply_add(load_splat(errors, at), z0, load(inputs, rows[i] + d))
        x = multiply_add(load_splat(errors, at + 1), z1, x)
        store(inputs, rows[i] + d, x)
        at += width


@kernel_part
def _gradients_by_6(inputs, rows, count, outputs, output_rows, stride, errors):
    """Do `tile_gradients` for six outputs, whose gradients never leave the registers."""
    r0, r1, r2 = output_rows[0], output_rows[1], output_rows[2]
    r3, r4, r5 = output_rows[3], output_rows[4], output_rows[5]
    for d in range(0, stride, LANES):
        g0 = g1 = g2 = g3 = g4 = g5 = zeros()
        for i in range(count):
            at = 6 * i
            x = load(inputs, rows[i] + d)
            g0 = multiply_add(load_splat(errors, at), x, g0)
            g1 = multiply_add(load_splat(errors, at + 1), x, g1)
            g2 = multiply_add(load_splat(errors, at + 2), x, g2)
            g3 = multiply_add(load_splat(errors, at + 3), x, g3)
            g4 = multiply_add(load_splat(errors, at + 4), x, g4)
            g5 = multiply_add(load_splat(errors, at + 5), x, g5)
        z0, z1, z2 = load(outputs, r0 + d), load(outputs, r1 + d), load(outputs, r2 + d)
        z3, z4, z5 = load(outputs, r3 + d), load(outputs, r4 + d), load(outputs, r5 + d)
        for i in range(count):
            at = 6 * i
            x = multiply_add(load_splat(errors, at), z0, load(inputs, rows[i] + d))
            y = multiply_add(load_splat(errors, at + 1), z1, zeros())
            x = multiply_add(load_splat(errors, at + 2), z2, x)
            y = multiply_add(load_splat(errors, at + 3), z3, y)
            x = multiply_add(load_splat(errors, at + 4), z4, x)
            y = multiply_add(load_splat(errors, at + 5), z5, y)
            store(inputs, rows[i] + d, add(x, y))
        # One after the other, each read afresh: a row that stands twice gets both.
        store(outputs, r0 + d, add(load(outputs, r0 + d), g0))
        store(outputs, r1 + d, add(load(outputs, r1 + d), g1))
        store(outputs, r2 + d, add(load(outputs, r2 + d), g2))
        store(outputs, r3 + d, add(load(outputs, r3 + d), g3))
        store(outputs, r4 + d, add(load(outputs, r4 + d), g4))
        store(outputs, r5 + d, add(load(outputs, r5 + d), g5))


@kernel_part
def tile_gradients(inputs, input_rows, input_count, outputs, output_rows, width, stride, errors, gradient):
    """Add dI = errors · O to the input rows and dO = errorsᵀ · I to the output rows.

    errors: float32, input_count rows of `width`; zero where a column is no decision.
    gradient: float32 scratch, width · LANES.
    """
    if width == 6:
        _gradients_by_6(inputs, input_rows, input_count, outputs, output_rows, stride, errors)
        return
    for d in range(0, stride, LANES):
        j = 0
        while j + 6 <= width:
            _output_gradient_6(inputs, input_rows, input_count, errors, j, width, d, gradient, j * LANES)
            j += 6
        while j < width:
            _output_gradient_2(inputs, input_rows, input_count, errors, j, width, d, gradient, j * LANES)
            j += 2
        j = 0
        while j + 6 <= width:
            _input_update_6(inputs, input_rows, input_count, errors, j, width, d, outputs, output_rows, j)
            j += 6
        while j < width:
            _input_update_2(inputs, input_rows, input_count, errors, j, width, d, outputs, output_rows, j)
            j += 2
        for j in range(width):
            row = output_rows[j] + d
            store(outputs, row, add(load(outputs, row), load(gradient, j * LANES)))


@kernel_part
def mean_of_rows(inputs, rows, count, share, stride, mean):
    """Write share · Σ of the rows, share being 1 / count."""
    for d in range(0, stride, LANES):
        x = zeros()
        for i in range(count):
            x = add(x, load(inputs, rows[i] + d))
        store(mean, d, multiply_add(splat(share), x, zeros()))


@kernel_part
def hidden_logits(hidden, outputs, rows, width, stride, logits):
    """Fill `logits` with the products of one hidden vector and all output rows."""
    j = 0
    while j + 6 <= width:
        r0, r1, r2, r3, r4, r5 = rows[j], rows[j + 1], rows[j + 2], rows[j + 3], rows[j + 4], rows[j + 5]
        a0 = a1 = a2 = a3 = a4 = a5 = zeros()
        for d in range(0, stride, LANES):
            x = load(hidden, d)
            a0, a1 = multiply_add(x, load(outputs, r0 + d), a0), multiply_add(x, load(outputs, r1 + d), a1)
            a2, a3 = multiply_add(x, load(outputs, r2 + d), a2), multiply_add(x, load(outputs, r3 + d), a3)
            a4, a5 = multiply_add(x, load(outputs, r4 + d), a4), multiply_add(x, load(outputs, r5 + d), a5)
        store_totals(logits, j, a0, a1, a2, a3, a4, a5)
        j += 6
    while j < width:
        r0, r1 = rows[j], rows[j + 1]
        a0 = a1 = zeros()
        for d in range(0, stride, LANES):
            x = load(hidden, d)
            a0, a1 = multiply_add(x, load(outputs, r0 + d), a0), multiply_add(x, load(outputs, r1 + d), a1)
        logits[j], logits[j + 1] = total(a0), total(a1)
        j += 2


@kernel_part
def hidden_gradients(hidden, outputs, rows, width, stride, errors, gradient):
    """Write the hidden vector's gradient errors · O, and add errorsᵀ · hidden to the output rows."""
    for d in range(0, stride, LANES):
        x, g, h = load(hidden, d), zeros(), zeros()
        for j in range(0, width, 2):
            g = multiply_add(load_splat(errors, j), load(outputs, rows[j] + d), g)
            h = multiply_add(load_splat(errors, j + 1), load(outputs, rows[j + 1] + d), h)
        for j in range(width):
            store(outputs, rows[j] + d, multiply_add(load_splat(errors, j), x, load(outputs, rows[j] + d)))
        store(gradient, d, add(g, h))


@kernel_part
def add_to_rows(inputs, rows, count, share, stride, gradient):
    """Add share · gradient to each row; one that stands twice gets it twice."""
    for d in range(0, stride, LANES):
        g = multiply_add(splat(share), load(gradient, d), zeros())
        for i in range(count):
            store(inputs, rows[i] + d, add(load(inputs, rows[i] + d), g))
