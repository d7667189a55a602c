"""The one step behind every sampled objective: yes/no decisions on an inputs × outputs tile.

    logits = I · Oᵀ − offset;  errors = (label − σ(logits)) · rate;  dI = errors · O;  dO = errorsᵀ · I

Rows are named by the offset of their first number (firth.kernels.simd). The outputs asked stand in `asked` from place
`first` on; `width` of them, an even number: an odd one is filled up with the matrix's last row, which is always zero
and whose error is zero. They are taken six at a time, and what is left two at a time, so that six rows of sums stay
in registers. All gradients are taken at the values before the step, and a row that stands twice gets both its
gradients, as the definitions in firth.objectives say.
"""

from firth.kernels.jit import kernel_part
from firth.kernels.simd import LANES, add, load, load_splat, multiply_add, store, store_totals, total, zeros

__all__ = ["tile_gradients", "tile_logits"]


@kernel_part
def _logits_2_by_6(inputs, row, other, outputs, asked, j, stride, logits, at, width):
    r0, r1, r2 = asked[j], asked[j + 1], asked[j + 2]
    r3, r4, r5 = asked[j + 3], asked[j + 4], asked[j + 5]
    a0 = a1 = a2 = a3 = a4 = a5 = b0 = b1 = b2 = b3 = b4 = b5 = zeros()
    for d in range(0, stride, LANES):
        x, y = load(inputs, row + d), load(inputs, other + d)
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
def _logits_2_by_2(inputs, row, other, outputs, asked, j, stride, logits, at, width):
    r0, r1 = asked[j], asked[j + 1]
    a0 = a1 = b0 = b1 = zeros()
    for d in range(0, stride, LANES):
        x, y = load(inputs, row + d), load(inputs, other + d)
        z = load(outputs, r0 + d)
        a0, b0 = multiply_add(x, z, a0), multiply_add(y, z, b0)
        z = load(outputs, r1 + d)
        a1, b1 = multiply_add(x, z, a1), multiply_add(y, z, b1)
    logits[at], logits[at + 1] = total(a0), total(a1)
    logits[at + width], logits[at + width + 1] = total(b0), total(b1)


@kernel_part
def tile_logits(inputs, rows, count, outputs, asked, first, width, stride, logits):
    """Fill `logits`, `width` to an input, with the products of all input and output rows.

    rows: int64, the inputs' offsets; where `count` is odd, the zero row stands after the last.
    """
    for i in range(0, count, 2):
        j = 0
        while j + 6 <= width:
            _logits_2_by_6(
                inputs, rows[i], rows[i + 1], outputs, asked, first + j, stride, logits, i * width + j, width
            )
            j += 6
        while j < width:
            _logits_2_by_2(
                inputs, rows[i], rows[i + 1], outputs, asked, first + j, stride, logits, i * width + j, width
            )
            j += 2


@kernel_part
def _output_gradient_6(inputs, rows, count, errors, j, width, stride, gradient):
    for d in range(0, stride, LANES):
        g0 = g1 = g2 = g3 = g4 = g5 = zeros()
        for i in range(count):
            at = i * width + j
            x = load(inputs, rows[i] + d)
            g0 = multiply_add(load_splat(errors, at), x, g0)
            g1 = multiply_add(load_splat(errors, at + 1), x, g1)
            g2 = multiply_add(load_splat(errors, at + 2), x, g2)
            g3 = multiply_add(load_splat(errors, at + 3), x, g3)
            g4 = multiply_add(load_splat(errors, at + 4), x, g4)
            g5 = multiply_add(load_splat(errors, at + 5), x, g5)
        at = j * stride + d
        store(gradient, at, g0)
        store(gradient, at + stride, g1)
        store(gradient, at + 2 * stride, g2)
        store(gradient, at + 3 * stride, g3)
        store(gradient, at + 4 * stride, g4)
        store(gradient, at + 5 * stride, g5)


@kernel_part
def _output_gradient_2(inputs, rows, count, errors, j, width, stride, gradient):
    for d in range(0, stride, LANES):
        g0 = g1 = zeros()
        for i in range(count):
            at = i * width + j
            x = load(inputs, rows[i] + d)
            g0 = multiply_add(load_splat(errors, at), x, g0)
            g1 = multiply_add(load_splat(errors, at + 1), x, g1)
        store(gradient, j * stride + d, g0)
        store(gradient, (j + 1) * stride + d, g1)


