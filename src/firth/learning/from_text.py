"""Learning from the text itself: skip-gram and CBOW, block by block, epoch by epoch."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from firth.distributed.shared_text import shared_out
from firth.errors import SettingsError
from firth.events import HeldOutLoss, Learning, Notice, Stage
from firth.learning import linear_algebra
from firth.learning.learned import Learned
from firth.objectives.architecture import WholeVocabularyLoss
from firth.objectives.reproducible import ReproducibleModel
from firth.training import trainer
from firth.training.blocks import blocks_of, stream_seed
from firth.training.held_out import FEWEST_WORDS, SplitText, choose
from firth.training.schedule import LinearSchedule

if TYPE_CHECKING:
    import numpy.typing as npt

    from firth.corpus.encoded import EncodedCorpus
    from firth.distributed.engine import Engine
    from firth.distributed.replicas import Replicas
    from firth.events import Listener
    from firth.objectives.architecture import Architecture
    from firth.objectives.whole_vocabulary import WholeVocabularyModel
    from firth.training.held_out import HeldOutSentences
    from firth.training.settings import TrainingSettings
    from firth.training.shards import Shards, Shares
    from firth.training.trainer import Checkpoints

__all__ = ["Beginning", "learned_from_text"]

_WORDS_IN_A_BLOCK = 50_000
_WORDS_IN_A_DENSE_BLOCK = 5_000
"""A few hundredths of a second of work; of the dense one's, a second."""


class Beginning(Protocol):
    """A model to go on from: what it makes of a text's counts, and how it is put into a new model of that text."""

    def __len__(self) -> int: ...
    def counts(self, corpus: EncodedCorpus) -> npt.NDArray[np.int64]: ...  # noqa: D102
    def put_into(self, model: Any, corpus: EncodedCorpus, *, seed: int) -> None: ...  # noqa: D102


def learned_from_text(
    objective: Architecture,
    corpus: EncodedCorpus,
    settings: TrainingSettings,
    *,
    on_event: Listener,
    checkpoints: Checkpoints | None = None,
    cluster: Engine | None = None,
    start: Beginning | None = None,
) -> Learned:
    """Train skip-gram or CBOW; where there is a start, on from there; arguments as those of `learn`."""
    words, seed, shards = corpus.vocabulary.words, settings.seed, settings.shards
    counts = corpus.vocabulary.counts if start is None else start.counts(corpus)
    model: Any = objective.over(words, counts, seed=seed)
    if start is not None:
        start.put_into(model, corpus, seed=seed)
    if model.tree is not None:
        on_event(Notice(text=model.tree.summary))
    dense = isinstance(objective.loss, WholeVocabularyLoss)
    # Shards give the same bits by themselves.
    together = settings.reproducible and not dense and shards is None
    if together:
        model = ReproducibleModel(model, threads=settings.threads_together)
    held_out = _held_out(corpus, settings, on_event)
    text = SplitText(corpus.token_ids, corpus.sentence_ends, held_out)
    work = _work(corpus, text, shards, dense=dense)
    if dense and start is not None:
        _begin_sums(model, work, settings, old=len(start), on_event=on_event)
    replicas: AbstractContextManager[tuple[Shares, Replicas] | None] = nullcontext()
    if shards is not None:
        replicas = shared_out(
            objective, words, counts, model, text=text, work=work, shards=shards, seed=seed,
            threads=settings.threads, cluster=cluster, on_event=on_event,
        )  # fmt: skip
    on_event(Stage(name="training"))
    on_event(Learning(words=words, vectors_of=lambda rows: model.input_vectors[rows]))
    # Products with the whole vocabulary are the linear algebra library's, which has threads of its own.
    with linear_algebra.bounded(settings) if dense else nullcontext(), replicas as shared:
        outcome = trainer.train(
            model, work, _schedule(objective, shards),
            epochs=settings.epochs or objective.default_epochs,
            threads=1 if dense or together or shards is not None else settings.threads,
            seed=seed, on_event=on_event, patience=settings.patience, checkpoints=checkpoints, shared=shared,
            measure=partial(_measured, model, text, settings) if len(held_out) else None,
        )  # fmt: skip
    outputs = model.output_vectors
    return Learned(
        words=np.ascontiguousarray(model.input_vectors),
        # The vectors of a tree's inner nodes belong to no word and stay behind.
        outputs=np.ascontiguousarray(outputs) if len(outputs) == len(corpus.vocabulary) else None,
        outcome=outcome,
        facts=_facts(model, held_out, None if shared is None else shared[1]),
        model=model,
    )


