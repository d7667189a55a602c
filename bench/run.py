"""Firth beside its peers: the same text, the same settings, in turns; speed, memory and what the vectors know.

    python bench/run.py --text wiki100.txt                         all peers, three rounds of five epochs: some hours
    python bench/run.py --text wiki100.txt --megabytes 10 --rounds 2 --epochs 1             a trial: some minutes
    python bench/run.py --text wiki100.txt --peers firth gensim --tasks cbow/negative-sampling

Run with an interpreter that has Firth and matplotlib (`pip install "firth[plots]"`). Each peer gets an environment of
its own in build/bench/, from the package registry; a peer that cannot be installed or cannot run is named with the
reason, and the others go on. In each round every task is done once by every peer, each in a process of its own and each
round beginning with another one, so that all meet the same machine. The round's number is the seed.

Writes peers.json (every single measurement, the machine, all versions; after each of them), peers.md and peers.svg to
--output. bench/README.md says how to read them.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from report import drawn, tabled

import firth
from firth.evaluation import analogies, similarity

HERE = Path(__file__).parent
WORK = HERE.parent / "build" / "bench"
# What is installed for a peer, the first that installs; None is the interpreter that runs this.
PEERS: dict[str, list[list[str]] | None] = {
    "firth": None,
    "gensim": [["gensim==4.4.0"]],
    "floret": [["floret==0.10.5"]],
    "spark": [["pyspark>=4.0,<5", "numpy"]],
    "sklearn": [["scikit-learn>=1.5"]],
    "mittens": [["mittens==0.2", "threadpoolctl"]],
}
TASKS: dict[str, list[str]] = {
    "skip-gram/negative-sampling": ["firth", "gensim", "floret"],
    "cbow/negative-sampling": ["firth", "gensim", "floret"],
    "skip-gram/hierarchical-softmax": ["firth", "gensim", "floret", "spark"],
    "cbow/hierarchical-softmax": ["firth", "gensim", "floret"],
    "glove": ["firth", "mittens"],
    "lsa": ["firth", "sklearn"],
}
# Where a task's settings are not those of the others: mittens' matrix is dense.
SPECIAL: dict[str, dict[str, object]] = {"glove": {"window": 10, "max-words": 5000, "epochs": 25}, "lsa": {"epochs": 1}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=Path, required=True, help="lower-case words with blanks between them, in lines")
    parser.add_argument("--megabytes", type=float, help="only so much of it, from its beginning")
    parser.add_argument(
        "--eval", type=Path, default=HERE.parent.parent / "shared" / "data" / "eval", help="gold answers"
    )
    parser.add_argument("--peers", nargs="+", choices=list(PEERS), default=list(PEERS))
    parser.add_argument("--tasks", nargs="+", choices=list(TASKS), default=list(TASKS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--dim", type=int, default=100)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--output", type=Path, default=WORK / "peers", help="a folder")
    options = parser.parse_args()

    WORK.mkdir(parents=True, exist_ok=True)
    options.output.mkdir(parents=True, exist_ok=True)
    text = cut(options.text, options.megabytes)
    ready, absent = environments(options.peers)
    settings = {"dim": options.dim, "threads": options.threads, "epochs": options.epochs}
    plan = warmed_up(text, ready, options.tasks, settings, absent)
    report = {
        "machine": machine(),
        "text": {"name": options.text.name, "bytes": text.stat().st_size},
        "settings": {**settings, "window": 5, "min_count": 5, "negatives": 5, "subsampling": 1e-3, "special": SPECIAL},
        "rounds": options.rounds,
        "versions": {peer: versions(python) for peer, python in ready.items()},
        "absent": absent,
        "command": command(options),
        "measured": [],
    }
    for turn in range(options.rounds):
        for task, peers in plan.items():
            first = turn % len(peers)
            for peer in peers[first:] + peers[:first]:
                measured = measure(
                    peer, ready[peer], task, text=text, settings={**settings, "seed": turn + 1}, gold=options.eval
                )
                report["measured"].append({"round": turn + 1, "task": task, "peer": peer, **measured})
                written(options.output / "peers.json", json.dumps(report, indent=1) + "\n")
                print(
                    turn + 1,
                    task,
                    peer,
                    {name: round(value, 3) for name, value in measured.items() if is_number(value)},
                )
    written(options.output / "peers.md", tabled(report))
    drawn(report, options.output / "peers.svg")
    print(f"\n{tabled(report)}\n{options.output}")


def command(options: argparse.Namespace) -> str:
    """Return the command that makes the same again, without this machine's paths."""
    chosen = {"text": options.text.name, "megabytes": options.megabytes, "rounds": options.rounds}
    chosen |= {"epochs": options.epochs, "dim": options.dim, "threads": options.threads}
    lists = {"peers": (options.peers, PEERS), "tasks": (options.tasks, TASKS)}
    chosen |= {name: " ".join(some) for name, (some, every) in lists.items() if some != list(every)}
    told = (f"--{name} {value}" for name, value in chosen.items() if value is not None)
    return " ".join(["python bench/run.py", *told])


