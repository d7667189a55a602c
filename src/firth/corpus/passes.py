"""The one pass over the text: words to provisional ids, written to disk as they come, and every word's count.

Two ways lead there: the compiled scanner, one or more threads of it, and Python, for tokenizers that are functions.
"""

from __future__ import annotations

import json
import queue
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
from firth.kernels import tokenize as kernels

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import numpy.typing as npt

    from firth.corpus.sources import Source
    from firth.corpus.tokenizers import Tokenizer

__all__ = ["Counted", "python_pass", "scanner_pass"]

_Result = TypeVar("_Result")
_TOKENS_AT_ONCE = 100_000


@dataclass(kw_only=True)
class Counted:
    """What a pass found.

    Args:
        counts: int64 (types,), how often each word came, by its id after all tables were joined.
        words: gives the words of some of these ids, which come in increasing order.
        parts: of the stream on disk, in order: how many values, and which table's ids they are.
        joined: for each table, int64: its ids' ids after all tables were joined.
        stop_words: occurrences left out because they are stop words.
    """

    counts: npt.NDArray[np.int64]
    words: Callable[[npt.NDArray[np.int64]], list[str]]
    parts: list[tuple[int, int]]
    joined: list[npt.NDArray[np.int64]]
    stop_words: int = 0


def scanner_pass(
    source: Source, tokenizer: Tokenizer, stream: Any, threads: int, each: Callable[[bytes], None]
) -> Counted:
    """Read a source with the compiled scanner.

    Args:
        source: of text.
        tokenizer: one for which `is_scannable` holds.
        stream: where the provisional ids are written, int32.
        threads: 1 reads and scans in turns; 2 reads beside a scanner; more read beside as many scanners less one, each
            with a table of its own, joined at the end.
        each: called with each block as it is read, in order.
    """
    words = tokenizer.words if isinstance(tokenizer, Sentences) else tokenizer
    table = character_table(words)  # type: ignore[arg-type]
    scanners = [Scanner(tokenizer, table) for _ in range(max(1, threads - 1))]
    free: queue.SimpleQueue[int] = queue.SimpleQueue()
    for number in range(len(scanners)):
        free.put(number)
    normalize = isinstance(words, Words) and words.normalize

    def scanned(block: bytes) -> tuple[int, npt.NDArray[np.int32]]:
        number = free.get()
        try:
            return number, scanners[number].scan(_normalized(block) if normalize else block)
        finally:
            free.put(number)

    parts: list[tuple[int, int]] = []
    line_ends = not (isinstance(tokenizer, Sentences) and tokenizer.join_lines)
    for number, ids in _in_order(scanned, _told(blocks(source.utf8(), line_ends=line_ends), each), threads):
        stream.write(ids)
        parts.append((len(ids), number))
    main, *others = scanners
    absorbed = [main.absorb(other) for other in others]
    joined = [np.arange(main.types), *absorbed]
    counts = main.counts
    stop_words = int(counts[: main.stop_words].sum())
    counts[: main.stop_words] = 0
    return Counted(counts=counts, words=main.words, parts=parts, joined=joined, stop_words=stop_words)


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


def python_pass(source: Source, tokenizer: Tokenizer, stream: Any, each: Callable[[bytes], None]) -> Counted:
    """Read a source of text with a tokenizer that is a Python function, or a source of lists of words.

    Args:
        source: of text or of lists of words.
        tokenizer: for text.
        stream: where the provisional ids are written, int32.
        each: called with the words of each piece, as bytes that tell them apart from all others: what a function
            makes of a text can be known only from what it made.
    """
    ids = _Ids()
    counts = np.zeros(0, np.int64)
    parts: list[tuple[int, int]] = []
    for piece in _token_pieces(source) if source.holds_tokens else _text_pieces(source, tokenizer):
        each(json.dumps(piece).encode())
        values: list[int] = []
        for words, document_end in piece:
            values += map(ids.__getitem__, words)
            values.append(kernels.DOCUMENT_END if document_end else kernels.SENTENCE_END)
        written = np.array(values, dtype=np.int32)
        stream.write(written)
        parts.append((len(written), 0))
        here = np.bincount(written[written >= 0], minlength=len(ids))
        here[: len(counts)] += counts
        counts = here
    all_words = list(ids)
    return Counted(
        counts=counts,
        words=lambda chosen: [all_words[place] for place in chosen.tolist()],
        parts=parts,
        joined=[np.arange(len(ids))],
    )


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
