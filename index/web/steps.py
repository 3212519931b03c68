"""Makes of links the same steps that are made of files: what came of each, for whoever adds them to the catalog."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from index import formats
from index.article import Failure
from index.errors import SourceError
from index.languages import with_language
from index.read_ahead import Known, Reading, Step, SubscriptionSeen
from index.reading import Draft
from index.rows import ContainerState, SourceState
from index.settings import Settings

from .feeds import MAX_FEED_BYTES
from .fetching import Fetcher, Validators
from .sources import Item, Links, Page, Subscription


class LinkSteps:
    """Fetches and reads links, one after the other.

    Args:
        links: pages, feeds and lists of feeds.
        lists: files that list feeds (OPML).
        known: what is in the catalog already.
        fetcher: fetches them.
        settings: of the fetcher.
    """

    def __init__(
        self, links: Iterable[str], lists: Iterable[Path], known: Known, fetcher: Fetcher, settings: Settings
    ) -> None:
        self._urls = links
        self._lists = lists
        self._known = known
        self._links = Links(fetcher, self._kept, allow_private=settings.allow_private)

    def steps(self) -> Iterator[Step]:
        """What comes of the links, each as soon as it is there. They have no size that could be known beforehand."""
        for item in self._items():
            for event in self._events(item):
                yield Step(event, 0, ends_file=False)

    def _items(self) -> Iterator[Item]:
        yield from self._links.read(self._urls)
        for path in self._lists:
            try:
                with path.open("rb") as file:
                    data = file.read(MAX_FEED_BYTES + 1)
            except OSError as error:
                yield Failure(str(path), f"cannot be read: {error.strerror or error}")
                continue
            yield from self._links.read_list(str(path), data)

    def _kept(self, location: str) -> Validators | None:
        """What the catalog keeps of a location; a page whose passages were made by older rules is fetched again."""
        source = self._known.sources.get(location)
        if source is not None:
            return Validators.from_json(source.validators) if self._known.is_current(source) else Validators()
        feed = self._known.containers.get(location)
        return Validators.from_json(feed.validators) if feed is not None else None

    def _events(self, item: Item) -> Iterator[Reading | SubscriptionSeen]:
        if isinstance(item, Failure):
            yield Reading(item.source, None, item.reason)
        elif isinstance(item, Page):
            yield self._read(item)
        elif isinstance(item, Subscription):
            validators = item.validators.as_json() if item.validators.url else None
            yield SubscriptionSeen(
                ContainerState(item.location, None, None, None, time.time_ns(), self._known.rules, (), validators)
            )
        elif item.location in self._known.containers:
            for source in self._known.sources.values():
                if source.root == item.location:
                    yield Reading(source.location, None, None)
        else:
            yield Reading(item.location, None, None)

    def _read(self, page: Page) -> Reading:
        location = page.location
        known = self._known.sources.get(location)
        state = SourceState(
            location,
            known.article_id if known else 0,
            page.root,
            len(page.data),
            None,
            time.time_ns(),
            hashlib.sha256(page.data).hexdigest(),
            page.validators.as_json(),
        )
        try:
            format_ = formats.detect(location, io.BytesIO(page.data))
            if isinstance(format_, formats.Container):
                return Reading(location, None, f"is {format_.description}; download it and add the file")
            draft = format_.read(location, _in_utf8(page))
        except SourceError as error:
            return Reading(location, None, error.reason)
        return Reading(location, None, with_language(_completed(draft, page)), state)


def _completed(draft: Draft, page: Page) -> Draft:
    """With what the feed says where the page does not."""
    entry = page.entry
    return dataclasses.replace(
        draft,
        author=draft.author or (entry.author if entry else None),
        published=draft.published or (entry.published if entry else None),
        url=draft.url or page.final_url,
    )


def _in_utf8(page: Page) -> bytes:
    """The data in the encoding that the server named, unless they are UTF-8 or marked with another themselves."""
    if page.charset is None or not page.content_type.startswith("text/"):
        return page.data
    try:
        page.data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return page.data
    if page.data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return page.data
    try:
        return page.data.decode(page.charset, "replace").encode("utf-8-sig", "replace")
    except (LookupError, UnicodeError):
        return page.data
