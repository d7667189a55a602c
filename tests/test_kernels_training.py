"""The training kernel does what the definitions say, step by step, for every architecture, loss and window."""

from __future__ import annotations

import itertools
from types import SimpleNamespace

import numpy as np
import pytest

from firth.contexts.subsampling import Subsampling
from firth.contexts.window import Window
from firth.objectives.cbow import CBOW
from firth.objectives.cluster_tree import ClusterTree
from firth.objectives.hierarchical_softmax import HierarchicalSoftmax, PathRows
from firth.objectives.negative_sampling import NegativeSampling
from firth.objectives.noise import LogUniform, Unigram
from firth.objectives.noise_contrastive import NCE
from firth.objectives.sampled import SampledModel, loss_every
from firth.objectives.skipgram import SkipGram
from firth.objectives.vector_tree import VectorTree
from naive import train_block

LOSSES = {
    "negative-sampling": NegativeSampling(),
    "one-negative": NegativeSampling(negatives=1),
    "many-negatives": NegativeSampling(negatives=13, noise=Unigram(power=0.5)),
    "nce": NCE(),
    "nce-log-uniform": NCE(negatives=4, noise=LogUniform()),
    "hierarchical-softmax": HierarchicalSoftmax(),
    "cluster-tree": HierarchicalSoftmax(
        tree=ClusterTree(clusters={f"w{word}": ("even" if word % 2 else "odd", str(word % 7)) for word in range(60)})
    ),
    "vector-tree": HierarchicalSoftmax(
        tree=VectorTree(
            vectors=([f"w{word}" for word in range(60)], np.random.default_rng(1).normal(size=(60, 3))),
        )
    ),
}
WINDOWS = {
    "soft": Window(left=3, right=3),
    "fixed": Window(left=2, right=2, soft=False),
    "left": Window(left=4, right=0),
    "right": Window(left=0, right=3, soft=False),
    "lopsided": Window(left=1, right=5),
    "before-subsampling": Window(left=3, right=3, before_subsampling=True),
}
WORDS = [f"w{word}" for word in range(60)]
RATES = (0.2, 0.05)
SEED = 12345


