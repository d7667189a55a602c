"""Sources: where text comes from, and how it reaches the tokenizer.

Whatever a text comes from, it is given on as one stream of valid UTF-8 with a DOCUMENT_END byte (0xFF, which UTF-8
cannot hold) after each document. A document is a plain file, a row of a table, or an item of an iterable.
"""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

from firth.corpus import decompression, remote, tables
from firth.corpus.decoding import Decoder, Place
from firth.corpus.input_splits import CannotBeCutError, Split
from firth.errors import BadBytesError, SettingsError, SourceError
from firth.events import Notice

if TYPE_CHECKING:
    from firth.corpus.decoding import BadBytes, Errors
    from firth.corpus.remote import RemoteFile
    from firth.events import Listener

__all__ = ["DOCUMENT_END", "Findings", "Source", "Unreadable", "open_source"]

DOCUMENT_END = b"\xff"
TEXT_SUFFIXES = (".txt", ".text", ".md", *tables.SUFFIXES)
"""What the search through a folder takes for text, besides names without any suffix."""

Unreadable = Literal["refuse", "skip"]
"""What to do with a file that cannot be read to its end."""

_TOGETHER = 1 << 18


@dataclass(kw_only=True)
class Findings:
    """What is found out while a text is read, and said at its end.

    Args:
        skipped: files that could not be read to their end, and why.
        plain_texts: files read as plain text.
        missing: rows without text.
        rows: int ≥ 0, rows read, without text or with.
        closed_splits: int ≥ 0, splits without any place to cut, whose text is another's.
    """

    skipped: list[str] = field(default_factory=list)
    plain_texts: list[str] = field(default_factory=list)
    missing: tables.Missing = field(default_factory=tables.Missing)
    rows: int = 0
    closed_splits: int = 0

    def add(self, other: Findings, rows_before: int = 0) -> None:
        """Take over what was found out in the text behind this one.

        Args:
            other: what was found out there.
            rows_before: int ≥ 0, rows of the same file that were read elsewhere.
        """
        self.skipped += other.skipped
        self.plain_texts += other.plain_texts
        self.missing.add_all(other.missing, rows_before)
        self.rows += other.rows
        self.closed_splits += other.closed_splits


