"""The plane in which words' directions differ most, whole and from a sample."""

from __future__ import annotations

import numpy as np
import pytest

from firth.errors import FormatError
from firth.vectors import plane as module
from firth.vectors.plane import plane, principal, spread
from firth.vectors.postprocess import pca
from firth.vectors.store import WordVectors


def vectors(rows: int, dim: int, seed: int = 1) -> WordVectors:
    scales = 0.6 ** np.arange(dim)
    matrix = np.random.default_rng(seed).normal(size=(rows, dim)) * scales + 0.3
    return WordVectors([f"w{row}" for row in range(rows)], matrix)


def test_it_is_the_principal_plane_of_the_unit_vectors() -> None:
    wv = vectors(500, 7)
    found = plane(wv.matrix, wv.norms)
    units = wv.matrix / np.linalg.norm(wv.matrix.astype(np.float64), axis=1, keepdims=True)
    apart = units - units.mean(axis=0)
    _, strengths, directions = np.linalg.svd(apart, full_matrices=False)
    basis = directions[:2].T
    basis *= np.sign(basis[np.abs(basis).argmax(axis=0), [0, 1]])
    np.testing.assert_allclose(found.places, apart @ basis, atol=1e-5)
    np.testing.assert_allclose(found.kept, (strengths**2 / (strengths**2).sum())[:2], rtol=1e-5)
    assert found.places.dtype == np.float32


def test_the_components_of_rows_as_they_are() -> None:
    wv = vectors(500, 7)
    middle, directions, shares = principal(wv.matrix, units=False)
    np.testing.assert_allclose((wv.matrix - middle) @ directions, pca(wv, 7).matrix, atol=1e-5)
    assert shares.sum() == pytest.approx(1)


def test_a_sample_gives_nearly_the_same_plane(monkeypatch: pytest.MonkeyPatch) -> None:
    wv = vectors(40_000, 10)
    whole = plane(wv.matrix, wv.norms)
    monkeypatch.setattr(module, "_SAMPLE", 8192)
    sampled = plane(wv.matrix, wv.norms)
    assert not np.array_equal(whole.places, sampled.places)
    np.testing.assert_allclose(sampled.kept, whole.kept, rtol=0.05)
    assert np.abs(sampled.places - whole.places).max() < 0.1


@pytest.mark.parametrize(("rows", "most", "run"), [(10, 10, 3), (10, 9, 3), (1000, 100, 10), (1, 5, 2), (11, 10, 10)])
def test_runs_lie_evenly(rows: int, most: int, run: int) -> None:
    found = [list(range(rows))[part] for part in spread(rows, most, run)]
    flat = [row for part in found for row in part]
    if rows <= most:
        assert flat == list(range(rows))
    else:
        assert len(flat) == len(set(flat)) <= most
        assert all(len(part) == run for part in found)
        assert flat[0] == 0
        assert len(found) == 1 or flat[-1] == rows - 1


def test_odd_shapes() -> None:
    one = WordVectors(["a"], np.ones((1, 3)))
    assert plane(one.matrix, one.norms).places.tolist() == [[0, 0]]
    assert plane(one.matrix, one.norms).kept == (0, 0)
    flat = WordVectors(["a", "b", "c"], np.array([[1.0], [-2.0], [0.0]]))
    found = plane(flat.matrix, flat.norms)
    assert found.places.tolist() == [[1, 0], [-1, 0], [0, 0]]
    assert found.kept == (1, 0)
    wild = WordVectors(["a", "b"], np.array([[1e38, 1e38], [1e-38, -1e-38]]))
    assert np.isfinite(plane(wild.matrix, wild.norms).places).all()


def test_a_row_that_is_no_vector_is_named() -> None:
    matrix = vectors(20, 3).matrix.copy()
    matrix[7, 1] = np.inf
    wv = WordVectors([f"w{row}" for row in range(20)], matrix)
    with pytest.raises(FormatError, match='"w7"'):
        plane(wv.matrix, wv.norms)
