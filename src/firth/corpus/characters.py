"""Character classes: what each Unicode character is to a word and to a sentence, from Python's own Unicode tables.

- **letters and numbers** (general categories L and N) make words; **marks** (M: accents, vowel signs) go on with them;
- **soft hyphens and variation selectors** are looked through as if they were not there;
- **ideographs and kana** can stand as words of one character each;
- everything else parts words, but for the joiners that a tokenizer names.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

__all__ = [
    "ASSIGNED",
    "FULL_STOPS",
    "STOPS",
    "categories",
    "is_cjk",
    "is_letter",
    "is_space",
    "lower",
    "lowered",
]

STOPS = frozenset("!?…‼⁇⁈⁉؟۔։።")
"""Marks that end a sentence where white space follows and the next word does not begin with a small letter; so does
the period, but for those after abbreviations and initials."""

FULL_STOPS = frozenset("。！？｡।॥။")
"""Marks that always end a sentence: their scripts have no capitals, and some no spaces."""

IGNORED = frozenset(["\u00ad", *map(chr, range(0xFE00, 0xFE10)), *map(chr, range(0xE0100, 0xE01F0))])
"""Characters that are looked through: the soft hyphen, and the variation selectors (U+FE0F after emoji too)."""

ASSIGNED = 0x40000
"""Below this lie all characters with a category of interest, but for the variation selectors."""

_CJK = (
    (0x3041, 0x309F),
    (0x30A1, 0x30FF),
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0xFF66, 0xFF9D),
    (0x1AFF0, 0x1B16F),
    (0x20000, 0x323AF),
)


def is_letter(character: str) -> bool:
    """Return whether a character is a letter, mark or number."""
    return unicodedata.category(character)[0] in "LMN"


def is_space(character: str) -> bool:
    """Return whether a character is white space: as `str.isspace` says, and the NUL character."""
    return character.isspace() or character == "\0"


def is_cjk(character: str) -> bool:
    """Return whether a character is a letter of the scripts without spaces: Chinese ideographs and Japanese kana."""
    return any(first <= ord(character) <= last for first, last in _CJK) and unicodedata.category(character) in (
        "Lo",
        "Lm",
    )


def lower(character: str) -> str:
    """Return the one character that a character is lower-cased to, whatever stands around it.

    So Σ becomes σ also at a word's end, and İ (whose full lower case is two characters) becomes i.
    """
    small = character.lower()
    return small if len(small) == 1 else small[0]


@cache
def _all() -> str:
    return "".join(map(chr, range(ASSIGNED)))


@cache
def categories() -> npt.NDArray[np.str_]:
    """Return the general category ("Lu", "Mn" …) of each code point below ASSIGNED."""
    return np.frombuffer("".join(map(unicodedata.category, _all())).encode("utf-32-le"), "<U2")


@cache
def lowered() -> npt.NDArray[np.uint32]:
    """Return for each code point below ASSIGNED the code point that `lower` gives."""
    table = np.arange(ASSIGNED, dtype=np.uint32)
    # Capitals, and the Roman numbers and circled letters that have small forms too.
    for code in np.flatnonzero(np.isin(categories(), ["Lu", "Lt", "Nl", "So"])).tolist():
        table[code] = ord(lower(chr(code)))
    return table


@cache
def codes(holds: Callable[[str], bool]) -> npt.NDArray[np.int64]:
    """Return the code points for which one of the questions above is answered with yes."""
    return np.array([code for code, character in enumerate(_all()) if holds(character)], dtype=np.int64)
