"""What a plan says: the figures of a training that is not done yet, as a table and as plain numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from firth.errors import SettingsError
from firth.machine import shown
from firth.text_columns import in_columns

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Plan", "Step"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A point of the vocabulary's curve.

    Args:
        min_count: words that come less often are left out.
        words: how many different words are kept.
        occurrences: how many words of the text these are.
    """

    min_count: int
    words: int
    occurrences: int


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a training would take; prints as a table. All figures but `share`'s own are estimates where it is below 1.

    Args:
        text: the text's name.
        share: float in (0, 1], which share of it was read; None where its length cannot be known: then all figures are
            those of what was read.
        occurrences: words in the text.
        documents: in the text.
        vocabulary: different words, by min_count.
        min_count: the one asked for.
        words: V, the words that would be kept.
        kept: occurrences of them.
        entries: of the table of counts, where the objective counts; else 0.
        memory: bytes, part by part.
        memory_for_reading: bytes while words are counted, which is over when the learning begins.
        free_memory: bytes; None where the system does not say.
        disk: bytes, part by part.
        free_disk: bytes, where the encoded text would lie.
        seconds: of each stage on this machine: "reading", "counting", "epoch" (one of them), "held-out loss" (after
            each of them); absent where not measured.
        epochs: how many there would be; 0 where the counts are factorised.
        runs: int ≥ 0, of a bootstrap: as many trainings more.
        changes: what to change so that it fits; empty where it does.
        notes: how the figures came to be, where that is not as usual.
    """

    text: str
    share: float | None
    occurrences: int
    documents: int
    vocabulary: tuple[Step, ...]
    min_count: int
    words: int
    kept: int
    entries: int
    memory: dict[str, int]
    memory_for_reading: int
    free_memory: int | None
    disk: dict[str, int]
    free_disk: int | None
    seconds: dict[str, float]
    epochs: int
    runs: int
    changes: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def fits(self) -> bool:
        """Whether there is enough memory and disk, as far as that can be known."""
        return not self.changes

    @property
    def total_seconds(self) -> float:
        """Reading, counting and all epochs, of all trainings; without factorising, which is not measured."""
        each = ("epoch", "held-out loss")
        one = sum(seconds * (self.epochs if name in each else 1) for name, seconds in self.seconds.items())
        reading = self.seconds.get("reading", 0.0)
        return reading + (1 + self.runs) * (one - reading)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain numbers and names, ready for JSON."""
        return {
            "text": self.text, "share": self.share, "occurrences": self.occurrences, "documents": self.documents,
            "vocabulary": [
                {"min_count": step.min_count, "words": step.words, "occurrences": step.occurrences}
                for step in self.vocabulary
            ],
            "min_count": self.min_count, "words": self.words, "kept": self.kept, "entries": self.entries,
            "memory": self.memory, "memory_for_reading": self.memory_for_reading, "free_memory": self.free_memory,
            "disk": self.disk, "free_disk": self.free_disk, "seconds": self.seconds, "epochs": self.epochs,
            "runs": self.runs,
            "total_seconds": self.total_seconds, "fits": self.fits, "changes": list(self.changes),
            "notes": list(self.notes),
        }  # fmt: skip

    def refuse(self, margin: float = 1.25) -> None:
        """Refuse a training that would not fit, before the text is read.

        Args:
            margin: float ≥ 1, by how much an estimate must go beyond what there is; it may be wrong by a tenth.

        Raises:
            SettingsError: it needs more memory or disk than there is; says what to change.
        """
        memory = max(sum(self.memory.values()), self.memory_for_reading)
        for what, needed, there in (
            ("memory", memory, self.free_memory),
            ("disk", sum(self.disk.values()), self.free_disk),
        ):
            if there is not None and needed > margin * there and self.changes:
                raise SettingsError(
                    f"expected a training that fits into the {shown(there)} of {what} that are free, but it would take "
                    f"about {shown(needed)}; {'; '.join(self.changes)}"
                )

    def __str__(self) -> str:
        return "\n\n".join([_lined_up(rows) for rows in self._tables()] + self._ending())

    def _tables(self) -> Iterator[list[tuple[str, ...]]]:
        exact = self.share == 1
        about = "" if exact else "about "
        yield [
            ("text", f"{self.text}, {_share(self.share)}"),
            ("words", f"{about}{self.occurrences:,}"),
        ]
        yield [
            ("min_count", "different words", "of the text"),
            *(
                (
                    f"{step.min_count}{'  ←' if step.min_count == self.min_count else ''}",
                    f"{step.words:,}",
                    f"{step.occurrences / max(1, self.occurrences):.1%}",
                )
                for step in self.vocabulary
            ),
        ]
        yield [
            ("kept", f"{self.words:,} words, {self.kept:,} times"),
            *([("entries", f"{self.entries:,} of the table of counts")] if self.entries else []),
            ("memory", f"{shown(sum(self.memory.values()))} ({_listed(self.memory)}); {_free(self.free_memory)}"),
            ("", f"{shown(self.memory_for_reading)} while the text is read"),
            ("disk", f"{shown(sum(self.disk.values()))} ({_listed(self.disk)}); {_free(self.free_disk)}"),
            *((name, _time(seconds)) for name, seconds in self.seconds.items()),
            *([("in all", f"{_time(self.total_seconds)}, {self._work()}")] if self.epochs or self.runs else []),
        ]

    def _work(self) -> str:
        epochs = f"{self.epochs} epoch{'' if self.epochs == 1 else 's'}" if self.epochs else ""
        return " of ".join(filter(None, [f"{1 + self.runs} trainings" if self.runs else "", epochs]))

    def _ending(self) -> list[str]:
        verdict = "It fits." if self.fits else f"It does not fit: {'; '.join(self.changes)}."
        return [*(["\n".join(f"{note}." for note in self.notes)] if self.notes else []), verdict]


def _share(share: float | None) -> str:
    if share is None:
        return "of unknown length"
    return "read whole" if share == 1 else f"{share:.2%} of it read" if share < 0.1 else f"{share:.0%} of it read"


def _free(size: int | None) -> str:
    return "not known how much is free" if size is None else f"{shown(size)} free"


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _listed(parts: dict[str, int]) -> str:
    return ", ".join(f"{name} {shown(size)}" for name, size in parts.items())


def _lined_up(rows: list[tuple[str, ...]]) -> str:
    """Return rows in columns; of two, the second is words, too."""
    return in_columns(rows, left=(0, 1) if len(rows[0]) == 2 else (0,))
