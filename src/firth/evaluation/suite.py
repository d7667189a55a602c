"""The suite: which test sets there are, how their files are called, and where they are found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from firth.errors import SettingsError, SourceError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["STANDARD", "SUITES", "TestSet", "found"]

Kind = Literal["analogies", "similarity", "categories", "outliers"]


@dataclass(frozen=True, kw_only=True, slots=True)
class TestSet:
    """A test set by name.

    Args:
        name: as the field calls it.
        kind: what is asked.
        files: the names under which its file goes about, the first found is taken.
    """

    __test__ = False  # pytest would take it for a test

    name: str
    kind: Kind
    files: tuple[str, ...] = ()


_FILES: dict[Kind, dict[str, tuple[str, ...]]] = {
    "analogies": {
        "Google analogies": ("questions-words.txt",),
        "MSR analogies": ("word_relationship.questions",),
        "BATS": ("BATS_3.0", "BATS"),
    },
    "similarity": {
        "WordSim-353": ("EN-WS-353-ALL.txt", "wordsim353.tsv", "combined.csv", "combined.tab"),
        "WordSim-353 similarity": ("EN-WS-353-SIM.txt", "wordsim_similarity_goldstandard.txt"),
        "WordSim-353 relatedness": ("EN-WS-353-REL.txt", "wordsim_relatedness_goldstandard.txt"),
        "SimLex-999": ("SimLex-999.txt",),
        "MEN": ("MEN_dataset_lemma_form_full", "MEN_dataset_lemma_form.dev", "MEN_dataset_natural_form_full"),
        "RG-65": ("EN-RG-65.txt",),
        "MC-30": ("EN-MC-30.txt",),
        "MTurk-287": ("EN-MTurk-287.txt",),
        "Rare Words": ("rw.txt", "EN-RW-STANFORD.txt"),
    },
    "categories": {"AP": ("ap.csv",), "ESSLLI 2008": ("essli-2008.csv",)},
    "outliers": {"8-8-8": ("8-8-8.csv",)},
}

STANDARD = tuple(
    TestSet(name=name, kind=kind, files=files) for kind, sets in _FILES.items() for name, files in sets.items()
)
"""The sets that papers on word vectors report."""

SUITES = {
    "standard": STANDARD,
    "analogies": tuple(some for some in STANDARD if some.kind == "analogies"),
    "similarity": tuple(some for some in STANDARD if some.kind == "similarity"),
}
"""Suite → its sets."""


def found(folder: Path, suite: str) -> tuple[dict[TestSet, Path], tuple[TestSet, ...]]:
    """Return the sets of a suite that lie in a folder or below it, and those that do not.

    Args:
        folder: where test sets lie.
        suite: a name in `SUITES`.

    Returns:
        (set → its file, the sets that are not there).

    Raises:
        SettingsError: there is no such suite.
        SourceError: the folder holds none of the sets.
    """
    if suite not in SUITES:
        raise SettingsError(f"expected one of the suites {', '.join(SUITES)}, got {suite!r}")
    by_name = {path.name: path for path in sorted(folder.rglob("*"), reverse=True)} if folder.is_dir() else {}
    there, absent = {}, []
    for some in SUITES[suite]:
        path = next((by_name[name] for name in some.files if name in by_name), None)
        if path is None:
            absent.append(some)
        else:
            there[some] = path
    if not there:
        names = ", ".join(name for some in SUITES[suite][:3] for name in some.files[:1])
        raise SourceError(
            f"expected test sets in {folder} ({names} …), got none; give the folder that holds them, or fetch "
            "them with firth datasets get google-analogies simlex-999 …"
        )
    return there, tuple(absent)
