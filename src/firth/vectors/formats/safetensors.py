"""Firth's own file: safetensors, memory-mapped, so that it opens at once however large it is.

One file holds, besides the header:

    input          float32 (V, D)     the vectors (the input vectors of a run), most frequent word first
    output         float32 (V, D')    the output vectors; may be missing
    counts         int64   (V,)       how often each word came; may be missing
    words          uint8   (N,)       the words' UTF-8 bytes, one after the other
    word_ends      int64   (V + 1,)   where words begin and end: word i is words[word_ends[i]:word_ends[i + 1]]
    subword_words  float32 (V, D)     each word's own row, where unknown words get vectors from n-grams; may be missing
    subword_ngrams float32 (B, D)     the n-grams' rows; may be missing with the other
    __metadata__   firth: "1", the layout's version; record: JSON, how the vectors were made; subwords: JSON, the
                   characters of the shortest and longest n-grams

so that any program with a safetensors reader can use it. This reader is its own: the header's claims are checked
against the file's length before anything is mapped. The words and counts are checked when the file is opened, the
vectors when a search first reads them (a NaN or infinity is then a FormatError that names the word): reading them all
at once would take from opening what mapping gives.

Source: the format's description, https://huggingface.co/docs/safetensors
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt

from firth.errors import FormatError, SettingsError
from firth.events import Listener, Stage
from firth.storage import written_whole
from firth.vectors.formats.contents import Contents, record_of
from firth.vectors.subwords import Subwords
from firth.vectors.words import PackedWords, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["Tensors", "read", "recognises", "write"]

_VERSION = "1"
_SUBWORDS = ("subword_words", "subword_ngrams")
_DTYPES = {
    "BOOL": "?", "U8": "<u1", "I8": "<i1", "I16": "<i2", "U16": "<u2", "F16": "<f2", "BF16": "<u2", "I32": "<i4",
    "U32": "<u4", "F32": "<f4", "F64": "<f8", "I64": "<i8", "U64": "<u8",
}  # fmt: skip
# A header of Firth's is a few kilobytes; parsed JSON takes many times the text's size in memory.
_LONGEST_HEADER = 16 * 2**20
_CHECKED_AT_ONCE = 10_000


class _Tensor(NamedTuple):
    """A tensor as the header describes it, its bounds checked: bytes start to end of the data."""

    dtype: str
    shape: tuple[int, ...]
    start: int
    end: int


class Tensors:
    """The tensors of any program's safetensors file: known by its header, mapped, each read when asked for.

    Args:
        path: the file.

    Raises:
        FormatError: the header's claims do not fit the file's length.
        OSError: it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            self._tensors, self.metadata, self._data_start = _header(file, size, path)
            self._mapped = np.memmap(file, dtype=np.uint8, mode="r", shape=(size,))

    def __iter__(self) -> Iterator[str]:
        return iter(self._tensors)

    def __contains__(self, name: object) -> bool:
        return name in self._tensors

    def dtype(self, name: str) -> str:
        """Return a tensor's type by its name in the format: "F32", "BF16", …."""
        return self._tensors[name].dtype

    def shape(self, name: str) -> tuple[int, ...]:
        """Return a tensor's shape."""
        return self._tensors[name].shape

    def array(self, name: str) -> npt.NDArray[Any]:
        """Return a tensor, mapped, read-only; one of BF16 as the uint16 that its halves are."""
        return _view(self._mapped, self._tensors[name], self._data_start)


def recognises(head: bytes) -> bool:
    """Return whether a file that begins with `head` is safetensors: eight bytes of header length, then JSON."""
    return len(head) > 8 and head[8:9] == b"{" and int.from_bytes(head[:8], "little") < 2**40


