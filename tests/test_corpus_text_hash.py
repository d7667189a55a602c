"""A text's hash: of its documents' hashes, however the text is cut and whoever hashes them."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from firth.corpus.text_hash import TextHash

DOCUMENTS = st.lists(st.text(max_size=20).map(str.encode), max_size=6)


@given(DOCUMENTS, st.binary(max_size=5).map(lambda rest: rest.replace(b"\xff", b"")), st.integers(1, 9))
def test_cuts_change_nothing(documents: list[bytes], rest: bytes, size: int) -> None:
    text = b"".join(document + b"\xff" for document in documents) + rest
    digests = b"".join(hashlib.sha256(document).digest() for document in documents)
    found, given_back = TextHash(), b""
    for first in range(0, len(text), size):
        given_back += found.update(text[first : first + size])
    assert given_back == digests
    last = hashlib.sha256(rest).digest() if rest else b""
    assert found.hexdigest() == found.hexdigest() == hashlib.sha256(digests + last).hexdigest()


@given(DOCUMENTS, DOCUMENTS)
def test_documents_may_be_hashed_elsewhere(one: list[bytes], other: list[bytes]) -> None:
    texts = [b"".join(document + b"\xff" for document in documents) for documents in (one, other)]
    whole, parts = TextHash(), TextHash()
    whole.update(b"".join(texts))
    for text in texts:
        parts.add(TextHash().update(text))
    assert whole.hexdigest() == parts.hexdigest()


def test_where_a_document_ends_matters() -> None:
    found = set()
    for text in (b"ab\xff", b"a\xffb\xff", b"ab\xff\xff", b"", b"\xff"):
        text_hash = TextHash()
        text_hash.update(text)
        found.add(text_hash.hexdigest())
    assert len(found) == 5
