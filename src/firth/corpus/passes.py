"""The one pass over the text: words to provisional ids, written to disk as they come, and every word's count.

Two ways lead there: the compiled scanner, one or more threads of it, and Python, for tokenizers that are functions.
"""

from __future__ import annotations

import itertools
import json
import queue
import threading
import unicodedata
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from firth.corpus.blocks import blocks
from firth.corpus.characters import is_normal
from firth.corpus.scanner import Scanner, character_table
from firth.corpus.sources import DOCUMENT_END
from firth.corpus.tokenizers import Sentences, Words
from firth.corpus.word_runs import WordRuns
from firth.kernels import tokenize as kernels

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    import numpy.typing as npt

    from firth.corpus.sources import Source
    from firth.corpus.tokenizers import Tokenizer

__all__ = ["Counted", "Room", "WordTable", "python_pass", "scanner_pass"]

_Result = TypeVar("_Result")
_TOKENS_AT_ONCE = 100_000
_PYTHON_WORD = 250
"""Bytes that a word takes in a Python dictionary, about."""


@dataclass(frozen=True, kw_only=True)
class Room:
    """Where the tables of words may grow, and what is kept of them where they must go to disk.

    Args:
        memory: bytes, int ≥ 0; tables that grow beyond it are written down and begun anew.
        folder: an empty one, for what is written.
        min_count: int ≥ 1; of words on disk, rarer ones are left out when they are read back.
    """

    memory: int
    folder: Path
    min_count: int


@dataclass(kw_only=True)
class Counted:
    """What a pass found.

    Args:
        counts: int64 (types,), how often each word came, by its id after all tables were joined; without the rare words
            where tables had to go to disk.
        words: gives the words of some of these ids, which come in increasing order.
        parts: of the stream on disk, in order: how many values, and which table's ids they are.
        joined: for each table, int64 or int32: its ids' ids after all tables were joined, −1 for rare words.
        stop_words: occurrences left out because they are stop words.
    """

    counts: npt.NDArray[np.int64]
    words: Callable[[npt.NDArray[np.int64]], list[str]]
    parts: list[tuple[int, int]]
    joined: list[npt.NDArray[Any]]
    stop_words: int = 0
    rare_words: int = 0
    """Different words that are not among the counts, as they are too rare."""
    rare_occurrences: int = 0
    highest: int = 0
    """The highest count of any word, where some are not among the counts."""


def scanner_pass(
    source: Source,
    tokenizer: Tokenizer,
    stream: Any,
    *,
    threads: int,
    each: Callable[[bytes], None],
    room: Room,
) -> Counted:
    """Read a source with the compiled scanner.

    Args:
        source: of text.
        tokenizer: one for which `is_scannable` holds.
        stream: where the provisional ids are written, int32.
        threads: 1 reads and scans in turns; 2 reads beside a scanner; more read beside as many scanners less one, each
            with a table of its own, joined at the end.
        each: called with each block as it is read, in order.
        room: where the tables may grow.
    """
    words = tokenizer.words if isinstance(tokenizer, Sentences) else tokenizer
    tables = _Tables(tokenizer, max(1, threads - 1), room)
    free: queue.SimpleQueue[int] = queue.SimpleQueue()
    for number in range(max(1, threads - 1)):
        free.put(number)
    normalize = isinstance(words, Words) and words.normalize

    def scanned(block: bytes) -> tuple[int, npt.NDArray[np.int32]]:
        number = free.get()
        try:
            return tables.scan(number, _normalized(block) if normalize else block)
        finally:
            free.put(number)

    parts: list[tuple[int, int]] = []
    line_ends = not (isinstance(tokenizer, Sentences) and tokenizer.join_lines)
    for generation, ids in _in_order(scanned, _told(blocks(source.utf8(), line_ends=line_ends), each), threads):
        stream.write(ids)
        parts.append((len(ids), generation))
    return tables.counted(parts)


