"""Reproducible training: what its rounds are to do, step by step; the same bits with any threads; no worse for it."""

from __future__ import annotations

import itertools
import threading
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import firth
from firth.contexts.subsampling import Subsampling
from firth.contexts.window import Window
from firth.corpus import small_world
from firth.errors import SettingsError
from firth.evaluation import analogies
from firth.kernels.jit import JIT_IS_OFF
from firth.objectives.cbow import CBOW
from firth.objectives.crew import Crew
from firth.objectives.glove import GloVe
from firth.objectives.hierarchical_softmax import HierarchicalSoftmax, PathRows
from firth.objectives.negative_sampling import NegativeSampling
from firth.objectives.noise_contrastive import NCE
from firth.objectives.reproducible import ReproducibleModel, merged
from firth.objectives.reproducible_glove import ReproducibleGloVe
from firth.objectives.skipgram import SkipGram
from naive import Rows, train_block_in_rounds

LOSSES = {
    "negative-sampling": NegativeSampling(),
    "many-negatives": NegativeSampling(negatives=12),
    "nce": NCE(),
    "hierarchical-softmax": HierarchicalSoftmax(),
}
ARCHITECTURES = {"skip-gram": SkipGram, "CBOW": CBOW}
WINDOWS = {
    "soft": Window(left=3, right=3),
    "lopsided": Window(left=1, right=4, soft=False),
    "left": Window(left=4, right=0),
    "before-subsampling": Window(left=3, right=3, before_subsampling=True),
}
WORDS = [f"w{word}" for word in range(60)]
RATES = (0.2, 0.05)


def corpus(sentences: int = 30) -> list[list[int]]:
    """Return sentences of every awkward length, the frequent words often twice in a window."""
    random = np.random.default_rng(5)
    lengths = [1, 2, 3, 40, 7, 1, 25, *random.integers(1, 30, sentences).tolist()]
    return [np.minimum(random.geometric(0.08, size=n) - 1, 59).tolist() for n in lengths]


def text_of(sentences: list[list[int]]) -> SimpleNamespace:
    token_ids = np.array(list(itertools.chain(*sentences)), dtype=np.int32)
    ends = np.cumsum([len(sentence) for sentence in sentences]).astype(np.int64)
    token_ids.flags.writeable = ends.flags.writeable = False
    return SimpleNamespace(token_ids=token_ids, sentence_ends=ends, key=0, below=0)


def model_of(objective: Any, counts: np.ndarray) -> Any:
    model = objective.over(WORDS, counts, seed=3)
    # Output vectors begin at zero, where many mistakes could hide.
    model.output_vectors[:] = np.random.default_rng(4).normal(scale=0.3, size=model.output_vectors.shape)
    model.input_vectors[:] *= 20
    return model


def counts_of(sentences: list[list[int]]) -> np.ndarray:
    counts = np.bincount(list(itertools.chain(*sentences)), minlength=60) + 1
    return np.sort(counts)[::-1].astype(np.int64)


