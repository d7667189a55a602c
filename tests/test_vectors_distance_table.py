from __future__ import annotations

import sys

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from firth.errors import FormatError, MissingExtraError, SettingsError, UnknownWordError
from firth.vectors.store import WordVectors


@pytest.fixture
def wv() -> WordVectors:
    return WordVectors(["king", "queen", "word", "日本"], np.random.default_rng(1).standard_normal((4, 5)))


@pytest.mark.parametrize("metric", ["euclidean", "manhattan", "cosine"])
def test_every_pair_is_there(wv: WordVectors, metric: str) -> None:
    table = wv.distances(["word", "king", "queen"], metric=metric)
    rows = wv.matrix[[2, 0, 1]].astype(float)
    expected = cdist(rows, rows, {"manhattan": "cityblock"}.get(metric, metric))
    np.testing.assert_allclose(table.values, 1 - expected if metric == "cosine" else expected, atol=1e-12)
    assert table.words == ("word", "king", "queen")
    assert table.values[0, 1] == table.values[1, 0]
    if metric == "cosine":
        assert table.values[0, 1] == wv.similarity("word", "king")
    with pytest.raises(ValueError, match="read-only"):
        table.values[0, 0] = 1


def test_the_forms_of_the_table(wv: WordVectors) -> None:
    pytest.importorskip("pyarrow")
    table = wv.distances(["king", "word", "king"], metric="euclidean")
    assert table.columns == ("word", "other", "distance")
    assert [row[:2] for row in table] == [("king", "king"), ("king", "word"), ("word", "king"), ("word", "word")]
    assert table.to_arrow().to_pylist() == table.to_dicts()
    assert table.to_dict()["values"] == table.values.tolist()
    assert table[0] == ("king", "king", 0.0)
    assert len(table) == 4


def test_it_prints_as_a_square(wv: WordVectors) -> None:
    far = f"{wv.distances(['king', '日本'], metric='euclidean').values[0, 1]:.4f}"
    assert str(wv.distances(["king", "日本"], metric="euclidean")).splitlines() == [
        "distance    king    日本",
        f"king      0.0000  {far}",
        f"日本      {far}  0.0000",
    ]


def test_a_missing_library_is_named(wv: WordVectors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingExtraError, match="pip install pandas"):
        wv.distances(["king"]).to_pandas()


def test_questions_that_cannot_be(wv: WordVectors) -> None:
    with pytest.raises(UnknownWordError, match='"king"'):
        wv.distances(["kingg", "queen"])
    for words in ("king", [], 3, None):
        with pytest.raises(SettingsError, match="list of"):
            wv.distances(words)  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match='gives a number, got none between "king" and "king"'):
        wv.distances(["king", "queen"], metric="jensenshannon")
    broken = WordVectors(["good", "bad"], np.array([[1, 2], [np.inf, 0]]))
    with pytest.raises(FormatError, match='"bad"'):
        broken.distances(["good", "bad"])
