"""What the catalog's rows hold, checked against their checksums when they are read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from .article import Article, Failure, Passage, Span, text_sha256
from .errors import CorruptIndexError
from .formats import is_member
from .schema import checksum

_ARTICLE_FIELDS = "id, title, author, published, language, text, sha256, page_starts, near_group, splitter"
ARTICLE_COLUMNS = f"{_ARTICLE_FIELDS}, site, url, checksum"
ARTICLE_COLUMNS_1 = f"{_ARTICLE_FIELDS}, NULL AS site, NULL AS url, checksum"
"""The same from a catalog of version 1, which is read as it is until something is written to it."""
CONTAINER_COLUMNS = "location, root, bytes, modified_ns, read_at_ns, validators, splitter, failures, checksum"
PASSAGE_COLUMNS = 'id, article_id, ordinal, start, "end", sentences, embedded_sha256, vector, checksum'

COLUMNS_KEY = "columns"
"""Under which the catalog's own record keeps, as JSON, what was said of the columns of tables."""


@dataclass(frozen=True, slots=True)
class SourceState:
    """What is known of a source: enough to tell without reading it that a file is unchanged."""

    location: str
    article_id: int
    root: str | None
    bytes: int | None
    modified_ns: int | None
    read_at_ns: int | None
    bytes_sha256: str | None
    validators: str | None = None  # of a page on the web: its ETag and Last-Modified, as JSON

    def is_member(self) -> bool:
        """Whether it is part of a file with many articles, which is its root."""
        return is_member(self.location, self.root)

    def places(self) -> tuple[str, ...]:
        """By which a person may name it: itself, and the file that it is part of."""
        return (self.location, self.root) if self.root is not None and self.is_member() else (self.location,)


@dataclass(frozen=True, slots=True)
class ContainerState:
    """What is known of a file with many articles that was read to its end.

    Attributes:
        location: its path.
        root: the folder through which it was found.
        bytes, modified_ns, read_at_ns: by which it is seen to be unchanged.
        splitter: the fingerprint of what made the passages of its articles.
        failures: members that could not be read, with the reason.
        validators: of a source on the web, its ETag and Last-Modified as JSON.
    """

    location: str
    root: str | None
    bytes: int | None
    modified_ns: int | None
    read_at_ns: int | None
    splitter: str
    failures: tuple[Failure, ...] = ()
    validators: str | None = None

    def row(self) -> tuple[str | int | None, ...]:
        """The values of ``CONTAINER_COLUMNS``."""
        failures = json.dumps([(failure.source, failure.reason) for failure in self.failures])
        times = (self.bytes, self.modified_ns, self.read_at_ns)
        values = (self.location, self.root, *times, self.validators, self.splitter, failures)
        return (*values, checksum(*values))


def as_container(row: tuple[Any, ...]) -> ContainerState | None:
    """The state of a row with ``CONTAINER_COLUMNS``; None when it fails its checksum, and the file is read again."""
    *values, stored = row
    if checksum(*values) != stored:
        return None
    location, root, size, modified_ns, read_at_ns, validators, splitter, failures = values
    pairs = tuple(Failure(*pair) for pair in json.loads(failures))
    return ContainerState(location, root, size, modified_ns, read_at_ns, splitter, pairs, validators)


def as_columns(value: str | None) -> dict[str, dict[str, str]]:
    """What the catalog's record keeps under ``COLUMNS_KEY``; damage there only means that it is to be said again."""
    try:
        kept = json.loads(value or "{}")
        return {
            str(location): {str(meaning): str(column) for meaning, column in columns.items()}
            for location, columns in kept.items()
        }
    except (ValueError, AttributeError, RecursionError):
        return {}


@dataclass(frozen=True, slots=True)
class PassageRow:
    """A passage with what the caches need of it."""

    passage: Passage
    embedded_sha256: bytes
    vector: npt.NDArray[np.float16]


def article_checksum(values: Sequence[object]) -> int:
    """Of the columns from title to url but the text, which has its own hash.

    Without site and url it is that of version 1, so that rows of that version stay as they are.
    """
    title, author, published, language, _text, sha256, page_starts, near_group, splitter, site, url = values
    later = () if site is None and url is None else (site, url)
    return checksum(title, author, published, language, sha256, page_starts, near_group, splitter, *later)


def as_article(row: tuple[Any, ...], sources: tuple[str, ...]) -> Article:
    """The article of a row with ``ARTICLE_COLUMNS``; ``CorruptIndexError`` when it fails a checksum."""
    number, title, author, published, language, text, sha256, page_starts, *_, site, url, stored = row
    if article_checksum(row[1:-1]) != stored or not isinstance(text, str) or text_sha256(text) != sha256:
        raise CorruptIndexError(
            f"article {number} ({title!r}) does not match its checksum: the catalog is damaged; "
            "run `pullquote remove` on it and add it again"
        )
    return Article(
        number,
        title,
        sources,
        author,
        date.fromisoformat(published) if published else None,
        language,
        text,
        sha256,
        tuple(json.loads(page_starts)),
        site,
        url,
    )


def as_unchecked_article(row: tuple[Any, ...], sources: tuple[str, ...]) -> Article:
    """An article that may be damaged, without its date and pages: to name it when it is removed."""
    number, title, author, _published, language, text, sha256, *_, site, url, _stored = row
    return Article(number, title, sources, author, None, language, text, sha256, (), site, url)


def as_passage_row(row: tuple[Any, ...]) -> PassageRow:
    """The passage of a row with ``PASSAGE_COLUMNS``; ``CorruptIndexError`` when it fails its checksum."""
    number, article_id, ordinal, start, end, sentences, embedded, vector, stored = row
    if checksum(*row[1:-1]) != stored:
        raise CorruptIndexError(
            f"passage {number} of article {article_id} does not match its checksum: the catalog is damaged; "
            "remove the article and add it again"
        )
    pairs = np.frombuffer(sentences, "<u4").reshape(-1, 2).tolist()
    spans: tuple[Span, ...] = tuple((left, right) for left, right in pairs)
    return PassageRow(Passage(number, article_id, ordinal, start, end, spans), embedded, np.frombuffer(vector, "<f2"))
