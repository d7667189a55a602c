from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import firth
from firth.errors import FormatError, SettingsError
from firth.events import Event, Notice, Stage
from firth.vectors.load import load
from firth.vectors.postprocess import all_but_the_top, centre, pca, steps_of, unit_length
from firth.vectors.store import WordVectors


@pytest.fixture
def wv(monkeypatch: pytest.MonkeyPatch) -> WordVectors:
    for module in ("norms", "neighbours", "postprocess", "moments"):
        monkeypatch.setattr(f"firth.vectors.{module}.BLOCK", 32)
    rng = np.random.default_rng(1)
    matrix = rng.standard_normal((200, 8)) * np.linspace(3, 0.2, 8) @ rng.standard_normal((8, 8)) + 5
    matrix[17] = 0
    return WordVectors(
        [f"w{row}" for row in range(200)],
        matrix,
        np.arange(200, 0, -1),
        output_matrix=np.ones((200, 8)),
        record={"objective": "skip-gram"},
    )


def wide(wv: WordVectors) -> np.ndarray:
    return wv.matrix.astype(np.float64)


def test_centre(wv: WordVectors) -> None:
    done = centre(wv)
    np.testing.assert_allclose(wide(done), wide(wv) - wide(wv).mean(axis=0), atol=1e-5)
    assert done.record == {"objective": "skip-gram", "postprocessing": [{"step": "centre"}]}
    assert done.words == wv.words
    assert done.counts is not None
    assert done.counts.tolist() == list(range(200, 0, -1))
    assert done.output_matrix is None
    assert wv.record == {"objective": "skip-gram"}


def test_unit_length(wv: WordVectors) -> None:
    done = unit_length(wv)
    lengths = np.linalg.norm(wide(done), axis=1)
    assert lengths[17] == 0
    np.testing.assert_allclose(np.delete(lengths, 17), 1, atol=1e-6)
    assert done.neighbors("w3", k=5).words == wv.neighbors("w3", k=5).words


@pytest.mark.parametrize("n", [1, 3, 7])
def test_all_but_the_top_is_the_paper_s_algorithm(wv: WordVectors, n: int) -> None:
    done = all_but_the_top(wv, n)
    apart = wide(wv) - wide(wv).mean(axis=0)
    _, singular, directions = np.linalg.svd(apart, full_matrices=False)
    expected = apart.copy()
    for u in directions[:n]:
        expected -= np.outer(apart @ u, u)
    np.testing.assert_allclose(wide(done), expected, atol=1e-5)
    (step,) = steps_of(done)
    assert (step["step"], step["components"]) == ("all-but-the-top", n)
    assert step["variance_removed"] == pytest.approx((singular[:n] ** 2).sum() / (singular**2).sum())


def test_all_but_the_top_takes_a_hundredth_by_default() -> None:
    matrix = np.random.default_rng(2).standard_normal((400, 300))
    assert steps_of(all_but_the_top(WordVectors([str(row) for row in range(400)], matrix)))[0]["components"] == 3


def test_pca_keeps_what_it_says(wv: WordVectors) -> None:
    apart = wide(wv) - wide(wv).mean(axis=0)
    shares = np.cumsum(np.linalg.svd(apart, compute_uv=False) ** 2) / (apart**2).sum()
    for dim in (1, 3, 8):
        done = pca(wv, dim)
        assert done.dim == dim
        (step,) = steps_of(done)
        assert step["dimensions"] == dim
        assert step["variance_kept"] == pytest.approx(shares[dim - 1])
        assert (wide(done) ** 2).sum() / (apart**2).sum() == pytest.approx(shares[dim - 1], abs=1e-6)
    # Turned, but nothing lost: distances stay.
    np.testing.assert_allclose(pca(wv, 8).distances(wv.words[:5], "euclidean").values,
                               wv.distances(wv.words[:5], "euclidean").values, atol=1e-4)  # fmt: skip
    for share in (0.3, 0.9, 0.999999999999):
        kept = pca(wv, variance=share).dim
        assert shares[kept - 1] >= share - 1e-12
        assert kept == 1 or shares[kept - 2] < share


def test_steps_in_a_row_and_their_record_in_the_file(wv: WordVectors, tmp_path: Path) -> None:
    events: list[Event] = []
    done = firth.postprocess(wv, "all-but-the-top:2", "pca:0.9", "unit-length", on_event=events.append)
    assert isinstance(events[0], Notice)
    assert "output vectors are left out" in events[0].text
    assert [event.name for event in events if isinstance(event, Stage)] == [
        "all-but-the-top:2",
        "pca:0.9",
        "unit-length",
    ]
    by_hand = unit_length(pca(all_but_the_top(wv, 2), variance=0.9))
    assert done.matrix.tobytes() == by_hand.matrix.tobytes()
    done.save(tmp_path / "wv.safetensors")
    again = centre(load(tmp_path / "wv.safetensors"))
    assert [step["step"] for step in steps_of(again)] == ["all-but-the-top", "pca", "unit-length", "centre"]
    assert firth.postprocess(wv, "pca:3").matrix.tobytes() == pca(wv, 3).matrix.tobytes()
    assert firth.postprocess(wv, "all-but-the-top").matrix.tobytes() == all_but_the_top(wv).matrix.tobytes()
    assert firth.postprocess(wv, "centre").matrix.tobytes() == centre(wv).matrix.tobytes()


@pytest.mark.parametrize(
    "step", ["center", "", "centre:1", "unit-length:2", "pca", "pca:1.5", "pca:x", "pca:inf", "all-but-the-top:0.5", 3]
)
def test_unknown_steps(wv: WordVectors, step: object) -> None:
    with pytest.raises(SettingsError, match="expected steps of centre"):
        firth.postprocess(wv, "centre", step)  # type: ignore[arg-type]


def test_numbers_that_cannot_be(wv: WordVectors) -> None:
    with pytest.raises(SettingsError, match="at least one step"):
        firth.postprocess(wv)
    for n in (0, 8, -1, 1.5, True):
        with pytest.raises(SettingsError, match="from 1 to 7 components"):
            all_but_the_top(wv, n)  # type: ignore[arg-type]
    for dim in (0, 9, 2.0):
        with pytest.raises(SettingsError, match="from 1 to 8 dimensions"):
            pca(wv, dim)  # type: ignore[arg-type]
    for share in (0.0, 1.0, -1, np.nan):
        with pytest.raises(SettingsError, match="between 0 and 1"):
            pca(wv, variance=share)
    for options in ({}, {"dim": 2, "variance": 0.5}):
        with pytest.raises(SettingsError, match="either dim= or variance="):
            pca(wv, **options)


def test_vectors_that_cannot_be() -> None:
    alike = WordVectors(["a", "b"], np.ones((2, 3)))
    for change in (all_but_the_top, lambda wv: pca(wv, 1)):
        with pytest.raises(SettingsError, match="vectors that differ"):
            change(alike)
    broken = WordVectors(["a", "b"], np.array([[1, 2], [np.nan, 1]]))
    for change in (centre, unit_length, lambda wv: all_but_the_top(wv, 1), lambda wv: pca(wv, 1)):
        with pytest.raises(FormatError, match='"b"'):
            change(broken)


@pytest.mark.parametrize("told", [None, "centre", [3, {"step": "centre"}]])
def test_a_record_from_elsewhere_does_no_harm(told: object) -> None:
    wv = WordVectors(["a", "b"], np.eye(2), record={"postprocessing": told})
    assert steps_of(unit_length(wv))[-1] == {"step": "unit-length"}
