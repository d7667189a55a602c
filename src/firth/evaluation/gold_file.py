"""Reading files of gold answers: UTF-8 text, a fact on each line."""

from __future__ import annotations

from pathlib import Path

from firth.errors import FormatError, SourceError

__all__ = ["read_lines"]


def read_lines(path: str | Path) -> list[tuple[int, str]]:
    """Return the lines of a text file that hold anything, each with its number.

    Args:
        path: a UTF-8 file, with or without a byte-order mark.

    Returns:
        (line number from 1, line without the blanks around it); empty lines are left out.

    Raises:
        SourceError: the file cannot be read.
        FormatError: it is not UTF-8, or holds nothing.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise SourceError(f"could not read {path}: {error.strerror or error}; give a file that exists") from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(
            f"expected {path} to be UTF-8 text, got another byte at position {error.start:,}; convert the file to UTF-8"
        ) from error
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if not lines:
        raise FormatError(f"expected {path} to hold gold answers, got an empty file")
    return lines
