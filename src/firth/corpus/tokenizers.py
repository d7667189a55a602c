"""Tokenizers: the settings that say what a word is and where a sentence ends, each with its readable definition.

`tokens(text)` and `sentences(text)` define what a tokenizer does. `Words`, `Whitespace` and `Sentences` around one of
them are not run like this on a corpus: `firth.kernels.tokenize` does the same on bytes, some ten times as fast, and a
property test holds the two together. `Custom` and `HuggingFace` are run as they are.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from firth.corpus.characters import FULL_STOPS, IGNORED, STOPS, is_cjk, is_letter, is_space, lower
from firth.corpus.stop_words import stop_words as stop_words_of
from firth.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Set

__all__ = ["ABBREVIATIONS", "Custom", "HuggingFace", "Sentences", "Tokenizer", "Whitespace", "Words"]

_ABBREVIATIONS = """
mr mrs ms messrs dr prof rev hon gen col capt lieut lt sgt maj st mt jr sr esq vs viz cf vol vols fig figs pp ed eds
approx dept univ mme mlle bzw usw vgl nr bd hr fr ca
"""
ABBREVIATIONS = frozenset(_ABBREVIATIONS.split())
"""Words after which a period does not end a sentence: titles, and what usually stands inside sentences."""

_LINE_END = re.compile(r"[\n\r]")
_WORD = re.compile("S M*|L[LM]*(?:J L[LM]*)*", re.VERBOSE)


def _unchangeable(stop_words: Set[str] | str) -> frozenset[str] | str:
    if isinstance(stop_words, str):
        return stop_words
    wrong = [word for word in stop_words if not isinstance(word, str)]
    if wrong:
        raise SettingsError(f"expected stop words as strings, got {wrong[0]!r}")
    return frozenset(stop_words)


def _removed(tokenizer: Words | Whitespace) -> frozenset[str]:
    """Return the stop words as a tokenizer writes words; one that it would part is no word and is passed over."""
    chosen = tokenizer.stop_words
    if isinstance(chosen, str):
        chosen = stop_words_of(chosen)
    if not tokenizer.lowercase:
        chosen = {form for word in chosen for form in (word, word.capitalize(), word.upper())}
    found = (tokenizer.all_tokens(form) for form in chosen)
    return frozenset(words[0] for words in found if len(words) == 1)


@runtime_checkable
class Tokenizer(Protocol):
    """What every tokenizer can do."""

    def tokens(self, text: str) -> list[str]:
        """Return the words of a text in order."""

    def sentences(self, text: str) -> list[list[str]]:
        """Return the words of each sentence of a text that has any."""


class _Shapes(dict[int, str]):
    """Each code point's letter in the shape of a text, worked out when first asked for."""

    def __init__(self, words: Words) -> None:
        self.words = words

    def __missing__(self, code: int) -> str:
        shape = self[code] = self.words.shape(chr(code))
        return shape


class _Written(dict[int, str]):
    """Each code point's written form, worked out when first asked for."""

    def __init__(self, words: Words) -> None:
        self.words = words

    def __missing__(self, code: int) -> str:
        written = self[code] = self.words.written(chr(code))
        return written


