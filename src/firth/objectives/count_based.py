"""What count-based objectives have in common: count, weigh the counts, factorise the matrix.

They look at the text once. `needs` says what is to be counted: words in each other's company ("cooccurrences"), words
in documents ("documents"), or nothing but the words themselves ("vocabulary").
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, Literal, get_args

import numpy as np

from firth.contexts.distance_weights import Weighting
from firth.contexts.window import Window
from firth.errors import SettingsError
from firth.events import Stage
from firth.objectives.compressed_rows import CompressedRows
from firth.objectives.factorize import Factorization, check_dense, factorize
from firth.objectives.factors import Factors, check_width
from firth.objectives.room import IN_MEMORY
from firth.objectives.svd import SVD

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt
    from scipy.sparse import csr_array

    from firth.contexts.cooccurrence import Cooccurrences
    from firth.events import Listener

__all__ = ["CooccurrenceBased", "CountBased", "check_counts"]


@dataclass(frozen=True, kw_only=True, slots=True)
class CountBased:
    """Settings of an objective that weighs counts and factorises them.

    Args:
        dim: D, int in [1, 10000], numbers per word; not looked at where there is no factorisation.
        factorization: `SVD()`, `PCA()` or `NMF()`; None keeps the matrix's rows as they are.
    """

    needs: ClassVar[Literal["cooccurrences", "documents", "vocabulary"]]

    dim: int = 100
    factorization: Factorization | None = field(default_factory=SVD)

    def __post_init__(self) -> None:
        """Refuse settings that no vectors can be made with."""
        if not isinstance(self.dim, int) or isinstance(self.dim, bool) or not 1 <= self.dim <= 10_000:
            raise SettingsError(f"expected from 1 to 10000 dimensions, got {self.dim!r}; 100 to 300 are usual")
        if self.factorization is not None and not isinstance(self.factorization, Factorization):
            raise SettingsError(f"expected a factorisation, SVD(), PCA(), NMF() or None, got {self.factorization!r}")

    @property
    def default_epochs(self) -> int:
        """One: the text is counted, and not looked at again."""
        return 1

    def check_shape(self, shape: tuple[int, int]) -> None:
        """Refuse a matrix that these settings cannot be used with, before it is counted.

        Args:
            shape: the matrix's: words, and words or documents.

        Raises:
            SettingsError: it has fewer rows or columns than there are to be dimensions, or would be too large.
        """
        if self.factorization is None:
            check_dense(shape)
        else:
            check_width(self.dim, shape)

    def weighted(self, counts: csr_array) -> csr_array:
        """Return the matrix that is factorised.

        Args:
            counts: X, `scipy.sparse.csr_array` (V, C), each entry ≥ 0; is not changed.

        Returns:
            `scipy.sparse.csr_array` (V, C), float32.
        """
        raise NotImplementedError

    def vectors(
        self,
        counts: csr_array,
        *,
        seed: int = 1,
        threads: int = 1,
        in_memory: int = IN_MEMORY,
        on_event: Listener | None = None,
    ) -> Factors:
        """Weigh counts and factorise them.

        Args:
            counts: X, `scipy.sparse.csr_array` (V, C), each entry ≥ 0; is not changed.
            seed: int ≥ 0, of the random vectors with which a factorisation begins.
            threads: int ≥ 1.
            in_memory: int ≥ 0, bytes up to which the weighed matrix is held in memory, by rows and again by columns.
            on_event: told of stages, progress and notices.

        Raises:
            SettingsError: the counts cannot be, or not with these settings.
            MissingExtraError: an optional library is not installed.
        """
        self.check_shape(counts.shape)
        if on_event:
            on_event(Stage(name="weighing the counts"))
        matrix = self._weighed(counts, in_memory)
        if on_event and self.factorization is not None:
            on_event(Stage(name="factorising"))
        return factorize(
            matrix, self.factorization, dim=self.dim, seed=seed, threads=threads, in_memory=in_memory,
            on_event=on_event,
        )  # fmt: skip

    def _weighed(self, counts: csr_array, in_memory: int) -> csr_array | CompressedRows:  # noqa: ARG002
        return self.weighted(counts)


@dataclass(frozen=True, kw_only=True, slots=True)
class CooccurrenceBased(CountBased):
    """Settings of an objective that weighs how often words stand near each other.

    Args:
        dim: D, int in [1, 10000], numbers per word.
        factorization: `SVD()`, `PCA()` or `NMF()`; None keeps the matrix's rows as they are.
        window: int ≥ 1, the words to either side that are company, or a `Window`, of which only `left` and `right`
            count.
        weighting: what company at the distance d counts in a window that reaches R words: "harmonic" 1/d, GloVe's;
            "soft" (R − d + 1)/R, what word2vec's window does on average; "flat" 1.
        add_contexts: whether a word's vector is the sum of its word and its context vector (w + c).

    Source: Levy, Goldberg and Dagan 2015 (TACL 3), §3.1 (weighting) and §3.3 (w + c).
    """

    needs: ClassVar[Literal["cooccurrences", "documents", "vocabulary"]] = "cooccurrences"

    window: int | Window = 10
    weighting: Weighting = "harmonic"
    add_contexts: bool = False

    def __post_init__(self) -> None:
        """Refuse settings that no vectors can be made with."""
        CountBased.__post_init__(self)
        Window.of(self.window)
        if self.weighting not in get_args(Weighting):
            raise SettingsError(f'expected the weighting "harmonic", "flat" or "soft", got {self.weighting!r}')
        if self.add_contexts and not isinstance(self.factorization, SVD):
            raise SettingsError(
                "expected SVD() where context vectors are to be added, as only its two sides have the same scale, got "
                f"{self.factorization!r}"
            )

    def weighed(
        self,
        counts: CompressedRows,
        *,
        column_sums: npt.NDArray[np.float64] | None = None,
        in_memory: int = IN_MEMORY,
        folder: Path | None = None,
    ) -> CompressedRows:
        """Return the matrix that is factorised, or some rows of it.

        Args:
            counts: X or some of its rows, (some, C), each entry ≥ 0; only read, so that they may be mapped.
            column_sums: X_·c of the whole X, float64 (C,); None where these rows are the whole.
            in_memory: int ≥ 0, bytes; a larger matrix is written to a nameless file.
            folder: where that file goes; None for the cache folder.

        Raises:
            StorageError: there is no room for the file.
        """
        raise NotImplementedError

    def weighted(self, counts: csr_array) -> csr_array:
        """Return the matrix that is factorised: see `CountBased.weighted`."""
        return self.weighed(CompressedRows.of(check_counts(counts))).to_scipy()

    def vectors(
        self,
        counts: csr_array | Cooccurrences,
        *,
        seed: int = 1,
        threads: int = 1,
        in_memory: int = IN_MEMORY,
        on_event: Listener | None = None,
    ) -> Factors:
        """Weigh counts, which may be larger than the memory, and factorise them: see `CountBased.vectors`."""
        factors = CountBased.vectors(self, counts, seed=seed, threads=threads, in_memory=in_memory, on_event=on_event)
        return self.finished(factors)

    def finished(self, factors: Factors) -> Factors:
        """Return what a factorisation gave, the context vectors added where they are to be.

        Args:
            factors: of the weighed matrix.
        """
        if not self.add_contexts or factors.contexts is None:
            return factors
        if factors.contexts.shape != factors.words.shape:
            raise SettingsError(
                f"expected as many contexts as words where their vectors are to be added, got {len(factors.words):,} "
                f"words and {len(factors.contexts):,} contexts"
            )
        return replace(factors, words=factors.words + factors.contexts)

    def _weighed(self, counts: csr_array | Cooccurrences, in_memory: int) -> CompressedRows:
        # Counts of Firth's own were looked at when they were opened.
        rows = counts if hasattr(counts, "row_ends") else check_counts(counts)
        return self.weighed(CompressedRows.of(rows), in_memory=in_memory)


def check_counts(counts: csr_array) -> csr_array:
    """Return counts with each pair once, or refuse them.

    Args:
        counts: `scipy.sparse.csr_array` (V, C).

    Raises:
        SettingsError: one is negative, NaN or infinite.
    """
    least, largest = counts.data.min(initial=0), counts.data.max(initial=0)
    if not (least >= 0 and np.isfinite(largest)):
        raise SettingsError(f"expected counts that are finite and not negative, got from {least} to {largest}")
    if not counts.has_canonical_format:
        counts = counts.copy()
        counts.sum_duplicates()
    return counts