def read(path: Path, *, limit: int | None = None) -> Contents:
    """Map a file that `write` made.

    Args:
        path: the file.
        limit: int ≥ 1, only so many words from the first; None for all.

    Raises:
        FormatError: it is no such file, or its claims do not fit its length.
        OSError: it cannot be opened.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        tensors, metadata, data_start = _header(file, size, path)
        mapped = np.memmap(file, dtype=np.uint8, mode="r", shape=(size,))
    for name, dtype, rank in (("input", "F32", 2), ("words", "U8", 1), ("word_ends", "I64", 1)):
        if name not in tensors:
            held = ", ".join(shown(other) for other in list(tensors)[:5]) or "none"
            raise FormatError(
                f'expected the tensor "{name}" of a Firth vector file in {path}, got a safetensors file with other '
                f"tensors ({held})"
            )
        _expect(path, name, tensors[name], dtype, rank)
    arrays = {
        name: _view(mapped, tensor, data_start)
        for name, tensor in tensors.items()
        if name in ("input", "output", "counts", "words", "word_ends", *_SUBWORDS)
    }
    contents = _contents(path, tensors, arrays, _record(path, metadata), limit)
    subwords = _subwords(path, tensors, arrays, metadata)
    return contents if subwords is None else replace(contents, subwords=subwords.first(len(contents.words)))


def _contents(
    path: Path,
    tensors: Mapping[str, _Tensor],
    arrays: Mapping[str, npt.NDArray[Any]],
    record: Mapping[str, object],
    limit: int | None,
) -> Contents:
    total, dim = tensors["input"].shape
    if total < 1 or dim < 1:
        raise FormatError(f"expected at least one vector of one dimension in {path}, got {total:,} × {dim:,}")
    for name, length, rank, dtype in (
        ("word_ends", total + 1, 1, "I64"),
        ("counts", total, 1, "I64"),
        ("output", total, 2, "F32"),
    ):
        if name in tensors:
            _expect(path, name, tensors[name], dtype, rank)
            if tensors[name].shape[0] != length:
                raise FormatError(
                    f'expected {length:,} entries in the tensor "{name}" of {path}, as it holds {total:,} vectors, '
                    f"got {tensors[name].shape[0]:,}"
                )
    counts = arrays.get("counts")
    if counts is not None and bool(np.any(counts < 0)):
        raise FormatError(f"expected counts of 0 or more in {path}, got {int(counts.min()):,}")
    n = total if limit is None else min(limit, total)
    try:
        # The whole block of words is checked, so that a limit does not let a broken file through.
        words = PackedWords(arrays["words"], arrays["word_ends"])
    except FormatError as error:
        raise FormatError(f"{path}: {error}") from None
    if n < total:
        words = PackedWords(words.text[: words.ends[n]], words.ends[: n + 1])
    output = arrays.get("output")
    return Contents(
        words=words,
        matrix=arrays["input"][:n],
        counts=None if counts is None else counts[:n],
        output_matrix=None if output is None else output[:n],
        record=record,
    )


def _subwords(
    path: Path, tensors: Mapping[str, _Tensor], arrays: Mapping[str, npt.NDArray[Any]], metadata: Mapping[str, str]
) -> Subwords | None:
    if not any(name in tensors for name in _SUBWORDS):
        return None
    for name, rows in zip(_SUBWORDS, (tensors["input"].shape[0], None), strict=True):
        if name not in tensors:
            raise FormatError(f"expected the tensors {' and '.join(_SUBWORDS)} together in {path}, got one alone")
        _expect(path, name, tensors[name], "F32", 2)
        if tensors[name].shape[1] != tensors["input"].shape[1] or (rows is not None and tensors[name].shape[0] != rows):
            raise FormatError(f'expected the tensor "{name}" of {path} to fit its vectors, got {tensors[name].shape}')
    try:
        lengths = json.loads(metadata.get("subwords", ""))
        shortest, longest = lengths["shortest"], lengths["longest"]
    except (ValueError, RecursionError, KeyError, TypeError):
        shortest = longest = None
    if not all(isinstance(length, int) and not isinstance(length, bool) for length in (shortest, longest)):
        raise FormatError(f"expected the lengths of the n-grams in the metadata of {path}, got none that can be read")
    try:
        return Subwords(*(arrays[name] for name in _SUBWORDS), shortest=shortest, longest=longest)
    except SettingsError as error:
        raise FormatError(f"{path}: {error}") from None


def _expect(path: Path, name: str, tensor: _Tensor, dtype: str, rank: int) -> None:
    if tensor.dtype != dtype or len(tensor.shape) != rank:
        raise FormatError(
            f'expected the tensor "{name}" of {path} as {dtype} with {rank} dimension{"s"[: rank - 1]}, '
            f"got {tensor.dtype} with {len(tensor.shape)}"
        )


def _view(mapped: npt.NDArray[np.uint8], tensor: _Tensor, data_start: int) -> npt.NDArray[Any]:
    dtype = np.dtype(_DTYPES[tensor.dtype])
    flat: npt.NDArray[Any] = np.asarray(mapped[data_start + tensor.start : data_start + tensor.end]).view(dtype)
    if not flat.flags.aligned or not dtype.isnative:
        # Legal in safetensors, but no other program writes so; one copy is better than slow arithmetic ever after.
        flat = flat.astype(dtype.newbyteorder("="))
        flat.flags.writeable = False
    return flat.reshape(tensor.shape)


def _header(file: BinaryIO, size: int, path: Path) -> tuple[dict[str, _Tensor], dict[str, str], int]:
    """Return the tensors, the metadata and where the data begins, every claim checked against the file's length."""
    length = int.from_bytes(file.read(8), "little")
    if size < 10 or length > size - 8:
        raise FormatError(
            f"expected a safetensors header of at most {max(0, size - 8):,} bytes in {path}, got one that claims "
            f"{length:,}; the file is cut off or of another format"
        )
    if length > _LONGEST_HEADER:
        raise FormatError(f"expected a safetensors header of at most 16 MiB in {path}, got {length:,} bytes")
    try:
        header = json.loads(file.read(length).decode(), object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"expected a safetensors header in JSON in {path}, got other bytes ({error})") from None
    if not isinstance(header, dict):
        raise FormatError(f"expected a JSON object as safetensors header in {path}, got {type(header).__name__}")
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise FormatError(f"expected texts alone in the safetensors metadata of {path}, got other values")
    tensors = {name: _tensor(path, name, described, size - 8 - length) for name, described in header.items()}
    end = 0
    for name, tensor in sorted(tensors.items(), key=lambda item: (item[1].start, item[1].end)):
        if tensor.start != end:
            raise FormatError(
                f'expected the tensor "{shown(name)}" of {path} to begin at byte {end:,} of the data, where the one '
                f"before ends, got {tensor.start:,}"
            )
        end = tensor.end
    if end != size - 8 - length:
        raise FormatError(
            f"expected {end:,} bytes of data in {path}, as its header says, got {size - 8 - length:,}; the file is cut "
            "off or was appended to"
        )
    return tensors, metadata, 8 + length


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entries = dict(pairs)
    if len(entries) != len(pairs):
        raise ValueError("a name comes twice")
    return entries


