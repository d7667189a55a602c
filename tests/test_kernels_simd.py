"""Each whole-register operation, compiled, against what its definition says; and the logistic function."""

from __future__ import annotations

import numpy as np
import pytest

from firth.kernels import logistic, simd
from firth.kernels.arguments import ROW_ALIGNMENT
from firth.kernels.jit import kernel
from firth.kernels.simd import (
    LANES,
    add,
    clamp,
    divide,
    inverse_root,
    load,
    load_splat,
    multiply,
    multiply_add,
    prefetch,
    splat,
    splat_lane,
    store,
    store_totals,
    total,
    totals,
    zeros,
)

A, B, C = (np.random.default_rng(seed).normal(size=64).astype(np.float32) for seed in (1, 2, 3))


@kernel
def every_operation(a, b, c, out):
    x, y, z = load(a, 3), load(b, 5), load(c, 7)
    store(out, 0, add(x, y))
    store(out, 16, multiply(x, y))
    store(out, 32, divide(x, y))
    store(out, 48, multiply_add(x, y, z))
    store(out, 64, clamp(x, splat(np.float32(0.5))))
    store(out, 80, splat_lane(x, 2))
    store(out, 96, load_splat(a, 9))
    store(out, 112, zeros())
    out[128] = total(x)
    store_totals(out, 130, x, y, z, add(x, y), multiply(x, y), splat(np.float32(2.0)))
    prefetch(a, 0)


@kernel
def one_register_of_inverse_roots(a, out):
    store(out, 0, inverse_root(load(a, 0)))


@kernel
def six_totals(a, b, c, out):
    store(out, 0, totals(load(a, 3), load(b, 5), load(c, 7), load(a, 0), load(b, 0), load(c, 0)))


@kernel
def one_register_of_logistic(z, out):
    store(out, 0, logistic.logistic(load(z, 0)))


@kernel
def scaled(z, count, scale):
    logistic.scaled_logistic(z, count, scale)


@kernel
def one_softplus(z, out):
    out[0] = logistic.softplus(z[0])


def test_operations_do_what_they_say() -> None:
    out = np.full(256, 7, dtype=np.float32)
    every_operation(A, B, C, out)
    x, y, z = A[3 : 3 + LANES], B[5 : 5 + LANES], C[7 : 7 + LANES]
    for start, expected in [
        (0, x + y),
        (16, x * y),
        (32, x / y),
        (48, x * y + z),
        (64, np.clip(x, -0.5, 0.5)),
        (80, np.full(LANES, x[2])),
        (96, np.full(LANES, A[9])),
        (112, np.zeros(LANES)),
        (128, [x.sum()]),
        (130, [x.sum(), y.sum(), z.sum(), (x + y).sum(), (x * y).sum(), 2 * LANES]),
    ]:
        np.testing.assert_allclose(out[start : start + len(expected)], expected, rtol=1e-5, atol=1e-6)
    # Six sums are six places: the one before and the one behind stay as they were.
    assert out[129] == out[136] == 7


@pytest.mark.skipif(LANES < 8, reason="six sums do not fit into one register of this processor")
def test_six_sums_in_one_register() -> None:
    out = np.zeros(16, dtype=np.float32)
    six_totals(A, B, C, out)
    starts = [A[3:], B[5:], C[7:], A, B, C]
    np.testing.assert_allclose(out[:6], [values[:LANES].sum() for values in starts], rtol=1e-5, atol=1e-6)


def test_inverse_roots_are_good_to_float32_over_their_whole_range() -> None:
    values = np.logspace(-30, 30, 320).astype(np.float32)
    out = np.zeros(16, dtype=np.float32)
    for start in range(0, len(values), LANES):
        one_register_of_inverse_roots(values[start : start + LANES], out)
        exact = 1 / np.sqrt(values[start : start + LANES].astype(np.float64))
        np.testing.assert_allclose(out[:LANES], exact, rtol=3e-7)


def test_rows_hold_whole_registers() -> None:
    assert ROW_ALIGNMENT % simd.LANES == 0


def test_the_logistic_function_is_within_its_stated_error() -> None:
    z = np.linspace(-18, 18, 8000, dtype=np.float32)
    exact = 1 / (1 + np.exp(-z.astype(np.float64)))
    several = z.copy()
    scaled(several, len(several), np.float32(1))
    np.testing.assert_allclose(several, exact, atol=2e-7)
    one = np.zeros(16, dtype=np.float32)
    for start in range(0, len(z), LANES):
        one_register_of_logistic(z[start : start + LANES], one)
        np.testing.assert_allclose(one[:LANES], exact[start : start + LANES], atol=2e-7)


def test_far_logits_are_as_good_as_certain() -> None:
    z = np.array([-1e30, -100, 100, 1e30] * 4, dtype=np.float32)
    scaled(z, len(z), np.float32(-2))
    np.testing.assert_allclose(z, [0, 0, -2, -2] * 4, atol=1e-6)


@pytest.mark.parametrize("z", [-800.0, -3.0, 0.0, 2.0, 800.0])
def test_softplus_neither_overflows_nor_vanishes(z: float) -> None:
    out = np.zeros(1)
    one_softplus(np.array([z]), out)
    assert out[0] == pytest.approx(np.logaddexp(0, z), rel=1e-12, abs=1e-300)
