"""Reads feeds (RSS, Atom, JSON Feed) and lists of feeds (OPML): which articles they name."""

from __future__ import annotations

import calendar
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parseaddr
from typing import Any, Literal
from urllib.parse import urljoin

from index.errors import SourceError
from index.formats.xml_stream import Beginnings, stream_xml

MAX_FEED_BYTES = 10_000_000
MAX_ENTRIES = 5_000
"""A feed's first so many entries count; real ones hold some tens."""
_MAX_DEPTH = 100
_MAX_ELEMENTS = 400_000
"""Opening and closing tags."""
_FAILURES_OF_FEEDPARSER = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What escapes from it on feeds that are broken: numbers of no character, encodings of no name, halves of links."""
_HEAD = 4096

Kind = Literal["feed", "opml"]


@dataclass(frozen=True, slots=True)
class Entry:
    """An article that a feed names.

    Attributes:
        url: its page.
        title: in one line; empty when the feed does not say.
        published: the day, in UTC, or None.
        author: or None.
    """

    url: str
    title: str
    published: date | None
    author: str | None


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed: its title, and its entries in its own order, each page once."""

    title: str
    entries: tuple[Entry, ...]


_OPENINGS = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*+"
    # Atomic: comments without end must not be tried in all ways of cutting them up.
    rb"(?:(?><\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[.*?\])?\s*>)\s*+)*+"
    rb"<(?:[A-Za-z][\w.-]{0,30}:)?(rss|feed|RDF|opml)[\s>/]",
    re.DOTALL | re.IGNORECASE,
)
_JSON_FEED = re.compile(rb'"version"\s*:\s*"https?:(?:\\?/){2}(?:www\.)?jsonfeed\.org(?:\\?/)version')
_FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"})
_OPML_TYPES = frozenset({"text/x-opml", "text/x-opml+xml", "application/opml+xml"})


def kind_of(content_type: str, data: bytes) -> Kind | None:
    """Whether this is a feed or a list of feeds; None for everything else.

    The content decides, because feeds are often sent as ``text/html`` or ``text/xml``; the type does where the content
    says nothing.
    """
    head = _as_utf8(data[:_HEAD])
    if opening := _OPENINGS.match(head):
        return "opml" if opening[1].lower() == b"opml" else "feed"
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and _JSON_FEED.search(head):
        return "feed"
    if content_type in _OPML_TYPES:
        return "opml"
    return "feed" if content_type in _FEED_TYPES else None


