"""GloVe's step over a run of entries: a product of two rows, its error, and AdaGrad on both.

A word's row, in `words` as in `contexts`, holds its vector, then two numbers that make the biases a part of the
product, then zeros up to whole registers; behind them stand, in the same order, the sums of squares that AdaGrad
divides by:

    words:     w_1 … w_D, b, 1, 0 … | G_1 … G_D, G_b, ∞, 1 …
    contexts:  w̃_1 … w̃_D, 1, b̃, 0 … | G̃_1 … G̃_D, ∞, G̃_b, 1 …

so that one product of whole registers is w · w̃ + b + b̃, and the ones never learn (∞ is FROZEN).
"""

from __future__ import annotations

import numpy as np

from firth.kernels.arguments import ROW_ALIGNMENT
from firth.kernels.jit import kernel, kernel_part
from firth.kernels.simd import (
    LANES,
    inverse_root,
    load,
    multiply,
    multiply_add,
    prefetch,
    splat,
    store,
    total,
    zeros,
)

__all__ = ["FROZEN", "train_entries"]

FROZEN = 1e30
"""A sum of squares next to which no step counts, and whose root's inverse a float32 still holds."""


AHEAD = 4
"""How many entries early rows are asked for; by measurement (bench/LOG.md)."""


@kernel_part
def _fetch(words, contexts, word, context, width):
    """Ask for two rows, a cache line at a time."""
    for d in range(0, width, ROW_ALIGNMENT):
        prefetch(words, word + d)
        prefetch(contexts, context + d)


@kernel_part
def _product(words, contexts, word, context, stride):
    """Return the product of two rows."""
    sums = zeros()
    for d in range(0, stride, LANES):
        sums = multiply_add(load(words, word + d), load(contexts, context + d), sums)
    return total(sums)


@kernel_part
def _learn(words, contexts, word, context, stride, step):
    """Move two rows along their gradients: step · the other row, over the root of the squares so far."""
    down = splat(-step)
    for d in range(0, stride, LANES):
        w, c = load(words, word + d), load(contexts, context + d)
        w_squares, c_squares = load(words, word + stride + d), load(contexts, context + stride + d)
        w_step, c_step = multiply(down, c), multiply(down, w)
        store(words, word + d, multiply_add(w_step, inverse_root(w_squares), w))
        store(contexts, context + d, multiply_add(c_step, inverse_root(c_squares), c))
        store(words, word + stride + d, multiply_add(w_step, w_step, w_squares))
        store(contexts, context + stride + d, multiply_add(c_step, c_step, c_squares))


@kernel
def train_entries(words, contexts, entries, start, stop, first_rate, last_rate, tally):
    """Learn from a run of entries, one after the other.

    Args:
        words: float32 (V, 2 · stride), see above; changed.
        contexts: float32 (V, 2 · stride), see above; changed.
        entries: (n,) of `firth.objectives.tiles.ENTRY`.
        start: the first entry's place.
        stop: the place behind the last one.
        first_rate: the learning rate at `start`.
        last_rate: the learning rate at `stop`.
        tally: float64 (1,), to which Σ f(X) · error² is added, each error taken before its step.
    """
    width = words.shape[1]
    stride = width // 2
    slope = (last_rate - first_rate) / (stop - start)
    loss = 0.0
    for place in range(start, stop):
        ahead = entries[min(place + AHEAD, stop - 1)]
        _fetch(words, contexts, np.int64(ahead["row"]) * width, np.int64(ahead["column"]) * width, width)
        entry = entries[place]
        word, context = np.int64(entry["row"]) * width, np.int64(entry["column"]) * width
        error = _product(words, contexts, word, context, stride) - entry["log_count"]
        weighted = entry["weight"] * error
        loss += np.float64(weighted) * np.float64(error)
        rate = first_rate + slope * (place - start)
        _learn(words, contexts, word, context, stride, np.float32(rate) * weighted)
    tally[0] += loss
