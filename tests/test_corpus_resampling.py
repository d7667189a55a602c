"""A text drawn again: compared with a naive construction from lists."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import firth
from firth.contexts.cooccurrence import count_cooccurrences
from firth.corpus.encoded import EncodedCorpus
from firth.corpus.reading import Reading, read
from firth.corpus.resampling import Drawn, resampled
from firth.errors import EmptyCorpusError, StorageError
from firth.training.settings import TrainingSettings

TEXTS = ["the cat sat on the mat\nthe dog sat\n", "", "a cat and a dog\n", "the end\nof the cat\n", "xyz\n"] * 3


@pytest.fixture
def corpus(tmp_path: Path) -> EncodedCorpus:
    folder = tmp_path / "texts"
    folder.mkdir()
    for number, text in enumerate(TEXTS):
        (folder / f"{number:02}.txt").write_text(text + f"number{number % 2}\n", encoding="utf-8")
    return read(folder, Reading(min_count=4, cache=tmp_path / "cache"))[0]


def sentences_of(corpus: EncodedCorpus) -> list[list[list[int]]]:
    """Return a corpus as documents of sentences of ids."""
    bounds = [0, *corpus.sentence_ends.tolist()]
    documents: list[list[list[int]]] = []
    place = 0
    for end in corpus.document_ends.tolist():
        document = []
        while place < len(bounds) - 1 and bounds[place + 1] <= end:
            document.append(corpus.token_ids[bounds[place] : bounds[place + 1]].tolist())
            place += 1
        documents.append(document)
    return documents


@pytest.mark.parametrize("at_once", [1, 3, 7, 1 << 22])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_documents_are_drawn_with_replacement(corpus: EncodedCorpus, tmp_path: Path, seed: int, at_once: int) -> None:
    found = resampled(corpus, tmp_path / "drawn", drawn="documents", seed=seed, tokens_at_once=at_once)
    whole = sentences_of(corpus)
    picks = sorted(np.random.Generator(np.random.PCG64(seed)).integers(len(whole), size=len(whole)).tolist())
    assert sentences_of(found.corpus) == [whole[pick] for pick in picks]
    flat = [word for pick in picks for sentence in whole[pick] for word in sentence]
    assert found.corpus.token_ids.tolist() == flat
    assert found.counts.tolist() == np.bincount(flat, minlength=len(corpus.vocabulary)).tolist()
    assert found.corpus.vocabulary.words == corpus.vocabulary.words
    np.testing.assert_array_equal(found.corpus.vocabulary.counts, corpus.vocabulary.counts)
    assert all(end > start for start, end in pairwise([0, *found.corpus.sentence_ends.tolist()]))


@pytest.mark.parametrize("at_once", [1, 5, 1 << 22])
def test_sentences_are_drawn_and_stay_in_their_documents(corpus: EncodedCorpus, tmp_path: Path, at_once: int) -> None:
    found = resampled(corpus, tmp_path / "drawn", drawn="sentences", seed=4, tokens_at_once=at_once)
    whole = sentences_of(corpus)
    numbered = [(number, sentence) for number, document in enumerate(whole) for sentence in document]
    picks = sorted(np.random.Generator(np.random.PCG64(4)).integers(len(numbered), size=len(numbered)).tolist())
    naive: list[list[list[int]]] = [[] for _ in whole]
    for pick in picks:
        naive[numbered[pick][0]].append(numbered[pick][1])
    assert sentences_of(found.corpus) == naive
    assert len(found.corpus.document_ends) == len(corpus.document_ends)


@pytest.mark.parametrize("drawn", ["documents", "sentences"])
def test_a_draw_has_a_fingerprint_of_its_own(corpus: EncodedCorpus, tmp_path: Path, drawn: Drawn) -> None:
    first, same, other = (
        resampled(corpus, tmp_path / name, drawn=drawn, seed=seed).corpus
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert first.fingerprint == same.fingerprint
    assert len({first.fingerprint, other.fingerprint, corpus.fingerprint}) == 3
    np.testing.assert_array_equal(first.token_ids, same.token_ids)
    assert first.word_total >= len(first.token_ids)


def test_counts_of_company_are_those_of_the_draw(corpus: EncodedCorpus, tmp_path: Path) -> None:
    drawn = resampled(corpus, tmp_path / "drawn" / "corpus", drawn="documents", seed=1).corpus
    counted = count_cooccurrences(drawn, window=1, weighting="flat").to_scipy().toarray()
    naive = np.zeros_like(counted)
    for document in sentences_of(drawn):
        for sentence in document:
            for left, right in pairwise(sentence):
                naive[left, right] += 1
                naive[right, left] += 1
    np.testing.assert_array_equal(counted, naive)
    assert {path.name for path in (tmp_path / "drawn").iterdir()} >= {"corpus"}
    assert len(list((tmp_path / "drawn").iterdir())) == 2, "counts lie beside the drawn text, and go with it"


def test_what_cannot_be_drawn(corpus: EncodedCorpus, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="could not write the text that was drawn"):
        resampled(corpus, tmp_path / "file" / "drawn", drawn="documents", seed=1)
    folder = tmp_path / "mostly-empty"
    folder.mkdir()
    for number in range(60):
        (folder / f"{number:02}.txt").write_text("a b a b\n" if number == 59 else "", encoding="utf-8")
    sparse = read(folder, Reading(min_count=1, cache=tmp_path / "cache"))[0]
    seeds = [seed for seed in range(50) if 59 not in np.random.Generator(np.random.PCG64(seed)).integers(60, size=60)]
    with pytest.raises(EmptyCorpusError, match="60 documents"):
        resampled(sparse, tmp_path / "none", drawn="documents", seed=seeds[0])


def test_every_objective_takes_a_drawn_text(corpus: EncodedCorpus, tmp_path: Path) -> None:
    from firth.learning import learn  # noqa: PLC0415

    drawn = resampled(corpus, tmp_path / "drawn" / "corpus", drawn="documents", seed=1).corpus
    objectives = [firth.SkipGram(dim=3), firth.CBOW(dim=3), firth.GloVe(dim=3), firth.PPMI(dim=3), firth.TfIdf(dim=3)]
    for objective in objectives:
        learned = learn(objective, drawn, TrainingSettings(), on_event=lambda _: None)
        assert learned.words.shape == (len(corpus.vocabulary), 3)
        assert np.isfinite(learned.words).all()
