"""`firth convert`: vectors from one file format to another. In Python: `firth.convert`."""

from __future__ import annotations

from typing import Any

import click

from firth.cli.output import json_option, print_json

__all__ = ["convert"]


@click.command()
@click.argument("source")
@click.argument("target")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@click.option("--limit", metavar="N", type=click.IntRange(min=1), help="Only the first N words.")
@click.option("--from", "source_format", metavar="FORMAT", help="Of SOURCE.  [default: told from its content]")
@click.option("--to", "target_format", metavar="FORMAT", help="Of TARGET.  [default: by its suffix]")
@click.option(
    "--errors",
    type=click.Choice(["strict", "replace"]),
    default="strict",
    show_default=True,
    help="Refuse words that are no UTF-8, or put � for their bad bytes.",
)
@json_option
def convert(*, as_json: bool, **options: Any) -> None:
    """Write the vectors of SOURCE to TARGET, in another format.

    \b
    Formats, and the suffixes of TARGET that stand for them (.gz, .bz2, .xz and .zst may follow those of text and
    binary files):
      safetensors      .safetensors   keeps everything
      fasttext         .fasttext      fastText's model, n-grams and all
      word2vec-text    .txt, .vec     also fastText's .vec
      word2vec-binary  .bin
      glove            .glove         word2vec text without its first line
      parquet          .parquet       a column of words, one of vectors
      feather          .feather, .arrow
      npz              .npz           NumPy's archive of arrays
      projector        a folder       tensor.tsv and metadata.tsv, for TensorFlow's Embedding Projector
      hub              a folder       safetensors with a model card, for Hugging Face's hub
      sqlite           .sqlite, .db   one table; written, not read
      faiss            .faiss         a flat index of unit vectors, words beside it; written, not read
      atlas            a .parquet     words, places, neighbours for Embedding Atlas; written, not read

    \b
    Examples:
      firth convert GoogleNews-vectors-negative300.bin.gz news.safetensors --limit 500000
      firth convert glove.6B.300d.txt glove.safetensors
      firth convert novels vectors.txt
      firth convert cc.en.300.bin.gz english.safetensors
      firth convert novels projector --to projector --limit 10000
      firth convert novels atlas.parquet --to atlas
    """
    from firth import progress
    from firth.vectors.convert import convert as converted

    with progress.shown() as on_event:
        done = converted(**options, on_event=on_event)
    if as_json:
        print_json(
            {
                "words": done.words,
                "dim": done.dim,
                "from": done.source_format,
                "to": done.target_format,
                "notices": list(done.notices),
            }
        )
    else:
        click.echo(
            f"{options['target']}: {done.words:,} words × {done.dim:,} dimensions, {done.source_format} to "
            f"{done.target_format}"
        )
