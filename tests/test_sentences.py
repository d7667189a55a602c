"""Vectors of texts beside the formulas written out naively, and at their edges."""

from __future__ import annotations

import copy
import pickle
import unicodedata

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import firth.errors as e
from firth.corpus.phrases import Phrase, PhraseModel
from firth.corpus.tokenizers import Custom, Sentences, Tokenizer, Whitespace, Words
from firth.events import Event, Notice, Progress
from firth.run import described
from firth.sentences import weighted_means, word_ids
from firth.sentences.coverage import Coverage
from firth.sentences.mean import Mean
from firth.sentences.sentence_vectors import SentenceVectors
from firth.sentences.sif import SIF
from firth.sentences.trained_tokenizer import trained_tokenizer
from firth.sentences.usif import USIF
from firth.sentences.weighting import Weighting
from firth.sentences.word_ids import TextReader
from firth.vectors.store import WordVectors
from firth.vectors.words import PackedWords

WORDS = [f"w{number}" for number in range(40)]
COUNTS = np.array([2000 // (rank + 1) ** 2 for rank in range(40)])
ALL = [Mean(), SIF(), SIF(a=1e-4, components=0), SIF(components=3), USIF(), USIF(components=2, length=7.5)]


@pytest.fixture(scope="module")
def wv() -> WordVectors:
    matrix = np.random.default_rng(3).standard_normal((40, 12)).astype(np.float32) + 0.5
    return WordVectors(WORDS, matrix, COUNTS)


@pytest.fixture(scope="module")
def texts() -> list[str]:
    rng = np.random.default_rng(4)
    return [
        " ".join(rng.choice([*WORDS, "strange", "odd"], size=size)) + "." for size in [*rng.integers(1, 15, 50), 0, 200]
    ]


def naive(weighting: Weighting, wv: WordVectors, fitted: list[list[str]], asked: list[list[str]]) -> npt.NDArray:
    """The papers' formulas, a word and a text at a time; components by a singular value decomposition."""
    assert wv.counts is not None
    total = int(wv.counts.sum())
    known = [[word for word in text if word in wv] for text in fitted]
    probability = {word: int(wv.counts[wv.index(word)]) / total for word in wv}
    if isinstance(weighting, USIF):
        filled = [text for text in known if text]
        n = weighting.length or sum(map(len, filled)) / len(filled)
        threshold = 1 - (1 - 1 / len(wv)) ** n
        alpha = sum(p > threshold for p in probability.values()) / len(wv)
        a = (1 - alpha) / (alpha * (len(wv) / 2))

    def vector(text: list[str]) -> npt.NDArray:
        found = np.zeros(wv.dim)
        text = [word for word in text if word in wv]
        for word in text:
            v = wv[word].astype(np.float64)
            if isinstance(weighting, SIF):
                v = v * weighting.a / (weighting.a + probability[word])
            if isinstance(weighting, USIF):
                v = v / np.sqrt(sum(x * x for x in v)) * a / (0.5 * a + probability[word])
            found += v / len(text)
        return found

    result = [vector(text) for text in asked]
    if weighting.components:
        _, sigma, u = np.linalg.svd(np.array([vector(text) for text in fitted]))
        m = weighting.components
        for i in range(m):
            share = 1.0 if isinstance(weighting, SIF) else sigma[i] ** 2 / sum(sigma[:m] ** 2)
            result = [v - share * (v @ u[i]) * u[i] for v in result]
    return np.array(result)


@pytest.mark.parametrize("weighting", ALL, ids=repr)
def test_the_formulas_written_out(weighting: Weighting, wv: WordVectors, texts: list[str]) -> None:
    vectors = SentenceVectors(wv, weighting).fit(texts)
    new = ["w3 w3 strange w17", "w39", "", "odd"]
    tokens = [[Words().tokens(text) for text in some] for some in (texts, texts + new)]
    expected = naive(weighting, wv, *tokens)
    got = vectors.transform(texts + new)
    assert got.dtype == np.float32
    assert got.shape == (56, 12)
    np.testing.assert_allclose(got, expected, atol=2e-6)
    assert np.abs(expected).max() > 0.1
    assert not got[[50, 54, 55]].any()
    np.testing.assert_allclose(vectors.components @ vectors.components.T, np.eye(weighting.components), atol=1e-9)
    again = SentenceVectors(wv, weighting)
    assert np.array_equal(again.fit_transform(texts), got[:52])
    assert np.array_equal(again.transform(iter(texts + new)), got)
    assert np.array_equal(again.transform(tokens[1]), got)


def test_weights_by_hand(wv: WordVectors) -> None:
    four = WordVectors(list("abcd"), np.eye(4, dtype=np.float32), np.array([70, 20, 9, 1]))
    sif = SentenceVectors(four, SIF(a=0.1, components=0))
    assert sif.weight("a") == pytest.approx(0.1 / 0.8)
    # n = 2: the threshold is 1 − (3/4)² = 0.4375; only a is above it: α = 1/4, Z = 2, a = 0.75 / 0.5.
    usif = SentenceVectors(four, USIF(components=0, length=2))
    assert usif.weight("a") == pytest.approx(1.5 / (0.75 + 0.7))
    assert usif.weight("d") == pytest.approx(1.5 / (0.75 + 0.01))
    # A measured length: two texts with known words, of one and of three.
    assert SentenceVectors(four, USIF(components=0)).fit(["a", "a b c x", "x"]).weight("d") == usif.weight("d")
    assert SentenceVectors(four, Mean()).weight("a") == 1
    # No word above the threshold, and all words alike.
    assert SentenceVectors(four, USIF(components=0, length=50)).weight("a") == 2
    even = WordVectors(["a", "b", "c"], np.eye(3, dtype=np.float32), np.array([5, 5, 5]))
    assert SentenceVectors(even, USIF(components=0, length=1)).weight("b") == 2
    with pytest.raises(e.UnknownWordError, match="strange"):
        SentenceVectors(wv).weight("strange")


def test_usif_takes_away_shares(wv: WordVectors, texts: list[str]) -> None:
    vectors = SentenceVectors(wv, USIF(components=4)).fit(texts)
    assert vectors.shares.sum() == pytest.approx(1)
    assert (np.diff(vectors.shares) < 0).all()
    assert SentenceVectors(wv, SIF(components=2)).fit(texts).shares.tolist() == [1, 1]
    left = SentenceVectors(wv, SIF()).fit(texts)
    assert np.abs(left.transform(texts) @ left.components[0]).max() < 1e-6


def test_similarity(wv: WordVectors, texts: list[str]) -> None:
    vectors = SentenceVectors(wv)
    assert vectors.similarity("w1 w2", "w2 W1!") == pytest.approx(1)
    assert vectors.similarity("w1", "w2") == pytest.approx(wv.similarity("w1", "w2"), abs=1e-6)
    assert vectors.similarity("w1", "odd") == 0
    assert -1 <= SentenceVectors(wv, SIF()).fit(texts).similarity("w1", ["w2", "w5"]) <= 1


def test_what_is_unknown_is_told(wv: WordVectors) -> None:
    events: list[Event] = []
    vectors = SentenceVectors(wv)
    assert vectors.coverage is None
    vectors.transform(["w1 odd w2", "odd", "", "w3"], on_event=events.append)
    assert vectors.coverage == Coverage(texts=4, unknown_texts=2, words=5, unknown_words=2)
    assert [event.text for event in events if isinstance(event, Notice)] == [
        "2 of 5 words have no vector and were left out of the texts' vectors",
        "2 of 4 texts have no known word; their vectors are all zeros",
    ]
    progress = [event for event in events if isinstance(event, Progress)]
    assert [(event.done, event.total) for event in progress] == [(4, 4)]
    events.clear()
    vectors.transform(iter(["w1"]), on_event=events.append)
    assert vectors.coverage.notices == ()
    assert [event for event in events if isinstance(event, Notice)] == []


def test_no_texts(wv: WordVectors, texts: list[str]) -> None:
    for vectors in (SentenceVectors(wv), SentenceVectors(wv, USIF()).fit(texts)):
        for none in ([], iter([])):
            assert vectors.transform(none).shape == (0, 12)
    with pytest.raises(e.SettingsError, match="expected texts with words that have a vector"):
        SentenceVectors(wv, SIF()).fit([])
    assert SentenceVectors(wv).fit([]).is_fitted


def test_too_few_texts_for_the_components(wv: WordVectors) -> None:
    with pytest.raises(e.SettingsError, match="differ in more than 1 direction, as else nothing is left"):
        SentenceVectors(wv, SIF()).fit(["w1 w2"])
    with pytest.raises(e.SettingsError, match="1 direction"):
        SentenceVectors(wv, USIF()).fit(["w1 w2", "w2 w1 odd", ""])
    with pytest.raises(e.SettingsError, match=r"more than 2 directions.*3 common components are"):
        SentenceVectors(wv, SIF(components=3)).fit(["w1", "w2"])
    with pytest.raises(e.SettingsError, match="have a vector, but none has"):
        SentenceVectors(wv, SIF()).fit(["odd", "strange"])
    events: list[Event] = []
    vectors = SentenceVectors(wv, USIF()).fit(["w1", "w2 w3", "w4"], on_event=events.append)
    assert vectors.components.shape == (3, 12)
    assert Notice(text="the texts have 3 common components, not 5") in events
    assert SentenceVectors(wv, SIF(components=2)).fit(["w1", "w2", "w4"]).transform(["w1"]).any()


def test_a_failed_fit_leaves_what_was_learned(wv: WordVectors, texts: list[str]) -> None:
    vectors = SentenceVectors(wv, SIF()).fit(texts)
    before = vectors.transform(texts)
    with pytest.raises(e.SettingsError):
        vectors.fit(["odd"])
    assert np.array_equal(vectors.transform(texts), before)


def test_fit_comes_first(wv: WordVectors) -> None:
    vectors = SentenceVectors(wv, SIF())
    assert not vectors.is_fitted
    assert "not fitted yet" in repr(vectors)
    with pytest.raises(e.SettingsError, match=r"expected fit\(texts\) before this, as SIF"):
        vectors.transform(["w1"])
    for ready in (Mean(), SIF(components=0), USIF(components=0, length=10)):
        assert SentenceVectors(wv, ready).is_fitted
    assert not SentenceVectors(wv, USIF(components=0)).is_fitted


def test_counts(wv: WordVectors, texts: list[str]) -> None:
    bare = WordVectors(wv.words, wv.matrix)
    for weighting in (SIF(), USIF()):
        with pytest.raises(e.SettingsError, match="these vectors have none; give them as counts="):
            SentenceVectors(bare, weighting)
        expected = SentenceVectors(wv, weighting).fit_transform(texts)
        assert np.array_equal(SentenceVectors(bare, weighting, counts=COUNTS).fit_transform(texts), expected)
    assert SentenceVectors(bare).transform(["w1"]).any()
    counted = SentenceVectors(bare, SIF(a=0.5, components=0), counts="texts")
    assert not counted.is_fitted
    counted.fit(["w1 w1 w2", "w1 odd"])
    assert counted.weight("w1") == pytest.approx(0.5 / 1.25)
    assert counted.weight("w7") == 1
    for wrong in (COUNTS[:3], COUNTS - 5, COUNTS / 2):
        with pytest.raises(e.SettingsError, match="a count of 0 or more for each of 40 words"):
            SentenceVectors(wv, SIF(), counts=wrong)
    with pytest.raises(e.SettingsError, match="zeros alone"):
        SentenceVectors(wv, SIF(), counts=COUNTS * 0)
    with pytest.raises(e.SettingsError, match='or as "texts", got'):
        SentenceVectors(wv, SIF(), counts="text")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("w1 w2", "put it in a list"),
        (b"w1", "got bytes"),
        ({"w1": 1}, "got dict"),
        ({"w1"}, "got set"),
        (3, "got int"),
        ([["w1"], 3], "got int as text 1"),
        (["w1", float("nan")], "got float as text 1"),
        (["w1", None], "got NoneType as text 1"),
        ([["w1", 3]], "got int in text 0"),
        (np.array([["w1", "w2"]]), "with 2 dimensions"),
    ],
)
def test_what_is_no_text(given: object, message: str, wv: WordVectors) -> None:
    with pytest.raises(e.SettingsError, match=message):
        SentenceVectors(wv).transform(given)  # type: ignore[arg-type]


