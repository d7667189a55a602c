"""Encoding: from every kind of source to ids on disk; what is kept, said, refused, and found again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import firth.corpus.cache as corpora
from firth.corpus.encoded import EncodedCorpus, encode
from firth.corpus.sources import open_source
from firth.corpus.tokenizers import Custom, HuggingFace, Sentences, Whitespace, Words
from firth.errors import EmptyCorpusError, FormatError, SettingsError, SourceError
from firth.events import Event, Notice, Progress, Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def sentences_of(corpus: EncodedCorpus) -> list[list[str]]:
    words = np.array(corpus.vocabulary.words, dtype=object)
    parts = np.split(corpus.token_ids, corpus.sentence_ends)
    assert len(parts.pop()) == 0
    return [words[part].tolist() for part in parts]


def documents_of(corpus: EncodedCorpus) -> list[str]:
    words = np.array(corpus.vocabulary.words, dtype=object)
    parts = np.split(corpus.token_ids, corpus.document_ends)
    assert len(parts.pop()) == 0
    return [" ".join(words[part]) for part in parts]


def settled(path: Path) -> Path:
    """Set a file's time stamps apart from now, as those of a file that was written a while ago are."""
    time.sleep(2 * corpora._CLOCK_NANOSECONDS / 1e9)
    return path


def test_a_text_becomes_ids_by_frequency(cache: Path) -> None:
    corpus = encode(open_source(["b a b", "c b! a, d"]), Words(), min_count=1, cache=cache)
    assert corpus.vocabulary.words == ("b", "a", "c", "d")
    assert corpus.vocabulary.counts.tolist() == [3, 2, 1, 1]
    assert corpus.token_ids.dtype == np.int32
    assert corpus.token_ids.tolist() == [0, 1, 0, 2, 0, 1, 3]
    assert corpus.sentence_ends.dtype == np.int64
    assert corpus.sentence_ends.tolist() == corpus.document_ends.tolist() == [3, 7]
    assert corpus.word_total == 7
    assert corpus.document_ids is None
    assert not corpus.token_ids.flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        corpus.token_ids[0] = 1


def test_rare_words_leave_and_empty_sentences_with_them(cache: Path) -> None:
    corpus = encode(open_source(["a b a b", "rare", "b x a"]), Words(), min_count=2, cache=cache)
    assert sentences_of(corpus) == [["a", "b", "a", "b"], ["b", "a"]]
    assert documents_of(corpus) == ["a b a b", "", "b a"]
    assert corpus.word_total == 8
    assert corpus.notices == ("2 of 4 different words were left out as too rare, which is 2 of 8 words",)


def test_max_words_keeps_the_most_frequent(cache: Path) -> None:
    corpus = encode(open_source(["c c b b a a d"]), Words(), min_count=1, max_words=2, cache=cache)
    assert corpus.vocabulary.words == ("a", "b")


def test_long_sentences_are_split_and_nothing_is_lost(cache: Path) -> None:
    events: list[Event] = []
    source = open_source(["a b c d e f g", "a b"], on_event=events.append)
    corpus = encode(source, Words(), min_count=1, max_sentence=3, cache=cache, on_event=events.append)
    assert sentences_of(corpus) == [["a", "b", "c"], ["d", "e", "f"], ["g"], ["a", "b"]]
    assert corpus.notices == ("2 times a sentence was split after 3 words",)
    assert Notice(text=corpus.notices[0]) in events
    assert events[0] == Stage(name="reading the text")


def test_stop_words_are_left_out_and_counted(cache: Path) -> None:
    corpus = encode(open_source(["The cat and the dog"]), Words(stop_words={"the", "And"}), min_count=1, cache=cache)
    assert sentences_of(corpus) == [["cat", "dog"]]
    assert corpus.word_total == 2
    assert corpus.notices == ("3 stop words were left out",)


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_threads_and_blocks_change_nothing(cache: Path, threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("firth.corpus.blocks.BLOCK_BYTES", 64)
    texts = [" ".join(f"w{(n * k) % 37}" for k in range(n)) + ".\nNaïve ends. So" for n in range(1, 60)]
    for tokenizer in (Words(stop_words={"w3"}), Sentences(words=Words(stop_words={"w3"}))):
        corpus = encode(open_source(texts), tokenizer, min_count=2, cache=cache / "many", threads=threads)
        wanted = [sentence for text in texts for sentence in tokenizer.sentences(text)]
        known = set(corpus.vocabulary.words)
        kept = ([word for word in sentence if word in known] for sentence in wanted)
        assert sentences_of(corpus) == [sentence for sentence in kept if sentence]
        again = encode(open_source(texts), tokenizer, min_count=2, cache=cache / "one", threads=1)
        assert corpus.fingerprint == again.fingerprint
        for name in corpus.path.iterdir():
            assert name.read_bytes() == (again.path / name.name).read_bytes()


def test_lists_of_words_are_taken_as_they_are(cache: Path) -> None:
    corpus = encode(open_source([["New York", "a"], [], ["a", "New York", "\n"]]), Words(), min_count=1, cache=cache)
    assert sentences_of(corpus) == [["New York", "a"], ["a", "New York", "\n"]]
    assert corpus.document_ends.tolist() == [2, 2, 5]


def test_a_generator_is_kept_on_disk_and_said(cache: Path) -> None:
    corpus = encode(open_source(f"w{n % 3} x" for n in range(9)), Words(), min_count=1, cache=cache)
    assert corpus.word_total == 18
    assert len(corpus.sentence_ends) == 9
    assert "only once" in corpus.notices[0]


def test_custom_tokenizers_run_in_python(cache: Path) -> None:
    corpus = encode(
        open_source(["a-b c\nd-a"]), Custom(function=lambda text: text.split("-")), min_count=1, cache=cache
    )
    assert sentences_of(corpus) == [["a", "b c"], ["d", "a"]]
    inside = Sentences(words=Custom(function=str.split))
    corpus = encode(open_source(["He\nsaid. Then he"]), inside, min_count=1, cache=cache)
    assert sentences_of(corpus) == [["He", "said."], ["Then", "he"]]


def test_hugging_face_tokenizers_run_in_python(cache: Path) -> None:
    tokenizers = pytest.importorskip("tokenizers", reason="the extra 'tokenizers' is not installed")
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel({"a": 0, "b": 1, "?": 2}, unk_token="?"))  # noqa: S106
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    corpus = encode(open_source(["a b\nc a"]), HuggingFace(tokenizer=tokenizer), min_count=1, cache=cache)
    assert sentences_of(corpus) == [["a", "b"], ["?", "a"]]


