"""The bootstrap of a training: the same objective on the text drawn again, run by run, to see what stays.

The text is encoded once. Each run draws as many documents as there are, with replacement, and learns from them with a
seed of its own: what differs between runs is due to which documents happened to be in the corpus, and to chance in
the training. `firth.vectors.confidence` says what runs agree on.

Sources: Efron 1979; Antoniak and Mimno 2018 (TACL 6), "Evaluating the stability of embedding-based word similarities".
"""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from firth.corpus.resampling import Drawn, resampled
from firth.errors import FirthError, SettingsError, StorageError
from firth.events import Notice, Progress, Stage
from firth.learning import check_objective, learn
from firth.run import described
from firth.storage import synced
from firth.vectors.load import load
from firth.vectors.replicas import FOLDER, Replicas, remove_replicas, replica_name
from firth.vectors.store import WordVectors

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy.typing as npt

    from firth.corpus.encoded import EncodedCorpus
    from firth.distributed.engine import Engine
    from firth.events import Event, Listener
    from firth.learning import Learned
    from firth.training.settings import TrainingSettings

__all__ = ["MOST_RUNS", "SENTENCES_ARE_DRAWN", "bootstrap", "check_runs", "what_to_draw"]

MOST_RUNS = 1000

SENTENCES_ARE_DRAWN = "the text is one document, so the bootstrap draws its sentences, as if each stood alone"
"""What is told where there is only one document with words in it."""


def check_runs(runs: int) -> None:
    """Refuse a number of runs that cannot be.

    Args:
        runs: how many there shall be.

    Raises:
        SettingsError: it is no whole number from 2 to 1000.
    """
    if not isinstance(runs, int) or isinstance(runs, bool) or not 2 <= runs <= MOST_RUNS:
        raise SettingsError(f"expected from 2 to {MOST_RUNS} bootstrap runs, got {runs!r}; 10 to 50 are usual")


def bootstrap(
    corpus: EncodedCorpus,
    objective: Any,
    settings: TrainingSettings,
    *,
    runs: int = 10,
    drawn: Drawn | Literal["nothing"] | None = None,
    folder: Path | str | None = None,
    goes_on: bool = False,
    cluster: Engine | None = None,
    on_event: Listener | None = None,
) -> Sequence[WordVectors]:
    """Learn the same objective several times, each time on the corpus drawn again.

    Args:
        corpus: the encoded text.
        objective: what is learned, as for `firth.train`.
        settings: how; each run has seeds of its own, made of the settings' seed and the run's number.
        runs: int from 2 to 1000.
        drawn: "documents"; "sentences"; "nothing", for what the seed alone changes. None is documents, or sentences
            where there is only one document with words in it.
        folder: of the run that they belong to: each is written there, in `bootstrap`, and opened from there; those of
            an earlier bootstrap are removed first. None keeps them in memory.
        goes_on: keep the runs that `folder` holds of this very bootstrap, which was broken off, and learn the others.
        cluster: as for `firth.learning.learn`.
        on_event: told of each run's stages and progress, and of what was decided.

    Returns:
        For each run the vectors of the whole corpus's words, with the counts that they had in what was drawn. On Ctrl-C
        the runs that had ended.

    Raises:
        SettingsError: a setting that cannot be.
        DivergedError: a run's vectors are no numbers any more.
        EmptyCorpusError: a run drew nothing to learn from.
        StorageError: what was drawn, or learned, cannot be written.
    """
    check_runs(runs)
    check_objective(objective, settings)
    tell: Listener = (lambda _: None) if on_event is None else on_event
    chosen = what_to_draw(corpus, drawn, on_event=tell)
    place = None if folder is None else Path(folder)
    if place is not None and not goes_on:
        remove_replicas(place)
    found: list[WordVectors] = []
    record: dict[str, Any] = {}
    for run in range(1, runs + 1):
        seeds = _seeds(settings.seed, run)
        record = {
            "objective": described(objective), "epochs": settings.epochs,
            "bootstrap": {"corpus": corpus.fingerprint, "drawn": chosen, "run": run, "runs": runs, "seed": seeds[1]},
        }  # fmt: skip
        path = None if place is None else place / FOLDER / replica_name(run, runs)
        if goes_on and path is not None and _is_whole(path, record):
            continue
        with _drawn_again(corpus, chosen, seeds[0]) as (text, counts):
            alone = dataclasses.replace(settings, seed=seeds[1])
            learned = learn(objective, text, alone, on_event=_of_run(tell, run, runs), cluster=cluster)
        if learned.outcome.interrupted:
            kept = "is" if run == 2 else "are"
            tell(Notice(text=f"interrupted; {run - 1} of {runs} bootstrap runs had ended and {kept} kept"))
            break
        vectors = WordVectors(corpus.vocabulary.words, _words_of(learned), counts, record=record)
        if path is None:
            found.append(vectors)
        else:
            vectors.save(path)
            synced(path.parent, path)
        del learned, vectors  # the next run wants the memory
    if place is None:
        return tuple(found)
    whole = {**record, "corpus": {"fingerprint": corpus.fingerprint}}
    return Replicas(place, corpus.vocabulary.words, whole)


