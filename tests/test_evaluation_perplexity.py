"""Perplexity against sums by hand; probabilities of every model add up."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from firth.contexts.subsampling import Subsampling
from firth.contexts.window import Window
from firth.corpus.vocabulary import Vocabulary
from firth.errors import EmptyCorpusError, SettingsError
from firth.evaluation.perplexity import Unigrams, evaluate
from firth.objectives.binary_cross_entropy import BinaryCrossEntropy
from firth.objectives.cbow import CBOW
from firth.objectives.full_softmax import FullSoftmax
from firth.objectives.hierarchical_softmax import HierarchicalSoftmax
from firth.objectives.negative_sampling import NegativeSampling
from firth.objectives.noise_contrastive import NCE
from firth.objectives.skipgram import SkipGram
from naive import company

VOCABULARY = Vocabulary(list("abcdefg"), np.array([40, 30, 12, 9, 5, 2, 1]))
SENTENCES = [list("abcd"), list("ef"), ["g"], ["a", "zebra", *"baag"], []]
WINDOW = Window(left=2, right=1, soft=False)
LOSSES = [FullSoftmax(), BinaryCrossEntropy(), NegativeSampling(), NCE(negatives=3), HierarchicalSoftmax()]


class Scores:
    """A model that says what it is told."""

    def __init__(self, outputs: np.ndarray) -> None:
        self.input_vectors = np.random.default_rng(1).normal(size=(7, 4)).astype(np.float32)
        self.outputs = outputs

    def log_scores(self, vectors: np.ndarray) -> np.ndarray:
        return vectors.astype(np.float64) @ self.outputs.T


MODEL = Scores(np.random.default_rng(2).normal(size=(7, 4)))


@pytest.mark.parametrize("architecture", [SkipGram, CBOW])
@pytest.mark.parametrize("window", [WINDOW, Window(left=3, right=3)], ids=["fixed", "soft"])
def test_perplexity_is_what_it_is_by_hand(architecture: type, window: Window) -> None:
    objective = architecture(window=window, subsample=0)
    result = evaluate(MODEL, objective, VOCABULARY, SENTENCES, seed=9)
    ids = [[VOCABULARY.index(word) for word in sentence if word in VOCABULARY] for sentence in SENTENCES]
    logs, partitions = [], {}
    for number, (centre, contexts) in enumerate(company(ids, window=window, keep=np.ones(7, np.float32), seed=9)):
        if not contexts:
            continue
        asked, targets = ([centre], contexts) if architecture is SkipGram else (contexts, [centre])
        scores = MODEL.outputs @ MODEL.input_vectors[asked].mean(axis=0)
        partition = sum(np.exp(scores))
        partitions[centre if architecture is SkipGram else number] = math.log(partition)
        logs += [math.log(np.exp(scores[target]) / partition) for target in targets]
    assert result.pairs == len(logs)
    assert result.cross_entropy == pytest.approx(-np.mean(logs), rel=1e-6)
    assert result.perplexity == pytest.approx(math.exp(-np.mean(logs)), rel=1e-6)
    assert result.log_partition == pytest.approx(np.mean(list(partitions.values())), rel=1e-5)
    assert result.log_partition_spread == pytest.approx(np.std(list(partitions.values())), rel=1e-5)
    assert (result.words, result.known) == (13, 12)


def test_a_model_that_knows_nothing_hesitates_among_all_words() -> None:
    result = evaluate(Scores(np.zeros((7, 4))), SkipGram(window=WINDOW, subsample=0), VOCABULARY, SENTENCES)
    assert result.perplexity == pytest.approx(7)
    assert result.log_partition == pytest.approx(math.log(7))


def test_unigrams_are_the_shares_of_the_training_text() -> None:
    unigrams = Unigrams(VOCABULARY.counts)
    shares = VOCABULARY.counts / VOCABULARY.counts.sum()
    np.testing.assert_allclose(np.exp(unigrams.log_scores(unigrams.input_vectors[:2])), [shares, shares])
    result = evaluate(unigrams, SkipGram(window=WINDOW, subsample=0), VOCABULARY, [["a", "b"]])
    assert result.cross_entropy == pytest.approx(-np.log(shares[:2]).mean())
    thinned = Unigrams(VOCABULARY.counts, subsample=0.01)
    assert np.exp(thinned.log_scores(np.zeros((1, 1)))[0]).sum() == pytest.approx(1)
    assert thinned.log_scores(np.zeros((1, 1)))[0, 0] < unigrams.log_scores(np.zeros((1, 1)))[0, 0]


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)
@pytest.mark.parametrize("architecture", [SkipGram, CBOW])
def test_every_model_has_scores_as_its_loss_implies(architecture: type, loss: object) -> None:
    model = architecture(dim=4, loss=loss).over(VOCABULARY.words, VOCABULARY.counts, seed=1)
    random = np.random.default_rng(3)
    model.output_vectors[:] = random.normal(size=model.output_vectors.shape)
    vectors = random.normal(size=(3, 4)).astype(np.float32)
    scores = model.log_scores(vectors)
    logits = vectors.astype(np.float64) @ model.output_vectors.T.astype(np.float64)
    if isinstance(loss, HierarchicalSoftmax):
        rows = loss.over(VOCABULARY.words, VOCABULARY.counts)
        np.testing.assert_allclose(np.exp(scores).sum(axis=1), 1)
        for word in range(7):
            asked = rows.asked(word)
            turns = 1 / (1 + np.exp(-logits[:, asked.rows]))
            expected = np.where(asked.labels == 1, turns, 1 - turns).prod(axis=1)
            np.testing.assert_allclose(np.exp(scores[:, word]), expected)
    elif isinstance(loss, NegativeSampling):
        noise = VOCABULARY.counts**0.75 / (VOCABULARY.counts**0.75).sum()
        np.testing.assert_allclose(np.exp(scores), 5 * noise * np.exp(logits))
    elif isinstance(loss, BinaryCrossEntropy):
        kept = VOCABULARY.counts * Subsampling().keep_probabilities(VOCABULARY.counts)
        biases = loss.biases(kept, 6 if architecture is SkipGram else 1)
        np.testing.assert_allclose(np.exp(scores), 1 / (1 + np.exp(-logits - biases)), rtol=1e-6)
    else:
        np.testing.assert_allclose(scores, logits, atol=1e-12)


def test_a_tree_of_one_word_is_sure_of_it() -> None:
    model = SkipGram(dim=4, loss=HierarchicalSoftmax()).over(["a"], np.array([3]), seed=1)
    np.testing.assert_array_equal(model.log_scores(np.ones((2, 4), dtype=np.float32)), [[0.0], [0.0]])


def test_the_result_prints_and_is_ready_for_json() -> None:
    result = evaluate(MODEL, SkipGram(window=WINDOW, subsample=0), VOCABULARY, SENTENCES)
    assert f"perplexity     {result.perplexity:,.1f}" in str(result)
    assert json.loads(json.dumps(result.to_dict()))["pairs"] == result.pairs


def test_what_cannot_be_measured_is_refused() -> None:
    with pytest.raises(EmptyCorpusError, match="of 3 words 1 are known"):
        evaluate(MODEL, SkipGram(), VOCABULARY, [["a", "zebra", "lion"]])
    with pytest.raises(EmptyCorpusError):
        evaluate(MODEL, CBOW(), VOCABULARY, [])
    with pytest.raises(SettingsError, match="expected the objective"):
        evaluate(MODEL, FullSoftmax(), VOCABULARY, SENTENCES)
    with pytest.raises(SettingsError, match="the vocabulary that it was trained with"):
        evaluate(MODEL, SkipGram(), Vocabulary(["a"], np.array([1])), SENTENCES)
