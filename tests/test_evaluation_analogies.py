"""Analogies: the file format, the arithmetic, and what counts."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from firth.errors import FormatError, SettingsError, SourceError
from firth.evaluation.analogies import Question, evaluate, read_questions
from firth.vectors.store import WordVectors

DATA = Path(__file__).parents[2] / "shared" / "data" / "eval"


def naive_right(wv: WordVectors, question: Question, most_frequent: int, ignore_case: bool) -> bool | None:
    """Whether 3CosAdd answers one question, word by word; None where it cannot be asked."""
    words = list(wv.words)
    if wv.counts is not None:
        words.sort(key=lambda word: -int(wv.counts[wv.index(word)]))
    words = words[:most_frequent]

    def form(word: str) -> str:
        return word.lower() if ignore_case else word

    def unit(asked: str) -> np.ndarray | None:
        for word in words:
            if form(word) == form(asked):
                row = wv.matrix[wv.index(word)].astype(np.float64)
                return row / np.sqrt((row**2).sum())
        return None

    a, b, c, d = (unit(word) for word in question)
    if a is None or b is None or c is None or d is None:
        return None
    best, best_similarity = "", -np.inf
    for word in words:
        row = wv.matrix[wv.index(word)].astype(np.float64)
        similarity = (b - a + c) @ row / np.sqrt((row**2).sum())
        if form(word) not in {form(asked) for asked in question[:3]} and similarity > best_similarity:
            best, best_similarity = word, similarity
    return form(best) == form(question[3])


@pytest.mark.parametrize("ignore_case", [True, False])
@pytest.mark.parametrize("most_frequent", [12, 30, 1000])
@pytest.mark.parametrize("counted", [True, False])
def test_every_answer_equals_the_naive_one(ignore_case: bool, most_frequent: int, counted: bool) -> None:
    random = np.random.default_rng(most_frequent + counted)
    stems = ["paris", "rome", "oslo", "king", "queen", "man", "woman", "é", "x-y"]
    words = [*stems, *[stem.title() for stem in stems], *[stem.upper() for stem in stems[:5]]]
    words = [words[place] for place in random.permutation(len(words))]
    counts = random.integers(1, 9, len(words)) if counted else None
    wv = WordVectors(words, random.standard_normal((len(words), 3)).astype(np.float32), counts)
    picks = [random.choice([*words, "unknown"], 4, p=[*[0.98 / len(words)] * len(words), 0.02]) for _ in range(400)]
    questions: list[Question] = [(str(a), str(b), str(c), str(d)) for a, b, c, d in picks]
    naive = [naive_right(wv, question, most_frequent, ignore_case) for question in questions]
    assert {True, False, None} == set(naive)

    one_by_one = evaluate(
        wv, {str(n): [question] for n, question in enumerate(questions)}, most_frequent=most_frequent,
        ignore_case=ignore_case,
    )  # fmt: skip
    assert [score.accuracy for score in one_by_one.scores] == [None if right is None else right for right in naive]

    together = evaluate(wv, {"all": questions}, most_frequent=most_frequent, ignore_case=ignore_case)
    assert together.total.asked == 400
    assert together.total.answerable == sum(right is not None for right in naive)
    assert together.total.right == sum(right is True for right in naive)
    assert together.words == min(most_frequent, len(words))


@pytest.fixture
def wv() -> WordVectors:
    rows = {"man": (1, 0, 0), "woman": (1, 1, 0), "king": (1, 0, 1), "queen": (1, 1, 1), "toad": (-1, 0, 0)}
    return WordVectors(list(rows), np.array(list(rows.values()), dtype=np.float32))


def test_the_query_words_are_never_the_answer(wv: WordVectors) -> None:
    assert evaluate(wv, {"gender": [("man", "woman", "king", "queen")]}).accuracy == 1
    assert evaluate(wv, {"same": [("man", "man", "king", "king")]}).accuracy == 0


def test_what_cannot_be_asked_lowers_coverage_and_not_accuracy(wv: WordVectors) -> None:
    asked = {
        "gender": [("man", "woman", "king", "queen"), ("man", "woman", "lord", "lady")],
        "capital": [("Paris", "France", "Rome", "Italy")],
        "none": [],
    }
    result = evaluate(wv, asked)
    gender, capital, none = result.scores
    assert (gender.accuracy, gender.coverage) == (1, 0.5)
    assert (capital.accuracy, capital.coverage) == (None, 0)
    assert (none.accuracy, none.coverage) == (None, None)
    assert (result.accuracy, result.coverage) == (1, 1 / 3)


def test_rare_words_take_no_part(wv: WordVectors) -> None:
    counted = WordVectors(wv.words, wv.matrix, np.array([5, 4, 3, 1, 2]))
    assert evaluate(counted, {"gender": [("man", "woman", "king", "queen")]}, most_frequent=4).coverage == 0
    assert evaluate(counted, {"gender": [("man", "woman", "king", "queen")]}, most_frequent=None).accuracy == 1


def test_the_result_prints_as_a_table_and_goes_into_json(wv: WordVectors) -> None:
    result = evaluate(wv, {"gender": [("man", "woman", "king", "queen")], "capital": [("Oslo", "Norway", "a", "b")]})
    assert str(result).splitlines() == [
        "category  accuracy    right  answerable    asked  coverage",
        "gender     100.0 %        1           1        1   100.0 %",
        "capital          —        0           0        1     0.0 %",
        "total      100.0 %        1           1        2    50.0 %",
        "asked by 3CosAdd of the 5 most frequent words; the query words were not taken as answers",
    ]
    document = json.loads(json.dumps(result.to_dict()))
    assert document["total"]["accuracy"] == 1
    assert [row["category"] for row in document["categories"]] == ["gender", "capital"]


def test_no_questions_at_all(wv: WordVectors) -> None:
    result = evaluate(wv, {})
    assert (result.accuracy, result.coverage) == (None, None)
    assert "total" in str(result)


@pytest.mark.parametrize("most_frequent", [0, -1, 2.5, True])
def test_a_cut_that_cannot_be_is_refused(wv: WordVectors, most_frequent: int) -> None:
    with pytest.raises(SettingsError, match="most_frequent"):
        evaluate(wv, {}, most_frequent=most_frequent)


@pytest.mark.parametrize("question", [("a", "b", "c"), "abcd"])
def test_a_question_that_is_none_is_refused(wv: WordVectors, question: Question) -> None:
    with pytest.raises(SettingsError, match="four words"):
        evaluate(wv, {"x": [question]})


def test_vectors_with_nan_are_refused() -> None:
    wv = WordVectors(["a", "b"], np.array([[1, 2], [np.nan, 1]], dtype=np.float32))
    with pytest.raises(FormatError, match='"b"'):
        evaluate(wv, {"x": [("a", "b", "a", "b")]})


def test_a_file_is_read(tmp_path: Path, wv: WordVectors) -> None:
    path = tmp_path / "questions.txt"
    path.write_text(
        "\ufeff// a comment\n: capital cities\nOslo Norway\tRome Italy\n\n:gender\r\nman woman king queen\n",
        encoding="utf-8",
    )
    assert read_questions(path) == {
        "capital cities": (("Oslo", "Norway", "Rome", "Italy"),), "gender": (("man", "woman", "king", "queen"),),
    }  # fmt: skip
    assert evaluate(wv, path).accuracy == evaluate(wv, str(path)).accuracy == 1


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b": x\na b c\n", "four words in line 2"),
        (b": x\na b c d e\n", "four words in line 2"),
        (b"a b c d\n", "before the first question"),
        (b": x\na b c \xff\n", "UTF-8"),
    ],
)
def test_a_broken_file_is_refused(tmp_path: Path, content: bytes, complaint: str) -> None:
    path = tmp_path / "questions.txt"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=complaint):
        read_questions(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="nowhere"):
        read_questions(tmp_path / "nowhere.txt")


@pytest.mark.skipif(not DATA.exists(), reason="the evaluation data are not here")
def test_googles_questions_are_read_whole() -> None:
    questions = read_questions(DATA / "questions-words.txt")
    assert len(questions) == 14
    assert sum(len(asked) for asked in questions.values()) == 19_544
    assert sum(len(asked) for asked in read_questions(DATA / "questions-phrases.txt").values()) == 3_218


def test_parts_and_steps_of_any_size_give_the_same_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(1)
    words = [f"w{number}" for number in range(40)]
    wv = WordVectors(words, generator.normal(size=(40, 6)).astype(np.float32))
    questions = {"all": [tuple(f"w{n}" for n in generator.choice(40, size=4, replace=False)) for _ in range(300)]}
    questions["all"] += [("w1", "w2", f"w{n}", "w3") for n in range(4, 40)]
    whole = evaluate(wv, questions).answers
    unit = wv.matrix / np.linalg.norm(wv.matrix, axis=1, keepdims=True)
    for (_, (a, b, c, expected)), right in whole.items():
        rows = [words.index(word) for word in (a, b, c)]
        similarity = unit @ (unit[rows[1]] - unit[rows[0]] + unit[rows[2]])
        similarity[rows] = -np.inf
        assert right == (words[int(similarity.argmax())] == expected)
    for size in (1, 200, 1000):
        monkeypatch.setattr("firth.evaluation.analogies._MOST_PRODUCTS", size)
        assert evaluate(wv, questions).answers == whole


@pytest.mark.parametrize("method", ["3CosAdd", "3cosmul", "PairDirection"])
def test_every_method_answers_as_the_vectors_do(method: str) -> None:
    """What `WordVectors.analogy` answers, word by word, with an expected word for each question or a wrong one."""
    rng = np.random.default_rng(1)
    words = [f"w{number}" for number in range(60)]
    wv = WordVectors(words, rng.normal(size=(60, 7)))
    questions = [tuple(words[place] for place in rng.choice(60, 3, replace=False)) for _ in range(150)]
    questions += [(a, b, other) for a, b, _ in questions[:20] for other in words[:4] if other not in (a, b)]
    asked, wanted = [], {}
    for place, (a, b, c) in enumerate(questions):
        answer = wv.analogy(f"{b} - {a} + {c}", k=1, method=method).words[0]
        question = (a, b, c, answer if place % 2 else words[(words.index(answer) + 1) % 60])
        asked.append(question)
        wanted["random", question] = bool(place % 2)
    result = evaluate(wv, {"random": asked}, most_frequent=None, method=method)
    assert result.answers == wanted
    assert result.to_dict()["method"] == result.method
    assert result.method.casefold() == method.casefold()
    assert result.method in str(result)


def category(wv: WordVectors, rng: np.random.Generator, pairs: int) -> list[Question]:
    words = [str(word) for word in rng.choice(list(wv.words), 2 * pairs, replace=False)]
    halves = list(zip(words[::2], words[1::2], strict=True))
    return [(a, b, c, d) for a, b in halves for c, d in halves if a != c]


@pytest.mark.parametrize("method", ["3CosAvg", "LRCos"])
@pytest.mark.parametrize("most_frequent", [None, 150])
def test_each_pair_is_asked_about_after_learning_from_the_others(method: str, most_frequent: int | None) -> None:
    if method == "LRCos":
        pytest.importorskip("sklearn")
    rng = np.random.default_rng(5)
    matrix = rng.standard_normal((200, 6)).astype(np.float32)
    matrix[100:] = matrix[:100] + [3, 0, 0, 0, 0, 0] + 0.4 * rng.standard_normal((100, 6))
    place = rng.permutation(200)
    wv = WordVectors([f"w{row}" for row in place], matrix[place])
    halves = [(f"w{row}", f"w{row + 100}") for row in range(16)]
    asked = {"shift": [(a, b, c, d) for a, b in halves for c, d in halves if a != c], "chance": category(wv, rng, 6)}
    result = evaluate(wv, asked, most_frequent=most_frequent, method=method.lower())
    assert result.method == method
    known = set(wv.words[:most_frequent])
    for score in result.scores:
        pairs = dict.fromkeys((c, d) for _, _, c, d in asked[score.category])
        some = [pair for pair in pairs if known >= set(pair)]
        if len(some) < (2 if method == "3CosAvg" else 3):
            some = []
        naive = {}
        for c, d in some:
            others = [pair for pair in some if pair != (c, d)]
            table = wv.analogy(c, 2, pairs=others, method=method, most_frequent=most_frequent, include_query=True)
            naive[c, d] = next(word for word in table.words if word != c) == d
        assert {pair: result.answers[score.category, (pair[0], (pair[1],))] for pair in some} == naive
        assert (score.asked, score.answerable, score.right) == (len(pairs), len(some), sum(naive.values()))
    assert result.scores[0].right > 0
    assert "each pair by what the category's other pairs teach" in str(result)


@pytest.mark.parametrize("method", ["3CosAvg", "LRCos"])
def test_pairs_with_too_few_others_cannot_be_asked_about(method: str, wv: WordVectors) -> None:
    few = {"gender": [("man", "woman", "king", "queen")], "one": [("man", "toad", "man", "toad")], "none": []}
    scores = evaluate(wv, few, method=method).scores
    assert [score.asked for score in scores] == [2, 1, 0]
    assert [score.answerable for score in scores] == [2 if method == "3CosAvg" else 0, 0, 0]


def test_any_of_several_expected_words_is_right_of_a_pair(wv: WordVectors) -> None:
    questions = [
        ("man", "woman", "king", ("empress", "queen")),
        ("king", "empress", "man", ("woman",)),
    ]
    result = evaluate(wv, {"gender": questions}, method="3CosAvg")
    assert result.answers == {("gender", ("king", ("empress", "queen"))): True, ("gender", ("man", ("woman",))): True}


def test_a_method_that_is_none_is_refused(wv: WordVectors) -> None:
    with pytest.raises(SettingsError, match=r"expected a method of 3CosAdd, .*LRCos, got 'x'"):
        evaluate(wv, {}, method="x")
