"""A binary tree whose leaves are the words: its paths, their expected length, and how it is shown.

    E[length] = Σ_w p(w) · length(w)  ≥  H = −Σ_w p(w) · log₂ p(w),  with p(w) the word's share of the text

Source: the bound is Shannon's (1948), §9; the Huffman tree comes within one turn of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from firth.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Paths", "Shown", "Tree", "TreeSettings", "known_words"]

_EXAMPLES = 4


class TreeSettings(Protocol):
    """How the tree of a vocabulary is made."""

    def over(self, words: Sequence[str], counts: npt.NDArray[np.int64]) -> Tree:
        """Return the vocabulary's tree.

        Args:
            words: (V,) str, V ≥ 1.
            counts: int64 (V,), each ≥ 1, most frequent first.
        """

    def described(self) -> dict[str, Any]:
        """Return the tree's kind and what it was made from, as JSON can hold it."""


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


class Shown(NamedTuple):
    """A node as it is shown.

    Args:
        code: the turns that lead to it, ones and zeros; empty for the root.
        label: how often the words below it came, the word or the most frequent words, and the node's name, if any.
        name: of the node; empty where it has none.
        node: its number in the tree.
        parent: its parent's; None for the root.
        is_word: whether it is a leaf.
        is_end: whether nothing below it is shown.
    """

    code: str
    label: str
    name: str
    node: int
    parent: int | None
    is_word: bool
    is_end: bool


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Tree:
    """A binary tree over a vocabulary, told from the leaves up, as in SciPy's linkage matrices.

    Args:
        words: (V,) str; word w is leaf w.
        counts: int64 (V,), each ≥ 1.
        joins: (V − 1) pairs of nodes: join k makes node V + k of a first and a second child, words or earlier joins.
            The last is the root.
        names: what some nodes are called.
    """

    words: Sequence[str]
    counts: npt.NDArray[np.int64]
    joins: Sequence[tuple[int, int]]
    names: Mapping[int, str] = field(default_factory=dict)

    def paths(self) -> Paths:
        """Return each word's path from the root."""
        size = len(self.words)
        root = 2 * size - 2
        parent, turn = [0] * (2 * size - 1), [0] * (2 * size - 1)
        for node, (first, second) in enumerate(self.joins, start=size):
            parent[first] = parent[second] = node
            turn[first] = 1
        ends, nodes, turns = [0], [], []
        for word in range(size):
            path, taken, node = [], [], word
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

    @property
    def expected_length(self) -> float:
        """Σ p(w) · length(w): how many turns a word of the text takes on average."""
        totals = self._totals()
        # Each join adds one turn to the paths of all that lies below it.
        return sum(totals[len(self.words) :]) / int(self.counts.sum())

    @property
    def entropy(self) -> float:
        """−Σ p(w) · log₂ p(w), in bits: the least that any tree's expected length can be."""
        shares = self.counts / self.counts.sum()
        return float(-(shares * np.log2(shares)).sum())

    @property
    def summary(self) -> str:
        """How many words there are, and how long a word's path is, beside what it could be at the least."""
        length, entropy = f"{self.expected_length:.3f}", f"{self.entropy:.3f}"
        return f"{len(self.words):,} words; expected path length {length}, entropy {entropy} bits"

    def facts(self) -> dict[str, float]:
        """Return the tree's lengths by name, as JSON can hold them: for a run's record."""
        longest = int(np.diff(self.paths().ends).max(initial=0))
        return {"expected_path_length": self.expected_length, "entropy": self.entropy, "longest_path": longest}

    def __str__(self) -> str:
        return self.text()

    def text(self, *, depth: int = 5) -> str:
        """Return the tree as indented text, the more frequent side first.

        Args:
            depth: int ≥ 0, turns from the root; what lies deeper is told by its most frequent words.
        """
        nodes = (f"{'  ' * len(one.code)}{one.code or 'root'}  {one.label}" for one in self.shown(depth))
        return "\n".join([self.summary, *nodes])

    def dot(self, *, depth: int = 5) -> str:
        """Return the tree as a drawing in Graphviz's language; `dot -Tsvg` makes the picture.

        Args:
            depth: int ≥ 0, turns from the root that are drawn.
        """
        lines = ["digraph tree {", "  node [shape=box];"]
        for one in self.shown(depth):
            quoted = one.label.replace("\\", "\\\\").replace('"', '\\"')
            lines.append(f'  n{one.node} [label="{quoted}"];')
            if one.parent is not None:
                lines.append(f'  n{one.parent} -> n{one.node} [label="{one.code[-1]}"];')
        return "\n".join([*lines, "}"])

    def _totals(self) -> list[int]:
        totals = [int(count) for count in self.counts]
        for first, second in self.joins:
            totals.append(totals[first] + totals[second])
        return totals

    def shown(self, depth: int) -> list[Shown]:
        """Return the nodes down to a depth, in the order of the text: the more frequent side first.

        Args:
            depth: int ≥ 0, turns from the root.

        Raises:
            SettingsError: a depth that cannot be.
        """
        if not isinstance(depth, int) or isinstance(depth, bool) or depth < 0:
            raise SettingsError(f"expected a depth of 0 or more turns, got {depth!r}")
        size, totals = len(self.words), self._totals()
        shown: list[Shown] = []
        waiting: list[tuple[str, int, int | None]] = [("", 2 * size - 2, None)]
        while waiting:
            code, node, parent = waiting.pop()
            label, name = f"{totals[node]:,}", self.names.get(node, "")
            is_word, is_cut = node < size, node >= size and len(code) == depth
            if is_cut:
                leaves = self._leaves(node)
                some = ", ".join(
                    self.words[leaf] for leaf in sorted(leaves, key=lambda leaf: -totals[leaf])[:_EXAMPLES]
                )
                label = f"{label} … {len(leaves):,} words: {some}{', …' if len(leaves) > _EXAMPLES else ''}"
            elif is_word:
                label = f"{label} {self.words[node]}"
            if name:
                label = f"{label} [{name}]"
            shown.append(Shown(code, label, name, node, parent, is_word, is_word or is_cut))
            if not is_word and not is_cut:
                sides = [(side, bit) for side, bit in zip(self.joins[node - size], "10", strict=True)]
                # The last in is the first out.
                for side, bit in sorted(sides, key=lambda pair: totals[pair[0]]):
                    waiting.append((code + bit, side, node))
        return shown

    def _leaves(self, node: int) -> list[int]:
        leaves, waiting = [], [node]
        while waiting:
            node = waiting.pop()
            if node < len(self.words):
                leaves.append(node)
            else:
                waiting += self.joins[node - len(self.words)]
        return leaves


def known_words(words: Sequence[str], known: Mapping[str, Any], *, what: str) -> None:
    """Refuse a vocabulary some of whose words have no place in the tree.

    Args:
        words: the vocabulary.
        known: what has a place, by word.
        what: what lacks them: "the clusters".

    Raises:
        SettingsError: words are lacking; some are named.
    """
    lacking = [word for word in words if word not in known]
    if lacking:
        some = ", ".join(map(repr, lacking[:5])) + (", …" if len(lacking) > 5 else "")
        raise SettingsError(
            f"expected {what} to hold every word of the vocabulary, but {len(lacking):,} of {len(words):,} are "
            f"lacking: {some}; add them, or leave them out of the text or by a higher min_count"
        )
