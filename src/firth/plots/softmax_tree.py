"""The binary tree of hierarchical softmax: its first turns, or the ways to chosen words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from firth.errors import SettingsError
from firth.objectives.huffman import Huffman
from firth.plots.canvas import drawing, whole
from firth.plots.colours import FAINT, GREY, INK
from firth.vectors.queries import some_words
from firth.vectors.words import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from firth.events import Listener
    from firth.objectives.tree import Tree, TreeSettings
    from firth.vectors.store import WordVectors

__all__ = ["tree"]

_MOST_DEPTH = 8


@dataclass(slots=True)
class _Node:
    """A node that is drawn.

    Args:
        code: the turns that lead to it.
        label: beside it; empty for inner nodes.
        is_leaf: whether it is a word.
        children: those that are drawn, the first child (turn 1) first.
        column: turns from the root.
        row: from the top.
    """

    code: str
    label: str = ""
    is_leaf: bool = False
    children: list[_Node] = field(default_factory=list)
    row: float = 0.0

    @property
    def column(self) -> int:
        return len(self.code)

    def all(self) -> Iterator[_Node]:
        """Return the node and all below it."""
        yield self
        for child in self.children:
            yield from child.all()


def tree(
    wv: WordVectors,
    words: Sequence[str] | None = None,
    *,
    settings: TreeSettings | None = None,
    depth: int = 4,
    title: str | None = None,
    figure: Figure | SubFigure | None = None,
    on_event: Listener | None = None,
) -> Figure:
    """Draw the tree whose turns hierarchical softmax learns: p(w | v) is the product of the turns' probabilities.

    Inner nodes are grey, words are white. Each way branches to the first child, turn 1, upward and to the second,
    turn 0, downward. Beside a word stands its path, as ones and zeros, and how often the word came.

    Args:
        wv: the vocabulary, with its counts.
        words: draw the ways to these, and of everything else only where it branches off; None for the first turns.
        settings: how the tree is made: `Huffman()`, `ClusterTree` or `VectorTree`; None for a Huffman tree, unless the
            vectors' record tells of another.
        depth: int from 1 to 8, how many turns are drawn where no words are chosen.
        title: of the picture; None for the tree's size, expected path length and entropy.
        figure: a Matplotlib figure or subfigure to draw in; None for a new one.
        on_event: told of scripts for which there is no font.

    Returns:
        the figure; the whole of it where a subfigure was given.

    Raises:
        UnknownWordError: a word is not in the vocabulary.
        SettingsError: the vectors have no counts, or were learned over another tree; a depth that cannot be.
        MissingExtraError: Matplotlib is not installed.

    Source: Morin and Bengio 2005; the drawing follows Rong 2014 (arXiv:1411.2738), figure 4.
    """
    if wv.counts is None or not bool((wv.counts > 0).all()):
        raise SettingsError(
            "expected vectors that hold how often each word came, from which the tree is made, got some without; "
            "train them with Firth, or open a file that keeps counts"
        )
    if isinstance(depth, bool) or not isinstance(depth, int) or not 1 <= depth <= _MOST_DEPTH:
        raise SettingsError(f"expected a depth of 1 to {_MOST_DEPTH} turns, got {depth!r}")
    made = (_default(wv) if settings is None else settings).over(wv.words, wv.counts)
    root = _first_turns(made, depth) if words is None else _ways(made, wv, words)
    rows = _arranged(root)
    nodes = list(root.all())
    columns = 1 + max(node.column for node in nodes)
    size = (max(4.0, 0.42 * columns + 0.075 * max(len(node.label) for node in nodes)), max(2.0, 0.6 + 0.3 * rows))
    with drawing(figure, [node.label for node in nodes], size, on_event) as drawn:
        axes = drawn.subplots()
        axes.set_title(made.summary if title is None else title, fontsize=10, loc="left", wrap=True)
        for node in nodes:
            _draw(axes, node)
        axes.set_xlim(-0.4, columns - 0.6)
        axes.set_ylim(rows - 0.4, -0.6)
        axes.axis("off")
    return whole(drawn)


def _draw(axes: Axes, node: _Node) -> None:
    """Draw a node, its label, and the turns that go out from it."""
    for child in node.children:
        axes.plot([node.column, child.column], [node.row, child.row], color=GREY, linewidth=1, zorder=1)
        middle = ((node.column + child.column) / 2, (node.row + child.row) / 2)
        axes.annotate(child.code[-1], middle, (0, 4), textcoords="offset points", ha="center", fontsize=6, color=GREY)
    if len(node.children) == 1:
        # Where the other turn leads, nothing was chosen.
        down = 0.35 if node.children[0].code.endswith("1") else -0.35
        axes.plot([node.column, node.column + 0.5], [node.row, node.row + down], color=FAINT, linewidth=1, zorder=1)
    shade = "white" if node.is_leaf else FAINT
    axes.plot(
        node.column, node.row, marker="o", markersize=7, markerfacecolor=shade, markeredgecolor=INK, markeredgewidth=0.8
    )
    if node.label:
        place = (8, 0) if not node.children else (0, 7)
        axes.annotate(
            node.label, (node.column, node.row), place, textcoords="offset points", fontsize=9, color=INK,
            va="center" if not node.children else "bottom", ha="left" if not node.children else "center",
        )  # fmt: skip


def _default(wv: WordVectors) -> Huffman:
    """Return the settings of the Huffman tree; refuse it where the record tells of a tree that no counts give."""
    entry: object = wv.record
    for name in ("objective", "loss", "tree", "kind"):
        entry = entry.get(name) if isinstance(entry, Mapping) else None
    if entry not in (None, "Huffman"):
        raise SettingsError(
            f"expected the tree that these vectors were learned over, a {entry}, got none; give it (settings=, --tree)"
        )
    return Huffman()


def _first_turns(made: Tree, depth: int) -> _Node:
    """Return the tree down to a depth; what lies deeper is told by its most frequent words."""
    nodes: dict[str, _Node] = {}
    for one in made.shown(depth):
        nodes[one.code] = _Node(one.code, shown(one.label if one.is_end else one.name, 120), is_leaf=one.is_word)
        if one.code:
            nodes[one.code[:-1]].children.append(nodes[one.code])
    for node in nodes.values():
        node.children.sort(key=lambda child: child.code, reverse=True)
    return nodes[""]


def _ways(made: Tree, wv: WordVectors, words: Sequence[str]) -> _Node:
    """Return the part of the tree that leads to some words; where nothing chosen lies, a stub."""
    each, ids = some_words(wv, words)
    paths, nodes = made.paths(), {"": _Node("")}
    for word, word_id in zip(each, ids.tolist(), strict=True):
        code = paths.code(word_id)
        for end in range(1, len(code) + 1):
            start = code[:end]
            if start not in nodes:
                nodes[start] = _Node(start)
                nodes[start[:-1]].children.append(nodes[start])
        nodes[code].label = f"{shown(word)}   {code}   {int(made.counts[word_id]):,}"
        nodes[code].is_leaf = True
    for node in nodes.values():
        node.children.sort(key=lambda child: child.code, reverse=True)
    return nodes[""]


def _arranged(root: _Node) -> int:
    """Give each node its row: those without children one each, all others midway between theirs."""
    rows = 0

    def place(node: _Node) -> float:
        nonlocal rows
        if node.children:
            below = [place(child) for child in node.children]
            node.row = (below[0] + below[-1]) / 2
        else:
            node.row = rows
            rows += 1
        return node.row

    place(root)
    return rows
