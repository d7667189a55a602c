"""A vector file read from its beginning: decompressed where it is compressed, in large blocks, and how far it has come.

A file's length bounds what may be allocated for it. A compressed file's length says nothing, so what is read from one
grows with the bytes that have really come.
"""

from __future__ import annotations

import io
import os
import time
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from firth.corpus.decompression import HEAD, PieceStream, compression_of, pieces
from firth.events import Listener, Progress, Stage

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    import numpy.typing as npt

__all__ = ["Stream", "head_of"]

READ_AT_ONCE = 2**20


def head_of(path: Path, size: int) -> bytes:
    """Return the first bytes of a file, decompressed where it is compressed.

    Args:
        path: the file.
        size: how many; fewer where it is shorter.

    Raises:
        OSError: it cannot be opened.
        SourceError: it is compressed and broken.
    """
    with Stream(path) as stream:
        return stream.file.read(size)


class Stream:
    """The bytes of a file, some of them in a block for the kernels.

    Args:
        path: the file.
        on_event: told how far it has come, where it is longer than a block.

    Raises:
        OSError: it cannot be opened.
    """

    def __init__(self, path: Path, on_event: Listener | None = None) -> None:
        self.path = path
        self._raw = path.open("rb")
        self._length = os.fstat(self._raw.fileno()).st_size
        compressed = compression_of(self._raw.peek(HEAD)[:HEAD]) is not None
        self.file: BinaryIO = (
            io.BufferedReader(PieceStream(pieces(self._raw, str(path))), 2**20) if compressed else self._raw
        )
        self.size = None if compressed else self._length
        """The bytes there are; None where the file is compressed."""
        self.block = bytearray(1)
        """Bytes `start` to `end` are waiting; there is always room for one more behind them."""
        self.start = 0
        self.end = 0
        self.ended = False
        """Whether the file's last byte is in the block, or has been."""
        self._on_event = on_event
        self._began = time.monotonic()
        self._told = False

    def __enter__(self) -> Stream:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._raw.close()

    @property
    def array(self) -> npt.NDArray[np.uint8]:
        """The block as the kernels take it."""
        return np.frombuffer(self.block, dtype=np.uint8)

    @property
    def position(self) -> int:
        """The next byte's place in the file, where it is not compressed."""
        return self._raw.tell() - (self.end - self.start)

    def skip(self, size: int) -> None:
        """Pass over so many bytes of a file that is not compressed."""
        self._raw.seek(self.position + size)
        self.start = self.end = 0
        self.ended = False

    def refill(self, at_once: int = READ_AT_ONCE, into: bytearray | None = None) -> None:
        """Read on; the waiting bytes move to the block's beginning. Sets `ended` where there is no more.

        Args:
            at_once: bytes, how many are read; more where much is waiting.
            into: another block to go on in, where the present one is still needed; one of its own where it is small.
        """
        rest = self.end - self.start
        into = self.block if into is None else into
        usual = at_once if self.size is None else min(at_once, self.size + 1)
        room = max(usual, len(into) - 1, 2 * rest) + 1
        into = into if len(into) >= room else bytearray(room)
        into[:rest] = self.block[self.start : self.end]
        self.block, self.start, self.end = into, 0, rest
        while self.end < room - 1 and not self.ended:
            got = self.file.readinto(memoryview(into)[self.end : room - 1])  # type: ignore[attr-defined]
            self.ended = not got
            self.end += got or 0
        self._tell()

    def _tell(self) -> None:
        if self._on_event is None or self._length <= READ_AT_ONCE:
            return
        if not self._told:
            self._told = True
            self._on_event(Stage(name=f"reading {self.path.name}"))
        seconds = time.monotonic() - self._began
        self._on_event(Progress(done=self._raw.tell(), total=self._length, unit="bytes", seconds=seconds))
