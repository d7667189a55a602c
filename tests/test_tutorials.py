"""The tutorials run by themselves, do what Firth's definitions do, and learn."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from firth.contexts.subsampling import Subsampling
from firth.corpus import small_world
from firth.objectives import skipgram
from firth.objectives.negative_sampling import NegativeSampling
from firth.objectives.noise import Unigram

TUTORIALS = Path(__file__).parents[1] / "tutorials"
PROGRAM = TUTORIALS / "word2vec_in_150_lines.py"
WORDS = 60_000


@pytest.fixture(scope="module")
def lesson() -> ModuleType:
    spec = importlib.util.spec_from_file_location("lesson", PROGRAM)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_it_keeps_to_its_name() -> None:
    assert len(PROGRAM.read_text(encoding="utf-8").splitlines()) <= 150


def test_its_step_is_the_definition_s(lesson: ModuleType) -> None:
    random = np.random.default_rng(1)
    counts = np.array([9, 7, 5, 3, 2, 1])
    inputs, outputs = random.normal(size=(6, 4)), random.normal(size=(6, 4))
    # A context that comes twice, noise that comes twice, and noise that is the centre.
    contexts, noise = [0, 3, 0], np.array([1, 2, 1, 5])
    asked = NegativeSampling(negatives=4).over(list("abcdef"), counts).asked(2, noise)
    vectors, rows = inputs[contexts], outputs[asked.rows]
    loss = skipgram.loss(vectors, rows, asked)
    inner, outer = skipgram.gradients(vectors, rows, asked)
    wanted_inputs, wanted_outputs = inputs.copy(), outputs.copy()
    np.subtract.at(wanted_inputs, contexts, 0.1 * inner)
    np.subtract.at(wanted_outputs, asked.rows, 0.1 * outer)
    assert lesson.step(inputs, outputs, centre=2, contexts=contexts, noise=noise, rate=0.1) == pytest.approx(loss)
    np.testing.assert_allclose(inputs, wanted_inputs)
    np.testing.assert_allclose(outputs, wanted_outputs)


def test_its_distributions_are_the_definitions(lesson: ModuleType) -> None:
    counts = np.array([900, 70, 5, 3, 2, 1])
    np.testing.assert_allclose(lesson.noise_probabilities(counts), Unigram().probabilities(counts))
    np.testing.assert_allclose(
        lesson.keep_probabilities(counts), Subsampling(threshold=1e-3).keep_probabilities(counts)
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "none.txt could not be read"),
        (b"\xff\xfe", "in UTF-8"),
        (b"a b", "no word 5 times"),
        (b"", "no word 5 times"),
    ],
)
def test_a_text_that_cannot_be_learned_from_is_a_sentence(tmp_path: Path, content: bytes | None, said: str) -> None:
    text = tmp_path / "none.txt"
    if content is not None:
        text.write_bytes(content)
    done = subprocess.run([sys.executable, str(PROGRAM), str(text)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1), done.stderr
    assert said in done.stderr


@pytest.mark.slow
def test_it_finds_colours_near_pink(tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("\n".join(small_world.text(WORDS)), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(PROGRAM), str(text), "pink"], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    near = [entry.split()[0] for entry in done.stdout.splitlines()[-1].removeprefix("pink: ").split(", ")]
    kinds = small_world.categories()
    assert [kinds.get(word) for word in near] == [kinds["pink"]] * 5, done.stdout
