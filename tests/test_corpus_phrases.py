"""Phrases: what is found, how it scores, how it is joined, what is refused, and the file in which it is kept."""

from __future__ import annotations

import json
import math
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import firth
from firth.corpus.encoded import EncodedCorpus, encode
from firth.corpus.phrase_learning import encode_with_phrases, learn_phrases
from firth.corpus.phrases import LONGEST_RUN, Phrase, PhraseModel, Phrases, npmi, word2phrase
from firth.corpus.sources import open_source
from firth.corpus.tokenizers import Words
from firth.errors import EmptyCorpusError, FormatError, SettingsError, StorageError
from firth.events import Event, Notice
from firth.kernels import bigrams
from firth.kernels.jit import JIT_IS_OFF

FILLER = [f"w{n % 13} x{n % 11} y{n % 7}" for n in range(400)]
NEW_YORK = ["he reads the new york times", "w1 new york times x3"] * 10
STATES = ["w1 president of the united states x2"] * 20 + FILLER

Unit = tuple[str, ...]


def naive(sentences: list[list[str]], phrases: Phrases) -> tuple[list[Phrase], list[list[Unit]]]:  # noqa: C901
    """Count, score and join by the definitions alone."""
    texts: list[list[Unit]] = [[(word,) for word in sentence] for sentence in sentences]
    found: list[Phrase] = []
    for number, threshold in enumerate(phrases.thresholds, start=1):
        counts = Counter(unit for text in texts for unit in text)
        total = sum(counts.values())
        connectors = {(word,) for word in phrases.connectors}

        def pair(text: list[Unit], place: int, counts: Any = counts, connectors: Any = connectors) -> Any:
            other = place + 1
            while other < len(text) and text[other] in connectors:
                other += 1
            if other == len(text) or other - place - 1 > LONGEST_RUN or text[place] in connectors:
                return None
            if min(counts[text[place]], counts[text[other]]) < phrases.min_count:
                return None
            return text[place], tuple(unit[0] for unit in text[place + 1 : other]), text[other]

        pairs = Counter(p for text in texts for place in range(len(text)) if (p := pair(text, place)))
        joined: set[Any] = set()
        for (left, between, right), count in pairs.items():
            if count < phrases.min_count:
                continue
            a, b = counts[left], counts[right]
            if phrases.score == "npmi":
                score = math.log((count / total) / (a / total * b / total)) / -math.log(count / total)
            else:
                score = (count - phrases.discount) / (a * b) * total
            if score > threshold:
                joined.add((left, between, right))
                found.append(Phrase(left=left, between=between, right=right, count=count, score=score, in_pass=number))
        if not joined:
            break
        for text in texts:
            old, place = list(text), 0
            text.clear()
            while place < len(old):
                p = pair(old, place)
                if p in joined:
                    text.append((*p[0], *p[1], *p[2]))
                    place += 2 + len(p[1])
                else:
                    text.append(old[place])
                    place += 1
    return found, texts


def sentences_of(corpus: EncodedCorpus) -> list[list[str]]:
    words = np.array(corpus.vocabulary.words, dtype=object)
    return [words[part].tolist() for part in np.split(corpus.token_ids, corpus.sentence_ends)[:-1]]


SETTINGS = st.builds(
    Phrases,
    passes=st.integers(1, 4),
    score=st.sampled_from(["word2phrase", "npmi"]),
    threshold=st.sampled_from([0.0123, 0.2345, 0.4567]),
    discount=st.sampled_from([0, 1.5]),
    min_count=st.integers(1, 3),
    connectors=st.sampled_from([frozenset(), frozenset({"o"}), frozenset({"o", "t"})]),
)
TEXTS = st.lists(st.lists(st.sampled_from("abcdot"), min_size=1, max_size=12), min_size=1, max_size=12)


