"""`firth train`: from a file to a run, and everything that a text or an option can be wrong about."""

from __future__ import annotations

import gzip
import json
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from firth.corpus import small_world
from firth.vectors.load import load

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Outcome

SENTENCES = ["kings wear crowns of jewels\n", "queens wear crowns of gold\n", "the man wears a hat\n"]
SMALL = ["--dim", "8", "--min-count", "1", "--epochs", "1", "--threads", "1"]


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    path.write_text("".join(SENTENCES * 20))
    return path


@pytest.mark.parametrize("model", ["skip-gram", "cbow"])
@pytest.mark.parametrize("loss", ["negative-sampling", "nce", "hierarchical-softmax"])
def test_a_run_is_written_and_opens(firth: Callable[..., Outcome], text: Path, model: str, loss: str) -> None:
    run = text.with_name("run")
    outcome = firth("train", text, "-o", run, "--model", model, "--loss", loss, *SMALL)
    assert outcome.code == 0, outcome
    assert str(run) in outcome.out
    vectors = load(run)
    assert (len(vectors), vectors.dim) == (12, 8)
    assert np.isfinite(vectors.matrix).all()
    assert json.loads((run / "run.json").read_text())
    assert firth("neighbors", run, "kings", "-k", "3").code == 0


def test_a_tree_of_one_s_choice(firth: Callable[..., Outcome], text: Path) -> None:
    words = sorted({word for sentence in SENTENCES for word in sentence.split()})
    table, run = text.with_name("kinds.tsv"), text.with_name("run")
    table.write_text("".join(f"{word}\t{len(word)} letters\n" for word in words))
    for tree, kind in (("huffman", "Huffman"), (table, "ClusterTree"), (run, "VectorTree")):
        arguments = ["--loss", "hierarchical-softmax", "--tree", tree, "--force", *SMALL]
        outcome = firth("train", text, "-o", run, *arguments)
        assert outcome.code == 0, outcome
        assert json.loads((run / "run.json").read_text())["objective"]["loss"]["tree"]["kind"] == kind
    assert firth("train", text, "-o", run, "--force", "--tree", table, *SMALL).code == 2
    table.write_text("kings\troyal\n")
    outcome = firth("train", text, "-o", run, "--force", "--loss", "hierarchical-softmax", "--tree", table, *SMALL)
    assert outcome.code == 1
    assert "11 of 12 are lacking" in outcome.err


def test_json(firth: Callable[..., Outcome], text: Path) -> None:
    run = text.with_name("run")
    document = firth("train", text, "-o", run, *SMALL, "--json").document
    assert document["path"] == str(run)
    assert (document["words"], document["dim"], document["interrupted"]) == (12, 8, False)
    assert [epoch["epoch"] for epoch in document["history"]] == [1]


def test_one_thread_and_the_same_seed_give_the_same_bits(firth: Callable[..., Outcome], text: Path) -> None:
    matrices = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        assert firth("train", text, "-o", text.with_name(name), *SMALL, "--seed", seed).code == 0
        matrices.append(load(text.with_name(name)).matrix.tobytes())
    assert matrices[0] == matrices[1] != matrices[2]


def test_reproducible_training_takes_any_number_of_threads(
    firth: Callable[..., Outcome], text: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("firth.training.settings.cores", lambda: 3)
    one, three = text.with_name("one"), text.with_name("three")
    for output, threads in ((one, 1), (three, 3)):
        assert firth("train", text, "-o", output, *SMALL[:-1], threads, "--reproducible").code == 0
    assert load(one).matrix.tobytes() == load(three).matrix.tobytes()
    assert json.loads((three / "run.json").read_text())["reproducible"] is True


def test_standard_input(firth: Callable[..., Outcome], text: Path) -> None:
    run = text.with_name("run")
    assert firth("train", "-", "-o", run, *SMALL, stdin=text.read_bytes()).code == 0
    assert len(load(run)) == 12


def test_several_texts(firth: Callable[..., Outcome], text: Path) -> None:
    other = text.with_name("other.txt")
    other.write_text("ships sail\n" * 5)
    assert firth("train", text, other, "-o", text.with_name("run"), *SMALL).code == 0
    assert "ships" in load(text.with_name("run"))


def test_a_run_that_is_there_is_not_overwritten(firth: Callable[..., Outcome], text: Path) -> None:
    run = text.with_name("run")
    assert firth("train", text, "-o", run, *SMALL).code == 0
    before = (run / "vectors.safetensors").read_bytes()
    firth("train", text, "-o", run, *SMALL, "--seed", "2").is_one_sentence("--force")
    assert (run / "vectors.safetensors").read_bytes() == before
    assert firth("train", text, "-o", run, *SMALL, "--seed", "2", "--force").code == 0
    assert (run / "vectors.safetensors").read_bytes() != before


def refused(firth: Callable[..., Outcome], folder: Path, *arguments: object) -> Outcome:
    """Return the outcome of a training that must fail, after looking that it left nothing behind."""
    before = sorted(folder.rglob("*"))
    outcome = firth("train", *arguments, "-o", folder / "run")
    assert sorted(folder.rglob("*")) == before
    return outcome


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "has none"), (b"\n\n  \n", ""), (b"king", ""), (b"\x00\x01\x02", "")],
    ids=["empty", "blank", "one word", "no words"],
)
def test_texts_with_nothing_to_learn(firth: Callable[..., Outcome], tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "text.txt").write_bytes(content)
    refused(firth, tmp_path, tmp_path / "text.txt", *SMALL).is_one_sentence(says)


