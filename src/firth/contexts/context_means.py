"""Where a new word may begin: at the mean of the vectors of the words around it, as often as training would meet them.

    v_w = Σ q_c h(d) v_c / Σ q_c h(d)

over all places of the word w and all words c around each, at distance d, that have a vector already; q_c is the
probability that subsampling keeps c, h(d) the probability that a window reaches so far: (L − d + 1) / L where windows
are soft, L their reach, else 1.

Source: after Herbelot and Baroni 2017 (arXiv:1707.06556), §4, who begin with the sum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from firth.contexts.window import Window
    from firth.kernels.arguments import Company

__all__ = ["context_mean", "context_means"]

_SENTENCES_AT_ONCE = 1 << 16


def context_mean(
    sentences: Sequence[Sequence[int]],
    word: int,
    *,
    window: Window,
    keep: npt.NDArray[np.floating],
    vectors: npt.NDArray[np.floating],
) -> npt.NDArray[np.float64] | None:
    """Return the mean of one word's contexts: the definition, to read.

    Args:
        sentences: of word ids.
        word: its id.
        window: how far its company reaches.
        keep: float (V,), q.
        vectors: float (n, D), of the words that have one: those with an id below n.

    Returns:
        float64 (D,), or None where no word around it has a vector.
    """
    total, weights = np.zeros(vectors.shape[1]), 0.0
    for sentence in sentences:
        for place in (place for place, other in enumerate(sentence) if other == word):
            for other, context in enumerate(sentence):
                reach = window.left if other < place else window.right
                distance = abs(other - place)
                if 1 <= distance <= reach and context < len(vectors):
                    weight = float(keep[context]) * ((reach - distance + 1) / reach if window.soft else 1)
                    total, weights = total + weight * vectors[context], weights + weight
    return total / weights if weights > 0 else None


def context_means(
    token_ids: npt.NDArray[np.int32],
    sentence_ends: npt.NDArray[np.int64],
    *,
    first_new: int,
    company: Company,
    vectors: npt.NDArray[np.float32],
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
    """Return the means of all new words' contexts.

    Args:
        token_ids: int32 (T,), a text.
        sentence_ends: int64 (S,), exclusive.
        first_new: n ≥ 0, the first new word's id; words with a lower one have a vector.
        company: the window, and how frequent words are thinned out; its arrays tell V.
        vectors: float32 (at least n, D).

    Returns:
        float32 (V − n, D), and bool (V − n,): which of them have a word around them that has a vector; the others' rows
        are zero.
    """
    from firth.kernels.context_means import add_contexts  # noqa: PLC0415 - loads Numba

    new = len(company.keep_probability) - first_new
    sums, totals = np.zeros((new, vectors.shape[1])), np.zeros(new)
    for start in range(0, len(sentence_ends), _SENTENCES_AT_ONCE):
        stop = min(start + _SENTENCES_AT_ONCE, len(sentence_ends))
        add_contexts(token_ids, sentence_ends, start, stop, company, first_new, vectors, sums, totals)
    has_any = totals > 0
    sums[has_any] /= totals[has_any, None]
    return sums.astype(np.float32), has_any
