"""What takes a while to make is made once, by the first thread that asks for it; the others wait for it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Once"]

_Made = TypeVar("_Made")


class Once(Generic[_Made]):
    """What is made when it is first asked for, and then kept.

    Args:
        make: makes it. What it raises is raised again, and the next who asks tries anew.
    """

    def __init__(self, make: Callable[[], _Made]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: list[_Made] = []

    def __call__(self) -> _Made:
        """Return it."""
        with self._lock:
            if not self._made:
                self._made.append(self._make())
            return self._made[0]
