"""A real server on this machine that speaks the chat-completions stream, with replies that a test writes."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = Callable[["Exchange"], None]
"""Answers one request."""


@dataclass
class Exchange:
    """One request that has arrived, and what can be done with it."""

    handler: BaseHTTPRequestHandler
    body: dict[str, Any]

    @property
    def headers(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.handler.headers.items()}

    @property
    def prompt(self) -> str:
        return "\n".join(message["content"] for message in self.body["messages"])

    def begin(self, status: int = 200, kind: str = "text/event-stream", **headers: str) -> None:
        self.handler.send_response(status)
        self.handler.send_header("Content-Type", kind)
        for name, value in headers.items():
            self.handler.send_header(name.replace("_", "-"), value)
        self.handler.end_headers()

    def send(self, data: str | bytes) -> None:
        self.handler.wfile.write(data.encode() if isinstance(data, str) else data)
        self.handler.wfile.flush()

    def text(self, text: str, finish: str | None = None) -> None:
        choice = {"index": 0, "delta": {"content": text} if text else {}, "finish_reason": finish}
        chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
        self.send(f"data: {json.dumps(chunk)}\n\n")

    def stream(self, text: str, *, step: int = 7) -> None:
        """A whole reply, a few characters at a time."""
        self.begin()
        for start in range(0, len(text), step):
            self.text(text[start : start + step])
        self.text("", "stop")
        self.send("data: [DONE]\n\n")


@dataclass
class Server:
    """What a test knows of the server.

    Attributes:
        url: its address.
        exchanges: the requests so far.
        left: set when a client closed the connection before the reply was over.
    """

    url: str
    exchanges: list[Exchange] = field(default_factory=list)
    left: threading.Event = field(default_factory=threading.Event)


@contextlib.contextmanager
def serving(reply: Reply) -> Iterator[Server]:
    """Runs a server that answers every request with ``reply``."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            data = self.rfile.read(int(self.headers["Content-Length"]))
            exchange = Exchange(self, json.loads(data) | {"path": self.path})
            server.exchanges.append(exchange)
            try:
                reply(exchange)
            except OSError:
                server.left.set()

        def do_GET(self) -> None:
            server.exchanges.append(Exchange(self, {"path": self.path}))

        def log_message(self, *_: Any) -> None:
            pass

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.daemon_threads = True
    server = Server(f"http://127.0.0.1:{listener.server_port}/v1")
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown()
        thread.join()
        listener.server_close()


def closed_address() -> str:
    """An address on this machine where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}/v1"


def writes(text: str) -> Reply:
    """A server that writes a text."""
    return lambda exchange: exchange.stream(text)


def drips(text: str, seconds: float) -> Reply:
    """A server that writes a text slowly and never ends."""

    def reply(exchange: Exchange) -> None:
        exchange.begin()
        while True:
            exchange.text(text)
            time.sleep(seconds)

    return reply


def sends(data: bytes, *, status: int = 200, kind: str = "text/event-stream", **headers: str) -> Reply:
    """A server that sends bytes as they are."""

    def reply(exchange: Exchange) -> None:
        exchange.begin(status, kind, **headers)
        exchange.send(data)

    return reply
