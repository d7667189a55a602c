"""The plan against what a training then finds and takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import firth
from firth import checkpoints, pace
from firth.contexts.cooccurrence import count_cooccurrences
from firth.corpus import small_world
from firth.corpus.encoded import encode
from firth.corpus.reading import Reading, read
from firth.corpus.sources import open_source
from firth.errors import EmptyCorpusError, SettingsError, SourceError
from firth.table_growth import table_entries

SIZE = 1 << 16


@pytest.fixture(autouse=True)
def short_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measure the pace with little work: kernels may run as plain Python."""
    monkeypatch.setattr("firth.pace._SECONDS", 0.01)
    monkeypatch.setattr("firth.pace._WORDS_IN_A_BLOCK", 100)
    monkeypatch.setattr("firth.pace._WORDS_IN_A_DENSE_BLOCK", 100)
    monkeypatch.setattr("firth.pace._ENTRIES_IN_A_BLOCK", 1000)


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """200,000 words by Zipf's law, in lines of twelve."""
    path = tmp_path_factory.mktemp("plan") / "text.txt"
    weights = 1 / (np.arange(50_000) + 2.7)
    words = np.random.default_rng(1).choice(len(weights), 200_000, p=weights / weights.sum())
    lines = [" ".join(f"w{word}" for word in line) for line in words[: 12 * (len(words) // 12)].reshape(-1, 12)]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def planned(text: Any, *arguments: Any, **settings: Any) -> firth.Plan:
    return firth.plan(text, *arguments, **{"threads": 1, "memory": 1 << 34, "disk": 1 << 40, **settings})


def test_what_is_read_whole_is_known_exactly(text: Path, tmp_path: Path) -> None:
    plan = planned(text, min_count=3, measure=False)
    corpus = encode(open_source(text), firth.Words(), min_count=3, cache=tmp_path)
    assert plan.share == 1
    assert plan.words == len(corpus.vocabulary)
    assert plan.kept == len(corpus.token_ids)
    assert plan.occurrences == corpus.word_total
    assert plan.fits
    assert plan.disk["encoded text"] >= sum(
        (corpus.path / name).stat().st_size for name in ("token_ids.i32", "sentence_ends.i64", "counts.i64")
    )
    assert [step.min_count for step in plan.vocabulary] == [1, 2, 3, 5, 10, 20, 50, 100]


@pytest.mark.parametrize("objective", [firth.SkipGram(dim=20), firth.GloVe(dim=20)], ids=["skip-gram", "GloVe"])
def test_checkpoints_take_what_was_planned(
    text: Path, tmp_path: Path, objective: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, most = checkpoints._write, 0

    def write(path: Path, *arguments: Any) -> None:
        nonlocal most
        real(path, *arguments)
        # Both, and the one that takes the older one's place when it is written.
        there = [file.stat().st_size for file in path.parent.glob("checkpoint-*")]
        most = max(most, sum(there) + min(there, default=0))

    monkeypatch.setattr(checkpoints, "_write", write)
    firth.train(text, objective, epochs=3, threads=1, output=tmp_path / "run", checkpoint_every=0)
    assert most == pytest.approx(planned(text, objective, measure=False).disk["checkpoints"], rel=0.1)


def test_a_held_out_loss_is_part_of_the_time(text: Path) -> None:
    plan = planned(text, sample_size=SIZE, epochs=7)
    assert plan.seconds["held-out loss"] > 0
    each = plan.seconds["epoch"] + plan.seconds["held-out loss"]
    assert plan.total_seconds == pytest.approx(plan.seconds["reading"] + 7 * each)
    assert "held-out loss" in str(plan)
    assert "held-out loss" not in planned(text, sample_size=SIZE, min_count=1000).seconds


def test_a_sample_tells_nearly_as_much(text: Path) -> None:
    whole, plan = (planned(text, measure=False, sample_size=size) for size in (1 << 24, SIZE))
    assert plan.share == pytest.approx(SIZE / text.stat().st_size, rel=0.05)
    assert plan.occurrences == pytest.approx(whole.occurrences, rel=0.05)
    assert plan.kept == pytest.approx(whole.kept, rel=0.1)
    for guess, true in zip(plan.vocabulary, whole.vocabulary, strict=True):
        # Ten thousand words say little of those that come once or twice in 200,000.
        assert guess.words == pytest.approx(true.words, rel=0.5 if true.min_count < 5 else 0.25), guess.min_count


@pytest.mark.parametrize(
    "objective",
    [
        firth.SkipGram(dim=20), firth.CBOW(dim=20, loss=firth.NCE()), firth.SkipGram(dim=20, loss=firth.FullSoftmax()),
        firth.SkipGram(dim=20, loss=firth.HierarchicalSoftmax(tree=firth.ClusterTree(clusters={"a": "x", "b": "y"}))),
        firth.GloVe(dim=20), firth.PPMI(dim=20), firth.LogCounts(dim=20), firth.TfIdf(dim=20), firth.OneHot(),
    ],
    ids=lambda objective: type(objective).__name__,
)  # fmt: skip
def test_every_objective_has_a_plan(text: Path, objective: Any) -> None:
    plan = planned(text, objective, sample_size=SIZE, min_count=20)
    learns, counts = hasattr(objective, "rate"), hasattr(objective, "window") and hasattr(objective, "weighting")
    each = ["epoch", "held-out loss"]
    assert set(plan.seconds) == {"reading", *(["counting"] if counts else []), *(each if learns else [])}
    assert ("checkpoints" in plan.disk) == learns
    assert plan.epochs == (objective.default_epochs if learns else 0)
    assert (plan.entries > 0) == (counts or isinstance(objective, firth.TfIdf))
    assert plan.total_seconds >= plan.seconds["reading"]
    assert json.loads(json.dumps(plan.to_dict()))["words"] == plan.words
    assert "different words" in str(plan)
    assert str(plan).rstrip().endswith("It fits.")


def test_the_table_of_counts_is_guessed(text: Path, tmp_path: Path) -> None:
    settings = {"min_count": 5, "cache": tmp_path}
    corpus = encode(open_source(text), firth.Words(), **settings)
    true = len(count_cooccurrences(corpus, window=5))
    # Read whole, but for the words that no piece's end parts: the documents here are pieces.
    pieces = text.read_text(encoding="utf-8").splitlines()
    by_line = encode(open_source(iter(pieces)), firth.Words(), **settings)
    assert table_entries(by_line, firth.GloVe(window=5), len(by_line.token_ids)) == true
    assert table_entries(by_line, firth.SkipGram(), len(by_line.token_ids)) == 0
    guess = planned(text, firth.GloVe(window=5), measure=False, sample_size=SIZE * 4).entries
    assert guess == pytest.approx(true, rel=0.5)


def test_what_does_not_fit_is_said_with_what_to_change(text: Path) -> None:
    plan = planned(text, firth.SkipGram(dim=300), measure=False, min_count=1, memory=210 << 20)
    assert not plan.fits
    assert "max_words=" in plan.changes[0]
    assert "min_count=" in plan.changes[0]
    assert "It does not fit: keep at most" in str(plan)
    with pytest.raises(SettingsError, match="of memory that are free"):
        plan.refuse(margin=1)
    plan.refuse(margin=100)
    words = int(plan.changes[0].split("max_words=")[1].split(")")[0])
    assert planned(text, firth.SkipGram(dim=300), measure=False, min_count=1, max_words=words, memory=210 << 20).fits
    full = planned(text, measure=False, disk=1000)
    assert "make room" in full.changes[0]
    with pytest.raises(SettingsError, match="of disk that are free"):
        full.refuse()
    planned(text, measure=False).refuse()


def test_max_words_is_kept_to(text: Path) -> None:
    plan = planned(text, measure=False, max_words=100)
    assert plan.words == 100
    assert plan.kept < planned(text, measure=False).kept


def test_what_cannot_be_planned(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="got an iterator"):
        firth.plan(iter(["a b c"]))
    with pytest.raises(SourceError):
        firth.plan(tmp_path / "gone.txt")
    (tmp_path / "empty.txt").write_text("")
    with pytest.raises(EmptyCorpusError, match=r"empty\.txt"):
        firth.plan(tmp_path / "empty.txt")
    for setting in ({"min_count": 0}, {"sample_size": 10}, {"threads": 0}, {"epochs": 0}, {"memory": -1}):
        with pytest.raises(SettingsError):
            firth.plan(["a b c a b c"], **setting)
    with pytest.raises(SettingsError, match="expected an objective"):
        firth.plan(["a b c"], "skip-gram")


def test_nothing_is_left_behind(text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("firth.storage.cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    planned(text, firth.GloVe(dim=5), sample_size=SIZE)
    assert [*tmp_path.rglob("*.i32"), *tmp_path.glob("firth-plan-*")] == []


@pytest.fixture(scope="module")
def novel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 40 documents in which words stand together: the small world's."""
    folder = tmp_path_factory.mktemp("novel")
    sentences = list(small_world.text(30_000))
    for number in range(40):
        (folder / f"{number:02}.txt").write_text("\n".join(sentences[number::40]), encoding="utf-8")
    return folder


def bytes_of(*files: Path) -> int:
    return sum(file.stat().st_size for file in files)


def test_phrases_are_known_where_all_is_read(novel: Path, tmp_path: Path) -> None:
    phrases = firth.Phrases(passes=2, threshold=20.0)
    settings: dict[str, Any] = {"min_count": 2, "phrases": phrases}
    plan = planned(novel, measure=False, **settings)
    corpus, model = read(novel, Reading(cache=tmp_path, **settings))
    assert model is not None
    assert len(model) > 5
    # But for the phrases that stand where a piece ends.
    assert plan.words == pytest.approx(len(corpus.vocabulary), rel=0.002)
    assert plan.kept == pytest.approx(len(corpus.token_ids), rel=0.002)
    assert plan.occurrences == pytest.approx(corpus.word_total, rel=0.002)
    assert plan.words != planned(novel, min_count=2, measure=False).words
    kept = [file for file in corpus.path.iterdir() if file.suffix in {".i32", ".i64"} or file.name == "words.json"]
    assert plan.disk["text with phrases"] == pytest.approx(bytes_of(*kept), rel=0.1)
    assert plan.disk["text between passes"] > plan.disk["text with phrases"]
    # Those that were found before are joined alike.
    model.save(tmp_path / "phrases.json")
    again = planned(novel, measure=False, min_count=2, phrases=tmp_path / "phrases.json")
    assert (again.words, again.kept) == pytest.approx((plan.words, plan.kept), rel=0.002)


def test_phrases_are_told_from_a_sample(novel: Path) -> None:
    settings: dict[str, Any] = {"min_count": 2, "phrases": firth.Phrases(passes=1, threshold=20.0), "measure": False}
    whole, plan = (planned(novel, sample_size=size, **settings) for size in (1 << 24, SIZE))
    assert plan.share is not None
    assert plan.share < 0.5
    assert plan.words == pytest.approx(whole.words, rel=0.3)
    # A sample of a fifth has not all phrases, and those that it lacks take up no words.
    assert plan.kept == pytest.approx(whole.kept, rel=0.15)
    assert any("phrases are told" in note for note in plan.notes)
    nothing = planned(novel, sample_size=SIZE, measure=False, phrases=firth.Phrases(threshold=1e9))
    assert any("no phrases to join" in note for note in nothing.notes)
    with pytest.raises(SettingsError, match="expected phrases that score above"):
        planned(novel, measure=False, phrases=firth.Phrases(threshold=1e9))


def test_a_model_s_words_are_part_of_the_vocabulary(novel: Path, tmp_path: Path) -> None:
    first = firth.train(
        ["kings wear crowns and wear nosuchword " * 3] * 20, firth.SkipGram(dim=12), threads=1, epochs=1
    )
    settings: dict[str, Any] = {"min_count": 3, "threads": 1, "start": first.vectors}
    plan = planned(novel, measure=False, **settings)
    run = firth.train(novel, epochs=1, cache=tmp_path, **settings)
    assert plan.words == len(run.vectors)
    assert plan.kept == run.record["corpus"]["words_kept"]
    assert plan.vocabulary[-1].words >= len(first.vectors)
    assert plan.disk["text in the model's words"] > 0
    assert any("5 of the words are the model's" in note for note in plan.notes)
    sampled = planned(novel, measure=False, sample_size=SIZE, **settings)
    assert sampled.words == pytest.approx(plan.words, rel=0.3)
    with pytest.raises(SettingsError, match="max_words to be 5 or more"):
        planned(novel, max_words=3, **settings)
    with pytest.raises(SettingsError, match="expected no bootstrap"):
        planned(novel, bootstrap=3, **settings)
    with pytest.raises(SettingsError, match="expected 12 dimensions"):
        planned(novel, firth.SkipGram(dim=13), **settings)


def test_shards_are_copies_of_the_model(novel: Path) -> None:
    objective = firth.SkipGram(dim=64)
    alone, two, many = (planned(novel, objective, sample_size=SIZE, shards=shards) for shards in (None, 2, 8))
    assert "shards' copies" not in alone.memory
    assert two.memory["shards' copies"] == 2 * (alone.memory["matrices"] + alone.memory["tables"])
    assert many.memory["shards' copies"] == 4 * two.memory["shards' copies"]
    # No row changes that there is not, and no two copies have changed fewer rows than one.
    plain = 2 * 4 * 64 * two.words
    assert 0 < two.memory["shards' changes"] <= 1.125 * 6 * plain
    assert two.seconds["epoch"] > 0
    needed = sum(many.memory.values()) - 1
    tight = planned(novel, objective, sample_size=SIZE, shards=8, measure=False, memory=needed)
    assert "take 7 shards (shards=7)" in tight.changes[0]
    assert planned(novel, objective, sample_size=SIZE, shards=7, measure=False, memory=needed).fits
    needed = sum(two.memory.values()) - 1
    tight = planned(novel, objective, sample_size=SIZE, shards=2, measure=False, memory=needed)
    assert tight.changes[0].endswith("take 1 shard (shards=1)")


def test_a_training_refuses_shards_that_do_not_fit(novel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    objective = firth.SkipGram(dim=64)
    needed = sum(planned(novel, objective, measure=False).memory.values())
    monkeypatch.setenv("FIRTH_MEMORY", str(needed + (1 << 20)))
    chosen: dict[str, Any] = {"epochs": 1, "threads": 1}
    firth.train(novel, objective, **chosen)
    with pytest.raises(SettingsError, match="of memory that are free"):
        firth.train(novel, objective, shards=8, **chosen)


@pytest.mark.parametrize("objective", [firth.SkipGram(dim=8), firth.GloVe(dim=8)], ids=["skip-gram", "GloVe"])
def test_reproducible_training_has_a_pace_of_its_own(
    novel: Path, objective: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    for name in ("ReproducibleModel", "ReproducibleGloVe"):
        real = getattr(pace, name)
        monkeypatch.setattr(pace, name, lambda *a, real=real, **k: made.append(real) or real(*a, **k))
    assert planned(novel, objective, sample_size=SIZE).seconds["epoch"] > 0
    assert made == []
    assert planned(novel, objective, sample_size=SIZE, reproducible=True).seconds["epoch"] > 0
    assert len(made) == 1


def test_a_bootstrap_is_so_many_trainings_more(novel: Path, tmp_path: Path) -> None:
    plan = planned(novel, firth.SkipGram(dim=16), bootstrap=2, epochs=3)
    each = 3 * (plan.seconds["epoch"] + plan.seconds.get("held-out loss", 0.0))
    assert plan.total_seconds == pytest.approx(plan.seconds["reading"] + 3 * each)
    assert "3 trainings of 3 epochs" in str(plan)
    assert plan.to_dict()["runs"] == 2
    firth.train(novel, firth.SkipGram(dim=16), bootstrap=2, epochs=1, threads=1, output=tmp_path / "run")
    files = (tmp_path / "run" / "bootstrap").iterdir()
    assert plan.disk["bootstrap's vectors"] == pytest.approx(bytes_of(*files), rel=0.1)
    told = "the text is one document, so the bootstrap draws its sentences, as if each stood alone"
    assert told not in plan.notes
    one = tmp_path / "one.txt"
    one.write_text("\n".join(path.read_text() for path in sorted(novel.iterdir())), encoding="utf-8")
    assert told in planned(one, bootstrap=2, measure=False).notes
    assert told not in planned(one, measure=False).notes
    assert planned(novel, firth.SkipGram(dim=16), epochs=1, sample_size=SIZE)._work() == "1 epoch"
    counted = planned(novel, firth.PPMI(dim=16), bootstrap=4, measure=False)
    assert "5 trainings" in str(counted)
    with pytest.raises(SettingsError, match="bootstrap runs"):
        planned(novel, bootstrap=1)


def test_what_one_machine_cannot_tell_is_refused(novel: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be measured from here"):
        planned(novel, cluster="auto")
    with pytest.raises(SettingsError, match="leave the shards out"):
        planned(novel, firth.GloVe(), shards=2)
