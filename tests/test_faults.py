"""What can go wrong around a training besides a full disk: its files, its folder, its memory.

Files that cannot be read, that go away or change while it is at work; two trainings in one folder; a text larger than
the memory that the process may have.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import firth
from conftest import Outcome, Server, numbers
from firth.corpus import small_world
from firth.errors import SourceError
from firth.events import Event, Stage
from firth.kernels.jit import JIT_IS_OFF

MIB = 1 << 20


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    path.write_text("\n".join(small_world.text(3_000)), encoding="utf-8")
    os.utime(path, (1e9, 1e9))
    return path


def trained(text: Any, cache: Path, **settings: Any) -> firth.Run:
    settings = {"epochs": 2, "threads": 1, "phrases": firth.Phrases(threshold=1), "min_count": 2, **settings}
    return firth.train(text, firth.SkipGram(dim=4), cache=cache, **settings)


def test_a_file_that_cannot_be_read_to_its_end(firth: Callable[..., Outcome], tmp_path: Path) -> None:
    unreadable = Path("/proc/self/mem")  # opens, and then gives an input error, also to an account that may everything
    if not unreadable.exists():
        pytest.skip("this system has no file that gives an input error when it is read")
    outcome = firth("train", unreadable, "-o", tmp_path / "run")
    outcome.is_one_sentence("/proc/self/mem", "Input/output error")
    assert not (tmp_path / "run").exists()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="to this account, no file is closed")
def test_a_file_that_is_closed_to_reading(firth: Callable[..., Outcome], text: Path, tmp_path: Path) -> None:
    text.chmod(0)
    firth("train", text, "-o", tmp_path / "run").is_one_sentence(text.name, "Permission denied")
    assert not (tmp_path / "run").exists()


def stages(text: Path, cache: Path) -> list[str]:
    """Return the names of a training's stages."""
    events: list[Event] = []
    trained(text, cache, on_event=events.append)
    return [event.name for event in events if isinstance(event, Stage)]


@pytest.mark.skipif(JIT_IS_OFF, reason="trains for minutes in plain Python")
@pytest.mark.parametrize("change", ["goes", "is another", "is cut off"])
def test_a_text_that_changes_at_any_stage(text: Path, tmp_path: Path, change: str) -> None:
    """It is read once, in the first stage: what becomes of it later changes nothing."""
    content, expected = text.read_bytes(), trained(text, tmp_path / "expected")
    names = stages(text, tmp_path / "stages")
    assert len(names) >= 4
    for number, name in enumerate(names):
        met = 0

        def listen(event: Event, at: int = number) -> None:
            nonlocal met
            if isinstance(event, Stage):
                if met == at:
                    if change == "goes":
                        text.unlink()
                    else:
                        text.write_bytes(b"other words than those\n" * 99 if change == "is another" else content[:1000])
                met += 1

        cache = tmp_path / f"cache {number}"
        if number == 0:  # it has not been read yet
            if change == "goes":
                with pytest.raises(SourceError, match=r"text\.txt"):
                    trained(text, cache, on_event=listen)
            else:
                assert trained(text, cache, phrases=None, on_event=listen).vectors.words != expected.vectors.words
        else:
            run = trained(text, cache, on_event=listen)
            assert run.vectors.matrix.tobytes() == expected.vectors.matrix.tobytes(), name
        text.write_bytes(content)
        os.utime(text, (1e9, 1e9))
        # What was read under the file's name is not taken for the file as it is now.
        again = trained(text, cache)
        assert again.vectors.matrix.tobytes() == expected.vectors.matrix.tobytes(), name


def test_a_second_file_that_is_gone_when_its_turn_comes(text: Path, tmp_path: Path) -> None:
    second = tmp_path / "second.txt"
    second.write_text("the king sleeps\n" * 10)

    def listen(event: Event) -> None:
        if isinstance(event, Stage):
            second.unlink(missing_ok=True)

    with pytest.raises(SourceError, match=r"second\.txt"):
        trained([text, second], tmp_path / "cache", on_event=listen, output=tmp_path / "run")
    assert not (tmp_path / "run").exists()
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = Server(tmp_path_factory.mktemp("server") / "printed.txt")
    yield made
    made.close()


