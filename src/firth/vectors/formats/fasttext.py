"""fastText's models (.bin): words, their counts, and the vectors of character n-grams, so that unknown words get one.

All numbers are little-endian, as every machine that runs fastText writes them:

    magic 793712314, version 11 or 12          int32 each
    dim, ws, epoch, minCount, neg, wordNgrams,
    loss (1 hs, 2 ns, 3 softmax, 4 ova), model (1 cbow, 2 sg, 3 supervised),
    bucket, minn, maxn, lrUpdateRate           int32 each; t, float64
    entries, words, labels                     int32 each; tokens, pruned (−1 in a .bin) int64 each
    each entry: UTF-8 bytes, NUL; count int64; 0 for a word, 1 for a label, int8
    quantised (0 in a .bin)                    int8
    rows, dim                                  int64 each; float32 (rows, dim): words first, then n-grams
    quantised output                           int8
    rows, dim                                  int64 each; float32 (rows, dim): output vectors

A word's vector is the mean of its row and its n-grams' (`firth.vectors.subwords`). The rows stay in the file, mapped,
unless it is compressed. Labels of a classifier, and the inner nodes of hierarchical softmax, are no words' vectors and
are left behind. Quantised models (.ftz) are refused. Vectors without n-grams are written as a model with maxn 0; counts
that are not known, as zeros.

Source: fastText 0.9 (https://github.com/facebookresearch/fastText), FastText::saveModel, Args::save, Dictionary::save,
DenseMatrix::save.
"""

from __future__ import annotations

import struct
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from firth.errors import FormatError
from firth.events import Notice, Progress, Stage
from firth.storage import written_whole
from firth.vectors.formats.contents import Contents
from firth.vectors.formats.rows import ByteErrors, checked_words
from firth.vectors.formats.stream import Stream
from firth.vectors.formats.text_rows import LONGEST_WORD
from firth.vectors.formats.writing import cannot_carry
from firth.vectors.subwords import Subwords
from firth.vectors.words import PackedWords, shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from firth.events import Listener

__all__ = ["read", "recognises", "write"]

_MAGIC = (793712314).to_bytes(4, "little")
_VERSIONS = (11, 12)
_ARGUMENTS = struct.Struct("<12id")
_NAMES = (
    "dim", "ws", "epoch", "minCount", "neg", "wordNgrams", "loss", "model", "bucket", "minn", "maxn", "lrUpdateRate",
    "t",
)  # fmt: skip
_DICTIONARY = struct.Struct("<3i2q")
_ENTRY = struct.Struct("<qb")
_SHAPE = struct.Struct("<2q")
_DEFAULTS: Mapping[str, float] = {
    "ws": 5, "epoch": 5, "minCount": 1, "neg": 5, "wordNgrams": 1, "loss": 2, "model": 2, "lrUpdateRate": 100,
    "t": 1e-4,
}  # fmt: skip
_HIERARCHICAL, _SOFTMAX, _SUPERVISED = 1, 3, 3
_LABEL = 1
_ROWS_AT_ONCE = 10_000


class _Head(NamedTuple):
    """What stands before the entries."""

    arguments: dict[str, Any]
    entries: int
    words: int
    labels: int
    tokens: int


def recognises(head: bytes) -> bool:
    """Return whether a file that begins with `head` is a model of fastText's, quantised or not."""
    return head.startswith(_MAGIC)


