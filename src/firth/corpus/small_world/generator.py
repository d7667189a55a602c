"""The small world's text: sentences drawn from its facts, frame by frame."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

from firth.corpus.small_world import frames
from firth.corpus.small_world.grammar import read_choices, write_template
from firth.corpus.small_world.scenes import scene_urn
from firth.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["text"]

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
    scenes = scene_urn(1000)
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
        if draw() < _TAIL_SHARE and not out[-1].endswith("?"):
            out.append(" ")
            write_template(tails[int(draw() * len(tails))], bindings, draw, out)
        sentence = _finished("".join(out))
        written += sentence.count(" ") + 1
        yield sentence


def _finished(sentence: str) -> str:
    """Return a sentence with its capital, its full stop if it has no question mark, and *an* where it belongs."""
    sentence = _ARTICLE.sub(r"\1n ", sentence).replace(" ,", ",")
    start = 1 if sentence[0] == "“" else 0
    return sentence[:start] + sentence[start].upper() + sentence[start + 1 :] + ("" if sentence.endswith("?") else ".")