@settings(max_examples=10 if JIT_IS_OFF else 120, deadline=None)
@given(sentences=TEXTS, phrases=SETTINGS)
def test_what_is_found_and_joined_is_the_definition_s(
    tmp_path_factory: pytest.TempPathFactory, sentences: list[list[str]], phrases: Phrases
) -> None:
    cache = tmp_path_factory.mktemp("cache")
    source = open_source([*sentences, ["q", "r"]])  # so that two words stand together
    wanted, joined = naive([*sentences, ["q", "r"]], phrases)
    try:
        corpus, model = encode_with_phrases(source, Words(), phrases, min_count=1, cache=cache)
    except SettingsError:
        assert not wanted
        return
    except EmptyCorpusError:
        assert max(map(len, joined)) < 2
        return
    assert all(-1 <= phrase.score <= 1 for phrase in model.phrases) or phrases.score == "word2phrase"

    def described(some: Any) -> list[Any]:
        return sorted((p.in_pass, p.left, p.between, p.right, p.count, pytest.approx(p.score)) for p in some)

    assert [(p[:5], p[5]) for p in described(model.phrases)] == [(p[:5], p[5].expected) for p in described(wanted)]
    assert sentences_of(corpus) == [["_".join(unit) for unit in text] for text in joined]
    assert [model.parts(sentence) for sentence in sentences] == joined[:-1]
    assert dict(zip(corpus.vocabulary.words, corpus.vocabulary.counts.tolist(), strict=True)) == Counter(
        "_".join(unit) for text in joined for unit in text
    )


UNITS = st.lists(st.sampled_from("abot"), min_size=1, max_size=2).map(tuple)
MODELS = st.builds(
    PhraseModel,
    st.lists(
        st.builds(
            Phrase,
            left=UNITS,
            between=st.lists(st.sampled_from("otx"), max_size=4).map(tuple),
            right=UNITS,
            count=st.just(1),
            score=st.just(1.0),
            in_pass=st.integers(1, 3),
        ),
        max_size=12,
    ),
    connectors=st.sampled_from([frozenset(), frozenset({"o"}), frozenset({"o", "t", "never"})]),
)


@settings(max_examples=10 if JIT_IS_OFF else 120, deadline=None)
@given(sentences=TEXTS, model=MODELS)
@example(
    sentences=[["a", "a", "a"]],
    model=PhraseModel(
        [
            Phrase(left=("a",), between=(), right=("a",), count=1, score=1.0, in_pass=1),
            Phrase(left=("a",), between=(), right=("a", "a"), count=1, score=1.0, in_pass=1),
        ],
        connectors=frozenset(),
    ),
)
def test_a_model_is_applied_as_its_definition_joins(
    tmp_path_factory: pytest.TempPathFactory, sentences: list[list[str]], model: PhraseModel
) -> None:
    texts = [*sentences, ["q", "r"]]
    cache = tmp_path_factory.mktemp("cache")
    corpus, same = encode_with_phrases(open_source(texts), Words(), model, min_count=1, cache=cache)
    assert same is model
    assert sentences_of(corpus) == [model.join(sentence) for sentence in texts]
    again, loaded = encode_with_phrases(open_source(texts), Words(), model, min_count=1, cache=cache)
    assert (again.path, loaded.phrases) == (corpus.path, model.phrases)


@given(
    counts=st.tuples(st.integers(1, 10**6), st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 10**9)),
)
def test_npmi_stays_between_its_bounds(counts: tuple[int, int, int, int]) -> None:
    both, more_left, more_right, others = counts
    left, right = both + more_left, both + more_right
    words = max(left, right) + others
    (score,) = npmi(*(np.array([n]) for n in (both, left, right)), words)
    assert -1 <= score <= 1
    chance = math.log(both / words) - math.log(left / words) - math.log(right / words)
    assert score == pytest.approx(chance / -math.log(both / words), abs=1e-6)
    if more_left == more_right == 0:
        assert score == 1


def test_scores_by_hand() -> None:
    pairs, left, right = np.array([15]), np.array([20]), np.array([25])
    assert word2phrase(pairs, left, right, 1000, 5).tolist() == pytest.approx([(15 - 5) / (20 * 25) * 1000])
    assert npmi(pairs, left, right, 1000).tolist() == pytest.approx([math.log(0.015 / 0.0005) / -math.log(0.015)])


