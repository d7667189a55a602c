"""`firth explore`: models in the browser. In Python: `firth.explore`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from firth.cli.output import check_new, force_option, json_option, print_json

__all__ = ["explore"]


@click.command()
@click.argument("models", metavar="MODEL...", nargs=-1, required=True, type=click.Path())
@click.option("--port", type=click.IntRange(0, 65_535), help="0: any that is free.  [default: 8000, or the next free]")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen; others need the token.")
@click.option("--token", help="Without which nothing is answered.  [default: made up where others can reach HOST]")
@click.option("--no-browser", is_flag=True, help="Print the address alone.")
@click.option("--limit", metavar="N", type=click.IntRange(min=1), help="Only the first N words of each model.")
@click.option("--untrained", is_flag=True, help="Beside each model, its words with the vectors they began with.")
@click.option(
    "--export", "export_to", metavar="FILE.html", type=click.Path(), help="Write the page of one MODEL, and end."
)
@click.option("--words", type=click.IntRange(min=1), help="With --export: so many words.  [default: 20000]")
@force_option
@json_option
def explore(
    *,
    models: tuple[str, ...],
    no_browser: bool,
    export_to: str | None,
    words: int | None,
    force: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Open each MODEL in the browser, until Ctrl-C.

    MODEL is a folder that `firth train` wrote, or a file of vectors. With --export the page of one
    MODEL becomes one file that opens without a server.

    \b
    Examples:
      firth explore novels
      firth explore novels --untrained
      firth explore novels --export novels.html --words 10000
      firth explore 1890s.safetensors 1990s.safetensors --no-browser --port 8080
    """
    if export_to is not None:
        _export(models, export_to, words=words, force=force, as_json=as_json, limit=options["limit"])
        return
    if words is not None or force:
        raise click.UsageError("--words and --force are for --export; leave them out.")
    from firth import progress
    from firth.explorer.server import explore as opened

    with progress.shown() as on_event:
        explorer = opened(list(models), open_browser=not no_browser, wait=False, on_event=on_event, **options)
    told = [(model.name, len(model.wv), model.wv.dim) for model in explorer.models]
    if as_json:
        print_json(
            {
                "address": explorer.address,
                "models": [{"name": name, "words": size, "dim": dim} for name, size, dim in told],
            }
        )
    else:
        for name, size, dim in told:
            click.echo(f"{name}: {size:,} words × {dim:,} dimensions")
        click.echo(f"{explorer.address}  (Ctrl-C ends)")
    explorer.wait()


def _export(
    models: tuple[str, ...], target: str, *, words: int | None, force: bool, as_json: bool, limit: int | None
) -> None:
    """Write the page of one model as one file."""
    if len(models) > 1:
        raise click.UsageError("--export writes the page of one MODEL; give one.")
    check_new(target, force=force)
    from firth import progress
    from firth.explorer.models import opened
    from firth.explorer.static_page import WORDS, export

    with progress.shown() as on_event:
        (model,) = opened(models[0], limit=limit, on_event=on_event)
        written = export(model, Path(target), words=WORDS if words is None else words)
    if as_json:
        print_json({"path": target, "words": written, "left_out": len(model.wv) - written})
    else:
        left_out = f", {len(model.wv) - written:,} left out" if written < len(model.wv) else ""
        click.echo(f"{target}: {written:,} words{left_out}")