@dataclass(kw_only=True)
class Source:
    """A text that can be read once, from beginning to end.

    Args:
        name: the source in a few words, for messages.
        settings: what decides how it is read (columns, encoding), for the fingerprint.
        files: the files it is read from, or None where it does not come from named files.
        total_bytes: bytes in those files, or None where that cannot be known (a pipe among them).
        holds_tokens: whether it gives lists of words instead of text.
    """

    name: str
    settings: dict[str, Any]
    decoder: Decoder
    on_event: Listener | None = None
    files: list[Any] | None = None
    """Of `Path`, `firth.corpus.remote.RemoteFile`, or, in a share, `Split`."""
    total_bytes: int | None = None
    holds_tokens: bool = False
    items: Iterator[Any] | None = None
    text_column: str | None = None
    id_column: str | None = None
    unreadable: Unreadable = "refuse"
    done_bytes: int = 0
    notices: list[str] = field(default_factory=list)
    document_ids: list[str] = field(default_factory=list)
    """The ids of the documents ended since somebody last emptied this list; "" for a document without one."""
    findings: Findings = field(default_factory=Findings)
    is_share: bool = False
    """Whether it is some files of a source whose others are read elsewhere: then it says nothing of its findings."""

    def notice(self, text: str) -> None:
        """Note something that the user should know, and tell whoever listens."""
        self.notices.append(text)
        if self.on_event:
            self.on_event(Notice(text=text))

    def utf8(self) -> Iterator[bytes]:
        """Give the whole text, as the module says; what was replaced or left out is noticed at the end.

        Raises:
            SourceError: it cannot be read to its end.
            BadBytesError: it has bytes that its encoding does not allow, and these are to be refused.
        """
        if self.files is not None:
            yield from self._all_files(self.files)
        elif self.items is None:
            yield from self._plain(decompression.pieces(sys.stdin.buffer, self.name), self.name)
        else:
            rows = ((text, "") for text in self.items) if self.text_column is None else self.items
            yield from self._rows(rows)
        if not self.is_share:
            self.tell_findings()

    def share(self, files: Sequence[Path | RemoteFile | Split]) -> Source:
        """Return a source of some of its files, or of splits of one, which can be read elsewhere."""
        return Source(
            name=self.name,
            settings=self.settings,
            decoder=Decoder(self.decoder.encoding, self.decoder.errors),
            files=list(files),
            text_column=self.text_column,
            id_column=self.id_column,
            unreadable=self.unreadable,
            is_share=True,
        )

    def add_findings(self, findings: Findings, bad: BadBytes, rows_before: int = 0) -> None:
        """Take over what was found out while its next share was read; `rows_before` as in `Findings.add`."""
        self.findings.add(findings, rows_before)
        self.decoder.bad.add_all(bad, rows_before)

    def tell_findings(self) -> None:
        """Notice what was replaced or left out, when all is read.

        Raises:
            SourceError: none of its files can be read.
        """
        skipped, missing, bad = self.findings.skipped, self.findings.missing, self.decoder.bad
        if skipped and self.files is not None:
            if len(skipped) == len(self.files):
                raise SourceError(f"expected files that can be read, but none of {len(skipped):,} can: {skipped[0]}")
            self.notice(
                f"{len(skipped):,} of {len(self.files):,} files could not be read to their end, their rest is left "
                f"out; the first is {skipped[0]}"
            )
        self._note_columns()
        if bad.count:
            places = "1 place" if bad.count == 1 else f"{bad.count:,} places"
            self.notice(
                f"{places} could not be read as {self.decoder.encoding} and became U+FFFD; the first is {bad.first}"
            )
        if missing.count:
            self.notice(
                f"{missing.count:,} rows had no text and were left out; the first is {self._row(missing.first)}"
            )

    def token_lists(self) -> Iterator[list[str]]:
        """Give the lists of words of a source that holds tokens; each is a document of one sentence.

        Raises:
            SourceError: an item is no list of strings.
        """
        assert self.items is not None  # noqa: S101 (open_source gives items where it sets holds_tokens)
        for number, item in enumerate(self.items):
            if not isinstance(item, list | tuple):
                raise SourceError(f"expected lists of words only, but item {number:,} is {_kind(item)}")
            for word in item:
                if not isinstance(word, str):
                    raise SourceError(f"expected words as strings, but item {number:,} holds {_kind(word)}: {word!r}")
            self.document_ids.append("")
            yield list(item)

    def _all_files(self, files: Sequence[Path | RemoteFile | Split]) -> Iterator[bytes]:
        """Give the text of all files; of one that cannot be read to its end, what could, where it is to be skipped."""
        for path in remote.fetched(files, refuse_changed=self.is_share):
            piece = DOCUMENT_END
            try:
                for piece in self._split(path) if isinstance(path, Split) else self._file(path):
                    yield piece
            except SourceError as error:
                # What is to be left out of a file's other splits, only who has them all can tell.
                if self.unreadable == "refuse" or isinstance(error, BadBytesError) or isinstance(path, Split):
                    raise
                self.findings.skipped.append(f"{path} ({error})")
                if not piece.endswith(DOCUMENT_END):
                    self.document_ids.append(str(path))
                    yield DOCUMENT_END

    def _file(self, path: Path | RemoteFile) -> Iterator[bytes]:
        before = self.done_bytes
        try:
            with path.open("rb") as stream:
                kind = tables.kind_of(path, stream.peek(decompression.HEAD))
                counted = self._counted(decompression.pieces(stream, str(path)), stream, before)
                if kind == "parquet":
                    yield from self._rows(tables.parquet_rows(path, self.columns))
                elif kind == "text":
                    yield from self._plain(counted, str(path))
                else:
                    utf8 = self.decoder.utf8(counted, str(path))
                    yield from self._rows(tables.rows(kind, utf8, path, self.columns))
            self.done_bytes = max(self.done_bytes, before + path.stat().st_size)
        except OSError as error:
            raise SourceError(f"{path} could not be read: {error.strerror or error}") from None

    def _split(self, split: Split) -> Iterator[bytes]:
        """Give the text of a part of a file.

        Raises:
            SourceError: it cannot be read; what the message says of lines is not of the whole file's.
            CannotBeCutError: it is such that only who reads the whole file does it right.
        """
        name, before = str(split), self.findings.rows
        if split.kind == "parquet":
            groups = range(split.first, split.last)
            yield from self._rows(tables.parquet_rows(split.file, self.columns, groups))
            return
        try:
            with split.file.open("rb") as stream:
                begin = split.begin(stream)
                self.findings.closed_splits += begin == split.last
                utf8 = self.decoder.utf8(split.pieces(stream, begin), name, first=begin, head=split.head)
                if split.kind == "text":
                    if split.begins:
                        self.findings.plain_texts.append(name)
                    yield from utf8
                else:
                    rows = tables.rows("jsonl", utf8, split.file, self.columns, begins=split.begins)
                    yield from self._rows(rows)
        except OSError as error:
            raise SourceError(f"{name} could not be read: {error.strerror or error}") from None
        if split.kind == "text" and split.ends:
            self.document_ids.append(name)
            yield DOCUMENT_END
        if split.kind == "jsonl" and split.begins and self.findings.rows == before:
            raise CannotBeCutError("it begins with blank lines, and its first row must have the columns")

    def _counted(self, pieces: Iterator[bytes], stream: BinaryIO, before: int) -> Iterator[bytes]:
        # A pipe, such as a shell's <(zcat novel.gz), has no place to tell: what came out of it is counted instead.
        can_tell = stream.seekable()
        for piece in pieces:
            self.done_bytes = before + stream.tell() if can_tell else self.done_bytes + len(piece)
            yield piece

    @property
    def columns(self) -> tables.Columns:
        """The columns to read from tables."""
        return tables.Columns(text=self.text_column, id=self.id_column)

    def _note_columns(self) -> None:
        """Say where columns were named that the text, being none of a table, does not have."""
        plain = self.findings.plain_texts
        named = [name for name in (self.settings["text_column"], self.settings["id_column"]) if name is not None]
        if named and plain:
            columns = " and ".join(f'"{name}"' for name in named)
            self.notice(
                f"{plain[0]}{f' and {len(plain) - 1:,} more' if plain[1:] else ''} "
                f"was read as plain text, which has no column {columns}; columns are those of .jsonl, .csv, .tsv and "
                "Parquet"
            )

    def _plain(self, pieces: Iterable[bytes], name: str) -> Iterator[bytes]:
        self.findings.plain_texts.append(name)
        yield from self.decoder.utf8(pieces, name)
        self.document_ids.append(name)
        yield DOCUMENT_END

    def _row(self, number: int | None) -> str:
        return f"row {number:,} of {self.name}"

    def _rows(self, rows: Iterable[tuple[Any, str]]) -> Iterator[bytes]:
        """Give documents, many together where they are short."""
        together: list[bytes] = []
        size = 0
        try:
            for number, (text, name) in enumerate(rows):
                self.findings.rows += 1
                if text is None:
                    self.findings.missing.add(number)
                    continue
                together.append(self._encoded(text, number))
                together.append(DOCUMENT_END)
                self.document_ids.append(name)
                size += len(text)
                if size > _TOGETHER:
                    yield b"".join(together)
                    together.clear()
                    size = 0
        except SourceError:
            yield b"".join(together)  # whoever skips what cannot be read has the rows before it
            raise
        if together:
            yield b"".join(together)

    def _encoded(self, text: Any, number: int) -> bytes:
        if not isinstance(text, str):
            raise SourceError(
                f"expected strings, but item {number:,} of {self.name} is {_kind(text)}"
                + ("; give lists of words for all items, or text for all" if isinstance(text, list) else "")
            )
        try:
            return text.encode()
        except UnicodeEncodeError as error:
            where = Place(f"character {error.start:,} of item ", number, f" of {self.name}")
            if self.decoder.errors == "strict":
                raise BadBytesError(
                    f"expected text, but {where} is half of a surrogate pair; mend the text, or errors='replace'"
                ) from None
            mended = "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)
            self.decoder.bad.add(mended.count("\ufffd") - text.count("\ufffd"), where)
            return mended.encode()


