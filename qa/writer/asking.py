"""Asks the server in a thread of its own, so that no step of it can take longer than the whole may."""

from __future__ import annotations

import importlib.util
import queue
import threading
import time
from collections.abc import Iterator, Sequence

from .prompt import Message
from .settings import WriterSettings
from .written import WriterError

_NEEDED = ("openai", "httpx2", "text_to_num")

_Arrived = queue.SimpleQueue[str | WriterError | None]


def is_installed() -> bool:
    """Whether the libraries of the extra ``pullquote[writer]`` are there."""
    return all(importlib.util.find_spec(name) is not None for name in _NEEDED)


def reply(settings: WriterSettings, messages: Sequence[Message]) -> Iterator[str]:
    """The text of the server's reply, piece by piece, until it is whole or the time is up.

    Looking a name up, connecting and loading the library know no common limit, so they happen beside the caller. What
    is still under way when the caller has left ends by itself with its next byte, or at the limit of time.

    Raises:
        WriterError: there is no reply, or it ended early.
    """
    ends = time.monotonic() + settings.seconds
    arrived: _Arrived = queue.SimpleQueue()
    left = threading.Event()
    work = (settings, messages, ends, arrived, left)
    threading.Thread(target=_work, args=work, name="writer", daemon=True).start()
    try:
        while True:
            try:
                item = arrived.get(timeout=max(0.0, ends - time.monotonic()))
            except queue.Empty:
                item = WriterError(f"did not finish within {settings.seconds:g} s")
            if item is None:
                return
            if isinstance(item, WriterError):
                raise item
            yield item
            if time.monotonic() > ends:
                raise WriterError(f"did not finish within {settings.seconds:g} s")
    finally:
        left.set()


def _work(
    settings: WriterSettings, messages: Sequence[Message], ends: float, arrived: _Arrived, left: threading.Event
) -> None:
    outcome: WriterError | None = WriterError("could not be used")
    try:
        from .client import pieces

        for piece in pieces(settings, messages, ends):
            if left.is_set():
                break
            arrived.put(piece)
        outcome = None
    except WriterError as error:
        took_too_long = time.monotonic() >= ends
        outcome = WriterError(f"did not finish within {settings.seconds:g} s") if took_too_long else error
    finally:
        # Whatever happens, the caller is told that nothing more comes.
        arrived.put(outcome)
