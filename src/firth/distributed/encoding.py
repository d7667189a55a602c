"""A text read and encoded by many: each takes a share of it, with ids of its own, which are then made everybody's.

What comes of it is, to the byte, what `firth.corpus.encoded.Encoder` makes of the same files alone.
"""

from __future__ import annotations

import tempfile
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from firth.corpus import remote
from firth.corpus.encoded import DOCUMENTS, SENTENCES, TOKENS, Encoder
from firth.corpus.input_splits import CannotBeCutError, Split
from firth.corpus.text_hash import TextHash
from firth.corpus.tokenizers import Sentences
from firth.distributed.engine import ATTEMPTS, WorkerLostError, lost_again_and_again
from firth.distributed.shares import Share, shares_of
from firth.errors import BadBytesError, SourceError
from firth.events import Notice, Progress, Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

    import numpy.typing as npt

    from firth.corpus.decoding import BadBytes
    from firth.corpus.passes import Counted, Room
    from firth.corpus.sources import Findings, Source
    from firth.corpus.tokenizers import Tokenizer
    from firth.distributed.engine import Engine

__all__ = ["ClusterEncoder", "encoder_of"]

_LONG_BLOCK = 32 << 20
"""A block so long may be cut within a word, here or where other text is read before it."""


def encoder_of(engine: Engine) -> Callable[..., Encoder]:
    """Return what makes encoders that read texts by an engine: what `firth.corpus.encoded.encode` takes."""
    return partial(ClusterEncoder, engine)


class _CannotBeSharedError(Exception):
    """The text cannot be read by shares as one machine would read it; says why."""


@dataclass(kw_only=True)
class _Found:
    """What a share of a text has, but for its ids.

    Args:
        words: all but the stop words, by the share's own ids.
        counts: int64, how often each came.
        stop_words: occurrences left out.
        digests: of its documents, where it has them whole.
        names: their ids, or one empty one where not all have one.
        findings: what the source found out.
        bad: likewise.
    """

    words: list[str]
    counts: npt.NDArray[np.int64]
    stop_words: int
    digests: bytes
    names: list[str]
    findings: Findings
    bad: BadBytes