@dataclass(frozen=True, kw_only=True)
class Words:
    """Words of letters, marks and numbers, as Unicode has them; a line is a sentence. The default tokenizer.

    A word begins with a letter or number and goes on over letters, numbers and marks, and over a single joiner that
    stands between two of them: *don't*, *well-known*, but not *'tis* or *then--*. Combining accents and Indic vowel
    signs stay in their words. The curly apostrophe ’ is written as ' so that both spellings are one word. Soft hyphens
    and variation selectors are looked through; emoji and punctuation are no words. Each character is lower-cased by
    itself (Σ always to σ, İ to i).

    Args:
        lowercase: write small letters.
        joiners: the characters that may stand between two letters of a word, or "" for none.
        digits: whether numbers (Unicode's category N) are letters of words; else they part words.
        characters: whether each Chinese ideograph and Japanese kana is a word by itself; else a run of them is one
            word (these scripts have no spaces; a `Custom` tokenizer can part their words).
        normalize: bring the text to Unicode's normal form C first, so that é is the same in one or two characters.
        stop_words: words that are left out: a set, or the name of a language ("english").
    """

    lowercase: bool = True
    joiners: str = "'’-"
    digits: bool = True
    characters: bool = False
    normalize: bool = True
    stop_words: Set[str] | str = frozenset()

    def __post_init__(self) -> None:
        """Refuse joiners that already mean something else."""
        if not isinstance(self.joiners, str):
            raise SettingsError(f"expected the joiners as one string of characters, got {self.joiners!r}")
        for joiner in self.joiners:
            if is_letter(joiner) or is_space(joiner) or joiner in IGNORED:
                raise SettingsError(f"expected joiners that are neither letters, numbers nor spaces, got {joiner!r}")
        object.__setattr__(self, "joiners", "".join(sorted(set(self.joiners))))
        object.__setattr__(self, "stop_words", _unchangeable(self.stop_words))

    def shape(self, character: str) -> str:
        """Return a character's part in words: L(etter), M(ark), J(oiner), S(ingle) or a blank for none."""
        category = unicodedata.category(character)[0]
        if character in self.joiners:
            return "J"
        if self.characters and is_cjk(character):
            return "S"
        if category == "L" or (category == "N" and self.digits):
            return "L"
        return "M" if category == "M" else " "

    def written(self, character: str) -> str:
        """Return what stands for a character in the words."""
        if character == "’" and character in self.joiners:
            return "'"
        return lower(character) if self.lowercase else character

    def prepared(self, text: str) -> str:
        """Return the text in normal form C (by choice) and without the characters that are looked through."""
        if self.normalize:
            text = unicodedata.normalize("NFC", text)
        return text if text.isascii() else "".join(c for c in text if c not in IGNORED)

    def all_tokens(self, text: str) -> list[str]:
        """Return the words of a text in order, stop words among them."""
        text = self.prepared(text)
        found = _WORD.finditer(text.translate(self._shapes))
        return [text[match.start() : match.end()].translate(self._written) for match in found]

    def tokens(self, text: str) -> list[str]:
        """Return the words of a text in order."""
        return [word for word in self.all_tokens(text) if word not in self.removed]

    def sentences(self, text: str) -> list[list[str]]:
        """Return the words of each line that has any."""
        lines = (self.tokens(line) for line in _LINE_END.split(self.prepared(text)))
        return [words for words in lines if words]

    @cached_property
    def removed(self) -> frozenset[str]:
        """The stop words as this tokenizer writes words; where it keeps capitals, also the capitalised forms."""
        return _removed(self)

    @cached_property
    def _shapes(self) -> _Shapes:
        return _Shapes(self)

    @cached_property
    def _written(self) -> _Written:
        return _Written(self)


@dataclass(frozen=True, kw_only=True)
class Whitespace:
    """Whatever stands between white space is a word; a line is a sentence. For texts that are tokenized already.

    Args:
        lowercase: write small letters.
        stop_words: words that are left out: a set, or the name of a language ("english").
    """

    lowercase: bool = False
    stop_words: Set[str] | str = frozenset()

    def __post_init__(self) -> None:
        """Keep the stop words as a set that cannot change."""
        object.__setattr__(self, "stop_words", _unchangeable(self.stop_words))

    def all_tokens(self, text: str) -> list[str]:
        """Return the words of a text in order, stop words among them."""
        words = text.replace("\0", " ").split()
        return ["".join(map(lower, word)) for word in words] if self.lowercase else words

    def tokens(self, text: str) -> list[str]:
        """Return the words of a text in order."""
        return [word for word in self.all_tokens(text) if word not in self.removed]

    def sentences(self, text: str) -> list[list[str]]:
        """Return the words of each line that has any."""
        lines = (self.tokens(line) for line in _LINE_END.split(text))
        return [words for words in lines if words]

    @cached_property
    def removed(self) -> frozenset[str]:
        """The stop words as this tokenizer writes words; where it keeps capitals, also the capitalised forms."""
        return _removed(self)


