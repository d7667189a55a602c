"""The bootstrap of a training: runs on the text drawn again, kept beside the vectors, and read again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import firth as package
from firth.bootstrap import bootstrap
from firth.checkpoints import Checkpoints
from firth.corpus.encoded import EncodedCorpus
from firth.corpus.reading import Reading, read
from firth.corpus.resampling import resampled
from firth.errors import FormatError, SettingsError, StorageError
from firth.events import EpochEnd, Event, Notice, Stage
from firth.learning import learn
from firth.training.settings import TrainingSettings
from firth.vectors.replicas import Replicas
from firth.vectors.store import WordVectors

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Outcome

TEXTS = [
    "the king sat on the throne",
    "the queen sat on the throne",
    "a dog and a cat sat",
    "the cat ran",
    "a king ran",
]
OBJECTIVE = package.SkipGram(dim=4, window=2, subsample=0)


def written(folder: Path, texts: list[str]) -> Path:
    folder.mkdir(parents=True)
    for number, text in enumerate(texts * 4):
        (folder / f"{number:02}.txt").write_text(text * 3 + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def text(tmp_path: Path) -> Path:
    return written(tmp_path / "text", TEXTS)


@pytest.fixture
def corpus(text: Path, tmp_path: Path) -> EncodedCorpus:
    return read(text, Reading(min_count=1, cache=tmp_path / "cache"))[0]


@pytest.fixture
def run(text: Path, corpus: EncodedCorpus, tmp_path: Path) -> Path:
    """A run's folder with a bootstrap of three."""
    folder = tmp_path / "run"
    package.train(text, OBJECTIVE, min_count=1, epochs=2, threads=1, cache=tmp_path / "cache", output=folder)
    bootstrap(corpus, OBJECTIVE, TrainingSettings(epochs=2), runs=3, folder=folder)
    return folder


@pytest.mark.parametrize("drawn", ["documents", "sentences", "nothing"])
def test_each_run_learns_from_a_draw_of_its_own(corpus: EncodedCorpus, tmp_path: Path, drawn: Any) -> None:
    found = bootstrap(corpus, OBJECTIVE, TrainingSettings(epochs=2, seed=5), runs=2, drawn=drawn)
    for run, replica in enumerate(found, start=1):
        seeds = np.random.SeedSequence((5, run)).generate_state(2, np.uint64) >> np.uint64(1)
        text, counts = corpus, corpus.vocabulary.counts
        if drawn != "nothing":
            text, counts = resampled(corpus, tmp_path / f"{run}", drawn=drawn, seed=int(seeds[0]))
        learned = learn(OBJECTIVE, text, TrainingSettings(epochs=2, seed=int(seeds[1])), on_event=lambda _: None)
        np.testing.assert_array_equal(replica.matrix, learned.words)
        np.testing.assert_array_equal(replica.counts, counts)
        assert tuple(replica.words) == corpus.vocabulary.words
        told = {"corpus": corpus.fingerprint, "drawn": drawn, "run": run, "runs": 2, "seed": int(seeds[1])}
        assert replica.record["bootstrap"] == told
    assert not np.array_equal(found[0].matrix, found[1].matrix)


def test_the_same_seed_gives_the_same_bits_and_nothing_is_left_behind(corpus: EncodedCorpus) -> None:
    before = sorted(corpus.path.parent.iterdir())
    first, again, other = (
        bootstrap(corpus, OBJECTIVE, TrainingSettings(epochs=1, seed=seed), runs=2) for seed in (1, 1, 2)
    )
    for one, two, three in zip(first, again, other, strict=True):
        assert one.matrix.tobytes() == two.matrix.tobytes() != three.matrix.tobytes()
    assert sorted(corpus.path.parent.iterdir()) == before


@pytest.mark.parametrize(
    "objective", [package.CBOW(dim=3), package.GloVe(dim=3), package.PPMI(dim=3), package.TfIdf(dim=3)]
)
def test_every_kind_of_objective(corpus: EncodedCorpus, objective: Any) -> None:
    before = sorted(corpus.path.parent.iterdir())
    found = bootstrap(corpus, objective, TrainingSettings(), runs=2)
    assert [replica.dim for replica in found] == [3, 3]
    assert sorted(corpus.path.parent.iterdir()) == before, "counts of what was drawn go, too"


