"""The model over the whole vocabulary: its step equals the definitions', however batches are grouped and cut."""

from __future__ import annotations

import itertools
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import firth
from firth.contexts.subsampling import Subsampling
from firth.contexts.window import Window
from firth.objectives import binary_cross_entropy, full_softmax, whole_vocabulary
from firth.objectives.binary_cross_entropy import BinaryCrossEntropy
from firth.objectives.cbow import CBOW
from firth.objectives.full_softmax import FullSoftmax
from firth.objectives.skipgram import SkipGram
from firth.objectives.whole_vocabulary import WholeVocabularyModel
from naive import company, whole_vocabulary_block

VOCABULARY = 40
WORDS = [f"w{word}" for word in range(VOCABULARY)]
RATES = (0.2, 0.05)
SEED = 12345
LOSSES = pytest.mark.parametrize("loss", [FullSoftmax, BinaryCrossEntropy])
OBJECTIVES = {
    "skip-gram": SkipGram,
    "cbow": CBOW,
    "cbow-historical": lambda **settings: CBOW(gradient="historical", **settings),
}
ARCHITECTURES = pytest.mark.parametrize("name", OBJECTIVES)
WINDOWS = {
    "soft": Window(left=3, right=3),
    "fixed": Window(left=2, right=2, soft=False),
    "left": Window(left=4, right=0),
    "lopsided": Window(left=1, right=5),
    "before-subsampling": Window(left=3, right=3, before_subsampling=True),
}


def sentences() -> list[list[int]]:
    """Return sentences of every awkward length, the frequent words often twice in a window."""
    random = np.random.default_rng(5)
    lengths = [1, 2, 3, 40, 7, 1, 25]
    return [np.minimum(random.geometric(0.1, size=n) - 1, VOCABULARY - 1).tolist() for n in lengths]


def text() -> SimpleNamespace:
    token_ids = np.array(list(itertools.chain(*sentences())), dtype=np.int32)
    ends = np.cumsum([len(sentence) for sentence in sentences()]).astype(np.int64)
    token_ids.flags.writeable = ends.flags.writeable = False
    return SimpleNamespace(token_ids=token_ids, sentence_ends=ends, key=0, below=0)


def counts() -> np.ndarray:
    found = np.bincount(text().token_ids, minlength=VOCABULARY) + 1
    return np.sort(found)[::-1].astype(np.int64)


def begun(objective: SkipGram | CBOW) -> WholeVocabularyModel:
    """Return a model whose vectors are random, since output vectors begin at zero, where many mistakes could hide."""
    model = objective.over(WORDS, counts(), seed=3)
    assert isinstance(model, WholeVocabularyModel)
    random = np.random.default_rng(4)
    model.output_vectors[:] = random.normal(scale=0.3, size=model.output_vectors.shape)
    model.input_vectors[:] = random.normal(scale=0.3, size=model.input_vectors.shape)
    return model


def trained(objective: SkipGram | CBOW) -> tuple[WholeVocabularyModel, Any]:
    model = begun(objective)
    tally = model.train_block(text(), range(7), rates=RATES, seed=SEED, scratch=model.scratch(40))
    return model, tally


def by_definition(objective: SkipGram | CBOW) -> tuple[np.ndarray, np.ndarray, list[float], list[Any]]:
    model = begun(objective)
    inputs, outputs = model.input_vectors.astype(np.float64), model.output_vectors.astype(np.float64)
    places = company(
        sentences(),
        window=Window.of(objective.window),
        keep=Subsampling.of(objective.subsample).keep_probabilities(counts()).astype(np.float32),
        seed=SEED,
    )
    biases = np.zeros(VOCABULARY)
    if isinstance(objective.loss, BinaryCrossEntropy):
        kept = counts() * Subsampling.of(objective.subsample).keep_probabilities(counts())
        # A soft window of three words to each side has 1, 2 or 3 of them.
        biases = objective.loss.biases(kept, 1 if isinstance(objective, CBOW) else 4)
    losses = whole_vocabulary_block(
        inputs,
        outputs,
        places,
        definition=full_softmax if isinstance(objective.loss, FullSoftmax) else binary_cross_entropy,
        biases=biases,
        architecture="skip-gram" if isinstance(objective, SkipGram) else objective.gradient,
        batch=objective.loss.batch,
        rates=RATES,
    )
    return inputs, outputs, losses, places


@LOSSES
@ARCHITECTURES
@pytest.mark.parametrize("batch", [1, 7, 100])
def test_a_block_equals_its_definition(loss: type, name: str, batch: int) -> None:
    objective = OBJECTIVES[name](dim=9, window=3, subsample=0.05, loss=loss(batch=batch))
    model, tally = trained(objective)
    inputs, outputs, losses, places = by_definition(objective)
    np.testing.assert_allclose(model.input_vectors, inputs, atol=5e-4)
    np.testing.assert_allclose(model.output_vectors, outputs, atol=5e-4)
    assert tally.loss == pytest.approx(sum(losses), rel=1e-5)
    pairs = sum(len(contexts) for _, contexts in places)
    softmax_of_pairs = loss is FullSoftmax and name == "skip-gram"
    assert tally.decisions == (pairs if softmax_of_pairs else len(losses))


@pytest.mark.parametrize("window", WINDOWS.values(), ids=WINDOWS.keys())
@pytest.mark.parametrize("name", ["skip-gram", "cbow"])
def test_every_window_is_laid_as_defined(window: Window, name: str) -> None:
    objective = OBJECTIVES[name](dim=4, window=window, subsample=0.02, loss=FullSoftmax(batch=20))
    model, tally = trained(objective)
    inputs, _, losses, _ = by_definition(objective)
    assert tally.loss == pytest.approx(sum(losses), rel=1e-5)
    np.testing.assert_allclose(model.input_vectors, inputs, atol=5e-4)


