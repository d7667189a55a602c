"""The loss as a chart of characters."""

from __future__ import annotations

from firth.events import EpochEnd, HeldOutLoss
from firth.loss_curve import as_text


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
