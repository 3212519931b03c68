"""Makes of links the same steps that are made of files: what came of each, for whoever adds them to the catalog."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from index import formats
from index.article import Failure
from index.errors import SourceError
from index.events import ContainerEnd, Event, Known, Reading, Step, SubscriptionSeen, Unread, member_reading
from index.languages import with_language
from index.reading import Draft
from index.rows import ContainerState, SourceState
from index.settings import Settings
from index.sorting import LINK_BYTES

from .encodings import encoding_of, in_utf8
from .feeds import MAX_FEED_BYTES
from .fetching import Fetcher, Validators
from .sources import Item, Links, Listed, Page, Subscription

_TABLES = ("csv", "tsv", "jsonl")


class LinkSteps:
    """Fetches and reads links, one after the other.

    Args:
        links: pages, feeds and lists of feeds.
        lists: files that list feeds (OPML).
        known: what is in the catalog already.
        fetcher: fetches them.
        settings: of the fetcher.
        only_look: feeds are read, but of pages only asked whether they have changed.
    """

    def __init__(
        self,
        links: Iterable[str],
        lists: Iterable[Path],
        known: Known,
        fetcher: Fetcher,
        settings: Settings,
        *,
        only_look: bool = False,
    ) -> None:
        self._urls = links
        self._lists = lists
        self._known = known
        self._settings = settings
        look = self._is_known_page if only_look else None
        self._links = Links(fetcher, self._kept, allow_private=settings.allow_private, only_look=look)
        self._below: dict[str, list[str]] = defaultdict(list)
        states: list[SourceState | ContainerState] = [*known.sources.values(), *known.containers.values()]
        for state in states:
            if state.root is not None:
                self._below[state.root].append(state.location)

    def steps(self) -> Iterator[Step]:
        """What comes of the links, each as soon as it is there."""
        for url in self._urls:
            yield from self._or_nothing(self._links.read([url]))
        for path in self._lists:
            yield from self._or_nothing(self._in_list(path))

    def _or_nothing(self, items: Iterator[Item]) -> Iterator[Step]:
        """The steps of a link that somebody named, or one for a link that had its turn already."""
        came = False
        for item in items:
            yield from self._steps(item)
            came = True
        if not came:
            yield Step(None, LINK_BYTES, ends_file=True)

    def _in_list(self, path: Path) -> Iterator[Item]:
        try:
            with path.open("rb") as file:
                data = file.read(MAX_FEED_BYTES + 1)
        except OSError as error:
            yield Failure(str(path), f"cannot be read: {error.strerror or error}")
            return
        yield from self._links.read_list(str(path), data)

    def _is_known_page(self, location: str) -> bool:
        """Whether a location is known, and is no feed: those have no size."""
        container = self._known.containers.get(location)
        return location in self._known.sources or (container is not None and container.bytes is not None)

    def _kept(self, location: str) -> Validators | None:
        """What the catalog keeps of a location; what was read by older rules is fetched again."""
        source = self._known.sources.get(location)
        if source is not None:
            return Validators.from_json(source.validators) if self._known.is_current(source) else Validators()
        held = self._known.containers.get(location)
        if held is None:
            return None
        is_current = held.splitter == self._known.rules(location, held.root)
        return Validators.from_json(held.validators) if is_current else Validators()

    def _steps(self, item: Item) -> Iterator[Step]:
        """The steps that an item makes; the last one ends the link, and that of a feed tells of those in it."""
        if isinstance(item, Subscription):
            seen = SubscriptionSeen(self._feed(item))
            if item.validators.url:
                yield Step(seen, 0, ends_file=False)
            else:
                yield Step(seen, LINK_BYTES, ends_file=True, more_links=item.links)
        elif isinstance(item, Listed):
            yield Step(None, LINK_BYTES, ends_file=True, more_links=item.links)
        else:
            last: Event = None
            for event in self._events(item):
                if last is not None:
                    yield Step(last, 0, ends_file=False)
                last = event
            yield Step(last, LINK_BYTES, ends_file=True)

    def _feed(self, item: Subscription) -> ContainerState:
        validators = item.validators.as_json() if item.validators.url else None
        rules = self._known.rules(item.location)
        return ContainerState(item.location, None, None, None, time.time_ns(), rules, (), validators)

    def _events(self, item: Item) -> Iterator[Event]:
        if isinstance(item, Failure):
            yield Reading(item.source, None, item.reason)
        elif isinstance(item, Unread):
            yield item
        elif isinstance(item, Page):
            yield from self._read(item)
        elif not isinstance(item, Subscription | Listed):
            yield from self._unchanged(item.location)

    def _unchanged(self, location: str) -> Iterator[Event]:
        """A page, a file with many articles, or a feed with all that was found through it."""
        held = self._known.containers.get(location)
        if held is None:
            yield Reading(location, None, None)
        elif held.bytes is not None:
            yield ContainerEnd(held, unchanged=True, complete=True)
        else:
            for below in self._below[location]:
                yield from self._unchanged(below)

    def _read(self, page: Page) -> Iterator[Event]:
        try:
            found = formats.detect(_name(page), io.BytesIO(page.data))
            if isinstance(found, formats.Container):
                yield from self._members(page, found)
            else:
                yield self._article(page, found)
        except SourceError as error:
            yield Reading(page.location, None, error.reason)

    def _article(self, page: Page, format_: formats.Format) -> Reading:
        known = self._known.sources.get(page.location)
        state = SourceState(
            page.location,
            known.article_id if known else 0,
            page.root,
            len(page.data),
            None,
            time.time_ns(),
            hashlib.sha256(page.data).hexdigest(),
            page.validators.as_json(),
        )
        if format_.name == "html":
            from index.formats.web_page import read_html

            draft = read_html(page.location, page.data, charset=encoding_of(page), address=page.final_url)
        else:
            draft = format_.read(page.location, in_utf8(page))
        return Reading(page.location, None, with_language(_completed(draft, page)), state)

    def _members(self, page: Page, container: formats.Container) -> Iterator[Event]:
        """The articles in an archive or table, named and bounded as those of a file."""
        location, read_at = page.location, time.time_ns()
        data = in_utf8(page) if container.name in _TABLES else page.data
        columns = self._known.columns_of(location, page.root)
        budget = formats.Budget.of_file(len(data), self._settings.max_file_bytes, columns)
        complete = False
        try:
            for item in container.members(location, io.BytesIO(data), budget):
                if isinstance(item, formats.Member):
                    yield self._member(item, location, read_at)
                elif isinstance(item, Failure):
                    yield Reading(item.source, location, item.reason)
                else:
                    yield item
            complete = True
        except SourceError as error:
            yield Reading(location, None, error.reason)
        rules = self._known.rules(location, page.root)
        state = ContainerState(location, page.root, len(page.data), None, read_at, rules, (), page.validators.as_json())
        yield ContainerEnd(state, unchanged=False, complete=complete)

    def _member(self, member: formats.Member, container: str, read_at: int) -> Reading:
        state = self._known.member_state(member, container, read_at)
        return Reading(member.source, container, None) if state is None else member_reading(member, container, state)


_SUFFIXES = {
    "application/epub+zip": ".epub",
    "application/jsonl": ".jsonl",
    "application/x-ndjson": ".jsonl",
    "application/x-subrip": ".srt",
    "message/rfc822": ".eml",
    "multipart/related": ".mhtml",
    "text/csv": ".csv",
    "text/html": ".html",
    "text/markdown": ".md",
    "text/plain": ".txt",
    "text/tab-separated-values": ".tsv",
    "text/vtt": ".vtt",
}
"""For what the content may not tell by itself."""


def _name(page: Page) -> str:
    """A name by whose suffix the format is guessed where the content does not tell: that of the file, or its type."""
    path = page.final_url.partition("?")[0]
    own = path.rpartition("/")[2]
    return own if formats.readable_suffix(own) else f"page{_SUFFIXES.get(page.content_type, '')}"


def _completed(draft: Draft, page: Page) -> Draft:
    """With what the feed says where the page does not."""
    entry = page.entry
    return dataclasses.replace(
        draft,
        author=draft.author or (entry.author if entry else None),
        published=draft.published or (entry.published if entry else None),
        url=draft.url or page.final_url,
    )
