"""The scanner does what the tokenizers define, byte for byte; the renumbering does what a few lines of Python do."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from firth.corpus import blocks as cutting
from firth.corpus.scanner import Scanner, character_table
from firth.corpus.tokenizers import Sentences, Whitespace, Words
from firth.kernels.jit import JIT_IS_OFF
from firth.kernels.tokenize import DOCUMENT_END, SENTENCE_END, renumber

TOKENIZERS = [
    Words(),
    Words(lowercase=False, joiners="", normalize=False),
    Words(digits=False, characters=True, stop_words={"a", "the"}),
    Whitespace(),
    Whitespace(lowercase=True, stop_words={"mr."}),
    Sentences(),
    Sentences(join_lines=False, words=Words(lowercase=False)),
    Sentences(words=Whitespace()),
    Sentences(words=Words(characters=True, stop_words={"b"}), join_lines=False),
    Sentences(words=Whitespace(lowercase=True), join_lines=False, abbreviations=frozenset({"br"})),
]

PIECES = [
    *"aabBcÉ1. .  !?…。！\n\n\r\r'’-\"—",
    *"Mr\u0301\u00ad\ufe0f\u200d漢字かİΣς\x00\x85\u2028\U0001f600हि\u094d۔।Ⱥ\U000e0101ǅ_٣",
    *("Mr.", "J.", "St. ", "MR. ", "dr.", "br. ", "\n\n", "\r\n\r\n", "Hello ", "don't", "internationalisation"),
]
TEXTS = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=40).map("".join),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    st.text(st.characters(exclude_categories=["Cs"], max_codepoint=0x3000), max_size=30),
)
EXAMPLES = 20 if JIT_IS_OFF else 200


@cache
def table_of(tokenizer: Any) -> Any:
    return character_table(tokenizer.words if isinstance(tokenizer, Sentences) else tokenizer)


def scanned(tokenizer: Any, blocks: list[bytes]) -> list[list[str]]:
    """Return the sentences that the kernel finds."""
    scanner = Scanner(tokenizer, table_of(tokenizer))
    streams = [scanner.scan(block) for block in blocks]
    words = scanner.words()
    counts = np.bincount([i for stream in streams for i in stream if i >= 0], minlength=scanner.types)
    np.testing.assert_array_equal(counts[scanner.stop_words :], scanner.counts[scanner.stop_words :])
    sentences: list[list[str]] = [[]]
    for value in np.concatenate(streams).tolist():
        if value < 0:
            sentences.append([])
        else:
            sentences[-1].append(words[value])
    return [sentence for sentence in sentences if sentence]


def prepared(tokenizer: Any, text: str) -> str:
    words = tokenizer.words if isinstance(tokenizer, Sentences) else tokenizer
    return unicodedata.normalize("NFC", text) if isinstance(words, Words) and words.normalize else text


@pytest.mark.parametrize("tokenizer", TOKENIZERS, ids=range(len(TOKENIZERS)))
@settings(max_examples=EXAMPLES, deadline=None, database=None)
@given(text=TEXTS)
@example(text="Mr. Fox of St. Albans. He said: “Where?” and went. J. R. Firth… Then")
@example(text="one\r\ntwo.\r\n\r\nThree\n \nFour")
@example(text="“你好。”然后 他说。\nそうですか？はい")
@example(text="a" * 8 + " " + "b" * 9 + " " + "Ⱥ" * 40 + " don't-'tis well--known")
def test_the_scanner_is_the_definition(tokenizer: Any, text: str) -> None:
    found = scanned(tokenizer, [prepared(tokenizer, text).encode() + b"\xff"])
    assert found == tokenizer.sentences(text)
    if not isinstance(tokenizer, Sentences):
        assert tokenizer.tokens(text) == [word for sentence in found for word in sentence]


@pytest.mark.parametrize("tokenizer", TOKENIZERS, ids=range(len(TOKENIZERS)))
@settings(max_examples=EXAMPLES // 2, deadline=None, database=None)
@given(texts=st.lists(TEXTS, max_size=4), size=st.integers(1, 30))
def test_blocks_can_be_cut_anywhere_that_blocks_are_cut(tokenizer: Any, texts: list[str], size: int) -> None:
    whole = b"".join(prepared(tokenizer, text).encode() + b"\xff" for text in texts)
    line_ends = not (isinstance(tokenizer, Sentences) and tokenizer.join_lines)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cutting, "BLOCK_BYTES", 8)
        pieces = [whole[first : first + size] for first in range(0, len(whole), size)]
        # What reaches the cutting are whole characters: so are the pieces here.
        characters = [bytes([b]) for b in whole] if not whole.isascii() else pieces
        cut = list(cutting.blocks(_whole_characters(characters), line_ends=line_ends))
    wanted = [sentence for text in texts for sentence in tokenizer.sentences(text)]
    assert (scanned(tokenizer, cut) if cut else []) == wanted


def _whole_characters(pieces: list[bytes]) -> list[bytes]:
    joined: list[bytes] = []
    for piece in pieces:
        if joined and piece[0] & 0xC0 == 0x80:
            joined[-1] += piece
        else:
            joined.append(piece)
    return joined


def test_tables_grow_with_the_vocabulary() -> None:
    count = 500 if JIT_IS_OFF else 60_000
    words = [f"w{number:x}" for number in range(count)]
    scanner = Scanner(Words(), table_of(Words()))
    first = scanner.scan(" ".join(words).encode() + b"\n")
    again = scanner.scan(" ".join(reversed(words)).encode() + b"\n")
    assert scanner.types == count
    assert first[-1] == again[-1] == SENTENCE_END
    np.testing.assert_array_equal(first[:-1], np.arange(count))
    np.testing.assert_array_equal(again[:-1], np.arange(count)[::-1])
    assert scanner.words() == words
    assert set(scanner.counts.tolist()) == {2}
    assert scanner.words(np.array([1, 7, count - 1])) == [words[1], words[7], words[-1]]


def test_one_scanner_takes_over_anothers_words() -> None:
    one, other = (Scanner(Words(stop_words={"the"}), table_of(Words(stop_words={"the"}))) for _ in range(2))
    one.scan(b"the cat saw internationalisation\n")
    other.scan("a dog saw the cat saw internationalisation—naïve\n".encode())
    new_ids = one.absorb(other)
    words = one.words()
    assert [words[place] for place in new_ids] == other.words()
    assert dict(zip(words, one.counts.tolist(), strict=True)) == {
        "the": 2, "cat": 2, "saw": 3, "internationalisation": 2, "a": 1, "dog": 1, "naïve": 1,
    }  # fmt: skip


def naive_renumber(stream: list[int], new_ids: list[int], max_sentence: int) -> tuple[list[list[int]], list[int]]:
    """Return the sentences and the documents' ends."""
    sentences: list[list[int]] = []
    documents: list[int] = []
    sentence: list[int] = []
    read = 0
    for value in [*stream, SENTENCE_END]:
        if value < 0 or read == max_sentence:
            sentences += [sentence] if sentence else []
            sentence, read = [], 0
        if value >= 0:
            read += 1
            sentence = sentence + ([new_ids[value]] if new_ids[value] >= 0 else [])
        if value == DOCUMENT_END:
            documents.append(sum(map(len, sentences)))
    return sentences, documents


