"""An engine: where work is done that can be done apart. All that the rest of this folder knows of threads or clusters.

What is started gives a **handle** to its result, which may be an argument of what is started next: on a cluster the
result then goes from one machine to the other and never through this process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from firth.errors import ClusterError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ATTEMPTS", "Actor", "Engine", "WorkerLostError", "is_lost", "lost_again_and_again"]

ATTEMPTS = 5
"""How often the same work is begun before a cluster counts as one that cannot do it."""


class WorkerLostError(Exception):
    """A worker died with what it held. Whoever waits for its result begins its work again, elsewhere."""


class Actor(Protocol):
    """An object that lives where its work is done, and does one thing after the other."""

    def call(self, method: str, *arguments: Any, results: int = 1) -> list[Any]:
        """Start a method of the object; return handles of its results, as many as were asked for.

        Args:
            method: its name.
            arguments: values or handles.
            results: int ≥ 1; of 2 and more, the method returns a sequence of so many.
        """
        ...


class Engine(Protocol):
    """Where work is done."""

    @property
    def workers(self) -> int:
        """How much work can be done at once, ≥ 1."""
        ...

    @property
    def shares_memory(self) -> bool:
        """Whether arguments reach the work as they are, rather than as copies that cannot be changed."""
        ...

    def put(self, value: Any) -> Any:
        """Return a handle of a value, for work that is started several times with it."""
        ...

    def start(self, work: Callable[..., Any], *arguments: Any, results: int = 1) -> list[Any]:
        """Start a function without a state; return handles as `Actor.call` does. Done again where its worker dies."""
        ...

    def actor(self, make: Callable[..., Any], *arguments: Any) -> Actor:
        """Make an object where there is room.

        Args:
            make: returns the object.
            arguments: values or handles.
        """
        ...

    def wait_for(self, handle: Any) -> Any:
        """Return a result when it is there.

        Raises:
            WorkerLostError: it will never be.
            Exception: whatever the work raised.
        """
        ...

    def close(self) -> None:
        """End all that is under way and let the workers go."""
        ...


def is_lost(engine: Engine, handle: Any) -> bool:
    """Wait for a result, and return whether it was lost with its worker.

    Args:
        engine: that does the work.
        handle: of the result.

    Raises:
        Exception: whatever the work raised.
    """
    try:
        engine.wait_for(handle)
    except WorkerLostError:
        return True
    return False


def lost_again_and_again(doing: str) -> ClusterError:
    """Return the error for work that was lost with its worker in all attempts.

    Args:
        doing: when that was, "while …".
    """
    return ClusterError(
        f"expected workers that stay, but one was lost again and again {doing}; look after their memory, then "
        "begin anew"
    )
