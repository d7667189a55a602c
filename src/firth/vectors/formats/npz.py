"""NumPy's .npz: an archive of arrays, which `numpy.load` opens.

Written, without compression, so that the vectors lie in the file as they lie in memory:

    words            text (V,)
    vectors          float32 (V, D)
    counts           int64 (V,), where known
    output_vectors   float32 (V, D'), where there are any
    record           text, JSON

Read is any archive with one array of texts and one matrix of numbers, or several where they are named as here or
"vocab", "tokens", "embeddings", "matrix". Arrays of Python objects are pickles, and refused. NumPy's texts end before
trailing null characters and take as much room as the longest: words that end in one, and words of more than 1,000
characters, cannot be carried.

Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

from __future__ import annotations

import contextlib
import io
import time
import zipfile
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib import format as npy

from firth.errors import FormatError
from firth.events import Listener, Progress, Stage
from firth.storage import written_whole
from firth.vectors.formats.contents import Contents, record_of
from firth.vectors.formats.rows import ByteErrors, Rows
from firth.vectors.formats.writing import cannot_carry
from firth.vectors.words import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import numpy.typing as npt

__all__ = ["read", "recognises", "write"]

_WORD_NAMES = ("words", "word", "vocab", "vocabulary", "tokens", "index", "labels")
_VECTOR_NAMES = ("vectors", "embeddings", "matrix", "weights", "arr_0")
_LONGEST_WORD = 1_000
_MOST_MEMBERS = 1_000
_MOST_EXPANSION = 1_032
"""Deflate cannot pack more bytes than this into one."""
_ROWS_AT_ONCE = 16_384
_BYTES_AT_ONCE = 4 * 2**20


def recognises(head: bytes) -> bool:
    """Return whether a file that begins with `head` is a zip archive whose first member is an array."""
    size = int.from_bytes(head[26:28], "little")
    return head.startswith(b"PK\x03\x04") and head[30 : 30 + size].endswith(b".npy")


def read(
    path: Path, *, limit: int | None = None, errors: ByteErrors = "strict", on_event: Listener | None = None
) -> Contents:
    """Read an archive.

    Args:
        path: the file.
        limit: int ≥ 1, only so many words from the first; None for all.
        errors: about words that are no UTF-8 (arrays of bytes).
        on_event: told what was left out.

    Raises:
        FormatError: it is broken, holds pickles, or no words and vectors.
        OSError: it cannot be opened.
    """
    with path.open("rb") as file, _broken(path), zipfile.ZipFile(file) as archive:
        members = _members(path, archive)
        texts = {name: found for name, found in members.items() if found.kind in "US" and len(found.shape) == 1}
        matrices = {name: found for name, found in members.items() if found.kind in "fiu" and len(found.shape) == 2}
        outputs = matrices.pop("output_vectors", None)
        words = _chosen(path, "words", texts, _WORD_NAMES, members)
        vectors = _chosen(path, "vectors", matrices, _VECTOR_NAMES, members)
        total, dim = vectors.shape
        if not total or not dim or words.shape[0] != total:
            raise FormatError(
                f"expected as many words as vectors in {path}, one or more, got {words.shape[0]:,} words and vectors "
                f"of shape {vectors.shape}"
            )
        n = total if limit is None else min(limit, total)
        rows = Rows(path, dim, errors, place="row", first=1)
        given = words.array(archive)[:n]
        matrix = vectors.array(archive)
        rows.make_room(n)
        for start in range(0, n, _ROWS_AT_ONCE):
            some = [_bytes(word) for word in given[start : start + _ROWS_AT_ONCE].tolist()]
            rows.add_block(some, matrix[start : start + len(some)])
        contents = rows.contents(on_event)
        counts = _counts(path, members.get("counts"), archive, total, n)
        record = _record(path, members.get("record"), archive)
        if outputs is not None and outputs.shape[0] != total:
            raise FormatError(f"expected an output vector for each word in {path}, got {outputs.shape[0]:,}")
        output = None if outputs is None else np.asarray(outputs.array(archive)[:n], dtype=np.float32)
    return replace(
        contents,
        counts=None if counts is None else np.delete(counts, rows.again),
        output_matrix=None if output is None else np.delete(output, rows.again, axis=0),
        record={**record, **contents.record},
    )


class _Member:
    """An array in an archive, its header read and its size checked against the archive's bytes."""

    def __init__(self, path: Path, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, length: int) -> None:
        self.entry = entry
        packed = min(entry.compress_size, length)
        most = packed if entry.compress_type == zipfile.ZIP_STORED else _MOST_EXPANSION * packed
        if entry.file_size > most:
            raise FormatError(
                f'expected the array "{shown(entry.filename)}" of {path} to fit its {packed:,} packed bytes, got a '
                f"claim of {entry.file_size:,}"
            )
        with archive.open(entry) as file:
            version = npy.read_magic(file)
            headers = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
            if version not in headers:
                raise FormatError(f"expected arrays of version 1.0 or 2.0 in {path}, got {version}")
            self.shape, self.by_columns, self.dtype = headers[version](file)
            self.start = file.tell()
        if self.dtype.hasobject:
            raise FormatError(
                f'expected words and numbers in {path}, got Python objects (a pickle) as "{shown(entry.filename)}"; '
                "Firth never unpickles; save the words as numpy.array(words, dtype=str)"
            )
        size = self.dtype.itemsize
        for extent in self.shape:
            size *= extent
        if size != entry.file_size - self.start:
            raise FormatError(
                f'expected {size:,} bytes for the array "{shown(entry.filename)}" of {path}, as its header says, got '
                f"{entry.file_size - self.start:,}"
            )
        self.kind = self.dtype.kind

    def array(self, archive: zipfile.ZipFile) -> npt.NDArray[Any]:
        """Return the array."""
        data = bytearray(self.entry.file_size - self.start)
        done = 0
        with archive.open(self.entry) as file:
            file.read(self.start)
            while done < len(data):
                piece = file.read(min(_BYTES_AT_ONCE, len(data) - done))
                if not piece:
                    raise EOFError("an array ends too soon")
                data[done : done + len(piece)] = piece
                done += len(piece)
            file.read(1)  # the last byte behind which the checksum is compared
        if not data:
            return np.empty(self.shape, dtype=self.dtype)
        flat = np.frombuffer(data, dtype=self.dtype)
        return flat.reshape(self.shape[::-1]).T if self.by_columns else flat.reshape(self.shape)


