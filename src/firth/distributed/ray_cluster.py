"""The engine of many machines: tasks and actors of a Ray cluster."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, Any

from firth.distributed.engine import WorkerLostError
from firth.errors import ClusterError, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["RayEngine"]

_LEAST_STORE = 80 << 20
_STORE = 512 << 20
"""Bytes for what is on its way, on a machine whose Ray is begun here; what is more goes to disk."""

_CONNECT_SECONDS = 10.0


class RayEngine:
    """A Ray cluster, begun on this machine or found at an address.

    Args:
        address: "local" begins one on this machine alone, which ends with this process; "auto" takes the one that this
            machine belongs to; else where its head is, "10.0.0.1:6379".
        workers: int ≥ 1, how much a cluster begun here does at once; another has as many as it has cores.
        store: bytes, int ≥ 80 MiB, for what is on its way in a cluster begun here.

    Raises:
        MissingExtraError: Ray is not installed.
        ClusterError: there is none at the address.
    """

    shares_memory = False

    def __init__(self, address: str, *, workers: int, store: int = _STORE) -> None:
        self._ray = _imported()
        self._is_ours = not self._ray.is_initialized()
        if self._is_ours:
            self._begin(address, workers, max(store, _LEAST_STORE))
        self.workers = max(1, int(self._ray.cluster_resources().get("CPU", 1)))

    def _begin(self, address: str, workers: int, store: int) -> None:
        quiet = {"logging_level": "error", "log_to_driver": False}
        here = {"num_cpus": workers, "include_dashboard": False, "object_store_memory": store}
        try:
            if address == "local":
                self._ray.init(address="local", **here, **quiet)
            else:
                _refuse_silent(address)
                self._ray.init(address=address, **quiet)
        except Exception as error:  # Ray raises bare ones, too
            first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            raise ClusterError(
                f'expected a Ray cluster at {address!r}, but none could be reached ({first}); give "local" for one on '
                'this machine, or the address that "ray start --head" printed'
            ) from None

    def put(self, value: Any) -> Any:
        """See `firth.distributed.engine.Engine`."""
        return self._ray.put(value)

    def start(self, work: Callable[..., Any], *arguments: Any, results: int = 1) -> list[Any]:
        """See `firth.distributed.engine.Engine`."""
        # Tasks wait beside actors that hold the cores, and would wait for ever if they asked for one.
        remote = self._ray.remote(num_cpus=0, num_returns=results, max_retries=3, scheduling_strategy="SPREAD")(work)
        return _listed(remote.remote(*arguments))

    def actor(self, make: Callable[..., Any], *arguments: Any) -> _RayActor:
        """See `firth.distributed.engine.Engine`."""
        remote = self._ray.remote(num_cpus=0, max_restarts=0, scheduling_strategy="SPREAD")(_Holder)
        return _RayActor(remote.remote(make, *arguments))

    def wait_for(self, handle: Any) -> Any:
        """See `firth.distributed.engine.Engine`."""
        errors = self._ray.exceptions
        try:
            return self._ray.get(handle)
        except errors.RayTaskError as error:
            cause = error.cause
            while isinstance(cause, errors.RayTaskError):
                cause = cause.cause
            if isinstance(cause, errors.RayError):
                raise WorkerLostError(str(cause)) from None
            raise (cause if isinstance(cause, Exception) else error) from None
        except errors.OutOfMemoryError as error:
            raise ClusterError(f"expected workers with memory enough, but one ran out of it: {error}") from None
        except errors.RayError as error:
            raise WorkerLostError(str(error)) from None

    def close(self) -> None:
        """See `firth.distributed.engine.Engine`."""
        if self._is_ours and self._ray.is_initialized():
            self._ray.shutdown()


class _Holder:
    """Holds the object in the process of its actor."""

    def __init__(self, make: Callable[..., Any], *arguments: Any) -> None:
        self._object = make(*arguments)

    def call(self, method: str, *arguments: Any) -> Any:
        return getattr(self._object, method)(*arguments)


class _RayActor:
    def __init__(self, handle: Any) -> None:
        self._handle = handle

    def call(self, method: str, *arguments: Any, results: int = 1) -> list[Any]:
        """See `firth.distributed.engine.Actor`."""
        return _listed(self._handle.call.options(num_returns=results).remote(method, *arguments))


def _refuse_silent(address: str) -> None:
    """Raise OSError where nobody listens at HOST:PORT, for which Ray would go on asking for minutes."""
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if colon and port.isdecimal():
        socket.create_connection((host.strip("[]"), int(port)), timeout=_CONNECT_SECONDS).close()


def _listed(handles: Any) -> list[Any]:
    return handles if isinstance(handles, list) else [handles]


def _imported() -> Any:
    # Ray reads both when it is imported.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    try:
        import ray  # noqa: PLC0415
        import ray.exceptions  # noqa: PLC0415
    except ImportError:
        raise MissingExtraError.of("ray", "Training on a cluster") from None
    return ray
