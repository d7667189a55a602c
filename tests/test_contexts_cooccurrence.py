"""Co-occurrences equal a naive count, whatever window, threads and memory; what breaks is told and tidied."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import tempfile
import textwrap
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st

import firth.corpus.cache as corpora
from firth.contexts import cooccurrence, cooccurrence_counter
from firth.contexts.cooccurrence import Cooccurrences, count_cooccurrences
from firth.contexts.cooccurrence_counter import Plan
from firth.contexts.sorted_runs import SortedRuns
from firth.contexts.window import Window
from firth.corpus.encoded import EncodedCorpus, encode
from firth.corpus.sources import open_source
from firth.corpus.tokenizers import Words
from firth.errors import FormatError, SettingsError, StorageError, UnknownWordError
from firth.events import Event, Progress, Stage
from firth.kernels.jit import JIT_IS_OFF
from naive import cooccurrences

EXAMPLES = 20 if JIT_IS_OFF else 150
WEIGHINGS = {
    "harmonic": lambda distance, _: Fraction(1, distance),
    "flat": lambda *_: Fraction(1),
    "soft": lambda distance, reach: Fraction(reach - distance + 1, reach),
}
FILES = ("columns.i32", "row_ends.i64", "values.f32", "manifest.json")


def encoded(sentences: list[list[int]], cache: Path) -> EncodedCorpus:
    return encode(open_source([[f"w{word}" for word in s] for s in sentences]), Words(), min_count=1, cache=cache)


def sentences_of(corpus: EncodedCorpus) -> list[list[int]]:
    return [part.tolist() for part in np.split(corpus.token_ids, corpus.sentence_ends)]


def dense(counts: Cooccurrences) -> np.ndarray:
    """Return the matrix, read entry by entry."""
    matrix = np.zeros(counts.shape, np.float32)
    start = 0
    for row, end in enumerate(counts.row_ends.tolist()):
        columns = counts.columns[start:end].tolist()
        assert columns == sorted(set(columns))
        matrix[row, columns] = counts.values[start:end]
        start = end
    assert start == len(counts)
    return matrix


def wanted(corpus: EncodedCorpus, left: int, right: int, weighting: str) -> np.ndarray:
    matrix = np.zeros((len(corpus.vocabulary),) * 2, np.float32)
    for place, count in cooccurrences(sentences_of(corpus), left, right, WEIGHINGS[weighting]).items():
        matrix[place] = np.float32(count.numerator / count.denominator)
    return matrix


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a few bytes of memory be enough, so that texts of a few words are spilled."""
    monkeypatch.setattr(cooccurrence_counter, "LEAST_TOKENS", 1)
    monkeypatch.setattr(cooccurrence, "_LEAST_MEMORY", 1)


@pytest.fixture
def corpus(tmp_path: Path) -> EncodedCorpus:
    draw = np.random.default_rng(1)
    sentences = [(40 * draw.random(draw.integers(1, 30)) ** 3).astype(int).tolist() for _ in range(40)]
    return encoded([*sentences, [50], [51, 51]], tmp_path / "cache")


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    sentences=st.lists(st.lists(st.integers(0, 6), min_size=1, max_size=12), min_size=1, max_size=6).filter(
        lambda sentences: max(map(len, sentences)) > 1
    ),
    left=st.integers(0, 5),
    right=st.integers(0, 5) | st.integers(20, 22),
    weighting=st.sampled_from(sorted(WEIGHINGS)),
    threads=st.integers(1, 3),
    memory=st.sampled_from([1, 1 << 30]),
)
def test_counts_are_those_of_a_naive_count(
    sentences: list[list[int]], left: int, right: int, weighting: str, threads: int, memory: int
) -> None:
    with tempfile.TemporaryDirectory() as cache:
        corpus = encoded(sentences, Path(cache))
        counts = count_cooccurrences(
            corpus, window=Window(left=left, right=right or int(not left)), weighting=weighting, threads=threads,
            memory=memory,
        )  # fmt: skip
        truth = wanted(corpus, left, right or int(not left), weighting)
        assert dense(counts).tobytes() == truth.tobytes()
        assert counts.total == pytest.approx(float(truth.sum(dtype=np.float64)), rel=1e-6)
        assert len(counts) == np.count_nonzero(truth)


