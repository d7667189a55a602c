"""Opening word vectors, whatever file they lie in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from firth.errors import FormatError, SettingsError, SourceError
from firth.events import Notice
from firth.vectors.formats.hub import VECTORS
from firth.vectors.formats.projector import TENSOR
from firth.vectors.formats.registry import format_named, format_of_content
from firth.vectors.replicas import BEGUN_NAME, Replicas
from firth.vectors.store import WordVectors
from firth.vectors.transformers.load import load_transformer
from firth.vectors.transformers.sources import holds_transformer

if TYPE_CHECKING:
    from firth.events import Listener
    from firth.vectors.formats.rows import ByteErrors

__all__ = ["load", "load_and_name"]

_IN_A_FOLDER = (VECTORS, TENSOR)


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
        path: a file of any format that Firth reads, compressed or not; the folder of a run (with its bootstrap, if
            any), of the hub or of the Embedding Projector; or that of a transformer (as `load_transformer` reads it).
        limit: int ≥ 1, only so many words from the first (in nearly all files the most frequent); None for all.
        format: the name of one (docs/formats.md has them all); None to tell it from the content.
        errors: whether words that are no UTF-8 are refused ("strict") or their bad bytes become � ("replace").
        on_event: told how far it has come, and what was left out or replaced, which stands in the record as well,
            under "notices"; and of a run's bootstrap that has not ended.

    Raises:
        SourceError: there is no such file, it is a pipe, or it cannot be opened.
        FormatError: the file is broken or of no known format.
        SettingsError: a path that is none, a limit below 1, or an unknown format.
    """
    return load_and_name(path, limit=limit, format=format, errors=errors, on_event=on_event)[0]


def load_and_name(
    path: str | os.PathLike[str],
    *,
    limit: int | None = None,
    format: str | None = None,  # noqa: A002
    errors: ByteErrors = "strict",
    on_event: Listener | None = None,
) -> tuple[WordVectors, str]:
    """Return word vectors and the name of the format that they were found in; arguments and errors as for `load`."""
    file = _checked(path, limit, errors)
    chosen = None if format is None else format_named(format)
    run: Path | None = None
    try:
        if file.is_dir():
            inside = next((file / name for name in _IN_A_FOLDER if (file / name).exists()), None)
            if inside is None and chosen is None and holds_transformer(file):
                return load_transformer(file, limit=limit, on_event=on_event), "transformer"
            run, file = file, _in_folder(file)
            if chosen is None and file.name == TENSOR:
                chosen = format_named("projector")
        chosen = chosen or format_of_content(file)
        if chosen.read is None:
            raise SettingsError(f"expected a format that can be read, got {chosen.title}, which Firth only writes")
        contents = chosen.read(file, limit=limit, errors=errors, on_event=on_event)
    except FileNotFoundError:
        raise SourceError(f"expected word vectors at {file}, but there is no such file or folder") from None
    except OSError as error:
        raise SourceError(f"could not open {file}: {error.strerror or error}") from error
    replicas = () if run is None else Replicas(run, contents.words, contents.record, limit=limit)
    if run is not None and on_event is not None and (run / BEGUN_NAME).exists():
        on_event(
            Notice(
                text=f"the bootstrap of {run} has not ended: {len(replicas)} of its runs are there, and "
                f"firth train --resume {run} trains the others"
            )
        )
    wv = WordVectors(
        contents.words,
        contents.matrix,
        contents.counts,
        output_matrix=contents.output_matrix,
        subwords=contents.subwords,
        record=contents.record,
        replicas=replicas,
    )
    return wv, chosen.name


def _checked(path: object, limit: int | None, errors: str) -> Path:
    if limit is not None and (not isinstance(limit, int | np.integer) or isinstance(limit, bool) or limit < 1):
        raise SettingsError(f"expected a limit of 1 or more words, got {limit!r}; leave it out for all")
    if errors not in ("strict", "replace"):
        raise SettingsError(f'expected errors="strict" or "replace", got {errors!r}')
    if not isinstance(path, str | os.PathLike):
        raise SettingsError(f"expected the path of a file or of a run's folder, got {path!r}")
    if "\0" in os.fspath(path):
        raise SourceError(f"expected the path of a file, got {os.fspath(path)!r} with a null character in it")
    file = Path(path)
    if file.is_fifo():
        raise SourceError(
            f"expected a file, got {file}, a pipe; vectors are read from more than one place in their file: write them "
            "to a file first"
        )
    return file


def _in_folder(folder: Path) -> Path:
    for name in _IN_A_FOLDER:
        if (folder / name).is_file():
            return folder / name
    if any(folder.glob("checkpoint-*.safetensors")):
        raise FormatError(
            f"expected the folder of a run that has ended, but the training in {folder} was broken off before it had "
            f"written its vectors; go on with it (firth train --resume {folder})"
        )
    raise FormatError(
        f"expected the folder of a run, which holds {_IN_A_FOLDER[0]}, or the Embedding Projector's with "
        f"{_IN_A_FOLDER[1]}, got {folder} without them"
    )