def read_feed(source: str, data: bytes) -> Feed:
    """Reads a feed.

    Args:
        source: its URL, from which relative links in it start.
        data: its bytes, as they were fetched.

    Raises:
        SourceError: it is not a feed, or far too large.
    """
    _check_size(source, data)
    is_json = data[:_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
    entries: Iterable[Entry]
    title, entries = _read_json(source, data) if is_json else _read_xml(source, data)
    kept: dict[str, Entry] = {}
    for entry in entries:
        if entry.url:
            kept.setdefault(entry.url, entry)
        if len(kept) == MAX_ENTRIES:
            break
    return Feed(title, tuple(kept.values()))


def read_opml(source: str, data: bytes) -> tuple[str, ...]:
    """The URLs of the feeds that an OPML list names, in its order, each once.

    Raises:
        SourceError: it is not XML, declares entities (which can unpack without end), or is far too large.
    """
    _check_size(source, data)
    outlines = _Outlines()
    try:
        stream_xml(source, "list", data, outlines)
    except SourceError as error:
        raise SourceError(source, f"is not an OPML list that can be read: it {error.reason}") from error
    found = dict.fromkeys(_joined(source, url) for url in outlines.urls)
    if not found:
        raise SourceError(source, "is an OPML list without feeds")
    return tuple(url for url in found if url)[:MAX_ENTRIES]


class _Outlines(Beginnings):
    """Keeps the feeds of a list."""

    def __init__(self) -> None:
        self.urls: list[str] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag.lower() == "outline":
            self.urls += [value for name, value in attributes.items() if name.lower() == "xmlurl" and value.strip()]


def _check_size(source: str, data: bytes) -> None:
    if len(data) > MAX_FEED_BYTES:
        raise SourceError(source, f"is larger than {MAX_FEED_BYTES // 1_000_000} MB, too large for a feed")


def _read_xml(source: str, data: bytes) -> tuple[str, list[Entry]]:
    import feedparser

    _check_structure(source, data)
    try:
        # A stream, never a string or a name: those it would open as a file or fetch by itself.
        parsed = feedparser.parse(io.BytesIO(data), sanitize_html=False, resolve_relative_uris=False)
        entries = [_entry(source, item) for item in parsed.entries[: 2 * MAX_ENTRIES]]
        title = _one_line(parsed.feed.get("title"))
    except _FAILURES_OF_FEEDPARSER as error:
        raise SourceError(source, f"is not a feed that can be read ({' '.join(str(error).split())[:100]})") from error
    if not parsed.get("version") and not entries:
        raise SourceError(source, "is not a feed that can be read (RSS, Atom or JSON Feed)")
    return title, entries


def _entry(source: str, item: Any) -> Entry:
    # As in a plain dictionary: its own ``get`` warns where one date would stand in for the other.
    moment = dict.get(item, "published_parsed") or dict.get(item, "updated_parsed")
    return Entry(
        _joined(source, _link_of(item)),
        _one_line(item.get("title")),
        _day(calendar.timegm(moment)) if moment else None,
        _author_of(item) or None,
    )


def _author_of(item: Any) -> str:
    """The name; in RSS it often stands behind an address."""
    author = _one_line(item.get("author"))
    return parseaddr(author)[0] or author if "@" in author else author


def _link_of(item: Any) -> str:
    """The entry's page; where it only has an id that is one (RSS ``guid``), that."""
    link = item.get("link") or ""
    if not link and str(item.get("id", "")).startswith(("http://", "https://")):
        link = item["id"]
    return str(link)


def _read_json(source: str, data: bytes) -> tuple[str, Iterator[Entry]]:
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise SourceError(source, f"is not a JSON Feed that can be read ({error})") from error
    items = document.get("items")
    if not isinstance(items, list):
        raise SourceError(source, "is not a JSON Feed (it has no list of items)")

    def entries() -> Iterator[Entry]:
        for item in items:
            if not isinstance(item, dict):
                continue
            authors = item.get("authors") or [item.get("author")]
            names = (
                [each.get("name") for each in authors if isinstance(each, dict)] if isinstance(authors, list) else []
            )
            url = item.get("url") or item.get("external_url") or ""
            yield Entry(
                _joined(source, url) if isinstance(url, str) else "",
                _one_line(item.get("title")),
                _iso_day(item.get("date_published") or item.get("date_modified")),
                ", ".join(name for name in map(_one_line, names) if name) or None,
            )

    return _one_line(document.get("title")), entries()


def _joined(source: str, url: str) -> str:
    """A link made absolute; empty when it cannot be, or is no page (``mailto:``, ``javascript:``)."""
    if not url.strip():
        return ""
    try:
        joined = urljoin(source, url.strip())
    except ValueError:
        return ""
    return joined if joined.startswith(("http://", "https://")) else ""


def _one_line(value: object) -> str:
    return " ".join(value.split())[:600] if isinstance(value, str) else ""


def _day(seconds: float) -> date | None:
    try:
        return datetime.fromtimestamp(seconds, UTC).date()
    except (OverflowError, OSError, ValueError):
        return None


def _iso_day(value: object) -> date | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return moment.astimezone(UTC).date() if moment.tzinfo else moment.date()


def _as_utf8(head: bytes) -> bytes:
    """The beginning of a document, of UTF-16 as well, in bytes in which its ASCII can be searched."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", "replace").encode("utf-8")
    return head


_TAG = re.compile(rb"<!\[CDATA\[|<!--|<(/?)[A-Za-z][^<>]*+>")


def _check_structure(source: str, data: bytes) -> None:
    """Refuses elements so many or so deep in each other as no feed has them: parsing those takes time and memory."""
    depth = elements = position = 0
    while tag := _TAG.search(data, position):
        position = tag.end()
        elements += 1
        if tag[1] is None:
            position = data.find(b"]]>" if tag[0] != b"<!--" else b"-->", position)
            if position < 0:
                return
        elif tag[1]:
            depth -= 1
        elif data[position - 2] != ord("/"):
            depth += 1
        if depth > _MAX_DEPTH or elements > _MAX_ELEMENTS:
            what = f"more than {_MAX_DEPTH} deep in each other" if depth > _MAX_DEPTH else "far too many"
            raise SourceError(source, f"is not a feed that is read here (its elements are {what})")
