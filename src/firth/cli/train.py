"""`firth train`: from text to word vectors. In Python: `firth.train`."""

from __future__ import annotations

import dataclasses
import sys
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from firth.cli.objectives import LOSSES, MODELS, objective_from
from firth.cli.output import check_new, json_option, print_json
from firth.cli.tokenizing import phrases_option, text_from, tokenizer_of, tokenizer_options

if TYPE_CHECKING:
    from firth.events import Event, Listener
    from firth.run import Run
    from firth.start import StartModel
    from firth.training.shards import Shards

__all__ = ["shards_of", "train"]

_FREE_TO_CHANGE = {"text", "resume", "threads", "cluster", "plot", "checkpoint_every", "explore", "as_json"}
"""What may be given with --resume: nothing that decides what is learned."""


@click.command()
@click.argument("text", metavar="TEXT...", nargs=-1)
@click.option("-o", "--output", metavar="RUN", type=click.Path(), help="The folder to write.")
@click.option(
    "--resume",
    metavar="RUN",
    type=click.Path(),
    help="Go on with the training that was broken off in RUN, with all its settings; TEXT only where it was no file.",
)
@click.option(
    "--from",
    "start",
    metavar="MODEL",
    type=click.Path(),
    help="Go on from MODEL, a run's folder or any file of vectors: its words keep their ids, counts add up.",
)
@click.option(
    "--new-words",
    type=click.Choice(["contexts", "random"]),
    help="--from: begin words that MODEL has not at the mean of what stands around them, or at random.  "
    "[default: contexts]",
)
@click.option(
    "--freeze",
    metavar="old|FILE",
    help="--from: keep the vectors of MODEL's words as they are, or of those in FILE, one a line.",
)
@click.option("--force", is_flag=True, help="Replace RUN, and what --plot names, where they are there already.")
@click.option(
    "--model",
    type=click.Choice(list(MODELS)),
    default="skip-gram",
    show_default=True,
    help="Skip-gram learns each context from the centre; CBOW the centre from its contexts' mean; the others count.",
)
@click.option(
    "--loss",
    type=click.Choice(list(LOSSES)),
    help="What skip-gram and CBOW ask of an input.  [default: negative-sampling]",
)
@click.option(
    "--tree",
    metavar="huffman|FILE",
    help="hierarchical-softmax: the tree of the words. FILE maps words to categories or paths of them (.json, .tsv), "
    "or holds word vectors (a run's folder, or any file that Firth opens) to split.  [default: huffman]",
)
@click.option("--dim", type=int, help="Numbers in each vector.  [default: 100]")
@click.option(
    "--window", type=int, help="How far the company reaches to each side.  [default: 5; 10 where words are counted]"
)
@click.option("--negatives", type=int, help="Noise words per centre.  [default: 5]")
@click.option(
    "--weighting",
    type=click.Choice(["harmonic", "soft", "flat"]),
    help="Counts: what a word at distance d is worth: 1/d; less evenly to the window's end; 1.  [default: harmonic]",
)
@click.option(
    "--factorization", metavar="svd[:P]|pca|nmf|none", help="Counts: how they become vectors.  [default: svd:0.5]"
)
@click.option("--x-max", type=float, help="GloVe: the count from which on a pair has its full weight.  [default: 10]")
@click.option("--alpha", type=float, help="GloVe: the exponent of the weight below it.  [default: 0.75]")
@click.option("--shift", type=float, help="PPMI: k, log k is taken off.  [default: 1]")
@click.option("--smoothing", type=float, help="PPMI: the power of the contexts' counts.  [default: 0.75]")
@click.option(
    "--gradient",
    type=click.Choice(["corrected", "historical"]),
    help="CBOW: divide the gradient by the number of contexts, or not, as word2vec.c.  [default: corrected]",
)
@click.option(
    "--subsample", type=float, help="Share of the text above which words are thinned; 0: none.  [default: 0.001]"
)
@click.option("--min-count", type=int, default=5, show_default=True, help="Rarer words are left out.")
@click.option("--max-words", type=int, help="Keep only so many words, the most frequent.")
@phrases_option
@click.option("--epochs", type=int, help="Passes over the text, or GloVe's over the counts.  [default: 5; 15]")
@click.option(
    "--held-out",
    type=float,
    help="Share of the text, or of GloVe's counts, not trained on, to measure the loss by; 0: none.  "
    "[default: 0.01; none of short texts]",
)
@click.option("--patience", type=int, help="End after so many epochs without a lower held-out loss; keep the best.")
@click.option(
    "--plot",
    metavar="FILE",
    type=click.Path(),
    help="Draw the loss after every epoch: .svg, .png or .pdf.",
)
@click.option(
    "--checkpoint-every",
    metavar="SECONDS",
    type=float,
    default=300,
    show_default=True,
    help="How often the training is written down, so that --resume can go on with it.",
)
@click.option("--rate", type=float, help="Learning rate at the start.  [default: the objective's own]")
@click.option("--threads", type=int, help="With one thread, the same seed gives the same bits.  [default: all cores]")
@click.option(
    "--reproducible", is_flag=True, help="Give the same bits with any number of threads, at some cost in speed."
)
@click.option("--seed", type=int, default=1, show_default=True, help="Of all that is drawn.")
@click.option(
    "--bootstrap",
    metavar="N",
    type=int,
    help="Train N times more on the documents drawn again; neighbours then show how many of the runs agree.",
)
@click.option(
    "--shards",
    metavar="N",
    type=int,
    help="Cut the text into N shares, each learned by a copy of the model, and merge the copies from time to time: the "
    "same bits with any number of threads.",
)
@click.option(
    "--cluster",
    metavar="local|auto|ADDRESS",
    help="Let a Ray cluster read the text's files, and train the shards, or count: one begun here, the one this "
    "machine is in, or that whose head is at ADDRESS. Needs the extra ray.",
)
@click.option(
    "--merge-every", metavar="WORDS", type=int, help="Shards: words of each between two merges.  [default: 100000]"
)
@click.option("--explore", is_flag=True, help="Open the explorer: words as they learn, then the model, until Ctrl-C.")
@tokenizer_options
@click.option(
    "--text-column", metavar="NAME", help="Where JSONL, CSV and Parquet files have the text.  [default: text]"
)
@click.option("--id-column", metavar="NAME", help="Where each document's name is.")
@click.option("--encoding", default="utf-8", show_default=True, help="Of the text files.")
@click.option(
    "--bad-bytes",
    type=click.Choice(["replace", "refuse"]),
    default="replace",
    show_default=True,
    help="What to do with bytes that the encoding does not allow.",
)
@click.option(
    "--unreadable",
    type=click.Choice(["refuse", "skip"]),
    default="refuse",
    show_default=True,
    help="What to do with a file that cannot be read to its end.",
)
@json_option
def train(**options: Any) -> None:
    """Learn word vectors from TEXT and write them to the folder RUN.

    TEXT is a file, a folder, a pattern such as "novels/*.txt", or - for standard input. Files may be compressed
    (.gz .bz2 .xz .zst); --text-column names where the text is in JSONL, CSV and Parquet.

    \b
    Examples:
      firth train novels/*.txt -o novels
      firth train posts.jsonl.gz --text-column body --id-column id -o posts --min-count 10
      firth train baskets.txt --tokenizer whitespace --model cbow --window 20 -o baskets
      zcat huge.txt.gz | firth train - -o huge --loss hierarchical-softmax --epochs 1
      firth train novels/*.txt -o novels --epochs 50 --patience 2
      firth train novels/*.txt -o novels --bootstrap 10
      firth train novels/*.txt -o novels --shards 4
      firth train novels/*.txt -o novels --explore
      firth train --resume novels
      firth train letters.txt --from novels -o novels-and-letters
    """
    if options["resume"] is None:
        _refuse_incomplete(options)
    if options["plot"] is not None:
        # Hours of training shall not end with a picture that cannot be drawn.
        from firth.plots.picture_file import checked

        checked(options["plot"])
        if options["resume"] is None and "rate" not in MODELS[options["model"]].options:
            raise click.UsageError(f"--plot draws the loss of every epoch; {options['model']} counts, and has none.")
        if options["resume"] is None:  # what goes on replaces the picture that was drawn when it was broken off
            check_new(options["plot"], force=options["force"])
    run = _explored(options) if options["explore"] else _told(options)
    if run.interrupted or run.missing_replicas:
        click.get_current_context().exit(130)


