"""Truncated singular value decomposition: the best approximation of a matrix by one of rank D.

    M ≈ U_D · Σ_D · V_Dᵀ,    word vectors U_D · Σ_D^p,    context vectors V_D · Σ_D^p

p says how much the strong dimensions weigh: with p = 1 cosines are nearly those of M's rows, with p = 0 all dimensions
count alike, with p = ½ words and contexts share the singular values evenly.

Source: Eckart and Young 1936; Levy, Goldberg and Dagan 2015 (TACL 3), §2.2 and §3.3; p after Caron 2001; Bullinaria
and Levy 2012 (Behavior Research Methods 44), whose P it is.

The leading singular vectors of the narrower side are the leading eigenvectors of AᵀA. A small AᵀA is decomposed whole,
in float64; for a large one a block Krylov space is grown from random vectors B, [B, AᵀA·B, (AᵀA)²·B, …], each block
made orthogonal to those before it, until the leading eigenvectors within it are those of the whole.

Source: Golub and Underwood 1977 (block Lanczos); Musco and Musco 2015 (NIPS 28), algorithm 2, whose random start and
bounds it has.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from firth.errors import SettingsError
from firth.events import Notice, Progress
from firth.objectives.factors import Factors, check_width
from firth.objectives.room import IN_MEMORY
from firth.objectives.sparse_products import SparseProducts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scipy.sparse import csr_array

    from firth.events import Listener
    from firth.objectives.compressed_rows import CompressedRows
    from firth.objectives.sparse_products import Products

__all__ = ["SVD", "SingularTriplets", "singular_triplets"]

Floats = npt.NDArray[np.floating]
Double = npt.NDArray[np.float64]

_TOLERANCE = 1e-3
"""An eigenvector θ, v is found where ‖AᵀA·v − θ·v‖ ≤ this · θ. Most are then a thousand times better than that."""

_SMALL = 1000
"""A side of so many words or fewer is decomposed whole."""

_NOTHING = 1e-5
"""Singular values below this share of the first are rounding errors of float32, and their vectors noise."""

_LARGEST_BASIS = 12
"""The Krylov space's vectors for each one wanted, at most; 5 are usual."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SVD:
    """Truncated singular value decomposition.

    Args:
        p: float in [0, 1], the power of the singular values in the vectors.
    """

    p: float = 0.5

    def __post_init__(self) -> None:
        """Refuse powers that weigh nothing sensibly."""
        if not isinstance(self.p, int | float) or isinstance(self.p, bool) or not 0 <= self.p <= 1:
            raise SettingsError(f"expected a power p from 0 to 1 for the singular values, got {self.p!r}; 0.5 is usual")

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
        """Return the word and context vectors of a matrix.

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
        """Return the word and context vectors of a matrix that is known by its products alone.

        Args:
            products: of M, (V, C).
            dim: as for `factorize`.
            seed: as for `factorize`.
            on_event: as for `factorize`.
        """
        begun = time.perf_counter()
        found = singular_triplets(products, dim, seed=seed, on_event=on_event)
        scale = np.where(np.arange(dim) < found.rank, found.values**self.p, 0)
        return Factors(
            words=_float32(found.left * scale),
            contexts=_float32(found.right * scale),
            strengths=found.values,
            explained=found.explained(products),
            rank=found.rank,
            seconds=time.perf_counter() - begun,
        )


class SingularTriplets(NamedTuple):
    """A matrix's leading singular values and vectors.

    Each left vector's largest part is positive, which fixes the signs. Beyond the rank, vectors and values are zeros.
    """

    left: Floats  # (V, D)
    values: Double  # (D,), falling
    right: Floats  # (C, D)
    rank: int

    def explained(self, products: Products) -> float:
        """Return Σσ² / ‖A‖², the share of the matrix's square sum that the triplets hold."""
        return min(1.0, float(self.values @ self.values) / products.square_sum) if products.square_sum > 0 else 0.0


