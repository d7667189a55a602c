"""The plan: what a training would take, from a quick look at a sample of the text and half a second of work."""

from __future__ import annotations

import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firth.corpus import cache as corpora
from firth.corpus.encoded import MEMORY as COUNTING_MEMORY
from firth.corpus.encoded import check, encode
from firth.corpus.sample import SIZE, sample
from firth.corpus.scanner import is_scannable
from firth.corpus.sources import open_source
from firth.corpus.tokenizers import Tokenizer, Words
from firth.corpus.vocabulary_growth import VocabularyGrowth
from firth.demands import (
    advice,
    disk_for_training,
    free_disk,
    free_memory,
    memory_for_counting,
    memory_for_learning,
    shown,
)
from firth.errors import EmptyCorpusError, SettingsError
from firth.events import Stage
from firth.learning import check_objective
from firth.objectives.count_based import CountBased
from firth.objectives.glove import GloVe
from firth.objectives.skipgram import SkipGram
from firth.pace import Pace, measured, table_entries
from firth.training.held_out import DEFAULT_SHARE, FEWEST_WORDS, MOST_WORDS
from firth.training.settings import TrainingSettings, cores

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    from firth.corpus.encoded import EncodedCorpus
    from firth.corpus.sample import Sample
    from firth.events import Listener
    from firth.objectives.architecture import Architecture

__all__ = ["MIN_COUNTS", "Plan", "Step", "plan"]

MIN_COUNTS = (1, 2, 5, 10, 20, 50, 100)
"""Where the curve of the vocabulary is shown."""


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
    changes: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def fits(self) -> bool:
        """Whether there is enough memory and disk, as far as that can be known."""
        return not self.changes

    @property
    def total_seconds(self) -> float:
        """Reading, counting and all epochs; without factorising, which is not measured."""
        each = ("epoch", "held-out loss")
        return sum(seconds * (self.epochs if name in each else 1) for name, seconds in self.seconds.items())

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
        return "\n\n".join(["\n".join(_aligned(rows)) for rows in self._tables()] + self._ending())

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
            *([("in all", f"{_time(self.total_seconds)}, {self.epochs} epochs")] if self.epochs else []),
        ]

    def _ending(self) -> list[str]:
        verdict = "It fits." if self.fits else f"It does not fit: {'; '.join(self.changes)}."
        return [*(["\n".join(f"{note}." for note in self.notes)] if self.notes else []), verdict]


def plan(
    text: Any,
    objective: Architecture | GloVe | CountBased | None = None,
    *,
    epochs: int | None = None,
    threads: int | None = None,
    tokenizer: Tokenizer | None = None,
    min_count: int = 5,
    max_words: int | None = None,
    max_sentence: int = 10_000,
    text_column: str | None = None,
    encoding: str = "utf-8",
    cache: str | os.PathLike[str] | None = None,
    memory: int | None = None,
    disk: int | None = None,
    sample_size: int = SIZE,
    measure: bool = True,
    seed: int = 1,
    on_event: Listener | None = None,
) -> Plan:
    """Estimate what `firth.train` would take: words, vocabulary, memory, disk and time on this machine.

    Pieces spread over the text are tokenized and half a second is trained on them; nothing is kept.

    Args:
        text: as for `train`, but no iterator, which would be used up.
        objective: what would be learned; None is `SkipGram()`.
        epochs: int ≥ 1; None takes the objective's own number.
        threads: int ≥ 1; None takes all of the processor's cores.
        tokenizer: what a word and a sentence are; None is `Words()`.
        min_count: int ≥ 1, rarer words are left out.
        max_words: int ≥ 1, keep only so many words; None keeps all.
        max_sentence: int ≥ 2, longer sentences are cut.
        text_column: where the text is, in JSONL, CSV, Parquet and tables.
        encoding: of text files.
        cache: the folder in which the encoded text would be kept; None is Firth's own.
        memory: bytes there are; None asks the system.
        disk: bytes there are; None asks the system.
        sample_size: int ≥ 8192, bytes of text to read; a text of no more is read whole.
        measure: whether to measure the time of an epoch.
        seed: int ≥ 0, of the places at which the text is read.
        on_event: a listener for stages.

    Raises:
        SettingsError: a setting that cannot be.
        SourceError: the text cannot be read.
        EmptyCorpusError: the sample has no two words that stand together.
    """
    objective = SkipGram() if objective is None else objective
    tokenizer = Words() if tokenizer is None else tokenizer
    check(
        tokenizer,
        epochs=(epochs, 1), threads=(threads, 1), min_count=(min_count, 1), max_words=(max_words, 1),
        max_sentence=(max_sentence, 2), sample_size=(sample_size, 8192), memory=(memory, 1), disk=(disk, 1),
    )  # fmt: skip
    check_objective(objective, TrainingSettings(epochs=epochs))
    tell: Listener = (lambda _: None) if on_event is None else on_event
    tell(Stage(name="reading a sample"))
    pieces = sample(text, size=sample_size, text_column=text_column, encoding=encoding, seed=seed)
    with tempfile.TemporaryDirectory(prefix="firth-plan-") as folder:
        look = _Look(pieces, tokenizer, max_sentence, Path(folder))
        growth = VocabularyGrowth(look.all_words.token_ids, look.all_words.document_ends, look.times)
        words, kept = _kept(growth, min_count, max_words)
        corpus = look.encoded(max(1, round(min_count / look.times)), words)
        entries = table_entries(corpus, objective, kept)
        pace = Pace()
        if measure:
            tell(Stage(name="measuring this machine's pace"))
            pace = measured(objective, corpus, words=words, threads=threads or cores(), folder=Path(folder))
    place = corpora.corpora_folder() if cache is None else Path(cache)
    return _estimate(
        objective, pieces, growth, look, pace, words=words, kept=kept, entries=entries, min_count=min_count,
        epochs=0 if isinstance(objective, CountBased) else epochs or objective.default_epochs,
        scans=is_scannable(tokenizer) and isinstance(pieces.pieces[0], str), place=place,
        there=(free_memory() if memory is None else memory, free_disk(place) if disk is None else disk),
    )  # fmt: skip


