"""A text read and encoded by many: each takes some of its files, with ids of its own, which are then made everybody's.

What comes of it is, to the byte, what `firth.corpus.encoded.Encoder` makes of the same files alone.
"""

from __future__ import annotations

import tempfile
import time
from collections import deque
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from firth.corpus.encoded import DOCUMENTS, SENTENCES, TOKENS, Encoder
from firth.corpus.remote import RemoteFile
from firth.corpus.text_hash import TextHash
from firth.distributed.engine import WorkerLostError
from firth.errors import ClusterError, SourceError
from firth.events import Notice, Progress, Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from io import BufferedReader
    from typing import BinaryIO

    import numpy.typing as npt

    from firth.corpus.decoding import BadBytes
    from firth.corpus.passes import Counted, Room
    from firth.corpus.sources import Findings, Source
    from firth.corpus.tokenizers import Tokenizer
    from firth.distributed.engine import Engine

__all__ = ["ClusterEncoder", "encoder_of"]

_ATTEMPTS = 5
_SHARE_BYTES = 256 << 20
"""Of files, that one task should have at the most, as its ids must fit into memory; a larger file is a task's alone."""

_SHARES_EACH = 4
"""Shares for each worker, where there are files enough, so that none waits long for the last one."""

_FILE_BYTES = 1 << 12
"""What opening a file costs beside its bytes, in bytes."""

_LONG_BLOCK = 64 << 20
"""A block so long may have been cut within a word, and elsewhere if the text before it were read with it."""


def encoder_of(engine: Engine) -> Callable[..., Encoder]:
    """Return what makes encoders that read texts by an engine: what `firth.corpus.encoded.encode` takes."""
    return partial(ClusterEncoder, engine)


class _CannotBeSharedError(Exception):
    """The text cannot be read by shares as one machine would read it; says why."""