def _kind(value: object) -> str:
    return type(value).__name__


def open_source(
    text: Any,
    *,
    text_column: str | None = None,
    id_column: str | None = None,
    encoding: str = "utf-8",
    errors: Errors = "replace",
    unreadable: Unreadable = "refuse",
    on_event: Listener | None = None,
) -> Source:
    """Return the source of a text.

    Args:
        text: a file, a glob or a folder (str or Path), also elsewhere (s3://bucket/shards/*.parquet, see
            `firth.corpus.remote`), a list of these, "-" for standard input, an iterable of str
            (each a document) or of lists of str (words already), a pyarrow Table, a pandas or polars DataFrame, or a
            Hugging Face dataset. A list of str is taken for files where its first item is one, is a glob, or is
            named like one; any other list of str is text.
        text_column: the column that holds the text of JSONL, CSV and Parquet files and of tables; "text" by default.
        id_column: the column that holds a document's id, or None.
        encoding: of plain text, JSONL and CSV files.
        errors: "replace" puts U+FFFD for bytes that the encoding does not allow and counts them, "strict" raises.
        unreadable: "refuse" raises where a file cannot be read to its end; "skip" leaves it out from there, counts such
            files and names the first.
        on_event: told of each notice.

    Raises:
        SourceError: there is no such file, or nothing that can be read as text.
        SettingsError: there is no such encoding.
    """
    settings = {"text_column": text_column, "id_column": id_column, "encoding": encoding, "errors": errors}
    decoder = Decoder(encoding, errors)
    source = Source(
        name="the text",
        settings=settings,
        decoder=decoder,
        on_event=on_event,
        text_column=text_column,
        id_column=id_column,
        unreadable=unreadable,
    )
    if unreadable not in ("refuse", "skip"):
        raise SettingsError(f'expected unreadable files to "refuse" or to "skip", got {unreadable!r}')
    if unreadable == "skip":
        source.settings["unreadable"] = unreadable  # what was left out may be there another time
    if isinstance(text, str | os.PathLike) and os.fspath(text) == "-":
        source.name = "standard input"
    elif isinstance(text, str | os.PathLike):
        source.files = _found([text], source)
        source.name = str(text)
    elif isinstance(text, list | tuple) and text and _is_path(text[0]):
        source.files = _found(text, source)
        source.name = f"{text[0]} and {len(text) - 1} more" if len(text) > 1 else str(text[0])
    elif tables.is_table(text):
        source.name = f"the {_kind(text)}"
        source.text_column = text_column or "text"
        source.items = iter(tables.table_rows(text, source.columns))
    else:
        _take_items(text, source)
    # A pipe's length is known only at its end.
    if source.files is not None and all(path.is_file() for path in source.files):
        source.total_bytes = sum(path.stat().st_size for path in source.files)
    return source


