"""`firth train --from`: on from a run or from other vectors, and what is said where that cannot be."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from firth.vectors.load import load

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Outcome

SMALL = ["--min-count", "1", "--epochs", "1", "--threads", "1", "--subsample", "0"]


@pytest.fixture
def texts(tmp_path: Path) -> tuple[Path, Path]:
    old, new = tmp_path / "old.txt", tmp_path / "new.txt"
    old.write_text("kings wear crowns of jewels\nqueens wear crowns of gold\n" * 20, encoding="utf-8")
    new.write_text("kings ride zebus\nqueens ride zebus\n" * 20, encoding="utf-8")
    return old, new


@pytest.fixture
def model(firth: Callable[..., Outcome], texts: tuple[Path, Path]) -> Path:
    folder = texts[0].with_name("model")
    assert firth("train", texts[0], "-o", folder, "--dim", "8", *SMALL).code == 0
    return folder


def test_it_goes_on(firth: Callable[..., Outcome], texts: tuple[Path, Path], model: Path) -> None:
    run = model.with_name("run")
    outcome = firth("train", texts[1], "--from", model, "-o", run, *SMALL)
    assert outcome.code == 0, outcome
    assert "4 of the model's 7 words" not in outcome.err
    assert "2 of the model's 7 words come in the text, and 2 others are new" in outcome.err
    before, after = load(model), load(run)
    assert list(after.words) == [*before.words, "ride", "zebus"]
    assert after.dim == 8
    record = json.loads((run / "run.json").read_text(encoding="utf-8"))
    assert [text["names"] for text in record["texts"]] == [[str(texts[0])], [str(texts[1])]]
    assert firth("neighbors", run, "zebus", "-k", "2").code == 0
    # Not in place, and on from there.
    firth("train", texts[1], "--from", run, "-o", run, "--force", *SMALL).is_one_sentence("another folder to write")
    run = model.with_name("further")
    assert firth("train", texts[1], "--from", model.with_name("run"), "-o", run, *SMALL).code == 0
    assert len(json.loads((run / "run.json").read_text(encoding="utf-8"))["texts"]) == 3


@pytest.mark.parametrize("start", ["contexts", "random"])
def test_frozen_words_stay(firth: Callable[..., Outcome], texts: tuple[Path, Path], model: Path, start: str) -> None:
    run, words = model.with_name("run"), model.with_name("words.txt")
    words.write_text("kings\nnobody\n", encoding="utf-8")
    before = load(model)
    arguments = ["train", texts[1], "--from", model, "-o", run, "--force", "--new-words", start, *SMALL]
    assert firth(*arguments, "--freeze", "old").code == 0
    assert load(run).matrix[:7].tobytes() == before.matrix.tobytes()
    outcome = firth(*arguments, "--freeze", words)
    assert '1 of 2 words to freeze are not in the model, first "nobody"' in outcome.err
    after = load(run)
    assert after["kings"].tobytes() == before["kings"].tobytes()
    assert after["queens"].tobytes() != before["queens"].tobytes()


def test_any_file_of_vectors_will_do(firth: Callable[..., Outcome], texts: tuple[Path, Path], model: Path) -> None:
    run, glove = model.with_name("run"), model.with_name("glove.txt.gz")
    assert firth("convert", model, glove, "--to", "glove").code == 0
    outcome = firth("train", texts[1], "--from", glove, "-o", run, "--model", "cbow", *SMALL)
    assert outcome.code == 0, outcome
    assert "no output vectors to go on from; they begin at zero" in outcome.err
    after = load(run)
    np.testing.assert_allclose(after["jewels"], load(model)["jewels"], rtol=1e-5)
    assert json.loads((run / "run.json").read_text(encoding="utf-8"))["texts"][0]["vectors"] == str(glove)


@pytest.mark.parametrize("how", [["--loss", "full-softmax", "--subsample", "0"], ["--model", "glove"]])
def test_other_objectives_go_on(
    firth: Callable[..., Outcome], texts: tuple[Path, Path], model: Path, how: list[str]
) -> None:
    run, before = model.with_name("run"), load(model)
    command = ["train", texts[1], "--from", model, "-o", run, "--min-count", "1", "--epochs", "1", "--threads", "1"]
    outcome = firth(*command, *how, "--freeze", "old")
    assert outcome.code == 0, outcome
    assert load(run).matrix[: len(before)].tobytes() == before.matrix.tobytes()


def test_what_cannot_be_is_one_sentence(firth: Callable[..., Outcome], texts: tuple[Path, Path], model: Path) -> None:
    run = model.with_name("run")
    start = ["train", texts[1], "--from", model, "-o", run, *SMALL[:-2]]
    firth(*start, "--dim", "9").is_one_sentence("expected 8 dimensions", "got 9")
    firth(*start, "--max-words", "3").is_one_sentence("max_words to be 7 or more")
    firth(*start, "--bootstrap", "3").is_one_sentence("no bootstrap")
    firth(*start, "--freeze", model.with_name("nowhere")).is_one_sentence("could not read")
    counted = ["train", texts[1], "--from", model, "-o", run, "--min-count", "1"]
    for kind in ("log-counts", "ppmi", "one-hot"):
        firth(*counted, "--model", kind).is_one_sentence(
            "to go on from a model", "train it on the old text and the new"
        )
    firth("train", texts[1], "--from", model.with_name("nowhere"), "-o", run).is_one_sentence("nowhere")
    firth("train", texts[1], "--from", texts[0], "-o", run).is_one_sentence("expected")
    assert not run.exists()
    for option in (["--freeze", "old"], ["--new-words", "random"]):
        outcome = firth("train", texts[1], "-o", run, *option)
        assert (outcome.code, "--from a model" in outcome.err) == (2, True)
    outcome = firth("train", "--resume", model, "--from", model)
    assert (outcome.code, "leave out --from" in outcome.err) == (2, True)
