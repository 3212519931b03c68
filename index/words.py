"""Lexical search (BM25) with tantivy. The only module that imports ``tantivy``.

The folder is a cache of the catalog. One sentinel document carries the generation and is replaced in the same commit
as the documents, so the two cannot disagree. It is found by the catalog's identity: a folder that was copied from
another index has no sentinel of this one.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .catalog import FELL_BACK, Catalog
from .errors import StorageError
from .files import disk_problem, storage_errors
from .stored_vectors import IdArray
from .views import Terms, counted
from .word_files import clear_away, clear_torn_deletes, damaged_files, is_unfinished

FOLDER = "words"
"""In the index folder."""

FUNCTION_WORDS = frozenset(
    "a about according after all also am an and any are as at be because been before being between both but by can "
    "could d did do does doing done down during each ever few for from had has have having he her here hers him his "
    "how i if in into is it its just ll many me more most much my no nor not of off on once only or other our out "
    "over own re s same say said says she should so some such t tell than that the their them then there these they "
    "this those through to too under until up us ve very was we were what when where which while who whom whose why "
    "will with would you your".split()
)
"""Words that say nothing about what a question is about; question words are among them."""

_HEAP = 64_000_000


@dataclass(frozen=True, slots=True)
class Document:
    """A passage as the word index sees it."""

    passage_id: int
    article_id: int
    title: str
    text: str


class WordIndex:
    """A tantivy index on disk, or in memory when ``folder`` is None.

    Args:
        folder: where it is; made when it is missing.
        identity: of the catalog that it is a cache of.
    """

    def __init__(self, folder: Path | None, identity: str) -> None:
        import tantivy

        self._folder = folder
        self._sentinel = int.from_bytes(hashlib.sha256(identity.encode()).digest()[:6], "big")
        with _mapped(folder):
            if folder is not None:
                folder.mkdir(exist_ok=True)
                self._index = tantivy.Index(_schema(), path=str(folder))
            else:
                self._index = tantivy.Index(_schema())
            self._analyzer = _analyzer()
            self._index.register_tokenizer("words", self._analyzer)
            self._index.config_reader("manual", 0)
            self._index.reload()

    def view(self) -> WordView:
        """What has been committed now; later commits do not change it."""
        with _mapped(self._folder):
            self._index.reload()
            return WordView(self._index.searcher(), self._index.schema, self._analyzer, self._sentinel)

    def apply(self, added: Iterable[Document], removed: Sequence[int], generation: int, *, anew: bool = False) -> None:
        """Brings the index from its generation to a newer one in one commit. Needs the writer's lock.

        Args:
            added: passages to add; one whose id is there already is replaced.
            removed: ids of passages that are gone.
            generation: the catalog's generation after this.
            anew: forget all documents first.
        """
        import tantivy

        with _mapped(self._folder):
            if self._folder is not None:
                clear_torn_deletes(self._folder)
            writer = self._index.writer(_HEAP, 1)
            try:
                if anew:
                    writer.delete_all_documents()
                for passage_id in removed:
                    writer.delete_documents_by_term("passage_id", int(passage_id))
                for item in added:
                    if not anew:
                        writer.delete_documents_by_term("passage_id", item.passage_id)
                    document = tantivy.Document()
                    document.add_integer("passage_id", item.passage_id)
                    document.add_integer("article_id", item.article_id)
                    document.add_text("title", item.title)
                    document.add_text("text", item.text)
                    writer.add_document(document)
                writer.delete_documents_by_term("sentinel", self._sentinel)
                sentinel = tantivy.Document()
                sentinel.add_integer("sentinel", self._sentinel)
                sentinel.add_integer("generation", generation)
                writer.add_document(sentinel)
                writer.commit()
            finally:
                # Waits for merges, drops what was not committed, and gives tantivy's own lock back.
                writer.wait_merging_threads()


class WordView:
    """An immutable view of the word index at one commit."""

    def __init__(self, searcher: Any, schema: Any, analyzer: Any, sentinel: int) -> None:
        self._searcher = searcher
        self._schema = schema
        self._analyzer = analyzer
        self.generation = self._read_generation(sentinel)
        self.documents = max(0, int(searcher.num_docs) - 1)

    def _read_generation(self, sentinel: int) -> int:
        """The sentinel's generation; -1 when there is none, so that an empty index is behind every catalog."""
        import tantivy

        query = tantivy.Query.term_query(self._schema, "sentinel", sentinel)
        hits = self._searcher.search(query, 2).hits
        if len(hits) != 1:
            return -1
        return int(self._searcher.fast_field_values("generation", [hits[0][1]])[0])

    def terms(self, text: str) -> list[str]:
        """The index terms of a text (lower case, accents folded, stemmed), in order."""
        return list(self._analyzer.analyze(text))

    def content_terms(self, text: str) -> list[str]:
        """The index terms of a text without English function words, each once, in order."""
        return list(dict.fromkeys(_content_analyzer().analyze(text)))

    def document_frequency(self, term: str) -> int:
        """In how many passages a term occurs."""
        return int(self._searcher.doc_freq("text", term))

    def weight(self, terms: Terms) -> float:
        """The sum of the terms' inverse document frequencies, each once and as often as it counts."""
        return sum(weight * self.rarity(term) for term, weight in counted(terms).items())

    def rarity(self, term: str) -> float:
        """The inverse document frequency of a term, as BM25 counts it."""
        total, count = self.documents, self.document_frequency(term)
        return math.log(1 + (total - count + 0.5) / (count + 0.5))

    def search(
        self,
        terms: Terms,
        k: int,
        *,
        title_weight: float,
        articles: Sequence[int] | None = None,
        allowed: IdArray | None = None,
        forbidden: IdArray | None = None,
    ) -> tuple[IdArray, np.ndarray[Any, Any]]:
        """The passages with the highest BM25 score for any of the terms; see ``WordSearch``."""
        import tantivy

        query_of, schema = tantivy.Query, self._schema
        weights = counted(terms)
        if not weights:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        clauses = []
        for field, share in (("text", 1.0), ("title", title_weight)):
            for term, weight in weights.items() if share > 0 else ():
                clause = query_of.term_query(schema, field, term, "freq")
                if weight * share != 1:
                    clause = query_of.boost_query(clause, weight * share)
                clauses.append((tantivy.Occur.Should, clause))
        query = query_of.boolean_query(clauses)
        for field, values in (("article_id", articles), ("passage_id", allowed)):
            if values is not None:
                among = query_of.term_set_query(schema, field, [int(value) for value in values])
                query = query_of.boolean_query(
                    [(tantivy.Occur.Must, query), (tantivy.Occur.Must, query_of.const_score_query(among, 0.0))]
                )
        if forbidden is not None and len(forbidden):
            without = query_of.term_set_query(schema, "passage_id", [int(value) for value in forbidden])
            query = query_of.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.MustNot, without)])
        return self._run(query, k)

    def containing(self, phrase: str, limit: int) -> IdArray:
        """Ids of passages in which the terms of a phrase stand one after the other, at most ``limit``.

        Terms are stemmed; the caller compares with the text where the exact words matter.
        """
        import tantivy

        terms = self.terms(phrase)
        if not terms:
            return np.empty(0, np.int64)
        if len(terms) == 1:
            query = tantivy.Query.term_query(self._schema, "text", terms[0], "freq")
        else:
            query = tantivy.Query.phrase_query(self._schema, "text", list(terms))
        return self._run(query, limit)[0]

    def passage_ids(self) -> IdArray:
        """All passage ids, ascending, for ``verify``; an id that is there twice is listed twice."""
        import tantivy

        if not self.documents:
            return np.empty(0, np.int64)
        query = tantivy.Query.exists_query("passage_id")
        return np.sort(self._run(query, self.documents + 1)[0])

    def article_ids(self) -> set[int]:
        """The ids of all articles that have a passage here."""
        import tantivy

        hits = self._searcher.search(
            tantivy.Query.exists_query("passage_id"), int(self._searcher.num_docs) + 1, count=False
        ).hits
        return set(self._searcher.fast_field_values("article_id", [address for _, address in hits]))

    def _run(self, query: Any, k: int) -> tuple[IdArray, np.ndarray[Any, Any]]:
        hits = self._searcher.search(query, max(1, k), count=False).hits
        ids = self._searcher.fast_field_values("passage_id", [address for _, address in hits])
        return np.array(ids, np.int64), np.array([score for score, _ in hits], np.float32)


