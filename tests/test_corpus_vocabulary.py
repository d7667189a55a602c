"""The vocabulary: order, look-up, and errors that help."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firth.corpus.vocabulary import Vocabulary, nothing_kept, ordered
from firth.errors import UnknownWordError


@given(st.dictionaries(st.text(), st.integers(1, 4)))
def test_the_order_is_by_count_and_then_by_code_points(counts: dict[str, int]) -> None:
    words = list(counts)
    found = [words[place] for place in ordered(words, np.array(list(counts.values()), dtype=np.int64))]
    assert found == sorted(counts, key=lambda word: (-counts[word], word))


def test_look_up() -> None:
    vocabulary = Vocabulary(["the", "king", "queen"], np.array([5, 2, 1]))
    assert (len(vocabulary), vocabulary.total, list(vocabulary)) == (3, 8, ["the", "king", "queen"])
    assert vocabulary.index("queen") == 2
    assert "king" in vocabulary
    assert "kings" not in vocabulary
    assert repr(vocabulary) == "<Vocabulary of 3 words, 8 occurrences>"
    with pytest.raises(UnknownWordError, match="the vocabulary has no word 'kin'; near it are king"):
        vocabulary.index("kin")
    with pytest.raises(UnknownWordError, match=r"no word 'xyz'$"):
        vocabulary.index("xyz")


def test_it_cannot_be_changed() -> None:
    counts = np.array([2, 1])
    vocabulary = Vocabulary(["a", "b"], counts)
    counts[0] = 9
    assert vocabulary.counts.tolist() == [2, 1]
    with pytest.raises(ValueError, match="read-only"):
        vocabulary.counts[0] = 3


def test_why_nothing_is_kept() -> None:
    assert "a.txt has none" in str(nothing_kept(0, 0, 5, "a.txt"))
    assert "comes 1 time;" in str(nothing_kept(3, 1, 5, "a.txt"))
