"""`firth neighbors`: the words nearest to a word. In Python: `firth.load(model).neighbors(word)`."""

from __future__ import annotations

import click

from firth.cli.output import json_option, print_json
from firth.cli.words import some_of

__all__ = ["neighbors"]


@click.command()
@click.argument("model", type=click.Path())
@click.argument("words", metavar="WORD...", nargs=-1, required=True)
@click.option("-k", "k", type=click.IntRange(min=1), default=10, show_default=True, help="How many neighbours.")
@click.option(
    "--metric",
    metavar="NAME",
    default="cosine",
    show_default=True,
    help="cosine, correlation, dot, euclidean, manhattan, chebyshev, minkowski:3, canberra, csls, or another that "
    "docs/neighbours.md lists.",
)
@click.option("--among", metavar="FILE", type=click.Path(), help="Only words that stand in this file, one a line.")
@click.option("--most-frequent", metavar="N", type=click.IntRange(min=1), help="Only the N most frequent words.")
@click.option("--include-query", is_flag=True, help="Show each WORD among its own neighbours.")
@click.option("--approximate", is_flag=True, help="Search an index, and say its recall (needs the extra ann).")
@json_option
def neighbors(
    model: str,
    words: tuple[str, ...],
    *,
    k: int,
    metric: str,
    among: str | None,
    most_frequent: int | None,
    include_query: bool,
    approximate: bool,
    as_json: bool,
) -> None:
    """Print the words nearest to each WORD.

    MODEL is a folder that `firth train` wrote, or a file of vectors.

    \b
    Examples:
      firth neighbors novels king
      firth neighbors novels king queen -k 5 --metric euclidean
      firth neighbors novels king --metric csls --most-frequent 30000
      firth neighbors vectors.bin paris --among capitals.txt --json
    """
    if among is not None and most_frequent is not None:
        raise click.UsageError("--among and --most-frequent exclude each other.")
    if approximate and (among is not None or most_frequent is not None):
        raise click.UsageError("--approximate searches all words; leave --among and --most-frequent out.")
    from firth import progress
    from firth.vectors.load import load

    with progress.shown() as on_event:
        vectors = load(model, on_event=on_event)
        chosen = None if among is None else some_of(among, vectors, on_event)
        # All words are looked up before the first table is printed: an unknown one leaves no half an answer.
        tables = {
            word: vectors.neighbors(
                word,
                k=k,
                metric=metric,
                among=chosen,
                most_frequent=most_frequent,
                include_query=include_query,
                approximate=approximate,
                on_event=on_event,
            )
            for word in words
        }
    if as_json:
        recall = {"recall": tables[words[0]].recall} if approximate else {}
        print_json(
            [
                {
                    "word": word,
                    **recall,
                    "neighbors": table.to_dicts(),
                    **({"notes": table.notes} if table.notes else {}),
                }
                for word, table in tables.items()
            ]
        )
    elif len(tables) == 1:
        click.echo(str(tables[words[0]]))
    else:
        click.echo("\n\n".join(f"{word}:\n{table}" for word, table in tables.items()))
