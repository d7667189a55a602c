"""The alias table: draws from any distribution in constant time, by one look-up and one comparison."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["alias_table"]


def alias_table(probabilities: npt.NDArray[np.float64]) -> npt.NDArray[np.uint32]:
    """Return the table from which `firth.kernels.random.draw_alias` draws.

    Every one of V columns has height 1 / V; its lower part belongs to its own word, the rest to one other, so that
    each word's parts add up to its probability.

    Args:
        probabilities: float64 (V,), ≥ 0, sums to 1, 1 ≤ V < 2³².

    Returns:
        uint32 (V, 2): the own part's share of the column in units of 2⁻³², and the other word.

    Source: Walker 1977; Vose 1991, "A linear algorithm for generating random numbers with a given distribution".
    """
    size = len(probabilities)
    height = (probabilities * size).tolist()
    share, other = [1.0] * size, list(range(size))
    small = [word for word in range(size) if height[word] < 1.0]
    large = [word for word in range(size) if height[word] >= 1.0]
    while small and large:
        poor, rich = small.pop(), large[-1]
        share[poor], other[poor] = height[poor], rich
        height[rich] -= 1.0 - height[poor]
        if height[rich] < 1.0:
            small.append(large.pop())
    table = np.empty((size, 2), dtype=np.uint32)
    # A full column is short of 2⁻³² of itself; its other word is itself, so nothing is lost.
    table[:, 0] = np.minimum(np.round(np.array(share) * 2.0**32), 2.0**32 - 1)
    table[:, 1] = other
    return table
