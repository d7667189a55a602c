"""Word runs: words and their counts that did not fit into memory, on disk in sorted order, until they are merged.

A line of a run is a word's count, its id in the table it comes from, and the word, as bytes without a line end; lines
are in the order of the words' bytes, each word once in a run. Merged, all runs give each word's whole count, and the
words that are rare need never be in memory together.
"""

from __future__ import annotations

import heapq
import os
from contextlib import ExitStack
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import numpy.typing as npt

__all__ = ["Merged", "WordRuns"]

_AT_ONCE = 200_000
"""Words sorted at a time, which makes a run."""

_OPEN = 64
"""Runs merged at a time: more are merged to fewer first."""

_Line = tuple[bytes, int, int, int]
"""A word, its count, its table, its id there."""


class Merged:
    """What all tables come to together.

    Args:
        words: the words that are kept, as bytes, in the order of their bytes.
        counts: int64, how often each came.
        new_ids: for each table, int32: its ids' places among these words, −1 for words left out; mapped.
        rare_words: how many different words were left out.
        rare_occurrences: how often these came together.
        highest: the highest count of any word.
    """

    def __init__(self, words: list[bytes], counts: npt.NDArray[np.int64], new_ids: list[npt.NDArray[np.int32]]) -> None:
        self.words, self.counts, self.new_ids = words, counts, new_ids
        self.rare_words = self.rare_occurrences = self.highest = 0


class WordRuns:
    """Runs of words in a folder.

    Args:
        folder: an empty one, of the runs' own.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._runs: list[Path] = []
        self._sizes: list[int] = []

    def add(self, table: Iterable[tuple[list[bytes], npt.NDArray[np.int64], int]]) -> int:
        """Write a table's words, and return its number.

        Args:
            table: some words at a time: the words, how often each came (those that never came are left out), and the
                first one's id, from which on they are numbered.
        """
        number, size = len(self._sizes), 0
        for words, counts, first in table:
            size = max(size, first + len(words))
            for begin in range(0, len(words), _AT_ONCE):
                places = range(begin, min(begin + _AT_ONCE, len(words)))
                order = sorted((place for place in places if counts[place]), key=words.__getitem__)
                self._write((words[place], int(counts[place]), number, first + place) for place in order)
        self._sizes.append(size)
        return number

    def _write(self, lines: Iterable[_Line]) -> None:
        path = self._folder / f"{len(self._runs):06d}.words"
        with path.open("xb") as run:
            for word, count, table, word_id in lines:
                run.write(b"%d %d %d %b\n" % (count, table, word_id, word))
        self._runs.append(path)

    def merge(self, min_count: int) -> Merged:
        """Merge all runs, and choose the words that are kept.

        Args:
            min_count: int ≥ 1.
        """
        while len(self._runs) > _OPEN:
            together, self._runs = self._runs[:_OPEN], self._runs[_OPEN:]
            path = self._folder / f"merged-{len(self._runs):06d}-{together[0].name}"
            with path.open("xb") as run:
                for word, count, table, word_id in _merged(together):
                    run.write(b"%d %d %d %b\n" % (count, table, word_id, word))
            for done in together:
                done.unlink()
            self._runs.append(path)
        merged = Merged([], np.zeros(0, np.int64), [self._room(number) for number in range(len(self._sizes))])
        counts: list[int] = []
        for word, lines in groupby(_merged(self._runs), key=lambda line: line[0]):
            places = [*lines]
            count = sum(line[1] for line in places)
            merged.highest = max(merged.highest, count)
            if count < min_count:
                merged.rare_words += 1
                merged.rare_occurrences += count
                continue
            for _, _, table, word_id in places:
                merged.new_ids[table][word_id] = len(counts)
            merged.words.append(word)
            counts.append(count)
        merged.counts = np.array(counts, dtype=np.int64)
        return merged

    def _room(self, number: int) -> npt.NDArray[np.int32]:
        """Return room on disk for a table's new ids, all −1 at first."""
        path, size = self._folder / f"{number:06d}.ids", self._sizes[number]
        if size == 0:
            return np.zeros(0, np.int32)
        with path.open("xb") as file:
            # Written, not only reserved: a mapped file that finds the disk full ends the process.
            left = 4 * size
            while left:
                left -= file.write(b"\xff" * min(left, 1 << 20))
            file.flush()
            os.fsync(file.fileno())
        return np.memmap(path, np.int32, "r+")


def _merged(paths: list[Path]) -> Iterator[_Line]:
    """Give the lines of some runs in the order of their words."""
    with ExitStack() as stack:
        files = [stack.enter_context(path.open("rb", buffering=1 << 16)) for path in paths]
        yield from heapq.merge(*(map(_parsed, file) for file in files), key=lambda line: line[0])


def _parsed(line: bytes) -> _Line:
    count, table, word_id, word = line[:-1].split(b" ", 3)
    return word, int(count), int(table), int(word_id)
