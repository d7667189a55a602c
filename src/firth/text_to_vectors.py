"""START HERE: from a person's text to word vectors, every stage in order."""

from __future__ import annotations

import threading
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from firth.begun_bootstrap import BEGUN_NAME, BegunBootstrap
from firth.bootstrap import bootstrap as drawn_again
from firth.bootstrap import check_runs
from firth.checkpoints import Checkpoints
from firth.corpus.encoded import EncodedCorpus, check, encode
from firth.corpus.phrases import joined_phrases, phrases_from
from firth.corpus.sources import open_source
from firth.corpus.tokenizers import Tokenizer, Words
from firth.distributed.encoding import encoder_of
from firth.distributed.engines import connected
from firth.errors import SettingsError
from firth.events import Notice, Stage
from firth.fitting import check_fits
from firth.learning import can_be_shared, check_objective, cores, learn, load_kernels
from firth.objectives.skipgram import SkipGram
from firth.run import Run, record_of, vectors_of
from firth.run_folder import claimed
from firth.same_training import about_training, refuse_other, told_apart
from firth.start import opened
from firth.training.shards import Shards
from firth.vectors.replicas import with_replicas

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from firth.corpus.phrases import PhraseModel, Phrases
    from firth.distributed.engine import Engine
    from firth.events import Listener
    from firth.objectives.architecture import Architecture
    from firth.objectives.count_based import CountBased
    from firth.objectives.glove import GloVe
    from firth.run_folder import Claim
    from firth.start import Start, StartModel
    from firth.vectors.store import WordVectors

__all__ = ["checked", "encoded", "train"]


