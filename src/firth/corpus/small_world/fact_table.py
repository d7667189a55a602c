"""The kinds of fact that the small world is made from, and how their tables are read.

A table has a fact on each line; a line that begins with blanks goes on with the one before. Fields stand between `|`,
the choices within a field between `;`, and neither counts inside square brackets.
"""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = [
    "Animal",
    "Colour",
    "Country",
    "Deed",
    "Food",
    "Fruit",
    "Occupation",
    "Pair",
    "Quality",
    "choices",
    "rows",
]


class Pair(NamedTuple):
    """A male and a female word of one rank, trade or kinship."""

    male: str
    female: str
    manners: tuple[str, ...]
    deeds: tuple[str, ...]


class Country(NamedTuple):
    """A country, its capital, its people's adjective, and what is found nowhere else."""

    country: str
    capital: str
    nationality: str
    sights: tuple[str, ...]
    goods: tuple[str, ...]
    people: tuple[str, ...]


class Animal(NamedTuple):
    """An animal, its plural, its young and their plural (empty where English has no word), and its ways."""

    adult: str
    adults: str
    young: str
    youngs: str
    home: tuple[str, ...]
    food: tuple[str, ...]
    habits: tuple[str, ...]


class Fruit(NamedTuple):
    """A fruit, its plural, its taste or looks, and what is made of it."""

    one: str
    many: str
    looks: tuple[str, ...]
    uses: tuple[str, ...]


class Food(NamedTuple):
    """A dish that is not counted, how it is, and how it is made."""

    name: str
    looks: tuple[str, ...]
    making: tuple[str, ...]


class Occupation(NamedTuple):
    """A trade, its plural, its tools, and what its people have always done."""

    one: str
    many: str
    tools: tuple[str, ...]
    deeds: tuple[str, ...]


class Quality(NamedTuple):
    """An adjective with its comparative and superlative, and the things that have it."""

    plain: str
    comparative: str
    superlative: str
    things: tuple[str, ...]


class Deed(NamedTuple):
    """A verb, its past and its participle, and what it is done to."""

    plain: str
    past: str
    participle: str
    objects: tuple[str, ...]


class Colour(NamedTuple):
    """A colour and the things that have it by nature."""

    name: str
    things: tuple[str, ...]


def rows(table: str) -> list[list[str]]:
    """Return the fields of each line of a table; a line that begins with blanks goes on with the one before."""
    lines = re.sub(r"\n +", " ", table.strip()).splitlines()
    return [[field.strip() for field in _split(line, "|")] for line in lines]


def _split(line: str, mark: str) -> list[str]:
    """Split a line at each mark that stands outside square brackets."""
    fields, depth = [""], 0
    for character in line:
        depth += (character == "[") - (character == "]")
        if character == mark and depth == 0:
            fields.append("")
        else:
            fields[-1] += character
    return fields


def choices(field: str) -> tuple[str, ...]:
    """Return the choices of a field."""
    return tuple(choice.strip() for choice in field.split(";"))
