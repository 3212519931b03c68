"""What one open page knows: a conversation, what it is limited to, and what the library shows. Passed, never shared."""

from __future__ import annotations

from dataclasses import dataclass

from index import Filters
from qa import Notice, Turn, WrittenSentence


@dataclass(frozen=True, slots=True)
class Scope:
    """What questions are limited to.

    Attributes:
        articles: the ids of the articles, or None for all.
        label: what the person reads.
    """

    articles: tuple[int, ...] | None = None
    label: str = ""

    def filters(self) -> Filters:
        """As ``ask`` takes it."""
        return Filters(articles=self.articles)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the library's list shows.

    Attributes:
        search, order, language, since, until: as the person has chosen them; empty for no limit.
        page: from 0.
    """

    search: str = ""
    order: str = "newest"
    language: str = ""
    since: str = ""
    until: str = ""
    page: int = 0

    def filters(self) -> Filters:
        """The filters for ``ArticleIndex.listing``."""
        languages = [self.language] if self.language else None
        return Filters(since=self.since.strip() or None, until=self.until.strip() or None, languages=languages)

    @property
    def limits(self) -> str:
        """The limits in words; empty when there are none."""
        parts = [f"“{self.search.strip()}”" if self.search.strip() else "", self.language]
        parts += [f"from {self.since}" if self.since else "", f"until {self.until}" if self.until else ""]
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Session:
    """The state of one page.

    Attributes:
        turns: the conversation.
        chat: the id under which it is saved, or None.
        scope: what questions are limited to.
        wanted: what the library shows.
        selected: the articles that are ticked there.
        removed: the sources of the articles that were removed last, to be added again.
        renaming: the chat whose name is being changed.
        follow_on: questions suggested after the last answer.
        written: what the writer has told of the last answer, when there is one.
    """

    turns: tuple[Turn, ...] = ()
    chat: str | None = None
    scope: Scope = Scope()
    wanted: Wanted = Wanted()
    selected: frozenset[int] = frozenset()
    removed: tuple[str, ...] = ()
    renaming: str | None = None
    follow_on: tuple[str, ...] = ()
    written: tuple[WrittenSentence | Notice, ...] = ()
