"""Factorisations against NumPy on dense float64, and their own promises."""

from __future__ import annotations

import sys

import numpy as np
import numpy.typing as npt
import pytest
from scipy.sparse import csr_array, random_array

from firth.errors import MissingExtraError, SettingsError
from firth.events import Notice, Progress
from firth.objectives import svd
from firth.objectives.factorize import factorize
from firth.objectives.nmf import NMF
from firth.objectives.pca import PCA
from firth.objectives.sparse_products import Centred, SparseProducts
from firth.objectives.svd import SVD


def sparse(rows: int, columns: int, density: float = 0.3, seed: int = 0) -> csr_array:
    """Return a matrix whose directions differ in strength, as those of counts do."""
    rng = np.random.default_rng(seed)
    matrix = random_array((rows, columns), density=density, rng=rng, dtype=np.float64)
    scale_rows, scale_columns = (1 / np.sqrt(1 + rng.permutation(size)) for size in (rows, columns))
    scaled = matrix.multiply(scale_rows[:, None]).multiply(scale_columns[None, :])
    return csr_array(scaled).astype(np.float32)


def dense(matrix: csr_array) -> npt.NDArray[np.float64]:
    return matrix.toarray().astype(np.float64)


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("centred", [False, True])
def test_products(threads: int, dtype: type[np.floating], centred: bool) -> None:
    matrix = sparse(50, 70)
    matrix.data[matrix.indptr[3] : matrix.indptr[4]] = 0
    wanted = dense(matrix) - (dense(matrix).mean(axis=0) if centred else 0)
    rng = np.random.default_rng(1)
    left, right = rng.standard_normal((70, 9)).astype(dtype), rng.standard_normal((50, 5)).astype(dtype)
    with SparseProducts(matrix, threads=threads) as whole:
        products = Centred(whole) if centred else whole
        assert products.times(left).dtype == dtype
        np.testing.assert_allclose(products.times(left), wanted @ left, atol=1e-5)
        np.testing.assert_allclose(products.transposed_times(right), wanted.T @ right, atol=1e-5)
        np.testing.assert_allclose(products.gram_times(left), wanted.T @ (wanted @ left), atol=1e-4)
        np.testing.assert_allclose(products.column_sums(), wanted.sum(axis=0), atol=1e-5)
        assert products.square_sum == pytest.approx((wanted**2).sum(), rel=1e-6)


def test_products_of_wide_columns_and_empty_rows() -> None:
    matrix = csr_array(np.array([[0, 0, 0], [1, 2, 3], [0, 0, 0]], np.float32))
    matrix.indices, matrix.indptr = matrix.indices.astype(np.int64), matrix.indptr.astype(np.int64)
    with SparseProducts(matrix, threads=1) as products:
        np.testing.assert_array_equal(products.times(np.eye(3, dtype=np.float32)), matrix.toarray())


@pytest.mark.parametrize("shape", [(40, 30), (30, 40), (35, 35)])
@pytest.mark.parametrize("p", [0.0, 0.5, 1.0])
def test_svd_is_numpy_s(shape: tuple[int, int], p: float) -> None:
    matrix = sparse(*shape)
    left, values, right = np.linalg.svd(dense(matrix))
    factors = SVD(p=p).factorize(matrix, dim=8)
    assert factors.strengths is not None
    assert factors.contexts is not None
    np.testing.assert_allclose(factors.strengths, values[:8], rtol=1e-6)
    np.testing.assert_allclose(np.abs(factors.words), np.abs(left[:, :8] * values[:8] ** p), atol=1e-5)
    np.testing.assert_allclose(np.abs(factors.contexts), np.abs(right[:8].T * values[:8] ** p), atol=1e-5)
    assert factors.explained == pytest.approx((values[:8] ** 2).sum() / (values**2).sum(), rel=1e-6)
    assert factors.words.dtype == factors.contexts.dtype == np.float32


def test_half_the_power_each_gives_the_best_approximation() -> None:
    matrix = sparse(40, 30)
    left, values, right = np.linalg.svd(dense(matrix))
    factors = SVD(p=0.5).factorize(matrix, dim=8)
    assert factors.contexts is not None
    best = (left[:, :8] * values[:8]) @ right[:8]
    np.testing.assert_allclose(factors.words @ factors.contexts.T, best, atol=1e-5)


@pytest.mark.parametrize("dim", [1, 30])
def test_svd_from_one_dimension_to_all(dim: int) -> None:
    matrix = sparse(40, 30)
    factors = SVD().factorize(matrix, dim=dim)
    assert factors.words.shape == (40, dim)
    assert factors.explained == pytest.approx(1.0 if dim == 30 else factors.explained)


def test_signs_are_fixed() -> None:
    words = SVD().factorize(sparse(40, 30), dim=8).words
    assert (words[np.abs(words).argmax(axis=0), np.arange(8)] > 0).all()