def test_what_is_text(wv: WordVectors) -> None:
    expected = SentenceVectors(wv).transform(["w1 w2", "w3"])
    for same in (
        ("w1 w2", "w3"),
        np.array(["w1 w2", "w3"]),
        np.array(["w1 w2", "w3"], dtype=object),
        [("w1", "w2"), "w3"],
    ):
        assert np.array_equal(SentenceVectors(wv).transform(same), expected)


def test_a_word_that_is_no_vector(wv: WordVectors) -> None:
    matrix = wv.matrix.copy()
    matrix[5, 2] = np.nan
    matrix[6] = 0
    broken = WordVectors(WORDS, matrix, COUNTS)
    for weighting in (Mean(), USIF(components=0, length=3)):
        vectors = SentenceVectors(broken, weighting)
        assert np.isfinite(vectors.transform(["w1 w6", "w6"])).all()
        with pytest.raises(e.FormatError, match='NaN or infinity in the vector of "w5"'):
            vectors.transform(["w1", "w1 w5"])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SIF(a=0), "a above 0"),
        (lambda: SIF(a=float("nan")), "a above 0"),
        (lambda: SIF(a="x"), "a above 0"),  # type: ignore[arg-type]
        (lambda: SIF(components=-1), "components as a whole number"),
        (lambda: SIF(components=True), "components as a whole number"),
        (lambda: USIF(components=1.5), "components as a whole number"),  # type: ignore[arg-type]
        (lambda: USIF(length=0), "length of 1 or more"),
        (lambda: USIF(length=float("inf")), "length of 1 or more"),
    ],
)
def test_settings_that_cannot_be(make: object, message: str) -> None:
    with pytest.raises(e.SettingsError, match=message):
        make()  # type: ignore[operator]


