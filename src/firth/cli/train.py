"""`firth train`: from text to word vectors. In Python: `firth.train`."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from firth.cli.output import json_option, print_json
from firth.cli.tokenizing import tokenizer_from, tokenizer_options

if TYPE_CHECKING:
    from firth.objectives.cbow import CBOW
    from firth.objectives.skipgram import SkipGram
    from firth.objectives.tree import TreeSettings
    from firth.run import Run

__all__ = ["train"]

LOSSES = ("negative-sampling", "nce", "hierarchical-softmax")


@click.command()
@click.argument("text", metavar="TEXT...", nargs=-1, required=True)
@click.option("-o", "--output", metavar="RUN", required=True, type=click.Path(), help="The folder to write.")
@click.option("--force", is_flag=True, help="Replace RUN where it is there already.")
@click.option(
    "--model",
    type=click.Choice(["skip-gram", "cbow"]),
    default="skip-gram",
    show_default=True,
    help="Skip-gram learns each context from the centre; CBOW the centre from its contexts' mean.",
)
@click.option(
    "--loss",
    type=click.Choice(LOSSES),
    default="negative-sampling",
    show_default=True,
    help="In place of a softmax over the whole vocabulary.",
)
@click.option(
    "--tree",
    metavar="huffman|FILE",
    help="hierarchical-softmax: the tree of the words. FILE maps words to categories or paths of them (.json, .tsv), "
    "or holds word vectors (a run's folder, or any file that Firth opens) to split.  [default: huffman]",
)
@click.option("--dim", type=int, help="Numbers in each vector.  [default: 100]")
@click.option("--window", type=int, help="How far the company reaches to each side.  [default: 5]")
@click.option("--negatives", type=int, help="Noise words per centre.  [default: 5]")
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
@click.option("--phrases", metavar="N", type=int, help="Join phrases such as new_york first, in N passes.")
@click.option("--epochs", type=int, help="Passes over the text.  [default: 5]")
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
    objective = _objective(given)
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


def _objective(given: dict[str, Any]) -> SkipGram | CBOW:
    """Return the objective that the options name; refuse options that it has no use for."""
    from firth.objectives.cbow import CBOW
    from firth.objectives.hierarchical_softmax import HierarchicalSoftmax
    from firth.objectives.negative_sampling import NegativeSampling
    from firth.objectives.noise_contrastive import NCE
    from firth.objectives.skipgram import SkipGram

    if given["loss"] == "hierarchical-softmax" and "negatives" in given:
        raise click.UsageError("--negatives is for negative-sampling and nce; hierarchical-softmax draws no noise.")
    if given["model"] == "skip-gram" and "gradient" in given:
        raise click.UsageError("--gradient is for --model cbow; skip-gram has one gradient only.")
    losses = {"negative-sampling": NegativeSampling, "nce": NCE, "hierarchical-softmax": HierarchicalSoftmax}
    of_the_loss = {name: given[name] for name in ("negatives",) if name in given}
    if "tree" in given:
        if given["loss"] != "hierarchical-softmax":
            raise click.UsageError("--tree is for --loss hierarchical-softmax.")
        of_the_loss["tree"] = _tree(given["tree"])
    loss = losses[given["loss"]](**of_the_loss)
    settings = {name: given[name] for name in ("dim", "window", "subsample", "rate", "gradient") if name in given}
    return (CBOW if given["model"] == "cbow" else SkipGram)(loss=loss, **settings)


def _tree(name: str) -> TreeSettings:
    """Return the tree that the option names, by the file's suffix: clusters, or else vectors."""
    from firth.objectives.cluster_tree import ClusterTree, read_clusters
    from firth.objectives.huffman import Huffman
    from firth.objectives.vector_tree import VectorTree
    from firth.vectors.load import load

    if name == "huffman":
        return Huffman()
    if Path(name).suffix.lower() in {".json", ".tsv"}:
        return ClusterTree(clusters=read_clusters(name))
    return VectorTree(vectors=load(name))


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
