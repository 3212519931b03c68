"""``sync``: brings an index to the state of its files and folders, or says what that would change."""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from .adding import Adder, is_stored
from .article import AddReport, Places, Progress, SyncReport, UnreadLink, text_sha256
from .events import Known, Reading, Step, Unread
from .finding import Findings, find, is_gone, is_link
from .reading import Draft
from .rows import ContainerState, SourceState
from .sorting import Sorter
from .steps import StopRequested, steps_of

if TYPE_CHECKING:
    from .catalog import Catalog
    from .settings import Settings


def sync(catalog: Catalog, adder: Adder, *, links: bool) -> SyncReport:
    """Adds what is new or changed, and removes what is gone. Needs the writer's lock; see ``ArticleIndex.sync``."""
    sources, containers = catalog.sources(), catalog.containers()
    report = adder.run(_findings(catalog, sources, containers, links), prune=True)
    if report.stopped:
        # What is gone may be what has moved, and was not found yet.
        return _report(report, adder.removed, [], dry_run=False)
    gone = _gone(sources, containers)
    owners = {location: state.article_id for location, state in catalog.sources(report.duplicates).items()}
    with catalog.write() as writer:
        for location in gone:
            writer.remove_source(location)
        for location, state in containers.items():
            if _is_certainly_gone(location, state.root):
                writer.forget_container(location)
    gone += adder.removed
    return _report(report, gone, _moved(gone, sources, report.duplicates, owners), dry_run=False)


def rehearse(
    catalog: Catalog,
    settings: Settings,
    progress: Callable[[Progress], None] | None,
    stop: Callable[[], bool] | None,
    *,
    links: bool,
) -> SyncReport:
    """What ``sync`` would do; nothing is written."""
    sources, containers = catalog.sources(), catalog.containers()
    rehearsal = _Rehearsal(catalog)
    rehearsal.run(_findings(catalog, sources, containers, links), settings, progress, stop)
    gone = [*_gone(sources, containers), *rehearsal.removed]
    moved = _moved(gone, sources, rehearsal.report.duplicates, rehearsal.owners)
    report = _report(rehearsal.report, gone, moved, dry_run=True)
    return dataclasses.replace(report, unread=tuple(rehearsal.unread))


def places(catalog: Catalog) -> Places:
    """The folders and files on this machine that ``sync`` looks at."""
    folders = [root for root in catalog.roots() if not is_link(root)]
    named = _named(catalog.sources(), catalog.containers())
    return Places(tuple(map(Path, folders)), tuple(Path(name) for name in named if not is_link(name)))


def _named(sources: Mapping[str, SourceState], containers: Mapping[str, ContainerState]) -> list[str]:
    """Files and links that were added by name, and files whose members were."""
    holders = [state.root for state in sources.values() if state.root and state.is_member()]
    single = [state.location for state in sources.values() if state.root is None]
    whole = [state.location for state in containers.values() if state.root is None]
    return list(dict.fromkeys([*single, *holders, *whole]))


def _findings(
    catalog: Catalog, sources: Mapping[str, SourceState], containers: Mapping[str, ContainerState], links: bool
) -> Findings:
    """Everything that was ever added and can be looked at: folders, files, files with many articles, links."""
    roots, named = catalog.roots(), _named(sources, containers)
    present = [root for root in roots if os.path.isdir(root)]
    absent = [root for root in roots if root not in present and not is_link(root)]
    files = [path for path in named if not is_link(path) and os.path.lexists(path)]
    linked = [link for link in dict.fromkeys([*roots, *named]) if is_link(link) and not _is_in_feed(link, containers)]
    return find([*present, *files, *absent, *(linked if links else ())])


def _is_in_feed(link: str, containers: Mapping[str, ContainerState]) -> bool:
    """Whether it is a file with many articles that a feed names: those are fetched once."""
    return link in containers and containers[link].root is not None


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
            verdicts[path] = _is_certainly_gone(path, root)
        if verdicts[path]:
            found.append(state.location)
    return found


def _is_certainly_gone(path: str, root: str | None) -> bool:
    """Whether the file is not there while its folder is: looked for again, for the folder may just have come back."""
    return is_gone(path) and _is_reachable(path, root) and is_gone(path)


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


class _Rehearsal(Sorter):
    """Sorts what is read as ``Adder`` does, and stores nothing.

    Attributes:
        owners: of each duplicate, the article whose text it has.
        unread: links that were not fetched.
    """

    def __init__(self, catalog: Catalog) -> None:
        super().__init__()
        self._catalog = catalog
        self._new: set[str] = set()
        self.owners: dict[str, int] = {}
        self.unread: list[UnreadLink] = []

    def run(
        self,
        findings: Findings,
        settings: Settings,
        progress: Callable[[Progress], None] | None,
        stop: Callable[[], bool] | None,
    ) -> None:
        """Looks at what was found, and at no page that is not sure to be as it was."""
        self._begin(findings, Known.of(self._catalog))
        steps = steps_of(findings, self._known, settings, stop or (lambda: False), only_look=True)
        try:
            with contextlib.closing(steps):
                for step in steps:
                    if stop is not None and stop():
                        raise StopRequested
                    self._take(step)
                    if progress is not None:
                        progress(self._progress(step.event.location if isinstance(step.event, Reading) else ""))
        except StopRequested:
            self.report.stopped = True

    def _progress(self, current: str) -> Progress:
        return Progress(self.done_bytes, self.total_bytes, self.done_files, self.total_files, 0, current)

    def _take_container(self, state: ContainerState | None, gone: list[str]) -> None:
        self.removed += gone

    def _leave(self, link: Unread) -> None:
        self.unread.append(UnreadLink(link.source, link.feed))

    def _take_article(self, draft: Draft, state: SourceState, step: Step) -> None:
        location = state.location
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