def _is_whole(path: Path, record: Mapping[str, Any]) -> bool:
    """Return whether a file holds the run of a bootstrap that a record tells of."""
    try:
        return load(path).record == record
    except FirthError:
        return False


def _words_of(learned: Learned) -> npt.NDArray[np.float32]:
    """Return a run's vectors in memory of their own, so that the rest of the model can go."""
    return np.array(learned.words, dtype=np.float32)


def what_to_draw(
    corpus: EncodedCorpus, drawn: Drawn | Literal["nothing"] | None, *, on_event: Listener
) -> Drawn | Literal["nothing"]:
    """Return what is drawn: what is asked for, or what the text allows.

    Args:
        corpus: the encoded text.
        drawn: as for `bootstrap`.
        on_event: told of what was decided.

    Raises:
        SettingsError: this cannot be drawn.
    """
    if drawn is not None and drawn not in (*get_args(Drawn), "nothing"):
        raise SettingsError(f'expected "documents", "sentences" or "nothing" to be drawn, got {drawn!r}')
    documents = int(np.count_nonzero(np.diff(corpus.document_ends, prepend=0)))
    if drawn is None and documents < 2:
        on_event(Notice(text=SENTENCES_ARE_DRAWN))
        return "sentences"
    if drawn == "documents" and documents < 2:
        raise SettingsError(
            "expected two documents with words in them or more to draw from, got one; give a text of several files or "
            'rows, or draw sentences (drawn="sentences")'
        )
    return "documents" if drawn is None else drawn


def _seeds(seed: int, run: int) -> tuple[int, int]:
    """Return the seeds of a run's draw and of its training: ints in [0, 2⁶³)."""
    draw, training = np.random.SeedSequence((seed, run)).generate_state(2, np.uint64) >> np.uint64(1)
    return int(draw), int(training)


@contextmanager
def _drawn_again(
    corpus: EncodedCorpus, drawn: Drawn | Literal["nothing"], seed: int
) -> Iterator[tuple[EncodedCorpus, npt.NDArray[np.int64]]]:
    """Give the text of one run, and how often each word came in it; what was written for it is removed again."""
    if drawn == "nothing":
        yield corpus, corpus.vocabulary.counts
        return
    try:
        # Beside the corpus, under a name that the cache takes away should this process be killed.
        folder = Path(tempfile.mkdtemp(dir=corpus.path.parent, prefix=".", suffix=".part"))
    except OSError as error:
        raise StorageError(
            f"could not make a folder in {corpus.path.parent} for the text drawn again: {error.strerror or error}; "
            "choose another cache folder (cache=, or the environment's FIRTH_CACHE)"
        ) from None
    try:
        text, counts = resampled(corpus, folder / "corpus", drawn=drawn, seed=seed)
        yield text, counts
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _of_run(tell: Listener, run: int, runs: int) -> Listener:
    """Return a listener that names the run in its stages; of what else is told, progress alone goes on."""

    def each(event: Event) -> None:
        if isinstance(event, Stage):
            tell(Stage(name=f"bootstrap {run} of {runs}: {event.name}"))
        elif isinstance(event, Progress):
            tell(event)

    return each
