"""The one decorator under which every kernel is compiled, and where compiled kernels are kept.

Numba names a cached kernel after its own file alone: edit a function that it calls in another file, and the old
machine code is loaded without a word. So the cache folder carries a hash of all kernel sources, and a stale kernel
can never be run.
"""

from __future__ import annotations

import hashlib
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numba
from numba import njit
from numba.core import config

from firth import storage
from firth.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["JIT_IS_OFF", "cache_folder", "is_first_run", "kernel", "kernel_part"]

numba_config: Any = config

JIT_IS_OFF: bool = bool(numba_config.DISABLE_JIT)
"""True where NUMBA_DISABLE_JIT is set: kernels then run as plain Python, for coverage and for the debugger."""


def cache_folder() -> Path:
    """Return the folder for compiled kernels: in Firth's cache, named by a hash of all sources."""
    here = Path(__file__).parent
    digest = hashlib.sha256(numba.__version__.encode())
    for source in sorted(here.glob("*.py")):
        digest.update(source.name.encode() + b"\0" + source.read_bytes() + b"\0")
    return storage.cache_folder() / f"kernels-{digest.hexdigest()[:16]}"


def is_first_run() -> bool:
    """Return whether the kernels have yet to be compiled; no where they cannot be kept, since that is so each time."""
    try:
        return not JIT_IS_OFF and not cache_folder().exists()
    except (OSError, StorageError):
        return False


# Numba counts references whenever an array is passed on, by atomic instructions that cost more than a small kernel's
# arithmetic. Without its run-time (`_nrt`) there is nothing to count, and nothing to allocate with.
_OPTIONS: dict[str, Any] = {
    "nogil": True, "fastmath": True, "error_model": "numpy", "boundscheck": False, "_nrt": False,
}  # fmt: skip

# Numba's setting is the process's, and kernels are loaded in the background while others are needed in front. Without
# this, one thread puts the setting back while Numba reads it for another, whose kernel is then kept in the working
# folder, under a name that does not change with the sources.
_choosing_the_place = threading.Lock()


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function to machine code at its first call, and keep the result for later processes.

    The code runs without the interpreter's lock, with float arithmetic that may be reordered, without bounds checks
    and with NumPy's division (x / 0 is inf). A kernel allocates nothing: its caller brings all arrays, results and
    working memory alike. Where no folder can be written, it is compiled anew in each process.
    """
    with _choosing_the_place:
        before = numba_config.CACHE_DIR
        try:
            # Only for the moment of decoration, when Numba chooses the place: other libraries' kernels stay where they
            # are.
            numba_config.CACHE_DIR = str(cache_folder())
            return _forgiving(njit(cache=True, **_OPTIONS)(function))
        except (RuntimeError, OSError, StorageError):
            return njit(**_OPTIONS)(function)
        finally:
            numba_config.CACHE_DIR = before


def _forgiving(dispatcher: Any) -> Any:
    """Let a compiled kernel run where it cannot be kept: a full disk costs later processes time, no more."""
    cache = getattr(dispatcher, "_cache", None)
    if cache is not None and hasattr(cache, "save_overload"):
        save = cache.save_overload

        def save_if_possible(signature: Any, data: Any) -> None:
            with suppress(OSError):
                save(signature, data)

        cache.save_overload = save_if_possible
    return dispatcher


def kernel_part(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function that is built into each kernel that calls it, and so costs no call.

    Numba passes an array as seven numbers; a call with a handful of arrays costs more than many a part's arithmetic.
    """
    return njit(forceinline=True, **_OPTIONS)(function)
