"""Word similarity: the file formats, the correlations, and what counts."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import scipy.stats

from firth.errors import FormatError, SettingsError
from firth.evaluation.similarity import RatedPair, evaluate, read_pairs
from firth.vectors.store import WordVectors

DATA = Path(__file__).parents[2] / "shared" / "data" / "eval"


@pytest.fixture
def wv() -> WordVectors:
    random = np.random.default_rng(3)
    words = [f"w{number}" for number in range(40)]
    return WordVectors(words, random.standard_normal((40, 5)).astype(np.float32))


def test_the_correlations_are_scipys_over_the_known_pairs(wv: WordVectors) -> None:
    random = np.random.default_rng(4)
    pairs: list[RatedPair] = [
        (f"w{left}", f"W{right}", float(rating))
        for left, right, rating in zip(
            random.integers(0, 45, 200), random.integers(0, 45, 200), random.integers(0, 11, 200), strict=True
        )
    ]
    known = [pair for pair in pairs if pair[0] in wv and pair[1].lower() in wv]
    cosines = [1.0 if left == right.lower() else wv.similarity(left, right.lower()) for left, right, _ in known]
    ratings = [rating for _, _, rating in known]
    result = evaluate(wv, pairs)
    assert result.spearman == pytest.approx(scipy.stats.spearmanr(cosines, ratings).statistic, abs=1e-6)
    assert result.pearson == pytest.approx(scipy.stats.pearsonr(cosines, ratings).statistic, abs=1e-6)
    assert (result.asked, result.known) == (200, len(known))
    assert 0 < len(known) < 200
    assert result.coverage == len(known) / 200
    assert {word.lower() for word in result.missing} == {f"w{number}" for number in range(40, 45)}


def test_a_pair_with_a_missing_word_changes_nothing_but_the_coverage(wv: WordVectors) -> None:
    pairs: list[RatedPair] = [("w1", "w2", 3.0), ("w3", "w4", 1.0), ("w5", "w6", 2.0)]
    with_missing = evaluate(wv, [*pairs, ("w1", "nowhere", 9.0), ("nobody", "nowhere", 0.0)])
    without = evaluate(wv, pairs)
    assert (with_missing.spearman, with_missing.pearson) == (without.spearman, without.pearson)
    assert (with_missing.coverage, without.coverage) == (3 / 5, 1)
    assert with_missing.missing == ("nowhere", "nobody")


def test_case_and_frequency_cut(wv: WordVectors) -> None:
    pairs: list[RatedPair] = [("W1", "w2", 3.0), ("w3", "w39", 1.0)]
    assert evaluate(wv, pairs).known == 2
    assert evaluate(wv, pairs, ignore_case=False).known == 1
    assert evaluate(wv, pairs, most_frequent=39).missing == ("w39",)


@pytest.mark.parametrize("pairs", [[], [("w1", "w2", 3.0)], [("w1", "w2", 3.0), ("w3", "w4", 3.0)]])
def test_a_correlation_that_is_not_defined_is_none(wv: WordVectors, pairs: list[RatedPair]) -> None:
    result = evaluate(wv, pairs)
    assert result.spearman is None
    assert result.pearson is None
    assert "Spearman  —" in str(result)
    assert json.loads(json.dumps(result.to_dict()))["spearman"] is None


def test_the_result_prints(wv: WordVectors) -> None:
    result = evaluate(wv, [("w1", "w1", 9.0), ("w1", "w2", 3.0), ("w1", "none", 1.0)])
    assert str(result).splitlines() == [
        "Spearman  1.000",
        "Pearson   1.000",
        "known     2 of 3 pairs (66.7 %)",
        "missing   none",
    ]


@pytest.mark.parametrize("rating", [float("nan"), float("inf"), "3"])
def test_a_rating_that_is_no_number_is_refused(wv: WordVectors, rating: float) -> None:
    with pytest.raises(SettingsError, match="finite rating"):
        evaluate(wv, [("w1", "w2", rating)])


@pytest.mark.parametrize(
    "content",
    [
        "tiger\tcat\t7.35\ntea\tcup\t1\n",
        "Word 1,Word 2,Human (mean)\ntiger,cat,7.35\ntea,cup,1\n",
        "tiger cat 7.35\n\ntea   cup 1\n",
        "#W1:W2:Gold:P1:P2\ntiger:cat:7.35:n:n\ntea:cup:1:n:n\n",
        "word1\tword2\tPOS\tSimLex999\tconc\ntiger\tcat\tN\t7.35\t3\ntea\tcup\tN\t1\t4\n",
        "tiger-n cat-n 7.35\ntea-n cup-n 1\n",
        "tiger;cat;7.35\r\ntea;cup;1\r\n",
    ],
)
def test_every_usual_format_is_read(tmp_path: Path, content: str) -> None:
    path = tmp_path / "pairs"
    path.write_text(content, encoding="utf-8", newline="")
    assert read_pairs(path) == (("tiger", "cat", 7.35), ("tea", "cup", 1.0))


def test_a_hyphen_stays_where_not_all_words_have_their_part_of_speech(tmp_path: Path) -> None:
    path = tmp_path / "pairs"
    path.write_text("plan-a\tplan-b\t7\nvitamin-a\thealth\t3\n", encoding="utf-8")
    assert read_pairs(path)[1] == ("vitamin-a", "health", 3.0)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "empty"),
        ("# nothing\n", "only comments"),
        ("word1\tword2\tscore\n", "no rating"),
        ("a\tb\n", "no rating"),
        ("a\tb\t1\nc\td\n", "line 2"),
        ("a\tb\t1\nc\td\thigh\n", "line 2"),
        ("a\tb\t1\nc\t\t2\n", "line 2"),
        ("a\tb\t1\nc\td\tnan\n", "line 2"),
    ],
)
def test_a_broken_file_is_refused(tmp_path: Path, content: str, complaint: str) -> None:
    path = tmp_path / "pairs"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(FormatError, match=complaint):
        read_pairs(path)


@pytest.mark.skipif(not DATA.exists(), reason="the evaluation data are not here")
@pytest.mark.parametrize(
    ("name", "size", "first"),
    [
        ("EN-WS-353-ALL.txt", 353, ("love", "sex", 6.77)),
        ("EN-WS-353-SIM.txt", 203, ("tiger", "cat", 7.35)),
        ("EN-WS-353-REL.txt", 252, ("computer", "keyboard", 7.62)),
        ("EN-RG-65.txt", 65, ("gem", "jewel", 3.94)),
        ("EN-MC-30.txt", 30, ("car", "automobile", 3.92)),
        ("EN-MTurk-287.txt", 287, ("episcopal", "russia", 2.75)),
        ("SimLex-999.txt", 999, ("old", "new", 1.58)),
        ("MEN_dataset_lemma_form.dev", 2000, ("berry", "seed", 37.0)),
        ("wortpaare65.gold.pos.txt", 65, ("Auto", "Fahrt", 2.75)),
    ],
)
def test_the_known_sets_are_read_whole(name: str, size: int, first: RatedPair) -> None:
    pairs = read_pairs(DATA / name)
    assert len(pairs) == size
    assert pairs[0] == first
