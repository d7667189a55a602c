"""The small world's scenes: which frames speak of which facts, and how often."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firth.corpus.small_world import facts, filler, frames
from firth.corpus.small_world.grammar import Bindings, Choices, read_choices

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["Scene", "scene_urn"]

# A scene is a way to draw one sentence: its frames, and the bindings of each fact that it speaks of.
Scene = tuple[Choices, list[Bindings]]

# How many sentences of a hundred speak of each kind of fact.
_SHARES = {
    "people": 24, "countries": 18, "animals": 15, "qualities": 11, "deeds": 11, "fruit": 7, "occupations": 6,
    "colours": 3, "foods": 2, "time": 1.5, "filler": 1.5,
}  # fmt: skip


def scene_urn(size: int) -> list[Scene]:
    """Return an urn with each scene in it as often as its share of `size` says, and at least once."""
    return [scene for share, scene in _scenes() for _ in range(max(1, round(share * size / 100)))]


def _zipf(words: Sequence[str], exponent: float = 1.0, size: int = 2000) -> Choices:
    """Return an urn in which the word of rank r lies about 1/r^exponent as often as the first, and at least once."""
    shares = [(rank + 1) ** -exponent for rank in range(len(words))]
    total = sum(shares)
    return [
        (word,) for word, share in zip(words, shares, strict=True) for _ in range(max(1, round(size * share / total)))
    ]


def _scenes() -> Iterator[tuple[float, Scene]]:
    """Yield every scene with its share in percent."""
    world = _world()
    for subject, scenes in (
        ("people", _people(world)),
        ("countries", _countries(world)),
        ("animals", _animals(world)),
        ("qualities", _qualities(world)),
        ("deeds", _deeds(world)),
        ("fruit", _fruit(world)),
        ("occupations", _occupations(world)),
        ("colours", _colours(world)),
        ("foods", _foods(world)),
        ("time", _time(world)),
        ("filler", _filler(world)),
    ):
        for part, scene in scenes:
            yield part * _SHARES[subject], scene


def _world() -> dict[str, Choices]:
    """Return the bindings that every scene shares."""
    return {
        "noun": _zipf(filler.NOUNS),
        "adjective": _zipf(filler.ADJECTIVES),
        "adverb": _zipf(filler.ADVERBS),
        "verb": _zipf(filler.VERBS),
        "name": _zipf(filler.MALE_NAMES + filler.FEMALE_NAMES, 0.3),
        "name2": _zipf(filler.FEMALE_NAMES + filler.MALE_NAMES, 0.3),
        "surname": _zipf(filler.SURNAMES),
        "town": _zipf(filler.TOWNS),
        "month": read_choices(month for month, _ in facts.MONTHS),
        "season": read_choices(sorted({season for _, season in facts.MONTHS})),
        "weekday": read_choices(facts.WEEKDAYS),
        "number": _zipf(facts.NUMBERS, 0.5),
        "colour": read_choices(colour.name for colour in facts.COLOURS),
        **{slot: read_choices(values) for slot, values in frames.WORLD.items()},
    }


def _bind(world: Bindings, *slots: Mapping[str, Sequence[str]], **words: str | Sequence[str]) -> Bindings:
    """Return the world's bindings with further slots, each a word or several to choose from."""
    bound = dict(world)
    for more in (*slots, words):
        for slot, values in more.items():
            bound[slot] = read_choices([values] if isinstance(values, str) else values)
    return bound


def _ranked(bindings: Sequence[Bindings], exponent: float = 0.4) -> list[Bindings]:
    """Return an urn of facts in which earlier ones are spoken of more often (Zipf's law, mildly)."""
    least = len(bindings) ** -exponent
    return [bound for rank, bound in enumerate(bindings) for _ in range(round(4 * (rank + 1) ** -exponent / least))]


def _people(world: Bindings) -> Iterator[tuple[float, Scene]]:
    """Yield the scenes of men and women."""
    single: list[Bindings] = []
    both: list[Bindings] = []
    for pair in facts.PEOPLE:
        for who, gender, names in (
            (pair.male, frames.MALE, filler.MALE_NAMES),
            (pair.female, frames.FEMALE, filler.FEMALE_NAMES),
        ):
            bound = dict(_bind(world, gender, who=who, manner=pair.manners, deed=pair.deeds))
            bound["name"] = _zipf(names, 0.3, 200)
            single.append(bound)
        their = {"he": ("they",), "his": ("their",), "him": ("them",), "himself": ("themselves",)}
        both.append(_bind(world, their, male=pair.male, female=pair.female, deed=pair.deeds))
    yield 0.96, (read_choices(frames.PERSON_FRAMES), single)
    yield 0.04, (read_choices(frames.BOTH_FRAMES), both)