def test_texts_that_are_not_there(firth: Callable[..., Outcome], tmp_path: Path) -> None:
    refused(firth, tmp_path, tmp_path / "nothing.txt").is_one_sentence("nothing.txt")
    refused(firth, tmp_path, tmp_path / "*.txt").is_one_sentence("*.txt")
    (tmp_path / "folder").mkdir()
    refused(firth, tmp_path, tmp_path / "folder").is_one_sentence("folder")


def test_min_count_above_every_count(firth: Callable[..., Outcome], text: Path) -> None:
    refused(firth, text.parent, text, "--min-count", "1000").is_one_sentence("min_count")


def test_a_column_that_is_not_there(firth: Callable[..., Outcome], tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl"
    path.write_text('{"body": "kings wear crowns"}\n')
    refused(firth, tmp_path, path, "--text-column", "text").is_one_sentence("text", "body")


def test_a_truncated_gz(firth: Callable[..., Outcome], text: Path) -> None:
    path = text.with_name("text.txt.gz")
    path.write_bytes(gzip.compress(text.read_bytes())[:-20])
    refused(firth, text.parent, path, *SMALL).is_one_sentence("text.txt.gz")


def test_bad_bytes_are_told_or_refused(firth: Callable[..., Outcome], text: Path) -> None:
    text.write_bytes(text.read_bytes() + b"gold \xff gold\n")
    refused(firth, text.parent, text, *SMALL, "--bad-bytes", "refuse").is_one_sentence("text.txt")
    outcome = firth("train", text, "-o", text.with_name("run"), *SMALL)
    assert outcome.code == 0
    assert "note: " in outcome.err


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--dim", "0"], "dim"),
        (["--window", "-2"], "window"),
        (["--window", "0"], "window"),
        (["--threads", "0"], "threads"),
        (["--epochs", "0"], "epochs"),
        (["--negatives", "0"], "noise words"),
        (["--min-count", "0"], "min_count"),
        (["--max-words", "0"], "max_words"),
        (["--subsample", "-1"], "subsampl"),
        (["--rate", "0"], "rate"),
        (["--rate", "nan"], "rate"),
        (["--seed", "-1"], "seed"),
        (["--encoding", "klingon"], "klingon"),
        (["--stop-words", "klingon"], "klingon"),
    ],
)
def test_settings_that_cannot_be(firth: Callable[..., Outcome], text: Path, options: list[str], says: str) -> None:
    refused(firth, text.parent, text, *options).is_one_sentence(says)


@pytest.mark.parametrize(
    "options",
    [
        ["--loss", "hierarchical-softmax", "--negatives", "5"],
        ["--model", "skip-gram", "--gradient", "historical"],
        ["--loss", "softmax"],
        ["--dim", "many"],
    ],
)
def test_contradictions_are_wrong_usage(firth: Callable[..., Outcome], text: Path, options: list[str]) -> None:
    assert refused(firth, text.parent, text, *options).code == 2


def test_a_window_wider_than_any_sentence_is_the_whole_sentence(firth: Callable[..., Outcome], text: Path) -> None:
    assert firth("train", text, "-o", text.with_name("run"), *SMALL, "--window", "50").code == 0


def test_an_output_that_cannot_be_written(firth: Callable[..., Outcome], text: Path) -> None:
    blocked = text.with_name("file")
    blocked.write_text("")
    firth("train", text, "-o", blocked / "run", *SMALL).is_one_sentence("file")


