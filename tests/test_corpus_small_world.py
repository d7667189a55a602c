"""The small world: its text, and the gold answers that go with it."""

from __future__ import annotations

import hashlib
import itertools
import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firth.corpus.small_world import categories, questions, text
from firth.corpus.small_world.fact_table import rows
from firth.corpus.small_world.grammar import Slot, read_template, write_template
from firth.errors import SettingsError
from firth.evaluation import analogies
from firth.evaluation import categories as purity
from firth.vectors.store import WordVectors

WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")


def words_of(sentence: str) -> list[str]:
    return WORD.findall(sentence.lower())


@pytest.fixture(scope="module")
def sentences() -> list[str]:
    return list(text())


@pytest.fixture(scope="module")
def counts(sentences: list[str]) -> Counter[str]:
    return Counter(word for sentence in sentences for word in words_of(sentence))


def test_the_same_seed_gives_the_same_text_everywhere() -> None:
    written = "\n".join(text(20_000, seed=7))
    assert hashlib.sha256(written.encode()).hexdigest().startswith("f548deb37f293573")
    assert written == "\n".join(text(20_000, seed=7))
    assert written != "\n".join(text(20_000, seed=8))


def test_a_longer_text_begins_with_the_shorter_one() -> None:
    short = list(text(1_000))
    assert list(itertools.islice(text(5_000), len(short))) == short


def test_the_text_ends_with_the_sentence_that_reaches_the_size() -> None:
    for size in (1, 10, 999):
        some = [len(sentence.split()) for sentence in text(size)]
        assert sum(some) >= size
        assert sum(some[:-1]) < size


@pytest.mark.parametrize("arguments", [{"words": 0}, {"words": 2.5}, {"words": True}, {"seed": -1}, {"seed": "1"}])
def test_arguments_that_cannot_be_are_refused_at_once(arguments: dict[str, int]) -> None:
    with pytest.raises(SettingsError, match="expected the small world's"):
        text(**arguments)


def test_every_sentence_is_written_as_people_write(sentences: list[str]) -> None:
    whole = re.compile(r"“?[A-ZÀ-Þ][^{}\[\]|;\n]*[^ ,][.?]")
    for sentence in sentences:
        assert whole.fullmatch(sentence), sentence
    for wrong in ("  ", " ,", ",,", ",.", "..", " .", " ?", "?.", " a a ", " the the "):
        assert not [sentence for sentence in sentences if wrong in sentence]
    misfit = re.compile(r"\b[Aa] [aeiou]|\b[Aa]n (?!hour)[^aeiouAEIOU]")
    assert not [sentence for sentence in sentences if misfit.search(sentence)]


def test_sentences_hardly_repeat(sentences: list[str]) -> None:
    assert len(set(sentences)) > 0.6 * len(sentences)


def test_the_vocabulary_is_large_and_falls_off_as_in_real_text(counts: Counter[str]) -> None:
    assert len(counts) > 2500
    frequencies = np.array(sorted(counts.values(), reverse=True), dtype=np.float64)
    ranks = np.arange(1, len(frequencies) + 1)
    slope = np.polyfit(np.log(ranks[9:2000]), np.log(frequencies[9:2000]), 1)[0]
    assert -1.6 < slope < -0.7


def test_every_gold_word_comes_often_enough_to_be_learnt(counts: Counter[str]) -> None:
    gold = {word for asked in questions().values() for question in asked for word in question} | set(categories())
    assert min(counts[word] for word in gold) >= 50


def test_the_words_of_the_known_examples_are_there(counts: Counter[str]) -> None:
    words = words_of("""
    pink purple blue yellow orange green red princess prince king queen lord duke fish chicken bird cow woman man banana
    paris france rome italy berlin germany madrid spain
    """)
    assert all(counts[word] >= 50 for word in words)


def test_questions_ask_each_ordered_pair_of_each_relation_once() -> None:
    asked = questions()
    assert set(asked) == {
        "gender", "capital", "nationality", "comparative", "superlative", "past", "participle", "plural", "young",
    }  # fmt: skip
    for some in asked.values():
        pairs = {question[:2] for question in some}
        assert {question[2:] for question in some} == pairs
        assert len(some) == len(set(some)) == len(pairs) * (len(pairs) - 1)
        assert all(len(set(question)) == 4 for question in some)
        assert all(word == word.lower() for question in some for word in question)
    assert ("man", "woman", "king", "queen") in asked["gender"]
    assert ("paris", "france", "rome", "italy") in asked["capital"]