@settings(max_examples=EXAMPLES, deadline=None, database=None)
@given(
    stream=st.lists(st.integers(-2, 4), max_size=40),
    new_ids=st.lists(st.integers(-1, 9), min_size=5, max_size=5),
    max_sentence=st.integers(2, 6),
    piece=st.integers(1, 41),
)
def test_renumbering(stream: list[int], new_ids: list[int], max_sentence: int, piece: int) -> None:
    state = np.zeros(5, np.int64)
    token_ids: list[int] = []
    sentence_ends: list[int] = []
    document_ends: list[int] = []
    for first in range(0, len(stream), piece):
        part = np.array(stream[first : first + piece], np.int32)
        out = np.zeros(len(part), np.int32), np.zeros(len(part), np.int64), np.zeros(len(part), np.int64)
        written = renumber(part, np.array(new_ids, np.int32), max_sentence, state, *out)
        for found, array, count in zip((token_ids, sentence_ends, document_ends), out, written, strict=True):
            found.extend(array[:count].tolist())
    if state[0] > state[1]:
        sentence_ends.append(int(state[0]))
    sentences, documents = naive_renumber(stream, new_ids, max_sentence)
    assert token_ids == [word for sentence in sentences for word in sentence]
    assert sentence_ends == np.cumsum([len(sentence) for sentence in sentences]).tolist()
    assert document_ends == documents
