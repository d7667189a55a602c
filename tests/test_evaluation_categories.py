"""Categories: nearest-neighbour purity."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from firth.errors import FormatError, SettingsError
from firth.evaluation.categories import evaluate, read_categories
from firth.vectors.store import WordVectors

DATA = Path(__file__).parents[2] / "shared" / "data" / "eval"


def naive_strays(wv: WordVectors, listed: dict[str, str]) -> list[tuple[str, str]]:
    """Each word whose nearest listed neighbour is of another category, pair by pair."""
    known = [word for word in listed if word in wv]
    strays = []
    for word in known:
        nearest = max((other for other in known if other != word), key=lambda other: wv.similarity(word, other))
        if listed[nearest] != listed[word]:
            strays.append((word, nearest))
    return strays


def test_purity_equals_the_naive_one() -> None:
    random = np.random.default_rng(5)
    words = [f"w{number}" for number in range(60)]
    wv = WordVectors(words, random.standard_normal((60, 4)).astype(np.float32))
    listed = {f"w{number}": "abc"[number % 3] for number in range(10, 65)}
    result = evaluate(wv, listed)
    strays = naive_strays(wv, listed)
    assert 0 < len(strays) < 50
    assert list(result.strays) == strays
    assert result.purity == pytest.approx(1 - len(strays) / 50)
    assert result.missing == ("w60", "w61", "w62", "w63", "w64")
    for score in result.scores:
        mine = [word for word in listed if listed[word] == score.category]
        assert score.asked == len(mine)
        assert score.known == sum(word in wv for word in mine)
        assert score.known - score.right == sum(listed[word] == score.category for word, _ in strays)
    draws = [(one, other) for one in range(10, 60) for other in range(10, 60) if one != other]
    assert result.chance == pytest.approx(np.mean([one % 3 == other % 3 for one, other in draws]))


def test_the_result_prints_and_goes_into_json() -> None:
    wv = WordVectors(["red", "blue", "cat"], np.array([[1, 0], [1, 0.1], [0, 1]], dtype=np.float32))
    result = evaluate(wv, {"red": "colour", "Blue": "colour", "cat": "animal", "dog": "animal"})
    assert str(result).splitlines() == [
        "category    purity  right  known  asked",
        "colour     100.0 %      2      2      2",
        "animal       0.0 %      0      1      2",
        "total       66.7 %      2      3      4",
        "purity by chance: 33.3 %",
    ]
    document = json.loads(json.dumps(result.to_dict()))
    assert document["strays"] == [["cat", "Blue"]]
    assert document["missing"] == ["dog"]


def test_words_without_company() -> None:
    wv = WordVectors(["red"], np.ones((1, 2), dtype=np.float32))
    alone = evaluate(wv, {"red": "colour"})
    assert (alone.purity, alone.chance) == (0, None)
    nobody = evaluate(wv, {"cat": "animal"})
    assert (nobody.purity, nobody.chance, nobody.missing) == (None, None, ("cat",))


def test_words_that_differ_in_case_alone_are_refused_where_case_is_ignored() -> None:
    wv = WordVectors(["turkey", "Turkey", "hen"], np.eye(3, dtype=np.float32))
    listed = {"turkey": "animal", "Turkey": "country", "hen": "animal"}
    with pytest.raises(SettingsError, match="ignore_case=False"):
        evaluate(wv, listed)
    assert evaluate(wv, listed, ignore_case=False).total.known == 3


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "categories.csv"
    path.write_text(',Category,Word\n0,colour,red\n0,colour,\n1,"ball, game",golf\n', encoding="utf-8")
    assert read_categories(path) == {"red": "colour", "golf": "ball, game"}


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("word,kind\nred,colour\n", '"category" and "word"'),
        ("category,word\n,red\n", "a category for each word"),
        ("category,word\ncolour,red\nwine,red\n", "one category"),
        ("", "empty"),
    ],
)
def test_a_broken_file_is_refused(tmp_path: Path, content: str, complaint: str) -> None:
    path = tmp_path / "categories.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(FormatError, match=complaint):
        read_categories(path)


@pytest.mark.skipif(not DATA.exists(), reason="the evaluation data are not here")
def test_the_known_sets_are_read_whole() -> None:
    assert len(read_categories(DATA / "ap.csv")) == 402
    assert len(read_categories(DATA / "essli-2008.csv")) == 45