def _take_items(text: Any, source: Source) -> None:
    """Read a Python iterable."""
    if isinstance(text, bytes | bytearray | Mapping | Set) or not isinstance(text, Iterable):
        raise SourceError(
            f"expected a file, a folder, or an iterable of strings or of lists of words in order, got {_kind(text)}"
        )
    items = iter(text)
    if items is text:
        source.notice(
            "the text comes from an iterator, which can be read only once; it is kept on disk in encoded form"
        )
    source.name = f"the {_kind(text)}"
    source.text_column = None
    first = next(items, None)
    if first is None:
        source.items = iter(())
        return
    source.holds_tokens = isinstance(first, list | tuple)
    if not isinstance(first, str | list | tuple):
        raise SourceError(f"expected an iterable of strings or of lists of words, but its first item is {_kind(first)}")

    def all_items() -> Iterator[Any]:
        yield first
        yield from items

    source.items = all_items()


def _is_path(item: object) -> bool:
    """Return whether a list that begins with this item is a list of files."""
    if isinstance(item, os.PathLike):
        return True
    if not isinstance(item, str) or not item or len(item) > 1000 or "\n" in item or "\0" in item:
        return False
    return (
        item == "-"
        or remote.is_remote(item)
        or _exists(item)
        or item.lower().endswith((*TEXT_SUFFIXES, *decompression.SUFFIXES))
    )


