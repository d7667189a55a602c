"""The means of new words' contexts: the kernel does what the definition says, for every window."""

from __future__ import annotations

import numpy as np
import pytest

from firth.contexts.context_means import context_mean, context_means
from firth.contexts.subsampling import Subsampling
from firth.contexts.window import Window
from firth.objectives.batches import company_of

WINDOWS = [
    Window(left=3, right=3),
    Window(left=2, right=2, soft=False),
    Window(left=0, right=4),
    Window(left=5, right=1),
]


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("threshold", [0, 0.01])
def test_the_kernel_equals_the_definition(window: Window, threshold: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("firth.contexts.context_means._SENTENCES_AT_ONCE", 7)
    random = np.random.default_rng(1)
    sentences = [random.integers(30, size=size).tolist() for size in random.integers(1, 12, size=40)]
    sentences.append([30, 31, 30])  # nobody here has a vector
    counts = np.bincount(np.concatenate(sentences), minlength=32).astype(np.int64)
    vectors = random.normal(size=(20, 5)).astype(np.float32)
    company = company_of(window, Subsampling(threshold=threshold), counts, averages=False)
    ids = np.concatenate(sentences).astype(np.int32)
    ends = np.cumsum([len(sentence) for sentence in sentences]).astype(np.int64)
    means, has_any = context_means(ids, ends, first_new=20, company=company, vectors=vectors)
    assert means.shape == (12, 5)
    for word in range(20, 32):
        expected = context_mean(sentences, word, window=window, keep=company.keep_probability, vectors=vectors)
        assert (expected is not None) == has_any[word - 20]
        np.testing.assert_allclose(means[word - 20], 0 if expected is None else expected, atol=1e-6)
    assert has_any[:10].all()
    assert not has_any[10:].any()
