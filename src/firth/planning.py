"""The plan: what a training would take, from a quick look at a sample of the text and half a second of work."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firth.configuration import Configuration
from firth.corpus import cache as corpora
from firth.corpus.encoded import check
from firth.corpus.phrases import phrases_from
from firth.corpus.reading import Reading
from firth.corpus.sample import PIECE, SIZE, sample
from firth.corpus.tokenizers import Words
from firth.errors import SettingsError
from firth.events import Stage
from firth.machine import free_disk, free_memory
from firth.objectives.skipgram import SkipGram
from firth.pace import Pace, measured
from firth.plan_estimate import Estimate
from firth.sampled_text import SampledText
from firth.start import opened
from firth.table_growth import table_entries
from firth.training.settings import TrainingSettings, cores
from firth.training.shards import Shards

if TYPE_CHECKING:
    import os

    from firth.corpus.expected_words import ExpectedWords
    from firth.corpus.phrases import PhraseModel, Phrases
    from firth.corpus.tokenizers import Tokenizer
    from firth.events import Listener
    from firth.objectives.architecture import Architecture
    from firth.objectives.count_based import CountBased
    from firth.objectives.glove import GloVe
    from firth.plan_report import Plan
    from firth.start import Start, StartModel
    from firth.vectors.store import WordVectors

__all__ = ["plan"]


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
    phrases: int | Phrases | PhraseModel | str | os.PathLike[str] | None = None,
    text_column: str | None = None,
    encoding: str = "utf-8",
    bootstrap: int | None = None,
    reproducible: bool = False,
    start: Start | StartModel | WordVectors | str | os.PathLike[str] | None = None,
    shards: int | Shards | None = None,
    cluster: str | None = None,
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
        phrases: as for `train`; the sample's are found and joined.
        text_column: where the text is, in JSONL, CSV, Parquet and tables.
        encoding: of text files.
        bootstrap: as for `train`: so many trainings more.
        reproducible: as for `train`.
        start: as for `train`: its words are part of the vocabulary.
        shards: as for `train`.
        cluster: must be None: other machines cannot be measured from this one.
        cache: the folder in which the encoded text would be kept; None is Firth's own.
        memory: bytes there are; None asks the system.
        disk: bytes there are; None asks the system.
        sample_size: int ≥ 8192, bytes of text to read; a text of no more is read whole.
        measure: whether to measure the time of an epoch.
        seed: int ≥ 0, of the places at which the text is read.
        on_event: a listener for stages and notices.

    Raises:
        SettingsError: a setting that cannot be.
        SourceError: the text, or the model to go on from, cannot be read.
        EmptyCorpusError: the sample has no two words that stand together.
    """
    tell: Listener = (lambda _: None) if on_event is None else on_event
    _refuse_cluster(cluster)
    check(Words(), memory=(memory, 1), disk=(disk, 1))
    _check_sample(sample_size)
    model = None if start is None else opened(start, tell)
    place = corpora.corpora_folder() if cache is None else Path(cache)
    chosen = Configuration(
        objective=(SkipGram() if objective is None else objective) if model is None else model.adapted(objective),
        reading=Reading(
            tokenizer=Words() if tokenizer is None else tokenizer, min_count=min_count, max_words=max_words,
            max_sentence=max_sentence, phrases=phrases_from(phrases), text_column=text_column, encoding=encoding,
            cache=place,
        ),
        settings=TrainingSettings(
            epochs=epochs, threads=cores() if threads is None else threads, seed=seed, reproducible=reproducible,
            shards=None if shards is None else Shards.of(shards),
        ),
        start=model,
        bootstrap=bootstrap,
    )  # fmt: skip
    chosen.check()
    tell(Stage(name="reading a sample"))
    pieces = sample(text, size=sample_size, text_column=text_column, encoding=encoding, seed=seed)
    with tempfile.TemporaryDirectory(prefix="firth-plan-") as folder:
        look = SampledText(pieces, chosen.reading, known=None if model is None else model.known, folder=Path(folder))
        expected = look.expected()
        words, kept = _kept(expected, min_count, max_words)
        corpus = look.encoded(max(1, round(min_count / look.times)), words)
        entries = table_entries(corpus, chosen.objective, kept)
        pace = Pace()
        if measure:
            tell(Stage(name="measuring this machine's pace"))
            pace = measured(chosen.objective, corpus, chosen.settings, words=words, folder=Path(folder))
    estimate = Estimate(chosen, pieces, look, expected, words=words, kept=kept, entries=entries)
    return estimate.plan(
        pace, place=place, memory=free_memory() if memory is None else memory,
        disk=free_disk(place) if disk is None else disk,
    )  # fmt: skip


def _check_sample(size: int) -> None:
    if not isinstance(size, int) or isinstance(size, bool) or size < PIECE:
        raise SettingsError(
            f"expected --sample (sample_size) to be a whole number of {PIECE:,} bytes or more, as many as are read in "
            f"one place, got {size!r}"
        )


def _refuse_cluster(cluster: str | None) -> None:
    if cluster is not None:
        raise SettingsError(
            "expected a plan for this machine alone, as the pace, memory and disk of a cluster's cannot be measured "
            f"from here, got cluster={cluster!r}; plan with as many shards as there would be workers (shards=, "
            "--shards): memory and disk are those of the machine that begins the training, of which a worker needs "
            "one copy's share"
        )


def _kept(expected: ExpectedWords, min_count: int, max_words: int | None) -> tuple[int, int]:
    """Return how many different words are kept, and how many words of the text these are."""
    words, kept = round(expected.kinds(min_count)), expected.occurrences(min_count)
    if max_words is not None and max_words < words:
        words, kept = max_words, min(kept, expected.of_most_frequent(max_words))
    return words, round(kept)
