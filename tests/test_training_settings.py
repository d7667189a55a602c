"""The settings of a training: refused where they cannot be, and all of them in its records, by name."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import pytest

import firth
from firth.checkpoints import Checkpoints
from firth.corpus.reading import Reading
from firth.errors import SettingsError
from firth.training.settings import TrainingSettings

SENTENCES = ["the cat sat on the mat", "the dog sat on the rug"] * 5
CHANGES_NOTHING = {"text", "threads", "output", "cache", "force", "resume", "checkpoint_every", "cluster", "on_event"}
"""What `firth.train` takes besides settings: where a training lies, who works for it, who listens."""


@pytest.mark.parametrize(
    "wrong",
    [
        *({"epochs": value} for value in (0, -1, True, 1.0, 100_001)),
        *({"threads": value} for value in (0, None, True, 1025)),
        *({"seed": value} for value in (-1, None, True, 2**63)),
        *({"held_out": value} for value in (-0.1, 0.6, True, "0.1")),
        *({"patience": value} for value in (0, 1.5, True)),
        *({"reproducible": value} for value in (None, 1, "yes")),
    ],
    ids=str,
)
def test_settings_that_cannot_be_are_not_made(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        TrainingSettings(**wrong)


@pytest.mark.parametrize(
    "wrong",
    [{"tokenizer": "words"}, {"min_count": 0}, {"max_words": 0}, {"max_sentence": 1}, {"min_count": True}],
    ids=str,
)
def test_a_reading_that_cannot_be_is_not_made(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        Reading(**wrong)


def test_no_more_threads_work_together_than_there_are_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("firth.training.settings.cores", lambda: 4)
    assert [TrainingSettings(threads=threads).threads_together for threads in (1, 4, 9)] == [1, 4, 4]


def test_a_reading_of_all_words_is_the_same_otherwise() -> None:
    reading = Reading(min_count=7, max_words=3, max_sentence=9, text_column="body")
    assert reading.of_all_words() == Reading(min_count=1, max_words=None, max_sentence=9, text_column="body")


def test_every_setting_is_in_a_training_s_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[dict[str, Any]] = []
    real = Checkpoints.__init__

    def noted(self: Checkpoints, folder: Path, about: dict[str, Any], **settings: Any) -> None:
        kept.append(about)
        real(self, folder, about, **settings)

    monkeypatch.setattr(Checkpoints, "__init__", noted)
    chosen = {"min_count": 1, "epochs": 1, "threads": 1, "cache": tmp_path / "cache", "unreadable": "skip"}
    firth.train(SENTENCES, firth.SkipGram(dim=2), output=tmp_path / "run", **chosen)
    parameters = set(inspect.signature(firth.train).parameters) - CHANGES_NOTHING
    assert set(kept[0]["settings"]) == parameters
    # Records have one order, in which runs can be compared line by line.
    record = json.loads((tmp_path / "run" / "run.json").read_text(encoding="utf-8"))
    assert list(record)[:15] == [
        "objective", "tokenizer", "min_count", "max_words", "max_sentence", "phrases", "epochs", "seed", "held_out",
        "patience", "reproducible", "start", "shards", "threads", "total_seconds",
    ]  # fmt: skip
    assert [kept[0]["settings"][name] for name in list(record)[:13]] == [record[name] for name in list(record)[:13]]
