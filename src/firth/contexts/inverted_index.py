"""A stretch of the corpus turned around: for each word, the places where it stands."""

from __future__ import annotations

from itertools import pairwise, repeat
from typing import TYPE_CHECKING

import numpy as np

from firth.kernels import cooccurrence as kernels

if TYPE_CHECKING:
    from concurrent.futures import Executor

    import numpy.typing as npt

    from firth.contexts.window import Window

__all__ = ["InvertedIndex"]


class InvertedIndex:
    """Where each word stands in one stretch of the text, and how far its window reaches there.

    Args:
        token_ids: int32 (T,), the corpus.
        sentence_ends: int64 (S,), exclusive.
        words: V, int ≥ 1.
        window: its reach.
        longest: int ≥ 1, tokens of the longest stretch.
        parts: int ≥ 1, in how many pieces a stretch is worked on at once.
    """

    BYTES_A_TOKEN = 12
    """Memory that a stretch takes."""

    def __init__(
        self,
        token_ids: npt.NDArray[np.int32],
        sentence_ends: npt.NDArray[np.int64],
        *,
        words: int,
        window: Window,
        longest: int,
        parts: int,
    ) -> None:
        self.token_ids, self.sentence_ends, self.window, self.parts = token_ids, sentence_ends, window, parts
        # In memory of its own the text is read in large pages; mapped, a fifth of the time goes into finding pages.
        self._tokens = np.empty(longest + window.left + window.right, np.int32)
        self._occurrences = np.empty(longest, np.int64)
        self.tokens = self._tokens[:0]
        """int32, the stretch and what the windows at its ends reach."""
        self.occurrences = self._occurrences[:0]
        """int64, by word, in the text's order; see `firth.kernels.cooccurrence`."""
        self.ends = np.zeros(words, np.int64)
        """int64 (V,), where each word's occurrences end, exclusive."""

    def turn(self, stretch: range, pool: Executor) -> None:
        """Go over to a stretch of the corpus; the one before is forgotten.

        Args:
            stretch: positions in the corpus, step 1; sentences may be cut.
            pool: whose threads do the work.
        """
        first, last = stretch.start, stretch.stop
        offset = max(0, first - self.window.left)
        text = self.token_ids[offset : last + self.window.right]
        self.tokens, self.occurrences = self._tokens[: len(text)], self._occurrences[: last - first]
        np.copyto(self.tokens, text)
        cuts = [first + (last - first) * part // self.parts for part in range(self.parts + 1)]
        counts = np.zeros((self.parts, len(self.ends)), np.int64)
        list(pool.map(self._count, pairwise(cuts), counts))
        np.cumsum(counts.sum(axis=0), out=self.ends)
        # A word's occurrences are those of the first piece, then those of the second …
        starts = counts.cumsum(axis=0)
        starts -= counts
        starts[:, 1:] += self.ends[:-1]
        list(pool.map(self._place, pairwise(cuts), starts, repeat(offset)))

    def _count(self, piece: tuple[int, int], counts: npt.NDArray[np.int64]) -> None:
        kernels.count_words(self.token_ids[slice(*piece)], counts)

    def _place(self, piece: tuple[int, int], next_places: npt.NDArray[np.int64], offset: int) -> None:
        first, last = piece
        begin = int(np.searchsorted(self.sentence_ends, first, side="right"))
        end = int(np.searchsorted(self.sentence_ends, last, side="left")) + 1
        kernels.invert(
            self.token_ids,
            int(self.sentence_ends[begin - 1]) if begin else 0,
            self.sentence_ends[begin:end],
            first,
            last,
            offset,
            self.window.left,
            self.window.right,
            next_places,
            self.occurrences,
        )
