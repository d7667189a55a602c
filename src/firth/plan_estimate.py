"""The estimate: what was found of a text in a sample, put together with what the training needs."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from firth.contexts.window import Window
from firth.corpus.encoded import MEMORY as COUNTING_MEMORY
from firth.corpus.phrases import PhraseModel, Phrases
from firth.demands import (
    disk_for_training,
    memory_besides,
    memory_for_counting,
    memory_for_learning,
    memory_for_phrases,
)
from firth.fitting import advice
from firth.machine import free_disk, shown
from firth.objectives.count_based import CountBased
from firth.objectives.glove import GloVe
from firth.plan_report import Plan, Step
from firth.table_growth import pairs_expected
from firth.training.held_out import DEFAULT_SHARE, FEWEST_WORDS, MOST_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from firth.corpus.expected_words import ExpectedWords
    from firth.corpus.sample import Sample
    from firth.pace import Pace
    from firth.sampled_text import SampledText
    from firth.training.shards import Shards

__all__ = ["MIN_COUNTS", "Estimate", "PlannedTraining"]

MIN_COUNTS = (1, 2, 5, 10, 20, 50, 100)
"""Where the curve of the vocabulary is shown."""


@dataclass(frozen=True, kw_only=True)
class PlannedTraining:
    """The training that is planned, and where; the names are those of `plan`."""

    objective: Any
    epochs: int | None
    min_count: int
    max_words: int | None
    phrases: Phrases | PhraseModel | None
    reproducible: bool
    shards: Shards | None
    runs: int
    goes_on: bool
    scans: bool
    place: Path
    memory: int | None
    disk: int | None

    @property
    def passes(self) -> int:
        """How often the text is written anew with phrases joined."""
        if isinstance(self.phrases, PhraseModel):
            return len(self.phrases.passes)
        return 0 if self.phrases is None else self.phrases.passes


class Estimate:
    """What was found of the text, put together with what the training needs.

    Args:
        how: the training.
        pieces: the sample.
        look: the same as word ids.
        expected: the vocabulary.
        words: V, kept.
        kept: occurrences of them.
        entries: of the table of counts.
    """

    def __init__(
        self, how: PlannedTraining, pieces: Sample, look: SampledText, expected: ExpectedWords, *,
        words: int, kept: int, entries: int,
    ) -> None:  # fmt: skip
        self._how, self._pieces, self._look, self._expected = how, pieces, look, expected
        self._words, self._kept, self._entries = words, kept, entries
        self._documents = round(pieces.documents or len(pieces.pieces))
        counts_documents = isinstance(how.objective, CountBased) and how.objective.needs == "documents"
        self._columns = self._documents if counts_documents else None
        self._besides = partial(
            memory_besides, shards=how.shards, occurrences=kept, counts=look.all_words.vocabulary.counts, runs=how.runs
        )

    def plan(self, pace: Pace) -> Plan:
        """Return the plan."""
        how, expected = self._how, self._expected
        memory, reading, disk = self._memory(), self._reading(), self._disk()
        room = free_disk(how.place) if how.disk is None else how.disk
        return Plan(
            text=self._pieces.name, share=self._pieces.share, occurrences=round(expected.tokens),
            documents=self._documents,
            vocabulary=tuple(
                Step(min_count=some, words=round(expected.kinds(some)), occurrences=round(expected.occurrences(some)))
                for some in sorted({*MIN_COUNTS, how.min_count})
            ),
            min_count=how.min_count, words=self._words, kept=self._kept, entries=self._entries, memory=memory,
            memory_for_reading=reading, free_memory=how.memory, disk=disk, free_disk=room,
            seconds=self._seconds(pace),
            epochs=0 if isinstance(how.objective, CountBased) else how.epochs or how.objective.default_epochs,
            runs=how.runs, changes=tuple(self._changes(memory, reading, disk, room)), notes=tuple(self._notes()),
        )  # fmt: skip

    def _memory(self) -> dict[str, int]:
        how = self._how
        learning = memory_for_learning(how.objective, self._words, entries=self._entries, columns=self._columns)
        return {**learning, **self._besides(how.objective, self._words)}

    def _reading(self) -> int:
        """Return the bytes of memory for the passes over the text; what does not fit goes to disk meanwhile."""
        how = self._how
        # All different words of the text, those that are part of phrases or of a model as well.
        kinds = round(self._expected.kinds(1)) - self._expected.known
        scans = how.scans and isinstance(self._pieces.pieces[0], str)
        counting = min(memory_for_counting(kinds, scans=scans), COUNTING_MEMORY)
        if not isinstance(how.phrases, Phrases):
            return counting
        corpus = self._look.all_words
        pairs = pairs_expected(corpus, Window(left=0, right=1), self._expected.tokens)
        return max(counting, memory_for_phrases(min(pairs, how.phrases.max_pairs)))

    def _disk(self) -> dict[str, int]:
        how = self._how
        return disk_for_training(
            how.objective, self._words, entries=self._entries, columns=self._columns,
            occurrences=round(self._expected.tokens), kept=self._kept, kinds=round(self._expected.kinds(1)),
            sentences=round(len(self._look.all_words.sentence_ends) * self._look.times),
            passes=how.passes, goes_on=how.goes_on, runs=how.runs,
        )  # fmt: skip

    def _seconds(self, pace: Pace) -> dict[str, float]:
        seconds = {"reading": self._look.seconds * self._look.times}
        if pace.counting:
            seconds["counting"] = self._kept / pace.counting
        if pace.learning:
            items = self._entries if isinstance(self._how.objective, GloVe) else self._kept
            seconds["epoch"] = items / pace.learning
            if self._kept >= FEWEST_WORDS:
                seconds["held-out loss"] = pace.held_out(min(round(DEFAULT_SHARE * items), MOST_WORDS))
        return seconds

    def _changes(self, memory: dict[str, int], reading: int, disk: dict[str, int], room: int | None) -> Iterator[str]:
        how = self._how
        if how.memory is not None and sum(memory.values()) > how.memory:
            yield advice(
                how.objective, self._words, how.memory, entries=self._entries, columns=self._columns,
                besides=self._besides, least_count=self._expected.least_count,
            ) + self._fewer_shards()  # fmt: skip
        if how.memory is not None and reading > how.memory:
            yield f"have {shown(reading)} free while the text's different words are counted"
        if room is not None and sum(disk.values()) > room:
            yield (
                f"make room for {shown(sum(disk.values()))} in {how.place}, or keep encoded texts elsewhere (cache=, "
                "or the environment's FIRTH_CACHE)"
            )

    def _fewer_shards(self) -> str:
        """Return how many shards would fit, where some would."""
        how = self._how
        if how.shards is None or how.memory is None:
            return ""
        learning = sum(memory_for_learning(how.objective, self._words).values())
        for count in range(how.shards.count - 1, 0, -1):
            fewer = dataclasses.replace(how.shards, count=count)
            more = self._besides(how.objective, self._words, shards=fewer)
            if learning + sum(more.values()) <= how.memory:
                return f"; or take {count} shards (shards={count})"
        return ""

    def _notes(self) -> Iterator[str]:
        how = self._how
        if self._pieces.share is None:
            yield "the text's length cannot be known; the figures are those of its beginning alone"
        yield from self._pieces.notes
        if how.goes_on:
            yield f"{self._expected.known:,} of the words are the model's, and stay whatever min_count is"
        if how.phrases is not None and self._look.times > 1:
            yield (
                "phrases are told from how many a quarter of the sample has, and all of it; rather too many"
                if self._look.finds_phrases
                else "the sample has no phrases to join, and the plan has none"
            )
        if isinstance(how.objective, CountBased) and how.objective.factorization is not None:
            yield "the time of the factorisation is not estimated"
