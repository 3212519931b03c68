"""Asks the ``pullquote serve`` that runs on the same index, which has the model in memory already.

It writes its address into ``server.json`` in the index folder. Only an address on this machine is used, only through
plain sockets (no proxy sees a question), and only if it answers quickly that it serves this very folder. In every
other case the caller answers by itself.
"""

from __future__ import annotations

import http.client
import importlib.metadata
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

Json = dict[str, Any]

FILE = "server.json"
STATUS_SECONDS = 0.5
ANSWER_SECONDS = 120.0
"""The server may have to load its model for the first question."""
_LARGEST = 50_000_000
"""Bytes of an answer; more is not an answer of ours."""
_REFUSED = 400


@dataclass(frozen=True, slots=True)
class Server:
    """A server of this index on this machine."""

    host: str
    port: int

    def post(self, path: str, body: Json) -> Json | None:
        """What the server answers; None when it has none, so that the caller answers by itself.

        Raises:
            QuestionError: the server found the question or a filter wrong; its message says what.
        """
        reply = self.request("POST", path, body, ANSWER_SECONDS)
        if reply is None:
            return None
        status, found = reply
        if status == _REFUSED and isinstance(found.get("error"), str):
            from index import QuestionError

            raise QuestionError(found["error"])
        return found if status == http.client.OK else None

    def request(self, method: str, path: str, body: Json | None, seconds: float) -> tuple[int, Json] | None:
        """Status and JSON object of one request; None when the server cannot be reached or sends something else."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=seconds)
        data = None if body is None else json.dumps(body).encode()
        try:
            connection.request(method, path, data, {"Content-Type": "application/json"} if data else {})
            response = connection.getresponse()
            found = json.loads(response.read(_LARGEST))
        except (OSError, http.client.HTTPException, ValueError):
            return None
        finally:
            connection.close()
        return (response.status, found) if isinstance(found, dict) else None


def running_server(folder: Path) -> Server | None:
    """The server that runs on an index, or None."""
    server = _announced(folder)
    reply = server.request("GET", "/api/v1/status", None, STATUS_SECONDS) if server else None
    if reply is None or reply[0] != http.client.OK:
        return None
    served, version = reply[1].get("index"), reply[1].get("pullquote")
    if not isinstance(served, str) or os.path.realpath(served) != os.path.realpath(folder):
        return None
    return server if version == importlib.metadata.version("pullquote") else None


def _announced(folder: Path) -> Server | None:
    """The server that is named in the folder, if its address is one of this machine."""
    try:
        address = urlsplit(json.loads((folder / FILE).read_text("utf-8"))["url"])
        host, port = address.hostname, address.port
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    if address.scheme != "http" or host not in ("127.0.0.1", "::1", "localhost") or not port:
        return None
    return Server(host, port)
