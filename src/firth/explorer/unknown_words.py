"""Lists of words of which some are not in the vocabulary: the others are answered, and those are named."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firth.vectors.store import WordVectors

__all__ = ["known_words"]


def known_words(wv: WordVectors, *lists: Sequence[str]) -> tuple[list[list[str]], list[str]]:
    """Return each list's known words, and those of all of them that are not, each once.

    A list without any known word comes back as it is, so that what needs one refuses it by its own message.

    Args:
        wv: the vectors.
        lists: of words.
    """
    unknown = {word: None for words in lists for word in words if not _is_known(wv, word)}
    parted = [[word for word in words if word not in unknown] or list(words) for words in lists]
    return parted, list(unknown)


def _is_known(wv: WordVectors, word: str) -> bool:
    return word in wv or (wv.subwords is not None and wv.subwords.vector(word) is not None)
