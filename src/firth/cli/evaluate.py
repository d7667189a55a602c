"""`firth evaluate`: vectors scored on test sets. In Python: `firth.evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from firth.cli.output import check_new, force_option, json_option, print_json
from firth.storage import written_whole

__all__ = ["evaluate"]


@click.command()
@click.argument("model", type=click.Path())
@click.argument("other", type=click.Path(), required=False)
@click.option(
    "--data", metavar="DIR", type=click.Path(),
    help="The folder in which the test sets lie.  [default: where firth datasets keeps them]",
)  # fmt: skip
@click.option(
    "--suite",
    type=click.Choice(["standard", "analogies", "similarity"]),
    default="standard",
    show_default=True,
    help="Which test sets are looked for.",
)
@click.option(
    "--most-frequent", type=click.IntRange(min=0), default=30_000, show_default=True,
    help="How many words analogies are asked of; 0: all.",
)  # fmt: skip
@click.option(
    "--method", metavar="3cosadd|3cosmul|pairdirection|3cosavg|lrcos", default="3cosadd", show_default=True,
    help="What answers the analogies; the last two learn from a category's other pairs.",
)  # fmt: skip
@click.option("--case/--no-case", default=False, help="Tell Paris from paris.  [default: no-case]")
@click.option("--level", type=float, default=0.95, show_default=True, help="Of the intervals.")
@click.option("--samples", type=int, default=1000, show_default=True, help="Of the bootstrap.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Of the bootstrap.")
@click.option("-o", "--output", metavar="FILE", type=click.Path(), help="Write the report as Markdown.")
@force_option
@json_option
def evaluate(**options: Any) -> None:
    """Score MODEL on test sets, alone or beside OTHER on the items that both know.

    The suite's sets are found by the names of their files, such as questions-words.txt, EN-WS-353-ALL.txt,
    SimLex-999.txt or ap.csv; those that are not there are named. Each score stands with its coverage and a bootstrap
    interval. Beside OTHER, p tells how often so great a difference comes by chance.

    \b
    Examples:
      firth datasets get google-analogies simlex-999 && firth evaluate novels
      firth evaluate novels vectors.bin --data gold --suite analogies
      firth evaluate novels --data gold --json
    """
    check_new(options["output"], force=options["force"])
    from firth import progress
    from firth.evaluation.report import evaluate as run_evaluation
    from firth.vectors.load import load

    with progress.shown() as on_event:
        vectors = load(options["model"], on_event=on_event)
        other = load(options["other"], on_event=on_event) if options["other"] else None
        report = run_evaluation(
            vectors,
            options["data"],
            suite=options["suite"],
            against=other,
            most_frequent=options["most_frequent"] or None,
            ignore_case=not options["case"],
            method=options["method"],
            level=options["level"],
            samples=options["samples"],
            seed=options["seed"],
            on_event=on_event,
        )
    if options["output"]:
        with written_whole(Path(options["output"])) as part:
            part.write_text(report.markdown(), encoding="utf-8")
    if options["as_json"]:
        print_json({"model": options["model"], "other": options["other"], **report.to_dict()})
    else:
        click.echo(str(report))
        if other is not None:
            click.echo(f"this: {options['model']}, other: {options['other']}")