def test_several_passes_find_new_york_times(tmp_path: Path) -> None:
    texts = [f"w{n % 3} new york times x{n % 4}" for n in range(20)] + FILLER
    model = learn_phrases(texts, Phrases(threshold=(40, 40)), cache=tmp_path)
    assert [(phrase.words, phrase.in_pass) for phrase in model.phrases if phrase.words[0] == "new"] == [
        (("new", "york"), 1),
        (("new", "york", "times"), 2),
    ]
    assert model.join(["the", "new", "york", "times"]) == ["the", "new_york_times"]
    assert list(tmp_path.glob(".*.part")) == []


def test_connectors_stand_inside_and_do_not_count(tmp_path: Path) -> None:
    phrases = Phrases(threshold=30, connectors={"of", "the"})
    model = learn_phrases(STATES, phrases, cache=tmp_path)
    assert ("president", "of", "the", "united", "states") in {phrase.words for phrase in model.phrases}
    found = next(phrase for phrase in model.phrases if phrase.between)
    assert found.between == ("of", "the")
    assert not any({phrase.words[0], phrase.words[-1]} & {"of", "the"} for phrase in model.phrases)
    assert model.join(["the", "president", "of", "the", "united", "states", "of"]) == [
        "the",
        "president_of_the_united_states",
        "of",
    ]
    assert bigrams.LONGEST_RUN == LONGEST_RUN


def test_rare_words_and_sentence_ends_keep_words_apart(tmp_path: Path) -> None:
    texts = [f"new rare{n} york" for n in range(10)] + ["new", "york"] * 10 + ["new york"] * 4 + FILLER
    phrases = Phrases(threshold=2, min_count=4, discount=0)
    model = learn_phrases(texts, phrases, cache=tmp_path)
    assert {p.count for p in model.phrases if p.words == ("new", "york")} == {4}
    # Were the rare words left out first, there would be fourteen.
    corpus, _ = encode_with_phrases(open_source(texts), Words(), phrases, min_count=4, cache=tmp_path)
    assert sentences_of(corpus)[0] == ["new", "york"]
    assert any("different words and phrases were left out as too rare" in text for text in corpus.notices)


def test_the_joined_corpus_keeps_documents_and_is_found_again(tmp_path: Path) -> None:
    texts = ["new york\nnew york times", "rare", "times new york"] * 6 + ["alone"] + FILLER
    events: list[Event] = []
    keywords: Any = {"min_count": 6, "cache": tmp_path, "on_event": events.append}
    phrases = Phrases(passes=1, threshold=40)
    corpus, model = encode_with_phrases(open_source(texts), Words(), phrases, **keywords)
    words = np.array(corpus.vocabulary.words, dtype=object)
    documents = [" ".join(words[part]) for part in np.split(corpus.token_ids, corpus.document_ends)[:4]]
    assert documents == ["new_york new_york times", "rare", "times new_york", "new_york new_york times"]
    assert len(corpus.document_ends) == len(texts)
    assert corpus.document_ends[-1] == len(corpus.token_ids) == corpus.sentence_ends[-1]
    assert (np.diff(corpus.sentence_ends, prepend=0) > 0).all()
    assert np.bincount(corpus.token_ids).tolist() == corpus.vocabulary.counts.tolist()
    assert "alone" not in corpus.vocabulary
    assert corpus.word_total == encode(open_source(texts), Words(), min_count=1, cache=tmp_path).word_total
    said = [event for event in events if isinstance(event, Notice)]
    again, same = encode_with_phrases(open_source(texts), Words(), phrases, **keywords)
    assert (again.path, again.fingerprint, same.phrases) == (corpus.path, corpus.fingerprint, model.phrases)
    assert [event for event in events if isinstance(event, Notice)] == said * 2
    other, _ = encode_with_phrases(open_source(texts), Words(), Phrases(passes=1, threshold=41), **keywords)
    assert other.fingerprint != corpus.fingerprint
    (corpus.path / "phrases.json").write_text("x" * (corpus.path / "phrases.json").stat().st_size)
    mended, same = encode_with_phrases(open_source(texts), Words(), phrases, **keywords)
    assert same.phrases == model.phrases
    assert mended.path == corpus.path