def limited(bytes_written: int, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run `firth train` where no file can grow beyond so many bytes: to the program, a full disk."""
    resource = pytest.importorskip("resource", reason="needs a system with limits on file sizes")
    return subprocess.run(
        [sys.executable, "-m", "firth", "train", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_written, bytes_written)),
    )


@pytest.mark.slow
def test_a_full_disk(text: Path) -> None:
    long = text.with_name("long.txt")
    long.write_text("".join(SENTENCES * 10_000))
    run = text.with_name("run")
    # The first run leaves the compiled kernels and the first text's ids behind: only what is tested is written then.
    assert limited(2**40, text, "-o", run, *SMALL).returncode == 0
    before = {path for path in text.parent.rglob("*") if path.is_file()}
    for name, arguments in (("encoding", [long]), ("saving", [text, "--dim", "4000"])):
        done = limited(100_000, *arguments, "-o", text.with_name(name), *SMALL[2:])
        assert done.returncode == 1, (name, done)
        assert done.stderr.splitlines()[-1].startswith("firth: could not write"), done.stderr
        assert "Traceback" not in done.stderr
    assert {path for path in text.parent.rglob("*") if path.is_file()} == before


@pytest.mark.slow
def test_ctrl_c_keeps_the_vectors_so_far(text: Path) -> None:
    text.write_text("\n".join(small_world.text(300_000)))
    run, log = text.with_name("run"), text.with_name("log.txt")
    with log.open("w") as stream:
        started = subprocess.Popen(
            [sys.executable, "-m", "firth", "train", str(text), "-o", str(run), "--epochs", "100000", "--threads", "2"],
            stdout=subprocess.PIPE,
            stderr=stream,
            text=True,
        )
        deadline = time.monotonic() + 60
        while "epoch 2 of" not in log.read_text() and time.monotonic() < deadline:
            time.sleep(0.05)
        started.send_signal(signal.SIGINT)
        out, _ = started.communicate(timeout=60)
    assert started.returncode == 130
    assert "interrupted" in out
    assert "king" in load(run)
    assert json.loads((run / "run.json").read_text())["interrupted"] is True


def test_ctrl_c_leaves_nothing_of_counts(
    firth: Callable[..., Outcome], text: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("firth.objectives.ppmi.PPMI.vectors", interrupted)
    outcome = firth("train", text, "-o", text.with_name("run"), "--model", "ppmi", "--min-count", "1", "--dim", "3")
    assert outcome.code == 130
    assert outcome.err.endswith(
        "note: nothing was written: PPMI has no vectors before its end; begin it anew\nfirth: interrupted\n"
    )
    assert not text.with_name("run").exists()


def test_an_output_without_a_name_is_not_this_folder(firth: Callable[..., Outcome], text: Path) -> None:
    outcome = firth("train", text, "-o", "", *SMALL)
    assert outcome.code == 2
    assert "-o names no folder" in outcome.err


@pytest.mark.filterwarnings("ignore:(overflow|invalid value) encountered:RuntimeWarning")
def test_a_training_that_diverges_leaves_no_vectors(firth: Callable[..., Outcome], text: Path) -> None:
    text.write_text("".join(SENTENCES * 2000))
    run = text.with_name("run")
    outcome = firth("train", text, "-o", run, *SMALL, "--rate", "10", "--subsample", "0", "--epochs", "20")
    outcome.is_one_sentence("diverged")
    assert not (run / "vectors.safetensors").exists()


def test_the_tree_s_facts_are_said_and_kept(firth: Callable[..., Outcome], text: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    outcome = firth("train", text, "-o", run, "--loss", "hierarchical-softmax", *SMALL)
    assert "entropy" in outcome.err
    record = json.loads((run / "run.json").read_text(encoding="utf-8"))
    assert record["tree"]["expected_path_length"] >= record["tree"]["entropy"] > 0


def test_json_has_the_notices(firth: Callable[..., Outcome], text: Path) -> None:
    outcome = firth("train", text, "-o", text.with_name("run"), *SMALL, "--text-column", "body", "--json")
    assert outcome.code == 0, outcome
    notices = outcome.document["notices"]
    assert any("was read as plain text, which has no column" in notice and '"body"' in notice for notice in notices)
    assert all(f"note: {notice}" in outcome.err for notice in notices)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--min-count", "0"], "min_count"),
        (["--max-words", "0"], "max_words"),
        (["--held-out", "0.9"], "held out"),
        (["--bootstrap", "1"], "bootstrap runs"),
        (["--checkpoint-every", "-1"], "checkpoints"),
        (["--seed", "-1"], "seed"),
    ],
)
def test_options_that_cannot_be_are_named_before_the_folder(
    firth: Callable[..., Outcome], text: Path, options: list[str], says: str
) -> None:
    run = text.with_name("run")
    run.mkdir()
    (run / "vectors.safetensors").write_text("an earlier run's")
    firth("train", text, "-o", run, *options).is_one_sentence(says)


def test_shards_are_chosen_and_recorded(firth: Callable[..., Outcome], text: Path, tmp_path: Path) -> None:
    shards = ("--shards", 2, "--merge-every", 1000)
    ended = firth("train", text, "-o", tmp_path / "run", "--dim", 8, "--epochs", 1, *shards)
    assert ended.code == 0
    assert "2 shards learn at 1.25 times the learning rate" in ended.err
    record = json.loads((tmp_path / "run" / "run.json").read_text(encoding="utf-8"))
    assert record["shards"] == {"kind": "Shards", "count": 2, "merge_every": 1000, "rate_scale": None}
    assert record["merging"]["rounds"] >= 8


def test_what_is_said_of_shards_must_hold_together(firth: Callable[..., Outcome], tmp_path: Path) -> None:
    ended = firth("train", "x.txt", "-o", tmp_path / "run", "--merge-every", 2000)
    assert ended.code == 2
    assert "--shards" in ended.err
    firth("train", "x.txt", "-o", tmp_path / "run", "--shards", 0).is_one_sentence("shards")
    firth("train", "x.txt", "-o", tmp_path / "run", "--shards", 2, "--model", "ppmi").is_one_sentence("shards")
    assert not (tmp_path / "run").exists()
