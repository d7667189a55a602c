"""Learning from a table's entries: how often words stand together is counted, and GloVe trained on each count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firth.contexts.cooccurrence import count_cooccurrences
from firth.distributed.counting import counter_of
from firth.errors import SettingsError
from firth.events import HeldOutLoss, Learning, Stage
from firth.learning.learned import Learned
from firth.objectives.reproducible_glove import SHARES, ReproducibleGloVe
from firth.training import trainer
from firth.training.held_out import share_of_entries
from firth.training.schedule import LinearSchedule

if TYPE_CHECKING:
    from firth.corpus.encoded import EncodedCorpus
    from firth.distributed.engine import Engine
    from firth.events import Listener
    from firth.learning.from_text import Beginning
    from firth.objectives.glove import GloVe
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
    counts = count_cooccurrences(
        corpus, window=objective.window, weighting=objective.weighting, threads=settings.threads, on_event=on_event,
        counter=counter_of(cluster),
    )  # fmt: skip
    share = share_of_entries(len(counts), share=settings.held_out, words=len(corpus.token_ids))
    together = settings.reproducible
    tiles = objective.arranged(
        counts, seed=settings.seed, threads=settings.threads, held_out=share, shares=SHARES if together else 1,
        on_event=on_event,
    )  # fmt: skip
    held = len(tiles.held_out)
    if held == 0 and settings.patience is not None:
        raise SettingsError(
            f"expected a held-out loss for the patience of {settings.patience} epochs, but none of this text's "
            f"{len(counts):,} counts is held out; give a larger held_out (--held-out), or more text"
        )
    model = objective.over(corpus.vocabulary.words, corpus.vocabulary.counts, seed=settings.seed)
    if start is not None:
        start.put_into(model, corpus, seed=settings.seed)
        model.fit_biases(tiles)
    on_event(Stage(name="training"))
    on_event(Learning(words=corpus.vocabulary.words, vectors_of=model.vectors_of))
    outcome = trainer.train(
        ReproducibleGloVe(model, threads=settings.threads_together) if together else model,
        _work(tiles, together=together), LinearSchedule(first=objective.rates[0], last=objective.rates[1]),
        epochs=settings.epochs or objective.default_epochs, threads=1 if together else settings.threads,
        seed=settings.seed, on_event=on_event, checkpoints=checkpoints, patience=settings.patience,
        measure=(lambda passes: HeldOutLoss(passes=passes, loss=model.held_out_loss(tiles))) if held else None,
    )  # fmt: skip
    model.restore_frozen()
    return Learned(
        words=model.input_vectors,
        outputs=model.output_vectors,
        outcome=outcome,
        facts={"cooccurrences": {"entries": len(counts), "total": counts.total, "held_out": held}},
        model=model,
    )


def _work(tiles: Tiles, *, together: bool) -> trainer.Work:
    """Return what an epoch passes over."""
    block_size = _ENTRIES_IN_A_BLOCK * (_BLOCKS_TOGETHER if together else 1)
    return trainer.Work(
        material=tiles, ends=tiles.ends, units=len(tiles.entries), unit="entries", block_size=block_size
    )
