"""Errors and loss of a whole vocabulary in float32, against float64; AdaGrad's step against its formula."""

from __future__ import annotations

import numpy as np
import pytest

from firth.kernels.whole_vocabulary import Batch, adagrad, logistic_errors, softmax_errors

ROWS = 5


def batch(words: int) -> Batch:
    """Return a batch of which the middle rows are asked for some words."""
    random = np.random.default_rng(2)
    pairs = 12
    return Batch(
        slots=np.zeros(words, dtype=np.int32),
        seen=np.zeros(words, dtype=np.int64),
        touched=np.zeros(1, dtype=np.int32),
        members=np.zeros(1, dtype=np.int32),
        member_ends=np.zeros(1, dtype=np.int64),
        asked_rows=random.integers(ROWS + 2, size=pairs).astype(np.int32),
        asked_words=random.integers(words, size=pairs).astype(np.int32),
        weights=random.integers(1, 9, size=ROWS + 2).astype(np.float32),
    )


@pytest.mark.parametrize("scale", [0, 1, 10, 60])
@pytest.mark.parametrize("words", [1, 7, 16, 333])
@pytest.mark.parametrize("softmax", [True, False])
def test_errors_and_loss_are_those_of_float64(softmax: bool, words: int, scale: float) -> None:
    asked = batch(words)
    logits = np.random.default_rng(words).normal(scale=scale, size=(ROWS, words)).astype(np.float32)
    biases = np.random.default_rng(9).normal(size=words).astype(np.float32)
    z = logits.astype(np.float64) + (0 if softmax else biases)
    weights = asked.weights[1 : ROWS + 1, None].astype(np.float64)
    counts = np.zeros((ROWS + 2, words))
    np.add.at(counts, (asked.asked_rows, asked.asked_words), 1)
    counts = counts[1 : ROWS + 1]
    if softmax:
        highest = z.max(axis=1, keepdims=True)
        logs = highest + np.log(np.exp(z - highest).sum(axis=1, keepdims=True))
        probabilities = np.exp(z - logs)
        expected = (weights * logs).sum() - (counts * z).sum()
    else:
        probabilities = np.exp(-np.logaddexp(0, -z))
        expected = (weights * np.logaddexp(0, z)).sum() - (counts * z).sum()
    # The batch's second row is the first of these logits; its first and last rows belong to other pieces.
    if softmax:
        loss = softmax_errors(logits, 1, ROWS, asked, len(asked.asked_rows))
    else:
        loss = logistic_errors(logits, biases, 1, ROWS, asked, len(asked.asked_rows))
    assert loss == pytest.approx(expected, rel=1e-5, abs=1e-5)
    np.testing.assert_allclose(logits, weights * probabilities - counts, rtol=2e-5, atol=1e-6)


def test_adagrad_takes_the_formula_s_step() -> None:
    random = np.random.default_rng(3)
    weights, squares = random.normal(size=(6, 5)).astype(np.float32), random.random((6, 5)).astype(np.float32)
    words, gradients = np.array([4, 1, 2], dtype=np.int32), random.normal(size=(2, 5)).astype(np.float32)
    before, sums = weights.copy(), squares.copy()
    adagrad(weights, squares, words, 2, gradients, np.float32(0.1))
    sums[words[:2]] += gradients**2
    before[words[:2]] -= 0.1 * gradients / np.sqrt(sums[words[:2]])
    np.testing.assert_allclose(squares, sums, rtol=1e-6)
    np.testing.assert_allclose(weights, before, rtol=1e-5)
    every = random.normal(size=(6, 5)).astype(np.float32)
    adagrad(weights, squares, words, -1, every, np.float32(0.1))
    np.testing.assert_allclose(weights, before - 0.1 * every / np.sqrt(sums + every**2), rtol=1e-4, atol=1e-6)


def test_adagrad_leaves_alone_what_has_no_gradient() -> None:
    weights, squares = np.ones((2, 3), dtype=np.float32), np.zeros((2, 3), dtype=np.float32)
    adagrad(weights, squares, np.array([0], dtype=np.int32), 1, np.zeros((1, 3), dtype=np.float32), np.float32(1))
    np.testing.assert_array_equal(weights, 1)
