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
    "IGNORED",
    "STOPS",
    "categories",
    "codes",
    "is_cjk",
    "is_letter",
    "is_normal",
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
def codes(holds: Callable[[str], bool], *among: str) -> npt.NDArray[np.int64]:
    """Return the code points for which one of the questions above is answered with yes.

    Args:
        holds: the question.
        among: the general categories in which such characters are.
    """
    candidates = np.flatnonzero(np.isin(categories(), among)).tolist()
    return np.array([code for code in candidates if holds(chr(code))], dtype=np.int64)


@cache
def _suspects() -> npt.NDArray[np.bool_]:
    """Return for each code point below ASSIGNED whether a text without all of these is in normal form C as it is.

    They are the characters that the form replaces, that have an order among themselves, or that may join the
    character before them.
    """
    table = np.zeros(ASSIGNED, bool)
    for first, end in ((0x300, 0x3400), (0xA000, 0xAC00), (0xD7A4, 0x20000), (0x2F800, 0x30000)):
        for code in range(first, end):
            character = chr(code)
            parts = unicodedata.decomposition(character)
            if unicodedata.combining(character) or (parts and not unicodedata.is_normalized("NFC", character)):
                table[code] = True
            elif parts and not parts.startswith("<") and " " in parts:
                table[int(parts.split()[1], 16)] = True
    table[0x1161:0x1176] = table[0x11A8:0x11C3] = True  # the vowels and finals of Korean syllables
    return table


def is_normal(text: str) -> bool:
    """Return whether a text is in Unicode's normal form C; quickly where it holds few of the characters in question."""
    letters = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    # Below U+0300 lies nothing that could change, and beyond ASSIGNED only variation selectors.
    places = np.flatnonzero((letters >= 0x300) & (letters < ASSIGNED))
    places = places[_suspects()[letters[places]]]
    # Normal forms end at blanks, so the words around the suspects tell; many suspects are told faster all at once.
    checked = 0
    end = -1
    for place in places.tolist():
        if place < end:
            continue
        first = text.rfind(" ", 0, place) + 1
        end = text.find(" ", place)
        end = end if end >= 0 else len(text)
        checked += end - first + 50
        if checked > len(text):
            return unicodedata.is_normalized("NFC", text)
        if not unicodedata.is_normalized("NFC", text[first:end]):
            return False
    return True
