"""docs/files.md names every file, tensor and field that trainings really write, and no other."""

from __future__ import annotations

import json
import re
import shutil
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from safetensors import safe_open

import firth
from firth.corpus import small_world
from firth.distributed.local import LocalEngine
from firth.events import EpochEnd
from firth.vectors.subwords import Subwords

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE = Path(__file__).parents[1] / "docs" / "files.md"
WHOLE = {
    "run.json": {"objective", "tokenizer", "phrases", "shards", "start"},
    "about": {"settings", "text", "start"},
    "phrases.json": {"record.settings"},
    "manifest.json": {"settings.source", "settings.tokenizer", "settings.phrases", "bytes"},
}
"""Fields whose insides the page does not tell one by one: they depend on what was chosen."""


def tables(heading: str) -> list[set[str]]:
    """Return what stands between backticks in the first cells of each table of a section."""
    section = PAGE.read_text(encoding="utf-8").split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    found = []
    for table in re.findall(r"(?:^\|.*\n)+", section, re.MULTILINE):
        cells = [line.split("|")[1] for line in table.splitlines()[2:]]
        found.append({name for cell in cells for name in re.findall(r"`([^`]+)`", cell)})
    return found


def fields(value: Any, whole: set[str], name: str = "") -> set[str]:
    """Return the dotted names of a document's fields; those of a list's objects end its name in []."""
    if name in whole or value == {}:
        return {name} if name in whole else set()
    if isinstance(value, dict):
        return {found for key, inner in value.items() for found in fields(inner, whole, f"{name}.{key}".strip("."))}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return set().union(*(fields(inner, whole, f"{name}[]") for inner in value))
    return {name}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with runs of all kinds, their checkpoints and their cache."""
    root = tmp_path_factory.mktemp("files")
    sentences = list(small_world.text(3_000))

    def train(name: str, objective: Any, **settings: Any) -> None:
        def keep(event: object) -> None:
            # What is there only while a training is under way.
            pattern = "checkpoint-*.safetensors" if isinstance(event, EpochEnd) else "bootstrap.json"
            for path in (root / name).glob(pattern):
                shutil.copy(path, root / f"{name}-{path.name}")

        firth.train(
            sentences, objective, output=root / name, cache=root / "cache", threads=1, on_event=keep, min_count=2,
            **{"checkpoint_every": 0, **settings},
        )  # fmt: skip

    train(
        "sampled",
        firth.SkipGram(dim=4),
        epochs=3,
        held_out=0.05,
        patience=3,
        phrases=firth.Phrases(passes=1, threshold=10),
        bootstrap=2,
    )
    train("tree", firth.SkipGram(dim=4, loss=firth.HierarchicalSoftmax()), epochs=2)
    train("softmax", firth.SkipGram(dim=4, loss=firth.FullSoftmax()), epochs=3, held_out=0.05, patience=3)
    train("glove", firth.GloVe(dim=4), epochs=2)
    train("shards", firth.SkipGram(dim=4), epochs=1, shards=2)
    train("counted", firth.PPMI(dim=4), checkpoint_every=None)
    # What a cluster's engine does, threads do as well.
    engine = LocalEngine(2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("firth.text_to_vectors.connected", lambda *_, **__: nullcontext(engine))
        train("tiles", firth.GloVe(dim=4), epochs=2, reproducible=True, cluster="local")
        train("partitions", firth.PPMI(dim=4), checkpoint_every=None, cluster="local")
    engine.close()
    return root


def metadata(path: Path) -> tuple[set[str], dict[str, str]]:
    with safe_open(path, framework="numpy") as file:
        return set(file.keys()), file.metadata()


def test_the_files_of_a_run_are_named(trained: Path) -> None:
    named = tables("The folder of a run")[0]
    there = {path.relative_to(trained / "sampled").as_posix() for path in (trained / "sampled").rglob("*.*")}
    there |= {path.name.split("-", 1)[1] for path in trained.glob("*-*.*")}
    assert there == (named - {".firth-lock"}) | {"bootstrap/b02.safetensors"}


def test_the_vector_file_s_tensors_are_named(trained: Path, tmp_path: Path) -> None:
    rows = np.ones((2, 3), np.float32)
    subwords = Subwords(rows, rows, shortest=3, longest=6)
    firth.WordVectors(["a", "b"], rows, np.array([2, 1]), output_matrix=rows, subwords=subwords).save(
        tmp_path / "a.safetensors"
    )
    tensors, about = metadata(tmp_path / "a.safetensors")
    assert tables("Vectors") == [tensors, set(about)]
    assert set(json.loads(about["subwords"])) == {"shortest", "longest"}
    ordinary, _ = metadata(trained / "sampled" / "vectors.safetensors")
    assert ordinary == tensors - {"subword_words", "subword_ngrams"}


def test_the_record_s_fields_are_named(trained: Path) -> None:
    found: set[str] = set()
    for path in trained.glob("*/run.json"):
        found |= fields(json.loads(path.read_text(encoding="utf-8")), WHOLE["run.json"])
    # An objective that counts has no epochs: its lists are empty, and do not show what stands in others'.
    (named,) = tables("run.json")
    assert named == found - {"history", "held_out_losses"}


def test_the_checkpoint_s_tensors_and_fields_are_named(trained: Path) -> None:
    tensors: set[str] = set()
    records: dict[str, set[str]] = {"state": set(), "about": set()}
    for path in trained.glob("*-checkpoint-*"):
        names, about = metadata(path)
        tensors |= names
        assert set(about) == tables("Checkpoints")[1]
        for part, known in records.items():
            found = fields(json.loads(about[part]), WHOLE.get(part, set()))
            known |= {re.sub(r"^(history|curve)(\[\].*)?$", r"\1[]", name) for name in found}
    assert tables("Checkpoints") == [tensors, {"number", "state", "about", "sha256"}, *records.values()]


def test_the_phrases_fields_are_named(trained: Path) -> None:
    document = json.loads((trained / "sampled" / "phrases.json").read_text(encoding="utf-8"))
    assert tables("phrases.json") == [fields(document, WHOLE["phrases.json"])]


def test_the_encoded_text_s_files_and_fields_are_named(trained: Path) -> None:
    assert tables("Encoded texts") == cached(trained, lambda manifest: "kind" not in manifest)


def test_the_counts_files_and_fields_are_named(trained: Path) -> None:
    assert tables("Co-occurrence counts") == cached(trained, lambda manifest: "kind" in manifest)


def cached(trained: Path, wanted: Callable[[dict[str, Any]], bool]) -> list[set[str]]:
    """Return the files of the cache's folders of one kind, and the fields of their manifests."""
    files: set[str] = set()
    found: set[str] = set()
    for path in (trained / "cache").glob("*/manifest.json"):
        manifest = json.loads(path.read_text(encoding="utf-8"))
        if wanted(manifest):
            files |= {file.name for file in path.parent.iterdir()}
            found |= fields(manifest, WHOLE["manifest.json"])
    return [files, found]
