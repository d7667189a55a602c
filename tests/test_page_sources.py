"""The page's files, without a browser: modules that a saved page can carry, and nothing that lets markup in."""

from __future__ import annotations

import re

import pytest

from firth.explorer.app import page_files

FILES = {name: source.decode() for name, source in page_files().items()}
MODULES = {name: source for name, source in FILES.items() if name.endswith(".js")}
IMPORT = re.compile(r'^import \{ ([\w, ]+) \} from "\./([\w]+\.js)";$')


def imports(source: str) -> list[tuple[list[str], str]]:
    """Return what a module imports and from where, each from a line as the saved page's maker understands it."""
    found = []
    for line in source.splitlines():
        if line.startswith("import"):
            match = IMPORT.match(line)
            assert match, f"expected an import of one line from a module beside it, got {line}"
            found.append((match[1].split(", "), match[2]))
    return found


@pytest.mark.parametrize("name", MODULES)
def test_what_is_imported_is_there_and_used(name: str) -> None:
    body = re.sub(r"^import .*$", "", MODULES[name], flags=re.MULTILINE)
    for names, other in imports(MODULES[name]):
        for imported in names:
            given = rf"export (?:async )?(?:function\*?|const|class) {imported}\b"
            assert re.search(given, MODULES[other]), f"{other} does not export {imported}"
            assert re.search(rf"\b{imported}\b", body), f"{imported} is not used"


@pytest.mark.parametrize("name", MODULES)
def test_words_can_only_be_text(name: str) -> None:
    for forbidden in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "new Function",
        "srcdoc",
    ):
        assert forbidden not in MODULES[name]
    assert 'setAttribute("style"' not in MODULES[name], "the policy forbids styles in attributes"


def test_nothing_comes_from_elsewhere() -> None:
    for name, source in FILES.items():
        assert set(re.findall(r"https?://[\w./]+", source)) <= {"http://www.w3.org/2000/svg"}, name


@pytest.mark.parametrize("name", MODULES)
def test_each_module_says_what_it_is(name: str) -> None:
    assert MODULES[name].startswith("// ")


def test_every_module_is_reached_from_main() -> None:
    reached, waiting = set(), ["main.js"]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += [other for _, other in imports(MODULES[name])]
    assert reached == set(MODULES)


def test_colours_on_paper_are_those_of_the_style_sheet() -> None:
    """What is drawn and what is styled share their colours, which stand in two files."""
    for palette, rule in (("LIGHT", ":root {"), ("DARK", ':root[data-theme="dark"] {')):
        drawn = MODULES["palette.js"].split(f"export const {palette} = {{", 1)[1].split("};", 1)[0]
        styled = FILES["style.css"].split(rule, 1)[1].split("}", 1)[0]
        for colour in ("paper", "ink", "soft", "line", "accent", "second"):
            first = re.search(rf'\b{colour}: "(#\w+)"', drawn)
            second = re.search(rf"--{colour}: (#\w+);", styled)
            assert first
            assert second
            assert first[1] == second[1], f"{palette} {colour}"


@pytest.mark.parametrize("palette", ["LIGHT", "DARK"])
def test_text_has_contrast_enough(palette: str) -> None:
    """By WCAG 2.2, 1.4.3: 4.5 to 1 for text."""
    drawn = MODULES["palette.js"].split(f"export const {palette} = {{", 1)[1].split("};", 1)[0]
    colours = dict(re.findall(r'\b(\w+): "(#\w{6})"', drawn))

    def light(colour: str) -> float:
        parts = [int(colours[colour][place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for colour in ("ink", "soft", "accent", "second"):
        high, low = sorted((light(colour), light("paper")), reverse=True)
        assert (high + 0.05) / (low + 0.05) >= 4.5, colour
