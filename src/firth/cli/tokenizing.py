"""The options that say which text is read and how it becomes words, shared by the verbs that read one."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from firth.corpus.tokenizers import Tokenizer

__all__ = ["phrases_option", "text_from", "tokenizer_from", "tokenizer_of", "tokenizer_options"]


def _number_or_file(_: click.Context, __: click.Parameter, value: str | None) -> int | str | None:
    return int(value) if value is not None and value.isdigit() else value


phrases_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--phrases",
    metavar="N|FILE",
    callback=_number_or_file,
    help="Join phrases such as new_york first: found in N passes, or those of a FILE that firth phrases wrote.",
)


def tokenizer_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the tokenizer's options to a command; `tokenizer_from` makes the tokenizer of what they gave."""
    for option in (
        click.option(
            "--sentences",
            type=click.Choice(["lines", "marks"]),
            default="lines",
            show_default=True,
            help="lines: each line is a sentence; marks: they end at . ! ? … and go on over the lines of a paragraph.",
        ),
        click.option("--stop-words", metavar="LANGUAGE", help="Leave out a language's most common words (english)."),
        click.option("--lowercase/--no-lowercase", default=None, help="Small letters.  [default: with words only]"),
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


def text_from(names: tuple[str, ...]) -> list[Path | str] | str:
    """Return what TEXT... names, as `firth.train` takes it: one name may be a pattern or -, several are files."""
    from firth.corpus.remote import is_remote

    return [name if is_remote(name) else Path(name) for name in names] if len(names) > 1 else names[0]


def tokenizer_of(options: Mapping[str, Any]) -> Tokenizer:
    """Return the tokenizer that a verb's options name, those of `tokenizer_options` among them."""
    return tokenizer_from(**{name: options[name] for name in ("tokenizer", "lowercase", "stop_words", "sentences")})


def tokenizer_from(*, tokenizer: str, lowercase: bool | None, stop_words: str | None, sentences: str) -> Tokenizer:
    """Return the tokenizer that the options of `tokenizer_options` name."""
    from firth.corpus.tokenizers import Sentences, Whitespace, Words

    chosen = {"words": Words, "whitespace": Whitespace}[tokenizer]()
    if lowercase is not None:
        chosen = dataclasses.replace(chosen, lowercase=lowercase)
    if stop_words is not None:
        chosen = dataclasses.replace(chosen, stop_words=stop_words)
    return Sentences(words=chosen) if sentences == "marks" else chosen