def _told(options: dict[str, Any]) -> Run:
    """Train, and say what came of it."""
    from firth import progress

    with progress.shown() as show:
        run, notices = _trained(options, show)
    _print(run, notices, options)
    return run


def _explored(options: dict[str, Any]) -> Run:
    """Train with the explorer open, say what came of it, and show that until Ctrl-C."""
    from firth import progress
    from firth.events import Notice
    from firth.explorer.live import LiveTraining
    from firth.explorer.server import explore

    live = LiveTraining()
    with explore(live, wait=False) as explorer:
        with progress.shown() as show:
            show(Notice(text=f"the training is shown at {explorer.address}"))
            run, notices = _trained(options, live, show)
        live.ended(run)
        _print(run, notices, options)
        if not run.interrupted and not run.missing_replicas:
            click.echo(f"{explorer.address} shows what was learned  (Ctrl-C ends)", err=True)
            explorer.wait()
    return run


def _trained(options: dict[str, Any], *listeners: Listener) -> tuple[Run, list[str]]:
    """Train, or go on with a training; return the run and what was noticed on the way."""
    from firth.events import Notice

    notices: list[str] = []

    def on_event(event: Event) -> None:
        if isinstance(event, Notice):
            notices.append(event.text)
        for listener in listeners:
            listener(event)

    run = _resumed(options, on_event) if options["resume"] is not None else _begun(options, on_event)
    return run, notices


