"""Files of analogy questions: each format's questions, and what is in none of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from firth.errors import FormatError, SourceError
from firth.evaluation.analogies import evaluate
from firth.evaluation.analogy_files import read_questions
from firth.vectors.store import WordVectors


def test_microsoft_s_questions_have_their_answers_beside(tmp_path: Path) -> None:
    questions = tmp_path / "word_relationship.questions"
    questions.write_text("good better rough\nbetter good rougher\ncat cats dog\n")
    with pytest.raises(FormatError, match=r"word_relationship\.answers"):
        read_questions(questions)
    (tmp_path / "word_relationship.answers").write_text("JJ_JJR rougher\nJJR_JJ rough\nNN_NNS dogs\n")
    assert read_questions(questions) == {
        "JJ_JJR": (("good", "better", "rough", "rougher"),),
        "JJR_JJ": (("better", "good", "rougher", "rough"),),
        "NN_NNS": (("cat", "cats", "dog", "dogs"),),
    }
    (tmp_path / "word_relationship.answers").write_text("JJ_JJR rougher\n")
    with pytest.raises(FormatError, match="each of the 3 questions"):
        read_questions(questions)


def test_every_pair_of_bats_is_asked_with_every_other(tmp_path: Path) -> None:
    folder = tmp_path / "BATS" / "1_Inflectional"
    folder.mkdir(parents=True)
    (folder / "I01 [plural].txt").write_text("cat\tcats\ndog\tdogs/hounds\nsheep\tsheep\n")
    questions = read_questions(tmp_path / "BATS")["I01 [plural]"]
    assert len(questions) == 6
    assert ("cat", "cats", "dog", ("dogs", "hounds")) in questions
    assert ("dog", "dogs", "cat", ("cats",)) in questions
    assert read_questions(folder / "I01 [plural].txt") == {"I01 [plural]": questions}


def test_any_of_several_answers_is_right() -> None:
    rows = {"cat": [1, 0, 0], "cats": [1, 0, 1], "dog": [0, 1, 0], "hounds": [0, 1, 1]}
    wv = WordVectors(list(rows), np.array(list(rows.values()), dtype=np.float32))
    asked = {"plural": [("cat", "cats", "dog", ("dogs", "hounds")), ("cat", "cats", "dog", ("dogs", "pack"))]}
    result = evaluate(wv, asked)
    assert (result.total.asked, result.total.answerable, result.total.right) == (2, 1, 1)
    assert list(result.answers.values()) == [True]


def test_broken_folders_and_lines(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"\.txt"):
        read_questions(tmp_path)
    (tmp_path / "x.txt").write_text("cat\tcats\ndog dogs\n")
    with pytest.raises(FormatError, match="line 2"):
        read_questions(tmp_path)
