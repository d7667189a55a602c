"""`WordVectorizer` as scikit-learn's own tools use transformers."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import firth.errors as e
from firth.corpus.tokenizers import Whitespace
from firth.sentences.mean import Mean
from firth.sentences.sentence_vectors import SentenceVectors
from firth.sentences.sif import SIF
from firth.sentences.usif import USIF
from firth.vectors.store import WordVectors

pytest.importorskip("sklearn", reason="scikit-learn is not installed")
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline

from firth.sklearn import WordVectorizer

WORDS = ["the", "sea", "ship", "sail", "wave", "bread", "soup", "salt", "oven", "and"]


@pytest.fixture(scope="module")
def wv() -> WordVectors:
    matrix = np.random.default_rng(1).standard_normal((10, 6)).astype(np.float32)
    return WordVectors(WORDS, matrix, np.array([500, 20, 18, 15, 12, 11, 10, 8, 7, 5]))


@pytest.fixture(scope="module")
def kitchen() -> tuple[list[str], list[str]]:
    rng = np.random.default_rng(2)
    texts, labels = [], []
    for label, own in (("ship", WORDS[1:5]), ("kitchen", WORDS[5:9])):
        for _ in range(20):
            texts.append(" ".join(rng.permutation([*rng.choice(own, 3), "the", "the", "and"])))
            labels.append(label)
    return texts, labels


def test_scikit_learn_s_own_checks(wv: WordVectors) -> None:
    pytest.importorskip("sklearn", "1.6", reason="check_estimator reports what it ran from scikit-learn 1.6 on")
    checks = pytest.importorskip("sklearn.utils.estimator_checks")
    for weighting in ("mean", "sif", "usif"):
        with pytest.warns(match="Can't test estimator WordVectorizer which requires input"):
            ran = checks.check_estimator(WordVectorizer(wv, weighting))
        # For what takes texts alone, scikit-learn has hardly a check; the tests below make up for that.
        assert ran
        assert {check["status"] for check in ran} == {"passed"}


@pytest.mark.parametrize("weighting", ["mean", "sif", "usif", SIF(a=0.01)])
def test_it_gives_sentence_vectors(weighting: str | SIF, wv: WordVectors, kitchen: tuple[list[str], list[str]]) -> None:
    texts, labels = kitchen
    settings = {"mean": Mean(), "sif": SIF(), "usif": USIF()}
    expected = SentenceVectors(wv, settings.get(str(weighting), weighting)).fit_transform(texts)  # type: ignore[arg-type]
    vectorizer = WordVectorizer(wv, weighting)  # type: ignore[arg-type]
    assert np.array_equal(vectorizer.fit_transform(texts, labels), expected)
    assert vectorizer.fit(texts) is vectorizer
    assert np.array_equal(vectorizer.transform(texts), expected)
    assert vectorizer.get_feature_names_out().tolist() == [f"wordvectorizer{place}" for place in range(6)]
    other = pickle.loads(pickle.dumps(vectorizer))  # noqa: S301  (our own)
    assert np.array_equal(other.transform(texts), expected)


def test_parameters(wv: WordVectors) -> None:
    vectorizer = WordVectorizer(wv, "sif", a=0.01, components=2, tokenizer=Whitespace())
    parameters = vectorizer.get_params()
    assert set(parameters) == {
        "a", "components", "counts", "length", "model", "phrases", "tokenizer", "weighting",
    }  # fmt: skip
    assert parameters["model"] is wv
    copied = clone(vectorizer)
    assert copied is not vectorizer
    assert copied.get_params() == parameters
    assert copied.model is wv
    vectorizer.set_params(weighting="usif", a=None, length=9)
    texts = [" ".join(words) for words in (WORDS, WORDS[:3], WORDS[4:7], WORDS[2:9:3])]
    assert vectorizer.fit(texts).sentence_vectors_.weighting == USIF(components=2, length=9)


def test_a_fit_forgets_the_one_before(wv: WordVectors, kitchen: tuple[list[str], list[str]]) -> None:
    texts, _ = kitchen
    once = WordVectorizer(wv, "sif").fit(texts).transform(texts)
    assert np.array_equal(WordVectorizer(wv, "sif").fit(texts[:10]).fit(texts).transform(texts), once)


def test_before_fit(wv: WordVectors) -> None:
    with pytest.raises(NotFittedError):
        WordVectorizer(wv).transform(["sea"])
    with pytest.raises(NotFittedError):
        WordVectorizer(wv).get_feature_names_out()


def test_a_pipeline_in_a_grid_search(wv: WordVectors, kitchen: tuple[list[str], list[str]], tmp_path: Path) -> None:
    texts, labels = kitchen
    wv.save(tmp_path / "wv.safetensors")
    pipeline = Pipeline([("vectors", WordVectorizer(tmp_path / "wv.safetensors")), ("classes", LogisticRegression())])
    grid = [
        {"vectors__weighting": ["mean"]},
        {"vectors__weighting": ["sif"], "vectors__a": [1e-3, 1e-2], "vectors__components": [0, 1]},
        {"vectors__weighting": ["usif", USIF(components=2)]},
    ]
    search = GridSearchCV(pipeline, grid, cv=3, error_score="raise").fit(texts, labels)
    assert len(search.cv_results_["params"]) == 7
    assert search.best_score_ == 1
    assert search.predict(["the wave and the sail", "salt the soup"]).tolist() == ["ship", "kitchen"]
    assert search.best_estimator_["vectors"].sentence_vectors_.coverage.unknown_words == 0


def test_in_several_processes(wv: WordVectors, kitchen: tuple[list[str], list[str]]) -> None:
    texts, labels = kitchen
    pipeline = make_pipeline(WordVectorizer(wv, "sif"), LogisticRegression())
    searches = [
        GridSearchCV(pipeline, {"wordvectorizer__a": [1e-3, 1e-1]}, cv=2, n_jobs=jobs, error_score="raise")
        for jobs in (1, 2)
    ]
    one, two = (search.fit(texts, labels).cv_results_["mean_test_score"].tolist() for search in searches)
    assert one == two


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"weighting": "tfidf"}, 'the weighting "mean", "sif" or "usif"'),
        ({"weighting": 3}, "expected a weighting"),
        ({"weighting": "mean", "a": 0.1}, 'no a with the weighting "mean"'),
        ({"weighting": "sif", "length": 3}, 'no length with the weighting "sif"'),
        ({"weighting": SIF(), "components": 2}, "components as settings of the weighting itself"),
        ({"weighting": "sif", "a": -1}, "a above 0"),
        ({"model": 5}, "expected the path"),
    ],
)
def test_settings_are_looked_at_by_fit(settings: dict[str, object], message: str, wv: WordVectors) -> None:
    vectorizer = WordVectorizer(**{"model": wv, **settings})  # type: ignore[arg-type]
    with pytest.raises(e.SettingsError, match=message):
        vectorizer.fit(["sea", "soup salt"])


def test_one_text_is_no_list(wv: WordVectors) -> None:
    for method in (WordVectorizer(wv).fit, WordVectorizer(wv).fit(["sea"]).transform):
        with pytest.raises(ValueError, match="put it in a list"):
            method("the sea")


def test_without_scikit_learn() -> None:
    program = (
        "import sys; sys.modules['sklearn'] = None\n"
        "import firth\n"
        "try:\n    import firth.sklearn\n"
        "except ImportError as error: print(type(error).__name__, error)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == (
        'MissingExtraError firth.sklearn needs an optional library: pip install "firth[sklearn]"'
    )
