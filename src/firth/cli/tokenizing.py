"""The options that say how a text becomes words, shared by `train` and `pairs`."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from firth.corpus.tokenizers import Tokenizer

__all__ = ["tokenizer_from", "tokenizer_options"]


def tokenizer_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the tokenizer's options to a command; `tokenizer_from` makes the tokenizer of what they gave."""
    for option in (
        click.option(
            "--stop-words", metavar="LANGUAGE", help="Leave out a language's stop words: --stop-words english."
        ),
        click.option("--lowercase/--no-lowercase", default=None, help="Lower-case all words.  [default: with words]"),
        click.option(
            "--tokenizer",
            type=click.Choice(["words", "whitespace"]),
            default="words",
            show_default=True,
            help="words: letters, marks and digits belong together; whitespace: whatever stands between blanks.",
        ),
    ):
        command = option(command)
    return command


def tokenizer_from(tokenizer: str, lowercase: bool | None, stop_words: str | None) -> Tokenizer:
    """Return the tokenizer that the options of `tokenizer_options` name."""
    from firth.corpus.tokenizers import Whitespace, Words

    if tokenizer == "whitespace":
        if stop_words is not None:
            raise click.UsageError("--stop-words is for --tokenizer words; whitespace leaves every word in.")
        return Whitespace(lowercase=bool(lowercase))
    words = Words(lowercase=lowercase is not False)
    return words if stop_words is None else dataclasses.replace(words, stop_words=stop_words)
