from __future__ import annotations

import difflib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firth.errors import FormatError, SettingsError
from firth.vectors.spelling import near_spellings
from firth.vectors.words import PackedWords, shown

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@given(words=st.lists(texts, unique=True, max_size=20), others=st.lists(texts, max_size=5))
def test_packed_words_are_a_sequence(words: list[str], others: list[str]) -> None:
    packed = PackedWords.of(words)
    assert len(packed) == len(words)
    assert list(packed) == words
    assert packed == words
    assert packed == tuple(words)
    assert packed == PackedWords(packed.text, packed.ends)
    assert packed[1:] == words[1:]
    assert PackedWords.of(packed) is packed
    mapped = PackedWords(packed.text, packed.ends)
    for word in [*words, *others] * 2:
        expected = words.index(word) if word in words else None
        assert packed.find(word) == expected
        assert mapped.find(word) == expected
        assert (word in packed) == (word in words)


def test_packed_words_by_position() -> None:
    packed = PackedWords.of(["a", "bé", ""])
    assert packed[-2] == "bé"
    assert repr(packed) == "<3 words: 'a', 'bé', ''>"
    assert packed != 3
    assert packed != ["a", "b", "c"]
    assert "\ud800" not in PackedWords(packed.text, packed.ends)
    with pytest.raises(IndexError):
        packed[3]


@pytest.mark.parametrize("ends", [[], [0], [0, 3, 2, 4], [0, 5], [1, 4], [0, 3], [0, 2, 4]])
def test_bounds_that_do_not_fit(ends: list[int]) -> None:
    text = np.frombuffer("aéb".encode(), dtype=np.uint8)
    with pytest.raises(FormatError, match="expected"):
        PackedWords(text, np.array(ends, dtype=np.int64))


def test_bytes_that_are_no_utf8() -> None:
    with pytest.raises(FormatError, match="UTF-8, got other bytes in word 1"):
        PackedWords(np.frombuffer(b"ab\xff", dtype=np.uint8), np.array([0, 1, 3]))


def test_a_word_that_comes_twice() -> None:
    with pytest.raises(SettingsError, match='"a" as word 0 and as word 2'):
        PackedWords.of(["a", "b", "a"])
    twice = PackedWords(np.frombuffer(b"aba", dtype=np.uint8), np.array([0, 1, 2, 3]))
    for _ in range(20):
        assert twice._ids is None
        with pytest.raises(FormatError, match='"a" as word 0 and as word 2'):
            twice.find("a")


def test_the_dictionary_can_be_made_before_it_is_asked_for() -> None:
    packed = PackedWords(np.frombuffer(b"abb", dtype=np.uint8), np.array([0, 1, 3]))
    packed.prepare()
    assert packed._ids == {"a": 0, "bb": 1}
    assert (packed.find("bb"), packed.find("b")) == (1, None)
    twice = PackedWords(np.frombuffer(b"aba", dtype=np.uint8), np.array([0, 1, 2, 3]))
    with pytest.raises(FormatError, match='"a" as word 0 and as word 2'):
        twice.prepare()
    assert twice.find("b") == 1


def test_words_are_shown_safely() -> None:
    assert shown("café") == "café"
    assert shown("a\x1b[2J\n\ud800") == "a\\x1b[2J\\n\\ud800"
    assert shown("x" * 100) == "x" * 59 + "…"


def test_near_spellings() -> None:
    words = ["the", "colour", "color", "Paris", "pairs", "recieve", "naïve", "x", ""]
    packed = PackedWords.of(words)
    assert near_spellings(packed, "colr") == ["color", "colour"]
    assert near_spellings(packed, "paris")[0] == "Paris"
    assert near_spellings(packed, "receive") == ["recieve"]
    assert near_spellings(packed, "naive") == ["naïve"]
    assert near_spellings(packed, "qqqqq") == []
    assert near_spellings(packed, "X") == ["x"]
    assert near_spellings(packed, "z") == []
    assert near_spellings(PackedWords.of(["x", "y"]), "long") == []
    assert near_spellings(packed, "c" * 10_000) == []
    assert near_spellings(packed, "") == []


def test_near_spellings_miss_no_near_word() -> None:
    """The byte filter lets everything through that difflib would take, as long as there are few candidates."""
    rng = np.random.default_rng(6)
    words = list(dict.fromkeys("".join(rng.choice(list("abcd"), size=rng.integers(2, 8))) for _ in range(300)))
    packed = PackedWords.of(words)
    for word in ("abcd", "aabb", "dcbadc", "cab"):
        expected = [other for other in difflib.get_close_matches(word, words, n=400, cutoff=0.7) if other != word]
        assert [other for other in near_spellings(packed, word, most=400) if other != word] == expected
