"""Lists of words from a file, as --among, --freeze and --words take them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from firth.errors import FormatError, SourceError

if TYPE_CHECKING:
    from firth.events import Listener
    from firth.vectors.store import WordVectors

__all__ = ["some_of", "words_in"]


def words_in(path: str) -> list[str]:
    """Return the words of a file, one a line, each once.

    Raises:
        SourceError: the file cannot be read.
        FormatError: it is no UTF-8.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(f"expected words in UTF-8 in {path}, got other bytes ({error.reason})") from None
    except (OSError, ValueError) as error:
        raise SourceError(f"could not read {path}: {getattr(error, 'strerror', None) or error}") from None
    return list(dict.fromkeys(word for line in text.splitlines() if (word := line.strip())))


def some_of(path: str, vectors: WordVectors, on_event: Listener) -> list[str]:
    """Return the words of a file, one a line, that have a vector; a notice tells how many have none.

    Raises:
        SourceError: the file cannot be read.
        FormatError: it is no UTF-8, or none of its words has a vector.
    """
    from firth.events import Notice
    from firth.vectors.spelling import near_spellings
    from firth.vectors.words import PackedWords, shown

    words = words_in(path)
    known = [word for word in words if word in vectors]
    if not known:
        raise FormatError(f"expected words with a vector in {path}, one a line, got none among {len(words):,}")
    if len(known) < len(words):
        missing = next(word for word in words if word not in vectors)
        near = " or ".join(f'"{shown(other)}"' for other in near_spellings(PackedWords.of(vectors.words), missing))
        on_event(
            Notice(
                text=f"{len(words) - len(known):,} of {len(words):,} words in {path} have no vector, first "
                f'"{shown(missing)}"' + (f"; did you mean {near}?" if near else "")
            )
        )
    return known
