"""Principal component analysis: the directions in which the words' rows differ most.

    M − 1·μᵀ ≈ U_D · Σ_D · V_Dᵀ,    μ the columns' means,    word vectors U_D · Σ_D

The truncated singular value decomposition of the centred matrix, which is never built: it would have no zeros.

Source: Pearson 1901; Hotelling 1933.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from firth.errors import SettingsError
from firth.objectives.factors import Factors, check_width
from firth.objectives.sparse_products import SparseProducts
from firth.objectives.svd import singular_triplets

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from firth.events import Listener

__all__ = ["PCA"]


@dataclass(frozen=True, kw_only=True, slots=True)
class PCA:
    """Principal component analysis.

    Args:
        whiten: whether every component is scaled to the variance 1, so that all count alike.
    """

    whiten: bool = False

    def __post_init__(self) -> None:
        """Refuse what is neither yes nor no."""
        if not isinstance(self.whiten, bool):
            raise SettingsError(f"expected whiten to be True or False, got {self.whiten!r}")

    def factorize(
        self, matrix: csr_array, *, dim: int, seed: int = 1, threads: int = 1, on_event: Listener | None = None
    ) -> Factors:
        """Return the words' components, and as context vectors the axes: float32 (C, D), of length 1.

        Args:
            matrix: M, `scipy.sparse.csr_array` (V, C), float32.
            dim: D, int in [1, min(V, C)].
            seed: int ≥ 0, of the random vectors to begin with.
            threads: int ≥ 1, for the products with the matrix.
            on_event: told of progress, and by a notice where the matrix has fewer than D dimensions.

        Raises:
            SettingsError: the matrix has fewer rows or columns than D.
        """
        begun = time.perf_counter()
        check_width(dim, matrix.shape)
        with SparseProducts(matrix, threads=threads, centred=True) as products:
            found = singular_triplets(products, dim, seed=seed, on_event=on_event)
            # Variances are σ² / (V − 1).
            scale = np.full(dim, np.sqrt(max(1, matrix.shape[0] - 1))) if self.whiten else found.values
            return Factors(
                words=np.ascontiguousarray(found.left * scale, dtype=np.float32),
                contexts=np.ascontiguousarray(found.right, dtype=np.float32),
                strengths=found.values,
                explained=found.explained(products),
                rank=found.rank,
                seconds=time.perf_counter() - begun,
            )