def _print(run: Run, notices: list[str], options: dict[str, Any]) -> None:
    """Say what the training made, and draw its loss where that is wanted."""
    from firth.loss_curve import as_text

    if options["as_json"]:
        print_json({**_document(run), "notices": notices})
    else:
        if sys.stdout.isatty() and (chart := as_text(run.history, run.held_out)):
            click.echo(f"{chart}\n")
        click.echo(_report(run))
    if options["plot"] is not None:
        _draw(run, options["plot"])


def _resumed(options: dict[str, Any], on_event: Listener) -> Run:
    """Go on with a training, whose settings are not to be given again."""
    from firth.resuming import resume

    context = click.get_current_context()
    for parameter in context.command.params:
        given = context.get_parameter_source(str(parameter.name)) is ParameterSource.COMMANDLINE
        if given and parameter.name not in _FREE_TO_CHANGE:
            name = max(parameter.opts, key=len)
            raise click.UsageError(f"--resume goes on with the settings of the training it names; leave out {name}.")
    return resume(
        options["resume"],
        text_from(options["text"]) if options["text"] else None,
        threads=options["threads"],
        checkpoint_every=options["checkpoint_every"],
        cluster=options["cluster"],
        on_event=on_event,
    )


def _refuse_incomplete(options: dict[str, Any]) -> None:
    """Refuse, before anything begins, a training that lacks its text or its folder."""
    if not options["text"]:
        raise click.UsageError("Missing argument 'TEXT...'.")
    if options["output"] is None:
        raise click.UsageError("Missing option '-o' / '--output'.")
    if not options["output"]:
        raise click.UsageError("-o names no folder; give one, or . for this one.")


