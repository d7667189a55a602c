"""A text in a model's words: ids stay, counts add up, nothing is lost without being told."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firth import storage
from firth.corpus import continued as module
from firth.corpus.continued import KnownWords, continued
from firth.corpus.encoded import EncodedCorpus, encode
from firth.corpus.sources import open_source
from firth.corpus.tokenizers import Words
from firth.errors import EmptyCorpusError, SettingsError, StorageError
from firth.events import Notice

if TYPE_CHECKING:
    from firth.events import Event

TEXTS = st.lists(st.lists(st.sampled_from("abcdefghij"), min_size=1, max_size=8), min_size=1, max_size=20)
MODELS = st.lists(st.sampled_from("abcdefgxyz"), unique=True, min_size=1, max_size=8)


def encoded(text: list[list[str]], cache: Path) -> EncodedCorpus:
    return encode(open_source(text), Words(), min_count=1, cache=cache)


def spelled(corpus: EncodedCorpus) -> list[list[str]]:
    """Return the sentences of a corpus as words."""
    words = corpus.vocabulary.words
    pieces = np.split(np.asarray(corpus.token_ids), corpus.sentence_ends[:-1])
    return [[words[word_id] for word_id in piece.tolist()] for piece in pieces]


@settings(max_examples=60, deadline=None)
@given(
    text=TEXTS,
    model=MODELS,
    has_counts=st.booleans(),
    min_count=st.integers(1, 4),
    more=st.none() | st.integers(0, 3),
    at_once=st.integers(1, 30),
)
def test_words_keep_their_ids_and_counts_add_up(
    tmp_path_factory: pytest.TempPathFactory, text: list[list[str]], model: list[str], has_counts: bool,
    min_count: int, more: int | None, at_once: int,
) -> None:  # fmt: skip
    cache = tmp_path_factory.mktemp("cache")
    before = {word: 10 * place for place, word in enumerate(model, start=1)} if has_counts else dict.fromkeys(model, 0)
    counts = np.array(list(before.values()), dtype=np.int64) if has_counts else None
    came = Counter(word for sentence in text for word in sentence)
    new = sorted((word for word in came if word not in before and came[word] >= min_count), key=lambda w: (-came[w], w))
    new = new[:more]
    expected = [[word for word in sentence if word in before or word in new] for sentence in text]
    expected = [sentence for sentence in expected if sentence]
    if len(text) == 1 and len(text[0]) == 1:
        return  # no text to encode
    try:
        corpus = encoded(text, cache)
    except EmptyCorpusError:
        assert all(len(sentence) < 2 for sentence in text)
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_WORDS_AT_ONCE", at_once)
        chosen = {"min_count": min_count, "max_words": None if more is None else len(model) + more, "cache": cache}
        if all(len(sentence) < 2 for sentence in expected):
            with pytest.raises(EmptyCorpusError, match="two words or more"):
                continued(corpus, KnownWords(model, counts), **chosen)
            return
        found = continued(corpus, KnownWords(model, counts), **chosen)
    assert found.vocabulary.words == (*model, *new)
    assert found.vocabulary.counts.tolist() == [before.get(word, 0) + came[word] for word in (*model, *new)]
    assert spelled(found) == expected
    # Each list is a document of one sentence; those without a word left are documents all the same.
    sizes = np.diff(found.document_ends, prepend=0).tolist()
    assert sizes == [sum(word in before or word in new for word in sentence) for sentence in text]
    assert found.word_total == len(found.token_ids) + sum(found.dropped.values())


def test_it_is_made_once_and_told_each_time(tmp_path: Path) -> None:
    corpus = encoded([["a", "b", "c", "c", "d"]], tmp_path)
    for _ in range(2):
        events: list[Event] = []
        found = continued(corpus, KnownWords(["b", "z"], None), min_count=2, cache=tmp_path, on_event=events.append)
        assert [event.text for event in events if isinstance(event, Notice)] == [
            "1 of the model's 2 words come in the text, and 1 others are new; 2 more are too rare to join them"
        ]
        assert found.dropped["min_count"] == 2
    assert found.text == corpus.text
    assert found.text["names"] == ["the list"]
    # Other words, counts or settings make another.
    others = [
        continued(corpus, KnownWords(words, counts), min_count=least, cache=tmp_path).fingerprint
        for words, counts, least in (
            (["b", "z"], np.array([1, 1]), 2), (["z", "b"], None, 2), (["b", "z"], None, 1),
        )
    ]  # fmt: skip
    assert len({found.fingerprint, *others}) == 4
    assert not list(tmp_path.glob(".*.part"))


def test_what_cannot_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = encoded([["a", "b", "c"]], tmp_path)
    known = KnownWords(["a", "b"], None)
    with pytest.raises(SettingsError, match="max_words to be 2 or more"):
        continued(corpus, known, max_words=1, cache=tmp_path)
    with pytest.raises(SettingsError, match="min_count"):
        continued(corpus, known, min_count=0, cache=tmp_path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "put_in_place", full)
    with pytest.raises(StorageError, match="No space left"):
        continued(corpus, known, cache=tmp_path)
    assert not list(tmp_path.glob(".*.part"))


def test_a_text_is_known_by_its_files_and_its_hash(tmp_path: Path) -> None:
    for name in ("one.txt", "two.txt"):
        (tmp_path / name).write_text("a b a b\n", encoding="utf-8")
    corpus = encode(open_source([tmp_path / "one.txt", tmp_path / "two.txt"]), Words(), min_count=1, cache=tmp_path)
    assert corpus.text["names"] == [str(tmp_path / "one.txt"), str(tmp_path / "two.txt")]
    again = encode(open_source(["a b a b\n", "a b a b\n"]), Words(), min_count=2, cache=tmp_path)
    assert again.text["sha256"] == corpus.text["sha256"]
    # Corpora of earlier versions, which did not say, are read all the same.
    manifest = json.loads((corpus.path / "manifest.json").read_text(encoding="utf-8"))
    del manifest["text"]
    with storage.written_whole(corpus.path / "manifest.json") as part:
        part.write_text(json.dumps(manifest), encoding="utf-8")
    assert EncodedCorpus(corpus.path).text == {"names": [manifest["source"]], "sha256": None}


def test_a_thousand_names_are_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("firth.corpus.encoded._MOST_NAMES", 2)
    for number in range(3):
        (tmp_path / f"{number}.txt").write_text("a b\n", encoding="utf-8")
    corpus = encode(open_source(tmp_path), Words(), min_count=1, cache=tmp_path / "cache")
    assert (len(corpus.text["names"]), corpus.text["files"]) == (2, 3)
