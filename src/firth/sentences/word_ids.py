"""Texts to the ids of their known words, a block of texts at a time."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from firth.corpus.tokenizers import Sentences, Whitespace, Words
from firth.errors import SettingsError
from firth.sentences.coverage import Coverage

if TYPE_CHECKING:
    import numpy.typing as npt

    from firth.corpus.phrases import PhraseModel
    from firth.corpus.tokenizers import Tokenizer
    from firth.vectors.words import PackedWords

__all__ = ["TextBlock", "TextReader"]

# A block of a million characters keeps what is made of it at some tens of megabytes, of short texts and of long ones.
_CHARACTERS = 1 << 20
_TEXTS = 8192
# The compiled scanner takes half a second to load the first time; Python tokenizes so little text in milliseconds.
_CHARACTERS_BY_PYTHON = 20_000


@dataclass(frozen=True, kw_only=True, slots=True)
class TextBlock:
    """Some texts as word ids.

    Args:
        word_ids: int32 (N,), the known words of all texts, in order.
        lengths: int64 (B,), how many of them each text has; their sum is N.
        unknown_words: how many further words the texts have.
    """

    word_ids: npt.NDArray[np.int32]
    lengths: npt.NDArray[np.int64]
    unknown_words: int

    @property
    def coverage(self) -> Coverage:
        """What of the texts is known."""
        return Coverage(
            texts=len(self.lengths),
            unknown_texts=int(np.count_nonzero(self.lengths == 0)),
            words=len(self.word_ids) + self.unknown_words,
            unknown_words=self.unknown_words,
        )


class TextReader:
    """Tokenizes texts and looks their words up.

    Args:
        words: the known words, whose places are their ids.
        tokenizer: what a word is.
        phrases: joined in each sentence of a text before its words are looked up; None joins nothing.
    """

    def __init__(self, words: PackedWords, tokenizer: Tokenizer, phrases: PhraseModel | None) -> None:
        self._words = words
        self._tokenizer = tokenizer
        self._phrases = phrases
        inner = tokenizer.words if isinstance(tokenizer, Sentences) else tokenizer
        # Sentence ends do not matter to a text's mean, unless phrases may not reach over them.
        self._scannable = inner if isinstance(inner, Words | Whitespace) and phrases is None else None

    def blocks(self, texts: Iterable[str | Sequence[str]]) -> Iterator[TextBlock]:
        """Give the texts, many together.

        Args:
            texts: each a str, or a list of words, which are looked up as they are.

        Raises:
            SettingsError: they are no texts; it names the first that is none.
        """
        texts_here: list[str | Sequence[str]] = []
        characters = 0
        for number, text in enumerate(_checked(texts)):
            texts_here.append(_checked_text(text, number))
            characters += len(text)
            if characters >= _CHARACTERS or len(texts_here) == _TEXTS:
                yield self._block(texts_here, characters)
                texts_here, characters = [], 0
        if texts_here:
            yield self._block(texts_here, characters)

    def _block(self, texts: list[str | Sequence[str]], characters: int) -> TextBlock:
        strings = [text for text in texts if isinstance(text, str)]
        if self._scannable is not None and len(strings) == len(texts) and characters > _CHARACTERS_BY_PYTHON:
            return self._scanned(strings, self._scannable)
        find = self._words.find
        found: dict[str, int | None] = {}
        word_ids: list[int] = []
        lengths = np.zeros(len(texts), np.int64)
        unknown = 0
        for number, text in enumerate(texts):
            before = len(word_ids)
            for word in self._tokens(text):
                if word not in found:
                    found[word] = find(word)
                word_id = found[word]
                if word_id is None:
                    unknown += 1
                else:
                    word_ids.append(word_id)
            lengths[number] = len(word_ids) - before
        return TextBlock(word_ids=np.array(word_ids, dtype=np.int32), lengths=lengths, unknown_words=unknown)

    def _tokens(self, text: str | Sequence[str]) -> Iterable[str]:
        if not isinstance(text, str):
            return text if self._phrases is None else self._phrases.join(text)
        if self._phrases is None:
            return self._tokenizer.tokens(_mended(text))
        join = self._phrases.join
        return [word for sentence in self._tokenizer.sentences(_mended(text)) for word in join(sentence)]

    def _scanned(self, texts: list[str], tokenizer: Words | Whitespace) -> TextBlock:
        """Return the same by the compiled scanner; its table is a block's own, so that it stays small."""
        from firth.corpus.scanner import Scanner  # noqa: PLC0415 - loads Numba
        from firth.kernels.tokenize import DOCUMENT_END, DOCUMENT_END_BYTE  # noqa: PLC0415

        scanner = Scanner(tokenizer, _character_table(tokenizer))
        normalize = isinstance(tokenizer, Words) and tokenizer.normalize
        end = bytes([DOCUMENT_END_BYTE])
        stream = scanner.scan(b"".join(_mended(text, normalize=normalize).encode() + end for text in texts))
        ids = [self._words.find(word) for word in scanner.words()]
        known = np.array([-1 if word_id is None else word_id for word_id in ids], dtype=np.int32)
        ends = np.flatnonzero(stream == DOCUMENT_END)
        word_ids = np.full(len(stream), -1, np.int32)
        is_word = stream >= 0
        word_ids[is_word] = known[stream[is_word]]
        is_known = word_ids >= 0
        lengths = np.diff(np.cumsum(is_known)[ends], prepend=0).astype(np.int64)
        unknown = int(np.count_nonzero(is_word)) - int(np.count_nonzero(is_known))
        return TextBlock(word_ids=word_ids[is_known], lengths=lengths, unknown_words=unknown)


@lru_cache(maxsize=2)
def _character_table(tokenizer: Words | Whitespace) -> npt.NDArray[np.uint32]:
    from firth.corpus.scanner import character_table  # noqa: PLC0415 - loads Numba

    return character_table(tokenizer)


def _mended(text: str, *, normalize: bool = False) -> str:
    """Return a text without halves of surrogate pairs, which no word has, and by choice in normal form C."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        text = "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)
    return unicodedata.normalize("NFC", text) if normalize else text


def _checked(texts: Any) -> Iterable[Any]:
    if isinstance(texts, str):
        raise SettingsError("expected a list of texts, got one text; put it in a list: [text]")
    if isinstance(texts, bytes | bytearray | Mapping | Set) or not isinstance(texts, Iterable):
        raise SettingsError(f"expected a list of texts, got {type(texts).__name__}")
    if getattr(texts, "ndim", 1) != 1:
        raise SettingsError(
            f"expected one column of texts, got {type(texts).__name__} with {texts.ndim} dimensions; choose a column"  # type: ignore[attr-defined]
        )
    return texts


def _checked_text(text: object, number: int) -> str | Sequence[str]:
    if isinstance(text, str):
        return text
    if not isinstance(text, list | tuple):
        raise SettingsError(f"expected texts as str or as lists of words, got {type(text).__name__} as text {number:,}")
    for word in text:
        if not isinstance(word, str):
            raise SettingsError(f"expected words as str, got {type(word).__name__} in text {number:,}")
    return text