def is_number(value: object) -> bool:
    return isinstance(value, int | float)


def written(path: Path, text: str) -> None:
    """Write a file whole, so that a run that is broken off leaves what it had."""
    part = path.with_name(f".{path.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def cut(text: Path, megabytes: float | None) -> Path:
    """Return the text, or a file with its first megabytes in whole lines."""
    if not text.is_file():
        sys.exit(f"expected a text file, got {text}; bench/README.md says how the usual one is made")
    if megabytes is None:
        return text
    target = WORK / f"{text.stem}-{megabytes:g}.txt"
    with text.open("rb") as source:
        head = source.read(int(megabytes * 1e6))
    target.write_bytes(head[: head.rfind(b"\n") + 1] or head)
    return target


def environments(peers: list[str]) -> tuple[dict[str, Path], dict[str, str]]:
    """Return each peer's interpreter, and why others have none."""
    ready: dict[str, Path] = {}
    absent: dict[str, str] = {}
    for peer in peers:
        wanted = PEERS[peer]
        if wanted is None:
            ready[peer] = Path(sys.executable)
            continue
        if peer == "spark" and shutil.which("java") is None:
            absent[peer] = "there is no Java on this machine"
            continue
        folder = WORK / "environments" / peer
        python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
        for packages in wanted:
            if not (folder / "ready").exists():
                venv.create(folder, with_pip=True, clear=True)
                done = subprocess.run(
                    [python, "-m", "pip", "install", "--quiet", *packages], capture_output=True, text=True, check=False
                )
                if done.returncode:
                    absent[peer] = f"could not be installed: {last_line(done.stderr)}"
                    continue
                (folder / "ready").write_text("\n".join(packages))
            ready[peer] = python
            absent.pop(peer, None)
            break
    return ready, absent


def last_line(text: str) -> str:
    return next((line for line in reversed(text.strip().splitlines()) if line.strip()), "no reason was given")


def versions(python: Path) -> dict[str, str]:
    """Return what an environment holds."""
    code = (
        "import json, platform; from importlib.metadata import distributions as d; "
        "found = {one.metadata['Name'].lower(): one.version for one in d()}; "
        "print(json.dumps({'python': platform.python_version(), **found}))"
    )
    found: dict[str, str] = json.loads(subprocess.run([python, "-c", code], capture_output=True, check=True).stdout)
    telling = {"python", "firth", "numba", "numpy", "scipy", "gensim", "floret", "pyspark", "scikit-learn", "mittens"}
    return {name: number for name, number in sorted(found.items()) if name in telling}


def machine() -> dict[str, Any]:
    """Say what is measured on, and how busy it is as it begins."""
    info = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    memory = Path("/proc/meminfo").read_text().split()[1] if Path("/proc/meminfo").exists() else None
    return {
        "processor": next((line.split(":", 1)[1].strip() for line in info if line.startswith("model name")), ""),
        "cores": os.cpu_count(),
        "memory_gigabytes": round(int(memory) / 2**20, 1) if memory else None,
        "system": platform.platform(),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "date": datetime.now(tz=UTC).isoformat(timespec="seconds"),
        "firth": version("firth") if firth.__file__ else "",
    }


def warmed_up(
    text: Path, ready: dict[str, Path], tasks: list[str], settings: dict[str, object], absent: dict[str, str]
) -> dict[str, list[str]]:
    """Let every peer do every task on a short text: kernels are compiled, and who cannot do it is named."""
    plan: dict[str, list[str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        short = Path(folder) / "short.txt"
        lines = text.read_text(encoding="utf-8")[:400_000].splitlines()
        short.write_text("\n".join(lines[:-1] or lines) + "\n", encoding="utf-8")
        for task in tasks:
            for peer in (peer for peer in TASKS[task] if peer in ready):
                try:
                    quick = {**settings, "dim": 10, "seed": 1, "quick": True}
                    measure(peer, ready[peer], task, text=short, settings=quick, gold=None)
                except subprocess.CalledProcessError as error:
                    absent[f"{peer}, {task}"] = last_line(error.stderr)
                else:
                    plan.setdefault(task, []).append(peer)
    return plan


def measure(
    peer: str, python: Path, task: str, *, text: Path, settings: dict[str, Any], gold: Path | None
) -> dict[str, Any]:
    """Let a peer do a task in a process of its own; return what it took and what the vectors know."""
    chosen = {**settings, **SPECIAL.get(task, {})}
    if chosen.pop("quick", False):
        chosen |= {"epochs": 1, "max-words": 300} if task == "glove" else {"epochs": 1}
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "vectors.bin"
        arguments = [str(part) for name, value in chosen.items() for part in (f"--{name}", value)]
        begun = time.perf_counter()
        told, used = finished(
            [
                str(python),
                str(HERE / "peers" / f"{peer}_peer.py"),
                str(text),
                "--task",
                task,
                "--out",
                str(out),
                *arguments,
            ]
        )
        told["process_seconds"] = time.perf_counter() - begun
        # Spark's work is done by a process that is not this one's child.
        told["processor_seconds"] = used["processor"] + told.pop("java_processor_seconds", 0)
        told["megabytes"] = max(told["megabytes"] or used["megabytes"], told.pop("java_megabytes", None) or 0)
        return told | (score(out, gold) if gold is not None else {})


def finished(command: list[str]) -> tuple[dict[str, Any], dict[str, float]]:
    """Run a peer's script; return what it told, and the processor's seconds and the peak memory of its process."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
        # One thread each, where libraries would take all cores by themselves.
        threads = command[command.index("--threads") + 1]
        limits = dict.fromkeys(["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"], threads)
        process = subprocess.Popen(command, stdout=out, stderr=errors, env={**os.environ, **limits})
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        errors.seek(0)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command, stderr=errors.read())
        told: dict[str, Any] = json.loads(out.read().strip().splitlines()[-1])
    kilobytes = usage.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    return told, {"processor": usage.ru_utime + usage.ru_stime, "megabytes": kilobytes / 1024}


def score(path: Path, gold: Path) -> dict[str, Any]:
    """Return what vectors know of the gold answers, and how many of them could be asked."""
    vectors = firth.load(path)
    scores: dict[str, Any] = {"words_kept": len(vectors)}
    if (questions := gold / "questions-words.txt").exists():
        answered = analogies.evaluate(vectors, questions, most_frequent=30_000)
        scores |= {"analogies": answered.accuracy, "analogies_coverage": answered.coverage}
    for name, file in (("wordsim", "EN-WS-353-ALL.txt"), ("simlex", "SimLex-999.txt")):
        if (pairs := gold / file).exists():
            compared = similarity.evaluate(vectors, pairs)
            scores |= {name: compared.spearman, f"{name}_coverage": compared.coverage}
    return scores


if __name__ == "__main__":
    main()
