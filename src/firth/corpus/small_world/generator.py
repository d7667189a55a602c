"""The small world's text: sentences drawn from its facts, frame by frame."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from firth.corpus.small_world import facts, filler, frames
from firth.corpus.small_world.grammar import Bindings, Choices, Template, read_choices, read_template, write_template
from firth.errors import SettingsError

__all__ = ["text"]

# A scene is a way to draw one sentence: its frames, and the bindings of each fact that it speaks of.
Scene = tuple[Choices, list[Bindings]]

# How many sentences of a hundred speak of each kind of fact.
_SHARES = {
    "people": 24, "countries": 18, "animals": 15, "qualities": 12, "deeds": 11, "fruit": 7, "occupations": 6,
    "colours": 3, "foods": 2, "time": 1, "filler": 1,
}  # fmt: skip

_OPENING_SHARE = 0.12
_TAIL_SHARE = 0.2

_ARTICLE = re.compile(r"\b([Aa]) (?=[aeiouAEIOU])")


def text(words: int = 1_000_000, seed: int = 1) -> Iterator[str]:
    """Yield the small world's text, a sentence at a time, until it has at least so many words.

    The same arguments give the same text on every machine and Python version.

    Args:
        words: int ≥ 1, how many words in all; the last sentence is finished.
        seed: int ≥ 0, another seed tells other sentences of the same facts.

    Yields:
        One sentence, with capitals and punctuation as people write them.
    """
    for name, value, least in (("words", words, 1), ("seed", seed, 0)):
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise SettingsError(f"expected the small world's {name} to be a whole number from {least}, got {value!r}")
    return _sentences(words, seed)


def _sentences(words: int, seed: int) -> Iterator[str]:
    """Yield sentences until they hold at least so many words."""
    # Of Python's generator only random() is promised to give the same numbers in every version: nothing else is used.
    draw = random.Random(seed).random  # noqa: S311 (nothing secret)
    scenes = _urn(_scenes(), 100)
    openings, tails = read_choices(frames.OPENINGS), read_choices(frames.TAILS)
    written = 0
    while written < words:
        sentence_frames, bound = scenes[int(draw() * len(scenes))]
        bindings = bound[int(draw() * len(bound))]
        out: list[str] = []
        if draw() < _OPENING_SHARE:
            write_template(openings[int(draw() * len(openings))], bindings, draw, out)
            out.append(", ")
        write_template(sentence_frames[int(draw() * len(sentence_frames))], bindings, draw, out)
        if draw() < _TAIL_SHARE:
            out.append(" ")
            write_template(tails[int(draw() * len(tails))], bindings, draw, out)
        sentence = _finished("".join(out))
        written += sentence.count(" ") + 1
        yield sentence


def _finished(sentence: str) -> str:
    """Return a sentence with its capital, its full stop, and *an* where it belongs."""
    sentence = _ARTICLE.sub(r"\1n ", sentence).replace(" ,", ",")
    start = 1 if sentence[0] == "“" else 0
    return sentence[:start] + sentence[start].upper() + sentence[start + 1 :] + "."


def _zipf(words: Sequence[str], exponent: float = 1.0, size: int = 2000) -> Choices:
    """Return an urn in which the word of rank r lies about 1/r^exponent as often as the first, and at least once."""
    shares = [(rank + 1) ** -exponent for rank in range(len(words))]
    total = sum(shares)
    return [(word,) for word, share in zip(words, shares, strict=True) for _ in range(max(1, round(size * share / total)))]


def _urn(scenes: Iterable[tuple[float, Scene]], size: int) -> list[Scene]:
    """Return an urn with each scene in it as often as its share of `size` says, and at least once."""
    return [scene for share, scene in scenes for _ in range(max(1, round(share * size / 100)))]


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
        ("filler", [(1.0, (read_choices(frames.FILLER_FRAMES), [world]))]),
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


def _bind(world: Bindings, *slots: dict[str, Sequence[str]], **words: str | Sequence[str]) -> Bindings:
    """Return the world's bindings with further slots, each a word or several to choose from."""
    bound = dict(world)
    for more in (*slots, words):
        for slot, values in more.items():
            bound[slot] = read_choices([values] if isinstance(values, str) else values)
    return bound


def _ranked(bindings: Sequence[Bindings], exponent: float = 0.4) -> list[Bindings]:
    """Return an urn of facts in which earlier ones are spoken of more often (Zipf's law, mildly)."""
    least = len(bindings) ** -exponent
    return [
        bound for rank, bound in enumerate(bindings) for _ in range(round(4 * (rank + 1) ** -exponent / least))
    ]


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
        _bind(world, number, noun=noun, tool=row.tools, deed=row.deeds)
        for row in facts.OCCUPATIONS
        for noun, number in ((row.one, frames.SINGULAR), (row.many, frames.PLURAL))
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
        _bind(world, month=month, season=season, other=[other for other, _ in facts.MONTHS if other != month])
        for month, season in facts.MONTHS
    ]
    weekdays = [
        _bind(world, weekday=day, other=[other for other in facts.WEEKDAYS if other != day])
        for day in facts.WEEKDAYS
    ]
    yield 0.4, (read_choices(frames.MONTH_FRAMES), months)
    yield 0.3, (read_choices(frames.WEEKDAY_FRAMES), weekdays)
    yield 0.3, (read_choices(frames.NUMBER_FRAMES), [world])