class _Tables:
    """The tables of some scanners: those in use, and those on disk that grew too large.

    Args:
        tokenizer: one for which `is_scannable` holds.
        scanners: int ≥ 1, how many are in use.
        room: where they may grow.
    """

    def __init__(self, tokenizer: Tokenizer, scanners: int, room: Room) -> None:
        words = tokenizer.words if isinstance(tokenizer, Sentences) else tokenizer
        self._tokenizer, self._room = tokenizer, room
        self._characters = character_table(words)  # type: ignore[arg-type]
        self._scanners = [Scanner(tokenizer, self._characters) for _ in range(scanners)]
        # An empty table is as small as can be.
        self._limit = max(room.memory // scanners, self._scanners[0].bytes_held)
        self._generations = itertools.count(scanners)
        self._generation = list(range(scanners))
        self._runs: WordRuns | None = None
        self._on_disk: dict[int, int] = {}
        self._stop_words = 0
        self._lock = threading.Lock()

    def scan(self, number: int, block: bytes) -> tuple[int, npt.NDArray[np.int32]]:
        """Return which table's ids these are, and a block's stream; see `Scanner.scan`."""
        generation, scanner = self._generation[number], self._scanners[number]
        ids = scanner.scan(block)
        if scanner.bytes_held > self._limit:
            with self._lock:
                self._write_down(number)
                self._generation[number] = next(self._generations)
            self._scanners[number] = Scanner(self._tokenizer, self._characters)
        return generation, ids

    def _write_down(self, number: int) -> None:
        if self._runs is None:
            self._room.folder.mkdir()
            self._runs = WordRuns(self._room.folder)
        scanner = self._scanners[number]
        self._stop_words += int(scanner.counts[: scanner.stop_words].sum())
        self._on_disk[self._generation[number]] = self._runs.add(scanner.table())

    def counted(self, parts: list[tuple[int, int]]) -> Counted:
        """Return what all tables come to together.

        Args:
            parts: see `Counted`.
        """
        if self._runs is None:
            main, *others = self._scanners
            absorbed = [main.absorb(other) for other in others]
            counts = main.counts
            stop_words = int(counts[: main.stop_words].sum())
            counts[: main.stop_words] = 0
            joined = [np.arange(main.types), *absorbed]
            return Counted(counts=counts, words=main.words, parts=parts, joined=joined, stop_words=stop_words)
        for number in range(len(self._scanners)):
            self._write_down(number)
        self._scanners.clear()
        found = _read_back(self._runs, self._room, parts, lambda word: word.decode())
        found.joined = [found.joined[self._on_disk[generation]] for generation in sorted(self._on_disk)]
        found.stop_words = self._stop_words
        return found


def _read_back(runs: WordRuns, room: Room, parts: list[tuple[int, int]], word_of: Callable[[bytes], str]) -> Counted:
    """Return what tables on disk come to together."""
    merged = runs.merge(room.min_count)
    return Counted(
        counts=merged.counts,
        words=lambda chosen: [word_of(merged.words[place]) for place in chosen.tolist()],
        parts=parts,
        joined=list(merged.new_ids),
        rare_words=merged.rare_words,
        rare_occurrences=merged.rare_occurrences,
        highest=merged.highest,
    )


def _told(all_blocks: Iterable[bytes], each: Callable[[bytes], None]) -> Iterator[bytes]:
    for block in all_blocks:
        each(block)
        yield block


def _in_order(work: Callable[[bytes], _Result], all_blocks: Iterable[bytes], threads: int) -> Iterator[_Result]:
    """Give the results of the blocks in their order, the work on some of them going on meanwhile."""
    if threads == 1:
        yield from map(work, all_blocks)
        return
    waiting: deque[Future[_Result]] = deque()
    with ThreadPoolExecutor(threads - 1, "firth-reader") as pool:
        try:
            for block in all_blocks:
                waiting.append(pool.submit(work, block))
                if len(waiting) > threads + 1:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def _normalized(block: bytes) -> bytes:
    """Return a block in Unicode's normal form C; DOCUMENT_END bytes pass as they are."""
    if block.isascii():
        return block
    text = block.decode("utf-8", "surrogateescape")
    if is_normal(text):
        return block
    return unicodedata.normalize("NFC", text).encode("utf-8", "surrogateescape")


class _Ids(dict[str, int]):
    """Each word's id, given when it first comes."""

    def __missing__(self, word: str) -> int:
        word_id = self[word] = len(self)
        return word_id


class WordTable:
    """Words and their counts in a dictionary, which is written down and begun anew where it grows too large.

    Args:
        room: where it may grow.
    """

    def __init__(self, room: Room) -> None:
        self._room = room
        self._ids, self._counts = _Ids(), np.zeros(0, np.int64)
        self._runs: WordRuns | None = None
        self._number = 0

    def ids(self, words: Iterable[str]) -> Iterator[int]:
        """Give words' ids in the table in use; new words get the next ones. They must be counted before others come."""
        return map(self._ids.__getitem__, words)

    def count(self, ids: npt.NDArray[np.int32], times: npt.NDArray[np.int64] | None = None) -> int:
        """Count words that came, and return which table's ids these were.

        Args:
            ids: what `ids` gave, of all words since the last call.
            times: int64, how often each came; None is once, where an id may stand several times.
        """
        counts = np.zeros(len(self._ids), np.int64)
        counts[: len(self._counts)] = self._counts
        if times is None:
            counts += np.bincount(ids, minlength=len(counts))
        else:
            counts[ids] += times
        self._counts, number = counts, self._number
        if len(self._ids) * _PYTHON_WORD > self._room.memory:
            if self._runs is None:
                self._room.folder.mkdir()
                self._runs = WordRuns(self._room.folder)
            self._number = self._runs.add([_quoted(self._ids, self._counts)]) + 1
            self._ids, self._counts = _Ids(), np.zeros(0, np.int64)
        return number

    def counted(self, parts: list[tuple[int, int]]) -> Counted:
        """Return what all tables come to together.

        Args:
            parts: see `Counted`.
        """
        if self._runs is not None:
            self._runs.add([_quoted(self._ids, self._counts)])
            return _read_back(self._runs, self._room, parts, json.loads)
        words = list(self._ids)
        return Counted(
            counts=self._counts,
            words=lambda chosen: [words[place] for place in chosen.tolist()],
            parts=parts,
            joined=[np.arange(len(words))],
        )


def python_pass(
    source: Source, tokenizer: Tokenizer, stream: Any, *, each: Callable[[bytes], None], room: Room
) -> Counted:
    """Read a source of text with a tokenizer that is a Python function, or a source of lists of words.

    Args:
        source: of text or of lists of words.
        tokenizer: for text.
        stream: where the provisional ids are written, int32.
        each: called with the words of each piece, as bytes that tell them apart from all others: what a function
            makes of a text can be known only from what it made.
    """
    table = WordTable(room)
    parts: list[tuple[int, int]] = []
    for piece in _token_pieces(source) if source.holds_tokens else _text_pieces(source, tokenizer):
        each(json.dumps(piece).encode())
        values: list[int] = []
        for words, document_end in piece:
            values += table.ids(words)
            values.append(kernels.DOCUMENT_END if document_end else kernels.SENTENCE_END)
        written = np.array(values, dtype=np.int32)
        stream.write(written)
        parts.append((len(written), table.count(written[written >= 0])))
    return table.counted(parts)


def _quoted(ids: _Ids, counts: npt.NDArray[np.int64]) -> tuple[list[bytes], npt.NDArray[np.int64], int]:
    """Return a table as `WordRuns.add` takes it; words that a function made may hold line ends, so they are quoted."""
    return [json.dumps(word).encode() for word in ids], counts, 0


_Piece = list[tuple[list[str], bool]]
"""Sentences, and whether each ends its document."""


def _token_pieces(source: Source) -> Iterator[_Piece]:
    piece: _Piece = []
    size = 0
    for words in source.token_lists():
        piece.append((words, True))
        size += len(words) + 1
        if size > _TOKENS_AT_ONCE:
            yield piece
            piece = []
            size = 0
    yield piece


def _text_pieces(source: Source, tokenizer: Tokenizer) -> Iterator[_Piece]:
    line_ends = not (isinstance(tokenizer, Sentences) and tokenizer.join_lines)
    for block in blocks(source.utf8(), line_ends=line_ends):
        *whole, rest = block.split(DOCUMENT_END)
        piece: _Piece = []
        for document in whole:
            piece += ((words, False) for words in tokenizer.sentences(document.decode()))
            piece.append(([], True))
        piece += ((words, False) for words in tokenizer.sentences(rest.decode()))
        yield piece