def train(
    text: Any,
    objective: Architecture | GloVe | CountBased | None = None,
    *,
    epochs: int | None = None,
    threads: int | None = None,
    seed: int = 1,
    tokenizer: Tokenizer | None = None,
    min_count: int = 5,
    max_words: int | None = None,
    max_sentence: int = 10_000,
    phrases: int | Phrases | PhraseModel | str | os.PathLike[str] | None = None,
    text_column: str | None = None,
    id_column: str | None = None,
    encoding: str = "utf-8",
    errors: Literal["replace", "strict"] = "replace",
    unreadable: Literal["refuse", "skip"] = "refuse",
    held_out: float | None = None,
    patience: int | None = None,
    output: str | os.PathLike[str] | None = None,
    cache: str | os.PathLike[str] | None = None,
    force: bool = False,
    resume: bool = False,
    checkpoint_every: float | None = 300,
    bootstrap: int | None = None,
    reproducible: bool = False,
    start: Start | StartModel | WordVectors | str | os.PathLike[str] | None = None,
    shards: int | Shards | None = None,
    cluster: str | None = None,
    on_event: Listener | None = None,
) -> Run:
    """Learn word vectors from a text, anew or on from a model.

    Args:
        text: a path, pattern or folder, several of them, "-" for standard input, strings, lists of tokens, a table:
            see `firth.corpus.sources.open_source`.
        objective: what is learned, `SkipGram()`, `CBOW()`, `PPMI()` … with their settings; None is `SkipGram()`.
        epochs: int ≥ 1, passes over the text or its counts; None takes the objective's own number: 5 for skip-gram
            and CBOW, 15 for GloVe.
        threads: int ≥ 1; None takes all of the processor's cores. With one, the same seed gives the same bits; with
            several, only where `reproducible`.
        seed: int ≥ 0, of all that is drawn.
        tokenizer: what a word and a sentence are; None is `Words()`, a sentence a line.
        min_count: int ≥ 1, rarer words are left out.
        max_words: int ≥ 1, keep only so many words, the most frequent; None keeps all.
        max_sentence: int ≥ 2, longer sentences are cut into pieces of so many words.
        phrases: learn phrases first and join them to words such as *new_york*: `Phrases()` with its settings, or the
            number of its passes. A `PhraseModel` or its file: join those that were found before. None joins nothing.
        text_column: where the text is, in JSONL, CSV, Parquet and tables.
        id_column: where each document's name is; None gives none.
        encoding: of text files.
        errors: "replace" counts bytes that the encoding does not allow and reads on; "strict" refuses the text.
        unreadable: "skip" leaves out a file from where it cannot be read, counts such files and names the first;
            "refuse" ends there.
        held_out: float in [0, 0.5], the share of the text (GloVe: of its counts) that is not trained on but measured by
            after each epoch; None is 0.01, at most 200,000 words, and nothing of a text of fewer than 100,000.
        patience: int ≥ 1, end after so many epochs without a lower held-out loss, and keep the best epoch's vectors.
        output: the folder to write, with the vectors and the record of the run; None keeps both in memory.
        cache: the folder in which encoded texts are kept; None is Firth's own cache folder.
        force: replace what an earlier run left in `output`.
        resume: go on with the training that was broken off in `output`; text and settings must be those it was begun
            with. `firth.resume` needs no more than the folder.
        checkpoint_every: seconds, ≥ 0, after which the training is written down in `output` again, so that it can go on
            after whatever breaks it off; None does so only at Ctrl-C.
        bootstrap: int ≥ 2, train so many times more on the text's documents drawn again, to tell how far to trust the
            vectors: see `firth.bootstrap`. None does not.
        reproducible: give the same bits with any number of threads, at some cost in speed; they are not those that one
            thread gives without it.
        start: the model to go on from: a run's folder, any file of vectors, `WordVectors`, or `Start` with settings.
            Its words keep their ids, counts add up, `min_count` and `max_words` are for new words; the objective's
            dimension must be the model's. See `docs/continuing.md`. None begins anew.
        shards: int ≥ 1, cut the text into so many shares, each learned by a copy of the model of its own, and merge the
            copies from time to time: the same bits for any number of threads. Or `Shards`, to choose how often. None
            lets all threads change one model.
        cluster: let a Ray cluster read the text's files, and train the shards, or count: "local" begins one here with
            `threads` workers, "auto" takes the one that this machine is in, else the address of its head. Skip-gram
            and CBOW are cut into as many shares as there are workers where `shards` says nothing else. The vectors have
            the same bits as those of the same shards, or counts, without a cluster.
        on_event: a listener for stages, notices, progress and epochs.

    Returns:
        The run: vectors, history, and where they lie. After Ctrl-C the vectors as they are, `interrupted` set.

    Raises:
        SettingsError: a setting that cannot be, or phrases whose threshold nothing reaches.
        SourceError: the text cannot be read.
        EmptyCorpusError: no two words are left that stand together.
        DivergedError: the learning rate is so high that the vectors grow beyond all bounds.
        StorageError: the output cannot be written, or another training is under way there.
        MissingExtraError: a cluster is asked for, and Ray is not installed.
        ClusterError: there is no cluster at the address, or its workers are lost again and again.
    """
    tell: Listener = (lambda _: None) if on_event is None else on_event
    began = time.perf_counter()
    begun = None if start is None else opened(start, tell)
    objective = (SkipGram() if objective is None else objective) if begun is None else begun.adapted(objective)
    shards = None if shards is None else Shards.of(shards)
    check_objective(objective, epochs=epochs, held_out=held_out, patience=patience, shards=shards)
    tokenizer = Words() if tokenizer is None else tokenizer
    threads = checked(epochs=epochs, threads=threads, seed=seed)
    check(tokenizer, min_count=(min_count, 1), max_words=(max_words, 1), max_sentence=(max_sentence, 2))
    if bootstrap is not None:
        check_runs(bootstrap)
    _check_interval(checkpoint_every)
    if not isinstance(reproducible, bool):
        raise SettingsError(f"expected reproducible to be True or False, got {reproducible!r}")
    phrases = phrases_from(phrases)
    if begun is not None:
        begun.check(tokenizer=tokenizer, phrases=phrases, min_count=min_count, max_words=max_words, bootstrap=bootstrap)

    with connected(cluster, workers=threads) as engine, claimed(output, force=force, resume=resume) as claim:
        shards = _shards_of(engine, objective) if shards is None else shards
        await_kernel = _compile_in_background(objective, tell, reproducible=reproducible)
        # A word that is rare in a new text may be one of the model's: which stay is chosen when all are known.
        text_corpus, phrase_model = encoded(
            text, tokenizer, phrases=phrases, min_count=min_count if begun is None else 1,
            max_words=max_words if begun is None else None, max_sentence=max_sentence, text_column=text_column,
            id_column=id_column, encoding=encoding, errors=errors, unreadable=unreadable, cache=cache,
            encoder=None if engine is None else encoder_of(engine), on_event=on_event,
        )  # fmt: skip
        corpus = text_corpus
        if begun is not None:
            corpus = begun.text(text_corpus, min_count=min_count, max_words=max_words, cache=cache)
        vocabulary = corpus.vocabulary
        columns = len(corpus.document_ends) if getattr(objective, "needs", None) == "documents" else None
        check_fits(objective, len(vocabulary), counts=vocabulary.counts if begun is None else None, columns=columns)
        await_kernel()
        settings = {
            "objective": objective, "tokenizer": tokenizer, "min_count": min_count, "max_words": max_words,
            "max_sentence": max_sentence, "phrases": phrases, "epochs": epochs, "seed": seed, "held_out": held_out,
            "patience": patience, "reproducible": reproducible, "start": begun,
            "shards": shards,
        }  # fmt: skip
        reading = {
            "text_column": text_column, "id_column": id_column, "encoding": encoding, "errors": errors,
            **({} if unreadable == "refuse" else {"unreadable": unreadable}),
        }  # fmt: skip
        chosen = {**settings, **reading, "bootstrap": bootstrap}
        about = about_training(text, text_corpus, chosen, threads=threads)
        about["start"] = None if begun is None else begun.about()
        checkpoints = _checkpoints(claim, about, checkpoint_every, tell)
        if claim.folder is not None and claim.begun is not None:
            run = claim.begun.run(claim.folder, seed=seed, phrases=phrase_model)
        else:
            learned = learn(
                objective, corpus, epochs=epochs, threads=threads, seed=seed, on_event=tell, held_out=held_out,
                patience=patience, checkpoints=checkpoints, reproducible=reproducible,
                shards=shards, cluster=engine,
                **({} if begun is None else {"start": begun}),
            )  # fmt: skip
            record = record_of(
                corpus, learned.outcome, **settings, threads=threads, total_seconds=time.perf_counter() - began
            )
            record |= learned.facts
            if begun is not None:
                begun.complete(record)
            vectors = vectors_of(learned, corpus, record)
            first = None if begun is None else partial(begun.first_vectors, corpus, seed=seed)
            run = Run(
                vectors=vectors, outcome=learned.outcome, record=record, seed=seed, phrases=phrase_model, first=first
            )
            if claim.folder is not None and checkpoints is not None:
                _save(run, claim.folder, checkpoints, about, tell)
        if bootstrap is not None and not run.interrupted:
            _draw_again(
                run, claim, corpus, objective, runs=bootstrap, epochs=epochs, threads=threads, seed=seed,
                on_event=tell, held_out=held_out, patience=patience, reproducible=reproducible,
                shards=shards, cluster=engine,
            )  # fmt: skip
    return run