def _begin_sums(
    model: WholeVocabularyModel, work: trainer.Work, settings: TrainingSettings, *, old: int, on_event: Listener
) -> None:
    """Go through the new text without learning: AdaGrad's sums, which no model's file holds, begin at what it asks."""
    on_event(Stage(name="reading what the new text asks of the model"))
    blocks = blocks_of(work.ends, work.block_size)
    with linear_algebra.bounded(settings):
        drawn = ((block.groups, stream_seed(settings.seed, 0, block.number)) for block in blocks)
        model.begin_sums(work.material, drawn, old=old)


def _held_out(corpus: EncodedCorpus, settings: TrainingSettings, on_event: Listener) -> HeldOutSentences:
    """Return the sentences of a text that are not trained on, and say where there are none.

    Raises:
        SettingsError: patience with a text of which nothing is held out.
    """
    share, patience = settings.held_out, settings.patience
    chosen = choose(corpus.sentence_ends, share=share, seed=settings.seed)
    if len(chosen) == 0 and patience is not None:
        raise SettingsError(
            f"expected a held-out loss for the patience of {patience} epochs, but no sentence of this text of "
            f"{len(corpus.token_ids):,} words is held out; give a larger held_out (--held-out), or more text"
        )
    if len(chosen) == 0 and share != 0 and len(corpus.token_ids) >= FEWEST_WORDS:
        on_event(Notice(text="the text has so few sentences that none is held out, and so there is no held-out loss"))
    return chosen


def _measured(model: Any, text: SplitText, settings: TrainingSettings, passes: float) -> HeldOutLoss | None:
    """Return the loss on what is held out after so many passes; None where it asks nothing."""
    with linear_algebra.bounded(settings):
        tally = model.held_out_tally(text, threads=settings.threads)
        perplexity = model.perplexity(text, tally)
    if not tally.decisions:
        return None
    return HeldOutLoss(
        passes=passes,
        loss=tally.loss / tally.decisions,
        per_token=tally.loss / tally.centres,
        perplexity=perplexity,
    )


def _work(corpus: EncodedCorpus, text: SplitText, shards: Shards | None, *, dense: bool) -> trainer.Work:
    """Return what an epoch passes over, in blocks as the loss, or the shards, want them."""
    size = _WORDS_IN_A_DENSE_BLOCK if dense else _WORDS_IN_A_BLOCK
    if shards is not None:
        size = shards.cut(len(corpus.token_ids))[0]
    return trainer.Work(material=text, ends=corpus.sentence_ends, units=corpus.word_total, block_size=size)


def _schedule(objective: Architecture, shards: Shards | None) -> LinearSchedule:
    """Return the learning rate's way: the objective's, higher where copies are merged."""
    scale = 1.0 if shards is None else shards.scale(objective.shard_rate_growth)
    first, last = objective.rates
    return LinearSchedule(first=first * scale, last=last * scale)


def _facts(model: Any, held_out: HeldOutSentences, replicas: Replicas | None) -> dict[str, Any]:
    """Return what the record of the run should say besides."""
    facts: dict[str, Any] = {"held_out_sentences": len(held_out), "held_out_words": held_out.words}
    if replicas is not None:
        facts["merging"] = replicas.facts()
    if model.tree is not None:
        facts["tree"] = model.tree.facts()
    return facts
