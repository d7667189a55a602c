"""A text shared out to replicas of a model: by threads here, or on a cluster."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from firth.distributed.local import LocalEngine
from firth.distributed.replicas import Replicas
from firth.events import Notice
from firth.training.blocks import blocks_of
from firth.training.shards import Shards, Shares

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from firth.distributed.engine import Engine
    from firth.events import Listener
    from firth.objectives.architecture import Architecture
    from firth.training.held_out import SplitText
    from firth.training.trainer import Work

__all__ = ["shared_out"]


@contextmanager
def shared_out(
    objective: Architecture,
    words: Sequence[str],
    counts: npt.NDArray[np.int64],
    model: Any,
    *,
    text: SplitText,
    work: Work,
    shards: Shards,
    seed: int,
    threads: int,
    cluster: Engine | None,
    on_event: Listener,
) -> Iterator[tuple[Shares, Replicas]]:
    """Give the shares of a text and the replicas that learn them.

    Args:
        objective: what is learned, with a sampled loss.
        words: (V,) str, as the model was made with them.
        counts: int64 (V,), likewise.
        model: of that objective and those words.
        text: as the model takes it.
        work: what an epoch passes over, cut into blocks as the shards want it.
        shards: how it is shared out.
        seed: int ≥ 0, of the model's first vectors.
        threads: int ≥ 1, of this process.
        cluster: where the replicas shall be; None is here.
        on_event: told how the text is shared out, and of each merge.
    """
    scale = shards.scale(objective.shard_rate_growth)
    shares = Shares(blocks_of(work.ends, work.block_size), shards.count, shards.cut(int(work.ends[-1]))[1])
    on_event(
        Notice(
            text=f"{shards.count} shards learn at {scale:.2f} times the learning rate and are merged every "
            f"{work.block_size * shares.blocks_in_round:,} words of each"
        )
    )
    engine = LocalEngine(min(threads, shards.count)) if cluster is None else cluster
    try:
        yield (
            shares,
            Replicas(
                engine,
                model,
                model.dim,
                partial(_untrained, objective, words, counts, model.frozen, seed=seed),
                [text.share(sentences) for sentences in shares.groups],
                longest_group=int(np.diff(work.ends, prepend=0).max()),
                on_event=on_event,
            ),
        )
    finally:
        if cluster is None:
            engine.close()


def _untrained(
    objective: Architecture,
    words: Sequence[str],
    counts: npt.NDArray[np.int64],
    frozen: npt.NDArray[np.bool_] | None,
    *,
    seed: int,
) -> Any:
    model: Any = objective.over(words, counts, seed=seed)
    if frozen is not None:
        model.freeze(frozen)
    return model
