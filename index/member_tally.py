"""Keeps count, while containers are read, of which of their members were there, failed, or are gone."""

from __future__ import annotations

import dataclasses
import functools
from collections import defaultdict
from collections.abc import Mapping

from . import formats
from .article import Failure
from .events import ContainerEnd, Known, Reading
from .rows import ContainerState, SourceState

NAMED_FAILURES = 200
"""Members of one container whose failures are named one by one; the others are counted."""


def members_by_container(sources: Mapping[str, SourceState]) -> dict[str, list[str]]:
    """For each container those of its members that the catalog knows."""
    found: dict[str, list[str]] = defaultdict(list)
    for location, state in sources.items():
        if state.root is not None and state.is_member():
            found[state.root].append(location)
    return found


class MemberTally:
    """Of the container that is being read now.

    Args:
        known: what was in the catalog before.
    """

    def __init__(self, known: Known) -> None:
        self._known = known
        self._inside: str | None = None
        self._missing: set[str] = set()
        self._failures: list[Failure] = []
        self._more = self._seen = 0

    def take(self, reading: Reading) -> bool:
        """Counts a member; says whether it is to be reported by itself."""
        if reading.container is None:
            return True
        self._enter(reading.container)
        self._seen += 1
        self._missing.discard(reading.location)
        if not isinstance(reading.outcome, str):
            return True
        self._missing -= {name for name in self._missing if formats.is_member(name, reading.location)}
        if len(self._failures) < NAMED_FAILURES:
            self._failures.append(Failure(reading.location, reading.outcome))
            return True
        self._more += 1
        return False

    @functools.cached_property
    def _members(self) -> dict[str, list[str]]:
        return members_by_container(self._known.sources)  # all of them are looked through, when the first one is met

    def members(self, container: str) -> list[str]:
        """The members of a container that were in the catalog before."""
        return self._members.get(container, [])

    def end(self, end: ContainerEnd) -> tuple[ContainerState | None, list[str], list[Failure]]:
        """Ends a container.

        Returns:
            What to remember of it, or None when it was not read to its end; the members that are gone from it; and
            what is to be said of all of it.
        """
        location = end.location
        self._enter(location)
        failures = []
        if self._more:
            failures.append(Failure(location, f"{self._more:,} more of its articles could not be read"))
        elif end.complete and not self._seen:
            failures.append(Failure(location, "holds no articles"))
        gone = sorted(self._missing) if end.complete else []
        if end.complete and location in self._known.sources:
            gone.append(location)  # it was an article itself before
        state = None
        if end.complete and self._seen:
            state = dataclasses.replace(end.state, failures=(*self._failures, *failures))
        self._inside = None
        return state, gone, failures

    def _enter(self, container: str) -> None:
        if self._inside != container:
            self._inside = container
            self._missing = set(self.members(container))
            self._failures = []
            self._more = self._seen = 0