def read(
    path: Path, *, limit: int | None = None, errors: ByteErrors = "strict", on_event: Listener | None = None
) -> Contents:
    """Read a model.

    Args:
        path: the file, which may be compressed.
        limit: int ≥ 1, only so many words from the first; None for all.
        errors: about words that are no UTF-8.
        on_event: told how far it has come, and what was left out.

    Raises:
        FormatError: it is no such file, quantised, or its claims do not fit its length.
        SourceError: its compressed data is broken.
        OSError: it cannot be opened.
    """
    with Stream(path, on_event) as stream:
        head = _head(stream)
        texts, counts = _entries(stream, head)
        if _take(stream, 1) != b"\0":
            raise FormatError(
                f"expected a model with its vectors whole in {path}, got a quantised one (.ftz), which keeps only "
                "their nearest codes; use the .bin that it was made from"
            )
        inputs = _matrix(stream, "input", head.arguments["dim"])
        outputs = _outputs(stream, head)
    ngram_rows = _ngram_rows(path, head, inputs)
    ends = np.zeros(len(texts) + 1, dtype=np.int64)
    np.cumsum([len(text) for text in texts], out=ends[1:])
    words, again, notices = checked_words(path, b"".join(texts), ends, errors, place="word", first=1)
    n = len(words) if limit is None else min(limit, len(words))
    keep: slice | npt.NDArray[np.int64] = slice(n)
    if again:
        keep = np.delete(np.arange(head.words), again)[:n]
    words = PackedWords(words.text[: words.ends[n]], words.ends[: n + 1])
    word_rows = inputs[: head.words][keep]
    subwords = None
    if ngram_rows is not None:
        arguments = head.arguments
        subwords = Subwords(word_rows, ngram_rows, shortest=max(1, arguments["minn"]), longest=arguments["maxn"])
    matrix = _vectors(path, words, word_rows, subwords, on_event)
    if head.labels:
        notices.append(f"labels of {path.name} that are no words, left out: {head.labels:,}")
    if on_event is not None:
        for notice in notices:
            on_event(Notice(text=notice))
    record: dict[str, object] = {"fasttext": {**head.arguments, "tokens": head.tokens}}
    if notices:
        record["notices"] = notices
    return Contents(
        words=words,
        matrix=matrix,
        counts=counts[keep] if counts.any() else None,
        output_matrix=None if outputs is None else np.require(outputs[keep], np.float32, ("C", "A")),
        subwords=subwords,
        record=record,
    )


def _head(stream: Stream) -> _Head:
    path = stream.path
    magic, version = _take(stream, 4), int.from_bytes(_take(stream, 4), "little", signed=True)
    if magic != _MAGIC or version not in _VERSIONS:
        raise FormatError(
            f"expected a model of fastText's in {path}, version 11 or 12, got other first bytes or version {version}; "
            "models of 2016 must be trained anew"
        )
    arguments = dict(zip(_NAMES, _ARGUMENTS.unpack(_take(stream, _ARGUMENTS.size)), strict=True))
    arguments["version"] = version
    entries, words, labels, tokens, pruned = _DICTIONARY.unpack(_take(stream, _DICTIONARY.size))
    if pruned > 0:
        raise FormatError(f"expected a model with all its n-grams in {path}, got one pruned for quantisation (.ftz)")
    if arguments["dim"] < 1 or words < 1 or labels < 0 or words + labels != entries or tokens < 0:
        raise FormatError(
            f"expected one word or more of one dimension or more in {path}, and words and labels that add up, got "
            f"{words:,} words, {labels:,} labels, {entries:,} entries, {arguments['dim']:,} dimensions"
        )
    if stream.size is not None and entries * (_ENTRY.size + 1) > stream.size:
        raise FormatError(f"expected {entries:,} words and labels in {path}, got {stream.size:,} bytes, too few")
    if not np.isfinite(arguments["t"]):
        raise FormatError(f"expected a finite sampling threshold in {path}, got {arguments['t']}")
    return _Head(arguments, entries, words, labels, tokens)


def _entries(stream: Stream, head: _Head) -> tuple[list[bytes], npt.NDArray[np.int64]]:
    """Return the words and their counts; labels are passed over."""
    counts: list[int] = []
    words: list[bytes] = []
    for number in range(1, head.entries + 1):
        end = stream.block.find(b"\0", stream.start, stream.end)
        while end < 0 or end + 1 + _ENTRY.size > stream.end:
            if stream.ended or (end < 0 and stream.end - stream.start > LONGEST_WORD):
                raise FormatError(
                    f"expected {head.entries:,} words and labels in {stream.path}, got no end of number {number:,}; "
                    "the file is cut off or of another format"
                )
            stream.refill()
            end = stream.block.find(b"\0", stream.start, stream.end)
        count, kind = _ENTRY.unpack_from(stream.block, end + 1)
        if (kind == _LABEL) != (number > head.words) or count < 0:
            raise FormatError(
                f"expected {head.words:,} words, then labels, with counts of 0 or more in {stream.path}, got another "
                f"kind ({kind}) or count ({count:,}) as number {number:,}"
            )
        if kind != _LABEL:
            words.append(bytes(stream.block[stream.start : end]))
            counts.append(count)
        stream.start = end + 1 + _ENTRY.size
    return words, np.array(counts, dtype=np.int64)