@dataclass(kw_only=True)
class _Share:
    """What a share of a text has, but for its ids.

    Args:
        words: all but the stop words, by the share's own ids.
        counts: int64, how often each came.
        stop_words: occurrences left out.
        digests: of its documents.
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
    """An encoder whose text is read by a cluster, where it comes from several files.

    Args:
        engine: who reads.
        arguments: those of `Encoder`.
    """

    def __init__(self, engine: Engine, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._engine = engine
        self._shares: list[Any] = []
        self._sizes: list[int] = []
        self._started: dict[int, list[Any]] = {}
        self._renumbering: dict[int, Any] = {}

    def _tell(self, event: Stage | Notice | Progress) -> None:
        if self.on_event:
            self.on_event(event)

    def read(self, stream: BinaryIO, names: BinaryIO, *, threads: int, room: Room) -> Counted:
        """See `Encoder.read`; the streams stay with who wrote them."""
        try:
            files = self._files()
            self._tell(Stage(name="reading the text on the cluster"))
            self._memory = room.memory
            self._share_out(files)
            self._await_shares()
        except _CannotBeSharedError as why:
            self._shares = []
            # Not a notice of the text, which is the same in any case.
            self._tell(Notice(text=f"this machine reads the text, not the cluster: {why}"))
            return super().read(stream, names, threads=threads, room=room)
        self._cached = lru_cache(1)
        return self._merged(names, room)

    def _files(self) -> Sequence[Path | RemoteFile]:
        """Return the text's files.

        Raises:
            _CannotBeSharedError: they cannot be read by several.
        """
        from firth.corpus.scanner import is_scannable  # noqa: PLC0415 - loads Numba

        files = self.source.files
        if files is None:
            raise _CannotBeSharedError("it does not come from files")
        if len(files) < 2:
            raise _CannotBeSharedError("it is one file, and a file is read by one")
        if not all(path.is_file() for path in files if isinstance(path, Path)):
            raise _CannotBeSharedError("there is a pipe among its files")
        if not is_scannable(self.tokenizer):
            raise _CannotBeSharedError("its tokenizer is a function of Python")
        return files

    def _share_out(self, files: Sequence[Path | RemoteFile]) -> None:
        """Cut the files into shares of about as many bytes, in their order."""
        ends = np.cumsum([path.stat().st_size + _FILE_BYTES for path in files])
        total = int(ends[-1])
        count = min(len(files), max(_SHARES_EACH * self._engine.workers, -(-total // _SHARE_BYTES)))
        wanted = [total * number // count for number in range(1, count)]
        cuts = np.unique([0, *np.searchsorted(ends, wanted, side="right").tolist(), len(files)]).tolist()
        here = [path if isinstance(path, RemoteFile) else _FileHere(path) for path in files]
        source: Any = self.source
        self._shares = [self._engine.put(source.share(here[first:last])) for first, last in pairwise(cuts)]
        self._sizes = np.diff([0, *(int(ends[last - 1]) for last in cuts[1:])]).tolist()

    def _start(self, number: int) -> None:
        """Begin to read a share; its handles are those of its number of ids, its `_Share`, its ids."""
        work = (_read, self._shares[number], self.tokenizer, self._memory)
        self._started[number] = self._engine.start(*work, results=3)

    def _await_shares(self) -> None:
        """Read all shares, some at a time."""
        begun, done, total = time.monotonic(), 0, sum(self._sizes)
        ahead = 2 * self._engine.workers
        for number in range(len(self._shares)):
            for other in range(len(self._started), min(number + ahead, len(self._shares))):
                self._start(other)
            self._result(number, lambda number: self._started[number][0])
            done += self._sizes[number]
            self._tell(Progress(done=done, total=total, unit="bytes", seconds=time.monotonic() - begun))

    def _result(self, number: int, handle_of: Callable[[int], Any]) -> Any:
        """Return a result that comes of a share, which is read again where it was lost with its worker."""
        for _ in range(_ATTEMPTS):
            try:
                return self._engine.wait_for(handle_of(number))
            except WorkerLostError:
                self._tell(
                    Notice(text=f"share {number + 1} of {len(self._shares)} was lost with its worker, read again")
                )
                self._renumbering.pop(number, None)
                self._start(number)
        raise ClusterError(
            "expected workers that stay, but one was lost again and again while the text was read; look after their "
            "memory, then begin anew"
        )

    def _merged(self, names: BinaryIO, room: Room) -> Counted:
        """Bring together what the shares have, in their order."""
        from firth.corpus.passes import WordTable  # noqa: PLC0415 - loads Numba

        table, stop_words = WordTable(room), 0
        places: list[tuple[npt.NDArray[np.int32], int]] = []
        for number in range(len(self._shares)):
            share: _Share = self._again_result(number, lambda number: self._started[number][1])
            self.hash.add(share.digests)
            self.source.document_ids = share.names
            self.keep_names(names)
            self.source.add_findings(share.findings, share.bad)
            stop_words += share.stop_words
            ids = np.fromiter(table.ids(share.words), np.int32, len(share.words))
            places.append((ids, table.count(ids, share.counts)))
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
                # A share ends with a document, so that no sentence is open.
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

        begun, done, total = time.monotonic(), 0, sum(self._sizes)
        waiting = deque(range(len(self._shares)))
        for number in range(len(self._shares)):
            while waiting and waiting[0] < number + 2 * self._engine.workers:
                handle_of(waiting.popleft())
            yield self._again_result(number, handle_of)
            # Nobody needs them any more, and they may be large.
            del self._renumbering[number], self._started[number]
            done += self._sizes[number]
            self._tell(Progress(done=done, total=total, unit="bytes", seconds=time.monotonic() - begun))


class _FileHere:
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
        return self._path.open("rb")

    def stat(self) -> Any:
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


class _Ids:
    """The stream of a share, kept in memory."""

    def __init__(self) -> None:
        self.parts: list[npt.NDArray[np.int32]] = []

    def write(self, ids: npt.NDArray[np.int32]) -> None:
        self.parts.append(ids.copy())  # it lies in room for a whole block


def _read(source: Source, tokenizer: Tokenizer, memory: int) -> tuple[int, _Share, npt.NDArray[np.int32]]:
    """Read a share; return how many ids it has, what else it has, and the ids."""
    from firth.corpus.passes import Room, scanner_pass  # noqa: PLC0415 - loads Numba

    files: Any = source.files
    for path in files:
        # What is not there must never be taken for a file that is to be skipped.
        if not path.is_unchanged():
            raise _CannotBeSharedError(f"{path} is not the same file for all workers")
    # Done again after its worker was lost, it is the same source still.
    source = source.share(files)
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
        counted = scanner_pass(source, tokenizer, stream, threads=1, each=each, room=room)
        there = np.flatnonzero(counted.counts)
        _number(stream.parts, counted, there)
        share = _Share(
            words=counted.words(there), counts=counted.counts[there], stop_words=counted.stop_words,
            digests=bytes(digests), names=names if all(names) else [""], findings=source.findings,
            bad=source.decoder.bad,
        )  # fmt: skip
        del counted  # its arrays may lie in files that go now
    ids = np.concatenate([np.zeros(0, np.int32), *stream.parts])
    return len(ids), share, ids


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
