"""A weighed matrix of counts by ranges of its rows, each with a worker: what a factorisation needs, computed there.

Every worker has some rows of the matrix A and, after one exchange of entries, some rows of its transpose Aᵀ. A row of
A·B or of Aᵀ·B is then one worker's work, from the same numbers in the same order as on one machine: nothing is added up
across workers, and the bits are those of one machine, whatever the number of workers. Dense matrices travel, of as many
columns as the factorisation asks for at a time; the entries never do again, and never come to who began.

A worker that is lost is made again: its rows from the counts, which the cluster has still, its columns from the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from firth.distributed.counting import counted_by_rows
from firth.distributed.engine import ATTEMPTS, WorkerLostError, is_lost
from firth.distributed.held_rows import even_ranges, holder_of
from firth.distributed.matrix_rows import MatrixRows
from firth.errors import ClusterError
from firth.events import Notice, Stage
from firth.objectives.factorize import check_not_empty
from firth.objectives.nmf import NMF

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from firth.corpus.encoded import EncodedCorpus
    from firth.distributed.counting import PartitionedCounts
    from firth.distributed.engine import Actor, Engine
    from firth.events import Listener
    from firth.objectives.count_based import CooccurrenceBased
    from firth.objectives.factors import Factors

__all__ = ["RowPartitions", "can_be_partitioned", "factors_by_rows"]

_ENTRY = 8
"""Bytes of a column and a value."""


def can_be_partitioned(objective: CooccurrenceBased) -> bool:
    """Return whether an objective's factorisation asks for no more than products with the matrix."""
    return objective.factorization is not None and not isinstance(objective.factorization, NMF)


def factors_by_rows(
    engine: Engine, objective: CooccurrenceBased, corpus: EncodedCorpus, *, memory: int, seed: int, on_event: Listener
) -> tuple[Factors, dict[str, Any]]:
    """Count, weigh and factorise by the workers of an engine; return the vectors, and what was sent for them.

    Args:
        engine: whose workers do it.
        objective: one of which `can_be_partitioned` holds.
        corpus: the text.
        memory: bytes that one worker counts in.
        seed: int ≥ 0, of the random vectors with which the factorisation begins.
        on_event: told of stages, progress and notices.

    Raises:
        SettingsError: nothing is left of the counts.
        ClusterError: a worker was lost again and again.
    """
    factorization = objective.factorization
    assert factorization is not None and not isinstance(factorization, NMF)  # noqa: PT018, S101 - as was asked
    counts = counted_by_rows(
        engine, corpus, window=objective.window, weighting=objective.weighting, memory=memory, on_event=on_event
    )
    products = RowPartitions(engine, counts, objective, on_event=on_event)
    on_event(Stage(name="factorising on the cluster"))
    factors = factorization.factors(products, dim=objective.dim, seed=seed, on_event=on_event)
    return objective.finished(factors), products.facts()