def test_a_run_s_folder_opens_with_its_bootstrap(run: Path, corpus: EncodedCorpus) -> None:
    assert package.load(run).neighbors("king", k=1).notes == ()
    assert sorted(path.name for path in (run / "bootstrap").iterdir()) == [f"b0{n}.safetensors" for n in (1, 2, 3)]
    wv = package.load(run)
    assert len(wv.replicas) == 3
    assert repr(wv.replicas) == "<Replicas: 3 runs>"
    in_memory = bootstrap(corpus, OBJECTIVE, TrainingSettings(epochs=2), runs=3)
    for opened, kept in zip(wv.replicas, in_memory, strict=True):
        np.testing.assert_array_equal(opened.matrix, kept.matrix)
        np.testing.assert_array_equal(opened.counts, kept.counts)
    assert [len(replica) for replica in wv.replicas[1:]] == [len(wv)] * 2
    assert wv.neighbors("king", k=3).columns == ("word", "similarity", "share", "low", "high")
    assert package.load(run / "bootstrap" / "b02.safetensors").record["bootstrap"]["run"] == 2
    assert not len(package.load(run / "vectors.safetensors").replicas), "a file stands alone"
    some = package.load(run, limit=5)
    assert [len(replica) for replica in some.replicas] == [5, 5, 5]
    assert len(some.neighbors(some.words[0], k=2)) == 2


def test_the_command_line_shows_what_the_runs_say(firth: Callable[..., Outcome], run: Path) -> None:
    wv = package.load(run)
    lines = firth("neighbors", run, "king", "-k", "2").out.splitlines()
    assert lines[0].split() == ["word", "similarity", "share", "low", "high"]
    assert lines[-1].startswith("share of 3 runs on documents drawn again")
    document = firth("neighbors", run, "king", "-k", "2", "--json").document
    assert document == [{"word": "king", "neighbors": wv.neighbors("king", k=2).to_dicts()}]
    assert set(document[0]["neighbors"][0]) == {"word", "similarity", "share", "low", "high"}
    document = firth("axis", run, "--from", "king", "--to", "queen", "cat", "--json").document
    assert document["words"] == wv.axis(["queen"], ["king"]).project(["cat"]).to_dicts()
    document = firth("analogy", run, "king - cat + queen", "-k", "2", "--json").document
    assert document["answers"] == wv.analogy("king - cat + queen", k=2).to_dicts()
    assert "share" in document["answers"][0]


def test_an_earlier_bootstrap_is_replaced(run: Path, corpus: EncodedCorpus) -> None:
    (run / "bootstrap" / "notes.txt").write_text("mine")
    told = bootstrap(corpus, OBJECTIVE, TrainingSettings(epochs=2, seed=9), runs=2, folder=run)
    assert isinstance(told, Replicas)
    assert len(told) == len(package.load(run).replicas) == 2
    np.testing.assert_array_equal(told[0].matrix, package.load(run).replicas[0].matrix)
    assert (run / "bootstrap" / "notes.txt").exists()


