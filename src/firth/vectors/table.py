"""The tables that questions to word vectors give: print aligned, iterate as rows, convert to Arrow and pandas."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from firth.errors import MissingExtraError
from firth.text_columns import in_columns
from firth.vectors.words import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from firth.vectors.confidence import Confidence

__all__ = ["Column", "NeighborTable", "Table", "aligned"]


class Column(NamedTuple):
    """One column of a table.

    Args:
        name: its heading.
        kind: what its entries are: str, float, int, a share in [0, 1] or bool; None where there is nothing to say.
        entries: one per row.
    """

    name: str
    kind: Literal["text", "number", "count", "share", "flag"]
    entries: Sequence[Any]


class Table(ABC):
    """A table of results."""

    __slots__ = ()

    @abstractmethod
    def data(self) -> list[Column]:
        """Return the columns with all that is in them."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns' names, such as ("word", "similarity")."""
        return tuple(column.name for column in self.data())

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        """One tuple per row, in the order of `columns`."""
        return list(zip(*(column.entries for column in self.data()), strict=True))

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return one dictionary per row, ready for JSON."""
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
        types = {
            "text": pa.string(), "number": pa.float64(), "count": pa.int64(), "share": pa.float64(), "flag": pa.bool_(),
        }  # fmt: skip
        return pa.table({name: pa.array(entries, types[kind]) for name, kind, entries in self.data()})

    def to_pandas(self) -> Any:  # a pandas.DataFrame; pandas brings no types
        """Return the table as a pandas data frame.

        Raises:
            MissingExtraError: pandas is not installed.
        """
        try:
            import pandas as pd  # type: ignore[import-untyped,import-not-found,unused-ignore]  # noqa: PLC0415
        except ImportError:
            raise MissingExtraError("A data frame needs an optional library: pip install pandas") from None
        return pd.DataFrame({column.name: column.entries for column in self.data()})

    def __len__(self) -> int:
        return len(self.data()[0].entries)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(self.rows)

    def __getitem__(self, position: int) -> tuple[Any, ...]:
        return self.rows[position]

    def __str__(self) -> str:
        return aligned([column for column in self.data() if column.kind != "flag"])

    def __repr__(self) -> str:
        return str(self)


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class NeighborTable(Table):
    """Words and a number for each, the best first; of several queries, one query's after the other's.

    Args:
        words: the neighbours, or the answers.
        values: float each, as `measures` says.
        measures: what the numbers are: "similarity", "distance", "score".
        metric: the name of the metric or method.
        queries: for several queries, the query of each row; None for one query alone.
        query_words: where the words asked with were not left out: whether each row is one of them; else None.
        recall: of an approximate search: the share of true neighbours that such searches found, in [0, 1], measured
            on a sample; None where the search was exact.
        confidence: what the same training says on the text drawn again; None where there are no such runs.
        notes: what else there is to know, a sentence each: where words left out are as near as the last one
            shown, and where runs of the bootstrap are missing.
    """

    words: tuple[str, ...]
    values: tuple[float, ...]
    measures: str
    metric: str
    queries: tuple[str, ...] | None = None
    query_words: tuple[bool, ...] | None = field(default=None)
    recall: float | None = None
    confidence: Confidence | None = None
    notes: tuple[str, ...] = ()

    def data(self) -> list[Column]:
        """Return (word, number), with the query before; behind, where there are, what runs say, and the query words."""
        before = [] if self.queries is None else [Column("query", "text", self.queries)]
        behind = [] if self.confidence is None else self.confidence.columns()
        if self.query_words is not None:
            behind.append(Column("query_word", "flag", self.query_words))
        return [*before, Column("word", "text", self.words), Column(self.measures, "number", self.values), *behind]

    def __str__(self) -> str:
        lines = super(NeighborTable, self).__str__().splitlines()
        if self.query_words is not None:
            marks = ("", *("  (query word)" if asked else "" for asked in self.query_words))
            lines = [line + mark for line, mark in zip(lines, marks, strict=True)]
        if self.confidence is not None:
            lines.append(str(self.confidence))
        if self.recall is not None:
            lines.append(f"approximate; such searches found {100 * self.recall:.1f} % of the true neighbours")
        lines += self.notes
        return "\n".join(lines)


def aligned(columns: Sequence[Column]) -> str:
    """Return columns as lines of text: words to the left; numbers, with four decimals, and per cents to the right.

    Args:
        columns: of anything but flags, at least one; "–" stands for None.
    """
    drawn = []
    for name, kind, entries in columns:
        if kind == "text":
            drawn.append([shown(name), *(shown(entry) for entry in entries)])
        else:
            form = {"count": "{:,}", "share": "{:.0%}"}.get(kind, "{:.4f}")
            drawn.append([shown(name), *("–" if entry is None else form.format(entry) for entry in entries)])
    texts = {place for place, column in enumerate(columns) if column.kind == "text"}
    return in_columns(list(zip(*drawn, strict=True)), left=texts)
