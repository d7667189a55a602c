"""`firth align`: what moved between two runs. In Python: `firth.align(firth.load(model), onto=firth.load(other))`."""

from __future__ import annotations

import click

from firth.cli.output import check_new, force_option, json_option, print_json
from firth.cli.words import some_of

__all__ = ["align"]


@click.command()
@click.argument("model", type=click.Path())
@click.argument("onto", type=click.Path())
@click.option("-o", "--output", metavar="FILE", type=click.Path(), help="Write the vectors of MODEL, turned.")
@click.option("-k", "k", type=click.IntRange(min=1), default=20, show_default=True, help="How many words are shown.")
@click.option(
    "--min-count",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Show no word that came less often in either text.",
)
@click.option("--anchors", metavar="FILE", type=click.Path(), help="Fit to the words in this file, one a line.")
@click.option("--most-frequent", metavar="N", type=click.IntRange(min=1), help="Fit to the N most frequent words.")
@click.option(
    "--stable",
    metavar="SHARE",
    type=float,
    help="Fit to this share of the words, those that move least.  [default: 0.5; with --anchors, 1]",
)
@click.option("--centred", is_flag=True, help="Take the means off before the rotation is fitted.")
@force_option
@json_option
def align(
    model: str,
    onto: str,
    *,
    output: str | None,
    k: int,
    min_count: int,
    anchors: str | None,
    most_frequent: int | None,
    stable: float | None,
    centred: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Turn the vectors of MODEL onto those of ONTO, and print the words that moved most.

    Two runs give the same word other numbers even where they learned the same. The rotation that brings the words that
    both have nearest to themselves (Procrustes) takes that away; what is left is how far each word moved, 1 - cosine.
    It is fitted to the half of the words that moves least, unless other anchors are named. Rare words move far by
    chance: --min-count leaves them out. MODEL and ONTO are folders that `firth train` wrote, or files of vectors.

    \b
    Examples:
      firth align victorian edwardian --min-count 100
      firth align victorian edwardian -o victorian-turned.safetensors --json
      firth align run-1 run-2 --anchors function-words.txt --centred
    """
    if anchors is not None and most_frequent is not None:
        raise click.UsageError("--anchors and --most-frequent exclude each other.")
    from firth import progress
    from firth.vectors.alignment import align as aligned
    from firth.vectors.load import load

    check_new(output, force=force)
    with progress.shown() as on_event:
        vectors, others = load(model, on_event=on_event), load(onto, on_event=on_event)
        # The words of the file that have a vector in both.
        chosen = None if anchors is None else some_of(anchors, vectors, on_event)
        chosen = None if chosen is None else [word for word in chosen if word in others]
        found = aligned(
            vectors,
            others,
            anchors=chosen,
            stable=stable,
            most_frequent=most_frequent,
            centred=centred,
            on_event=on_event,
        )
        if output is not None:
            found.vectors.save(output, on_event=on_event)
    table = found.moves.most(k, min_count=min_count)
    if as_json:
        print_json(
            {
                "output": output,
                "shared_words": len(found.moves),
                "anchors": len(found.anchors),
                "anchor_distance": found.anchor_distance,
                "rounds": found.rounds,
                "moved_most": table.to_dicts(),
            }
        )
    else:
        click.echo(
            f"aligned by {len(found.anchors):,} of {len(found.moves):,} shared words, whose mean distance is "
            f"{found.anchor_distance:.4f}\n\n{table}"
        )
