"""docs/conformance.md: what it says of Firth is so, each switch against its definition, written out naively."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import firth
from firth.cli.train import train as train_command
from firth.corpus.encoded import encode
from firth.corpus.sources import open_source
from firth.learning import learn
from firth.objectives.glove_model import GloVeModel
from firth.objectives.sampled import SampledModel
from firth.training.schedule import LinearSchedule
from firth.training.settings import TrainingSettings

PAGE = Path(__file__).parents[1] / "docs" / "conformance.md"


def text_of(*sentences: list[int]) -> Any:
    ids = np.array([word for sentence in sentences for word in sentence], dtype=np.int32)
    ends = np.cumsum([len(sentence) for sentence in sentences]).astype(np.int64)
    ids.flags.writeable = ends.flags.writeable = False
    return SimpleNamespace(token_ids=ids, sentence_ends=ends, key=0, below=0)


def model_of(objective: firth.SkipGram | firth.CBOW, counts: list[int]) -> SampledModel:
    """Return a model whose output vectors are not zero, where many mistakes could hide."""
    model = objective.over([f"w{word}" for word in range(len(counts))], np.array(counts, np.int64), seed=1)
    model.output_vectors[:] = np.random.default_rng(1).normal(scale=0.3, size=model.output_vectors.shape)
    return model


def learned(model: SampledModel, *sentences: list[int], rate: float = 0.1) -> np.ndarray:
    """Train one pass at a constant rate; return the change of the input vectors."""
    text, before = text_of(*sentences), model.input_vectors.copy()
    scratch = model.scratch(max(map(len, sentences)))
    model.train_block(text, range(len(sentences)), rates=(rate, rate), seed=3, scratch=scratch)
    return model.input_vectors - before


def sigmoid(z: float) -> float:
    return 1 / (1 + float(np.exp(-z)))


def test_subsampling_keeps_by_either_rule() -> None:
    counts = np.array([900, 90, 9, 1], dtype=np.int64)
    share = counts / 1000
    assert firth.SkipGram().subsample == 1e-3
    default = firth.Subsampling(threshold=1e-2)
    paper = firth.Subsampling(threshold=1e-2, rule="paper")
    np.testing.assert_allclose(
        default.keep_probabilities(counts), [min(1, np.sqrt(0.01 / f) + 0.01 / f) for f in share]
    )
    # The paper discards with 1 − √(t / f).
    np.testing.assert_allclose(paper.keep_probabilities(counts), [1 - max(0, 1 - np.sqrt(0.01 / f)) for f in share])


@pytest.mark.parametrize("before", [False, True])
def test_the_window_reaches_over_dropped_words_unless_it_is_laid_first(before: bool) -> None:
    """In "a x b", x is so frequent that it goes; a window of one word then has b beside a, or a gap."""
    window = firth.Window(left=1, right=1, soft=False, before_subsampling=before)
    model = model_of(firth.SkipGram(dim=4, window=window, subsample=1e-12), [10**12, 1, 1])
    change = learned(model, [1, 0, 2])
    assert np.any(change[1]) == np.any(change[2]) == (not before)
    assert not np.any(change[0])
    assert not firth.Window().before_subsampling
    assert firth.Window().soft


def test_a_soft_window_reaches_uniformly_far_and_a_fixed_one_always() -> None:
    soft, fixed = firth.Window(left=5, right=5), firth.Window(left=5, right=5, soft=False)
    draws = (np.arange(1000) + 1) / 1000
    reaches = [soft.reach(float(draw)) for draw in draws]
    assert [sum(left == reach for left, _ in reaches) for reach in range(1, 6)] == [200] * 5
    assert {fixed.reach(float(draw)) for draw in draws} == {(5, 5)}


@pytest.mark.parametrize("power", [0.75, 0.5, 1.0, 0.0])
def test_noise_by_a_power_of_the_count(power: float) -> None:
    counts = np.array([100, 10, 1], dtype=np.int64)
    weights = [count**power for count in counts.tolist()]
    np.testing.assert_allclose(firth.Unigram(power=power).probabilities(counts), np.array(weights) / sum(weights))
    assert firth.NegativeSampling().noise == firth.NCE().noise == firth.Unigram(power=0.75)


def test_a_noise_word_that_is_the_target_is_left_out() -> None:
    """Nearly all noise is the word 0; where it is the target itself, only the one yes is learned."""
    window = firth.Window(left=0, right=1, soft=False)
    model = model_of(firth.SkipGram(dim=4, window=window, subsample=0), [10**15, 1])
    inputs, outputs = model.input_vectors.astype(np.float64), model.output_vectors.astype(np.float64)
    change = learned(model, [1, 0])
    wanted = 0.1 * (1 - sigmoid(inputs[1] @ outputs[0])) * outputs[0]
    np.testing.assert_allclose(change[1], wanted, rtol=1e-3)


@pytest.mark.parametrize("logit", [-9.0, 7.0])
def test_a_decision_that_is_sure_is_learned_all_the_same(logit: float) -> None:
    window = firth.Window(left=0, right=1, soft=False)
    model = model_of(firth.SkipGram(dim=4, window=window, subsample=0), [10**15, 1])
    model.input_vectors[1] = logit * model.output_vectors[0] / np.sum(model.output_vectors[0] ** 2)
    change = learned(model, [1, 0])
    wanted = 0.1 * (1 - sigmoid(logit)) * model_of(firth.SkipGram(dim=4), [10**15, 1]).output_vectors[0]
    np.testing.assert_allclose(change[1], wanted, rtol=0.02)
    assert np.all(change[1] != 0)


@pytest.mark.parametrize("words", [2, 4, 8])
def test_the_historical_gradient_is_as_many_times_as_large_as_there_are_contexts(words: int) -> None:
    window = firth.Window(left=words, right=0, soft=False)
    changes = []
    for gradient in ("corrected", "historical"):
        model = model_of(
            firth.CBOW(dim=4, window=window, subsample=0, gradient=gradient, loss=firth.HierarchicalSoftmax()),
            [20 - word for word in range(words + 1)],
        )
        # Of the sentence's centres the last alone has the other words to its left, all of them.
        changes.append(learned(model, [*range(words), words], rate=1e-3)[words - 1])
    # The last context is the context of one centre only.
    np.testing.assert_allclose(changes[1], words * changes[0], rtol=0.02)
    assert firth.CBOW().gradient == "corrected"


def test_the_rate_falls_in_a_straight_line() -> None:
    assert firth.SkipGram().rates == pytest.approx((0.025, 0.025e-4))
    assert firth.SkipGram(rate=0.05, min_rate=1e-4).rates == (0.05, 1e-4)
    assert firth.SkipGram(min_rate=0.025).rates == (0.025, 0.025)
    assert firth.SkipGram(min_rate=0).rates == (0.025, 0)
    schedule = LinearSchedule(first=0.5, last=0.1)
    assert [schedule.rate(part) for part in (0, 0.25, 1)] == pytest.approx([0.5, 0.4, 0.1])
    assert firth.CBOW().rates[0] == 0.15
    assert firth.CBOW(gradient="historical").rates[0] == 0.075


def test_long_sentences_are_split_and_nothing_is_dropped(tmp_path: Path) -> None:
    text = ["a b c d e f g"]
    corpus = encode(open_source(text), firth.Words(), min_count=1, max_sentence=3, cache=tmp_path)
    assert corpus.sentence_ends.tolist() == [3, 6, 7]
    assert len(corpus.token_ids) == 7
    long = encode(open_source([" ".join(["a", "b"] * 6000)]), firth.Words(), min_count=1, cache=tmp_path)
    assert long.sentence_ends.tolist() == [10_000, 12_000]


def test_which_matrix_is_saved(tmp_path: Path) -> None:
    text = ["the cat sat on the mat", "the dog sat on the rug"] * 20
    objective = firth.SkipGram(dim=8, subsample=0)
    corpus = encode(open_source(text), firth.Words(), min_count=1, cache=tmp_path)
    found = learn(objective, corpus, TrainingSettings(epochs=1), on_event=lambda _: None)
    firth.train(text, objective, epochs=1, threads=1, min_count=1, output=tmp_path / "run")
    saved = firth.load(tmp_path / "run")
    assert saved.output_matrix is not None
    np.testing.assert_array_equal(saved.matrix, found.model.input_vectors)
    np.testing.assert_array_equal(saved.output_matrix, found.model.output_vectors)


def test_glove_saves_what_it_is_told_to() -> None:
    models = {kind: GloVeModel(words=5, dim=3, vectors=kind, seed=1) for kind in ("sum", "separate", "concatenated")}
    words, contexts = models["separate"].input_vectors, models["separate"].output_vectors
    np.testing.assert_array_equal(models["sum"].input_vectors, words + contexts)
    np.testing.assert_array_equal(models["concatenated"].input_vectors, np.hstack((words, contexts)))
    assert firth.GloVe().vectors == "sum"
    assert firth.GloVe().x_max == 10


def test_hierarchical_softmax_draws_no_noise() -> None:
    assert not hasattr(firth.HierarchicalSoftmax(), "negatives")


def test_the_page_s_switches_can_be_written_so() -> None:
    """Every expression that the page sets in type as Firth's can be evaluated, every option exists."""
    text = PAGE.read_text(encoding="utf-8")
    expressions = re.findall(r"`(firth\.[A-Z]\w*\([^`]*\))`", text)
    assert len(expressions) >= 12
    for expression in expressions:
        eval(expression, {"firth": firth})  # noqa: S307 - our own page
    options = {option for parameter in train_command.params for option in parameter.opts}
    named = set(re.findall(r"`(--[a-z-]+)", text))
    assert named >= {"--subsample", "--window", "--negatives", "--gradient", "--rate"}
    assert named <= options
