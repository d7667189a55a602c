"""Outlier detection: positions against the paper's definition, files in both formats, coverage."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firth.errors import FormatError, SettingsError
from firth.evaluation.outliers import OutlierSet, evaluate, read_outliers
from firth.vectors.store import WordVectors

GOLD = Path(__file__).parents[2] / "shared" / "data" / "eval" / "8-8-8.csv"
WORDS = [f"w{number}" for number in range(8)]


def naive_position(vectors: np.ndarray) -> float:
    """Return the outlier's position by the paper's words: compactness of what is left when each is taken out."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    words = range(len(unit))

    def compactness(taken: int) -> float:
        rest = [word for word in words if word != taken]
        return float(np.mean([unit[a] @ unit[b] for a, b in itertools.permutations(rest, 2)]))

    values = [compactness(word) for word in words]
    return sum(value < values[-1] for value in values[:-1]) / (len(values) - 1)


@given(st.integers(0, 10_000), st.integers(4, 8))
def test_positions_are_the_definition_s(seed: int, size: int) -> None:
    vectors = np.random.default_rng(seed).normal(size=(size, 3)).astype(np.float32)
    wv = WordVectors(WORDS[:size], vectors)
    result = evaluate(wv, {"set": (WORDS[: size - 1], [WORDS[size - 1]])})
    assert result.positions["set", WORDS[size - 1]] == pytest.approx(naive_position(vectors.astype(np.float64)))
    assert result.accuracy == float(result.opp == 1)


def test_the_odd_one_is_found() -> None:
    vectors = np.array([[1, 0.1], [1, 0.2], [1, 0.3], [1, 0], [0, 1], [1, 0.15]], dtype=np.float32)
    wv = WordVectors(["dog", "cat", "cow", "pig", "car", "hen"], vectors)
    result = evaluate(wv, {"animals": OutlierSet(words=("dog", "cat", "cow", "pig"), outliers=("car", "hen", "ship"))})
    assert result.positions["animals", "car"] == 1
    assert result.positions["animals", "hen"] < 1
    assert (result.asked, result.answered, result.missing) == (3, 2, ("ship",))
    assert result.accuracy == 0.5
    assert "answered  2 of 3 tests (66.7 %)" in str(result)
    assert result.to_dict()["coverage"] == pytest.approx(2 / 3)


def test_with_fewer_than_three_known_words_nothing_is_asked() -> None:
    wv = WordVectors(["a", "b", "c"], np.eye(3, dtype=np.float32))
    result = evaluate(wv, {"set": (["a", "b", "x"], ["c"])})
    assert (result.answered, result.accuracy, result.opp) == (0, None, None)
    assert evaluate(wv, {}).coverage is None


def test_both_formats_are_read(tmp_path: Path) -> None:
    wanted = OutlierSet(words=("dog", "cat"), outliers=("car",))
    table = tmp_path / "set.csv"
    table.write_text(",category,outliers,words\n0,animals,\"['car', '']\",\"['dog', 'cat']\"\n")
    plain = tmp_path / "animals.txt"
    plain.write_text("dog\ncat\n\ncar\n")
    assert read_outliers(table) == {"animals": wanted}
    assert read_outliers(plain) == {"animals": wanted}


@pytest.mark.parametrize(
    "text",
    [
        "dog\ncat\n",
        "a\n\nb\n\nc\n",
        'category,outliers,words\nx,"[1, 2]","[\'a\']"\n',
        "category,outliers,words\nx,__import__('os'),['a']\n",
        "category,outliers,words\nx\n",
        "category,outliers,words\nx," + "[" * 90_000 + ",['a']\n",
    ],
)
def test_other_files_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "set.txt"
    path.write_text(text)
    with pytest.raises(FormatError, match="expected"):
        read_outliers(path)


@pytest.mark.parametrize("cluster", ["ab", ("ab", ["c"]), (["a"],)])
def test_a_cluster_that_is_none_is_refused(cluster: object) -> None:
    wv = WordVectors(["a"], np.ones((1, 1), dtype=np.float32))
    with pytest.raises(SettingsError, match="cluster"):
        evaluate(wv, {"x": cluster})


def test_the_authors_set_has_eight_times_eight_tests() -> None:
    if not GOLD.exists():
        pytest.skip("../shared/data is not beside this checkout")
    sets = read_outliers(GOLD)
    assert len(sets) == 8
    assert all(len(some.words) == len(some.outliers) == 8 for some in sets.values())
