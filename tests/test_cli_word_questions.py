"""The verbs that ask vectors: neighbors' options, distances, odd, axis, postprocess, analogy by pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from firth.vectors.load import load
from firth.vectors.store import WordVectors

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Outcome

WORDS = ["king", "queen", "man", "woman", "apple"]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    rows = [[1, 1, 0], [1, -1, 0], [0, 1, 0.1], [0, -1, 0.1], [0.1, 0, 1]]
    path = tmp_path / "royals.safetensors"
    wv = WordVectors(WORDS, np.array(rows, np.float32), [50, 40, 30, 20, 10], output_matrix=np.ones((5, 3)))
    wv.save(path)
    return path


def test_neighbors_by_any_metric(firth: Callable[..., Outcome], model: Path) -> None:
    wv = load(model)
    for metric in ("manhattan", "minkowski:3", "pearson", "csls:2", "canberra"):
        document = firth("neighbors", model, "king", "-k", "2", "--metric", metric, "--json").document
        assert document == [{"word": "king", "neighbors": wv.neighbors("king", k=2, metric=metric).to_dicts()}]
    firth("neighbors", model, "king", "--metric", "cos").is_one_sentence("'cos'", '"cosine"')
    firth("neighbors", model, "king", "--metric", "jensenshannon").is_one_sentence("gives a number")


def test_neighbors_among_some(firth: Callable[..., Outcome], model: Path, tmp_path: Path) -> None:
    some = tmp_path / "some.txt"
    some.write_text("apple\n\n woman \nqueen\nunknown\napple\n", encoding="utf-8")
    outcome = firth("neighbors", model, "king", "--among", some)
    assert [line.split()[0] for line in outcome.out.splitlines()[1:]] == ["apple", "queen", "woman"]
    assert "1 of 4 words" in outcome.err
    assert '"unknown"' in outcome.err
    assert (
        firth("neighbors", model, "king", "--most-frequent", "2", "--json").document[0]["neighbors"][0]["word"]
        == "queen"
    )
    shown = firth("neighbors", model, "king", "-k", "1", "--include-query").out
    assert shown.splitlines()[1].split()[0] == "king"
    assert "(query word)" in shown
    assert firth("neighbors", model, "king", "--among", some, "--most-frequent", "2").code == 2
    assert firth("neighbors", model, "king", "--approximate", "--most-frequent", "2").code == 2


@pytest.mark.parametrize(
    ("content", "part"),
    [(b"", "none among 0"), (b"nobody\n", "none among 1"), (b"\xff\xfe", "UTF-8"), (None, "no.txt")],
)
def test_lists_that_cannot_be(
    firth: Callable[..., Outcome], model: Path, tmp_path: Path, content: bytes | None, part: str
) -> None:
    path = tmp_path / "no.txt"
    if content is not None:
        path.write_bytes(content)
    for verb, question in (("neighbors", "king"), ("analogy", "king - man + woman")):
        firth(verb, model, question, "--among", path).is_one_sentence(part)


def test_neighbors_approximately(firth: Callable[..., Outcome], model: Path) -> None:
    pytest.importorskip("faiss")
    outcome = firth("neighbors", model, "king", "-k", "2", "--approximate")
    assert outcome.out.splitlines()[-1] == "approximate; such searches found 100.0 % of the true neighbours"
    assert "100.0 % of the true 10 nearest neighbours" in outcome.err
    document = firth("neighbors", model, "king", "-k", "1", "--approximate", "--json").document
    assert document[0]["recall"] == 1.0


def test_distances(firth: Callable[..., Outcome], model: Path) -> None:
    lines = firth("distances", model, "king", "man", "woman").out.splitlines()
    assert lines[0].split() == ["similarity", "king", "man", "woman"]
    assert lines[1].split() == ["king", "1.0000", "0.7036", "-0.7036"]
    document = firth("distances", model, "king", "man", "--metric", "euclidean", "--json").document
    assert document == load(model).distances(["king", "man"], metric="euclidean").to_dict()
    firth("distances", model, "king", "manx").is_one_sentence('"man"')


def test_closest_pairs(firth: Callable[..., Outcome], model: Path) -> None:
    assert firth("distances", model, "--closest", "1").out.splitlines()[1].split() == ["king", "man", "0.7036"]
    document = firth("distances", model, "--closest", "2", "--most-frequent", "3", "--json").document
    assert [(pair["word"], pair["other"]) for pair in document["pairs"]] == [("king", "man"), ("king", "queen")]
    document = firth("distances", model, "queen", "apple", "--closest", "5", "--json").document
    assert [(pair["word"], pair["other"]) for pair in document["pairs"]] == [("queen", "apple")]


@pytest.mark.parametrize(
    "arguments",
    [[], ["king", "--most-frequent", "3"], ["king", "--closest", "1", "--most-frequent", "3"], ["--closest", "0"]],
)
def test_distances_of_what(firth: Callable[..., Outcome], model: Path, arguments: list[str]) -> None:
    assert firth("distances", model, *arguments).code == 2


def test_odd(firth: Callable[..., Outcome], model: Path) -> None:
    assert firth("odd", model, "king", "man", "woman").out.splitlines()[1].split()[0] == "woman"
    document = firth("odd", model, "king", "man", "woman", "--metric", "euclidean", "--json").document
    assert document["odd"] == "woman"
    assert document["words"][0]["word"] == "woman"
    firth("odd", model, "king", "queen").is_one_sentence("at least 3 different words")


def test_axis(firth: Callable[..., Outcome], model: Path) -> None:
    arguments = ["--from", "queen", "--from", "woman", "--to", "king", "--to", "man", "apple", "king", "woman"]
    lines = firth("axis", model, *arguments).out.splitlines()
    assert [line.split()[0] for line in lines] == ["word", "king", "apple", "woman"]
    document = firth("axis", model, *arguments, "--json").document
    assert (document["from"], document["to"]) == (["queen", "woman"], ["king", "man"])
    assert [entry["word"] for entry in document["words"]] == ["king", "apple", "woman"]
    assert firth("axis", model, "--from", "queen", "apple").code == 2
    firth("axis", model, "--from", "queen", "--to", "queen", "apple").is_one_sentence("same mean")


def test_analogy_by_methods_and_pairs(firth: Callable[..., Outcome], model: Path) -> None:
    for method in ("3CosMul", "pairdirection"):
        outcome = firth("analogy", model, "king - man + woman", "--method", method, "--json")
        assert outcome.document["method"].lower() == method.lower()
        assert outcome.document["answers"][0]["word"] == "queen"
    outcome = firth("analogy", model, "king", "--pair", "man", "woman", "-k", "1", "--json")
    assert (outcome.document["method"], outcome.document["answers"][0]["word"]) == ("3CosAvg", "queen")
    firth("analogy", model, "king", "--method", "LRCos").is_one_sentence("needs pairs")
    assert firth("analogy", model, "king", "--method", "magic").code == 2
    assert firth("analogy", model, "king", "--most-frequent", "2", "--among", "x").code == 2


def test_postprocess(firth: Callable[..., Outcome], model: Path, tmp_path: Path) -> None:
    output = tmp_path / "new" / "better.safetensors"
    outcome = firth("postprocess", model, output, "all-but-the-top:1", "unit-length", "pca:2")
    assert outcome.code == 0, outcome
    assert "output vectors are left out" in outcome.err
    lines = outcome.out.splitlines()
    assert lines[0].endswith("5 words × 2 dimensions")
    assert lines[1].startswith("  all-but-the-top: components 1, variance removed ")
    assert lines[2] == "  unit-length"
    assert lines[3].startswith("  pca: dimensions 2, variance kept ")
    assert [step["step"] for step in load(output).record["postprocessing"]] == ["all-but-the-top", "unit-length", "pca"]
    again = firth("postprocess", model, output, "centre")
    assert (again.code, load(output).dim) == (1, 2)
    assert "--force" in again.err
    assert firth("postprocess", model, output, "pca:2", "--force").code == 0
    firth("postprocess", model, output, "all-but-the-top:1", "unit-length", "pca:2", "--force")
    done = firth("postprocess", output, tmp_path / "again.bin", "centre", "--json")
    assert "does not keep" in done.err
    document = done.document
    assert (document["dim"], document["words"], len(document["postprocessing"])) == (2, 5, 4)


@pytest.mark.parametrize("steps", [["center"], ["centre", "pca:9"], ["pca:0"]])
def test_steps_that_cannot_be_leave_nothing(
    firth: Callable[..., Outcome], model: Path, tmp_path: Path, steps: list[str]
) -> None:
    outcome = firth("postprocess", model, tmp_path / "out.safetensors", *steps)
    assert outcome.code == 1
    assert outcome.err.splitlines()[-1].startswith("firth: expected")
    assert not (tmp_path / "out.safetensors").exists()


@pytest.mark.parametrize(
    "arguments", [["distances", "king"], ["odd", "a", "b", "c"], ["axis", "--from", "a", "--to", "b", "c"]]
)
def test_models_that_are_not_there(firth: Callable[..., Outcome], tmp_path: Path, arguments: list[str]) -> None:
    firth(arguments[0], tmp_path / "nothing", *arguments[1:]).is_one_sentence("nothing")
