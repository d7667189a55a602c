"""Cells in columns."""

from __future__ import annotations

from firth.text_columns import in_columns, in_markdown


def test_columns_stand_below_each_other_and_no_line_ends_in_blanks() -> None:
    rows = [["word", "count"], ["a", "12"], ["lighthouse", "3"]]
    assert in_columns(rows) == "word        count\na              12\nlighthouse      3"
    assert in_columns(rows, left=(0, 1)) == "word        count\na           12\nlighthouse  3"


def test_wide_letters_take_two_places_and_combining_marks_none() -> None:
    assert in_columns([["灯台", "1"], ["e\u0301", "1"]]) == "灯台  1\ne\u0301     1"


def test_a_bar_in_a_cell_ends_no_cell_of_markdown() -> None:
    assert in_markdown([["a|b", "c"], ["1", "2"]]) == "| a\\|b | c |\n| --- | --- |\n| 1 | 2 |"
