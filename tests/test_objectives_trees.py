"""Trees of one's choice: each is one prefix-free tree over all words, and what is none is refused."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import firth
from firth.errors import SettingsError, SourceError
from firth.objectives import skipgram
from firth.objectives.cluster_tree import ClusterTree, read_clusters
from firth.objectives.hierarchical_softmax import HierarchicalSoftmax
from firth.objectives.huffman import Huffman
from firth.objectives.tree import TreeSettings
from firth.objectives.vector_tree import VectorTree

ANIMALS = {
    "dog": ["animal", "mammal"],
    "cat": ["animal", "mammal"],
    "whale": ["animal", "mammal", "sea"],
    "wren": ["animal", "bird"],
    "animal": ["word"],
    "red": "colour",
    "pink": "colour",
}
WORDS = list(ANIMALS)
COUNTS = np.array([40, 30, 12, 9, 5, 2, 1], dtype=np.int64)


def trees(size: int) -> list[TreeSettings]:
    random = np.random.default_rng(size)
    words = [str(word) for word in range(size)]
    paths = {
        word: [f"category {depth}{random.integers(3)}" for depth in range(random.integers(1, 4))] for word in words
    }
    vectors = (words, random.normal(size=(size, 3)).astype(np.float32))
    same = (words, np.ones((size, 2)))
    return [
        Huffman(), ClusterTree(clusters=paths), VectorTree(vectors=vectors), VectorTree(vectors=same),
        VectorTree(vectors=vectors, balance="words"),
    ]  # fmt: skip


@settings(deadline=None)  # the first tree of vectors waits for the compiler
@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=60))
def test_every_tree_is_one_prefix_free_tree_over_all_words(counts: list[int]) -> None:
    counts, words = sorted(counts)[::-1], [str(word) for word in range(len(counts))]
    for kind in trees(len(counts)):
        tree = kind.over(words, np.array(counts, dtype=np.int64))
        paths = tree.paths()
        codes = [paths.code(word) for word in range(len(counts))]
        assert all(not after.startswith(before) for before, after in itertools.pairwise(sorted(codes)))
        # Kraft: no turn leads nowhere.
        assert len(counts) == 1 or sum(2.0 ** -len(code) for code in codes) == pytest.approx(1)
        assert set(paths.nodes.tolist()) == set(range(len(counts) - 1))
        mean = sum(count * len(code) for count, code in zip(counts, codes, strict=True)) / sum(counts)
        assert tree.expected_length == pytest.approx(mean)
        assert tree.entropy <= tree.expected_length + 1e-9


@pytest.mark.parametrize("place", range(5))
def test_probabilities_add_up_to_one(place: int) -> None:
    words, counts = [str(word) for word in range(23)], np.arange(23, 0, -1)
    rows = HierarchicalSoftmax(tree=trees(23)[place]).over(words, counts)
    random = np.random.default_rng(3)
    outputs, vector = random.normal(size=(rows.row_count, 6)), random.normal(size=(1, 6))
    asked = [rows.asked(word) for word in range(23)]
    assert sum(np.exp(-skipgram.loss(vector, outputs[each.rows], each)) for each in asked) == pytest.approx(1)


def test_words_of_a_category_share_the_beginning_of_their_paths() -> None:
    paths = ClusterTree(clusters=ANIMALS).over(WORDS, COUNTS).paths()
    inside = {paths.code(word) for word, name in enumerate(WORDS) if "mammal" in ANIMALS[name]}
    outside = {paths.code(word) for word, name in enumerate(WORDS) if "mammal" not in ANIMALS[name]}
    shared = next(code for code in sorted(inside))
    while not all(code.startswith(shared) for code in inside):
        shared = shared[:-1]
    assert shared
    assert not any(code.startswith(shared) for code in outside)


def test_similar_words_lie_close_together() -> None:
    matrix = np.array([[1, 0], [-1, 0], [1.1, 0.1], [-1.1, 0.1]])
    paths = VectorTree(vectors=(list("abcd"), matrix), balance="words").over(list("abcd"), np.ones(4, np.int64)).paths()
    first = [paths.code(word)[0] for word in range(4)]
    assert first[0] == first[2] != first[1] == first[3]
    assert np.diff(paths.ends).tolist() == [2, 2, 2, 2]


def test_a_tree_is_printed_and_drawn() -> None:
    tree = ClusterTree(clusters=ANIMALS).over(WORDS, COUNTS)
    lines = str(tree).splitlines()
    assert lines[0].startswith("7 words; expected path length ")
    assert [line.split()[1] for line in lines[1:3]] == ["99", "91"]
    assert any(line.endswith("40 dog") for line in lines)
    assert "[animal]" in str(tree)
    assert len(tree.text(depth=1).splitlines()) == 4
    assert "dog, cat, whale, wren" in tree.text(depth=1)
    drawn = ClusterTree(clusters={'a"': "x", "b": "y"}).over(['a"', "b"], np.array([2, 1])).dot()
    assert drawn.count("->") == 2
    assert r"a\"" in drawn
    with pytest.raises(SettingsError, match="depth"):
        tree.text(depth=-1)


def test_a_model_tells_its_tree_s_lengths() -> None:
    loss = HierarchicalSoftmax(tree=ClusterTree(clusters=ANIMALS))
    tree = firth.SkipGram(dim=2, loss=loss).over(WORDS, COUNTS, seed=1).tree
    assert tree is not None
    codes = [tree.paths().code(word) for word in range(7)]
    mean = sum(len(code) * count for code, count in zip(codes, COUNTS.tolist(), strict=True)) / 99
    assert tree.facts() == {
        "expected_path_length": pytest.approx(mean),
        "entropy": pytest.approx(-sum(n / 99 * np.log2(n / 99) for n in COUNTS)),
        "longest_path": max(map(len, codes)),
    }
    assert json.loads(json.dumps(tree.facts())) == tree.facts()
    assert tree.summary == f"7 words; expected path length {mean:.3f}, entropy {tree.entropy:.3f} bits"
    assert firth.SkipGram(dim=2).over(WORDS, COUNTS, seed=1).tree is None
    assert Huffman().over(["a"], np.array([3])).facts() == {"expected_path_length": 0, "entropy": 0, "longest_path": 0}


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: ClusterTree(clusters={}), "expected clusters"),
        (lambda: ClusterTree(clusters={"a": []}), "path is empty"),
        (lambda: ClusterTree(clusters={"a": ["x", " "]}), "empty name"),
        (lambda: ClusterTree(clusters={"a": 3}), "path of categories"),
        (lambda: ClusterTree(clusters={"a": ["x", "y", "x"]}), "within each other"),
        (lambda: ClusterTree(clusters={"a": ["x", "y"], "b": ["y", "x"]}), "within each other"),
        (lambda: ClusterTree(clusters={"dog": ["animal"], "poodle": ["animal", "dog"]}), "'dog' to be a word or a cat"),
        (lambda: ClusterTree(clusters={"a": "x"}).over(["a", "b"], np.array([2, 1])), "1 of 2 are lacking: 'b'"),
        (lambda: VectorTree(vectors=(["a"], np.eye(1))).over(["b"], np.array([2])), "1 of 1 are lacking: 'b'"),
        (lambda: VectorTree(vectors=(["a", "b"], [[1.0], [np.nan]])), "'b' holds NaN"),
        (lambda: VectorTree(vectors=(["a", "b"], np.eye(3))), "row for each"),
        (lambda: VectorTree(vectors=(["a"], [["x"]])), "real numbers"),
        (lambda: VectorTree(vectors=(["a", "b"], [[1], [2, 3]])), "matrix of numbers"),
        (lambda: VectorTree(vectors=3), "expected word vectors"),
        (lambda: VectorTree(vectors=(["a", "a"], np.eye(2))).over(["a"], np.array([2])), "each word once"),
        (lambda: VectorTree(vectors=(["a"], np.eye(1)), balance="depth"), "balance"),
        (lambda: HierarchicalSoftmax(tree="huffman"), "expected a tree"),
        (lambda: HierarchicalSoftmax(tree=Huffman), "expected a tree"),
    ],
)
def test_what_is_no_tree_is_refused(make: Callable[[], object], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        make()


def test_clusters_are_read_from_files(tmp_path: Path) -> None:
    table, document = tmp_path / "clusters.tsv", tmp_path / "clusters.json"
    table.write_text("dog\tanimal\tmammal\r\n\nred\tcolour\n")
    assert read_clusters(table) == {"dog": ["animal", "mammal"], "red": ["colour"]}
    document.write_text(json.dumps(ANIMALS))
    assert read_clusters(document) == ANIMALS


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("c.tsv", b"dog animal\n", "line 1 .* has no tab"),
        ("c.tsv", b"dog\ta\ndog\tb\n", "'dog' twice"),
        ("c.json", b'{"dog": "a", "dog": "b"}', "'dog' twice"),
        ("c.json", b"[1]", "JSON object"),
        ("c.json", b"{", "cannot be read"),
        ("c.json", b'"\xff"', "UTF-8"),
        ("c.json", None, "could not read"),
    ],
)
def test_broken_files_of_clusters_are_refused(tmp_path: Path, name: str, content: bytes | None, said: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises((SettingsError, SourceError), match=said):
        read_clusters(tmp_path / name)


def test_the_record_tells_kind_and_fingerprint() -> None:
    loss = firth.HierarchicalSoftmax(tree=firth.ClusterTree(clusters=ANIMALS))
    text = ["dog cat whale wren", "animal red pink"] * 3
    run = firth.train(text, firth.SkipGram(dim=4, subsample=0, loss=loss), epochs=1, min_count=1, threads=1)
    told = run.record["objective"]["loss"]["tree"]
    assert (told["kind"], told["words"]) == ("ClusterTree", 7)
    assert len(told["fingerprint"]) == 16
    again = firth.HierarchicalSoftmax(tree=firth.VectorTree(vectors=run.vectors))
    other = firth.train(text, firth.SkipGram(dim=4, subsample=0, loss=again), epochs=1, min_count=1, threads=1)
    assert other.record["objective"]["loss"]["tree"]["kind"] == "VectorTree"
    assert "dog" not in repr(loss)
