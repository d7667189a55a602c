"""Losses against numerical gradients; noise, alias table and Huffman tree against oracles."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firth.errors import SettingsError
from firth.objectives import cbow, skipgram
from firth.objectives.alias_table import alias_table
from firth.objectives.cbow import CBOW
from firth.objectives.decisions import Asked
from firth.objectives.hierarchical_softmax import HierarchicalSoftmax
from firth.objectives.huffman import Huffman
from firth.objectives.negative_sampling import NegativeSampling
from firth.objectives.noise import LogUniform, Unigram
from firth.objectives.noise_contrastive import NCE
from firth.objectives.skipgram import SkipGram
from firth.objectives.tree import Paths
from naive import draw_alias, optimal_code_length, split_mix

COUNTS = np.array([40, 30, 12, 9, 5, 2, 1], dtype=np.int64)
WORDS = list("abcdefg")
LOSSES = [NegativeSampling(negatives=4), NCE(negatives=4), NCE(negatives=4, noise=LogUniform()), HierarchicalSoftmax()]
STEP = 1e-6


def question(loss: NegativeSampling | NCE | HierarchicalSoftmax, target: int = 2) -> Asked:
    rows = loss.over(WORDS, COUNTS)
    if isinstance(loss, HierarchicalSoftmax):
        return rows.asked(target)
    return rows.asked(target, np.array([0, 2, 5, 0]))


def numerical(function: Callable[[], float], matrix: np.ndarray) -> np.ndarray:
    """Return the two-sided difference quotients of a function of a matrix that it reads in place."""
    result = np.empty_like(matrix)
    for place in np.ndindex(matrix.shape):
        before = matrix[place]
        matrix[place] = before + STEP
        above = function()
        matrix[place] = before - STEP
        result[place] = (above - function()) / (2 * STEP)
        matrix[place] = before
    return result


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: repr(loss)[:60])
@pytest.mark.parametrize("architecture", [skipgram, cbow], ids=["skip-gram", "cbow"])
def test_gradients_are_those_of_the_loss(loss: NegativeSampling, architecture: object) -> None:
    random, asked = np.random.default_rng(1), question(loss)
    contexts, outputs = random.normal(size=(3, 6)), random.normal(size=(len(asked.rows), 6))
    inner, outer = architecture.gradients(contexts, outputs, asked)

    def value() -> float:
        return architecture.loss(contexts, outputs, asked)

    np.testing.assert_allclose(inner, numerical(value, contexts), rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(outer, numerical(value, outputs), rtol=1e-6, atol=1e-8)


def test_the_historical_gradient_is_the_corrected_one_times_the_contexts() -> None:
    random, asked = np.random.default_rng(2), question(NegativeSampling(negatives=4))
    contexts, outputs = random.normal(size=(5, 6)), random.normal(size=(len(asked.rows), 6))
    corrected, outer = cbow.gradients(contexts, outputs, asked)
    historical, same = cbow.gradients(contexts, outputs, asked, gradient="historical")
    np.testing.assert_allclose(historical, 5 * corrected)
    np.testing.assert_array_equal(outer, same)


def test_a_noise_word_that_is_the_target_is_not_asked() -> None:
    asked = NegativeSampling(negatives=3).over(WORDS, COUNTS).asked(4, np.array([4, 1, 4]))
    assert asked.rows.tolist() == [4, 1]
    assert asked.labels.tolist() == [1, 0]


def test_nce_subtracts_log_k_q() -> None:
    asked = NCE(negatives=3).over(WORDS, COUNTS).asked(4, np.array([0, 1, 2]))
    q = COUNTS**0.75 / (COUNTS**0.75).sum()
    np.testing.assert_allclose(asked.offsets, np.log(3 * q[[4, 0, 1, 2]]))


def test_log_uniform_noise_is_tensorflows() -> None:
    q = LogUniform().probabilities(COUNTS)
    expected = [np.log((rank + 2) / (rank + 1)) / np.log(len(COUNTS) + 1) for rank in range(len(COUNTS))]
    np.testing.assert_allclose(q, expected)
    assert q.sum() == pytest.approx(1)


def test_hierarchical_softmax_probabilities_add_up_to_one() -> None:
    rows = HierarchicalSoftmax().over(WORDS, COUNTS)
    random = np.random.default_rng(3)
    outputs, vector = random.normal(size=(rows.row_count, 6)), random.normal(size=(1, 6))
    asked = [rows.asked(word) for word in range(len(COUNTS))]
    probabilities = [np.exp(-skipgram.loss(vector, outputs[each.rows], each)) for each in asked]
    assert sum(probabilities) == pytest.approx(1)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=200).filter(lambda weights: sum(weights) > 0))
def test_the_alias_table_holds_the_distribution(weights: list[float]) -> None:
    probabilities = np.array(weights) / sum(weights)
    table = alias_table(probabilities)
    share = table[:, 0] / 2**32
    mass = np.bincount(table[:, 1], weights=1 - share, minlength=len(weights)) + share
    np.testing.assert_allclose(mass / len(weights), probabilities, atol=1e-8)


def test_draws_from_the_alias_table_follow_the_distribution() -> None:
    probabilities = Unigram().probabilities(COUNTS)
    table, bits, draws = alias_table(probabilities), split_mix(7), 20_000
    seen = np.bincount([draw_alias(table, next(bits)) for _ in range(draws)], minlength=len(COUNTS))
    chi_square = ((seen - draws * probabilities) ** 2 / (draws * probabilities)).sum()
    # The 99.9th percentile of chi-square with six degrees of freedom.
    assert chi_square < 22.46


def huffman_paths(counts: list[int]) -> Paths:
    return Huffman().over([str(word) for word in range(len(counts))], np.array(counts, dtype=np.int64)).paths()


counts_lists = st.lists(st.integers(1, 10_000), min_size=1, max_size=80).map(lambda counts: sorted(counts)[::-1])


@given(counts_lists)
def test_huffman_codes_are_optimal_and_prefix_free(counts: list[int]) -> None:
    paths = huffman_paths(counts)
    codes = [paths.code(word) for word in range(len(counts))]
    assert sum(count * len(code) for count, code in zip(counts, codes, strict=True)) == optimal_code_length(counts)
    ordered = sorted(codes)
    assert all(not after.startswith(before) for before, after in itertools.pairwise(ordered))


@given(counts_lists.filter(lambda counts: len(counts) > 1))
def test_huffman_paths_are_one_tree(counts: list[int]) -> None:
    paths = huffman_paths(counts)
    children: dict[tuple[int, str], set[int]] = {}
    for word in range(len(counts)):
        nodes = paths.nodes[paths.ends[word] : paths.ends[word + 1]].tolist()
        assert nodes[0] == 0
        for node, turn, below in zip(nodes, paths.code(word), [*nodes[1:], -1 - word], strict=True):
            children.setdefault((node, turn), set()).add(below)
    # Each inner node has two sides, and each side leads to one place.
    assert len(children) == 2 * (len(counts) - 1)
    assert all(len(below) == 1 for below in children.values())


def test_huffman_equals_a_heap() -> None:
    counts = [50, 30, 11, 9, 5, 5, 2, 1]
    heap = [(count, (word,)) for word, count in enumerate(counts)]
    lengths = dict.fromkeys(range(len(counts)), 0)
    heapq.heapify(heap)
    while len(heap) > 1:
        (first, some), (second, others) = heapq.heappop(heap), heapq.heappop(heap)
        for word in some + others:
            lengths[word] += 1
        heapq.heappush(heap, (first + second, some + others))
    paths = huffman_paths(counts)
    mean = sum(count * len(paths.code(word)) for word, count in enumerate(counts))
    assert mean == sum(count * lengths[word] for word, count in enumerate(counts))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: SkipGram(dim=0), "dimensions"),
        (lambda: SkipGram(dim=2.5), "dimensions"),
        (lambda: SkipGram(window=-1), "window"),
        (lambda: CBOW(window=0), "window"),
        (lambda: SkipGram(subsample=-0.1), "subsampling threshold"),
        (lambda: SkipGram(rate=0), "learning rate"),
        (lambda: SkipGram(rate=0.1, min_rate=0.2), "last learning rate"),
        (lambda: CBOW(gradient="old"), "gradient"),
        (lambda: NegativeSampling(negatives=0), "noise words"),
        (lambda: NCE(negatives=True), "noise words"),
        (lambda: Unigram(power=2), "noise power"),
        (lambda: NegativeSampling(noise="unigram"), "noise distribution"),
        (lambda: NCE(noise=Unigram), "noise distribution"),
        (lambda: SkipGram(loss="negative-sampling"), "expected a loss"),
        (lambda: CBOW(loss=NegativeSampling), "expected a loss"),
        (lambda: SkipGram(min_rate=9), "last learning rate"),
        (lambda: SkipGram(rate="fast"), "learning rate"),
    ],
)
def test_impossible_settings_are_refused(make: Callable[[], object], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        make()
