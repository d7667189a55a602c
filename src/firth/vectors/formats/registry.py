"""The formats that Firth reads and writes, and how a file's is found: by content to read, by suffix to write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from firth.corpus.decompression import SUFFIXES as COMPRESSED
from firth.corpus.decompression import compression_of
from firth.errors import FormatError, SettingsError
from firth.events import Listener, Notice
from firth.vectors.formats import (
    arrow,
    atlas,
    faiss_index,
    fasttext,
    glove,
    hub,
    npz,
    projector,
    safetensors,
    sqlite,
    word2vec,
)
from firth.vectors.formats.stream import head_of
from firth.vectors.words import shown

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from firth.vectors.formats.contents import Contents
    from firth.vectors.formats.rows import ByteErrors

__all__ = ["FORMATS", "HEAD", "Format", "format_named", "format_of_content", "format_of_suffix"]

HEAD = 65_536
"""So many bytes from a file's beginning decide its format."""


class _Read(Protocol):
    def __call__(self, path: Path, *, limit: int | None, errors: ByteErrors, on_event: Listener | None) -> Contents: ...


class _Write(Protocol):
    def __call__(self, path: Path, contents: Contents, *, on_event: Listener | None = None) -> None: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Format:
    """One file format.

    Args:
        name: as the user asks for it.
        title: for messages.
        suffixes: of files that are to be written in it.
        recognises: the first HEAD bytes → whether a file is of this format.
        read: path → contents; FormatError for a file that is not what it seems. None for what is only written.
        write: (path, contents), whole or not at all.
        keeps: which of Contents' optional parts it keeps.
        streams: whether it is read from its beginning to its end, and so from a compressed file as well.
        inside: for a folder, the file in it that is read.
        beside: what follows a file's name in that of a second one, which is written with it; None where there is none.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    recognises: Callable[[bytes], bool]
    read: _Read | None
    write: _Write
    keeps: frozenset[str] = frozenset()
    streams: bool = False
    inside: str | None = None
    beside: str | None = None

    def save(self, path: Path, contents: Contents, on_event: Listener | None = None) -> None:
        """Write a file, and tell what the format does not keep.

        Raises:
            StorageError: it cannot be written.
            SettingsError, FormatError: the format cannot carry what there is.
        """
        self.write(path, contents, on_event=on_event)
        lost = [what for part, what in _PARTS.items() if part not in self.keeps and _has(contents, part)]
        if lost and on_event is not None:
            on_event(Notice(text=f"{self.title} does not keep {_listed(lost)}; .safetensors does"))


_PARTS = {
    "counts": "the words' counts",
    "output_matrix": "the output vectors",
    "subwords": "the n-grams' vectors (unknown words get none any more)",
    "record": "the record of how they were made",
}


def _has(contents: Contents, part: str) -> bool:
    value = getattr(contents, part)
    return value is not None and not (part == "record" and not value)


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _read_safetensors(
    path: Path,
    *,
    limit: int | None,
    errors: ByteErrors,  # noqa: ARG001  (one call for all formats)
    on_event: Listener | None,  # noqa: ARG001
) -> Contents:
    return safetensors.read(path, limit=limit)


def _never(head: bytes) -> bool:  # noqa: ARG001 (one call for all formats)
    """Recognise nothing: for formats that are not read, or are others inside."""
    return False


FORMATS = (
    Format(
        name="safetensors",
        title="Firth's safetensors",
        suffixes=(".safetensors",),
        recognises=safetensors.recognises,
        read=_read_safetensors,
        write=safetensors.write,
        keeps=frozenset({"counts", "output_matrix", "record", "subwords"}),
    ),
    Format(
        name="fasttext",
        title="fastText's .bin",
        suffixes=(".fasttext",),
        recognises=fasttext.recognises,
        read=fasttext.read,
        write=fasttext.write,
        keeps=frozenset({"counts", "output_matrix", "subwords"}),
        streams=True,
    ),
    # Before the other texts: its first line, two numbers or more, could be theirs.
    Format(
        name="projector",
        title="the Embedding Projector's folder",
        suffixes=(),
        recognises=projector.recognises,
        read=projector.read,
        write=projector.write,
        keeps=frozenset({"counts"}),
        inside=projector.TENSOR,
    ),
    Format(
        name="word2vec-text",
        title="word2vec text",
        suffixes=(".txt", ".vec"),
        recognises=word2vec.recognises_text,
        read=word2vec.read_text,
        write=word2vec.write_text,
        streams=True,
    ),
    Format(
        name="word2vec-binary",
        title="word2vec binary",
        suffixes=(".bin",),
        recognises=word2vec.recognises_binary,
        read=word2vec.read_binary,
        write=word2vec.write_binary,
        streams=True,
    ),
    Format(
        name="glove",
        title="GloVe text",
        suffixes=(".glove",),
        recognises=glove.recognises,
        read=glove.read,
        write=glove.write,
        streams=True,
    ),
    Format(
        name="parquet",
        title="Parquet",
        suffixes=(".parquet",),
        recognises=arrow.recognises_parquet,
        read=arrow.read_parquet,
        write=arrow.write_parquet,
        keeps=frozenset({"counts", "output_matrix", "record"}),
    ),
    Format(
        name="feather",
        title="Feather",
        suffixes=(".feather", ".arrow"),
        recognises=arrow.recognises_feather,
        read=arrow.read_feather,
        write=arrow.write_feather,
        keeps=frozenset({"counts", "output_matrix", "record"}),
    ),
    Format(
        name="npz",
        title="NumPy's .npz",
        suffixes=(".npz",),
        recognises=npz.recognises,
        read=npz.read,
        write=npz.write,
        keeps=frozenset({"counts", "output_matrix", "record"}),
    ),
    Format(
        name="hub",
        title="a folder for Hugging Face's hub",
        suffixes=(),
        recognises=_never,
        read=_read_safetensors,
        write=hub.write,
        keeps=frozenset({"counts", "output_matrix", "record", "subwords"}),
        inside=hub.VECTORS,
    ),
    Format(
        name="atlas",
        title="Embedding Atlas's Parquet",
        suffixes=(),
        recognises=_never,
        read=None,
        write=atlas.write,
        keeps=frozenset({"counts"}),
    ),
    Format(
        name="sqlite",
        title="SQLite",
        suffixes=(".sqlite", ".sqlite3", ".db"),
        recognises=_never,
        read=None,
        write=sqlite.write,
        keeps=frozenset({"counts"}),
    ),
    Format(
        name="faiss",
        title="a faiss index",
        suffixes=(".faiss",),
        recognises=_never,
        read=None,
        write=faiss_index.write,
        beside=faiss_index.WORDS_SUFFIX,
    ),
)

# Files that people try and that cannot be read as they are: first bytes, what they are, what to do.
_STRANGERS = (
    (b"PK\x03\x04", "a zip archive", "unpack it first"),
    (b"IxFI", "a faiss index, without its words", "open the file that it was made from"),
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
    suffixes = [suffix.lower() for suffix in path.suffixes]
    compressed = bool(suffixes) and suffixes[-1] in COMPRESSED
    suffix = "".join(suffixes[-2:-1] if compressed else suffixes[-1:])
    for known in FORMATS:
        if suffix and suffix in known.suffixes and (known.streams or not compressed):
            return known
    names = ", ".join(f"{suffix} ({known.title})" for known in FORMATS for suffix in known.suffixes)
    folders = " or ".join(f'"{known.name}"' for known in FORMATS if known.inside is not None)
    raise SettingsError(
        f"expected a file name with one of {names}, or the name of a format ({folders} for a folder; --to), "
        f"got {path.name!r}"
    )


def format_of_content(path: Path) -> Format:
    """Return the format of a file, by its first bytes, decompressed where it is compressed.

    Args:
        path: the file.

    Raises:
        FormatError: no format recognises it.
        SourceError: it is compressed and broken.
        OSError: it cannot be opened.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    compression = compression_of(head)
    if compression:
        head = head_of(path, HEAD)
    readable = ", ".join(known.title for known in FORMATS if known.read is not None and known.name != "hub")
    for known in FORMATS:
        if known.recognises(head):
            if compression and not known.streams:
                raise FormatError(
                    f"expected {path} as it is, since {known.title} is read from several places at once, got it "
                    f"compressed ({compression}); unpack it first"
                )
            return known
    if not head:
        raise FormatError(f"expected word vectors ({readable}) in {path}, got an empty file")
    for first, what, advice in _STRANGERS:
        if head.startswith(first):
            raise FormatError(f"expected word vectors ({readable}) in {path}, got a file that is {what}; {advice}")
    line = shown(head.split(b"\n", 1)[0].decode(errors="replace"))
    raise FormatError(f'expected word vectors ({readable}) in {path}, got a file that begins with "{line}"')