def test_arguments_that_cannot_be(wv: WordVectors) -> None:
    for arguments, message in (
        ({"word_vectors": "novels"}, "expected word vectors"),
        ({"weighting": "sif"}, "expected a weighting"),
        ({"weighting": SIF}, "expected a weighting"),
        ({"tokenizer": str.split}, "expected a tokenizer"),
        ({"tokenizer": Words}, "expected a tokenizer"),
        ({"phrases": ["new york"]}, "expected phrases"),
    ):
        with pytest.raises(e.SettingsError, match=message):
            SentenceVectors(**{"word_vectors": wv, **arguments})  # type: ignore[arg-type]


def test_blocks_and_pieces_make_no_difference(
    wv: WordVectors, texts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = SentenceVectors(wv, USIF()).fit_transform(texts)
    monkeypatch.setattr(word_ids, "_TEXTS", 3)
    monkeypatch.setattr(weighted_means, "_ROWS", 7)
    np.testing.assert_allclose(SentenceVectors(wv, USIF()).fit_transform(texts), expected, atol=1e-6)
    vectors = SentenceVectors(wv, USIF()).fit(texts)
    np.testing.assert_allclose(vectors.transform(iter(texts)), expected, atol=1e-6)
    assert vectors.coverage is not None
    assert vectors.coverage.texts == 52


letters = st.text("abAB'’-é 12.\n\x00\u0301\u00ad李\ud800ßİ", max_size=30)


@settings(max_examples=60, deadline=None)
@given(
    texts=st.lists(letters, max_size=6),
    known=st.lists(st.text("abé'12李", min_size=1, max_size=3), unique=True, min_size=1, max_size=10),
    tokenizer=st.sampled_from(
        [
            Words(), Words(lowercase=False, characters=True), Words(normalize=False, joiners=""), Whitespace(),
            Words(stop_words={"a", "ab"}), Sentences(), Whitespace(lowercase=True),
        ]
    ),
)  # fmt: skip
def test_the_scanner_reads_what_python_reads(texts: list[str], known: list[str], tokenizer: Tokenizer) -> None:
    packed = PackedWords.of([*dict.fromkeys(unicodedata.normalize("NFC", word) for word in known)])
    blocks = {}
    for limit in (-1, 1 << 30):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(word_ids, "_CHARACTERS_BY_PYTHON", limit)
            blocks[limit] = list(TextReader(packed, tokenizer, None).blocks(texts))
    assert len(blocks[-1]) == (len(texts) > 0)
    for scanned, read in zip(*blocks.values(), strict=True):
        assert scanned.word_ids.tolist() == read.word_ids.tolist()
        assert scanned.lengths.tolist() == read.lengths.tolist()
        assert scanned.unknown_words == read.unknown_words
        expected = [word for text in texts for word in tokenizer.tokens(text.replace("\ud800", "\ufffd"))]
        assert [packed[word_id] for word_id in read.word_ids] == [word for word in expected if word in packed]


def test_the_tokenizer_is_the_trained_one() -> None:
    assert trained_tokenizer({}) == Words()
    for tokenizer in (
        Whitespace(lowercase=True),
        Words(lowercase=False, joiners="-", stop_words={"the", "a"}),
        Words(stop_words="english"),
        Sentences(words=Whitespace(), join_lines=False, abbreviations={"mr"}),
    ):
        assert trained_tokenizer({"tokenizer": described(tokenizer)}) == tokenizer
    for lost in (
        {"kind": "Custom", "function": "x"},
        {"kind": "Words", "colour": 1},
        {"kind": "Sentences"},
        {"kind": "Sentences", "words": {"kind": "Sentences"}},
        {"kind": "Words", "stop_words": 5},
        "Words",
        3,
    ):
        with pytest.raises(e.SettingsError, match="give it as tokenizer="):
            trained_tokenizer({"tokenizer": lost})
    wv = WordVectors(["A", "b"], np.eye(2, dtype=np.float32), record={"tokenizer": {"kind": "Whitespace"}})
    assert SentenceVectors(wv).transform(["A B b."]).tolist() == [[1, 0]]
    assert SentenceVectors(wv, tokenizer=Words()).transform(["A B b."]).tolist() == [[0, 1]]


def test_a_tokenizer_of_one_s_own(wv: WordVectors) -> None:
    own = SentenceVectors(wv, tokenizer=Custom(function=lambda text: text.split("|")))
    assert np.array_equal(own.transform(["w1|w2|odd"] * 2), SentenceVectors(wv).transform(["w1 w2"] * 2))


def test_phrases_are_joined() -> None:
    wv = WordVectors(["new_york", "new"], np.eye(2, dtype=np.float32), record={"phrases": {"kind": "Phrases"}})
    model = PhraseModel([Phrase(left=("new",), between=(), right=("york",), score=9.0, count=5, in_pass=1)])
    vectors = SentenceVectors(wv, phrases=model)
    assert vectors.transform(["a New York, new\nyork", ["new", "york"]]).tolist() == [[0.5, 0.5], [1, 0]]
    events: list[Event] = []
    SentenceVectors(wv).transform(["new"], on_event=events.append)
    assert any("give phrases= to join them" in event.text for event in events if isinstance(event, Notice))
    events.clear()
    vectors.transform(["new"], on_event=events.append)
    assert not any(isinstance(event, Notice) for event in events)


@pytest.mark.parametrize("weighting", ALL, ids=repr)
def test_it_can_be_handed_to_other_processes(weighting: Weighting, wv: WordVectors, texts: list[str]) -> None:
    vectors = SentenceVectors(wv, weighting).fit(texts)
    other = pickle.loads(pickle.dumps(vectors))  # noqa: S301  (our own)
    assert np.array_equal(other.transform(texts), vectors.transform(texts))
    assert other.weighting == weighting
    assert other.tokenizer == vectors.tokenizer
    assert other.word_vectors.words == WORDS
    assert copy.deepcopy(vectors).word_vectors is wv
