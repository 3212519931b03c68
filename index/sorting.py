"""Sorts what was read into the lists of a report; what is done about it, ``add`` and a dry run decide themselves."""

from __future__ import annotations

from abc import ABC, abstractmethod

from .article import AddReport, Failure
from .events import ContainerEnd, Known, Reading, Step, SubscriptionSeen, Unread
from .finding import Findings
from .member_tally import MemberTally
from .reading import Draft
from .rows import ContainerState, SourceState

LINK_BYTES = 60_000
"""A link counts as a file of this size: fetching it politely takes about as long as embedding so much text."""


class Sorter(ABC):
    """Takes one step after the other.

    Attributes:
        report: what came of them so far.
        removed: members that are gone from their containers, and were or would be removed.
        done_bytes, done_files, total_bytes, total_files: how far it has come, with links counted as files.
    """

    def __init__(self) -> None:
        self.report = AddReport()
        self.removed: list[str] = []
        self.done_bytes = self.done_files = 0
        self.total_bytes = self.total_files = 0

    def _begin(self, findings: Findings, known: Known) -> None:
        self.report.failed += findings.failures
        if note := findings.note():
            self.report.notes.append(note)
        self._known = known
        self._tally = MemberTally(known)
        self.total_files = len(findings.files)
        self.total_bytes = sum(found.size for found in findings.files)
        self._expect_links(len(findings.links) + len(findings.lists))

    def _expect_links(self, count: int) -> None:
        self.total_files += count
        self.total_bytes += count * LINK_BYTES

    def _take(self, step: Step) -> None:
        """Sorts what was read into unchanged, failed, or what becomes of an article."""
        event = step.event
        if isinstance(event, Reading):
            self._take_reading(event, step)
        elif isinstance(event, ContainerEnd):
            self._take_end(event)
        elif isinstance(event, SubscriptionSeen):
            self._subscribe(event.state)
        elif isinstance(event, Unread):
            self._leave(event)
        elif event is not None:
            self.report.notes.append(event.text)
        self._expect_links(step.more_links)
        self.done_bytes += step.bytes
        self.done_files += step.ends_file

    def _take_reading(self, reading: Reading, step: Step) -> None:
        told = self._tally.take(reading)
        if isinstance(reading.outcome, str):
            if told:
                self.report.failed.append(Failure(reading.location, reading.outcome))
        elif reading.outcome is None or reading.state is None:
            self.report.unchanged.append(reading.location)
        else:
            self._take_article(reading.outcome, reading.state, step)

    def _take_end(self, end: ContainerEnd) -> None:
        if end.unchanged:
            self.report.unchanged += self._tally.members(end.location)
            self.report.failed += self._known.containers[end.location].failures
            return
        state, gone, failures = self._tally.end(end)
        self.report.failed += failures
        self._take_container(state, gone)

    @abstractmethod
    def _take_article(self, draft: Draft, state: SourceState, step: Step) -> None: ...

    @abstractmethod
    def _take_container(self, state: ContainerState | None, gone: list[str]) -> None:
        """A container was read: what to remember of it, and which of its members are gone."""

    def _subscribe(self, feed: ContainerState) -> None:  # noqa: B027
        """A feed was seen."""

    def _leave(self, link: Unread) -> None:  # noqa: B027
        """A link was not fetched."""
