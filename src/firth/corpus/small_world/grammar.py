"""Templates: sentences with slots and choices, read once and written out many times."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

__all__ = ["Bindings", "Choices", "Part", "Slot", "Template", "read_choices", "read_template", "write_template"]


class Slot(str):
    """The name of a slot, told from plain text by its type."""

    __slots__ = ()


Template = tuple["Part", ...]
Choices = list[Template]
Part = str | Slot | Choices
Bindings = Mapping[str, Choices]

_MARK = re.compile(r"\{(\w+)\}|\[([^][]*)\]")


def read_template(text: str) -> Template:
    """Return the parts of a template: plain text, `{slots}` and `[one|or|another]` (without brackets inside).

    Args:
        text: the template as written.
    """
    parts: list[Part] = []
    end = 0
    for mark in _MARK.finditer(text):
        if mark.start() > end:
            parts.append(text[end : mark.start()])
        slot, choices = mark.groups()
        parts.append(Slot(slot) if slot else read_choices(choices.split("|")))
        end = mark.end()
    if end < len(text):
        parts.append(text[end:])
    return tuple(parts)


def read_choices(texts: Iterable[str]) -> Choices:
    """Return templates to choose from, each as likely as the others; one written twice is twice as likely."""
    return [read_template(text) for text in texts]


def write_template(template: Template, bindings: Bindings, draw: Callable[[], float], out: list[str]) -> None:
    """Append a template's text to `out`, with every slot filled and every choice made.

    Args:
        template: what to write.
        bindings: for each slot, what it may be filled with.
        draw: gives a number in [0, 1) at each call.
        out: list of str, appended to.
    """
    for part in template:
        kind = part.__class__
        if kind is str:
            out.append(part)  # type: ignore[arg-type]
            continue
        choices: Choices = bindings[part] if kind is Slot else part  # type: ignore[index,assignment]
        write_template(choices[int(draw() * len(choices))], bindings, draw, out)