def _exists(name: str) -> bool:
    try:
        return Path(name).exists() or (glob.has_magic(name) and bool(glob.glob(name, recursive=True)))  # noqa: PTH207
    except (OSError, ValueError):
        return False


def _found(names: Iterable[Any], source: Source) -> list[Path | RemoteFile]:
    """Return all files that some paths, globs and folders stand for, each once."""
    found: dict[Path | str, Path | RemoteFile] = {}
    twice = 0
    for item in names:
        if not isinstance(item, str | os.PathLike):
            raise SourceError(f"expected files, globs and folders only, got {_kind(item)} among them")
        name = os.fspath(item)
        for path in _expanded(name, source):
            twice += path.resolve() in found
            found.setdefault(path.resolve(), path)
    if twice:
        source.notice(f"{twice:,} file{'s were' if twice > 1 else ' was'} named more than once and is read once")
    return list(found.values())


def _expanded(name: str, source: Source) -> Sequence[Path | RemoteFile]:
    if remote.is_remote(name):
        return remote.expanded(name, _named_like_text)
    path = Path(name)
    if name == "-":
        raise SourceError('"-" for standard input cannot stand among files; give it alone')
    if name and len(name) < 4000 and "\n" not in name and "\0" not in name:
        if path.is_dir():
            return _in_folder(path, source)
        if path.exists():
            return [path]
        if glob.has_magic(name):
            matches = [Path(match) for match in sorted(glob.glob(name, recursive=True))]  # noqa: PTH207 (takes absolute globs)
            files = [match for match in matches if match.is_file()]
            if not files:
                raise SourceError(f"expected files that match {name}, but there are none")
            return files
    if len(name.split()) > 1 and not name.lower().endswith(TEXT_SUFFIXES):
        shown = name if len(name) < 60 else name[:57] + "…"
        raise SourceError(f"there is no file {shown!r}; to give the text itself, put it in a list: [text]")
    raise SourceError(f"there is no file or folder {name!r}")


def _in_folder(folder: Path, source: Source) -> list[Path]:
    """Return the text files in a folder and its folders, sorted; hidden ones are passed over."""
    files: list[Path] = []
    others: list[Path] = []
    for base, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in names:
            if not name.startswith("."):
                (files if _named_like_text(name) else others).append(Path(base) / name)
    if not files:
        raise SourceError(
            f"expected text files ({', '.join(TEXT_SUFFIXES)}, or these compressed) in {folder}, but there are none"
        )
    if others:
        kinds = sorted({path.suffix for path in others})
        source.notice(
            f"{len(others):,} file{'s' if len(others) > 1 else ''} of {folder} not named like text "
            f"({', '.join(kinds[:5])}{' …' if len(kinds) > 5 else ''}) left out; name them to have them read"
        )
    return sorted(files)


def _named_like_text(name: str) -> bool:
    suffixes = [suffix.lower() for suffix in Path(name).suffixes]
    if suffixes and suffixes[-1] in decompression.SUFFIXES:
        suffixes.pop()
        return not suffixes or suffixes[-1] in TEXT_SUFFIXES or not suffixes[-1][1:].isalpha()
    return not suffixes or suffixes[-1] in TEXT_SUFFIXES