@pytest.mark.parametrize("shape", [(130, 90), (90, 130)])
@pytest.mark.parametrize("centred", [False, True])
def test_the_krylov_space_finds_the_same(
    shape: tuple[int, int], centred: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(svd, "_SMALL", 10)
    matrix = sparse(*shape)
    whole = dense(matrix) - (dense(matrix).mean(axis=0) if centred else 0)
    left, values, right = np.linalg.svd(whole)
    events: list[object] = []
    with SparseProducts(matrix, threads=2) as products:
        found = svd.singular_triplets(Centred(products) if centred else products, 10, seed=5, on_event=events.append)
    np.testing.assert_allclose(found.values, values[:10], rtol=1e-4)
    np.testing.assert_allclose(np.abs((left[:, :10] * found.left).sum(axis=0)), 1, atol=1e-3)
    np.testing.assert_allclose(np.abs((right[:10].T * found.right).sum(axis=0)), 1, atol=1e-3)
    np.testing.assert_allclose(found.left.T @ found.left, np.eye(10), atol=1e-5)
    np.testing.assert_allclose(found.right.T @ found.right, np.eye(10), atol=1e-5)
    told = [event for event in events if isinstance(event, Progress)]
    assert told[-1].done == told[-1].total == 10


def test_the_krylov_space_is_the_same_bits_by_the_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(svd, "_SMALL", 10)
    matrix = sparse(100, 80, density=0.2)
    first, threaded, other = (
        SVD().factorize(matrix, dim=8, seed=seed, threads=threads).words for seed, threads in ((1, 1), (1, 3), (2, 1))
    )
    np.testing.assert_array_equal(first, threaded)
    assert (first != other).any()
    np.testing.assert_allclose(first, other, atol=1e-3)


@pytest.mark.parametrize("small", [10, 1000])
def test_a_matrix_of_few_directions_leaves_zeros(small: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(svd, "_SMALL", small)
    rng = np.random.default_rng(0)
    whole = rng.random((80, 4)) @ rng.random((4, 60))
    events: list[object] = []
    factors = SVD(p=0).factorize(csr_array(whole.astype(np.float32)), dim=8, on_event=events.append)
    assert factors.rank == 4
    assert not factors.words[:, 4:].any()
    np.testing.assert_allclose(np.linalg.norm(factors.words[:, :4], axis=0), 1, rtol=1e-4)
    assert factors.explained == pytest.approx(1)
    assert [event.text for event in events if isinstance(event, Notice)] == [
        "the matrix has 4 dimensions; the other 4 that were asked for are 0"
    ]


def test_what_was_not_reached_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(svd, "_SMALL", 10)
    monkeypatch.setattr(svd, "_LARGEST_BASIS", 3)
    monkeypatch.setattr(svd, "_TOLERANCE", 1e-12)
    events: list[object] = []
    SVD().factorize(sparse(100, 80), dim=8, on_event=events.append)
    assert any("less exact than usual" in event.text for event in events if isinstance(event, Notice))


@pytest.mark.parametrize("shape", [(60, 20), (20, 60)])
def test_pca_is_that_of_the_centred_matrix(shape: tuple[int, int]) -> None:
    matrix = sparse(*shape, density=0.6)
    centred = dense(matrix) - dense(matrix).mean(axis=0)
    left, values, right = np.linalg.svd(centred)
    factors = PCA().factorize(matrix, dim=6)
    assert factors.contexts is not None
    np.testing.assert_allclose(np.abs(factors.words), np.abs(left[:, :6] * values[:6]), atol=1e-5)
    np.testing.assert_allclose(np.abs(factors.contexts), np.abs(right[:6].T), atol=1e-4)
    np.testing.assert_allclose(factors.words.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(factors.words, centred @ factors.contexts, atol=1e-5)
    assert factors.explained == pytest.approx((values[:6] ** 2).sum() / (values**2).sum(), rel=1e-5)


def test_whitened_components_have_the_variance_one() -> None:
    words = PCA(whiten=True).factorize(sparse(60, 20, density=0.6), dim=6).words
    np.testing.assert_allclose(np.cov(words.T), np.eye(6), atol=1e-4)


def test_nmf_has_no_negative_part_and_its_error_falls() -> None:
    matrix = sparse(60, 40)
    events: list[object] = []
    explained = []
    for iterations in (1, 5, 400):
        factors = NMF(iterations=iterations).factorize(matrix, dim=6, on_event=events.append)
        assert factors.contexts is not None
        assert factors.words.min() >= 0
        assert factors.contexts.min() >= 0
        error = np.square(dense(matrix) - factors.words @ factors.contexts.T).sum()
        assert factors.explained == pytest.approx(1 - error / np.square(dense(matrix)).sum(), rel=1e-4)
        explained.append(factors.explained)
    assert explained == sorted(explained)
    assert explained[0] < explained[2]
    told = [event.text for event in events if isinstance(event, Notice)]
    assert len(told) == 2, told
    assert "still changing after 1 iterations" in told[0]
    again = NMF(iterations=400).factorize(matrix, dim=6)
    np.testing.assert_array_equal(factors.words, again.words)


def test_nmf_refuses_negative_entries() -> None:
    matrix = sparse(20, 20)
    matrix.data[0] = -1
    with pytest.raises(SettingsError, match="without negative entries for NMF, got one with -1"):
        factorize(matrix, NMF(), dim=2)


def test_nmf_without_scikit_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(MissingExtraError, match=r"firth\[sklearn\]"):
        factorize(sparse(20, 20), NMF(), dim=2)


@pytest.mark.parametrize("how", [SVD(), PCA(), NMF()])
def test_wider_than_the_matrix_is_refused(how: SVD | PCA | NMF) -> None:
    with pytest.raises(SettingsError, match="at most 20 dimensions"):
        factorize(sparse(30, 20), how, dim=21)
