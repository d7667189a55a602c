"""A Ray cluster of two workers on this machine gives what one process gives, also when a worker is killed."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import firth
from conftest import account, numbers
from firth.checkpoints import newest
from firth.contexts.cooccurrence import count_cooccurrences
from firth.corpus import small_world
from firth.corpus.encoded import EncodedCorpus, encode
from firth.corpus.sources import open_source
from firth.corpus.tokenizers import Words
from firth.distributed import ray_cluster
from firth.distributed.counting import ClusterCounter
from firth.distributed.engine import WorkerLostError
from firth.distributed.local import LocalEngine
from firth.distributed.ray_cluster import RayEngine
from firth.errors import ClusterError, MissingExtraError
from firth.events import Event, Notice, Progress, Round, Stage
from firth.kernels.jit import JIT_IS_OFF

try:
    import ray
except ImportError:
    ray = None

needs_ray = pytest.mark.skipif(ray is None, reason="Ray is not installed (the extra ray)")

OBJECTIVE = firth.SkipGram(dim=16)
SETTINGS: dict[str, Any] = {"epochs": 2, "held_out": 0.1, "min_count": 2, "shards": 3, "threads": 2}


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("text") / "text.txt"
    path.write_text("\n".join(small_world.text(60_000)), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def engine() -> Iterator[RayEngine]:
    engine = RayEngine("local", workers=2, store=100 << 20)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def corpus(text: Path) -> EncodedCorpus:
    return encode(open_source(text), Words(), min_count=2)


def same(one: firth.Run, other: firth.Run) -> bool:
    return (
        one.vectors.matrix.tobytes() == other.vectors.matrix.tobytes()
        and one.held_out == other.held_out
        and one.record["words"] == other.record["words"]
    )


def watched_actors(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that the process of each actor is added to from now on."""
    pids: list[int] = []
    real = RayEngine.actor

    def watched(self: RayEngine, *arguments: Any) -> Any:
        actor = real(self, *arguments)
        pids.append(ray.get(actor._handle.__ray_call__.remote(lambda _: os.getpid())))
        return actor

    monkeypatch.setattr(RayEngine, "actor", watched)
    return pids


