"""GloVe: the definition against numerical gradients, the kernel against the definition, and what a training does."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from firth.contexts.cooccurrence import count_cooccurrences
from firth.corpus import small_world
from firth.corpus.encoded import encode
from firth.corpus.sources import open_source
from firth.corpus.tokenizers import Words
from firth.errors import DivergedError, SettingsError
from firth.evaluation import analogies, categories
from firth.kernels.jit import JIT_IS_OFF
from firth.objectives import glove, tiles
from firth.objectives.glove import GloVe, Parameters
from firth.objectives.glove_model import GloVeModel
from firth.objectives.tiles import Tiles
from firth.training import trainer
from firth.training.schedule import LinearSchedule
from firth.vectors.store import WordVectors
from naive import Rows

WORDS = list("abcdefghi")
COUNTS = np.ones(len(WORDS), dtype=np.int64)


def table(words: int = len(WORDS), seed: int = 1) -> np.ndarray:
    """Return a symmetric table of counts, some of them zero, some above x_max, some below 1."""
    random = np.random.default_rng(seed)
    x = np.exp(random.normal(1, 2, (words, words))) * (random.random((words, words)) < 0.7)
    return (x + x.T).astype(np.float32).astype(np.float64)


def parameters(words: int, dim: int, seed: int = 1) -> Parameters:
    random = np.random.default_rng(seed)
    return Parameters(*(random.normal(size=shape) for shape in ((words, dim), (words, dim), words, words)))


def learned_by(model: GloVeModel) -> Parameters:
    """Return what a model holds, as the definition has it."""
    views = (model.word_vectors, model.context_vectors, model.word_biases, model.context_biases)
    return Parameters(*(view.astype(np.float64) for view in views))


def fit(
    model: GloVeModel, objective: GloVe, arranged: Tiles, *, epochs: int, threads: int = 1, seed: int = 1
) -> trainer.Outcome:
    entries = len(arranged.entries)
    work = trainer.Work(
        material=arranged, ends=arranged.ends, units=entries, unit="entries", block_size=max(500, entries // 20)
    )
    schedule = LinearSchedule(first=objective.rates[0], last=objective.rates[1])
    return trainer.train(model, work, schedule, epochs=epochs, threads=threads, seed=seed, on_event=lambda _: None)


def trained(
    objective: GloVe, x: np.ndarray, *, epochs: int = 3, threads: int = 1, seed: int = 1, arranged: Tiles | None = None
) -> tuple[GloVeModel, trainer.Outcome]:
    model = objective.over([str(number) for number in range(len(x))], np.ones(len(x), dtype=np.int64), seed=seed)
    arranged = arranged or objective.arranged(Rows.of(x), seed=seed, threads=threads)
    return model, fit(model, objective, arranged, epochs=epochs, threads=threads, seed=seed)


def test_the_weight() -> None:
    x = np.array([0.0, 1.0, 50.0, 100.0, 1e300])
    np.testing.assert_allclose(glove.weight(x, 100, 0.75), [0, 0.01**0.75, 0.5**0.75, 1, 1])
    np.testing.assert_allclose(glove.weight(x[1:], 100, 0), 1)


def test_the_loss_is_the_sum_over_the_entries() -> None:
    x, (w, w_tilde, b, b_tilde) = table(), parameters(9, 4)
    expected = 0.0
    for i in range(9):
        for j in range(9):
            if x[i, j] > 0:
                product = sum(w[i, d] * w_tilde[j, d] for d in range(4))
                f = 1 if x[i, j] > 10 else (x[i, j] / 10) ** 0.75
                expected += f * (product + b[i] + b_tilde[j] - math.log(x[i, j])) ** 2
    assert glove.loss(Parameters(w, w_tilde, b, b_tilde), x, 10, 0.75) == pytest.approx(expected)


@pytest.mark.parametrize("name", Parameters._fields)
def test_gradients_are_those_of_the_loss(name: str) -> None:
    x, where = table(), parameters(9, 4)
    matrix, step = getattr(where, name), 1e-6
    found = getattr(glove.gradients(where, x, 10, 0.75), name)
    for place in np.ndindex(matrix.shape):
        before = matrix[place]
        matrix[place] = before + step
        above = glove.loss(where, x, 10, 0.75)
        matrix[place] = before - step
        slope = (above - glove.loss(where, x, 10, 0.75)) / (2 * step)
        matrix[place] = before
        assert found[place] == pytest.approx(slope, rel=1e-5, abs=1e-5)


def test_a_first_step_is_half_the_gradient_times_the_rate() -> None:
    x, before = table(), parameters(9, 4)
    i, j = np.argwhere(x > 0)[3]
    alone = np.zeros_like(x)
    alone[i, j] = x[i, j]
    after = Parameters(*(values.copy() for values in before))
    squares = Parameters(*map(np.ones_like, before))
    shown = glove.learn_entry(after, squares, i, j, x[i, j], x_max=10, alpha=0.75, rate=0.05)
    assert shown == pytest.approx(glove.loss(before, alone, 10, 0.75))
    steps = [0.05 * gradient / 2 for gradient in glove.gradients(before, alone, 10, 0.75)]
    for old, new, summed, step in zip(before, after, squares, steps, strict=True):
        np.testing.assert_allclose(new, old - step, atol=1e-12)
        np.testing.assert_allclose(summed, 1 + step**2)


@pytest.mark.parametrize("dim", [1, 5, 14, 15, 16, 40])
@pytest.mark.parametrize("order", ["tiles", "random"])
def test_the_kernel_takes_the_definition_s_steps(dim: int, order: str) -> None:
    x = table()
    objective = GloVe(dim=dim, x_max=10, rate=0.3, min_rate=0.1, order=order)
    model = objective.over(WORDS, COUNTS, seed=3)
    where = learned_by(model)
    squares = Parameters(*map(np.ones_like, where))
    arranged = objective.arranged(Rows.of(x), seed=3)
    entries = len(arranged.entries)
    for _ in range(4):
        tally = model.train_block(arranged, range(len(arranged.ends)), rates=objective.rates, seed=0, scratch=None)
        expected = 0.0
        for place, (i, j, *_) in enumerate(arranged.entries.tolist()):
            rate = 0.3 + (0.1 - 0.3) * place / entries
            expected += glove.learn_entry(where, squares, i, j, x[i, j], x_max=10, alpha=0.75, rate=rate)
        assert tally.decisions == entries
        assert tally.loss == pytest.approx(expected, rel=1e-4)
        for found, values in zip(learned_by(model), where, strict=True):
            np.testing.assert_allclose(found, values, rtol=1e-3, atol=2e-4)


def test_what_is_no_parameter_never_changes() -> None:
    """The ones beside the biases stay ones, and the padding stays zero, however long the training."""
    model, _ = trained(GloVe(dim=5, rate=0.3, x_max=10), table(), epochs=50)
    assert np.all(model._words[:, 6] == 1)
    assert np.all(model._contexts[:, 5] == 1)
    for rows in (model._words, model._contexts):
        assert np.all(rows[:, 7:16] == 0)
        assert np.all(rows[:, 23:] == 1)


@pytest.mark.parametrize("order", ["tiles", "random"])
def test_the_loss_falls_in_every_epoch(order: str) -> None:
    _, outcome = trained(GloVe(dim=8, x_max=10, order=order), table(40), epochs=20)
    losses = [epoch.loss for epoch in outcome.history]
    assert all(after < before for before, after in pairwise(losses))
    assert losses[-1] < 0.8 * losses[0]


def test_products_come_to_be_the_logarithms_of_the_counts() -> None:
    """A table of low rank is learned whole: what is left of the error is small beside the logarithms."""
    random = np.random.default_rng(4)
    logs = random.normal(size=(12, 2)) @ random.normal(size=(2, 12)) + random.normal(size=12)
    model, _ = trained(GloVe(dim=4, x_max=1e-6, rate=0.2), np.exp(logs), epochs=200)
    w, w_tilde, b, b_tilde = learned_by(model)
    errors = w @ w_tilde.T + b[:, None] + b_tilde - logs
    assert np.sqrt(np.mean(errors**2)) < 0.05 * np.std(logs)


def test_the_same_seed_gives_the_same_bits() -> None:
    x = table(30)
    first, again, other = (trained(GloVe(dim=8), x, seed=seed)[0] for seed in (1, 1, 2))
    assert first.input_vectors.tobytes() == again.input_vectors.tobytes()
    assert first.input_vectors.tobytes() != other.input_vectors.tobytes()


def test_two_threads_learn_as_well() -> None:
    x, objective = table(60), GloVe(dim=8, x_max=10)
    arranged = tiles.arrange(Rows.of(x), x_max=10, alpha=0.75, side=20, seed=1)
    (_, one), (model, two) = (trained(objective, x, epochs=5, threads=threads, arranged=arranged) for threads in (1, 2))
    assert two.units == one.units == 5 * np.count_nonzero(x)
    assert two.unit == "entries"
    assert two.history[-1].loss == pytest.approx(one.history[-1].loss, rel=0.2)
    assert not model.has_diverged()


def test_what_a_word_s_vector_is() -> None:
    models = {name: trained(GloVe(dim=4, vectors=name), table())[0] for name in ("sum", "separate", "concatenated")}
    w, w_tilde = models["sum"].word_vectors, models["sum"].context_vectors
    np.testing.assert_array_equal(models["sum"].input_vectors, w + w_tilde)
    assert models["sum"].output_vectors is None
    np.testing.assert_array_equal(models["separate"].input_vectors, w)
    np.testing.assert_array_equal(models["separate"].output_vectors, w_tilde)
    np.testing.assert_array_equal(models["concatenated"].input_vectors, np.hstack([w, w_tilde]))
    assert models["concatenated"].output_vectors is None


# Plain NumPy, where compilation is off, warns of what the kernel is meant to run into.
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_rate_that_is_too_high_is_said() -> None:
    with pytest.raises(DivergedError, match="choose a lower one"):
        trained(GloVe(dim=8, rate=10.0, x_max=1e-3), table(60) * 1e30, epochs=20)


@pytest.mark.parametrize("x_max", [0, -1, math.nan, math.inf, "100", True])
def test_x_max_must_be_above_zero(x_max: float) -> None:
    with pytest.raises(SettingsError, match=r"expected x_max.*to be above 0, got.*10 is usual"):
        GloVe(x_max=x_max)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"dim": 0}, "dimensions"),
        ({"dim": 10_001}, "dimensions"),
        ({"dim": True}, "dimensions"),
        ({"window": 0}, "window"),
        ({"alpha": -0.1}, "alpha"),
        ({"alpha": math.nan}, "alpha"),
        ({"rate": 0}, "learning rate"),
        ({"rate": "fast"}, "learning rate"),
        ({"min_rate": 0.1}, "last learning rate"),
        ({"weighting": "gauss"}, "harmonic, flat, soft"),
        ({"vectors": "mean"}, "sum, separate, concatenated"),
        ({"order": "sorted"}, "tiles, random"),
    ],
)
def test_settings_that_cannot_be(settings: dict[str, object], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        GloVe(**settings)  # type: ignore[arg-type]


def test_the_rates() -> None:
    assert GloVe().rates == (GloVe().default_rate, GloVe().default_rate)
    assert GloVe(rate=0.1, min_rate=0.01).rates == (0.1, 0.01)
    assert GloVe().default_epochs == 15


def test_groups_of_a_block() -> None:
    """A block of some groups is their entries and no other."""
    objective = GloVe(dim=4)
    arranged = tiles.arrange(Rows.of(table()), x_max=10, alpha=0.75, side=3, seed=1)
    assert len(arranged.ends) > 4
    for groups in (range(2), range(2, 4)):
        model = objective.over(WORDS, COUNTS, seed=1)
        before = model.word_vectors.copy()
        tally = model.train_block(arranged, groups, rates=(0.05, 0.05), seed=0, scratch=model.scratch(1))
        start = arranged.ends[groups.start - 1] if groups.start else 0
        stop = arranged.ends[groups.stop - 1]
        assert tally.decisions == stop - start
        touched = np.flatnonzero(np.any(model.word_vectors != before, axis=1))
        assert set(touched) == set(arranged.entries["row"][start:stop].tolist())


def test_what_is_learned_of_the_small_world(tmp_path: Path) -> None:
    """Kinds of words stand together and analogies hold far more often than by chance, which is one in thousands."""
    if JIT_IS_OFF:
        pytest.skip("compilation is off (NUMBA_DISABLE_JIT): millions of steps")
    corpus = encode(open_source(list(small_world.text(300_000))), Words(), cache=tmp_path)
    objective = GloVe(dim=50)
    counts = count_cooccurrences(corpus, window=objective.window, weighting=objective.weighting, threads=1)
    model = objective.over(corpus.vocabulary.words, corpus.vocabulary.counts, seed=1)
    fit(model, objective, objective.arranged(counts, seed=1), epochs=objective.default_epochs)
    wv = WordVectors(corpus.vocabulary.words, model.input_vectors, corpus.vocabulary.counts)
    purity = categories.evaluate(wv, small_world.categories()).purity
    assert purity is not None
    assert purity > 0.95
    answered = analogies.evaluate(wv, {"gender": small_world.questions()["gender"]}).accuracy
    assert answered is not None
    assert answered > 0.25
