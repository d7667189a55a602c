"""The step of firth.kernels.decisions for a single input: the hidden vector of CBOW, the mean of its contexts.

With one input there is no matrix product to win by; what counts is to read and write each row once. The usual case, a
word and five noise words, has parts of its own (`…_6`) in which logits and errors never leave a register.
"""

from firth.kernels.jit import kernel_part
from firth.kernels.simd import (
    LANES,
    add,
    load,
    load_splat,
    multiply,
    multiply_add,
    splat,
    splat_lane,
    store,
    store_totals,
    total,
    totals,
    zeros,
)

__all__ = [
    "add_to_rows",
    "hidden_gradients",
    "hidden_logits",
    "mean_and_logits_6",
    "mean_gradients_6",
    "mean_of_rows",
]


@kernel_part
def mean_of_rows(inputs, rows, count, share, stride, mean):
    """Write share · Σ of the rows, share being 1 / count."""
    for d in range(0, stride, LANES):
        x = zeros()
        for i in range(count):
            x = add(x, load(inputs, rows[i] + d))
        store(mean, d, multiply_add(splat(share), x, zeros()))


@kernel_part
def hidden_logits(hidden, outputs, asked, first, width, stride, logits):
    """Fill `logits` with the products of one hidden vector and all output rows."""
    j = first
    while j + 6 <= first + width:
        r0, r1, r2 = asked[j], asked[j + 1], asked[j + 2]
        r3, r4, r5 = asked[j + 3], asked[j + 4], asked[j + 5]
        a0 = a1 = a2 = a3 = a4 = a5 = zeros()
        for d in range(0, stride, LANES):
            x = load(hidden, d)
            a0, a1 = multiply_add(x, load(outputs, r0 + d), a0), multiply_add(x, load(outputs, r1 + d), a1)
            a2, a3 = multiply_add(x, load(outputs, r2 + d), a2), multiply_add(x, load(outputs, r3 + d), a3)
            a4, a5 = multiply_add(x, load(outputs, r4 + d), a4), multiply_add(x, load(outputs, r5 + d), a5)
        store_totals(logits, j - first, a0, a1, a2, a3, a4, a5)
        j += 6
    while j < first + width:
        r0, r1 = asked[j], asked[j + 1]
        a0 = a1 = zeros()
        for d in range(0, stride, LANES):
            x = load(hidden, d)
            a0, a1 = multiply_add(x, load(outputs, r0 + d), a0), multiply_add(x, load(outputs, r1 + d), a1)
        logits[j - first], logits[j - first + 1] = total(a0), total(a1)
        j += 2


@kernel_part
def _hidden_gradient_6(outputs, asked, first, errors, j, stride, gradient):
    r0, r1, r2 = asked[first + j], asked[first + j + 1], asked[first + j + 2]
    r3, r4, r5 = asked[first + j + 3], asked[first + j + 4], asked[first + j + 5]
    e0, e1, e2 = load_splat(errors, j), load_splat(errors, j + 1), load_splat(errors, j + 2)
    e3, e4, e5 = load_splat(errors, j + 3), load_splat(errors, j + 4), load_splat(errors, j + 5)
    for d in range(0, stride, LANES):
        g = multiply_add(e0, load(outputs, r0 + d), load(gradient, d))
        g = multiply_add(e1, load(outputs, r1 + d), g)
        g = multiply_add(e2, load(outputs, r2 + d), g)
        g = multiply_add(e3, load(outputs, r3 + d), g)
        g = multiply_add(e4, load(outputs, r4 + d), g)
        store(gradient, d, multiply_add(e5, load(outputs, r5 + d), g))


@kernel_part
def _hidden_gradient_2(outputs, asked, first, errors, j, stride, gradient):
    r0, r1 = asked[first + j], asked[first + j + 1]
    e0, e1 = load_splat(errors, j), load_splat(errors, j + 1)
    for d in range(0, stride, LANES):
        g = multiply_add(e0, load(outputs, r0 + d), load(gradient, d))
        store(gradient, d, multiply_add(e1, load(outputs, r1 + d), g))


@kernel_part
def _row_update(hidden, outputs, row, error, stride):
    for d in range(0, stride, LANES):
        store(outputs, row + d, multiply_add(error, load(hidden, d), load(outputs, row + d)))