def singular_triplets(products: Products, dim: int, *, seed: int, on_event: Listener | None = None) -> SingularTriplets:
    """Return a matrix's leading singular triplets.

    Args:
        products: the matrix A, (V, C).
        dim: D, int in [1, min(V, C)].
        seed: int ≥ 0.
        on_event: told of progress and of what was not reached.
    """
    times, transposed_times = products.times, products.transposed_times
    if turned := products.shape[0] < products.shape[1]:
        times, transposed_times = transposed_times, times
    narrow = min(products.shape)

    def gram(vectors: Floats) -> Floats:
        return transposed_times(times(vectors)) if turned else products.gram_times(vectors)

    vectors: Floats
    if narrow <= max(_SMALL, 5 * dim):
        vectors = _all_eigenvectors(gram, narrow)[:, :dim]
    else:
        vectors = _leading_eigenvectors(gram, narrow, dim, seed, on_event)

    # AᵀA has squared the singular values, and with them their differences; a last step within the space found takes
    # them from A itself (Rayleigh and Ritz).
    wide, triangle = np.linalg.qr(times(vectors))
    left, values, right = np.linalg.svd(triangle.astype(np.float64))
    wide, vectors = wide @ left.astype(wide.dtype), vectors @ right.T.astype(vectors.dtype)
    if turned:
        wide, vectors = vectors, wide
    rank = int(np.count_nonzero(values > _NOTHING * values[0]))
    if rank < dim and on_event:
        on_event(Notice(text=f"the matrix has {rank:,} dimensions; the other {dim - rank:,} that were asked for are 0"))
    largest = np.abs(wide).argmax(axis=0)
    signs = np.where(wide[largest, np.arange(dim)] < 0, -1, 1) * (np.arange(dim) < rank)
    return SingularTriplets(wide * signs, np.where(np.arange(dim) < rank, values, 0.0), vectors * signs, rank)


def _all_eigenvectors(gram: Callable[[Floats], Floats], size: int) -> Double:
    """Return all eigenvectors of AᵀA, the leading ones first: float64 (size, size)."""
    matrix = np.empty((size, size))
    for begin in range(0, size, 256):
        matrix[:, begin : begin + 256] = gram(np.eye(size, min(256, size - begin), -begin))
    return np.linalg.eigh((matrix + matrix.T) / 2)[1][:, ::-1]


