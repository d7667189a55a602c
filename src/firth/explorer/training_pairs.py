"""The training pairs that a text yields, by the places of its words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firth.contexts.pairs import pairs

if TYPE_CHECKING:
    from firth.corpus.tokenizers import Tokenizer

__all__ = ["pairs_by_place"]


def pairs_by_place(text: str, window: int, tokenizer: Tokenizer | None = None) -> dict[str, Any]:
    """Return a text's words, and each centre with each of its contexts, as places among the words.

    Args:
        text: the text.
        window: int ≥ 1, words to each side of the centre.
        tokenizer: how a text becomes words and sentences; None for `Words()`.

    Raises:
        SettingsError: a window that cannot be.
    """
    rows = list(pairs(text, window, tokenizer=tokenizer))
    # A row a word, in the text's order; its contexts stand directly before and behind it.
    found = [
        {"centre": place, "context": context}
        for place, row in enumerate(rows)
        for context in (*range(place - len(row.left), place), *range(place + 1, place + 1 + len(row.right)))
    ]
    return {"tokens": [row.centre for row in rows], "pairs": found}
