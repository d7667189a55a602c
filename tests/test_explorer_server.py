"""The server itself: its address, its port, its threads, its end; and `firth explore` as a process."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import firth
from firth.corpus import small_world
from firth.errors import SettingsError, SourceError
from firth.explorer import server as module
from firth.explorer.models import opened
from firth.explorer.server import Explorer, explore
from firth.vectors.store import WordVectors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def vectors(words: int = 20, dim: int = 4) -> WordVectors:
    matrix = np.random.default_rng(1).normal(size=(words, dim))
    return WordVectors([f"w{row}" for row in range(words)], matrix, record={"seed": 5})


@contextmanager
def running(models: Any, **settings: Any) -> Iterator[Explorer]:
    with explore(models, port=0, open_browser=False, wait=False, **settings) as explorer:
        yield explorer


def get(address: str) -> Any:
    with urllib.request.urlopen(address, timeout=30) as answer:  # noqa: S310 - our own address
        return json.load(answer)


def test_it_answers_at_its_address_until_it_is_stopped() -> None:
    with running(vectors()) as explorer:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", explorer.address)
        assert get(explorer.address + "api/models")["models"][0]["name"] == "model 1"
        assert explorer.address in repr(explorer)
    with pytest.raises(urllib.error.URLError):
        get(explorer.address + "api/models")


def test_a_long_request_is_refused_before_it_is_read_to_its_end() -> None:
    with running(vectors()) as explorer, socket.create_connection(("127.0.0.1", explorer.port), timeout=30) as wire:
        try:
            wire.sendall(b"GET /?" + b"x" * 400_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            answer = wire.recv(100)
        except ConnectionError:  # it was cut off while we were still talking
            answer = b""
        assert answer == b"" or answer.startswith(b"HTTP/1.1 4")
        assert get(explorer.address + "api/models")["models"]


def test_it_answers_while_another_question_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()
    monkeypatch.setattr("firth.explorer.app.pairs_by_place", lambda *_: {"waited": go_on.wait(30)})
    with running(vectors()) as explorer:
        told: list[Any] = []
        asking = threading.Thread(target=lambda: told.append(get(explorer.address + "api/pairs?text=x")))
        asking.start()
        for _ in range(5):
            assert get(explorer.address + "api/models")["models"]
        assert told == []
        go_on.set()
        asking.join()
        assert told == [{"waited": True}]


def test_a_port_that_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=rf"could not listen on port {port} of 127\.0\.0\.1: .*--port 0"):
            explore(vectors(), port=port, open_browser=False)
        monkeypatch.setattr(module, "DEFAULT_PORT", port)
        with explore(vectors(), open_browser=False, wait=False) as explorer:
            assert port < explorer.port < port + 100


def test_settings_that_cannot_be(tmp_path: Path) -> None:
    for settings, message in (
        ({"port": 70_000}, "port from 0 to 65,535"),
        ({"port": True}, "port from 0"),
        ({"host": "nowhere.invalid", "port": 0}, "name or address of this machine"),
        ({"token": "short"}, "token of 16 to 200"),
        ({"token": "x" * 16 + "; Path=/"}, "token of 16 to 200"),
    ):
        with pytest.raises(SettingsError, match=message):
            explore(vectors(), open_browser=False, wait=False, **settings)
    for models in ([], {}, 5, [vectors(), None]):
        with pytest.raises(SettingsError):
            explore(models, open_browser=False, wait=False)
    with pytest.raises(SourceError, match="no such file"):
        explore(tmp_path / "nothing", open_browser=False, wait=False)
    with pytest.raises(SettingsError, match="seed"):
        explore(WordVectors(["a"], np.ones((1, 2))), untrained=True, open_browser=False, wait=False)


def test_beyond_this_machine_there_is_a_token() -> None:
    with running(vectors(), host="0.0.0.0") as explorer:
        assert explorer.token is not None
        assert len(explorer.token) >= 32
        assert explorer.address.endswith(f":{explorer.port}/?token={explorer.token}")
        local = f"http://127.0.0.1:{explorer.port}/api/models"
        with pytest.raises(urllib.error.HTTPError, match="401") as refused:
            get(local)
        refused.value.close()
        assert get(f"{local}?token={explorer.token}")["models"]
    with running(vectors(), token="a-token-of-my-own") as explorer:  # noqa: S106
        assert explorer.address.endswith("/?token=a-token-of-my-own")


def test_models_by_many_names(tmp_path: Path) -> None:
    wv = vectors()
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        wv.save(tmp_path / folder / "same.safetensors")
    paths = [tmp_path / folder / "same.safetensors" for folder in ("a", "b")]
    assert [model.name for model in opened(paths)] == [str(path) for path in paths]
    assert [model.name for model in opened([paths[0], wv])] == ["same.safetensors", "model 2"]
    assert [model.name for model in opened({"then": wv, "now": paths[0]})] == ["then", "now"]
    assert len(opened(paths[0], limit=3)[0].wv) == 3
    both = opened(wv, untrained=True)
    assert [model.name for model in both] == ["model 1", "model 1, untrained"]
    assert both[1].wv.words == wv.words
    assert np.abs(both[1].wv.matrix).max() <= 0.5 / 4


@pytest.mark.slow
def test_a_run_beside_its_beginning() -> None:
    run = firth.train(list(small_world.text(20_000)), firth.SkipGram(dim=5), epochs=1, threads=1)
    model, untrained = opened(run, untrained=True)
    assert model.wv is run.vectors
    np.testing.assert_array_equal(untrained.wv.matrix, run.untrained.matrix)


def test_a_browser_is_opened_only_where_there_is_a_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    opened_at: list[str] = []
    monkeypatch.setattr(module.webbrowser, "open", opened_at.append)
    monkeypatch.setattr(module.sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    explore(vectors(), port=0, wait=False).stop()
    assert opened_at == []
    monkeypatch.setenv("DISPLAY", ":0")
    explorer = explore(vectors(), port=0, wait=False)
    explorer.stop()
    assert opened_at == [explorer.address]


def test_a_centred_copy_that_does_not_fit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    (model,) = opened(vectors())
    monkeypatch.setenv("FIRTH_MEMORY", "100")
    with pytest.raises(SettingsError, match="room for a centred copy"):
        model.vectors(centred=True)


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Callable[..., tuple[subprocess.Popen[str], str]]]:
    """Return a function that starts `firth ARGUMENTS…` and gives the process and the address that it prints."""
    processes: list[subprocess.Popen[str]] = []
    environment = {**os.environ, "BROWSER": "true", "PYTHONUNBUFFERED": "1"}

    def start(*arguments: object) -> tuple[subprocess.Popen[str], str]:
        log = tmp_path / f"log{len(processes)}"
        with log.open("w") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "firth", *map(str, arguments)],
                stdout=file, stderr=subprocess.STDOUT, text=True, env=environment,
            )  # fmt: skip
        processes.append(process)
        deadline = time.monotonic() + 120
        while not (found := re.search(r"http://\S+", log.read_text())):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        return process, found[0]

    yield start
    for process in processes:
        process.kill()
        process.wait()


def test_the_command_serves_until_ctrl_c(started: Callable[..., Any], tmp_path: Path) -> None:
    vectors().save(tmp_path / "model.safetensors")
    process, address = started("explore", tmp_path / "model.safetensors", "--no-browser", "--port", 0)
    assert get(address + "api/models")["models"][0]["name"] == "model.safetensors"
    with urllib.request.urlopen(address, timeout=30) as page:  # noqa: S310
        assert b"<!doctype html>" in page.read().lower()
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    printed = (tmp_path / "log0").read_text()
    assert printed == f"model.safetensors: 20 words × 4 dimensions\n{address}  (Ctrl-C ends)\n"


@pytest.mark.slow
def test_the_command_s_training_is_shown_and_then_its_model(started: Callable[..., Any], tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("\n".join(small_world.text(60_000)))
    arguments = ["--dim", 10, "--epochs", 3, "--threads", 1, "--explore"]
    process, address = started("train", text, "-o", tmp_path / "run", *arguments)
    deadline = time.monotonic() + 120
    while (told := get(address + "api/live"))["state"] != "done":
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert told["frames"][-1]["words_done"] == told["frames"][-1]["words_total"]
    assert get(address + "api/models")["models"][0]["name"] == "run"
    assert get(address + "api/neighbors?word=king&k=3")["neighbors"]
    assert (tmp_path / "run" / "vectors.safetensors").exists()
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    printed = (tmp_path / "log0").read_text()
    assert f"the training is shown at {address}" in printed
    assert f"{address} shows what was learned" in printed


@pytest.mark.slow
def test_ctrl_c_in_a_shown_training_ends_it_as_ever(started: Callable[..., Any], tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("\n".join(small_world.text(60_000)))
    arguments = ["--dim", 50, "--epochs", 100_000, "--threads", 1, "--explore", "--held-out", 0]
    process, address = started("train", text, "-o", tmp_path / "run", *arguments)
    deadline = time.monotonic() + 120
    while len(get(address + "api/live")["frames"]) < 3:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    assert "interrupted" in (tmp_path / "log0").read_text()
    assert len(firth.load(tmp_path / "run")) > 100
