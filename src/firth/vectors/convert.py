"""From one vector file to another, of any two formats."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from firth.errors import SettingsError, StorageError
from firth.events import Notice
from firth.vectors.formats.registry import format_named, format_of_suffix
from firth.vectors.load import load_and_name

if TYPE_CHECKING:
    from firth.events import Event, Listener
    from firth.vectors.formats.rows import ByteErrors

__all__ = ["Conversion", "convert"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Conversion:
    """What was converted.

    Args:
        words: V, how many vectors were written.
        dim: D, the numbers in each.
        source_format: the name of the format that was read.
        target_format: the name of the format that was written.
        notices: what was left out, replaced or not kept, a sentence each.
    """

    words: int
    dim: int
    source_format: str
    target_format: str
    notices: tuple[str, ...]


def convert(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    *,
    limit: int | None = None,
    source_format: str | None = None,
    target_format: str | None = None,
    errors: ByteErrors = "strict",
    force: bool = False,
    on_event: Listener | None = None,
) -> Conversion:
    """Write the vectors of one file to another.

    Args:
        source: a file of any format that Firth reads, compressed or not, or the folder of a run.
        target: the file to write.
        limit: int ≥ 1, only so many words from the first; None for all.
        source_format: the source's; None to tell it from the content.
        target_format: the target's; None to take it from the suffix.
        errors: whether words that are no UTF-8 are refused ("strict") or their bad bytes become � ("replace").
        force: replace a file that is there.
        on_event: told how far it has come, and what was left out, replaced or not kept.

    Raises:
        StorageError: the target is there already, its folder is not, or it cannot be written.
        SourceError, FormatError: as from `firth.load`.
        SettingsError: a format, limit or path that cannot be.
    """
    if not isinstance(target, str | os.PathLike) or "\0" in os.fspath(target):
        raise SettingsError(f"expected the path of a file to write, got {target!r}")
    path = Path(target)
    writing = format_of_suffix(path) if target_format is None else format_named(target_format)
    for new in [path] if writing.beside is None else [path, path.with_name(path.name + writing.beside)]:
        if new.exists() and not force:
            raise StorageError(f"expected a new file to write, but {new} is there; --force (force=True) replaces it")
    if writing.inside is None and not path.parent.is_dir():
        raise StorageError(
            f"expected a file to write in a folder that is there, but there is no folder {path.parent}; make it first, "
            "or name another"
        )
    notices = []

    def listen(event: Event) -> None:
        if isinstance(event, Notice):
            notices.append(event.text)
        if on_event is not None:
            on_event(event)

    wv, reading = load_and_name(source, limit=limit, format=source_format, errors=errors, on_event=listen)
    wv.save(path, writing.name, on_event=listen)
    return Conversion(
        words=len(wv), dim=wv.dim, source_format=reading, target_format=writing.name, notices=tuple(notices)
    )
