"""Fonts: every script's letters are drawn, joined and in their own direction, or a notice says that they cannot be."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib import font_manager, rc_context
from matplotlib.figure import Figure
from matplotlib.ft2font import LoadFlags
from matplotlib.text import Text

from firth import plots
from firth.events import Event, Notice
from firth.plots import fonts
from firth.plots.fonts import families_for
from firth.vectors.store import WordVectors

SCRIPTS = {
    "Greek": "λόγος", "Cyrillic": "слово", "Hebrew": "מילה", "Arabic": "كلمة", "Devanagari": "शब्द", "Bengali": "শব্দ",
    "Tamil": "சொல்", "Thai": "คำ", "Georgian": "სიტყვა", "Armenian": "բառ", "Ethiopic": "ቃል", "Khmer": "ពាក្យ",
    "Chinese": "词语", "Japanese": "ことば", "Korean": "낱말",
}  # fmt: skip


def has(families: list[str], text: str) -> bool:
    """Whether each character is in one of the families, by the fonts' own tables of characters."""
    paths = [font_manager.findfont(font_manager.FontProperties(family=[name])) for name in families]
    known = set().union(*(font_manager.get_font(path).get_charmap() for path in paths))
    return {ord(character) for character in text} <= known


def installed(text: str) -> bool:
    return all(
        any(
            font_manager.get_font(font_manager.FontPath(entry.fname, entry.index)).get_char_index(ord(character))
            for entry in font_manager.fontManager.ttflist
            if not entry.name.startswith("Last Resort")
        )
        for character in text
    )


@pytest.mark.parametrize("script", SCRIPTS)
def test_each_script_s_letters_have_glyphs(script: str) -> None:
    word = SCRIPTS[script]
    if not installed(word):
        pytest.skip(f"no font with {script} letters is installed")
    events: list[Event] = []
    assert has(families_for([word], events.append), word)
    assert events == []


def test_words_of_a_picture_are_drawn_in_those_fonts() -> None:
    words = [word for word in SCRIPTS.values() if installed(word)]
    wv = WordVectors(words, np.random.default_rng(1).standard_normal((len(words), 8)))
    figure = plots.similarity(wv, words)
    drawn = {text.get_text(): text for text in figure.findobj(Text)}
    for word in words:
        assert has(drawn[word].get_fontfamily(), word)
    # Warnings are errors here: a missing glyph would raise.
    figure.draw_without_rendering()


def test_plain_words_keep_the_user_s_own_font() -> None:
    assert families_for(["king", "naïve"]) == ["sans-serif"]
    with rc_context({"font.family": ["DejaVu Serif"]}):
        assert families_for(["king"]) == ["DejaVu Serif"]


@pytest.mark.parametrize(("words", "region"), [(["言葉", "ことば"], "JP"), (["言葉", "낱말"], "KR"), (["词语"], "SC")])
def test_shared_ideographs_have_the_forms_of_the_letters_beside_them(words: list[str], region: str) -> None:
    families = families_for(words)
    if not any(" CJK " in family for family in families):
        pytest.skip("no Noto CJK fonts are installed")
    assert any(family.endswith(f" CJK {region}") for family in families)


def test_a_font_of_boxes_has_no_letters() -> None:
    character = "\U0010fffd"  # private to whoever uses it
    assert not installed(character)
    assert families_for(["king", character]) == ["sans-serif"]
    events: list[Event] = []
    families_for(["king\U0001f98a"], events.append)
    assert bool(events) != installed("\U0001f98a")


def test_what_no_font_has_is_told_by_script() -> None:
    told = fonts._advice(["\U00011c00", "\U00013000", "\U0001f98a"])
    assert "symbols (such as \U0001f98a)" in told
    assert "Bhaiksuki (such as \U00011c00)" in told
    assert "Egyptian" in told
    assert "3 of the characters, which are drawn as boxes" in told
    assert "fonts-noto" in told


def test_a_font_that_lacks_a_letter_is_told_and_no_warning_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("firth.plots.fonts._installed", lambda _region: [])
    events: list[Event] = []
    wv = WordVectors(["king", "ሀ", "三"], np.eye(3))
    figure = plots.heatmap(wv, ["king", "ሀ", "三"], on_event=events.append)
    assert isinstance(figure, Figure)
    texts = [event.text for event in events if isinstance(event, Notice)]
    assert len(texts) == 1
    assert "Ethiopic (such as ሀ)" in texts[0]
    assert "CJK (such as 三)" in texts[0]


def test_arabic_is_joined_and_runs_from_right_to_left() -> None:
    families = families_for(["بيت"])
    path = font_manager.findfont(font_manager.FontProperties(family=families[-1:]))
    font = font_manager.get_font(path)
    if not font.get_char_index(ord("ب")):
        pytest.skip("no font with Arabic letters is installed")
    shaped = [item.glyph_index for item in font._layout("بيت", LoadFlags.DEFAULT)]
    alone = [item.glyph_index for character in "بيت" for item in font._layout(character, LoadFlags.DEFAULT)]
    assert shaped != alone, "the letters' joined forms are other glyphs than those of letters alone"
    assert shaped != alone[::-1]


def test_dollars_and_hostile_words_are_text() -> None:
    words = ["$x^2$", "\\frac{1}{2}", "a\nb", "<b>&amp;", "x" * 200, "_under^"]
    wv = WordVectors(words, np.random.default_rng(1).standard_normal((6, 4)))
    figure = plots.scatter(wv, words)
    texts = {text.get_text() for text in figure.findobj(Text)}
    assert {"$x^2$", "\\frac{1}{2}", "a\\nb", "<b>&amp;", "_under^"} <= texts
    assert max(map(len, texts)) <= 60
    assert not any(text.get_parse_math() for text in figure.findobj(Text) if text.get_text() == "$x^2$")
