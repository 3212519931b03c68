"""What a link comes to: a page, a feed with the articles it names, or a list of feeds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from index.article import Failure
from index.errors import SourceError
from index.events import Unread

from .addresses import parse_link
from .feeds import Entry, kind_of, read_feed, read_opml
from .fetching import Fetched, Fetcher, Validators

Known = Callable[[str], Validators | None]
"""What is kept of a location (a page or a feed) from the last time; None when it was never added."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page or file that was fetched, to be read as an article.

    Attributes:
        location: the name under which the catalog knows it: the link in its one spelling, not where it led to.
        final_url: where its redirects led.
        content_type: such as ``text/html``; empty when the server did not say.
        charset: the encoding that the server named, or None.
        data: its bytes.
        validators: to be kept with it, for the next time.
        root: the feed through which it was found, or None.
        entry: what that feed says about it, or None.
    """

    location: str
    final_url: str
    content_type: str
    charset: str | None
    data: bytes = field(repr=False)
    validators: Validators
    root: str | None = None
    entry: Entry | None = None


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A page or feed that is as it was the last time, or an article of a feed that was fetched once."""

    location: str
    validators: Validators


@dataclass(frozen=True, slots=True)
class Subscription:
    """A feed, or a list of feeds, that ``sync`` should look at again.

    It comes twice: before what it names, with empty validators, so that it is known as a root whatever happens; and
    after that, with its validators, when everything new in it could be fetched. Those may be kept only once the pages
    that came between are kept: a feed that has not changed is not read, and its articles would never be asked for
    again.

    Attributes:
        location, title, validators: of the feed.
        links: for how many links there are items between the two; said by the first one.
    """

    location: str
    title: str
    validators: Validators
    links: int = 0


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of feeds at hand was read; so many items for feeds follow."""

    source: str
    links: int


Item = Page | Unchanged | Unread | Subscription | Listed | Failure


class Links:
    """Reads links one after the other.

    Args:
        fetcher: fetches them.
        known: what is kept of a location from the last time.
        allow_private: as in the settings of the fetcher.
        only_look: told a location, says that its site is only to be asked whether it has changed, and that what is
            new in it is not to be fetched; None for links that are to be read.
    """

    def __init__(
        self,
        fetcher: Fetcher,
        known: Known,
        *,
        allow_private: bool = False,
        only_look: Callable[[str], bool] | None = None,
    ) -> None:
        self._fetcher = fetcher
        self._known = known
        self._only_look = only_look
        self._allow_private = allow_private
        self._seen: set[str] = set()

    def read(self, urls: Iterable[str]) -> Iterator[Item]:
        """Fetches links as they are asked for; each page is fetched when its turn comes, and once.

        Args:
            urls: pages, feeds, lists of feeds.

        Returns:
            What they come to; a link that cannot be fetched is a ``Failure``, and the others go on. Of a feed, only
            the entries that are not known yet are fetched.
        """
        for url in urls:
            yield from self._read(url)

    def read_list(self, source: str, data: bytes) -> Iterator[Item]:
        """The same for the feeds of an OPML file that is at hand.

        Args:
            source: the file's name, for messages.
            data: its bytes.
        """
        try:
            feeds = read_opml(source, data)
        except SourceError as error:
            yield Failure(source, error.reason)
            return
        fresh = self._fresh(feeds)
        yield Listed(source, len(fresh))
        for url in fresh:
            yield from self._read(url, expected_in=source)

    def _read(self, url: str, expected_in: str | None = None) -> Iterator[Item]:
        """A link that somebody named, or that a list of feeds names, which must then be a feed."""
        fetched = self._fetch(url)
        if not isinstance(fetched, Fetched):
            yield from [] if fetched is None else [fetched]
            return
        kind = kind_of(fetched.content_type, fetched.data)
        try:
            if kind == "feed":
                yield from self._articles(fetched)
            elif expected_in is not None:
                yield Failure(fetched.url, f"is not a feed, though {expected_in} lists it as one")
            elif kind == "opml":
                yield from self._feeds(fetched)
            else:
                yield _page(fetched)
        except SourceError as error:
            yield Failure(fetched.url, error.reason)

    def _feeds(self, fetched: Fetched) -> Iterator[Item]:
        feeds = read_opml(fetched.final_url, fetched.data)
        fresh = self._fresh(feeds)
        yield Subscription(fetched.url, "", Validators(), len(fresh))
        is_complete = True
        for url in fresh:
            for item in self._read(url, expected_in=fetched.url):
                is_complete = is_complete and not isinstance(item, Failure)
                yield item
        if is_complete:
            yield Subscription(fetched.url, "", fetched.validators)

    def _articles(self, fetched: Fetched) -> Iterator[Item]:
        feed = read_feed(fetched.final_url, fetched.data)
        entries = {entry.url: entry for entry in feed.entries}
        fresh = self._fresh(entries)
        yield Subscription(fetched.url, feed.title, Validators(), len(fresh))
        is_complete = True
        for url in fresh:
            item = self._entry(entries[url], fetched.url)
            if item is not None:
                is_complete = is_complete and not isinstance(item, Failure)
                yield item
        if is_complete:
            yield Subscription(fetched.url, feed.title, fetched.validators)

    def _fresh(self, urls: Iterable[str]) -> list[str]:
        """Of some links those that have not had their turn, each once; one that is no link is left to fail."""
        found: dict[str, str] = {}
        for url in urls:
            location = self._location(url) or url
            if location not in self._seen:
                found.setdefault(location, url)
        return list(found.values())

    def _location(self, url: str) -> str | None:
        try:
            return parse_link(url, allow_private=self._allow_private).url
        except SourceError:
            return None

    def _entry(self, entry: Entry, feed: str) -> Item | None:
        fetched = self._fetch(entry.url, new_in=feed)
        if not isinstance(fetched, Fetched):
            return fetched
        if kind_of(fetched.content_type, fetched.data) is not None:
            return Failure(fetched.url, f"is a feed itself, and the feed {feed} names it as an article")
        return _page(fetched, feed, entry)

    def _fetch(self, url: str, new_in: str | None = None) -> Fetched | Unchanged | Unread | Failure | None:
        """None for a link that had its turn already; of a known one nothing is asked when it comes out of a feed."""
        try:
            location = parse_link(url, allow_private=self._allow_private).url
            if location in self._seen:
                return None
            self._seen.add(location)
            kept = self._known(location)
            if new_in is not None and kept is not None:
                return Unchanged(location, kept)
            if self._only_look is not None and (new_in is not None or self._only_look(location)):
                return self._looked_at(location, kept, new_in)
            fetched = self._fetcher.fetch(location, validators=kept)
        except SourceError as error:
            return Failure(error.source, error.reason)
        return Unchanged(location, fetched.validators) if fetched.not_modified else fetched

    def _looked_at(self, location: str, kept: Validators | None, new_in: str | None) -> Unchanged | Unread:
        if kept is None or not (kept.etag or kept.last_modified):
            return Unread(location, new_in)  # there is nothing by which its site could say that it has not changed
        answer = self._fetcher.fetch(location, validators=kept, body=False)
        return Unchanged(location, kept) if answer.not_modified or answer.validators == kept else Unread(location, None)


def _page(fetched: Fetched, root: str | None = None, entry: Entry | None = None) -> Page:
    return Page(
        fetched.url,
        fetched.final_url,
        fetched.content_type,
        fetched.charset,
        fetched.data,
        fetched.validators,
        root,
        entry,
    )
