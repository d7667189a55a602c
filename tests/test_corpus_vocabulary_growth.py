"""The vocabulary of a text, told from a sample of its pieces: exact where all was read, near the truth elsewhere."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from firth.corpus.vocabulary_growth import MOST, VocabularyGrowth, _reach

MIN_COUNTS = (1, 2, 5, 10, 20, 50, 100)


def zipf_text(words: int, *, bursts: bool, seed: int = 1) -> np.ndarray:
    """Return word ids by Zipf's and Mandelbrot's law, where wanted each several times in a row."""
    random = np.random.default_rng(seed)
    weights = 1 / (np.arange(200_000) + 2.7) ** 1.1
    chosen = random.choice(len(weights), words, p=weights / weights.sum())
    return np.repeat(chosen, random.geometric(0.6, words))[:words] if bursts else chosen


def pieces_of(ids: np.ndarray, times: int, size: int = 1000) -> tuple[np.ndarray, np.ndarray]:
    """Return every so-manieth piece of a text, and where these pieces end."""
    places = np.arange(0, len(ids) - size + 1, size * times)
    return np.concatenate([ids[place : place + size] for place in places]), np.arange(1, len(places) + 1) * size


def kinds(ids: np.ndarray) -> np.ndarray:
    counts = np.bincount(ids)
    return np.array([np.count_nonzero(counts >= some) for some in MIN_COUNTS])


def test_a_whole_text_is_counted_exactly() -> None:
    ids = zipf_text(50_000, bursts=True)
    growth = VocabularyGrowth(ids, np.arange(1000, 50_001, 1000), 1)
    assert [growth.kinds(some) for some in MIN_COUNTS] == kinds(ids).tolist()
    counts = np.bincount(ids)
    for some in (1, 2, 7, 100, 101, 500):
        assert growth.kinds(some) == np.count_nonzero(counts >= some)
        assert growth.occurrences(some) == pytest.approx(counts[counts >= some].sum())
    assert growth.occurrences_of_most_frequent(10) == np.sort(counts)[-10:].sum()


@pytest.mark.parametrize("bursts", [False, True])
@pytest.mark.parametrize("times", [3, 20])
def test_a_sample_tells_the_whole(times: int, bursts: bool) -> None:
    ids = zipf_text(1_000_000, bursts=bursts)
    growth = VocabularyGrowth(*pieces_of(ids, times), times)
    truth = kinds(ids)
    # Far beyond the errors on real texts, most of all for words that come once, of which a sample knows least.
    for some, true in zip(MIN_COUNTS, truth.tolist(), strict=True):
        assert growth.kinds(some) == pytest.approx(true, rel=0.2 if some < 5 else 0.15), some
    counts = np.bincount(ids)
    assert growth.occurrences(5) == pytest.approx(counts[counts >= 5].sum(), rel=0.02)
    assert growth.tokens == pytest.approx(len(ids), rel=0.01)


def test_counting_words_alone_would_be_wrong() -> None:
    """Where words come in bursts, a sample taken for single words has far too few of them."""
    ids = zipf_text(1_000_000, bursts=True)
    sampled, ends = pieces_of(ids, 20)
    single = VocabularyGrowth(sampled, np.arange(1, len(sampled) + 1), 20)
    pieces = VocabularyGrowth(sampled, ends, 20)
    true = kinds(ids)[1]
    assert abs(pieces.kinds(2) - true) < abs(single.kinds(2) - true)


def test_fewer_words_are_kept_the_higher_min_count_is() -> None:
    growth = VocabularyGrowth(*pieces_of(zipf_text(300_000, bursts=True), 10), 10)
    curve = [growth.kinds(some) for some in range(1, 300)]
    assert all(before >= after for before, after in itertools.pairwise(curve))
    kept = [growth.occurrences(some) for some in range(1, MOST + 1)]
    assert all(before >= after - 1e-6 for before, after in itertools.pairwise(kept))
    for words in (10, 500, 5_000):
        least = growth.least_count(words)
        assert growth.kinds(least) <= words
        assert least == 1 or growth.kinds(least - 1) > words or least > MOST


def test_compound_poisson_probabilities() -> None:
    """Panjer's recursion against the definition: Σ_n Poisson(n; λ) · P(B₁ + … + B_n ≥ r)."""
    bursts = np.zeros(MOST + 1)
    bursts[[1, 2, 5]] = 0.6, 0.3, 0.1
    rates = np.array([0.0, 0.3, 2.0, 9.0])
    reach = _reach(bursts, rates)
    for place, rate in enumerate(rates.tolist()):
        total, sums, weight = np.zeros(1000), np.eye(1, 1000)[0], np.exp(-rate)
        for n in range(60):
            total += weight * sums
            sums = np.convolve(sums, bursts)[:1000]
            weight *= rate / (n + 1)
        expected = 1 - np.concatenate(([0], np.cumsum(total)))[: MOST + 1]
        np.testing.assert_allclose(reach[:, place], expected, atol=1e-9)


def test_small_samples_promise_nothing() -> None:
    growth = VocabularyGrowth(np.array([0, 1, 0]), np.array([3]), 10)
    assert growth.kinds(1) == 2
    assert growth.kinds(5) == pytest.approx(2, abs=0.1)
    nothing = VocabularyGrowth(np.zeros(0, np.int32), np.zeros(0, np.int64), 1)
    assert nothing.kinds(1) == nothing.occurrences(1) == 0