def test_runs_of_other_vectors_are_refused(run: Path, text: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    settings: dict[str, Any] = {"min_count": 1, "epochs": 2, "threads": 1, "cache": tmp_path / "cache"}
    for name, source, objective in (
        ("objective", text, package.SkipGram(dim=4, window=3, subsample=0)),
        ("text", written(tmp_path / "longer", [*TEXTS, "the king ran"]), OBJECTIVE),
    ):
        package.train(source, objective, output=other / name, **settings)
        shutil.copytree(run / "bootstrap", other / name / "bootstrap")
        opened = package.load(other / name)
        assert opened.neighbors("king", k=1, confidence=False).words
        with pytest.raises(FormatError, match="belongs to other vectors"):
            opened.neighbors("king")
    package.train(text, OBJECTIVE, output=run, force=True, seed=4, **settings)
    assert not len(package.load(run).replicas), "a run written anew has no bootstrap"


def test_train_with_a_bootstrap(text: Path, tmp_path: Path) -> None:
    settings: dict[str, Any] = {"min_count": 1, "threads": 1, "cache": tmp_path / "cache", "bootstrap": 2}
    kept = package.train(text, OBJECTIVE, output=tmp_path / "run", **settings)
    in_memory = package.train(text, OBJECTIVE, **settings)
    opened = package.load(tmp_path / "run")
    for replicas in (kept.vectors.replicas, in_memory.vectors.replicas, opened.replicas):
        assert len(replicas) == 2
        for replica, same in zip(replicas, opened.replicas, strict=True):
            np.testing.assert_array_equal(replica.matrix, same.matrix)
    assert kept.vectors.neighbors("king", k=3).rows == opened.neighbors("king", k=3).rows
    without = package.train(text, OBJECTIVE, **{**settings, "bootstrap": None})
    np.testing.assert_array_equal(without.vectors.matrix, in_memory.vectors.matrix)
    with pytest.raises(SettingsError, match="bootstrap runs"):
        package.train(text, OBJECTIVE, output=tmp_path / "none", **{**settings, "bootstrap": 1})
    assert not (tmp_path / "none").exists()


def test_firth_train_with_a_bootstrap(firth: Callable[..., Outcome], text: Path, tmp_path: Path) -> None:
    arguments = ["train", text, "-o", tmp_path / "run", "--force", "--dim", "4", "--min-count", "1", "--threads", "1"]
    outcome = firth(*arguments, "--bootstrap", "2")
    assert outcome.code == 0, outcome
    assert "2 bootstrap runs" in outcome.out
    assert len(package.load(tmp_path / "run").replicas) == 2
    assert firth(*arguments, "--bootstrap", "3", "--json").document["bootstrap"] == 3
    assert firth(*arguments, "--json").document["bootstrap"] == 0
    firth(*arguments, "--bootstrap", "1").is_one_sentence("bootstrap runs")


def test_broken_files_are_one_sentence(firth: Callable[..., Outcome], run: Path) -> None:
    path = run / "bootstrap" / "b02.safetensors"
    whole = path.read_bytes()
    for wrong in (b"", whole[:-7], whole[:40], b"\xff" * 100, (2**40).to_bytes(8, "little") + b"{" * 50):
        path.write_bytes(wrong)
        firth("neighbors", run, "king").is_one_sentence("b02.safetensors", f"remove the folder {run / 'bootstrap'}")
    (run / "bootstrap.json").write_text("{}")
    with pytest.raises(FormatError, match=r"b02\.safetensors.*; firth train --resume .* trains this run"):
        package.load(run).neighbors("king")
    (run / "bootstrap.json").unlink()
    WordVectors(["a", "b"], np.ones((2, 4))).save(path)
    firth("neighbors", run, "king").is_one_sentence("b02.safetensors", "belongs to other vectors")
    path.unlink()
    path.mkdir()
    firth("neighbors", run, "king").is_one_sentence("b02.safetensors", "could not open")
    path.rmdir()
    two = package.load(run)
    assert len(two.replicas) == 2
    missing = "2 of the bootstrap's 3 runs are there; if it was broken off, firth train --resume"
    assert two.neighbors(["king", "queen"], k=1).notes[-1].startswith(missing)
    assert two.analogy("king", k=1).notes[-1].startswith(missing)
    assert str(two.axis(["king"], ["queen"]).project(["cat"])).splitlines()[-1].startswith(missing)
    axis = ["axis", run, "--from", "king", "--to", "queen", "cat", "--json"]
    assert firth(*axis).document["notes"][0].startswith(missing)
    for rest in (run / "bootstrap").iterdir():
        rest.unlink()
    assert package.load(run).neighbors("king").confidence is None
    (run / "bootstrap").rmdir()
    (run / "bootstrap").write_text("a file")
    assert package.load(run).neighbors("king").confidence is None


def test_one_document_has_its_sentences_drawn(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("\n".join(TEXTS * 4), encoding="utf-8")
    corpus, _ = read(tmp_path / "one.txt", Reading(min_count=1, cache=tmp_path / "cache"))
    events: list[Event] = []
    found = bootstrap(corpus, OBJECTIVE, TrainingSettings(), runs=2, on_event=events.append)
    assert next(event.text for event in events if isinstance(event, Notice)).startswith("the text is one document")
    assert found[0].record["bootstrap"]["drawn"] == "sentences"  # type: ignore[index]
    with pytest.raises(SettingsError, match="two documents"):
        bootstrap(corpus, OBJECTIVE, TrainingSettings(), drawn="documents")


def test_events_name_the_run(corpus: EncodedCorpus) -> None:
    events: list[Event] = []
    bootstrap(corpus, OBJECTIVE, TrainingSettings(epochs=1), runs=2, on_event=events.append)
    assert [event.name for event in events if isinstance(event, Stage)] == [
        "bootstrap 1 of 2: training", "bootstrap 2 of 2: training",
    ]  # fmt: skip
    assert not [event for event in events if isinstance(event, EpochEnd)]


def test_what_is_drawn_is_told_before_the_training(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("\n".join(TEXTS * 9), encoding="utf-8")
    events: list[Event] = []
    package.train(
        tmp_path / "one.txt", OBJECTIVE, bootstrap=2, epochs=1, min_count=1, threads=1, on_event=events.append
    )
    told = [event for event in events if isinstance(event, Notice) and "its sentences" in event.text]
    ended = [event for event in events if isinstance(event, EpochEnd)]
    assert len(told) == 1
    assert events.index(told[0]) < events.index(ended[0])


def test_ctrl_c_keeps_the_runs_that_had_ended(
    corpus: EncodedCorpus, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dataclasses  # noqa: PLC0415

    calls = []

    def stopped(*arguments: Any, **settings: Any) -> Any:
        calls.append(1)
        learned = learn(*arguments, **settings)
        if len(calls) < 3:
            return learned
        return dataclasses.replace(learned, outcome=dataclasses.replace(learned.outcome, interrupted=True))

    monkeypatch.setattr("firth.bootstrap.learn", stopped)
    events: list[Event] = []
    told = bootstrap(corpus, OBJECTIVE, TrainingSettings(epochs=2), runs=5, folder=run, on_event=events.append)
    assert len(told) == 2
    assert [event.text for event in events if isinstance(event, Notice)] == [
        "interrupted; 2 of 5 bootstrap runs had ended and are kept"
    ]
    assert len(package.load(run).replicas) == 2
    assert json.loads((run / "run.json").read_text())["epochs"] == 2


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"runs": 1}, "bootstrap runs"),
        ({"runs": 2.0}, "bootstrap runs"),
        ({"runs": 1001}, "bootstrap runs"),
        ({"drawn": "words"}, "to be drawn"),
        ({"objective": "skip-gram"}, "objective"),
        ({"objective": package.PPMI(dim=2), "settings": TrainingSettings(epochs=3)}, "epochs"),
    ],
)
def test_settings_that_cannot_be(corpus: EncodedCorpus, settings: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        bootstrap(corpus, **{"objective": OBJECTIVE, "settings": TrainingSettings(), **settings})


def test_places_that_cannot_be_written(corpus: EncodedCorpus, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="could not write"):
        bootstrap(corpus, OBJECTIVE, TrainingSettings(epochs=1), runs=2, folder=tmp_path / "file")


class BrokenOff(BaseException):
    """Ends a bootstrap as a kill would."""


def broken_off(runs_done: int, *arguments: Any, **settings: Any) -> None:
    """Train with a bootstrap, of which so many runs end."""
    calls = 0

    def some(*learned: Any, **chosen: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > runs_done:
            raise BrokenOff
        return learn(*learned, **chosen)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("firth.bootstrap.learn", some)
        with pytest.raises(BrokenOff):
            package.train(*arguments, **settings)


def bytes_of(vectors: WordVectors) -> list[bytes]:
    """Return the vectors' bits, and those of each run."""
    return [each.matrix.tobytes() for each in (vectors, *vectors.replicas)]


@pytest.mark.parametrize(
    "objective", [OBJECTIVE, package.PPMI(dim=2), package.PPMI(dim=2, factorization=package.NMF(iterations=3))]
)
def test_a_bootstrap_that_was_broken_off_goes_on(
    text: Path, tmp_path: Path, objective: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings: dict[str, Any] = {"min_count": 1, "threads": 1, "bootstrap": 4}
    alone = package.train(text, objective, **settings)
    folder = tmp_path / "run"
    broken_off(2, text, objective, output=folder, **settings)
    assert len(package.load(folder).replicas) == 2
    with pytest.raises(StorageError, match="broken off"):
        package.train(text, objective, output=folder, **settings)
    with pytest.raises(SettingsError, match="bootstrap is 4, got 3"):
        package.train(text, objective, output=folder, resume=True, **{**settings, "bootstrap": 3})
    learned: list[int] = []

    def counted(*arguments: Any, **chosen: Any) -> Any:
        learned.append(arguments[2].seed)
        return learn(*arguments, **chosen)

    monkeypatch.setattr("firth.bootstrap.learn", counted)
    monkeypatch.setattr("firth.text_to_vectors.learn", None)  # the training has ended
    (folder / "bootstrap" / "b01.safetensors").write_bytes(b"cut off")
    run = package.resume(folder)
    assert len(learned) == 3, "the first, which was damaged, the third and the fourth"
    assert bytes_of(run.vectors) == bytes_of(alone.vectors) == bytes_of(package.load(folder))
    assert [epoch.loss for epoch in run.history] == [epoch.loss for epoch in alone.history]
    assert run.record["corpus"] == alone.record["corpus"]
    assert run.missing_replicas == 0
    assert not (folder / "bootstrap.json").exists()
    with pytest.raises(StorageError, match="none"):
        package.resume(folder)


def test_a_training_that_was_broken_off_goes_on_to_its_bootstrap(
    text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings: dict[str, Any] = {"min_count": 1, "threads": 1, "bootstrap": 2, "epochs": 3}
    alone = package.train(text, OBJECTIVE, **settings)
    real = Checkpoints.write

    def write(self: Checkpoints, *arguments: Any) -> None:
        real(self, *arguments)
        raise BrokenOff

    with monkeypatch.context() as patch:
        patch.setattr(Checkpoints, "write", write)
        with pytest.raises(BrokenOff):
            package.train(text, OBJECTIVE, output=tmp_path / "run", checkpoint_every=0, **settings)
    assert bytes_of(package.resume(tmp_path / "run").vectors) == bytes_of(alone.vectors)


def test_firth_train_goes_on_with_a_bootstrap(
    firth: Callable[..., Outcome], text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dataclasses  # noqa: PLC0415

    def stopped(*arguments: Any, **settings: Any) -> Any:
        learned = learn(*arguments, **settings)
        return dataclasses.replace(learned, outcome=dataclasses.replace(learned.outcome, interrupted=True))

    arguments = ["train", text, "-o", tmp_path / "run", "--dim", "4", "--min-count", "1", "--threads", "1"]
    with monkeypatch.context() as patch:
        patch.setattr("firth.bootstrap.learn", stopped)
        outcome = firth(*arguments, "--bootstrap", "3")
    assert outcome.code == 130
    assert f"to go on: firth train --resume {tmp_path / 'run'}" in outcome.err
    firth(*arguments, "--bootstrap", "3").is_one_sentence("--resume", "--force")
    told = f"0 of its runs are there, and firth train --resume {tmp_path / 'run'}"
    assert told in firth("neighbors", tmp_path / "run", "king").err
    calls = []

    def stopped_later(*arguments: Any, **settings: Any) -> Any:
        calls.append(1)
        return stopped(*arguments, **settings) if len(calls) > 1 else learn(*arguments, **settings)

    with monkeypatch.context() as patch:
        patch.setattr("firth.bootstrap.learn", stopped_later)
        outcome = firth("train", "--resume", tmp_path / "run")
    assert "1 of 3 bootstrap runs had ended and is kept" in outcome.err
    assert "; 1 bootstrap run)" in outcome.out
    assert "1 of its runs is there, and firth train" in firth("neighbors", tmp_path / "run", "king").err
    (tmp_path / "run" / "bootstrap.json").rename(tmp_path / "kept")
    (tmp_path / "run" / "bootstrap.json").write_text("{}")
    firth("train", "--resume", tmp_path / "run").is_one_sentence("bootstrap.json", "remove it")
    (tmp_path / "kept").rename(tmp_path / "run" / "bootstrap.json")
    outcome = firth("train", "--resume", tmp_path / "run", "--json")
    assert outcome.code == 0, outcome
    assert outcome.document["bootstrap"] == 3
    assert firth("neighbors", tmp_path / "run", "king").err == ""
    firth("train", "--resume", tmp_path / "run").is_one_sentence("has ended")
