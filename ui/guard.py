"""What every request passes first: whether it was meant for this server, and what the browser may do with the reply.

A page of another site can make a browser send requests to 127.0.0.1, and a browser that has signed in sends its cookie
along. That is stopped here by the Host header (DNS rebinding), by the Origin header, by what browsers tell of where a
request comes from, and by the content type that the API asks for, which a browser only sends to another site after
asking it. Who may ask at all is the business of ``ui.accounts``. docs/serving.md tells all of it to users.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import ipaddress
import json
import re
import socket
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from index import PullquoteError

from .words import DEFAULT, language_of, speaking

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
WILDCARDS = frozenset({"0.0.0.0", "::"})
LARGEST_UPLOAD = 500_000_000
LARGEST_REQUEST = 10_000_000
"""Bytes: of the files that are dropped at once, and of any other request."""
UPLOAD = "/gradio_api/upload"

# What the page and ``gradio_client`` need of Gradio's routes. The others stay shut: they record the screen, run what
# they are told, or fetch an address for whoever asks.
_GRADIO = "/gradio_api/"
_OF_GRADIO = re.compile(
    r"(?:info|queue/(?:join|data|status)|(?:call|run)/.+|cancel|reset|upload|upload_progress|heartbeat/.+|startup-events|"
    r"file=(?!https?:).+)/?",
    re.DOTALL | re.IGNORECASE,
)
_NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?", re.IGNORECASE)
# Gradio's scripts have the hash of their content in their names.
_ASSETS = "/assets/"
_HEAD_ENDS = b"</head>"
_PARTS = b"<gradio-app"
_KEPT = "public, max-age=31536000, immutable"
_INLINE_SCRIPT = re.compile(rb"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)


class Guard:
    """ASGI middleware that refuses requests of other sites and sets the security headers.

    Args:
        app: what is guarded.
        host: the address that the server listens on; with a wildcard, every IP address and this machine's name are
            accepted as Host as well. A name that an attacker can point at this machine never is.
        names: further names under which it is reached, such as that of a proxy before it.
        uploads: whether files may be sent.
        head: HTML that the head of the page ends with; what Gradio is given as such, it adds in the browser, later.
        first_sight: makes HTML that stands on the page until its parts have come; a link into the page goes without.
    """

    def __init__(
        self,
        app: ASGIApp,
        host: str = "127.0.0.1",
        names: Iterable[str] = (),
        uploads: bool = True,
        head: str = "",
        first_sight: Callable[[], str] = str,
    ) -> None:
        self._app = app
        self._head, self._first_sight = head.encode(), first_sight
        self._uploads = uploads
        self._any_address = host in WILDCARDS
        self._hosts = LOOPBACK | {_bracketed(host).lower()} | {name.lower() for name in names}
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
                if scope["path"].startswith(_ASSETS) and message["status"] == 200:
                    MutableHeaders(scope=message)["Cache-Control"] = _KEPT
            await send(message)

        await self._app(scope, receive, send_guarded)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        headers, path, method = Headers(scope=scope), scope["path"], scope["method"]
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._is_ours(hosts[0]):
            return 400, f"this server does not answer for {', '.join(hosts) or 'a request without a host'}"
        origin = headers.get("origin")
        if origin is not None and _host_of(origin) != hosts[0].lower():
            return 403, f"requests from pages of {origin} are not accepted"
        if headers.get("sec-fetch-site") in ("cross-site", "same-site") and headers.get("sec-fetch-mode") != "navigate":
            return 403, "requests from pages of other sites are not accepted"
        if path.startswith(_GRADIO) and not _OF_GRADIO.fullmatch(path.removeprefix(_GRADIO)):
            return 404, f"there is no {path}"
        if path.rstrip("/") == UPLOAD and not self._uploads:
            return 403, "files cannot be added here; whoever runs the server can allow it: --allow-add"
        if method == "POST" and path.startswith("/api/"):  # which measures what it reads
            kind = headers.get("content-type", "").partition(";")[0].strip().lower()
            wrong = (415, "send JSON, with the header Content-Type: application/json")
            return None if kind == "application/json" else wrong
        return _too_large(headers, path, method)

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
                # The page is written in the language that its user reads; see ui.words.
                language = language_of(Headers(scope=scope).get("accept-language"))
                body = body.replace(f'lang="{DEFAULT}"'.encode(), f'lang="{language}"'.encode(), 1)
                body = body.replace(_HEAD_ENDS, self._head + _HEAD_ENDS, 1)
                if not scope["query_string"]:
                    with speaking(language):
                        body = body.replace(_PARTS, self._first_sight().encode() + _PARTS, 1)
                _set_headers(start, body)
                headers = MutableHeaders(scope=start)
                headers.add_vary_header("Accept-Language")
                if "content-length" in headers:
                    headers["Content-Length"] = str(len(body))
                if "gzip" in Headers(scope=scope).get("accept-encoding", ""):
                    body = gzip.compress(body, 6)
                    headers["Content-Encoding"], headers["Content-Length"] = "gzip", str(len(body))
                    headers.add_vary_header("Accept-Encoding")
                await send(start)
                await send({"type": "http.response.body", "body": body})

        await self._app({**scope, "headers": plain}, receive, send_whole)


def checked_names(names: Iterable[str]) -> tuple[str, ...]:
    """Names that a server may be reached under, without ports.

    Raises:
        PullquoteError: one of them is no name.
    """
    found = tuple(names)
    for name in found:
        if not _NAME.fullmatch(name) and not _is_address(name):
            raise PullquoteError(f"{name!r} is not the name of a machine; write it as pullquote.example.org")
    return tuple(_bracketed(name) for name in found)


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
        "font-src 'self' data:; connect-src 'self'; object-src 'none'; frame-src 'none'; base-uri 'self'; "
        "form-action 'self'; frame-ancestors 'none'"
    )


def _set_headers(message: Message, page: bytes) -> None:
    headers = MutableHeaders(scope=message)
    headers["Content-Security-Policy"] = policy(page)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers.setdefault("Referrer-Policy", "no-referrer")
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"


def _too_large(headers: Headers, path: str, method: str) -> tuple[int, str] | None:
    """Refuses a body that is too large before any of it is read; one that does not tell its length could be any."""
    length = headers.get("content-length")
    if length is None or "transfer-encoding" in headers:
        return (411, "send the header Content-Length") if method == "POST" else None
    most = LARGEST_UPLOAD if path.rstrip("/") == UPLOAD else LARGEST_REQUEST
    if not length.isdecimal() or len(length) > 15 or int(length) > most:
        return 413, f"the request has {length[:20]} bytes; the limit is {most:,}"
    return None


async def _refuse(status: int, reason: str, send: Send) -> None:
    body = json.dumps({"error": reason}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    start: Message = {"type": "http.response.start", "status": status, "headers": headers}
    _set_headers(start, b"")
    await send(start)
    await send({"type": "http.response.body", "body": body})


def _host_of(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return None


def _bracketed(host: str) -> str:
    """An address as it stands in a URL: IPv6 in brackets."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