def _leading_eigenvectors(
    gram: Callable[[Floats], Floats], size: int, dim: int, seed: int, on_event: Listener | None
) -> npt.NDArray[np.float32]:
    """Return the leading eigenvectors of AᵀA by block Lanczos: float32 (size, dim).

    A quarter of the vectors wanted is a good block: a smaller one makes more passes over the matrix, a larger one
    finds less with as many products.
    """
    begun = time.perf_counter()
    width = max(8, -(-dim // 4))
    block = np.random.default_rng(seed).standard_normal((size, width), dtype=np.float32)
    basis = _Basis(size, width)
    basis.add(np.linalg.qr(block)[0])
    # T = Kᵀ·AᵀA·K, K the basis; only its upper half is filled.
    projected = np.zeros((_LARGEST_BASIS * dim + 4 * width,) * 2)
    while True:
        grown = len(basis)
        block = gram(basis.last)
        projected[:grown, grown - width : grown] = basis.take_off(block)
        following, beyond = _orthonormal(block, basis)
        full = grown >= _LARGEST_BASIS * dim or grown + width > size
        if full or (grown >= 3 * dim and grown // width % 2 == 0):
            theta, coefficients = _leading(projected[:grown, :grown], dim)
            # What AᵀA·v has outside the space that v was looked for in.
            residual = np.linalg.norm(beyond @ coefficients[-width:], axis=0)
            found = int(np.count_nonzero(residual <= np.maximum(_TOLERANCE * theta, 1e-7 * theta[0])))
            if on_event:
                seconds = time.perf_counter() - begun
                on_event(Progress(done=found, total=dim, unit="dimensions", seconds=seconds))
            if full or found == dim:
                break
        basis.add(following)
    if found < dim and on_event:
        on_event(
            Notice(
                text=f"{dim - found:,} of {dim:,} dimensions are less exact than usual: the matrix has many directions "
                "of nearly the same strength"
            )
        )
    return basis.combined(coefficients.astype(np.float32))


class _Basis:
    """Orthonormal vectors, a block at a time; in slabs, so that none is moved when others come.

    Args:
        size: of each vector.
        width: vectors in a block.
    """

    _BLOCKS = 4

    def __init__(self, size: int, width: int) -> None:
        self.size = size
        self.width = width
        self.slabs: list[npt.NDArray[np.float32]] = []
        self.blocks = 0

    def __len__(self) -> int:
        return self.blocks * self.width

    def add(self, block: npt.NDArray[np.float32]) -> None:
        """Add a block, float32 (size, width), orthonormal and orthogonal to all before it."""
        place = self.blocks % self._BLOCKS * self.width
        if place == 0:
            self.slabs.append(np.empty((self._BLOCKS * self.width, self.size), np.float32))
        self.slabs[-1][place : place + self.width] = block.T
        self.blocks += 1

    def filled(self) -> Iterator[npt.NDArray[np.float32]]:
        """Yield the vectors, slab by slab: float32 (some, size)."""
        rest = len(self)
        for slab in self.slabs:
            yield slab[:rest]
            rest -= len(slab)

    @property
    def last(self) -> npt.NDArray[np.float32]:
        """The block added last: float32 (size, width)."""
        end = len(self) - (len(self.slabs) - 1) * self._BLOCKS * self.width
        return self.slabs[-1][end - self.width : end].T

    def take_off(self, block: npt.NDArray[np.float32]) -> Double:
        """Take off a block, in place, all that lies in the basis; return what was taken, a row for each vector.

        First what lies in the last slab but one and the last, in which by Lanczos's recurrence nearly all of it lies;
        then from all slabs what rounding errors have put there.
        """
        taken = [np.zeros((len(slab), block.shape[1])) for slab in self.filled()]
        slabs = list(self.filled())
        for place in [*range(len(slabs))[-2:], *range(len(slabs))]:
            part = slabs[place] @ block
            block -= slabs[place].T @ part
            taken[place] += part
        return np.concatenate(taken)

    def combined(self, coefficients: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Return sums of the vectors: float32 (size, D), by coefficients (len, D)."""
        result = np.zeros((self.size, coefficients.shape[1]), np.float32)
        begin = 0
        for slab in self.filled():
            result += slab.T @ coefficients[begin : begin + len(slab)]
            begin += len(slab)
        return result


def _orthonormal(
    block: npt.NDArray[np.float32], basis: _Basis
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return an orthonormal block Q, orthogonal to a basis, and R with Q·R = block (nearly orthogonal to it before).

    Where little is left of a direction, that is rounding errors, which may lie in the basis: it is taken off again.
    """
    following, beyond = np.linalg.qr(block)
    sizes = np.abs(np.diagonal(beyond))
    if sizes.min() < 1e-3 * sizes.max():
        basis.take_off(following)
        following, correction = np.linalg.qr(following)
        beyond = correction @ beyond
    return following, beyond


def _leading(matrix: Double, number: int) -> tuple[Double, Double]:
    """Return the largest eigenvalues, falling, and their vectors, of a symmetric matrix given by its upper half."""
    from scipy.linalg import eigh  # noqa: PLC0415 - SciPy is loaded when it is needed

    size = len(matrix)
    values, vectors = eigh(matrix, lower=False, subset_by_index=(size - number, size - 1))
    return values[::-1], vectors[:, ::-1]


def _float32(matrix: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    return np.ascontiguousarray(matrix, dtype=np.float32)
