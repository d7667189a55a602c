"""The benches that others are meant to run: what they print follows from what was measured."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from firth.corpus import small_world

BENCH = Path(__file__).parents[1] / "bench"


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that imports one of the benches' files."""
    monkeypatch.syspath_prepend(BENCH)
    return importlib.import_module


def measured(turn: int, peer: str, seconds: float, **more: float) -> dict[str, Any]:
    return {"round": turn, "task": "cbow/nce", "peer": peer, "total_seconds": seconds, **more}


REPORT: dict[str, Any] = {
    "machine": {
        "processor": "a", "cores": 2, "memory_gigabytes": 8.0, "system": "b", "load": 0.5,
        "date": "2026-01-02T03:04:05",
    },
    "text": {"name": "t.txt", "bytes": 10_000_000},
    "settings": {
        "dim": 100, "threads": 1, "epochs": 5, "window": 5, "min_count": 5, "negatives": 5, "subsampling": 1e-3,
        "special": {"glove": {"window": 10}},
    },
    "rounds": 3,
    "versions": {"firth": {"firth": "0.1.0"}, "other": {"other": "2"}},
    "absent": {"third": "there is no Java on this machine"},
    "command": "python bench/run.py --text t.txt",
    "measured": [
        measured(1, "gensim", 20.0, analogies=0.30), measured(1, "firth", 2.0, analogies=0.31),
        measured(2, "gensim", 90.0, analogies=0.32), measured(2, "firth", 3.0, analogies=0.35),
        measured(3, "gensim", 60.0, analogies=0.31), measured(3, "firth", 4.0, analogies=0.33),
    ],
}  # fmt: skip


def test_the_table_has_medians_ranges_and_ratios_within_rounds(bench: Any) -> None:
    table = bench("report").tabled(REPORT)
    ours = "| cbow/nce | firth | 3.0 (2.0–4.0) |  |  |  | 33.0% (31.0%–35.0%) |  |  |  |  |"
    theirs = "| cbow/nce | gensim | 60.0 (20.0–90.0) |  |  |  | 31.0% (30.0%–32.0%) |  |  | 15.0 (10.0–30.0) |  |"
    busy = [{**row, "processor_seconds": 2.0 if row["peer"] == "firth" else 8.0} for row in REPORT["measured"]]
    assert "| 15.0 (10.0–30.0) | 4.0 (4.0–4.0) |" in bench("report").tabled({**REPORT, "measured": busy})
    assert table.index(ours) < table.index(theirs)
    assert "third: there is no Java on this machine." in table
    assert "load 0.5 at the beginning, 2026-01-02" in table


def test_the_plot_names_every_peer(bench: Any, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason='the plot needs pip install "firth[plots]"')
    bench("report").drawn(REPORT, tmp_path / "peers.svg")
    texts = {"".join(text.itertext()) for text in ET.parse(tmp_path / "peers.svg").iter() if text.tag.endswith("text")}  # noqa: S314  our own
    assert {"firth", "gensim", "cbow/nce", "analogies"} <= texts


def test_an_exponent_is_that_of_the_power_law(bench: Any) -> None:
    fitted, low, high = bench("growth").exponents({x: 3 * x**1.5 for x in (10.0, 100.0, 1000.0)})
    assert [fitted, low, high] == pytest.approx([1.5, 1.5, 1.5])
    fitted, low, high = bench("growth").exponents({1.0: 1.0, 2.0: 2.0, 4.0: 8.0})
    assert [fitted, low, high] == pytest.approx([1.5, 1.0, 2.0])


def test_words_are_drawn_by_zipf_s_law(bench: Any, tmp_path: Path) -> None:
    zipf = bench("zipf")
    text = zipf.zipf_text(50_000, 100)
    share = 1 / 2.7 / sum(1 / (rank + 2.7) for rank in range(100))
    assert (text.token_ids == 0).mean() == pytest.approx(share, rel=0.05)
    assert text.counts.sum() == 50_000
    assert text.sentence_ends[-1] == 50_000
    zipf.write_text(tmp_path / "t.txt", 45, 100)
    lines = (tmp_path / "t.txt").read_text().splitlines()
    assert [len(line.split()) for line in lines] == [20, 20, 5]
    assert lines[0].split() == [f"w{word}" for word in zipf.zipf_ids(45, 100)[:20]]


@pytest.mark.slow
def test_the_runner_measures_and_writes(tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("\n".join(small_world.text(30_000)), encoding="utf-8")
    source = str(BENCH.parent / "src")
    done = subprocess.run(
        [sys.executable, BENCH / "run.py", "--text", tmp_path / "text.txt", "--peers", "firth", "--rounds", "2",
         "--tasks", "cbow/negative-sampling", "--epochs", "1", "--dim", "8", "--output", tmp_path / "out"],
        capture_output=True, text=True, timeout=300, check=False,
        env={**os.environ, "PYTHONPATH": f"{source}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "out" / "peers.json").read_text())
    assert [(row["round"], row["task"], row["peer"]) for row in report["measured"]] == [
        (1, "cbow/negative-sampling", "firth"),
        (2, "cbow/negative-sampling", "firth"),
    ]
    assert all(0 < row["train_seconds"] < row["total_seconds"] < row["process_seconds"] for row in report["measured"])
    assert report["absent"] == {}
    assert str(tmp_path) not in json.dumps(report)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"peers.json", "peers.md", "peers.svg"}