def gradients(objective: SkipGram | CBOW) -> tuple[WholeVocabularyModel, Any, Any]:
    """Return the model, its first batch, and that batch's gradients."""
    model = begun(objective)
    scratch = model.scratch(40)
    next(scratch.batches.over(text(), range(7), seed=SEED))
    return model, scratch.batches, model._gradients(scratch)


@LOSSES
@ARCHITECTURES
def test_a_batch_cut_into_pieces_has_the_same_gradients(loss: type, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    objective = OBJECTIVES[name](dim=9, subsample=0, loss=loss(batch=60))
    _, _, whole = gradients(objective)
    monkeypatch.setattr(whole_vocabulary, "_LOGITS", 3 * VOCABULARY)
    model, batches, pieces = gradients(objective)
    assert batches.rows > 2 * 3
    assert model.scratch(40).logits.shape == (3, VOCABULARY)
    assert pieces.loss == pytest.approx(whole.loss)
    np.testing.assert_array_equal(pieces.words, whole.words)
    np.testing.assert_allclose(pieces.inputs, whole.inputs, atol=1e-5)
    np.testing.assert_allclose(pieces.outputs, whole.outputs, atol=1e-5)


@pytest.mark.parametrize("size", [1, 1000, 50_000])
def test_memory_for_logits_is_bounded_for_every_vocabulary(size: int) -> None:
    objective = SkipGram(dim=1, loss=FullSoftmax(batch=100_000))
    model = objective.over(["w"] * size, np.ones(size, dtype=np.int64), seed=1)
    assert model.scratch(10).logits.size <= whole_vocabulary._LOGITS


def test_each_distinct_centre_meets_the_vocabulary_once() -> None:
    model, batches, _ = gradients(SkipGram(dim=2, subsample=0, loss=FullSoftmax(batch=79)))
    assert batches.rows == len(set(batches.words.tolist())) < batches.pairs
    # Only words in sentences of their own have no company.
    met = {word for sentence in sentences() if len(sentence) > 1 for word in sentence}
    assert set(batches.words.tolist()) == met
    assert len(model.input_vectors) == VOCABULARY


@LOSSES
def test_the_compiled_gradients_are_those_of_pytorch(loss: type) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch, a second opinion on gradients, is not installed")
    for objective in (SkipGram(dim=20, subsample=0, loss=loss()), CBOW(dim=20, subsample=0, loss=loss())):
        model, _, found = gradients(objective)
        inputs, outputs = (
            torch.tensor(matrix.astype(np.float64), requires_grad=True)
            for matrix in (model.input_vectors, model.output_vectors)
        )
        summed = torch.zeros((), dtype=torch.float64)
        keep = np.ones(VOCABULARY, dtype=np.float32)
        for centre, contexts in company(sentences(), window=Window.of(objective.window), keep=keep, seed=SEED):
            if not contexts:
                continue
            asked, targets = ([centre], contexts) if isinstance(objective, SkipGram) else (contexts, [centre])
            logits = outputs @ inputs[asked].mean(dim=0)
            if loss is FullSoftmax:
                answers = torch.tensor(targets)
                repeated = logits.repeat(len(targets), 1)
                summed = summed + torch.nn.functional.cross_entropy(repeated, answers, reduction="sum")
            else:
                multi_hot = torch.zeros(VOCABULARY, dtype=torch.float64)
                multi_hot[targets] = 1
                summed = summed + torch.nn.functional.binary_cross_entropy_with_logits(
                    logits + torch.tensor(model._biases), multi_hot, reduction="sum"
                )
        summed.backward()
        assert found.loss == pytest.approx(summed.item(), rel=1e-6)
        ours = np.zeros(model.input_vectors.shape)
        ours[found.words] = found.inputs
        for mine, theirs in ((ours, inputs.grad.numpy()), (found.outputs, outputs.grad.numpy())):
            error = np.linalg.norm(mine - theirs) / np.linalg.norm(theirs)
            print(type(objective).__name__, loss.__name__, f"relative error {error:.1e}")  # noqa: T201 - shown by -rP
            assert error < 1e-5


@LOSSES
@pytest.mark.parametrize("architecture", [SkipGram, CBOW])
def test_training_lowers_the_loss_and_a_seed_gives_the_same_bits(loss: type, architecture: type) -> None:
    lines = [" ".join(WORDS[word] for word in sentence) for sentence in sentences()] * 4
    objective = architecture(dim=8, window=2, subsample=0, loss=loss(batch=16))
    first, again, other = (
        firth.train(lines, objective, min_count=1, epochs=4, threads=1, seed=seed) for seed in (1, 1, 2)
    )
    losses = [epoch.loss for epoch in first.history]
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < 0.97 * losses[0]
    np.testing.assert_array_equal(first.vectors.matrix, again.vectors.matrix)
    assert not np.array_equal(first.vectors.matrix, other.vectors.matrix)
    assert first.vectors.output_matrix is not None


def test_the_first_loss_of_a_softmax_is_that_of_knowing_nothing() -> None:
    model = SkipGram(dim=5, subsample=0, loss=FullSoftmax(batch=1000)).over(WORDS, counts(), seed=1)
    tally = model.train_block(text(), range(7), rates=RATES, seed=SEED, scratch=model.scratch(40))
    assert tally.loss / tally.decisions == pytest.approx(np.log(VOCABULARY), rel=1e-6)


def test_numbers_that_are_none_are_noticed() -> None:
    model = begun(SkipGram(dim=3, loss=FullSoftmax()))
    assert not model.has_diverged()
    model.output_vectors[3, 1] = np.nan
    assert model.has_diverged()
