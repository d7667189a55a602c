"""Loss curves, from runs and from the records in their folders."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import firth
from firth import plots
from firth.errors import FirthError, FormatError, SettingsError, SourceError
from firth.events import Event, Notice

RECORD: dict[str, Any] = {
    "objective": {"kind": "SkipGram", "dim": 10, "loss": {"kind": "NegativeSampling", "negatives": 5}},
    "history": [{"epoch": number, "loss": 1.0 / number, "unit": "words"} for number in (1, 2, 3)],
    "held_out_losses": [{"passes": number, "loss": 1.1 / number} for number in (1.0, 2.0, 3.0)],
}


def folder(tmp_path: Path, name: str, record: object) -> Path:
    made = tmp_path / name
    made.mkdir()
    (made / "run.json").write_text(record if isinstance(record, str) else json.dumps(record), encoding="utf-8")
    return made


def test_the_curves_are_those_of_the_record(tmp_path: Path) -> None:
    axes = plots.loss_curves(folder(tmp_path, "novels", RECORD)).axes[0]
    held_out, training = axes.lines
    np.testing.assert_array_equal(held_out.get_xydata(), [[1, 1.1], [2, 0.55], [3, 1.1 / 3]])
    np.testing.assert_array_equal(training.get_xydata(), [[1, 1], [2, 0.5], [3, 1 / 3]])
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["held out", "training"]
    assert axes.get_ylabel() == "loss per decision, in nats"
    assert held_out.get_linestyle() != training.get_linestyle()


def test_several_runs_have_names_and_shapes(tmp_path: Path) -> None:
    other = {**RECORD, "objective": {**RECORD["objective"], "dim": 50}, "held_out_losses": []}
    events: list[Event] = []
    runs = [folder(tmp_path, "novels", RECORD), folder(tmp_path, "wiki", other)]
    axes = plots.loss_curves(runs, on_event=events.append).axes[0]
    names = [text.get_text() for text in axes.get_legend().get_texts()]
    assert names == ["novels: held out", "novels: training", "wiki: training"]
    assert len({(line.get_marker(), line.get_linestyle()) for line in axes.lines}) == 3
    assert events == [], "another size of the same kind can be compared"


def test_losses_of_different_kinds_are_told(tmp_path: Path) -> None:
    glove = {
        "objective": {"kind": "GloVe"},
        "history": [{"epoch": 1, "loss": 0.1, "unit": "entries"}],
        "held_out_losses": [],
    }
    events: list[Event] = []
    runs = [folder(tmp_path, "novels", RECORD), folder(tmp_path, "glove", glove)]
    axes = plots.loss_curves(runs, names=["one", "two"], on_event=events.append).axes[0]
    assert next(event.text for event in events if isinstance(event, Notice)).startswith("these are losses of different")
    assert axes.get_ylabel() == "loss"
    assert plots.loss_curves(runs[1]).axes[0].get_ylabel() == "loss per entry"


def test_a_run_draws_what_its_folder_draws(tmp_path: Path) -> None:
    text = [["king", "wears", "crowns"], ["queen", "wears", "jewels"]] * 200
    run = firth.train(text, firth.SkipGram(dim=8, window=2), epochs=3, threads=1, output=tmp_path / "run")
    drawn, read = (plots.loss_curves(some).axes[0].lines for some in (run, tmp_path / "run"))
    assert len(drawn) > 0
    for one, other in zip(drawn, read, strict=True):
        np.testing.assert_array_equal(one.get_xydata(), other.get_xydata())
    assert [point[1] for point in drawn[-1].get_xydata()] == [epoch.loss for epoch in run.history]


@pytest.mark.parametrize(
    ("record", "kind", "says"),
    [
        ("{", FormatError, "no JSON"),
        ("[]", FormatError, "other JSON"),
        ("[" * 100_000, FirthError, "run.json"),
        ({}, FormatError, "losses"),
        ({**RECORD, "history": [{"epoch": 1}]}, FormatError, "losses"),
        ({**RECORD, "history": [{"epoch": 1, "loss": float("nan"), "unit": "words"}]}, FormatError, "losses"),
        ({**RECORD, "history": 3}, FormatError, "losses"),
        ({**RECORD, "history": [], "held_out_losses": []}, FormatError, "has none"),
        (
            {**RECORD, "history": [{"epoch": 1, "loss": None, "unit": "words"}], "held_out_losses": []},
            FormatError,
            "none",
        ),
    ],
)
def test_broken_records_are_one_sentence(tmp_path: Path, record: object, kind: type[FirthError], says: str) -> None:
    with pytest.raises(kind, match=says):
        plots.loss_curves(folder(tmp_path, "broken", record))


def test_what_cannot_be_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="folder of a run"):
        plots.loss_curves(tmp_path / "nothing")
    with pytest.raises(SettingsError, match="at least one run"):
        plots.loss_curves([])
    with pytest.raises(SettingsError, match="a name for each"):
        plots.loss_curves([folder(tmp_path, "novels", RECORD)], names=["a", "b"])
