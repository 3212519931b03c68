"""Keeps Gradio from fetching an address because somebody has sent it in the place of a file.

Gradio takes any value that looks like a file for one, of any part of the page: with a link as its path it downloads the
link, asks a name server of its own choice where it leads, and through a proxy reaches whatever the proxy reaches. Links
are fetched by ``index.web`` alone, which looks where they lead, and only for who may add them.
"""

from __future__ import annotations

import json
from typing import Any

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .guard import UPLOAD

_GRADIO = "/gradio_api/"
_REFUSED = "a file must be sent, not a link to one; paste links into the box for links"


class UploadsOnly:
    """ASGI middleware; it stands behind ``ui.guard``, which limits how long a request may be.

    Args:
        app: what comes after it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _may_name_files(scope):
            await self._app(scope, receive, send)
            return
        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                return  # the client has gone
            body += message.get("body", b"")
            more = message.get("more_body", False)
        if _names_a_link(body):
            await JSONResponse({"error": _REFUSED}, 403)(scope, receive, send)
            return
        await self._app(scope, _again(body, receive), send)


def _may_name_files(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] != "POST":
        return False
    path = str(scope["path"])
    return path.startswith(_GRADIO) and path != UPLOAD


def _names_a_link(body: bytes) -> bool:
    try:
        waiting: list[Any] = [json.loads(body)]
    except RecursionError:
        return True
    except ValueError:
        return False  # Gradio refuses it, too
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            path = value.get("path")
            if isinstance(path, str) and path.lstrip().lower().startswith(("http:", "https:")):
                return True
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return False


def _again(body: bytes, receive: Receive) -> Receive:
    """Gives a body that has been read once more, and then what the client sends after it."""
    given = False

    async def receive_again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again
