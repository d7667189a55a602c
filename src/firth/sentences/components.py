"""Principal components of texts' vectors, not centred, and how their projections are taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["principal_components", "without_components"]

# Of a second moment in float64, what lies further below its largest eigenvalue is rounding.
_SMALLEST = 1e-12


def principal_components(
    moment: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the singular vectors of a matrix X of row vectors, and its squared singular values.

    They are the eigenvectors and eigenvalues of Xᵀ X, which has a fixed size however many rows X has.

    Args:
        moment: float64 (D, D), Xᵀ X.

    Returns:
        float64 (r, D) and (r,), the largest first; r is the rank of X.
    """
    squares, vectors = np.linalg.eigh(moment)
    squares, vectors = squares[::-1], vectors[:, ::-1]
    rank = int(np.count_nonzero(squares > _SMALLEST * squares[0])) if squares[0] > 0 else 0
    return np.ascontiguousarray(vectors[:, :rank].T), squares[:rank].copy()


def without_components(
    vectors: npt.NDArray[np.float64], components: npt.NDArray[np.float64], shares: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return v − Σᵢ shareᵢ uᵢ uᵢᵀ v for each vector.

    Args:
        vectors: float64 (B, D).
        components: float64 (k, D), the uᵢ, orthonormal.
        shares: float64 (k,).
    """
    if len(components) == 0:
        return vectors
    less: npt.NDArray[np.float64] = vectors - ((vectors @ components.T) * shares) @ components
    return less
