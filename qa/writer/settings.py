"""The settings of the writer, built once where the program starts; without an address there is no writer."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from index import PullquoteError

SECONDS = 20.0
"""The default limit of the whole writing."""
_LONGEST_WAIT = 600.0
_MODEL = "default"
"""Sent when no model is named: a server that runs one model alone takes any name."""


@dataclass(frozen=True, slots=True)
class WriterSettings:
    """Where the writer is and what it may cost.

    Attributes:
        url: the address of an OpenAI-compatible server, up to and with its ``/v1``.
        model: the name of the model, as the server knows it.
        key: sent as ``Authorization: Bearer``; nothing is sent when None.
        seconds: the most that the writing may take, from the first look-up to the last word.
        drop_unsupported: leave out sentences that the quotes do not carry, instead of showing them marked.

    Raises:
        PullquoteError: the address or the limit of time cannot be used.
    """

    url: str
    model: str = _MODEL
    key: str | None = field(default=None, repr=False)
    seconds: float = SECONDS
    drop_unsupported: bool = False

    def __post_init__(self) -> None:
        """Refuses what could never work, with a line that says what to write instead."""
        if not _host(self.url):
            raise PullquoteError(
                f"PULLQUOTE_WRITER_URL is {self.url!r}: give the address of a server, such as http://127.0.0.1:8080/v1"
            )
        if not 0 < self.seconds <= _LONGEST_WAIT:
            raise PullquoteError(
                f"PULLQUOTE_WRITER_SECONDS is {self.seconds:g}: give the seconds that the writer may take, above 0 "
                f"and at most {_LONGEST_WAIT:g}"
            )
        if self.key is not None and not (self.key.isascii() and self.key.isprintable()):
            raise PullquoteError("PULLQUOTE_WRITER_KEY holds characters that no key has; copy it again")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> WriterSettings | None:
        """Reads ``PULLQUOTE_WRITER_URL``, ``_MODEL``, ``_KEY``, ``_SECONDS``, ``_UNSUPPORTED``; for the program's edge.

        Returns:
            The settings, or None when no address is set.

        Raises:
            PullquoteError: a value cannot be used.
        """
        values = os.environ if environment is None else environment
        url = values.get("PULLQUOTE_WRITER_URL", "").strip()
        if not url:
            return None
        unsupported = values.get("PULLQUOTE_WRITER_UNSUPPORTED") or "mark"
        if unsupported not in ("mark", "drop"):
            raise PullquoteError(f"PULLQUOTE_WRITER_UNSUPPORTED is {unsupported!r}: give mark or drop")
        return cls(
            url=url,
            model=values.get("PULLQUOTE_WRITER_MODEL", "").strip() or _MODEL,
            key=values.get("PULLQUOTE_WRITER_KEY", "").strip() or None,
            seconds=_seconds(values.get("PULLQUOTE_WRITER_SECONDS", "").strip()),
            drop_unsupported=unsupported == "drop",
        )

    @property
    def host(self) -> str:
        """The server's name, for messages: the address without path, user and password."""
        return _host(self.url) or self.url


def _seconds(value: str) -> float:
    if not value:
        return SECONDS
    try:
        seconds = float(value)
    except ValueError:
        seconds = math.nan
    if math.isnan(seconds):
        raise PullquoteError(f"PULLQUOTE_WRITER_SECONDS is {value!r}: give a number of seconds, such as 20")
    return seconds


def _host(url: str) -> str | None:
    """Host and port of an address that can be asked, or None."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or not url.isprintable() or " " in url:
        return None
    name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return name if port is None else f"{name}:{port}"
