"""A tree grown from vectors: similar words lie close together.

Words are split in two along the direction in which their vectors differ most, their first principal component, at
the point where both sides are (nearly) equal; then each side again, until every word stands alone.

Source: after Mnih and Hinton 2008 (NIPS 21), §4, who split by a mixture of two Gaussians.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from firth.errors import SettingsError
from firth.objectives.tree import Tree, known_words

__all__ = ["LEAST_TURN", "NOTHING", "STEPS", "VectorTree", "projections"]

STEPS = 30
"""Power iteration takes at most so many steps: where directions differ this little, any of them will do."""

LEAST_TURN = 1e-6
"""A step that moves the direction by less, in squared length, is the last."""

NOTHING = 1e-300
"""Rows that differ from their mean by less are the same."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class VectorTree:
    """A tree of balanced splits.

    Args:
        vectors: `WordVectors`, or whatever has `words` and `matrix`, or the pair (words, matrix): (V,) str, each once,
            and float (V, D), every number finite. It may hold more words than the text, and must hold each of those.
        balance: what both sides of a split have the same of: "counts", occurrences in the text, which keeps frequent
            words' paths short, or "words", which makes all paths equally long.
    """

    vectors: Any = field(repr=False)
    balance: Literal["counts", "words"] = "counts"
    _words: Sequence[str] = field(init=False, repr=False)
    _matrix: npt.NDArray[np.floating] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Refuse vectors that cannot be split."""
        if self.balance not in {"counts", "words"}:
            raise SettingsError(f'expected a balance of "counts" or "words", got {self.balance!r}')
        words, matrix = _parts(self.vectors)
        if matrix.ndim != 2 or len(matrix) != len(words) or not len(words) or not matrix.shape[1]:
            raise SettingsError(
                f"expected a matrix with a row for each of {len(words):,} words, got one of shape {matrix.shape}"
            )
        if not (np.issubdtype(matrix.dtype, np.floating) or np.issubdtype(matrix.dtype, np.integer)):
            raise SettingsError(f"expected a matrix of real numbers, got one of {matrix.dtype}")
        for row in np.flatnonzero(~np.isfinite(matrix).all(axis=1))[:1]:
            raise SettingsError(
                f"expected finite numbers in the tree's vectors, but that of {words[row]!r} holds NaN or infinity"
            )
        object.__setattr__(self, "_words", words)
        object.__setattr__(self, "_matrix", matrix)

    def over(self, words: Sequence[str], counts: npt.NDArray[np.int64]) -> Tree:
        """Return the vocabulary's tree.

        Args:
            words: (V,) str, V ≥ 1.
            counts: int64 (V,), each ≥ 1, most frequent first.

        Raises:
            SettingsError: a word has no vector.
        """
        rows = {word: row for row, word in enumerate(self._words)}
        if len(rows) < len(self._words):
            raise SettingsError("expected each word once in the tree's vectors, but some come twice")
        known_words(words, rows, what="the tree's vectors")
        split = _Splits(self._matrix[[rows[word] for word in words]])
        weights = counts.astype(np.float64) if self.balance == "counts" else np.ones(len(words))

        # From the root down each split is noted before its sides; told backwards, sides come before their join.
        splits: list[list[int]] = []
        waiting: list[tuple[npt.NDArray[np.int64], int, int]] = [(np.arange(len(words)), -1, 0)]
        root = 2 * len(words) - 2
        while waiting:
            group, parent, side = waiting.pop()
            node = int(group[0]) if len(group) == 1 else root - len(splits)
            if parent >= 0:
                splits[parent][side] = node
            if len(group) > 1:
                first, second = split(group, weights[group])
                splits.append([0, 0])
                waiting += [(second, len(splits) - 1, 1), (first, len(splits) - 1, 0)]
        return Tree(words=words, counts=counts, joins=[(first, second) for first, second in reversed(splits)])

    def described(self) -> dict[str, Any]:
        """Return the tree's kind and its vectors' fingerprint, as JSON can hold it."""
        digest = hashlib.sha256("\n".join(self._words).encode("utf-8", "surrogatepass"))
        digest.update(np.ascontiguousarray(self._matrix).tobytes())
        return {
            "kind": "VectorTree",
            "balance": self.balance,
            "words": len(self._words),
            "fingerprint": digest.hexdigest()[:16],
        }


def _parts(vectors: Any) -> tuple[Sequence[str], npt.NDArray[Any]]:
    """Return words and matrix of whatever holds both."""
    if hasattr(vectors, "words") and hasattr(vectors, "matrix"):
        vectors = (vectors.words, vectors.matrix)
    if not isinstance(vectors, tuple) or len(vectors) != 2:
        raise SettingsError(f"expected word vectors, or the pair (words, matrix), got {type(vectors).__name__}")
    words, matrix = vectors
    if isinstance(words, str) or not isinstance(words, Sequence) or not all(isinstance(word, str) for word in words):
        raise SettingsError("expected the tree's words as a list of strings")
    try:
        return words, np.asarray(matrix)
    except ValueError as error:
        raise SettingsError(f"expected a matrix of numbers for the tree, got one that is none: {error}") from None


class _Splits:
    """Splits groups of a matrix's rows in two.

    Args:
        matrix: real numbers (V, D).
    """

    def __init__(self, matrix: npt.NDArray[Any]) -> None:
        kept = matrix.dtype in {np.dtype(np.float32), np.dtype(np.float64)}
        self._matrix = np.ascontiguousarray(matrix if kept else matrix.astype(np.float64))
        self._centred = np.empty(self._matrix.shape)
        self._direction = np.empty((2, self._matrix.shape[1]))
        self._projections = np.empty(len(self._matrix))

    def __call__(
        self, group: npt.NDArray[np.int64], weights: npt.NDArray[np.float64]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return a group in two, along its first principal component, where the weights of both sides differ least."""
        if len(group) == 2:
            # They can be split in one way only.
            return group[:1], group[1:]
        from firth.kernels import principal_component  # noqa: PLC0415 - loads Numba

        principal_component.project(
            self._matrix, group, NOTHING, STEPS, LEAST_TURN, self._centred, self._direction, self._projections
        )
        order = np.argsort(self._projections[: len(group)], kind="stable")
        below = np.cumsum(weights[order])
        cut = int(np.argmin(np.abs(2 * below[:-1] - below[-1]))) + 1
        return group[order[:cut]], group[order[cut:]]


