"""The threads of the linear algebra library, which adds in another order with another number of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from threadpoolctl import threadpool_limits

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from firth.training.settings import TrainingSettings

__all__ = ["bounded"]


def bounded(settings: TrainingSettings) -> AbstractContextManager[object]:
    """Bound the library's threads while a block of code runs.

    Args:
        settings: how many there are; one alone where the same bits shall come of any number.
    """
    same_bits = settings.reproducible or settings.shards is not None
    limits: AbstractContextManager[object] = threadpool_limits(1 if same_bits else settings.threads, user_api="blas")
    return limits
