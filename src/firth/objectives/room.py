"""Room for entries that may be more than fit into memory: an array, or a file without a name, mapped.

Such a file is gone when nobody holds it any more, even where the process is killed. The system writes its pages to the
disk and takes their memory back wherever it needs that, so that only those at work must fit.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from typing import TYPE_CHECKING, Any

import numpy as np

from firth import storage
from firth.errors import StorageError

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

__all__ = ["IN_MEMORY", "room"]

IN_MEMORY = 1 << 30
"""Bytes up to which entries are held in memory, unless another number is named."""


def room(
    entries: int, dtype: npt.DTypeLike, *, in_memory: int = IN_MEMORY, folder: Path | None = None
) -> npt.NDArray[Any]:
    """Return an array whose contents do not matter yet: in memory, or in a file where it is larger than that allows.

    Args:
        entries: int ≥ 0, how many.
        dtype: of each.
        in_memory: int ≥ 0, bytes.
        folder: where the file would go; None for the cache folder.

    Raises:
        StorageError: there is no room for the file.
    """
    size = entries * np.dtype(dtype).itemsize
    if size <= in_memory:
        return np.empty(entries, dtype=dtype)
    folder = folder or storage.cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            _take(file.fileno(), size, folder)
            return np.memmap(file, dtype, "r+", shape=(entries,))
    except OSError as error:
        raise StorageError(
            f"could not arrange the counts in {folder}, which takes {size:,} bytes: {error.strerror or error}; free "
            "some space, or choose another folder (the environment's FIRTH_CACHE)"
        ) from error


def _take(file: int, size: int, folder: Path) -> None:
    """Make sure that the disk has the room: writing to a mapped file that finds it full ends the process."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file, 0, size)
    elif shutil.disk_usage(folder).free < size:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
