"""What answers "king - man + woman": 3CosAdd, 3CosMul and PairDirection; and 3CosAvg from several pairs.

All of them work on unit vectors: in the formulas each word stands for its vector divided by its length.

Sources: Levy and Goldberg 2014 (CoNLL), §3 and §6; Drozd, Gladkova and Matsuoka 2016 (COLING).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from firth.errors import ExpressionError, SettingsError
from firth.vectors.product_metrics import cosines

if TYPE_CHECKING:
    from firth.vectors.closeness import Ids
    from firth.vectors.metric import Floats, Wide

__all__ = [
    "EPSILON",
    "METHODS",
    "PAIR_METHODS",
    "CosMul",
    "PairDirection",
    "cos_add",
    "cos_avg",
    "method_named",
    "units",
]

METHODS = ("3CosAdd", "3CosMul", "PairDirection")
"""What answers an expression."""

PAIR_METHODS = ("3CosAvg", "LRCos")
"""What answers by the example of several pairs."""

EPSILON = 0.001
"""What keeps 3CosMul from dividing by zero."""

# Unit vectors that differ by no more are alike within the rounding of float32.
_NO_DIRECTION = 1e-6


def method_named(name: str | None, *, by_pairs: bool | None) -> str:
    """Return a method's name as it is written, or the default: 3CosAdd, with pairs 3CosAvg.

    Args:
        name: in capitals or not; None for the default.
        by_pairs: whether the question comes with example pairs; None where it can be asked with and without.

    Raises:
        SettingsError: there is no such method, or it answers the other kind of question.
    """
    methods = (*METHODS, *PAIR_METHODS) if by_pairs is None else PAIR_METHODS if by_pairs else METHODS
    if name is None:
        return methods[0]
    for method in methods:
        if isinstance(name, str) and name.casefold() == method.casefold():
            return method
    if by_pairs is None:
        raise SettingsError(f"expected a method of {', '.join(methods)}, got {name!r}")
    kind = "with pairs" if by_pairs else "for an expression"
    other = "; it needs pairs= (--pair)" if name in PAIR_METHODS else "; it takes no pairs" if name in METHODS else ""
    raise SettingsError(f"expected a method {kind} of {', '.join(methods)}, got {name!r}{other}")


def units(vectors: Floats) -> Wide:
    """Return vectors scaled to length 1, zeros as they are: float64 (n, D)."""
    wide = vectors.astype(np.float64)
    norms = np.sqrt((wide * wide).sum(axis=1, keepdims=True))
    scaled: Wide = np.divide(wide, norms, out=np.zeros_like(wide), where=norms > 0)
    return scaled


def cos_add(unit_vectors: Wide, weights: Wide) -> Wide:
    """Return the vector whose nearest words by cosine answer an expression.

        3CosAdd: argmax cos(x, Σ weight · w)

    Args:
        unit_vectors: float64 (n, D), each term's.
        weights: float64 (n,), each ≠ 0.

    Returns:
        float64 (D,).

    Raises:
        ExpressionError: the terms cancel out, so that no direction is left.

    Source: Mikolov, Yih and Zweig 2013 (NAACL), §4.
    """
    total: Wide = (unit_vectors * weights[:, np.newaxis]).sum(axis=0)
    if not np.sqrt((total * total).sum()) > 1e-6 * np.abs(weights).sum():
        raise ExpressionError("expected word arithmetic that leaves a direction, got terms that cancel out")
    return total


def cos_avg(asked: Wide, sources: Wide, targets: Wide) -> Wide:
    """Return the vector whose nearest words by cosine are to a word what the pairs' second words are to their first.

        3CosAvg: argmax cos(x, c + mean(b) − mean(a))

    Args:
        asked: float64 (D,), c's unit vector.
        sources: float64 (n, D), unit vectors of each pair's first word a.
        targets: float64 (n, D), of each pair's second word b.

    Returns:
        float64 (D,).
    """
    return cos_add(np.stack([asked, targets.mean(axis=0), sources.mean(axis=0)]), np.array([1.0, 1.0, -1.0]))


def _cosine_block(units_of_terms: Wide, rows: Floats, norms: Floats) -> Wide:
    """Return the cosine of each row with each unit vector, as the precision of the rows gives it: float64 (n, B)."""
    products = rows @ units_of_terms.T.astype(rows.dtype)
    inverse = np.divide(1, norms, out=np.zeros_like(norms), where=norms > 0)
    return (products * inverse[:, np.newaxis]).T.astype(np.float64)


class CosMul:
    """Closeness by 3CosMul: a product in place of a sum, so that no one term outweighs the others.

        Π s(x, p)^w / (Π s(x, n)^w + ε)        s = (cos + 1) / 2, over terms p added and n taken away with weight w

    Args:
        unit_vectors: float64 (n, D), each term's.
        weights: float64 (n,), each ≠ 0.
    """

    queries = 1
    wide = False
    needs = ""
    tame = True

    def __init__(self, unit_vectors: Wide, weights: Wide) -> None:
        self._units = unit_vectors
        self._weights = weights

    def block(self, word_ids: Ids, rows: Floats, norms: Floats, slack: float) -> Floats:  # noqa: ARG002
        """Return the score with every similarity moved by the cosine's rounding to the side that `slack` says."""
        similarity = (_cosine_block(self._units, rows, norms) + 1) / 2
        shift = slack * np.sign(self._weights)[:, np.newaxis]
        score = self._score(np.maximum(similarity + shift, 0.0))
        moved: Wide = (score * (1 + np.copysign(1e-12, slack)))[np.newaxis, :]
        return moved

    def exact(self, word_ids: Ids, rows: Wide, query: Ids) -> Wide:  # noqa: ARG002
        """Return the score in float64."""
        each = [cosines(rows, np.broadcast_to(unit, rows.shape)) for unit in self._units]
        return self._score((np.stack(each) + 1) / 2)

    def value(self, closeness: Wide) -> Wide:
        """Return the score, which is its own closeness."""
        return closeness

    def _score(self, similarity: Wide) -> Wide:
        powers = similarity ** np.abs(self._weights)[:, np.newaxis]
        added, taken = powers[self._weights > 0], powers[self._weights < 0]
        # One factor after the other: a product over an axis may come in another order from block to block.
        above, below = np.ones(similarity.shape[1]), np.ones(similarity.shape[1])
        for power in added:
            above *= power
        for power in taken:
            below *= power
        return above / (below + EPSILON) if len(taken) else above


