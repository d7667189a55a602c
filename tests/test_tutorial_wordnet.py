"""`tutorials/wordnet_tree.py`, on a miniature WordNet that is written here."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import warnings
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

PROGRAM = Path(__file__).parents[1] / "tutorials" / "wordnet_tree.py"

NOUN, VERB, SATELLITE, ADJECTIVE = "n", "v", "s", "a"
SUFFIX = {"n": "noun", "v": "verb", "a": "adj", "s": "adj", "r": "adv"}

SYNSETS: dict[str, tuple[str, list[str], list[tuple[str, str]]]] = {
    # name: part of speech, lemmas, pointers
    "entity": (NOUN, ["entity"], []),
    "animal": (NOUN, ["animal", "beast"], [("@", "entity")]),
    "pet": (NOUN, ["pet"], [("@", "entity")]),
    # Two hypernyms, of which "animal.n.01" comes first by name.
    "dog": (NOUN, ["dog"], [("@", "pet"), ("@", "animal")]),
    "poodle": (NOUN, ["poodle"], [("@", "dog")]),
    "rex": (NOUN, ["rex"], [("@i", "dog")]),
    "washington": (NOUN, ["washington", "wa"], [("@", "entity")]),
    "be": (VERB, ["be"], []),
    "chase": (VERB, ["chase", "dog"], [("@", "go")]),
    "go": (VERB, ["go"], []),
    # A circle, entered from outside.
    "restrain": (VERB, ["restrain"], [("@", "inhibit")]),
    "inhibit": (VERB, ["inhibit"], [("@", "suppress")]),
    "suppress": (VERB, ["suppress"], [("@", "restrain")]),
    "forbid": (VERB, ["forbid"], [("@", "suppress")]),
    "chromatic": (ADJECTIVE, ["chromatic"], [("&", "pink")]),
    "pink": (SATELLITE, ["pink"], [("&", "chromatic")]),
}
# NLTK's search does not find the first line of so short a file.
COUNTS = {"a%1:03:00::": 1, "dog%1:03:00::": 42, "chase%2:03:00::": 90, "dog%2:03:00::": 2, "be%2:03:00::": 1000}


def write_wordnet(folder: Path) -> None:
    """Write the synsets as the files that NLTK reads."""
    folder.mkdir(parents=True)

    def line(name: str, places: dict[str, int]) -> str:
        part, lemmas, pointers = SYNSETS[name]
        words = " ".join(f"{lemma} 0" for lemma in lemmas)
        targets = "".join(f" {symbol} {places.get(to, 0):08d} {SYNSETS[to][0]} 0000" for symbol, to in pointers)
        verbs = " 00" if part == VERB else ""
        return (
            f"{places.get(name, 0):08d} 03 {part} {len(lemmas):02x} {words} {len(pointers):03d}{targets}{verbs} | it\n"
        )

    header = "  1 WordNet 3.0 Copyright\n"
    places: dict[str, int] = {}
    ends: dict[str, int] = defaultdict(lambda: len(header))
    for name, (part, _, _) in SYNSETS.items():
        places[name] = ends[SUFFIX[part]]
        ends[SUFFIX[part]] += len(line(name, {}))
    for suffix, part in {SUFFIX[part]: part for part in "nvra"}.items():
        here = [name for name in SYNSETS if SUFFIX[SYNSETS[name][0]] == suffix]
        (folder / f"data.{suffix}").write_text(header + "".join(line(name, places) for name in here))
        senses: dict[str, list[int]] = defaultdict(list)
        for name in here:
            for lemma in SYNSETS[name][1]:
                senses[lemma].append(places[name])
        (folder / f"index.{suffix}").write_text(
            header
            + "".join(
                f"{lemma} {part} {len(all_)} 0 {len(all_)} 0 {' '.join(f'{place:08d}' for place in all_)}\n"
                for lemma, all_ in sorted(senses.items())
            )
        )
        (folder / f"{suffix}.exc").write_text("was be\n" if part == VERB else "")
    (folder / "cntlist.rev").write_text("".join(f"{key} 1 {count}\n" for key, count in sorted(COUNTS.items())))
    (folder / "index.sense").write_text("")
    (folder / "lexnames").write_text("".join(f"{number:02d} file 0\n" for number in range(45)))


@pytest.fixture(scope="module")
def lesson() -> ModuleType:
    spec = importlib.util.spec_from_file_location("wordnet_tree", PROGRAM)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def nltk_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("nltk", reason="NLTK is not installed: pip install nltk")
    folder = tmp_path_factory.mktemp("nltk_data")
    write_wordnet(folder / "corpora" / "wordnet")
    return folder


@pytest.fixture(scope="module")
def wordnet(nltk_data: Path) -> Iterator[Any]:
    nltk = importlib.import_module("nltk")
    wordnet = importlib.import_module("nltk.corpus.reader.wordnet")

    nltk.data.path.insert(0, str(nltk_data))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of other languages
        reader = wordnet.WordNetCorpusReader(str(nltk_data / "corpora" / "wordnet"), None)
    yield reader
    for file in [*reader._data_file_map.values(), reader._key_count_file]:
        if file is not None:
            file.close()
    nltk.data.path.remove(str(nltk_data))


@pytest.mark.parametrize(
    ("word", "wanted"),
    [
        ("poodle", ["noun", "entity.n.01", "animal.n.01", "dog.n.01", "poodle.n.01"]),
        ("dog", ["noun", "entity.n.01", "animal.n.01", "dog.n.01"]),  # not "chase", whose other lemma is frequent
        ("rex", ["noun", "entity.n.01", "animal.n.01", "dog.n.01", "rex.n.01"]),
        ("dogs", ["noun", "entity.n.01", "animal.n.01", "dog.n.01"]),
        ("Beast", ["noun", "entity.n.01", "animal.n.01"]),
        ("was", ["verb", "be.v.01"]),  # not "wa", Washington
        ("pink", ["adjective", "chromatic.a.01", "pink.s.01"]),
        ("restrain", ["verb", "inhibit.v.01", "restrain.v.01"]),
        ("inhibit", ["verb", "inhibit.v.01"]),
        ("forbid", ["verb", "inhibit.v.01", "restrain.v.01", "suppress.v.01", "forbid.v.01"]),
        ("the", ["(not in WordNet)"]),
        ("dog.n.01", ["(not in WordNet)"]),
        ("", ["(not in WordNet)"]),
    ],
)
def test_paths(lesson: ModuleType, wordnet: Any, word: str, wanted: list[str]) -> None:
    assert lesson.path(wordnet, word) == wanted


def test_all_words_make_one_tree(lesson: ModuleType, wordnet: Any) -> None:
    words = ["the", "of", "dog.n.01", *sorted({lemma for _, lemmas, _ in SYNSETS.values() for lemma in lemmas})]
    tree = lesson.wordnet_tree(wordnet, words).over(words, np.arange(len(words), 0, -1))
    paths = tree.paths()
    codes = [paths.code(word) for word in range(len(words))]
    assert sum(2.0 ** -len(code) for code in codes) == pytest.approx(1)
    assert "dog.n.01" in str(tree)
    # A dog's sense is a category, in which the dog itself lies beside the poodle.
    kennel, inside = paths.code(words.index("dog")), {"dog", "poodle", "rex"}
    while not all(codes[words.index(word)].startswith(kennel) for word in inside):
        kennel = kennel[:-1]
    assert {word for word, code in zip(words, codes, strict=True) if code.startswith(kennel)} == inside


def run(program: str, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the tutorial after a line of one's own."""
    start = (
        f"import runpy, sys; sys.argv[:] = sys.argv[1:]\n{program}\nrunpy.run_path(sys.argv[0], run_name='__main__')"
    )
    return subprocess.run(
        [sys.executable, "-c", start, str(PROGRAM), *map(str, arguments)],
        capture_output=True, text=True, timeout=300, check=False, env={**os.environ, **environment}, encoding="utf-8",
    )  # fmt: skip