def projections(rows: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Return where rows lie along the direction in which they differ most, as power iteration finds it.

        d ← Cᵀ C d / |Cᵀ C d|, from the row that is furthest from the mean; the result is C d

    C are the rows less their mean. The direction's sign is the one that makes its largest part positive.

    Args:
        rows: float (N, D), N ≥ 1, finite.

    Returns:
        float64 (N,), in units of C's largest number.

    Source: power iteration, von Mises and Pollaczek-Geiringer 1929; this is the definition of
    `firth.kernels.principal_component.project`.
    """
    # Halves, and a scale of their own: numbers near the ends of float64's range would else leave it.
    halves = rows.astype(np.float64) / 2
    centred = halves - (halves / len(rows)).sum(axis=0)
    largest = np.abs(centred).max()
    if largest < NOTHING:
        return np.zeros(len(rows))
    centred /= largest
    direction = centred[np.argmax((centred**2).sum(axis=1))]
    direction = direction / np.linalg.norm(direction)
    for _ in range(STEPS):
        before, direction = direction, centred.T @ (centred @ direction)
        direction /= np.linalg.norm(direction)
        if ((direction - before) ** 2).sum() < LEAST_TURN:
            break
    along: npt.NDArray[np.float64] = centred @ (direction * np.sign(direction[np.argmax(np.abs(direction))]))
    return along
