"""Held-out sentences: chosen by their numbers alone, never learned from, and their loss is that of the definition."""

from __future__ import annotations

import itertools
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import firth
from firth.contexts.subsampling import Subsampling
from firth.contexts.window import Window
from firth.corpus import small_world
from firth.corpus.reading import Reading, read
from firth.errors import SettingsError
from firth.events import HeldOutLoss
from firth.kernels.jit import JIT_IS_OFF
from firth.learning import learn
from firth.objectives import (
    binary_cross_entropy,
    cbow,
    full_softmax,
    glove,
    held_out,
    held_out_entries,
    skipgram,
    tiles,
)
from firth.objectives.glove_model import GloVeModel
from firth.objectives.hierarchical_softmax import PathRows
from firth.objectives.whole_vocabulary import WholeVocabularyModel
from firth.training import trainer
from firth.training.held_out import SplitText, choose
from firth.training.settings import TrainingSettings
from naive import draw_alias, nth_bits, split_mix, uniform

LOSSES = {
    "negative-sampling": firth.NegativeSampling(negatives=4),
    "nce": firth.NCE(negatives=3, noise=firth.LogUniform()),
    "hierarchical-softmax": firth.HierarchicalSoftmax(),
}
WINDOWS = {
    "soft": Window(left=3, right=3),
    "lopsided": Window(left=1, right=4, soft=False),
    "before-subsampling": Window(left=3, right=2, before_subsampling=True),
}
WORDS = [f"w{word}" for word in range(30)]


def ends_of(lengths: list[int]) -> np.ndarray:
    return np.cumsum(lengths).astype(np.int64)


@given(
    st.lists(st.integers(1, 40), min_size=1, max_size=300),
    st.floats(0.001, 0.5),
    st.integers(0, 2**62),
)
def test_those_with_the_lowest_hashes_are_held_out(lengths: list[int], share: float, seed: int) -> None:
    chosen = choose(ends_of(lengths), share=share, seed=seed)
    hashes = [nth_bits(chosen.key, number) for number in range(len(lengths))]
    assert chosen.sentences.tolist() == [s for s, bits in enumerate(hashes) if bits < chosen.below]
    assert chosen.words == sum(lengths[s] for s in chosen.sentences) <= share * sum(lengths)
    # The next one would have been too much.
    rest = sorted((bits, s) for s, bits in enumerate(hashes) if bits >= chosen.below)
    assert not rest or chosen.words + lengths[rest[0][1]] > share * sum(lengths)


def test_the_choice_depends_on_the_seed_alone() -> None:
    ends = ends_of([10] * 30_000)
    first, again, other = (choose(ends, share=None, seed=seed) for seed in (1, 1, 2))
    assert 2_900 <= first.words <= 3_000
    assert first.sentences.tolist() == again.sentences.tolist() != other.sentences.tolist()


def test_no_more_is_held_out_than_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("firth.training.held_out._AT_ONCE", 7_000)
    chosen = choose(ends_of([1_000] * 50_000), share=None, seed=1)
    assert chosen.words == 200_000
    assert len(choose(ends_of([10] * 9_999), share=None, seed=1)) == 0
    assert len(choose(ends_of([10] * 9_999), share=0.01, seed=1)) == 99
    assert len(choose(ends_of([10] * 30_000), share=0, seed=1)) == 0


@pytest.mark.parametrize("share", [-0.1, 0.51, "1 %", True, float("nan")])
def test_a_share_that_cannot_be(share: Any) -> None:
    with pytest.raises(SettingsError, match="share"):
        choose(ends_of([10]), share=share, seed=1)


