"""`firth distances`: words by words. In Python: `firth.load(model).distances(words)` and `.closest_pairs(words)`."""

from __future__ import annotations

import click

from firth.cli.output import json_option, print_json

__all__ = ["distances"]


@click.command()
@click.argument("model", type=click.Path())
@click.argument("words", metavar="[WORD...]", nargs=-1)
@click.option(
    "--metric",
    metavar="NAME",
    default="cosine",
    show_default=True,
    help="As for firth neighbors, but for csls.",
)
@click.option("--closest", metavar="K", type=click.IntRange(min=1), help="Print the K closest pairs instead.")
@click.option(
    "--most-frequent", metavar="N", type=click.IntRange(min=1), help="With --closest: of the N most frequent words."
)
@json_option
def distances(
    model: str, words: tuple[str, ...], *, metric: str, closest: int | None, most_frequent: int | None, as_json: bool
) -> None:
    """Print how near every WORD is to every other, as a table; or the closest pairs.

    MODEL is a folder that `firth train` wrote, or a file of vectors.

    \b
    Examples:
      firth distances novels king queen man woman
      firth distances novels king queen man woman --metric euclidean --json
      firth distances novels king queen man woman --closest 3
      firth distances novels --closest 20 --most-frequent 5000
    """
    if closest is None and (most_frequent is not None or not words):
        raise click.UsageError("name the words, or ask for the --closest pairs.")
    if words and most_frequent is not None:
        raise click.UsageError("name the words or say --most-frequent, not both.")
    from firth import progress
    from firth.vectors.load import load

    with progress.shown() as on_event:
        vectors = load(model, on_event=on_event)
        if closest is None:
            square = vectors.distances(words, metric=metric)
            document, text = square.to_dict(), str(square)
        else:
            pairs = vectors.closest_pairs(
                words or None, k=closest, metric=metric, most_frequent=most_frequent, on_event=on_event
            )
            document, text = {"metric": pairs.metric, "pairs": pairs.to_dicts()}, str(pairs)
    if as_json:
        print_json(document)
    else:
        click.echo(text)
