"""A text encoded by shares of its files is, to the byte, what one machine makes of it: by threads, and by Ray."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import firth
from firth.corpus import cache as corpora
from firth.corpus import remote, small_world
from firth.corpus.encoded import EncodedCorpus, encode
from firth.corpus.phrase_learning import encode_with_phrases
from firth.corpus.phrases import Phrases
from firth.corpus.sources import open_source
from firth.corpus.tokenizers import Custom, Sentences, Whitespace, Words
from firth.distributed import encoding, shares
from firth.distributed.encoding import encoder_of
from firth.distributed.engine import WorkerLostError
from firth.distributed.local import LocalEngine
from firth.distributed.ray_cluster import RayEngine
from firth.errors import BadBytesError, ClusterError, EmptyCorpusError, SourceError
from firth.events import Event, Notice, Progress, Stage
from firth.kernels.jit import JIT_IS_OFF

if TYPE_CHECKING:
    from collections.abc import Iterator

try:
    import ray
except ImportError:
    ray = None

WORLD = list(small_world.text(4_000))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Several files, of several kinds: one empty, one without a word, one with bytes that are no text."""
    folder = tmp_path_factory.mktemp("files")
    cut = len(WORLD) // 3
    rows = [
        {"name": f"row {number}", "text": text}
        for number, text in enumerate(["Zoë sah Ümläute…", "naïve café\nnaïve", "", "the the of"])
    ]
    contents = {
        "1.txt": "\n".join(WORLD[:cut]).encode(),
        "2.txt": b"",
        "3.txt": "Über naïve Café! İstanbul 北京 naïve cafe\u0301 the of. The U.S. Army came. It went".encode(),
        "4.jsonl": "\n".join(json.dumps(row) for row in [*rows, {"name": "none", "text": None}]).encode(),
        "5.txt": b"... \n --\n",
        "6.txt": "\n".join(WORLD[cut : 2 * cut]).encode() + b" naive caf\xe9 \xff",
        "7.csv": b'name,text\nx,"the, of a king"\ny,"queen\nand king"\n',
        "8.txt": "\n\n".join(WORLD[2 * cut :]).encode(),
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    time.sleep(2 * corpora._CLOCK_NANOSECONDS / 1e9)
    return [folder / name for name in contents]


@pytest.fixture(params=[1, 3])
def engine(request: pytest.FixtureRequest) -> Iterator[LocalEngine]:
    engine = LocalEngine(request.param)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def cluster() -> Iterator[RayEngine]:
    engine = RayEngine("local", workers=2, store=100 << 20)
    yield engine
    engine.close()


def assert_same(one: EncodedCorpus, other: EncodedCorpus) -> None:
    """Assert that two folders have the same name, files and bytes."""
    assert one.path != other.path
    assert one.path.name == other.path.name
    names = sorted(path.name for path in one.path.iterdir())
    assert names == sorted(path.name for path in other.path.iterdir())
    for name in names:
        assert (one.path / name).read_bytes() == (other.path / name).read_bytes(), name


def both(
    text: Any, tokenizer: Any, engine: Any, folder: Path, *, reading: dict[str, Any], **settings: Any
) -> tuple[EncodedCorpus, EncodedCorpus, list[Event]]:
    """Encode a text on one machine, and by an engine."""
    events: list[Event] = []
    alone = encode(open_source(text, **reading), tokenizer, cache=folder / "alone", **settings)
    apart = encode(
        open_source(text, **reading), tokenizer, cache=folder / "apart", encoder=encoder_of(engine),
        on_event=events.append, **settings,
    )  # fmt: skip
    return alone, apart, events


def was_shared(events: list[Event]) -> bool:
    """Return whether a text was read by shares; where it was not, that must have been said."""
    shared = Stage(name="encoding the text on the cluster") in events
    assert shared != any(isinstance(event, Notice) and "not the cluster" in event.text for event in events)
    return shared


CASES: list[tuple[Any, dict[str, Any], dict[str, Any]]] = [
    (Words(), {}, {}),
    (Words(), {}, {"min_count": 1}),
    (Words(), {"id_column": "name", "text_column": "text"}, {"min_count": 3, "max_words": 20}),
    (Words(stop_words=frozenset({"the", "of", "naïve"})), {}, {"min_count": 2, "max_sentence": 3}),
    (Words(lowercase=False, digits=False), {"encoding": "latin-1"}, {"min_count": 1, "max_words": 50}),
    (Whitespace(), {}, {"min_count": 1, "max_sentence": 2}),
    (Sentences(), {}, {"min_count": 1}),
    (Sentences(join_lines=True, words=Words(stop_words=frozenset({"the"}))), {}, {"min_count": 2}),
    (Words(), {}, {"min_count": 1, "memory": 0}),
]


@pytest.mark.parametrize(("tokenizer", "reading", "settings"), CASES)
def test_shares_of_files_become_the_corpus_of_one_machine(
    tokenizer: Any, reading: dict[str, Any], settings: dict[str, Any], files: list[Path], engine: Any, tmp_path: Path
) -> None:
    alone, apart, events = both(files, tokenizer, engine, tmp_path, reading=reading, **settings)
    assert was_shared(events)
    assert_same(alone, apart)
    assert len(apart.document_ends) == 12
    assert any(isinstance(event, Progress) and event.done == event.total for event in events)
    told = [event.text for event in events if isinstance(event, Notice)]
    assert tuple(told) == apart.notices


def test_tables_that_outgrow_their_memory_change_nothing(tmp_path: Path) -> None:
    folder, engine = tmp_path / "text", LocalEngine(2)
    folder.mkdir()
    for number in range(3):
        words = [f"w{place * (number + 1)} the w{place}" for place in range(9_000)]
        (folder / f"{number}.txt").write_text("\n".join(words), encoding="utf-8")
    time.sleep(2 * corpora._CLOCK_NANOSECONDS / 1e9)
    stop = Words(stop_words=frozenset({"the", "w3"}))
    alone, apart, events = both(folder, stop, engine, tmp_path, reading={}, min_count=3, memory=0)
    engine.close()
    assert was_shared(events)
    assert_same(alone, apart)


PARAGRAPHS = "\n".join(f"{line}\n" if number % 5 == 0 else line for number, line in enumerate(WORLD))


@pytest.fixture
def cut_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let files of some kilobytes be cut."""
    monkeypatch.setattr(shares, "LEAST_BYTES", 2_000)


def large(folder: Path, name: str) -> Path:
    """Return a file that can be cut."""
    path = folder / name
    rows = [{"text": text, "name": f"row {number}"} for number, text in enumerate(WORLD)]
    if name.endswith(".jsonl"):
        del rows[5]["text"], rows[-3]["text"]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    elif name.endswith(".parquet"):
        pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed (the extra arrow)")
        import pyarrow.parquet as pq  # noqa: PLC0415

        pq.write_table(pa.Table.from_pylist([*rows, {"text": None, "name": "x"}]), path, row_group_size=200)
    elif name.endswith(".bad.txt"):
        path.write_bytes(PARAGRAPHS.encode().replace(b"king", b"k\xffng").replace(b"queen\n", b"que\xe2\x82\n"))
    else:
        path.write_bytes(PARAGRAPHS.encode())
    time.sleep(2 * corpora._CLOCK_NANOSECONDS / 1e9)
    return path


@pytest.mark.usefixtures("cut_small")
@pytest.mark.parametrize("name", ["text.txt", "text.bad.txt", "rows.jsonl", "rows.parquet"])
@pytest.mark.parametrize(("tokenizer", "reading", "settings"), [CASES[0], CASES[3], CASES[6], CASES[7], CASES[8]])
def test_one_large_file_is_cut(
    name: str, tokenizer: Any, reading: Any, settings: Any, engine: Any, tmp_path: Path
) -> None:
    path = large(tmp_path, name)
    alone, apart, events = both([path], tokenizer, engine, tmp_path, reading=reading, **settings)
    assert was_shared(events)
    assert_same(alone, apart)
    assert tuple(event.text for event in events if isinstance(event, Notice)) == apart.notices


@pytest.mark.usefixtures("cut_small")
@pytest.mark.parametrize("name", ["text.txt", "rows.jsonl"])
def test_a_large_file_among_small_ones_is_cut(name: str, files: list[Path], engine: Any, tmp_path: Path) -> None:
    path = large(tmp_path, name)
    for text in ([*files[:3], path, *files[3:]], [path, *files], [*files, path]):
        reading = {"id_column": "name"}
        alone, apart, events = both(text, Sentences(), engine, tmp_path, reading=reading, min_count=2)
        assert was_shared(events)
        assert_same(alone, apart)


@pytest.mark.usefixtures("cut_small")
def test_a_file_without_a_place_to_cut_is_one_worker_s_and_that_is_said(engine: Any, tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_text(" ".join(WORLD), encoding="utf-8")
    time.sleep(2 * corpora._CLOCK_NANOSECONDS / 1e9)
    for tokenizer, mark in ((Words(), "line's end"), (Sentences(), "blank line")):
        alone, apart, events = both([path], tokenizer, engine, tmp_path, reading={}, min_count=2)
        assert was_shared(events)
        assert any(isinstance(event, Notice) and f"have no {mark}: others" in event.text for event in events)
        assert_same(alone, apart)


@pytest.mark.usefixtures("cut_small")
def test_a_large_file_that_is_not_cut_is_named(files: list[Path], engine: Any, tmp_path: Path) -> None:
    path = tmp_path / "text.txt.xz"
    path.write_bytes(__import__("lzma").compress(os.urandom(300_000).hex().encode(), preset=0))
    _, _, events = both([path, files[0]], Words(), engine, tmp_path, reading={}, min_count=1)
    assert was_shared(events)
    named = [event for event in events if isinstance(event, Notice) and "not cut: it is xz data" in event.text]
    assert len(named) == (engine.workers > 1)


@pytest.mark.usefixtures("cut_small")
@pytest.mark.parametrize("unreadable", ["refuse", "skip"])
@pytest.mark.parametrize("place", [3, -7])
def test_a_row_that_is_broken_ends_a_large_file_where_it_stands(
    place: int, unreadable: str, engine: Any, tmp_path: Path
) -> None:
    paths = [large(tmp_path, "1.jsonl"), tmp_path / "2.txt"]
    lines = paths[0].read_bytes().split(b"\n")
    lines[place] = b'{"text": '
    paths[0].write_bytes(b"\n".join(lines))
    paths[1].write_text("a king and a queen\n" * 9, encoding="utf-8")
    time.sleep(2 * corpora._CLOCK_NANOSECONDS / 1e9)
    if unreadable == "skip":
        alone, apart, events = both(paths, Words(), engine, tmp_path, reading={"unreadable": "skip"}, min_count=1)
        assert was_shared(events)
        assert "1 of 2 files could not be read" in apart.notices[0]
        assert_same(alone, apart)
        return
    said = []
    for encoder in (None, encoder_of(engine)):
        with pytest.raises(SourceError, match="in line ") as raised:
            encode(open_source(paths), Words(), cache=tmp_path / "refused", encoder=encoder)
        said.append(str(raised.value))
    assert said[0] == said[1]


@pytest.mark.usefixtures("cut_small")
@pytest.mark.parametrize("reading", [{"errors": "strict"}, {"text_column": "nothing"}])
@pytest.mark.parametrize("name", ["text.bad.txt", "rows.jsonl", "rows.parquet"])
def test_errors_in_a_large_file_are_those_of_one_machine(name: str, reading: Any, engine: Any, tmp_path: Path) -> None:
    path, said = large(tmp_path, name), []
    for encoder in (None, encoder_of(engine)):
        try:
            encode(open_source([path], **reading), Words(), cache=tmp_path / "refused", encoder=encoder)
        except SourceError as error:
            said.append(str(error))
        else:
            said.append("")
    assert said[0] == said[1]
    assert (said[0] == "") == (name != "text.bad.txt" if "errors" in reading else name == "text.bad.txt")


@pytest.mark.usefixtures("cut_small")
@pytest.mark.parametrize("kind", [int, encoding._Found, tuple, bytes])
def test_a_split_lost_is_read_again_and_counted_once(kind: Any, tmp_path: Path) -> None:
    path, engine = large(tmp_path, "text.txt"), Losing(kind, 3)
    alone, apart, _ = both([path], Sentences(), engine, tmp_path, reading={}, min_count=1)
    engine.close()
    assert engine.times == 0
    assert_same(alone, apart)


@pytest.mark.usefixtures("cut_small")
def test_rows_behind_blank_lines_are_read_by_one(engine: Any, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    rows = [json.dumps({"text": text}) for text in WORLD]
    path.write_text("\n" * 60_000 + "\n".join(rows), encoding="utf-8")
    time.sleep(2 * corpora._CLOCK_NANOSECONDS / 1e9)
    alone, apart, events = both([path], Words(), engine, tmp_path, reading={}, min_count=1)
    assert was_shared(events)
    assert_same(alone, apart)


@pytest.mark.parametrize("names", ["all", "some"])
def test_documents_keep_their_names_where_all_have_one(
    names: str, files: list[Path], engine: Any, tmp_path: Path
) -> None:
    reading = {"id_column": "name"} if names == "all" else {}
    alone, apart, _ = both(files, Words(), engine, tmp_path, reading=reading)
    assert_same(alone, apart)
    assert (apart.document_ids is None) == (names == "some")
    assert ((apart.path / "document_ids.jsonl").stat().st_size == 0) == (names == "some")


def test_a_file_that_cannot_be_read_is_skipped_and_named(files: list[Path], engine: Any, tmp_path: Path) -> None:
    broken = [tmp_path / f"broken{number}.txt.gz" for number in range(2)]
    for path in broken:
        path.write_bytes(b"\x1f\x8b\x08\x00 and no more of it")
    text = [files[0], broken[0], *files[1:], broken[1]]
    alone, apart, events = both(text, Words(), engine, tmp_path, reading={"unreadable": "skip"})
    assert was_shared(events)
    assert "2 of 10 files could not be read" in apart.notices[0]
    assert alone.notices == apart.notices
    for name in ("token_ids.i32", "sentence_ends.i64", "document_ends.i64", "words.json", "counts.i64"):
        assert (alone.path / name).read_bytes() == (apart.path / name).read_bytes()
    assert alone.fingerprint == apart.fingerprint
    with pytest.raises(SourceError, match="broken0"):
        encode(open_source(text), Words(), cache=tmp_path / "refused", encoder=encoder_of(engine))
    assert list((tmp_path / "refused").iterdir()) == []
    with pytest.raises(SourceError, match="none of 2 can"):
        encode(open_source(broken, unreadable="skip"), Words(), cache=tmp_path, encoder=encoder_of(engine))


def test_errors_are_those_of_one_machine(files: list[Path], engine: Any, tmp_path: Path) -> None:
    for reading, settings, error in (
        ({"errors": "strict"}, {}, BadBytesError),
        ({}, {"min_count": 10**6}, EmptyCorpusError),
        ({"text_column": "nothing"}, {}, SourceError),
    ):
        found = []
        for encoder in (None, encoder_of(engine)):
            with pytest.raises(error) as raised:
                encode(open_source(files, **reading), Words(), cache=tmp_path, encoder=encoder, **settings)
            found.append(str(raised.value))
        assert found[0] == found[1]


@pytest.mark.parametrize(
    ("text", "tokenizer", "why"),
    [
        (["a b a b", "b a"], Words(), "does not come from files"),
        ([["a", "b"], ["b", "a"]], Words(), "does not come from files"),
        (slice(1), Words(), "one file"),
        (slice(8), Custom(function=str.split), "function"),
    ],
)
def test_what_cannot_be_shared_is_read_here_and_said(
    text: Any, tokenizer: Any, why: str, files: list[Path], engine: Any, tmp_path: Path
) -> None:
    text = files[text] if isinstance(text, slice) else text
    alone, apart, events = both(text, tokenizer, engine, tmp_path, reading={}, min_count=1)
    assert not was_shared(events)
    assert any(isinstance(event, Notice) and why in event.text for event in events)
    assert_same(alone, apart)


def test_files_that_a_worker_does_not_see_are_read_here(
    files: list[Path], engine: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shares.FileHere, "is_unchanged", lambda self: not str(self).endswith("7.csv"))
    alone, apart, events = both(files, Words(), engine, tmp_path, reading={"unreadable": "skip"})
    assert not was_shared(events)
    assert any(isinstance(event, Notice) and "7.csv is not the same file" in event.text for event in events)
    assert_same(alone, apart)


@pytest.mark.parametrize("lost", [False, True])
def test_files_elsewhere_are_shared_where_all_see_them(lost: bool, engine: Any, tmp_path: Path) -> None:
    filesystem = pytest.importorskip("fsspec").filesystem("memory")
    for number in range(3):
        filesystem.pipe(f"/shared/{number}.txt", f"a b a b\nc{number} a b".encode())
    sources = [open_source("memory://shared/*.txt", unreadable="skip") for _ in range(2)]
    if lost:  # as for a worker whose memory is another
        assert sources[1].files is not None
        sources[1].files[1]._info["size"] += 1  # type: ignore[union-attr]
    events: list[Event] = []
    alone = encode(sources[0], Words(), min_count=1, cache=tmp_path / "alone")
    apart = encode(
        sources[1], Words(), min_count=1, cache=tmp_path / "apart", encoder=encoder_of(engine), on_event=events.append
    )
    assert was_shared(events) != lost
    assert apart.fingerprint == alone.fingerprint
    assert apart.token_ids.tobytes() == alone.token_ids.tobytes()
    assert apart.document_ids == alone.document_ids == [str(file) for file in sources[0].files or ()]
    remote = open_source("memory://shared/*.txt").files
    assert remote is not None
    filesystem.rm("/shared", recursive=True)
    assert not remote[0].is_unchanged()  # type: ignore[union-attr]


@pytest.mark.usefixtures("cut_small")
@pytest.mark.parametrize("name", ["text.txt", "rows.jsonl", "rows.parquet"])
def test_a_large_file_elsewhere_is_cut(name: str, engine: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filesystem = pytest.importorskip("fsspec").filesystem("memory")
    filesystem.pipe(f"/large/{name}", large(tmp_path, name).read_bytes())
    filesystem.pipe("/large/small.txt", b"a king and a queen\n")
    monkeypatch.setattr(remote, "_SMALL", 100)
    alone, apart, events = both("memory://large", Sentences(), engine, tmp_path, reading={}, min_count=1)
    filesystem.rm("/large", recursive=True)
    assert was_shared(events)
    for file in ("token_ids.i32", "sentence_ends.i64", "document_ends.i64", "words.json", "document_ids.jsonl"):
        assert (alone.path / file).read_bytes() == (apart.path / file).read_bytes()
    assert alone.fingerprint == apart.fingerprint


def test_a_file_knows_when_it_has_changed(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_text("one", encoding="utf-8")
    shared = shares.FileHere(path)
    assert shared.is_unchanged()
    path.write_text("three", encoding="utf-8")
    assert not shared.is_unchanged()
    path.unlink()
    assert not shared.is_unchanged()


def test_a_text_that_could_be_cut_within_a_word_is_read_here(
    files: list[Path], engine: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoding, "_LONG_BLOCK", 100)
    alone, apart, events = both(files, Words(), engine, tmp_path, reading={})
    assert not was_shared(events)
    assert_same(alone, apart)


def test_phrases_are_found_in_what_the_cluster_read(files: list[Path], engine: Any, tmp_path: Path) -> None:
    phrases, found = Phrases(min_count=2, threshold=0.1), []
    for name, encoder in (("alone", None), ("apart", encoder_of(engine))):
        corpus, model = encode_with_phrases(
            open_source(files), Words(), phrases, cache=tmp_path / name, encoder=encoder, min_count=2
        )
        assert len(model) > 0
        found.append(corpus)
    assert_same(*found)


class Losing(LocalEngine):
    """An engine that loses some of the results of a kind, and what they were made of."""

    def __init__(self, kind: Any, times: int) -> None:
        super().__init__(2)
        self.kind, self.times = kind, times

    def wait_for(self, handle: Any) -> Any:
        value = super().wait_for(handle)
        if isinstance(value, self.kind) and self.times:
            self.times -= 1
            raise WorkerLostError("killed")
        return value


@pytest.mark.parametrize("kind", [int, encoding._Found, tuple])
def test_a_share_lost_is_read_again_and_counted_once(kind: Any, files: list[Path], tmp_path: Path) -> None:
    engine = Losing(kind, 3)
    alone, apart, events = both(files, Words(), engine, tmp_path, reading={}, min_count=1)
    engine.close()
    assert engine.times == 0
    assert sum(isinstance(event, Notice) and "read again" in event.text for event in events) == 3
    assert_same(alone, apart)


def test_a_share_lost_again_and_again_ends_it(files: list[Path], tmp_path: Path) -> None:
    engine = Losing(int, 100)
    with pytest.raises(ClusterError, match="lost again and again"):
        encode(open_source(files), Words(), cache=tmp_path, encoder=encoder_of(engine))
    engine.close()
    assert list(tmp_path.iterdir()) == []


def test_a_file_changed_meanwhile_is_one_sentence(
    files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Losing(encoding._Found, 1)

    monkeypatch.setattr(shares.FileHere, "is_unchanged", lambda _: engine.times == 1)
    with pytest.raises(SourceError, match="stay as they are"):
        encode(open_source(files), Words(), cache=tmp_path, encoder=encoder_of(engine))
    engine.close()


@pytest.mark.slow
@pytest.mark.skipif(JIT_IS_OFF, reason="trains for minutes in plain Python")
@pytest.mark.skipif(ray is None, reason="Ray is not installed (the extra ray)")
class TestWithRay:
    @pytest.mark.parametrize(("tokenizer", "reading", "settings"), [CASES[2], CASES[7], CASES[8]])
    def test_workers_write_the_corpus_of_one_machine(
        self, tokenizer: Any, reading: Any, settings: Any, files: list[Path], cluster: RayEngine, tmp_path: Path
    ) -> None:
        alone, apart, events = both(files, tokenizer, cluster, tmp_path, reading=reading, **settings)
        assert was_shared(events)
        assert_same(alone, apart)

    @pytest.mark.usefixtures("cut_small")
    @pytest.mark.parametrize("name", ["text.bad.txt", "rows.jsonl", "rows.parquet"])
    def test_workers_read_one_large_file(self, name: str, cluster: RayEngine, tmp_path: Path) -> None:
        path = large(tmp_path, name)
        alone, apart, events = both([path], Sentences(), cluster, tmp_path, reading={}, min_count=1)
        assert was_shared(events)
        assert_same(alone, apart)

    @pytest.mark.usefixtures("cut_small")
    def test_what_is_wrong_in_a_large_file_is_told_as_ever(self, cluster: RayEngine, tmp_path: Path) -> None:
        path = large(tmp_path, "text.bad.txt")
        with pytest.raises(BadBytesError, match=r"byte [\d,]+ of .*text.bad.txt"):
            encode(open_source([path], errors="strict"), Words(), cache=tmp_path, encoder=encoder_of(cluster))

    def test_names_that_begin_here_are_found_there(
        self, files: list[Path], cluster: RayEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(files[0].parent)
        alone, apart, events = both([path.name for path in files], Words(), cluster, tmp_path, reading={})
        assert was_shared(events)
        assert_same(alone, apart)

    @pytest.mark.usefixtures("cut_small")
    def test_a_worker_killed_changes_nothing(
        self, files: list[Path], cluster: RayEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        files = [*files, large(tmp_path, "9.txt")]
        marks = tmp_path / "killed"
        marks.mkdir()
        for name in ("_read", "_renumber", "_digest"):
            real = getattr(encoding, name)

            def dying(*arguments: Any, real: Any = real, name: str = name) -> Any:
                if len(list(marks.glob(f"{name}-*"))) < 2:
                    (marks / f"{name}-{os.getpid()}").touch()
                    os.kill(os.getpid(), signal.SIGKILL)
                return real(*arguments)

            monkeypatch.setattr(encoding, name, dying)
        alone, apart, events = both(files, Words(), cluster, tmp_path, reading={}, min_count=1)
        assert was_shared(events)
        assert len(list(marks.iterdir())) >= 6
        assert_same(alone, apart)

    @pytest.mark.usefixtures("cluster")
    def test_a_training_begins_with_it(self, files: list[Path], tmp_path: Path) -> None:
        events: list[Event] = []
        runs = [
            firth.train(
                files, firth.SkipGram(dim=8), epochs=1, shards=2, threads=2, min_count=2, seed=1, cluster=where,
                cache=tmp_path / str(where), on_event=events.append if where else None,
            )
            for where in (None, "local")
        ]  # fmt: skip
        assert was_shared(events)
        assert runs[0].vectors.matrix.tobytes() == runs[1].vectors.matrix.tobytes()
        assert runs[0].record["corpus"] == runs[1].record["corpus"]
