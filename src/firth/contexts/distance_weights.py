"""How a context's distance counts, as whole numbers of one unit, so that sums are exact in any order."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from firth.errors import SettingsError

if TYPE_CHECKING:
    import numpy.typing as npt

    from firth.contexts.window import Window

__all__ = ["DistanceWeights", "Weighting", "distance_weights", "weight"]

Weighting = Literal["harmonic", "flat", "soft"]

_LARGEST_UNIT = 1 << 28
_FIXED_POINT_BITS = 32


@dataclass(frozen=True, kw_only=True, slots=True)
class DistanceWeights:
    """The weights of one window.

    Args:
        left: int64 (L,), > 0, of a context 1, 2 … words before the centre, in units.
        right: int64 (R,), > 0, the same after it.
        unit: int ≥ 1, what stands for a weight of one.
    """

    left: npt.NDArray[np.int64]
    right: npt.NDArray[np.int64]
    unit: int

    @property
    def total(self) -> int:
        """All weights of one centre together, in units."""
        return int(self.left.sum() + self.right.sum())


def weight(weighting: Weighting, distance: int, reach: int) -> Fraction:
    """Return how much a context counts.

        harmonic   1 / d
        flat       1
        soft       (R − d + 1) / R

    The last is the probability that word2vec's soft window, whose reach is drawn from 1 … R, holds the context.

    Args:
        weighting: which formula.
        distance: d, int ≥ 1, 1 for the next word.
        reach: R, int ≥ d, the window's on this side.

    Source: Levy et al. 2015, "Improving distributional similarity with lessons learned from word embeddings", §3.1.
    """
    if weighting == "harmonic":
        return Fraction(1, distance)
    return Fraction(1) if weighting == "flat" else Fraction(reach - distance + 1, reach)


def distance_weights(window: Window, weighting: Weighting, words: int) -> DistanceWeights:
    """Return a window's weights as whole numbers.

    They are exact, in units of the least common multiple of their denominators, where that is below 2²⁸ (for 1/d: a
    reach of up to 22 words; flat and soft: any) and no text of so many words can make a sum of 2⁶³. Else they are
    rounded to a multiple of 2⁻³², or of the least power of two that keeps all sums below 2⁶³.

    Args:
        window: its reach alone is looked at.
        weighting: "harmonic", "flat" or "soft".
        words: int ≥ 0, how many the text has.

    Raises:
        SettingsError: another weighting.
    """
    if weighting not in get_args(Weighting):
        raise SettingsError(f'expected the weighting "harmonic", "flat" or "soft", got {weighting!r}')
    sides = [
        [weight(weighting, distance, reach) for distance in range(1, reach + 1)]
        for reach in (window.left, window.right)
    ]
    # Rounded weights may together be more than the exact ones, by at most a half unit each.
    most = max(1, words) * math.ceil(sum(map(sum, sides)) + 1)
    unit = math.lcm(*(exact.denominator for side in sides for exact in side))
    if unit > _LARGEST_UNIT or unit * most >= 1 << 63:
        unit = 1 << min(_FIXED_POINT_BITS, 62 - most.bit_length())
    left, right = (np.array([round(exact * unit) for exact in side], np.int64) for side in sides)
    return DistanceWeights(left=left, right=right, unit=unit)
