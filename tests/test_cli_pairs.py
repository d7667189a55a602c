"""`firth pairs`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from firth.contexts.pairs import pairs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Outcome

STARK = "The man who passes the sentence should swing the sword."


@pytest.mark.parametrize("asked", [[], ["--window", "2"], ["--span", "5"]])
def test_the_textbook_s_table(firth: Callable[..., Outcome], asked: list[str]) -> None:
    outcome = firth("pairs", STARK, *asked)
    assert outcome.code == 0
    assert outcome.out == f"{pairs(STARK)}\n"
    assert "[sentence should swing the sword]   swing        sentence, should, the, sword\n" in outcome.out


def test_sides_and_standard_input(firth: Callable[..., Outcome]) -> None:
    outcome = firth("pairs", "-", "--sides", stdin=b"kings wear crowns of jewels\n")
    assert outcome.out == f"{pairs('kings wear crowns of jewels').sides()}\n"


def test_soft_is_drawn_from_the_seed(firth: Callable[..., Outcome]) -> None:
    text = " ".join("abcdefghijklmnop")
    first, again, other = (firth("pairs", text, "--soft", "--seed", seed).out for seed in (1, 1, 2))
    assert first == again != other
    assert first == f"{pairs(text, soft=True, seed=1)}\n"


def test_json(firth: Callable[..., Outcome]) -> None:
    document = firth("pairs", "Kings wear crowns", "--window", "1", "--json").document
    assert document["window"] == {"left": 1, "right": 1, "soft": False}
    assert document["rows"][1] == {
        "window": "Kings wear crowns",
        "centre": "wear",
        "left": ["kings"],
        "right": ["crowns"],
        "contexts": ["kings", "crowns"],
    }


def test_tokenizers(firth: Callable[..., Outcome]) -> None:
    def centres(*options: str) -> list[str]:
        return [row["centre"] for row in firth("pairs", "The King's crown, yes", *options, "--json").document["rows"]]

    assert centres() == ["the", "king's", "crown", "yes"]
    assert centres("--no-lowercase") == ["The", "King's", "crown", "yes"]
    assert centres("--tokenizer", "whitespace") == ["The", "King's", "crown,", "yes"]
    assert centres("--tokenizer", "whitespace", "--lowercase") == ["the", "king's", "crown,", "yes"]
    pytest.importorskip("stop_words", reason="needs the extra stopwords")
    assert centres("--stop-words", "english") == ["king's", "crown"]


@pytest.mark.parametrize(
    "options",
    [
        ["--window", "2", "--span", "5"],
        ["--seed", "3"],
        ["--json", "--sides"],
        ["--window", "two"],
    ],
)
def test_contradictions_are_wrong_usage(firth: Callable[..., Outcome], options: list[str]) -> None:
    outcome = firth("pairs", STARK, *options)
    assert (outcome.code, outcome.out) == (2, "")


def test_a_file_is_not_a_text(firth: Callable[..., Outcome], tmp_path: Path) -> None:
    (tmp_path / "novel.txt").write_text("kings")
    outcome = firth("pairs", tmp_path / "novel.txt")
    assert outcome.code == 2
    assert "firth pairs - <" in outcome.err


@pytest.mark.parametrize("window", ["0", "-3", "5000"])
def test_windows_that_cannot_be(firth: Callable[..., Outcome], window: str) -> None:
    firth("pairs", STARK, "--window", window).is_one_sentence("window", window)


def test_bad_bytes_are_told(firth: Callable[..., Outcome]) -> None:
    firth("pairs", "-", stdin=b"kings \xff crowns").is_one_sentence("UTF-8", "byte 6")


@pytest.mark.parametrize("text", ["", " ", "?!"])
def test_a_text_without_words_is_no_empty_table(firth: Callable[..., Outcome], text: str) -> None:
    firth("pairs", text).is_one_sentence("words in it")
    firth("pairs", "-", "--json", stdin=text.encode()).is_one_sentence("words in it")
