"""Files of analogy questions: Google's, Microsoft Research's (MSR), and the Bigger Analogy Test Set (BATS).

Source: Mikolov et al. 2013 (arXiv:1301.3781), §4.1; Mikolov, Yih & Zweig 2013 (NAACL), §4; Gladkova, Drozd & Matsuoka
2016 (NAACL SRW), §3.
"""

from __future__ import annotations

import itertools
from pathlib import Path

from firth.errors import FormatError, SourceError
from firth.evaluation.gold_file import read_lines

__all__ = ["Question", "read_questions"]

Question = tuple[str, str, str, str | tuple[str, ...]]
"""a, b, c, and the expected word, or all those that would be right."""


def read_questions(path: str | Path) -> dict[str, tuple[Question, ...]]:
    """Return the questions of a file or folder, by category; the format is seen from what it holds.

    - Google: a line `: name` begins a category, each other line is a question of four words.
    - MSR: a line is a question of three words and its answers lie in the file of the same name that ends in `.answers`:
      the category and the fourth word.
    - BATS: a folder of `.txt` files, each a category; a line is a word, a tab, and the words that stand in the
      category's relation to it, with strokes between. Every line's pair is asked with every other's: a : b = c : ?,
      where b is the first of a's words and any of c's is right.

    Lines that begin with `//` or `#` are comments.

    Args:
        path: the file, or BATS's folder.

    Raises:
        SourceError: it cannot be read.
        FormatError: it is in none of these formats.
    """
    path = Path(path)
    if path.is_dir():
        return _bats(path)
    lines = [(number, line) for number, line in read_lines(path) if not line.startswith(("//", "#"))]
    if lines and all(len(line.split()) == 3 for _, line in lines):
        return _msr(path, lines)
    if lines and all("\t" in line for _, line in lines):
        return {path.stem: _bats_category(lines)}
    return _google(path, lines)


def _google(path: Path, lines: list[tuple[int, str]]) -> dict[str, tuple[Question, ...]]:
    questions: dict[str, list[Question]] = {}
    current: list[Question] | None = None
    for number, line in lines:
        if line.startswith(":"):
            current = questions.setdefault(line[1:].strip(), [])
            continue
        words = line.split()
        if len(words) != 4:
            raise FormatError(f"expected a question of four words in line {number} of {path}, got {len(words)}")
        if current is None:
            raise FormatError(
                f'expected a category (": name") before the first question, got a question in line {number} of {path}'
            )
        a, b, c, d = words
        current.append((a, b, c, d))
    return {category: tuple(asked) for category, asked in questions.items()}


def _msr(path: Path, lines: list[tuple[int, str]]) -> dict[str, tuple[Question, ...]]:
    beside = path.with_suffix(".answers")
    if not beside.exists():
        raise FormatError(
            f"expected questions of four words in {path}, got three; if they are Microsoft Research's, their answers "
            f"belong in {beside}"
        )
    answers = read_lines(beside)
    if len(answers) != len(lines):
        raise FormatError(
            f"expected an answer in {beside} for each of the {len(lines):,} questions in {path}, got {len(answers):,}"
        )
    questions: dict[str, list[Question]] = {}
    for (_, line), (number, answer) in zip(lines, answers, strict=True):
        fields = answer.split()
        if len(fields) != 2:
            raise FormatError(f"expected a category and a word in line {number} of {beside}, got {answer!r}")
        a, b, c = line.split()
        questions.setdefault(fields[0], []).append((a, b, c, fields[1]))
    return {category: tuple(asked) for category, asked in questions.items()}


def _bats(folder: Path) -> dict[str, tuple[Question, ...]]:
    files = sorted(folder.rglob("*.txt"))
    if not files:
        raise SourceError(f"expected files of word pairs (.txt) in the folder {folder}, got none")
    questions = {}
    for file in files:
        lines = read_lines(file)
        for number, line in lines:
            if len(line.split("\t")) != 2:
                raise FormatError(
                    f"expected a word, a tab and its answers in line {number} of {file}, got {line[:60]!r}"
                )
        questions[file.stem] = _bats_category(lines)
    return questions


def _bats_category(lines: list[tuple[int, str]]) -> tuple[Question, ...]:
    pairs = []
    for _, line in lines:
        word, _, related = line.partition("\t")
        pairs.append((word.strip(), tuple(other.strip() for other in related.split("/") if other.strip())))
    pairs = [(word, related) for word, related in pairs if word and related]
    return tuple((a, b[0], c, d) for (a, b), (c, d) in itertools.permutations(pairs, 2))
