"""How the files of a text are shared out: small ones together, a large one cut, all shares about as large."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from firth.corpus.input_splits import CannotBeCutError, splits_of
from firth.corpus.remote import RemoteFile

if TYPE_CHECKING:
    from collections.abc import Sequence
    from io import BufferedReader
    from pathlib import Path

    from firth.corpus.sources import Source

__all__ = ["FileHere", "Share", "shares_of"]

MOST_BYTES = 256 << 20
"""Of text, that one task should have at the most, as its ids must fit into memory."""

LEAST_BYTES = 4 << 20
"""Of a file, that are worth a split of their own."""

SHARES_EACH = 4
"""Shares for each worker, where there is text enough, so that none waits long for the last one."""

_FILE_BYTES = 1 << 12
"""What opening a file costs beside its bytes, in bytes."""


@dataclass(kw_only=True)
class Share:
    """What one task reads.

    Args:
        files: whole ones, or one split of one.
        size: bytes, about.
        file: of a split: the number of the file that it is of, else None.
        is_document: whether it is a split of a document.
    """

    files: list[Any]
    size: int
    file: int | None = None
    is_document: bool = False


class FileHere:
    """A file of this machine with the face that sources need, to be read by a process that may be elsewhere.

    Args:
        path: as it was given, which may begin where this process is.
    """

    def __init__(self, path: Path) -> None:
        self._name, self._path, self._mark = str(path), path.absolute(), _mark(path)
        self.suffixes = path.suffixes

    def __str__(self) -> str:
        return self._name

    def open(self, mode: str = "rb") -> BufferedReader:  # noqa: ARG002 - the face of a Path
        """Return the file, open for reading."""
        return self._path.open("rb")

    def stat(self) -> Any:
        """See `Path.stat`."""
        return self._path.stat()

    def is_unchanged(self) -> bool:
        """Return whether the file is there, and is the one that it was."""
        try:
            return _mark(self._path) == self._mark
        except OSError:
            return False


def _mark(path: Path) -> tuple[int, int]:
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns


def shares_of(
    source: Source, files: Sequence[Path | RemoteFile], *, workers: int, join_lines: bool
) -> tuple[list[Share], list[tuple[str, str]]]:
    """Cut files into shares of about as many bytes, in their order.

    Args:
        source: that has them.
        files: no pipes.
        workers: int ≥ 1.
        join_lines: whether sentences of a text go on over the ends of lines.

    Returns:
        the shares, and the files that are more than one worker's part and cannot be cut, with the reasons.
    """
    sizes = [path.stat().st_size for path in files]
    total = sum(sizes) + _FILE_BYTES * len(sizes)
    count = max(SHARES_EACH * workers, -(-total // MOST_BYTES))
    wanted = max(1, total // count)
    least = max(wanted, LEAST_BYTES)
    shares: list[Share] = []
    uncut: list[tuple[str, str]] = []
    together = Share(files=[], size=0)
    for number, (path, size) in enumerate(zip(files, sizes, strict=True)):
        there = path if isinstance(path, RemoteFile) else FileHere(path)
        if size >= 2 * least:
            try:
                splits = splits_of(
                    path, there, parts=size // least, most=MOST_BYTES, encoding=source.decoder.encoding,
                    join_lines=join_lines, columns=source.columns,
                )  # fmt: skip
            except CannotBeCutError as why:
                if size * workers > total:
                    uncut.append((str(path), str(why)))
            else:
                shares += [together] if together.files else []
                together = Share(files=[], size=0)
                shares += [
                    Share(
                        files=[split], size=size // len(splits), file=number, is_document=split.kind == "text"
                    )
                    for split in splits
                ]  # fmt: skip
                continue
        if together.files and together.size + (size + _FILE_BYTES) // 2 > wanted:
            shares.append(together)
            together = Share(files=[], size=0)
        together.files.append(there)
        together.size += size + _FILE_BYTES
    return shares + ([together] if together.files else []), uncut