@pytest.mark.slow
@pytest.mark.skipif(JIT_IS_OFF, reason="trains for minutes in plain Python")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork processes")
def test_a_second_training_in_a_folder_is_refused_and_the_first_goes_on(
    firth: Callable[..., Outcome], server: Server, text: Path, tmp_path: Path
) -> None:
    text.write_text("\n".join(small_world.text(30_000)), encoding="utf-8")
    begin = ["train", text, "-o", tmp_path / "run", "--dim", "8", "--threads", "1", "--epochs", "60"]
    assert server.run(*begin[:3], tmp_path / "alone", *begin[4:])[0] == 0
    number = server.start(*begin, "--checkpoint-every", "0.01")
    while not (tmp_path / "run" / "checkpoint-1.safetensors").exists():
        time.sleep(0.005)
    os.kill(number, signal.SIGSTOP)
    try:
        for second in (begin, [*begin, "--force"], ["train", "--resume", tmp_path / "run"]):
            firth(*second).is_one_sentence("another is under way")
    finally:
        os.kill(number, signal.SIGCONT)
    assert server.wait() == 0, server.printed.read_text()
    assert numbers(tmp_path / "run") == numbers(tmp_path / "alone")


BOUNDED = """
import json, resource, sys
limit = int(sys.argv[3])
resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
try:
    bytearray(limit)
except MemoryError:
    pass
else:
    sys.exit("the limit does not bind")
import firth
run = firth.train(sys.argv[1], firth.SkipGram(dim=8), epochs=1, threads=1, held_out=0, cache=sys.argv[2])
print(json.dumps({"corpus": run.record["corpus"], "words": run.record["words"]}))
"""


COUNTING = """
import hashlib, json, resource, sys
limit = int(sys.argv[3])
if limit:
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    try:
        bytearray(limit)
    except MemoryError:
        pass
    else:
        sys.exit("the limit does not bind")
import firth
from firth.contexts.cooccurrence import count_cooccurrences
from firth.corpus.encoded import encode
from firth.corpus.sources import open_source
from firth.corpus.tokenizers import Words
found = {}
for name, objective in {"GloVe": firth.GloVe(dim=8), "PPMI": firth.PPMI(dim=8, factorization=firth.PCA())}.items():
    run = firth.train(sys.argv[1], objective, epochs=1, threads=1, cache=sys.argv[2])
    found[name] = hashlib.sha256(run.vectors.matrix.tobytes()).hexdigest()
counts = count_cooccurrences(encode(open_source(sys.argv[1]), Words(), cache=sys.argv[2]), window=10, threads=1)
print(json.dumps({"counted": 8 * len(counts), "vectors": found}))
"""


@pytest.mark.slow
@pytest.mark.skipif(JIT_IS_OFF, reason="counts for minutes in plain Python")
@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's limit on the memory of a process's own")
def test_counts_larger_than_the_memory(tmp_path: Path) -> None:
    """GloVe's entries are twice as large as the counts, and so is PPMI's matrix, by rows and by columns."""
    limit = 320 * MIB
    chance = random.Random(1)  # noqa: S311 - no secret
    words = [f"w{number}" for number in range(20_000)]
    text = tmp_path / "text.txt"
    text.write_text("\n".join(" ".join(chance.choices(words, k=1000)) for _ in range(2_600)))
    found = []
    # Without the limit first: the compiler alone wants more than that.
    for bound in (0, limit):
        done = subprocess.run(
            [sys.executable, "-c", COUNTING, text, tmp_path / f"cache{bound}", str(bound)],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )
        assert done.returncode == 0, done.stderr
        found.append(json.loads(done.stdout))
    assert found[0] == found[1]
    assert found[0]["counted"] > limit


@pytest.mark.slow
@pytest.mark.skipif(JIT_IS_OFF, reason="trains for minutes in plain Python")
@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's limit on the memory of a process's own")
def test_a_text_twice_as_large_as_the_memory(tmp_path: Path) -> None:
    """Twice what the process may take in all, Python and the compiler among it; bench/memory.py has real texts."""
    limit = 256 * MIB
    chance = random.Random(1)  # noqa: S311 - no secret
    words = ["".join(chance.choices("abcdefghijklmnop", k=chance.randint(37, 53))) for _ in range(3_000)]
    shares = [1 / (rank + 1) for rank in range(len(words))]
    part = "".join(" ".join(chance.choices(words, shares, k=12)) + "\n" for _ in range(2_000)).encode()
    text, size = tmp_path / "text.txt", 0
    with text.open("wb") as file:
        while size < 2 * limit:
            size += file.write(part)
    # The compiler alone wants more than that: kernels are compiled before.
    small = tmp_path / "small.txt"
    small.write_bytes(part)
    firth.train(str(small), firth.SkipGram(dim=8), epochs=1, threads=1, held_out=0, cache=tmp_path / "warm")
    done = subprocess.run(
        [sys.executable, "-c", BOUNDED, text, tmp_path / "cache", str(limit)],
        capture_output=True,
        text=True,
        check=False,
        # The linear algebra library reserves room for each of its threads, used or not.
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    text.unlink()
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["corpus"]["words_read"] == size // len(part) * 24_000 == sum(told["words"].values())
