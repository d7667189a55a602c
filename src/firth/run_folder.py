"""The folder of a run: claimed before hours are spent on what could not be written there, and held for one training."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from firth.begun_bootstrap import BEGUN_NAME, BegunBootstrap, begun_in
from firth.checkpoints import NAMES, Checkpoint, newest
from firth.errors import SettingsError, StorageError
from firth.run import PHRASES_NAME, RECORD_NAME, VECTORS_NAME
from firth.storage import LOCK_NAME, locked, refuse_held
from firth.vectors.replicas import FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Claim", "broken_off", "claimed"]


class Claim:
    """A folder that is held.

    Args:
        folder: where; None where nothing is to be written.
        goes_on: what a training that was broken off, or its bootstrap, goes on from; None where one begins.
    """

    def __init__(self, folder: Path | None, goes_on: Checkpoint | BegunBootstrap | None = None) -> None:
        self.folder, self.goes_on = folder, goes_on
        self.checkpoint = goes_on if isinstance(goes_on, Checkpoint) else None
        self.begun = goes_on if isinstance(goes_on, BegunBootstrap) else None


@contextmanager
def claimed(output: str | os.PathLike[str] | None, *, force: bool, resume: bool) -> Iterator[Claim]:
    """Hold the output folder of a training; it goes again if nothing was written there.

    Args:
        output: its name; None holds nothing.
        force: whether an earlier run there may be replaced.
        resume: whether a training that was broken off there shall go on.

    Raises:
        SettingsError: this names no folder.
        StorageError: it cannot be written, another training holds it, it has an earlier run that shall not be replaced,
            or nothing to go on from.
    """
    if output is None:
        if resume:
            raise SettingsError("expected the folder of the training that shall go on, got none; name it (output=)")
        yield Claim(None)
        return
    if not isinstance(output, str | os.PathLike) or not os.fspath(output):
        raise SettingsError(f"expected the name of a folder to write, got {output!r}")
    folder = Path(output)
    _refuse_unwritable(folder)
    if resume and not folder.is_dir():
        raise StorageError(f"expected the folder of a training that was broken off, but there is no {folder}")
    with locked(folder):
        names = (VECTORS_NAME, RECORD_NAME, PHRASES_NAME, BEGUN_NAME, *NAMES)
        for pattern in (*(f".*{name}.*.part" for name in names), f"{FOLDER}/.b*.safetensors.*.part"):
            for part in folder.glob(pattern):  # what a killed process left
                part.unlink(missing_ok=True)
        if resume:
            yield Claim(folder, _what_goes_on(folder))
        else:
            _refuse_what_is_there(folder, force=force)
            yield Claim(folder)


def _refuse_unwritable(folder: Path) -> None:
    try:
        there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    except OSError as error:
        raise StorageError(f"could not make the folder {folder}: {error.strerror}; choose another place") from None
    if not there.is_dir():
        raise StorageError(f"could not make the folder {folder}: {there} is a file; choose another place")
    if not os.access(there, os.W_OK):
        raise StorageError(f"could not write to {folder}: {there} is closed to writing; choose another place")


def broken_off(folder: Path) -> Checkpoint | BegunBootstrap:
    """Return what a training that was broken off, or its bootstrap, goes on from.

    Args:
        folder: of the run; nobody may hold it.

    Raises:
        StorageError: there is nothing to go on from, or a training is under way there.
        FormatError: the record of the bootstrap is broken.
    """
    if not folder.is_dir():
        what = f"{folder} is a file" if folder.exists() else f"there is no folder {folder}"
        raise StorageError(f"expected the folder of a training that was broken off, but {what}")
    refuse_held(folder)
    return _what_goes_on(folder)


def _what_goes_on(folder: Path) -> Checkpoint | BegunBootstrap:
    found = newest(folder) or begun_in(folder)
    if found is not None:
        return found
    if any((folder / name).exists() for name in NAMES):
        raise StorageError(
            f"expected a checkpoint in {folder} to go on from, but there is none that is whole; begin anew, and say "
            "that what is there shall be replaced (--force, force=True)"
        )
    if (folder / VECTORS_NAME).exists():
        raise StorageError(
            f"expected a checkpoint in {folder} to go on from, but there is none: that training has ended; one that "
            "was killed before it had written anything down is to be begun anew (--force, force=True)"
        )
    if (folder / RECORD_NAME).exists() or not (folder / LOCK_NAME).exists():
        raise StorageError(
            f"expected a checkpoint in {folder} to go on from, but there is none, and no training under way was broken "
            "off there; look for the right folder, or begin anew"
        )
    raise StorageError(
        f"expected a checkpoint in {folder} to go on from, but nothing has been written down there: the first comes "
        "after the seconds of --checkpoint-every (checkpoint_every=), 300 where not said; begin the training anew"
    )


def _refuse_what_is_there(folder: Path, *, force: bool) -> None:
    """Refuse to begin anew over what is there, unless that is wanted."""
    if not force and ((folder / BEGUN_NAME).exists() or any((folder / name).exists() for name in NAMES)):
        raise StorageError(
            f"expected a new folder, but a training was broken off in {folder}; go on with it (--resume, "
            "firth.resume), or say that it shall be replaced (--force, force=True)"
        )
    if not force and (folder / VECTORS_NAME).exists():
        raise StorageError(
            f"expected a new folder, but {folder} holds the vectors of an earlier run; choose another, or say that "
            "they shall be replaced (--force, force=True)"
        )