def open_or_none(folder: Path, catalog: Catalog) -> tuple[WordIndex | None, str | None]:
    """Opens the cache; None and a line that says why when it is missing, damaged or not this catalog's."""
    if not folder.is_dir():
        return None, "the tantivy folder is missing"
    try:
        if damaged := damaged_files(folder):
            return None, damaged[0]
        opened = WordIndex(folder, catalog.identity)
        generation, passages = catalog.generation(), catalog.counts()[1]
        view = opened.view()
    except StorageError as error:
        return None, f"the tantivy folder cannot be read ({error})"
    if view.generation < 0:
        return None, "the tantivy folder belongs to another index or was cut off"
    if view.generation > generation == catalog.generation():
        return (
            None,
            f"the tantivy folder is {FELL_BACK}",
        )
    if view.generation == generation == catalog.generation() and view.documents != passages:
        return None, f"the tantivy folder holds {view.documents} passages and the catalog {passages}"
    return opened, None


def articles_in(folder: Path) -> set[int]:
    """Ids of the articles that a word index knows, whichever catalog it was made from; empty when it is damaged."""
    if is_unfinished(folder):
        return set()
    try:
        if damaged_files(folder):
            return set()
        return WordIndex(folder, "").view().article_ids()
    except StorageError:
        return set()


