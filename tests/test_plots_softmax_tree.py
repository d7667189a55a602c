"""The drawing of hierarchical softmax's tree against the tree itself."""

from __future__ import annotations

import numpy as np
import pytest

from firth import plots
from firth.errors import SettingsError, UnknownWordError
from firth.objectives.cluster_tree import ClusterTree
from firth.objectives.huffman import Huffman
from firth.vectors.store import WordVectors

WORDS = ["the", "of", "king", "queen", "pink", "blue", "dog", "cat"]
COUNTS = np.array([400, 200, 60, 50, 20, 18, 9, 3])
WV = WordVectors(WORDS, np.eye(8), COUNTS)
TREE = Huffman().over(WORDS, COUNTS)


def labels(figure) -> list[str]:  # type: ignore[no-untyped-def]
    return [text.get_text() for text in figure.axes[0].texts if text.get_text() not in ("0", "1")]


def nodes(figure) -> list[tuple[float, float, str]]:  # type: ignore[no-untyped-def]
    found = []
    for line in figure.axes[0].lines:
        if line.get_marker() == "o":
            (x,), (y,) = line.get_data()
            found.append((float(x), float(y), line.get_markerfacecolor()))
    return found


def test_the_whole_of_a_small_tree_has_a_leaf_for_each_word() -> None:
    figure = plots.tree(WV, depth=8)
    assert sorted(labels(figure)) == sorted(f"{count} {word}" for word, count in zip(WORDS, COUNTS, strict=True))
    leaves = [node for node in nodes(figure) if node[2] == "white"]
    assert len(leaves) == 8
    assert len(nodes(figure)) == 15, "V leaves and V − 1 inner nodes"
    lengths = sorted(np.diff(TREE.paths().ends).tolist())
    assert sorted(int(x) for x, _, _ in leaves) == lengths, "a word stands as far to the right as its path is long"
    assert len({y for _, y, _ in leaves}) == 8
    assert figure.axes[0].get_title(loc="left") == TREE.summary


def test_the_ways_to_chosen_words_are_their_paths() -> None:
    figure = plots.tree(WV, ["king", "cat"])
    codes = {word: TREE.paths().code(WORDS.index(word)) for word in ("king", "cat")}
    assert sorted(labels(figure)) == sorted([f"king   {codes['king']}   60", f"cat   {codes['cat']}   3"])
    starts = {code[:end] for code in codes.values() for end in range(len(code) + 1)}
    assert len(nodes(figure)) == len(starts)
    turns = [text.get_text() for text in figure.axes[0].texts if text.get_text() in ("0", "1")]
    assert sorted(turns) == sorted(start[-1] for start in starts if start)


def test_the_first_turns_tell_of_what_lies_below() -> None:
    found = labels(plots.tree(WV, depth=1))
    assert len(found) == 2
    assert any("400 the" in label for label in found)
    assert any("360 … 7 words: of, king, queen, pink, …" in label for label in found)


def test_a_tree_of_categories_shows_their_names() -> None:
    clusters = {word: "animals" if word in ("dog", "cat") else "others" for word in WORDS}
    found = labels(plots.tree(WV, settings=ClusterTree(clusters=clusters)))
    assert any("animals" in label for label in found)


def test_another_tree_than_was_learned_over_is_not_drawn() -> None:
    record = {"objective": {"loss": {"kind": "HierarchicalSoftmax", "tree": {"kind": "ClusterTree"}}}}
    learned = WordVectors(WORDS, np.eye(8), COUNTS, record=record)
    with pytest.raises(SettingsError, match="ClusterTree"):
        plots.tree(learned)
    assert labels(plots.tree(learned, settings=Huffman(), depth=2))
    for odd in ({"objective": "?"}, {"objective": {"loss": None}}):
        assert labels(plots.tree(WordVectors(WORDS, np.eye(8), COUNTS, record=odd)))


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(SettingsError, match="how often each word came"):
        plots.tree(WordVectors(WORDS, np.eye(8)))
    with pytest.raises(SettingsError, match="1 to 8 turns"):
        plots.tree(WV, depth=0)
    with pytest.raises(UnknownWordError, match="kin"):
        plots.tree(WV, ["kin"])
    assert labels(plots.tree(WordVectors(["one"], np.ones((1, 2)), np.array([5])))) == ["5 one"]
