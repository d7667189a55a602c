"""`firth analogy`: arithmetic with words. In Python: `firth.load(model).analogy("king - man + woman")`."""

from __future__ import annotations

import click

from firth.cli.output import json_option, print_json

__all__ = ["analogy"]


@click.command()
@click.argument("model", type=click.Path())
@click.argument("expression", nargs=-1, required=True)
@click.option("-k", "k", type=click.IntRange(min=1), default=10, show_default=True, help="How many answers.")
@click.option("--show-query-words", is_flag=True, help="Let the expression's own words stand among the answers.")
@json_option
def analogy(model: str, expression: tuple[str, ...], k: int, show_query_words: bool, as_json: bool) -> None:
    """Print the words nearest to the outcome of an EXPRESSION such as "king - man + woman".

    The expression's own words are left out of the answers, since the nearest word is mostly one of them;
    --show-query-words shows them. MODEL is a folder that `firth train` wrote, or a file of vectors.

    \b
    Examples:
      firth analogy novels "king - man + woman"
      firth analogy novels "paris - france + italy" -k 3 --show-query-words
      firth analogy vectors.bin "walked - walk + swim" --json
      firth analogy novels -- "- man + woman + king"
    """
    from firth import progress
    from firth.vectors.load import load

    question = " ".join(expression)
    with progress.shown() as on_event:
        vectors = load(model, on_event=on_event)
    table = vectors.analogy(question, k=k, keep_query_words=show_query_words)
    if as_json:
        print_json({"expression": question, "answers": table.to_dicts()})
    else:
        click.echo(str(table))
