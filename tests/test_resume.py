"""Checkpoints: whole or not at all; what goes on is what was broken off, or the difference is named."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import firth
from conftest import Outcome
from firth import checkpoints, storage
from firth.checkpoints import NAMES, Checkpoints, newest
from firth.corpus import small_world
from firth.errors import SettingsError, StorageError
from firth.events import Event, Notice, Progress
from firth.kernels.jit import JIT_IS_OFF
from firth.training import trainer

pytestmark = pytest.mark.skipif(JIT_IS_OFF, reason="trains for minutes in plain Python")

OBJECTIVES = {
    "skip-gram": firth.SkipGram(dim=8),
    "skip-gram, tree": firth.SkipGram(dim=8, loss=firth.HierarchicalSoftmax()),
    "CBOW, softmax": firth.CBOW(dim=8, loss=firth.FullSoftmax(batch=100)),
    "GloVe": firth.GloVe(dim=8),
}


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    path.write_text("\n".join(small_world.text(30_000)), encoding="utf-8")
    os.utime(path, (1e9, 1e9))
    return path


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "from_text._WORDS_IN_A_BLOCK",
        "from_text._WORDS_IN_A_DENSE_BLOCK",
        "from_entries._ENTRIES_IN_A_BLOCK",
    ):
        monkeypatch.setattr(f"firth.learning.{name}", 4_000)


class BrokenOff(BaseException):
    """Ends a training as a kill would: nothing is written after it."""


def broken_off(
    text: Any,
    folder: Path,
    objective: Any = None,
    *,
    when: Callable[[dict[str, Any]], bool] = lambda state: state["epoch"] == 2,
    **settings: Any,
) -> None:
    """Train until a checkpoint is written of such a state, and no further."""
    real = Checkpoints.write

    def write(self: Checkpoints, state: Any, arrays: Any) -> None:
        real(self, state, arrays)
        if when(state):
            raise BrokenOff

    settings = {"epochs": 3, "threads": 1, "held_out": 0 if isinstance(objective, firth.GloVe) else 0.1, **settings}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Checkpoints, "write", write)
        with pytest.raises(BrokenOff):
            firth.train(text, objective or firth.SkipGram(dim=8), output=folder, checkpoint_every=0, **settings)


def whole(text: Any, objective: Any = None, **settings: Any) -> firth.Run:
    settings = {"epochs": 3, "threads": 1, "held_out": 0 if isinstance(objective, firth.GloVe) else 0.1, **settings}
    return firth.train(text, objective or firth.SkipGram(dim=8), **settings)


def assert_same(run: firth.Run, other: firth.Run) -> None:
    assert run.vectors.matrix.tobytes() == other.vectors.matrix.tobytes()
    if other.vectors.output_matrix is not None:
        assert run.vectors.output_matrix.tobytes() == other.vectors.output_matrix.tobytes()
    assert [epoch.loss for epoch in run.history] == [epoch.loss for epoch in other.history]
    assert run.held_out == other.held_out
    assert run.record["words"] == other.record["words"]


@pytest.mark.parametrize("objective", OBJECTIVES.values(), ids=OBJECTIVES.keys())
def test_what_goes_on_has_the_bits_of_what_was_left_alone(text: Path, tmp_path: Path, objective: Any) -> None:
    folder = tmp_path / "run"
    broken_off(text, folder, objective, when=lambda state: state["epoch"] == 1)
    events: list[Event] = []
    run = firth.resume(folder, on_event=events.append)
    assert_same(run, whole(text, objective))
    assert {path.name for path in folder.iterdir()} == {"vectors.safetensors", "run.json"}
    # It did go on: what was done before is not done again.
    progress = [event for event in events if isinstance(event, Progress) and event.epoch]
    assert all(event.done > 10_000 for event in progress)
    with pytest.raises(StorageError, match="has ended"):
        firth.resume(folder)


@pytest.mark.parametrize("objective", OBJECTIVES.values(), ids=OBJECTIVES.keys())
def test_a_reproducible_training_goes_on_with_other_threads_to_the_same_bits(
    text: Path, tmp_path: Path, objective: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("firth.training.settings.cores", lambda: 8)
    monkeypatch.setattr("firth.learning.from_entries._BLOCKS_TOGETHER", 1)
    folder = tmp_path / "run"
    within = lambda state: (state["epoch"], state["block"] > 0) == (1, True)  # noqa: E731
    broken_off(text, folder, objective, when=within, threads=2, reproducible=True)
    events: list[Event] = []
    run = firth.resume(folder, threads=3, on_event=events.append)
    assert_same(run, whole(text, objective, threads=1, reproducible=True))
    assert not [event for event in events if isinstance(event, Notice) and "threads" in event.text]
    assert run.record["reproducible"] is True


def test_whether_it_is_reproducible_is_a_setting(text: Path, tmp_path: Path) -> None:
    broken_off(text, tmp_path / "run", reproducible=True)
    with pytest.raises(SettingsError, match="where reproducible is True, got False"):
        firth.train(text, firth.SkipGram(dim=8), epochs=3, held_out=0.1, output=tmp_path / "run", resume=True)


def test_patience_goes_on_too(text: Path, tmp_path: Path) -> None:
    settings = {"epochs": 20, "patience": 2, "held_out": 0.2}
    objective = firth.SkipGram(dim=32, rate=0.2, min_rate=0.2, subsample=0)
    expected = whole(text, objective, **settings)
    assert expected.kept_epoch is not None
    # After the best epoch, so that its vectors come from the checkpoint.
    broken_off(
        text, tmp_path / "run", objective, when=lambda state: state["epoch"] == expected.kept_epoch + 1, **settings
    )
    run = firth.resume(tmp_path / "run")
    assert_same(run, expected)
    assert run.kept_epoch == expected.kept_epoch


def test_a_folder_that_is_none_is_named_and_nothing_of_it_is_to_be_removed(tmp_path: Path) -> None:
    mine = tmp_path / "novels.txt"
    mine.write_text("mine")
    for folder, told in ((tmp_path / "none", f"there is no folder {tmp_path / 'none'}"), (mine, f"{mine} is a file")):
        with pytest.raises(StorageError, match=f"{told}$"):
            firth.resume(folder)


@pytest.mark.parametrize("size", [0, 7, 100, 5_000, -1])
def test_a_newest_file_that_is_cut_off_is_passed_over(text: Path, tmp_path: Path, size: int) -> None:
    folder = tmp_path / "run"
    broken_off(text, folder)
    last = newest(folder)
    os.truncate(last.path, size % last.path.stat().st_size)
    before = newest(folder)
    assert before.number == last.number - 1
    assert_same(firth.resume(folder), whole(text))


def test_a_bit_that_flipped_is_found(text: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    broken_off(text, folder)
    last = newest(folder)
    data = bytearray(last.path.read_bytes())
    data[-100] ^= 1
    last.path.write_bytes(data)
    assert newest(folder).number == last.number - 1
    for name in NAMES:
        (folder / name).write_bytes(b"nothing of the kind")
    assert newest(folder) is None
    with pytest.raises(StorageError, match="none that is whole"):
        firth.resume(folder)


@pytest.mark.parametrize("where", ["fsync", "replace"])
@pytest.mark.parametrize("fails", [1, 2, 5])
def test_a_full_disk_costs_a_checkpoint_and_no_more(
    text: Path, tmp_path: Path, where: str, fails: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = 0

    def full(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls >= fails:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(*arguments)

    if where == "fsync":
        real = os.fsync
        monkeypatch.setattr(checkpoints.os, "fsync", full)
    else:
        real = Path.replace
        monkeypatch.setattr(Path, "replace", full)
    notices: list[str] = []
    folder = tmp_path / "run"

    def listen(event: Event) -> None:
        if isinstance(event, Notice) and "no checkpoint" in event.text:
            notices.append(event.text)
            # What was there before is still whole.
            found = newest(folder)
            assert found is None if fails <= 1 else found is not None

    # The vectors cannot be put in place either.
    with pytest.raises(StorageError, match="No space left"):
        firth.train(
            text, firth.SkipGram(dim=8), epochs=2, threads=1, output=folder, checkpoint_every=0, on_event=listen
        )
    monkeypatch.setattr(*((checkpoints.os, "fsync", real) if where == "fsync" else (Path, "replace", real)))
    if fails > 1:
        assert_same(firth.resume(folder), whole(text, epochs=2, held_out=None))
    else:
        assert not folder.exists()
    assert notices
    assert "the training goes on" in notices[0]


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"seed": 2}, "seed is 1, got 2"),
        ({"epochs": 4}, "epochs is 3, got 4"),
        ({"min_count": 6}, "min_count is 5, got 6"),
        ({"tokenizer": firth.Whitespace()}, "tokenizer is 'Words', got 'Whitespace'"),
        ({"held_out": 0.2}, "held_out is 0.1, got 0.2"),
        ({"objective": firth.SkipGram(dim=9)}, "objective.dim is 8, got 9"),
        ({"objective": firth.SkipGram(dim=8, loss=firth.NCE())}, "objective.loss is 'NegativeSampling', got 'NCE'"),
    ],
)
def test_other_settings_are_refused_by_name(text: Path, tmp_path: Path, changed: dict[str, Any], named: str) -> None:
    broken_off(text, tmp_path / "run")
    settings = {"objective": firth.SkipGram(dim=8), "epochs": 3, "threads": 1, "held_out": 0.1, **changed}
    with pytest.raises(SettingsError, match=f"where {named}"):
        firth.train(text, output=tmp_path / "run", resume=True, **settings)
    # Nothing was lost by the attempt.
    assert_same(firth.resume(tmp_path / "run"), whole(text))


def test_another_text_is_refused(text: Path, tmp_path: Path) -> None:
    before = text.read_text()
    broken_off(text, tmp_path / "run")
    text.write_text(before + "\nthe king sleeps in the castle")
    with pytest.raises(SettingsError, match=r"words read became 30,0\d\d"):
        firth.resume(tmp_path / "run")
    text.write_text(before.replace("castle", "cradle"))
    with pytest.raises(SettingsError, match="changed"):
        firth.resume(tmp_path / "run")
    text.write_text(before)
    assert_same(firth.resume(tmp_path / "run"), whole(text))


def test_a_text_that_is_gone_goes_on_from_its_encoded_form(text: Path, tmp_path: Path) -> None:
    expected = whole(text)
    broken_off(text, tmp_path / "run", cache=tmp_path / "cache")
    text.rename(tmp_path / "elsewhere.txt")
    notices: list[Event] = []
    assert_same(firth.resume(tmp_path / "run", on_event=notices.append), expected)
    assert any(isinstance(event, Notice) and "not there any more" in event.text for event in notices)


def test_a_text_that_the_cache_has_let_go_of_is_asked_for(text: Path, tmp_path: Path) -> None:
    lines = text.read_text().splitlines()
    broken_off(lines, tmp_path / "run", cache=tmp_path / "cache")
    (tmp_path / "cache").rename(tmp_path / "lost")
    with pytest.raises(SettingsError, match="give the text again"):
        firth.resume(tmp_path / "run")
    assert_same(firth.resume(tmp_path / "run", lines), whole(text))


def test_phrases_go_on_without_the_text(text: Path, tmp_path: Path) -> None:
    lines = text.read_text().splitlines()
    phrases = firth.Phrases(threshold=5)
    expected = whole(lines, phrases=phrases)
    broken_off(lines, tmp_path / "run", phrases=phrases)
    run = firth.resume(tmp_path / "run")
    assert_same(run, expected)
    assert run.phrases is not None
    assert run.phrases.phrases == expected.phrases.phrases


def test_a_text_that_changes_between_the_passes_changes_nothing(text: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected, real, changed = whole(text), trainer._Training._end_epoch, []

    def end_epoch(self: trainer._Training) -> None:
        real(self)
        text.write_text("something else entirely\n" * len(changed))
        changed.append(self.state.epoch)

    monkeypatch.setattr(trainer._Training, "_end_epoch", end_epoch)
    assert_same(whole(text), expected)
    assert changed == [1, 2, 3]


def test_what_a_record_cannot_hold_is_asked_for(text: Path, tmp_path: Path) -> None:
    tokenizer = firth.Custom(function=str.split)
    broken_off(text, tmp_path / "run", tokenizer=tokenizer)
    with pytest.raises(SettingsError, match="expected the tokenizer"):
        firth.resume(tmp_path / "run")
    assert_same(firth.resume(tmp_path / "run", tokenizer=tokenizer), whole(text, tokenizer=tokenizer))
    kinds = {word: "a" if len(word) < 4 else "b" for word in whole(text).vectors.words}
    objective = firth.SkipGram(dim=8, loss=firth.HierarchicalSoftmax(tree=firth.ClusterTree(clusters=kinds)))
    broken_off(text, tmp_path / "other", objective)
    with pytest.raises(SettingsError, match="expected the objective"):
        firth.resume(tmp_path / "other")
    assert_same(firth.resume(tmp_path / "other", objective=objective), whole(text, objective))


def test_a_training_that_was_broken_off_is_not_begun_anew_unasked(text: Path, tmp_path: Path) -> None:
    broken_off(text, tmp_path / "run")
    with pytest.raises(StorageError, match="broken off"):
        firth.train(text, output=tmp_path / "run")
    run = firth.train(text, firth.SkipGram(dim=8), epochs=1, threads=1, output=tmp_path / "run", force=True)
    assert len(run.history) == 1
    assert newest(tmp_path / "run") is None


def test_two_trainings_do_not_share_a_folder(text: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with storage.locked(folder):
        for _ in range(2):
            with pytest.raises(StorageError, match="another is under way"):
                firth.train(text, output=folder, force=True)
    assert not folder.exists()
    firth.train(text, firth.SkipGram(dim=8), epochs=1, output=folder)
    (folder / storage.LOCK_NAME).write_text("")  # a killed process leaves its file, and nobody holds it
    firth.train(text, firth.SkipGram(dim=8), epochs=1, output=folder, force=True)
    assert {path.name for path in folder.iterdir()} == {"vectors.safetensors", "run.json"}


def test_what_was_killed_before_it_wrote_anything_is_to_be_begun_anew(
    firth: Callable[..., Outcome], text: Path, tmp_path: Path
) -> None:
    folder, refused = tmp_path / "run", ["train", "--resume", tmp_path / "run"]
    folder.mkdir()
    (folder / storage.LOCK_NAME).write_text("")
    for _ in range(2):
        firth(*refused).is_one_sentence("nothing has been written down there", "--checkpoint-every", "begin")
    with storage.locked(folder):
        firth(*refused).is_one_sentence("another is under way")
    # A folder that never was a run's, and a file.
    (folder / storage.LOCK_NAME).unlink(missing_ok=True)
    firth(*refused).is_one_sentence("no training under way was broken off there", "the right folder")
    firth("train", "--resume", text).is_one_sentence(f"{text} is a file")
    # An earlier run's vectors are there, or both checkpoints are cut off: only with --force does one begin anew.
    begin = ["train", text, "-o", folder, "--dim", "4", "--epochs", "1"]
    assert firth(*begin).code == 0
    firth(*refused).is_one_sentence("that training has ended", "--force")
    for name in NAMES:
        (folder / name).write_bytes(b"cut off")
    firth(*refused).is_one_sentence("none that is whole", "--force")
    firth(*begin).is_one_sentence("--force")
    assert firth(*begin, "--force").code == 0
    assert {path.name for path in folder.iterdir()} == {"vectors.safetensors", "run.json"}


def test_several_threads_go_on(text: Path, tmp_path: Path) -> None:
    broken_off(text, tmp_path / "run", threads=2, when=lambda state: state["epoch"] == 1)
    run = firth.resume(tmp_path / "run")
    assert run.record["threads"] == 2
    assert sum(run.record["words"].values()) == 3 * run.record["corpus"]["words_kept"]
    assert len(run.history) == 3


@pytest.mark.parametrize("seconds", [-1, float("nan"), "often", True])
def test_an_interval_that_cannot_be(text: Path, seconds: Any) -> None:
    with pytest.raises(SettingsError, match="seconds between checkpoints"):
        firth.train(text, checkpoint_every=seconds)


def test_nothing_is_lost(text: Path, tmp_path: Path) -> None:
    run = firth.train(text, firth.SkipGram(dim=8), epochs=3, max_words=500, held_out=0.1, output=tmp_path / "run")
    record = json.loads((tmp_path / "run" / "run.json").read_text())
    corpus, words = record["corpus"], record["words"]
    assert corpus["words_read"] == len(" ".join(text.read_text().splitlines()).split())
    assert (
        corpus["words_read"] == corpus["words_kept"] + corpus["dropped"]["min_count"] + corpus["dropped"]["max_words"]
    )
    assert corpus["dropped"]["min_count"] > 0 < corpus["dropped"]["max_words"]
    assert sum(words.values()) == 3 * corpus["words_kept"]
    assert words["held_out"] == 3 * record["held_out_words"] > 0
    assert words["trained"] > words["subsampled"] > 0
    assert run.record["words"] == words


@pytest.mark.skipif(sys.platform == "win32", reason="sends a signal that Windows has not")
@pytest.mark.parametrize("sent", ["SIGINT", "SIGTERM"])
def test_ctrl_c_writes_a_checkpoint_and_says_how_to_go_on(
    firth: Callable[..., Outcome], text: Path, tmp_path: Path, sent: str
) -> None:
    text.write_text("\n".join(small_world.text(200_000)), encoding="utf-8")
    folder, arguments = tmp_path / "run", ["--dim", "20", "--epochs", "200", "--threads", "1"]
    command = [sys.executable, "-m", "firth", "train", str(text), "-o", str(folder), *arguments]
    with (tmp_path / "log.txt").open("w") as log:
        process = subprocess.Popen(command, stderr=log, stdout=subprocess.DEVNULL)
        while "training" not in (tmp_path / "log.txt").read_text():
            time.sleep(0.05)
        time.sleep(0.5)
        process.send_signal(signal.Signals[sent])
        assert process.wait(timeout=60) == 130
    assert f"to go on: firth train --resume {folder}" in (tmp_path / "log.txt").read_text()
    begun = newest(folder).state["epoch"]
    assert len(json.loads((folder / "run.json").read_text())["history"]) == begun < 200
    assert firth("train", "--resume", folder, "--dim", "30").code == 2
    assert firth("train", "--resume", tmp_path / "nothing").code == 1
    # What is left would take long; that it goes on where it was is enough here.
    assert np.isfinite(storage_vectors(folder)).all()


def storage_vectors(folder: Path) -> np.ndarray:
    from firth.vectors.load import load  # noqa: PLC0415

    return load(folder).matrix


def test_the_command_line_goes_on(firth: Callable[..., Outcome], text: Path, tmp_path: Path) -> None:
    broken_off(text, tmp_path / "run")
    firth("train", text, "-o", tmp_path / "run").is_one_sentence("--resume", "--force")
    outcome = firth("train", "--resume", tmp_path / "run", "--json")
    assert outcome.code == 0, outcome
    assert outcome.document["interrupted"] is False
    assert [epoch["epoch"] for epoch in outcome.document["history"]] == [1, 2, 3]
    assert [point["passes"] for point in outcome.document["held_out"]] == [1, 2, 3]
    firth("train", "--resume", tmp_path / "run").is_one_sentence("no")
    assert firth("train").code == 2
    assert firth("train", text).code == 2