def test_a_phrase_written_like_a_word_is_that_word(tmp_path: Path) -> None:
    texts = [["new", "york", "z"]] * 10 + [["new_york", "z"]] * 3 + [line.split() for line in FILLER]
    corpus, model = encode_with_phrases(
        open_source(texts), Words(), Phrases(passes=1, threshold=40), min_count=1, cache=tmp_path
    )
    assert corpus.vocabulary.counts[corpus.vocabulary.index("new_york")] == 13
    assert corpus.notices[-1].endswith("another word of the text (new_york); each such two are one")
    assert ("new", "york") in {phrase.words for phrase in model.phrases}


def test_pairs_beyond_the_limit_are_forgotten_and_it_is_said(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    texts = [[f"w{n}" for n in rng.integers(0, 300, 20)] + ["new", "york"] for _ in range(400)]
    events: list[Event] = []
    phrases = Phrases(passes=1, threshold=1, min_count=1, max_pairs=1000, discount=0)
    model = learn_phrases(texts, phrases, cache=tmp_path, on_event=events.append)
    (notice,) = model.record["notices"]
    assert "more than 1,000 different pairs" in notice
    assert Notice(text=notice) in events
    whole = learn_phrases(texts, Phrases(passes=1, threshold=1, min_count=1, discount=0), cache=tmp_path)
    assert whole.record["notices"] == []
    found = {phrase.words: phrase.count for phrase in whole.phrases}
    assert all(phrase.count <= found[phrase.words] for phrase in model.phrases if phrase.words in found)
    assert {phrase.count for phrase in model.phrases if phrase.words == ("new", "york")} == {400}


@pytest.mark.parametrize("most", [7, 100])
def test_runs_of_sentences_change_nothing(tmp_path: Path, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    keywords: Any = {"min_count": 2, "cache": tmp_path / "one"}
    phrases = Phrases(passes=3, threshold=20)
    corpus, model = encode_with_phrases(open_source(NEW_YORK + FILLER), Words(), phrases, **keywords)
    monkeypatch.setattr("firth.corpus.bigrams._WORDS_AT_ONCE", most)
    monkeypatch.setattr("firth.corpus.bigrams._LEAST_SLOTS", 16)
    keywords["cache"] = tmp_path / "two"
    again, same = encode_with_phrases(open_source(NEW_YORK + FILLER), Words(), phrases, **keywords)
    assert same.phrases == model.phrases
    for file in corpus.path.iterdir():
        assert file.read_bytes() == (again.path / file.name).read_bytes()


def test_a_threshold_that_joins_nothing_is_an_error_that_names_the_best(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"above 1e\+06, but the best, '.+ .+', scores [\d.]+; lower the"):
        learn_phrases(NEW_YORK + FILLER, Phrases(threshold=1e6), cache=tmp_path)
    with pytest.raises(SettingsError, match="no two words stand together 900 times or more"):
        learn_phrases(NEW_YORK + FILLER, Phrases(min_count=900), cache=tmp_path)
    model = learn_phrases(["new york w"] * 9 + FILLER, Phrases(threshold=(60, 60, 60), passes=3), cache=tmp_path)
    assert model.record["notices"] == ["pass 3 found no pair that scores above 60, and was the last"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"passes": 0}, "from 1 to 10, got 0"),
        ({"passes": True}, "from 1 to 10"),
        ({"min_count": 0}, "min_count"),
        ({"max_pairs": 10}, "max_pairs"),
        ({"score": "pmi"}, "npmi"),
        ({"discount": -1}, "discount"),
        ({"threshold": -1}, "0 or more"),
        ({"threshold": math.nan}, "thresholds"),
        ({"threshold": "100"}, "thresholds"),
        ({"score": "npmi", "threshold": 1}, "below 1"),
        ({"threshold": (100, 200)}, "100 rises to 200"),
        ({"threshold": (100,)}, "each of 2 passes, got 1"),
        ({"connectors": "of"}, "english"),
        ({"connectors": {1}}, "words"),
        ({"connectors": 5}, "set of words"),
    ],
)
def test_settings_that_cannot_be(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        Phrases(**wrong)


def test_thresholds_fall() -> None:
    assert Phrases(passes=3).thresholds == (200, 100, 50)
    assert Phrases(passes=3, score="npmi").thresholds == (0.6, 0.5, 0.4)
    assert Phrases(passes=2, score="npmi", threshold=-0.95).thresholds == (-0.95, -1)
    assert Phrases(threshold=[9, 8]).thresholds == (9, 8)  # type: ignore[arg-type]
    assert "of" in Phrases(connectors="english").connectors


def test_a_model_is_a_file(tmp_path: Path) -> None:
    model = learn_phrases(STATES, Phrases(threshold=30, connectors="english"), cache=tmp_path)
    model.save(tmp_path / "model.json")
    loaded = PhraseModel.load(tmp_path / "model.json")
    assert loaded.phrases == model.phrases
    assert (loaded.connectors, loaded.record) == (model.connectors, model.record)
    # Parts are words as they are, whatever stands in them.
    odd = PhraseModel([Phrase(left=("a_b",), between=(), right=("c d",), count=2, score=1.5, in_pass=1)])
    odd.save(tmp_path / "odd.json")
    assert PhraseModel.load(tmp_path / "odd.json").parts(["a_b", "c d"]) == [("a_b", "c d")]
    with pytest.raises(SettingsError, match="list of words"):
        odd.join("a_b c d")
    with pytest.raises(StorageError):
        odd.save(tmp_path / "odd.json" / "x")


ENTRY = {"left": ["a"], "between": [], "right": ["b"], "count": 5, "score": 1.0, "in_pass": 1}


@pytest.mark.parametrize(
    "change",
    [
        {"format": "another"},
        {"version": 2},
        {"connectors": "of"},
        {"record": []},
        {"phrases": {}},
        {"phrases": [{}]},
        {"phrases": ["a_b"]},
        *({"phrases": [{**ENTRY, **wrong}]} for wrong in (
            {"left": []}, {"left": "a"}, {"right": [1]}, {"between": ["of"]}, {"count": 0}, {"count": "5"},
            {"score": None}, {"score": math.inf}, {"in_pass": 0}, {"in_pass": 10**9},
        )),
    ],
)  # fmt: skip
def test_broken_files_are_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    whole = {"format": "firth phrases", "version": 1, "connectors": [], "record": {}, "phrases": [ENTRY]}
    path = tmp_path / "model.json"
    path.write_text(json.dumps(whole))
    assert len(PhraseModel.load(path)) == 1
    path.write_text(json.dumps(whole | change))
    with pytest.raises(FormatError, match=r"model\.json"):
        PhraseModel.load(path)


@pytest.mark.parametrize("content", [b"", b"[1, 2]", b'{"format": "firth phrases", ', b"\xff\xfe", b"[" * 100_000])
def test_no_phrase_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.json"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=r"expected a file of phrases, but .*model\.json"):
        PhraseModel.load(path)
    with pytest.raises(FormatError, match="could not read"):
        PhraseModel.load(tmp_path / "none.json")


def test_training_joins_phrases_of_a_model(tmp_path: Path) -> None:
    keywords: Any = {"epochs": 1, "threads": 1, "min_count": 2, "cache": tmp_path / "cache"}
    small = firth.SkipGram(dim=4)
    first = firth.train(NEW_YORK + FILLER, small, phrases=Phrases(threshold=40), **keywords)
    assert first.phrases is not None
    first.phrases.save(tmp_path / "phrases.json")
    for given_phrases in (first.phrases, tmp_path / "phrases.json", str(tmp_path / "phrases.json")):
        again = firth.train(NEW_YORK + FILLER, small, phrases=given_phrases, **keywords)
        assert again.vectors.words == first.vectors.words
        assert (again.vectors.matrix == first.vectors.matrix).all()
        assert again.phrases is not None
        assert again.phrases.phrases == first.phrases.phrases
        told = again.record["phrases"]
        assert (told["kind"], told["phrases"]) == ("PhraseModel", len(first.phrases))
    # Another text, which holds only some of the words; what is not there is said.
    events: list[Event] = []
    other = firth.train(["new york a b c"] * 9, small, phrases=first.phrases, on_event=events.append, **keywords)
    assert "new_york" in other.vectors.words
    said = [event.text for event in events if isinstance(event, Notice)]
    assert any("phrases have words or parts that this text does not hold" in text for text in said)
    with pytest.raises(FormatError, match="could not read"):
        firth.train(NEW_YORK, small, phrases=tmp_path / "none.json", **keywords)
    other_model = PhraseModel(first.phrases.phrases[1:])
    assert other_model.described()["fingerprint"] != first.phrases.described()["fingerprint"]


def test_the_most_frequent_come_first_where_that_is_asked() -> None:
    model = PhraseModel(
        Phrase(left=("a",), between=(), right=(name,), count=count, score=score, in_pass=1)
        for name, count, score in (("x", 2, 9.0), ("y", 7, 3.0), ("z", 7, 4.0))
    )
    assert [phrase.right for phrase in model.ranked("score")] == [("x",), ("z",), ("y",)]
    assert [phrase.right for phrase in model.ranked("count")] == [("z",), ("y",), ("x",)]
    with pytest.raises(SettingsError, match="or by"):
        model.ranked("length")  # type: ignore[arg-type]


@pytest.mark.parametrize("least", [0, 1000, 4000, 12_000])
@pytest.mark.parametrize("what", ["learn", "encode", "apply"])
def test_a_disk_that_fills_leaves_nothing_behind(tmp_path: Path, least: int, what: str) -> None:
    resource = pytest.importorskip("resource", reason="this system has no limit for the size of files")
    text = tmp_path / "text.txt"
    text.write_text("\n".join(f"he{n % 7} lives in new york times w{n}" for n in range(900)))
    # So that the text is found in the cache, and only its phrases are left to write.
    time.sleep(0.2)
    model = learn_phrases(text, Phrases(threshold=2), cache=tmp_path)
    before = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*"))

    def work() -> None:
        if what == "learn":
            learn_phrases(text, Phrases(threshold=2), cache=tmp_path)
        else:
            phrases = model if what == "apply" else Phrases(threshold=2)
            encode_with_phrases(open_source(text), Words(), phrases, min_count=1, cache=tmp_path)

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (least, limits[1]))
    try:
        with pytest.raises(StorageError, match=f"could not write the text with its phrases to .*{tmp_path.name}: "):
            work()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*")) == before
    work()


