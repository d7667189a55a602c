"""Hierarchical softmax: a word's probability is that of taking every turn on its way through a binary tree.

    p(w | v) = Π_{j on w's path} σ(± v'_{n(w, j)} · v),  + where the path takes the first child
    L = −log p(w | v)

The probabilities of all words add up to 1 by construction, at a cost of log V decisions rather than V.

Source: Morin and Bengio 2005; Mikolov et al. 2013 (arXiv:1310.4546), §2.1, equation 3.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from firth.objectives.decisions import Asked
from firth.objectives.huffman import Paths, huffman_paths

__all__ = ["HierarchicalSoftmax", "PathRows"]


class PathRows:
    """Asks the rows of the inner nodes on a target's path.

    Args:
        paths: each word's way through the tree.
    """

    def __init__(self, paths: Paths) -> None:
        self.paths = paths
        lengths = np.diff(paths.ends)
        self.row_count = max(1, len(lengths) - 1)
        self.most_asked = int(lengths.max(initial=0))

    def asked(self, target: int) -> Asked:
        """Return the decisions for a target, from the root on.

        Args:
            target: word id.
        """
        way = slice(self.paths.ends[target], self.paths.ends[target + 1])
        turns = self.paths.turns[way].astype(np.float64)
        return Asked(rows=self.paths.nodes[way].astype(np.int64), labels=turns, offsets=np.zeros(len(turns)))


@dataclass(frozen=True, kw_only=True, slots=True)
class HierarchicalSoftmax:
    """The loss of hierarchical softmax over the Huffman tree of the vocabulary."""

    def over(self, counts: npt.NDArray[np.int64]) -> PathRows:
        """Return the loss made ready for a vocabulary.

        Args:
            counts: int64 (V,), each ≥ 1, most frequent first.
        """
        return PathRows(huffman_paths(counts))
