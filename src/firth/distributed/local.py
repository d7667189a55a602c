"""The engine of one process: threads. The kernels give up the interpreter's lock, so that they run at once."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["LocalEngine"]


class LocalEngine:
    """Threads of this process.

    Args:
        threads: int ≥ 1.
    """

    shares_memory = True

    def __init__(self, threads: int) -> None:
        self.workers = threads
        self._pool = ThreadPoolExecutor(threads, "firth-shard")

    def put(self, value: Any) -> Any:
        """See `firth.distributed.engine.Engine`."""
        return value

    def start(self, work: Callable[..., Any], *arguments: Any, results: int = 1) -> list[Any]:
        """See `firth.distributed.engine.Engine`."""
        # Work is taken up in the order in which it was started, and only asks for results of work started before it:
        # some thread can always go on.
        whole = self._pool.submit(lambda: work(*map(_value, arguments)))
        return [whole] if results == 1 else [_Part(whole, number) for number in range(results)]

    def actor(self, make: Callable[..., Any], *arguments: Any) -> _LocalActor:
        """See `firth.distributed.engine.Engine`."""
        return _LocalActor(self, self.start(make, *arguments)[0])

    def wait_for(self, handle: Any) -> Any:
        """See `firth.distributed.engine.Engine`."""
        return _value(handle)

    def close(self) -> None:
        """See `firth.distributed.engine.Engine`."""
        self._pool.shutdown(cancel_futures=True)


class _Part:
    """The handle of one of several results."""

    def __init__(self, whole: Future[Any], number: int) -> None:
        self.whole, self.number = whole, number


class _End:
    """The end of some work, whatever became of it."""

    def __init__(self, handle: Any) -> None:
        self.work = handle.whole if isinstance(handle, _Part) else handle


def _value(argument: Any) -> Any:
    if isinstance(argument, _End):
        return wait([argument.work])
    if isinstance(argument, _Part):
        return argument.whole.result()[argument.number]
    return argument.result() if isinstance(argument, Future) else argument


class _LocalActor:
    """An object, and the last that was asked of it, which must end before the next begins."""

    def __init__(self, engine: LocalEngine, made: Future[Any]) -> None:
        self._engine, self._made = engine, made
        self._last: Any = made

    def call(self, method: str, *arguments: Any, results: int = 1) -> list[Any]:
        """See `firth.distributed.engine.Actor`."""

        def work(_: Any, actor: Any, *values: Any) -> Any:
            return getattr(actor, method)(*values)

        handles = self._engine.start(work, _End(self._last), self._made, *arguments, results=results)
        self._last = handles[0]
        return handles