class TestWithoutRay:
    def test_a_missing_ray_names_the_extra(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(__import__("sys").modules, "ray", None)
        with pytest.raises(MissingExtraError, match=r"firth\[ray\]"):
            firth.train(["a b"], cluster="local")

    @pytest.mark.parametrize("cluster", ["", " ", 7])
    def test_what_is_no_address_is_refused(self, cluster: Any) -> None:
        with pytest.raises(firth.FirthError, match="cluster"):
            firth.train(["a b"], cluster=cluster)

    def test_where_nobody_listens_there_is_no_cluster(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Ray itself would go on asking for minutes."""
        ray = SimpleNamespace(is_initialized=lambda: False, init=lambda **_: pytest.fail("Ray was asked"))
        monkeypatch.setattr(ray_cluster, "_imported", lambda: ray)
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))  # and does not listen
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            for cluster in (address, f"ray://{address}"):
                with pytest.raises(ClusterError, match=f"cluster at '{cluster}'.*none could be reached"):
                    firth.train(["a b"], cluster=cluster)

    @pytest.mark.parametrize("workers", [1, 3])
    @pytest.mark.parametrize("window", [1, 7, firth.Window(left=4, right=0)])
    def test_counts_by_stretches_are_the_counts(
        self, workers: int, window: Any, corpus: EncodedCorpus, tmp_path: Path
    ) -> None:
        if JIT_IS_OFF and workers == 3:
            pytest.skip("counts for minutes in plain Python")
        engine = LocalEngine(workers)
        events: list[Event] = []

        def counter(*arguments: Any, **settings: Any) -> ClusterCounter:
            return ClusterCounter(engine, *arguments, **settings)

        alone = count_cooccurrences(corpus, window=window, folder=tmp_path / "alone", threads=1)
        apart = count_cooccurrences(
            corpus, window=window, folder=tmp_path / "apart", threads=1, counter=counter, on_event=events.append,
            memory=1 << 20,
        )  # fmt: skip
        engine.close()
        for name in ("row_ends", "columns", "values"):
            assert getattr(alone, name).tobytes() == getattr(apart, name).tobytes(), name
        assert alone.total == apart.total
        assert any(isinstance(event, Progress) for event in events)

    def test_a_stretch_lost_is_counted_again_and_no_more_than_that(self, corpus: EncodedCorpus, tmp_path: Path) -> None:
        class Losing(LocalEngine):
            lost = 0

            def wait_for(self, handle: Any) -> Any:
                value = super().wait_for(handle)
                if isinstance(value, int) and self.lost < 2:
                    self.lost += 1
                    raise WorkerLostError("killed")
                return value

        engine, events = Losing(2), []
        counts = count_cooccurrences(
            corpus, window=3, folder=tmp_path / "lost", on_event=events.append,
            counter=lambda *arguments, **settings: ClusterCounter(engine, *arguments, **settings),
        )  # fmt: skip
        engine.close()
        assert engine.lost == 2
        assert sum(isinstance(event, Notice) and "again" in event.text for event in events) == 2
        alone = count_cooccurrences(corpus, window=3, folder=tmp_path / "alone")
        assert counts.values.tobytes() == alone.values.tobytes()


def descendants(pid: int) -> list[int]:
    """Return the processes that a process began, and those that these began."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            about = stat.read_text(encoding="utf-8", errors="replace")
            parents[int(stat.parent.name)] = int(about.rpartition(")")[2].split()[1])
    found = [pid]
    for each in found:
        found += [child for child, parent in parents.items() if parent == each]
    return found[1:]


@pytest.mark.slow
@pytest.mark.skipif(JIT_IS_OFF, reason="trains for minutes in plain Python")
@needs_ray
class TestWithRay:
    def test_what_is_raised_there_is_raised_here(self, engine: RayEngine) -> None:
        def broken(_: Any) -> None:
            raise firth.FirthError("as it was said")

        (first,) = engine.start(broken, 1)
        (second,) = engine.start(lambda x: x, first)
        for handle in (first, second):
            with pytest.raises(firth.FirthError, match="as it was said"):
                engine.wait_for(handle)

    def test_a_cluster_that_is_not_there_is_said_in_one_sentence(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(ray, "is_initialized", lambda: False)

        def nobody(**_: Any) -> None:
            raise Exception("nobody answers\nand so on")  # noqa: TRY002 - as Ray does

        monkeypatch.setattr(ray, "init", nobody)
        with pytest.raises(ClusterError, match=r"'10.0.0.1:6379'.*nobody answers\)"):
            RayEngine("10.0.0.1:6379", workers=1)

    @pytest.mark.parametrize("objective", [OBJECTIVE, firth.CBOW(dim=16, loss=firth.HierarchicalSoftmax())])
    def test_a_cluster_trains_to_the_bits_of_local_shards(
        self, engine: RayEngine, text: Path, objective: firth.SkipGram
    ) -> None:
        alone = firth.train(text, objective, **SETTINGS)
        apart = firth.train(text, objective, cluster="local", **SETTINGS)
        assert same(alone, apart)
        assert apart.record["merging"]["workers"] == engine.workers == 2
        for name in ("rounds", "bytes_sent", "bytes_received"):
            assert apart.record["merging"][name] == alone.record["merging"][name]

    @pytest.mark.usefixtures("engine")
    def test_a_replica_killed_in_mid_run_learns_its_round_again(
        self, text: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        alone = firth.train(text, OBJECTIVE, **SETTINGS)
        pids = watched_actors(monkeypatch)
        events: list[Event] = []

        def kill(event: Event) -> None:
            events.append(event)
            rounds = sum(isinstance(one, Round) for one in events)
            if isinstance(event, Round) and rounds in (3, 9):
                os.kill(pids[-1], signal.SIGKILL)

        apart = firth.train(text, OBJECTIVE, cluster="local", on_event=kill, **SETTINGS)
        assert len(set(pids)) == 5
        assert apart.record["merging"]["replicas_lost"] == 2
        assert sum(isinstance(event, Notice) and "lost with their workers" in event.text for event in events) == 2
        assert same(alone, apart)

    @pytest.mark.usefixtures("engine")
    def test_a_run_of_a_cluster_goes_on_without_one_to_the_same_bits(self, text: Path, tmp_path: Path) -> None:
        def interrupt(event: Event) -> None:
            if isinstance(event, Round):
                signal.raise_signal(signal.SIGINT)

        begun = firth.train(text, OBJECTIVE, cluster="local", output=tmp_path / "run", on_event=interrupt, **SETTINGS)
        assert begun.interrupted
        assert same(firth.resume(tmp_path / "run"), firth.train(text, OBJECTIVE, **SETTINGS))

    @pytest.mark.skipif(
        not Path("/proc/self/stat").exists(), reason="this system does not tell whose child a process is"
    )
    def test_a_head_that_is_lost_is_begun_again_to_the_same_bits(self, text: Path, tmp_path: Path) -> None:
        command = [sys.executable, "-m", "firth", "train"]
        settings = ["--shards", "2", "--threads", "2", "--dim", "16", "--epochs", "6", "--min-count", "2"]
        begun = tmp_path / "run"
        with (tmp_path / "printed.txt").open("wb") as printed:
            driver = subprocess.Popen(
                [*command, text, *settings, "--cluster", "local", "--checkpoint-every", "0.1", "-o", begun],
                stdout=printed, stderr=printed, start_new_session=True,
            )  # fmt: skip
            deadline = time.monotonic() + 300
            while newest(begun) is None and driver.poll() is None and time.monotonic() < deadline:
                time.sleep(0.02)
            family = descendants(driver.pid)
            names = {Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip() for pid in family}
            # The group first, then what Ray put into groups of its own: head, object store, workers.
            os.killpg(driver.pid, signal.SIGKILL)
            for pid in family:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            assert driver.wait() == -signal.SIGKILL, (tmp_path / "printed.txt").read_text(encoding="utf-8")
        assert {"raylet", "gcs_server"} <= names
        assert newest(begun) is not None
        assert not (begun / "run.json").exists()
        assert subprocess.run([*command, text, *settings, "-o", tmp_path / "alone"], check=False).returncode == 0
        for name, cluster in (("without", []), ("with", ["--cluster", "local"])):
            folder = tmp_path / name
            shutil.copytree(begun, folder)
            assert subprocess.run([*command, "--resume", folder, *cluster], check=False).returncode == 0
            assert numbers(folder) == numbers(tmp_path / "alone")
            assert account(folder) == account(tmp_path / "alone")

    def test_counts_are_those_of_one_machine(self, engine: RayEngine, corpus: EncodedCorpus, tmp_path: Path) -> None:
        alone = count_cooccurrences(corpus, folder=tmp_path / "alone")
        apart = count_cooccurrences(
            corpus, folder=tmp_path / "apart",
            counter=lambda *arguments, **settings: ClusterCounter(engine, *arguments, **settings),
        )  # fmt: skip
        for name in ("row_ends", "columns", "values"):
            assert getattr(alone, name).tobytes() == getattr(apart, name).tobytes(), name

    def test_a_counting_worker_killed_changes_no_count(
        self, engine: RayEngine, corpus: EncodedCorpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from firth.distributed import counting  # noqa: PLC0415

        real, marks = counting._count, tmp_path / "killed"
        marks.mkdir()

        def dying(shard: Any, about: Any) -> Any:
            if len(list(marks.iterdir())) < 2:
                (marks / str(os.getpid())).touch()
                os.kill(os.getpid(), signal.SIGKILL)
            return real(shard, about)

        monkeypatch.setattr(counting, "_count", dying)
        apart = count_cooccurrences(
            corpus, window=4, folder=tmp_path / "apart",
            counter=lambda *arguments, **settings: ClusterCounter(engine, *arguments, **settings),
        )  # fmt: skip
        assert len(list(marks.iterdir())) >= 2
        alone = count_cooccurrences(corpus, window=4, folder=tmp_path / "alone")
        assert apart.values.tobytes() == alone.values.tobytes()
        assert apart.total == alone.total

    @pytest.mark.usefixtures("engine")
    @pytest.mark.parametrize(
        ("objective", "told"),
        [
            (firth.GloVe(dim=8), {}),
            (firth.PPMI(dim=8, factorization=None), {}),
            (firth.GloVe(dim=8), {"reproducible": True, "epochs": 2}),
            (firth.LogCounts(dim=8, factorization=firth.PCA()), {}),
        ],
    )
    def test_objectives_that_count_train_from_it(
        self, text: Path, objective: Any, told: dict[str, Any], tmp_path: Path
    ) -> None:
        runs = [
            firth.train(text, objective, threads=1, min_count=2, cluster=cluster, cache=tmp_path / str(cluster), **told)
            for cluster in (None, "local")
        ]
        assert runs[0].vectors.matrix.tobytes() == runs[1].vectors.matrix.tobytes()
        assert ("merging" in runs[1].record) == bool(told)
        assert ("partitions" in runs[1].record) == isinstance(objective, firth.LogCounts)

    @pytest.mark.usefixtures("engine")
    def test_a_worker_killed_with_its_tiles_changes_no_bit(self, text: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("firth.learning.from_entries._ENTRIES_IN_A_BLOCK", 400)
        settings: dict[str, Any] = {"threads": 1, "min_count": 2, "reproducible": True, "epochs": 2}
        objective = firth.GloVe(dim=8, window=3)
        alone = firth.train(text, objective, **settings)
        pids = watched_actors(monkeypatch)
        rounds: list[Round] = []

        def kill(event: Event) -> None:
            if isinstance(event, Round):
                rounds.append(event)
                if len(rounds) in {1, 3}:
                    os.kill(pids[-1], signal.SIGKILL)

        apart = firth.train(text, objective, cluster="local", on_event=kill, **settings)
        assert len(rounds) > 3
        assert len(set(pids)) == 4
        assert apart.record["merging"]["workers_lost"] == sum(one.lost for one in rounds) == 2
        assert apart.vectors.matrix.tobytes() == alone.vectors.matrix.tobytes()

    @pytest.mark.usefixtures("engine")
    def test_a_worker_killed_with_its_rows_changes_no_bit(self, text: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        settings: dict[str, Any] = {"threads": 1, "min_count": 2}
        objective = firth.PPMI(dim=8, window=3)
        alone = firth.train(text, objective, **settings)
        pids = watched_actors(monkeypatch)
        notices: list[str] = []

        def kill(event: Event) -> None:
            if isinstance(event, Notice):
                notices.append(event.text)
            if isinstance(event, Stage) and event.name in {"exchanging entries", "factorising on the cluster"}:
                os.kill(pids[0 if event.name == "exchanging entries" else 1], signal.SIGKILL)

        apart = firth.train(text, objective, cluster="local", on_event=kill, **settings)
        assert len(set(pids)) == 4
        assert apart.record["partitions"]["workers_lost"] == 2
        assert sum("rows are made again" in notice for notice in notices) == 2
        assert apart.vectors.matrix.tobytes() == alone.vectors.matrix.tobytes()

    def test_the_rest_of_a_task_that_dies_for_good_is_a_lost_worker(self, engine: RayEngine) -> None:
        def dies() -> None:
            os.kill(os.getpid(), signal.SIGKILL)

        with pytest.raises(WorkerLostError):
            engine.wait_for(engine.start(dies)[0])
