"""Opening word vectors, whatever file they lie in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from firth.errors import FormatError, SettingsError, SourceError
from firth.vectors.formats.registry import HEAD, format_named, format_of_content
from firth.vectors.store import WordVectors
from firth.vectors.transformers.load import load_transformer
from firth.vectors.transformers.sources import holds_transformer

if TYPE_CHECKING:
    from firth.events import Listener
    from firth.vectors.formats.word2vec import ByteErrors

__all__ = ["load"]

_IN_A_RUN = "vectors.safetensors"


def load(
    path: str | os.PathLike[str],
    *,
    limit: int | None = None,
    format: str | None = None,  # noqa: A002  (the word that everybody looks for)
    errors: ByteErrors = "strict",
    on_event: Listener | None = None,
) -> WordVectors:
    """Open word vectors.

    Args:
        path: a file of any format that Firth reads, the folder of a run, or that of a transformer (as
            `load_transformer` reads it).
        limit: int ≥ 1, only so many words from the first (in nearly all files the most frequent); None for all.
        format: "safetensors", "word2vec-text" or "word2vec-binary"; None to tell it from the content.
        errors: whether words that are no UTF-8 are refused ("strict") or their bad bytes become � ("replace").
        on_event: told what was left out or replaced; it also stands in the record, under "notices".

    Raises:
        SourceError: there is no such file, it is a pipe, or it cannot be opened.
        FormatError: the file is broken or of no known format.
        SettingsError: a path that is none, a limit below 1, or an unknown format.
    """
    _check(path, limit, errors)
    chosen = None if format is None else format_named(format)
    file = Path(path)
    if file.is_fifo():
        raise SourceError(
            f"expected a file, got {file}, a pipe; vectors are read from more than one place in their file: write them "
            "to a file first"
        )
    try:
        if file.is_dir():
            if chosen is None and not (file / _IN_A_RUN).exists() and holds_transformer(file):
                return load_transformer(file, limit=limit, on_event=on_event)
            file = _in_run(file)
        if chosen is None:
            with file.open("rb") as opened:
                chosen = format_of_content(file, opened.read(HEAD))
        contents = chosen.read(file, limit=limit, errors=errors, on_event=on_event)
    except FileNotFoundError:
        raise SourceError(f"expected word vectors at {file}, but there is no such file or folder") from None
    except OSError as error:
        raise SourceError(f"could not open {file}: {error.strerror or error}") from error
    return WordVectors(
        contents.words,
        contents.matrix,
        contents.counts,
        output_matrix=contents.output_matrix,
        record=contents.record,
    )


def _check(path: object, limit: object, errors: object) -> None:
    if limit is not None and (not isinstance(limit, int | np.integer) or isinstance(limit, bool) or limit < 1):
        raise SettingsError(f"expected a limit of 1 or more words, got {limit!r}; leave it out for all")
    if errors not in ("strict", "replace"):
        raise SettingsError(f'expected errors="strict" or "replace", got {errors!r}')
    if not isinstance(path, str | os.PathLike):
        raise SettingsError(f"expected the path of a file or of a run's folder, got {path!r}")
    if "\0" in os.fspath(path):
        raise SourceError(f"expected the path of a file, got {os.fspath(path)!r} with a null character in it")


def _in_run(folder: Path) -> Path:
    file = folder / _IN_A_RUN
    if not file.is_file():
        raise FormatError(f"expected the folder of a run, which holds {_IN_A_RUN}, got {folder} without it")
    return file
