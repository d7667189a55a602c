"""Non-negative matrix factorisation: words as sums, never differences, of parts.

    M ≈ W·H,    W ≥ 0 (V, D),    H ≥ 0 (D, C),    ‖M − W·H‖² as small as can be reached

Every dimension is a part with words and contexts of its own, which can be read as a topic. Found by coordinate descent
from the singular vectors' non-negative parts, in scikit-learn.

Source: Lee and Seung 1999 (Nature 401); coordinate descent: Cichocki and Phan 2009; start: Boutsidis and
Gallopoulos 2008.
"""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from firth.errors import MissingExtraError, SettingsError
from firth.events import Notice
from firth.objectives.compressed_rows import CompressedRows
from firth.objectives.factors import Factors, check_width
from firth.objectives.room import IN_MEMORY

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from firth.events import Listener

__all__ = ["NMF"]


@dataclass(frozen=True, kw_only=True, slots=True)
class NMF:
    """Non-negative matrix factorisation, which needs the extra `sklearn`.

    Args:
        iterations: int in [1, 100000], passes over W and H at most.
        tolerance: float ≥ 0; it ends where a pass changes less than this share of what the first one did.
    """

    iterations: int = 200
    tolerance: float = 1e-4

    def __post_init__(self) -> None:
        """Refuse numbers that are none."""
        if not isinstance(self.iterations, int) or isinstance(self.iterations, bool) or self.iterations < 1:
            raise SettingsError(f"expected 1 or more iterations, got {self.iterations!r}; 200 are usual")
        if not isinstance(self.tolerance, int | float) or not 0 <= self.tolerance < 1:
            raise SettingsError(f"expected a tolerance from 0 to below 1, got {self.tolerance!r}; 0.0001 is usual")

    def factorize(
        self,
        matrix: csr_array | CompressedRows,
        *,
        dim: int,
        seed: int = 1,
        threads: int = 1,  # noqa: ARG002 - scikit-learn's descent has one
        in_memory: int = IN_MEMORY,  # noqa: ARG002 - it wants all of it
        on_event: Listener | None = None,
    ) -> Factors:
        """Return W, the words' vectors, and Hᵀ, the contexts'.

        Args:
            matrix: M ≥ 0, `scipy.sparse.csr_array` (V, C), or CompressedRows, float32.
            dim: D, int in [1, min(V, C)].
            seed: int ≥ 0, of the first singular vectors.
            threads: not used.
            in_memory: not used.
            on_event: told by a notice where the iterations did not suffice.

        Raises:
            SettingsError: the matrix has negative entries, or fewer rows or columns than D.
            MissingExtraError: scikit-learn is not installed.
        """
        begun = time.perf_counter()
        check_width(dim, matrix.shape)
        rows = CompressedRows.of(matrix)
        least = float(rows.values.min(initial=0))
        if least < 0:
            raise SettingsError(
                f"expected a matrix without negative entries for NMF, got one with {least:.3g}; keep positive=True, or "
                "factorise by SVD()"
            )
        model = _Model(self, dim, seed)
        words = model.fit(rows.to_scipy())
        if not model.has_converged and on_event:
            on_event(
                Notice(
                    text=f"the factorisation was still changing after {self.iterations:,} iterations; more of them, or "
                    "a higher tolerance, would end it"
                )
            )
        total = float(rows.squares().sum())
        error = model.error**2
        return Factors(
            words=np.ascontiguousarray(words, dtype=np.float32),
            contexts=np.ascontiguousarray(model.parts.T, dtype=np.float32),
            strengths=None,
            explained=max(0.0, 1 - error / total) if total > 0 else 0.0,
            rank=int(np.count_nonzero(words.any(axis=0))),
            seconds=time.perf_counter() - begun,
        )


class _Model:
    """scikit-learn's model, whose warning is an answer here."""

    def __init__(self, settings: NMF, dim: int, seed: int) -> None:
        try:
            from sklearn import decomposition  # noqa: PLC0415 - an optional library
        except ImportError:
            raise MissingExtraError.of("sklearn", "Non-negative matrix factorisation") from None
        self._model = decomposition.NMF(
            n_components=dim, init="nndsvda", max_iter=settings.iterations, tol=settings.tolerance,
            random_state=seed % 2**32,  # more than that scikit-learn does not take
        )  # fmt: skip
        self.has_converged = True

    def fit(self, matrix: csr_array) -> Any:
        from sklearn.exceptions import ConvergenceWarning  # noqa: PLC0415 - an optional library

        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", ConvergenceWarning)
            words = self._model.fit_transform(matrix)
        self.has_converged = not any(issubclass(warning.category, ConvergenceWarning) for warning in caught)
        return words

    @property
    def parts(self) -> Any:
        """H, float32 (D, C)."""
        return self._model.components_

    @property
    def error(self) -> float:
        """‖M − W·H‖."""
        return float(self._model.reconstruction_err_)
