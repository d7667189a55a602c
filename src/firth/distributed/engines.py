"""The engine that an address stands for."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from firth.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firth.distributed.engine import Engine

__all__ = ["connected"]


@contextmanager
def connected(cluster: str | None, *, workers: int) -> Iterator[Engine | None]:
    """Give the engine of a cluster, and let go of it at the end.

    Args:
        cluster: "local", "auto" or the address of a Ray cluster's head; None gives None, for this process alone.
        workers: int ≥ 1, of a cluster begun on this machine.

    Raises:
        SettingsError: this is no address.
        MissingExtraError: Ray is not installed.
        ClusterError: there is no cluster at the address.
    """
    if cluster is None:
        yield None
        return
    if not isinstance(cluster, str) or not cluster.strip():
        raise SettingsError(
            f'expected a cluster as "local", "auto" or an address such as "10.0.0.1:6379", got {cluster!r}'
        )
    from firth.distributed.ray_cluster import RayEngine  # noqa: PLC0415 - only who asks for Ray waits for it

    engine = RayEngine(cluster, workers=workers)
    try:
        yield engine
    finally:
        engine.close()
