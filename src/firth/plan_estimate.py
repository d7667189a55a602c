"""The estimate: what was found of a text in a sample, put together with what the training needs."""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import TYPE_CHECKING

from firth.bootstrap import SENTENCES_ARE_DRAWN
from firth.contexts.window import Window
from firth.corpus.encoded import MEMORY as COUNTING_MEMORY
from firth.corpus.phrases import PhraseModel, Phrases
from firth.corpus.scanner import is_scannable
from firth.demands import (
    disk_for_training,
    memory_besides,
    memory_for_counting,
    memory_for_learning,
    memory_for_phrases,
)
from firth.fitting import advice
from firth.machine import shown
from firth.objectives.count_based import CountBased
from firth.objectives.glove import GloVe
from firth.plan_report import Plan, Step
from firth.table_growth import pairs_expected
from firth.training.held_out import DEFAULT_SHARE, FEWEST_WORDS, MOST_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from firth.configuration import Configuration
    from firth.corpus.expected_words import ExpectedWords
    from firth.corpus.sample import Sample
    from firth.pace import Pace
    from firth.sampled_text import SampledText

__all__ = ["MIN_COUNTS", "Estimate"]

MIN_COUNTS = (1, 2, 5, 10, 20, 50, 100)
"""Where the curve of the vocabulary is shown."""