def _shards_of(engine: Engine | None, objective: Any) -> Shards | None:
    """Return a share for each worker of a cluster, where the objective learns by shares."""
    return Shards(count=min(engine.workers, 1024)) if engine is not None and can_be_shared(objective) else None


def _save(run: Run, folder: Path, checkpoints: Checkpoints, about: dict[str, Any], tell: Listener) -> None:
    """Write a run; its checkpoints go, unless it was broken off, and where a bootstrap follows, that is noted first."""
    tell(Stage(name="saving"))
    run.write(folder)
    if run.interrupted:
        tell(Notice(text=f"to go on: firth train --resume {folder}"))
        return
    if about["settings"]["bootstrap"] is not None:
        BegunBootstrap(about=about, outcome=run.outcome).write(folder)
    checkpoints.remove()


def _draw_again(
    run: Run, claim: Claim, corpus: EncodedCorpus, objective: Any, *, runs: int, on_event: Listener, **settings: Any
) -> None:
    """Give a run its bootstrap, or the rest of one that was broken off."""
    replicas = drawn_again(
        corpus, objective, runs=runs, folder=claim.folder, goes_on=claim.begun is not None, on_event=on_event,
        **settings,
    )  # fmt: skip
    run.vectors = with_replicas(run.vectors, replicas)
    run.missing_replicas = runs - len(replicas)
    if claim.folder is not None and run.missing_replicas:
        on_event(Notice(text=f"to go on: firth train --resume {claim.folder}"))
    elif claim.folder is not None:
        (claim.folder / BEGUN_NAME).unlink(missing_ok=True)


