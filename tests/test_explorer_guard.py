"""Who may ask the explorer, by which name, and how much at once."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from firth.explorer.app import app_of
from firth.explorer.guard import HEADERS, LONGEST_ADDRESS, is_loopback
from firth.explorer.models import Models, opened
from firth.vectors.store import WordVectors

TOKEN = "0123456789abcdef-_"


@pytest.fixture(scope="module")
def client() -> Callable[..., TestClient]:
    models = Models(opened(WordVectors(["a", "b", "c"], np.eye(3))))

    def made(host: str = "127.0.0.1", token: str | None = None, called: str = "127.0.0.1:8000") -> TestClient:
        app = app_of(models, host=host, token=token, cookie="firth-8000")
        return TestClient(app, base_url=f"http://{called}")

    return made


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8000", "localhost:1", "LOCALHOST", "[::1]:8000", "127.8.8.8"])
def test_this_machine_s_names_are_answered(client: Callable[..., TestClient], host: str) -> None:
    assert client().get("/api/models", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example", "", "192.168.0.7",
        "127.0.0.1:8000@evil.example", "[::1", "::1", "0x7f000001.example", "a" * 5000, "localhost:evil",
    ],
)  # fmt: skip
def test_other_names_are_not(client: Callable[..., TestClient], host: str) -> None:
    answer = client().get("/api/models", headers={"Host": host})
    assert answer.status_code == 403
    assert "another host" in answer.json()["error"]
    assert client().get("/", headers={"Host": host}).status_code == 403


def test_beyond_this_machine_addresses_and_its_own_name_are_answered(client: Callable[..., TestClient]) -> None:
    open_to_all = client(host="0.0.0.0", token=TOKEN)
    for host, status in (
        ("192.168.0.7:8000", 200), (socket.gethostname(), 200), ("localhost", 200), ("[fe80::1]:8000", 200),
        ("evil.example", 403),
    ):  # fmt: skip
        assert open_to_all.get(f"/api/models?token={TOKEN}", headers={"Host": host}).status_code == status
    named = client(host="box.example", token=TOKEN)
    assert named.get(f"/api/models?token={TOKEN}", headers={"Host": "BOX.example:80"}).status_code == 200


def test_another_site_s_page_can_ask_for_nothing(client: Callable[..., TestClient]) -> None:
    for site, refused in (("cross-site", True), ("same-site", True), ("same-origin", False), ("none", False)):
        for path in ("/api/models", "/export.html?words=0"):
            answer = client().get(path, headers={"Sec-Fetch-Site": site})
            assert (answer.status_code == 403) == refused, (site, path)
    assert client().get("/", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_the_token(client: Callable[..., TestClient]) -> None:
    locked = client(host="0.0.0.0", token=TOKEN)
    for path in ("/", "/api/models", "/page/main.js", "/nothing", "/?token=", "/?token=wrong", "/api/models?token=é"):
        answer = locked.get(path)
        assert answer.status_code == 401, path
        assert "token" in answer.json()["error"]
        assert "set-cookie" not in answer.headers
    for cookie in ("firth-8000=wrong", "firth-8001=" + TOKEN, "a b;;;=", 'firth-8000="', "firth-8000"):
        assert locked.get("/api/models", headers={"Cookie": cookie}).status_code == 401
    page = locked.get(f"/?token={TOKEN}")
    assert page.status_code == 200
    assert page.headers["set-cookie"] == f"firth-8000={TOKEN}; HttpOnly; SameSite=Strict; Path=/"
    assert locked.get("/api/models").status_code == 200  # by the cookie
    assert TOKEN not in page.text


def asked_raw(app: Any, path: str, query: bytes) -> tuple[int, bytes]:
    """Put a request to an application that is longer than a client would send."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": query,
        "headers": [(b"host", b"127.0.0.1")], "http_version": "1.1", "scheme": "http",
    }  # fmt: skip
    asyncio.run(app(scope, receive, send))
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert (b"x-content-type-options", b"nosniff") in sent[0]["headers"]
    return sent[0]["status"], sent[1]["body"]


def test_sizes_are_bounded() -> None:
    models = Models(opened(WordVectors(["a", "b", "c"], np.eye(3))))
    app = app_of(models)
    status, body = asked_raw(app, "/api/models", b"x" * LONGEST_ADDRESS)
    assert status == 414
    assert b"160,000 bytes" in body
    assert asked_raw(app, "/api/models", b"x" * (LONGEST_ADDRESS - 20))[0] == 200
    assert asked_raw(app, "/" + "x" * LONGEST_ADDRESS, b"")[0] == 414
    locked = app_of(models, host="0.0.0.0", token=TOKEN)
    assert asked_raw(locked, "/", b"token=" + TOKEN.encode() + b"&" + b"x" * LONGEST_ADDRESS)[0] == 414
    # A word of 10,000 characters of four bytes each, written as an address has it.
    status, body = asked_raw(app, "/api/words", b"prefix=" + b"%F0%9F%98%80" * 10_000)
    assert (status, body) == (200, b'{"words":[]}')


def test_bodies_and_other_methods_are_refused(client: Callable[..., TestClient]) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
        answer = client().request(method, "/api/models")
        assert answer.status_code == 405, method
        assert "GET" in answer.json()["error"]
        assert client().request(method, "/api/models", content=b"x").status_code == 413
    assert client().request("GET", "/api/models", content=b"x" * 100).status_code == 413
    assert client().request("GET", "/api/models", headers={"Transfer-Encoding": "chunked"}).status_code == 413
    head = client().head("/")
    assert head.status_code == 200
    assert head.content == b""


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/api/models", 200),
        ("/api/neighbors", 400),
        ("/nothing", 404),
        ("/page/x", 404),
    ],
)
def test_every_answer_has_the_headers(client: Callable[..., TestClient], path: str, status: int) -> None:
    answer = client().get(path)
    assert answer.status_code == status
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    assert "server" not in answer.headers
    assert "access-control-allow-origin" not in answer.headers


def test_which_hosts_are_this_machine_alone() -> None:
    assert [host for host in ("127.0.0.1", "localhost", "::1", "127.1.2.3") if not is_loopback(host)] == []
    assert [host for host in ("0.0.0.0", "::", "192.168.0.7", "example.org", "") if is_loopback(host)] == []