def test_categories_hold_the_words_of_the_known_examples() -> None:
    category = categories()
    assert category["pink"] == category["purple"] == "colour"
    assert category["banana"] == "fruit"
    assert category["cow"] == category["fish"] == "animal"
    assert category["king"] == "person"
    assert min(Counter(category.values()).values()) >= 7


def test_company_alone_holds_the_structure(sentences: list[str]) -> None:
    """Rows of positive pointwise mutual information, counted and not learnt, answer the questions."""
    lines = [words_of(sentence) for sentence in sentences]
    counts = Counter(word for line in lines for word in line)
    vocabulary = [word for word, count in counts.most_common() if count >= 20]
    ids = {word: word_id for word_id, word in enumerate(vocabulary)}
    size, reach = len(vocabulary), 5
    # Five blanks (the id `size`) between sentences keep the windows within them.
    stream = np.array(
        [word_id for line in lines for word_id in (*(ids.get(word, size) for word in line), *[size] * reach)]
    )
    joint = np.zeros((size + 1, size + 1), dtype=np.float64)
    for distance in range(1, reach + 1):
        cells = stream[:-distance] * (size + 1) + stream[distance:]
        joint += np.bincount(cells, minlength=(size + 1) ** 2).reshape(size + 1, size + 1)
    joint = (joint + joint.T)[:size, :size]
    totals = joint.sum(axis=1)
    with np.errstate(divide="ignore"):
        company = np.maximum(np.log(joint * joint.sum() / np.outer(totals, totals)), 0)
    wv = WordVectors(vocabulary, company.astype(np.float32))
    result = analogies.evaluate(wv, questions(), most_frequent=None)
    assert result.coverage == 1
    assert result.accuracy is not None
    assert result.accuracy > 0.9, str(result)
    pure = purity.evaluate(wv, categories())
    assert pure.purity is not None
    assert pure.chance is not None
    assert pure.purity > 0.95
    assert pure.chance < 0.1


def test_random_vectors_know_nothing(counts: Counter[str]) -> None:
    vocabulary = [word for word, count in counts.most_common() if count >= 5]
    random = np.random.default_rng(1).standard_normal((len(vocabulary), 100), dtype=np.float32)
    result = analogies.evaluate(WordVectors(vocabulary, random), questions())
    assert result.coverage == 1
    assert result.accuracy is not None
    assert result.accuracy < 0.01


def expansions(template: str, bindings: dict[str, list[str]]) -> set[str]:
    """Every text that a template can become, by replacing the first mark with each of its choices in turn."""
    mark = re.search(r"\{(\w+)\}|\[([^]]*)\]", template)
    if mark is None:
        return {template}
    choices = bindings[mark[1]] if mark[1] else mark[2].split("|")
    before, behind = template[: mark.start()], template[mark.end() :]
    return set().union(*(expansions(before + choice + behind, bindings) for choice in choices))


@given(st.lists(st.floats(0, 1, exclude_max=True), min_size=20, max_size=20))
def test_a_template_becomes_one_of_its_expansions(draws: list[float]) -> None:
    template = "the [old|{colour} new|] {thing} of {thing}."
    bindings = {"colour": ["red", "[pale|dark] blue"], "thing": ["cup", "{colour} hat", "gong"]}
    template = template.replace("{colour} new", "fresh")
    out: list[str] = []
    read = {slot: [read_template(value) for value in values] for slot, values in bindings.items()}
    write_template(read_template(template), read, iter(draws).__next__, out)
    assert "".join(out) in expansions(template, bindings)


def test_a_template_can_become_each_of_its_expansions() -> None:
    template, bindings = "[a|b]{x}-{x}", {"x": ["1", "2{y}"], "y": ["?", "!"]}
    read = {slot: [read_template(value) for value in values] for slot, values in bindings.items()}
    written = set()
    for draws in itertools.product((0.0, 0.99), repeat=5):
        out: list[str] = []
        write_template(read_template(template), read, iter(draws).__next__, out)
        written.add("".join(out))
    assert written == expansions(template, bindings)
    assert len(written) == 18


def test_plain_text_is_no_slot() -> None:
    parts = read_template("who {who}")
    assert [type(part) for part in parts] == [str, Slot]


def test_tables_split_outside_brackets_and_join_lines() -> None:
    assert rows("\na | b [c|d]; e |\n    f\ng|h|i\n") == [["a", "b [c|d]; e", "f"], ["g", "h", "i"]]