def _begun(options: dict[str, Any], on_event: Listener) -> Run:
    """Train from the beginning."""
    from firth.text_to_vectors import train as run_training

    given = {name: value for name, value in options.items() if value is not None}
    start = _start(given, on_event)
    objective = objective_from(given)
    return run_training(
        text_from(options["text"]),
        objective,
        epochs=options["epochs"],
        threads=options["threads"],
        seed=options["seed"],
        tokenizer=tokenizer_of(options),
        min_count=options["min_count"],
        max_words=options["max_words"],
        phrases=options["phrases"],
        text_column=options["text_column"],
        id_column=options["id_column"],
        encoding=options["encoding"],
        errors="strict" if options["bad_bytes"] == "refuse" else "replace",
        unreadable=options["unreadable"],
        held_out=options["held_out"],
        patience=options["patience"],
        output=options["output"],
        force=options["force"],
        bootstrap=options["bootstrap"],
        shards=shards_of(options),
        cluster=options["cluster"],
        start=start,
        checkpoint_every=options["checkpoint_every"],
        reproducible=options["reproducible"],
        on_event=on_event,
    )


def shards_of(options: dict[str, Any]) -> Shards | None:
    """Return how the text is shared out; None where nothing is said of it."""
    from firth.training.shards import Shards

    if options["shards"] is None:
        if options["merge_every"] is not None:
            raise click.UsageError("--merge-every says how often shards are merged; give --shards, too.")
        return None
    every = {} if options["merge_every"] is None else {"merge_every": options["merge_every"]}
    return Shards(count=options["shards"], **every)


def _draw(run: Run, path: str) -> None:
    """Draw the loss; where there is none, say so: the training is done and written all the same."""
    from firth.errors import FormatError
    from firth.plots.loss import loss_curves
    from firth.plots.picture_file import save

    try:
        save(loss_curves(run), path)
    except FormatError as error:
        click.echo(f"firth: {error}", err=True)


def _start(given: dict[str, Any], on_event: Listener) -> StartModel | None:
    """Return the model to go on from, opened; where no other dimension is given, it is the model's."""
    from firth.cli.words import words_in
    from firth.start import Start, opened

    if "start" not in given:
        for option in ("new_words", "freeze"):
            if option in given:
                raise click.UsageError(f"--{option.replace('_', '-')} is for a training that goes on --from a model.")
        return None
    freeze = given.get("freeze")
    frozen = freeze if freeze in (None, "old") else words_in(freeze)
    start = opened(Start(given["start"], new_words=given.get("new_words", "contexts"), freeze=frozen), on_event)
    if "dim" in MODELS[given["model"]].options:
        given.setdefault("dim", start.vectors.dim)
    return start


def _report(run: Run) -> str:
    vectors = run.vectors
    how = (
        f"interrupted after {run.seconds:.1f} s; the vectors so far are kept"
        if run.interrupted
        else (f"{run.seconds:.1f} s, {run.per_second:,.0f} {run.unit}/s")
    )
    if run.kept_epoch is not None:
        how += f"; of {len(run.history)} epochs, epoch {run.kept_epoch} was kept"
    if len(vectors.replicas):
        how += f"; {len(vectors.replicas)} bootstrap runs"
    example = vectors.words[0]
    return (
        f"{run.path}: {len(vectors):,} words, {vectors.dim} numbers each ({how})\n"
        f"Next: firth neighbors {run.path} {example}"
    )


def _document(run: Run) -> dict[str, object]:
    return {
        "path": str(run.path),
        "words": len(run.vectors),
        "dim": run.vectors.dim,
        "seconds": run.seconds,
        "per_second": run.per_second,
        "unit": run.unit,
        "interrupted": run.interrupted,
        "bootstrap": len(run.vectors.replicas),
        "kept_epoch": run.kept_epoch,
        "held_out": [dataclasses.asdict(point) for point in run.held_out],
        "history": [dataclasses.asdict(epoch) for epoch in run.history],
    }
