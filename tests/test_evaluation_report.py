"""The report: each set's own figures, intervals around them, another model beside, what is absent named."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest

import firth
from firth.errors import SettingsError, SourceError
from firth.evaluation import analogies, categorization, outliers, similarity
from firth.evaluation.paired import compare_correlations, compare_shares
from firth.evaluation.suite import STANDARD, found
from firth.vectors.store import WordVectors

WORDS = ["king", "queen", "man", "woman", "dog", "cat", "car", "ship"]


@pytest.fixture(scope="module")
def gold(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gold")
    (folder / "questions-words.txt").write_text(
        ": family\nman king woman queen\nking man queen woman\n: other\ndog cat king tram\n", encoding="utf-8"
    )
    pairs = [f"{a}\t{b}\t{n}" for n, (a, b) in enumerate(itertools.pairwise(WORDS))]
    (folder / "below").mkdir()
    (folder / "below" / "EN-RG-65.txt").write_text("\n".join([*pairs, "king\ttram\t3"]), encoding="utf-8")
    kinds = ["person"] * 4 + ["animal"] * 2 + ["vehicle"] * 2
    rows = [f"{number},{kind},{word}" for number, (kind, word) in enumerate(zip(kinds, WORDS, strict=True))]
    (folder / "ap.csv").write_text("\n".join([",category,word", *rows]), encoding="utf-8")
    (folder / "8-8-8.csv").write_text(
        ",category,outliers,words\n0,people,\"['car', 'dog', 'tram']\",\"['king', 'queen', 'man', 'woman']\"\n"
    )
    return folder


def vectors(seed: int, words: list[str] = WORDS) -> WordVectors:
    return WordVectors(words, np.random.default_rng(seed).normal(size=(len(words), 4)).astype(np.float32))


def test_each_score_is_its_own_evaluation_s(gold: Path) -> None:
    wv = vectors(1)
    report = firth.evaluate(wv, gold, samples=100)
    assert [score.name for score in report.scores] == ["Google analogies", "RG-65", "AP", "8-8-8"]
    questions = analogies.evaluate(wv, gold / "questions-words.txt")
    assert report["Google analogies"].value == questions.accuracy
    assert report["Google analogies"].further == {"family": questions.scores[0].accuracy, "other": None}
    assert (report["Google analogies"].known, report["Google analogies"].asked) == (2, 3)
    rated = similarity.evaluate(wv, gold / "below" / "EN-RG-65.txt")
    assert (report["RG-65"].value, report["RG-65"].further["Pearson"]) == (rated.spearman, rated.pearson)
    assert report["RG-65"].coverage == 7 / 8
    assert report["AP"].value == categorization.evaluate(wv, gold / "ap.csv").purity
    told = outliers.evaluate(wv, gold / "8-8-8.csv")
    assert (report["8-8-8"].value, report["8-8-8"].further["OPP"]) == (told.accuracy, told.opp)
    for score in report.scores:
        assert score.interval.low <= score.value <= score.interval.high
    with pytest.raises(KeyError):
        report["MEN"]


def test_what_is_absent_is_named_and_nothing_is_averaged(gold: Path) -> None:
    report = firth.evaluate(vectors(1), gold, samples=100)
    assert set(report.absent) == {some.name for some in STANDARD} - {"Google analogies", "RG-65", "AP", "8-8-8"}
    shown = str(report)
    assert "Not found: MSR analogies, BATS, " in shown
    assert "asked of all 8 words" in shown
    assert "mean" not in shown.lower().replace("meaning", "")
    assert "the 3 most frequent of 8 words" in str(firth.evaluate(vectors(1), gold, samples=100, most_frequent=3))


def test_beside_another_model_the_common_items_are_compared(gold: Path) -> None:
    wv, other = vectors(1), vectors(2, [*WORDS[:6], "tram"])
    report = firth.evaluate(wv, gold, against=other, samples=100)
    one, two = (similarity.evaluate(some, gold / "below" / "EN-RG-65.txt").items for some in (wv, other))
    items = [{(a, b): (rating, cosine) for a, b, rating, cosine in some} for some in (one, two)]
    assert report["RG-65"].against == compare_correlations(*items, samples=100)
    assert report["RG-65"].against.items == 5
    right = [categorization.evaluate(some, gold / "ap.csv").right for some in (wv, other)]
    assert report["AP"].against == compare_shares(*right, samples=100)
    header = str(report).splitlines()[0].split()
    assert header[-5:] == ["in", "both", "this", "other", "p"]


def test_the_three_forms_agree(gold: Path) -> None:
    report = firth.evaluate(vectors(1), gold, against=vectors(2), samples=100)
    document = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert [row["name"] for row in document["sets"]] == [score.name for score in report.scores]
    assert document["sets"][1]["against"]["items"] == 7
    lines = report.markdown().splitlines()
    assert len({line.count("|") for line in lines[:6]}) == 1
    assert lines[2].startswith("| Google analogies | accuracy | ")


def test_vectors_that_know_nothing_have_no_score(gold: Path) -> None:
    report = firth.evaluate(vectors(1, ["x", "y"]), gold, against=vectors(1), samples=100)
    assert all(score.value is None and score.interval is None and score.known == 0 for score in report.scores)
    assert all(score.against.p is None for score in report.scores)
    assert "—" in str(report)


def test_a_suite_is_a_part_of_the_sets(gold: Path) -> None:
    there, absent = found(gold, "similarity")
    assert [some.name for some in there] == ["RG-65"]
    assert all(some.kind == "similarity" for some in absent)


def test_wrong_settings_and_folders(gold: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="suites standard, analogies, similarity"):
        firth.evaluate(vectors(1), gold, suite="all")
    with pytest.raises(SettingsError, match="level"):
        firth.evaluate(vectors(1), gold, level=1.5)
    with pytest.raises(SourceError, match="questions-words"):
        firth.evaluate(vectors(1), tmp_path)
    with pytest.raises(SourceError, match="got none"):
        firth.evaluate(vectors(1), tmp_path / "gone")
