"""What verbs print: text for people, one JSON document for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["json_option", "print_json"]

json_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document for programs."
)


def print_json(document: object) -> None:
    """Print a document on one line, in the letters of its own language."""
    click.echo(json.dumps(document, ensure_ascii=False, allow_nan=False))
