"""Web archives (WARC): the pages and PDFs that a crawler was given."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator
from typing import BinaryIO

from ..article import Failure
from ..errors import SourceError
from ..reading import Draft
from .detection import detect_bytes
from .failures import LIBRARY_ERRORS
from .members import Budget, Item, Member, one_line, read_all, record_name
from .registry import Container, Format

_TYPES = ("text/html", "application/xhtml+xml", "application/pdf")


def warc_members(source: str, stream: BinaryIO, budget: Budget) -> Iterator[Item]:
    """Every response with status 200 that is a page or a PDF, by its address."""
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed
    from warcio.statusandheaders import StatusAndHeadersParserException

    taken: set[int] = set()
    try:
        for number, record in enumerate(ArchiveIterator(stream), 1):
            headers = record.http_headers
            if record.rec_type != "response" or headers is None or headers.get_statuscode() != "200":
                continue
            kind = (headers.get_header("Content-Type") or "").split(";")[0].strip().lower()
            if kind not in _TYPES:
                continue
            budget.count(source)
            url = record.rec_headers.get_header("WARC-Target-URI") or ""
            name = record_name(source, url.strip("<>") or str(number))
            if hash(name) in taken:
                name = record_name(source, f"{number}:{url}")
            taken.add(hash(name))
            yield _item(name, url.strip("<>"), record.content_stream(), budget)
    except (ArchiveLoadFailed, StatusAndHeadersParserException, OSError, *LIBRARY_ERRORS) as error:
        reason = one_line(" ".join(str(error).split()), 100)
        raise SourceError(source, f"is damaged: the rest of it cannot be read ({reason})") from error


def _item(name: str, url: str, stream: BinaryIO, budget: Budget) -> Item:
    try:
        data = read_all(name, stream, budget)
        budget.spend(name, len(data))
        found = detect_bytes(name, data)
    except SourceError as error:
        if budget.total_bytes < 0:
            raise
        return Failure(name, error.reason)
    if isinstance(found, Container):
        return Failure(name, f"is {found.description}, not a page")
    return Member(name, data, functools.partial(_read, found, name, url, data))


def _read(found: Format, name: str, url: str, data: bytes) -> Draft:
    draft = found.read(name, data)
    is_link = url.lower().startswith(("http://", "https://"))
    return draft if draft.url or not is_link else dataclasses.replace(draft, url=url)