@pytest.mark.parametrize("weighting", sorted(WEIGHINGS))
@pytest.mark.parametrize("window", [1, 2, 10, 22, 100, Window(left=0, right=3), Window(left=7, right=2)])
def test_every_window_and_weighting(
    corpus: EncodedCorpus, window: int | Window, weighting: str, tmp_path: Path
) -> None:
    laid = Window.of(window)
    counts = count_cooccurrences(corpus, window=window, weighting=weighting)
    truth = wanted(corpus, laid.left, laid.right, weighting)
    if window == 100 and weighting == "harmonic":
        np.testing.assert_allclose(dense(counts), truth, rtol=1e-7)  # weights are rounded to 2⁻³²
        assert np.array_equal(dense(counts) == 0, truth == 0)
    else:
        assert dense(counts).tobytes() == truth.tobytes()
    for threads, memory in [(1, 1), (3, 1), (3, 20_000), (1, 100_000)]:
        folder = tmp_path / f"{threads}-{memory}"
        count_cooccurrences(corpus, window=window, weighting=weighting, threads=threads, memory=memory, folder=folder)
        for name in FILES:
            assert (folder / name).read_bytes() == (counts.path / name).read_bytes()
    if laid.left == laid.right:
        assert dense(counts).T.tobytes() == dense(counts).tobytes()


def test_rounded_weights_are_those_of_the_oracle_rounded_so(corpus: EncodedCorpus) -> None:
    truth = np.zeros((len(corpus.vocabulary),) * 2, np.float32)

    def weigh(distance: int, _reach: int) -> Fraction:
        return Fraction(round(Fraction(2**32, distance)), 2**32)

    for place, count in cooccurrences(sentences_of(corpus), 30, 30, weigh).items():
        truth[place] = np.float32(count.numerator / count.denominator)
    for memory in (1, 1 << 30):
        counts = count_cooccurrences(corpus, window=30, memory=memory, folder=corpus.path.parent / str(memory))
        assert json.loads((counts.path / "manifest.json").read_text())["unit"] == 2**32
        assert dense(counts).tobytes() == truth.tobytes()


def test_words_left_out_as_rare_leave_no_gap(tmp_path: Path) -> None:
    corpus = encode(open_source([["a", "rare", "b", "a", "b"]]), Words(), min_count=2, cache=tmp_path)
    assert dense(count_cooccurrences(corpus, window=1)).tolist() == [[0, 3], [3, 0]]


def test_a_little_memory_is_spilled_in_many_runs() -> None:
    plan = Plan(tokens=1000, words=10, weight=100, threads=1, memory=1)
    assert [len(stretch) for stretch in plan.stretches] == [10] * 100
    assert plan.stretches[0].start == 0
    assert plan.stretches[-1].stop == 1000
    assert len(Plan(tokens=1000, words=10, weight=100, threads=4, memory=1 << 20).stretches) == 1


def test_memory_bounds_threads_and_stretches() -> None:
    plan = Plan(tokens=10**9, words=10**6, weight=14762, threads=64, memory=1 << 30)
    assert 1 < plan.threads < 64
    taken = plan.longest * 12 + plan._fixed(10**6, plan.threads) + plan.workspaces * plan.entries * 16
    assert taken <= 1 << 30
    assert Plan(tokens=10**9, words=10**6, weight=14762, threads=64, memory=1 << 40).threads == 64


def test_what_opens_is_the_matrix(corpus: EncodedCorpus) -> None:
    counts = count_cooccurrences(corpus, window=3)
    assert counts.shape == (len(corpus.vocabulary),) * 2
    assert (counts.row_ends.dtype, counts.columns.dtype, counts.values.dtype) == (np.int64, np.int32, np.float32)
    matrix = counts.to_scipy()
    assert isinstance(matrix, scipy.sparse.csr_array)
    assert matrix.toarray().tobytes() == dense(counts).tobytes()
    assert matrix.has_sorted_indices
    assert np.shares_memory(matrix.data, counts.values)
    assert np.shares_memory(matrix.indices, counts.columns)
    for word_id in (0, 7, counts.shape[0] - 1):
        columns, values = counts.row(word_id)
        row = dense(counts)[word_id]
        assert columns.tolist() == np.flatnonzero(row).tolist()
        assert values.tolist() == row[columns].tolist()
    for word_id in (-1, counts.shape[0]):
        with pytest.raises(UnknownWordError, match="expected a word id from 0"):
            counts.row(word_id)
    assert repr(counts).startswith(
        f"<Cooccurrences of {counts.shape[0]} words: {len(counts)} entries, window 3, 3, harm"
    )
    assert counts.settings == {"window": [3, 3], "weighting": "harmonic"}
    with pytest.raises(ValueError, match="read-only"):
        counts.values[0] = 1


def test_without_company_there_are_no_entries(tmp_path: Path) -> None:
    corpus = encoded([[0, 1], [2]], tmp_path)
    corpus.sentence_ends = np.arange(1, 4)
    counts = count_cooccurrences(corpus)
    assert (len(counts), counts.total, counts.row_ends.tolist()) == (0, 0.0, [0, 0, 0])
    assert counts.to_scipy().nnz == 0
    assert Cooccurrences(counts.path).shape == (3, 3)