def _countries(world: Bindings) -> Iterator[tuple[float, Scene]]:
    """Yield the scenes of countries, of their capitals, and of their peoples."""
    bound = _ranked([
        _bind(
            world, country=row.country, capital=row.capital, nationality=row.nationality, sight=row.sights,
            good=row.goods, person=row.people, other=[other.country for other in facts.COUNTRIES if other is not row],
        )
        for row in facts.COUNTRIES
    ])  # fmt: skip
    for of_one in (frames.COUNTRY_FRAMES, frames.CAPITAL_FRAMES, frames.NATIONALITY_FRAMES):
        yield 1 / 3, (read_choices(of_one), bound)


def _animals(world: Bindings) -> Iterator[tuple[float, Scene]]:
    """Yield the scene of animals, one or many, grown or young."""
    bound: list[Bindings] = []
    for row in facts.ANIMALS:
        for noun, number, age in (
            (row.adult, frames.SINGULAR, frames.GROWN),
            (row.adults, frames.PLURAL, frames.GROWN),
            (row.young, frames.SINGULAR, frames.YOUNG),
            (row.youngs, frames.PLURAL, frames.YOUNG),
        ):
            if noun:
                bound.append(_bind(world, number, age, noun=noun, home=row.home, food=row.food, habit=row.habits))
    yield 1.0, (read_choices(frames.ANIMAL_FRAMES), bound)


def _fruit(world: Bindings) -> Iterator[tuple[float, Scene]]:
    """Yield the scene of fruit, one or many."""
    bound = [
        _bind(world, number, noun=noun, look=row.looks, use=row.uses)
        for row in facts.FRUIT
        for noun, number in ((row.one, frames.SINGULAR), (row.many, frames.PLURAL))
    ]
    yield 1.0, (read_choices(frames.FRUIT_FRAMES), bound)


def _foods(world: Bindings) -> Iterator[tuple[float, Scene]]:
    """Yield the scene of dishes."""
    bound = [
        _bind(
            world, food=row.name, look=row.looks, making=row.making,
            other=[other.name for other in facts.FOODS if other is not row],
        )
        for row in facts.FOODS
    ]  # fmt: skip
    yield 1.0, (read_choices(frames.FOOD_FRAMES), bound)


def _occupations(world: Bindings) -> Iterator[tuple[float, Scene]]:
    """Yield the scene of trades, one person or many."""
    bound = [
        _bind(world, number, *pronouns, noun=noun, tool=row.tools, deed=row.deeds)
        for row in facts.OCCUPATIONS
        for noun, number, *pronouns in ((row.one, frames.SINGULAR, frames.PERSON), (row.many, frames.PLURAL))
    ]
    yield 1.0, (read_choices(frames.OCCUPATION_FRAMES), bound)


def _qualities(world: Bindings) -> Iterator[tuple[float, Scene]]:
    """Yield the scenes of adjectives, of their comparatives and superlatives."""
    bound = [
        _bind(world, plain=row.plain, comparative=row.comparative, superlative=row.superlative, thing=row.things)
        for row in facts.QUALITIES
    ]
    for of_one in (frames.PLAIN_QUALITY_FRAMES, frames.COMPARATIVE_FRAMES, frames.SUPERLATIVE_FRAMES):
        yield 1 / 3, (read_choices(of_one), bound)


def _deeds(world: Bindings) -> Iterator[tuple[float, Scene]]:
    """Yield the scenes of what will be done, was done and is being done."""
    bound = [
        _bind(world, plain=row.plain, past=row.past, participle=row.participle, object=row.objects)
        for row in facts.DEEDS
    ]
    for of_one in (frames.PLAIN_DEED_FRAMES, frames.PAST_FRAMES, frames.PARTICIPLE_FRAMES):
        yield 1 / 3, (read_choices(of_one), bound)


def _colours(world: Bindings) -> Iterator[tuple[float, Scene]]:
    """Yield the scene of colours."""
    bound = [
        _bind(
            world, colour=row.name, thing=row.things,
            other=[other.name for other in facts.COLOURS if other is not row],
        )
        for row in facts.COLOURS
    ]  # fmt: skip
    yield 1.0, (read_choices(frames.COLOUR_FRAMES), bound)


def _time(world: Bindings) -> Iterator[tuple[float, Scene]]:
    """Yield the scenes of months, weekdays and numbers."""
    months = [
        _bind(
            world,
            month=month,
            season=season,
            weather=frames.WEATHER[season],
            other=[other for other, _ in facts.MONTHS if other != month],
        )
        for month, season in facts.MONTHS
    ]
    weekdays = [
        _bind(world, weekday=day, other=[other for other in facts.WEEKDAYS if other != day]) for day in facts.WEEKDAYS
    ]
    yield 0.4, (read_choices(frames.MONTH_FRAMES), months)
    yield 0.3, (read_choices(frames.WEEKDAY_FRAMES), weekdays)
    yield 0.3, (read_choices(frames.NUMBER_FRAMES), [world])


def _filler(world: Bindings) -> Iterator[tuple[float, Scene]]:
    """Yield the scene of everything else."""
    yield 1.0, (read_choices(frames.FILLER_FRAMES), [world])
