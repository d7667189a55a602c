"""Hierarchical softmax: a word's probability is that of taking every turn on its way through a binary tree.

    p(w | v) = Π_{j on w's path} σ(± v'_{n(w, j)} · v),  + where the path takes the first child
    L = −log p(w | v)

The probabilities of all words add up to 1 by construction, at a cost of log V decisions rather than V.

Source: Morin and Bengio 2005; Mikolov et al. 2013 (arXiv:1310.4546), §2.1, equation 3.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from firth.errors import SettingsError
from firth.objectives.decisions import Asked
from firth.objectives.huffman import Huffman

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firth.objectives.tree import Paths, Tree, TreeSettings

__all__ = ["HierarchicalSoftmax", "PathRows"]


class PathRows:
    """Asks the rows of the inner nodes on a target's path.

    Args:
        tree: over the vocabulary.
    """

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.paths: Paths = tree.paths()
        """Each word's way through the tree."""
        lengths = np.diff(self.paths.ends)
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

    def log_scores(self, logits: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return log p(w | v), the sum of its turns' logarithms.

        Args:
            logits: float64 (n, rows), of every inner node.

        Returns:
            float64 (n, V), in nats.
        """
        ends, signs = self.paths.ends, 2 * self.paths.turns.astype(np.float64) - 1
        if len(ends) == 2:
            return np.zeros((len(logits), 1))  # a tree of one word has no turns
        turns = -np.logaddexp(0, -signs * logits[:, self.paths.nodes])
        return np.asarray(np.add.reduceat(turns, ends[:-1], axis=1))


@dataclass(frozen=True, kw_only=True, slots=True)
class HierarchicalSoftmax:
    """The loss of hierarchical softmax over a tree of the vocabulary.

    Args:
        tree: `Huffman()`, whose paths are the shortest, `ClusterTree` or `VectorTree`, in which words that belong
            together share the beginnings of their paths.
    """

    tree: TreeSettings = field(default_factory=Huffman)

    def __post_init__(self) -> None:
        """Refuse what makes no tree."""
        if isinstance(self.tree, type) or not (hasattr(self.tree, "over") and hasattr(self.tree, "described")):
            raise SettingsError(f"expected a tree, Huffman(), ClusterTree() or VectorTree(), got {self.tree!r}")

    def over(self, words: Sequence[str], counts: npt.NDArray[np.int64]) -> PathRows:
        """Return the loss made ready for a vocabulary.

        Args:
            words: (V,) str.
            counts: int64 (V,), each ≥ 1, most frequent first.
        """
        return PathRows(self.tree.over(words, counts))
