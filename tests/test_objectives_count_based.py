"""Count-based objectives: each weighting against its definition on dense float64, and what they refuse."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.sparse import coo_array, csr_array, random_array
from sklearn.feature_extraction.text import TfidfTransformer

import firth
from firth.contexts.cooccurrence import count_cooccurrences
from firth.contexts.documents import count_documents
from firth.corpus import small_world
from firth.corpus.encoded import encode
from firth.corpus.sources import open_source
from firth.corpus.tokenizers import Words
from firth.errors import SettingsError
from firth.evaluation import analogies, categories
from firth.events import Stage
from firth.objectives import factorize
from firth.objectives.count_based import CountBased
from firth.objectives.log_counts import LogCounts
from firth.objectives.nmf import NMF
from firth.objectives.one_hot import OneHot
from firth.objectives.pca import PCA
from firth.objectives.ppmi import PPMI, pointwise_mutual_information
from firth.objectives.svd import SVD
from firth.objectives.tf_idf import TfIdf, inverse_document_frequency, tf_idf

# The columns' sums must not be all zero, or there is nothing to compare; empty rows and columns are welcome.
COUNTS = hnp.arrays(
    np.float32,
    st.tuples(st.integers(1, 7), st.integers(1, 6)),
    elements=st.sampled_from([0.0, 0.0, 0.0, 0.2, 0.5, 1.0, 1.4, 2.0, 3.0, 40.0, 1000.0]),
)
WHOLE = hnp.arrays(
    np.float32, st.tuples(st.integers(1, 7), st.integers(2, 6)), elements=st.sampled_from([0.0, 0.0, 1.0, 2.0, 7.0])
)


def counts_of(rows: int = 60, columns: int = 40, seed: int = 0) -> csr_array:
    matrix = random_array((rows, columns), density=0.4, rng=np.random.default_rng(seed), dtype=np.float32)
    matrix.data = np.ceil(matrix.data * 9)
    return csr_array(matrix)


@settings(max_examples=60, deadline=None)
@given(COUNTS, st.booleans(), st.sampled_from([1.0, 1.5, 5.0]), st.sampled_from([0.0, 0.5, 0.75, 1.0]))
def test_ppmi_is_its_definition(counts: np.ndarray, positive: bool, shift: float, smoothing: float) -> None:
    objective = PPMI(positive=positive, shift=shift, smoothing=smoothing)
    matrix = objective.weighted(csr_array(counts))
    wanted = pointwise_mutual_information(
        counts.astype(np.float64), positive=positive, shift=shift, smoothing=smoothing
    )
    assert matrix.dtype == np.float32
    assert matrix.has_canonical_format
    np.testing.assert_allclose(matrix.toarray(), wanted, rtol=1e-5, atol=1e-6)
    if positive:
        # Only what is above chance is kept; at chance itself float64 rounds to either side of 0.
        assert (wanted > 1e-12).sum() <= matrix.nnz <= (wanted >= -1e-12).sum()
    else:
        assert matrix.nnz == (counts > 0).sum()


def test_ppmi_by_hand() -> None:
    # Two words, two contexts; all sums are 4, so chance gives each pair 2.
    matrix = PPMI(smoothing=1).weighted(csr_array(np.array([[3.0, 1.0], [1.0, 3.0]], np.float32))).toarray()
    np.testing.assert_allclose(matrix, np.log(1.5) * np.eye(2), rtol=1e-6)
    matrix = PPMI(smoothing=1, positive=False, shift=2).weighted(csr_array([[3.0, 1.0], [1.0, 3.0]])).toarray()
    np.testing.assert_allclose(matrix, np.log([[0.75, 0.25], [0.25, 0.75]]), rtol=1e-6)


def test_smoothing_takes_from_rare_contexts() -> None:
    counts = csr_array(np.array([[90.0, 2.0], [10.0, 0.0]], np.float32))
    plain, smoothed = (PPMI(positive=False, smoothing=power).weighted(counts).toarray() for power in (1, 0.75))
    assert smoothed[0, 1] < plain[0, 1]
    assert smoothed[0, 0] > plain[0, 0]


def test_counts_are_only_read() -> None:
    counts = counts_of()
    before = counts.copy()
    counts.data.flags.writeable = counts.indices.flags.writeable = False
    for objective in (PPMI(dim=5), LogCounts(dim=5), TfIdf(dim=5)):
        objective.vectors(counts)
    assert (counts != before).nnz == 0


def test_pairs_told_twice_count_together() -> None:
    twice = csr_array((np.ones(3, np.float32), np.array([1, 1, 0], np.int32), np.array([0, 2, 3], np.int32)))
    once = csr_array(np.array([[0.0, 2.0], [1.0, 0.0]], np.float32))
    assert (PPMI().weighted(twice) != PPMI().weighted(once)).nnz == 0


@settings(max_examples=30, deadline=None)
@given(COUNTS)
def test_log_counts_are_their_definition(counts: np.ndarray) -> None:
    matrix = LogCounts().weighted(csr_array(counts))
    np.testing.assert_allclose(matrix.toarray(), np.log(1 + counts.astype(np.float64)), rtol=1e-6)
    assert matrix.dtype == np.float32


@settings(max_examples=60, deadline=None)
@given(WHOLE, st.booleans(), st.booleans(), st.booleans())
def test_tf_idf_is_its_definition(counts: np.ndarray, sublinear: bool, smooth: bool, unit: bool) -> None:
    objective = TfIdf(sublinear=sublinear, smooth=smooth, unit_documents=unit)
    full = counts[:, counts.any(axis=0)]
    if full.shape[1] < 2:
        with pytest.raises(SettingsError, match="two documents or more that hold a word"):
            objective.weighted(csr_array(counts))
        return
    wanted = tf_idf(full.astype(np.float64), sublinear=sublinear, smooth=smooth, unit_documents=unit)
    matrix = objective.weighted(csr_array(counts))
    assert matrix.dtype == np.float32
    np.testing.assert_allclose(matrix.toarray(), wanted, rtol=1e-5, atol=1e-7)
    if unit:
        lengths = np.linalg.norm(wanted, axis=0)
        assert (np.isclose(lengths, 1) | (lengths == 0)).all()


@pytest.mark.parametrize("sublinear", [True, False])
@pytest.mark.parametrize("unit", [True, False])
def test_tf_idf_is_that_of_scikit_learn(sublinear: bool, unit: bool) -> None:
    counts = counts_of()
    theirs = TfidfTransformer(norm="l2" if unit else None, smooth_idf=True, sublinear_tf=sublinear)
    wanted = theirs.fit_transform(counts.T.tocsr()).T.toarray()
    matrix = TfIdf(sublinear=sublinear, unit_documents=unit).weighted(counts)
    np.testing.assert_allclose(matrix.toarray(), wanted, rtol=1e-5)


def test_idf() -> None:
    np.testing.assert_allclose(
        inverse_document_frequency(np.array([0, 1, 4]), 4, smooth=False), [0, np.log(4), 0], atol=1e-15
    )
    np.testing.assert_allclose(
        inverse_document_frequency(np.array([0, 1, 4]), 4, smooth=True), [np.log(5) + 1, np.log(2.5) + 1, 1]
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(0, 5), max_size=9), max_size=9), st.integers(1, 12))
def test_words_in_documents_are_counted(documents: list[list[int]], chunk: int) -> None:
    tokens = np.array([word for document in documents for word in document], np.int32)
    ends = np.cumsum([len(document) for document in documents], dtype=np.int64)
    counts = count_documents(tokens, ends, 6, chunk=chunk)
    assert counts.shape == (6, len(documents))
    assert counts.dtype == np.float32
    assert counts.has_canonical_format
    wanted = [[document.count(word) for document in documents] for word in range(6)]
    np.testing.assert_array_equal(counts.toarray(), np.array(wanted).reshape(6, -1))


def test_lsa_is_the_truncated_svd_of_tf_idf() -> None:
    counts = counts_of()
    matrix = TfIdf().weighted(counts).toarray().astype(np.float64)
    left, values, _ = np.linalg.svd(matrix)
    vectors = TfIdf(dim=7).vectors(counts).words
    np.testing.assert_allclose(np.abs(vectors), np.abs(left[:, :7] * values[:7]), atol=1e-5)


def test_one_hot() -> None:
    factors = OneHot().vectors(csr_array((4, 1), dtype=np.float32))
    np.testing.assert_array_equal(factors.words, np.eye(4, dtype=np.float32))
    assert factors.words.dtype == np.float32


def test_without_a_factorisation_rows_stay() -> None:
    counts = counts_of()
    factors = PPMI(factorization=None).vectors(counts)
    np.testing.assert_array_equal(factors.words, PPMI().weighted(counts).toarray())
    assert factors.contexts is None


def test_context_vectors_can_be_added() -> None:
    counts = counts_of(40, 40)
    apart = PPMI(dim=6).vectors(counts)
    together = PPMI(dim=6, add_contexts=True).vectors(counts)
    assert apart.contexts is not None
    np.testing.assert_array_equal(together.words, apart.words + apart.contexts)
    with pytest.raises(SettingsError, match="as many contexts as words"):
        PPMI(dim=6, add_contexts=True).vectors(counts_of())


@pytest.mark.parametrize("objective", [PPMI(dim=8), LogCounts(dim=8), TfIdf(dim=8), PPMI(dim=8, factorization=PCA())])
def test_the_same_seed_gives_the_same_bits(objective: CountBased) -> None:
    first, again = (objective.vectors(counts_of(), seed=3, threads=threads) for threads in (1, 2))
    np.testing.assert_array_equal(first.words, again.words)


def test_stages_are_told() -> None:
    events: list[object] = []
    PPMI(dim=3).vectors(counts_of(), on_event=events.append)
    assert [event.name for event in events if isinstance(event, Stage)] == ["weighing the counts", "factorising"]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: PPMI(dim=0), "from 1 to 10000 dimensions"),
        (lambda: PPMI(dim=True), "from 1 to 10000 dimensions"),
        (lambda: PPMI(window=0), "a window of 1 or more"),
        (lambda: PPMI(weighting="steep"), 'the weighting "harmonic", "flat" or "soft"'),
        (lambda: PPMI(shift=0.5), "a shift k of 1 or more"),
        (lambda: PPMI(shift=float("nan")), "a shift k of 1 or more"),
        (lambda: PPMI(smoothing=2), "a smoothing power from 0 to 1"),
        (lambda: PPMI(factorization="svd"), "a factorisation, SVD"),
        (lambda: PPMI(factorization=NMF(), add_contexts=True), "where context vectors are to be added"),
        (lambda: TfIdf(smooth=1), "smooth to be True or False"),
        (lambda: OneHot(factorization=SVD()), "no factorisation of one-hot vectors"),
        (lambda: SVD(p=2), "a power p from 0 to 1"),
        (lambda: PCA(whiten=1), "whiten to be True or False"),
        (lambda: NMF(iterations=0), "1 or more iterations"),
        (lambda: NMF(tolerance=-1), "a tolerance from 0"),
    ],
)
def test_settings_check_themselves(make: object, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        make()  # type: ignore[operator]


@pytest.mark.parametrize(
    ("objective", "shape", "message"),
    [
        (PPMI(dim=50), (60, 40), "at most 40 dimensions, as the matrix has 60 words and 40 columns, got 50"),
        (TfIdf(dim=5), (60, 1), "two documents or more"),
        (TfIdf(dim=5), (60, 3), "at most 3 dimensions"),
        (PPMI(factorization=None), (70_506, 70_506), "at most 2 GiB for a matrix that is not factorised"),
        (OneHot(), (70_506, 1), "70,506 words × 70,506 columns take 18.5 GiB"),
    ],
)
def test_what_does_not_fit_is_refused_first(objective: CountBased, shape: tuple[int, int], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        objective.check_shape(shape)
    with pytest.raises(SettingsError, match=message):
        objective.vectors(csr_array(shape, dtype=np.float32))


@pytest.mark.parametrize("value", [-1.0, np.nan, np.inf])
@pytest.mark.parametrize("objective", [PPMI(dim=2), LogCounts(dim=2), TfIdf(dim=2)])
def test_impossible_counts_are_refused(objective: CountBased, value: float) -> None:
    counts = counts_of()
    counts.data[5] = value
    with pytest.raises(SettingsError, match="finite and not negative"):
        objective.vectors(counts)


def test_a_matrix_of_nothing_is_refused() -> None:
    with pytest.raises(SettingsError, match="lower the shift"):
        PPMI(dim=2, shift=1e6).vectors(counts_of())
    with pytest.raises(SettingsError, match="finite numbers"):
        factorize.factorize(csr_array(np.array([[np.nan, 1]])), SVD(), dim=1)


def test_names_at_the_top() -> None:
    for name in ("PPMI", "LogCounts", "TfIdf", "OneHot", "SVD", "PCA", "NMF"):
        assert dataclasses.is_dataclass(getattr(firth, name))


@pytest.mark.slow
def test_ppmi_finds_what_is_known_of_the_small_world(tmp_path: object) -> None:
    corpus = encode(open_source(list(small_world.text(1_000_000))), Words(), cache=str(tmp_path))
    objective = PPMI(dim=300)
    counts = count_cooccurrences(corpus, window=objective.window, weighting=objective.weighting)
    factors = objective.vectors(counts.to_scipy(), threads=2)
    wv = firth.WordVectors(corpus.vocabulary.words, factors.words, corpus.vocabulary.counts)
    accuracy = analogies.evaluate(wv, small_world.questions()).accuracy
    purity = categories.evaluate(wv, small_world.categories()).purity
    assert accuracy is not None
    assert accuracy > 0.9
    assert purity is not None
    assert purity > 0.98


def test_a_matrix_in_coordinates_is_told_apart() -> None:
    counts = csr_array(coo_array(([1.0, 2.0], ([0, 1], [1, 0])), shape=(2, 2), dtype=np.float32))
    assert PPMI(dim=1).vectors(counts).words.shape == (2, 1)


def test_parts_without_negative_numbers_need_a_matrix_without() -> None:
    with pytest.raises(SettingsError, match="positive=True where NMF"):
        firth.PPMI(positive=False, factorization=firth.NMF())
    assert not firth.PPMI(positive=False).positive
