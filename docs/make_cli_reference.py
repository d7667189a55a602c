"""Write docs/cli.md from the commands themselves: python docs/make_cli_reference.py [--check]."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path

import click

from firth.cli import VERBS, verbs

PAGE = Path(__file__).with_name("cli.md")

HEAD = """\
# The command line

<!-- Written by docs/make_cli_reference.py from the commands' own help; do not edit by hand. -->

Every verb has a twin in Python. Tables are for people; `--json` prints one JSON document for programs. Progress and
notices go to standard error: a live bar on a terminal, plain lines every few seconds in a file, notices alone in a
pipe.

| exit code | meaning |
| --- | --- |
| 0 | done |
| 1 | an error: one sentence on standard error says what was expected, what came, and what to do |
| 2 | the command was not understood: an unknown option, or options that contradict each other |
| 130 | interrupted by Ctrl-C; a training that had begun has written the vectors so far; one that \
counts (PPMI and its like) has none before its end, and has written nothing |

`firth --debug VERB …`, or `FIRTH_DEBUG=1`, shows the traceback of an error.
"""


def section(name: str) -> str:
    """Return one verb's part of the page."""
    context = click.Context(verbs)
    command = verbs.get_command(context, name)
    assert command is not None
    module = inspect.getmodule(command.callback)
    assert module is not None
    assert module.__doc__ is not None
    twin = module.__doc__.split("In Python: ", 1)[1].strip().rstrip(".")
    inner = click.Context(command, parent=context, info_name=name)
    usage = " ".join(["firth", name, *command.collect_usage_pieces(inner)])
    told, _, examples = inspect.cleandoc(command.help or "").partition("\b\nExamples:\n")
    options = "\n".join(row(option) for option in command.params if isinstance(option, click.Option))
    return (
        f"## firth {name}\n\n```text\n{usage}\n```\n\n{told.strip()}\n\nIn Python: {twin}.\n\n"
        f"```text\n{inspect.cleandoc(examples)}\n```\n\n| option | meaning |\n| --- | --- |\n{options}\n"
    )


def row(option: click.Option) -> str:
    """Return an option's line of the table; written here, since releases of click differ in how they write it."""
    names = " / ".join(", ".join(some) for some in (option.opts, option.secondary_opts) if some)
    if isinstance(option.type, click.Choice):
        value = f" [{'|'.join(map(str, option.type.choices))}]"
    else:
        value = "" if option.is_flag else f" {option.metavar or option.type.name.split()[0].upper()}"
    notes = (" [required]" if option.required else "") + (
        f" [default: {option.default}]" if option.show_default else ""
    )
    return f"| `{cell(names + value)}` | {cell((option.help or '') + notes)} |"


def cell(text: str) -> str:
    """Return text as it may stand in a cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")


def main() -> None:
    page = "\n".join([HEAD, *map(section, VERBS)])
    if "--check" not in sys.argv:
        PAGE.write_text(page, encoding="utf-8")
    elif PAGE.read_text(encoding="utf-8") != page:
        sys.exit("docs/cli.md is not what the commands say: run python docs/make_cli_reference.py")


if __name__ == "__main__":
    main()
