"""Character classes: the quick tables say what Python's Unicode tables say, for every character there is."""

from __future__ import annotations

import unicodedata

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from firth.corpus import characters


def test_no_character_of_interest_lies_beyond_the_tables() -> None:
    beyond = [chr(code) for code in range(characters.ASSIGNED, 0x110000) if chr(code) not in characters.IGNORED]
    assert not any(unicodedata.category(c)[0] in "LMN" or c.isspace() or c.lower() != c for c in beyond)


def test_the_tables_leave_no_character_out() -> None:
    every = [chr(code) for code in range(characters.ASSIGNED)]
    np.testing.assert_array_equal(characters.lowered(), [ord(characters.lower(c)) for c in every])
    np.testing.assert_array_equal(characters.categories(), [unicodedata.category(c) for c in every])
    spaces = characters.codes(characters.is_space, "Cc", "Zs", "Zl", "Zp")
    assert spaces.tolist() == [ord(c) for c in every if characters.is_space(c)]
    kana = characters.codes(characters.is_cjk, "Lo", "Lm")
    assert kana.tolist() == [ord(c) for c in every if characters.is_cjk(c)]


def test_only_suspects_can_break_the_normal_form() -> None:
    suspects = characters._suspects()
    for code in range(0x110000):
        character = chr(code)
        harmless = code >= characters.ASSIGNED or not suspects[code]
        if harmless:
            assert not unicodedata.combining(character), hex(code)
            assert unicodedata.is_normalized("NFC", character), hex(code)
        parts = unicodedata.decomposition(character)
        if parts and not parts.startswith("<") and " " in parts and unicodedata.is_normalized("NFC", character):
            assert suspects[int(parts.split()[1], 16)]


@given(
    st.lists(st.sampled_from([*"aeé각가낙ᅡᄀ\u0301\u0323\u212b\u09c7\u09be\u0344한 \udcff\U000e0101"]), max_size=9).map(
        "".join
    )
)
def test_the_quick_answer_is_the_right_one(text: str) -> None:
    for longer in (text, text + " x" * 200):
        assert characters.is_normal(longer) == unicodedata.is_normalized("NFC", longer)
