"""What comes of files and links while they are read: the values between who reads them and who stores them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from . import formats
from . import passages as splitting
from .errors import SourceError
from .known_sources import KnownSources, KnownSplitters
from .languages import with_language
from .reading import Draft
from .rows import ContainerState, SourceState

if TYPE_CHECKING:
    from .catalog import Catalog


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of one source that was looked at.

    Attributes:
        location: its name in the catalog.
        container: the file that it is part of, or None for a file of its own.
        outcome: the article; why it could not be read; or None when it is surely as before.
        state: what the catalog has to know of it, for an article that was read.
    """

    location: str
    container: str | None
    outcome: Draft | str | None
    state: SourceState | None = None


@dataclass(frozen=True, slots=True)
class ContainerEnd:
    """A container has been dealt with, after all its members.

    Attributes:
        state: what to remember of it, but for the failures in it, if it was read to its end.
        unchanged: whether it was passed over, so that its members are as they were.
        complete: whether all its members have been seen.
    """

    state: ContainerState
    unchanged: bool
    complete: bool

    @property
    def location(self) -> str:
        """The container's name in the catalog."""
        return self.state.location


@dataclass(frozen=True, slots=True)
class SubscriptionSeen:
    """A feed, which ``sync`` should look at again.

    Attributes:
        state: with validators after all that the feed names has been dealt with; without before that.
    """

    state: ContainerState


@dataclass(frozen=True, slots=True)
class Unread:
    """A link that was not fetched, because nothing is to be stored; what it holds is not known.

    Attributes:
        source: the link.
        feed: the feed in which it is new, or None for a page that may have changed.
    """

    source: str
    feed: str | None


Event = Reading | ContainerEnd | SubscriptionSeen | Unread | formats.Note | None
"""What happened; None where a link had its turn already."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened, and how far it brings the whole work.

    Attributes:
        event: what happened.
        bytes: of the files found, those that are dealt with by this event.
        ends_file: whether it is the last of its file or link.
        more_links: how many links came to light by it, which were not counted before.
    """

    event: Event
    bytes: int
    ends_file: bool
    more_links: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """What is in the catalog already.

    Attributes:
        sources, containers: by location.
        splitters: for each article the fingerprint of the rules that made its passages.
        columns: which columns of tables hold what, for the files, folders and links of which a person has said it.
    """

    sources: Mapping[str, SourceState]
    containers: Mapping[str, ContainerState]
    splitters: MutableMapping[int, str]
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, catalog: Catalog) -> Known:
        """What a catalog holds now, looked up as it is asked for."""
        return cls(KnownSources(catalog), catalog.containers(), KnownSplitters(catalog), catalog.columns())

    def rules(self, location: str, root: str | None = None) -> str:
        """The fingerprints of the present rules, by which a container is read again when one of them changes."""
        rules = f"{splitting.fingerprint()} {splitting.fingerprint('other')}"
        columns = self.columns_of(location, root)
        if not columns:
            return rules
        digest = hashlib.sha256(json.dumps(columns, sort_keys=True).encode("utf-8", "surrogatepass"))
        return f"{rules} {digest.hexdigest()[:16]}"

    def columns_of(self, location: str, root: str | None = None) -> Mapping[str, str]:
        """What was said of a file's columns: of itself, of the nearest folder above it, or of its feed."""
        if not self.columns:
            return {}
        names = (location, *map(str, Path(location).parents), root or "")
        return next((self.columns[name] for name in names if name in self.columns), {})

    def is_current(self, known: SourceState) -> bool:
        """Whether a source's article was split by the present rules."""
        return splitting.is_current(self.splitters.get(known.article_id))

    def member_state(self, member: formats.Member, container: str, read_at_ns: int) -> SourceState | None:
        """What the catalog has to know of a member of a container, or None when it is as before."""
        digest = hashlib.sha256(member.data).hexdigest()
        known = self.sources.get(member.source)
        if known is not None and known.bytes_sha256 == digest and known.root == container and self.is_current(known):
            return None
        article_id = known.article_id if known else 0
        return SourceState(member.source, article_id, container, len(member.data), None, read_at_ns, digest)


def member_reading(member: formats.Member, container: str, state: SourceState) -> Reading:
    """Reads a member of a container."""
    try:
        return Reading(member.source, container, with_language(member.read()), state)
    except SourceError as error:
        return Reading(member.source, container, error.reason)
