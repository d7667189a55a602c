"""The formats that Firth reads and writes, and how a file's is found: by content to read, by suffix to write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from firth.errors import FormatError, SettingsError
from firth.vectors.formats import safetensors, word2vec
from firth.vectors.words import shown

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from firth.events import Listener
    from firth.vectors.formats.contents import Contents
    from firth.vectors.formats.word2vec import ByteErrors

__all__ = ["FORMATS", "HEAD", "Format", "format_named", "format_of_content", "format_of_suffix"]

HEAD = 65_536
"""So many bytes from a file's beginning decide its format."""


class _Read(Protocol):
    def __call__(self, path: Path, *, limit: int | None, errors: ByteErrors, on_event: Listener | None) -> Contents: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Format:
    """One file format.

    Args:
        name: as the user asks for it.
        title: for messages.
        suffixes: of files that are to be written in it.
        recognises: the first HEAD bytes → whether a file is of this format.
        read: path → contents; FormatError for a file that is not what it seems.
        write: (path, contents), whole or not at all.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    recognises: Callable[[bytes], bool]
    read: _Read
    write: Callable[[Path, Contents], None]


def _read_safetensors(
    path: Path,
    *,
    limit: int | None,
    errors: ByteErrors,  # noqa: ARG001  (one call for all formats)
    on_event: Listener | None,  # noqa: ARG001
) -> Contents:
    return safetensors.read(path, limit=limit)


FORMATS = (
    Format(
        name="safetensors",
        title="Firth's safetensors",
        suffixes=(".safetensors",),
        recognises=safetensors.recognises,
        read=_read_safetensors,
        write=safetensors.write,
    ),
    Format(
        name="word2vec-text",
        title="word2vec text",
        suffixes=(".txt", ".vec"),
        recognises=word2vec.recognises_text,
        read=word2vec.read_text,
        write=word2vec.write_text,
    ),
    Format(
        name="word2vec-binary",
        title="word2vec binary",
        suffixes=(".bin",),
        recognises=word2vec.recognises_binary,
        read=word2vec.read_binary,
        write=word2vec.write_binary,
    ),
)

# Files that people try and that cannot be read as they are: first bytes, what they are, what to do.
_STRANGERS = (
    (b"\x1f\x8b", "compressed by gzip", "unpack it first"),
    (b"BZh", "compressed by bzip2", "unpack it first"),
    (b"\xfd7zXZ", "compressed by xz", "unpack it first"),
    (b"\x28\xb5\x2f\xfd", "compressed by zstd", "unpack it first"),
    (b"PK\x03\x04", "a zip archive", "unpack it first"),
    (b"\x80", "a Python pickle", "Firth never unpickles; save it in word2vec's format with the program that made it"),
)


def format_named(name: str) -> Format:
    """Return the format of that name.

    Raises:
        SettingsError: there is none.
    """
    for known in FORMATS:
        if known.name == name:
            return known
    names = ", ".join(f'"{known.name}"' for known in FORMATS)
    raise SettingsError(f"expected a format of {names}, got {name!r}")


def format_of_suffix(path: Path) -> Format:
    """Return the format that a file of that name is to be written in.

    Raises:
        SettingsError: no format has the suffix.
    """
    for known in FORMATS:
        if path.suffix.lower() in known.suffixes:
            return known
    suffixes = ", ".join(f"{suffix} ({known.title})" for known in FORMATS for suffix in known.suffixes)
    raise SettingsError(f"expected a file name with one of {suffixes}, or format=, got {path.name!r}")


def format_of_content(path: Path, head: bytes) -> Format:
    """Return the format of a file, by its first bytes.

    Args:
        path: the file, for the message.
        head: its first HEAD bytes, or all of it.

    Raises:
        FormatError: no format recognises it.
    """
    for known in FORMATS:
        if known.recognises(head):
            return known
    readable = ", ".join(known.title for known in FORMATS)
    if not head:
        raise FormatError(f"expected word vectors ({readable}) in {path}, got an empty file")
    for first, what, advice in _STRANGERS:
        if head.startswith(first):
            raise FormatError(f"expected word vectors ({readable}) in {path}, got a file that is {what}; {advice}")
    line = shown(head.split(b"\n", 1)[0].decode(errors="replace"))
    raise FormatError(f'expected word vectors ({readable}) in {path}, got a file that begins with "{line}"')
