"""What a word's colour on the map can stand for: how often it came, its cluster, its vector's length, an axis."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from firth.vectors.norms import BLOCK, norms_of
from firth.vectors.plane import spread, unit_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from firth.vectors.store import WordVectors

__all__ = ["CLUSTERS", "along", "clusters", "frequency", "lengths"]

CLUSTERS = 12
"""As many as colours can be told apart."""

_SAMPLE = 16_384
_ROUNDS = 30

Floats = npt.NDArray[np.float32]


def frequency(wv: WordVectors) -> Floats:
    """Return log₁₀ of each word's count, 0 for words that never came; of its rank from 1 where counts are not known."""
    if wv.counts is None:
        return np.log10(np.arange(1, len(wv) + 1)).astype(np.float32)
    return np.log10(np.maximum(wv.counts, 1)).astype(np.float32)


def lengths(wv: WordVectors) -> Floats:
    """Return each vector's length.

    Raises:
        FormatError: one holds NaN or infinity.
    """
    return np.concatenate([wv.norms.block(start) for start in range(0, len(wv), BLOCK)]).astype(np.float32)


def along(wv: WordVectors, positive: Sequence[str], negative: Sequence[str]) -> Floats:
    """Return each word's cosine with the axis from some words to others.

    Raises:
        UnknownWordError: there is no vector for a word.
        SettingsError: a list is empty, or both ends are alike.
        FormatError: a vector holds NaN or infinity.
    """
    direction = wv.axis(positive, negative).direction.astype(np.float32)
    return np.concatenate([units @ direction for units in _unit_blocks(wv)])


def clusters(wv: WordVectors, k: int = CLUSTERS) -> npt.NDArray[np.uint8]:
    """Return each word's cluster by k-means on unit vectors: uint8 (V,), numbered as they first come.

    The centres are those of a sample spread over the vocabulary; each word then belongs to the nearest.

    Args:
        wv: the vectors.
        k: int from 1 to 256, how many at most.

    Raises:
        FormatError: a vector holds NaN or infinity.

    Source: Lloyd 1982; the first centres as in Arthur and Vassilvitskii 2007, "k-means++".
    """
    from scipy.cluster.vq import kmeans2  # noqa: PLC0415 - takes a while to load

    runs = [wv.matrix[run] for run in spread(len(wv), _SAMPLE)]
    sample = np.nan_to_num(np.concatenate([unit_rows(rows, norms_of(rows)) for rows in runs]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of an empty cluster, which then stays where it was
        centres, _ = kmeans2(sample, _first_centres(sample, k), iter=_ROUNDS, minit="matrix")
    halves = (centres * centres).sum(axis=1) / 2
    # |u − c|² is least where u·c − |c|² / 2 is greatest.
    found = np.concatenate([(units @ centres.T - halves).argmax(axis=1) for units in _unit_blocks(wv)])
    _, first, number = np.unique(found, return_index=True, return_inverse=True)
    renamed: npt.NDArray[np.uint8] = np.argsort(np.argsort(first)).astype(np.uint8)[number]
    return renamed


def _first_centres(sample: Floats, k: int) -> Floats:
    """Return rows far from one another: each drawn by its squared distance to the nearest before it."""
    generator = np.random.default_rng(1)
    chosen = [sample[0]]
    nearest = np.full(len(sample), np.inf)
    while len(chosen) < k:
        apart = sample - chosen[-1]
        nearest = np.minimum(nearest, np.einsum("ij,ij->i", apart, apart))
        total = nearest.sum()
        if not total > 0:
            break  # no more different rows than that
        chosen.append(sample[generator.choice(len(sample), p=nearest / total)])
    return np.stack(chosen)


def _unit_blocks(wv: WordVectors) -> Iterator[Floats]:
    """Yield all vectors scaled to length 1, block by block."""
    for start in range(0, len(wv), BLOCK):
        yield unit_rows(wv.matrix[start : start + BLOCK], wv.norms.block(start))
