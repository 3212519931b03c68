"""Asks an OpenAI-compatible server and gives out the text of its reply as it comes; imports the client library.

The request carries the messages, the model's name and the key, and no header beyond what HTTP needs: the library would
add the operating system, its versions and whatever the environment names as organisation. No redirect is followed, no
proxy of the environment is used, nothing is tried twice, and the reply is counted as it arrives.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import Any

import httpx2
import openai

from .prompt import Message
from .settings import WriterSettings
from .written import WriterError

LARGEST = 1_000_000
"""Bytes of a reply, with all that is around its text."""
_HEADERS = frozenset({"host", "content-type", "content-length", "accept", "connection"})
_REASON = 120
"""Characters of what a server says about its own error."""


def pieces(settings: WriterSettings, messages: Iterable[Message], ends: float) -> Iterator[str]:
    """The text of the reply, piece by piece.

    Args:
        settings: where the server is.
        messages: what it is told.
        ends: the moment of ``time.monotonic`` after which nothing more is read.

    Raises:
        WriterError: the server cannot be reached, answers with an error, or sends something else than a reply.
    """
    left = max(0.001, ends - time.monotonic())
    transport = _Guarded(httpx2.HTTPTransport(trust_env=False, retries=0), settings.key, ends)
    try:
        with (
            httpx2.Client(transport=transport, follow_redirects=False, trust_env=False, timeout=left) as http,
            openai.OpenAI(
                api_key=settings.key or "none",
                base_url=settings.url,
                max_retries=0,
                timeout=left,
                http_client=http,
            ) as client,
        ):
            yield from _texts(client, settings.model, messages)
    except (openai.OpenAIError, httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError) as error:
        raise _ours(error) from error
    except (ValueError, TypeError, AttributeError, RecursionError, LookupError) as error:
        # The library takes a reply for what it should be, and trips over one that is something else.
        raise WriterError("sent something that is no reply of a language model") from error


def _texts(client: openai.OpenAI, model: str, messages: Iterable[Message]) -> Iterator[str]:
    told: Any = list(messages)
    began = ended = False
    with client.chat.completions.create(model=model, messages=told, stream=True) as stream:
        for chunk in stream:
            for choice in chunk.choices or ():
                text = choice.delta.content if choice.delta is not None else None
                if isinstance(text, str) and text:
                    began = True
                    yield text
                ended = ended or choice.finish_reason in ("stop", "eos")
    if began and not ended:
        raise WriterError("broke off in the middle of its text")


class _Guarded(httpx2.BaseTransport):
    """Sends no header that is not needed, and gives a reply no more bytes and time than it may have."""

    def __init__(self, inner: httpx2.BaseTransport, key: str | None, ends: float) -> None:
        self._inner = inner
        self._key = key
        self._ends = ends

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        for name in set(request.headers) - _HEADERS:
            del request.headers[name]
        request.headers["user-agent"] = "pullquote"
        if self._key is not None:
            request.headers["authorization"] = f"Bearer {self._key}"
        response = self._inner.handle_request(request)
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            response.close()
            raise WriterError("sent packed data, which it was not asked for")
        return httpx2.Response(
            response.status_code,
            headers=response.headers,
            stream=_Counted(response.stream, self._ends),
            extensions=response.extensions,
        )

    def close(self) -> None:
        self._inner.close()


class _Counted(httpx2.SyncByteStream):
    def __init__(self, inner: Any, ends: float) -> None:
        self._inner = inner
        self._ends = ends

    def __iter__(self) -> Iterator[bytes]:
        received = 0
        for data in self._inner:
            received += len(data)
            if received > LARGEST:
                raise WriterError(f"sent more than {LARGEST // 1_000:,} kB")
            if time.monotonic() > self._ends:
                raise WriterError("took too long")
            yield data

    def close(self) -> None:
        self._inner.close()


def _ours(error: BaseException) -> WriterError:
    """What a failure of the library means for a person."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, WriterError):
            return cause
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, openai.APIStatusError):
        if 300 <= error.status_code < 400:
            return WriterError(f"sends elsewhere (HTTP {error.status_code}), which is not followed")
        return WriterError(f"answered with an error (HTTP {error.status_code}{_said(error)})")
    if isinstance(error, openai.APITimeoutError):
        return WriterError("took too long")
    if isinstance(error, openai.APIConnectionError):
        return WriterError("could not be reached, or broke off")
    return WriterError(f"answered with an error{_said(error)}")


def _said(error: BaseException) -> str:
    """A server's own words about its error, short and in one line."""
    body = getattr(error, "body", None)
    message = body.get("message") if isinstance(body, dict) else None
    words = " ".join(message.split()) if isinstance(message, str) else ""
    shown = "".join(character for character in words if character.isprintable())[:_REASON]
    return f": {shown}" if shown else ""
