"""Checkpoints: a training written down so that it can go on as if it had never been broken off.

A checkpoint is a safetensors file: the model's arrays, and in the header's metadata

    state      JSON: how far the training is, see `firth.training.state`
    about      JSON: settings, text, versions: what must be the same when it goes on
    number     which checkpoint of the training it is, from 1
    sha256     of all the rest, in the order of the file

Two files take turns. Each is written beside and renamed over the older of the two when it is whole and on the disk, so
that whatever happens, a power cut in the midst of it among them, the newer of the two is left, and found by its
checksum.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from firth.errors import FormatError, SettingsError, StorageError
from firth.events import Notice
from firth.storage import synced, written_whole
from firth.vectors.formats.safetensors import Tensors

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy.typing as npt

    from firth.events import Listener

__all__ = ["Checkpoint", "Checkpoints", "check_interval", "newest"]

NAMES = ("checkpoint-1.safetensors", "checkpoint-2.safetensors")
_TYPES = {"<f4": "F32", "<f8": "F64", "<i8": "I64", "<i4": "I32"}


class Checkpoint:
    """One that was found whole.

    Args:
        path: the file.

    Raises:
        FormatError: it is broken, cut off, or no checkpoint.
        OSError: it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        tensors = Tensors(path)
        metadata = tensors.metadata
        self.path = path
        self.arrays: dict[str, npt.NDArray[Any]] = {name: tensors.array(name) for name in tensors}
        try:
            if metadata["sha256"] != _digest(metadata, self.arrays):
                raise FormatError(f"expected the checkpoint {path} as it was written, but its checksum is another")
            self.number = int(metadata["number"])
            self.state: dict[str, Any] = json.loads(metadata["state"])
            self.about: dict[str, Any] = json.loads(metadata["about"])
        except (KeyError, ValueError, RecursionError) as error:
            raise FormatError(f"expected a checkpoint in {path}, got a file without its records ({error})") from None


def newest(folder: Path) -> Checkpoint | None:
    """Return the newest whole checkpoint in a folder, or None where there is none.

    Args:
        folder: of a run.
    """
    found = []
    for name in NAMES:
        try:
            found.append(Checkpoint(folder / name))
        except (OSError, FormatError):
            continue
    return max(found, key=lambda checkpoint: checkpoint.number, default=None)


def check_interval(seconds: float | None) -> None:
    """Refuse a time between two checkpoints that cannot be.

    Args:
        seconds: ≥ 0; None writes none but at Ctrl-C.

    Raises:
        SettingsError: it is no such number.
    """
    if seconds is not None and not (
        isinstance(seconds, int | float) and not isinstance(seconds, bool) and 0 <= seconds < float("inf")
    ):
        raise SettingsError(
            f"expected 0 or more seconds between checkpoints, got {seconds!r}; 300 is usual, None writes none"
        )


class Checkpoints:
    """The checkpoints of one training: see `firth.training.trainer.Checkpoints`.

    Args:
        folder: of the run; it must be there.
        about: settings, text, versions, as JSON can hold them.
        every: seconds between two, ≥ 0; None writes one only when the training is interrupted.
        resumed: the one to go on from, or None.
        on_event: told where one could not be written, and at an interruption how to go on.
    """

    def __init__(
        self,
        folder: Path,
        about: Mapping[str, Any],
        *,
        every: float | None,
        resumed: Checkpoint | None,
        on_event: Listener,
    ) -> None:
        self.folder, self.about, self.every, self.on_event = folder, dict(about), every, on_event
        self._resumed = resumed
        self._number = 0 if resumed is None else resumed.number
        self._last = None if resumed is None else resumed.path.name
        self._next = self._due()

    def is_due(self) -> bool:
        """Return whether it is time for another."""
        return time.monotonic() >= self._next

    def _due(self) -> float:
        return float("inf") if self.every is None else time.monotonic() + self.every

    def read(self) -> tuple[dict[str, Any], Mapping[str, npt.NDArray[Any]]] | None:
        """Return the state and the arrays to go on from, once, or None."""
        resumed, self._resumed = self._resumed, None
        return None if resumed is None else (resumed.state, resumed.arrays)

    def write(self, state: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Write one in place of the older of the two; where that fails, the training goes on and the others stay.

        Args:
            state: how far the training is, as JSON can hold it.
            arrays: the model's, by name.
        """
        name = NAMES[0] if self._last == NAMES[1] else NAMES[1]
        try:
            _write(self.folder / name, state, self.about, self._number + 1, arrays)
        except StorageError as error:
            self.on_event(Notice(text=f"no checkpoint could be written, but the training goes on: {error}"))
        else:
            self._number, self._last = self._number + 1, name
        self._next = self._due()

    def remove(self) -> None:
        """Take them all away: the training has ended, or another begins in their place."""
        for name in NAMES:
            (self.folder / name).unlink(missing_ok=True)


def _write(
    path: Path,
    state: Mapping[str, Any],
    about: Mapping[str, Any],
    number: int,
    arrays: Mapping[str, npt.NDArray[Any]],
) -> None:
    """Write a checkpoint and wait until it is on the disk."""
    little = {name: np.ascontiguousarray(array, array.dtype.newbyteorder("<")) for name, array in arrays.items()}
    metadata = {"state": json.dumps(state), "about": json.dumps(about), "number": str(number)}
    metadata["sha256"] = _digest(metadata, little)
    header: dict[str, Any] = {"__metadata__": metadata}
    end = 0
    for name, array in little.items():
        start, end = end, end + array.nbytes
        header[name] = {"dtype": _TYPES[array.dtype.str], "shape": list(array.shape), "data_offsets": [start, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with written_whole(path) as part, part.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for array in little.values():
            file.write(array.reshape(-1).view(np.uint8).data)
        file.flush()
        os.fsync(file.fileno())
    synced(path.parent)


def _digest(metadata: Mapping[str, str], arrays: Mapping[str, npt.NDArray[Any]]) -> str:
    """Return the checksum of all but itself."""
    digest = hashlib.sha256()
    for key in ("state", "about", "number"):
        digest.update(metadata[key].encode() + b"\0")
    for name, array in arrays.items():
        digest.update(name.encode() + b"\0")
        digest.update(array.reshape(-1).view(np.uint8).data)
    return digest.hexdigest()
