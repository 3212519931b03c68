"""Files that hold many articles: what comes out of them, how their members are named, and how much may come out."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from ..article import Failure
from ..errors import SourceError
from ..reading import Draft, within

RECORD, ENTRY = "#", "!/"
"""Between a file and the name of a record in it (``dump.jsonl#17``), or of a file in it (``old.zip!/news/a.html``)."""

_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]{0,20}://", re.IGNORECASE)
"""Left out of names: what holds ``://`` is taken for a link."""

DEEPEST = 3
"""Archives in archives in archives."""
MAX_MEMBERS = 2_000_000
_FREE_BYTES = 256_000_000
_MAX_RATIO = 200
"""Text is packed to a tenth, a repetitive table to a fiftieth; a bomb to a thousandth."""


@dataclass(frozen=True, slots=True)
class Member:
    """One article of a container.

    Attributes:
        source: its name, which begins with that of the container.
        data: its bytes, or those of its row with all that the row says; equal bytes mean the same article.
        read: makes the article of them; raises ``SourceError``.
    """

    source: str
    data: bytes
    read: Callable[[], Draft]


@dataclass(frozen=True, slots=True)
class Note:
    """Something about a container that a person should know, in one line."""

    text: str


Item = Member | Failure | Note
"""What a container yields: an article, a member that cannot be read, or a line about all of it."""


@dataclass(slots=True)
class Budget:
    """What may still come out of a container, and how it is to be read.

    Attributes:
        member_bytes: the most that one member may have.
        total_bytes: the most that may be unpacked of all of them together from here on.
        members: how many members may still come.
        depth: how many containers may still be opened inside.
        columns: which column of a table holds what, as far as the person who added it has said; by what it holds.
    """

    member_bytes: int
    total_bytes: int
    members: int = MAX_MEMBERS
    depth: int = DEEPEST
    columns: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of_file(cls, size: int, member_bytes: int, columns: Mapping[str, str] | None = None) -> Budget:
        """For a file of this many bytes."""
        return cls(member_bytes, _FREE_BYTES + _MAX_RATIO * size, columns=columns or {})

    def spend(self, source: str, size: int) -> None:
        """Counts bytes that were unpacked.

        Raises:
            SourceError: they are more than any real archive comes to.
        """
        self.total_bytes -= size
        if self.total_bytes < 0:
            raise SourceError(
                source, "unpacks to far more than its size, as only a zip bomb does; the rest is not read"
            )

    def count(self, source: str) -> None:
        """Counts a member.

        Raises:
            SourceError: they are too many.
        """
        self.members -= 1
        if self.members < 0:
            raise SourceError(source, f"holds more than {MAX_MEMBERS:,} members; the rest is not read")


class Chained(io.RawIOBase):
    """A stream of which the beginning was read already; what comes out of it is counted.

    Args:
        source: its name, for messages.
        head: what was read.
        rest: what follows.
        budget: from which it is taken.
    """

    def __init__(self, source: str, head: bytes, rest: BinaryIO, budget: Budget) -> None:
        self._source = source
        self._head = head
        self._rest = rest
        self._budget = budget

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Reads some bytes, of the head first."""
        if self._head:
            data, self._head = self._head[: len(buffer)], self._head[len(buffer) :]
        else:
            data = self._rest.read(len(buffer))
            self._budget.spend(self._source, len(data))
        buffer[: len(data)] = data
        return len(data)


def read_all(source: str, stream: BinaryIO, budget: Budget) -> bytes:
    """The whole of a member.

    Raises:
        SourceError: it is larger than a member may be.
    """
    return within(source, stream.read(budget.member_bytes + 1), budget.member_bytes)


def is_member(location: str, root: str | None) -> bool:
    """Whether a source is part of a file, given the file or folder through which it was found."""
    return root is not None and location.startswith((root + RECORD, root + ENTRY))


def container_of(location: str) -> tuple[str, ...]:
    """The files of which a source may be part, by its name alone, the longest first."""
    ends = sorted({match.start() for match in re.finditer(f"{RECORD}|{ENTRY}", location)}, reverse=True)
    return tuple(location[:end] for end in ends if end)


def record_name(source: str, name: str) -> str:
    """The name of a record in a file, by something that is its own, such as its number or address."""
    return source + RECORD + one_line(_SCHEME.sub("", name))


def one_line(text: str, limit: int = 200) -> str:
    """A name that comes out of a file, so that it can stand in a line: no newlines, no control characters."""
    plain = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
    return plain if len(plain) <= limit else plain[: limit - 1] + "…"
