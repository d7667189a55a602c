"""`firth odd`: the word that does not belong. In Python: `firth.load(model).odd_one_out(words)`."""

from __future__ import annotations

import click

from firth.cli.output import json_option, print_json

__all__ = ["odd"]


@click.command()
@click.argument("model", type=click.Path())
@click.argument("words", metavar="WORD WORD WORD...", nargs=-1, required=True)
@click.option(
    "--metric",
    metavar="NAME",
    default="cosine",
    show_default=True,
    help="As for firth neighbors, but for csls.",
)
@json_option
def odd(model: str, words: tuple[str, ...], *, metric: str, as_json: bool) -> None:
    """Print each WORD with its mean similarity to the others, the odd one out first.

    MODEL is a folder that `firth train` wrote, or a file of vectors.

    \b
    Examples:
      firth odd novels breakfast dinner lunch train
      firth odd novels breakfast dinner lunch train --metric euclidean --json
    """
    from firth import progress
    from firth.vectors.load import load

    with progress.shown() as on_event:
        vectors = load(model, on_event=on_event)
    table = vectors.odd_one_out(words, metric=metric)
    if as_json:
        print_json({"odd": table.word, "metric": table.metric, "words": table.to_dicts()})
    else:
        click.echo(str(table))
