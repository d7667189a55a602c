"""Blocks: a stream of text cut into pieces that can be tokenized apart from one another, in any order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from firth.corpus.sources import DOCUMENT_END

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["BLOCK_BYTES", "blocks"]

BLOCK_BYTES = 1 << 20

_MOST_BYTES = 64 << 20
"""A text without any place to cut is cut after so many bytes, wherever that is."""

_LETTER_AND_BLANK = re.compile(r".*[^\W_] ", re.DOTALL)


def blocks(pieces: Iterable[bytes], *, line_ends: bool) -> Iterator[bytes]:
    """Cut a text where no word and no undecided end of a sentence is open.

    That is after a document, after a line (or, where lines are joined to paragraphs, after a blank line), and, where
    none of these is near, after a blank that follows a letter or number.

    Args:
        pieces: bytes of valid UTF-8 with DOCUMENT_END after each document.
        line_ends: whether a line's end ends a sentence.

    Yields:
        blocks of about BLOCK_BYTES that end with a byte that is no part of a word.
    """
    together: list[bytes] = []
    size = 0
    wanted = BLOCK_BYTES
    for piece in pieces:
        together.append(piece)
        size += len(piece)
        if size < wanted:
            continue
        data = b"".join(together)
        cut = _cut(data, line_ends=line_ends)
        if cut == 0 and size >= _MOST_BYTES:
            cut = _character_start(data)
        if cut:
            yield data[:cut] if data[cut - 1] in b" \n\r\xff" else data[:cut] + b" "
        rest = data[cut:]
        together = [rest] if rest else []
        size = len(rest)
        wanted = max(BLOCK_BYTES, 2 * size)
    if size:
        data = b"".join(together)
        yield data if data.endswith(DOCUMENT_END) else data + b" "


def _cut(data: bytes, *, line_ends: bool) -> int:
    """Return the last good place to cut, 0 where there is none."""
    half = len(data) // 2
    cut = data.rfind(DOCUMENT_END, half) + 1
    if line_ends:
        cut = max(cut, data.rfind(b"\n", half) + 1)
    else:
        cut = max(cut, data.rfind(b"\n\n", half) + 2 if data.rfind(b"\n\n", half) >= 0 else 0)
        cut = max(cut, data.rfind(b"\n\r\n", half) + 3 if data.rfind(b"\n\r\n", half) >= 0 else 0)
    if cut:
        return cut
    for tail in (1 << 12, 1 << 16, half):
        first = max(half, len(data) - tail)
        text = data[first:].decode("utf-8", "surrogateescape")
        if found := _LETTER_AND_BLANK.match(text):
            return first + len(found[0].encode("utf-8", "surrogateescape"))
    return data.rfind(DOCUMENT_END) + 1


def _character_start(data: bytes) -> int:
    """Return the last place at which a character begins."""
    cut = len(data) - 1
    while data[cut] & 0xC0 == 0x80:
        cut -= 1
    return cut
