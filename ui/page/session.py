"""What one open page knows: a conversation, what it is limited to, and what the library shows. See ``held``."""

from __future__ import annotations

import calendar
import dataclasses
import re
import secrets
from dataclasses import dataclass

from index import Filters
from qa import Notice, Turn, WrittenSentence

from .words import say


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
        origin: the key of where the articles come from; see ``index.listing.Origin``.
        origin_name: the same as the person reads it.
        page: from 0.
    """

    search: str = ""
    order: str = "newest"
    language: str = ""
    since: str = ""
    until: str = ""
    origin: str = ""
    origin_name: str = ""
    page: int = 0

    def filters(self) -> Filters:
        """The filters for ``ArticleIndex.listing``."""
        languages = [self.language] if self.language else None
        since, until = (day_of(self.since), day_of(self.until, last=True))
        return Filters(since=since, until=until, languages=languages)

    @property
    def limits(self) -> str:
        """The limits in words; empty when there are none."""
        parts = [f"“{self.search.strip()}”" if self.search.strip() else "", self.language, self.origin_name]
        parts.append(say("from_day", day=self.since) if self.since else "")
        parts.append(say("until_day", day=self.until) if self.until else "")
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Session:
    """The state of one page.

    Attributes:
        turns: the conversation.
        thread: names the conversation; another one, or the same one cut, has another name.
        chat: the id under which it is saved, or None.
        owner: the account whose conversation it is; empty when nobody has signed in.
        scope: what questions are limited to.
        wanted: what the library shows.
        selected: the articles that are ticked there.
        library: the name of the library that is shown; empty for the first.
        renaming: the chat whose name is being changed.
        follow_on: questions suggested after the last answer.
        written: what the writer has told of the last answer, when there is one.
    """

    turns: tuple[Turn, ...] = ()
    thread: str = ""
    chat: str | None = None
    owner: str = ""
    scope: Scope = Scope()
    wanted: Wanted = Wanted()
    selected: frozenset[int] = frozenset()
    library: str = ""
    renaming: str | None = None
    follow_on: tuple[str, ...] = ()
    written: tuple[WrittenSentence | Notice, ...] = ()

    def begun(self, turns: tuple[Turn, ...] = (), chat: str | None = None) -> Session:
        """With another conversation."""
        thread = secrets.token_hex(8)
        return dataclasses.replace(self, turns=turns, chat=chat, thread=thread, follow_on=(), written=())


def day_of(text: str, *, last: bool = False) -> str | None:
    """A day as it is typed, as ``YYYY-MM-DD``: a year or a month means its first day, or its last.

    Returns:
        None as long as too little is typed. What is no day is given as it is, and refused with the reason where it is
        used.
    """
    typed = text.strip()
    match = re.fullmatch(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?-?", typed)
    if match is None:
        return None if re.fullmatch(r"\d{0,3}", typed) else typed
    year, month, day = (int(part) if part else 0 for part in match.groups())
    month = month or (12 if last else 1)
    if not day:
        day = calendar.monthrange(year, month)[1] if last and year and 1 <= month <= 12 else 1
    return f"{year:04}-{month:02}-{day:02}"
