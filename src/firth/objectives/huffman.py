"""The Huffman tree: frequent words get short paths, so that the mean path is as short as a binary tree allows.

Source: Huffman 1952; for word vectors Mikolov et al. 2013 (arXiv:1310.4546), §2.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from firth.objectives.tree import Tree

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

__all__ = ["Huffman", "huffman_joins"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Huffman:
    """The tree that hierarchical softmax takes by default: it knows no more of words than how frequent they are."""

    def over(self, words: Sequence[str], counts: npt.NDArray[np.int64]) -> Tree:
        """Return the vocabulary's tree: Σ count(w) · length(w) is the least that any tree has.

        Args:
            words: (V,) str, V ≥ 1.
            counts: int64 (V,), each ≥ 1.
        """
        order = np.argsort(-counts, kind="stable")
        joins = huffman_joins(counts[order].tolist())
        # A vocabulary that went on with another text is no longer in the order of its counts.
        place = [*order.tolist(), *range(len(counts), 2 * len(counts))]
        return Tree(words=words, counts=counts, joins=[(place[first], place[second]) for first, second in joins])

    def described(self) -> dict[str, Any]:
        """Return the tree's kind, as JSON can hold it."""
        return {"kind": "Huffman"}


def huffman_joins(counts: Sequence[int]) -> list[tuple[int, int]]:
    """Return the joins of an optimal tree over some items, in the order of `firth.objectives.tree.Tree`.

    Two queues, items by rising count and merged nodes in the order of their making, both already sorted, take the
    place of a heap. Ties fall to items first, so the same counts always give the same tree.

    Args:
        counts: (N,), most frequent first, N ≥ 1.

    Returns:
        N − 1 pairs of nodes: items by their place, joins by N + their place.
    """
    size = len(counts)
    merged: list[int] = []
    joins: list[tuple[int, int]] = []
    next_item, next_merged = size - 1, 0

    def take() -> tuple[int, int]:
        nonlocal next_item, next_merged
        if next_merged == len(merged) or (next_item >= 0 and counts[next_item] <= merged[next_merged]):
            next_item -= 1
            return next_item + 1, counts[next_item + 1]
        next_merged += 1
        return size + next_merged - 1, merged[next_merged - 1]

    for _ in range(size - 1):
        (first, first_count), (second, second_count) = take(), take()
        joins.append((first, second))
        merged.append(first_count + second_count)
    return joins
