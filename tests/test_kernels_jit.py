"""Where compiled kernels are kept, and what happens where they cannot be."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import numpy as np
import pytest

from firth.errors import StorageError
from firth.kernels import jit

needs_jit = pytest.mark.skipif(jit.JIT_IS_OFF, reason="compilation is off (NUMBA_DISABLE_JIT)")


def doubled(values: np.ndarray) -> None:
    for i in range(len(values)):
        values[i] *= 2


def test_the_folder_is_named_by_all_sources(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    here = tmp_path / "kernels"
    here.mkdir()
    (here / "jit.py").write_text("")
    (here / "one.py").write_text("a = 1")
    monkeypatch.setenv("FIRTH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(jit, "__file__", str(here / "jit.py"))
    before = jit.cache_folder()
    assert before.parent == tmp_path / "cache"
    assert jit.cache_folder() == before
    (here / "one.py").write_text("a = 2")
    assert jit.cache_folder() != before


@needs_jit
def test_a_kernel_that_cannot_be_kept_runs_all_the_same(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FIRTH_CACHE", str(tmp_path))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("numba.core.caching.IndexDataCacheFile.save", full)
    values = np.arange(3.0)
    jit.kernel(doubled)(values)
    assert values.tolist() == [0, 2, 4]


@needs_jit
def test_a_place_that_cannot_be_written_means_no_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("FIRTH_CACHE", str(tmp_path / "file"))
    values = np.arange(3.0)
    jit.kernel(doubled)(values)
    assert values.tolist() == [0, 2, 4]


def test_without_a_home_no_run_is_called_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise StorageError("no home")

    monkeypatch.setattr(jit.storage, "cache_folder", homeless)
    assert not jit.is_first_run()


@needs_jit
def test_the_first_run_is_the_one_before_anything_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FIRTH_CACHE", str(tmp_path))
    assert jit.is_first_run()
    jit.cache_folder().mkdir(parents=True)
    assert not jit.is_first_run()


@needs_jit
def test_numbas_own_settings_are_left_as_they_were() -> None:
    before = jit.numba_config.CACHE_DIR
    jit.kernel(doubled)
    assert before == jit.numba_config.CACHE_DIR


@needs_jit
def test_kernels_allocate_nothing() -> None:
    def copied(values: np.ndarray) -> np.ndarray:
        return values.copy()

    with pytest.raises(Exception, match=r"NRT required|passed into the function"):
        jit.kernel(copied)(np.arange(3.0))


def test_threads_that_load_kernels_at_once_do_not_mix_up_the_place(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FIRTH_CACHE", str(tmp_path))
    before, places = jit.numba_config.CACHE_DIR, []

    def slow(**_: object) -> object:
        def decorate(function: object) -> object:
            for _ in range(3):
                places.append(jit.numba_config.CACHE_DIR)
                time.sleep(0.002)
            return function

        return decorate

    monkeypatch.setattr(jit, "njit", slow)
    threads = [threading.Thread(target=jit.kernel, args=(lambda: None,)) for _ in range(8)]
    for thread in threads:
        thread.start()
        time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert set(places) == {str(jit.cache_folder())}
    assert before == jit.numba_config.CACHE_DIR
