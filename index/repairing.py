"""``verify --repair``: makes anew what can be made anew, reads lost articles again, and says what it could not save."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from . import passages as splitting
from . import vectors, words
from .article import Article, text_sha256
from .catalog import FELL_BACK
from .embedding import Embedder
from .errors import CorruptIndexError, SourceError
from .formats import container_of
from .inspection import Row, at_one_moment
from .languages import with_language
from .reading import Draft, read_file
from .rows import SourceState, as_article, as_passage_row
from .salvaging import Salvage, salvage
from .verifying import VerifyReport, passage_problems

if TYPE_CHECKING:
    from .catalog import Catalog
    from .catalog_writer import CatalogWriter
    from .milvus import MilvusCaches
    from .settings import Settings

_NOT_RIGHT = (CorruptIndexError, ValueError, TypeError, AttributeError)


class Repairer:
    """One run of a repair. Needs the writer's lock.

    Args:
        catalog, folder, embedder, settings: of the index.
        add: adds files by the usual way, for articles that have to be read again.
        progress: told the number of articles dealt with and their total.
        milvus: where the vectors and words are, when they are not in files.
    """

    def __init__(
        self,
        catalog: Catalog,
        folder: Path,
        embedder: Embedder,
        settings: Settings,
        add: Callable[[Sequence[str]], object],
        progress: Callable[[int, int], None] | None = None,
        milvus: MilvusCaches | None = None,
    ) -> None:
        self._milvus = milvus
        self._catalog = catalog
        self._folder = folder
        self._embedder = embedder
        self._settings = settings
        self._add = add
        self._progress = progress or (lambda done, total: None)
        self.repaired: list[str] = []
        self.lost: list[str] = []
        self._orphans: list[tuple[str, int, str]] = []

    def run(self, report: VerifyReport) -> None:
        """Mends what a check has found; ``repaired`` and ``lost`` tell of it."""
        if any(problem.where == "catalog" for problem in report.problems):
            model = json.dumps(dataclasses.asdict(self._embedder.record))
            self.take(salvage(self._catalog.path, model))
            self._catalog.forget()
        fell_back = any(FELL_BACK in problem.what for problem in report.problems)
        if not self._mend_references() and fell_back:
            self.lost.append("what was added or removed last: the catalog no longer knows of it; do that again")
        self._mend_articles()
        self._mend_near_duplicates(report)
        self._read_again()
        self._name_sourceless()
        self._make_caches_anew()

    def take(self, saved: Salvage) -> None:
        """Takes over what was salvaged before."""
        self.repaired.append(
            f"the catalog was made anew from what could be read of it: {saved.articles} articles, {saved.passages} "
            f"passages; the damaged file is kept as {saved.kept.name}"
        )
        if saved.model is None:
            # Nobody knows which model the vectors are of; none of them can be compared with a question.
            with at_one_moment(self._catalog) as moment:
                everything = [row[0] for rows in moment.article_rows() for row in rows]
            for number in everything:
                self._split_again(number)
        self._orphans += saved.orphans
        named = {number for _, number, _ in saved.orphans}
        there = {article.id for article in self._catalog.articles(saved.known)}
        for number in sorted(saved.known - named - there):
            self.lost.append(f"article {number}, of which not even the source is known any more")
        if not saved.articles and not saved.orphans and not saved.known:
            self.lost.append("whatever was in the index: nothing in its catalog could be read")

    def _mend_references(self) -> bool:
        """Puts right what contradicts itself; says whether the catalog's generation was among that."""
        with at_one_moment(self._catalog) as moment:
            found = moment.dangling()
            titles = {row[0]: str(row[1]) for rows in moment.article_rows() for row in rows}
        lines = list(found.lines())
        if not lines:
            return False
        self._orphans += [(location, number, titles.get(number, "")) for location, number in found.sources]
        self._orphans += [(location, number, titles.get(number, "")) for location, number in found.misnamed]
        if found.vanished or found.passages:
            # Which articles they belonged to is known only by splitting them again.
            self._find_incomplete()
        with self._catalog.write() as writer:
            if found.late:
                writer.pass_generations()
            writer.forget_sources([row[0] for row in [*found.sources, *found.misnamed]])
            writer.revive([row[0] for row in found.undead])
            writer.forget_passages([row[0] for row in found.passages])
            writer.forget_passages(found.vanished)
        self.repaired += [f"put right: {line}" for line in lines]
        return bool(found.late)

    def _mend_near_duplicates(self, report: VerifyReport) -> None:
        if any(problem.where == "near-duplicates" for problem in report.problems):
            with self._catalog.write() as writer:
                writer.near_duplicates.make_anew()
            self.repaired.append("near-duplicates were looked for anew")

    def _name_sourceless(self) -> None:
        """An article whose last source was lost is kept, and is given a name that says so."""
        with at_one_moment(self._catalog) as moment:
            sourceless = moment.dangling().without_source
        with self._catalog.write() as writer:
            for number, title in sourceless:
                writer.put_source(SourceState(f"source of article {number} lost", number, None, None, None, None, None))
                self.lost.append(f"where article {number} ({title!r}) came from; the article is kept")

    def _find_incomplete(self) -> None:
        """Splits again every article of which a passage may be missing."""
        with at_one_moment(self._catalog) as moment:
            incomplete = []
            for rows in moment.article_rows():
                passages = moment.passages_between(rows[0][0], rows[-1][0])
                incomplete += [row[0] for row in rows if not _is_complete(row, passages.get(row[0], []))]
        for number in incomplete:
            self._split_again(number)

    def _mend_articles(self) -> None:
        """Splits and embeds again where passages are damaged; takes out articles whose own row is."""
        damaged: list[tuple[int, str, list[str]]] = []
        unsplit: list[int] = []
        dimension = self._embedder.record.dimension
        with at_one_moment(self._catalog) as moment:
            total = moment.counts()[0]
            done = 0
            for rows in moment.article_rows():
                passages = moment.passages_between(rows[0][0], rows[-1][0])
                for row in rows:
                    try:
                        article = as_article(row, ())
                    except _NOT_RIGHT:
                        sources = [state.location for state in moment.sources_of_article(row[0])]
                        damaged.append((row[0], str(row[1]), sources))
                        continue
                    current = splitting.is_current(row[9])
                    own = passages.get(article.id, [])
                    if any(passage_problems(article, own, dimension, current=current)):
                        unsplit.append(article.id)
                done += len(rows)
                self._progress(done, total)
        for number in unsplit:
            self._split_again(number)
        for number, title, sources in damaged:
            self._replace(number, title, sources)

    def _split_again(self, number: int) -> None:
        """Makes the passages of an article anew from its text."""
        article = next(self._catalog.articles([number]), None)
        if article is None:
            return
        with at_one_moment(self._catalog) as moment:
            added_at = moment.added_at(number)
        with self._catalog.write() as writer:
            self._put(writer, _draft(article), number, added_at)
        self.repaired.append(f"split and embedded again: {_named(article)}")

    def _put(self, writer: CatalogWriter, draft: Draft, number: int, added_at: str | None) -> None:
        spans = splitting.passage_spans(draft.text, draft.title, language=draft.language)
        slices = [draft.text[span.start : span.end] for span in spans]
        matrix = self._embedder.encode_passages([splitting.embedded_text(draft.title, text) for text in slices])
        digests = [splitting.embedded_sha256(draft.title, text) for text in slices]
        splitter = splitting.fingerprint(draft.language)
        writer.put_article(draft, splitter, spans, digests, matrix, replace=number, added_at=added_at)

    def _replace(self, number: int, title: str, sources: list[str]) -> None:
        """Puts what a damaged article's file says in its place; without a file, takes the article out."""
        for location in sources:
            try:
                draft = with_language(read_file(Path(location), self._settings.max_file_bytes)[0])
            except (SourceError, ValueError):
                continue
            owner = self._catalog.article_by_hash(text_sha256(draft.text))
            if owner not in (None, number):
                break  # the file's text is another article's by now: `add` will join them
            with self._catalog.write() as writer:
                self._put(writer, draft, number, None)
            self.repaired.append(f"read again from {location}: article {number} ({draft.title!r})")
            return
        with self._catalog.write() as writer:
            writer.remove_article(number)
        self._orphans += [(location, number, title) for location in sources or [""]]

    def _read_again(self) -> None:
        """Adds the files of articles that could not be saved; what is not there to be read is lost."""
        orphans = dict.fromkeys(self._orphans)
        locations = [location for location, _, _ in orphans]
        known = self._catalog.sources(locations)
        there = dict.fromkeys(_file_of(place) for place in locations if place and place not in known)
        if files := [path for path in there if path is not None]:
            with self._catalog.write() as writer:
                for path in files:
                    writer.forget_container(path)
            self._add(files)
        known = self._catalog.sources(locations)
        kept = {article.id for article in self._catalog.unchecked_articles([number for _, number, _ in orphans])}
        for location, number, title in orphans:
            name = f"article {number}" + (f" ({title!r})" if title else "")
            if location in known:
                self.repaired.append(f"read again from {location}: {name}")
            elif number not in kept:
                self.lost.append(f"{name} from {location}" if location else name)

    def _make_caches_anew(self) -> None:
        if self._milvus is not None:
            self.repaired.append(self._milvus.make_anew())
            return
        words.rebuilt(self._folder / words.FOLDER, self._catalog)
        vectors.write(
            self._folder / vectors.FOLDER,
            self._catalog,
            self._embedder.record.dimension,
            self._settings.exact_limit,
            patience=self._settings.lock_timeout,
        )
        self.repaired.append("both search indexes were made anew from the catalog")


def _is_complete(row: Row, passages: Iterable[Row]) -> bool:
    """Whether an article has all its passages; one that is damaged itself is dealt with elsewhere."""
    try:
        article = as_article(row, ())
        spans = [(passage.start, passage.end) for passage in (as_passage_row(raw).passage for raw in passages)]
    except _NOT_RIGHT:
        return True
    expected = splitting.passage_spans(article.text, article.title, language=article.language)
    return spans == [(span.start, span.end) for span in expected] and splitting.is_current(row[9])


def _draft(article: Article) -> Draft:
    return Draft(
        article.title,
        article.text,
        article.author,
        article.published,
        article.language,
        article.page_starts,
        article.site,
        article.url,
    )


def _named(article: Article) -> str:
    return f"article {article.id} ({article.title!r})"


def _file_of(location: str) -> str | None:
    """The file that holds a source, which may be one of many in it; None when there is none."""
    return next((path for path in (location, *container_of(location)) if _is_file(path)), None)


def _is_file(location: str) -> bool:
    try:
        return Path(location).is_file()
    except (OSError, ValueError):
        return False
