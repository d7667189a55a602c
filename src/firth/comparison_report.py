"""The report of a comparison: what several objectives on one text came to, as tables and as plain data."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from firth.run import described
from firth.text_columns import in_columns, in_markdown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from firth.evaluation.report import Scored
    from firth.events import EpochEnd
    from firth.vectors.store import WordVectors
    from firth.vectors.table import NeighborTable

__all__ = ["Compared", "Comparison"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """What one objective came to.

    Args:
        name: its name in the report.
        objective: it, with its settings.
        vectors: what it learned.
        seconds: of learning, from the encoded text to vectors.
        memory: bytes that its arrays and objects took at the highest, files mapped into memory aside.
        history: the epochs, if it has any: loss and speed.
        scores: on each set of gold answers.
        neighbors: for each chosen word, the words nearest to it.
    """

    name: str
    objective: Any
    vectors: WordVectors
    seconds: float
    memory: int
    history: tuple[EpochEnd, ...]
    scores: tuple[Scored, ...]
    neighbors: dict[str, NeighborTable]

    @property
    def loss(self) -> str:
        """The first and the last epoch's loss; comparable only between objectives of the same kind of loss."""
        losses = [epoch.loss for epoch in self.history if epoch.loss is not None]
        return f"{losses[0]:.3f} → {losses[-1]:.3f}" if losses else "—"

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain numbers and names, ready for JSON."""
        return {
            "name": self.name,
            "objective": described(self.objective),
            "seconds": self.seconds,
            "memory": self.memory,
            "history": [dataclasses.asdict(epoch) for epoch in self.history],
            "scores": [score.to_dict() for score in self.scores],
            "neighbors": {word: table.to_dicts() for word, table in self.neighbors.items()},
        }


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Several objectives on one text; prints as a table.

    Args:
        rows: one for each objective, in the order asked.
        corpus: what all of them learned from: words read and kept, vocabulary, sentences.
        failed: name → why an objective could not be learned.
        interrupted: the objective that was under way when Ctrl-C ended the comparison, or None.
    """

    rows: tuple[Compared, ...]
    corpus: dict[str, Any]
    failed: Mapping[str, str] = field(default_factory=dict)
    interrupted: str | None = None

    def __getitem__(self, name: str) -> Compared:
        for row in self.rows:
            if row.name == name:
                return row
        raise KeyError(name)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain numbers and names, ready for JSON."""
        return {
            "corpus": self.corpus, "objectives": [row.to_dict() for row in self.rows], "failed": dict(self.failed),
            "interrupted": self.interrupted,
        }  # fmt: skip

    def markdown(self) -> str:
        """Return the report as Markdown: what was learned from, the figures, the neighbours side by side."""
        parts = [self._about(), in_markdown(self._figures())]
        parts += [f"Nearest to *{word}*:\n\n{in_markdown(table)}" for word, table in self._neighbours()]
        return "\n\n".join(parts) + "\n"

    def __str__(self) -> str:
        parts = [self._about(), _to_the_left(self._figures())]
        parts += [f"nearest to {word}:\n{_to_the_left(table)}" for word, table in self._neighbours()]
        return "\n\n".join(parts)

    def _about(self) -> str:
        corpus = self.corpus
        read, kept, vocabulary, sentences = (
            corpus[name] for name in ("words_read", "words_kept", "vocabulary", "sentences")
        )
        lines = [f"{read:,} words read, {kept:,} kept, {vocabulary:,} different, {sentences:,} sentences."]
        if self.rows:
            lines += [
                f"{score.name}: {score.known:,} of {score.asked:,} are answerable ({score.known / score.asked:.1%})."
                for score in self.rows[0].scores
                if score.asked
            ]
        lines += [f"{name} is missing: {why}." for name, why in self.failed.items()]
        if self.interrupted is not None:
            lines.append(f"Interrupted while {self.interrupted} was learned; it and what would follow are missing.")
        return "\n".join(lines)

    def _figures(self) -> list[list[str]]:
        """Return the table of figures, its header first."""
        names = [f"{score.name}, {score.measure}" for score in self.rows[0].scores] if self.rows else []
        table = [["objective", *names, "loss", "seconds", "memory, MB"]]
        table += (
            [row.name, *map(str, row.scores), row.loss, f"{row.seconds:.1f}", f"{row.memory / 1e6:,.0f}"]
            for row in self.rows
        )
        return table

    def _neighbours(self) -> Iterator[tuple[str, list[list[str]]]]:
        """Yield for each chosen word a table with a column of neighbours for each objective."""
        for word in self.rows[0].neighbors if self.rows else ():
            columns = [[row.name, *row.neighbors[word].words] for row in self.rows]
            yield word, [list(cells) for cells in zip(*columns, strict=True)]


def _to_the_left(table: list[list[str]]) -> str:
    return in_columns(table, left=range(len(table[0])))
