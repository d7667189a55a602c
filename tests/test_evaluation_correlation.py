"""Correlation, against SciPy's."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from firth.evaluation.correlation import average_ranks, pearson, spearman

VALUES = st.integers(1, 60).flatmap(
    lambda size: st.tuples(
        arrays.arrays(np.float64, size, elements=st.integers(-9, 9).map(float) | st.floats(-1e6, 1e6, width=32)),
        arrays.arrays(np.float64, size, elements=st.integers(-9, 9).map(float) | st.floats(-1e6, 1e6, width=32)),
    )
)


@given(VALUES)
def test_ranks_are_scipys(both: tuple[np.ndarray, np.ndarray]) -> None:
    np.testing.assert_array_equal(average_ranks(both[0]), scipy.stats.rankdata(both[0], method="average"))


@given(VALUES)
def test_spearman_is_scipys(both: tuple[np.ndarray, np.ndarray]) -> None:
    left, right = both
    defined = len(left) >= 2 and np.ptp(left) > 0 and np.ptp(right) > 0
    ours = spearman(left, right)
    assert (ours is not None) == defined
    if defined:
        assert ours == pytest.approx(scipy.stats.spearmanr(left, right).statistic, abs=1e-9)


@given(VALUES)
def test_pearson_is_scipys(both: tuple[np.ndarray, np.ndarray]) -> None:
    left, right = both
    # Values that differ by less than a rounding of their mean have no meaningful r, in either implementation.
    assume(len(left) >= 2 and np.ptp(left) > 1e-6 * np.abs(left).max() and np.ptp(right) > 1e-6 * np.abs(right).max())
    assert pearson(left, right) == pytest.approx(scipy.stats.pearsonr(left, right).statistic, abs=1e-6)


def test_perfect_order() -> None:
    values = np.array([1.0, 2.0, 5.0, 9.0])
    assert spearman(values, values**3) == 1
    assert spearman(values, -values) == -1
    assert pearson(values * 1e200, values * 1e-200) == 1


def test_ties_share_their_mean_rank() -> None:
    assert average_ranks(np.array([3.0, 1.0, 3.0, 3.0])).tolist() == [3, 1, 3, 3]
