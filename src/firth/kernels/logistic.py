"""The logistic function on whole arrays, and the loss of yes/no decisions."""

import numpy as np

from firth.kernels.arguments import ROW_ALIGNMENT
from firth.kernels.jit import kernel_part
from firth.kernels.simd import add, clamp, divide, multiply, multiply_add, splat

__all__ = ["logistic", "scaled_logistic", "softplus"]


@kernel_part
def scaled_logistic(logits, count, scale):
    """Replace at least the first `count` float32 values z by scale · σ(z), σ(z) = 1 / (1 + e⁻ᶻ) within 2e-7.

    σ(z) = ½ + t / (1 + t²) with t = tanh(z / 4), and tanh as Lambert's continued fraction cut at its seventh term:
    products and one division, which become vector instructions where exp does not. |z| beyond 18 counts as 18.
    """
    # Whole registers only: the array has room for them, and what lies beyond `count` means nothing.
    for i in range(-(-count // ROW_ALIGNMENT) * ROW_ALIGNMENT):
        x = np.float32(0.25) * min(max(logits[i], np.float32(-18.0)), np.float32(18.0))
        y = x * x
        p = np.float32(135135.0) + y * (np.float32(17325.0) + y * (np.float32(378.0) + y))
        q = np.float32(135135.0) + y * (np.float32(62370.0) + y * (np.float32(3150.0) + y * np.float32(28.0)))
        p *= x
        logits[i] = scale * (np.float32(0.5) + p * q / (p * p + q * q))


@kernel_part
def logistic(z):
    """Return σ of one register of logits, within 2e-7; the formula of `scaled_logistic`."""
    x = multiply(splat(np.float32(0.25)), clamp(z, splat(np.float32(18.0))))
    y = multiply(x, x)
    p = multiply_add(y, add(y, splat(np.float32(378.0))), splat(np.float32(17325.0)))
    p = multiply(x, multiply_add(y, p, splat(np.float32(135135.0))))
    q = multiply_add(y, multiply_add(y, splat(np.float32(28.0)), splat(np.float32(3150.0))), splat(np.float32(62370.0)))
    q = multiply_add(y, q, splat(np.float32(135135.0)))
    return add(splat(np.float32(0.5)), divide(multiply(p, q), multiply_add(p, p, multiply(q, q))))


@kernel_part
def softplus(z):
    """Return log(1 + eᶻ) in float64, without overflow: the loss of answering "no" where the logit is z."""
    return max(z, 0.0) + np.log1p(np.exp(-abs(z)))
