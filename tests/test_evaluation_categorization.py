"""Categorisation: purity by its definition, the known structure found, coverage said."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firth.evaluation.categorization import evaluate
from firth.vectors.store import WordVectors


@given(st.integers(0, 10_000), st.integers(1, 25), st.integers(1, 4))
def test_purity_is_the_definition_s_over_the_clusters_made(seed: int, size: int, kinds: int) -> None:
    generator = np.random.default_rng(seed)
    words = [f"w{number}" for number in range(size)]
    kind = {word: f"k{generator.integers(kinds)}" for word in words}
    wv = WordVectors(words, generator.normal(size=(size, 3)).astype(np.float32))
    result = evaluate(wv, kind)
    members: dict[int, list[str]] = {}
    for word, cluster in result.clusters.items():
        members.setdefault(cluster, []).append(kind[word])
    purest = sum(Counter(some).most_common(1)[0][1] for some in members.values())
    assert result.purity == pytest.approx(purest / size)
    assert len(members) <= result.kinds == len(set(kind.values()))
    assert result.coverage == 1


def test_three_bundles_are_three_clusters() -> None:
    generator = np.random.default_rng(1)
    directions = np.repeat(np.eye(3), 10, axis=0)
    # Lengths differ widely: only the angle counts.
    rows = (directions + generator.normal(scale=0.1, size=(30, 3))) * generator.uniform(0.1, 50, size=(30, 1))
    words = [f"w{number}" for number in range(30)]
    kinds = {word: f"k{number // 10}" for number, word in enumerate(words)}
    result = evaluate(WordVectors(words, rows.astype(np.float32)), {**kinds, "unknown": "k1"})
    assert result.purity == 1
    assert sorted(Counter(result.clusters.values()).values()) == [10, 10, 10]
    assert (result.asked, result.known, result.missing) == (31, 30, ("unknown",))
    assert "known   30 of 31 words (96.8 %)" in str(result)
    assert result.to_dict()["purity"] == 1


def test_nothing_known_is_no_score() -> None:
    wv = WordVectors(["a"], np.ones((1, 2), dtype=np.float32))
    assert evaluate(wv, {"x": "k"}).purity is None
    assert evaluate(wv, {"a": "k"}).purity == 1
    assert evaluate(wv, {}).coverage is None
