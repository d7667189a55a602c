"""The gold standard: what vectors trained on the small world's text ought to know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firth.corpus.small_world import facts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["categories", "questions"]

Question = tuple[str, str, str, str]


def questions() -> dict[str, tuple[Question, ...]]:
    """Return analogy questions by relation: (a, b, c, d) asks “a is to b as c is to which word?”, and d is right.

    Each relation asks every ordered pair of its facts. All words are in lower case.

    Returns:
        Relation → its questions.
    """
    relations = {
        "gender": ((row.male, row.female) for row in facts.PEOPLE),
        "capital": ((row.capital, _bare(row.country)) for row in facts.COUNTRIES),
        "nationality": ((_bare(row.country), row.nationality) for row in facts.COUNTRIES),
        "comparative": ((row.plain, row.comparative) for row in facts.QUALITIES),
        "superlative": ((row.plain, row.superlative) for row in facts.QUALITIES),
        "past": ((row.plain, row.past) for row in facts.DEEDS),
        "participle": ((row.plain, row.participle) for row in facts.DEEDS),
        "plural": _plurals(),
        "young": ((row.adult, row.young) for row in facts.ANIMALS if row.young),
    }
    return {relation: tuple(_asked(pairs)) for relation, pairs in relations.items()}


def _bare(country: str) -> str:
    """Return a country's name without its article."""
    return country.removeprefix("the ")


def _plurals() -> Iterator[tuple[str, str]]:
    """Yield the singulars and plurals of animals, fruit and trades, where the two differ."""
    yield from ((row.adult, row.adults) for row in facts.ANIMALS if row.adult != row.adults)
    yield from ((row.one, row.many) for row in facts.FRUIT)
    yield from ((row.one, row.many) for row in facts.OCCUPATIONS)


def _asked(pairs: Iterable[tuple[str, str]]) -> Iterator[Question]:
    """Yield a question for every two different pairs, in both orders."""
    lowered = [(left.lower(), right.lower()) for left, right in pairs]
    for a, b in lowered:
        for c, d in lowered:
            if a != c:
                yield a, b, c, d


def categories() -> dict[str, str]:
    """Return the category of each word that has one: colours, animals, capitals and the like, in lower case."""
    members: dict[str, Iterable[str]] = {
        "animal": (word for row in facts.ANIMALS for word in (row.adult, row.young) if word),
        "capital": (row.capital for row in facts.COUNTRIES),
        "colour": (row.name for row in facts.COLOURS),
        "country": (_bare(row.country) for row in facts.COUNTRIES),
        "deed": (row.plain for row in facts.DEEDS),
        "food": (row.name for row in facts.FOODS),
        "fruit": (row.one for row in facts.FRUIT),
        "month": (month for month, _ in facts.MONTHS),
        "nationality": (row.nationality for row in facts.COUNTRIES),
        "number": facts.NUMBERS,
        "occupation": (row.one for row in facts.OCCUPATIONS),
        "person": (word for row in facts.PEOPLE for word in (row.male, row.female)),
        "quality": (row.plain for row in facts.QUALITIES),
        "weekday": facts.WEEKDAYS,
    }
    return {word.lower(): category for category, words in members.items() for word in words}
