"""What verbs print, text for people and one JSON document for programs, and the files that they write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from firth.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["check_new", "force_option", "json_option", "print_json"]

json_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document for programs."
)

force_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--force", is_flag=True, help="Replace a file that is there."
)


def check_new(path: str | None, *, force: bool) -> None:
    """Refuse, before any work, to write over what is there.

    Args:
        path: the file to be written, or None where none is.
        force: whether it may be replaced.
    """
    if path is not None and not force and Path(path).exists():
        raise StorageError(f"expected a new file to write, but {path} is there; choose another, or add --force")


def print_json(document: object) -> None:
    """Print a document on one line, in the letters of its own language."""
    click.echo(json.dumps(document, ensure_ascii=False, allow_nan=False))
