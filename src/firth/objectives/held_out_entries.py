"""Entries of a table that GloVe does not learn from, and its loss on them.

An entry is held out where a hash of its two words, under a key that depends on the seed, is below a bound. The hash
does not look at which of them is the word and which the context: what X_ij says, X_ji says again, so both are held out
or neither. The words of an entry that is held out are learned from their other entries; so the loss says how well the
vectors tell how often two words stand together that they were not told of.

    J' = Σ f(X_ij) · (w_i · w̃_j + b_i + b̃_j − log X_ij)² / n        over the n entries that are held out
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["are_held_out", "held_out_loss", "set_aside"]

_PURPOSE = 0x4E1E
"""Sets the key's stream apart from that of held-out sentences."""

_AT_ONCE = 1 << 18
_PRODUCTS_AT_ONCE = 1 << 20
_32 = np.uint64(32)

Floats = npt.NDArray[np.floating]


def are_held_out(
    rows: npt.NDArray[np.int32], columns: npt.NDArray[np.int32], *, share: float, seed: int
) -> npt.NDArray[np.bool_]:
    """Return which entries are held out, from their words and the seed alone.

        hash(i, j) = the first number of the generator SplitMix64, started at key + (min(i, j) · 2³² + max(i, j)) · γ

    Args:
        rows: int32 (n,), i.
        columns: int32 (n,), j.
        share: float in [0, 0.5], of all entries, about.
        seed: int ≥ 0.
    """
    key = np.random.SeedSequence((seed, _PURPOSE)).generate_state(1, np.uint64)[0]
    first, second = np.minimum(rows, columns).astype(np.uint64), np.maximum(rows, columns).astype(np.uint64)
    bits = key + ((first << _32 | second) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    bits ^= bits >> np.uint64(31)
    below: npt.NDArray[np.bool_] = bits < np.uint64(share * 2.0**64)
    return below


def set_aside(
    entries: npt.NDArray[Any], ends: npt.NDArray[np.int64], *, share: float, seed: int
) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64], npt.NDArray[Any]]:
    """Take the held-out entries from among the others, which keep their order.

    Args:
        entries: (n,) of `firth.objectives.tiles.ENTRY`; those that stay are moved to the front.
        ends: int64 (G,), ascending, exclusive: the groups' ends.
        share: float in [0, 0.5], of the entries, about.
        seed: int ≥ 0.

    Returns:
        The entries that stay, a view; the ends of their groups, some of them perhaps empty now; those held out, a copy.
    """
    held, written = [], 0
    taken = np.zeros(len(ends), dtype=np.int64)
    for start in range(0, len(entries), _AT_ONCE):
        some = entries[start : start + _AT_ONCE]
        chosen = are_held_out(some["row"], some["column"], share=share, seed=seed)
        held.append(some[chosen])
        # An end loses those that are held out before it.
        within = np.clip(ends - start, 0, len(some))
        taken += np.concatenate(([0], np.cumsum(chosen)))[within]
        rest = some[~chosen]
        entries[written : written + len(rest)] = rest
        written += len(rest)
    return entries[:written], ends - taken, np.concatenate(held)


def held_out_loss(parameters: tuple[Floats, Floats, Floats, Floats], entries: npt.NDArray[Any]) -> float:
    """Return the mean weighted loss of entries, in float64.

    Args:
        parameters: w and w̃, float (V, D), b and b̃, float (V,).
        entries: (n,) of `firth.objectives.tiles.ENTRY`, n ≥ 1.
    """
    w, w_tilde, b, b_tilde = parameters
    step, total = max(1, _PRODUCTS_AT_ONCE // w.shape[1]), 0.0
    for start in range(0, len(entries), step):
        some = entries[start : start + step]
        i, j = some["row"], some["column"]
        products = np.einsum("nd,nd->n", w[i].astype(np.float64), w_tilde[j].astype(np.float64))
        errors = products + b[i].astype(np.float64) + b_tilde[j] - some["log_count"]
        total += float(some["weight"].astype(np.float64) @ errors**2)
    return total / len(entries)
