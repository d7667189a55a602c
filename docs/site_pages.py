"""What MkDocs is told besides the pages of this folder: `mkdocs build --strict` calls the functions below.

- Which pages there are, and in which order, says docs/index.md alone: its headings are the site's sections, the first
  link of each row of its tables is a page.
- Concept pages, one for each file of `contexts/` and `objectives/`, and the Python reference are written from the
  docstrings while the site is built, so that they cannot grow old.
- The tutorials, the benches' tables and the changelog are taken in from where they lie. Links between all of them work
  in the checkout as on the site; a link to a file that the site has not becomes plain text.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mkdocs.structure.files import File
from module_pages import member, module_page, prose, title_of

import firth

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "firth"
CONCEPTS = ("contexts", "objectives")
TAKEN_IN = {
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "README.md": "readme.md",
    "bench/LOG.md": "bench/log.md",
    "bench/README.md": "bench/running.md",
    "bench/RESULTS.md": "bench/results.md",
    **{f"tutorials/{path.name}": f"tutorials/{path.name}" for path in sorted((ROOT / "tutorials").glob("*.md"))},
    **{f"tutorials/{path.name}": f"tutorials/{path.stem}.md" for path in sorted((ROOT / "tutorials").glob("*.py"))},
}
"""Pages that lie elsewhere in the project → where they stand on the site."""

_LINK = re.compile(r"(?P<image>!?)\[(?P<text>(?:[^\[\]]|\[[^\]]*\])*)\]\((?P<target>[^)\s#]*)(?P<anchor>#[^)\s]*)?\)")
_OUTSIDE = re.compile(r"[a-z]+:")


def captions() -> dict[str, str]:
    """Return what the README's map of the source says of each file of the concepts, in its order."""
    block = (ROOT / "README.md").read_text(encoding="utf-8").split("```text\nsrc/firth/\n", 1)[1].split("```", 1)[0]
    found, folder = {}, ""
    for line in block.splitlines():
        name, _, caption = line.strip().partition("  ")
        if line.startswith("    ") and folder in CONCEPTS:
            found[f"{folder}/{name}"] = caption.strip()
        elif not line.startswith("    "):
            folder = name.rstrip("/")
    return found


def concept_pages() -> dict[str, str]:
    """Return the text of each concept page, by its place on the site; those of the README's map in its order."""
    return {
        f"concepts/{path.removesuffix('.py')}.md": module_page(
            f"firth.{path.removesuffix('.py').replace('/', '.')}", source=f"src/firth/{path}"
        )
        for path in captions()
    }


def named_modules() -> list[str]:
    """Return the modules that the pages import from, besides `firth` itself."""
    pages = [*(ROOT / "docs").glob("*.md"), *(ROOT / "tutorials").glob("*.*"), ROOT / "README.md"]
    found: set[str] = set()
    for page in pages:
        for module, names in re.findall(
            r"^from (firth(?:\.\w+)+) import ([\w, ]+)", page.read_text(encoding="utf-8"), re.MULTILINE
        ):
            for name in names.split(","):
                whole = f"{module}.{name.strip().split(' ')[0]}"
                path = PACKAGE.parent / whole.replace(".", "/")
                found.add(whole if path.with_suffix(".py").exists() or path.is_dir() else module)
    return sorted(found)


def reference_pages() -> dict[str, str]:
    """Return the Python reference: a table of all names, and a page for each part of the package that holds some."""
    exported = {name: _home(name) for name in firth.__all__}
    parts: dict[str, list[str]] = {}
    rows = ["# The Python interface", "", "What `import firth` gives:", "", "| name | what it is |", "| --- | --- |"]
    for name, home in sorted(exported.items(), key=lambda item: item[0].lower()):
        first = prose((inspect.getdoc(getattr(firth, name)) or "").split("\n\n", 1)[0]).replace("\n", " ")
        rows.append(f"| [`firth.{name}`]({_place(name, home)}) | {first} |".replace("||", "|"))
        part = home.split(".")[1]
        if inspect.ismodule(getattr(firth, name)):
            parts.setdefault(part, []).append(_module(name, home))
        elif part not in CONCEPTS:
            parts.setdefault(part, []).append(member(importlib.import_module(home), name, home="firth"))
    rows += ["", "Modules to import from by themselves:", "", "| module | what it is |", "| --- | --- |"]
    for home in named_modules():
        module = importlib.import_module(home)
        told = (module.__doc__ or home).split("\n", 1)[0].strip()
        part = home.split(".")[1]
        if part in CONCEPTS:
            rows.append(f"| [`{home}`](../concepts/{'/'.join(home.split('.')[1:])}.md) | {prose(told)} |")
            continue
        rows.append(f"| [`{home}`]({part}.md) | {prose(told)} |")
        names = [name for name in getattr(module, "__all__", []) if exported.get(name) != home]
        parts.setdefault(part, []).extend(member(module, name, home=home) for name in names)
    pages = {"reference/index.md": "\n".join(rows) + "\n"}
    for part, sections in parts.items():
        told = inspect.cleandoc(importlib.import_module(f"firth.{part}").__doc__ or "")
        heading = f"# firth.{part}\n\n{prose(told)}"
        pages[f"reference/{part}.md"] = "\n\n".join([heading, *dict.fromkeys(sections)]) + "\n"
    return pages


