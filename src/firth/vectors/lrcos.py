"""LRCos: the answer is a word of the right kind that is near the word asked about.

    P(x is of b's kind) · cos(x, c)

P is learned by logistic regression from the example pairs (a, b): the words b against the words a and ten times as many
words drawn from the vocabulary, on unit vectors, both sides weighing the same.

Source: Drozd, Gladkova and Matsuoka 2016 (COLING); how many words are drawn is ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from firth.errors import MissingExtraError, SettingsError
from firth.vectors.analogy import units
from firth.vectors.neighbours import finite_rows, ids_of
from firth.vectors.product_metrics import cosines

if TYPE_CHECKING:
    from firth.vectors.closeness import Ids
    from firth.vectors.metric import Floats, Wide
    from firth.vectors.norms import RowNorms

__all__ = ["LRCos", "learned"]

_DRAWN_PER_PAIR = 10


class LRCos:
    """Closeness by LRCos.

    Args:
        asked: float64 (D,), c's unit vector.
        normal: float64 (D,), the weights of the logistic regression.
        intercept: float.
    """

    queries = 1
    wide = False
    needs = ""
    tame = True

    def __init__(self, asked: Wide, normal: Wide, intercept: float) -> None:
        self._asked = asked
        self._normal = normal
        self._length = float(np.sqrt((normal * normal).sum()))
        self._intercept = intercept

    def block(self, word_ids: Ids, rows: Floats, norms: Floats, slack: float) -> Floats:  # noqa: ARG002
        """Return the product, both factors moved by their rounding to the side that `slack` says."""
        inverse = np.divide(1, norms, out=np.zeros_like(norms), where=norms > 0)[:, np.newaxis]
        directions = np.stack([self._asked, self._normal / max(self._length, 1e-30)]).astype(rows.dtype)
        near, along = ((rows @ directions.T) * inverse).T.astype(np.float64) + slack
        # Where the cosine is below zero, a larger P moves the product the other way.
        along = np.where(near > 0, along, along - 2 * slack)
        product = _sigmoid(self._length * along + self._intercept) * near
        moved: Wide = (product + np.copysign(1e-12, slack))[np.newaxis, :]
        return moved

    def exact(self, word_ids: Ids, rows: Wide, query: Ids) -> Wide:  # noqa: ARG002
        """Return the product in float64."""
        along = (units(rows) * self._normal).sum(axis=1)
        return _sigmoid(along + self._intercept) * cosines(rows, np.broadcast_to(self._asked, rows.shape))

    def value(self, closeness: Wide) -> Wide:
        """Return the product, which is its own closeness."""
        return closeness


def learned(
    matrix: npt.NDArray[np.float32],
    norms: RowNorms,
    *,
    asked: int,
    pairs: Ids,
    among: Ids | int | None = None,
    seed: int = 1,
) -> LRCos:
    """Learn from pairs what kind of word is looked for.

    Args:
        matrix: float32 (V, D).
        norms: of the matrix.
        asked: c's row number.
        pairs: int64 (n, 2), row numbers of a and b; two or more different b.
        among: the words that the others are drawn from, as for `nearest`.
        seed: of the draw.

    Raises:
        MissingExtraError: scikit-learn is not installed.
        SettingsError: there are fewer than two different b, or no word that is no b.
        FormatError: a vector holds NaN or infinity.
    """
    try:
        from sklearn.linear_model import LogisticRegression  # noqa: PLC0415  (optional)
    except ImportError:
        raise MissingExtraError.of("sklearn", "LRCos") from None
    right = np.unique(pairs[:, 1])
    if len(right) < 2:
        raise SettingsError("expected pairs with at least two different second words for LRCos, got one")
    others = np.setdiff1d(ids_of(among, len(matrix)), np.concatenate([pairs.ravel(), [asked]]))
    drawn = np.random.default_rng(seed).choice(others, min(_DRAWN_PER_PAIR * len(pairs), len(others)), replace=False)
    wrong = np.union1d(np.setdiff1d(pairs[:, 0], right), drawn)
    if len(wrong) == 0:
        raise SettingsError("expected words that are no second word of a pair to learn LRCos from, got none")
    examples = units(finite_rows(matrix, norms, np.concatenate([right, wrong])))
    kinds = np.concatenate([np.ones(len(right)), np.zeros(len(wrong))])
    model = LogisticRegression(class_weight="balanced", max_iter=1000).fit(examples, kinds)
    return LRCos(units(finite_rows(matrix, norms, np.array([asked])))[0], model.coef_[0], float(model.intercept_[0]))


def _sigmoid(z: Wide) -> Wide:
    odds = np.exp(-np.abs(z))
    probabilities: Wide = np.where(z >= 0, 1, odds) / (1 + odds)
    return probabilities
