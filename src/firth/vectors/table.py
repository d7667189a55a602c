"""The table of neighbours that a search gives: prints aligned, iterates as rows, converts to Arrow and pandas."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from firth.errors import MissingExtraError
from firth.vectors.words import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

__all__ = ["NeighborTable"]


@dataclass(frozen=True, kw_only=True, slots=True)
class NeighborTable:
    """Neighbours, nearest first; of several queries, one query's after the other's.

    Args:
        words: the neighbours.
        values: float each, a similarity or a distance as `measures` says.
        measures: "similarity" or "distance".
        metric: the metric's name.
        queries: for several queries, the query of each row; None for one query alone.
        query_words: where the words asked with were not left out: whether each row is one of them; else None.
    """

    words: tuple[str, ...]
    values: tuple[float, ...]
    measures: str
    metric: str
    queries: tuple[str, ...] | None = None
    query_words: tuple[bool, ...] | None = field(default=None)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns' names: ("word", "similarity"), with "query" before and "query_word" behind where there are."""
        before = () if self.queries is None else ("query",)
        behind = () if self.query_words is None else ("query_word",)
        return (*before, "word", self.measures, *behind)

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        """One tuple per neighbour, in the order of `columns`: usually (word, similarity)."""
        return list(zip(*self._data(), strict=True))

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return one dictionary per neighbour, ready for JSON."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def to_arrow(self) -> pa.Table:
        """Return the table as Arrow's.

        Raises:
            MissingExtraError: pyarrow is not installed.
        """
        try:
            import pyarrow as pa  # noqa: PLC0415  (optional)
        except ImportError:
            raise MissingExtraError.of("arrow", "An Arrow table") from None
        types = {"query": pa.string(), "word": pa.string(), self.measures: pa.float64(), "query_word": pa.bool_()}
        arrays = [pa.array(data, types[name]) for name, data in zip(self.columns, self._data(), strict=True)]
        return pa.table(dict(zip(self.columns, arrays, strict=True)))

    def to_pandas(self) -> Any:  # a pandas.DataFrame; pandas brings no types
        """Return the table as a pandas data frame.

        Raises:
            MissingExtraError: pandas is not installed.
        """
        try:
            import pandas as pd  # type: ignore[import-untyped,import-not-found,unused-ignore]  # noqa: PLC0415
        except ImportError:
            raise MissingExtraError("A data frame needs an optional library: pip install pandas") from None
        return pd.DataFrame(dict(zip(self.columns, self._data(), strict=True)))

    def __len__(self) -> int:
        return len(self.words)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(self.rows)

    def __getitem__(self, position: int) -> tuple[Any, ...]:
        return self.rows[position]

    def __str__(self) -> str:
        cells = [["word", *(shown(word) for word in self.words)]]
        if self.queries is not None:
            cells.insert(0, ["query", *(shown(query) for query in self.queries)])
        widths = [max(map(_width, column)) for column in cells]
        digits = [self.measures, *(f"{value:.4f}" for value in self.values)]
        rightmost = max(map(len, digits))
        lines = []
        for row, number in enumerate(digits):
            texts = [
                column[row] + " " * (width - _width(column[row])) for column, width in zip(cells, widths, strict=True)
            ]
            mark = "  (query word)" if row and self.query_words and self.query_words[row - 1] else ""
            lines.append("  ".join([*texts, number.rjust(rightmost)]) + mark)
        return "\n".join(lines)

    __repr__ = __str__

    def _data(self) -> list[tuple[Any, ...]]:
        before = [] if self.queries is None else [self.queries]
        behind = [] if self.query_words is None else [self.query_words]
        return [*before, self.words, self.values, *behind]


def _width(text: str) -> int:
    """Columns that a terminal gives a text: two for wide East Asian characters, none for combining marks."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )
