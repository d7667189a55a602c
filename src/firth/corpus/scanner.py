"""The fast path from bytes to ids: character tables for the kernel, and the growing table of words around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from firth.corpus.characters import ASSIGNED, FULL_STOPS, IGNORED, STOPS, categories, codes, is_cjk, is_space, lowered
from firth.corpus.tokenizers import Sentences, Whitespace, Words
from firth.kernels import tokenize as kernels

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from firth.corpus.tokenizers import Tokenizer

__all__ = ["Scanner", "character_table", "is_scannable"]

_WORDS_AT_ONCE = 100_000


def is_scannable(tokenizer: Tokenizer) -> bool:
    """Return whether the kernel does what this tokenizer defines."""
    words = tokenizer.words if isinstance(tokenizer, Sentences) else tokenizer
    return isinstance(words, Words | Whitespace)


def character_table(words: Words | Whitespace) -> npt.NDArray[np.uint32]:
    """Return each code point's entry for the kernel.

    Returns:
        uint32 (0x110000,), laid out as `firth.kernels.tokenize` says.
    """
    category = categories()
    major = category.astype("U1")
    entries = np.arange(0x110000, dtype=np.uint32)
    part = np.zeros(0x110000, np.uint32)
    flags = np.zeros(0x110000, np.uint32)
    spaces = codes(is_space, "Cc", "Zs", "Zl", "Zp")
    if words.lowercase:
        entries[:ASSIGNED] = lowered()
    flags[:ASSIGNED] = np.isin(major, ["L", "M", "N"]) * np.uint32(kernels.WORDLIKE)
    flags[:ASSIGNED] |= (major == "L") * np.uint32(kernels.ALPHABETIC)
    flags[:ASSIGNED] |= (category == "Ll") * np.uint32(kernels.LOWER)
    flags[0xE0100:0xE01F0] = kernels.WORDLIKE  # the marks beyond ASSIGNED
    if isinstance(words, Whitespace):
        part[:] = kernels.LETTER
        part[spaces] = kernels.OTHER
    else:
        part[:ASSIGNED] = (major == "L") * kernels.LETTER + (major == "M") * kernels.MARK
        if words.digits:
            part[:ASSIGNED] += (major == "N") * np.uint32(kernels.LETTER)
        if words.characters:
            part[codes(is_cjk, "Lo", "Lm")] = kernels.SINGLE
        for joiner in words.joiners:
            part[ord(joiner)] = kernels.JOINER
            entries[ord(joiner)] = ord(words.written(joiner))
        part[list(map(ord, IGNORED))] = kernels.IGNORED
    role = np.zeros(0x110000, np.uint32)
    role[spaces] = kernels.SPACE
    role[ord("\n")] = kernels.LINE_FEED
    role[ord("\r")] = kernels.CARRIAGE_RETURN
    role[ord(".")] = kernels.PERIOD
    role[[ord(mark) for mark in STOPS]] = kernels.STOP
    role[[ord(mark) for mark in FULL_STOPS]] = kernels.FULL_STOP
    entries |= part << np.uint32(21) | role << np.uint32(24) | flags
    return entries


def _fold(table: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint8]:
    """Return the byte that each plain ASCII letter is written as, 0 for every other byte."""
    ascii_entries = table[:128]
    plain = (ascii_entries >> 21 & 7 == kernels.LETTER) & (ascii_entries >> 24 & 7 == kernels.PLAIN)
    fold = np.zeros(256, np.uint8)
    fold[:128] = np.where(plain, ascii_entries & 0x7F, 0)
    return fold


class Scanner:
    """A table of words that grows with the text it scans. One thread may use it at a time.

    Args:
        tokenizer: `Words`, `Whitespace`, or `Sentences` around one of them.
        table: what `character_table` gives for it, so that several scanners share one.
    """

    def __init__(self, tokenizer: Tokenizer, table: npt.NDArray[np.uint32]) -> None:
        self.mode = kernels.LINES
        abbreviations: frozenset[str] = frozenset()
        words = tokenizer
        if isinstance(tokenizer, Sentences):
            self.mode = kernels.SPLIT_PARAGRAPHS if tokenizer.join_lines else kernels.SPLIT_LINES
            abbreviations = tokenizer.all_abbreviations
            words = tokenizer.words
        assert isinstance(words, Words | Whitespace)  # noqa: S101 (is_scannable was asked before)
        packed = [int.from_bytes(word.encode(), "big") for word in sorted(abbreviations)]
        self._abbreviations = np.array(packed, dtype=np.uint64)
        self._table = table
        self._fold = _fold(table)
        self._slots = np.zeros(1 << 15, np.uint64)
        self._units = np.zeros(1 << 13, np.uint64)
        self._starts = np.zeros(1 << 12, np.uint64)
        self._counts = np.zeros(1 << 12, np.uint64)
        self._word = np.zeros(0, np.uint64)
        self._at = np.zeros(7, np.int64)
        self.stop_words = 0
        # Stop words get the first ids: then telling one apart costs a comparison.
        self.scan("\n".join(sorted(words.removed)).encode() + b"\n")
        self.stop_words = self.types
        self._counts[:] = 0

    @property
    def types(self) -> int:
        """How many different words have been seen, stop words among them."""
        return int(self._at[2])

    @property
    def counts(self) -> npt.NDArray[np.int64]:
        """How often each word came: int64 (types,), by the ids of the stream."""
        return self._counts[: self.types].astype(np.int64)

    @property
    def bytes_held(self) -> int:
        """How many bytes the table takes."""
        return sum(array.nbytes for array in (self._slots, self._units, self._starts, self._counts))

    def table(self) -> Iterator[tuple[list[bytes], npt.NDArray[np.int64], int]]:
        """Give all words but the stop words, some at a time: the words, their counts, and the first one's id."""
        counts = self.counts
        for first in range(self.stop_words, self.types, _WORDS_AT_ONCE):
            last = min(first + _WORDS_AT_ONCE, self.types)
            yield self._joined(first, last).split(b" ")[:-1], counts[first:last], first

    def scan(self, block: bytes) -> npt.NDArray[np.int32]:
        """Return the stream of a block of text: see `firth.kernels.tokenize`.

        Args:
            block: valid UTF-8 with DOCUMENT_END_BYTE after each document, cut where no word is open.
        """
        return self._scan(block, self._table, self._fold, self.mode, self.stop_words)

    def _scan(
        self,
        block: bytes,
        table: npt.NDArray[np.uint32],
        fold: npt.NDArray[np.uint8],
        mode: int,
        stop_words: int,
    ) -> npt.NDArray[np.int32]:
        text = np.frombuffer(block, np.uint8)
        size = 3 * len(text) // 16 + 2
        out = np.empty(len(text) + 2, np.int32)
        if len(self._word) < size:
            self._word = np.zeros(size, np.uint64)
        at = self._at
        at[:2] = 0
        at[3] = 1
        at[5] = 0
        # Where the kernels run as plain Python, NumPy would warn that a hash's product overflows, as it must.
        with np.errstate(over="ignore"):
            while at[0] < len(text):
                self._make_room(size)
                tables = (self._slots, self._units, self._starts, self._counts)
                kernels.scan(text, table, fold, self._abbreviations, mode, stop_words, *tables, self._word, out, at)
        return out[: at[1]]

    def _make_room(self, size: int) -> None:
        """Let the tables grow until the kernel can read on."""
        if self.types > 3 * (len(self._slots) // 10):
            larger = np.zeros(2 * len(self._slots), np.uint64)
            kernels.rehash(self._slots, larger)
            self._slots = larger
        if self.types > len(self._starts) - 2:
            more = np.zeros(len(self._starts), np.uint64)
            self._starts = np.concatenate([self._starts, more])
            self._counts = np.concatenate([self._counts, more])
        needed = int(self._starts[self.types]) + size + len(self._starts) - self.types
        if needed > len(self._units):
            self._units = np.concatenate([self._units, np.zeros(max(needed - len(self._units), 1 << 13), np.uint64)])

    def absorb(self, other: Scanner) -> npt.NDArray[np.int64]:
        """Take over another scanner's words and counts, and return its ids' ids here: int64 (other.types,)."""
        new_ids = np.empty(other.types, np.int64)
        table = character_table(Whitespace())
        fold = _fold(table)
        for first in range(0, other.types, _WORDS_AT_ONCE):
            last = min(first + _WORDS_AT_ONCE, other.types)
            ids = self._scan(other._joined(first, last), table, fold, kernels.LINES, 0)
            new_ids[first:last] = ids
            self._counts[ids] += other._counts[first:last] - np.uint64(1)
        return new_ids

    def words(self, ids: npt.NDArray[np.int64] | None = None) -> list[str]:
        """Return the words of some ids, given in increasing order; of all by default."""
        places = np.arange(self.types) if ids is None else ids
        chosen: list[str] = []
        for first in range(0, self.types, _WORDS_AT_ONCE):
            last = min(first + _WORDS_AT_ONCE, self.types)
            here = places[np.searchsorted(places, first) : np.searchsorted(places, last)]
            if len(here):
                words = self._joined(first, last).decode().split(" ")
                chosen += [words[place - first] for place in here.tolist()]
        return chosen

    def _joined(self, first: int, last: int) -> bytes:
        """Return some words' UTF-8 bytes, a blank after each."""
        starts = self._starts[first : last + 1].astype(np.int64)
        columns = self._units[starts[0] : starts[-1]].astype(">u8").view(np.uint8).reshape(-1, 8)
        written = columns != 0
        lengths = np.add.reduceat(written.sum(axis=1), starts[:-1] - starts[0])
        letters = columns[written]
        result = np.full(len(letters) + last - first, ord(" "), np.uint8)
        result[np.arange(len(letters)) + np.repeat(np.arange(last - first), lengths)] = letters
        return result.tobytes()