class ClusterEncoder(Encoder):
    """An encoder whose text is read by a cluster, where it comes from files.

    Args:
        engine: who reads.
        arguments: those of `Encoder`.
    """

    def __init__(self, engine: Engine, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._engine = engine
        self._shares: list[Share] = []
        self._sources: list[Any] = []
        self._started: dict[int, list[Any]] = {}
        self._digests: dict[int | None, Any] = {}
        self._hashed: dict[int | None, bytes] = {}
        self._renumbering: dict[int, Any] = {}

    def _tell(self, event: Stage | Notice | Progress) -> None:
        if self.on_event:
            self.on_event(event)

    def read(self, stream: BinaryIO, names: BinaryIO, *, threads: int, room: Room) -> Counted:
        """See `Encoder.read`; the streams stay with who wrote them."""
        try:
            self._share_out()
            self._tell(Stage(name="reading the text on the cluster"))
            self._memory = room.memory
            self._await_shares()
        except _CannotBeSharedError as why:
            self._shares = []
            # Not a notice of the text, which is the same in any case.
            self._tell(Notice(text=f"this machine reads the text, not the cluster: {why}"))
            return super().read(stream, names, threads=threads, room=room)
        self._cached = lru_cache(1)
        return self._merged(names, room)

    def _share_out(self) -> None:
        """Cut the text into shares.

        Raises:
            _CannotBeSharedError: it cannot be read by several.
        """
        from firth.corpus.scanner import is_scannable  # noqa: PLC0415 - loads Numba

        files, tokenizer = self.source.files, self.tokenizer
        if files is None:
            raise _CannotBeSharedError("it does not come from files")
        if not all(path.is_file() for path in files if isinstance(path, Path)):
            raise _CannotBeSharedError("there is a pipe among its files")
        if not is_scannable(tokenizer):
            raise _CannotBeSharedError("its tokenizer is a function of Python")
        join_lines = isinstance(tokenizer, Sentences) and tokenizer.join_lines
        self._shares, uncut = shares_of(self.source, files, workers=self._engine.workers, join_lines=join_lines)
        if len(self._shares) == 1:
            reason = uncut[0][1] if uncut else "it is not worth it"
            raise _CannotBeSharedError(f"it is one file, and that is not cut: {reason}")
        for name, reason in uncut:
            self._tell(Notice(text=f"one worker reads all of {name}, which is not cut: {reason}"))
        self._sources = [self._engine.put(self.source.share(share.files)) for share in self._shares]

    def _start(self, number: int) -> None:
        """Begin to read a share; its handles are those of its number of ids, what it has, its ids."""
        share, source = self._shares[number], self._sources[number]
        self._started[number] = self._engine.start(_read, source, self.tokenizer, self._memory, results=3)
        if share.is_document and share.file not in self._digests:
            self._hash_document(share)

    def _hash_document(self, share: Share) -> None:
        """Let one worker hash the document of a split: what a hash comes to depends on all before."""
        source = self.source.share([share.files[0].file])
        self._digests[share.file] = self._engine.start(_digest, source)[0]

    def _await_shares(self) -> None:
        """Read all shares, some at a time."""
        begun, done, total = time.monotonic(), 0, sum(share.size for share in self._shares)
        ahead = 2 * self._engine.workers
        for number, share in enumerate(self._shares):
            for other in range(len(self._started), min(number + ahead, len(self._shares))):
                self._start(other)
            self._await(number)
            done += share.size
            self._tell(Progress(done=done, total=total, unit="bytes", seconds=time.monotonic() - begun))
        for share in self._shares:
            if share.is_document and share.file not in self._hashed:
                self._hashed[share.file] = self._digest_of(share)

    def _await(self, number: int) -> None:
        """Wait until a share is read; where a split is not what it should be, its file is read whole."""
        try:
            self._result(number, lambda number: self._started[number][0])
        except (SourceError, CannotBeCutError) as error:
            share = self._shares[number]
            if share.file is None:
                raise
            whole = self.source.share([share.files[0].file])
            if isinstance(error, BadBytesError) or (
                isinstance(error, SourceError) and self.source.unreadable == "refuse"
            ):
                # Which line it is, and which comes first, only who reads all lines can say.
                with suppress(WorkerLostError):
                    self._engine.wait_for(self._engine.start(_digest, whole)[0])
                raise
            others = [other for other, each in enumerate(self._shares) if each.file == share.file]
            self._digests.pop(share.file, None)
            for other in others:
                source = whole if other == others[0] else self.source.share([])
                self._shares[other] = Share(files=source.files or [], size=self._shares[other].size)
                self._sources[other] = self._engine.put(source)
                if other in self._started:
                    self._start(other)
            self._result(others[0], lambda number: self._started[number][0])
            self._await(number)

    def _result(self, number: int, handle_of: Callable[[int], Any]) -> Any:
        """Return a result that comes of a share, which is read again where it was lost with its worker."""
        for _ in range(ATTEMPTS):
            try:
                return self._engine.wait_for(handle_of(number))
            except WorkerLostError:
                self._tell(
                    Notice(text=f"share {number + 1} of {len(self._shares)} was lost with its worker, read again")
                )
                self._renumbering.pop(number, None)
                self._start(number)
        raise lost_again_and_again("while the text was read")

    def _digest_of(self, share: Share) -> bytes:
        """Return the hash of the document of a split."""
        for _ in range(ATTEMPTS):
            try:
                found: bytes = self._engine.wait_for(self._digests[share.file])
            except WorkerLostError:
                self._hash_document(share)
            else:
                return found
        raise lost_again_and_again("while the text was read")

    def _merged(self, names: BinaryIO, room: Room) -> Counted:
        """Bring together what the shares have, in their order."""
        from firth.corpus.passes import WordTable  # noqa: PLC0415 - loads Numba

        table, stop_words, closed = WordTable(room), 0, 0
        places: list[tuple[npt.NDArray[np.int32], int]] = []
        file, rows = None, 0
        for number, share in enumerate(self._shares):
            found: _Found = self._again_result(number, lambda number: self._started[number][1])
            if share.file is None or share.file != file:
                file, rows = share.file, 0
                self.hash.add(self._hashed.get(file, b""))
            self.hash.add(found.digests)
            self.source.document_ids = found.names
            self.keep_names(names)
            self.source.add_findings(found.findings, found.bad, rows)
            rows += found.findings.rows
            closed += found.findings.closed_splits
            stop_words += found.stop_words
            ids = np.fromiter(table.ids(found.words), np.int32, len(found.words))
            places.append((ids, table.count(ids, found.counts)))
        if closed:
            mark = "blank line" if isinstance(self.tokenizer, Sentences) and self.tokenizer.join_lines else "line's end"
            self._tell(
                Notice(text=f"{closed:,} of {len(self._shares):,} shares have no {mark}: others read their text")
            )
        self.source.tell_findings()
        counted = table.counted([])
        # The last one is for what its share left out.
        counted.joined = [np.append(counted.joined[which][ids], -1) for ids, which in places]
        counted.stop_words = stop_words
        return counted

    def _again_result(self, number: int, handle_of: Callable[[int], Any]) -> Any:
        """Return what `_result` does, where all shares were read before."""
        try:
            return self._result(number, handle_of)
        except _CannotBeSharedError as why:
            raise SourceError(f"expected files that stay as they are while they are read, but {why}") from None

    def renumber(
        self, parts: list[tuple[int, int]], new_ids: Callable[[int], npt.NDArray[np.int32]]
    ) -> npt.NDArray[np.int64]:
        """See `Encoder.renumber`."""
        if not self._shares:
            return super().renumber(parts, new_ids)
        self._tell(Stage(name="encoding the text on the cluster"))
        state = np.zeros(5, np.int64)
        with (
            (self.folder / TOKENS).open("wb") as tokens,
            (self.folder / SENTENCES).open("xb") as sentences,
            (self.folder / DOCUMENTS).open("xb") as documents,
        ):
            for token_ids, sentence_ends, document_ends, split, longest in self._renumbered(new_ids):
                tokens.write(token_ids.data)
                sentences.write((sentence_ends + state[0]).data)
                documents.write((document_ends + state[0]).data)
                # A share ends with a document, or where a text may be cut, so that no sentence is open.
                state[:2] += len(token_ids)
                state[3] += split
                state[4] = max(state[4], longest)
        return state

    def _renumbered(self, new_ids: Callable[[int], npt.NDArray[np.int32]]) -> Iterator[tuple[Any, ...]]:
        """Give the shares' texts with everybody's ids in their order, some being made meanwhile."""

        def handle_of(number: int) -> Any:
            if number not in self._renumbering:
                work = (_renumber, self._started[number][2], new_ids(number), self.record["max_sentence"])
                self._renumbering[number] = self._engine.start(*work)[0]
            return self._renumbering[number]

        begun, done, total = time.monotonic(), 0, sum(share.size for share in self._shares)
        waiting = deque(range(len(self._shares)))
        for number in range(len(self._shares)):
            while waiting and waiting[0] < number + 2 * self._engine.workers:
                handle_of(waiting.popleft())
            yield self._again_result(number, handle_of)
            # Nobody needs them any more, and they may be large.
            del self._renumbering[number], self._started[number]
            done += self._shares[number].size
            self._tell(Progress(done=done, total=total, unit="bytes", seconds=time.monotonic() - begun))


class _Ids:
    """The stream of a share, kept in memory."""

    def __init__(self) -> None:
        self.parts: list[npt.NDArray[np.int32]] = []

    def write(self, ids: npt.NDArray[np.int32]) -> None:
        self.parts.append(ids.copy())  # it lies in room for a whole block


def _read(source: Source, tokenizer: Tokenizer, memory: int) -> tuple[int, _Found, npt.NDArray[np.int32]]:
    """Read a share; return how many ids it has, what else it has, and the ids."""
    from firth.corpus.passes import Room, scanner_pass  # noqa: PLC0415 - loads Numba
    from firth.kernels.tokenize import SENTENCE_END  # noqa: PLC0415

    source = _as_it_was(source)
    is_part = any(isinstance(path, Split) and path.kind == "text" for path in source.files or [])
    text_hash, digests, stream = TextHash(), bytearray(), _Ids()
    names: list[str] = []

    def each(block: bytes) -> None:
        if len(block) >= _LONG_BLOCK:
            raise _CannotBeSharedError("it goes on for tens of megabytes without a blank or a line's end")
        digests.extend(text_hash.update(block))
        names.extend(source.document_ids)
        source.document_ids = []

    with tempfile.TemporaryDirectory(prefix="firth-") as folder:
        room = Room(memory=memory, folder=Path(folder) / "words", min_count=1)
        try:
            counted = scanner_pass(source, tokenizer, stream, threads=1, each=each, room=room)
        except remote.ChangedError as path:
            raise _CannotBeSharedError(f"{path} is not the same file for all workers") from None
        there = np.flatnonzero(counted.counts)
        _number(stream.parts, counted, there)
        found = _Found(
            words=counted.words(there), counts=counted.counts[there], stop_words=counted.stop_words,
            digests=b"" if is_part else bytes(digests), names=names if all(names) else [""], findings=source.findings,
            bad=source.decoder.bad,
        )  # fmt: skip
        del counted  # its arrays may lie in files that go now
    ids = np.concatenate([np.zeros(0, np.int32), *stream.parts])
    if len(ids) and ids[-1] >= 0:
        # A split goes on to the file's end where those behind it have no place to begin; the last ends the document.
        ids = np.append(ids, np.int32(SENTENCE_END))
    return len(ids), found, ids


def _digest(source: Source) -> bytes:
    """Return the hash of the one document that a file is."""
    text_hash, digests = TextHash(), b""
    for piece in _as_it_was(source).utf8():
        digests += text_hash.update(piece)
    return digests


def _as_it_was(source: Source) -> Source:
    """Return a source that is the same again, should its worker be lost, once its files are known to be there."""
    files: Any = source.files
    for path in files:
        # What is not there must never be taken for a file that is to be skipped.
        if not remote.is_fetched_whole(path) and not path.is_unchanged():
            raise _CannotBeSharedError(f"{path} is not the same file for all workers")
    return source.share(files)


def _number(parts: list[npt.NDArray[np.int32]], counted: Counted, there: npt.NDArray[np.int64]) -> None:
    """Number the words in a share's stream by their places among those that are there, and behind them all others."""
    own = np.full(len(counted.counts) + 1, len(there), np.int32)
    own[there] = np.arange(len(there), dtype=np.int32)
    own_ids: tuple[int, npt.NDArray[np.int32]] = (-1, own)
    for ids, (_, table) in zip(parts, counted.parts, strict=True):
        if own_ids[0] != table:
            own_ids = (table, own[counted.joined[table]])
        is_word = ids >= 0
        ids[is_word] = own_ids[1][ids[is_word]]


def _renumber(
    stream: npt.NDArray[np.int32], new_ids: npt.NDArray[np.int32], max_sentence: int
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64], npt.NDArray[np.int64], int, int]:
    """Return a share's token ids, its sentences' and documents' ends, how many were split, and the longest."""
    from firth.kernels.tokenize import renumber  # noqa: PLC0415 - loads Numba

    state = np.zeros(5, np.int64)
    token_ids = np.empty(len(stream), np.int32)
    ends, document_ends = np.empty(len(stream), np.int64), np.empty(len(stream), np.int64)
    # What came from another process cannot be written to, which would be another kernel.
    stream, new_ids = (array if array.flags.writeable else array.copy() for array in (stream, new_ids))
    tokens, sentences, documents = renumber(stream, new_ids, max_sentence, state, token_ids, ends, document_ends)
    return (
        token_ids[:tokens].copy(), ends[:sentences].copy(), document_ends[:documents].copy(), int(state[3]),
        int(state[4]),
    )  # fmt: skip
