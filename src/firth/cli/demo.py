"""`firth demo`: a small world to train on, and what came of it. In Python: `firth.demo()`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from firth.cli.output import json_option, print_json

if TYPE_CHECKING:
    from firth.demonstration import Demo

__all__ = ["demo"]


@click.command()
@click.option("--words", type=int, default=1_000_000, show_default=True, help="Words of text.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the text and of the training.")
@click.option(
    "-o",
    "--output",
    metavar="FOLDER",
    type=click.Path(),
    default="firth-demo",
    show_default=True,
    help="Where text and vectors shall lie.",
)
@json_option
def demo(words: int, seed: int, output: str, as_json: bool) -> None:
    """Write the text of a small world, train on it, and show what the vectors learned.

    Needs neither network nor files: the text is made from facts about royal families, capitals and countries,
    colours, animals, fruit and more.

    \b
    Examples:
      firth demo
      firth demo --words 300000 --seed 7 -o small-demo
      firth demo --json
    """
    from firth import progress
    from firth.demonstration import demo as run_demo

    with progress.shown() as on_event:
        show = (lambda _: None) if as_json else click.echo
        made = run_demo(words=words, seed=seed, output=output, show=show, on_event=on_event)
    if as_json:
        print_json(_document(made))
    if made.run.interrupted:
        click.get_current_context().exit(130)


def _document(made: Demo) -> dict[str, object]:
    return {
        "text": str(made.text),
        "path": str(made.run.path),
        "words": len(made.run.vectors),
        "seconds": made.run.seconds,
        "words_per_second": made.run.per_second,
        "interrupted": made.run.interrupted,
        "loss": [epoch.loss for epoch in made.run.history],
        "pairs": made.pairs.pairs(),
        "neighbors": {"trained": made.trained.to_dicts(), "untrained": made.untrained.to_dicts()},
        "analogies": {expression: answers.to_dicts() for expression, answers in made.analogies.items()},
    }
