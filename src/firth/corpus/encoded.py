"""The encoded corpus: a text as word ids and sentence ends on disk, memory-mapped, with a vocabulary and a manifest."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from firth import storage
from firth.corpus import cache as corpora
from firth.corpus.text_hash import TextHash
from firth.corpus.vocabulary import Vocabulary, nothing_kept, ordered
from firth.errors import EmptyCorpusError, FormatError, SettingsError, StorageError
from firth.events import Notice, Progress, Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from io import RawIOBase
    from typing import BinaryIO

    import numpy.typing as npt

    from firth.corpus.passes import Counted, Room
    from firth.corpus.sources import Source
    from firth.corpus.tokenizers import Tokenizer
    from firth.events import Listener

__all__ = ["MEMORY", "EncodedCorpus", "Encoder", "check", "encode", "found", "put_in_place"]

TOKENS, SENTENCES, DOCUMENTS, NAMES = (
    "token_ids.i32",
    "sentence_ends.i64",
    "document_ends.i64",
    "document_ids.jsonl",
)
COUNTS, WORDS, MANIFEST = "counts.i64", "words.json", "manifest.json"
_TELL_SECONDS = 0.1
_MOST_NAMES = 1000

MEMORY = 2 << 30
"""Bytes for the table of all different words, unless another number is named."""


class EncodedCorpus:
    """A text as word ids, read from its folder; nothing in it can be changed.

    Args:
        path: the folder.

    Raises:
        FormatError: the folder does not hold a whole corpus.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
            for name, size in manifest["bytes"].items():
                if (path / name).stat().st_size != size:
                    raise FormatError(f"expected {size:,} bytes in {path / name}, but it has another size")
            self.fingerprint: str = manifest["fingerprint"]
            self.settings: dict[str, Any] = manifest["settings"]
            self.notices: tuple[str, ...] = tuple(manifest["notices"])
            self.word_total: int = manifest["word_total"]
            self.dropped: dict[str, int] = manifest["dropped"]
            # Texts that were encoded by earlier versions are known by one name, and not by their hash.
            self.text: dict[str, Any] = manifest.get("text") or {"names": [manifest["source"]], "sha256": None}
            self._has_names: bool = manifest["has_document_ids"]
            words = json.loads((path / WORDS).read_text(encoding="utf-8"))
            self.vocabulary = Vocabulary(words, np.fromfile(path / COUNTS, np.int64))
            if len(words) != len(self.vocabulary.counts):
                raise FormatError(f"expected {len(words):,} counts in {path / COUNTS}, got another number")
            self.token_ids: npt.NDArray[np.int32] = _mapped(path / TOKENS, np.int32)
            self.sentence_ends: npt.NDArray[np.int64] = _mapped(path / SENTENCES, np.int64)
            self.document_ends: npt.NDArray[np.int64] = _mapped(path / DOCUMENTS, np.int64)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise FormatError(f"{path} does not hold a whole encoded corpus: {error}") from None

    @cached_property
    def document_ids(self) -> Sequence[str] | None:
        """The documents' ids (a plain file's name, a row's id column), or None where they have none."""
        if not self._has_names:
            return None
        with (self.path / NAMES).open(encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]

    def __repr__(self) -> str:
        return (
            f"<EncodedCorpus of {self.word_total:,} words: {len(self.token_ids):,} kept in "
            f"{len(self.sentence_ends):,} sentences, {len(self.vocabulary):,} different, in {self.path}>"
        )


def _mapped(path: Path, dtype: type[np.generic]) -> npt.NDArray[Any]:
    return np.memmap(path, dtype, "r") if path.stat().st_size else np.zeros(0, dtype)


