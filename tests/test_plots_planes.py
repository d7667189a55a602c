"""Two and three dimensions: PCA against scikit-learn's; the others by their libraries, seeded."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from sklearn.decomposition import PCA

from firth.errors import MissingExtraError, SettingsError
from firth.plots.planes import METHODS, placed, principal_components

RNG = np.random.default_rng(1)
TWO_GROUPS = np.concatenate([RNG.normal(5, 0.1, (12, 10)), RNG.normal(-5, 0.1, (12, 10))])


@pytest.mark.parametrize("shape", [(6, 100), (40, 5), (2, 3)])
def test_principal_components_are_scikit_learn_s(shape: tuple[int, int]) -> None:
    rows = RNG.normal(3.0, 1.0, shape)
    components, shares = principal_components(rows)
    known = PCA(n_components=min(shape[0] - 1, shape[1])).fit(rows)
    np.testing.assert_allclose(np.abs(components), np.abs(known.transform(rows)), atol=1e-9)
    np.testing.assert_allclose(shares, known.explained_variance_ratio_, atol=1e-12)
    np.testing.assert_allclose(components.mean(axis=0), 0, atol=1e-12)


def test_what_all_share_is_no_component() -> None:
    rows = RNG.normal(size=(8, 4))
    for common in (0.0, 1000.0):
        components, _ = principal_components(rows + common)
        np.testing.assert_allclose(components, principal_components(rows)[0], atol=1e-9)


def test_pca_keeps_distances_where_it_keeps_all() -> None:
    rows = RNG.normal(size=(4, 20))
    places = placed(rows, "pca", 3, 1).coordinates
    for one, other in ((0, 1), (2, 3)):
        assert np.linalg.norm(places[one] - places[other]) == pytest.approx(np.linalg.norm(rows[one] - rows[other]))


@pytest.mark.slow
@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("method", list(METHODS))
def test_groups_stay_apart_and_the_same_seed_gives_the_same_places(
    method: str, dimensions: int, capfd: pytest.CaptureFixture[str]
) -> None:
    places, again = (placed(TWO_GROUPS, method, dimensions, 7) for _ in range(2))
    np.testing.assert_array_equal(places.coordinates, again.coordinates)
    at = places.coordinates
    assert at.shape == (24, dimensions)
    assert places.method == METHODS[method]
    assert (places.shares is None) == (method != "pca")
    apart = np.linalg.norm(at[:, None] - at, axis=2) + np.diag(np.full(24, np.inf))
    own = (apart.argmin(axis=1) < 12) == (np.arange(24) < 12)
    assert own.mean() > 0.7, "a word's neighbour is of its own group"
    assert capfd.readouterr() == ("", "")


def test_t_sne_of_few_words() -> None:
    assert placed(TWO_GROUPS[:5], "tsne", 2, 1).coordinates.shape == (5, 2)


@pytest.mark.parametrize(
    ("rows", "method", "dimensions", "seed", "says"),
    [
        (TWO_GROUPS, "lsa", 2, 1, "pca, tsne, umap, pacmap"),
        (TWO_GROUPS, "pca", 4, 1, "2 or 3 dimensions"),
        (TWO_GROUPS, "pca", True, 1, "2 or 3 dimensions"),
        (TWO_GROUPS, "umap", 2, -1, "seed"),
        (TWO_GROUPS[:2], "pca", 2, 1, "at least 3 words"),
        (TWO_GROUPS[:4], "umap", 2, 1, "at least 5 words"),
        (TWO_GROUPS[:, :2], "pca", 3, 1, "dimensions"),
        (np.ones((5, 4)), "pca", 2, 1, "all alike"),
    ],
)
def test_what_cannot_be_is_refused(rows: np.ndarray, method: str, dimensions: int, seed: int, says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        placed(rows, method, dimensions, seed)


@pytest.mark.parametrize(("method", "library"), [("tsne", "sklearn.manifold"), ("umap", "umap"), ("pacmap", "pacmap")])
def test_a_missing_library_is_told_by_its_extra(monkeypatch: pytest.MonkeyPatch, method: str, library: str) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingExtraError, match=r"firth\[maps\]"):
        placed(TWO_GROUPS, method, 2, 1)
