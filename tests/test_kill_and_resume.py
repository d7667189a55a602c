"""A training that is killed at any moment and goes on gives the bits of one that was left alone.

Real processes are killed, by SIGKILL, at random moments: `FIRTH_KILLS=200 pytest tests/test_kill_and_resume.py -s`
kills more of them than every day's tests need.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from conftest import Server, account, numbers
from firth.checkpoints import NAMES, newest
from firth.corpus import small_world
from firth.kernels.jit import JIT_IS_OFF

KILLS = int(os.environ.get("FIRTH_KILLS", "6"))
"""In each of the ways."""


@dataclass(frozen=True)
class Way:
    """A way to train that gives the same bits again.

    Args:
        options: of every training.
        begun: the threads that a training begins with.
        resumed: those with which it goes on: each time some of these.
        settings: what is learned, by name.
    """

    options: tuple[str, ...]
    begun: int
    resumed: tuple[int, ...]
    settings: dict[str, list[str]]


SKIP_GRAM = ["--epochs", "10", "--dim", "64"]
CBOW_WITH_A_TREE = ["--model", "cbow", "--loss", "hierarchical-softmax", "--epochs", "16", "--dim", "40"]
WAYS = {
    "one thread": Way(
        options=(),
        begun=1,
        resumed=(1,),
        settings={
            "skip-gram": SKIP_GRAM,
            "CBOW with patience": [
                *("--model", "cbow", "--epochs", "12", "--rate", "0.1", "--patience", "3", "--held-out", "0.05"),
            ],
            "skip-gram with a tree": ["--loss", "hierarchical-softmax", "--epochs", "16", "--dim", "40"],
            "GloVe": ["--model", "glove", "--epochs", "200", "--dim", "30"],
            "full softmax": ["--loss", "full-softmax", "--dim", "20", "--epochs", "6", "--min-count", "40"],
        },
    ),
    "reproducible": Way(
        options=("--reproducible",),
        begun=2,
        resumed=(1, 3),
        settings={
            "skip-gram": SKIP_GRAM,
            "CBOW with a tree": CBOW_WITH_A_TREE,
            "GloVe": ["--model", "glove", "--epochs", "50", "--dim", "30"],
        },
    ),
    "shards": Way(
        options=("--shards", "2"),
        begun=2,
        resumed=(1, 2, 3),
        settings={
            "skip-gram": SKIP_GRAM,
            "CBOW with a tree": CBOW_WITH_A_TREE,
            "CBOW with NCE and patience": [
                *("--model", "cbow", "--loss", "nce", "--epochs", "12", "--patience", "3", "--held-out", "0.05"),
            ],
        },
    ),
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(JIT_IS_OFF, reason="trains for minutes in plain Python"),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork processes, so none are killed here"),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = Server(tmp_path_factory.mktemp("server") / "printed.txt")
    yield made
    made.close()


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("text") / "text.txt"
    path.write_text("\n".join(small_world.text(120_000)), encoding="utf-8")
    return path


def marks(folder: Path) -> list[int]:
    found = []
    for name in NAMES:
        try:
            found.append((folder / name).stat().st_mtime_ns)
        except FileNotFoundError:
            found.append(0)
    return found


def wait_or_kill(server: Server, number: int, folder: Path, chance: random.Random) -> bool:
    """Kill a process at a random moment, most often while it trains; return whether it was alive until then."""
    if chance.random() < 0.9:
        # The first new checkpoint is the sign that it trains.
        before, patience = marks(folder), time.monotonic() + 20
        done = folder / "run.json"
        while marks(folder) == before and not done.exists() and time.monotonic() < patience:
            time.sleep(0.001)
        time.sleep(chance.random() * 0.6)
    else:
        time.sleep(chance.random() * 2)
    # The server has yet to ask how it ended, so that its number cannot be another's by now.
    os.kill(number, signal.SIGKILL)
    code = server.wait()
    assert code in (0, -signal.SIGKILL), server.printed.read_text()
    return code != 0


@pytest.mark.parametrize("way", WAYS)
def test_killed_and_resumed_is_left_alone(text: Path, tmp_path: Path, server: Server, way: str) -> None:
    seed = time.time_ns() % 10**9
    chance = random.Random(seed)  # noqa: S311 - no secret
    chosen = WAYS[way]
    kills, cut, trainings = dict.fromkeys(chosen.settings, 0), dict.fromkeys(chosen.settings, 0), 0
    references: dict[str, Path] = {}
    while sum(kills.values()) < KILLS:
        name = min(kills, key=lambda each: kills[each])
        settings = [text, *chosen.options, *chosen.settings[name]]
        if name not in references:
            references[name] = tmp_path / f"alone {trainings}"
            alone = server.run("train", *settings, "--threads", "1", "-o", references[name])
            assert alone[0] == 0, server.printed.read_text()
        folder = tmp_path / f"run {trainings}"
        trainings += 1
        often = ["--checkpoint-every", "0.03", "--threads"]
        begin = ["train", *settings, "-o", folder, *often, chosen.begun]
        number = server.start(*begin)
        while wait_or_kill(server, number, folder, chance):
            kills[name] += 1
            if chance.random() < 0.2 and all(marks(folder)):
                # The power goes: the newest file is cut off anywhere.
                last = max((folder / each for each in NAMES), key=lambda path: path.stat().st_mtime_ns)
                os.truncate(last, chance.randrange(last.stat().st_size))
                cut[name] += 1
            goes_on = newest(folder) is not None
            again = ["train", "--resume", folder, *often, chance.choice(chosen.resumed)]
            number = server.start(*(again if goes_on else [*begin, "--force"]))
        assert numbers(folder) == numbers(references[name]), f"{name}: other bits (seed {seed}, training {trainings})"
        assert account(folder) == account(references[name]), f"{name} (seed {seed}, training {trainings})"
        assert {path.name for path in folder.iterdir()} == {"vectors.safetensors", "run.json"}
    told = ", ".join(f"{name} {count} ({cut[name]})" for name, count in kills.items())
    sys.stdout.write(
        f"\n{way}: {sum(kills.values())} kills in {trainings} trainings ({sum(cut.values())} newest files cut off): "
        f"{told}\n"
    )


@pytest.mark.parametrize("share", [0.02, 0.3, 0.9, 1.01, 1.5])
def test_a_disk_that_is_full(text: Path, tmp_path: Path, server: Server, share: float) -> None:
    """No file may grow beyond a size: that of the vectors, of a checkpoint, of either, of the text's encoded form."""
    settings = [text, "--threads", "1", "--epochs", "3", "--dim", "30"]
    assert server.run("train", *settings, "-o", tmp_path / "alone")[0] == 0
    size = (tmp_path / "alone" / "vectors.safetensors").stat().st_size
    begin = ["train", *settings, "-o", tmp_path / "run", "--checkpoint-every", "0.03"]
    code, printed = server.run(*begin, limit=int(size * share))
    assert "Traceback" not in printed
    assert not list(tmp_path.glob("run/.*"))
    if code == 0:
        assert share > 1
    else:
        assert code == 1
        assert "could not write" in printed.splitlines()[-1]
        assert not (tmp_path / "run" / "vectors.safetensors").exists()
        goes_on = newest(tmp_path / "run") is not None if (tmp_path / "run").exists() else False
        again = ["train", "--resume", tmp_path / "run"] if goes_on else begin
        assert server.run(*again)[0] == 0, server.printed.read_text()
    assert numbers(tmp_path / "run") == numbers(tmp_path / "alone")
