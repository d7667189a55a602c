"""Sparse matrices as compressed rows: turned around as SciPy does it, in memory or in a nameless file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array, random_array

from firth.errors import SettingsError, StorageError
from firth.kernels import transposition
from firth.objectives import compressed_rows, room
from firth.objectives.compressed_rows import CompressedRows, column_sizes, turned
from firth.objectives.log_counts import LogCounts
from firth.objectives.ppmi import PPMI
from firth.objectives.sparse_products import SparseProducts


def sparse(rows: int, columns: int, density: float = 0.3, seed: int = 0) -> csr_array:
    matrix = random_array((rows, columns), density=density, rng=np.random.default_rng(seed), dtype=np.float32)
    return csr_array(matrix)


def same(rows: CompressedRows, matrix: csr_array) -> bool:
    return (
        rows.shape == matrix.shape
        and rows.row_ends.tolist() == matrix.indptr[1:].tolist()
        and rows.columns.tolist() == matrix.indices.tolist()
        and rows.values.tobytes() == matrix.data.tobytes()
    )


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 20), st.integers(1, 20), st.floats(0, 1), st.integers(1, 9), st.integers(1, 3), st.booleans())
def test_turned_is_scipy_s(rows: int, columns: int, density: float, at_once: int, threads: int, on_disk: bool) -> None:
    matrix = sparse(rows, columns, density)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compressed_rows, "_TURNED_AT_ONCE", at_once)
        own = CompressedRows.of(matrix)
        found = turned(own, threads=threads, in_memory=0 if on_disk else 1 << 30)
    assert same(own, matrix)
    assert same(found, matrix.T.tocsr())
    assert same(turned(found), matrix)
    np.testing.assert_array_equal(column_sizes(own), np.bincount(matrix.indices, minlength=columns))
    assert found.to_scipy().has_canonical_format


def test_runs_are_the_columns_of_a_range() -> None:
    matrix = sparse(9, 12)
    starts, ends = np.empty((2, 9), np.int64)
    transposition.find_runs(matrix.indptr[1:].astype(np.int64), matrix.indices, 3, 8, starts, ends)
    some = matrix[:, 3:8].tocsr()
    np.testing.assert_array_equal(ends - starts, np.diff(some.indptr))
    columns, values = np.empty(some.nnz, matrix.indices.dtype), np.empty(some.nnz, np.float32)
    transposition.copy_runs(starts, ends, matrix.indices, matrix.data, columns, values)
    np.testing.assert_array_equal(columns - 3, some.indices)
    np.testing.assert_array_equal(values, some.data)


def test_what_is_not_sorted_is_sorted_first() -> None:
    loose = csr_array((np.array([1, 2, 4], np.float32), np.array([2, 0, 2]), np.array([0, 3])), shape=(1, 3))
    assert same(CompressedRows.of(loose), csr_array(np.array([[2, 0, 5]], np.float32)))


def test_nothing_can_be_changed() -> None:
    rows = CompressedRows.of(sparse(4, 4))
    assert not any(array.flags.writeable for array in (rows.row_ends, rows.columns, rows.values))
    assert CompressedRows.of(rows) is rows


@pytest.mark.parametrize("objective", [PPMI(dim=5), PPMI(dim=5, positive=False, shift=2), LogCounts(dim=5)])
def test_where_a_matrix_lies_changes_no_bit(objective: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRTH_CACHE", str(tmp_path))
    matrix = sparse(60, 60)
    matrix.data = np.ceil(matrix.data * 9)
    asked: list[int] = []
    monkeypatch.setattr(room, "_take", lambda file, size, _: asked.append(room.os.ftruncate(file, size) or size))
    held, mapped = (objective.vectors(matrix, in_memory=in_memory) for in_memory in (1 << 30, 0))
    assert len(asked) >= 3  # the values, and columns and values turned around
    assert held.words.tobytes() == mapped.words.tobytes()
    assert held.contexts.tobytes() == mapped.contexts.tobytes()
    assert held.explained == mapped.explained
    assert not any(path.is_file() for path in tmp_path.iterdir())


def test_squares_and_numbers_that_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compressed_rows, "_AT_ONCE", 3)
    matrix = sparse(7, 5)
    rows = CompressedRows.of(matrix)
    np.testing.assert_allclose(rows.squares(), (matrix.toarray().astype(np.float64) ** 2).sum(axis=1))
    rows.check_finite()
    for bad in (np.nan, np.inf):
        values = np.array(rows.values)
        values[-1] = bad
        with pytest.raises(SettingsError, match="NaN or infinity"):
            CompressedRows(rows.row_ends, rows.columns, values, 5).check_finite()


def test_no_room_on_the_disk_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(room, "_take", full)
    with pytest.raises(StorageError, match="No space left on device; free some space"):
        SparseProducts(sparse(5, 5), threads=1, in_memory=0, folder=tmp_path)
    assert list(tmp_path.iterdir()) == []
