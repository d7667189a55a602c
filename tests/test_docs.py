"""Every code block of the README, of docs/ and of the tutorials runs, page by page, in a folder of its own.

    ```python   runs; where it holds `>>>`, what it prints is compared too (`...` stands for anything)
    ```console  runs each line that begins with `$ `; what follows it, if anything, is compared
    ```text     is shown, not run

A block that cannot run here is preceded by `<!-- not run: the reason -->`.
"""

from __future__ import annotations

import doctest
import gzip
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "tutorials").glob("*.md"))]
FENCE = re.compile(
    r"^(?:<!-- not run: (?P<reason>[^\n]+) -->\n)?```(?P<language>\w*)\n(?P<code>.*?)^```$", re.DOTALL | re.MULTILINE
)
DATA = ROOT.parent / "shared" / "data"
NEEDED = {
    "five_novels": [
        "novels/Morris_Roots_1890.txt.gz",
        "novels/Morris_Wood_1894.txt.gz",
        "novels/Morris_Water_1897.txt.gz",
        "novels/Stevenson_Arrow_1888.txt.gz",
        "novels/Chesterton_Napoleon_1904.txt.gz",
    ],
    "necronomicon": ["wiki.jsonl.xz", "eval/questions-words.txt"],
}
"""Files that a page reads from its folder, at the same paths; of `.txt.gz` it reads the `.txt`."""
LOOSE = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@dataclass(frozen=True)
class Block:
    language: str
    code: str
    line: int
    reason: str | None


def blocks(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    return [
        Block(found["language"], found["code"], text.count("\n", 0, found.start("code")) + 1, found["reason"])
        for found in FENCE.finditer(text)
    ]


def run_python(block: Block, page: Path, names: dict[str, object]) -> None:
    """Run a block as a program, or as a session where it holds prompts."""
    if ">>> " not in block.code:
        exec(compile("\n" * (block.line - 1) + block.code, str(page), "exec"), names)  # noqa: S102  our own pages
        return
    session = doctest.DocTestParser().get_doctest(block.code, names, page.name, str(page), block.line - 1)
    report: list[str] = []
    doctest.DocTestRunner(optionflags=LOOSE).run(session, out=report.append, clear_globs=False)
    names.update(session.globs)
    assert not report, "".join(report)


def run_console(block: Block, page: Path, environment: dict[str, str]) -> None:
    """Run each command of a block in a shell, and compare what it printed with what the page says it does."""
    for command, wanted in re.findall(r"^\$ (.*(?:\\\n.*)*)\n((?:(?!\$ ).*\n)*)", block.code, re.MULTILINE):
        done = subprocess.run(
            ["bash", "-c", command], capture_output=True, text=True, env=environment, timeout=300, check=False
        )
        where = f"{page.name}, line {block.line}: {command}\n{done.stderr}"
        assert done.returncode == 0 or wanted.startswith("firth: "), where
        if wanted.strip():
            got = done.stdout if done.returncode == 0 else done.stderr
            assert doctest.OutputChecker().check_output(wanted, got, LOOSE), f"{where}\n{got}"


def put_data(paths: list[str], folder: Path) -> None:
    """Put the files that a page reads into its folder: texts unpacked, all else linked; without them it cannot run."""
    for path in paths:
        if not (DATA / path).exists():
            pytest.skip(f"../shared/data/{path} is not beside this checkout")
        (folder / path).parent.mkdir(exist_ok=True)
        if path.endswith(".txt.gz"):
            (folder / path).with_suffix("").write_bytes(gzip.decompress((DATA / path).read_bytes()))
        else:
            (folder / path).symlink_to((DATA / path).absolute())


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_page_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work, programs = tmp_path / "work", tmp_path / "bin"
    work.mkdir()
    programs.mkdir()
    # The pages say `firth`; this interpreter's own Firth is meant, installed or not.
    (programs / "firth").write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m firth "$@"\n')
    (programs / "firth").chmod(0o755)
    put_data(NEEDED.get(page.stem, []), work)
    monkeypatch.chdir(work)
    environment = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "100"}
    names: dict[str, object] = {"__name__": "page"}
    for block in blocks(page):
        if block.reason is not None:
            continue
        if block.language == "python":
            run_python(block, page, names)
        elif block.language == "console":
            run_console(block, page, environment)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_block_says_what_it_is(page: Path) -> None:
    assert {block.language for block in blocks(page)} <= {"python", "console", "text", "bibtex"}


@pytest.mark.parametrize("page", [*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"], ids=lambda page: page.stem)
def test_links_within_the_project_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_command_line_s_reference_is_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "docs" / "make_cli_reference.py"), "--check"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
