"""The kernels that an objective trains with, compiled or loaded before they are needed."""

from __future__ import annotations

import dataclasses
import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from firth.events import Notice
from firth.objectives.architecture import Architecture, SampledLoss
from firth.objectives.negative_sampling import NegativeSampling
from firth.objectives.reproducible import ReproducibleModel

if TYPE_CHECKING:
    from collections.abc import Callable

    from firth.events import Listener

__all__ = ["load_kernels", "loading_kernels"]


def loading_kernels(objective: Any, *, reproducible: bool, on_event: Listener) -> Callable[[], None]:
    """Compile an objective's kernels, or load them, while the text is read; return what waits for them.

    What goes wrong meanwhile is raised where it is waited for.

    Args:
        objective: what will be learned.
        reproducible: as for `load_kernels`.
        on_event: told where they are compiled.
    """
    from firth.kernels.jit import is_first_run  # noqa: PLC0415 - loads Numba

    if is_first_run():
        on_event(Notice(text="the first run compiles its kernels, some ten seconds; later runs start at once"))
    failed: list[Exception] = []

    def load() -> None:
        try:
            load_kernels(objective, reproducible=reproducible)
        except Exception as error:
            failed.append(error)

    thread = threading.Thread(target=load, daemon=True)
    thread.start()

    def wait() -> None:
        thread.join()
        if failed:
            raise failed[0]

    return wait


def load_kernels(objective: Any, *, reproducible: bool = False) -> None:
    """Compile the kernels that an objective trains with, or load them, so that its training begins at once.

    Two words are put through those of skip-gram and CBOW. Sampled losses take the same, and a chosen tree does not know
    the words. What counts loads its kernels as it counts.

    Args:
        objective: what will be learned.
        reproducible: whether by `TrainingSettings.reproducible`, whose kernels are others.
    """
    if not isinstance(objective, Architecture):
        return
    text = SimpleNamespace(
        token_ids=np.array([0, 1], dtype=np.int32), sentence_ends=np.array([2], dtype=np.int64), key=0, below=0
    )
    text.token_ids.flags.writeable = text.sentence_ends.flags.writeable = False
    is_sampled = isinstance(objective.loss, SampledLoss)
    tiny = dataclasses.replace(
        objective, dim=1, loss=NegativeSampling() if is_sampled else objective.loss, min_rate=None
    )
    model: Any = tiny.over(["a", "b"], np.array([2, 1], dtype=np.int64), seed=1)
    if reproducible and is_sampled:
        model = ReproducibleModel(model, threads=1)
    model.train_block(text, range(1), rates=(0.1, 0.1), seed=1, scratch=model.scratch(2))
