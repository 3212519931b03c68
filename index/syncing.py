"""``sync``: brings an index to the state of its files and folders, or says what that would change."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .adding import Adder, is_stored
from .article import AddReport, Failure, Progress, SyncReport, text_sha256
from .finding import Findings, find, is_gone, is_link
from .member_tally import MemberTally
from .read_ahead import ContainerEnd, Known, Reading, Step, SubscriptionSeen
from .reading import Draft
from .rows import ContainerState, SourceState
from .steps import steps_of

if TYPE_CHECKING:
    from .catalog import Catalog
    from .settings import Settings


def sync(catalog: Catalog, adder: Adder) -> SyncReport:
    """Adds what is new or changed, and removes what is gone. Needs the writer's lock; see ``ArticleIndex.sync``."""
    sources, containers = catalog.sources(), catalog.containers()
    report = adder.run(_files(catalog, sources, containers), prune=True)
    if report.stopped:
        # What is gone may be what has moved, and was not found yet.
        return _report(report, adder.removed, [], dry_run=False)
    gone = _gone(sources, containers)
    owners = {location: state.article_id for location, state in catalog.sources(report.duplicates).items()}
    with catalog.write() as writer:
        for location in gone:
            writer.remove_source(location)
        for location, state in containers.items():
            if is_gone(location) and _is_reachable(location, state.root):
                writer.forget_container(location)
    gone += adder.removed
    return _report(report, gone, _moved(gone, sources, report.duplicates, owners), dry_run=False)


def rehearse(
    catalog: Catalog,
    settings: Settings,
    progress: Callable[[Progress], None] | None,
    stop: Callable[[], bool] | None,
) -> SyncReport:
    """What ``sync`` would do; nothing is written."""
    sources, containers = catalog.sources(), catalog.containers()
    rehearsal = _Rehearsal(catalog, Known(sources, containers, catalog.splitters()))
    rehearsal.run(_files(catalog, sources, containers), settings, progress, stop)
    gone = [*_gone(sources, containers), *rehearsal.removed]
    moved = _moved(gone, sources, rehearsal.report.duplicates, rehearsal.owners)
    return _report(rehearsal.report, gone, moved, dry_run=True)


def _files(catalog: Catalog, sources: Mapping[str, SourceState], containers: Mapping[str, ContainerState]) -> Findings:
    """Everything that was ever added and can be looked at: folders, files, files with many articles, links."""
    roots = catalog.roots()
    present = [root for root in roots if os.path.isdir(root)]
    absent = [root for root in roots if root not in present]
    single = [state.location for state in sources.values() if state.root is None and not is_link(state.location)]
    holders = {state.root: None for state in sources.values() if state.root and state.is_member()}
    files = [*single, *holders, *(state.location for state in containers.values() if state.root is None)]
    links = [state.location for state in sources.values() if state.root is None and is_link(state.location)]
    return find([*present, *(path for path in files if os.path.lexists(path)), *absent, *links])


def _gone(sources: Mapping[str, SourceState], containers: Mapping[str, ContainerState]) -> list[str]:
    """Sources whose file is certainly not there any more, while the folder through which it was found is."""
    found = []
    verdicts: dict[str, bool] = {}
    for state in sources.values():
        if is_link(state.location) or state.read_at_ns is None:
            continue  # one that was imported may be a place on another machine
        path, root = state.location, state.root
        if state.root is not None and state.is_member():
            path = state.root
            root = containers[path].root if path in containers else None
        if path not in verdicts:
            verdicts[path] = is_gone(path) and _is_reachable(path, root)
        if verdicts[path]:
            found.append(state.location)
    return found


def _is_reachable(path: str, root: str | None) -> bool:
    return os.path.isdir(root or Path(path).parent)


def _moved(
    gone: list[str], sources: Mapping[str, SourceState], duplicates: list[str], owners: Mapping[str, int]
) -> list[tuple[str, str]]:
    """Pairs of a source that is gone and a new one with the same text."""
    arrived: dict[int, list[str]] = {}
    for location in reversed(duplicates):
        if location in owners and location not in sources:
            arrived.setdefault(owners[location], []).append(location)
    pairs = []
    for location in gone:
        if waiting := arrived.get(sources[location].article_id):
            pairs.append((location, waiting.pop()))
    return pairs


def _report(report: AddReport, gone: list[str], moved: list[tuple[str, str]], *, dry_run: bool) -> SyncReport:
    before, after = {old for old, _ in moved}, {new for _, new in moved}
    report.duplicates = [location for location in report.duplicates if location not in after]
    removed = tuple(location for location in gone if location not in before)
    return SyncReport(report, removed, tuple(moved), dry_run)


@dataclass(slots=True)
class _Seen:
    done_bytes: int = 0
    done_files: int = 0


class _Rehearsal:
    """Sorts what is read as ``Adder`` does, and stores nothing.

    Attributes:
        report: what would be reported.
        removed: members that are gone from their containers.
        owners: of each duplicate, the article whose text it has.
    """

    def __init__(self, catalog: Catalog, known: Known) -> None:
        self._catalog = catalog
        self._known = known
        self._tally = MemberTally(known)
        self._new: set[str] = set()
        self.report = AddReport()
        self.removed: list[str] = []
        self.owners: dict[str, int] = {}

    def run(
        self,
        findings: Findings,
        settings: Settings,
        progress: Callable[[Progress], None] | None,
        stop: Callable[[], bool] | None,
    ) -> None:
        self.report.failed += findings.failures
        if note := findings.note():
            self.report.notes.append(note)
        total = sum(found.size for found in findings.files)
        seen = _Seen()
        with contextlib.closing(steps_of(findings, self._known, settings, stop or (lambda: False))) as steps:
            for step in steps:
                if stop is not None and stop():
                    self.report.stopped = True
                    return
                self._take(step)
                seen.done_bytes += step.bytes
                seen.done_files += step.ends_file
                if progress is not None:
                    current = step.event.location if isinstance(step.event, Reading) else ""
                    progress(Progress(seen.done_bytes, total, seen.done_files, len(findings.files), 0, current))

    def _take(self, step: Step) -> None:
        event = step.event
        if isinstance(event, ContainerEnd):
            self._end_container(event)
        elif isinstance(event, SubscriptionSeen):
            pass  # what is in it comes by itself
        elif not isinstance(event, Reading):
            self.report.notes.append(event.text)
        elif isinstance(event.outcome, str):
            if self._tally.take(event):
                self.report.failed.append(Failure(event.location, event.outcome))
        else:
            self._tally.take(event)
            if event.outcome is None:
                self.report.unchanged.append(event.location)
            else:
                self._sort(event.location, event.outcome)

    def _end_container(self, end: ContainerEnd) -> None:
        if end.unchanged:
            self.report.unchanged += self._tally.members(end.found.location)
            self.report.failed += self._known.containers[end.found.location].failures
            return
        _, gone, failures = self._tally.end(end)
        self.removed += gone
        self.report.failed += failures

    def _sort(self, location: str, draft: Draft) -> None:
        known = self._known.sources.get(location)
        sha256 = text_sha256(draft.text)
        owner = self._catalog.article_by_hash(sha256)
        if known is not None and owner == known.article_id:
            same = is_stored(self._catalog, self._known, known, draft)
            (self.report.unchanged if same else self.report.updated).append(location)
        elif owner is not None or sha256 in self._new:
            self.report.duplicates.append(location)
            self.owners[location] = owner or 0
        else:
            self._new.add(sha256)
            (self.report.added if known is None else self.report.updated).append(location)
