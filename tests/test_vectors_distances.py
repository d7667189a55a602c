"""Every metric against SciPy's cdist, and searches by it against a full sort."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.spatial.distance import cdist

from firth.errors import FormatError, SettingsError
from firth.vectors import neighbours
from firth.vectors.cdist_metrics import CDIST_METRICS
from firth.vectors.distances import METRICS, metric_named
from firth.vectors.metric import Metric
from firth.vectors.moments import covariance, mean
from firth.vectors.norms import RowNorms
from firth.vectors.words import PackedWords

NAMES = [*sorted(METRICS), "minkowski:1", "minkowski:3", "minkowski:7.5"]
SCIPY = {"manhattan": "cityblock"}
COUNTING = {"dice", "jaccard", "rogerstanimoto", "russellrao", "sokalsneath", "yule"}


def norms_of(matrix: np.ndarray) -> RowNorms:
    return RowNorms(matrix, PackedWords.of([f"w{row}" for row in range(len(matrix))]))


def fitted(name: str, matrix: np.ndarray) -> Metric:
    metric = metric_named(name)
    return metric if metric.fit is None else metric.fit(matrix, norms_of(matrix))


def vectors_for(name: str, rng: np.random.Generator, rows: int, dim: int) -> np.ndarray:
    """Vectors on which the metric is defined and says something."""
    matrix = rng.standard_normal((rows, dim)).astype(np.float32)
    if name == "jensenshannon":
        return np.abs(matrix)
    if name in COUNTING or name == "hamming":
        matrix = (matrix > 0.3).astype(np.float32) * rng.integers(1, 3, size=matrix.shape).astype(np.float32)
        matrix[:, 0] = 1
    return matrix


def by_scipy(name: str, matrix: np.ndarray, queries: np.ndarray) -> np.ndarray:
    wide, asked = matrix.astype(np.float64), queries.astype(np.float64)
    base, _, power = name.partition(":")
    options = {"p": float(power)} if power else {}
    if name == "dot":
        return asked @ wide.T
    if name == "seuclidean":
        options = {"V": np.var(wide, axis=0, ddof=1)}
    if name == "mahalanobis":
        options = {"VI": np.linalg.inv(np.cov(wide.T))}
    if name in COUNTING:
        wide, asked = wide != 0, asked != 0
    found = cdist(asked, wide, SCIPY.get(base, base), **options)
    return 1 - found if name in ("cosine", "correlation") else found


@pytest.mark.parametrize("name", NAMES)
def test_the_metric_is_scipys(name: str) -> None:
    matrix = vectors_for(name, np.random.default_rng(1), 60, 7)
    metric = fitted(name, matrix)
    wide = matrix.astype(np.float64)
    theirs = by_scipy(name, matrix, matrix[:20])
    for query, expected in zip(wide[:20], theirs, strict=True):
        values = metric.value(metric.pairs(wide, np.repeat(query[None], len(wide), axis=0)))
        np.testing.assert_allclose(values, expected, rtol=1e-9, atol=1e-7 if name == "jensenshannon" else 1e-12)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("queries", [1, 9])
def test_a_search_equals_a_full_sort(name: str, queries: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "BLOCK", 64)
    monkeypatch.setattr("firth.vectors.norms.BLOCK", 64)
    monkeypatch.setattr(neighbours, "_QUERIES", 4)
    rng = np.random.default_rng(2)
    matrix = vectors_for(name, rng, 300, 6)
    # Exact copies, which must come in the order of the words; and near ones, which rounding must not swap.
    matrix[200:230] = matrix[3]
    matrix[230:250] = matrix[4] * (1 + 1e-6 * rng.standard_normal((20, 6)).astype(np.float32))
    metric = fitted(name, matrix)
    asked = matrix[[3, 4, 5, 210, 235, 6, 7, 8, 9][:queries]].astype(np.float64)
    found = neighbours.nearest(matrix, norms_of(matrix), asked, k=40, metric=name)
    for query, ids, values in zip(asked, found.word_ids, found.values, strict=True):
        exact = metric.pairs(matrix.astype(np.float64), np.repeat(query[None], len(matrix), axis=0))
        expected = np.lexsort((np.arange(len(matrix)), -exact))[:40]
        assert ids.tolist() == expected.tolist()
        np.testing.assert_array_equal(values, metric.value(exact[expected]))


@st.composite
def hard_vectors(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    rows, dim = draw(st.tuples(st.integers(1, 10), st.integers(1, 4)))
    numbers = st.floats(width=32, allow_nan=False, allow_infinity=False) | st.sampled_from([0.0, 1.0, -1.0, 1e-40])
    drawn = draw(hnp.arrays(np.float32, (rows + 1, dim), elements=numbers))
    return drawn[1:], drawn[0]


@settings(max_examples=150, deadline=None)
@given(
    case=hard_vectors(),
    name=st.sampled_from([m.name for m in CDIST_METRICS if m.fit is None] + ["minkowski:1.5", "minkowski:12"]),
    k=st.integers(1, 10),
)
def test_any_finite_matrix_is_ranked_or_refused(case: tuple[np.ndarray, np.ndarray], name: str, k: int) -> None:
    matrix, query = case[0], case[1].astype(np.float64)
    metric = metric_named(name)
    exact = metric.pairs(matrix.astype(np.float64), np.repeat(query[None], len(matrix), axis=0))
    if not np.isfinite(exact).all():
        with pytest.raises(SettingsError, match="gives a number for every vector"):
            neighbours.nearest(matrix, norms_of(matrix), query[None], k=k, metric=name)
        return
    found = neighbours.nearest(matrix, norms_of(matrix), query[None], k=k, metric=name)
    assert found.word_ids[0].tolist() == np.lexsort((np.arange(len(matrix)), -exact))[:k].tolist()


def test_a_divergence_that_rounding_makes_negative_is_none() -> None:
    matrix, query = np.array([[1.2405071e16], [3]], dtype=np.float32), np.ones((1, 1))
    found = neighbours.nearest(matrix, norms_of(matrix), query, k=2, metric="jensenshannon")
    assert found.word_ids.tolist() == [[0, 1]]
    np.testing.assert_allclose(found.values, 0, atol=1e-7)


def test_a_word_for_which_there_is_no_number_is_named() -> None:
    matrix = np.array([[1, 2], [3, -4], [1, 1]], dtype=np.float32)
    with pytest.raises(SettingsError, match='none between "w1" and a query'):
        neighbours.nearest(matrix, norms_of(matrix), np.ones((1, 2)), k=1, metric="jensenshannon")
    with pytest.raises(SettingsError, match="as jensenshannon needs numbers of 0 and more, not all of them 0; choose"):
        neighbours.nearest(matrix, norms_of(matrix), np.ones((1, 2)), k=1, metric="jensenshannon")


@pytest.mark.parametrize(
    ("alias", "name"), [("pearson", "correlation"), ("cityblock", "manhattan"), ("minkowski", "minkowski:2")]
)
def test_aliases(alias: str, name: str) -> None:
    assert metric_named(alias).name == name


@pytest.mark.parametrize("name", ["cos", "", "minkowski:", "minkowski:x", "cosine:3", "manhattan:2", ":3", None, 3])
def test_an_unknown_metric_names_the_known(name: object) -> None:
    with pytest.raises(SettingsError, match=r'"cosine", "correlation", .*"minkowski:3"'):
        metric_named(name)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["minkowski:0.5", "minkowski:0", "minkowski:inf", "minkowski:nan", "minkowski:-2"])
def test_powers_that_make_no_metric(name: str) -> None:
    with pytest.raises(SettingsError, match="power p from 1"):
        metric_named(name)


def test_metrics_that_must_know_how_vectors_spread() -> None:
    rng = np.random.default_rng(3)
    matrix = rng.standard_normal((50, 4)).astype(np.float32)
    np.testing.assert_allclose(mean(matrix, norms_of(matrix)), matrix.mean(axis=0, dtype=float), atol=1e-12)
    np.testing.assert_allclose(covariance(matrix, norms_of(matrix)), np.cov(matrix.T.astype(float)), atol=1e-12)
    matrix[:, 2] = 1
    for name, message in (("seuclidean", "differ in every dimension"), ("mahalanobis", "spread in all 4 dimensions")):
        with pytest.raises(SettingsError, match=message):
            neighbours.nearest(matrix, norms_of(matrix), np.ones((1, 4)), metric=name)
    matrix[7, 0] = np.nan
    for name in ("seuclidean", "mahalanobis", "manhattan"):
        with pytest.raises(FormatError, match='"w7"'):
            neighbours.nearest(matrix, norms_of(matrix), np.ones((1, 4)), metric=name)
