"""The rows that a reader has collected: words and vectors, checked, each word once."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Literal

import numpy as np

from firth.errors import FormatError
from firth.events import Listener, Notice
from firth.vectors.formats.contents import Contents
from firth.vectors.words import PackedWords, shown

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

__all__ = ["ByteErrors", "Rows", "checked_words"]

ByteErrors = Literal["strict", "replace"]
"""What to do about a word that is no UTF-8: refuse the file, or put U+FFFD for the bad bytes."""

_MOVED_AT_ONCE = 4096


class Rows:
    """Words and vectors as a reader finds them; a word that comes again is left out at the end, and counted.

    Args:
        path: the file, for messages.
        dim: D ≥ 1.
        errors: about words that are no UTF-8.
        place: what the file has one of for each row ("line", "word"), for messages.
        first: the first row's number in that count.
    """

    def __init__(self, path: Path, dim: int, errors: ByteErrors, *, place: str, first: int) -> None:
        self.path = path
        self.matrix = np.empty((0, dim), dtype=np.float32)
        """float32 (room, D), of which the first `filled` rows are set."""
        self.ends = np.zeros(1, dtype=np.int64)
        """int64 (room + 1,), where words end in the text of all of them."""
        self.filled = 0
        self.again: list[int] = []
        """The rows of words that had come before, once `contents` has left them out."""
        self._errors = errors
        self._place = place
        self.first = first
        """The first row's number in the count of places."""
        self._text: list[bytes] = []

    def make_room(self, rows: int) -> None:
        """Make room for so many rows in all."""
        if rows <= len(self.matrix):
            return
        if len(self.matrix):
            # Grown in place: the system moves pages, not bytes.
            self.matrix.resize((rows, self.matrix.shape[1]), refcheck=False)
            self.ends.resize(rows + 1, refcheck=False)
        else:
            self.matrix = np.empty((rows, self.matrix.shape[1]), dtype=np.float32)
            self.ends = np.zeros(rows + 1, dtype=np.int64)

    def add_text(self, text: bytes) -> None:
        """Add the bytes of words whose ends are set already."""
        self._text.append(text)

    def add(self, word: bytes, values: npt.NDArray[np.floating]) -> None:
        """Add one row; there must be room for it.

        Raises:
            FormatError: a number is not finite.
        """
        with np.errstate(over="ignore"):
            self.matrix[self.filled] = values
        self.ends[self.filled + 1] = self.ends[self.filled] + len(word)
        self._text.append(word)
        self.filled += 1
        if not np.isfinite(self.matrix[self.filled - 1]).all():
            self.refuse_not_finite(self.filled - 1)

    def add_block(self, words: list[bytes], values: npt.NDArray[np.floating]) -> None:
        """Add several rows.

        Args:
            words: n of them.
            values: (n, D), finite.

        Raises:
            FormatError: a number is not finite.
        """
        if not words:
            return
        begin, end = self.filled, self.filled + len(words)
        if end > len(self.matrix):
            self.make_room(max(end, end + begin // 4))
        with np.errstate(over="ignore"):
            self.matrix[begin:end] = values
        self.ends[begin + 1 : end + 1] = self.ends[begin] + np.cumsum([len(word) for word in words])
        self._text.append(b"".join(words))
        self.filled = end
        finite = np.isfinite(self.matrix[begin:end]).all(axis=1)
        if not finite.all():
            self.refuse_not_finite(begin + int(np.argmin(finite)))

    def refuse_not_finite(self, row: int) -> None:
        """Refuse the file for a row with NaN or infinity in it.

        Raises:
            FormatError: always.
        """
        word = b"".join(self._text)[self.ends[row] : self.ends[row + 1]].decode(errors="replace")
        raise FormatError(
            f"expected finite float32 numbers in {self.path}, got NaN, infinity or too large ones for "
            f'"{shown(word)}" ({self._place} {self.first + row:,})'
        )

    def contents(self, on_event: Listener | None = None) -> Contents:
        """Return what was read.

        Args:
            on_event: told what was left out or replaced.

        Raises:
            FormatError: a word is no UTF-8 and errors is "strict".
        """
        ends = self.ends[: self.filled + 1]
        words, again, notices = checked_words(
            self.path,
            b"".join(self._text),
            ends if len(ends) == len(self.ends) else ends.copy(),
            self._errors,
            place=self._place,
            first=self.first,
        )
        self.again = again
        if again:
            self._close_gaps(again)
        self.matrix.resize((len(words), self.matrix.shape[1]), refcheck=False)
        if on_event is not None:
            for notice in notices:
                on_event(Notice(text=notice))
        return Contents(words=words, matrix=self.matrix, record={"notices": notices} if notices else {})

    def _close_gaps(self, again: list[int]) -> None:
        """Move the rows behind repeated words up, within the matrix."""
        kept = again[0]
        for left, right in zip(again, [*again[1:], self.filled], strict=True):
            for start in range(left + 1, right, _MOVED_AT_ONCE):
                stop = min(start + _MOVED_AT_ONCE, right)
                self.matrix[kept : kept + stop - start] = self.matrix[start:stop].copy()
                kept += stop - start


def checked_words(
    path: Path, text: bytes, ends: npt.NDArray[np.int64], errors: ByteErrors, *, place: str, first: int
) -> tuple[PackedWords, list[int], list[str]]:
    """Return a file's words without those that come again, the rows of these, and what there is to tell.

    Args:
        path: the file, for messages.
        text: all words' bytes.
        ends: int64 (rows + 1,), where words begin and end; it is written to.
        errors: about words that are no UTF-8.
        place: what the file has one of for each row, for messages.
        first: the first row's number in that count.

    Raises:
        FormatError: a word is no UTF-8 and errors is "strict".
    """
    text, replaced = _utf8(path, text, ends, errors, place=place, first=first)
    again = _repetitions(text, ends)
    notices = []
    if again:
        some = ", ".join(f'"{shown(text[ends[row] : ends[row + 1]].decode())}"' for row in again[:3])
        notices.append(
            f"words that came more than once in {path.name}: {len(again):,} ({some}); the first vector of each was kept"
        )
        keep = np.ones(len(ends) - 1, dtype=bool)
        keep[again] = False
        sizes = np.diff(ends)
        text = np.frombuffer(text, dtype=np.uint8)[np.repeat(keep, sizes)].tobytes()
        ends = np.concatenate([[0], np.cumsum(sizes[keep])])
    if replaced:
        notices.append(f"{replaced:,} words of {path.name} were no UTF-8; � stands for their bad bytes")
    return PackedWords(np.frombuffer(text, dtype=np.uint8), ends, checked=True), again, notices


def _utf8(
    path: Path, text: bytes, ends: npt.NDArray[np.int64], errors: ByteErrors, *, place: str, first: int
) -> tuple[bytes, int]:
    """Return the words' text, bad bytes replaced and the ends moved with them, and how many words had such."""
    if text.isascii():
        return text, 0
    try:
        text.decode()
        starts = ends[:-1][np.diff(ends) > 0]
        if not np.any((np.frombuffer(text, dtype=np.uint8)[starts] & 0xC0) == 0x80):
            return text, 0
    except UnicodeDecodeError:
        pass
    words = []
    replaced = 0
    for row, (start, end) in enumerate(zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True)):
        word = text[start:end]
        try:
            word.decode()
        except UnicodeDecodeError as error:
            if errors == "strict":
                raise FormatError(
                    f"expected a word in UTF-8 in {place} {first + row:,} of {path}, got byte "
                    f'0x{word[error.start]:02x} in "{shown(word.decode(errors="replace"))}"; '
                    'firth.load(path, errors="replace") puts � for such bytes'
                ) from None
            word = word.decode(errors="replace").encode()
            replaced += 1
        words.append(word)
    np.cumsum([len(word) for word in words], out=ends[1:])
    return b"".join(words), replaced


def _repetitions(text: bytes, ends: npt.NDArray[np.int64]) -> list[int]:
    """Return the rows of words that have come before."""
    from firth.kernels.vector_files import hash_words, repeated_words  # noqa: PLC0415 (Numba takes half a second)

    rows = len(ends) - 1
    array = np.frombuffer(text, dtype=np.uint8)
    keys = np.empty(rows, dtype=np.uint64)
    slots = np.zeros(2 << rows.bit_length(), dtype=np.uint64)
    again = np.zeros(rows, dtype=np.uint8)
    with np.errstate(over="ignore"):
        hash_words(array, ends, np.uint64(secrets.randbits(64)), keys)
    found: list[int] = np.flatnonzero(again).tolist() if repeated_words(array, ends, keys, slots, again) else []
    return found