def _take(stream: Stream, size: int) -> bytes:
    """Return the next bytes of a header."""
    while stream.end - stream.start < size:
        if stream.ended:
            raise FormatError(f"expected a model of fastText's in {stream.path}, but the file ends in a header")
        stream.refill()
    taken = bytes(stream.block[stream.start : stream.start + size])
    stream.start += size
    return taken


def _matrix(stream: Stream, what: str, dim: int) -> npt.NDArray[np.float32]:
    """Return the matrix that follows: mapped, or read where the file is compressed."""
    rows, columns = _SHAPE.unpack(_take(stream, _SHAPE.size))
    if rows < 0 or columns != dim:
        raise FormatError(
            f"expected an {what} matrix of {dim:,} dimensions in {stream.path}, got {rows:,} rows of {columns:,}"
        )
    size = 4 * rows * dim
    if stream.size is not None:
        start = stream.position
        if size > stream.size - start:
            raise FormatError(
                f"expected {rows:,} rows of {dim:,} numbers as {what} matrix of {stream.path}, but only "
                f"{stream.size - start:,} bytes are left; the file is cut off"
            )
        stream.skip(size)
        if not size:
            return np.empty((0, dim), dtype=np.float32)
        mapped: npt.NDArray[Any] = np.memmap(stream.path, dtype=np.uint8, mode="r", offset=start, shape=(size,))
        return np.asarray(mapped).view("<f4").reshape(rows, dim)
    parts = bytearray()
    while len(parts) < size:
        if stream.start == stream.end:
            if stream.ended:
                raise FormatError(f"expected {size:,} bytes as {what} matrix of {stream.path}, got {len(parts):,}")
            stream.refill()
        used = min(size - len(parts), stream.end - stream.start)
        parts += memoryview(stream.block)[stream.start : stream.start + used]
        stream.start += used
    return np.frombuffer(parts, dtype="<f4").reshape(rows, dim)


def _outputs(stream: Stream, head: _Head) -> npt.NDArray[np.float32] | None:
    """Return the output vectors, where there are any that belong to words."""
    if _take(stream, 1) != b"\0":
        return None
    outputs = _matrix(stream, "output", head.arguments["dim"])
    if head.arguments["model"] == _SUPERVISED or head.arguments["loss"] == _HIERARCHICAL:
        return None
    return outputs if len(outputs) == head.words else None


def _ngram_rows(path: Path, head: _Head, inputs: npt.NDArray[np.float32]) -> npt.NDArray[np.float32] | None:
    """Return the n-grams' part of the input matrix, or None where the model has none."""
    if len(inputs) < head.words:
        raise FormatError(f"expected a row for each of {head.words:,} words in {path}, got {len(inputs):,}")
    arguments = head.arguments
    # Classifiers of version 11 were trained without n-grams, whatever they say.
    without = arguments["version"] == _VERSIONS[0] and arguments["model"] == _SUPERVISED
    if without or arguments["maxn"] < max(1, arguments["minn"]) or arguments["bucket"] < 1:
        return None
    if len(inputs) != head.words + arguments["bucket"]:
        raise FormatError(
            f"expected {head.words:,} rows for words and {arguments['bucket']:,} for n-grams in {path}, got "
            f"{len(inputs):,} in all"
        )
    return inputs[head.words :]


