"""Arithmetic with words as it is written: "king - man + 0.5*woman"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from firth.errors import ExpressionError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Term", "parse", "terms_of"]

_BLANKS = re.compile(r"\s*")
_SIGN = re.compile(r"([+\-−–])(?=\s|$)")
_WEIGHT = re.compile(r"(\d+(?:\.\d*)?|\.\d+)\s*\*\s*")
_QUOTED = re.compile(r'"([^"]*)"(?=\s|$)')
_WORD = re.compile(r'[^\s"]\S*')
_LEAST_WEIGHT = 1e-6


@dataclass(frozen=True, slots=True)
class Term:
    """One word of an expression and how it counts.

    Args:
        word: the word.
        weight: float ≠ 0; below 0 where the word is taken away.
    """

    word: str
    weight: float


def parse(expression: str) -> list[Term]:
    """Read word arithmetic.

        expression = [sign] term {sign term}      a sign is + or − with a blank on each side
        term       = [number "*"] word            0.5*woman
        word       = characters without blanks, or anything between double quotes

    Hyphens, apostrophes and underscores inside a word belong to it ("mother-in-law"). A word that is a sign itself, or
    that holds blanks, is written between double quotes.

    Args:
        expression: at least one term.

    Raises:
        ExpressionError: it cannot be read; the message says at which character.
    """
    if not isinstance(expression, str):
        raise ExpressionError(f'expected word arithmetic such as "king - man + woman", got {expression!r}')
    terms: list[Term] = []
    position = _skip_blanks(expression, 0)
    sign = _SIGN.match(expression, position)
    while True:
        if sign:
            position = _skip_blanks(expression, sign.end())
        term, position = _term(expression, position, -1.0 if sign and sign[1] != "+" else 1.0)
        terms.append(term)
        position = _skip_blanks(expression, position)
        if position == len(expression):
            return terms
        sign = _SIGN.match(expression, position)
        if not sign:
            raise _wrong(
                expression,
                position,
                "+ or - with a blank on each side",
                '; a word with blanks goes between double quotes ("new york")',
            )


def _term(expression: str, position: int, sign: float) -> tuple[Term, int]:
    weight = sign
    if number := _WEIGHT.match(expression, position):
        weight = sign * float(number[1])
        if not _LEAST_WEIGHT <= abs(weight) <= 1 / _LEAST_WEIGHT:
            raise _wrong(expression, position, "a weight from 0.000001 to 1000000")
        position = number.end()
    if quoted := _QUOTED.match(expression, position):
        return Term(quoted[1], weight), quoted.end()
    if expression.startswith('"', position):
        raise _wrong(expression, position, "a closing double quote followed by a blank")
    word = _WORD.match(expression, position)
    if not word or _SIGN.match(expression, position):
        raise _wrong(expression, position, "a word")
    return Term(word[0], weight), word.end()


def _skip_blanks(expression: str, position: int) -> int:
    blanks = _BLANKS.match(expression, position)
    return blanks.end() if blanks else position


def _wrong(expression: str, position: int, expected: str, advice: str = "") -> ExpressionError:
    got = expression[position : position + 30].split()
    what = f'"{got[0]}"' if got else "the end"
    return ExpressionError(
        f"expected {expected} at character {position + 1} of {expression!r}, got {what}{advice}"
        if expression.strip()
        else 'expected word arithmetic such as "king - man + woman", got nothing'
    )


def terms_of(positive: Sequence[str], negative: Sequence[str]) -> list[Term]:
    """Return the terms of words added and words taken away.

    Raises:
        ExpressionError: both lists are empty, or one of them is a str.
    """
    if isinstance(positive, str) or isinstance(negative, str):
        raise ExpressionError('expected lists of words, got one str; write positive=["king", "woman"]')
    if not len(positive) + len(negative):
        raise ExpressionError("expected at least one word to add or to take away, got none")
    return [Term(word, 1.0) for word in positive] + [Term(word, -1.0) for word in negative]
