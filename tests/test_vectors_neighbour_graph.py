"""The cosines of every word with its nearest: those of a sort of all, by tiles, rounds and threads."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from firth.errors import FormatError
from firth.events import Event, Progress
from firth.kernels.best_pairs import best_of_tile
from firth.vectors import csls, neighbour_graph
from firth.vectors.neighbour_graph import nearest_cosines
from firth.vectors.norms import RowNorms
from firth.vectors.words import PackedWords


def norms_of(matrix: np.ndarray) -> RowNorms:
    return RowNorms(matrix, PackedWords.of([f"w{row}" for row in range(len(matrix))]))


def sorted_cosines(matrix: np.ndarray, n: int) -> np.ndarray:
    """The n greatest cosines of each row with the others, by a sort of all."""
    wide = matrix.astype(np.float64)
    lengths = np.linalg.norm(wide, axis=1, keepdims=True)
    unit = wide / np.where(lengths > 0, lengths, 1)
    cosines = unit @ unit.T
    np.fill_diagonal(cosines, -np.inf)
    return np.sort(cosines, axis=1)[:, ::-1][:, :n]


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbour_graph, "_BLOCK", 24)
    monkeypatch.setattr(neighbour_graph, "_EXACTLY", 50)


@pytest.mark.parametrize("rows", [23, 24, 47, 100, 121])
@pytest.mark.parametrize("n", [1, 10])
def test_the_nearest_of_all(rows: int, n: int) -> None:
    matrix = np.random.default_rng(rows).standard_normal((rows, 7)).astype(np.float32)
    found = nearest_cosines(matrix, norms_of(matrix), n=n, among=None)
    assert found is not None
    np.testing.assert_allclose(found, sorted_cosines(matrix, n), atol=1e-12)


def test_the_nearest_among_some() -> None:
    matrix = np.random.default_rng(3).standard_normal((90, 5)).astype(np.float32)
    some = np.random.default_rng(4).permutation(90)[:60]
    found = nearest_cosines(matrix, norms_of(matrix), n=4, among=some)
    assert found is not None
    np.testing.assert_allclose(found, sorted_cosines(matrix[np.sort(some)], 4), atol=1e-12)
    first = nearest_cosines(matrix, norms_of(matrix), n=4, among=60)
    assert first is not None
    np.testing.assert_allclose(first, sorted_cosines(matrix[:60], 4), atol=1e-12)


def test_what_rounding_leaves_open_is_searched_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of very many words that lie closer together than float32 can tell, some zero."""
    rng = np.random.default_rng(5)
    matrix = (1 + 3e-7 * rng.integers(0, 4, (150, 6))).astype(np.float32)
    matrix[:7] = 0
    matrix[100:] = rng.standard_normal((50, 6))
    searched: list[int] = []
    real = neighbour_graph.nearest

    def counted(matrix: np.ndarray, norms: RowNorms, queries: np.ndarray, **options: object) -> object:
        searched.append(len(queries))
        return real(matrix, norms, queries, **options)

    monkeypatch.setattr(neighbour_graph, "nearest", counted)
    found = nearest_cosines(matrix, norms_of(matrix), n=10, among=None)
    assert 93 <= sum(searched) < 150
    assert found is not None
    np.testing.assert_allclose(found, sorted_cosines(matrix, 10), atol=1e-12)


def test_hubs_are_those_of_single_searches_to_the_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    matrix = np.random.default_rng(6).standard_normal((130, 9)).astype(np.float32)
    norms = norms_of(matrix)
    slow = csls.hubness(matrix, norms, n=10, among=None, on_event=None)
    monkeypatch.setattr(csls, "LEAST_WORDS", 100)
    events: list[Event] = []
    fast = csls.hubness(matrix, norms, n=10, among=None, on_event=events.append)
    assert fast.tobytes() == slow.tobytes()
    done = [event.done for event in events if isinstance(event, Progress)]
    assert done == sorted(done)
    assert done[-1] == 130
    some = csls.hubness(matrix, norms, n=10, among=110, on_event=None)
    assert np.isnan(some[110:]).all()
    assert np.isfinite(some[:110]).all()


def test_numbers_beyond_float32_are_left_to_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    matrix = np.random.default_rng(7).standard_normal((130, 4)).astype(np.float32) * np.float32(1e20)
    assert nearest_cosines(matrix, norms_of(matrix), n=3, among=None) is None
    slow = csls.hubness(matrix, norms_of(matrix), n=3, among=None, on_event=None)
    monkeypatch.setattr(csls, "LEAST_WORDS", 100)
    assert csls.hubness(matrix, norms_of(matrix), n=3, among=None, on_event=None).tobytes() == slow.tobytes()


def test_nan_is_refused() -> None:
    matrix = np.ones((30, 3), dtype=np.float32)
    matrix[17, 1] = np.nan
    with pytest.raises(FormatError, match='"w17"'):
        nearest_cosines(matrix, norms_of(matrix), n=3, among=None)


@pytest.mark.parametrize("blocks", [1, 2, 3, 6, 7])
def test_all_blocks_meet_once_and_never_two_at_a_time(blocks: int) -> None:
    rounds = list(neighbour_graph._rounds(blocks))
    met = sorted(itertools.chain(*rounds))
    assert met == sorted(itertools.combinations_with_replacement(range(blocks), 2))
    for pairs in rounds[1:]:
        at_play = list(itertools.chain(*pairs))
        assert len(at_play) == len(set(at_play))


def test_a_tile_gives_both_its_sides_the_best() -> None:
    rng = np.random.default_rng(8)
    products = rng.standard_normal((5, 130)).astype(np.float32)
    values, others = np.full((135, 3), -np.inf, dtype=np.float32), np.zeros((135, 3), dtype=np.int64)
    bars = np.full(135, -np.inf, dtype=np.float32)
    best_of_tile(products, 0, 5, values, others, bars)
    order = np.argsort(-products, axis=1)[:, :3]
    assert others[:5].tolist() == (order + 5).tolist()
    assert values[:5].tolist() == np.take_along_axis(products, order, axis=1).tolist()
    assert others[5:].tolist() == np.argsort(-products.T, axis=1)[:, :3].tolist()
    assert bars.tolist() == values[:, 2].tolist()