@kernel_part
def _rows_update_6(hidden, outputs, asked, first, errors, j, stride):
    r0, r1, r2 = asked[first + j], asked[first + j + 1], asked[first + j + 2]
    r3, r4, r5 = asked[first + j + 3], asked[first + j + 4], asked[first + j + 5]
    e0, e1, e2 = load_splat(errors, j), load_splat(errors, j + 1), load_splat(errors, j + 2)
    e3, e4, e5 = load_splat(errors, j + 3), load_splat(errors, j + 4), load_splat(errors, j + 5)
    for d in range(0, stride, LANES):
        x = load(hidden, d)
        # One after the other, each read afresh: a row that stands twice gets both.
        store(outputs, r0 + d, multiply_add(e0, x, load(outputs, r0 + d)))
        store(outputs, r1 + d, multiply_add(e1, x, load(outputs, r1 + d)))
        store(outputs, r2 + d, multiply_add(e2, x, load(outputs, r2 + d)))
        store(outputs, r3 + d, multiply_add(e3, x, load(outputs, r3 + d)))
        store(outputs, r4 + d, multiply_add(e4, x, load(outputs, r4 + d)))
        store(outputs, r5 + d, multiply_add(e5, x, load(outputs, r5 + d)))


@kernel_part
def hidden_gradients(hidden, outputs, asked, first, width, stride, errors, gradient):
    """Write the hidden vector's gradient errors · O, and add errorsᵀ · hidden to the output rows."""
    for d in range(0, stride, LANES):
        store(gradient, d, zeros())
    j = 0
    while j + 6 <= width:
        _hidden_gradient_6(outputs, asked, first, errors, j, stride, gradient)
        j += 6
    while j < width:
        _hidden_gradient_2(outputs, asked, first, errors, j, stride, gradient)
        j += 2
    j = 0
    while j + 6 <= width:
        _rows_update_6(hidden, outputs, asked, first, errors, j, stride)
        j += 6
    while j < width:
        _row_update(hidden, outputs, asked[first + j], load_splat(errors, j), stride)
        j += 1


@kernel_part
def mean_and_logits_6(inputs, rows, count, share, stride, outputs, asked, first, hidden):
    """Write the mean of the rows; return its products with six output rows as lanes."""
    r0, r1, r2 = asked[first], asked[first + 1], asked[first + 2]
    r3, r4, r5 = asked[first + 3], asked[first + 4], asked[first + 5]
    a0 = a1 = a2 = a3 = a4 = a5 = zeros()
    shares = splat(share)
    for d in range(0, stride, LANES):
        x = zeros()
        for i in range(count):
            x = add(x, load(inputs, rows[i] + d))
        x = multiply(x, shares)
        store(hidden, d, x)
        a0, a1 = multiply_add(x, load(outputs, r0 + d), a0), multiply_add(x, load(outputs, r1 + d), a1)
        a2, a3 = multiply_add(x, load(outputs, r2 + d), a2), multiply_add(x, load(outputs, r3 + d), a3)
        a4, a5 = multiply_add(x, load(outputs, r4 + d), a4), multiply_add(x, load(outputs, r5 + d), a5)
    return totals(a0, a1, a2, a3, a4, a5)


@kernel_part
def mean_gradients_6(inputs, rows, learning, share, stride, outputs, asked, first, hidden, errors):
    """Add share · errors · O to the mean's first `learning` rows, and errorsᵀ · hidden to six output rows.

    errors: lanes.
    """
    r0, r1, r2 = asked[first], asked[first + 1], asked[first + 2]
    r3, r4, r5 = asked[first + 3], asked[first + 4], asked[first + 5]
    e0, e1, e2 = splat_lane(errors, 0), splat_lane(errors, 1), splat_lane(errors, 2)
    e3, e4, e5 = splat_lane(errors, 3), splat_lane(errors, 4), splat_lane(errors, 5)
    shares = splat(share)
    for d in range(0, stride, LANES):
        g = multiply_add(e1, load(outputs, r1 + d), multiply(e0, load(outputs, r0 + d)))
        h = multiply_add(e3, load(outputs, r3 + d), multiply(e2, load(outputs, r2 + d)))
        g = multiply_add(e4, load(outputs, r4 + d), g)
        h = multiply_add(e5, load(outputs, r5 + d), h)
        g = multiply(add(g, h), shares)
        x = load(hidden, d)
        # One after the other, each read afresh: a row that stands twice gets both.
        store(outputs, r0 + d, multiply_add(e0, x, load(outputs, r0 + d)))
        store(outputs, r1 + d, multiply_add(e1, x, load(outputs, r1 + d)))
        store(outputs, r2 + d, multiply_add(e2, x, load(outputs, r2 + d)))
        store(outputs, r3 + d, multiply_add(e3, x, load(outputs, r3 + d)))
        store(outputs, r4 + d, multiply_add(e4, x, load(outputs, r4 + d)))
        store(outputs, r5 + d, multiply_add(e5, x, load(outputs, r5 + d)))
        for i in range(learning):
            store(inputs, rows[i] + d, add(load(inputs, rows[i] + d), g))


@kernel_part
def add_to_rows(inputs, rows, count, share, stride, gradient):
    """Add share · gradient to each row; one that stands twice gets it twice."""
    shares = splat(share)
    for i in range(count):
        row = rows[i]
        for d in range(0, stride, LANES):
            store(inputs, row + d, multiply_add(shares, load(gradient, d), load(inputs, row + d)))
