"""The map by UMAP: computed in a process of its own, kept beside the model, gone with whoever asked for it."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from firth.explorer import layouts as module
from firth.explorer import umap_process
from firth.explorer.app import app_of
from firth.explorer.layouts import Layouts
from firth.explorer.models import Models, opened
from firth.vectors.store import WordVectors

# What the tests put in place of the real program, which takes a quarter of a minute to begin.
QUICK = """
import sys
import numpy as np
vectors = np.load(sys.argv[1])
np.save(sys.argv[2], (vectors[:, :2] * 2).astype(np.float32))
"""
BROKEN = "import sys; print('Traceback', file=sys.stderr); sys.exit('ValueError: it does not work')"
SLOW = "import sys; sys.stdin.read()"
NO_NUMBERS = QUICK.replace("* 2", "* np.nan")


def vectors(words: int = 30, scale: float = 1.0) -> WordVectors:
    matrix = np.random.default_rng(1).normal(size=(words, 4)) * scale
    return WordVectors([f"w{row}" for row in range(words)], matrix, np.arange(words) + 1)


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Return a function that puts another program in the place of UMAP's, and its own cache."""
    monkeypatch.setenv("FIRTH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(module, "_has_umap", lambda: True)

    def put(source: str) -> None:
        (tmp_path / "program.py").write_text(source)
        monkeypatch.setattr(umap_process, "__file__", str(tmp_path / "program.py"))

    put(QUICK)
    return put


def waited_for(layouts: Layouts) -> dict[str, Any]:
    """Return UMAP's state once it is running no more."""
    deadline = time.monotonic() + 60
    while (told := layouts.described()[1])["state"] == "running":
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return told


@pytest.mark.usefixtures("program")
def test_it_is_computed_when_it_is_asked_for(tmp_path: Path) -> None:
    wv = vectors()
    client = TestClient(app_of(Models(opened(wv))), base_url="http://127.0.0.1")
    told = client.get("/api/layouts").json()["layouts"][1]
    assert told == {"name": "umap", "state": "absent", "why": None, "kept": None, "words": 30}
    answer = client.get("/api/map?layout=umap")
    assert (answer.status_code, answer.json()) == (202, {"state": "running"})
    deadline = time.monotonic() + 60
    while (answer := client.get("/api/map?layout=umap")).status_code == 202:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert answer.status_code == 200
    np.testing.assert_array_equal(np.frombuffer(answer.content, "<f4").reshape(-1, 2), wv.matrix[:, :2] * 2)
    assert client.get("/api/layouts").json()["layouts"][1]["state"] == "ready"
    assert len(list((tmp_path / "cache" / "layouts").iterdir())) == 1


@pytest.mark.usefixtures("program")
def test_only_the_most_frequent_words_have_a_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PLACED", 12)
    wv = vectors()
    layouts = Layouts(wv)
    assert layouts.places("umap") is None
    assert waited_for(layouts)["words"] == 12
    places = layouts.places("umap")
    assert places is not None
    np.testing.assert_array_equal(places[18:], wv.matrix[18:, :2] * 2)  # the last rows are the most frequent
    assert np.isnan(places[:18]).all()


@pytest.mark.parametrize("folder", [True, False])
def test_it_is_kept_beside_the_model(program: Any, tmp_path: Path, folder: bool) -> None:
    path = tmp_path / "run"
    if folder:
        path.mkdir()
    else:
        path.write_bytes(b"")
    first = Layouts(vectors(), path)
    assert first.places("umap") is None
    assert waited_for(first)["state"] == "ready"
    (kept,) = path.glob("umap-*.npy") if folder else tmp_path.glob("run.umap-*.npy")
    assert not (tmp_path / "cache" / "layouts").exists()
    program(BROKEN)
    again = Layouts(vectors(), path)
    assert again.described()[1]["state"] == "ready"
    np.testing.assert_array_equal(again.places("umap"), first.places("umap"))
    assert Layouts(vectors(scale=2), path).described()[1]["state"] == "absent"  # other vectors, another name
    for broken in (b"", b"\x93NUMPY", kept.read_bytes()[:-4], b"\x80\x04K\x01."):
        kept.write_bytes(broken)
        assert Layouts(vectors(), path).described()[1]["state"] == "absent"


@pytest.mark.usefixtures("program")
def test_where_the_folder_is_closed_it_is_kept_in_the_cache(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_bytes(b"")
    layouts = Layouts(vectors(), blocked / "no folder" / "model.bin")
    layouts.places("umap")
    assert waited_for(layouts)["state"] == "ready"
    assert len(list((tmp_path / "cache" / "layouts").iterdir())) == 1


@pytest.mark.parametrize(("source", "why"), [(BROKEN, "it does not work"), (NO_NUMBERS, "no numbers")])
def test_a_failure_is_told_in_a_sentence(program: Any, source: str, why: str) -> None:
    program(source)
    client = TestClient(app_of(Models(opened(vectors()))), base_url="http://127.0.0.1")
    client.get("/api/map?layout=umap")
    deadline = time.monotonic() + 60
    while (told := client.get("/api/layouts").json()["layouts"][1])["state"] == "running":
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert told["state"] == "unavailable"
    assert why in told["why"]
    answer = client.get("/api/map?layout=umap")
    assert answer.status_code == 400
    assert why in answer.json()["error"]


@pytest.mark.usefixtures("program")
def test_without_umap_or_words_it_is_not_to_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    few = TestClient(app_of(Models(opened(vectors(9)))), base_url="http://127.0.0.1")
    assert "at least 10 words" in few.get("/api/map?layout=umap").json()["error"]
    monkeypatch.setattr(module, "_has_umap", lambda: False)
    client = TestClient(app_of(Models(opened(vectors()))), base_url="http://127.0.0.1")
    assert 'pip install "firth[maps]"' in client.get("/api/layouts").json()["layouts"][1]["why"]
    assert client.get("/api/map?layout=umap").status_code == 422


def test_the_program_ends_with_the_explorer(program: Any) -> None:
    program(SLOW)
    layouts = Layouts(vectors())
    layouts.places("umap")
    deadline = time.monotonic() + 60
    while layouts._process is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process = layouts._process
    layouts.close()
    assert waited_for(layouts)["state"] == "unavailable"
    assert process.poll() is not None
    closed = Layouts(vectors())
    closed.close()
    assert closed.places("umap") is None


@pytest.mark.slow
def test_the_real_program(tmp_path: Path) -> None:
    if importlib.util.find_spec("umap") is None:
        pytest.skip("UMAP is not installed")
    generator = np.random.default_rng(1)
    kinds = np.repeat([0, 1], 40)
    matrix = (np.eye(2)[kinds] @ generator.normal(size=(2, 10)) * 3 + generator.normal(size=(80, 10)) * 0.1).astype(
        "f4"
    )
    np.save(tmp_path / "vectors.npy", matrix)
    command = [sys.executable, "-P", umap_process.__file__, tmp_path / "vectors.npy", tmp_path / "places.npy"]
    with subprocess.Popen([*command], stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.wait(300) == 0, process.stderr and process.stderr.read()
    places = np.load(tmp_path / "places.npy")
    assert places.shape == (80, 2)
    middles = np.array([places[kinds == kind].mean(axis=0) for kind in (0, 1)])
    spread = max(places[kinds == kind].std() for kind in (0, 1))
    assert np.linalg.norm(middles[0] - middles[1]) > 2 * spread


def test_the_real_program_ends_when_nobody_waits(tmp_path: Path) -> None:
    source = Path(umap_process.__file__).read_text(encoding="utf-8")
    waiting = source.replace("    import umap  # noqa: PLC0415 - optional\n", "    import time\n    umap = time\n")
    waiting = waiting.replace("vectors = np.load(source, allow_pickle=False)", "pass").replace(
        '    warnings.simplefilter("ignore")', "    time.sleep(60)\n    warnings.simplefilter('ignore')"
    )
    (tmp_path / "waiting.py").write_text(waiting)
    with subprocess.Popen([sys.executable, "-P", tmp_path / "waiting.py", "a", "b"], stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(30) == 1