def assert_as_defined(
    objective: Any,
    monkeypatch: pytest.MonkeyPatch,
    *,
    readers: int = 3,
    length: int = 7,
    frozen: frozenset[int] = frozenset(),
) -> None:
    """Train the same sentences by the kernel and by the definition."""
    every = 3
    monkeypatch.setattr("firth.objectives.reproducible.loss_every", lambda _: every)
    sentences = corpus()
    text, counts = text_of(sentences), counts_of(sentences)
    rows, damping = objective.loss.over(WORDS, counts), 0.2
    plain = model_of(objective, counts)
    plain.freeze(np.isin(np.arange(60), list(frozen)))
    kept = plain.input_vectors[sorted(frozen)].copy()
    inputs, outputs = plain.input_vectors.astype(np.float64), plain.output_vectors.astype(np.float64)
    model = ReproducibleModel(plain, threads=2, readers=readers, length=length, damping=damping)
    scratch = model.scratch(40)
    # Twice, with other words: nothing may be left over from the block before.
    halves = (len(sentences) // 2, len(sentences))
    for start, stop, seed in ((0, halves[0], 123), (halves[0], halves[1], 456)):
        tally = model.train_block(text, range(start, stop), rates=RATES, seed=seed, scratch=scratch)
        window = Window.of(objective.window)
        losses = train_block_in_rounds(
            inputs, outputs, sentences[start:stop],
            window=window.mirrored if isinstance(objective, SkipGram) else window,
            keep=Subsampling.of(objective.subsample).keep_probabilities(counts).astype(np.float32),
            asked=(lambda target, _: rows.asked(target)) if isinstance(rows, PathRows) else rows.asked,
            noise_table=getattr(rows, "table", None), negatives=getattr(rows, "negatives", 0),
            architecture="skip-gram" if isinstance(objective, SkipGram) else objective.gradient,
            rates=RATES, seed=seed, readers=readers, length=length, damping=damping, frozen=frozen,
        )  # fmt: skip
        assert tally.centres == len(losses) > 40
        assert sum(tally.words.values()) == sum(map(len, sentences[start:stop]))
        expected = sum(loss for place, loss in losses.items() if place % every == 0)
        assert tally.loss == pytest.approx(expected, rel=1e-3)
        np.testing.assert_allclose(model.input_vectors, inputs, atol=5e-5)
        np.testing.assert_allclose(model.output_vectors, outputs, atol=5e-5)
    np.testing.assert_array_equal(model.input_vectors[sorted(frozen)], kept)
    assert not model.state()["inputs"][-1].any()
    assert not model.state()["outputs"][-1].any()


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES.keys())
@pytest.mark.parametrize("architecture", ARCHITECTURES.values(), ids=ARCHITECTURES.keys())
def test_rounds_are_what_they_are_said_to_be(architecture: Any, loss: object, monkeypatch: pytest.MonkeyPatch) -> None:
    assert_as_defined(architecture(dim=18, window=3, subsample=0.05, loss=loss), monkeypatch)


