"""A module's page, written from its docstrings: what the concept pages and the Python reference are made of.

Docstrings are plain text with a few habits, which are all that is understood here: `Args:`, `Returns:`, `Raises:` and
`Yields:` with indented entries below, "Source:", formulas indented by four spaces, and `>>>`.
"""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import re
import textwrap
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["member", "module_page", "prose", "title_of"]

_SECTIONS = ("Args", "Returns", "Raises", "Yields")
_LONGEST_SIGNATURE = 88


def module_page(name: str, *, source: str) -> str:
    """Return a module's page: what it says of itself, then each of its public names.

    Args:
        name: dotted, "firth.contexts.window".
        source: where its file is shown, as the page's last line tells.
    """
    module = importlib.import_module(name)
    told = inspect.cleandoc(module.__doc__ or "")
    parts = [f"# {title_of(told, name)}", prose(told)]
    parts += [member(module, public) for public in sorted(module.__all__, key=_places(module))]
    return "\n\n".join([*parts, f"Written from the docstrings of `{source}`."]) + "\n"


def _places(module: Any) -> Callable[[str], int]:
    """Return a function that says in which line a name is defined: pages have the order of their source."""
    lines: dict[str, int] = {}
    for node in ast.parse(Path(module.__file__).read_text(encoding="utf-8")).body:
        for name in (getattr(node, "name", None), *(getattr(part, "id", None) for part in _targets(node))):
            lines.setdefault(str(name), node.lineno)
    return lambda name: lines.get(name, 0)


def _targets(node: ast.stmt) -> list[ast.expr]:
    """Return what a statement gives a value to."""
    if isinstance(node, ast.Assign):
        return [name for target in node.targets for name in getattr(target, "elts", [target])]
    return [node.target] if isinstance(node, ast.AnnAssign) else []


def title_of(docstring: str, name: str) -> str:
    """Return what a module is about: the words before the colon of its first sentence, else its name in words."""
    first = docstring.split("\n", 1)[0]
    before, colon, _ = first.partition(":")
    title = before if colon and len(before) < 60 else name.rsplit(".", 1)[-1].replace("_", " ")
    return _escaped(title[:1].upper() + title[1:])


def member(module: Any, name: str, *, home: str | None = None) -> str:
    """Return the section of one public name: its signature, its docstring, and for a class its methods.

    Args:
        module: that holds it.
        name: of a class, a function or a constant.
        home: what it is imported from, where that shall be told.
    """
    value = getattr(module, name)
    imported = f"\n\n`from {home} import {name}`" if home else ""
    if inspect.isclass(value):
        return f"## {name}{imported}\n\n{_class(value)}"
    if callable(value) and hasattr(value, "__doc__") and hasattr(value, "__module__"):
        return f"## {name}{imported}\n\n{_callable(name, value)}"
    told = _constant_notes(module).get(name, "")
    shown = repr(value)
    written = f"```text\n{name} = {shown}\n```\n\n" if len(shown) < 200 and " at 0x" not in shown else ""
    return f"## {name}{imported}\n\n{written}{prose(told)}".rstrip()


def _class(kind: type) -> str:
    parts = [_signature(kind.__name__, kind), prose(inspect.getdoc(kind) or "")]
    for name, value in vars(kind).items():
        if name.startswith("_"):
            continue
        if isinstance(value, property | cached_property):
            parts.append(f"### {kind.__name__}.{name}\n\n{prose(inspect.getdoc(value) or '')}")
        elif inspect.isfunction(value) or isinstance(value, classmethod | staticmethod):
            parts.append(f"### {kind.__name__}.{name}\n\n{_callable(f'{kind.__name__}.{name}', getattr(kind, name))}")
    return "\n\n".join(part for part in parts if part)


def _callable(name: str, function: Any) -> str:
    return f"{_signature(name, function)}\n\n{prose(inspect.getdoc(function) or '')}".strip()


def _signature(name: str, called: Any) -> str:
    """Return how something is called, in a block of code; defaults that are made anew are shown as they are made."""
    try:
        signature = inspect.signature(called)
    except (TypeError, ValueError):
        return ""
    made = {
        field.name: field.default_factory
        for field in (dataclasses.fields(called) if dataclasses.is_dataclass(called) else ())
        if field.default_factory is not dataclasses.MISSING
    }
    parts, keyword_only = [], False
    for parameter in signature.parameters.values():
        if parameter.name == "self":
            continue
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY and not keyword_only:
            keyword_only = True
            parts.append("*")
        keyword_only |= parameter.kind is inspect.Parameter.VAR_POSITIONAL
        text = str(parameter)
        if parameter.name in made:
            text = f"{text.partition(' = ')[0]} = {made[parameter.name]()!r}"
        parts.append(text.replace("'", ""))
    returned = signature.return_annotation
    told = "" if inspect.isclass(called) or returned is inspect.Signature.empty else f" -> {returned}".replace("'", "")
    line = f"{name}({', '.join(parts)}){told}"
    if len(line) > _LONGEST_SIGNATURE:
        line = f"{name}(\n" + "".join(f"    {part},\n" for part in parts) + f"){told}"
    return f"```python\n{line}\n```"


def prose(docstring: str) -> str:
    """Return a docstring as Markdown."""
    lines = inspect.cleandoc(docstring).splitlines()
    written: list[str] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        end = at + 1
        if line.endswith(":") and line[:-1] in _SECTIONS:
            while end < len(lines) and (not lines[end] or lines[end].startswith(" ")):
                end += 1
            written += ["", f"**{line[:-1]}**", "", *_entries(textwrap.dedent("\n".join(lines[at + 1 : end]))), ""]
        elif line.startswith(("    ", ">>> ")):
            while end < len(lines) and (lines[end].startswith(("    ", ">>> ")) or not lines[end]):
                end += 1
            while not lines[end - 1]:
                end -= 1
            language = "python" if line.lstrip().startswith(">>>") else "text"
            written += ["", f"```{language}", *textwrap.dedent("\n".join(lines[at:end])).splitlines(), "```", ""]
        else:
            # A list needs a blank line before it; the docstrings' lists often have none.
            starts = re.match(r"(- |\d+\. )", line) is not None
            if starts and written and written[-1] and not re.match(r"(- |\d+\. |  )", written[-1]):
                written.append("")
            written.append(_escaped(line))
        at = end
    return re.sub(r"\n{3,}", "\n\n", "\n".join(written)).strip()


def _entries(text: str) -> list[str]:
    """Return the entries below `Args:` and its like as a list; what has no name before a colon is a paragraph."""
    entries = re.split(r"\n(?=\S)", text.strip("\n"))
    listed = []
    for entry in entries:
        joined = " ".join(entry.split())
        name, colon, told = joined.partition(": ")
        if colon and re.fullmatch(r"[\w*, .\[\]|]+", name):
            listed.append(f"- **{_escaped(name)}**: {_escaped(told)}")
        else:
            listed.append(f"- {_escaped(joined)}" if len(entries) > 1 else _escaped(joined))
    return listed


def _escaped(text: str) -> str:
    """Return text in which nothing but what stands between backticks is Markdown's."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(part if index % 2 else re.sub(r"([*_<\[\]])", r"\\\1", part) for index, part in enumerate(parts))


def _constant_notes(module: Any) -> dict[str, str]:
    """Return what stands below a module's constants: strings that Python itself throws away."""
    notes = {}
    for before, after in pairwise(ast.parse(Path(module.__file__).read_text(encoding="utf-8")).body):
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            notes |= {name.id: str(after.value.value) for name in _targets(before) if isinstance(name, ast.Name)}
    return notes
