"""Finds the page in a MIME bundle (``.mhtml``, ``.mht``), in which browsers save it with its pictures and styles."""

from __future__ import annotations

import email
import re
from dataclasses import dataclass
from email.errors import MessageError
from email.message import Message

from ..errors import SourceError

_MAX_PARTS = 5_000
_HEADER = re.compile(rb"[!-9;-~]+[ \t]*:")


@dataclass(frozen=True, slots=True)
class SavedPage:
    """The page in a bundle: its bytes, and what the bundle says of its encoding and of where it came from."""

    data: bytes
    charset: str | None
    address: str | None


def page_in_bundle(source: str, data: bytes) -> SavedPage:
    """The page that a bundle was made for; its frames and advertisements are pages too.

    Raises:
        SourceError: it is damaged, or there is no page in it.
    """
    data = data.lstrip()
    if not _HEADER.match(data):
        raise SourceError(source, "is not a web page as a browser saves it in one file (it has no MIME headers)")
    try:
        message = email.message_from_bytes(data)
        pages = [
            _saved(part, message) for part in _parts(message) if part.get_content_subtype() in ("html", "xhtml+xml")
        ]
    except (MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise SourceError(source, "is damaged: its parts cannot be told apart; save the page again") from error
    pages = [page for page in pages if page.data.strip()]
    if not pages:
        raise SourceError(source, "holds no web page; save it again as one file, or as .html")
    address = _header(message, "Snapshot-Content-Location") or _header(message, "Content-Location")
    return next((page for page in pages if address and page.address == address), pages[0])


def _parts(message: Message) -> list[Message]:
    parts = []
    for part in message.walk():
        parts.append(part)
        if len(parts) > _MAX_PARTS:
            break
    return parts


def _saved(part: Message, message: Message) -> SavedPage:
    payload = part.get_payload(decode=True)
    address = _header(part, "Content-Location") or _header(message, "Snapshot-Content-Location")
    return SavedPage(payload if isinstance(payload, bytes) else b"", part.get_content_charset(), address)


def _header(message: Message, name: str) -> str | None:
    value = message.get(name)
    return "".join(str(value).split()) or None if value is not None else None