@pytest.mark.parametrize("architecture", ARCHITECTURES.values(), ids=ARCHITECTURES.keys())
def test_frozen_rows_stay_in_all_their_copies(architecture: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert_as_defined(architecture(dim=18, window=3, subsample=0.05), monkeypatch, frozen=frozenset({0, 2, 9, 30}))


@pytest.mark.parametrize("window", WINDOWS.values(), ids=WINDOWS.keys())
def test_windows_end_with_their_sentences(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    assert_as_defined(CBOW(dim=5, window=window, subsample=0.03), monkeypatch)
    assert_as_defined(SkipGram(dim=5, window=window, subsample=0.03), monkeypatch)


@pytest.mark.parametrize(("readers", "length"), [(1, 5), (1, 1000), (2, 1), (8, 64), (15, 2), (15, 1000)])
def test_any_number_of_readers_and_any_stretch(readers: int, length: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert_as_defined(SkipGram(dim=6, window=2, subsample=0.05), monkeypatch, readers=readers, length=length)


def test_merging_goes_from_the_sum_to_the_mean() -> None:
    row, copies = np.array([1.0, 2.0]), np.array([[1.1, 2.0], [1.0, 2.3], [1.0, 1.9]])
    changes = (copies - row).sum(axis=0)
    np.testing.assert_allclose(merged(row, copies, np.array([5, 1, 2]), 0.0), row + changes)
    np.testing.assert_allclose(merged(row, copies, np.array([10**9] * 3), 0.1), row + changes / 3)
    between = merged(row, copies, np.array([4, 4, 4]), 0.1)
    # s(12) = 12 / 2.2 and s(4) = 4 / 1.4.
    np.testing.assert_allclose(between, row + changes * (12 / 2.2) / (3 * 4 / 1.4))


def test_held_out_sentences_are_passed_over() -> None:
    sentences = corpus()
    text, counts = text_of(sentences), counts_of(sentences)
    text.key, text.below = 77, 1 << 63
    model = ReproducibleModel(model_of(SkipGram(dim=4, subsample=0), counts), threads=1)
    plain = model_of(SkipGram(dim=4, subsample=0), counts)
    settings: dict[str, Any] = {"groups": range(len(sentences)), "rates": RATES, "seed": 5}
    found = model.train_block(text, scratch=model.scratch(40), **settings)
    expected = plain.train_block(text, scratch=plain.scratch(40), **settings)
    assert found.words == expected.words
    assert found.held_out > 20


@pytest.mark.skipif(JIT_IS_OFF, reason="plain Python has one thread")
@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES.keys())
@pytest.mark.parametrize("architecture", ARCHITECTURES.values(), ids=ARCHITECTURES.keys())
def test_threads_change_no_bit(architecture: Any, loss: object) -> None:
    """More threads than this machine has cores are among them, and wait for one another."""
    sentences = corpus(600)
    text, counts, found = text_of(sentences), counts_of(sentences), []
    for threads in (1, 2, 3, 8, 64):
        model = ReproducibleModel(
            model_of(architecture(dim=12, window=3, subsample=0.05, loss=loss), counts), threads=threads, length=16
        )
        scratch, tallies = model.scratch(40), []
        assert len(scratch) == min(threads, 8)
        for start in range(0, len(sentences), 200):
            groups = range(start, min(start + 200, len(sentences)))
            tallies.append(model.train_block(text, groups, rates=RATES, seed=start, scratch=scratch))
        found.append((model.input_vectors.tobytes(), model.output_vectors.tobytes(), tallies))
    assert found[1:] == found[:-1]


def test_a_crew_is_as_large_as_is_fastest() -> None:
    crew, seen = Crew(8), []

    def work(blocks: int, seconds: dict[int, float]) -> None:
        for _ in range(blocks):
            seen.append(crew.size())
            crew.tell(seconds[crew.size()], 1_000)

    quiet, busy = {8: 1.0, 4: 2.0, 2: 4.0, 1: 8.0}, {8: 9.0, 4: 7.0, 2: 3.0, 1: 2.0}
    work(640, quiet)
    assert seen.count(8) == 635
    assert seen.count(4) == 5
    work(640, busy)
    assert seen[-60:-10] == [1] * 50
    work(640, quiet)
    assert seen[-60:-10] == [8] * 50
    assert set(seen) == {1, 2, 4, 8}
    alone = Crew(1)
    for _ in range(300):
        assert alone.size() == 1
        alone.tell(1.0, 1)


def glove_table(words: int = 300) -> np.ndarray:
    random = np.random.default_rng(2)
    frequent = 1 / np.arange(1, words + 1)
    x = random.poisson(2_000 * np.outer(frequent, frequent)).astype(float)
    return x + x.T


@pytest.mark.parametrize("order", ["tiles", "random"])
def test_glove_s_tiles_give_the_bits_of_one_thread(order: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("firth.objectives.tiles._GROUP", 50)
    x, found = glove_table(), []
    objective = GloVe(dim=6, x_max=10, rate=0.1, min_rate=0.01, order=order)
    arranged = objective.arranged(Rows.of(x), seed=1, shares=8)
    for threads in (None, 1, 2, 3, 8):
        inner = objective.over([""] * len(x), np.ones(len(x), dtype=np.int64), seed=1)
        model: Any = inner if threads is None else ReproducibleGloVe(inner, threads=threads)
        tally = model.train_block(arranged, range(len(arranged.ends)), rates=(0.1, 0.01), seed=0, scratch=None)
        assert tally.decisions == len(arranged.entries)
        found.append(
            (inner.word_vectors.tobytes(), inner.context_vectors.tobytes(), inner.word_biases.tobytes(), tally.loss)
        )
    assert found[2:] == found[1:-1]
    # The rate within a tile is rounded otherwise, and the loss summed, where the block is taken tile by tile.
    plain, together = (np.frombuffer(bits[0], dtype=np.float32) for bits in found[:2])
    np.testing.assert_allclose(plain, together, atol=1e-4)
    assert found[0][-1] == pytest.approx(found[1][-1], rel=1e-5)


def test_glove_s_threads_are_at_work_at_once_and_never_on_the_same_words() -> None:
    x = glove_table()
    objective = GloVe(dim=2)
    arranged = objective.arranged(Rows.of(x), seed=1, shares=8)
    at_work: list[tuple[set[int], set[int]]] = []
    most, lock, barrier = 0, threading.Lock(), threading.Event()

    class Model:
        def train_block(self, tiles: Any, groups: range, **_: Any) -> Any:
            nonlocal most
            first = int(tiles.ends[groups.start - 1]) if groups.start else 0
            entries = tiles.entries[first : int(tiles.ends[groups.stop - 1])]
            mine = (set(entries["row"].tolist()), set(entries["column"].tolist()))
            with lock:
                assert not any(mine[0] & rows or mine[1] & columns for rows, columns in at_work)
                at_work.append(mine)
                most = max(most, len(at_work))
                if most == 3:
                    barrier.set()
            barrier.wait(0.05)
            with lock:
                at_work.remove(mine)
            return SimpleNamespace(loss=1.0)

    model = ReproducibleGloVe(Model(), threads=3)
    tally = model.train_block(arranged, range(len(arranged.ends)), rates=(0.1, 0.1), seed=0, scratch=None)
    assert most == 3
    assert tally.loss > 20


def test_what_goes_wrong_with_a_tile_ends_them_all() -> None:
    arranged = GloVe(dim=2).arranged(Rows.of(glove_table(60)), seed=1, shares=8)

    class Model:
        def train_block(self, *_: Any, **__: Any) -> Any:
            raise RuntimeError("a broken model")

    with pytest.raises(RuntimeError, match="a broken model"):
        ReproducibleGloVe(Model(), threads=3).train_block(
            arranged, range(len(arranged.ends)), rates=(0.1, 0.1), seed=0, scratch=None
        )


def test_no_row_of_tiles_has_more_than_its_share() -> None:
    x = glove_table()
    arranged = GloVe().arranged(Rows.of(x), seed=1, shares=8)
    entries = np.count_nonzero(x, axis=1)
    sizes = np.add.reduceat(entries, [0, *arranged.block_ends[:-1]])
    words = np.diff(arranged.block_ends, prepend=0)
    assert np.all((sizes <= np.ceil(entries.sum() / 8)) | (words == 1))
    assert arranged.block_ends[-1] == len(x)
    whole = GloVe().arranged(Rows.of(x), seed=1)
    np.testing.assert_array_equal(whole.block_ends, [len(x)])


OBJECTIVES = {
    "skip-gram": firth.SkipGram(dim=8),
    "skip-gram, NCE": firth.SkipGram(dim=8, loss=firth.NCE()),
    "CBOW": firth.CBOW(dim=8),
    "CBOW, tree": firth.CBOW(dim=8, loss=firth.HierarchicalSoftmax()),
    "skip-gram, softmax": firth.SkipGram(dim=8, loss=firth.FullSoftmax(batch=100)),
    "GloVe": firth.GloVe(dim=8),
    "PPMI": firth.PPMI(dim=8),
    "TF-IDF": firth.TfIdf(dim=8),
}


def told(run: firth.Run) -> tuple[Any, ...]:
    """Return all of a run that must not depend on threads."""
    outputs = run.vectors.output_matrix
    losses = [epoch.loss for epoch in run.history]
    return run.vectors.matrix.tobytes(), None if outputs is None else outputs.tobytes(), losses, run.held_out


def settings_for(objective: Any) -> dict[str, Any]:
    if isinstance(objective, firth.PPMI | firth.TfIdf):
        return {"reproducible": True}
    return {"reproducible": True, "epochs": 2, "held_out": 0.1}


@pytest.mark.skipif(JIT_IS_OFF, reason="trains for minutes in plain Python")
@pytest.mark.parametrize("objective", OBJECTIVES.values(), ids=OBJECTIVES.keys())
def test_a_training_has_the_same_bits_with_any_number_of_threads(
    objective: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("firth.training.settings.cores", lambda: 8)
    sentences = list(small_world.text(20_000))
    runs = [firth.train(sentences, objective, threads=threads, **settings_for(objective)) for threads in (1, 2, 3, 8)]
    for run in runs[1:]:
        assert told(run) == told(runs[0])
    assert runs[0].record["reproducible"] is True


def test_it_is_asked_for_by_yes_or_no() -> None:
    with pytest.raises(SettingsError, match="expected reproducible to be True or False, got 'yes'"):
        firth.train(["a b", "b a"], reproducible="yes")


@pytest.mark.slow
@pytest.mark.parametrize(
    "objective",
    [
        firth.SkipGram(),
        firth.CBOW(),
        firth.SkipGram(loss=firth.HierarchicalSoftmax()),
        firth.SkipGram(loss=firth.NCE()),
    ],
)
def test_the_small_world_is_learned_as_well(objective: Any) -> None:
    sentences = list(small_world.text())
    accuracy = {
        reproducible: analogies.evaluate(
            firth.train(sentences, objective, threads=1, reproducible=reproducible).vectors, small_world.questions()
        ).accuracy
        for reproducible in (False, True)
    }
    assert accuracy[True] >= accuracy[False] - 0.02, accuracy
