"""The order of entries: each table's entries once, tile by tile, shuffled, the same for any number of threads."""

from __future__ import annotations

import errno
import itertools
import os
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firth.errors import EmptyCorpusError, SettingsError, StorageError
from firth.events import Event, Progress, Stage
from firth.objectives import room, tiles
from firth.objectives.tiles import ENTRY, Tiles, arrange
from naive import Rows

ORDERS = get_args(tiles.Order)


def table(words: int, density: float, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    x = np.where(random.random((words, words)) < density, random.integers(1, 400, (words, words)) / 4, 0)
    x[0, -1] = 7.5  # so that there is an entry
    return x


def expected(x: np.ndarray, x_max: float, alpha: float) -> list[tuple[int, int, float, float]]:
    """Return all entries, one after the other."""
    return [
        (i, j, float(np.log(x[i, j])), min(1.0, (x[i, j] / x_max) ** alpha))
        for i, j in itertools.product(range(len(x)), repeat=2)
        if x[i, j] > 0
    ]


def sorted_rows(entries: np.ndarray) -> np.ndarray:
    return np.array(sorted(entries.tolist()))


@given(
    words=st.integers(1, 40),
    density=st.floats(0, 1),
    side=st.integers(1, 50),
    order=st.sampled_from(ORDERS),
    seed=st.integers(0, 1000),
    alpha=st.sampled_from([0.0, 0.75, 1.0]),
)
def test_every_entry_comes_once(
    words: int, density: float, side: int, order: tiles.Order, seed: int, alpha: float
) -> None:
    x = table(words, density, seed)
    found = arrange(Rows.of(x), x_max=30, alpha=alpha, order=order, side=side, seed=seed)
    np.testing.assert_allclose(sorted_rows(found.entries), expected(x, 30, alpha), rtol=1e-6)
    assert np.all(np.diff(found.ends, prepend=0) > 0)
    assert found.ends[-1] == len(found.entries)
    if order == "random":
        assert found.side == 0
        return
    # A tile's entries stand together: walking through the entries, no tile is entered twice.
    walked = [(row // side, column // side) for row, column, *_ in found.entries.tolist()]
    entered = [tile for tile, _ in itertools.groupby(walked)]
    assert len(entered) == len(set(entered))


@pytest.mark.parametrize("order", ORDERS)
def test_threads_and_files_change_nothing_and_the_seed_does(order: tiles.Order, tmp_path: Path) -> None:
    rows = Rows.of(table(300, 0.5, 1))

    def found(seed: int = 1, **settings: object) -> Tiles:
        return arrange(rows, x_max=10, alpha=0.75, order=order, side=64, seed=seed, **settings)

    first = found()
    for other in (found(threads=3), found(folder=tmp_path, in_memory=0), found()):
        assert other.entries.tobytes() == first.entries.tobytes()
        np.testing.assert_array_equal(other.ends, first.ends)
    assert found(seed=2).entries.tobytes() != first.entries.tobytes()
    assert not first.entries.flags.writeable
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("order", ORDERS)
def test_large_groups_are_cut(order: tiles.Order, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiles, "_GROUP", 100)
    found = arrange(Rows.of(table(60, 0.9, 2)), x_max=10, alpha=0.75, order=order, side=40, seed=1)
    sizes = np.diff(found.ends, prepend=0)
    assert len(sizes) > 20
    assert order == "random" or sizes.max() <= 100


@pytest.mark.parametrize("order", ORDERS)
def test_every_place_is_as_likely(order: tiles.Order) -> None:
    """An entry of a tile, or of the table, comes to stand at each place equally often."""
    rows = Rows.of(np.arange(1.0, 10.0).reshape(3, 3))
    counts = np.zeros((9, 9))
    for seed in range(500):
        found = arrange(rows, x_max=10, alpha=1, order=order, side=3, seed=seed)
        counts[np.arange(9), found.entries["row"] * 3 + found.entries["column"]] += 1
    # χ² of 81 cells with 64 degrees of freedom: 105 is exceeded once in a thousand times.
    assert np.sum((counts - 500 / 9) ** 2 / (500 / 9)) < 105


def test_tiles_come_in_random_order() -> None:
    rows = Rows.of(np.ones((12, 12)))
    firsts = {
        tuple(int(value) // 4 for value in arrange(rows, x_max=1, alpha=1, side=4, seed=seed).entries[0].tolist()[:2])
        for seed in range(100)
    }
    assert len(firsts) == 9


def test_what_is_told() -> None:
    events: list[Event] = []
    arrange(Rows.of(table(30, 0.5, 1)), x_max=10, alpha=0.75, side=8, seed=1, on_event=events.append)
    assert events[0] == Stage(name="arranging the counts")
    assert all(isinstance(event, Progress) and 0 < event.done <= event.total for event in events[1:])
    assert len(events) > 4


def test_tables_that_cannot_be_arranged() -> None:
    with pytest.raises(EmptyCorpusError, match="no two words do"):
        arrange(Rows.of(np.zeros((3, 3))), x_max=10, alpha=0.75, seed=1)
    with pytest.raises(SettingsError, match='"tiles" or "random"'):
        arrange(Rows.of(np.ones((3, 3))), x_max=10, alpha=0.75, order="sorted", seed=1)  # type: ignore[arg-type]


def test_a_full_disk_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "posix_fallocate", full, raising=False)
    with pytest.raises(StorageError, match=r"takes 144 bytes: No space left"):
        arrange(Rows.of(np.ones((3, 3))), x_max=10, alpha=0.75, seed=1, folder=tmp_path, in_memory=0)
    assert list(tmp_path.iterdir()) == []


def test_where_room_cannot_be_taken_beforehand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "posix_fallocate", raising=False)
    rows = Rows.of(np.ones((3, 3)))
    assert len(arrange(rows, x_max=10, alpha=0.75, seed=1, folder=tmp_path, in_memory=0).entries) == 9
    usage = room.shutil.disk_usage(tmp_path)
    monkeypatch.setattr(room.shutil, "disk_usage", lambda _: usage._replace(free=10))
    with pytest.raises(StorageError, match="takes 144 bytes"):
        arrange(rows, x_max=10, alpha=0.75, seed=1, folder=tmp_path, in_memory=0)


def test_an_entry_is_sixteen_bytes() -> None:
    assert ENTRY.itemsize == 16