def caught_up(words: WordIndex, catalog: Catalog) -> bool:
    """Brings a word index up to the catalog; False when it is newer than the catalog. Needs the writer's lock."""
    view = words.view()
    newest = catalog.generation()
    if view.generation == newest:
        return True
    if view.generation > newest:
        return False
    dead = catalog.tombstones(after=view.generation).tolist() if view.generation >= 0 else []
    words.apply(documents(catalog, max(view.generation, 0)), dead, newest, anew=view.generation < 0)
    if words.view().documents != catalog.counts()[1]:
        # Seen on a busy machine, about once in a hundred kills: the first deletion of a commit is not carried out.
        words.apply(documents(catalog, 0), [], newest, anew=True)
    return True


def rebuilt(folder: Path | None, catalog: Catalog) -> WordIndex:
    """A word index made anew from the catalog; in memory when ``folder`` is None, else with the writer's lock."""
    if folder is not None:
        with storage_errors(folder):
            clear_away(folder)
    words = WordIndex(folder, catalog.identity)
    words.apply(documents(catalog, 0), [], catalog.generation(), anew=True)
    return words


def documents(catalog: Catalog, after: int) -> Iterator[Document]:
    """The catalog's passages that are newer than a generation."""
    for rows in catalog.passage_rows(after=after):
        passages = [row.passage for row in rows]
        for passage, (title, text) in zip(passages, catalog.texts_of(passages), strict=True):
            yield Document(passage.id, passage.article_id, title, text)


def _schema() -> Any:
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("passage_id", indexed=True, fast=True)
    builder.add_integer_field("article_id", indexed=True, fast=True)
    builder.add_integer_field("sentinel", indexed=True)
    builder.add_integer_field("generation", fast=True)
    builder.add_text_field("title", tokenizer_name="words", index_option="freq")
    builder.add_text_field("text", tokenizer_name="words", index_option="position")
    return builder.build()


def _analyzer() -> Any:
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    builder = TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.remove_long(60)).filter(Filter.lowercase())
    return builder.filter(Filter.ascii_fold()).filter(Filter.stemmer("english")).build()


@functools.cache
def _content_analyzer() -> Any:
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    builder = TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.remove_long(60)).filter(Filter.lowercase())
    builder = builder.filter(Filter.custom_stopword(list(FUNCTION_WORDS)))
    return builder.filter(Filter.ascii_fold()).filter(Filter.stemmer("english")).build()


@contextlib.contextmanager
def _mapped(folder: Path | None) -> Iterator[None]:
    """Turns tantivy's errors, which it raises as ``ValueError`` and ``OSError``, into ours."""
    try:
        yield
    except (ValueError, OSError) as error:
        reason = (disk_problem(folder) if folder is not None else None) or str(error).split("\n")[0]
        raise StorageError(f"{folder or 'the word index'}: {reason}") from error
