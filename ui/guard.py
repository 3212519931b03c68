"""What every request passes first: who may ask, and what the browser may do with the reply.

The server has no password, so it must be sure that a request was meant for it. A page of another site can make a
browser send requests to 127.0.0.1; it is stopped here by the Host header (DNS rebinding), by the Origin header, and by
the content type that the API asks for, which a browser only sends to another site after asking it.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import json
import re
import socket
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
WILDCARDS = frozenset({"0.0.0.0", "::"})

_INLINE_SCRIPT = re.compile(rb"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)


class Guard:
    """ASGI middleware that refuses requests of other sites and sets the security headers.

    Args:
        app: what is guarded.
        host: the address that the server listens on; with a wildcard, every IP address and this machine's name are
            accepted as Host as well. A name that an attacker can point at this machine never is.
    """

    def __init__(self, app: ASGIApp, host: str = "127.0.0.1") -> None:
        self._app = app
        self._any_address = host in WILDCARDS
        self._hosts = LOOPBACK | {_bracketed(host).lower()}
        if self._any_address:
            self._hosts |= {socket.gethostname().lower()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":  # nothing here speaks it
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is not None:
            await _refuse(*refusal, send)
            return
        if scope["path"] == "/":
            await self._send_page(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                _set_headers(message, b"")
            await send(message)

        await self._app(scope, receive, send_guarded)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._is_ours(hosts[0]):
            return 400, f"this server does not answer for {', '.join(hosts) or 'a request without a host'}"
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc.lower() != hosts[0].lower():
            return 403, f"requests from pages of {origin} are not accepted"
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if scope["method"] == "POST" and scope["path"].startswith("/api/") and kind != "application/json":
            return 415, "send JSON, with the header Content-Type: application/json"
        return None

    def _is_ours(self, host: str) -> bool:
        name = re.sub(r":\d*$", "", host.lower())
        return name in self._hosts or (self._any_address and _is_address(name))

    async def _send_page(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the page itself, whose policy names the scripts that stand inside it."""
        # The scripts can only be read in a page that is not compressed.
        plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        start: Message = {}
        body = b""

        async def send_whole(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                return
            body += message.get("body", b"")
            if not message.get("more_body", False):
                _set_headers(start, body)
                await send(start)
                await send({"type": "http.response.body", "body": body})

        await self._app({**scope, "headers": plain}, receive, send_whole)


def policy(page: bytes) -> str:
    """The Content-Security-Policy for a page; its own inline scripts are allowed by their hashes, no others.

    Everything comes from this server. Gradio 6 forces three things beyond ``'self'``: a few scripts stand inside its
    page, one of them with the page's configuration, so they are named by hash; Svelte writes style elements and
    attributes, hence ``'unsafe-inline'`` for styles; and small pictures are ``data:`` addresses in its style sheets.
    It needs no ``'unsafe-eval'`` as long as no ``gr.HTML`` and no ``js=`` of an event is used.
    """
    digests = (hashlib.sha256(script).digest() for script in _INLINE_SCRIPT.findall(page))
    scripts = " ".join(["'self'", *(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)])
    return (
        f"default-src 'self'; script-src {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; "
        "frame-ancestors 'none'"
    )


def _set_headers(message: Message, page: bytes) -> None:
    headers = MutableHeaders(scope=message)
    headers["Content-Security-Policy"] = policy(page)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["Referrer-Policy"] = "no-referrer"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"


async def _refuse(status: int, reason: str, send: Send) -> None:
    body = json.dumps({"error": reason}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    start: Message = {"type": "http.response.start", "status": status, "headers": headers}
    _set_headers(start, b"")
    await send(start)
    await send({"type": "http.response.body", "body": body})


def _bracketed(host: str) -> str:
    """An address as it stands in a URL: IPv6 in brackets."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