@dataclass(frozen=True, kw_only=True)
class Sentences:
    """Sentences inside lines and, by choice, over the line ends of a paragraph; words as another tokenizer has them.

    A sentence ends at the white space after . ! ? … where the next letter or number is no small letter; a period does
    not count after one letter (*J. R. Firth*) or an abbreviation (*Mr.*). The marks of scripts without capitals
    (。！？ ।) always end one. So *"Where?" said he.* is one sentence. The rule knows no language; what it gets wrong
    costs the window a few words of company.

    Args:
        words: the tokenizer that finds the words.
        join_lines: whether a paragraph's lines belong together and only a blank line ends them, as in hard-wrapped
            novels; else every line end is also a sentence's end.
        abbreviations: the words after which a period ends no sentence, in small letters, at most 8 bytes each; their
            capitalised forms count too.
    """

    words: Tokenizer = field(default_factory=Words)
    join_lines: bool = True
    abbreviations: Set[str] = ABBREVIATIONS

    def __post_init__(self) -> None:
        """Refuse settings that would contradict each other."""
        if isinstance(self.words, Sentences) or not isinstance(self.words, Tokenizer):
            raise SettingsError(f"expected a tokenizer of words inside Sentences, got {self.words!r}")
        stops = STOPS | FULL_STOPS | {"."}
        if isinstance(self.words, Words) and stops & set(self.words.joiners):
            raise SettingsError("a mark that ends sentences cannot be a joiner of words too; leave it out of joiners")
        for word in self.abbreviations:
            if not isinstance(word, str) or not 1 <= len(word.encode()) <= 8 or not all(map(is_letter, word)):
                raise SettingsError(f"expected abbreviations of 1 to 8 bytes, letters only, got {word!r}")
        object.__setattr__(self, "abbreviations", frozenset(self.abbreviations))

    def tokens(self, text: str) -> list[str]:
        """Return the words of a text in order."""
        return self.words.tokens(text)

    def sentences(self, text: str) -> list[list[str]]:
        """Return the words of each sentence that has any."""
        found = (self.words.tokens(sentence) for sentence in self.split(text))
        return [words for words in found if words]

    def split(self, text: str) -> list[str]:  # noqa: C901 (one rule, told in order)
        """Return the text cut where sentences end; the pieces joined are the text, prepared for its words."""
        if isinstance(self.words, Words):
            text = self.words.prepared(text)
        cuts = [0]
        state = "running"
        stopped_at = 0
        breaks: set[str] = set()
        for i, c in enumerate(text):
            if c in "\n\r" and (not self.join_lines or c in breaks):
                cuts.append(i + 1)
                state = "running"
            elif is_space(c):
                if state == "ended":
                    cuts.append(i)
                    state = "running"
                elif state == "stopped":
                    state, stopped_at = "spaced", i
            elif c in FULL_STOPS:
                state = "ended"
            elif c in STOPS or (c == "." and not self._abbreviated(text, i)):
                state = "stopped" if state == "running" else state
            elif is_letter(c):
                if state == "ended":
                    cuts.append(i)
                elif state == "spaced" and unicodedata.category(c) != "Ll":
                    cuts.append(stopped_at)
                state = "running"
            breaks = breaks | {c} if c in "\n\r" else breaks if is_space(c) else set()
        return [text[first:end] for first, end in zip(cuts, [*cuts[1:], len(text)], strict=True)]

    def _abbreviated(self, text: str, period: int) -> bool:
        """Return whether the letters, marks and numbers right before a period are an initial or an abbreviation."""
        first = period
        while first > 0 and is_letter(text[first - 1]):
            first -= 1
        word = text[first:period]
        if len(word) == 1:
            return unicodedata.category(word)[0] == "L"
        return word in self.all_abbreviations

    @cached_property
    def all_abbreviations(self) -> frozenset[str]:
        """The abbreviations in small letters, capitalised and in capitals, where these have at most 8 bytes."""
        forms = {form for word in self.abbreviations for form in (word, word.capitalize(), word.upper())}
        return frozenset(form for form in forms if len(form.encode()) <= 8)


@dataclass(frozen=True, kw_only=True)
class Custom:
    """Any function as a tokenizer; a line is a sentence. It runs at Python's pace, about a tenth of Firth's own.

    Args:
        function: takes a str and returns its words in order.
    """

    function: Callable[[str], Iterable[str]]

    def __post_init__(self) -> None:
        """Refuse what cannot be called."""
        if not callable(self.function):
            raise SettingsError(f"expected a function from a text to its words, got {self.function!r}")

    def tokens(self, text: str) -> list[str]:
        """Return the words of a text in order."""
        words = self.function(text)
        if isinstance(words, str):
            raise SettingsError("expected the tokenizer to return a list of words, but it returned one string")
        words = list(words)
        for word in words:
            if not isinstance(word, str):
                raise SettingsError(f"expected the tokenizer to return words as strings, got {word!r}")
        return words

    def sentences(self, text: str) -> list[list[str]]:
        """Return the words of each line that has any."""
        lines = (self.tokens(line) for line in _LINE_END.split(text) if line)
        return [words for words in lines if words]


@dataclass(frozen=True, kw_only=True)
class HuggingFace:
    """A tokenizer of Hugging Face's `tokenizers` or `transformers`; a line is a sentence; no special tokens are added.

    Args:
        tokenizer: a `tokenizers.Tokenizer`, or a tokenizer of `transformers`.
    """

    tokenizer: Any

    def __post_init__(self) -> None:
        """Refuse what is no such tokenizer."""
        if not (hasattr(self.tokenizer, "tokenize") or hasattr(self.tokenizer, "encode_batch")):
            raise SettingsError(
                f"expected a tokenizers.Tokenizer or a tokenizer of transformers, got {type(self.tokenizer).__name__}"
            )

    def tokens(self, text: str) -> list[str]:
        """Return the words (or word pieces) of a text in order."""
        if hasattr(self.tokenizer, "tokenize"):
            return list(self.tokenizer.tokenize(text))
        return list(self.tokenizer.encode(text, add_special_tokens=False).tokens)

    def sentences(self, text: str) -> list[list[str]]:
        """Return the words of each line that has any."""
        lines = (self.tokens(line) for line in _LINE_END.split(text) if line)
        return [words for words in lines if words]

    @property
    def definition(self) -> str | None:
        """The tokenizer's whole definition as JSON, or None where it has none."""
        fast = getattr(self.tokenizer, "backend_tokenizer", self.tokenizer)
        return str(fast.to_str()) if hasattr(fast, "to_str") else None