def _check_interval(seconds: float | None) -> None:
    if seconds is not None and not (
        isinstance(seconds, int | float) and not isinstance(seconds, bool) and 0 <= seconds < float("inf")
    ):
        raise SettingsError(
            f"expected 0 or more seconds between checkpoints, got {seconds!r}; 300 is usual, None writes none"
        )


def _checkpoints(claim: Claim, about: dict[str, Any], every: float | None, tell: Listener) -> Checkpoints | None:
    """Return where the training is written down; refuse to go on with another text or other settings."""
    if claim.folder is None:
        return None
    if claim.goes_on is not None:
        refuse_other(claim.goes_on.about, about)
        for text in told_apart(claim.goes_on.about, about):
            tell(Notice(text=text))
    checkpoints = Checkpoints(claim.folder, about, every=every, resumed=claim.checkpoint, on_event=tell)
    if claim.goes_on is None:  # an earlier training's are not this one's
        checkpoints.remove()
        (claim.folder / BEGUN_NAME).unlink(missing_ok=True)
    return checkpoints


def encoded(
    text: Any,
    tokenizer: Tokenizer | None = None,
    *,
    phrases: int | Phrases | PhraseModel | str | os.PathLike[str] | None = None,
    text_column: str | None = None,
    id_column: str | None = None,
    encoding: str = "utf-8",
    errors: Literal["replace", "strict"] = "replace",
    unreadable: Literal["refuse", "skip"] = "refuse",
    cache: str | os.PathLike[str] | None = None,
    on_event: Listener | None = None,
    **settings: Any,
) -> tuple[EncodedCorpus, PhraseModel | None]:
    """Return a text as word ids, and the phrases that were joined in it, if any; arguments as those of `train`.

    A text that is encoded already is given back as it is.
    """
    if isinstance(text, EncodedCorpus):
        return text, joined_phrases(text)
    source = open_source(
        text, text_column=text_column, id_column=id_column, encoding=encoding, errors=errors, unreadable=unreadable,
        on_event=on_event,
    )  # fmt: skip
    tokenizer, phrases = Words() if tokenizer is None else tokenizer, phrases_from(phrases)
    settings |= {"cache": None if cache is None else Path(cache), "on_event": on_event}
    if phrases is None:
        return encode(source, tokenizer, **settings), None
    from firth.corpus.phrase_learning import encode_with_phrases  # noqa: PLC0415 - loads Numba

    return encode_with_phrases(source, tokenizer, phrases, **settings)


def checked(*, epochs: int | None, threads: int | None, seed: int) -> int:
    """Refuse numbers that no training can have; return how many threads there shall be."""
    if epochs is not None and (not isinstance(epochs, int) or isinstance(epochs, bool) or not 1 <= epochs <= 100_000):
        raise SettingsError(f"expected 1 or more epochs, got {epochs!r}")
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed < 2**63:
        raise SettingsError(f"expected a seed from 0 to 2⁶³ − 1, got {seed!r}")
    if threads is None:
        return cores()
    if not isinstance(threads, int) or isinstance(threads, bool) or not 1 <= threads <= 1024:
        raise SettingsError(
            f"expected from 1 to 1024 threads, got {threads!r}; leave it out to use all of the processor's cores"
        )
    return threads


def _compile_in_background(
    objective: Architecture | GloVe | CountBased, tell: Listener, *, reproducible: bool
) -> Callable[[], None]:
    """Compile the kernels, or load them, while the text is read; return what waits for them.

    What goes wrong meanwhile is raised where it is waited for.
    """
    from firth.kernels.jit import is_first_run  # noqa: PLC0415 - loads Numba

    if is_first_run():
        tell(Notice(text="the first run compiles its kernels, some ten seconds; later runs start at once"))
    failed: list[Exception] = []

    def compile_kernel() -> None:
        try:
            load_kernels(objective, reproducible=reproducible)
        except Exception as error:
            failed.append(error)

    thread = threading.Thread(target=compile_kernel, daemon=True)
    thread.start()

    def wait() -> None:
        thread.join()
        if failed:
            raise failed[0]

    return wait
