from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firth.errors import ExpressionError
from firth.vectors.expressions import Term, parse, terms_of


@pytest.mark.parametrize(
    ("expression", "terms"),
    [
        ("king", [("king", 1)]),
        ("king - man + woman", [("king", 1), ("man", -1), ("woman", 1)]),
        ("  king\t-  man ", [("king", 1), ("man", -1)]),
        ("- man + king", [("man", -1), ("king", 1)]),
        ("king − man – woman", [("king", 1), ("man", -1), ("woman", -1)]),
        ("king - man + 0.5*woman", [("king", 1), ("man", -1), ("woman", 0.5)]),
        ("2 * king - .25 * man", [("king", 2), ("man", -0.25)]),
        ("mother-in-law + o'brien - new_york", [("mother-in-law", 1), ("o'brien", 1), ("new_york", -1)]),
        ("'tis - 'twas", [("'tis", 1), ("'twas", -1)]),
        ('"new york" - usa + 2*"united kingdom"', [("new york", 1), ("usa", -1), ("united kingdom", 2)]),
        ('"+" - "2*x"', [("+", 1), ("2*x", -1)]),
        ("c++ - c", [("c++", 1), ("c", -1)]),
        ("-man", [("-man", 1)]),
        ("007 + 3", [("007", 1), ("3", 1)]),
    ],
)
def test_expressions(expression: str, terms: list[tuple[str, float]]) -> None:
    assert parse(expression) == [Term(word, weight) for word, weight in terms]


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("", "got nothing"),
        ("   ", "got nothing"),
        ("king -", "a word at character 7 of .king -., got the end"),
        ("king - + woman", 'a word at character 8 of .king - \\+ woman., got "\\+"'),
        ("king -man", 'a blank on each side at character 6 of .king -man., got "-man"'),
        (
            "new york - usa",
            'character 5 of .new york - usa., got "york"; a word with blanks goes between double quotes',
        ),
        ('"new york - usa', "a closing double quote followed by a blank at character 1"),
        ('"a"b', "a closing double quote"),
        ("0*king", "a weight from 0.000001 to 1000000 at character 1"),
        ("king + 9999999*man", "a weight from .* at character 8"),
        ("king + 2*", "a word at character 10"),
        ("+", "a word at character 2"),
    ],
)
def test_expressions_that_cannot_be_read(expression: str, message: str) -> None:
    with pytest.raises(ExpressionError, match=message):
        parse(expression)


def test_an_expression_is_text() -> None:
    with pytest.raises(ExpressionError, match="got 3"):
        parse(3)  # type: ignore[arg-type]


@given(expression=st.text(st.sampled_from("ab+-−–*\"' \t.05\n"), max_size=20))
def test_any_text_is_terms_or_an_expression_error(expression: str) -> None:
    try:
        terms = parse(expression)
    except ExpressionError:
        return
    assert terms
    assert all(term.weight != 0 for term in terms)


@given(
    terms=st.lists(
        st.tuples(st.text(st.sampled_from("ab -+*'2"), max_size=5), st.sampled_from([1.0, -1.0, 0.5, -2.25])),
        min_size=1,
    )
)
def test_quoted_words_come_back(terms: list[tuple[str, float]]) -> None:
    expression = " ".join(f'{"-" if weight < 0 else "+"} {abs(weight)}*"{word}"' for word, weight in terms)
    assert parse(expression) == [Term(word, weight) for word, weight in terms]


def test_lists_of_words() -> None:
    assert terms_of(["king", "woman"], ["man"]) == [Term("king", 1), Term("woman", 1), Term("man", -1)]
    with pytest.raises(ExpressionError, match="at least one word"):
        terms_of([], [])
    with pytest.raises(ExpressionError, match="lists of words"):
        terms_of("king", [])