def encode(
    source: Source,
    tokenizer: Tokenizer,
    *,
    min_count: int = 5,
    max_words: int | None = None,
    max_sentence: int = 10_000,
    cache: Path | str | None = None,
    threads: int | None = None,
    memory: int = MEMORY,
    encoder: Callable[..., Encoder] | None = None,
    on_event: Listener | None = None,
) -> EncodedCorpus:
    """Return the encoded corpus of a text: the one in the cache, or a new one.

    Args:
        source: what `open_source` gives.
        tokenizer: what a word and a sentence is.
        min_count: int ≥ 1; words that come less often are left out.
        max_words: int ≥ 1, keep only so many words, the most frequent; or None.
        max_sentence: int ≥ 2; a sentence of more words is split, not cut off.
        cache: the folder of encoded corpora, or None for the default one, which is kept below
            `firth.corpus.cache.LIMIT_BYTES`.
        threads: int ≥ 1, 1 to read and tokenize in turns, 2 (the default, on two cores) to do both at once, more to
            tokenize with several threads, which costs memory.
        memory: bytes, int ≥ 0, for the table of all different words, rare ones too; where it grows beyond, words go to
            disk and are merged. The corpus is the same for any number.
        encoder: makes what reads the text where the cache does not have it, with `Encoder`'s arguments; None is
            `Encoder` itself.
        on_event: told of stages, progress and notices.

    Raises:
        SettingsError: a setting that cannot be, or a tokenizer that is none.
        EmptyCorpusError: the text leaves nothing to train on.
        SourceError: the text cannot be read.
        StorageError: the corpus cannot be written; nothing is left behind.
    """
    check(
        tokenizer,
        min_count=(min_count, 1),
        max_words=(max_words, 1),
        max_sentence=(max_sentence, 2),
        threads=(threads, 1),
        memory=(memory, 0),
    )
    if source.on_event is None and on_event is not None:
        source.on_event = on_event
        for text in source.notices:
            on_event(Notice(text=text))
    folder = Path(cache) if cache is not None else corpora.corpora_folder()
    record = corpora.settings_record(
        source, tokenizer, min_count=min_count, max_words=max_words, max_sentence=max_sentence
    )
    key = corpora.files_key(source, record)
    if key and (whole := found(folder / key)):
        for text in whole.notices:
            _tell(on_event, Notice(text=text))
        return whole
    part: Path | None = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=folder, prefix=".", suffix=".part"))
        reader = (encoder or Encoder)(source, tokenizer, record, part, on_event)
        name = reader.run(threads or min(2, os.cpu_count() or 1), memory)
        corpus = put_in_place(part, folder / (key or name))
        if cache is None:
            corpora.prune(folder, corpora.LIMIT_BYTES, keep=corpus.path)
    except OSError as error:
        raise StorageError(
            f"could not write the encoded corpus to {folder}: {error.strerror or error}; free some space, or choose "
            "another folder (cache=, or the environment's FIRTH_CACHE)"
        ) from error
    finally:
        if part is not None:
            shutil.rmtree(part, ignore_errors=True)
    return corpus


def check(tokenizer: object, **numbers: tuple[int | None, int]) -> None:
    """Refuse settings that cannot be; each number comes with the least that it may be."""
    for name, (value, least) in numbers.items():
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < least):
            raise SettingsError(f"expected {name} to be a whole number of {least} or more, got {value!r}")
    if isinstance(tokenizer, type) or not callable(getattr(tokenizer, "sentences", None)):
        raise SettingsError(f"expected a tokenizer such as Words() or Whitespace(), got {tokenizer!r}")


def _tell(on_event: Listener | None, event: Stage | Notice | Progress) -> None:
    if on_event:
        on_event(event)


def found(path: Path) -> EncodedCorpus | None:
    """Return the corpus in a folder of the cache, or None where there is none or it is damaged."""
    try:
        corpus = EncodedCorpus(path)
        os.utime(path / MANIFEST)
    except (FormatError, OSError):
        return None
    return corpus


def put_in_place(part: Path, target: Path) -> EncodedCorpus:
    """Rename a finished corpus to where it belongs, unless a whole one lies there already."""
    return storage.put_in_place(part, target, found)


