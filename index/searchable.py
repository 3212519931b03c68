"""The reading half of an index: its articles, its figures, and what the package ``qa`` searches with."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import passages as splitting
from .article import Article, Passage
from .catalog import Catalog
from .choosing import open_caches
from .embedding import Embedder, FloatMatrix, ModelRecord
from .folder import check_model
from .listing import Listing, Origin, list_page, listed_ids, origins
from .milvus import MilvusCaches
from .selection import Filters
from .settings import Settings
from .stored_vectors import IdArray
from .views import Snapshot


@dataclass(frozen=True, slots=True)
class Stats:
    """Figures about an index.

    Attributes:
        folder: where it is.
        articles, passages: how many it holds.
        bytes: its size on disk.
        generation: how many times its passages have changed.
        model: the record of its embedding model.
        splitter: the fingerprint of what makes passages now.
        vectors: which kind of index is used, over how many vectors, and why or where.
    """

    folder: str
    articles: int
    passages: int
    bytes: int
    generation: int
    model: ModelRecord
    splitter: str
    vectors: str


class SearchableIndex:
    """What can be read of an index; ``ArticleIndex`` adds what changes it.

    Attributes:
        folder: the folder.
        notes: one line for each thing that had to be mended, such as a missing cache.
    """

    def __init__(
        self, folder: Path, catalog: Catalog, embedder: Embedder, settings: Settings, *, writable: bool
    ) -> None:
        self.folder = folder
        self.notes: list[str] = []
        self._catalog = catalog
        self._embedder = embedder
        self._writable = writable
        self._settings = settings
        self._model_seen_at = -1
        self._languages: tuple[int, frozenset[str]] | None = None
        self._caches = open_caches(
            folder, catalog, embedder.record.dimension, settings, writable=writable, notes=self.notes
        )

    def articles(self, filters: Filters | None = None) -> Iterator[Article]:
        """All articles, or those that pass the filters, in the order in which they were added."""
        ids = filters.article_ids(self._catalog) if filters else None
        return self._catalog.articles(ids)

    def article(self, number: int) -> Article | None:
        """The article with this id, or None."""
        return next(self._catalog.articles([number]), None)

    def listing(
        self,
        filters: Filters,
        search: str = "",
        order: str = "newest",
        first: int = 0,
        count: int = 25,
        origin: str = "",
    ) -> Listing:
        """One page of a list of articles, without their texts.

        Args:
            filters: which articles.
            search: words of which each stands in the title, the author, the site or a source.
            order: "newest", "oldest", "title", "author" or "added" (the last one first).
            first, count: which rows.
            origin: the key of one of ``origins``; only articles from there.
        """
        return list_page(self._catalog, filters, search, order, first, count, origin)

    def listed_ids(self, filters: Filters, search: str = "", origin: str = "") -> list[int]:
        """The articles of all pages of ``listing``."""
        return listed_ids(self._catalog, filters, search, origin)

    def origins(self) -> list[Origin]:
        """The sites and folders that the articles come from, with how many come from each, most first."""
        return origins(self._catalog)

    def generation(self) -> int:
        """A number that grows with each change of the articles."""
        return self._catalog.generation()

    def counts(self) -> tuple[int, int]:
        """The number of articles and of passages."""
        return self._catalog.counts()

    def stats(self) -> Stats:
        """Figures about the index."""
        articles, passages = self.counts()
        size = 0
        for path in self.folder.rglob("*"):
            with contextlib.suppress(OSError):
                size += path.stat().st_size
        return Stats(
            str(self.folder),
            articles,
            passages,
            size,
            self._catalog.generation(),
            self._embedder.record,
            splitting.fingerprint(),
            self._caches.describe(),
        )

    @property
    def _milvus(self) -> MilvusCaches | None:
        """What is in Milvus of this index, if anything is."""
        return self._caches if isinstance(self._caches, MilvusCaches) else None

    # What the package qa searches with.

    def snapshot(self) -> Snapshot:
        """Both caches at the newest generation that both have; the same object until something changes."""
        newest = self._catalog.generation()
        if newest != self._model_seen_at:
            # Another process may have embedded the index anew with another model.
            check_model(self.folder, self._catalog, self._embedder.record)
            self._model_seen_at = newest
        return self._caches.snapshot()

    def embed_questions(self, texts: Sequence[str]) -> FloatMatrix:
        """Vectors of questions, ``(n, dimension)`` float32, unit length."""
        return self._embedder.encode_questions(texts)

    def embed_sentences(self, texts: Sequence[str]) -> FloatMatrix:
        """Vectors of sentences or passages, ``(n, dimension)`` float32, unit length."""
        return self._embedder.encode_passages(texts)

    def passages(self, ids: Sequence[int]) -> dict[int, Passage]:
        """Passages by id; those that are gone are left out."""
        return self._catalog.passages([int(number) for number in ids])

    def passages_with_articles(self, ids: Sequence[int]) -> list[tuple[Passage, Article]]:
        """Passages by id, each with its article as it was at the same moment; those that are gone are left out."""
        with self._catalog.reading():
            passages = self._catalog.passages([int(number) for number in ids])
            articles = self.articles_by_id(passage.article_id for passage in passages.values())
        found = ((passages[number], articles.get(passages[number].article_id)) for number in ids if number in passages)
        return [(passage, article) for passage, article in found if article is not None]

    def articles_by_id(self, ids: Iterable[int]) -> dict[int, Article]:
        """Articles by id; those that are gone are left out."""
        return {article.id: article for article in self._catalog.articles(ids)}

    def near_groups(self, article_ids: Iterable[int]) -> dict[int, int]:
        """The number of the group of near-duplicates of each of these articles that is in one."""
        return self._catalog.near_groups(article_ids)

    def languages(self) -> frozenset[str]:
        """The languages of all articles, as far as they are known."""
        generation = self._catalog.generation()
        if self._languages is None or self._languages[0] != generation:
            self._languages = (generation, self._catalog.languages())
        return self._languages[1]

    def passages_in(self, language: str, passage_ids: Iterable[int]) -> IdArray:
        """Those of some passages whose article is in a language (ISO 639-1)."""
        return self._catalog.passages_in(language, [int(number) for number in passage_ids])

    def passage_ids(self, articles: Sequence[int]) -> IdArray:
        """Ids of the passages of some articles, ascending."""
        return self._catalog.passage_ids(articles)

    def article_ids(self, filters: Filters) -> list[int] | None:
        """The articles that pass the filters; None when nothing is filtered."""
        return filters.article_ids(self._catalog)

    @property
    def embedder(self) -> Embedder:
        """What makes its vectors; another index can be opened with it, so that the model is loaded once."""
        return self._embedder

    @property
    def model(self) -> ModelRecord:
        """The record of the embedding model."""
        return self._embedder.record
