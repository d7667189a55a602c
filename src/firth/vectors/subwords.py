"""Vectors for words that were never seen, made from those of their character n-grams.

With z_g the vector of an n-gram g and G(w) the n-grams of the word between "<" and ">", an unknown word's vector is

    v(w) = 1 / |G(w)| · Σ_{g ∈ G(w)} z_g

and a known word's the mean of its own row z_w and those of its n-grams. N-grams share B rows by their hash, which is
FNV-1a of their UTF-8 bytes in 32 bits, each byte taken as a signed number, modulo B.

Source: Bojanowski, Grave, Joulin, Mikolov 2017, "Enriching Word Vectors with Subword Information", TACL, section 3.2;
computeSubwords in fastText's program, src/dictionary.cc, whose n-grams are those of two characters or more and of one
where that is not "<" or ">" itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from firth.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from firth.vectors.words import PackedWords

__all__ = ["SENTENCE_END", "Subwords", "ngram_hash", "ngrams"]

SENTENCE_END = "</s>"
"""fastText's word for the end of a line; it has no n-grams."""

_WORDS_AT_ONCE = 10_000


def ngrams(word: str, shortest: int, longest: int) -> list[str]:
    """Return the n-grams of a word between "<" and ">", in the order of their first character, then of their length.

    Args:
        word: any word.
        shortest: int ≥ 1, characters.
        longest: int, characters; none where it is below `shortest`.
    """
    if word == SENTENCE_END:
        return []
    whole = f"<{word}>"
    return [
        whole[start : start + size]
        for start in range(len(whole))
        for size in range(shortest, min(longest, len(whole) - start) + 1)
        if size > 1 or 0 < start < len(whole) - 1
    ]


def ngram_hash(ngram: str) -> int:
    """Return FNV-1a in 32 bits, h ← (h ⊕ b) · 16777619 mod 2³² from h = 2166136261, each byte b widened as signed."""
    key = 2166136261
    for byte in ngram.encode():
        key = ((key ^ (byte | 0xFFFFFF00 if byte > 127 else byte)) * 16777619) % 2**32
    return key


class Subwords:
    """The vectors of n-grams, and the rows of words that go with them.

    Args:
        word_rows: float32 (V, D), z_w of each known word.
        ngram_rows: float32 (B, D), B ≥ 1, z_g at each hash.
        shortest: int ≥ 1, characters of the shortest n-grams.
        longest: int ≥ shortest, of the longest.

    Raises:
        SettingsError: the numbers or shapes do not agree.
    """

    def __init__(
        self, word_rows: npt.NDArray[np.float32], ngram_rows: npt.NDArray[np.float32], *, shortest: int, longest: int
    ) -> None:
        if not 1 <= shortest <= longest:
            raise SettingsError(
                f"expected n-grams from 1 character up, the shortest no longer than the longest, got {shortest:,} to "
                f"{longest:,}"
            )
        if word_rows.ndim != 2 or ngram_rows.ndim != 2 or not len(ngram_rows):
            raise SettingsError("expected a matrix of words' rows and one of n-grams', got others")
        if word_rows.shape[1] != ngram_rows.shape[1]:
            raise SettingsError(
                f"expected as many dimensions for n-grams as for words, {word_rows.shape[1]:,}, "
                f"got {ngram_rows.shape[1]:,}"
            )
        self.word_rows = word_rows
        self.ngram_rows = ngram_rows
        self.shortest = shortest
        self.longest = longest

    def __repr__(self) -> str:
        return f"<Subwords: {len(self.ngram_rows):,} rows for n-grams of {self.shortest} to {self.longest} characters>"

    def vector(self, word: str) -> npt.NDArray[np.float32] | None:
        """Return an unknown word's vector: float32 (D,); None where it has no n-grams, or no UTF-8."""
        try:
            rows = [ngram_hash(ngram) % len(self.ngram_rows) for ngram in ngrams(word, self.shortest, self.longest)]
        except UnicodeEncodeError:
            return None
        if not rows:
            return None
        total = np.zeros(self.ngram_rows.shape[1], dtype=np.float32)
        with np.errstate(over="ignore", invalid="ignore"):
            for row in rows:
                total += self.ngram_rows[row]
        return total * np.float32(1.0 / len(rows))

    def first(self, n: int) -> Subwords:
        """Return the same for the first n words alone."""
        return Subwords(self.word_rows[:n], self.ngram_rows, shortest=self.shortest, longest=self.longest)

    def fill(self, words: PackedWords, matrix: npt.NDArray[np.float32]) -> Iterator[int]:
        """Set the vectors of known words, a block at a time.

        Args:
            words: V words, those of `word_rows`.
            matrix: float32 (V, D), to be filled.

        Yields:
            How many are set.
        """
        from firth.kernels.ngrams import mean_vectors  # noqa: PLC0415 (Numba takes half a second to load)

        for start in range(0, len(words), _WORDS_AT_ONCE):
            some = words[start : start + _WORDS_AT_ONCE]
            parts = [f"<{word}>".encode() for word in some]
            ends = np.zeros(len(parts) + 1, dtype=np.int64)
            np.cumsum([len(part) for part in parts], out=ends[1:])
            with np.errstate(over="ignore", invalid="ignore"):
                mean_vectors(
                    np.frombuffer(b"".join(parts), dtype=np.uint8),
                    ends,
                    np.array([word == SENTENCE_END for word in some]),
                    self.shortest,
                    self.longest,
                    self.word_rows[start : start + len(parts)],
                    self.ngram_rows,
                    matrix[start : start + len(parts)],
                )
            yield start + len(parts)
