"""START HERE: from a person's text to word vectors, every stage in order."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from firth.begun_bootstrap import BEGUN_NAME, BegunBootstrap
from firth.bootstrap import bootstrap as drawn_again
from firth.checkpoints import Checkpoints, check_interval
from firth.configuration import Configuration
from firth.corpus.phrases import phrases_from
from firth.corpus.reading import Reading, read
from firth.corpus.tokenizers import Tokenizer, Words
from firth.demands import memory_besides
from firth.distributed.encoding import encoder_of
from firth.distributed.engines import connected
from firth.events import Notice, Stage
from firth.fitting import check_fits
from firth.learning import learn, loading_kernels
from firth.objectives.skipgram import SkipGram
from firth.run import Run, record_of, vectors_of
from firth.run_folder import claimed
from firth.same_training import refuse_other, told_apart
from firth.start import opened
from firth.training.settings import TrainingSettings, cores
from firth.training.shards import Shards
from firth.vectors.replicas import with_replicas

if TYPE_CHECKING:
    import os

    from firth.corpus.encoded import EncodedCorpus
    from firth.corpus.phrases import PhraseModel, Phrases
    from firth.distributed.engine import Engine
    from firth.events import Listener
    from firth.learning import Learned
    from firth.objectives.architecture import Architecture
    from firth.objectives.count_based import CountBased
    from firth.objectives.glove import GloVe
    from firth.run_folder import Claim
    from firth.start import Start, StartModel
    from firth.vectors.store import WordVectors

__all__ = ["train"]


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
        cluster: let a Ray cluster read the text's files, and train the shards, or count, factorise the counts and,
            where `reproducible`, learn GloVe: "local" begins one here with `threads` workers, "auto" takes the one that
            this machine is in, else the address of its head. Skip-gram and CBOW are cut into as many shares as there
            are workers where `shards` says nothing else. The vectors have the same bits as those of the same shards, or
            counts, without a cluster.
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
    model = None if start is None else opened(start, tell)
    chosen = Configuration(
        objective=(SkipGram() if objective is None else objective) if model is None else model.adapted(objective),
        reading=Reading(
            tokenizer=Words() if tokenizer is None else tokenizer, min_count=min_count, max_words=max_words,
            max_sentence=max_sentence, phrases=phrases_from(phrases), text_column=text_column, id_column=id_column,
            encoding=encoding, errors=errors, unreadable=unreadable, cache=None if cache is None else Path(cache),
        ),
        settings=TrainingSettings(
            epochs=epochs, threads=cores() if threads is None else threads, seed=seed, held_out=held_out,
            patience=patience, reproducible=reproducible, shards=None if shards is None else Shards.of(shards),
        ),
        start=model,
        bootstrap=bootstrap,
    )  # fmt: skip
    chosen.check()
    check_interval(checkpoint_every)
    if model is not None:
        model.refuse_place(output)

    with (
        connected(cluster, workers=chosen.settings.threads) as engine,
        claimed(output, force=force, resume=resume) as claim,
    ):
        chosen = chosen.shared_by(engine)
        # The kernels are compiled, or loaded, while the text is read.
        wait_for_kernels = loading_kernels(chosen.objective, reproducible=reproducible, on_event=tell)
        text_corpus, corpus, joined = _word_ids(text, chosen, cluster=engine, on_event=tell)
        _check_memory(corpus, chosen, here=engine is None)
        wait_for_kernels()
        checkpoints = _checkpoints(claim, chosen.about(text, text_corpus), checkpoint_every, tell)
        if claim.folder is not None and claim.begun is not None:  # only its bootstrap was broken off
            run = claim.begun.run(claim.folder, seed=seed, phrases=joined)
        else:
            # What was learned goes when its vectors are taken: a bootstrap wants the memory.
            run = _run(
                chosen, corpus,
                learn(
                    chosen.objective, corpus, chosen.settings, on_event=tell, checkpoints=checkpoints, cluster=engine,
                    start=model,
                ),
                phrases=joined, began=began,
            )  # fmt: skip
            if checkpoints is not None:
                _save(run, checkpoints, tell)
        if bootstrap is not None and not run.interrupted:
            _draw_again(run, claim, chosen, corpus, cluster=engine, on_event=tell)
    return run


def _word_ids(
    text: Any, chosen: Configuration, *, cluster: Engine | None, on_event: Listener
) -> tuple[EncodedCorpus, EncodedCorpus, PhraseModel | None]:
    """Return the text as word ids, the same in the words of the model that goes on, and the phrases joined in it."""
    reading = chosen.reading
    who: dict[str, Any] = {}
    if cluster is not None:
        from firth.distributed.bigrams import ClusterBigrams  # noqa: PLC0415 - loads Numba

        who = {"encoder": encoder_of(cluster), "bigrams": ClusterBigrams(cluster, on_event)}
    if chosen.start is None:
        corpus, joined = read(text, reading, **who, on_event=on_event)
        return corpus, corpus, joined
    # A word that is rare in a new text may be one of the model's: which stay is chosen when all are known.
    corpus, joined = read(text, reading.of_all_words(), **who, on_event=on_event)
    return corpus, chosen.start.text(corpus, reading), joined


def _check_memory(corpus: EncodedCorpus, chosen: Configuration, *, here: bool) -> None:
    """Refuse what would not fit into memory, now that it is known how many words there are.

    Args:
        corpus: what is learned from.
        chosen: how.
        here: whether all of it is done by this machine: a cluster's shards lie on its workers.
    """
    vocabulary, objective = corpus.vocabulary, chosen.objective
    columns = len(corpus.document_ends) if getattr(objective, "needs", None) == "documents" else None
    counts = vocabulary.counts if chosen.start is None else None
    besides = partial(
        memory_besides, shards=chosen.settings.shards if here else None, occurrences=len(corpus.token_ids),
        counts=vocabulary.counts, runs=chosen.bootstrap or 0,
    )  # fmt: skip
    check_fits(objective, len(vocabulary), counts=counts, columns=columns, besides=besides)


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


def _run(
    chosen: Configuration, corpus: EncodedCorpus, learned: Learned, *, phrases: PhraseModel | None, began: float
) -> Run:
    """Return what was learned with the record of how it came to be."""
    settings, model, seconds = chosen.settings, chosen.start, time.perf_counter() - began
    record = record_of(corpus, learned.outcome, **chosen.recorded(), threads=settings.threads, total_seconds=seconds)
    record |= learned.facts
    if model is not None:
        model.complete(record)
    return Run(
        vectors=vectors_of(learned, corpus, record), outcome=learned.outcome, record=record, seed=settings.seed,
        phrases=phrases, first=None if model is None else partial(model.first_vectors, corpus, seed=settings.seed),
    )  # fmt: skip


def _save(run: Run, checkpoints: Checkpoints, tell: Listener) -> None:
    """Write a run; its checkpoints go, unless it was broken off, and where a bootstrap follows, that is noted first."""
    folder, about = checkpoints.folder, checkpoints.about
    tell(Stage(name="saving"))
    run.write(folder)
    if run.interrupted:
        tell(Notice(text=f"to go on: firth train --resume {folder}"))
        return
    if about["settings"]["bootstrap"] is not None:
        BegunBootstrap(about=about, outcome=run.outcome).write(folder)
    checkpoints.remove()


def _draw_again(
    run: Run, claim: Claim, chosen: Configuration, corpus: EncodedCorpus, *, cluster: Engine | None, on_event: Listener
) -> None:
    """Give a run its bootstrap, or the rest of one that was broken off."""
    runs = chosen.bootstrap or 0
    replicas = drawn_again(
        corpus, chosen.objective, chosen.settings, runs=runs, folder=claim.folder, goes_on=claim.begun is not None,
        cluster=cluster, on_event=on_event,
    )  # fmt: skip
    run.vectors = with_replicas(run.vectors, replicas)
    run.missing_replicas = runs - len(replicas)
    if claim.folder is not None and run.missing_replicas:
        on_event(Notice(text=f"to go on: firth train --resume {claim.folder}"))
    elif claim.folder is not None:
        (claim.folder / BEGUN_NAME).unlink(missing_ok=True)
