"""What stands before every request: who may ask, by which name the server was called, how long a question may be.

The server listens on this machine alone unless told otherwise, but any page that the browser shows may send requests to
it. A page from elsewhere cannot read the answers; it could if a name that it owns were made to point here (DNS
rebinding), so the name that the request calls the server by is checked. What another site's page causes is refused
altogether. Beyond this machine every request needs the token.
"""

from __future__ import annotations

import hmac
import ipaddress
import re
import socket
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["HEADERS", "LONGEST_ADDRESS", "Guard", "is_loopback"]

LONGEST_ADDRESS = 160_000
"""Bytes of a path and its parameters: a word of 10,000 characters takes up to 120,000."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
        "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""Of every answer."""


_HOST = re.compile(r"(?:\[(?P<bracketed>[^\]]*)\]|(?P<name>[^:]*))(?::\d*)?")


class Guard:
    """An application that lets requests through to another one, or refuses them with a sentence.

    Args:
        app: the other one.
        host: the name or address that the server is bound to.
        token: without which nothing is answered; None where everybody on this machine may ask.
        cookie: the name of the cookie that carries the token.
    """

    def __init__(self, app: ASGIApp, *, host: str, token: str | None, cookie: str = "firth") -> None:
        self._app, self._token, self._cookie = app, token, cookie
        self._loopback = is_loopback(host)
        self._names = {"localhost"} if self._loopback else {"localhost", host.lower(), socket.gethostname().lower()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            return  # no sockets are kept open here, and nothing is to be done at the server's start
        headers = Headers(scope=scope)
        given = self._given_token(scope)

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                answer.update(HEADERS)
                if given is not None and scope["path"] == "/":
                    answer.append("Set-Cookie", f"{self._cookie}={given}; HttpOnly; SameSite=Strict; Path=/")
            await send(message)

        refused = self._refusal(scope, headers, given)
        if refused is None:
            await self._app(scope, receive, guarded)
        else:
            status, sentence = refused
            await JSONResponse({"error": sentence}, status)(scope, receive, guarded)

    def _refusal(self, scope: Scope, headers: Headers, given: str | None) -> tuple[int, str] | None:
        """Return the status and the sentence with which a request is refused; None where it is not."""
        length = len(scope.get("raw_path") or scope["path"].encode()) + len(scope["query_string"])
        site = headers.get("sec-fetch-site", "none")
        reasons = (
            (
                not self._is_ours(headers.get("host", "")),
                403,
                "expected a request to this machine by its own name or address, got another host",
            ),
            (
                site not in ("same-origin", "none") and scope["path"] != "/",
                403,
                "expected a request from the explorer's own page, got one that another site's page caused",
            ),
            (
                length > LONGEST_ADDRESS,
                414,
                f"expected an address of at most {LONGEST_ADDRESS:,} bytes, got a longer one; ask for less",
            ),
            (
                headers.get("content-length", "0") != "0" or "transfer-encoding" in headers,
                413,
                "expected a request without a body, got one with a body; everything is asked by its address",
            ),
            (
                scope["method"] not in ("GET", "HEAD"),
                405,
                "expected a GET request, got another method; everything is asked by its address",
            ),
            (
                self._token is not None and given is None and not self._has_cookie(headers),
                401,
                "expected the token that firth printed with the address, got none or another; open that address",
            ),
        )
        return next(((status, sentence) for applies, status, sentence in reasons if applies), None)

    def _is_ours(self, host: str) -> bool:
        """Return whether a Host header names this machine: by an address, which nobody can make point elsewhere."""
        found = _HOST.fullmatch(host.lower())
        if found is None:
            return False
        name = found["bracketed"] or found["name"]
        if name in self._names:
            return True
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        return address.is_loopback or not self._loopback

    def _given_token(self, scope: Scope) -> str | None:
        """Return the token where the address has the right one."""
        if self._token is None or len(scope["query_string"]) > LONGEST_ADDRESS:
            return None
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        return self._token if self._is_token(given) else None

    def _has_cookie(self, headers: Headers) -> bool:
        try:
            cookies = SimpleCookie(headers.get("cookie", ""))
        except CookieError:
            return False
        return self._cookie in cookies and self._is_token(cookies[self._cookie].value)

    def _is_token(self, given: str) -> bool:
        # Compared in constant time, so that it cannot be guessed letter by letter.
        return self._token is not None and hmac.compare_digest(given.encode(), self._token.encode())


def is_loopback(host: str) -> bool:
    """Return whether a name or address reaches nobody but this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
