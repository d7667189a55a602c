"""Power iteration finds the first principal component: the kernel, its definition, and LAPACK's eigenvectors."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firth.kernels.jit import JIT_IS_OFF
from firth.kernels.principal_component import project
from firth.objectives.vector_tree import LEAST_TURN, NOTHING, STEPS, projections


def projected(
    matrix: npt.NDArray[np.floating], group: npt.NDArray[np.int64], steps: int = STEPS
) -> npt.NDArray[np.float64]:
    centred, direction = np.full(matrix.shape, np.nan), np.full((2, matrix.shape[1]), np.nan)
    found = np.full(len(group), np.nan)
    project(matrix, group, NOTHING, steps, LEAST_TURN, centred, direction, found)
    return found


@settings(max_examples=25 if JIT_IS_OFF else 200, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    rows=st.integers(1, 40),
    dim=st.integers(1, 20),
    dtype=st.sampled_from([np.float32, np.float64]),
)
def test_the_kernel_is_the_definition(seed: int, rows: int, dim: int, dtype: type[np.floating]) -> None:
    random = np.random.default_rng(seed)
    matrix = (random.normal(size=(rows + 3, dim)) * np.exp(-np.arange(dim))).astype(dtype)
    group = random.permutation(rows + 3)[:rows]
    wanted = projections(matrix[group])
    # Rounding may end the steps one earlier or later.
    np.testing.assert_allclose(projected(matrix, group), wanted, atol=5e-3)


@pytest.mark.parametrize("rows", [3, 30, 300])
def test_it_is_the_eigenvector_where_there_is_one_direction(rows: int) -> None:
    random = np.random.default_rng(rows)
    matrix = (
        random.normal(size=(rows, 12)) * np.array([4.0] + [1.0] * 11) @ np.linalg.qr(random.normal(size=(12, 12)))[0]
    )
    centred = matrix - matrix.mean(axis=0)
    _, directions = np.linalg.eigh(centred.T @ centred)
    wanted = centred @ directions[:, -1]
    found = projections(matrix)
    assert abs(np.corrcoef(found, wanted)[0, 1]) > 0.99999
    # The sign: the direction's largest part is positive.
    largest = np.argmax(np.abs(directions[:, -1]))
    assert np.corrcoef(found, wanted)[0, 1] * directions[largest, -1] > 0


def test_where_all_directions_are_alike_nearly_the_most_is_found() -> None:
    matrix = np.random.default_rng(5).normal(size=(200, 30))
    centred = matrix - matrix.mean(axis=0)
    centred /= np.abs(centred).max()
    most = np.linalg.eigvalsh(centred.T @ centred)[-1]
    assert 0.95 * most < (projected(matrix, np.arange(200)) ** 2).sum() <= most * (1 + 1e-9)


@pytest.mark.parametrize("scale", [1e-290, 1e-150, 1.0, 1e150, 1.7e308])
def test_no_scale_is_too_small_or_too_large(scale: float) -> None:
    matrix = np.array([[1.0, 0.1], [-1.0, 0.0], [0.9, -0.2], [-0.8, 0.0]]) * scale
    for found in (projected(matrix, np.arange(4)), projections(matrix)):
        np.testing.assert_allclose(found, projections(matrix / scale), rtol=1e-6)
        assert np.sign(found).tolist() == [1, -1, 1, -1]


@pytest.mark.parametrize("value", [0.0, 0.3, 1e-320, 1.7e308])
def test_rows_that_do_not_differ_lie_in_one_place(value: float) -> None:
    matrix = np.full((5, 3), value)
    assert np.ptp(projected(matrix, np.arange(5))) == 0
    assert np.ptp(projections(matrix)) < 1e-9