class PairDirection:
    """Closeness by PairDirection: x stands to c in the direction in which b stands to a, however far.

        cos(x − c, b − a)

    Args:
        taken: float64 (D,), a's unit vector.
        first: float64 (D,), b's.
        second: float64 (D,), c's.
    """

    queries = 1
    wide = False
    needs = ""
    tame = True

    def __init__(self, taken: Wide, first: Wide, second: Wide) -> None:
        apart = first - taken
        length = np.sqrt((apart * apart).sum())
        if not length > 1e-6:
            raise ExpressionError("expected word arithmetic that leaves a direction, got terms that cancel out")
        self._direction = apart / length
        self._from = second

    @classmethod
    def of(cls, unit_vectors: Wide, weights: Wide) -> PairDirection:
        """Return the closeness for "b - a + c".

        Args:
            unit_vectors: float64 (3, D), each term's.
            weights: float64 (3,), two 1 and one −1 in any order; of the two added, the first one is b.

        Raises:
            ExpressionError: these are other terms, or b and a are alike.
        """
        added, taken = np.flatnonzero(weights == 1), np.flatnonzero(weights == -1)
        if (len(weights), len(added), len(taken)) != (3, 2, 1):
            raise ExpressionError(
                'expected "b - a + c", two words added and one taken away without weights, for PairDirection; got '
                f"{len(weights)} term{'s' * (len(weights) != 1)}, {len(added)} added and {len(taken)} taken away"
            )
        return cls(unit_vectors[taken[0]], unit_vectors[added[0]], unit_vectors[added[1]])

    def block(self, word_ids: Ids, rows: Floats, norms: Floats, slack: float) -> Floats:  # noqa: ARG002
        """Return the cosine, its numerator and the length of x − c each moved to the side that `slack` says."""
        along, near = _cosine_block(np.stack([self._direction, self._from]), rows, norms)
        above = along - (self._from * self._direction).sum() + 2 * slack
        # |x − c|² = |x|² + |c|² − 2 x·c on unit vectors.
        squares = (norms > 0) + (self._from * self._from).sum() - 2 * near
        below = np.sqrt(np.maximum(squares + np.where(above > 0, -4 * slack, 4 * slack), 0.0))
        quotient = np.divide(above, below, out=np.sign(above) * 2.0, where=below > 0)
        # Where x − c may be too short to have a direction, the exact form may say 0.
        short = squares <= _NO_DIRECTION**2 + 4 * abs(slack)
        quotient = np.where(short, np.maximum(quotient, 0.0) if slack > 0 else np.minimum(quotient, 0.0), quotient)
        moved: Wide = (np.clip(quotient, -2.0, 2.0) + np.copysign(1e-12, slack))[np.newaxis, :]
        return moved

    def exact(self, word_ids: Ids, rows: Wide, query: Ids) -> Wide:  # noqa: ARG002
        """Return the cosine in float64; 0 for c itself and for what points exactly where c does."""
        apart = units(rows) - self._from
        apart[np.sqrt((apart * apart).sum(axis=1)) < _NO_DIRECTION] = 0.0
        return cosines(apart, np.broadcast_to(self._direction, rows.shape))

    def value(self, closeness: Wide) -> Wide:
        """Return the cosine, which is its own closeness."""
        return closeness