class Encoder:
    """One pass over a source, and what follows it.

    Args:
        source: where the text comes from.
        tokenizer: what a word and a sentence is.
        record: all settings.
        folder: an empty folder for the corpus.
        on_event: told of stages, progress and notices.
    """

    def __init__(
        self,
        source: Source,
        tokenizer: Tokenizer,
        record: dict[str, Any],
        folder: Path,
        on_event: Listener | None,
    ) -> None:
        self.source = source
        self.tokenizer = tokenizer
        self.record = record
        self.folder = folder
        self.on_event = on_event
        self.hash = TextHash()
        self.names_hash = hashlib.sha256()
        self.has_names = True

    def run(self, threads: int, memory: int) -> str:
        """Write the corpus with so many threads and bytes for the table of words, and return its name."""
        from firth.corpus.passes import Room  # noqa: PLC0415 (see read)

        # A text's parts come from as many tables at a time as there are scanners.
        self._cached = lru_cache(threads)
        room = Room(memory=memory, folder=self.folder / "words", min_count=self.record["min_count"])
        with (self.folder / TOKENS).open("xb") as stream, (self.folder / NAMES).open("xb") as names:
            counted = self.read(stream, names, threads=threads, room=room)
            if not self.has_names:
                names.truncate(0)
        name = self._finish(counted)
        del counted  # its arrays lie in files that go now
        shutil.rmtree(room.folder, ignore_errors=True)
        return name

    def read(self, stream: BinaryIO, names: BinaryIO, *, threads: int, room: Room) -> Counted:
        """Read the text, hash it, keep its documents' ids; return what was counted.

        Args:
            stream: for what `renumber` wants of it.
            names: for the documents' ids.
            threads: int ≥ 1.
            room: where the table of words may grow.
        """
        # The kernels are imported only where there is something to encode: Numba takes half a second.
        from firth.corpus.passes import python_pass, scanner_pass  # noqa: PLC0415
        from firth.corpus.scanner import is_scannable  # noqa: PLC0415

        _tell(self.on_event, Stage(name="reading the text"))
        each = self._listener(names)
        if is_scannable(self.tokenizer) and not self.source.holds_tokens:
            return scanner_pass(self.source, self.tokenizer, stream, threads=threads, each=each, room=room)
        return python_pass(self.source, self.tokenizer, stream, each=each, room=room)

    def _listener(self, names: BinaryIO) -> Callable[[bytes], None]:
        """Return what is called with each block read: it hashes, keeps the documents' ids and tells of progress."""
        begun = last = time.monotonic()
        source = self.source

        def each(block: bytes) -> None:
            nonlocal last
            self.hash.update(block)
            self.keep_names(names)
            if self.on_event and (now := time.monotonic()) - last > _TELL_SECONDS:
                last = now
                done = min(source.done_bytes, source.total_bytes or source.done_bytes)
                self.on_event(Progress(done=done, total=source.total_bytes, unit="bytes", seconds=now - begun))

        return each

    def keep_names(self, names: BinaryIO) -> None:
        """Write the ids of the documents that ended since the last call, as long as all have one."""
        ids, self.source.document_ids = self.source.document_ids, []
        self.has_names = self.has_names and all(ids)
        if self.has_names:
            lines = "".join(json.dumps(name) + "\n" for name in ids).encode()
            self.names_hash.update(lines)
            names.write(lines)

    def _finish(self, counted: Counted) -> str:
        """Choose the vocabulary, give the words their final ids, write everything; return the corpus's name."""
        counts = counted.counts
        source = self.source
        min_count, max_words = self.record["min_count"], self.record["max_words"]
        word_total = int(counts.sum()) + counted.rare_occurrences
        kept = np.flatnonzero(counts >= min_count)
        if len(kept) == 0:
            raise nothing_kept(word_total, max(counted.highest, int(counts.max(initial=0))), min_count, source.name)
        words = counted.words(kept)
        order = ordered(words, counts[kept])[:max_words]
        vocabulary = Vocabulary([words[place] for place in order.tolist()], counts[kept][order])
        # The last one is for −1, a word left out before.
        new_ids = np.full(len(counts) + 1, -1, np.int32)
        new_ids[kept[order]] = np.arange(len(order), dtype=np.int32)
        state = self.renumber(counted.parts, self._cached(lambda table: new_ids[counted.joined[table]]))
        if state[4] < 2:
            raise EmptyCorpusError(
                f"expected sentences of two words or more, as words are learnt from the words around them, but "
                f"{source.name} has none (of {word_total:,} words read, {vocabulary.total:,} were kept)"
            )
        rare = int(np.count_nonzero(counts)) + counted.rare_words - len(vocabulary)
        reason = "too rare" if len(kept) == len(vocabulary) else f"too rare or not among the first {max_words:,}"
        for count, text in (
            (counted.stop_words, f"{counted.stop_words:,} stop words were left out"),
            (
                rare,
                (
                    f"{rare:,} of {rare + len(vocabulary):,} different words were left out as {reason}, which is "
                    f"{word_total - vocabulary.total:,} of {word_total:,} words"
                ),
            ),
            (state[3], f"{state[3]:,} times a sentence was split after {self.record['max_sentence']:,} words"),
        ):
            if count:
                source.notice(text)
        # Not ndarray.tofile: of what is too little to leave its buffer, it does not tell that the disk is full.
        (self.folder / COUNTS).write_bytes(vocabulary.counts.data)
        (self.folder / WORDS).write_text(json.dumps(vocabulary.words), encoding="utf-8")
        frequent = int(counts[kept].sum())
        dropped = {
            "stop_words": counted.stop_words,
            "min_count": word_total - frequent,
            "max_words": frequent - vocabulary.total,
        }
        return self._write_manifest(word_total, dropped)

    def renumber(
        self, parts: list[tuple[int, int]], new_ids: Callable[[int], npt.NDArray[np.int32]]
    ) -> npt.NDArray[np.int64]:
        """Turn the stream on disk into token ids, in place, and sentence and document ends beside it.

        Args:
            parts: see `Counted`.
            new_ids: gives for each table, int32: its ids' final ids, −1 for words left out.

        Returns:
            the state that `firth.kernels.tokenize.renumber` describes.
        """
        from firth.kernels.tokenize import renumber  # noqa: PLC0415 (see read)

        state = np.zeros(5, np.int64)
        largest = max((size for size, _ in parts), default=0)
        stream = np.empty(largest, np.int32)
        token_ids = np.empty(largest, np.int32)
        sentence_ends = np.empty(largest, np.int64)
        document_ends = np.empty(largest, np.int64)
        with (
            (self.folder / TOKENS).open("r+b", buffering=0) as tokens,
            (self.folder / SENTENCES).open("xb") as sentences,
            (self.folder / DOCUMENTS).open("xb") as documents,
        ):
            read_at = written_to = 0
            for size, table in parts:
                tokens.seek(read_at)
                read_at += _read_whole(tokens, stream[:size])
                written = renumber(
                    stream[:size],
                    new_ids(table),
                    self.record["max_sentence"],
                    state,
                    token_ids,
                    sentence_ends,
                    document_ends,
                )
                tokens.seek(written_to)
                written_to += _write_whole(tokens, token_ids[: written[0]])
                sentences.write(sentence_ends[: written[1]].data)
                documents.write(document_ends[: written[2]].data)
            if state[0] > state[1]:
                sentences.write(state[:1].data)
                state[4] = max(state[4], state[0] - state[1])
            tokens.truncate(written_to)
        return state

    def _write_manifest(self, word_total: int, dropped: dict[str, int]) -> str:
        fingerprint = corpora.fingerprint(self.record, self.hash.hexdigest())
        files = (TOKENS, SENTENCES, DOCUMENTS, NAMES, COUNTS, WORDS)
        manifest = {
            "fingerprint": fingerprint,
            "source": self.source.name,
            "text": self._text(),
            "settings": self.record,
            "word_total": word_total,
            "dropped": dropped,
            "has_document_ids": self.has_names,
            "notices": self.source.notices,
            "bytes": {name: (self.folder / name).stat().st_size for name in files},
        }
        text = json.dumps(manifest, indent=1, ensure_ascii=False)
        (self.folder / MANIFEST).write_text(text, encoding="utf-8")
        name = self.names_hash if self.has_names else hashlib.sha256()
        name.update(fingerprint.encode())
        return name.hexdigest()[:32]

    def _text(self) -> dict[str, Any]:
        """Return what is told of the text wherever it is learned from: its files' names, and its hash."""
        names = [self.source.name] if self.source.files is None else [str(path) for path in self.source.files]
        text: dict[str, Any] = {"names": names[:_MOST_NAMES], "sha256": self.hash.hexdigest()}
        return text if len(names) <= _MOST_NAMES else {**text, "files": len(names)}


def _read_whole(file: RawIOBase, array: npt.NDArray[np.int32]) -> int:
    view = array.data.cast("B")
    done = 0
    while done < len(view):
        read = file.readinto(view[done:])
        if not read:
            raise OSError(f"the file of token ids ended {len(view) - done:,} bytes too soon")
        done += read
    return done


def _write_whole(file: RawIOBase, array: npt.NDArray[np.int32]) -> int:
    view = array.data.cast("B")
    done = 0
    while done < len(view):
        done += file.write(view[done:]) or 0
    return done
