"""A real web server on this machine, an internet of names that a test makes up, and a clock that a test can see."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from index import Settings
from index.web.fetching import Fetcher
from index.web.transport import Network, connect

PUBLIC = "93.184.216.34"
OTHER_PUBLIC = "93.184.216.35"
PAGE = b"<html><title>Harbour</title><p>The harbour is closed.</p></html>"


@dataclass(frozen=True)
class Answer:
    """What a page answers; a body that is not bytes is written piece by piece, without a length."""

    body: bytes | Callable[[], Iterator[bytes]] = b""
    content_type: str | None = "text/html; charset=utf-8"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class Site:
    """A server on loopback. ``pages`` maps paths to answers, or to functions of the request's headers."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.pages: dict[str, Answer | Callable[[Mapping[str, str]], Answer]] = {}
        self.requests: list[tuple[str, Mapping[str, str]]] = []
        self.written = 0
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site._answer(self)

            def log_message(self, *_arguments: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_arguments: Any) -> None:
                pass  # the client hung up, as it should where an answer is over a limit

        self._server = Server(("127.0.0.1", 0), Handler)
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def asked(self, path: str) -> list[Mapping[str, str]]:
        """The headers of the requests for a path."""
        return [headers for asked, headers in self.requests if asked == path]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        headers = {name.lower(): value for name, value in handler.headers.items()}
        self.requests.append((handler.path, headers))
        page = self.pages.get(handler.path, Answer(b"not here", status=404))
        answer = page if isinstance(page, Answer) else page(headers)
        handler.send_response(answer.status)
        if answer.content_type is not None:
            handler.send_header("Content-Type", answer.content_type)
        for name, value in answer.headers.items():
            handler.send_header(name, value)
        if isinstance(answer.body, bytes):
            handler.send_header("Content-Length", str(len(answer.body)))
            handler.end_headers()
            handler.wfile.write(answer.body)
            return
        handler.end_headers()
        for piece in answer.body():
            handler.wfile.write(piece)
            self.written += len(piece)


@contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[Site]:
    """A site for the length of a test."""
    site = Site(tls)
    try:
        yield site
    finally:
        site.close()


class Internet:
    """Names lead to the addresses that a test says; public addresses are played by servers on loopback.

    Args:
        names: each name's addresses, or several lists of them: one for each time that it is looked up.
        servers: from a public address to the port of the server that plays it.
    """

    def __init__(self, names: Mapping[str, Sequence[Any]], servers: Mapping[str, int]) -> None:
        self._names = names
        self._servers = servers
        self.looked_up: list[str] = []
        self.connected: list[str] = []

    def resolve(self, host: str, _port: int) -> Sequence[str]:
        times = self.looked_up.count(host)
        self.looked_up.append(host)
        if host not in self._names:
            raise OSError(f"{host} is unknown")
        answers = self._names[host]
        if isinstance(answers[0], str):
            return answers
        return answers[min(times, len(answers) - 1)]

    def connect(self, address: str, port: int, seconds: float) -> Any:
        self.connected.append(address)
        return connect("127.0.0.1", self._servers.get(address, port), seconds)

    def network(self, tls: ssl.SSLContext | None = None) -> Network:
        return Network(self.resolve, self.connect, tls)


class Clock:
    """A clock that only moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def fetcher(network: Network | None = None, clock: Clock | None = None, **settings: Any) -> Fetcher:
    """A fetcher that waits for nobody: without a network of its own it may go to loopback."""
    clock = clock or Clock()
    settings.setdefault("allow_private", network is None)
    return Fetcher(Settings(**settings), network=network, clock=clock, sleep=clock.sleep)
