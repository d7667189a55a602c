"""`firth postprocess`: vectors changed after training. In Python: `firth.postprocess(firth.load(model), "centre")`."""

from __future__ import annotations

import click

from firth.cli.output import check_new, force_option, json_option, print_json

__all__ = ["postprocess"]


@click.command()
@click.argument("model", type=click.Path())
@click.argument("output", type=click.Path())
@click.argument("steps", metavar="STEP...", nargs=-1, required=True)
@force_option
@json_option
def postprocess(model: str, output: str, steps: tuple[str, ...], *, force: bool, as_json: bool) -> None:
    """Put the vectors of MODEL through each STEP in turn, and write them to OUTPUT.

    Steps are centre (less the mean), all-but-the-top or all-but-the-top:3 (less the mean and the first principal
    components), unit-length, and pca:100 (dimensions kept) or pca:0.9 (share of the variance kept). A safetensors file
    keeps the record of what was done. MODEL is a folder that `firth train` wrote, or a file of vectors.

    \b
    Examples:
      firth postprocess novels better.safetensors all-but-the-top:3 unit-length
      firth postprocess vectors.bin small.safetensors pca:0.9 --json
    """
    from firth import progress
    from firth.vectors.load import load
    from firth.vectors.postprocess import postprocess as changed
    from firth.vectors.postprocess import steps_of

    check_new(output, force=force)
    with progress.shown() as on_event:
        vectors = changed(load(model, on_event=on_event), *steps, on_event=on_event)
        vectors.save(output, on_event=on_event)
    if as_json:
        print_json({"output": output, "words": len(vectors), "dim": vectors.dim, "postprocessing": steps_of(vectors)})
    else:
        click.echo(f"{output}: {len(vectors):,} words × {vectors.dim:,} dimensions")
        for step in steps_of(vectors):
            told = ", ".join(
                f"{name.replace('_', ' ')} {value:.1%}" if isinstance(value, float) else f"{name} {value:,}"
                for name, value in step.items()
                if name != "step"
            )
            click.echo(f"  {step['step']}" + (f": {told}" if told else ""))
