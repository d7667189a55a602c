"""Bytes to valid UTF-8, from any encoding Python knows; bytes that do not fit are counted, and replaced or refused."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Literal, NamedTuple

from firth.errors import BadBytesError, SettingsError, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["BadBytes", "Decoder", "Errors", "Place"]

Errors = Literal["replace", "strict"]

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Place(NamedTuple):
    """Where something is, in words.

    before: what stands before the number of a row.
    row: its number, or None where the words alone tell.
    behind: what stands behind it.
    """

    before: str
    row: int | None = None
    behind: str = ""

    def __str__(self) -> str:
        return self.before if self.row is None else f"{self.before}{self.row:,}{self.behind}"


class BadBytes:
    """How many places were replaced in all that was read, and where the first one is."""

    def __init__(self) -> None:
        self.count = 0
        self.first: Place | None = None

    def add(self, count: int, where: Place) -> None:
        """Note some more places; `where` names the first of them."""
        self.first = self.first or where
        self.count += count

    def add_all(self, other: BadBytes, rows_before: int) -> None:
        """Take over those of text behind this; `rows_before` are of the same file and were not known to `other`."""
        if other.first is not None:
            row = other.first.row
            self.add(other.count, other.first._replace(row=None if row is None else rows_before + row))


class Decoder:
    """Turns the bytes of files into UTF-8, piece by piece.

    Args:
        encoding: a name that Python's codecs know.
        errors: "replace" puts U+FFFD for bytes that the encoding does not allow, "strict" raises.
    """

    def __init__(self, encoding: str = "utf-8", errors: Errors = "replace") -> None:
        if not isinstance(encoding, str):
            raise SettingsError(f'expected the name of a text encoding such as "utf-8", got {encoding!r}')
        try:
            self.encoding = codecs.lookup(encoding).name
            codecs.getincrementaldecoder(encoding)
            b"text".decode(encoding, "replace")  # raises where it is no encoding of text (base64)
        except LookupError:
            raise SettingsError(
                f"there is no text encoding called {encoding!r}; usual ones are utf-8, utf-16, latin-1 and cp1252"
            ) from None
        if errors not in ("replace", "strict"):
            raise SettingsError(f'expected errors="replace" or errors="strict" for bad bytes, got {errors!r}')
        self.errors = errors
        self.bad = BadBytes()

    def utf8(self, pieces: Iterable[bytes], name: str, *, first: int = 0, head: bytes | None = None) -> Iterator[bytes]:
        """Give the text of one file as valid UTF-8; a byte order mark is left out.

        Args:
            pieces: the file's bytes.
            name: the file, for messages.
            first: where in the file the first of them stands, for messages; no character goes over that place.
            head: how the file begins; None where the first of the pieces tells.

        Raises:
            BadBytesError: the file has bytes that the encoding does not allow, and errors is "strict".
        """
        decoder = codecs.getincrementaldecoder(self.encoding)("strict")
        position = first
        hint = "" if head is None else _hint(head, self.encoding)
        begun = first > 0
        for piece in pieces:
            if position == 0 and head is None:
                hint = _hint(piece, self.encoding)
            if self.encoding == "utf-8" and not decoder.getstate()[0] and piece.isascii():
                yield piece
                begun = True
            else:
                text = self._text(decoder, piece, position, name, hint, final=False)
                if text:
                    yield (text if begun else text.removeprefix("\ufeff")).encode()
                    begun = True
            position += len(piece)
        text = self._text(decoder, b"", position, name, hint, final=True)
        if text:
            yield text.encode()

    def _text(
        self, decoder: codecs.IncrementalDecoder, piece: bytes, position: int, name: str, hint: str, *, final: bool
    ) -> str:
        """Return a piece's text; see `utf8`. position: int, the piece's first byte in the file."""
        state = decoder.getstate()
        try:
            return decoder.decode(piece, final)
        except UnicodeError as error:
            if not isinstance(error, UnicodeDecodeError):
                raise SourceError(f"{name} cannot be read as {self.encoding}: {error}") from None
            # The codec has put the bytes it had kept from the piece before in front of this piece.
            first = position + len(piece) - len(error.object) + error.start
            bad = error.object[error.start : error.end].hex()
        where = f"byte {first:,} of {name}"
        if self.errors == "strict":
            raise BadBytesError(
                f"expected {self.encoding} text, but {where} (0x{bad}) does not fit; "
                f'{hint or "give the right encoding"}, or have such bytes replaced (errors="replace", '
                "--bad-bytes replace)"
            )
        decoder.setstate(state)
        decoder.errors = "replace"
        text = decoder.decode(piece, final)
        decoder.errors = "strict"
        meant = (state[0] + piece).count("\ufffd".encode()) if self.encoding == "utf-8" else 0
        self.bad.add(max(1, text.count("\ufffd") - meant), Place(where + (f" ({hint})" if hint else "")))
        return text


def _hint(head: bytes, encoding: str) -> str:
    """Return what a byte order mark says about a file that was said to be in another encoding."""
    for mark, name in _BYTE_ORDER_MARKS:
        if head.startswith(mark) and not encoding.startswith(name):
            return f'it begins like {name} text: give encoding="{name}"'
    return ""
