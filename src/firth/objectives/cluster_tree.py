"""A tree grown from categories: words of a category share the beginning of their paths.

A category's members, words and narrower categories, are told apart by a Huffman tree over their total counts.

Source: Morin and Bengio 2005, §4, who take the categories from WordNet; Mikolov et al. 2011 for flat classes.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firth.errors import SettingsError, SourceError
from firth.objectives.huffman import huffman_joins
from firth.objectives.tree import Tree, known_words

if TYPE_CHECKING:
    import os

    import numpy as np
    import numpy.typing as npt

__all__ = ["ClusterTree", "read_clusters"]

Steps = tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ClusterTree:
    """A tree of categories, as deep as one likes.

    Args:
        clusters: word → its category, or word → its path of categories, the widest first. It may hold more words than
            the text; it must hold each of the text's.
    """

    clusters: Mapping[str, str | Sequence[str]] = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what is no tree."""
        if not isinstance(self.clusters, Mapping) or not self.clusters:
            raise SettingsError("expected clusters, a mapping of each word to its category or path of categories")
        paths = {word: _checked_path(word, path) for word, path in self.clusters.items()}
        _check_places(paths)
        object.__setattr__(self, "clusters", paths)

    def over(self, words: Sequence[str], counts: npt.NDArray[np.int64]) -> Tree:
        """Return the vocabulary's tree.

        Args:
            words: (V,) str, V ≥ 1.
            counts: int64 (V,), each ≥ 1, most frequent first.

        Raises:
            SettingsError: a word has no category.
        """
        known_words(words, self.clusters, what="the clusters")
        # Each category's members: their counts and nodes.
        members: dict[Steps, list[tuple[int, int]]] = {(): []}
        for word, count in enumerate(counts):
            path = tuple(self.clusters[words[word]])
            for depth in range(1, len(path) + 1):
                members.setdefault(path[:depth], [])
            members[path].append((int(count), word))

        joins: list[tuple[int, int]] = []
        names: dict[int, str] = {}
        # The deepest first: a category is done before its parent, which counts it as one member.
        for path in sorted(members, key=len, reverse=True):
            ranked = sorted(members[path], key=lambda member: -member[0])
            nodes, first_join = [node for _, node in ranked], len(words) + len(joins)
            for join in huffman_joins([count for count, _ in ranked]):
                first, second = (n if n < len(ranked) else first_join + n - len(ranked) for n in join)
                joins.append(
                    (nodes[first] if first < len(ranked) else first, nodes[second] if second < len(ranked) else second)
                )
            if path:
                node = nodes[0] if len(nodes) == 1 else len(words) + len(joins) - 1
                names[node] = f"{path[-1]} › {names[node]}" if node in names else path[-1]
                members[path[:-1]].append((sum(count for count, _ in ranked), node))
        return Tree(words=words, counts=counts, joins=joins, names=names)

    def described(self) -> dict[str, Any]:
        """Return the tree's kind and its mapping's fingerprint, as JSON can hold it."""
        text = json.dumps(sorted(self.clusters.items()), ensure_ascii=False)
        fingerprint = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        return {"kind": "ClusterTree", "words": len(self.clusters), "fingerprint": fingerprint}


def read_clusters(path: str | os.PathLike[str]) -> dict[str, str | list[str]]:
    """Return a mapping read from a file.

    Args:
        path: .json, an object of words with their category or list of categories; or else lines with a word, a
            tab and its category, narrower ones following after further tabs.

    Raises:
        SourceError: the file cannot be read.
        SettingsError: it holds no such mapping.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SourceError(f"could not read the clusters in {path}: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise SourceError(f"expected clusters in UTF-8, but {path} is not, from byte {error.start:,} on") from None
    if Path(path).suffix.lower() == ".json":
        try:
            pairs = json.loads(text, object_pairs_hook=list)
        except (ValueError, RecursionError) as error:
            raise SettingsError(f"expected clusters as a JSON object, but {path} cannot be read: {error}") from None
        if not isinstance(pairs, list) or not all(isinstance(pair, tuple) for pair in pairs):
            raise SettingsError(f"expected a JSON object of words with their categories, but {path} is none")
    else:
        pairs = []
        for number, line in enumerate(text.split("\n"), start=1):
            if not line.strip():
                continue
            word, *categories = line.rstrip("\r").split("\t")
            if not categories:
                raise SettingsError(
                    f"expected a word, a tab and its category, but line {number:,} of {path} has no tab"
                )
            pairs.append((word, categories))
    clusters = dict(pairs)
    if len(clusters) < len(pairs):
        twice = Counter(word for word, _ in pairs).most_common(1)[0][0]
        raise SettingsError(f"expected each word once, but {path} holds {twice!r} twice")
    return clusters


def _checked_path(word: object, path: object) -> Steps:
    if not isinstance(word, str):
        raise SettingsError(f"expected words as strings in the clusters, got {word!r}")
    steps = (path,) if isinstance(path, str) else path
    if not isinstance(steps, Sequence) or not all(isinstance(step, str) for step in steps):
        raise SettingsError(f"expected a category or a path of categories, strings, for {word!r}, got {path!r}")
    if not steps or not all(step.strip() for step in steps):
        raise SettingsError(
            f"expected a category or a path of categories for {word!r}, but its path is empty or holds an empty name; "
            "give such words a category of their own, such as 'other'"
        )
    return tuple(steps)


def _check_places(paths: Mapping[str, Steps]) -> None:
    """Refuse categories that lie within themselves, and words in whose place a category is."""
    above: dict[str, set[str]] = {}
    categories = {path[:depth] for path in paths.values() for depth in range(1, len(path) + 1)}
    for path in categories:
        above.setdefault(path[-1], set()).update(path[-2:-1])
    try:
        list(TopologicalSorter(above).static_order())
    except CycleError as error:
        raise SettingsError(
            f"expected a tree, but these categories lie within each other: {' > '.join(error.args[1])}; where "
            "different categories have one name, tell them apart"
        ) from None
    for word, path in paths.items():
        if (*path, word) in categories:
            raise SettingsError(
                f"expected {word!r} to be a word or a category, but within {' > '.join(path)} it is both; move the "
                "word into the category, or give the category another name"
            )
