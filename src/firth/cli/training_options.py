"""The options of `firth train`, in the order in which `--help` shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from firth.cli.objectives import LOSSES, MODELS
from firth.cli.output import json_option
from firth.cli.tokenizing import phrases_option, tokenizer_options

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["training_options"]

_OPTIONS = (
    click.argument("text", metavar="TEXT...", nargs=-1),
    click.option("-o", "--output", metavar="RUN", type=click.Path(), help="The folder to write."),
    click.option(
        "--resume",
        metavar="RUN",
        type=click.Path(),
        help="Go on with the training that was broken off in RUN, with all its settings; TEXT only where it was no "
        "file.",
    ),
    click.option(
        "--from",
        "start",
        metavar="MODEL",
        type=click.Path(),
        help="Go on from MODEL, a run's folder or any file of vectors: its words keep their ids, counts add up.",
    ),
    click.option(
        "--new-words",
        type=click.Choice(["contexts", "random"]),
        help="--from: begin words that MODEL has not at the mean of what stands around them, or at random.  "
        "[default: contexts]",
    ),
    click.option(
        "--freeze",
        metavar="old|FILE",
        help="--from: keep the vectors of MODEL's words as they are, or of those in FILE, one a line.",
    ),
    click.option("--force", is_flag=True, help="Replace RUN, and what --plot names, where they are there already."),
    click.option(
        "--model",
        type=click.Choice(list(MODELS)),
        default="skip-gram",
        show_default=True,
        help="Skip-gram learns each context from the centre; CBOW the centre from its contexts' mean; the others "
        "count.",
    ),
    click.option(
        "--loss",
        type=click.Choice(list(LOSSES)),
        help="What skip-gram and CBOW ask of an input.  [default: negative-sampling]",
    ),
    click.option(
        "--tree",
        metavar="huffman|FILE",
        help="hierarchical-softmax: the tree of the words. FILE maps words to categories or paths of them (.json, "
        ".tsv), or holds word vectors (a run's folder, or any file that Firth opens) to split.  [default: huffman]",
    ),
    click.option("--dim", type=int, help="Numbers in each vector.  [default: 100]"),
    click.option(
        "--window", type=int, help="How far the company reaches to each side.  [default: 5; 10 where words are counted]"
    ),
    click.option("--negatives", type=int, help="Noise words per centre.  [default: 5]"),
    click.option(
        "--weighting",
        type=click.Choice(["harmonic", "soft", "flat"]),
        help="Counts: what a word at distance d is worth: 1/d; less evenly to the window's end; 1.  "
        "[default: harmonic]",
    ),
    click.option(
        "--factorization", metavar="svd[:P]|pca|nmf|none", help="Counts: how they become vectors.  [default: svd:0.5]"
    ),
    click.option(
        "--x-max", type=float, help="GloVe: the count from which on a pair has its full weight.  [default: 10]"
    ),
    click.option("--alpha", type=float, help="GloVe: the exponent of the weight below it.  [default: 0.75]"),
    click.option("--shift", type=float, help="PPMI: k, log k is taken off.  [default: 1]"),
    click.option("--smoothing", type=float, help="PPMI: the power of the contexts' counts.  [default: 0.75]"),
    click.option(
        "--gradient",
        type=click.Choice(["corrected", "historical"]),
        help="CBOW: divide the gradient by the number of contexts, or not, as word2vec.c.  [default: corrected]",
    ),
    click.option(
        "--subsample", type=float, help="Share of the text above which words are thinned; 0: none.  [default: 0.001]"
    ),
    click.option("--min-count", type=int, default=5, show_default=True, help="Rarer words are left out."),
    click.option("--max-words", type=int, help="Keep only so many words, the most frequent."),
    phrases_option,
    click.option("--epochs", type=int, help="Passes over the text, or GloVe's over the counts.  [default: 5; 15]"),
    click.option(
        "--held-out",
        type=float,
        help="Share of the text, or of GloVe's counts, not trained on, to measure the loss by; 0: none.  "
        "[default: 0.01; none of short texts]",
    ),
    click.option("--patience", type=int, help="End after so many epochs without a lower held-out loss; keep the best."),
    click.option(
        "--plot",
        metavar="FILE",
        type=click.Path(),
        help="Draw the loss after every epoch: .svg, .png or .pdf.",
    ),
    click.option(
        "--checkpoint-every",
        metavar="SECONDS",
        type=float,
        default=300,
        show_default=True,
        help="How often the training is written down, so that --resume can go on with it.",
    ),
    click.option("--rate", type=float, help="Learning rate at the start.  [default: the objective's own]"),
    click.option(
        "--threads", type=int, help="With one thread, the same seed gives the same bits.  [default: all cores]"
    ),
    click.option(
        "--reproducible", is_flag=True, help="Give the same bits with any number of threads, at some cost in speed."
    ),
    click.option("--seed", type=int, default=1, show_default=True, help="Of all that is drawn."),
    click.option(
        "--bootstrap",
        metavar="N",
        type=int,
        help="Train N times more on the documents drawn again; neighbours then show how many of the runs agree.",
    ),
    click.option(
        "--shards",
        metavar="N",
        type=int,
        help="Cut the text into N shares, each learned by a copy of the model, and merge the copies from time to time: "
        "the same bits with any number of threads.",
    ),
    click.option(
        "--cluster",
        metavar="local|auto|ADDRESS",
        help="Let a Ray cluster read the text's files, and train the shards, or count and factorise (with "
        "--reproducible, learn GloVe): one begun here, the one this machine is in, or that whose head is at ADDRESS. "
        "Needs the extra ray.",
    ),
    click.option(
        "--merge-every", metavar="WORDS", type=int, help="Shards: words of each between two merges.  [default: 100000]"
    ),
    click.option(
        "--explore", is_flag=True, help="Open the explorer: words as they learn, then the model, until Ctrl-C."
    ),
    tokenizer_options,
    click.option(
        "--text-column", metavar="NAME", help="Where JSONL, CSV and Parquet files have the text.  [default: text]"
    ),
    click.option("--id-column", metavar="NAME", help="Where each document's name is."),
    click.option("--encoding", default="utf-8", show_default=True, help="Of the text files."),
    click.option(
        "--bad-bytes",
        type=click.Choice(["replace", "refuse"]),
        default="replace",
        show_default=True,
        help="What to do with bytes that the encoding does not allow.",
    ),
    click.option(
        "--unreadable",
        type=click.Choice(["refuse", "skip"]),
        default="refuse",
        show_default=True,
        help="What to do with a file that cannot be read to its end.",
    ),
    json_option,
)


def training_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the text and all options to the command that trains."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