def _members(path: Path, archive: zipfile.ZipFile) -> dict[str, _Member]:
    entries = [entry for entry in archive.infolist() if entry.filename.endswith(".npy")]
    if len(entries) > _MOST_MEMBERS:
        raise FormatError(f"expected at most {_MOST_MEMBERS:,} arrays in {path}, got {len(entries):,}")
    length = path.stat().st_size
    return {entry.filename.removesuffix(".npy"): _Member(path, archive, entry, length) for entry in entries}


def _chosen(
    path: Path, what: str, found: dict[str, _Member], names: tuple[str, ...], members: dict[str, _Member]
) -> _Member:
    name = next((name for name in names if name in found), next(iter(found)) if len(found) == 1 else None)
    if name is None:
        held = ", ".join(f"{shown(other)} ({member.dtype}, {member.shape})" for other, member in members.items())
        raise FormatError(f'expected one array of {what} in {path}, or one named "{names[0]}", got {held or "none"}')
    return found[name]


def _bytes(word: str | bytes) -> bytes:
    if isinstance(word, bytes):
        return word
    try:
        return word.encode()
    except UnicodeEncodeError:
        raise FormatError(f'expected words that UTF-8 can write, got "{shown(word)}"') from None


def _counts(
    path: Path, member: _Member | None, archive: zipfile.ZipFile, total: int, n: int
) -> npt.NDArray[np.int64] | None:
    if member is None or member.kind not in "iu":
        return None
    if member.shape != (total,):
        raise FormatError(f"expected a count for each of {total:,} words in {path}, got shape {member.shape}")
    counts = member.array(archive)[:n]
    if counts.min() < 0 or counts.max() > np.iinfo(np.int64).max:
        raise FormatError(f"expected counts of 0 or more in {path}, got {counts.min():,}")
    return counts.astype(np.int64)


def _record(path: Path, member: _Member | None, archive: zipfile.ZipFile) -> Mapping[str, object]:
    if member is None or member.kind != "U" or member.shape:
        return {}
    return record_of(path, str(member.array(archive)))


@contextlib.contextmanager
def _broken(path: Path) -> Iterator[None]:
    """Turn what the archive's library raises into one sentence."""
    try:
        yield
    except FormatError:
        raise
    except (
        zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError, TypeError, KeyError,
        IndexError, AttributeError, OverflowError, SyntaxError, OSError,
    ) as error:  # fmt: skip
        reason = " ".join(str(error).split())
        raise FormatError(f"expected an archive of arrays in {path}, got one that is broken: {shown(reason)}") from None


def write(path: Path, contents: Contents, *, on_event: Listener | None = None) -> None:
    """Write an archive, whole or not at all.

    Args:
        path: the file.
        contents: what goes into it.
        on_event: told how far it has come.

    Raises:
        StorageError: it cannot be written.
        SettingsError: the record holds what JSON cannot.
        FormatError: a word or a number is none that the format can carry.
    """
    for start in range(0, len(contents.words), _ROWS_AT_ONCE):
        contents.refuse_not_finite(range(start, start + _ROWS_AT_ONCE))
    words = list(contents.words)
    for word in words:
        if word.endswith("\0") or len(word) > _LONGEST_WORD:
            raise cannot_carry(word.encode(), "NumPy's format", "a null character at its end, or too many characters,")
    arrays: dict[str, npt.NDArray[Any]] = {"words": np.array(words, dtype=np.str_), "vectors": contents.matrix}
    if contents.counts is not None:
        arrays["counts"] = contents.counts
    if contents.output_matrix is not None:
        arrays["output_vectors"] = contents.output_matrix
    arrays["record"] = np.array(contents.record_as_json())
    began = time.monotonic()
    if on_event is not None:
        on_event(Stage(name=f"writing {path.name}"))
    total = sum(array.nbytes for array in arrays.values())
    done = 0
    with written_whole(path) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for name, array in arrays.items():
            _add(archive, name, np.ascontiguousarray(array) if array.shape else array)
            done += array.nbytes
            if on_event is not None:
                on_event(Progress(done=done, total=total, unit="bytes", seconds=time.monotonic() - began))


def _add(archive: zipfile.ZipFile, name: str, array: npt.NDArray[Any]) -> None:
    # The date of the first entry that zip can hold: the same vectors give the same bytes.
    entry = zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0))
    header = io.BytesIO()
    npy.write_array_header_1_0(header, npy.header_data_from_array_1_0(array))
    with archive.open(entry, "w", force_zip64=True) as file:
        file.write(header.getvalue())
        data = memoryview(array.reshape(-1).view(np.uint8).data)
        for start in range(0, len(data), _BYTES_AT_ONCE):
            file.write(data[start : start + _BYTES_AT_ONCE])