@pytest.mark.parametrize(
    ("texts", "settings", "message"),
    [
        ([], {}, "has none"),
        ([""], {}, "has none"),
        (["?! --"], {}, "has none"),
        (["a b c a"], {"min_count": 3}, "most frequent word of the list comes 2 times; lower min_count"),
        (["word"], {"min_count": 1}, "sentences of two words or more"),
        (["a", "b", "a"], {"min_count": 1}, "sentences of two words or more"),
        ([[]], {}, "has none"),
    ],
)
def test_nothing_to_learn_from_is_an_error(
    cache: Path, texts: list[Any], settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(EmptyCorpusError, match=message):
        encode(open_source(texts), Words(), cache=cache, **settings)
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize(
    "settings", [{"min_count": 0}, {"min_count": 1.5}, {"max_words": 0}, {"max_sentence": 1}, {"threads": 0}]
)
def test_impossible_settings_are_refused(cache: Path, settings: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match=f"expected {next(iter(settings))} to be a whole number"):
        encode(open_source(["a b"]), Words(), cache=cache, **settings)
    assert not cache.exists()


def test_the_same_file_is_encoded_once(cache: Path, tmp_path: Path) -> None:
    file = tmp_path / "text.txt"
    file.write_text("a b a b\n" * 3)
    settled(file)
    first = encode(open_source(file), Words(), min_count=1, cache=cache)
    stages: list[Event] = []
    second = encode(open_source(file), Words(), min_count=1, cache=cache, on_event=stages.append)
    assert second.path == first.path
    assert stages == []
    assert encode(open_source(file), Words(lowercase=False), min_count=1, cache=cache).path != first.path
    assert encode(open_source(file), Words(), min_count=2, cache=cache).path != first.path
    # The same size and the same time stamp, set back by hand, with another text.
    before = file.stat()
    file.write_text("b c b c\n" * 3)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    third = encode(open_source(file), Words(), min_count=1, cache=cache)
    assert third.vocabulary.words == ("b", "c")
    assert third.fingerprint != first.fingerprint


def test_a_file_changed_just_now_is_read_again(cache: Path, tmp_path: Path) -> None:
    file = tmp_path / "text.txt"
    for word in "abcdef":
        file.write_text(f"{word} z {word}\n")
        assert encode(open_source(file), Words(), min_count=1, cache=cache).vocabulary.words[0] == word


def test_other_texts_are_kept_once_by_their_content(cache: Path) -> None:
    first = encode(open_source(["a b"]), Words(), min_count=1, cache=cache)
    assert encode(open_source(["a b"]), Words(), min_count=1, cache=cache).path == first.path
    assert encode(open_source(["a c"]), Words(), min_count=1, cache=cache).path != first.path
    assert encode(open_source(["a", "b", "a b"]), Words(), min_count=1, cache=cache).path != first.path
    custom = encode(open_source(["a b"]), Custom(function=str.split), min_count=1, cache=cache)
    other = encode(open_source(["a b"]), Custom(function=list), min_count=1, cache=cache)
    assert sentences_of(custom) == [["a", "b"]]
    assert sentences_of(other) == [["a", " ", "b"]]


@pytest.mark.parametrize("damage", ["shorter", "gone", "manifest", "garbage"])
def test_a_damaged_corpus_is_made_again(cache: Path, tmp_path: Path, damage: str) -> None:
    file = tmp_path / "text.txt"
    file.write_text("a b a b\n" * 3)
    settled(file)
    corpus = encode(open_source(file), Words(), min_count=1, cache=cache)
    path, wanted = corpus.path, sentences_of(corpus)
    if damage == "shorter":
        (path / "token_ids.i32").write_bytes(b"\0" * 8)
    elif damage == "gone":
        (path / "sentence_ends.i64").unlink()
    elif damage == "manifest":
        (path / "manifest.json").write_text("{}")
    else:
        (path / "manifest.json").write_bytes(b"\xff\0")
    with pytest.raises(FormatError, match=r"expected|whole"):
        EncodedCorpus(path)
    again = encode(open_source(file), Words(), min_count=1, cache=cache)
    assert again.path == path
    assert sentences_of(again) == wanted


def test_a_broken_source_leaves_nothing(cache: Path) -> None:
    with pytest.raises(SourceError, match="item 2"):
        encode(open_source(["a b", "c", 3]), Words(), min_count=1, cache=cache)
    assert list(cache.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are a matter of Unix")
@pytest.mark.parametrize("limit", [0, 1000, 40_000])
def test_a_full_disk_is_one_sentence_and_leaves_nothing(cache: Path, limit: int) -> None:
    program = f"""
    import resource, sys
    sys.path.insert(0, {str(Path(__file__).parents[1] / "src")!r})
    from firth.corpus.encoded import encode
    from firth.corpus.sources import open_source
    from firth.corpus.tokenizers import Custom
    from firth.errors import StorageError
    import firth.kernels.tokenize
    resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
    try:
        encode(open_source(["a b c d"] * 5000), Custom(function=str.split), cache={str(cache)!r})
    except StorageError as error:
        print(error)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
    )
    assert done.stdout.startswith(f"could not write the encoded corpus to {cache}: File too large; free some space")
    assert done.stderr == ""
    assert list(cache.iterdir()) == []


def test_an_unwritable_cache_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Exception, match="could not write the encoded corpus") as raised:
        encode(open_source(["a b"]), Words(), min_count=1, cache=tmp_path / "file" / "cache")
    assert type(raised.value).__name__ == "StorageError"


def test_progress_counts_the_bytes_of_files(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("firth.corpus.encoded._TELL_SECONDS", -1)
    for name in "ab":
        (tmp_path / f"{name}.txt").write_text("some words\n" * 150_000)
    events: list[Event] = []
    encode(open_source(str(tmp_path / "*.txt")), Words(), cache=cache, on_event=events.append)
    progress = [event for event in events if isinstance(event, Progress)]
    assert all(event.total == 2 * 11 * 150_000 and event.unit == "bytes" for event in progress)
    done = [event.done for event in progress]
    assert done == sorted(done)
    assert done[-1] == progress[-1].total


def test_the_manifest_says_how_it_was_made(cache: Path) -> None:
    corpus = encode(open_source(["a b"]), Sentences(words=Whitespace()), min_count=1, cache=cache)
    manifest = json.loads((corpus.path / "manifest.json").read_text())
    assert manifest["settings"]["tokenizer"]["words"] == {"kind": "Whitespace", "lowercase": False, "stop_words": []}
    assert manifest["settings"]["min_count"] == 1
    assert manifest["fingerprint"] == corpus.fingerprint
    assert "2 words" in repr(corpus)


def test_old_corpora_are_pruned(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [encode(open_source([f"a b{n}"]), Words(), min_count=1, cache=cache).path for n in range(3)]
    for age, path in enumerate(reversed(made)):
        os.utime(path / "manifest.json", (time.time() - 100 * age,) * 2)
    abandoned = cache / ".dead.part"
    abandoned.mkdir()
    os.utime(abandoned, (0, 0))
    size = sum(file.stat().st_size for file in made[0].iterdir())
    corpora.prune(cache, 2 * size)
    assert sorted(cache.iterdir()) == sorted(made[1:])
    corpora.prune(cache, 0, keep=made[1])
    assert list(cache.iterdir()) == [made[1]]
    # The default folder is kept small without being asked.
    monkeypatch.setenv("FIRTH_CACHE", str(cache))
    monkeypatch.setattr(corpora, "LIMIT_BYTES", 0)
    for text in ("x y", "y z"):
        kept = encode(open_source([text]), Words(), min_count=1).path
    assert list((cache / "corpora").iterdir()) == [kept]


def novels() -> Iterator[Path]:
    yield from sorted((DATA / "novels").glob("*.txt.gz"))[:3]


@pytest.mark.skipif(not DATA.exists(), reason="needs the novels of ../shared/data")
def test_novels_have_sensible_sentences(cache: Path) -> None:
    files = list(novels())
    corpus = encode(open_source(files), Sentences(), cache=cache)
    lengths = np.diff(corpus.sentence_ends, prepend=0)
    assert corpus.document_ids == [str(path) for path in files]
    assert 8 < np.median(lengths) < 30
    assert np.percentile(lengths, 99.9) < 200


@pytest.mark.parametrize("tokenizer", ["words", None, Words])
def test_what_is_no_tokenizer_is_refused_before_anything_is_read(cache: Path, tokenizer: object) -> None:
    with pytest.raises(SettingsError, match="expected a tokenizer such as Words"):
        encode(open_source(["a b"]), tokenizer, min_count=1, cache=cache)  # type: ignore[arg-type]
    assert not cache.exists() or not list(cache.iterdir())
