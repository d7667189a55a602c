"""The hash of a text: SHA-256 of its documents' SHA-256, so that documents can be hashed apart and anywhere."""

from __future__ import annotations

import hashlib

from firth.corpus.sources import DOCUMENT_END

__all__ = ["TextHash"]


class TextHash:
    """The hash of a text that comes block by block, or document by document from elsewhere."""

    def __init__(self) -> None:
        self._documents = hashlib.sha256()
        self._open = hashlib.sha256()
        self._is_open = False

    def update(self, block: bytes) -> bytes:
        """Take some more of the text; return the digests of the documents that end in it, 32 bytes each.

        Args:
            block: with DOCUMENT_END after each document; it may begin and end within one.
        """
        *whole, rest = block.split(DOCUMENT_END)
        digests = b""
        if whole:
            self._open.update(whole[0])
            digests = self._open.digest() + b"".join([hashlib.sha256(document).digest() for document in whole[1:]])
            self._open, self._is_open = hashlib.sha256(), False
            self.add(digests)
        if rest:
            self._open.update(rest)
            self._is_open = True
        return digests

    def add(self, digests: bytes) -> None:
        """Take documents that were hashed elsewhere, where none is open here.

        Args:
            digests: 32 bytes of each.
        """
        self._documents.update(digests)

    def hexdigest(self) -> str:
        """Return the hash of all that came; what came after the last document's end counts as one more."""
        whole = self._documents.copy()
        if self._is_open:
            whole.update(self._open.digest())
        return whole.hexdigest()
