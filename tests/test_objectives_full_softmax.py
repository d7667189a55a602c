"""Losses over the whole vocabulary: the definitions against numerical gradients and against PyTorch's."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest

from firth.errors import SettingsError
from firth.objectives import binary_cross_entropy, full_softmax
from firth.objectives.binary_cross_entropy import BinaryCrossEntropy
from firth.objectives.cbow import CBOW
from firth.objectives.full_softmax import FullSoftmax
from firth.objectives.skipgram import SkipGram

STEP = 1e-6
RANDOM = np.random.default_rng(1)
INPUTS, OUTPUTS = RANDOM.normal(size=(3, 4)), RANDOM.normal(size=(6, 4))
COUNTS = np.array([[2, 0, 1, 0, 0, 0], [0, 0, 0, 0, 0, 1], [1, 1, 1, 1, 1, 0]], dtype=np.float64)
SETS = np.minimum(COUNTS, 1)
DEFINITIONS = pytest.mark.parametrize(
    ("definition", "targets"), [(full_softmax, COUNTS), (binary_cross_entropy, SETS)], ids=["softmax", "binary"]
)


@DEFINITIONS
def test_gradients_are_those_of_the_loss(definition: ModuleType, targets: np.ndarray) -> None:
    gradients = definition.gradients(INPUTS, OUTPUTS, targets)
    for which, gradient in enumerate(gradients):
        for place in np.ndindex(gradient.shape):
            values = []
            for step in (STEP, -STEP):
                moved = [INPUTS.copy(), OUTPUTS.copy()]
                moved[which][place] += step
                values.append(definition.loss(*moved, targets))
            assert gradient[place] == pytest.approx((values[0] - values[1]) / (2 * STEP), rel=1e-6, abs=1e-8)


def test_the_softmax_is_the_sum_over_pairs_by_hand() -> None:
    expected = 0.0
    for row, word in zip(*np.nonzero(COUNTS), strict=True):
        scores = [float(np.dot(INPUTS[row], output)) for output in OUTPUTS]
        expected -= COUNTS[row, word] * np.log(np.exp(scores[word]) / sum(np.exp(scores)))
    assert full_softmax.loss(INPUTS, OUTPUTS, COUNTS) == pytest.approx(expected)


def test_binary_cross_entropy_is_one_decision_a_word_by_hand() -> None:
    expected = 0.0
    for row, word in np.ndindex(SETS.shape):
        probability = 1 / (1 + np.exp(-np.dot(INPUTS[row], OUTPUTS[word])))
        expected -= np.log(probability if SETS[row, word] else 1 - probability)
    assert binary_cross_entropy.loss(INPUTS, OUTPUTS, SETS) == pytest.approx(expected)


@DEFINITIONS
def test_large_logits_stay_in_range(definition: ModuleType, targets: np.ndarray) -> None:
    with np.errstate(all="raise", under="ignore"):
        assert np.isfinite(definition.loss(200 * INPUTS, 200 * OUTPUTS, targets))
        assert all(np.isfinite(g).all() for g in definition.gradients(200 * INPUTS, 200 * OUTPUTS, targets))


@DEFINITIONS
def test_gradients_are_those_of_pytorch(definition: ModuleType, targets: np.ndarray) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch, a second opinion on gradients, is not installed")
    inputs, outputs = (torch.tensor(matrix, requires_grad=True) for matrix in (INPUTS, OUTPUTS))
    logits = inputs @ outputs.T
    if definition is full_softmax:
        loss = -(torch.tensor(targets) * torch.log_softmax(logits, dim=1)).sum()
    else:
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, torch.tensor(targets), reduction="sum")
    loss.backward()
    assert definition.loss(INPUTS, OUTPUTS, targets) == pytest.approx(loss.item(), rel=1e-12)
    for ours, theirs in zip(definition.gradients(INPUTS, OUTPUTS, targets), (inputs.grad, outputs.grad), strict=True):
        np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-10, atol=1e-12)


def test_biases_are_the_logits_of_base_rates() -> None:
    kept = np.array([6.0, 3.0, 1.0])
    biases = BinaryCrossEntropy().biases(kept, 2)
    rates = 1 - np.exp(-2 * kept / 10)
    np.testing.assert_allclose(1 / (1 + np.exp(-biases)), rates)
    np.testing.assert_array_equal(BinaryCrossEntropy(base_rates=False).biases(kept, 2), 0)


def test_biases_shift_the_logits_alike() -> None:
    biases = np.array([0.5, -1, 2, 0, -3, 1])
    inputs, outputs = np.hstack([INPUTS, np.ones((3, 1))]), np.hstack([OUTPUTS, biases[:, None]])
    assert binary_cross_entropy.loss(INPUTS, OUTPUTS, SETS, biases) == pytest.approx(
        binary_cross_entropy.loss(inputs, outputs, SETS)
    )
    expected = binary_cross_entropy.gradients(inputs, outputs, SETS)
    for ours, theirs in zip(binary_cross_entropy.gradients(INPUTS, OUTPUTS, SETS, biases), expected, strict=True):
        np.testing.assert_allclose(ours, theirs[:, :4])


@pytest.mark.parametrize("base_rates", [None, 1, "yes"])
def test_base_rates_are_there_or_not(base_rates: object) -> None:
    with pytest.raises(SettingsError, match="expected base_rates"):
        BinaryCrossEntropy(base_rates=base_rates)


@pytest.mark.parametrize("loss", [FullSoftmax, BinaryCrossEntropy])
@pytest.mark.parametrize("batch", [0, -1, 2.5, True, 100_001, "all"])
def test_a_batch_that_is_none_is_refused(loss: type, batch: object) -> None:
    with pytest.raises(SettingsError, match="expected a batch of 1 to 100000"):
        loss(batch=batch)


@pytest.mark.parametrize("objective", [SkipGram, CBOW])
def test_the_class_in_place_of_a_loss_is_refused(objective: type) -> None:
    with pytest.raises(SettingsError, match=r"FullSoftmax\(\)"):
        objective(loss=FullSoftmax)
