"""`firth neighbors`: the words nearest to a word. In Python: `firth.load(model).neighbors(word)`."""

from __future__ import annotations

from typing import Literal

import click

from firth.cli.output import json_option, print_json

__all__ = ["neighbors"]


@click.command()
@click.argument("model", type=click.Path())
@click.argument("words", metavar="WORD...", nargs=-1, required=True)
@click.option("-k", "k", type=click.IntRange(min=1), default=10, show_default=True, help="How many neighbours.")
@click.option(
    "--metric",
    type=click.Choice(["cosine", "euclidean"]),
    default="cosine",
    show_default=True,
    help="Similarity by angle, or distance in a straight line.",
)
@json_option
def neighbors(
    model: str, words: tuple[str, ...], k: int, metric: Literal["cosine", "euclidean"], as_json: bool
) -> None:
    """Print the words nearest to each WORD.

    MODEL is a folder that `firth train` wrote, or a file of vectors: safetensors, word2vec text or word2vec binary.

    \b
    Examples:
      firth neighbors novels king
      firth neighbors novels king queen -k 5 --metric euclidean
      firth neighbors vectors.bin paris --json
    """
    from firth import progress
    from firth.vectors.load import load

    with progress.shown() as on_event:
        vectors = load(model, on_event=on_event)
    # All words are looked up before the first table is printed: an unknown one leaves no half an answer.
    tables = {word: vectors.neighbors(word, k=k, metric=metric) for word in words}
    if as_json:
        print_json([{"word": word, "neighbors": table.to_dicts()} for word, table in tables.items()])
    elif len(tables) == 1:
        click.echo(str(tables[words[0]]))
    else:
        click.echo("\n\n".join(f"{word}:\n{table}" for word, table in tables.items()))
