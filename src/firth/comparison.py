"""The comparison: several objectives on one encoded text, and one report of what each came to, at what cost."""

from __future__ import annotations

import dataclasses
import time
import tracemalloc
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firth.comparison_report import Compared, Comparison
from firth.corpus.phrases import phrases_from
from firth.corpus.reading import Reading, read
from firth.corpus.tokenizers import Words
from firth.errors import FirthError, SettingsError, UnknownWordError
from firth.evaluation.analogies import read_questions
from firth.evaluation.report import scored
from firth.evaluation.similarity import read_pairs
from firth.evaluation.suite import TestSet
from firth.events import Stage
from firth.learning import check_objective, learn, load_kernels
from firth.run import described, vectors_of
from firth.training.settings import TrainingSettings, cores

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    from firth.corpus.encoded import EncodedCorpus
    from firth.corpus.phrases import PhraseModel, Phrases
    from firth.corpus.tokenizers import Tokenizer
    from firth.events import Listener

__all__ = ["Compared", "Comparison", "compare"]

Gold = str | Path | Mapping[str, Any] | Sequence[Any]


def compare(
    text: Any,
    objectives: Mapping[str, Any] | Sequence[Any],
    *,
    words: Sequence[str] = (),
    k: int = 5,
    analogies: Mapping[str, Gold] | None = None,
    similarity: Mapping[str, Gold] | None = None,
    most_frequent: int | None = 30_000,
    epochs: int | None = None,
    threads: int | None = None,
    seed: int = 1,
    tokenizer: Tokenizer | None = None,
    min_count: int = 5,
    max_words: int | None = None,
    max_sentence: int = 10_000,
    phrases: int | Phrases | PhraseModel | str | os.PathLike[str] | None = None,
    text_column: str | None = None,
    encoding: str = "utf-8",
    cache: str | os.PathLike[str] | None = None,
    on_event: Listener | None = None,
) -> Comparison:
    """Learn several objectives from one text, and report them side by side.

    The text is read and encoded once, so that all have the same vocabulary. What they are told otherwise (window,
    dimensions, rates) is up to their settings.

    Args:
        text: as `firth.train` takes it.
        objectives: one or more, `SkipGram()`, `GloVe()` …, by name; without names each is called by its kind.
        words: whose neighbours are shown side by side; each must be in the vocabulary.
        k: int ≥ 1, how many neighbours.
        analogies: name → a file of questions, or the questions, as `firth.evaluation.analogies.evaluate` takes them.
        similarity: name → a file of rated pairs, or the pairs, as `firth.evaluation.similarity.evaluate` takes them.
        most_frequent: int ≥ 1, how many words take part in analogies; None for all.
        epochs: int ≥ 1, passes of those objectives that have any; None takes each one's own number.
        threads: int ≥ 1; None takes all of the processor's cores.
        seed: int ≥ 0, of all that is drawn.
        tokenizer: what a word and a sentence are; None is `Words()`.
        min_count: int ≥ 1, rarer words are left out.
        max_words: int ≥ 1, keep only so many words; None keeps all.
        max_sentence: int ≥ 2, longer sentences are cut into pieces of so many words.
        phrases: as `firth.train` takes them.
        text_column: where the text is, in JSONL, CSV, Parquet and tables.
        encoding: of text files.
        cache: the folder in which encoded texts are kept; None is Firth's own cache folder.
        on_event: a listener for stages, notices, progress and epochs.

    Returns:
        The report: `print` it, or take `.markdown()`, `.to_dict()`, or `["its name"].vectors`. An objective that this
        text cannot be learned with is named as failed; after Ctrl-C the report holds those that were done.

    Raises:
        SettingsError: a setting that cannot be.
        UnknownWordError: a chosen word is not in the vocabulary.
        SourceError, FormatError: the text, or a file of gold answers, cannot be read.
        EmptyCorpusError, StorageError: as by `firth.train`; what no objective could be learned for.
        KeyboardInterrupt: Ctrl-C came before one of them was done.
    """
    named = _named(objectives)
    settings = TrainingSettings(epochs=epochs, threads=cores() if threads is None else threads, seed=seed)
    reading = Reading(
        tokenizer=Words() if tokenizer is None else tokenizer, min_count=min_count, max_words=max_words,
        max_sentence=max_sentence, phrases=phrases_from(phrases), text_column=text_column, encoding=encoding,
        cache=None if cache is None else Path(cache),
    )  # fmt: skip
    if not isinstance(k, int) or isinstance(k, bool) or k < 1:
        raise SettingsError(f"expected 1 or more neighbours, got {k!r}")
    # A broken file must not cost hours: all are read before the training.
    gold = _gold(analogies or {}, similarity or {})
    tell: Listener = (lambda _: None) if on_event is None else on_event
    corpus, _ = read(text, reading, on_event=on_event)
    _check_words(corpus, words)
    rows: list[Compared] = []
    failed: dict[str, FirthError] = {}
    interrupted: str | None = None
    for number, (name, objective) in enumerate(named.items(), start=1):
        load_kernels(objective)
        tell(Stage(name=f"{name} ({number} of {len(named)})"))
        try:
            row = _learned(name, objective, corpus, settings=settings, on_event=tell)
        except FirthError as error:
            # The others' work must not be lost with it.
            failed[name] = error
            continue
        if row is None:
            interrupted = name
            break
        scores = tuple(scored(row.vectors, some, of, most_frequent=most_frequent) for some, of in gold.items())
        neighbors = {word: row.vectors.neighbors(word, k=k) for word in words}
        rows.append(dataclasses.replace(row, scores=scores, neighbors=neighbors))
    if not rows and interrupted is not None:
        raise KeyboardInterrupt
    if not rows:
        raise next(iter(failed.values()))
    about = {
        "fingerprint": corpus.fingerprint, "words_read": corpus.word_total, "words_kept": len(corpus.token_ids),
        "vocabulary": len(corpus.vocabulary), "sentences": len(corpus.sentence_ends),
    }  # fmt: skip
    why = {name: str(error) for name, error in failed.items()}
    return Comparison(rows=tuple(rows), corpus=about, failed=why, interrupted=interrupted)


