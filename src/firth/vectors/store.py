"""Word vectors: the result, held read-only, and what can be asked of it."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from firth.errors import FormatError, SettingsError, UnknownWordError
from firth.vectors.answers import answer
from firth.vectors.axis import Axis, axis
from firth.vectors.closest_pairs import PairTable, closest_pairs
from firth.vectors.confidence import Interval, of_neighbours, similarity_interval
from firth.vectors.distance_table import DistanceTable, distances
from firth.vectors.formats.contents import Contents
from firth.vectors.formats.registry import format_named, format_of_suffix
from firth.vectors.neighbours import ids_of
from firth.vectors.norms import RowNorms
from firth.vectors.odd_one_out import OddOneOut, odd_one_out
from firth.vectors.product_metrics import cosines
from firth.vectors.queries import Query, understood, where_to_look
from firth.vectors.search import Search
from firth.vectors.spelling import near_spellings
from firth.vectors.words import PackedWords, shown

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping, Sequence

    from firth.events import Listener
    from firth.vectors.subwords import Subwords
    from firth.vectors.table import NeighborTable

__all__ = ["Query", "WordVectors"]


class WordVectors:
    """Words and a vector for each, read-only; safe to share between threads.

    Args:
        words: V ≥ 1 words, each once; most frequent first, but for those that joined later, which come last.
        matrix: (V, D), D ≥ 1, float32; other numbers are converted. Not copied if float32 and contiguous: whoever
            passes it must not change it any more.
        counts: int (V,), ≥ 0, how often each word came; None where that is not known.
        output_matrix: float32 (V, D'), the output vectors; None where there are none.
        subwords: the vectors of n-grams, from which unknown words get theirs; None where there are none.
        record: how the vectors were made; what JSON can hold.
        replicas: vectors of the same words from the same training on the text drawn again: see `docs/confidence.md`.

    Raises:
        SettingsError: the shapes do not agree, a word comes twice.
    """

    def __init__(
        self,
        words: Sequence[str],
        matrix: npt.NDArray[np.float32],
        counts: npt.NDArray[np.int64] | None = None,
        *,
        output_matrix: npt.NDArray[np.float32] | None = None,
        subwords: Subwords | None = None,
        record: Mapping[str, object] | None = None,
        replicas: Sequence[WordVectors] = (),
    ) -> None:
        self._words = PackedWords.of(words)
        self._matrix = _read_only(matrix, len(self._words), "a matrix")
        self._output_matrix = (
            None if output_matrix is None else _read_only(output_matrix, len(self._words), "an output matrix")
        )
        self._counts = None if counts is None else _read_only_counts(counts, len(self._words))
        self._subwords = subwords
        self._record = MappingProxyType(dict(record or {}))
        self._norms = RowNorms(self._matrix, self._words)
        self._search = Search(self._matrix, self._norms)
        self._replicas = replicas

    @property
    def words(self) -> Sequence[str]:
        """The words, in the order of the rows; decoded one by one as they are asked for."""
        return self._words

    @property
    def matrix(self) -> npt.NDArray[np.float32]:
        """The vectors, one row a word: float32 (V, D), read-only."""
        return self._matrix

    @property
    def output_matrix(self) -> npt.NDArray[np.float32] | None:
        """The output vectors: float32 (V, D'), read-only; None where they were not kept."""
        return self._output_matrix

    @property
    def counts(self) -> npt.NDArray[np.int64] | None:
        """How often each word came: int64 (V,), read-only; None where that is not known."""
        return self._counts

    @property
    def subwords(self) -> Subwords | None:
        """The vectors of n-grams, from which unknown words get theirs; None where there are none."""
        return self._subwords

    @property
    def record(self) -> Mapping[str, object]:
        """How the vectors were made, read-only."""
        return self._record

    @property
    def norms(self) -> RowNorms:
        """The rows' lengths, computed when a search first comes there."""
        return self._norms

    @property
    def search(self) -> Search:
        """Searches of the vectors, and what they keep."""
        return self._search

    @property
    def replicas(self) -> Sequence[WordVectors]:
        """Vectors from the same training on the text drawn again, to tell how far to trust these; empty without."""
        return self._replicas

    @property
    def dim(self) -> int:
        """D, the numbers in a vector."""
        return int(self._matrix.shape[1])

    def __len__(self) -> int:
        return len(self._words)

    def __iter__(self) -> Iterator[str]:
        return iter(self._words)

    def __contains__(self, word: object) -> bool:
        return word in self._words

    def __repr__(self) -> str:
        return f"<WordVectors: {len(self):,} words × {self.dim:,} dimensions>"

    def __getitem__(self, word: str) -> npt.NDArray[np.float32]:
        row = None if self._subwords is None or word in self else self._subwords.vector(word)
        if row is None:
            row = self._matrix[self.index(word)]
        if not np.isfinite(row).all():
            raise FormatError(
                f'expected finite numbers, got NaN or infinity in the vector of "{shown(word)}"; the training diverged '
                "or the file is broken"
            )
        return row

    def __copy__(self) -> WordVectors:
        return self

    def __deepcopy__(self, memo: object) -> WordVectors:
        # Nothing in it can change.
        return self

    def __reduce__(self) -> tuple[object, ...]:
        # Other processes and scikit-learn's models get the arrays, not what was looked up or computed meanwhile.
        # Of vectors that can read further words from their files, they get those that are in `words`.
        words, replicas = (self._words.text, self._words.ends), tuple(self._replicas)
        return _of_arrays, (words, self._matrix, self._counts, self._output_matrix, dict(self._record), replicas)

    def index(self, word: str) -> int:
        """Return a word's id, the number of its row.

        Raises:
            UnknownWordError: there is no vector for it; the message suggests near spellings.
        """
        if not isinstance(word, str):
            raise SettingsError(f"expected a word as str, got {word!r}")
        word_id = self._words.find(word)
        if word_id is None:
            near = " or ".join(f'"{shown(other)}"' for other in near_spellings(self._words, word))
            advice = f"; did you mean {near}?" if near else ""
            raise UnknownWordError(f'expected one of {len(self):,} words, got "{shown(word)}"{advice}')
        return word_id

    def row_ids(self, word: str) -> list[int]:
        """Return a word's id, alone; none where it has a vector without a row, made from n-grams.

        Raises:
            UnknownWordError: there is no vector for it.
        """
        made = self._subwords is not None and word not in self and self._subwords.vector(word) is not None
        return [] if made else [self.index(word)]

    def similarity(self, a: str, b: str) -> float:
        """Return the cosine of two words' vectors: float in [−1, 1], 0 where one of them is zero.

        Raises:
            UnknownWordError: there is no vector for one of them.
        """
        rows, queries = (self[word].astype(np.float64)[np.newaxis, :] for word in (a, b))
        return float(cosines(rows, queries)[0])

    def similarity_interval(self, a: str, b: str) -> Interval:
        """Return two words' cosine, and between which numbers it lies in the replicas that have both.

        Raises:
            UnknownWordError: there is no vector for one of them.
            SettingsError: there are no replicas.
        """
        return similarity_interval(self, a, b)

    def neighbors(
        self,
        query: Query,
        k: int = 10,
        metric: str = "cosine",
        *,
        among: Sequence[str] | None = None,
        most_frequent: int | None = None,
        include_query: bool = False,
        approximate: bool = False,
        confidence: bool = True,
        on_event: Listener | None = None,
    ) -> NeighborTable:
        """Return the nearest words, exactly: every row is looked at. Ties come in the order of the words.

        Args:
            query: a word, a vector, or several of either (many at once take far less time than one by one).
            k: int ≥ 1, how many neighbours each query gets; fewer where there are not so many words.
            metric: "cosine", "correlation", "dot", "euclidean", "manhattan", "chebyshev", "minkowski:3", "canberra",
                whatever else SciPy's cdist knows, or "csls" (with a number of neighbours: "csls:10").
            among: look at these words alone.
            most_frequent: int ≥ 1, look at so many words alone.
            include_query: show the word asked with as well, marked; else it is left out of its own neighbours.
            approximate: search an index instead, built at the first such search; the table states its recall. Needs
                the extra `ann`.
            confidence: where there are replicas, ask them, too, which takes as long again for each: the share of them
                that lists a neighbour, and its interval. Not for vectors as queries, by CSLS, or approximately.
            on_event: told how far long work has come, and an index's recall.

        Raises:
            UnknownWordError: there is no vector for a word.
            SettingsError: a query, k, metric or choice of words that cannot be.
            FormatError: a vector that was looked at holds NaN or infinity.
            MissingExtraError: the library for approximate searches is not installed.
        """
        queries = understood(self, query)
        where = where_to_look(self, among, most_frequent)
        left_out = () if include_query else queries.word_ids
        found = self._search.nearest(
            queries, k=k, metric=metric, where=where, left_out=left_out, approximate=approximate, on_event=on_event
        )
        told = None
        if confidence and not approximate:
            told = of_neighbours(
                self, queries, found.nearest.word_ids, k=k, metric=metric, where=where, include_query=include_query
            )
        return queries.table(
            self,
            found.nearest,
            measures=found.measures,
            metric=found.metric,
            include_query=include_query,
            recall=found.recall,
            confidence=told,
        )

    def analogy(
        self,
        expression: str | None = None,
        k: int = 10,
        *,
        positive: Sequence[str] = (),
        negative: Sequence[str] = (),
        pairs: Sequence[tuple[str, str]] = (),
        method: str | None = None,
        among: Sequence[str] | None = None,
        most_frequent: int | None = None,
        include_query: bool = False,
        confidence: bool = True,
    ) -> NeighborTable:
        """Return the words that answer word arithmetic best.

        Args:
            expression: such as "king - man + woman" or "king - man + 0.5*woman"; signs with a blank on each side, words
                with blanks between double quotes. With `pairs`, the one word that is asked about.
            k: int ≥ 1.
            positive: instead of an expression, words to add.
            negative: words to take away.
            pairs: examples (a, b) of what the answer shall be to the expression's word.
            method: "3CosAdd" (the default), "3CosMul" or "PairDirection"; with `pairs`, "3CosAvg" (the default) or
                "LRCos", which needs the extra `sklearn`.
            among: look at these words alone.
            most_frequent: int ≥ 1, look at so many words alone.
            include_query: show the words asked with as well, those of `pairs` too, marked. They are usually the nearest
                of all, and leaving them out flatters the arithmetic.
            confidence: where there are replicas, ask them, too, as for `neighbors`.

        Raises:
            ExpressionError: the expression cannot be read, its terms cancel out, or the method takes others.
            UnknownWordError: there is no vector for a word.
            SettingsError: k, a method or a choice of words that cannot be.
            FormatError: a vector that was looked at holds NaN or infinity.
            MissingExtraError: the library that LRCos needs is not installed.
        """
        return answer(
            self,
            expression,
            k,
            positive=positive,
            negative=negative,
            pairs=pairs,
            method=method,
            where=where_to_look(self, among, most_frequent),
            include_query=include_query,
            confidence=confidence,
        )

    def distances(self, words: Sequence[str], metric: str = "cosine") -> DistanceTable:
        """Return the metric between every two of some words, as a square table.

        Args:
            words: at least one; those that come twice are shown once.
            metric: as for `neighbors`, but for "csls".

        Raises:
            UnknownWordError: there is no vector for a word.
            SettingsError: it is no list of words, or a metric that cannot be.
        """
        return distances(self, words, self._search.metric(metric))

    def closest_pairs(
        self,
        words: Sequence[str] | None = None,
        k: int = 10,
        metric: str = "cosine",
        *,
        most_frequent: int | None = None,
        on_event: Listener | None = None,
    ) -> PairTable:
        """Return the closest pairs among some words; as much work as a search for each of them.

        Args:
            words: the words; None for all.
            k: int ≥ 1, how many pairs.
            metric: as for `neighbors`, but for "csls".
            most_frequent: int ≥ 1, so many words instead.
            on_event: told how far the work has come.

        Raises:
            UnknownWordError: there is no vector for a word.
            SettingsError: k, a metric or a choice of words that cannot be.
            FormatError: a vector that was looked at holds NaN or infinity.
        """
        ids = ids_of(where_to_look(self, words, most_frequent), len(self))
        return closest_pairs(self, ids, k, self._search.metric(metric), on_event)

    def odd_one_out(self, words: Sequence[str], metric: str = "cosine") -> OddOneOut:
        """Return how near each word of a list is to the others, the oddest first; `.word` is that one.

        Args:
            words: at least three different ones.
            metric: as for `neighbors`, but for "csls".

        Raises:
            UnknownWordError: there is no vector for a word.
            SettingsError: there are fewer than three words, or a metric that cannot be.
        """
        return odd_one_out(self, words, self._search.metric(metric))

    def axis(self, positive: Sequence[str], negative: Sequence[str]) -> Axis:
        """Return the semantic axis from some words to others; `.project(words)` says where words stand along it.

        Args:
            positive: the words at one end, such as ["rich", "wealthy"].
            negative: the words at the other, such as ["poor"].

        Raises:
            UnknownWordError: there is no vector for a word.
            SettingsError: a list is empty, or both ends are alike.
        """
        return axis(self, positive, negative)

    def save(
        self,
        path: str | os.PathLike[str],
        format: str | None = None,  # noqa: A002  (the word that everybody looks for)
        *,
        on_event: Listener | None = None,
    ) -> None:
        """Write the vectors to a file, whole or not at all.

        Args:
            path: the file; it replaces one that is there.
            format: the name of one, such as "safetensors" (keeps everything), "word2vec-text", "glove" or "fasttext";
                None to take it from the suffix: .safetensors, .txt or .vec, .bin (docs/formats.md has them all).
            on_event: told how far it has come, and what the format does not keep.

        Raises:
            StorageError: it cannot be written.
            SettingsError: no format belongs to the suffix or name, or the record holds what JSON cannot.
            FormatError: the format cannot carry a word (word2vec binary: one with a blank), or a number is not finite.
        """
        file = Path(path)
        chosen = format_of_suffix(file) if format is None else format_named(format)
        contents = Contents(
            words=self._words,
            matrix=self._matrix,
            counts=self._counts,
            output_matrix=self._output_matrix,
            subwords=self._subwords,
            record=self._record,
        )
        chosen.save(file, contents, on_event)


def _of_arrays(  # noqa: PLR0917 - as pickle gives them
    words: tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]],
    matrix: npt.NDArray[np.float32],
    counts: npt.NDArray[np.int64] | None,
    output_matrix: npt.NDArray[np.float32] | None,
    record: Mapping[str, object],
    replicas: Sequence[WordVectors] = (),
) -> WordVectors:
    """Return the vectors that another process, or a copy, was told of by their arrays."""
    return WordVectors(
        PackedWords(*words), matrix, counts, output_matrix=output_matrix, record=record, replicas=replicas
    )


def _read_only(matrix: npt.NDArray[np.float32], rows: int, what: str) -> npt.NDArray[np.float32]:
    array = np.asarray(matrix)
    if array.dtype.kind not in "fiu" or array.ndim != 2 or len(array) != rows or 0 in array.shape:
        raise SettingsError(
            f"expected {what} of numbers with one row for each of {rows:,} words (at least one) and one column or "
            f"more, got {array.dtype} of shape {array.shape}"
        )
    with np.errstate(over="ignore"):
        view = np.ascontiguousarray(array, dtype=np.float32).view()
    view.flags.writeable = False
    return view


def _read_only_counts(counts: npt.NDArray[np.int64], words: int) -> npt.NDArray[np.int64]:
    array = np.asarray(counts)
    if array.dtype.kind not in "iu" or array.shape != (words,) or bool(np.any(array < 0)):
        raise SettingsError(
            f"expected a count of 0 or more for each of {words:,} words, got {array.dtype} {array.shape}"
        )
    view = np.ascontiguousarray(array, dtype=np.int64).view()
    view.flags.writeable = False
    return view
