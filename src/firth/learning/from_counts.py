"""Learning from counts: what words come with is counted once, the counts are weighed, and factorised."""

from __future__ import annotations

import time
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import numpy as np

from firth.contexts.cooccurrence import count_cooccurrences
from firth.contexts.documents import count_documents
from firth.demands import counting_memory, held_in_memory
from firth.distributed.counting import counter_of
from firth.distributed.row_partitions import can_be_partitioned, factors_by_rows
from firth.events import Stage
from firth.learning import linear_algebra
from firth.learning.learned import Learned
from firth.objectives.count_based import CooccurrenceBased
from firth.training.trainer import Outcome

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from firth.contexts.cooccurrence import Cooccurrences
    from firth.corpus.encoded import EncodedCorpus
    from firth.distributed.engine import Engine
    from firth.events import Listener
    from firth.objectives.count_based import CountBased
    from firth.training.settings import TrainingSettings

__all__ = ["learned_from_counts"]


def learned_from_counts(
    objective: CountBased,
    corpus: EncodedCorpus,
    settings: TrainingSettings,
    *,
    on_event: Listener,
    cluster: Engine | None = None,
) -> Learned:
    """Count once what the objective needs, weigh the counts and factorise them; arguments as those of `learn`."""
    start, words = time.perf_counter(), len(corpus.vocabulary)
    documents = len(corpus.document_ends)
    objective.check_shape((words, documents if objective.needs == "documents" else words))
    told: dict[str, Any] = {}
    with linear_algebra.bounded(settings) if settings.reproducible else nullcontext():
        if cluster is not None and isinstance(objective, CooccurrenceBased) and can_be_partitioned(objective):
            factors, told["partitions"] = factors_by_rows(
                cluster, objective, corpus, memory=counting_memory(), seed=settings.seed, on_event=on_event
            )
        else:
            counts = _counts(objective, corpus, threads=settings.threads, on_event=on_event, cluster=cluster)
            factors = objective.vectors(
                counts, seed=settings.seed, threads=settings.threads, in_memory=held_in_memory(), on_event=on_event
            )
    outcome = Outcome(
        history=(), seconds=time.perf_counter() - start, units=corpus.word_total, unit="words", interrupted=False
    )
    strengths = None if factors.strengths is None else factors.strengths.tolist()
    facts: dict[str, Any] = {"explained": factors.explained, "rank": factors.rank, "strengths": strengths}
    return Learned(
        words=factors.words,
        # Only where words stand with words is there a context vector for each of them.
        outputs=factors.contexts if objective.needs == "cooccurrences" else None,
        outcome=outcome,
        facts={"factors": facts, **told},
    )


def _counts(
    objective: CountBased, corpus: EncodedCorpus, *, threads: int, on_event: Listener, cluster: Engine | None
) -> csr_array | Cooccurrences:
    """Return the counts that an objective needs, with a row for each word."""
    from scipy.sparse import csr_array  # noqa: PLC0415 - SciPy takes a while to load

    words = len(corpus.vocabulary)
    if isinstance(objective, CooccurrenceBased):
        return count_cooccurrences(
            corpus, window=objective.window, weighting=objective.weighting, threads=threads, on_event=on_event,
            memory=counting_memory(), counter=counter_of(cluster),
        )  # fmt: skip
    if objective.needs == "documents":
        on_event(Stage(name="counting words in documents"))
        return count_documents(corpus.token_ids, corpus.document_ends, words)
    return csr_array((words, 1), dtype=np.float32)