@kernel_part
def _input_update_6(inputs, rows, count, errors, j, width, stride, outputs, asked, first):
    r0, r1, r2 = asked[first + j], asked[first + j + 1], asked[first + j + 2]
    r3, r4, r5 = asked[first + j + 3], asked[first + j + 4], asked[first + j + 5]
    for d in range(0, stride, LANES):
        z0, z1, z2 = load(outputs, r0 + d), load(outputs, r1 + d), load(outputs, r2 + d)
        z3, z4, z5 = load(outputs, r3 + d), load(outputs, r4 + d), load(outputs, r5 + d)
        for i in range(count):
            at = i * width + j
            x = multiply_add(load_splat(errors, at), z0, load(inputs, rows[i] + d))
            x = multiply_add(load_splat(errors, at + 1), z1, x)
            x = multiply_add(load_splat(errors, at + 2), z2, x)
            x = multiply_add(load_splat(errors, at + 3), z3, x)
            x = multiply_add(load_splat(errors, at + 4), z4, x)
            x = multiply_add(load_splat(errors, at + 5), z5, x)
            store(inputs, rows[i] + d, x)


@kernel_part
def _input_update_2(inputs, rows, count, errors, j, width, stride, outputs, asked, first):
    r0, r1 = asked[first + j], asked[first + j + 1]
    for d in range(0, stride, LANES):
        z0, z1 = load(outputs, r0 + d), load(outputs, r1 + d)
        for i in range(count):
            at = i * width + j
            x = multiply_add(load_splat(errors, at), z0, load(inputs, rows[i] + d))
            store(inputs, rows[i] + d, multiply_add(load_splat(errors, at + 1), z1, x))


@kernel_part
def _gradients_by_6(inputs, rows, count, learning, outputs, asked, first, stride, errors):
    """Do `tile_gradients` for a width of six, where the outputs' gradients need never leave the registers."""
    r0, r1, r2 = asked[first], asked[first + 1], asked[first + 2]
    r3, r4, r5 = asked[first + 3], asked[first + 4], asked[first + 5]
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
        for i in range(learning):
            at = 6 * i
            x = multiply_add(load_splat(errors, at), z0, load(inputs, rows[i] + d))
            x = multiply_add(load_splat(errors, at + 1), z1, x)
            x = multiply_add(load_splat(errors, at + 2), z2, x)
            x = multiply_add(load_splat(errors, at + 3), z3, x)
            x = multiply_add(load_splat(errors, at + 4), z4, x)
            x = multiply_add(load_splat(errors, at + 5), z5, x)
            store(inputs, rows[i] + d, x)
        # One after the other, each read afresh: a row that stands twice gets both.
        store(outputs, r0 + d, add(load(outputs, r0 + d), g0))
        store(outputs, r1 + d, add(load(outputs, r1 + d), g1))
        store(outputs, r2 + d, add(load(outputs, r2 + d), g2))
        store(outputs, r3 + d, add(load(outputs, r3 + d), g3))
        store(outputs, r4 + d, add(load(outputs, r4 + d), g4))
        store(outputs, r5 + d, add(load(outputs, r5 + d), g5))


@kernel_part
def tile_gradients(inputs, rows, count, learning, outputs, asked, first, width, stride, errors, gradient):
    """Add dI = errors · O to the first `learning` input rows and dO = errorsᵀ · I to the output rows.

    errors: float32, `width` to an input; zero where a column is no decision.
    gradient: float32 scratch, width · stride.
    """
    if width == 6:
        _gradients_by_6(inputs, rows, count, learning, outputs, asked, first, stride, errors)
        return
    j = 0
    while j + 6 <= width:
        _output_gradient_6(inputs, rows, count, errors, j, width, stride, gradient)
        j += 6
    while j < width:
        _output_gradient_2(inputs, rows, count, errors, j, width, stride, gradient)
        j += 2
    j = 0
    while j + 6 <= width:
        _input_update_6(inputs, rows, learning, errors, j, width, stride, outputs, asked, first)
        j += 6
    while j < width:
        _input_update_2(inputs, rows, learning, errors, j, width, stride, outputs, asked, first)
        j += 2
    for j in range(width):
        row = asked[first + j]
        for d in range(0, stride, LANES):
            store(outputs, row + d, add(load(outputs, row + d), load(gradient, j * stride + d)))
