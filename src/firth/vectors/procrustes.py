"""Procrustes' rotation: the one that brings some words' vectors nearest to their others; and the words that fit best.

    R = argmin ‖A R − B‖_F  over orthogonal R  =  U Vᵀ        where Aᵀ B = U S Vᵀ

Of all candidates a share can be kept that fits best: fit, keep those with the least residuals |a R − b|², fit again,
until the same are kept. No step makes the sum of the kept ones' residuals larger, so it ends (Rousseeuw and Van
Driessen's concentration steps).

Sources: Schönemann 1966, "A generalized solution of the orthogonal Procrustes problem"; Rousseeuw and Van Driessen
1999, "A fast algorithm for the minimum covariance determinant estimator", §2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from firth.errors import SettingsError
from firth.vectors.analogy import units
from firth.vectors.neighbours import finite_rows
from firth.vectors.norms import BLOCK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firth.vectors.closeness import Ids
    from firth.vectors.metric import Wide
    from firth.vectors.store import WordVectors

__all__ = ["Fit", "Shared", "procrustes"]

_MOST_ROUNDS = 100


def procrustes(a: Wide, b: Wide) -> Wide:
    """Return the orthogonal R that makes ‖a R − b‖_F least.

    Args:
        a: A, float64 (n, D).
        b: B, float64 (n, D).

    Returns:
        float64 (D, D).

    Source: Schönemann 1966.
    """
    return _rotation(a.T @ b)[0]


def _rotation(products: Wide) -> tuple[Wide, Wide]:
    """Return R for Aᵀ B, and the singular values, largest first."""
    left, strengths, right = np.linalg.svd(products)
    return left @ right, strengths


class Shared(NamedTuple):
    """Words that two sets of vectors have in common: int64 (n,) row numbers of each, in the order of the first."""

    wv: WordVectors
    onto: WordVectors
    ids: Ids
    onto_ids: Ids

    def among(self, places: Ids) -> Shared:
        """Return some of them, by their places."""
        return self._replace(ids=self.ids[places], onto_ids=self.onto_ids[places])

    def raw_blocks(self) -> Iterator[tuple[Wide, Wide]]:
        """Yield both vectors of each word, block by block, float64 (B, D)."""
        for start in range(0, len(self.ids), BLOCK):
            some = slice(start, start + BLOCK)
            yield (
                finite_rows(self.wv.matrix, self.wv.norms, self.ids[some]),
                finite_rows(self.onto.matrix, self.onto.norms, self.onto_ids[some]),
            )

    def blocks(self) -> Iterator[tuple[Wide, Wide]]:
        """Yield the same scaled to length 1."""
        for rows, other in self.raw_blocks():
            yield units(rows), units(other)


class Fit:
    """A rotation fitted to words, some of which are kept.

    Args:
        words: the candidates.
        centred: whether means are taken off.
    """

    def __init__(self, words: Shared, *, centred: bool) -> None:
        self.words, self.centred = words, centred
        self.kept: Ids = np.arange(len(words.ids))
        """The places of those that are kept, rising."""
        self.rounds = 0
        self.mean: Wide = np.zeros(words.wv.dim)
        self.onto_mean: Wide = np.zeros(words.wv.dim)
        self.rotation: Wide = np.eye(words.wv.dim)
        self.is_uncertain = False

    def stable(self, share: float) -> Fit:
        """Fit, keep the share of words that fits best, and fit again, until it is the same words."""
        dim = self.words.wv.dim
        count = round(share * len(self.kept))
        least = dim + self.centred
        if count < least:
            raise SettingsError(
                f"expected at least {least:,} anchors to fix a rotation in {dim:,} dimensions, got {count:,} of "
                f"{len(self.kept):,} words that both have and that may be anchors; give more words, or fewer dimensions"
            )
        self._fit()
        while count < len(self.words.ids) and self.rounds < _MOST_ROUNDS:
            nearest = np.sort(np.argsort(self._residuals(), kind="stable")[:count])
            if np.array_equal(nearest, self.kept):
                break
            self.kept = nearest
            self._fit()
        return self

    def _fit(self) -> None:
        """Fit means and rotation to the words that are kept."""
        self.rounds += 1
        kept, dim = self.words.among(self.kept), self.words.wv.dim
        if self.centred:
            sums = np.zeros((2, dim))
            for rows, other in kept.blocks():
                sums += rows.sum(axis=0), other.sum(axis=0)
            self.mean, self.onto_mean = sums / len(self.kept)
        products = np.zeros((dim, dim))
        for rows, other in kept.blocks():
            products += (rows - self.mean).T @ (other - self.onto_mean)
        self.rotation, strengths = _rotation(products)
        self.is_uncertain = bool(strengths[-1] <= 1e-9 * strengths[0])

    def _residuals(self) -> Wide:
        """Return |a R − b|² of every candidate."""
        found = []
        for rows, other in self.words.blocks():
            apart = (rows - self.mean) @ self.rotation - (other - self.onto_mean)
            found.append((apart * apart).sum(axis=1))
        return np.concatenate(found)

    def turned(self, rows: Wide) -> Wide:
        """Return vectors as the fit turns them: float64 (n, D)."""
        if not self.centred:
            return rows @ self.rotation
        turned: Wide = (units(rows) - self.mean) @ self.rotation + self.onto_mean
        # A zero vector points nowhere, and shall not point to the mean.
        turned[~rows.any(axis=1)] = 0.0
        return turned
