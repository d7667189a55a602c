"""Tokenizers: what is a word and what is a sentence, by examples; the scanner is held to them elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

from firth.corpus.scanner import is_scannable
from firth.corpus.tokenizers import ABBREVIATIONS, Custom, HuggingFace, Sentences, Whitespace, Words
from firth.errors import SettingsError


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The man, who passes—the sentence!", "the man who passes the sentence"),
        ("Don’t don't 'tis rock'n'roll dogs'", "don't don't tis rock'n'roll dogs"),
        ("well-known then-- -x- a--b", "well-known then x a b"),
        ("e\u0301t\u00e9 नमस्ते हिन्दी مَرْحَبًا", "été नमस्ते हिन्दी مَرْحَبًا"),
        ("ΣΑΣ İstanbul ǅ STRASSE Straße", "σασ istanbul ǆ strasse straße"),
        ("co\u00adoperate 葛\U000e0100城 ❤\ufe0f 👩\u200d🚀 \u0301x", "cooperate 葛城 x"),
        ("3.14 covid-19 x² ⅷ", "3 14 covid-19 x² ⅷ"),
        ("a_b user@example.org", "a b user example org"),
        ("漢字かな交じり文。カタカナ", "漢字かな交じり文 カタカナ"),
    ],
)
def test_words(text: str, words: str) -> None:
    assert Words().tokens(text) == words.split()


@pytest.mark.parametrize(
    ("settings", "text", "words"),
    [
        ({"lowercase": False}, "Ab İ", "Ab İ"),
        ({"joiners": ""}, "don't well-known", "don t well known"),
        ({"joiners": "·_"}, "col·lega a_b don't", "col·lega a_b don t"),
        ({"digits": False}, "covid19 b 7 x-7-y", "covid b x y"),
        ({"characters": True}, "漢字 abcかな\u3099-x", "漢 字 abc か な\u3099 x"),
        ({"normalize": False}, "e\u0301", "e\u0301"),
        ({"stop_words": {"The", "don't"}}, "THE cat don’t sit", "cat sit"),
        ({"stop_words": {"the"}, "lowercase": False}, "The the THE tHe", "tHe"),
        ({"stop_words": {"don't", "a"}, "joiners": ""}, "don't a don", "don t don"),
    ],
)
def test_settings_of_words(settings: dict[str, Any], text: str, words: str) -> None:
    assert Words(**settings).tokens(text) == words.split()


def test_whitespace_keeps_all_else() -> None:
    assert Whitespace().tokens(" It 's  done\u00a0.\0\n") == ["It", "'s", "done", "."]
    assert Whitespace(lowercase=True, stop_words={"it"}).tokens("It İS.") == ["is."]


def test_a_line_is_a_sentence() -> None:
    assert Words().sentences("one. Two\r\n\n three\rfour ") == [["one", "two"], ["three"], ["four"]]
    assert Custom(function=str.split).sentences("a b\n\nc") == [["a", "b"], ["c"]]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("It rained. He left! Why? Nobody… Knew", ["It rained.", " He left!", " Why?", " Nobody…", " Knew"]),
        ("Mr. Fox and Dr. No met J. R. Firth.", ["Mr. Fox and Dr. No met J. R. Firth."]),
        ("“Where?” said he. “There!” She went.", ["“Where?” said he.", " “There!”", " She went."]),
        ("Version 3.14 of www.firth.org is out. 7 more", ["Version 3.14 of www.firth.org is out.", " 7 more"]),
        ("He said . . . and went. . . . Then", ["He said . . . and went.", " . . . Then"]),
        ("hard\nwrapped\nlines.\nAnd\n\nparagraph", ["hard\nwrapped\nlines.", "\nAnd\n\n", "paragraph"]),
        ("dos\r\nlines\r\n \r\nend", ["dos\r\nlines\r\n \r", "\n", "end"]),
        ("“你好。”他说！然后", ["“你好。”", "他说！", "然后"]),
        ("यह है। वह", ["यह है।", " वह"]),
    ],
)
def test_sentences(text: str, sentences: list[str]) -> None:
    splitter = Sentences()
    assert splitter.split(text) == sentences
    assert splitter.sentences(text) == [words for words in map(Words().tokens, sentences) if words]


def test_sentences_inside_lines_only() -> None:
    splitter = Sentences(words=Whitespace(), join_lines=False, abbreviations={"no"})
    assert splitter.sentences("a b\ncc. D No. 7 Mr. X\n") == [["a", "b"], ["cc."], ["D", "No.", "7", "Mr."], ["X"]]
    assert splitter.tokens("a. B") == ["a.", "B"]


@pytest.mark.parametrize(
    "make",
    [
        lambda: Words(joiners="a"),
        lambda: Words(joiners=" "),
        lambda: Words(joiners=["-"]),  # type: ignore[arg-type]
        lambda: Words(stop_words={3}),  # type: ignore[arg-type]
        lambda: Whitespace(stop_words={3}),  # type: ignore[arg-type]
        lambda: Sentences(words=Words(joiners=".")),
        lambda: Sentences(words=Sentences()),
        lambda: Sentences(words=str.split),  # type: ignore[arg-type]
        lambda: Sentences(abbreviations={"far too long"}),
        lambda: Custom(function=3),  # type: ignore[arg-type]
        lambda: HuggingFace(tokenizer=3),
    ],
)
def test_impossible_settings_are_refused(make: Any) -> None:
    with pytest.raises(SettingsError, match=r"^expected|^a mark"):
        make()


def test_custom_tokenizers_must_return_words() -> None:
    with pytest.raises(SettingsError, match="returned one string"):
        Custom(function=str.upper).tokens("a b")
    with pytest.raises(SettingsError, match="words as strings, got 1"):
        Custom(function=lambda text: [len(text)]).tokens("a")  # type: ignore[list-item]


def test_a_transformers_tokenizer_is_asked_to_tokenize() -> None:
    class Tokenizer:
        def tokenize(self, text: str) -> list[str]:
            return [f"▁{word}" for word in text.split()]

    tokenizer = HuggingFace(tokenizer=Tokenizer())
    assert tokenizer.sentences("a b\nc") == [["▁a", "▁b"], ["▁c"]]
    assert tokenizer.definition is None


def test_which_tokenizers_the_scanner_knows() -> None:
    custom = Custom(function=str.split)
    assert all(is_scannable(tokenizer) for tokenizer in (Words(), Whitespace(), Sentences()))
    assert not any(is_scannable(tokenizer) for tokenizer in (custom, Sentences(words=custom)))


def test_settings_of_one_meaning_are_equal() -> None:
    assert Words(joiners="-'") == Words(joiners="'-'")
    assert Words(stop_words={"a"}) == Words(stop_words=frozenset(["a"]))
    assert len({Words(), Words(), Sentences(), Sentences()}) == 2


def test_abbreviations_fit_into_eight_bytes() -> None:
    assert all(len(word.encode()) <= 8 and word == word.lower() for word in ABBREVIATIONS)