def text_of(share: float = 0.4) -> tuple[SplitText, list[list[int]], np.ndarray]:
    """Return a text of awkward sentences, many of them held out, with its sentences and counts."""
    random = np.random.default_rng(5)
    lengths = [1, 2, 3, 40, 7, 1, 25, 12, 9, 5] * 4
    sentences = [np.minimum(random.geometric(0.1, size=n) - 1, 29).tolist() for n in lengths]
    token_ids = np.array(list(itertools.chain(*sentences)), dtype=np.int32)
    ends = ends_of(lengths)
    token_ids.flags.writeable = ends.flags.writeable = False
    counts = np.sort(np.bincount(token_ids, minlength=30) + 1)[::-1].astype(np.int64)
    return SplitText(token_ids, ends, choose(ends, share=share, seed=3)), sentences, counts


def model_of(objective: Any, counts: np.ndarray) -> Any:
    model = objective.over(WORDS, counts, seed=3)
    random = np.random.default_rng(4)
    model.output_vectors[:] = random.normal(scale=0.3, size=model.output_vectors.shape)
    model.input_vectors[:] = random.normal(scale=0.3, size=model.input_vectors.shape)
    return model


def centres(text: SplitText, sentences: list[list[int]], window: Window, keep: np.ndarray, rows: Any) -> Any:
    """Yield each held-out centre, its contexts and its noise, as drawn from its sentence's own stream."""
    for number in text.sentences.tolist():
        bits = split_mix(nth_bits(text.stream, number))
        kept: list[int | None] = []
        for word in sentences[number]:
            if uniform(next(bits)) <= keep[word]:
                kept.append(word)
            elif window.before_subsampling:
                kept.append(None)
        for position, target in enumerate(kept):
            if target is None:
                continue
            around = window.contexts(position, len(kept), uniform(next(bits)))
            contexts = [kept[place] for place in around if kept[place] is not None]
            if not contexts:
                continue
            if isinstance(rows, PathRows):
                yield target, contexts, rows.asked(target)
            elif rows is not None:
                noise = np.array([draw_alias(rows.table, next(bits)) for _ in range(rows.negatives)])
                yield target, contexts, rows.asked(target, noise)
            else:
                yield target, contexts, None


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES.keys())
@pytest.mark.parametrize("window", WINDOWS.values(), ids=WINDOWS.keys())
@pytest.mark.parametrize("kind", [firth.SkipGram, firth.CBOW])
def test_the_loss_is_that_of_the_definition(
    kind: Any, window: Window, loss: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, sentences, counts = text_of()
    objective = kind(dim=17, window=window, subsample=0.03, loss=loss)
    model, rows = model_of(objective, counts), loss.over(WORDS, counts)
    keep = Subsampling.of(0.03).keep_probabilities(counts).astype(np.float32)
    laid = window.mirrored if kind is firth.SkipGram else window
    expected, decisions, asked_inputs, log_p = 0.0, 0, 0, 0.0
    found = list(centres(text, sentences, laid, keep, rows))
    inputs, outputs = model.input_vectors.astype(np.float64), model.output_vectors.astype(np.float64)
    for target, contexts, asked in found:
        definition = skipgram if kind is firth.SkipGram else cbow
        expected += definition.loss(inputs[contexts], outputs[asked.rows], asked)
        met = inputs[contexts] if kind is firth.SkipGram else inputs[contexts].mean(axis=0, keepdims=True)
        decisions += len(met) * len(asked.rows)
        asked_inputs += len(met)
        scores = model.log_scores(met)
        log_p += float(full_softmax.log_probabilities(scores)[:, target].sum())
    monkeypatch.setattr(held_out, "_PIECE", 3)
    tallies = [model.held_out_tally(text, threads=threads) for threads in (1, 2, 3)]
    assert tallies[0] == tallies[1] == tallies[2]
    assert (tallies[0].decisions, tallies[0].centres, tallies[0].inputs) == (decisions, len(found), asked_inputs)
    # The kernel has NCE's offsets in single precision.
    assert tallies[0].loss == pytest.approx(expected, rel=1e-6 if isinstance(loss, firth.NCE) else 1e-10)
    assert model.perplexity(text, tallies[0]) == pytest.approx(np.exp(-log_p / asked_inputs), rel=1e-9)


@pytest.mark.parametrize("loss", [firth.FullSoftmax(batch=16), firth.BinaryCrossEntropy(batch=16)])
@pytest.mark.parametrize("window", WINDOWS.values(), ids=WINDOWS.keys())
@pytest.mark.parametrize("kind", [firth.SkipGram, firth.CBOW])
def test_the_loss_over_the_whole_vocabulary(kind: Any, window: Window, loss: Any) -> None:
    text, sentences, counts = text_of()
    model = model_of(kind(dim=17, window=window, subsample=0.03, loss=loss), counts)
    assert isinstance(model, WholeVocabularyModel)
    keep = Subsampling.of(0.03).keep_probabilities(counts).astype(np.float32)
    inputs, outputs = model.input_vectors.astype(np.float64), model.output_vectors.astype(np.float64)
    expected, decisions = 0.0, 0
    for centre, contexts, _ in centres(text, sentences, window, keep, None):
        targets = np.zeros((1, 30))
        if kind is firth.CBOW:
            met, words = inputs[contexts].mean(axis=0, keepdims=True), [centre]
        else:
            met, words = inputs[[centre]], contexts
        np.add.at(targets[0], words, 1)
        if isinstance(loss, firth.FullSoftmax):
            expected += full_softmax.loss(met, outputs, targets)
            decisions += len(words)
        else:
            expected += binary_cross_entropy.loss(met, outputs, np.minimum(targets, 1), model._biases)
            decisions += 1
    tally = model.held_out_tally(text, threads=2)
    assert tally.decisions == decisions
    assert tally.loss == pytest.approx(expected, rel=1e-10)
    perplexity = model.perplexity(text, tally)
    if isinstance(loss, firth.FullSoftmax):
        assert perplexity == pytest.approx(np.exp(expected / decisions))
    else:
        assert perplexity is None


OBJECTIVES = [
    firth.SkipGram(dim=8), firth.CBOW(dim=8), firth.SkipGram(dim=8, loss=firth.HierarchicalSoftmax()),
    firth.SkipGram(dim=8, loss=firth.FullSoftmax(batch=16)), firth.CBOW(dim=8, loss=firth.BinaryCrossEntropy(batch=16)),
]  # fmt: skip


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_what_is_held_out_changes_nothing(objective: Any) -> None:
    text, _, counts = text_of()
    models = [objective.over(WORDS, counts, seed=3) for _ in range(2)]
    other = text.token_ids.copy()
    for number in text.sentences.tolist():
        other[text.sentence_ends[number - 1] if number else 0 : text.sentence_ends[number]] = 29
    other.flags.writeable = False
    for model, token_ids in zip(models, (text.token_ids, other), strict=True):
        same = SimpleNamespace(token_ids=token_ids, sentence_ends=text.sentence_ends, key=text.key, below=text.below)
        tally = model.train_block(same, range(40), rates=(0.1, 0.1), seed=1, scratch=model.scratch(40))
        # Nothing is lost: each of the words was trained on, or is told of.
        assert sum(tally.words.values()) == len(token_ids)
        lengths = np.diff(text.sentence_ends, prepend=0)
        assert tally.words["held_out"] == lengths[text.sentences].sum() > 100
        assert tally.words["trained"] > 30
    np.testing.assert_array_equal(models[0].input_vectors, models[1].input_vectors)
    np.testing.assert_array_equal(models[0].output_vectors, models[1].output_vectors)


TRAINS = pytest.mark.skipif(JIT_IS_OFF, reason="trains for minutes in plain Python")


@pytest.fixture(scope="module")
def world() -> list[str]:
    return list(small_world.text(120_000))


def learned(world: list[str], objective: Any = None, **settings: Any) -> Any:
    corpus, _ = read(world, Reading())
    events: list[Any] = []
    chosen = TrainingSettings(**{"epochs": 2, **settings})
    made = learn(objective or firth.SkipGram(dim=16), corpus, chosen, on_event=events.append)
    return made, events


@TRAINS
def test_the_loss_is_told_after_every_epoch(world: list[str]) -> None:
    made, events = learned(world)
    history, curve = made.outcome.history, made.outcome.curve
    assert [point.passes for point in curve] == [1.0, 2.0]
    assert [event for event in events if isinstance(event, HeldOutLoss)] == list(curve)
    assert [epoch.held_out_loss for epoch in history] == [point.loss for point in curve]
    assert curve[1].loss < curve[0].loss < np.log(2)
    assert curve[1].perplexity < curve[0].perplexity
    assert curve[1].per_token > curve[1].loss
    assert made.facts["held_out_words"] == pytest.approx(0.01 * 120_000, rel=0.05)


@TRAINS
def test_the_same_questions_are_asked_by_any_number_of_threads(world: list[str]) -> None:
    nothing_learned = firth.SkipGram(dim=16, rate=1e-30)
    curves = [learned(world, nothing_learned, threads=threads)[0].outcome.curve for threads in (1, 2)]
    assert curves[0] == curves[1]
    assert curves[0][0].loss == curves[0][1].loss


@TRAINS
def test_the_loss_is_told_within_long_epochs(world: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("firth.learning.from_text._WORDS_IN_A_BLOCK", 10_000)
    plain, _ = learned(world)
    work = trainer.Work

    def often(**settings: Any) -> Any:
        return work(**settings, measured_every=30_000)

    monkeypatch.setattr("firth.training.trainer.Work", often)
    made, _ = learned(world)
    passes = [point.passes for point in made.outcome.curve]
    assert passes == pytest.approx([0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2], abs=0.01)
    np.testing.assert_array_equal(made.words, plain.words)


@TRAINS
def test_nothing_is_lost(world: list[str]) -> None:
    made, _ = learned(world)
    corpus, _ = read(world, Reading())
    words = made.outcome.words
    assert sum(words.values()) == 2 * len(corpus.token_ids)
    assert words["held_out"] == 2 * made.facts["held_out_words"]


@TRAINS
def test_patience_keeps_the_best(world: list[str]) -> None:
    # So high a rate learns fast at first, and then what is only true of the sentences trained on.
    objective = firth.SkipGram(dim=64, rate=0.2, min_rate=0.2, subsample=0)
    small = world[:1_500]
    made, _ = learned(small, objective, epochs=40, patience=2, held_out=0.2)
    losses = [epoch.held_out_loss for epoch in made.outcome.history]
    best = int(np.argmin(losses))
    assert len(losses) == best + 3 < 40
    assert made.outcome.kept_epoch == best + 1
    assert not made.outcome.interrupted
    # The best epoch's vectors are those of a training that took as many epochs, as its rate does not fall.
    alone, _ = learned(small, objective, epochs=best + 1, held_out=0.2)
    np.testing.assert_array_equal(made.words, alone.words)
    np.testing.assert_array_equal(made.outputs, alone.outputs)


@pytest.mark.parametrize("patience", [0, 1.5, True, "2"])
def test_a_patience_that_cannot_be(world: list[str], patience: Any) -> None:
    with pytest.raises(SettingsError, match="patience"):
        firth.train(world[:100], patience=patience)


def test_patience_needs_a_held_out_loss(world: list[str]) -> None:
    with pytest.raises(SettingsError, match="held out"):
        firth.train(world[:100], min_count=1, patience=2)
    for objective in (firth.TfIdf(), firth.PPMI()):
        with pytest.raises(SettingsError, match="patience"):
            firth.train(world[:100], objective, patience=2)
        with pytest.raises(SettingsError, match="held_out"):
            firth.train(world[:100], objective, held_out=0.1)


def pairs_of(entries: Any) -> set[tuple[int, int]]:
    return set(zip(entries["row"].tolist(), entries["column"].tolist(), strict=True))


@pytest.mark.parametrize("order", ["tiles", "random"])
@pytest.mark.parametrize("share", [0.02, 0.5])
def test_entries_are_held_out_with_their_mirror(order: Any, share: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_out_entries, "_AT_ONCE", 1_000)
    rng = np.random.default_rng(1)
    dense = rng.integers(0, 3, (90, 90))
    x = (dense + dense.T).astype(np.float32)
    counts = SimpleNamespace(
        row_ends=np.cumsum((x > 0).sum(axis=1)), columns=np.nonzero(x)[1].astype(np.int32), values=x[x > 0]
    )
    arranged = {
        part: tiles.arrange(counts, x_max=10, alpha=0.75, order=order, side=16, seed=3, held_out=part)
        for part in (0, share)
    }
    whole, split = arranged[0], arranged[share]
    held = pairs_of(split.held_out)
    # The others keep their order, and their groups.
    chosen = held_out_entries.are_held_out(whole.entries["row"], whole.entries["column"], share=share, seed=3)
    assert split.entries.tolist() == whole.entries[~chosen].tolist()
    assert sorted(split.held_out.tolist()) == sorted(whole.entries[chosen].tolist())
    groups = np.repeat(np.arange(len(whole.ends)), np.diff(whole.ends, prepend=0))[~chosen]
    assert split.ends.tolist() == (1 + np.flatnonzero(np.diff(groups, append=-1))).tolist()
    # X_ij goes with X_ji, about as many as were wanted, and others with another seed.
    assert {(column, row) for row, column in held} == held
    assert abs(len(held) / len(whole.entries) - share) < 0.05
    other = tiles.arrange(counts, x_max=10, alpha=0.75, order=order, side=16, seed=4, held_out=share)
    assert pairs_of(other.held_out) != held


def test_the_loss_on_entries_is_that_of_the_definition() -> None:
    rng = np.random.default_rng(1)
    x = np.triu(rng.integers(0, 40, (12, 12)) * rng.integers(0, 2, (12, 12))).astype(np.float64)
    counts = SimpleNamespace(
        row_ends=np.cumsum((x > 0).sum(axis=1)),
        columns=np.nonzero(x)[1].astype(np.int32),
        values=x[x > 0].astype(np.float32),
    )
    arranged = tiles.arrange(counts, x_max=10, alpha=0.75, seed=1, held_out=0.4)
    model = GloVeModel(words=12, dim=5, seed=2)
    model.word_biases[:], model.context_biases[:] = rng.normal(size=(2, 12))
    parameters = glove.Parameters(
        *(np.array(part, dtype=np.float64) for part in (model.word_vectors, model.context_vectors)),
        *(np.array(part, dtype=np.float64) for part in (model.word_biases, model.context_biases)),
    )
    held = np.zeros_like(x)
    for row, column in pairs_of(arranged.held_out):
        held[row, column] = x[row, column]
    assert 0 < np.count_nonzero(held) < np.count_nonzero(x)
    wanted = glove.loss(parameters, held, 10, 0.75) / np.count_nonzero(held)
    assert model.held_out_loss(arranged) == pytest.approx(wanted, rel=1e-6)


@pytest.mark.skipif(JIT_IS_OFF, reason="trains for minutes in plain Python")
def test_glove_s_loss_on_counts_that_it_is_not_told(world: list[str]) -> None:
    world = world[: len(world) // 3]
    objective = firth.GloVe(dim=60, rate=0.1)
    settings = {"epochs": 40, "patience": 2, "held_out": 0.05, "threads": 1}
    run = firth.train(world, objective, **settings)
    losses = [point.loss for point in run.held_out]
    assert [point.passes for point in run.held_out] == list(range(1, len(losses) + 1))
    assert run.held_out[0].per_token is None
    # It learns what it is not told, until it knows by heart what it is told.
    best = int(np.argmin(losses))
    assert 0 < best == len(losses) - 3 < 37
    assert run.kept_epoch == best + 1
    assert run.history[-1].loss < losses[best] < losses[-1] < losses[0]
    told = run.record["cooccurrences"]
    assert 0.03 < told["held_out"] / told["entries"] < 0.07
    with pytest.raises(SettingsError, match="counts is held out"):
        firth.train(world[:2000], objective, patience=2)
    assert firth.train(world[:2000], objective, epochs=1).held_out == ()
