"""Words counted on disk: the same corpus, byte for byte, whatever the memory; and the merge against a Counter."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import firth
from firth.corpus import word_runs
from firth.corpus.encoded import EncodedCorpus, encode
from firth.corpus.sources import open_source
from firth.errors import EmptyCorpusError, SettingsError
from firth.events import Notice

FILES = ("token_ids.i32", "sentence_ends.i64", "document_ends.i64", "counts.i64", "words.json", "document_ids.jsonl")
LONG = "Donaudampfschifffahrtsgesellschaftskapitän"


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give even a small text several blocks, and so several tables."""
    monkeypatch.setattr("firth.corpus.blocks.BLOCK_BYTES", 1 << 16)
    monkeypatch.setattr("firth.corpus.passes._TOKENS_AT_ONCE", 10_000)


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A text of several blocks with frequent and rare words, short ones and long ones, in two scripts."""
    draw = random.Random(1)  # noqa: S311
    path = tmp_path_factory.mktemp("runs") / "text.txt"
    lines = (
        " ".join(f"{'слово' if draw.random() < 0.2 else 'w'}{int(draw.paretovariate(0.5)) % 60_000}" for _ in range(15))
        + f" the {LONG}{draw.randrange(3000)}."
        for _ in range(5_000)
    )
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def encoded(text: Any, folder: Path, **settings: Any) -> tuple[EncodedCorpus, list[bytes], list[str]]:
    notices: list[str] = []

    def hear(event: object) -> None:
        if isinstance(event, Notice):
            notices.append(event.text)

    settings = {"min_count": 3, "threads": 1, "tokenizer": firth.Words(), **settings}
    corpus = encode(open_source(text), settings.pop("tokenizer"), cache=folder, on_event=hear, **settings)
    return corpus, [(corpus.path / name).read_bytes() for name in FILES], notices


@pytest.mark.parametrize("threads", [1, 4])
@pytest.mark.parametrize(
    "tokenizer",
    [
        firth.Words(), firth.Whitespace(), firth.Words(stop_words={"the", "w1"}), firth.Sentences(),
        firth.Custom(function=str.split),
    ],
    ids=["words", "whitespace", "stop words", "sentences", "a function"],
)  # fmt: skip
def test_the_corpus_is_the_same_for_any_memory(
    text: Path, tmp_path: Path, tokenizer: Any, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(word_runs, "_AT_ONCE", 5_000)
    monkeypatch.setattr(word_runs, "_OPEN", 3)
    written: list[int] = []
    add = word_runs.WordRuns.add
    monkeypatch.setattr(word_runs.WordRuns, "add", lambda self, table: written.append(1) or add(self, table))
    settings = {"tokenizer": tokenizer, "threads": threads}
    plenty, files, notices = encoded(text, tmp_path / "plenty", **settings)
    assert not written
    for memory in (0, 800_000):
        little, others, said = encoded(text, tmp_path / f"{memory}", memory=memory, **settings)
        assert len(written) >= 2, memory
        assert others == files
        assert said == notices
        assert little.fingerprint == plenty.fingerprint
        assert {path.name for path in little.path.iterdir()} == {path.name for path in plenty.path.iterdir()}
        written.clear()


def test_lists_of_words_too(tmp_path: Path) -> None:
    draw = random.Random(2)  # noqa: S311
    # Words that a table may hold: blanks, line ends, quotes, none at all.
    words = ["new york", "two\nlines", '"', "", "é", "\t", *(f"w{number}" for number in range(3000))]
    sentences = [draw.choices(words, k=20) for _ in range(3_000)]
    files = [encoded(sentences, tmp_path / f"{memory}", memory=memory)[1] for memory in (1 << 30, 0)]
    assert files[0] == files[1]


def test_max_words_and_errors_are_as_they_were(text: Path, tmp_path: Path) -> None:
    files = [encoded(text, tmp_path / f"{memory}", memory=memory, max_words=50)[1] for memory in (1 << 30, 0)]
    assert files[0] == files[1]
    said = []
    for memory in (1 << 30, 0):
        with pytest.raises(EmptyCorpusError, match="the most frequent word") as error:
            encoded(text, tmp_path / "none", memory=memory, min_count=10**6)
        said.append(str(error.value))
    assert said[0] == said[1]
    assert [*(tmp_path / "none").iterdir()] == []
    with pytest.raises(SettingsError, match="memory"):
        encoded(text, tmp_path, memory=-1)


@pytest.mark.parametrize("min_count", [1, 2, 7])
def test_the_merge_counts(tmp_path: Path, min_count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_runs, "_AT_ONCE", 40)
    monkeypatch.setattr(word_runs, "_OPEN", 4)
    draw = random.Random(3)  # noqa: S311
    total: Counter[bytes] = Counter()
    runs, tables = word_runs.WordRuns(tmp_path), []
    for _ in range(6):
        words = [f"w{number}".encode() for number in draw.sample(range(300), 150)]
        counts = np.array([draw.randrange(4) for _ in words], dtype=np.int64)
        # In two parts, the ids going on.
        assert runs.add([(words[:70], counts[:70], 0), (words[70:], counts[70:], 70)]) == len(tables)
        tables.append(words)
        total.update(dict(zip(words, counts.tolist(), strict=True)))
    merged = runs.merge(min_count)
    kept = {word: count for word, count in total.items() if count >= min_count}
    assert dict(zip(merged.words, merged.counts.tolist(), strict=True)) == kept
    assert merged.words == sorted(kept)
    rare = [count for count in total.values() if 0 < count < min_count]
    assert (merged.rare_words, merged.rare_occurrences) == (len(rare), sum(rare))
    assert merged.highest == max(total.values())
    for words, new_ids in zip(tables, merged.new_ids, strict=True):
        for word, new_id in zip(words, new_ids.tolist(), strict=True):
            assert new_id == -1 if word not in kept else new_id == -1 or merged.words[new_id] == word
