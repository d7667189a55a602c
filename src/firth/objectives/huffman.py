"""The Huffman tree: frequent words get short paths, so that the mean path is as short as a binary tree allows.

Source: Huffman 1952; for word vectors Mikolov et al. 2013 (arXiv:1310.4546), §2.1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Paths", "huffman_paths"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Paths:
    """Each word's way from the root of a binary tree to its leaf.

    Args:
        ends: int64 (V + 1,): word w's path stands in places ends[w] … ends[w + 1] of the next two.
        nodes: int32: inner nodes from the root (0) on; there are V − 1.
        turns: float32: at each node 1 for the first child, 0 for the second.
    """

    ends: npt.NDArray[np.int64]
    nodes: npt.NDArray[np.int32]
    turns: npt.NDArray[np.float32]

    def code(self, word: int) -> str:
        """Return a word's turns as a string of ones and zeros."""
        return "".join(str(int(turn)) for turn in self.turns[self.ends[word] : self.ends[word + 1]])


def huffman_paths(counts: npt.NDArray[np.int64]) -> Paths:
    """Return the paths of an optimal tree: Σ count(w) · length(w) is the least that any tree has.

    Two queues, leaves by rising count and merged nodes in the order of their making, both already sorted, take the
    place of a heap. Ties fall to leaves first, so the same counts always give the same tree.

    Args:
        counts: int64 (V,), most frequent first, V ≥ 1.
    """
    size = len(counts)
    leaves = [int(count) for count in counts[::-1]]
    merged: list[int] = []
    parent, turn = [0] * (2 * size - 1), [0] * (2 * size - 1)
    next_leaf = next_merged = 0

    def take() -> tuple[int, int]:
        # Nodes are numbered leaves first, by rising count, then merged ones.
        nonlocal next_leaf, next_merged
        if next_merged == len(merged) or (next_leaf < size and leaves[next_leaf] <= merged[next_merged]):
            next_leaf += 1
            return next_leaf - 1, leaves[next_leaf - 1]
        next_merged += 1
        return size + next_merged - 1, merged[next_merged - 1]

    for node in range(size, 2 * size - 1):
        (first, first_count), (second, second_count) = take(), take()
        parent[first] = parent[second] = node
        turn[first] = 1
        merged.append(first_count + second_count)

    root = 2 * size - 2
    ends, nodes, turns = [0], [], []
    for word in range(size):
        path, taken, node = [], [], size - 1 - word
        while node != root:
            taken.append(turn[node])
            node = parent[node]
            path.append(root - node)
        nodes += path[::-1]
        turns += taken[::-1]
        ends.append(len(nodes))
    return Paths(
        ends=np.array(ends, dtype=np.int64),
        nodes=np.array(nodes, dtype=np.int32),
        turns=np.array(turns, dtype=np.float32),
    )
