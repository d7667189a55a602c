"""The words of a vocabulary as one block of UTF-8 bytes: millions of them open at once, each decoded when asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload

import numpy as np
import numpy.typing as npt

from firth.errors import FormatError, SettingsError

__all__ = ["PackedWords", "shown"]

# So many single look-ups scan the bytes (a few milliseconds each); from then on a dictionary pays for itself.
_LOOKUPS_BY_SCAN = 8


def shown(word: str, longest: int = 60) -> str:
    """Return a word as a message or a table can safely show it: control characters escaped, very long ones cut."""
    cut = word if len(word) <= longest else word[: longest - 1] + "…"
    if cut.isprintable():
        return cut
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape", "surrogatepass").decode() for char in cut
    )


class PackedWords(Sequence[str]):
    """Words in the order of their ids, read-only.

    Args:
        text: uint8 (N,), all words' UTF-8 bytes, one after the other.
        ends: int64 (V + 1,), where words begin and end: word i is text[ends[i]:ends[i + 1]]; ends[0] = 0, ends[V] = N.
        checked: whether the caller has made sure of both already, which for millions of words takes a while.

    Raises:
        FormatError: the bounds do not fit the bytes, or the bytes are no UTF-8.
    """

    def __init__(self, text: npt.NDArray[np.uint8], ends: npt.NDArray[np.int64], *, checked: bool = False) -> None:
        if not checked:
            self._check(text, ends)
        self._text = text
        self._ends = ends
        self._ids: dict[str, int] | None = None
        self._lookups = 0

    @staticmethod
    def _check(text: npt.NDArray[np.uint8], ends: npt.NDArray[np.int64]) -> None:
        if len(ends) < 1 or ends[0] != 0 or ends[-1] != len(text) or bool(np.any(ends[1:] < ends[:-1])):
            raise FormatError("expected word bounds that rise from 0 to the end of the words' bytes, got others")
        try:
            bytes(text).decode()
        except UnicodeDecodeError as error:
            word_id = int(np.searchsorted(ends, error.start, side="right")) - 1
            raise FormatError(f"expected words in UTF-8, got other bytes in word {word_id:,}") from None
        starts = ends[:-1][np.diff(ends) > 0]
        if bool(np.any((text[starts] & 0xC0) == 0x80)):
            raise FormatError("expected each word to be whole characters, got a bound inside a UTF-8 character")

    @classmethod
    def of(cls, words: Sequence[str]) -> PackedWords:
        """Return the words packed; `words` itself where it is packed already.

        Raises:
            SettingsError: a word comes twice, is no str, or cannot be written as UTF-8.
        """
        if isinstance(words, PackedWords):
            return words
        ids: dict[str, int] = {}
        for word_id, word in enumerate(words):
            if not isinstance(word, str):
                raise SettingsError(f"expected words as str, got {word!r} as word {word_id:,}")
            if ids.setdefault(word, word_id) != word_id:
                raise SettingsError(
                    f'expected each word once, got "{shown(word)}" as word {ids[word]:,} and as word {word_id:,}'
                )
        return cls.of_ids(ids)

    @classmethod
    def of_ids(cls, ids: dict[str, int]) -> PackedWords:
        """Return the words of a dictionary, which then belongs to them.

        Args:
            ids: each word's id: 0, 1, 2, … in the dictionary's order.

        Raises:
            SettingsError: a word cannot be written as UTF-8.
        """
        try:
            parts = [word.encode() for word in ids]
        except UnicodeEncodeError as error:
            raise SettingsError(
                f'expected words that UTF-8 can write, got "{shown(error.object)}" with half a surrogate pair'
            ) from None
        ends = np.zeros(len(parts) + 1, dtype=np.int64)
        np.cumsum(np.fromiter(map(len, parts), dtype=np.int64, count=len(parts)), out=ends[1:])
        packed = cls(np.frombuffer(b"".join(parts), dtype=np.uint8), ends)
        packed._ids = ids
        return packed

    @property
    def text(self) -> npt.NDArray[np.uint8]:
        """All words' UTF-8 bytes: uint8 (N,)."""
        return self._text

    @property
    def ends(self) -> npt.NDArray[np.int64]:
        """Where words begin and end: int64 (V + 1,)."""
        return self._ends

    def __len__(self) -> int:
        return len(self._ends) - 1

    @overload
    def __getitem__(self, position: int) -> str: ...
    @overload
    def __getitem__(self, position: slice) -> list[str]: ...
    def __getitem__(self, position: int | slice) -> str | list[str]:
        if isinstance(position, slice):
            return [self[word_id] for word_id in range(*position.indices(len(self)))]
        word_id = range(len(self))[position]
        return self._text[self._ends[word_id] : self._ends[word_id + 1]].tobytes().decode()

    def __iter__(self) -> Iterator[str]:
        text = self._text.tobytes()
        start = 0
        for end in self._ends[1:].tolist():
            yield text[start:end].decode()
            start = end

    def __eq__(self, other: object) -> bool:
        if isinstance(other, PackedWords):
            return np.array_equal(self._ends, other._ends) and np.array_equal(self._text, other._text)
        if isinstance(other, list | tuple):
            return len(self) == len(other) and all(mine == theirs for mine, theirs in zip(self, other, strict=True))
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        first = ", ".join(repr(word) for word in self[:3])
        return f"<{len(self):,} words: {first}{', …' if len(self) > 3 else ''}>"

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and self.find(word) is not None

    def find(self, word: str) -> int | None:
        """Return a word's id, or None where it is not among the words.

        Raises:
            FormatError: the file that the words come from holds the word twice.
        """
        if self._ids is None:
            self._lookups += 1
            if self._lookups <= _LOOKUPS_BY_SCAN:
                return self._scan(word)
            self._ids = self._dictionary()
        return self._ids.get(word)

    def prepare(self) -> None:
        """Make the dictionary that many look-ups want; those of other threads scan the bytes until it is there.

        Raises:
            FormatError: the file that the words come from holds a word twice.
        """
        if self._ids is None:
            self._lookups = -(2**62)  # so that none of them begins to make another
            try:
                self._ids = self._dictionary()
            finally:
                self._lookups = 0

    def _dictionary(self) -> dict[str, int]:
        ids: dict[str, int] = {}
        for word_id, word in enumerate(self):
            if ids.setdefault(word, word_id) != word_id:
                raise _twice(word, ids[word], word_id)
        return ids

    def _scan(self, word: str) -> int | None:
        try:
            wanted = word.encode()
        except UnicodeEncodeError:
            return None
        starts = self._ends[:-1]
        found = np.flatnonzero(np.diff(self._ends) == len(wanted))
        for position, byte in enumerate(wanted):
            found = found[self._text[starts[found] + position] == byte]
            if len(found) == 0:
                return None
        if len(found) > 1:
            raise _twice(word, int(found[0]), int(found[1]))
        return int(found[0]) if len(found) else None


def _twice(word: str, first: int, second: int) -> FormatError:
    return FormatError(f'expected each word once, got "{shown(word)}" as word {first:,} and as word {second:,}')
