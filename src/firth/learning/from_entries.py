"""Learning from a table's entries: how often words stand together is counted, and GloVe trained on each count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firth.contexts.cooccurrence import count_cooccurrences
from firth.demands import counting_memory, held_in_memory
from firth.distributed.counting import counted_by_rows, counter_of
from firth.distributed.tile_rounds import RoundsOfBlocks, TileRounds
from firth.errors import SettingsError
from firth.events import HeldOutLoss, Learning, Stage
from firth.learning.learned import Learned
from firth.objectives.reproducible_glove import SHARES, ReproducibleGloVe
from firth.training import trainer
from firth.training.held_out import share_of_entries
from firth.training.schedule import LinearSchedule

if TYPE_CHECKING:
    from collections.abc import Sized

    from firth.contexts.cooccurrence import Cooccurrences
    from firth.corpus.encoded import EncodedCorpus
    from firth.distributed.counting import PartitionedCounts
    from firth.distributed.engine import Engine
    from firth.events import Listener
    from firth.learning.from_text import Beginning
    from firth.objectives.glove import GloVe
    from firth.objectives.glove_model import GloVeModel
    from firth.objectives.tiles import Tiles
    from firth.training.settings import TrainingSettings
    from firth.training.trainer import Checkpoints

__all__ = ["learned_from_entries"]

_ENTRIES_IN_A_BLOCK = 400_000
"""A few hundredths of a second of work."""

_BLOCKS_TOGETHER = 10
"""How many blocks are one where several threads share a block: they wait for one another at its end."""


def learned_from_entries(
    objective: GloVe,
    corpus: EncodedCorpus,
    settings: TrainingSettings,
    *,
    on_event: Listener,
    checkpoints: Checkpoints | None = None,
    cluster: Engine | None = None,
    start: Beginning | None = None,
) -> Learned:
    """Count the text's company, and train GloVe on the counts, tile by tile; arguments as those of `learn`."""
    together = settings.reproducible
    counts: PartitionedCounts | Cooccurrences
    tiles: TileRounds | Tiles
    shared: tuple[RoundsOfBlocks, TileRounds] | None = None
    if cluster is not None and together and objective.order == "tiles" and start is None:
        model = _untrained(objective, corpus, settings)
        counts, tiles = _on_cluster(objective, corpus, model, settings, cluster, on_event)
        shared = RoundsOfBlocks(tiles.ends, _block_size(together=True), cluster.workers), tiles
    else:
        counts, own = _here(objective, corpus, settings, cluster, on_event)
        tiles = own
        model = _untrained(objective, corpus, settings)  # only now that the memory of counting is free again
        if start is not None:
            start.put_into(model, corpus, seed=settings.seed)
            model.fit_biases(own)
    held = len(tiles.held_out)
    if held == 0 and settings.patience is not None:
        raise SettingsError(
            f"expected a held-out loss for the patience of {settings.patience} epochs, but none of this text's "
            f"{len(counts):,} counts is held out; give a larger held_out (--held-out), or more text"
        )
    on_event(Stage(name="training"))
    on_event(Learning(words=corpus.vocabulary.words, vectors_of=model.vectors_of))
    outcome = trainer.train(
        ReproducibleGloVe(model, threads=settings.threads_together) if together and shared is None else model,
        _work(tiles, together=together), LinearSchedule(first=objective.rates[0], last=objective.rates[1]),
        epochs=settings.epochs or objective.default_epochs, threads=1 if together else settings.threads,
        seed=settings.seed, on_event=on_event, checkpoints=checkpoints, patience=settings.patience,
        shared=shared,
        measure=(lambda passes: HeldOutLoss(passes=passes, loss=model.held_out_loss(tiles))) if held else None,
    )  # fmt: skip
    model.restore_frozen()
    return Learned(
        words=model.input_vectors,
        outputs=model.output_vectors,
        outcome=outcome,
        facts={
            "cooccurrences": {"entries": len(counts), "total": counts.total, "held_out": held},
            **({} if shared is None else {"merging": shared[1].facts()}),
        },
        model=model,
    )


def _untrained(objective: GloVe, corpus: EncodedCorpus, settings: TrainingSettings) -> GloVeModel:
    return objective.over(corpus.vocabulary.words, corpus.vocabulary.counts, seed=settings.seed)


def _here(
    objective: GloVe, corpus: EncodedCorpus, settings: TrainingSettings, cluster: Engine | None, on_event: Listener
) -> tuple[Cooccurrences, Tiles]:
    """Return the counts, and their entries as this machine learns from them."""
    counts = count_cooccurrences(
        corpus, window=objective.window, weighting=objective.weighting, threads=settings.threads, on_event=on_event,
        memory=counting_memory(), counter=counter_of(cluster),
    )  # fmt: skip
    tiles = objective.arranged(
        counts, seed=settings.seed, threads=settings.threads, shares=SHARES if settings.reproducible else 1,
        held_out=_share(counts, corpus, settings), in_memory=held_in_memory(), on_event=on_event,
    )  # fmt: skip
    return counts, tiles


def _on_cluster(  # noqa: PLR0917 - what a training is made of
    objective: GloVe, corpus: EncodedCorpus, model: GloVeModel, settings: TrainingSettings, cluster: Engine,
    on_event: Listener,
) -> tuple[PartitionedCounts, TileRounds]:  # fmt: skip
    """Return the counts, and their entries, as the cluster's workers have them."""
    counts = counted_by_rows(
        cluster, corpus, window=objective.window, weighting=objective.weighting, memory=counting_memory(),
        on_event=on_event,
    )  # fmt: skip
    share = _share(counts, corpus, settings)
    tiles = TileRounds(cluster, counts, objective, model, held_out=share, seed=settings.seed, on_event=on_event)
    return counts, tiles


def _share(counts: Sized, corpus: EncodedCorpus, settings: TrainingSettings) -> float:
    """Return the share of the entries that is held out."""
    return share_of_entries(len(counts), share=settings.held_out, words=len(corpus.token_ids))


def _block_size(*, together: bool) -> int:
    """Return how many entries are learned from in one go."""
    return _ENTRIES_IN_A_BLOCK * (_BLOCKS_TOGETHER if together else 1)


def _work(tiles: TileRounds | Tiles, *, together: bool) -> trainer.Work:
    """Return what an epoch passes over."""
    return trainer.Work(
        material=tiles, ends=tiles.ends, units=int(tiles.ends[-1]), unit="entries",
        block_size=_block_size(together=together),
    )  # fmt: skip
