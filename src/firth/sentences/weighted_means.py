"""Weighted means of word vectors: a sparse matrix, texts × words, times the matrix of the words' vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from firth.sentences.word_ids import TextBlock
    from firth.vectors.norms import RowNorms

__all__ = ["weighted_means"]

_ROWS = 16_384
"""Word vectors that are gathered in float64 at once: 40 MB at 300 dimensions."""


def weighted_means(
    block: TextBlock,
    matrix: npt.NDArray[np.float32],
    norms: RowNorms,
    weights: npt.NDArray[np.float64],
    *,
    unit_length: bool,
) -> npt.NDArray[np.float64]:
    """Return 1/|s| Σ_{w ∈ s} weight(w) v(w) for each text s of a block.

    Args:
        block: the texts as word ids.
        matrix: float32 (V, D), the v(w).
        norms: of the matrix.
        weights: float64 (V,).
        unit_length: whether v(w) / |v(w)| takes the place of v(w); a vector of zeros stays one.

    Returns:
        float64 (B, D), zeros for a text without words.

    Raises:
        FormatError: the vector of one of the words holds NaN or infinity; it names the word.
    """
    from scipy.sparse import csr_array  # noqa: PLC0415 - SciPy takes a while to load

    means = np.zeros((len(block.lengths), matrix.shape[1]))
    text_ends = np.concatenate([[0], np.cumsum(block.lengths)])
    chosen, columns = np.unique(block.word_ids, return_inverse=True)
    for first in range(0, len(chosen), _ROWS):
        word_ids = chosen[first : first + _ROWS].astype(np.int64)
        here = (columns >= first) & (columns < first + _ROWS)
        gathered = matrix[word_ids]
        lengths = norms.of_rows(gathered, word_ids).astype(np.float64)
        factors = weights[word_ids]
        if unit_length:
            factors = np.divide(factors, lengths, out=np.zeros_like(factors), where=lengths > 0)
        places = columns[here] - first
        ends = np.concatenate([[0], np.cumsum(here)])[text_ends]
        counts = csr_array((np.ones(len(places)), places, ends), shape=(len(means), len(word_ids)))
        means += counts @ (gathered.astype(np.float64) * factors[:, np.newaxis])
    means /= np.maximum(block.lengths, 1)[:, np.newaxis]
    return means
