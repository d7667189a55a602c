"""The pair tables against the two textbooks that print them, word for word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firth.contexts.pairs import pairs
from firth.contexts.window import Window
from firth.corpus.tokenizers import Custom, Sentences, Whitespace, Words
from firth.errors import SettingsError

STARK = "“The man who passes the sentence should swing the sword.”"

# Weng 2017 prints the first four and the last three rows; those between follow from the same rule.
WENG = """\
Sliding window (size = 5)           Target word  Context
[The man who]                       the          man, who
[The man who passes]                man          the, who, passes
[The man who passes the]            who          the, man, passes, the
[man who passes the sentence]       passes       man, who, the, sentence
[who passes the sentence should]    the          who, passes, sentence, should
[passes the sentence should swing]  sentence     passes, the, should, swing
[the sentence should swing the]     should       the, sentence, swing, the
[sentence should swing the sword]   swing        sentence, should, the, sword
[should swing the sword]            the          should, swing, sword
[swing the sword]                   sword        swing, the"""

NECRONOMICON = """\
---------------+------------------------+----------------------
given the word | guess the left context | and the right context
---------------+------------------------+----------------------
       'kings' -> [                       'wear', 'crowns']
        'wear' -> ['kings',               'crowns', 'of']
      'crowns' -> ['kings', 'wear',       'of', 'jewels']
          'of' -> ['wear', 'crowns',      'jewels']
      'jewels' -> ['crowns', 'of']"""


@pytest.mark.parametrize("asked", [{"window": 2}, {"span": 5}])
def test_weng_s_table(asked: dict[str, int]) -> None:
    header, blank, table = str(pairs(STARK, **asked)).split("\n", 2)
    assert header == "window 2: 2 words to each side of the centre, 5 in all"
    assert blank == ""
    assert table == WENG


def test_weng_s_four_samples_of_swing() -> None:
    samples = [pair for pair in pairs(STARK).pairs() if pair[0] == "swing"]
    assert samples == [("swing", "sentence"), ("swing", "should"), ("swing", "the"), ("swing", "sword")]


def test_the_necronomicon_s_table() -> None:
    table = pairs("kings wear crowns of jewels").sides()
    assert table.split("\n\n", 1)[1] == NECRONOMICON


def test_words_given_as_a_list_are_taken_as_they_are() -> None:
    assert pairs(["Kings", "wear", "crowns"], 1).pairs() == [
        ("Kings", "wear"),
        ("wear", "Kings"),
        ("wear", "crowns"),
        ("crowns", "wear"),
    ]


def test_each_line_is_a_sentence() -> None:
    assert pairs("red blue\npink").pairs() == [("red", "blue"), ("blue", "red")]
    assert [row.window for row in pairs("Red blue\npink")] == ["Red blue", "Red blue", "pink"]


def test_sentences_of_a_tokenizer_are_kept_apart() -> None:
    table = pairs("The king rules. The queen reigns.", tokenizer=Sentences(words=Words()))
    assert [row.window for row in table][2:4] == ["The king rules", "The queen reigns"]
    assert table.rows[3].contexts == ("queen", "reigns")


def test_words_that_a_tokenizer_rewrites_are_shown_as_it_writes_them() -> None:
    table = pairs("Kings wear", tokenizer=Custom(function=lambda text: [word[::-1] for word in text.split()]))
    assert table.rows[0].window == "sgniK raew"


def test_the_centre_alone_is_shown_too() -> None:
    table = pairs("pink")
    assert len(table) == 1
    assert table.rows[0].contexts == ()
    assert table.sides().endswith("'pink' -> []")


def test_an_empty_text_gives_an_empty_table() -> None:
    table = pairs("")
    assert len(table) == 0
    assert table.pairs() == []
    assert str(table).endswith("Sliding window (size = 5)  Target word  Context")
    assert "given the word" in table.sides()


def test_sides_may_differ() -> None:
    table = pairs(["a", "b", "c", "d"], Window(left=1, right=2, soft=False))
    assert [(row.left, row.right) for row in table] == [
        ((), ("b", "c")),
        (("a",), ("c", "d")),
        (("b",), ("d",)),
        (("c",), ()),
    ]
    assert table.header == "window 1, 2: 1 word before and 2 words after the centre, 4 in all"


def test_capitals_stay_in_the_window_where_the_tokenizer_lowers() -> None:
    assert pairs("Kings wear", tokenizer=Words(lowercase=True)).rows[0].window == "Kings wear"
    assert pairs("Kings wear", tokenizer=Words(lowercase=False)).rows[0].centre == "Kings"
    assert pairs("Kings wear.", tokenizer=Whitespace()).rows[1].centre == "wear."


def test_a_soft_window_is_drawn_from_the_seed() -> None:
    words = [str(number) for number in range(200)]
    soft = Window(left=5, right=5, soft=True)
    first, again, other = (pairs(words, soft, seed=seed).rows for seed in (1, 1, 2))
    assert first == again
    assert first != other
    assert {len(row.left) for row in first[5:-5]} == {1, 2, 3, 4, 5}


@given(st.lists(st.sampled_from("abc"), max_size=12), st.integers(1, 5))
def test_a_fixed_window_is_symmetric(words: list[str], window: int) -> None:
    found = pairs(words, window).pairs()
    naive = [
        (centre, context)
        for position, centre in enumerate(words)
        for other, context in enumerate(words)
        if other != position and abs(other - position) <= window
    ]
    assert found == naive
    assert sorted(found) == sorted((context, centre) for centre, context in found)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"window": 0}, "window of 1 or more"),
        ({"window": -2}, "window of 1 or more"),
        ({"span": 4}, "odd number"),
        ({"span": 1}, "odd number"),
        ({"span": True}, "odd number"),
        ({"seed": -1}, "seed"),
    ],
)
def test_what_cannot_be_is_refused(asked: dict[str, int], says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        pairs("kings wear crowns", **asked)


@pytest.mark.parametrize("wrong", [3, None, ["a", 2], b"bytes"])
def test_what_is_no_text_is_refused(wrong: object) -> None:
    with pytest.raises(SettingsError, match="text"):
        pairs(wrong)