class Estimate:
    """What was found of the text, put together with what the training needs.

    Args:
        chosen: the training.
        pieces: the sample.
        look: the same as word ids.
        expected: the vocabulary.
        words: V, kept.
        kept: occurrences of them.
        entries: of the table of counts.
    """

    def __init__(
        self, chosen: Configuration, pieces: Sample, look: SampledText, expected: ExpectedWords, *,
        words: int, kept: int, entries: int,
    ) -> None:  # fmt: skip
        self._chosen, self._objective, self._pieces, self._look = chosen, chosen.objective, pieces, look
        self._expected, self._words, self._kept, self._entries = expected, words, kept, entries
        self._runs = chosen.bootstrap or 0
        self._documents = round(pieces.documents or len(pieces.pieces))
        counts_documents = isinstance(self._objective, CountBased) and self._objective.needs == "documents"
        self._columns = self._documents if counts_documents else None
        self._besides = partial(
            memory_besides, shards=chosen.settings.shards, occurrences=kept, counts=look.all_words.vocabulary.counts,
            runs=self._runs,
        )  # fmt: skip

    def plan(self, pace: Pace, *, place: Path, memory: int | None, disk: int | None) -> Plan:
        """Return the plan.

        Args:
            pace: of this machine.
            place: where the encoded text would lie.
            memory: bytes there are; None where that is not known.
            disk: likewise.
        """
        expected, needed, reading, room = self._expected, self._memory(), self._reading(), self._disk()
        min_count, epochs = self._chosen.reading.min_count, self._chosen.settings.epochs
        return Plan(
            text=self._pieces.name, share=self._pieces.share, occurrences=round(expected.tokens),
            documents=self._documents,
            vocabulary=tuple(
                Step(min_count=some, words=round(expected.kinds(some)), occurrences=round(expected.occurrences(some)))
                for some in sorted({*MIN_COUNTS, min_count})
            ),
            min_count=min_count, words=self._words, kept=self._kept, entries=self._entries, memory=needed,
            memory_for_reading=reading, free_memory=memory, disk=room, free_disk=disk, seconds=self._seconds(pace),
            epochs=0 if isinstance(self._objective, CountBased) else epochs or self._objective.default_epochs,
            runs=self._runs, notes=tuple(self._notes()),
            changes=(*self._for_memory(needed, reading, memory), *_for_disk(room, disk, place)),
        )  # fmt: skip

    def _memory(self) -> dict[str, int]:
        learning = memory_for_learning(self._objective, self._words, entries=self._entries, columns=self._columns)
        return {**learning, **self._besides(self._objective, self._words)}

    def _reading(self) -> int:
        """Return the bytes of memory for the passes over the text; what does not fit goes to disk meanwhile."""
        kinds, phrases = round(self._expected.kinds(1)), self._chosen.reading.phrases
        scans = is_scannable(self._chosen.reading.tokenizer) and isinstance(self._pieces.pieces[0], str)
        counting = min(memory_for_counting(kinds, scans=scans), COUNTING_MEMORY)
        if not isinstance(phrases, Phrases):
            return counting
        corpus = self._look.all_words
        pairs = pairs_expected(corpus, Window(left=0, right=1), self._expected.tokens)
        return max(counting, memory_for_phrases(min(pairs, phrases.max_pairs)))

    def _disk(self) -> dict[str, int]:
        return disk_for_training(
            self._objective, self._words, entries=self._entries, columns=self._columns,
            occurrences=round(self._expected.tokens), kept=self._kept, kinds=round(self._expected.kinds(1)),
            sentences=round(len(self._look.all_words.sentence_ends) * self._look.times),
            passes=self._passes(), goes_on=self._chosen.start is not None, runs=self._runs,
        )  # fmt: skip

    def _seconds(self, pace: Pace) -> dict[str, float]:
        seconds = {"reading": self._look.seconds * self._look.times}
        if pace.counting:
            seconds["counting"] = self._kept / pace.counting
        if pace.learning:
            items = self._entries if isinstance(self._objective, GloVe) else self._kept
            seconds["epoch"] = items / pace.learning
            if self._kept >= FEWEST_WORDS:
                seconds["held-out loss"] = pace.held_out(min(round(DEFAULT_SHARE * items), MOST_WORDS))
        return seconds

    def _passes(self) -> int:
        """Return how often the text is written anew with phrases joined."""
        phrases = self._chosen.reading.phrases
        if isinstance(phrases, PhraseModel):
            return len(phrases.passes)
        return 0 if phrases is None else phrases.passes

    def _for_memory(self, needed: dict[str, int], reading: int, free: int | None) -> Iterator[str]:
        """Yield what to change where there is too little memory."""
        if free is not None and sum(needed.values()) > free:
            yield advice(
                self._objective, self._words, free, entries=self._entries, columns=self._columns,
                besides=self._besides, least_count=self._expected.least_count,
            ) + self._fewer_shards(free)  # fmt: skip
        if free is not None and reading > free:
            yield f"have {shown(reading)} free while the text's different words are counted"

    def _fewer_shards(self, free: int) -> str:
        """Return how many shards would fit, where some would."""
        shards = self._chosen.settings.shards
        learning = sum(memory_for_learning(self._objective, self._words, columns=self._columns).values())
        if shards is None:
            return ""
        for count in range(shards.count - 1, 0, -1):
            more = self._besides(self._objective, self._words, shards=dataclasses.replace(shards, count=count))
            if learning + sum(more.values()) <= free:
                return f"; or take {count} shard{'' if count == 1 else 's'} (shards={count})"
        return ""

    def _notes(self) -> Iterator[str]:
        if self._pieces.share is None:
            yield "the text's length cannot be known; the figures are those of its beginning alone"
        yield from self._pieces.notes
        if self._runs and self._pieces.documents is not None and self._documents < 2:
            yield SENTENCES_ARE_DRAWN
        if self._chosen.start is not None:
            yield f"{self._expected.known:,} of the words are the model's, and stay whatever min_count is"
        if self._chosen.reading.phrases is not None and self._look.times > 1:
            yield (
                "phrases are told from how many a quarter of the sample has, and all of it; rather too many"
                if self._look.finds_phrases
                else "the sample has no phrases to join, and the plan has none"
            )
        if isinstance(self._objective, CountBased) and self._objective.factorization is not None:
            yield "the time of the factorisation is not estimated"


def _for_disk(needed: dict[str, int], free: int | None, place: Path) -> Iterator[str]:
    """Yield what to change where there is too little room on the disk."""
    if free is not None and sum(needed.values()) > free:
        yield (
            f"make room for {shown(sum(needed.values()))} in {place}, or keep encoded texts elsewhere (cache=, or the "
            "environment's FIRTH_CACHE)"
        )
