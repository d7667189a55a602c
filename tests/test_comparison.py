"""Several objectives on one text: the same vocabulary, each one's figures are those it has alone; three forms."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import firth
from firth.comparison import Compared, Comparison
from firth.corpus import small_world
from firth.errors import FormatError, SettingsError, SourceError, UnknownWordError
from firth.evaluation import analogies, similarity
from firth.evaluation.report import Scored
from firth.events import Event, Stage

# Every test trains; as plain Python that takes minutes.
pytestmark = pytest.mark.slow

PAIRS = (("king", "queen", 9.0), ("king", "banana", 1.0), ("red", "pink", 8.0), ("red", "doctor", 0.5), ("x", "y", 1.0))


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("comparison") / "text.txt"
    path.write_text("\n".join(small_world.text(100_000)), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def report(text: Path) -> Comparison:
    return firth.compare(
        text,
        [firth.SkipGram(dim=20), firth.CBOW(dim=20), firth.SkipGram(dim=20, window=2)],
        words=["king", "red"],
        k=3,
        analogies={"small world": small_world.questions()},
        similarity={"five pairs": PAIRS},
        threads=1,
        epochs=2,
        cache=text.parent,
    )


def test_each_row_is_what_the_objective_does_alone(report: Comparison, text: Path) -> None:
    names = ["SkipGram, NegativeSampling", "CBOW, NegativeSampling", "SkipGram, NegativeSampling (2)"]
    assert [row.name for row in report.rows] == names
    for row in report.rows:
        alone = firth.train(text, row.objective, threads=1, epochs=2, cache=text.parent)
        np.testing.assert_array_equal(row.vectors.matrix, alone.vectors.matrix)
        assert [epoch.loss for epoch in row.history] == [epoch.loss for epoch in alone.history]
        questions, pairs = (
            analogies.evaluate(alone.vectors, small_world.questions()),
            similarity.evaluate(alone.vectors, PAIRS),
        )
        assert row.scores[0].value == questions.accuracy
        assert (row.scores[0].asked, row.scores[0].known) == (questions.total.asked, questions.total.answerable)
        assert row.scores[1].value == pairs.spearman
        assert (row.scores[1].asked, row.scores[1].known) == (5, pairs.known) == (5, 4)
        assert row.neighbors["king"].words == alone.vectors.neighbors("king", k=3).words
        # Two matrices of float32, and little else beside them.
        matrices = 2 * alone.vectors.matrix.nbytes
        assert matrices < row.memory < 3 * matrices + 2_000_000
        assert row.seconds > 0
        assert row is report[row.name]
    with pytest.raises(KeyError):
        report["GloVe"]


def test_the_report_says_what_it_stands_on(report: Comparison) -> None:
    shown = str(report)
    assert "five pairs: 4 of 5 are answerable (80.0%)" in shown
    assert f"{report.corpus['vocabulary']:,} different" in shown
    for row in report.rows:
        assert row.loss in shown
    assert "nearest to red:" in shown


def test_its_markdown_is_a_table_a_word(report: Comparison) -> None:
    lines = report.markdown().splitlines()
    tables = [line for line in lines if line.startswith("| ---")]
    assert len(tables) == 3
    header = next(line for line in lines if line.startswith("| objective"))
    assert header == "| objective | small world, accuracy | five pairs, Spearman | loss | seconds | memory, MB |"
    king = lines.index("Nearest to *king*:")
    assert lines[king + 4].split(" | ")[0] == f"| {report.rows[0].neighbors['king'].words[0]}"


def test_its_dictionary_is_json(report: Comparison) -> None:
    document = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert [row["objective"]["kind"] for row in document["objectives"]] == ["SkipGram", "CBOW", "SkipGram"]
    assert document["objectives"][0]["objective"]["dim"] == 20
    assert len(document["objectives"][0]["neighbors"]["red"]) == 3
    assert document["corpus"]["vocabulary"] == len(report.rows[0].vectors)


def test_names_are_the_caller_s(text: Path) -> None:
    stages: list[Event] = []
    report = firth.compare(
        text, {"one": firth.SkipGram(dim=2)}, epochs=1, threads=1, cache=text.parent, on_event=stages.append
    )
    assert [row.name for row in report.rows] == ["one"]
    assert Stage(name="one (1 of 1)") in stages
    assert report.markdown().count("|---") == report.markdown().count("Nearest") == 0


def test_a_bar_in_a_name_does_not_break_the_table() -> None:
    wv = firth.WordVectors(["a", "b"], np.eye(2, dtype=np.float32), np.array([2, 1]))
    table = wv.neighbors("a", k=1)
    score = Scored(name="s|t", kind="similarity", value=None, interval=None, asked=3, known=0, further={}, items={})
    row = Compared(
        name="x|y", objective=None, vectors=wv, seconds=1, memory=1, history=(), scores=(score,), neighbors={"a": table}
    )
    corpus = {"words_read": 3, "words_kept": 3, "vocabulary": 2, "sentences": 1}
    line = Comparison(rows=(row,), corpus=corpus).markdown().splitlines()[5]
    assert line == r"| x\|y | — | — | 1.0 | 0 |"


@pytest.mark.parametrize("objectives", [[], {}, "skip-gram", [firth.NCE()], 3, [firth.SkipGram]])
def test_what_is_no_list_of_objectives_is_refused(text: Path, objectives: object) -> None:
    with pytest.raises(SettingsError, match="objective"):
        firth.compare(text, objectives, cache=text.parent)


def test_gold_answers_and_words_are_looked_at_before_the_training(text: Path, tmp_path: Path) -> None:
    broken = tmp_path / "pairs.txt"
    broken.write_text("one two\n")
    slow = [firth.SkipGram()]
    for arguments, error in (
        ({"similarity": {"gone": tmp_path / "gone.txt"}}, SourceError),
        ({"similarity": {"broken": broken}}, FormatError),
        ({"words": ["nosuchword"]}, UnknownWordError),
        ({"k": 0}, SettingsError),
        ({"epochs": 0}, SettingsError),
    ):
        with pytest.raises(error):
            firth.compare(text, slow, cache=text.parent, epochs=arguments.pop("epochs", 100_000), **arguments)


def test_an_objective_that_cannot_be_learned_does_not_lose_the_others(text: Path) -> None:
    objectives = {"one": firth.SkipGram(dim=2), "wide": firth.PPMI(dim=9999), "two": firth.CBOW(dim=2)}
    report = firth.compare(text, objectives, epochs=1, threads=1, cache=text.parent)
    assert [row.name for row in report.rows] == ["one", "two"]
    assert "9,999" in report.failed["wide"]
    assert "wide is missing: expected at most" in str(report)
    assert report.to_dict()["failed"] == report.failed
    with pytest.raises(SettingsError, match="9,999"):
        firth.compare(text, [firth.PPMI(dim=9999)], cache=text.parent)


def test_ctrl_c_leaves_what_was_done(text: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(firth.PPMI, "vectors", interrupt)
    objectives = {"one": firth.SkipGram(dim=2), "counts": firth.PPMI(dim=2), "two": firth.CBOW(dim=2)}
    report = firth.compare(text, objectives, epochs=1, threads=1, cache=text.parent)
    assert [row.name for row in report.rows] == ["one"]
    assert report.interrupted == "counts"
    assert "Interrupted while counts was learned" in report.markdown()
    with pytest.raises(KeyboardInterrupt):
        firth.compare(text, {"counts": firth.PPMI(dim=2)}, threads=1, cache=text.parent)
