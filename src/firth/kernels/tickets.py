"""How several threads inside one kernel share out a row of tasks, each in its turn, without the interpreter.

Tasks are numbered in the order in which one thread alone would do them. A thread takes the next number, waits until all
tasks that its own needs are done, does it, and says so. A thread that holds no number holds nobody up, so it does not
matter how many threads there are, nor when each of them comes or is put to sleep.

Where compilation is off, one thread takes every number and never has to wait.
"""

from __future__ import annotations

import ctypes
import os
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from numba.extending import intrinsic

from firth.kernels import llvm
from firth.kernels.jit import JIT_IS_OFF, kernel_part

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["say_done", "take_ticket", "tickets", "wait_for", "yielding"]

Numbers = npt.NDArray[np.int64]

_TAKEN, _DONE = 0, 16
"""Where the count of the tasks taken, and of those done, stands; a cache line apart."""

_PATIENCE = 4000
"""How often a thread looks, some tens of microseconds, before it lets others have its core."""


def _as_instructions(generator: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give an operation its machine form; where compilation is off, its definition is run."""
    return lambda definition: definition if JIT_IS_OFF else intrinsic(generator)


@_as_instructions(llvm.add_atomically)
def _add(numbers: Numbers, place: int, value: int) -> int:
    """Add to a number, with no other thread in between; return what it was."""
    before = int(numbers[place])
    numbers[place] += value
    return before


@_as_instructions(llvm.load_atomically)
def _look(numbers: Numbers, place: int) -> int:
    """Return a number as it is now; what other threads wrote before they changed it is seen from here on."""
    return int(numbers[place])


@_as_instructions(llvm.pause)
def _pause() -> None:
    """Tell the processor that this is a loop that waits."""


@_as_instructions(llvm.call_by_address)
def _call(address: int) -> None:
    """Call a function without arguments."""


def yielding() -> int:
    """Return the address of the system's function that lets another thread have the core, of the type int f()."""
    if os.name == "nt":
        function: Any = ctypes.windll.kernel32.SwitchToThread  # type: ignore[attr-defined, unused-ignore]
    else:
        function = ctypes.CDLL(None).sched_yield
    return int(ctypes.cast(function, ctypes.c_void_p).value or 0)


def tickets() -> Numbers:
    """Return the two counts, both zero."""
    return np.zeros(2 * _DONE, dtype=np.int64)


@kernel_part
def take_ticket(counts):
    """Return the number of the next task."""
    return _add(counts, _TAKEN, np.int64(1))


@kernel_part
def say_done(counts):
    """Say that a task is done."""
    _add(counts, _DONE, np.int64(1))


@kernel_part
def wait_for(counts, tasks, yield_address):
    """Wait until so many tasks are done."""
    looked = 0
    while _look(counts, _DONE) < tasks:
        _pause()
        looked += 1
        if looked > _PATIENCE:
            _call(yield_address)
