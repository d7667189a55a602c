"""`firth pairs`: the training pairs of a text, as the textbooks print them. In Python: `firth.pairs`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from firth.cli.output import json_option, print_json
from firth.cli.tokenizing import tokenizer_from, tokenizer_options
from firth.errors import BadBytesError, EmptyCorpusError

if TYPE_CHECKING:
    from firth.contexts.pairs import PairsTable

__all__ = ["pairs"]


@click.command()
@click.argument("text")
@click.option("--window", type=int, help="Words to each side of the centre.  [default: 2]")
@click.option("--span", type=int, help="The window's whole width, an odd number: --span 5 is --window 2.")
@click.option("--sides", is_flag=True, help="Left and right contexts in columns of their own.")
@click.option("--soft", is_flag=True, help="Draw each centre's reach from 1 to the window, as in training.")
@click.option("--seed", type=int, help="Seed of the soft window's draws.  [default: 1]")
@tokenizer_options
@json_option
def pairs(
    *,
    text: str,
    window: int | None,
    span: int | None,
    sides: bool,
    soft: bool,
    seed: int | None,
    as_json: bool,
    **tokenizing: Any,
) -> None:
    """Print what skip-gram and CBOW learn from a text.

    TEXT is the text itself; - reads it from standard input. Each row of the table is one place
    of the sliding window: its words, its centre, the centre's contexts.

    \b
    Examples:
      firth pairs "The man who passes the sentence should swing the sword." --span 5
      firth pairs "kings wear crowns of jewels" --window 2 --sides
      head -1 novel.txt | firth pairs - --window 5 --soft --seed 7
    """
    if window is not None and span is not None:
        raise click.UsageError("--window and --span are two ways to say how wide the window is; give one of them.")
    if seed is not None and not soft:
        raise click.UsageError("--seed is for --soft; without it nothing is drawn.")
    if as_json and sides:
        raise click.UsageError("--json always tells left from right contexts; leave --sides out.")
    # NumPy takes a tenth of a second to import: `firth --help` does not wait for it.
    from firth.contexts.pairs import pairs as table_of

    table = table_of(
        _text(text),
        2 if window is None else window,
        span=span,
        soft=soft,
        tokenizer=tokenizer_from(**tokenizing),
        seed=1 if seed is None else seed,
    )
    if not len(table):
        raise EmptyCorpusError("expected text with words in it, but there are none")
    if as_json:
        print_json(_document(table))
    else:
        click.echo(table.sides() if sides else str(table))


def _text(text: str) -> str:
    if text == "-":
        try:
            return sys.stdin.buffer.read().decode()
        except UnicodeDecodeError as error:
            raise BadBytesError(
                f"expected UTF-8 on standard input, but byte {error.start:,} is not; convert the text first (iconv)"
            ) from error
    if len(text) < 256 and Path(text).is_file():
        raise click.UsageError(f"{text} is a file; give the text itself, or: firth pairs - < {text}")
    return text


def _document(table: PairsTable) -> dict[str, object]:
    return {
        "window": {"left": table.window.left, "right": table.window.right, "soft": table.window.soft},
        "rows": [
            {
                "window": row.window,
                "centre": row.centre,
                "left": list(row.left),
                "right": list(row.right),
                "contexts": list(row.contexts),
            }
            for row in table
        ],
    }
