"""The command line: one file per verb, loaded when it is called; each verb has a twin in Python."""

from __future__ import annotations

import errno
import importlib
import traceback
from typing import TYPE_CHECKING, NoReturn

import click

from firth.errors import FirthError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["VERBS", "main", "verbs"]

VERBS = (
    "demo", "plan", "train", "neighbors", "analogy", "distances", "odd", "axis", "postprocess", "align", "pairs",
    "phrases", "convert", "compare", "evaluate", "plot", "explore", "datasets",
)  # fmt: skip
"""Each lives in the module of its name in this folder, as a click command of the same name."""

INTERRUPTED = 130
"""What a shell expects of a program that Ctrl-C has ended: 128 + SIGINT."""


class _Verbs(click.Group):
    """The group of all verbs; a verb's file is imported only when that verb, or the list of them, is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in VERBS:
            return None
        command: click.Command = getattr(importlib.import_module(f"firth.cli.{cmd_name}"), cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run a verb, and turn what goes wrong into one sentence and an exit code."""
        try:
            return super().invoke(ctx)
        except (FirthError, MemoryError, OSError, UnicodeError, KeyboardInterrupt) as error:
            if isinstance(error, OSError) and error.errno == errno.EPIPE:
                raise  # click ends quietly when nobody reads on
            if ctx.params["debug"]:
                traceback.print_exc()
            click.echo(f"firth: {_sentence(error)}", err=True)
            ctx.exit(INTERRUPTED if isinstance(error, KeyboardInterrupt) else 1)


def _sentence(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    if isinstance(error, MemoryError):
        return "out of memory; a smaller --dim, a higher --min-count or --max-words needs less"
    # An error's sentence stays one line, whatever the names in it hold.
    return " ".join(str(error).split()) or type(error).__name__


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--debug", is_flag=True, envvar="FIRTH_DEBUG", help="Show tracebacks; also FIRTH_DEBUG=1.")
@click.version_option(package_name="firth", message="firth %(version)s")
def verbs(debug: bool) -> None:
    """Learn word vectors from your own text, and see what they mean.

    \b
    Examples:
      firth demo
      firth train novels/*.txt -o novels
      firth neighbors novels king
      firth analogy novels "king - man + woman"
    """


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave with its exit code: 0 done, 1 an error, 2 wrong usage, 130 interrupted.

    Args:
        arguments: the words after `firth`; the process's own where None.
    """
    verbs.main(args=None if arguments is None else list(arguments), prog_name="firth")
    raise AssertionError("click's main leaves by SystemExit")
