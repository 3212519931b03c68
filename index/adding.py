"""Adding: files become articles, passages and vectors, a window at a time, each window kept as a whole."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from . import passages as splitting
from .article import AddReport, Failure, Progress, text_sha256
from .catalog import Catalog
from .catalog_writer import CatalogWriter
from .embedding import Embedder, FloatMatrix
from .errors import SourceError
from .finding import Findings, Found
from .passages import PassageSpan
from .reading import Draft, read_file
from .rows import SourceState
from .settings import Settings

if TYPE_CHECKING:
    import numpy.typing as npt

_RACY_NS = 2_000_000_000
"""A file that was changed less than this before it was read may be changed again without its time moving on."""


@dataclass(slots=True)
class _Work:
    """An article that waits in the window for its vectors."""

    found: Found
    draft: Draft
    sha256: str
    state: SourceState
    passages: list[PassageSpan]
    embedded: list[bytes]
    replace: int | None
    is_update: bool
    twins: list[SourceState] = field(default_factory=list)


class StopRequested(Exception):
    """Raised inside the encoder to leave it when the person asked to stop."""


class Adder:
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
        self._catalog = catalog
        self._embedder = embedder
        self._settings = settings
        self._after_commit = after_commit
        self._progress = progress
        self._stop = stop or (lambda: False)
        self._splitter = splitting.fingerprint()
        self.report = AddReport()
        self._window: list[_Work] = []
        self._moved: list[tuple[SourceState, str | None]] = []
        # Articles whose text or existence the window will change: another file's text must not be compared with theirs.
        self._unsettled: set[int] = set()
        self._embedded_share = 0.0  # of the window, while it is being embedded
        self._done_files = self._done_bytes = 0
        self._total_bytes = self._total_files = 0

    def run(self, findings: Findings) -> AddReport:
        """Adds the files that were found; see ``ArticleIndex.add``."""
        self.report.failed += findings.failures
        if note := findings.note():
            self.report.notes.append(note)
        self._known = self._catalog.sources()
        self._splitters = self._catalog.splitters()
        self._total_bytes = sum(found.size for found in findings.files)
        self._total_files = len(findings.files)
        if findings.roots:
            with self._catalog.write() as writer:
                for root in findings.roots:
                    writer.put_root(root)
        try:
            for found in findings.files:
                if self._stop():
                    raise StopRequested
                self._take(found)
                self._done_files += 1
                self._done_bytes += found.size
                if sum(len(work.passages) for work in self._window) >= self._settings.window:
                    self._flush()
                self._tell(found)
            self._flush()
        except StopRequested:
            self._store({})  # what needed no vectors: files that have moved to another article, or were only touched
            self.report.stopped = True
        return self.report

    def _tell(self, found: Found | None) -> None:
        if self._progress is not None:
            waiting = 1.0 - self._embedded_share
            self._progress(
                Progress(
                    self._done_bytes - round(waiting * sum(work.found.size for work in self._window)),
                    self._total_bytes,
                    self._done_files - round(waiting * len(self._window)),
                    self._total_files,
                    self.report.passages,
                    found.location if found else "",
                )
            )

    def _take(self, found: Found) -> None:
        """Sorts a file into unchanged, duplicate, failed, or the window."""
        known = self._known.get(found.location)
        if known is not None and self._is_current(known) and _surely_unchanged(found, known):
            self.report.unchanged.append(found.location)
            return
        read_at = time.time_ns()
        try:
            draft, data = read_file(found.path, self._settings.max_file_bytes)
        except SourceError as error:
            self.report.failed.append(Failure(found.location, error.reason))
            return
        digest = hashlib.sha256(data).hexdigest()
        article_id = known.article_id if known else 0
        state = SourceState(found.location, article_id, found.root, found.size, found.modified_ns, read_at, digest)
        sha256 = text_sha256(draft.text)
        owner = self._catalog.article_by_hash(sha256)
        if owner in self._unsettled or article_id in self._unsettled:
            self._flush()
            owner = self._catalog.article_by_hash(sha256)
        if known is not None and owner == known.article_id and self._is_same(draft, known):
            self._moved.append((state, None))
            self.report.unchanged.append(found.location)
            return
        if owner is not None and (known is None or owner != known.article_id):
            self._moved.append((_owned(state, owner), found.location))
            self._unsettle(owner, article_id)
            return
        for work in self._window:
            if work.sha256 == sha256:
                work.twins.append(state)
                self._unsettle(article_id)
                return
        self._window.append(self._work(found, draft, sha256, state, known))
        self._unsettle(article_id)

    def _unsettle(self, *article_ids: int) -> None:
        self._unsettled.update(number for number in article_ids if number)  # 0: a file that has no article yet

    def _is_current(self, known: SourceState) -> bool:
        """Whether its article was split by the present rules."""
        return self._splitters.get(known.article_id) == self._splitter

    def _is_same(self, draft: Draft, known: SourceState) -> bool:
        """Whether a file whose text is its article's as before would be stored as it is.

        Title, author and date may stand outside the text; those of the article's first source count.
        """
        if not self._is_current(known):
            return False
        first, *stored = self._catalog.metadata(known.article_id)
        published = draft.published.isoformat() if draft.published else None
        return known.location != first or stored == [draft.title, draft.author, published, draft.language]

    def _work(self, found: Found, draft: Draft, sha256: str, state: SourceState, known: SourceState | None) -> _Work:
        spans = splitting.passage_spans(draft.text, draft.title)
        embedded = [
            hashlib.sha256(self._embedded_text(draft, span).encode("utf-8", "surrogatepass")).digest() for span in spans
        ]
        replace = None
        if known is not None:
            alone = self._catalog.source_count(known.article_id) == 1
            resplit = self._catalog.article_by_hash(sha256) == known.article_id
            replace = known.article_id if alone or resplit else None
        return _Work(found, draft, sha256, state, spans, embedded, replace, known is not None)

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
            self._tell(None)
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
        if not complete and not self._moved:
            self._window.clear()
            self._unsettled.clear()
            return
        added: list[str] = []
        updated: list[str] = []
        duplicates: list[str] = []
        with self._catalog.write() as writer:
            for work in complete:
                matrix = np.stack([vectors[key] for key in work.embedded])
                article_id = writer.put_article(
                    work.draft, self._splitter, work.passages, work.embedded, matrix, replace=work.replace
                )
                self._splitters[article_id] = self._splitter
                self._attach(writer, _owned(work.state, article_id))
                (updated if work.is_update else added).append(work.found.location)
                for twin in work.twins:
                    self._attach(writer, _owned(twin, article_id))
                    duplicates.append(twin.location)
            for state, duplicate in self._moved:
                self._attach(writer, state)
                if duplicate is not None:
                    duplicates.append(duplicate)
        self.report.added += added
        self.report.updated += updated
        self.report.duplicates += duplicates
        self._window.clear()
        self._moved.clear()
        self._unsettled.clear()
        self._after_commit()

    def _attach(self, writer: CatalogWriter, state: SourceState) -> None:
        """Gives a source to an article, and removes the one it belonged to if no source is left to that."""
        known = self._known.get(state.location)
        writer.put_source(state)
        if known is not None and known.article_id != state.article_id:
            writer.remove_article_without_sources(known.article_id)


def _owned(state: SourceState, article_id: int) -> SourceState:
    return SourceState(
        state.location, article_id, state.root, state.bytes, state.modified_ns, state.read_at_ns, state.bytes_sha256
    )


def _surely_unchanged(found: Found, known: SourceState) -> bool:
    """By size and times, without reading it.

    Not for a file that was read in the moment in which it was written, nor for one that was touched since (its time
    may have been set back afterwards), nor when it was read in what is now the future: then the clock was moved, and
    no time says anything. Such a file is read again, which costs little.
    """
    return (
        known.bytes == found.size
        and known.modified_ns == found.modified_ns
        and known.read_at_ns is not None
        and found.modified_ns + _RACY_NS < known.read_at_ns
        and found.changed_ns < known.read_at_ns <= time.time_ns()
    )