@pytest.fixture(autouse=True)
def loss_seldom_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the loss as seldom as in a large text: a centre whose loss is taken never goes the shortest way."""
    monkeypatch.setattr("firth.objectives.sampled.loss_every", lambda _: 64)


def corpus(vocabulary: int) -> list[list[int]]:
    """Return sentences of every awkward length, the frequent words often twice in a window."""
    random = np.random.default_rng(5)
    lengths = [1, 2, 3, 40, 7, 1, 25]
    return [np.minimum(random.geometric(0.08, size=n) - 1, vocabulary - 1).tolist() for n in lengths]


def pair(
    objective: SkipGram | CBOW, vocabulary: int = 60, frozen: frozenset[int] = frozenset()
) -> tuple[SampledModel, np.ndarray, np.ndarray, list[float]]:
    """Train the same few sentences with the kernel and with the definition; return both results."""
    sentences = corpus(vocabulary)
    counts = np.bincount(list(itertools.chain(*sentences)), minlength=vocabulary) + 1
    counts = np.sort(counts)[::-1].astype(np.int64)
    model = objective.over(WORDS[: len(counts)], counts, seed=3)
    rows = objective.loss.over(WORDS[: len(counts)], counts)
    # Output vectors begin at zero, where many mistakes could hide.
    model.output_vectors[:] = np.random.default_rng(4).normal(scale=0.3, size=model.output_vectors.shape)
    model.input_vectors[:] *= 20
    inputs, outputs = model.input_vectors.astype(np.float64), model.output_vectors.astype(np.float64)

    if frozen:
        model.freeze(np.isin(np.arange(len(counts)), list(frozen)))
    token_ids = np.array(list(itertools.chain(*sentences)), dtype=np.int32)
    ends = np.cumsum([len(sentence) for sentence in sentences]).astype(np.int64)
    token_ids.flags.writeable = ends.flags.writeable = False
    text = SimpleNamespace(token_ids=token_ids, sentence_ends=ends, key=0, below=0)
    model.train_block(
        text,
        range(len(ends)),
        rates=RATES,
        seed=SEED,
        scratch=model.scratch(max(map(len, sentences))),
    )
    window = Window.of(objective.window)
    losses = train_block(
        inputs,
        outputs,
        sentences,
        window=window.mirrored if isinstance(objective, SkipGram) else window,
        keep=Subsampling.of(objective.subsample).keep_probabilities(counts).astype(np.float32),
        asked=(lambda target, _: rows.asked(target)) if isinstance(rows, PathRows) else rows.asked,
        noise_table=None if isinstance(rows, PathRows) else rows.table,
        negatives=0 if isinstance(rows, PathRows) else rows.negatives,
        architecture="skip-gram" if isinstance(objective, SkipGram) else objective.gradient,
        rates=RATES,
        seed=SEED,
        frozen=frozen,
    )
    return model, inputs, outputs, losses


def assert_equal_models(model: SampledModel, inputs: np.ndarray, outputs: np.ndarray) -> None:
    np.testing.assert_allclose(model.input_vectors, inputs, atol=2e-5)
    np.testing.assert_allclose(model.output_vectors, outputs, atol=2e-5)


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES.keys())
@pytest.mark.parametrize("dim", [1, 15, 16, 17, 40])
def test_skip_gram_equals_its_definition(loss: object, dim: int) -> None:
    model, inputs, outputs, losses = pair(SkipGram(dim=dim, window=3, subsample=0.05, loss=loss))
    assert len(losses) > 30
    assert_equal_models(model, inputs, outputs)


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES.keys())
@pytest.mark.parametrize("gradient", ["corrected", "historical"])
@pytest.mark.parametrize("dim", [5, 32])
def test_cbow_equals_its_definition(loss: object, gradient: str, dim: int) -> None:
    model, inputs, outputs, losses = pair(CBOW(dim=dim, window=3, subsample=0.05, loss=loss, gradient=gradient))
    assert len(losses) > 30
    assert_equal_models(model, inputs, outputs)


@pytest.mark.parametrize("window", WINDOWS.values(), ids=WINDOWS.keys())
@pytest.mark.parametrize("objective", [SkipGram, CBOW])
@pytest.mark.parametrize("rule", ["word2vec", "paper"])
def test_windows_and_subsampling(window: Window, objective: type, rule: str) -> None:
    subsample = Subsampling(threshold=0.03, rule=rule)
    model, inputs, outputs, _ = pair(objective(dim=8, window=window, subsample=subsample))
    assert_equal_models(model, inputs, outputs)


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES.keys())
@pytest.mark.parametrize("kind", ["skip-gram", "corrected", "historical"])
@pytest.mark.parametrize("frozen", [frozenset({0}), frozenset(range(0, 60, 2)), frozenset(range(60))])
def test_frozen_words_stay_and_are_asked_all_the_same(loss: object, kind: str, frozen: frozenset[int]) -> None:
    settings = {"dim": 9, "window": 3, "subsample": 0.05, "loss": loss}
    objective = SkipGram(**settings) if kind == "skip-gram" else CBOW(gradient=kind, **settings)
    before = objective.over(WORDS, np.ones(60, dtype=np.int64), seed=3).input_vectors * 20
    model, inputs, outputs, _ = pair(objective, frozen=frozen)
    assert_equal_models(model, inputs, outputs)
    rows = sorted(frozen)
    assert model.input_vectors[rows].tobytes() == before[rows].tobytes()
    free = [word for word in range(60) if word not in frozen]
    assert not free or (model.input_vectors[free] != before[free]).any(axis=1).sum() > len(free) // 3


def test_a_vocabulary_of_two_words() -> None:
    model, inputs, outputs, _ = pair(SkipGram(dim=4, window=2, subsample=0, loss=HierarchicalSoftmax()), vocabulary=2)
    assert_equal_models(model, inputs, outputs)


def test_the_padding_stays_zero() -> None:
    model, *_ = pair(SkipGram(dim=10, window=3, subsample=0, loss=NegativeSampling(negatives=4)))
    for matrix in model._weights:
        assert not matrix[-1].any()
        assert not matrix[:, 10:].any()


@pytest.mark.parametrize("every", [1, 7, 64])
@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES.keys())
def test_the_running_loss_is_that_of_one_centre_in_so_many(
    loss: object, every: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("firth.objectives.sampled.loss_every", lambda _: every)
    objective = CBOW(dim=8, window=3, subsample=0, loss=loss)
    sentences = corpus(60)
    counts = np.sort(np.bincount(list(itertools.chain(*sentences)), minlength=60) + 1)[::-1].astype(np.int64)
    model, rows = (
        objective.over(WORDS[: len(counts)], counts, seed=3),
        objective.loss.over(WORDS[: len(counts)], counts),
    )
    model.output_vectors[:] = np.random.default_rng(4).normal(size=model.output_vectors.shape)
    token_ids = np.array(list(itertools.chain(*sentences)), dtype=np.int32)
    ends = np.cumsum([len(sentence) for sentence in sentences]).astype(np.int64)
    token_ids.flags.writeable = ends.flags.writeable = False
    text = SimpleNamespace(token_ids=token_ids, sentence_ends=ends, key=0, below=0)
    inputs, outputs = model.input_vectors.astype(np.float64), model.output_vectors.astype(np.float64)
    tally = model.train_block(
        text,
        range(len(ends)),
        rates=RATES,
        seed=SEED,
        scratch=model.scratch(max(map(len, sentences))),
    )
    asked_counts: list[int] = []

    def asked(target: int, noise_words: np.ndarray) -> object:
        question = rows.asked(target) if isinstance(rows, PathRows) else rows.asked(target, noise_words)
        asked_counts.append(len(question.rows))
        return question

    losses = train_block(
        inputs, outputs, sentences, window=Window.of(3), keep=np.ones(60, dtype=np.float32), asked=asked,
        noise_table=getattr(rows, "table", None), negatives=getattr(rows, "negatives", 0), architecture="corrected",
        rates=RATES, seed=SEED,
    )  # fmt: skip
    assert tally.centres == len(losses) > 64
    assert tally.decisions == sum(asked_counts[::every])
    assert tally.loss == pytest.approx(sum(losses[::every]), rel=1e-4)


def test_a_small_text_shows_all_of_its_loss_and_a_large_one_enough() -> None:
    assert [loss_every(tokens) for tokens in (0, 20_000, 1_000_000, 10**9)] == [1, 1, 50, 256]