def test_counts_are_found_again(corpus: EncodedCorpus, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = count_cooccurrences(corpus, window=2)
    assert counts.path.parent == corpus.path.parent
    other = count_cooccurrences(corpus, window=2, weighting="flat")
    assert other.fingerprint != counts.fingerprint
    monkeypatch.setattr(cooccurrence_counter.Counter, "write", None)
    again = count_cooccurrences(corpus, window=2, threads=2, memory=1 << 20)
    assert (again.path, again.fingerprint) == (counts.path, counts.fingerprint)


def test_damaged_counts_in_the_cache_are_counted_anew(corpus: EncodedCorpus) -> None:
    counts = count_cooccurrences(corpus, window=2)
    before = counts.values.tobytes()
    (counts.path / "values.f32").write_bytes(b"")
    assert count_cooccurrences(corpus, window=2).values.tobytes() == before


def test_the_default_cache_is_kept_small(
    corpus: EncodedCorpus, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(corpora, "corpora_folder", lambda: tmp_path / "cache")
    monkeypatch.setattr(corpora, "LIMIT_BYTES", 0)
    counts = count_cooccurrences(corpus, window=2)
    assert list((tmp_path / "cache").iterdir()) == [counts.path]


def test_a_folder_of_one_s_own(corpus: EncodedCorpus, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "counts"
    assert count_cooccurrences(corpus, window=2, folder=folder).path == folder
    assert count_cooccurrences(corpus, window=3, folder=str(folder)).settings["window"] == [3, 3]
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    assert list(folder.parent.iterdir()) == [folder]
    (tmp_path / "empty").mkdir()
    count_cooccurrences(corpus, folder=tmp_path / "empty")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "novel.txt").write_text("chapter one")
    with pytest.raises(SettingsError, match="holds something else; choose another"):
        count_cooccurrences(corpus, folder=tmp_path / "mine")
    assert (tmp_path / "mine" / "novel.txt").exists()


def test_progress_is_told(corpus: EncodedCorpus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cooccurrence_counter, "_TELL_SECONDS", -1)
    events: list[Event] = []
    count_cooccurrences(corpus, memory=1, on_event=events.append)
    stages = [event.name for event in events if isinstance(event, Stage)]
    assert stages == ["counting co-occurrences", "merging co-occurrences"]
    for unit in ("words", "entries"):
        told = [event for event in events if isinstance(event, Progress) and event.unit == unit]
        done = [event.done for event in told]
        assert done == sorted(done)
        assert done[-1] == told[-1].total
    assert sum(isinstance(event, Progress) and event.total == corpus.word_total for event in events) > 10


@pytest.mark.parametrize("stage", ["counting", "merging"])
def test_ctrl_c_leaves_nothing(corpus: EncodedCorpus, stage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cooccurrence_counter, "_TELL_SECONDS", -1)
    now = ""

    def press(event: Event) -> None:
        nonlocal now
        if isinstance(event, Stage):
            now = event.name
        elif now.startswith(stage):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        count_cooccurrences(corpus, memory=1, threads=2, on_event=press)
    assert list(corpus.path.parent.iterdir()) == [corpus.path]


def test_a_disk_that_fills_while_counts_are_spilled(corpus: EncodedCorpus, monkeypatch: pytest.MonkeyPatch) -> None:
    append, calls = SortedRuns.append, iter(range(1000))

    def fill(runs: SortedRuns, *arrays: np.ndarray) -> None:
        if next(calls) == 20:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        append(runs, *arrays)

    monkeypatch.setattr(SortedRuns, "append", fill)
    with pytest.raises(StorageError, match=r"could not write the co-occurrence counts to .*No space left.*; free some"):
        count_cooccurrences(corpus, memory=1)
    assert list(corpus.path.parent.iterdir()) == [corpus.path]


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are a matter of Unix")
@pytest.mark.parametrize(("memory", "limit"), [(1, 100), (1, 5000), (1 << 30, 0), (1 << 30, 300), (1 << 30, 5000)])
def test_a_full_disk_is_one_sentence_and_leaves_nothing(corpus: EncodedCorpus, memory: int, limit: int) -> None:
    program = f"""
    import resource, sys
    from pathlib import Path
    sys.path.insert(0, {str(Path(__file__).parents[1] / "src")!r})
    from firth.contexts import cooccurrence, cooccurrence_counter
    from firth.corpus.encoded import EncodedCorpus
    from firth.errors import StorageError
    cooccurrence_counter.LEAST_TOKENS = cooccurrence._LEAST_MEMORY = 1
    corpus = EncodedCorpus(Path({str(corpus.path)!r}))
    resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
    try:
        cooccurrence.count_cooccurrences(corpus, window=20, memory={memory})
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
    assert done.stdout.startswith(f"could not write the co-occurrence counts to {corpus.path.parent}")
    assert "File too large; free some space" in done.stdout
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""
    assert list(corpus.path.parent.iterdir()) == [corpus.path]


def test_a_place_that_cannot_be_written(corpus: EncodedCorpus, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="co-occurrence counts"):
        count_cooccurrences(corpus, folder=tmp_path / "file" / "counts")
    with pytest.raises(StorageError, match="could not look into"):
        count_cooccurrences(corpus, folder=tmp_path / "file")


@pytest.fixture
def whole(corpus: EncodedCorpus, tmp_path: Path) -> Path:
    return count_cooccurrences(corpus, window=2, folder=tmp_path / "counts").path


DAMAGES = [
    ("row_ends.i64", 0, np.int64(-1)),
    ("row_ends.i64", 8, np.int64(0)),
    ("row_ends.i64", 0, np.int64(1 << 40)),
    ("row_ends.i64", -8, np.int64(3)),
    ("columns.i32", 0, np.int32(-1)),
    ("columns.i32", -4, np.int32(1 << 30)),
    ("columns.i32", 4, np.int32(0)),
    ("values.f32", 0, np.float32("nan")),
    ("values.f32", 4, np.float32("inf")),
    ("values.f32", 4, np.float32(0)),
    ("values.f32", -4, np.float32(-1)),
]
"""A file, a place in it, and what is written there."""


@pytest.mark.parametrize(("name", "place", "value"), DAMAGES)
def test_damaged_arrays_are_refused(whole: Path, name: str, place: int, value: np.generic) -> None:
    data = bytearray((whole / name).read_bytes())
    place %= len(data)
    data[place : place + value.nbytes] = value.tobytes()
    (whole / name).write_bytes(data)
    with pytest.raises(FormatError, match="are damaged; remove the folder and count again"):
        Cooccurrences(whole)


@pytest.mark.parametrize("name", FILES[:3])
@pytest.mark.parametrize("cut", [1, 8, 10_000])
def test_truncated_files_are_refused(whole: Path, name: str, cut: int) -> None:
    (whole / name).write_bytes((whole / name).read_bytes()[:-cut])
    with pytest.raises(FormatError, match=r"damaged|does not hold whole co-occurrence counts"):
        Cooccurrences(whole)


@pytest.mark.parametrize("name", FILES)
def test_missing_files_are_refused(whole: Path, name: str) -> None:
    (whole / name).unlink()
    with pytest.raises(FormatError, match="does not hold whole co-occurrence counts"):
        Cooccurrences(str(whole))


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "corpus"}, {"format": 2}, {"words": 3}, {"entries": "many"}, {"settings": None}, {"total": "much"},
        {"total": 1e999}, {"settings": {"window": [1], "weighting": "flat"}}, {"words": None},
    ],
)  # fmt: skip
def test_hostile_manifests_are_refused(whole: Path, change: dict[str, object]) -> None:
    manifest = json.loads((whole / "manifest.json").read_text())
    (whole / "manifest.json").write_text(json.dumps({**manifest, **change}))
    with pytest.raises(FormatError):
        Cooccurrences(whole)


@pytest.mark.parametrize("text", ["", "[]", "[" * 100_000, "\udcff", "{}"])
def test_what_is_no_manifest_is_refused(whole: Path, text: str) -> None:
    (whole / "manifest.json").write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(FormatError, match="does not hold whole co-occurrence counts"):
        Cooccurrences(whole)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"window": 0}, "expected a window of 1 or more"),
        ({"window": "10"}, "expected a window of 1 or more"),
        ({"weighting": "linear"}, 'expected the weighting "harmonic", "flat" or "soft", got \'linear\''),
        ({"threads": 0}, "expected from 1 to 1024 threads"),
        ({"threads": True}, "expected from 1 to 1024 threads"),
        ({"memory": 0}, "number of bytes from 1 up, got 0"),
        ({"memory": 1e9}, "number of bytes"),
    ],
)
def test_settings_that_cannot_be(corpus: EncodedCorpus, wrong: dict[str, object], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        count_cooccurrences(corpus, **wrong)


def test_only_an_encoded_corpus_is_counted() -> None:
    with pytest.raises(SettingsError, match="expected an encoded corpus"):
        count_cooccurrences("novel.txt")
