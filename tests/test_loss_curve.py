"""The loss as a chart of characters and as a picture."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from firth.events import EpochEnd, HeldOutLoss
from firth.loss_curve import as_text, write_picture


def epochs(*losses: float | None) -> list[EpochEnd]:
    return [
        EpochEnd(epoch=number, epochs=len(losses), loss=loss, per_second=1.0, unit="words", seconds=1.0)
        for number, loss in enumerate(losses, start=1)
    ]


def measured(*losses: float) -> list[HeldOutLoss]:
    return [HeldOutLoss(passes=number / 2, loss=loss, per_token=1.0) for number, loss in enumerate(losses, start=1)]


def test_a_falling_loss_falls() -> None:
    chart = as_text(epochs(0.9, 0.8), measured(0.8, 0.6, 0.5, 0.4), width=4, height=2)
    assert chart is not None
    title, upper, lower = chart.splitlines()
    assert title == "Loss per decision, held out, after 0.5 to 2 passes:"
    assert upper == "  0.8000 █"
    assert lower == "  0.4000 ██▅▁"


def test_without_a_held_out_loss_the_training_s_is_shown() -> None:
    chart = as_text(epochs(0.9, None, 0.5), [])
    assert chart is not None
    assert "training, after 1 to 3 passes" in chart
    assert as_text(epochs(0.9), []) is None
    assert as_text([], []) is None
    assert "0.5000" in (as_text(epochs(0.5, 0.5), []) or "")


@pytest.mark.parametrize("history", [epochs(0.9, 0.5), epochs(0.5, 0.5), epochs(None), []])
@pytest.mark.parametrize("held_out", [measured(0.7, 0.6, 0.5), []])
def test_the_picture_shows_each_point(tmp_path: Path, history: list[EpochEnd], held_out: list[HeldOutLoss]) -> None:
    path = tmp_path / "loss.svg"
    write_picture(path, history, held_out)
    drawing = ET.parse(path).getroot()  # noqa: S314 - our own
    name = "{http://www.w3.org/2000/svg}"
    points = sum(epoch.loss is not None for epoch in history) + len(held_out)
    circles = drawing.findall(f"{name}circle")
    assert len(circles) == points
    assert all(
        0 <= float(circle.get("cx", "-1")) <= 640 and 0 <= float(circle.get("cy", "-1")) <= 360 for circle in circles
    )
