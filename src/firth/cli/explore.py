"""`firth explore`: models in the browser. In Python: `firth.explore`."""

from __future__ import annotations

from typing import Any

import click

from firth.cli.output import json_option, print_json

__all__ = ["explore"]


@click.command()
@click.argument("models", metavar="MODEL...", nargs=-1, required=True, type=click.Path())
@click.option("--port", type=click.IntRange(0, 65_535), help="0: any that is free.  [default: 8000, or the next free]")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen; others need the token.")
@click.option("--token", help="Without which nothing is answered.  [default: made up where others can reach HOST]")
@click.option("--no-browser", is_flag=True, help="Print the address alone.")
@click.option("--limit", metavar="N", type=click.IntRange(min=1), help="Only the first N words of each model.")
@click.option("--untrained", is_flag=True, help="Beside each model, its words with the vectors they began with.")
@json_option
def explore(*, models: tuple[str, ...], no_browser: bool, as_json: bool, **options: Any) -> None:
    """Open each MODEL in the browser, until Ctrl-C.

    MODEL is a folder that `firth train` wrote, or a file of vectors.

    \b
    Examples:
      firth explore novels
      firth explore novels --untrained
      firth explore 1890s.safetensors 1990s.safetensors --no-browser --port 8080
    """
    from firth import progress
    from firth.explorer.server import explore as opened

    with progress.shown() as on_event:
        explorer = opened(list(models), open_browser=not no_browser, wait=False, on_event=on_event, **options)
    told = [(model.name, len(model.wv), model.wv.dim) for model in explorer.models]
    if as_json:
        print_json(
            {
                "address": explorer.address,
                "models": [{"name": name, "words": words, "dim": dim} for name, words, dim in told],
            }
        )
    else:
        for name, words, dim in told:
            click.echo(f"{name}: {words:,} words × {dim:,} dimensions")
        click.echo(f"{explorer.address}  (Ctrl-C ends)")
    explorer.wait()
