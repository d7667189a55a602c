"""`firth datasets`: data that others publish. In Python: `firth.datasets()`, `firth.dataset(name)`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from firth.cli.output import json_option, print_json

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from firth.downloads.registry import Dataset

__all__ = ["datasets"]


@click.command()
@click.argument("action", type=click.Choice(["list", "get", "where"]), default="list")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--folder", type=click.Path(), help="Where datasets are kept.  [default: the cache, FIRTH_CACHE]")
@json_option
def datasets(action: str, names: tuple[str, ...], folder: str | None, as_json: bool) -> None:
    """List, fetch or find data that others publish: texts, pretrained vectors, evaluation sets.

    `list` prints what there is, with size, licence and source. `get` downloads each NAME that is not here yet, and
    prints the path of its file; a transfer that breaks off goes on where it stopped. `where` prints the path, whether
    the file is there or not.

    \b
    Examples:
      firth datasets
      firth datasets get text8
      firth train $(firth datasets get text8) -o text8-vectors
      firth datasets where google-analogies --json
    """
    if action == "list" and names:
        raise click.UsageError("list takes no names; for one dataset: firth datasets get NAME.")
    if action != "list" and not names:
        raise click.UsageError(f"{action} needs a NAME; firth datasets lists them.")
    from firth import progress
    from firth.downloads.fetch import dataset, where
    from firth.downloads.registry import datasets as all_datasets

    if action == "list":
        _print_list(all_datasets(), folder, as_json=as_json)
        return
    # All names are looked up before the first is downloaded.
    paths: dict[str, Path] = {name: where(name, folder=folder) for name in names}
    if action == "get":
        with progress.shown() as on_event:
            paths = {name: dataset(name, folder=folder, on_event=on_event) for name in names}
    if as_json:
        print_json([{"name": name, "path": str(path), "here": path.is_file()} for name, path in paths.items()])
    else:
        click.echo("\n".join(map(str, paths.values())))


def _print_list(known: Sequence[Dataset], folder: str | None, *, as_json: bool) -> None:
    import dataclasses

    from firth.downloads.fetch import where

    here = [where(one.name, folder=folder).is_file() for one in known]
    if as_json:
        print_json([{**dataclasses.asdict(one), "here": there} for one, there in zip(known, here, strict=True)])
        return
    rows = [("name", "MB", "", "what", "licence")]
    rows += [
        (one.name, _size(one.megabytes), "here" if there else "", one.title, one.licence)
        for one, there in zip(known, here, strict=True)
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for name, size, there, title, licence in rows:
        click.echo(
            f"{name:<{widths[0]}}  {size:>{widths[1]}}  {there:<{widths[2]}}  {title:<{widths[3]}}  {licence}".rstrip()
        )


def _size(megabytes: float) -> str:
    return f"{megabytes:,.0f}" if megabytes >= 10 else f"{megabytes:.1f}"
