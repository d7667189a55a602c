"""`firth axis`: words between two ends. In Python: `firth.load(model).axis(positive, negative).project(words)`."""

from __future__ import annotations

import click

from firth.cli.output import json_option, print_json

__all__ = ["axis"]


@click.command()
@click.argument("model", type=click.Path())
@click.argument("words", metavar="WORD...", nargs=-1, required=True)
@click.option(
    "--from", "negative", metavar="WORD", multiple=True, required=True, help="The negative end; may come often."
)
@click.option(
    "--to", "positive", metavar="WORD", multiple=True, required=True, help="The positive end; may come often."
)
@json_option
def axis(
    model: str, words: tuple[str, ...], *, negative: tuple[str, ...], positive: tuple[str, ...], as_json: bool
) -> None:
    """Print where each WORD stands on the axis from some words to others: the cosine of its vector with the axis.

    MODEL is a folder that `firth train` wrote, or a file of vectors.

    \b
    Examples:
      firth axis novels --from poor --to rich --to wealthy duke servant merchant beggar
      firth axis novels --from bad --to good hero villain --json
    """
    from firth import progress
    from firth.vectors.load import load

    with progress.shown() as on_event:
        vectors = load(model, on_event=on_event)
    table = vectors.axis(positive, negative).project(words)
    if as_json:
        notes = {"notes": table.notes} if table.notes else {}
        print_json({"from": list(negative), "to": list(positive), "words": table.to_dicts(), **notes})
    else:
        click.echo(str(table))