def _module(name: str, home: str) -> str:
    """Return the sections of a module that `import firth` gives as it is."""
    module = importlib.import_module(home)
    names = [member(module, public, home=home) for public in module.__all__]
    return "\n\n".join([f"## {name}\n\n`from firth import {name}`", prose(module.__doc__ or ""), *names])


def _home(name: str) -> str:
    if inspect.ismodule(value := getattr(firth, name)):
        return value.__name__
    return str(firth._HOMES.get(name, "firth.errors"))  # noqa: SLF001  the face's own table


def _place(name: str, home: str) -> str:
    _, part, *rest = home.split(".")
    page = f"../concepts/{'/'.join([part, *rest])}.md" if part in CONCEPTS else f"{part}.md"
    return f"{page}#{name.lower()}"


def listed() -> dict[str, list[tuple[str, str]]]:
    """Return the sections of docs/index.md, each with its pages: title and path from docs/."""
    found: dict[str, list[tuple[str, str]]] = {}
    section = ""
    for line in (ROOT / "docs" / "index.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            section = line.removeprefix("## ")
        elif row := re.match(r"\| \[([^\]]+)\]\(([^)#]+)\)", line):
            found.setdefault(section, []).append((row[1], row[2]))
    return found


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Make the navigation."""
    navigation: list[Any] = [{"Firth": "index.md"}]
    for section, pages in listed().items():
        entries = [{title: _on_site(posixpath.normpath(f"docs/{path}")) or path} for title, path in pages]
        navigation.append({section: entries})
    concepts: dict[str, list[dict[str, str]]] = {part: [] for part in CONCEPTS}
    for path in captions():
        name = path.removesuffix(".py")
        told = importlib.import_module(f"firth.{name.replace('/', '.')}").__doc__ or ""
        concepts[name.split("/")[0]].append({title_of(told, name.replace("/", ".")): f"concepts/{name}.md"})
    navigation.append({"Concepts": [{part.capitalize(): pages} for part, pages in concepts.items()]})
    parts = sorted({_home(name).split(".")[1] for name in firth.__all__} | {m.split(".")[1] for m in named_modules()})
    navigation.append(
        {
            "Python": [
                "reference/index.md",
                *({f"firth.{part}": f"reference/{part}.md"} for part in parts if part not in CONCEPTS),
            ]
        }
    )
    config.nav = navigation
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what is written from docstrings and what lies elsewhere."""
    for place, text in {**concept_pages(), **reference_pages()}.items():
        files.append(File.generated(config, place, content=text))
    for path, place in TAKEN_IN.items():
        text = (ROOT / path).read_text(encoding="utf-8")
        if path.endswith(".py"):
            told = ast.get_docstring(ast.parse(text)) or ""
            text = f"# {title_of(told, Path(path).stem)}\n\n```python\n{text}```\n"
        files.append(File.generated(config, place, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, **_: object) -> str:
    """Let links lead where their targets stand on the site."""
    place = page.file.src_uri
    elsewhere = {there: path for path, there in TAKEN_IN.items()}
    if place.startswith(("concepts/", "reference/")):
        return markdown
    return relinked(markdown, elsewhere.get(place, f"docs/{place}"), place)


def relinked(markdown: str, path: str, place: str) -> str:
    """Return a page whose links fit the site.

    Args:
        markdown: the page.
        path: its file, from the project's root.
        place: where it stands on the site.
    """

    def link(found: re.Match[str]) -> str:
        target = found["target"]
        if not target or _OUTSIDE.match(target):
            return found[0]
        there = _on_site(posixpath.normpath(posixpath.join(posixpath.dirname(path), target)))
        if there is None:
            return found["text"]
        relative = posixpath.relpath(there, posixpath.dirname(place) or ".")
        return f"{found['image']}[{found['text']}]({relative}{found['anchor'] or ''})"

    parts = re.split(r"(^```.*?^```$)", markdown, flags=re.DOTALL | re.MULTILINE)
    return "".join(part if index % 2 else _LINK.sub(link, part) for index, part in enumerate(parts))


def _on_site(path: str) -> str | None:
    """Return where a file of the project stands on the site, or None."""
    if path in TAKEN_IN:
        return TAKEN_IN[path]
    if path.startswith("docs/") and not path.endswith(".py"):
        return path.removeprefix("docs/")
    return None
