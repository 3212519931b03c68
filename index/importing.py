"""Takes a portable file into an index: checked as a whole first, then merged, a window of articles at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from . import passages as splitting
from .article import AddReport, text_sha256
from .embedding import Embedder, FloatMatrix
from .portable import PortableArticle, PortableFile
from .rows import SourceState

if TYPE_CHECKING:
    from .catalog import Catalog
    from .catalog_writer import CatalogWriter


class Importer:
    """One run of ``import_from``. Needs the writer's lock.

    Args:
        catalog, embedder: of the index that takes the articles in.
        window: passages that are stored together.
        after_commit: called after each window is in the catalog, so that the caches catch up.
        progress: told how many of the file's articles are in, and their total.
        stop: asked after each window; True ends the run, and what is stored by then is kept.
        own: whether the file was written here, by this index: its sources are those of this machine, as they were.
    """

    def __init__(
        self,
        catalog: Catalog,
        embedder: Embedder,
        window: int,
        after_commit: Callable[[], None],
        progress: Callable[[int, int], None] | None = None,
        stop: Callable[[], bool] | None = None,
        *,
        own: bool = False,
    ) -> None:
        self._own = own
        self._catalog = catalog
        self._embedder = embedder
        self._window = window
        self._after_commit = after_commit
        self._progress = progress or (lambda done, total: None)
        self._stop = stop or (lambda: False)
        self.report = AddReport()

    def run(self, file: PortableFile) -> AddReport:
        """Checks every article of the file, and when all are right stores them; see ``ArticleIndex.import_from``."""
        for _ in file.articles():
            pass
        total = file.manifest.articles
        if file.manifest.model != self._embedder.record:
            self.report.notes.append(
                f"the file was embedded with {file.manifest.model.name!r}: its articles are embedded anew"
            )
        waiting: list[PortableArticle] = []
        done = 0
        for article in file.articles():
            waiting.append(article)
            if sum(len(item.passages) for item in waiting) >= self._window:
                done += self._store(waiting, file)
                waiting = []
                self._progress(done, total)
                if self._stop():
                    self.report.stopped = True
                    return self.report
        done += self._store(waiting, file)
        self._progress(done, total)
        return self.report

    def _store(self, articles: list[PortableArticle], file: PortableFile) -> int:
        """Stores some articles in one transaction; the report tells of them when it is committed."""
        same_model = file.manifest.model == self._embedder.record
        known = [self._catalog.article_by_hash(text_sha256(article.draft.text)) for article in articles]
        anew = [
            place
            for place, article in enumerate(articles)
            if known[place] is None and not (same_model and splitting.is_current(article.splitter))
        ]
        ready = list(articles)
        for place, article in zip(anew, self._embedded([articles[place] for place in anew]), strict=True):
            ready[place] = article
        report = AddReport()
        with self._catalog.write() as writer:
            for article, number in zip(ready, known, strict=True):
                self._put(writer, article, number, file.path.name, report)
        self.report.added += report.added
        self.report.duplicates += report.duplicates
        self.report.unchanged += report.unchanged
        self._after_commit()
        return len(articles)

    def _put(
        self, writer: CatalogWriter, article: PortableArticle, known: int | None, name: str, report: AddReport
    ) -> None:
        first = article.sources[0].location
        number = known
        if number is None:
            vectors: FloatMatrix = article.vectors.astype(np.float32)
            number = writer.put_article(
                article.draft, article.splitter, article.passages, article.embedded, vectors, added_at=article.added_at
            )
        taken = writer.sources_of([source.location for source in article.sources])
        joined = False
        free = [source for source in article.sources if taken.get(source.location, number) == number]
        # What is at a place of this index now was added after the article had been taken out.
        for source in free if self._own and free else article.sources:
            location = source.location
            if taken.get(location, number) != number:
                # Here this place holds another text; on the machine that the file comes from it held this one.
                location = f"{location} (from {name})"
            elif location in taken:
                continue
            joined = True
            writer.put_source(
                replace(source, article_id=number)
                if self._own and location == source.location
                else _foreign(source, location, number)
            )
        if known is None:
            report.added.append(first)
        elif joined:
            report.duplicates.append(first)
        else:
            report.unchanged.append(first)

    def _embedded(self, articles: list[PortableArticle]) -> list[PortableArticle]:
        """The articles split and embedded as this index does it, all in one call of the model."""
        drafts = [article.draft for article in articles]
        spans = [splitting.passage_spans(draft.text, draft.title, language=draft.language) for draft in drafts]
        slices = [
            [(article.draft.title, article.draft.text[span.start : span.end]) for span in own]
            for article, own in zip(articles, spans, strict=True)
        ]
        texts = [splitting.embedded_text(title, text) for own in slices for title, text in own]
        if not texts:
            return []
        vectors = self._embedder.encode_passages(texts).astype(np.float16)
        self.report.passages += len(texts)
        ends = np.cumsum([len(own) for own in spans])
        return [
            replace(
                article,
                splitter=splitting.fingerprint(article.draft.language),
                passages=own,
                embedded=[splitting.embedded_sha256(title, text) for title, text in pairs],
                vectors=vectors[end - len(own) : end],
            )
            for article, own, pairs, end in zip(articles, spans, slices, ends, strict=True)
        ]


def _foreign(source: SourceState, location: str, article_id: int) -> SourceState:
    """A source of which this machine has read nothing: it is not watched by ``sync``, and ``add`` reads it anew."""
    return SourceState(location, article_id, None, None, None, None, source.bytes_sha256)
