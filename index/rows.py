"""What the catalog's rows hold, checked against their checksums when they are read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from .article import Article, Passage, Span, text_sha256
from .errors import CorruptIndexError
from .schema import checksum

ARTICLE_COLUMNS = "id, title, author, published, language, text, sha256, page_starts, near_group, splitter, checksum"
PASSAGE_COLUMNS = 'id, article_id, ordinal, start, "end", sentences, embedded_sha256, vector, checksum'


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


@dataclass(frozen=True, slots=True)
class PassageRow:
    """A passage with what the caches need of it."""

    passage: Passage
    embedded_sha256: bytes
    vector: npt.NDArray[np.float16]


def article_checksum(values: Sequence[object]) -> int:
    """Of title, author, published, language, sha256, page_starts, near_group, splitter; the text has its own hash."""
    title, author, published, language, _text, sha256, page_starts, near_group, splitter = values
    return checksum(title, author, published, language, sha256, page_starts, near_group, splitter)


def as_article(row: tuple[Any, ...], sources: tuple[str, ...]) -> Article:
    """The article of a row with ``ARTICLE_COLUMNS``; ``CorruptIndexError`` when it fails a checksum."""
    number, title, author, published, language, text, sha256, page_starts, _near_group, _splitter, stored = row
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
    )


def as_unchecked_article(row: tuple[Any, ...], sources: tuple[str, ...]) -> Article:
    """An article that may be damaged, without its date and pages: to name it when it is removed."""
    number, title, author, _published, language, text, sha256, *_rest = row
    return Article(number, title, sources, author, None, language, text, sha256)


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