class _Look:
    """The sample as word ids.

    Args:
        pieces: the sample.
        tokenizer: what a word and a sentence are.
        max_sentence: longer ones are cut.
        folder: a temporary one.
    """

    def __init__(self, pieces: Sample, tokenizer: Tokenizer, max_sentence: int, folder: Path) -> None:
        self._pieces, self._tokenizer, self._max_sentence, self._folder = pieces, tokenizer, max_sentence, folder
        self.times = 1 / pieces.share if pieces.share else 1.0
        """How many times the sample the text is."""
        # The first call loads what is needed; what a short text takes then is no matter of its length.
        self.all_words = self.encoded(1, None)
        tiny = self._seconds(pieces.pieces[:1])
        self.seconds = max(0.0, self._seconds(pieces.pieces) - tiny)
        """What reading the sample took."""

    def encoded(self, min_count: int, max_words: int | None, pieces: Any = None) -> EncodedCorpus:
        """Return the sample, or some pieces, encoded with other settings of the vocabulary."""
        source = open_source(iter(self._pieces.pieces if pieces is None else pieces))
        source.name = self._pieces.name
        return encode(
            source, self._tokenizer, min_count=min_count, max_words=max_words, max_sentence=self._max_sentence,
            cache=self._folder,
        )  # fmt: skip

    def _seconds(self, pieces: Any) -> float:
        start = time.perf_counter()
        with suppress(EmptyCorpusError):
            self.encoded(1, None, pieces)
        return time.perf_counter() - start


def _kept(growth: VocabularyGrowth, min_count: int, max_words: int | None) -> tuple[int, int]:
    """Return how many different words are kept, and how many words of the text these are."""
    words, kept = round(growth.kinds(min_count)), growth.occurrences(min_count)
    if max_words is not None and max_words < words:
        words, kept = max_words, min(kept, growth.occurrences_of_most_frequent(max_words))
    return words, round(kept)


def _estimate(
    objective: Any, pieces: Sample, growth: VocabularyGrowth, look: _Look, pace: Pace, *,
    words: int, kept: int, entries: int, min_count: int, epochs: int, scans: bool,
    place: Path, there: tuple[int | None, int | None],
) -> Plan:  # fmt: skip
    """Put together what was found."""
    documents = round(pieces.documents or len(pieces.pieces))
    columns = documents if isinstance(objective, CountBased) and objective.needs == "documents" else None
    memory = memory_for_learning(objective, words, entries=entries, columns=columns)
    disk = disk_for_training(
        objective, words, entries=entries, columns=columns, occurrences=round(growth.tokens),
        sentences=round(len(look.all_words.sentence_ends) * look.times),
    )  # fmt: skip
    # What does not fit goes to disk meanwhile.
    reading = min(memory_for_counting(round(growth.kinds(1)), scans=scans), COUNTING_MEMORY)
    seconds = {"reading": look.seconds * look.times}
    if pace.counting:
        seconds["counting"] = kept / pace.counting
    if pace.learning:
        items = entries if isinstance(objective, GloVe) else kept
        seconds["epoch"] = items / pace.learning
        if kept >= FEWEST_WORDS:
            seconds["held-out loss"] = pace.held_out(min(round(DEFAULT_SHARE * items), MOST_WORDS))
    changes = []
    free, room = there
    if free is not None and sum(memory.values()) > free:
        changes.append(advice(objective, words, free, entries=entries, columns=columns, least_count=growth.least_count))
    if free is not None and reading > free:
        changes.append(f"have {shown(reading)} free while the text's different words are counted")
    if room is not None and sum(disk.values()) > room:
        changes.append(
            f"make room for {shown(sum(disk.values()))} in {place}, or keep encoded texts elsewhere (cache=, or the "
            "environment's FIRTH_CACHE)"
        )
    return Plan(
        text=pieces.name, share=pieces.share, occurrences=round(growth.tokens), documents=documents,
        vocabulary=tuple(
            Step(min_count=some, words=round(growth.kinds(some)), occurrences=round(growth.occurrences(some)))
            for some in sorted({*MIN_COUNTS, min_count})
        ),
        min_count=min_count, words=words, kept=kept, entries=entries, memory=memory, memory_for_reading=reading,
        free_memory=free, disk=disk, free_disk=room, seconds=seconds, epochs=epochs, changes=tuple(changes),
        notes=tuple(_notes(objective, pieces)),
    )  # fmt: skip


def _notes(objective: Any, pieces: Sample) -> Iterator[str]:
    if pieces.share is None:
        yield "the text's length cannot be known; the figures are those of its beginning alone"
    yield from pieces.notes
    if isinstance(objective, CountBased) and objective.factorization is not None:
        yield "the time of the factorisation is not estimated"


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


def _aligned(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if len(row) == 2 or place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