def _tensor(path: Path, name: str, described: object, data_size: int) -> _Tensor:
    def whole(numbers: object) -> bool:
        return isinstance(numbers, list) and all(
            isinstance(number, int) and not isinstance(number, bool) and 0 <= number < 2**63 for number in numbers
        )

    wrong = FormatError(f'expected dtype, shape and data_offsets of the tensor "{shown(name)}" in {path}, got others')
    if not isinstance(described, dict) or set(described) != {"dtype", "shape", "data_offsets"}:
        raise wrong
    dtype, shape, offsets = described["dtype"], described["shape"], described["data_offsets"]
    if dtype not in _DTYPES if isinstance(dtype, str) else True:
        raise wrong
    if not whole(shape) or len(shape) > 32 or not whole(offsets) or len(offsets) != 2:
        raise wrong
    start, end = offsets
    claimed = np.dtype(_DTYPES[dtype]).itemsize
    for length in shape:
        claimed *= length
    if not (start <= end <= data_size and claimed == end - start):
        raise FormatError(
            f'expected the tensor "{shown(name)}" of {path} to lie within {data_size:,} bytes of data and to fill its '
            f"place, got bytes {start:,} to {end:,} for {claimed:,} bytes of numbers"
        )
    return _Tensor(dtype, tuple(shape), start, end)


def _record(path: Path, metadata: Mapping[str, str]) -> Mapping[str, object]:
    version = metadata.get("firth", _VERSION)
    if version != _VERSION:
        raise FormatError(
            f'expected layout version {_VERSION} in {path}, got "{shown(version)}"; a newer Firth may read it'
        )
    return record_of(path, metadata.get("record", "{}"))


def _arrays(contents: Contents) -> dict[str, npt.NDArray[Any]]:
    # The wide numbers first: each tensor then begins at a multiple of its number's size.
    arrays: dict[str, npt.NDArray[Any]] = {"word_ends": contents.words.ends.astype("<i8", copy=False)}
    if contents.counts is not None:
        arrays["counts"] = contents.counts.astype("<i8", copy=False)
    arrays["input"] = contents.matrix.astype("<f4", copy=False)
    if contents.output_matrix is not None:
        arrays["output"] = contents.output_matrix.astype("<f4", copy=False)
    if contents.subwords is not None:
        arrays["subword_words"] = contents.subwords.word_rows.astype("<f4", copy=False)
        arrays["subword_ngrams"] = contents.subwords.ngram_rows.astype("<f4", copy=False)
    arrays["words"] = contents.words.text
    return arrays


def write(path: Path, contents: Contents, *, on_event: Listener | None = None) -> None:
    """Write a file, whole or not at all: beside `path` first, so that a mapped older file is never written into.

    Args:
        path: the file to appear.
        contents: what goes into it.
        on_event: told that it is being written.

    Raises:
        StorageError: it cannot be written.
        SettingsError: the record holds what JSON cannot.
        FormatError: a vector has NaN or infinity in it.
    """
    for start in range(0, len(contents.matrix), _CHECKED_AT_ONCE):
        contents.refuse_not_finite(range(start, start + _CHECKED_AT_ONCE))
    record = contents.record_as_json()
    if on_event is not None:
        on_event(Stage(name=f"writing {path.name}"))
    arrays = _arrays(contents)
    names = {"<f4": "F32", "<i8": "I64", "|u1": "U8"}
    header: dict[str, Any] = {"__metadata__": {"firth": _VERSION, "record": record}}
    if contents.subwords is not None:
        lengths = {"shortest": contents.subwords.shortest, "longest": contents.subwords.longest}
        header["__metadata__"]["subwords"] = json.dumps(lengths)
    end = 0
    for name, array in arrays.items():
        start, end = end, end + array.nbytes
        header[name] = {"dtype": names[array.dtype.str], "shape": list(array.shape), "data_offsets": [start, end]}
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    if len(text) > _LONGEST_HEADER:
        raise SettingsError(f"expected a record of less than 16 MiB, got {len(text):,} bytes")
    with written_whole(path) as part, part.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for array in arrays.values():
            file.write(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