class RowPartitions:
    """A weighed matrix's products with dense ones, by the workers of an engine: `firth.objectives.sparse_products`.

    Args:
        engine: whose workers hold the rows.
        counts: by ranges of rows.
        objective: how they are weighed; must be possible to pickle where the engine shares no memory.
        on_event: told of stages and progress, and by a Notice of each worker lost.

    Raises:
        SettingsError: nothing is left of the counts.
        ClusterError: a worker was lost again and again.
    """

    def __init__(
        self, engine: Engine, counts: PartitionedCounts, objective: CooccurrenceBased, *, on_event: Listener
    ) -> None:
        words = len(counts.row_sizes)
        self.shape = (words, words)
        self._engine, self._counts, self._on_event = engine, counts, on_event
        self._objective = engine.put(objective)
        self._rows = even_ranges(np.cumsum(counts.row_sizes), engine.workers)
        self._columns: list[range] = []
        self._is_weighed = False
        self._column_sums: npt.NDArray[np.float64] | None = None
        self.lost = 0
        """Workers that had to be made again."""
        self.products = self.sent = self.received = 0
        """Products with A or Aᵀ; bytes of dense matrices and entries that went to workers, and from them."""
        on_event(Stage(name="weighing the counts on the cluster"))
        self._holders: list[Actor] = [self._made(number) for number in range(len(self._rows))]
        nothing = np.zeros(words)
        self._column_sums = self._asked(lambda: self._chain("add_counts", nothing))[0]
        squares = self._asked(lambda: [self._weigh(number) for number in range(len(self._holders))])
        self._is_weighed = True
        self.square_sum = float(np.concatenate(squares).sum())
        check_not_empty(self.square_sum > 0)
        self._sizes = self._asked(lambda: self._chain("add_sizes", nothing.astype(np.int64)))[0]
        self._columns = even_ranges(np.cumsum(self._sizes), engine.workers)
        on_event(Stage(name="exchanging entries"))
        self._asked(lambda: [self._turn(number) for number in range(len(self._holders))])

    def times(self, dense: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
        """See `firth.objectives.sparse_products.Products`."""
        return self._gathered("times", np.ascontiguousarray(dense))

    def transposed_times(self, dense: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
        """See `firth.objectives.sparse_products.Products`."""
        return self._gathered("transposed_times", np.ascontiguousarray(dense))

    def gram_times(self, dense: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
        """See `firth.objectives.sparse_products.Products`: A·B goes from worker to worker."""

        def ask() -> list[Any]:
            given = self._engine.put(np.ascontiguousarray(dense))
            parts = [holder.call("times", given)[0] for holder in self._holders]
            return [holder.call("transposed_times", *parts)[0] for holder in self._holders]

        found = np.concatenate(self._asked(ask))
        self._note(2, dense.nbytes, self.shape[0] * dense.shape[1] * dense.itemsize, found.nbytes)
        return found

    def column_sums(self) -> npt.NDArray[np.float64]:
        """See `firth.objectives.sparse_products.Products`."""

        sums: npt.NDArray[np.float64] = self._asked(lambda: self._chain("add_columns", np.zeros(self.shape[1])))[0]
        return sums

    def facts(self) -> dict[str, Any]:
        """Return what the record of the run should say."""
        return {
            "workers": len(self._holders),
            "counts": len(self._counts),
            "entries": int(self._sizes.sum()),
            "products": self.products,
            "bytes_sent": self.sent,
            "bytes_received": self.received,
            "workers_lost": self.lost,
        }

    def _gathered(self, method: str, dense: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
        def ask() -> list[Any]:
            given = self._engine.put(dense)
            return [holder.call(method, given)[0] for holder in self._holders]

        found = np.concatenate(self._asked(ask))
        self._note(1, dense.nbytes, found.nbytes)
        return found

    def _note(self, products: int, *sizes: int) -> None:
        """Count products, and the bytes: what each worker gets of a dense matrix is all of it, what it gives a part."""
        self.products += products
        self.sent += len(self._holders) * sum(sizes[:-1])
        self.received += sum(sizes[1:])

    def _made(self, number: int) -> Actor:
        """Make a worker as far as the rows of the counts."""
        return holder_of(self._engine, self._counts, self._rows[number], MatrixRows, self.shape[1])

    def _chain(self, method: str, start: npt.NDArray[Any]) -> list[Any]:
        """Ask for a sum to which each worker in turn adds its rows', in the order of one machine."""
        handle: Any = start
        for holder in self._holders:
            handle = holder.call(method, handle)[0]
        return [handle]

    def _weigh(self, number: int) -> Any:
        return self._holders[number].call("weigh", self._objective, self._column_sums)[0]

    def _turn(self, number: int) -> Any:
        """Give a worker its columns' entries, from each worker in the order of the rows."""
        columns, holder = self._columns[number], self._holders[number]
        sizes = self._sizes[columns.start : columns.stop]
        holder.call("begin_turn", columns.start, sizes)
        for source, rows in zip(self._holders, self._rows, strict=True):
            (run,) = source.call("runs", columns.start, columns.stop)
            holder.call("turn", rows.start, run)
        self.received += int(sizes.sum()) * _ENTRY
        return holder.call("has_turned")[0]

    def _asked(self, ask: Callable[[], list[Any]]) -> list[Any]:
        """Return what workers answer; where some are lost, they are made again, and all are asked again."""
        for _ in range(ATTEMPTS):
            try:
                return [self._engine.wait_for(handle) for handle in ask()]
            except WorkerLostError:
                self._make_lost()
        raise ClusterError(
            f"expected workers that stay, but in {ATTEMPTS} attempts at the same product some were lost each time; "
            "look after their memory, then begin anew"
        )

    def _make_lost(self) -> None:
        """Make those that do not answer again, up to where they were."""
        asked = [holder.call("stands", self._is_weighed)[0] for holder in self._holders]
        lost = [number for number, handle in enumerate(asked) if is_lost(self._engine, handle)]
        if lost:
            self.lost += len(lost)
            self._on_event(Notice(text=f"{len(lost)} of {len(asked)} workers were lost; their rows are made again"))
        for number in lost:
            self._holders[number] = self._made(number)
            if self._is_weighed:
                self._weigh(number)
        if self._columns:
            # What one gave may have been lost on the way to another, which stands but has not all of its columns.
            turned = [holder.call("has_turned")[0] for holder in self._holders]
            for number in [number for number, handle in enumerate(turned) if is_lost(self._engine, handle)]:
                self._turn(number)
