"""Records of word2vec's binary format, read by several threads.

Where a record begins is known only once the word before it is found, so one thread reads the file by blocks and looks
for the words alone; others copy each block's numbers into the matrix. That copy is nearly all of the work, and the
first touch of gigabytes of fresh memory, which the system must clear, falls to it.
"""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from firth.errors import FormatError
from firth.vectors.formats.text_rows import LONGEST_WORD

if TYPE_CHECKING:
    from concurrent.futures import Future
    from types import TracebackType

    import numpy.typing as npt

    from firth.vectors.formats.rows import Rows
    from firth.vectors.formats.stream import Stream

__all__ = ["read_records"]

# A block lies in the processor's cache until its numbers are copied.
_BLOCK = 2**21
_SMALLEST_BLOCK = 2**16
_MOST_THREADS = 8


def read_records(stream: Stream, rows: Rows, n: int, total: int) -> None:
    """Read records into rows; no more blocks of the file than they lie in.

    Args:
        stream: at the beginning of the first record.
        rows: what is read; where the file is not compressed there is room for all of them.
        n: int ≥ 1, how many.
        total: how many the file's first line promises, for messages.

    Raises:
        FormatError: a record is not whole, has no end of its word, or holds NaN or infinity.
    """
    from firth.kernels.vector_files import find_records  # noqa: PLC0415 (Numba takes half a second to load)

    width = 4 * rows.matrix.shape[1]
    text = np.empty(0, dtype=np.uint8)
    at = np.zeros(3, dtype=np.int64)
    with _Copies(rows) as copies:
        while rows.filled < n:
            if len(text) < stream.end:
                text = np.empty(len(stream.block), dtype=np.uint8)
            numbers = np.empty(min(n - rows.filled, (stream.end - stream.start) // (width + 1)), dtype=np.int64)
            found = rows.filled + len(numbers)
            if found > len(rows.matrix):
                copies.finish()  # before the matrix moves
                rows.make_room(min(n, found + found // 4))
            at[0] = stream.start
            find_records(stream.array, stream.end, width, text, numbers, rows.ends[rows.filled :], at)
            stream.start = int(at[0])
            rows.add_text(text[: at[2]].tobytes())
            copies.begin(stream.block, numbers[: at[1]], whole=rows.filled == 0 and at[1] == n)
            if rows.filled == n:
                break
            _refuse_end(stream, rows, copies, total)
            wanted = (n - rows.filled) * (width + 32)
            stream.refill(max(_SMALLEST_BLOCK, min(_BLOCK, wanted)), copies.free_block())


def _refuse_end(stream: Stream, rows: Rows, copies: _Copies, total: int) -> None:
    """Refuse a file that has no whole record more to give."""
    rest = stream.block[stream.start : min(stream.end, stream.start + LONGEST_WORD)]
    endless = len(rest) == LONGEST_WORD and b" " not in rest
    if not endless and not stream.ended:
        return
    copies.finish()  # which may find that an earlier record is none
    if endless:
        raise FormatError(
            f"expected a blank after word {rows.filled + 1:,} of {stream.path}, got none in {LONGEST_WORD:,} "
            "bytes; the file is no word2vec binary or its number of dimensions is wrong"
        )
    raise FormatError(
        f"expected {total:,} vectors in {stream.path}, as its first line says, but the file ends within "
        f"vector {rows.filled + 1:,}; it is cut off or its first line wrong"
    )


class _Copies:
    """Numbers on their way from blocks of the file into the matrix, in threads of their own.

    Args:
        rows: whose matrix is filled; `filled` counts rows from when their copy begins.
    """

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._threads = min(_MOST_THREADS, os.cpu_count() or 1)
        self._pool = ThreadPoolExecutor(self._threads, "firth-copying")
        self._begun: deque[tuple[Future[int], int, bytearray]] = deque()

    def __enter__(self) -> _Copies:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._pool:
            if error is None:
                self.finish()

    def begin(self, block: bytearray, numbers: npt.NDArray[np.int64], *, whole: bool) -> None:
        """Begin to copy a block's records into the rows after those that are filled.

        Args:
            block: bytes that stay as they are until the copy is done.
            numbers: where in it each record's numbers begin.
            whole: whether these are all: then it is done at once, since starting a thread would take longer.
        """
        first = self._rows.filled
        self._rows.filled += len(numbers)
        if whole:
            self._check(first, self._copy(block, numbers, first))
        else:
            self._begun.append((self._pool.submit(self._copy, block, numbers, first), first, block))

    def free_block(self) -> bytearray:
        """Return a block that no copy needs any more, once there is one: new ones at first."""
        if len(self._begun) <= self._threads:
            return bytearray(1)
        return self._wait()

    def finish(self) -> None:
        """Wait for all copies.

        Raises:
            FormatError: a record holds NaN or infinity; the first such record is named.
        """
        while self._begun:
            self._wait()

    def _wait(self) -> bytearray:
        copy, first, block = self._begun.popleft()
        self._check(first, copy.result())
        return block

    def _copy(self, block: bytearray, numbers: npt.NDArray[np.int64], first: int) -> int:
        from firth.kernels.vector_files import copy_numbers  # noqa: PLC0415

        matrix = self._rows.matrix[first : first + len(numbers)]
        array = np.frombuffer(block, dtype=np.uint8)
        return int(copy_numbers(array, numbers, matrix.view(np.uint8), matrix.view(np.uint32)))

    def _check(self, first: int, bad: int) -> None:
        if bad >= 0:
            self._rows.refuse_not_finite(first + bad)
