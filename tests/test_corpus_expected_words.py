"""The vocabulary to expect: phrases by a power of the text's length, a model's words as they are."""

from __future__ import annotations

import numpy as np
import pytest

from firth.corpus.expected_words import ExpectedWords, PhraseGrowth
from firth.corpus.vocabulary_growth import VocabularyGrowth


def growth(times: float) -> VocabularyGrowth:
    weights = 1 / (np.arange(3000) + 2.7)
    ids = np.random.default_rng(1).choice(len(weights), 20_000, p=weights / weights.sum())
    return VocabularyGrowth(ids, np.arange(100, 20_001, 100), times)


def phrases(here: int, before: int, *, times: float = 16.0, most: int | None = None) -> PhraseGrowth:
    return PhraseGrowth(np.full(here, 7), np.full(before, 7), joined=500, times=times, most=most)


def test_phrases_grow_by_a_power_of_the_text() -> None:
    # Twice as many in four times the text: four times as many in sixteen times it.
    assert phrases(200, 100).kinds(5) == pytest.approx(800)
    assert phrases(100, 100).kinds(5) == 100
    # Never more than by the power 1.25; as the text where a quarter has too few to tell; never more than there are.
    assert phrases(200, 6).kinds(5) == pytest.approx(200 * 16**1.25)
    assert phrases(200, 4).kinds(5) == 200 * 16
    assert phrases(200, 100, most=300).kinds(5) == 300
    assert phrases(200, 100).kinds(8) == 0
    assert phrases(200, 100).kinds(101) == 200  # scaled: each comes 112 times
    assert phrases(200, 100, times=1).kinds(7) == 200
    assert phrases(200, 100).joined == 8000


def test_without_phrases_and_a_model_it_is_the_text_s() -> None:
    own = growth(4)
    expected = ExpectedWords(own, tokens=own.tokens)
    for min_count in (1, 5, 50, 200):
        assert expected.kinds(min_count) == own.kinds(min_count)
        assert expected.occurrences(min_count) == pytest.approx(own.occurrences(min_count))
    assert expected.tokens == own.tokens == 80_000
    assert expected.least_count(100) == own.least_count(100)
    assert expected.of_most_frequent(50) == own.occurrences_of_most_frequent(50)


def test_a_model_s_words_stay_and_phrases_take_words_up() -> None:
    own, more = growth(4), phrases(80, 40, times=4)
    expected = ExpectedWords(own, more, tokens=own.tokens + 5000, known=1000, known_occurrences=5000.0)
    assert expected.kinds(5) == pytest.approx(1000 + own.kinds(5) + 160)
    assert expected.occurrences(5) == pytest.approx(5000 + own.occurrences(5) - 2000)
    assert expected.of_most_frequent(1000) == 5000
    least = expected.least_count(1300)
    assert expected.kinds(least) <= 1300 < expected.kinds(least - 1)
