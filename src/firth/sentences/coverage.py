"""How much of some texts the vectors know."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Coverage"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Coverage:
    """What was left out of some texts' vectors; two of them add up.

    Args:
        texts: ≥ 0, texts read.
        unknown_texts: those of them without a known word; their vectors are zeros.
        words: ≥ 0, words in all texts, each as often as it comes.
        unknown_words: those of them that have no vector; they were left out.
    """

    texts: int = 0
    unknown_texts: int = 0
    words: int = 0
    unknown_words: int = 0

    def __add__(self, other: Coverage) -> Coverage:
        return Coverage(
            texts=self.texts + other.texts,
            unknown_texts=self.unknown_texts + other.unknown_texts,
            words=self.words + other.words,
            unknown_words=self.unknown_words + other.unknown_words,
        )

    @property
    def notices(self) -> tuple[str, ...]:
        """What a user should know, a sentence each."""
        words = f"{self.unknown_words:,} of {self.words:,} words have no vector and were left out of the texts' vectors"
        texts = f"{self.unknown_texts:,} of {self.texts:,} texts have no known word; their vectors are all zeros"
        return tuple(text for count, text in ((self.unknown_words, words), (self.unknown_texts, texts)) if count)
