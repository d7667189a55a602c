"""Training on from a model: what stays, what is added, what is told, and that it is learned from."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import firth
from firth.checkpoints import Checkpoints
from firth.corpus import small_world
from firth.errors import FormatError, SettingsError, SourceError
from firth.evaluation import analogies, categories
from firth.events import Event, Notice
from firth.kernels.jit import JIT_IS_OFF
from firth.objectives.glove_model import GloVeModel
from firth.objectives.sampled import first_vectors
from firth.objectives.tiles import ENTRY
from firth.objectives.whole_vocabulary import WholeVocabularyModel

OLD = ["kings wear crowns of jewels", "queens wear crowns of gold", "the man wears a hat"] * 10
NEW = ["zebus eat grass and kings wear hats", "queens ride zebus"] * 10
SMALL: dict[str, Any] = {"min_count": 1, "epochs": 2, "threads": 1}
OBJECTIVES = {
    "skip-gram": firth.SkipGram(dim=6, subsample=0),
    "skip-gram, NCE": firth.SkipGram(dim=6, subsample=0, loss=firth.NCE(noise=firth.LogUniform())),
    "CBOW": firth.CBOW(dim=6, subsample=0, gradient="historical"),
    "CBOW, tree": firth.CBOW(dim=6, subsample=0, loss=firth.HierarchicalSoftmax()),
    "CBOW, full softmax": firth.CBOW(dim=6, subsample=0, loss=firth.FullSoftmax()),
    "skip-gram, binary cross entropy": firth.SkipGram(dim=6, subsample=0, loss=firth.BinaryCrossEntropy()),
    "GloVe": firth.GloVe(dim=6, window=3),
    "GloVe, separate": firth.GloVe(dim=6, window=3, vectors="separate"),
    "GloVe, concatenated": firth.GloVe(dim=6, window=3, vectors="concatenated"),
}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    firth.train(OLD, firth.SkipGram(dim=6), output=tmp_path / "old", **SMALL)
    return tmp_path / "old"


def notices(events: list[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, Notice)]


@pytest.mark.parametrize("objective", OBJECTIVES.values(), ids=OBJECTIVES.keys())
def test_old_words_keep_their_ids_and_counts_add_up(tmp_path: Path, objective: Any) -> None:
    before = firth.train(OLD, objective, **SMALL).vectors
    run = firth.train(NEW, objective, start=before, output=tmp_path / "run", **SMALL)
    after = firth.load(tmp_path / "run")
    assert list(after.words[: len(before)]) == list(before.words)
    assert set(after.words[len(before) :]) == {"zebus", "eat", "grass", "and", "hats", "ride"}
    assert after.words[len(before)] == "zebus"  # the most frequent new word
    come = {word: sum(line.split().count(word) for line in NEW) for word in after.words}
    old = dict(zip(before.words, before.counts.tolist(), strict=True))
    assert after.counts.tolist() == [old.get(word, 0) + come[word] for word in after.words]
    # What the new text does not speak of stays, what it speaks of learns.
    # (As a sum of two halves a vector may end in another last digit.)
    apart = 1e-7 if objective == firth.GloVe(dim=6, window=3) else 0
    changed = (np.abs(after.matrix[: len(before)] - before.matrix) > apart).any(axis=1)
    assert not changed[before.index("man")]
    assert changed[before.index("queens")]
    assert run.record["start"]["words"] == len(before)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=st.lists(st.sampled_from("abcdefgh"), min_size=2, max_size=40),
    frozen=st.none() | st.just("old") | st.lists(st.sampled_from("abcxy"), min_size=1),
    new_words=st.sampled_from(["contexts", "random"]),
    has_counts=st.booleans(),
    seed=st.integers(0, 5),
)
def test_any_text_goes_on_from_any_vectors(
    words: list[str], frozen: Any, new_words: Any, has_counts: bool, seed: int
) -> None:
    matrix = np.random.default_rng(seed).normal(size=(5, 4)).astype(np.float32)
    before = firth.WordVectors(list("axbyc"), matrix, np.array([9, 1, 4, 0, 7]) if has_counts else None)
    start = firth.Start(before, new_words=new_words, freeze=frozen)
    run = firth.train([words, words], firth.SkipGram(dim=4, subsample=0), start=start, seed=seed, **SMALL)
    after = run.vectors
    assert list(after.words[:5]) == list(before.words)
    added = after.counts[:5] - (before.counts if has_counts else 0)
    assert added.tolist() == [2 * words.count(word) for word in before.words]
    stay = list(range(5)) if frozen == "old" else sorted({"axbyc".index(word) for word in frozen or []})
    assert after.matrix[stay].tobytes() == matrix[stay].tobytes()
    assert np.isfinite(after.matrix).all()


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("objective", OBJECTIVES.values(), ids=OBJECTIVES.keys())
def test_frozen_words_keep_every_bit(monkeypatch: pytest.MonkeyPatch, objective: Any, threads: int) -> None:
    monkeypatch.setattr("firth.learning.from_text._WORDS_IN_A_BLOCK", 20)
    before = firth.train(OLD, objective, **SMALL).vectors
    chosen = {**SMALL, "threads": threads}
    after = firth.train(NEW, objective, start=firth.Start(before, freeze="old"), **chosen).vectors
    assert after.matrix[: len(before)].tobytes() == before.matrix.tobytes()
    if before.output_matrix is not None:
        assert (after.output_matrix[: len(before)] != before.output_matrix).any()
    events: list[Event] = []
    start = firth.Start(before, freeze=["kings", "zebus", "kings", "unheard"])
    after = firth.train(NEW, objective, start=start, on_event=events.append, **chosen).vectors
    kings, queens = (before.index(word) for word in ("kings", "queens"))
    assert after.matrix[kings].tobytes() == before.matrix[kings].tobytes()
    assert after.matrix[queens].tobytes() != before.matrix[queens].tobytes()
    assert any('2 of 3 words to freeze are not in the model, first "zebus"' in text for text in notices(events))


def test_new_words_begin_where_it_was_said() -> None:
    before = firth.train(OLD, firth.SkipGram(dim=6), **SMALL).vectors
    text = [["kings", "zebus", "kings"], ["alone", "apart"]]
    chosen: dict[str, Any] = {**SMALL, "seed": 4}
    flat = firth.SkipGram(dim=6, subsample=0)
    drawn = first_vectors(len(before) + 3, 6, seed=4)
    by_context = firth.train(text, flat, start=firth.Start(before), **chosen).untrained
    by_chance = firth.train(text, flat, start=firth.Start(before, new_words="random"), **chosen).untrained
    for untrained in (by_context, by_chance):
        assert untrained.matrix[: len(before)].tobytes() == before.matrix.tobytes()
    np.testing.assert_allclose(by_context["zebus"], before["kings"], rtol=1e-6)
    # Around these no word has a vector.
    assert by_context["alone"].tobytes() == drawn[by_context.index("alone")].tobytes()
    assert by_chance.matrix[len(before) :].tobytes() == drawn[len(before) :].tobytes()


def test_the_record_lists_every_text(tmp_path: Path) -> None:
    files = []
    for name, lines in (("one", OLD), ("two", NEW), ("three", NEW[:3])):
        files.append(tmp_path / f"{name}.txt")
        files[-1].write_text("\n".join(lines), encoding="utf-8")
    objective = firth.SkipGram(dim=6)
    firth.train(files[0], objective, output=tmp_path / "a", **SMALL)
    firth.train(files[1], objective, start=tmp_path / "a", output=tmp_path / "b", **SMALL)
    events: list[Event] = []
    run = firth.train(files[1:], objective, start=tmp_path / "b", output=tmp_path / "c", **SMALL)
    firth.train(files[0], objective, start=tmp_path / "c", on_event=events.append, **SMALL)
    assert any("has seen this text before" in text for text in notices(events))
    for record in (json.loads((tmp_path / "c" / "run.json").read_text()), dict(firth.load(tmp_path / "c").record)):
        assert [text["names"] for text in record["texts"]] == [
            [str(files[0])], [str(files[1])], [str(files[1]), str(files[2])],
        ]  # fmt: skip
        assert [text["words_read"] for text in record["texts"]] == [
            sum(len(line.split()) for line in lines) for lines in (OLD, NEW, NEW + NEW[:3])
        ]
        assert len({text["sha256"] for text in record["texts"]}) == 3
        assert record["start"]["model"] == str(tmp_path / "b")
    corpus, words = run.record["corpus"], run.record["words"]
    assert corpus["words_read"] == corpus["words_kept"] + sum(corpus["dropped"].values())
    assert sum(words.values()) == 2 * corpus["words_kept"]


def test_what_a_record_does_not_tell_is_said_to_be_unknown(tmp_path: Path) -> None:
    vectors = firth.WordVectors(["kings", "wear"], np.eye(2, dtype=np.float32))
    vectors.save(tmp_path / "some.txt", "glove")
    run = firth.train(NEW, start=tmp_path / "some.txt", **SMALL)
    name = str(tmp_path / "some.txt")
    assert run.record["texts"][0] == {"names": None, "sha256": None, "vectors": name, "words": 2}
    told = {"fingerprint": "f", "words_read": 5, "words_kept": 4}
    old = firth.WordVectors(["kings", "wear"], np.eye(2, dtype=np.float32), record={"corpus": {**told, "dropped": {}}})
    run = firth.train(NEW, start=old, **SMALL)
    assert run.record["texts"][0] == {"names": None, "sha256": None, **told}
    assert len(run.record["texts"]) == 2


@pytest.mark.parametrize("format_name", ["word2vec-text", "word2vec-binary", "glove", "npz", "safetensors"])
def test_it_goes_on_from_every_format(tmp_path: Path, model: Path, format_name: str) -> None:
    before = firth.load(model)
    path = tmp_path / f"vectors.{format_name}"
    before.save(path, format_name)
    events: list[Event] = []
    run = firth.train(NEW, start=firth.Start(path, freeze="old"), on_event=events.append, **SMALL)
    np.testing.assert_allclose(run.vectors.matrix[: len(before)], before.matrix, rtol=1e-5, atol=1e-6)
    told = any("no output vectors" in text for text in notices(events))
    assert told == (firth.load(path).output_matrix is None)


def test_output_vectors_go_on_too(model: Path) -> None:
    before = firth.load(model)
    # At so low a rate nothing moves far: what is there is what was put there.
    run = firth.train(NEW, firth.SkipGram(dim=6, rate=1e-6), start=model, **SMALL)
    np.testing.assert_allclose(run.vectors.output_matrix[: len(before)], before.output_matrix, atol=1e-5)
    assert np.abs(before.output_matrix).max() > 1e-3
    # GloVe's answer another question.
    other = firth.WordVectors(
        before.words, before.matrix, before.counts, output_matrix=before.output_matrix,
        record={"objective": {"kind": "GloVe"}},
    )  # fmt: skip
    run = firth.train(NEW, firth.SkipGram(dim=6, rate=1e-6), start=other, **SMALL)
    assert np.abs(run.vectors.output_matrix).max() < 1e-4


def test_a_training_that_differs_is_told(model: Path) -> None:
    events: list[Event] = []
    objective = firth.CBOW(dim=6)
    firth.train(NEW, objective, start=model, tokenizer=firth.Words(lowercase=False), on_event=events.append, **SMALL)
    told = "\n".join(notices(events))
    assert "the model was trained with objective SkipGram, and goes on with CBOW" in told
    assert "tokenizer.lowercase True, and goes on with False" in told
    events.clear()
    firth.train(NEW, firth.SkipGram(dim=6, rate=0.01), start=model, on_event=events.append, **SMALL)
    assert not any("goes on with" in text for text in notices(events))


def test_phrases_that_differ_are_told(tmp_path: Path) -> None:
    joined, plain = tmp_path / "joined", tmp_path / "plain"
    lines = ["people in new york walk fast", "a hat in new york", "people walk in a hat", "fast hat people"] * 10
    how = firth.Phrases(score="npmi", threshold=0.9)
    objective = firth.SkipGram(dim=6)
    firth.train(lines, objective, phrases=how, output=joined, **SMALL)
    firth.train(lines, objective, output=plain, **SMALL)
    own, file = firth.PhraseModel.load(joined / "phrases.json"), joined / "phrases.json"
    other = firth.PhraseModel([], connectors=own.connectors, record={})

    def told(start: Path, phrases: Any) -> list[str]:
        events: list[Event] = []
        firth.train(lines, objective, start=start, phrases=phrases, on_event=events.append, **SMALL)
        return [text for text in notices(events) if "phrases" in text and "model" in text]

    assert told(joined, file) == told(plain, None) == []
    assert re.search(f"new text has none.*{re.escape(str(file))}", told(joined, None)[0])
    assert "found anew" in told(joined, how)[0]
    assert "others than the model's" in told(joined, other)[0]
    assert "new words to it" in told(plain, file)[0]


def test_what_cannot_go_on_is_refused(tmp_path: Path, model: Path) -> None:
    cases: list[tuple[str, dict[str, Any]]] = [
        ("got PPMI, which learns nothing step by step", {"objective": firth.PPMI(dim=6)}),
        ("got OneHot, .*train it on the old text and the new one", {"objective": firth.OneHot()}),
        ("expected 3 dimensions", {"objective": firth.GloVe(dim=6, vectors="concatenated")}),
        ("expected 6 dimensions, .* got 7", {"objective": firth.GloVe(dim=7)}),
        ("expected 6 dimensions, .* got 100", {"objective": firth.SkipGram()}),
        ("no bootstrap", {"bootstrap": 3}),
        ("max_words to be 12 or more", {"max_words": 3}),
        ("min_count", {"min_count": 0}),
    ]
    for message, wrong in cases:
        with pytest.raises(SettingsError, match=message):
            firth.train(NEW, start=model, **{**SMALL, **wrong})
    with pytest.raises(SourceError):
        firth.train(NEW, start=tmp_path / "nowhere", **SMALL)
    broken = firth.WordVectors(["a", "b"], np.array([[1, 2], [np.nan, 0]], dtype=np.float32))
    with pytest.raises(FormatError, match='"b"'):
        firth.train(NEW, start=broken, **SMALL)
    for wrong_start in (
        lambda: firth.Start(3), lambda: firth.Start(model, new_words="zero"), lambda: firth.Start(model, freeze="new"),
        lambda: firth.Start(model, freeze=[3]), lambda: firth.Start(model, freeze=b"ab"),
        lambda: firth.Start(model, freeze=7),
    ):  # fmt: skip
        with pytest.raises(SettingsError, match="expected"):
            wrong_start()
    with pytest.raises(SettingsError, match="words of the model to freeze"):
        firth.train(NEW, start=firth.Start(model, freeze=["zebus"]), **SMALL)


def test_most_frequent_means_by_count_and_not_by_id(model: Path) -> None:
    run = firth.train([["zebus", "zebus", "kings"]] * 500, start=model, **SMALL)
    assert run.vectors.index("zebus") == len(firth.load(model))
    near = run.vectors.neighbors("man", k=2, most_frequent=2)
    assert set(near.words) == {"zebus", "kings"}


class BrokenOff(BaseException):
    """Ends a training as a kill would."""


def broken_off(text: Any, folder: Path, **chosen: Any) -> None:
    real = Checkpoints.write

    def write(self: Checkpoints, state: Any, arrays: Any) -> None:
        real(self, state, arrays)
        if state["epoch"] == 1:
            raise BrokenOff

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Checkpoints, "write", write)
        with pytest.raises(BrokenOff):
            firth.train(text, output=folder, checkpoint_every=0, **chosen)


@pytest.mark.parametrize("freeze", [None, "old", ["kings", "wear"]])
@pytest.mark.parametrize("loss", [firth.NegativeSampling(), firth.HierarchicalSoftmax()])
def test_what_was_broken_off_goes_on_to_the_same_bits(tmp_path: Path, model: Path, freeze: Any, loss: Any) -> None:
    text = tmp_path / "new.txt"
    text.write_text("\n".join(NEW), encoding="utf-8")
    chosen = {**SMALL, "epochs": 3, "objective": firth.SkipGram(dim=6, loss=loss)}
    start = firth.Start(model, freeze=freeze, new_words="random")
    broken_off(text, tmp_path / "run", start=start, **chosen)
    run, expected = firth.resume(tmp_path / "run"), firth.train(text, start=start, **chosen)
    assert run.vectors.matrix.tobytes() == expected.vectors.matrix.tobytes()
    assert list(run.vectors.words) == list(expected.vectors.words)
    assert run.vectors.counts.tolist() == expected.vectors.counts.tolist()
    assert {**run.record["start"], "model": ""} == {**expected.record["start"], "model": ""}
    assert run.record["texts"] == expected.record["texts"]


def test_a_model_that_changed_is_refused_with_the_difference_named(tmp_path: Path, model: Path) -> None:
    text, run = tmp_path / "new.txt", tmp_path / "run"
    text.write_text("\n".join(NEW), encoding="utf-8")
    broken_off(text, run, start=model, **SMALL)
    before = firth.load(model)
    changes = {
        "start.input_vectors": (before.words, before.matrix + 1, before.counts, before.output_matrix),
        "start.output_vectors": (before.words, before.matrix, before.counts, None),
        "start.vocabulary": (before.words, before.matrix, before.counts + 1, before.output_matrix),
    }
    for name, (words, matrix, counts, outputs) in changes.items():
        other = firth.WordVectors(words, matrix, counts, output_matrix=outputs, record=before.record)
        other.save(tmp_path / "other.safetensors")
        with pytest.raises(SettingsError, match=name):
            firth.resume(run, start=tmp_path / "other.safetensors")
    with pytest.raises(SettingsError, match=r"start\.freeze"):
        firth.resume(run, start=firth.Start(model, freeze="old"))
    with pytest.raises(SettingsError, match="where start"):
        firth.train(text, firth.SkipGram(dim=6, rate=0.0125), output=run, resume=True, **SMALL)
    # Another place is no other model.
    model.rename(tmp_path / "moved")
    with pytest.raises(SourceError):
        firth.resume(run)
    assert firth.resume(run, start=tmp_path / "moved").record["start"]["model"] == str(tmp_path / "moved")


def test_a_model_in_memory_is_to_be_given_again(tmp_path: Path, model: Path) -> None:
    vectors = firth.load(model)
    text = tmp_path / "new.txt"
    text.write_text("\n".join(NEW), encoding="utf-8")
    broken_off(text, tmp_path / "run", start=vectors, **SMALL)
    with pytest.raises(SettingsError, match="start="):
        firth.resume(tmp_path / "run")
    assert not firth.resume(tmp_path / "run", start=vectors).interrupted


def test_a_model_is_not_written_over_by_what_goes_on_from_it(tmp_path: Path, model: Path) -> None:
    """Broken off by Ctrl-C, it would have lost what it began with, and could not go on."""
    before = (model / "vectors.safetensors").read_bytes()
    for start in (model, model / "vectors.safetensors"):
        with pytest.raises(SettingsError, match="another folder to write"):
            firth.train(NEW, start=start, output=model, force=True, **SMALL)
    assert (model / "vectors.safetensors").read_bytes() == before
    shutil.copy(model / "vectors.safetensors", tmp_path / "mine.safetensors")
    assert not firth.train(NEW, start=tmp_path / "mine.safetensors", output=tmp_path, **SMALL).interrupted


def test_the_encoded_text_is_enough_to_go_on(tmp_path: Path, model: Path) -> None:
    text = tmp_path / "new.txt"
    text.write_text("\n".join(NEW), encoding="utf-8")
    os.utime(text, (1e9, 1e9))
    broken_off(text, tmp_path / "run", start=model, **SMALL)
    expected = firth.train(text, start=model, **SMALL)
    text.unlink()
    assert firth.resume(tmp_path / "run").vectors.matrix.tobytes() == expected.vectors.matrix.tobytes()


@pytest.mark.skipif(JIT_IS_OFF, reason="trains for minutes in plain Python")
@pytest.mark.parametrize("freeze", [None, "old"])
def test_new_words_find_their_kind_and_old_ones_keep_theirs(freeze: Any) -> None:
    kinds = small_world.categories()
    new = set(sorted(kinds)[::6])

    def speaks_of_new(sentence: str) -> bool:
        return not new.isdisjoint(re.findall(r"\w+", sentence.lower()))

    sentences = list(small_world.text(600_000))
    half = len(sentences) // 2
    first = [sentence for sentence in sentences[:half] if not speaks_of_new(sentence)]
    second = [sentence for sentence in sentences[half:] if speaks_of_new(sentence)]
    chosen: dict[str, Any] = {"threads": 1, "held_out": 0}
    before = firth.train(first, firth.SkipGram(dim=50), **chosen).vectors
    assert new.isdisjoint(before.words)
    after = firth.train(second, firth.SkipGram(dim=50), start=firth.Start(before, freeze=freeze), **chosen).vectors
    strays = {stray[0] for stray in categories.evaluate(after, kinds).strays}
    known = [word for word in new if word in after]
    old = [word for word in kinds if word in before]
    assert len(known) > 40
    assert sum(word in strays for word in known) <= 2
    assert sum(word in strays for word in old) <= len(old) // 50
    # What was known stays known: nearly, where old words learn; to the bit, where they do not.
    asked = {
        relation: tuple(question for question in questions if new.isdisjoint(question))
        for relation, questions in small_world.questions().items()
    }
    had, has = (
        analogies.evaluate(vectors, asked, most_frequent=None).accuracy or 0 for vectors in (before, after)
    )  # fmt: skip
    assert has >= (0.8 if freeze is None else 0.95) * had > 0.2


@pytest.mark.parametrize("loss", [firth.FullSoftmax(), firth.BinaryCrossEntropy()], ids=["softmax", "cross entropy"])
def test_the_whole_vocabulary_s_sums_begin_at_the_new_text_s(loss: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    objective = firth.SkipGram(dim=6, subsample=0, loss=loss, rate=0.05, min_rate=0.05)
    before = firth.train(OLD, objective, **{**SMALL, "epochs": 20}).vectors
    models: list[WholeVocabularyModel] = []
    real = WholeVocabularyModel.begin_sums

    def begin_sums(model: WholeVocabularyModel, *arguments: Any, **settings: Any) -> None:
        begun = {name: matrix.copy() for name, matrix in model.state().items()}
        real(model, *arguments, **settings)
        models.append(model)
        old, state = settings["old"], model.state()
        for name in ("inputs", "outputs"):
            assert state[name].tobytes() == begun[name].tobytes()
            assert not state[f"{name[:-1]}_squares"][old:].any()
        # Words of which the text says nothing as centres have no gradient of their own.
        assert state["input_squares"][before.index("queens")].any()
        assert not state["input_squares"][before.index("man")].any()
        assert state["output_squares"][:old].all()

    monkeypatch.setattr(WholeVocabularyModel, "begin_sums", begin_sums)
    after = firth.train(NEW, objective, start=before, **SMALL).vectors
    assert len(models) == 1
    monkeypatch.setattr(WholeVocabularyModel, "begin_sums", lambda *_, **__: None)
    thrown = firth.train(NEW, objective, start=before, **SMALL).vectors
    old = len(before)
    moved = [np.abs(some.matrix[:old] - before.matrix).mean() for some in (after, thrown)]
    assert moved[0] < moved[1]
    assert (after.matrix[old:] != 0).any(axis=1).all()


def test_glove_goes_on_from_both_of_its_vectors() -> None:
    objective = firth.GloVe(dim=6, window=3, vectors="separate", rate=1e-6)
    before = firth.train(OLD, firth.GloVe(dim=6, window=3, vectors="separate"), **SMALL).vectors
    events: list[Event] = []
    after = firth.train(NEW, objective, start=before, on_event=events.append, **SMALL).vectors
    np.testing.assert_allclose(after.matrix[: len(before)], before.matrix, atol=1e-5)
    np.testing.assert_allclose(after.output_matrix[: len(before)], before.output_matrix, atol=1e-5)
    assert not any("begin anew" in text for text in notices(events))
    # Those of another objective answer another question.
    other = firth.train(OLD, firth.SkipGram(dim=6), **SMALL).vectors
    after = firth.train(NEW, objective, start=other, on_event=events.append, **SMALL).vectors
    np.testing.assert_allclose(after.matrix[: len(other)], other.matrix, atol=1e-5)
    assert np.abs(after.output_matrix).max() <= 0.5 / 6 + 1e-5
    assert any("no contexts' vectors to go on from; they begin anew" in text for text in notices(events))


@pytest.mark.parametrize("vectors", ["sum", "separate", "concatenated"])
def test_glove_s_biases_fit_the_new_counts(vectors: Any) -> None:
    objective = firth.GloVe(dim=4, window=3, vectors=vectors)
    before = firth.train(OLD, objective, **{**SMALL, "epochs": 30}).vectors
    text = NEW * 50  # counts fifty times as high: the model's own biases would be wrong by their logarithm

    def loss(epochs: int, **how: Any) -> float:
        return firth.train(text, objective, **{**SMALL, "epochs": epochs}, **how).history[0].loss

    assert loss(1, start=before) < 0.7 * loss(1)


def test_biases_are_the_best_for_their_entries() -> None:
    random = np.random.default_rng(3)
    model = GloVeModel(words=7, dim=3, seed=2)
    places = np.array([(i, j) for i in range(7) for j in range(7)])
    b, c = random.normal(size=(2, 7))
    entries = np.zeros(49, dtype=ENTRY)
    entries["row"], entries["column"] = places.T
    products = (model.word_vectors @ model.context_vectors.T)[places[:, 0], places[:, 1]]
    entries["log_count"], entries["weight"] = products + b[places[:, 0]] + c[places[:, 1]], 1000.0
    model.fit_biases(SimpleNamespace(entries=entries))
    found = model.word_biases[places[:, 0]] + model.context_biases[places[:, 1]]
    np.testing.assert_allclose(found, (b[places[:, 0]] + c[places[:, 1]]), atol=1e-2)


@pytest.mark.parametrize("name", ["CBOW, full softmax", "GloVe", "GloVe, separate"])
def test_a_reproducible_training_goes_on_to_the_same_bits(name: str) -> None:
    before = firth.train(OLD, OBJECTIVES[name], **SMALL).vectors
    one, three = (
        firth.train(NEW, OBJECTIVES[name], start=before, reproducible=True, **{**SMALL, "threads": threads}).vectors
        for threads in (1, 3)
    )
    assert one.matrix.tobytes() == three.matrix.tobytes()


@pytest.mark.parametrize("name", ["CBOW, full softmax", "GloVe", "GloVe, separate"])
def test_what_goes_on_and_is_broken_off_goes_on(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    firth.train(OLD, OBJECTIVES[name], output=tmp_path / "old", **SMALL)
    start, chosen = firth.Start(tmp_path / "old", freeze=["kings"]), {**SMALL, "epochs": 4}
    whole = firth.train(NEW, OBJECTIVES[name], start=start, **chosen).vectors
    real = Checkpoints.write

    def write(self: Checkpoints, state: Any, arrays: Any) -> None:
        real(self, state, arrays)
        if state["epoch"] == 2:
            raise KeyError("broken off")

    with monkeypatch.context() as patch:
        patch.setattr(Checkpoints, "write", write)
        with pytest.raises(KeyError):
            firth.train(NEW, OBJECTIVES[name], start=start, output=tmp_path / "run", checkpoint_every=0, **chosen)
    again = firth.resume(tmp_path / "run").vectors
    assert again.matrix.tobytes() == whole.matrix.tobytes()
    kings = again.index("kings")
    assert again.matrix[kings].tobytes() == firth.load(tmp_path / "old")["kings"].tobytes()
