"""Word vectors: the result, held read-only, and what can be asked of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from firth.errors import FormatError, SettingsError, UnknownWordError
from firth.vectors import analogy
from firth.vectors.distances import METRICS, metric_named
from firth.vectors.formats.contents import Contents
from firth.vectors.formats.registry import format_named, format_of_suffix
from firth.vectors.neighbours import most_frequent_ids, nearest
from firth.vectors.norms import RowNorms
from firth.vectors.spelling import near_spellings
from firth.vectors.table import NeighborTable
from firth.vectors.words import PackedWords, shown

if TYPE_CHECKING:
    import os

__all__ = ["Query", "WordVectors"]

Query = str | Sequence[str] | npt.NDArray[np.floating] | Sequence[float] | Sequence[npt.NDArray[np.floating]]
"""A word, several words, a vector (D,), or several vectors (Q, D)."""


class WordVectors:
    """Words and a vector for each, read-only; safe to share between threads.

    Args:
        words: V ≥ 1 words, each once, most frequent first.
        matrix: (V, D), D ≥ 1, float32; other numbers are converted. Not copied if float32 and contiguous: whoever
            passes it must not change it any more.
        counts: int (V,), ≥ 0, how often each word came; None where that is not known.
        output_matrix: float32 (V, D'), the output vectors; None where there are none.
        record: how the vectors were made; what JSON can hold.

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
        record: Mapping[str, object] | None = None,
    ) -> None:
        self._words = PackedWords.of(words)
        self._matrix = _read_only(matrix, len(self._words), "a matrix")
        self._output_matrix = (
            None if output_matrix is None else _read_only(output_matrix, len(self._words), "an output matrix")
        )
        self._counts = None if counts is None else _read_only_counts(counts, len(self._words))
        self._record = MappingProxyType(dict(record or {}))
        self._norms = RowNorms(self._matrix, self._words)

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
    def record(self) -> Mapping[str, object]:
        """How the vectors were made, read-only."""
        return self._record

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
        row: npt.NDArray[np.float32] = self._matrix[self.index(word)]
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
        words = (self._words.text, self._words.ends)
        return _of_arrays, (words, self._matrix, self._counts, self._output_matrix, dict(self._record))

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

    def similarity(self, a: str, b: str) -> float:
        """Return the cosine of two words' vectors: float in [−1, 1], 0 where one of them is zero.

        Raises:
            UnknownWordError: there is no vector for one of them.
        """
        rows, queries = (self[word].astype(np.float64)[np.newaxis, :] for word in (a, b))
        return float(METRICS["cosine"].pairs(rows, queries)[0])

    def neighbors(
        self,
        query: Query,
        k: int = 10,
        metric: str = "cosine",
        *,
        among: Sequence[str] | int | None = None,
        keep_query_words: bool = False,
    ) -> NeighborTable:
        """Return the nearest words, exactly: every row is looked at. Ties come in the order of the words.

        Args:
            query: a word, a vector, or several of either (many at once take far less time than one by one).
            k: int ≥ 1, how many neighbours each query gets; fewer where there are not so many words.
            metric: "cosine", "euclidean" or "dot".
            among: only these words, or int n for the n most frequent; None for all.
            keep_query_words: show the word asked with as well, marked; else it is left out of its own neighbours.

        Raises:
            UnknownWordError: there is no vector for a word.
            SettingsError: a query, k, metric or `among` that cannot be.
            FormatError: a vector that was looked at holds NaN or infinity.
        """
        names: list[str] | None = None
        if words := _words_asked(query):
            queries = np.stack([self[word] for word in words]).astype(np.float64)
            names = None if isinstance(query, str) else words
        else:
            queries = self._queries(query)
            names = None if np.ndim(query) == 1 else [f"vector {number}" for number in range(1, len(queries) + 1)]
        ids = [[self.index(word)] for word in words]
        return self._table(
            queries,
            names,
            ids,
            k=k,
            metric=metric,
            among=among,
            keep_query_words=keep_query_words,
        )

    def analogy(
        self,
        expression: str | None = None,
        k: int = 10,
        *,
        positive: Sequence[str] = (),
        negative: Sequence[str] = (),
        among: Sequence[str] | int | None = None,
        keep_query_words: bool = False,
    ) -> NeighborTable:
        """Return the words nearest to the result of word arithmetic, by cosine (3CosAdd on unit vectors).

        Args:
            expression: such as "king - man + woman" or "king - man + 0.5*woman"; signs with a blank on each side, words
                with blanks between double quotes.
            k: int ≥ 1.
            positive: instead of an expression, words to add.
            negative: words to take away.
            among: only these words, or int n for the n most frequent; None for all.
            keep_query_words: show the words asked with as well, marked. They are usually the nearest of all, and
                leaving them out flatters the arithmetic.

        Raises:
            ExpressionError: the expression cannot be read, or its terms cancel out.
            UnknownWordError: there is no vector for a word.
        """
        if (expression is None) == (not len(positive) + len(negative)):
            raise SettingsError('expected either an expression ("king - man + woman") or positive= and negative= words')
        terms = analogy.terms_of(positive, negative) if expression is None else analogy.parse(expression)
        ids = [self._index_of_term(term.word) for term in terms]
        vectors = np.stack([self[term.word] for term in terms])
        target = analogy.target(vectors, terms)[np.newaxis, :]
        return self._table(target, None, [ids], k=k, metric="cosine", among=among, keep_query_words=keep_query_words)

    def save(
        self,
        path: str | os.PathLike[str],
        format: str | None = None,  # noqa: A002  (the word that everybody looks for)
    ) -> None:
        """Write the vectors to a file, whole or not at all.

        Args:
            path: the file; it replaces one that is there.
            format: "safetensors" (keeps everything), "word2vec-text" or "word2vec-binary" (words and vectors alone);
                None to take it from the suffix: .safetensors, .txt or .vec, .bin.

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
            record=self._record,
        )
        chosen.write(file, contents)

    def _index_of_term(self, word: str) -> int:
        try:
            return self.index(word)
        except UnknownWordError as error:
            if any(sign in word[1:] for sign in "+-−–"):
                raise UnknownWordError(f"{error}; if a sign was meant, put a blank on each side of it") from None
            raise

    def _queries(self, query: object) -> npt.NDArray[np.float64]:
        try:
            given = np.asarray(query)
        except ValueError:
            given = np.empty(0)
        if given.dtype.kind not in "fiu" or given.ndim not in (1, 2) or 0 in given.shape or given.shape[-1] != self.dim:
            raise SettingsError(
                f"expected a word, a list of words, a vector of {self.dim:,} numbers or an array of such vectors as "
                f"query, got {given.dtype} of shape {given.shape}"
            )
        vectors = np.atleast_2d(given).astype(np.float64)
        if not np.all(np.abs(vectors) <= np.finfo(np.float32).max):
            raise SettingsError("expected query vectors of finite float32 numbers, got NaN, infinity or larger ones")
        return vectors

    def _table(
        self,
        queries: npt.NDArray[np.float64],
        names: Sequence[str] | None,
        query_ids: Sequence[Sequence[int]],
        *,
        k: int,
        metric: str,
        among: Sequence[str] | int | None,
        keep_query_words: bool,
    ) -> NeighborTable:
        found = nearest(
            self._matrix,
            self._norms,
            queries,
            k=k,
            metric=metric,
            among=self._among(among),
            left_out=() if keep_query_words else query_ids,
        )
        places = [(query, rank) for query, rank in np.argwhere(found.word_ids >= 0).tolist()]
        ids = [int(found.word_ids[place]) for place in places]
        return NeighborTable(
            words=tuple(self._words[word_id] for word_id in ids),
            values=tuple(float(found.values[place]) for place in places),
            measures=metric_named(metric).measures,
            metric=metric,
            queries=None if names is None else tuple(names[query] for query, _ in places),
            query_words=(
                tuple(word_id in query_ids[query] for (query, _), word_id in zip(places, ids, strict=True))
                if keep_query_words and query_ids
                else None
            ),
        )

    def _among(self, among: Sequence[str] | int | None) -> npt.NDArray[np.int64] | int | None:
        if among is None:
            return None
        if isinstance(among, int | np.integer):
            return most_frequent_ids(self._counts, among)
        if isinstance(among, str) or not len(among):
            raise SettingsError(f"expected among= as a list of words or a number of most frequent words, got {among!r}")
        return np.unique(np.array([self.index(word) for word in among], dtype=np.int64))


def _of_arrays(
    words: tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]],
    matrix: npt.NDArray[np.float32],
    counts: npt.NDArray[np.int64] | None,
    output_matrix: npt.NDArray[np.float32] | None,
    record: Mapping[str, object],
) -> WordVectors:
    """Return the vectors that another process, or a copy, was told of by their arrays."""
    return WordVectors(PackedWords(*words), matrix, counts, output_matrix=output_matrix, record=record)


def _words_asked(query: object) -> list[str]:
    """Return the words of a query; none where it is of vectors."""
    if isinstance(query, str):
        return [query]
    if isinstance(query, Sequence) and all(isinstance(word, str) for word in query):
        return list(query)
    return []


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
