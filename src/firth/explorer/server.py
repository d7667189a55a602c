"""`firth.explore`: models opened in the browser, answered by a small server of this process."""

from __future__ import annotations

import atexit
import os
import re
import secrets
import socket
import sys
import threading
import time
import webbrowser
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from firth.errors import FirthError, SettingsError
from firth.explorer.guard import is_loopback
from firth.explorer.live import LiveTraining
from firth.explorer.models import Models, opened

if TYPE_CHECKING:
    from types import TracebackType

    from firth.events import Listener

__all__ = ["DEFAULT_PORT", "Explorer", "explore"]

DEFAULT_PORT = 8000
_PORTS_TRIED = 100
_LONGEST_HEADERS = 262_144
_CONNECTIONS = 100
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,200}")


def explore(
    models: Any,
    *,
    host: str = "127.0.0.1",
    port: int | None = None,
    token: str | None = None,
    limit: int | None = None,
    untrained: bool = False,
    open_browser: bool = True,
    wait: bool = True,
    on_event: Listener | None = None,
) -> Explorer:
    """Open models in the browser: a map of their words, neighbours, arithmetic, axes, two models beside each other.

    Args:
        models: a path, `WordVectors`, a `Run`, or several of them; a dictionary gives them names of their own. Or a
            `firth.explorer.live.LiveTraining`, to look on while it goes.
        host: the address to listen on; "127.0.0.1" is reached from this machine alone.
        port: int from 0 to 65535, 0 for any that is free; None for 8000 or the next that is free.
        token: at least 16 letters, digits, "-" or "_", without which nothing is answered; None makes one up where
            `host` is reached from elsewhere, and asks for none where it is not.
        limit: int ≥ 1, only so many words of each file from the first; None for all.
        untrained: show beside each model the same words with the vectors that its training began with.
        open_browser: whether to open the page, where there is a screen.
        wait: whether to return only when the server has ended, by Ctrl-C; else it goes on in the background until
            `.stop()` or the end of the program.
        on_event: told how far reading the models has come.

    Returns:
        The explorer, with its `.address`.

    Raises:
        SettingsError: there is no model, a port that is taken, a host or token that cannot be.
        SourceError, FormatError: a model cannot be opened.
    """
    if isinstance(models, LiveTraining):
        open_models = Models(live=models)
    else:
        open_models = Models(opened(models, limit=limit, untrained=untrained, on_event=on_event))
    explorer = Explorer(open_models, host=host, port=port, token=token)
    explorer.start(open_browser=open_browser)
    if wait:
        explorer.wait()
    return explorer


class Explorer:
    """A server of the explorer in a thread of this process.

    Args:
        models: those that are open.
        host: as for `explore`.
        port: as for `explore`.
        token: as for `explore`.

    Raises:
        SettingsError: the port is taken, the host or the token cannot be.
    """

    def __init__(
        self, models: Models, *, host: str = "127.0.0.1", port: int | None = None, token: str | None = None
    ) -> None:
        if token is not None and not _TOKEN.fullmatch(token):
            raise SettingsError("expected a token of 16 to 200 letters, digits, - or _, got another")
        self.models = models
        self.token = token if token is not None or is_loopback(host) else secrets.token_urlsafe(24)
        self._host = host
        self._socket = _bound(host, port)
        self.port: int = self._socket.getsockname()[1]
        self._server: Any = None
        self._thread: threading.Thread | None = None

    @property
    def address(self) -> str:
        """The page's address, with the token where there is one."""
        anywhere = {"0.0.0.0": socket.gethostname(), "::": socket.gethostname()}  # noqa: S104 - shown, not bound
        name = anywhere.get(self._host, self._host)
        shown = f"[{name}]" if ":" in name else name
        return f"http://{shown}:{self.port}/" + (f"?token={self.token}" if self.token else "")

    def start(self, *, open_browser: bool = False) -> None:
        """Begin to answer, in a thread.

        Args:
            open_browser: whether to open the page, where there is a screen.
        """
        import uvicorn  # noqa: PLC0415 - loads asyncio and more

        from firth.explorer.app import app_of  # noqa: PLC0415 - loads Starlette

        app = app_of(self.models, host=self._host, token=self.token, cookie=f"firth-{self.port}")
        # h11 bounds what it reads before a request is understood; other parsers do not.
        config = uvicorn.Config(
            app, log_level="error", access_log=False, lifespan="off", http="h11", ws="none", server_header=False,
            h11_max_incomplete_event_size=_LONGEST_HEADERS, limit_concurrency=_CONNECTIONS,
            timeout_graceful_shutdown=1,
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)
        self._thread.start()
        atexit.register(self.models.close)  # no process of ours outlives this one
        while not self._server.started and self._thread.is_alive():
            time.sleep(0.005)
        threading.Thread(target=self._warm, daemon=True).start()
        if open_browser and _has_a_screen():
            webbrowser.open(self.address)

    def _warm(self) -> None:
        for model in self.models:
            with suppress(FirthError):  # whoever asks is told
                model.warm()

    def wait(self) -> None:
        """Return when the server has ended, at the latest after Ctrl-C.

        Meanwhile the linear algebra library uses one thread for each answer: a search for one word reads memory as fast
        as one thread can, and threads that wait for one another only take time from other answers.
        """
        from threadpoolctl import threadpool_limits  # noqa: PLC0415 - looks through all loaded libraries

        try:
            with threadpool_limits(1, user_api="blas"):
                while self._thread is not None and self._thread.is_alive():
                    self._thread.join(0.5)
        except KeyboardInterrupt:
            pass
        finally:
            self.stop()

    def stop(self) -> None:
        """End the server."""
        if self._server is not None:
            self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(5)
        self._socket.close()
        self.models.close()

    def __enter__(self) -> Explorer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<Explorer: {len(self.models)} models at {self.address}>"


def _bound(host: str, port: int | None) -> socket.socket:
    """Return a socket that listens; with no port chosen, at the first free one from the default on."""
    if port is not None and (not isinstance(port, int) or isinstance(port, bool) or not 0 <= port <= 65_535):
        raise SettingsError(f"expected a port from 0 to 65,535, got {port!r}")
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port or 0, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError):
        raise SettingsError(f"expected the name or address of this machine to listen on, got {host!r}") from None
    ports = [port] if port is not None else range(DEFAULT_PORT, DEFAULT_PORT + _PORTS_TRIED)
    reason = "none is free"
    for tried in ports:
        listening = socket.socket(family, kind)
        try:
            if os.name != "nt":  # there it would let two programs listen at one port
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind((address[0], tried, *address[2:]))
            listening.listen(128)
        except OSError as error:
            listening.close()
            reason = error.strerror or str(error)
        else:
            return listening
    which = f"port {port}" if port is not None else f"a port from {ports[0]} to {ports[-1]}"
    raise SettingsError(
        f"could not listen on {which} of {host}: {reason}; choose another (--port 0 takes any free one)"
    )


def _has_a_screen() -> bool:
    """Return whether a browser would open in a window; one in the terminal would take the terminal away."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))
