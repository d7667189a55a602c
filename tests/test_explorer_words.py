"""Words found by their letters, beside the naive way; clusters; and one's own record."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firth.explorer.colours import CLUSTERS, clusters
from firth.explorer.completion import beginning_with, holding
from firth.explorer.once import Once
from firth.vectors.store import WordVectors

LETTERS = st.text(alphabet="abAB éß😀\u202e<", max_size=5)


def spellings(text: str) -> set[str]:
    return {text, text.lower(), text.capitalize(), text.upper()}


@given(words=st.lists(LETTERS, min_size=1, max_size=30, unique=True), text=LETTERS, k=st.integers(1, 8))
def test_words_are_found_as_the_naive_way_finds_them(words: list[str], text: str, k: int) -> None:
    counts = np.array([len(word) * 7 % 5 for word in words])
    wv = WordVectors(words, np.ones((len(words), 1)), counts)
    order = sorted(range(len(words)), key=lambda row: (-counts[row], row))
    begins = [row for row in order if any(words[row].startswith(part) for part in spellings(text))]
    assert beginning_with(wv, text, k).tolist() == begins[:k]
    if text:
        holds = [row for row in order if any(part in words[row] for part in spellings(text))]
        rows, total = holding(wv, text, k)
        assert (rows.tolist(), total) == (holds[:k], len(holds))


def test_a_match_does_not_reach_into_the_next_word() -> None:
    wv = WordVectors(["ab", "cd", "bc"], np.ones((3, 1)))
    assert holding(wv, "bc", 5)[0].tolist() == [2]
    assert holding(wv, "x" * 100, 5)[1] == 0


def test_clusters_are_those_of_the_kinds() -> None:
    generator = np.random.default_rng(1)
    kinds = np.repeat(np.arange(5), 40)
    centres = np.linalg.qr(generator.normal(size=(20, 20)))[0][:5]
    matrix = centres[kinds] * generator.uniform(1, 9, size=(200, 1)) + generator.normal(size=(200, 20)) * 0.02
    found = clusters(WordVectors([f"w{row}" for row in range(200)], matrix), 5)
    assert found.tolist() == kinds.tolist()  # numbered as they first come
    assert clusters(WordVectors(["a", "b", "c"], np.array([[1, 0], [2, 0], [0, 1]]))).tolist() == [0, 0, 1]
    assert clusters(WordVectors(["a", "b"], np.zeros((2, 2)))).tolist() == [0, 0]
    assert set(clusters(WordVectors([f"w{row}" for row in range(200)], matrix))) <= set(range(CLUSTERS))


def test_what_is_made_once_is_made_once() -> None:
    made: list[int] = []

    def make() -> int:
        time.sleep(0.05)
        made.append(1)
        return len(made)

    once = Once(make)
    answers: list[int] = []
    threads = [threading.Thread(target=lambda: answers.append(once())) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (answers, made) == ([1] * 5, [1])


def test_what_failed_is_tried_again() -> None:
    tries: list[int] = []

    def make() -> str:
        tries.append(1)
        if len(tries) == 1:
            raise ValueError("not yet")
        return "made"

    once = Once(make)
    with pytest.raises(ValueError, match="not yet"):
        once()
    assert once() == "made"
