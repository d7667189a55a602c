"""The window against a look at every word; its draws; subsampling's two formulas."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firth.contexts.subsampling import Subsampling
from firth.contexts.window import Window
from firth.errors import SettingsError
from naive import contexts_of

reaches = st.tuples(st.integers(0, 8), st.integers(0, 8)).filter(any)


@given(reaches, st.lists(st.text(max_size=2), min_size=1, max_size=20), st.data())
def test_a_fixed_window_holds_the_words_around(
    reach: tuple[int, int], sentence: list[str], data: st.DataObject
) -> None:
    position = data.draw(st.integers(0, len(sentence) - 1))
    window = Window(left=reach[0], right=reach[1], soft=False)
    found = [sentence[other] for other in window.contexts(position, len(sentence))]
    assert found == contexts_of(sentence, position, *reach)


@given(reaches, st.floats(0, 1, exclude_min=True))
def test_a_soft_window_reaches_from_one_word_to_all(reach: tuple[int, int], draw: float) -> None:
    window = Window(left=reach[0], right=reach[1])
    left, right = window.reach(draw)
    assert (left == 0) == (reach[0] == 0)
    assert (right == 0) == (reach[1] == 0)
    assert left <= reach[0]
    assert right <= reach[1]


def test_a_soft_window_draws_each_reach_equally_often() -> None:
    window, draws = Window(left=5, right=5), 10_000
    seen = Counter(window.reach((n + 1) / draws) for n in range(draws))
    assert seen == {(reach, reach): draws // 5 for reach in range(1, 6)}


def test_a_context_at_distance_d_takes_part_with_the_stated_probability() -> None:
    window, draws = Window(left=4, right=4), 1000
    seen = Counter(other for n in range(draws) for other in window.contexts(10, 21, (n + 1) / draws))
    assert [seen[10 + d] / draws for d in range(1, 5)] == pytest.approx([(4 - d + 1) / 4 for d in range(1, 5)])


def test_a_mirrored_window_sees_the_same_pairs_from_the_other_side() -> None:
    window = Window(left=3, right=1, soft=False)
    pairs = {(p, other) for p in range(12) for other in window.contexts(p, 12)}
    assert {(other, p) for p in range(12) for other in window.mirrored.contexts(p, 12)} == pairs


def test_a_number_is_a_soft_window_to_both_sides() -> None:
    assert Window.of(3) == Window(left=3, right=3, soft=True)
    assert Window.of(Window(left=1, right=0)) == Window(left=1, right=0)


@pytest.mark.parametrize("wrong", [0, -1, 1.5, True, "5", 1001])
def test_windows_that_cannot_be_are_refused(wrong: object) -> None:
    with pytest.raises(SettingsError, match="window"):
        Window.of(wrong)


def test_a_window_of_nothing_is_refused() -> None:
    with pytest.raises(SettingsError, match="at least one word"):
        Window(left=0, right=0)


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=50), st.floats(1e-6, 1))
def test_subsampling_follows_its_two_formulas(counts: list[int], threshold: float) -> None:
    total = sum(counts)
    paper = Subsampling(threshold=threshold, rule="paper").keep_probabilities(np.array(counts))
    word2vec = Subsampling(threshold=threshold).keep_probabilities(np.array(counts))
    for count, by_paper, by_word2vec in zip(counts, paper, word2vec, strict=True):
        frequency = count / total
        discard = 1 - (threshold / frequency) ** 0.5
        assert by_paper == pytest.approx(1 - max(0, discard))
        # As word2vec.c writes it: (sqrt(count / (t · total)) + 1) · (t · total) / count.
        kept = ((count / (threshold * total)) ** 0.5 + 1) * threshold * total / count
        assert by_word2vec == pytest.approx(min(1, kept))


def test_a_threshold_of_zero_keeps_everything() -> None:
    assert Subsampling.of(0).keep_probabilities(np.array([10**9, 1])).tolist() == [1, 1]


@pytest.mark.parametrize("wrong", [-1e-3, 1.1, "1e-3", float("nan")])
def test_thresholds_that_cannot_be_are_refused(wrong: object) -> None:
    with pytest.raises(SettingsError, match="threshold"):
        Subsampling.of(wrong)


def test_an_unknown_rule_is_refused() -> None:
    with pytest.raises(SettingsError, match="rule"):
        Subsampling(rule="gensim")


@pytest.mark.parametrize(
    "window",
    [Window(left=3, right=3), Window(left=4, right=0), Window(left=1, right=5), Window(left=2, right=3, soft=False)],
)
def test_the_mean_reach_is_that_of_all_draws(window: Window) -> None:
    draws = [(n + 1) / 60 for n in range(60)]
    mean = sum(len(window.contexts(50, 100, draw)) for draw in draws) / len(draws)
    assert window.mean_reach == pytest.approx(mean)