def _vectors(
    path: Path,
    words: PackedWords,
    word_rows: npt.NDArray[np.float32],
    subwords: Subwords | None,
    on_event: Listener | None,
) -> npt.NDArray[np.float32]:
    n, dim = word_rows.shape
    matrix = np.require(word_rows, np.float32, ("C", "A")) if subwords is None else np.empty((n, dim), dtype=np.float32)
    done = 0
    began = time.monotonic()
    tell = on_event if on_event is not None and n > _ROWS_AT_ONCE else None
    if tell is not None:
        tell(Stage(name="adding up n-grams"))
    for end in range(0, n, _ROWS_AT_ONCE) if subwords is None else subwords.fill(words, matrix):
        stop = min(n, end + _ROWS_AT_ONCE) if subwords is None else end
        finite = np.isfinite(matrix[done:stop]).all(axis=1)
        if not finite.all():
            bad = done + int(np.argmin(finite))
            raise FormatError(
                f'expected finite float32 numbers in {path}, got NaN or infinity for "{shown(words[bad])}"'
            )
        done = stop
        if tell is not None:
            tell(Progress(done=done, total=n, unit="words", seconds=time.monotonic() - began))
    return matrix


def write(path: Path, contents: Contents, *, on_event: Listener | None = None) -> None:
    """Write a model, whole or not at all.

    Args:
        path: the file.
        contents: what goes into it.
        on_event: told how far it has come.

    Raises:
        StorageError: it cannot be written.
        FormatError: a word or a number is none that the format can carry.
    """
    for start in range(0, len(contents.words), _ROWS_AT_ONCE):
        contents.refuse_not_finite(range(start, start + _ROWS_AT_ONCE))
    if on_event is not None:
        on_event(Stage(name=f"writing {path.name}"))
    dim = contents.matrix.shape[1]
    words = [word.encode() for word in contents.words]
    counts = [0] * len(words) if contents.counts is None else contents.counts.tolist()
    outputs = contents.output_matrix
    if outputs is None or outputs.shape[1] != dim:
        outputs = np.empty((0, dim), dtype=np.float32)
    subwords = contents.subwords
    inputs = [contents.matrix] if subwords is None else [subwords.word_rows, subwords.ngram_rows]
    arguments = _arguments(contents)
    with written_whole(path) as part, part.open("wb") as file:
        file.write(_MAGIC + arguments["version"].to_bytes(4, "little"))
        file.write(_ARGUMENTS.pack(*(arguments[name] for name in _NAMES)))
        file.write(_DICTIONARY.pack(len(words), len(words), 0, arguments["tokens"], -1))
        for word, count in zip(words, counts, strict=True):
            if b"\0" in word:
                raise cannot_carry(word, "fastText's format", "a null character")
            file.write(word + b"\0" + _ENTRY.pack(count, 0))
        file.write(b"\0" + _SHAPE.pack(sum(map(len, inputs)), dim))
        for matrix in inputs:
            file.write(np.ascontiguousarray(matrix, dtype="<f4").data)
        file.write(b"\0" + _SHAPE.pack(len(outputs), dim))
        file.write(np.ascontiguousarray(outputs, dtype="<f4").data)


def _arguments(contents: Contents) -> dict[str, Any]:
    """Return fastText's settings: those of the model that was read, as far as they still hold, or its own defaults."""
    kept = contents.record.get("fasttext")
    kept = kept if isinstance(kept, dict) else {}
    arguments: dict[str, Any] = dict(_DEFAULTS)
    for name, default in _DEFAULTS.items():
        value = kept.get(name)
        whole = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31
        if whole or (isinstance(default, float) and isinstance(value, float)):
            arguments[name] = value
    if arguments["model"] == _SUPERVISED:
        # Its labels are gone: what is left are word vectors.
        arguments["model"] = _DEFAULTS["model"]
    if contents.counts is None or contents.output_matrix is None:
        # From counts the program builds tables for negative sampling and a tree for hierarchical softmax.
        arguments["loss"] = _SOFTMAX
    subwords = contents.subwords
    tokens = kept.get("tokens")
    counted = 0 if contents.counts is None else int(contents.counts.sum())
    return {
        **arguments,
        "version": _VERSIONS[-1],
        "dim": contents.matrix.shape[1],
        "bucket": 0 if subwords is None else len(subwords.ngram_rows),
        "minn": 0 if subwords is None else subwords.shortest,
        "maxn": 0 if subwords is None else subwords.longest,
        "tokens": tokens if isinstance(tokens, int) and counted <= tokens < 2**63 else max(1, counted),
    }
