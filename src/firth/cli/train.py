"""`firth train`: from text to word vectors. In Python: `firth.train`."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from firth.cli.objectives import LOSSES, MODELS, objective_from
from firth.cli.output import json_option, print_json
from firth.cli.tokenizing import phrases_option, tokenizer_from, tokenizer_options

if TYPE_CHECKING:
    from firth.run import Run

__all__ = ["train"]


@click.command()
@click.argument("text", metavar="TEXT...", nargs=-1, required=True)
@click.option("-o", "--output", metavar="RUN", required=True, type=click.Path(), help="The folder to write.")
@click.option("--force", is_flag=True, help="Replace RUN where it is there already.")
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
@click.option("--rate", type=float, help="Learning rate at the start.  [default: the objective's own]")
@click.option("--threads", type=int, help="With one thread, the same seed gives the same bits.  [default: all cores]")
@click.option("--seed", type=int, default=1, show_default=True, help="Of all that is drawn.")
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
    """
    if not options["output"]:
        raise click.UsageError("-o names no folder; give one, or . for this one.")
    from firth import progress
    from firth.text_to_vectors import train as run_training

    given = {name: value for name, value in options.items() if value is not None}
    objective = objective_from(given)
    with progress.shown() as on_event:
        run = run_training(
            [Path(name) for name in options["text"]] if len(options["text"]) > 1 else options["text"][0],
            objective,
            epochs=options["epochs"],
            threads=options["threads"],
            seed=options["seed"],
            tokenizer=tokenizer_from(
                **{name: options[name] for name in ("tokenizer", "lowercase", "stop_words", "sentences")}
            ),
            min_count=options["min_count"],
            max_words=options["max_words"],
            phrases=options["phrases"],
            text_column=options["text_column"],
            id_column=options["id_column"],
            encoding=options["encoding"],
            errors="strict" if options["bad_bytes"] == "refuse" else "replace",
            output=options["output"],
            force=options["force"],
            on_event=on_event,
        )
    if options["as_json"]:
        print_json(_document(run))
    else:
        click.echo(_report(run))
    if run.interrupted:
        click.get_current_context().exit(130)


def _report(run: Run) -> str:
    vectors = run.vectors
    how = (
        f"interrupted after {run.seconds:.1f} s; the vectors so far are kept"
        if run.interrupted
        else (f"{run.seconds:.1f} s, {run.per_second:,.0f} {run.unit}/s")
    )
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
        "history": [dataclasses.asdict(epoch) for epoch in run.history],
    }
