"""Alignment: Procrustes' rotation, stable anchors, and how far words moved."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.linalg import orthogonal_procrustes
from scipy.stats import ortho_group

import firth
from firth.errors import FormatError, SettingsError, UnknownWordError
from firth.events import Event, Notice
from firth.vectors.alignment import align
from firth.vectors.procrustes import procrustes
from firth.vectors.store import WordVectors

WORDS = [f"w{number}" for number in range(60)]


def drawn(rows: int = 60, dim: int = 5, seed: int = 1) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.random.default_rng(seed).standard_normal((rows, dim))


def unit(rows: Any) -> Any:
    wide = np.asarray(rows, dtype=np.float64)
    return wide / np.linalg.norm(wide, axis=1, keepdims=True)


def test_procrustes_is_scipy_s() -> None:
    a, b = drawn(seed=1), drawn(seed=2)
    np.testing.assert_allclose(procrustes(a, b), orthogonal_procrustes(a, b)[0], atol=1e-12)


def test_no_other_orthogonal_matrix_brings_them_nearer() -> None:
    a, b = drawn(30, 3, seed=3), drawn(30, 3, seed=4)
    least = np.linalg.norm(a @ procrustes(a, b) - b)
    for rotation in ortho_group.rvs(3, size=200, random_state=1):
        assert least <= np.linalg.norm(a @ rotation - b)


@pytest.mark.parametrize("stable", [None, 1.0, 0.3])
def test_a_known_rotation_is_found_again(stable: float | None) -> None:
    matrix, rotation = drawn(), ortho_group.rvs(5, random_state=1)
    a, b = WordVectors(WORDS, matrix), WordVectors(WORDS, matrix @ rotation)
    found = firth.align(a, onto=b, stable=stable)
    np.testing.assert_allclose(found.rotation, rotation, atol=1e-6)
    np.testing.assert_allclose(found.vectors.matrix, b.matrix, atol=1e-5)
    assert max(found.moves.distances) < 1e-6
    assert found.rotation.flags.writeable is False
    assert len(found.moves) == 60
    assert len(found.anchors) == {None: 30, 1.0: 60, 0.3: 18}[stable]


def test_the_fit_is_to_unit_vectors_of_the_anchors_alone() -> None:
    a, b = WordVectors(WORDS, drawn(seed=1)), WordVectors(WORDS, drawn(seed=2))
    anchors = ["w3", "w1", "w30", "w31", "w32", "w40", "w3"]
    ids = sorted({int(word[1:]) for word in anchors})
    rotation = orthogonal_procrustes(unit(a.matrix[ids]), unit(b.matrix[ids]))[0]
    found = align(a, b, anchors=anchors)
    np.testing.assert_allclose(found.rotation, rotation, atol=1e-9)
    assert found.anchors == tuple(f"w{number}" for number in ids)
    np.testing.assert_allclose(found.vectors.matrix, a.matrix.astype(float) @ rotation, atol=1e-5)
    distances = dict(zip(found.moves.words, found.moves.distances, strict=True))
    naive = 1 - (unit(a.matrix.astype(float) @ rotation) * unit(b.matrix)).sum(axis=1)
    assert [distances[word] for word in WORDS] == pytest.approx(naive.tolist())
    assert list(found.moves.distances) == sorted(found.moves.distances, reverse=True)
    assert found.anchor_distance == pytest.approx(float(naive[ids].mean()))
    assert {word for word, anchor in zip(found.moves.words, found.moves.anchors, strict=True) if anchor} == set(anchors)


def test_without_centring_no_cosine_changes() -> None:
    a, b = WordVectors(WORDS, drawn(seed=1)), WordVectors(WORDS, drawn(seed=2))
    turned = align(a, b).vectors
    assert turned.similarity("w1", "w2") == pytest.approx(a.similarity("w1", "w2"), abs=1e-6)


def test_centring_takes_a_shift_away() -> None:
    rotation = ortho_group.rvs(5, random_state=2)
    rows = unit(drawn() + 2)
    shifted = 3 * rows @ rotation  # lengths do not count
    a, b = WordVectors(WORDS, rows), WordVectors(WORDS, shifted)
    found = align(a, b, centred=True, stable=1)
    one, two = unit(a.matrix), unit(b.matrix)
    best = orthogonal_procrustes(one - one.mean(axis=0), two - two.mean(axis=0))[0]
    np.testing.assert_allclose(found.rotation, best, atol=1e-6)
    np.testing.assert_allclose(found.rotation, rotation, atol=1e-5)
    np.testing.assert_allclose(found.vectors.matrix, (one - one.mean(axis=0)) @ best + two.mean(axis=0), atol=1e-6)
    assert max(found.moves.distances) < 1e-6


def naive_concentration(a: Any, b: Any, count: int) -> set[int]:
    kept = list(range(len(a)))
    while True:
        rotation = orthogonal_procrustes(a[kept], b[kept])[0]
        residuals = ((a @ rotation - b) ** 2).sum(axis=1)
        nearest = sorted(range(len(a)), key=lambda row: (residuals[row], row))[:count]
        if set(nearest) == set(kept):
            return set(kept)
        kept = sorted(nearest)


def test_stable_anchors_are_the_words_that_moved_least() -> None:
    rng, rotation = np.random.default_rng(1), ortho_group.rvs(5, random_state=1)
    matrix = drawn()
    later = matrix @ rotation + 0.02 * rng.standard_normal(matrix.shape)
    changed = list(range(0, 60, 3))
    later[changed] = matrix[[(row + 7) % 60 for row in changed]] @ rotation @ ortho_group.rvs(5, random_state=9)
    a, b = WordVectors(WORDS, matrix), WordVectors(WORDS, later)
    trimmed, whole = align(a, b), align(a, b, stable=1)
    assert {int(word[1:]) for word in trimmed.anchors} == naive_concentration(unit(a.matrix), unit(b.matrix), 30)
    assert not {int(word[1:]) for word in trimmed.anchors} & set(changed)
    assert trimmed.rounds > 1
    assert whole.rounds == 1
    error = [float(np.abs(found.rotation - rotation).max()) for found in (trimmed, whole)]
    assert error[0] < 0.02 < error[1]
    assert {int(word[1:]) for word in trimmed.moves.most(15).words} <= set(changed)
    np.testing.assert_array_equal(align(a, b).rotation, trimmed.rotation)


def test_vocabularies_may_differ() -> None:
    rotation = ortho_group.rvs(5, random_state=1)
    matrix = drawn()
    matrix[7] = 0
    a = WordVectors([*WORDS[:50], *"xyz"], np.vstack([matrix[:50], drawn(3)]), [100 - row for row in range(53)])
    order = np.random.default_rng(2).permutation(60)
    b = WordVectors([WORDS[row] for row in order], (matrix @ rotation)[order])
    found = align(a, b)
    np.testing.assert_allclose(found.rotation, rotation, atol=1e-6)
    assert list(found.vectors.words) == list(a.words)
    assert set(found.moves.words) == {*WORDS[:50]} - {"w7"}, "a zero vector points nowhere"
    assert found.moves.onto_counts is None
    assert dict(zip(found.moves.words, found.moves.counts or (), strict=True))["w3"] == 97
    assert found.vectors.counts is not None
    assert found.vectors.record["alignment"] == {
        "anchors": len(found.anchors), "shared_words": 49, "stable": 0.5, "centred": False,
        "rounds": found.rounds, "anchor_distance": pytest.approx(found.anchor_distance),
    }  # fmt: skip
    assert not align(a, b, centred=True).vectors["w7"].any()


def test_anchors_among_the_most_frequent_of_both() -> None:
    a = WordVectors(WORDS, drawn(seed=1))
    b = WordVectors(WORDS, drawn(seed=2), [100 + row for row in range(60)])
    assert align(a, b, most_frequent=40, stable=1).anchors == tuple(WORDS[20:40])


def test_what_moved_most() -> None:
    a = WordVectors(WORDS, drawn(seed=1), list(range(60, 0, -1)))
    b = WordVectors(WORDS, drawn(seed=2), list(range(100, 40, -1)))
    moves = align(a, b).moves
    assert moves.columns == ("word", "distance", "count", "onto_count", "anchor")
    few = moves.most(3, min_count=50)
    assert list(few.words) == [word for word in moves.words if int(word[1:]) <= 10][:3]
    assert few.rows[0] == next(row for row in moves.rows if row[0] == few.words[0])
    assert moves.most(1000).rows == moves.rows
    printed = str(few).splitlines()
    assert printed[0].split() == ["word", "distance", "count", "onto_count"]
    assert printed[1].split()[2] == str(60 - int(few.words[0][1:]))
    for wrong in ({"k": 0}, {"min_count": 0}, {"k": 1.5}):
        with pytest.raises(SettingsError, match="whole number of 1 or more"):
            moves.most(**wrong)  # type: ignore[arg-type]


def test_notices_tell_what_is_uncertain_or_left_out() -> None:
    flat = drawn()
    flat[:, 4] = 0
    events: list[Event] = []
    a = WordVectors(WORDS, flat, output_matrix=np.ones((60, 2)))
    found = align(a, WordVectors(WORDS, flat), on_event=events.append)
    told = [event.text for event in events if isinstance(event, Notice)]
    assert len(told) == 2
    assert "arbitrarily" in told[0]
    assert "output vectors" in told[1]
    assert found.vectors.output_matrix is None
    assert repr(found).startswith("<Alignment by 30 of 60 shared words")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"stable": 0}, "share"),
        ({"stable": 1.2}, "share"),
        ({"stable": True}, "share"),
        ({"stable": 0.05}, "at least 5 anchors"),
        ({"anchors": ["w1", "w2", "w3", "w4"]}, "at least 5 anchors"),
        ({"anchors": ["w1", "w2", "w3", "w4", "w5"], "centred": True}, "at least 6 anchors"),
        ({"anchors": "w1"}, "list of words"),
        ({"anchors": WORDS, "most_frequent": 3}, "got both"),
        ({"most_frequent": 0}, "most frequent"),
    ],
)
def test_settings_that_cannot_be(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        align(WordVectors(WORDS, drawn(seed=1)), WordVectors(WORDS, drawn(seed=2)), **settings)


def test_vectors_that_cannot_be_aligned() -> None:
    a = WordVectors(WORDS, drawn())
    with pytest.raises(SettingsError, match=r"got 5 and 4; .*pca:4"):
        align(a, WordVectors(WORDS, drawn(dim=4)))
    with pytest.raises(SettingsError, match="got 0 of 0 words"):
        align(a, WordVectors([f"x{row}" for row in range(60)], drawn()))
    with pytest.raises(UnknownWordError, match='"y"'):
        align(a, WordVectors([*WORDS[1:], "x"], drawn()), anchors=[*WORDS[1:], "y"])
    with pytest.raises(UnknownWordError, match='"w0"'):
        align(a, WordVectors([*WORDS[1:], "x"], drawn()), anchors=WORDS)
    broken = drawn()
    broken[3, 2] = np.nan
    for pair in ((a, WordVectors(WORDS, broken)), (WordVectors(WORDS, broken), a)):
        with pytest.raises(FormatError, match='"w3"'):
            align(*pair)