def test_it_trains_and_tells(tmp_path: Path, nltk_data: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("the dog was pink\nthe poodle was the dog of rex\n" * 30, encoding="utf-8")
    done = run("", text, "dog", "poodle", NLTK_DATA=str(nltk_data))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("2 words; expected path length 1.000")
    assert "2 of 7 words are not in WordNet" in done.stdout
    assert [line.split(":")[0] for line in done.stdout.splitlines() if "turns on average" in line] == [
        "Huffman",
        "WordNet",
        "vectors",
    ]
    assert "poodle, WordNet: " in done.stdout


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("sys.modules['nltk'] = sys.modules['nltk.corpus'] = None", "needs NLTK: pip install nltk"),
        ("import nltk; nltk.data.path[:] = []", "python -m nltk.downloader wordnet"),
    ],
)
@pytest.mark.usefixtures("nltk_data")
def test_what_is_missing_is_said(tmp_path: Path, program: str, said: str) -> None:
    done = run(program, tmp_path / "none.txt")
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr


def test_a_broken_wordnet_and_a_missing_text_are_said(tmp_path: Path, nltk_data: Path) -> None:
    done = run("", tmp_path / "none.txt", NLTK_DATA=str(nltk_data))
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
    assert "none.txt" in done.stderr
    write_wordnet(tmp_path / "corpora" / "wordnet")
    (tmp_path / "corpora" / "wordnet" / "lexnames").unlink()
    done = run("", tmp_path / "none.txt", NLTK_DATA=str(tmp_path))
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
    assert "lexnames" in done.stderr
    assert run("").stderr.startswith("A tree from WordNet")