def _named(objectives: Mapping[str, Any] | Sequence[Any]) -> dict[str, Any]:
    """Return the objectives by name."""
    if isinstance(objectives, Mapping):
        named = dict(objectives)
    elif isinstance(objectives, Sequence) and not isinstance(objectives, str):
        named = {}
        for objective in objectives:
            loss = getattr(objective, "loss", None)
            name = type(objective).__name__ + (f", {type(loss).__name__}" if loss is not None else "")
            alike = sum(other.split(" (")[0] == name for other in named)
            named[f"{name} ({alike + 1})" if alike else name] = objective
    else:
        raise SettingsError(f"expected a list of objectives, or name → objective, got {objectives!r}")
    if not named:
        raise SettingsError("expected one or more objectives to compare, got none; give SkipGram(), CBOW() …")
    for objective in named.values():
        check_objective(objective)
    return named


def _gold(analogies: Mapping[str, Gold], similarity: Mapping[str, Gold]) -> dict[TestSet, Any]:
    """Return what is asked, by test set; what lies in files is read."""
    gold: dict[TestSet, Any] = {}
    for name, some in analogies.items():
        gold[TestSet(name=name, kind="analogies")] = read_questions(some) if isinstance(some, str | Path) else some
    for name, some in similarity.items():
        gold[TestSet(name=name, kind="similarity")] = read_pairs(some) if isinstance(some, str | Path) else some
    return gold


def _learned(
    name: str, objective: Any, corpus: EncodedCorpus, *, settings: TrainingSettings, on_event: Listener
) -> Compared | None:
    """Learn an objective and measure what it takes; None after Ctrl-C. Nothing is asked of its vectors yet."""
    if objective.default_epochs <= 1:  # it has no passes to be told of
        settings = dataclasses.replace(settings, epochs=None)
    start = time.perf_counter()
    try:
        with _measured() as memory:
            learned = learn(objective, corpus, settings, on_event=on_event)
    except KeyboardInterrupt:
        return None
    if learned.outcome.interrupted:
        return None
    seconds = time.perf_counter() - start
    return Compared(
        name=name,
        objective=objective,
        vectors=vectors_of(learned, corpus, {"objective": described(objective)}),
        seconds=seconds,
        memory=memory.peak,
        history=learned.outcome.history,
        scores=(),
        neighbors={},
    )


def _check_words(corpus: EncodedCorpus, words: Sequence[str]) -> None:
    vocabulary = set(corpus.vocabulary.words)
    for word in words:
        if word not in vocabulary:
            raise UnknownWordError(
                f"expected words of the text to compare the neighbours of, but {word!r} is not among the "
                f"{len(vocabulary):,} that were kept; choose another, or lower min_count"
            )


class _Memory:
    """The most memory that arrays and objects took while it was measured, in bytes."""

    peak = 0


@contextmanager
def _measured() -> Iterator[_Memory]:
    """Measure the memory allocated in the block at its highest; files mapped into memory are not counted."""
    memory, ours = _Memory(), not tracemalloc.is_tracing()
    if ours:
        tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        yield memory
        memory.peak = max(0, tracemalloc.get_traced_memory()[1] - before)
    finally:
        if ours:
            tracemalloc.stop()
