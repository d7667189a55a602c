"""Principal component analysis: the directions in which the words' rows differ most.

    M − 1·μᵀ ≈ U_D · Σ_D · V_Dᵀ,    μ the columns' means,    word vectors U_D · Σ_D

The truncated singular value decomposition of the centred matrix, which is never built: it would have no zeros.

Source: Pearson 1901; Hotelling 1933.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from firth.errors import SettingsError
from firth.objectives.factors import Factors, check_width
from firth.objectives.room import IN_MEMORY
from firth.objectives.sparse_products import Centred, SparseProducts
from firth.objectives.svd import singular_triplets

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from firth.events import Listener
    from firth.objectives.compressed_rows import CompressedRows
    from firth.objectives.sparse_products import Products

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
        self,
        matrix: csr_array | CompressedRows,
        *,
        dim: int,
        seed: int = 1,
        threads: int = 1,
        in_memory: int = IN_MEMORY,
        on_event: Listener | None = None,
    ) -> Factors:
        """Return the words' components, and as context vectors the axes: float32 (C, D), of length 1.

        Args:
            matrix: M, `scipy.sparse.csr_array` (V, C), or CompressedRows, float32.
            dim: D, int in [1, min(V, C)].
            seed: int ≥ 0, of the random vectors to begin with.
            threads: int ≥ 1, for the products with the matrix.
            in_memory: int ≥ 0, bytes; see `firth.objectives.sparse_products.SparseProducts`.
            on_event: told of progress, and by a notice where the matrix has fewer than D dimensions.

        Raises:
            SettingsError: the matrix has fewer rows or columns than D.
        """
        begun = time.perf_counter()
        check_width(dim, matrix.shape)
        with SparseProducts(matrix, threads=threads, in_memory=in_memory) as products:
            factors = self.factors(products, dim=dim, seed=seed, on_event=on_event)
        return replace(factors, seconds=time.perf_counter() - begun)

    def factors(self, products: Products, *, dim: int, seed: int = 1, on_event: Listener | None = None) -> Factors:
        """Return the components of a matrix that is known by its products alone.

        Args:
            products: of M, (V, C), as it is.
            dim: as for `factorize`.
            seed: as for `factorize`.
            on_event: as for `factorize`.
        """
        begun = time.perf_counter()
        centred = Centred(products)
        found = singular_triplets(centred, dim, seed=seed, on_event=on_event)
        # Variances are σ² / (V − 1).
        scale = np.full(dim, np.sqrt(max(1, products.shape[0] - 1))) if self.whiten else found.values
        return Factors(
            words=np.ascontiguousarray(found.left * scale, dtype=np.float32),
            contexts=np.ascontiguousarray(found.right, dtype=np.float32),
            strengths=found.values,
            explained=found.explained(centred),
            rank=found.rank,
            seconds=time.perf_counter() - begun,
        )
