"""Adding: files become articles, passages and vectors, a window at a time, each window kept as a whole."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from . import passages as splitting
from .article import AddReport, Progress, text_sha256
from .catalog import Catalog
from .catalog_writer import CatalogWriter
from .embedding import Embedder, FloatMatrix
from .errors import SourceError
from .events import Known, Reading, Step
from .finding import Findings, is_link
from .languages import add_note
from .passages import PassageSpan
from .reading import Draft
from .rows import ContainerState, SourceState
from .settings import Settings
from .sorting import Sorter
from .steps import StopRequested, steps_of

if TYPE_CHECKING:
    import numpy.typing as npt

_MOST_MOVED = 5000
"""Sources that change their article, or were only touched, before they are stored; what a kill can undo of them."""


@dataclass(slots=True)
class _Work:
    """An article that waits in the window for its vectors."""

    draft: Draft
    sha256: str
    state: SourceState
    passages: list[PassageSpan]
    embedded: list[bytes]
    replace: int | None
    is_update: bool
    bytes: int
    files: int
    twins: list[SourceState] = field(default_factory=list)


class Adder(Sorter):
    """One run of ``add``. Needs the writer's lock.

    Args:
        catalog, embedder, settings: of the index.
        after_commit: called after each window is in the catalog, so that the caches catch up.
        progress: told how far it has come.
        stop: asked after each batch; True ends the run, and what is complete by then is kept.
    """

    def __init__(
        self,
        catalog: Catalog,
        embedder: Embedder,
        settings: Settings,
        after_commit: Callable[[], None],
        progress: Callable[[Progress], None] | None,
        stop: Callable[[], bool] | None,
    ) -> None:
        super().__init__()
        self._catalog = catalog
        self._embedder = embedder
        self._settings = settings
        self._after_commit = after_commit
        self._progress = progress
        self._stop = stop or (lambda: False)
        self._window: list[_Work] = []
        self._moved: list[tuple[SourceState, str | None]] = []
        self._ended: list[ContainerState] = []
        self._vanished: list[str] = []
        # Articles whose text or existence the window will change: another file's text must not be compared with theirs.
        self._unsettled: set[int] = set()
        self._embedded_share = 0.0  # of the window, while it is being embedded

    def run(self, findings: Findings, *, prune: bool = False, columns: Mapping[str, str] | None = None) -> AddReport:
        """Adds the files that were found; see ``ArticleIndex.add``.

        Args:
            findings: the files.
            prune: whether members that are gone from a container are removed, as ``sync`` does.
            columns: what is said of the columns of the tables among them.
        """
        before = self._catalog.columns()
        said = dict.fromkeys(map(_as_known, findings.named), columns) if columns else {}
        if findings.roots or said:
            with self._catalog.write() as writer:
                for root in findings.roots:
                    writer.put_root(root)
                writer.put_columns(said)
        self._begin(findings, Known.of(self._catalog))
        self._prune = prune
        try:
            return self._run(findings)
        finally:
            # What was said of a file that could not be read so is not kept.
            held = self._catalog.containers()
            wrong = [
                location
                for location in said.keys() & {failure.source for failure in self.report.failed}
                if location not in held or held[location].splitter != self._known.rules(location)
            ]
            if wrong:
                with self._catalog.write() as writer:
                    writer.put_columns({location: before.get(location, {}) for location in wrong})

    def _run(self, findings: Findings) -> AddReport:
        steps = steps_of(findings, self._known, self._settings, self._stop)
        try:
            with contextlib.closing(steps):
                for step in steps:
                    self._run_step(step)
            self._flush()
        except StopRequested:
            self._store({})  # what needed no vectors: files that have moved to another article, or were only touched
            self.report.stopped = True
        return self.report

    def _run_step(self, step: Step) -> None:
        if self._stop():
            raise StopRequested
        self._take(step)
        if sum(len(work.passages) for work in self._window) >= self._settings.window or len(self._moved) >= _MOST_MOVED:
            self._flush()
        self._tell(step.event.location if isinstance(step.event, Reading) else "")

    def _tell(self, current: str) -> None:
        if self._progress is not None:
            waiting = 1.0 - self._embedded_share
            self._progress(
                Progress(
                    self.done_bytes - round(waiting * sum(work.bytes for work in self._window)),
                    self.total_bytes,
                    self.done_files - round(waiting * sum(work.files for work in self._window)),
                    self.total_files,
                    self.report.passages,
                    current,
                )
            )

    def _subscribe(self, feed: ContainerState) -> None:
        """Remembers a feed at once, and that it was read to its end when all that is in it is stored."""
        if feed.validators is not None:
            self._ended.append(feed)
        elif feed.location not in self._catalog.roots():
            with self._catalog.write() as writer:
                writer.put_root(feed.location)

    def _take_container(self, state: ContainerState | None, gone: list[str]) -> None:
        if self._prune:
            self._vanished += gone
        if state is not None and (self._prune or not gone):
            self._ended.append(state)  # otherwise it is read again, so that `sync` sees what is gone

    def _take_article(self, draft: Draft, state: SourceState, step: Step) -> None:
        location = state.location
        known = self._known.sources.get(location)
        article_id = state.article_id
        sha256 = text_sha256(draft.text)
        owner = self._catalog.article_by_hash(sha256)
        if owner in self._unsettled or article_id in self._unsettled:
            self._flush()
            owner = self._catalog.article_by_hash(sha256)
        if known is not None and owner == known.article_id and is_stored(self._catalog, self._known, known, draft):
            self._moved.append((state, None))
            self.report.unchanged.append(location)
            return
        if owner is not None and (known is None or owner != known.article_id):
            self._moved.append((_owned(state, owner), location))
            self._unsettle(owner, article_id)
            return
        for work in self._window:
            if work.sha256 == sha256:
                work.twins.append(state)
                self._unsettle(article_id)
                return
        self._window.append(self._work(draft, sha256, state, known, step))
        self._unsettle(article_id)

    def _unsettle(self, *article_ids: int) -> None:
        self._unsettled.update(number for number in article_ids if number)  # 0: a file that has no article yet

    def _work(self, draft: Draft, sha256: str, state: SourceState, known: SourceState | None, step: Step) -> _Work:
        add_note(self.report.notes, draft, self._embedder.record.name)
        spans = splitting.passage_spans(draft.text, draft.title, language=draft.language)
        embedded = [
            hashlib.sha256(self._embedded_text(draft, span).encode("utf-8", "surrogatepass")).digest() for span in spans
        ]
        replace = None
        if known is not None:
            alone = self._catalog.source_count(known.article_id) == 1
            resplit = self._catalog.article_by_hash(sha256) == known.article_id
            replace = known.article_id if alone or resplit else None
        is_update = known is not None
        return _Work(draft, sha256, state, spans, embedded, replace, is_update, step.bytes, int(step.ends_file))

    def _embedded_text(self, draft: Draft, span: PassageSpan) -> str:
        return splitting.embedded_text(draft.title, draft.text[span.start : span.end])

    def _flush(self) -> None:
        """Embeds the window and stores it; on a stop or a Ctrl-C, the articles that are complete."""
        vectors: dict[bytes, npt.NDArray[np.float32]] = {}
        texts: dict[bytes, str] = {}
        for work in self._window:
            for span, key in zip(work.passages, work.embedded, strict=True):
                texts[key] = self._embedded_text(work.draft, span)
        for key, vector in self._catalog.vectors_by_text(list(texts)).items():
            vectors[key] = vector.astype(np.float32)
        missing = [key for key in texts if key not in vectors]

        def keep(positions: Sequence[int], batch: FloatMatrix) -> None:
            for position, vector in zip(positions, batch, strict=True):
                vectors[missing[position]] = vector
            self.report.passages += len(positions)
            self._embedded_share += len(positions) / len(missing)
            self._tell("")
            if self._stop():
                raise StopRequested

        try:
            if missing:
                encoded = self._embedder.encode_passages([texts[key] for key in missing], keep)
                vectors.update(zip(missing, encoded, strict=True))
        finally:
            self._store(vectors)

    def _store(self, vectors: dict[bytes, npt.NDArray[np.float32]]) -> None:
        self._embedded_share = 0.0
        complete = [work for work in self._window if all(key in vectors for key in work.embedded)]
        if len(complete) < len(self._window):
            # A container has been dealt with only when all its members are stored.
            self._ended.clear()
            self._vanished.clear()
        if complete or self._moved or self._ended or self._vanished:
            self._commit(complete, vectors)
        self._window.clear()
        self._moved.clear()
        self._ended.clear()
        self._vanished.clear()
        self._unsettled.clear()

    def _commit(self, complete: list[_Work], vectors: dict[bytes, npt.NDArray[np.float32]]) -> None:
        added: list[str] = []
        updated: list[str] = []
        duplicates: list[str] = []
        with self._catalog.write() as writer:
            for work in complete:
                matrix = np.stack([vectors[key] for key in work.embedded])
                splitter = splitting.fingerprint(work.draft.language)
                article_id = writer.put_article(
                    work.draft, splitter, work.passages, work.embedded, matrix, replace=work.replace
                )
                self._known.splitters[article_id] = splitter
                self._attach(writer, _owned(work.state, article_id))
                (updated if work.is_update else added).append(work.state.location)
                for twin in work.twins:
                    self._attach(writer, _owned(twin, article_id))
                    duplicates.append(twin.location)
            for state, duplicate in self._moved:
                self._attach(writer, state)
                if duplicate is not None:
                    duplicates.append(duplicate)
            for location in self._vanished:
                writer.remove_source(location)
            for container in self._ended:
                writer.put_container(container)
        self.report.added += added
        self.report.updated += updated
        self.report.duplicates += duplicates
        self.removed += self._vanished
        self._after_commit()

    def _attach(self, writer: CatalogWriter, state: SourceState) -> None:
        """Gives a source to an article, and removes the one it belonged to if no source is left to that."""
        before = writer.sources_of([state.location]).get(state.location)
        writer.put_source(state)
        if before is not None and before != state.article_id:
            writer.remove_article_without_sources(before)


def is_stored(catalog: Catalog, known: Known, state: SourceState, draft: Draft) -> bool:
    """Whether a file whose text is its article's as before would be stored as it is.

    Title, author and date may stand outside the text; those of the article's first source count.
    """
    if not known.is_current(state):
        return False
    first, *stored = catalog.metadata(state.article_id)
    published = draft.published.isoformat() if draft.published else None
    return state.location != first or stored == [
        draft.title,
        draft.author,
        published,
        draft.language,
        draft.site,
        draft.url,
    ]


def _as_known(name: str) -> str:
    """A path or link in the spelling of the catalog."""
    if not is_link(name):
        return name
    from .web.addresses import parse_link

    try:
        return parse_link(name, allow_private=True).url
    except SourceError:
        return name  # and it will fail


def _owned(state: SourceState, article_id: int) -> SourceState:
    return dataclasses.replace(state, article_id=article_id)
