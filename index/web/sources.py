"""What a link comes to: a page, a feed with the articles it names, or a list of feeds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from index.article import Failure
from index.errors import SourceError

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
    """

    location: str
    title: str
    validators: Validators


Item = Page | Unchanged | Subscription | Failure


class Links:
    """Reads links one after the other.

    Args:
        fetcher: fetches them.
        known: what is kept of a location from the last time.
        allow_private: as in the settings of the fetcher.
    """

    def __init__(self, fetcher: Fetcher, known: Known, *, allow_private: bool = False) -> None:
        self._fetcher = fetcher
        self._known = known
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
        for url in feeds:
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
        yield Subscription(fetched.url, "", Validators())
        is_complete = True
        for url in feeds:
            for item in self._read(url, expected_in=fetched.url):
                is_complete = is_complete and not isinstance(item, Failure)
                yield item
        if is_complete:
            yield Subscription(fetched.url, "", fetched.validators)

    def _articles(self, fetched: Fetched) -> Iterator[Item]:
        feed = read_feed(fetched.final_url, fetched.data)
        yield Subscription(fetched.url, feed.title, Validators())
        is_complete = True
        for entry in feed.entries:
            item = self._entry(entry, fetched.url)
            if item is not None:
                is_complete = is_complete and not isinstance(item, Failure)
                yield item
        if is_complete:
            yield Subscription(fetched.url, feed.title, fetched.validators)

    def _entry(self, entry: Entry, feed: str) -> Item | None:
        fetched = self._fetch(entry.url, only_new=True)
        if not isinstance(fetched, Fetched):
            return fetched
        if kind_of(fetched.content_type, fetched.data) is not None:
            return Failure(fetched.url, f"is a feed itself, and the feed {feed} names it as an article")
        return _page(fetched, feed, entry)

    def _fetch(self, url: str, only_new: bool = False) -> Fetched | Unchanged | Failure | None:
        """None for a link that had its turn already; of known ones nothing is asked when only new ones are wanted."""
        try:
            location = parse_link(url, allow_private=self._allow_private).url
            if location in self._seen:
                return None
            self._seen.add(location)
            kept = self._known(location)
            if only_new and kept is not None:
                return Unchanged(location, kept)
            fetched = self._fetcher.fetch(location, validators=kept)
        except SourceError as error:
            return Failure(error.source, error.reason)
        return Unchanged(location, fetched.validators) if fetched.not_modified else fetched


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
