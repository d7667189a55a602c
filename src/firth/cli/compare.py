"""`firth compare`: several objectives on one text, side by side. In Python: `firth.compare`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from firth.cli.objectives import objective_named
from firth.cli.output import check_new, force_option, json_option, print_json
from firth.cli.tokenizing import phrases_option, text_from, tokenizer_of, tokenizer_options
from firth.storage import written_whole

__all__ = ["compare"]

DEFAULT = ("skip-gram", "skip-gram/hierarchical-softmax", "cbow")


@click.command()
@click.argument("text", metavar="TEXT...", nargs=-1, required=True)
@click.option(
    "--objective",
    "objectives",
    metavar="NAME",
    multiple=True,
    default=DEFAULT,
    show_default=True,
    help="A model, perhaps with a stroke and a loss, as firth train names them; may be given several times.",
)
@click.option("--word", "words", metavar="WORD", multiple=True, help="Show its neighbours side by side; several times.")
@click.option("-k", "k", type=click.IntRange(min=1), default=5, show_default=True, help="How many neighbours.")
@click.option("--analogies", metavar="FILE", multiple=True, type=click.Path(), help="Questions in Google's format.")
@click.option("--similarity", metavar="FILE", multiple=True, type=click.Path(), help="Pairs of words with ratings.")
@click.option("--most-frequent", type=int, default=30_000, show_default=True, help="Words that analogies are asked of.")
@click.option("--dim", type=int, help="Numbers in each vector.  [default: 100]")
@click.option("--window", type=int, help="How far the company reaches to each side.  [default: each model's own]")
@click.option("--min-count", type=int, default=5, show_default=True, help="Rarer words are left out.")
@click.option("--max-words", type=int, help="Keep only so many words, the most frequent.")
@phrases_option
@click.option("--epochs", type=int, help="Passes of those models that have any.  [default: each model's own]")
@click.option("--threads", type=int, help="With one thread, the same seed gives the same bits.  [default: all cores]")
@click.option("--seed", type=int, default=1, show_default=True, help="Of all that is drawn.")
@tokenizer_options
@click.option(
    "--text-column", metavar="NAME", help="Where JSONL, CSV and Parquet files have the text.  [default: text]"
)
@click.option("--encoding", default="utf-8", show_default=True, help="Of the text files.")
@click.option("-o", "--output", metavar="FILE", type=click.Path(), help="Write the report as Markdown.")
@force_option
@json_option
def compare(**options: Any) -> None:
    """Learn several objectives from TEXT and report them side by side.

    The text is read once; all objectives have the same words. TEXT is a file, a folder, a pattern such as
    "novels/*.txt", or - for standard input. Quality is told with how many questions or pairs could be asked; a loss can
    be compared between objectives of the same kind of loss only.

    \b
    Examples:
      firth compare novels/*.txt --word king --word queen
      firth compare novels/*.txt --objective skip-gram --objective skip-gram/nce --objective cbow --window 5
      firth compare wiki.txt --analogies questions-words.txt --similarity wordsim353.tsv -o report.md
    """
    check_new(options["output"], force=options["force"])
    from firth import progress
    from firth.comparison import compare as run_comparison

    given = {name: options[name] for name in ("dim", "window") if options[name] is not None}
    objectives = {name: objective_named(name, given) for name in options["objectives"]}
    if len(objectives) < len(options["objectives"]):
        raise click.UsageError("an objective is named twice; each learns the same again, so name it once.")
    with progress.shown() as on_event:
        report = run_comparison(
            text_from(options["text"]),
            objectives,
            words=options["words"],
            k=options["k"],
            analogies={Path(name).stem: name for name in options["analogies"]},
            similarity={Path(name).stem: name for name in options["similarity"]},
            most_frequent=options["most_frequent"],
            epochs=options["epochs"],
            threads=options["threads"],
            seed=options["seed"],
            tokenizer=tokenizer_of(options),
            min_count=options["min_count"],
            max_words=options["max_words"],
            phrases=options["phrases"],
            text_column=options["text_column"],
            encoding=options["encoding"],
            on_event=on_event,
        )
    if options["output"]:
        with written_whole(Path(options["output"])) as part:
            part.write_text(report.markdown(), encoding="utf-8")
    if options["as_json"]:
        print_json(report.to_dict())
    else:
        click.echo(str(report))
    if report.interrupted is not None:
        click.get_current_context().exit(130)
    if report.failed:
        click.get_current_context().exit(1)
