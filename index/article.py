"""The values that come out of an index: articles, passages, and the report of what was added."""

from __future__ import annotations

import bisect
import dataclasses
import hashlib
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path


def text_sha256(text: str) -> str:
    """The SHA-256 of a text's UTF-8 bytes, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Article:
    """One article as it is stored. Its text never changes; a changed file becomes a new text with a new hash.

    Attributes:
        id: the catalog's number for it; never used again after the article is removed.
        title: the headline; shown and embedded, never quoted.
        sources: the paths or URLs where this text was found, the first one first.
        author: the author, or None when unknown.
        published: the day of publication, or None when unknown.
        language: ISO 639-1 code, or None when unknown.
        text: the article, decoded and normalised once at reading (``\\n`` newlines, Unicode NFC).
        sha256: the SHA-256 of ``text`` in UTF-8; a quote carries it too.
        page_starts: for paged documents the offset in ``text`` where each page begins; otherwise empty.
        site: the name of the newspaper, site or feed that published it, or None when unknown.
        url: the canonical address of the original, or None when unknown.
    """

    id: int
    title: str
    sources: tuple[str, ...]
    author: str | None
    published: date | None
    language: str | None
    text: str = field(repr=False)
    sha256: str
    page_starts: tuple[int, ...] = ()
    site: str | None = None
    url: str | None = None

    @property
    def source(self) -> str:
        """The first place where the article was found, or an empty string."""
        return self.sources[0] if self.sources else ""

    def page_at(self, offset: int) -> int | None:
        """The number of the page (from 1) that holds a character, or None when the article has no pages."""
        if not self.page_starts:
            return None
        return max(1, bisect.bisect_right(self.page_starts, offset))


Span = tuple[int, int]
"""A half-open range of characters ``(start, end)`` in an article's text."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of an article that can be understood on its own: what is embedded, searched and read.

    Attributes:
        id: the catalog's number for it; the id in the FAISS index and in the tantivy index as well.
        article_id: the article it belongs to.
        ordinal: its place in the article, from 0.
        start, end: its characters in the article's text.
        sentences: the spans of its sentences, in the article's characters, in order.
    """

    id: int
    article_id: int
    ordinal: int
    start: int
    end: int
    sentences: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """A source that could not be added, and why, in words for the person who named it."""

    source: str
    reason: str


@dataclass(slots=True)
class AddReport:
    """What ``ArticleIndex.add`` did. Each source is in exactly one of the five lists.

    Attributes:
        added: sources whose article is new.
        updated: sources whose article had changed since it was last added.
        unchanged: sources that were in the index already, as they are.
        duplicates: sources with the same text as another article; kept as one more source of that article.
        failed: sources that could not be read, with the reason.
        passages: how many passages were embedded.
        stopped: True when adding was stopped before the end; what is reported here is kept.
        notes: one line each about things that the person should know, such as a rebuilt cache.
    """

    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    passages: int = 0
    stopped: bool = False
    notes: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        """The report as plain lists and dictionaries, as ``--json`` prints it."""
        return dataclasses.asdict(self)


@dataclass(frozen=True, slots=True)
class UnreadLink:
    """A link that a dry run did not fetch, so that nobody knows yet what is there.

    Attributes:
        source: the link.
        feed: the feed that names it, when it is new; None for a page of which its site does not say that it is as
            it was.
    """

    source: str
    feed: str | None


@dataclass(frozen=True, slots=True)
class Places:
    """Where the articles of an index come from on this machine: folders, and files that were added by name."""

    folders: tuple[Path, ...]
    files: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What ``ArticleIndex.sync`` did: an ``AddReport`` for the files that are there, and what was removed.

    Attributes:
        add: the report for new and changed files.
        removed: sources that are gone; an article whose last source is gone is removed.
        moved: sources that have another path now, before and after; they are in no other list.
        dry_run: whether this only says what would be done, and nothing was.
        unread: links that a real run would fetch and a dry run does not; what they hold is in no other list.
    """

    add: AddReport
    removed: tuple[str, ...]
    moved: tuple[tuple[str, str], ...] = ()
    dry_run: bool = False
    unread: tuple[UnreadLink, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a long ``add`` has come; passed to its ``progress`` function.

    Attributes:
        done_bytes, total_bytes: of the files found, how much has been dealt with; a link counts as much as a file
            that takes as long, and the total grows when a feed names more links.
        done_files, total_files: the same in files and links.
        passages: how many passages have been embedded and stored.
        current: the file that was read last.
    """

    done_bytes: int
    total_bytes: int
    done_files: int
    total_files: int
    passages: int
    current: str
