"""Fonts that have the letters of the words: whatever script a word is written in, it is drawn, not boxed.

Matplotlib shapes text (joined Arabic letters, Devanagari's ligatures, right to left) with the fonts that it is told to
use, one after the other, and finds none by itself. What is looked for here is the shortest list: the user's own font,
then for each character that it lacks the plainest installed font that has it.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Any

from firth.events import Notice

if TYPE_CHECKING:
    from collections.abc import Iterable

    from firth.events import Listener

__all__ = ["families_for"]

_ODD = ("Mono", "Display", "Looped", "Slanted", "Unjoined", "Condensed", "Narrow", "Math")
"""In a family's name: a face that is meant for something else than words in running text."""

_BOXES = ("Last Resort", ".LastResort")
"""Fonts that have a box for every character, and a letter for none."""

_REGIONS = {"JP": ("HIRAGANA", "KATAKANA"), "KR": ("HANGUL",), "TC": ("BOPOMOFO",)}
"""Whose forms of the shared ideographs a text wants, told by the letters beside them; without any, the mainland's."""


def families_for(texts: Iterable[str], on_event: Listener | None = None) -> list[str]:
    """Return the font families that together have the characters of some texts, Matplotlib's own choice first.

    Args:
        texts: what will be drawn.
        on_event: told which scripts no installed font has.
    """
    import matplotlib as mpl  # noqa: PLC0415 - the extra `plots`

    own = list(mpl.rcParams["font.family"])
    wanted = sorted({character for text in texts for character in text if _is_drawn(character)})
    missing = [character for character in wanted if not _has(_path_of(tuple(own)), character)]
    if not missing:
        return own
    found: list[str] = []
    for path, family in _installed(_region(wanted)):
        had = [character for character in missing if _has(path, character)]
        if had:
            missing = [character for character in missing if character not in had]
            found.append(family)
        if not missing:
            break
    if missing and on_event is not None:
        on_event(Notice(text=_advice(missing)))
    return own + found


def _is_drawn(character: str) -> bool:
    """Whether a character has a shape of its own: no blank, control, joiner or variation selector."""
    return unicodedata.category(character)[0] not in "ZC" and not 0xFE00 <= ord(character) <= 0xFE0F


def _has(path: Any, character: str) -> bool:
    from matplotlib.font_manager import get_font  # noqa: PLC0415

    return bool(get_font(path).get_char_index(ord(character)))


@cache
def _path_of(families: tuple[str, ...]) -> Any:
    from matplotlib.font_manager import FontProperties, findfont  # noqa: PLC0415

    return findfont(FontProperties(family=list(families)))


@cache
def _installed(region: str) -> list[tuple[Any, str]]:
    """Return (path, family) of every upright font of normal weight, the plainest first."""
    from matplotlib.font_manager import FontPath, fontManager  # noqa: PLC0415

    def rank(family: str) -> tuple[bool, bool, bool, str]:
        foreign = " CJK " in family and not family.endswith(region)
        return any(odd in family for odd in _ODD), foreign, "Sans" not in family, family

    upright = {
        entry.name: FontPath(entry.fname, entry.index)
        for entry in fontManager.ttflist
        if entry.style == "normal" and entry.weight in (400, "normal", "regular") and not entry.name.startswith(_BOXES)
    }
    return [(upright[family], family) for family in sorted(upright, key=rank)]


def _region(characters: list[str]) -> str:
    scripts = {_script(character) for character in characters}
    return next((region for region, theirs in _REGIONS.items() if scripts & set(theirs)), "SC")


def _script(character: str) -> str:
    """Return a character's script: the first word of its name in Unicode, in all but symbols."""
    if unicodedata.category(character)[0] == "S":
        return "symbols"
    return unicodedata.name(character, "UNNAMED").split()[0].split("-")[0]


def _advice(missing: list[str]) -> str:
    scripts: dict[str, str] = {}
    for character in missing:
        script = _script(character)
        scripts.setdefault(script if script in ("CJK", "symbols") else script.capitalize(), character)
    some = ", ".join(f"{script} (such as {character})" for script, character in list(scripts.items())[:5])
    return (
        f"no installed font has {len(missing):,} of the characters, which are drawn as boxes: {some}; install one that "
        "does, such as that script's among the Noto fonts (Debian: fonts-noto-core, fonts-noto-cjk)"
    )
