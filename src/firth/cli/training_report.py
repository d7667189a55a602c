"""What `firth train` says of a training that has ended: text for people, JSON for programs, a picture of the loss."""

from __future__ import annotations

import dataclasses
import sys
from typing import TYPE_CHECKING, Any

import click

from firth.cli.output import print_json

if TYPE_CHECKING:
    from firth.run import Run

__all__ = ["report"]


def report(run: Run, notices: list[str], options: dict[str, Any]) -> None:
    """Say what the training made, and draw its loss where that is wanted.

    Args:
        run: that has ended.
        notices: what was told on the way.
        options: `--json` and `--plot` among them.
    """
    from firth.loss_curve import as_text

    if options["as_json"]:
        print_json({**_document(run), "notices": notices})
    else:
        if sys.stdout.isatty() and (chart := as_text(run.history, run.held_out)):
            click.echo(f"{chart}\n")
        click.echo(_text(run))
    if options["plot"] is not None:
        _draw(run, options["plot"])


def _draw(run: Run, path: str) -> None:
    """Draw the loss; where there is none, say so: the training is done and written all the same."""
    from firth.errors import FormatError
    from firth.plots.loss import loss_curves
    from firth.plots.picture_file import save

    try:
        save(loss_curves(run), path)
    except FormatError as error:
        click.echo(f"firth: {error}", err=True)


def _text(run: Run) -> str:
    vectors = run.vectors
    how = (
        f"interrupted after {run.seconds:.1f} s; the vectors so far are kept"
        if run.interrupted
        else (f"{run.seconds:.1f} s, {run.per_second:,.0f} {run.unit}/s")
    )
    if run.kept_epoch is not None:
        how += f"; of {len(run.history)} epochs, epoch {run.kept_epoch} was kept"
    if len(vectors.replicas):
        how += f"; {len(vectors.replicas)} bootstrap run{'' if len(vectors.replicas) == 1 else 's'}"
    example = vectors.words[0]
    return (
        f"{run.path}: {len(vectors):,} words, {vectors.dim} numbers each ({how})\n"
        f"Next: firth neighbors {run.path} {example}"
    )


def _document(run: Run) -> dict[str, object]:
    return {
        "path": str(run.path),
        "words": len(run.vectors),
        "dim": run.vectors.dim,
        "seconds": run.seconds,
        "per_second": run.per_second,
        "unit": run.unit,
        "interrupted": run.interrupted,
        "bootstrap": len(run.vectors.replicas),
        "kept_epoch": run.kept_epoch,
        "held_out": [dataclasses.asdict(point) for point in run.held_out],
        "history": [dataclasses.asdict(epoch) for epoch in run.history],
    }
