"""`firth train`: from text to word vectors. In Python: `firth.train`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from firth.cli.objectives import MODELS, objective_from
from firth.cli.output import check_new
from firth.cli.tokenizing import text_from, tokenizer_of
from firth.cli.training_options import training_options
from firth.cli.training_report import report

if TYPE_CHECKING:
    from firth.events import Event, Listener
    from firth.run import Run
    from firth.start import StartModel
    from firth.training.shards import Shards

__all__ = ["shards_of", "start_of", "train"]

_FREE_TO_CHANGE = {"text", "resume", "threads", "cluster", "plot", "checkpoint_every", "explore", "as_json"}
"""What may be given with --resume: nothing that decides what is learned."""


@click.command()
@training_options
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
    report(run, notices, options)
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
        report(run, notices, options)
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
    start = start_of(given, on_event)
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


def start_of(given: dict[str, Any], on_event: Listener) -> StartModel | None:
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
