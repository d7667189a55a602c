"""`firth analogy`: arithmetic with words. In Python: `firth.load(model).analogy("king - man + woman")`."""

from __future__ import annotations

import click

from firth.cli.output import json_option, print_json
from firth.cli.words import some_of

__all__ = ["analogy"]


@click.command()
@click.argument("model", type=click.Path())
@click.argument("expression", nargs=-1, required=True)
@click.option("-k", "k", type=click.IntRange(min=1), default=10, show_default=True, help="How many answers.")
@click.option(
    "--method",
    type=click.Choice(["3CosAdd", "3CosMul", "PairDirection", "3CosAvg", "LRCos"], case_sensitive=False),
    help="How answers are scored; the last two learn from --pair.  [default: 3CosAdd; with --pair, 3CosAvg]",
)
@click.option(
    "--pair", "pairs", metavar="A B", nargs=2, multiple=True, help="An example: the answer is to EXPRESSION as B to A."
)
@click.option("--among", metavar="FILE", type=click.Path(), help="Only words that stand in this file, one a line.")
@click.option("--most-frequent", metavar="N", type=click.IntRange(min=1), help="Only the N most frequent words.")
@click.option("--include-query", is_flag=True, help="Let the words asked with stand among the answers.")
@json_option
def analogy(
    model: str,
    expression: tuple[str, ...],
    *,
    k: int,
    method: str | None,
    pairs: tuple[tuple[str, str], ...],
    among: str | None,
    most_frequent: int | None,
    include_query: bool,
    as_json: bool,
) -> None:
    """Print the words nearest to the outcome of an EXPRESSION such as "king - man + woman".

    The words asked with are left out of the answers, since the nearest word is mostly one of them; --include-query
    shows them. MODEL is a folder that `firth train` wrote, or a file of vectors.

    \b
    Examples:
      firth analogy novels "king - man + woman"
      firth analogy novels "paris - france + italy" -k 3 --include-query
      firth analogy vectors.bin "walked - walk + swim" --method 3CosMul --json
      firth analogy novels italy --pair france paris --pair spain madrid --method LRCos
      firth analogy novels -- "- man + woman + king"
    """
    if among is not None and most_frequent is not None:
        raise click.UsageError("--among and --most-frequent exclude each other.")
    from firth import progress
    from firth.vectors.load import load

    question = " ".join(expression)
    with progress.shown() as on_event:
        vectors = load(model, on_event=on_event)
        chosen = None if among is None else some_of(among, vectors, on_event)
    table = vectors.analogy(
        question,
        k=k,
        pairs=pairs,
        method=method,
        among=chosen,
        most_frequent=most_frequent,
        include_query=include_query,
    )
    if as_json:
        notes = {"notes": table.notes} if table.notes else {}
        print_json({"expression": question, "method": table.metric, "answers": table.to_dicts(), **notes})
    else:
        click.echo(str(table))
