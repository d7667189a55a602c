"""`firth plan`: what a training would take, from a sample of the text. In Python: `firth.plan`."""

from __future__ import annotations

from typing import Any

import click

from firth.cli.objectives import LOSSES, MODELS, objective_from
from firth.cli.output import json_option, print_json
from firth.cli.tokenizing import phrases_option, text_from, tokenizer_of, tokenizer_options
from firth.cli.train import shards_of, start_of

__all__ = ["plan"]


@click.command()
@click.argument("text", metavar="TEXT...", nargs=-1, required=True)
@click.option(
    "--model", type=click.Choice(list(MODELS)), default="skip-gram", show_default=True, help="As for firth train."
)
@click.option("--loss", type=click.Choice(list(LOSSES)), help="As for firth train.  [default: negative-sampling]")
@click.option("--dim", type=int, help="Numbers in each vector.  [default: 100]")
@click.option("--window", type=int, help="How far the company reaches to each side.  [default: the model's own]")
@click.option("--negatives", type=int, help="Noise words per centre.  [default: 5]")
@click.option(
    "--factorization", metavar="svd[:P]|pca|nmf|none", help="Counts: how they become vectors.  [default: svd:0.5]"
)
@click.option("--subsample", type=float, help="As for firth train.  [default: 0.001]")
@click.option("--min-count", type=int, default=5, show_default=True, help="Rarer words are left out.")
@click.option("--max-words", type=int, help="Keep only so many words, the most frequent.")
@phrases_option
@click.option(
    "--from", "start", metavar="MODEL", type=click.Path(), help="As for firth train: on from MODEL, whose words stay."
)
@click.option("--new-words", type=click.Choice(["contexts", "random"]), help="As for firth train; a plan is the same.")
@click.option("--freeze", metavar="old|FILE", help="As for firth train; a plan is the same.")
@click.option("--bootstrap", metavar="N", type=int, help="As for firth train: N trainings more.")
@click.option("--reproducible", is_flag=True, help="As for firth train.")
@click.option("--shards", metavar="N", type=int, help="As for firth train: N copies of the model.")
@click.option("--merge-every", metavar="WORDS", type=int, help="As for firth train.  [default: 100000]")
@click.option("--cluster", metavar="ADDRESS", help="Is refused: other machines cannot be measured from this one.")
@click.option("--epochs", type=int, help="Passes over the text, or GloVe's over the counts.  [default: 5; 15]")
@click.option("--threads", type=int, help="Threads to learn with.  [default: all cores]")
@click.option("--memory", metavar="SIZE", help="Memory there is, such as 16G.  [default: what is free here]")
@click.option("--disk", metavar="SIZE", help="Disk there is, such as 200G.  [default: what is free here]")
@click.option("--sample", metavar="SIZE", help="Text to read, such as 64M.  [default: 16M]")
@tokenizer_options
@click.option(
    "--text-column", metavar="NAME", help="Where JSONL, CSV and Parquet files have the text.  [default: text]"
)
@click.option("--encoding", default="utf-8", show_default=True, help="Of the text files.")
@json_option
def plan(**options: Any) -> None:
    """Estimate what firth train would take for TEXT: words, vocabulary, memory, disk, and time on this machine.

    A sample of TEXT is read, spread over it, and half a second is trained on it; nothing is kept. Where a training
    would not fit, it is said what to change.

    \b
    Examples:
      firth plan wiki.txt
      firth plan crawl/*.txt.zst --model glove --dim 300 --memory 64G --disk 500G
      firth plan novels/*.txt --phrases 2 --min-count 2 --json
      firth plan new.txt --from novels --shards 4
    """
    from firth import progress
    from firth.machine import bytes_of
    from firth.planning import plan as run_plan

    given = {name: value for name, value in options.items() if value is not None}
    sizes: dict[str, Any] = {
        name: bytes_of(given[option])
        for option, name in (("memory", "memory"), ("disk", "disk"), ("sample", "sample_size"))
        if option in given
    }
    with progress.shown() as on_event:
        start = start_of(given, on_event)
        found = run_plan(
            text_from(options["text"]),
            objective_from(given),
            epochs=options["epochs"],
            threads=options["threads"],
            tokenizer=tokenizer_of(options),
            min_count=options["min_count"],
            max_words=options["max_words"],
            phrases=options["phrases"],
            bootstrap=options["bootstrap"],
            reproducible=options["reproducible"],
            start=start,
            shards=shards_of(options),
            cluster=options["cluster"],
            text_column=options["text_column"],
            encoding=options["encoding"],
            on_event=on_event,
            **sizes,
        )
    if options["as_json"]:
        print_json(found.to_dict())
    else:
        click.echo(str(found))