def test_training_joins_phrases_first(tmp_path: Path) -> None:
    keywords: Any = {"epochs": 1, "threads": 1, "min_count": 2, "cache": tmp_path / "cache"}
    small = firth.SkipGram(dim=4)
    out = tmp_path / "run"
    run = firth.train(NEW_YORK + FILLER, small, phrases=Phrases(threshold=40), output=out, **keywords)
    assert any("new_york" in word for word in run.vectors.words)
    assert json.loads((out / "run.json").read_text())["phrases"]["threshold"] == 40
    assert run.phrases is not None
    assert PhraseModel.load(out / "phrases.json").phrases == run.phrases.phrases
    plain = firth.train(NEW_YORK + FILLER, small, output=out, force=True, **keywords)
    assert plain.phrases is None
    assert not (out / "phrases.json").exists()
    for wrong in (0, True, 2.0):
        with pytest.raises(SettingsError, match="passes"):
            firth.train(NEW_YORK, small, phrases=wrong, **keywords)  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match="Phrases"):
        learn_phrases(NEW_YORK, 2, cache=tmp_path)  # type: ignore[arg-type]
    for wrong in ({"min_count": 10**6}, {"min_count": 0}, {"max_words": 0}):
        with pytest.raises((EmptyCorpusError, SettingsError)):
            firth.train(NEW_YORK + FILLER, small, phrases=Phrases(threshold=40), **(keywords | wrong))
