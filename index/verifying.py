"""``verify``: proves that what was added is there, whole, and the same in all three stores."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from . import passages as splitting
from . import vectors, word_files, words
from .article import Article
from .embedding import ModelRecord
from .errors import CorruptIndexError, StorageError
from .files import storage_errors
from .inspection import Inspection, Row, at_one_moment
from .near_duplicates import keys_digest
from .rows import as_article, as_passage_row

if TYPE_CHECKING:
    from .catalog import Catalog
    from .milvus import MilvusCaches

Where = Literal["catalog", "article", "passage", "source", "near-duplicates", "vectors", "words"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that differs from what was stored.

    Attributes:
        where: the store or the kind of row.
        article_id: the article concerned, or None when the problem is not one article's.
        what: one line for a person.
    """

    where: Where
    article_id: int | None
    what: str


@dataclass(slots=True)
class VerifyReport:
    """What ``ArticleIndex.verify`` found.

    Attributes:
        articles, passages: how many were checked.
        problems: what differs, after repairing when that was asked for; empty when the index is whole.
        repaired: one line for each thing that was mended.
        lost: one line for each thing that could not be mended, with its sources, so that it can be added again.
    """

    articles: int = 0
    passages: int = 0
    problems: list[Problem] = field(default_factory=list)
    repaired: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether everything is as it was stored: nothing differs, and nothing was lost."""
        return not self.problems and not self.lost


class Verifier:
    """Checks an index, row by row, without holding more than a batch in memory.

    Args:
        catalog: the truth. Where it can be written, the caller holds the writer's lock.
        folder: of the index, for the two caches.
        dimension: of a vector.
        writable: whether a word index that is only behind may be caught up, as the next search would do.
        progress: told the number of articles checked and their total.
        milvus: where the vectors and words are, when they are not in files.
    """

    def __init__(
        self,
        catalog: Catalog,
        folder: Path,
        dimension: int,
        *,
        writable: bool = False,
        progress: Callable[[int, int], None] | None = None,
        milvus: MilvusCaches | None = None,
    ) -> None:
        self._milvus = milvus
        self._catalog = catalog
        self._folder = folder
        self._dimension = dimension
        self._writable = writable
        self._progress = progress or (lambda done, total: None)
        self.report = VerifyReport()

    def run(self) -> VerifyReport:
        """Checks the catalog, then the caches against it."""
        try:
            with at_one_moment(self._catalog) as moment:
                for line in moment.integrity_problems():
                    self._found("catalog", None, f"SQLite says: {line}")
                if not self.report.problems:
                    self._check_record(moment)
                    self._check_articles(moment)
                    for line in moment.dangling().lines():
                        self._found("source", None, line)
            if not self.report.problems or self._rows_are_readable():
                if self._milvus is not None:
                    self._check_milvus(self._milvus)
                else:
                    self._check_vectors()
                self._check_words()
        except CorruptIndexError as error:
            self._found("catalog", None, str(error))
        return self.report

    def _found(self, where: Where, article_id: int | None, what: str) -> None:
        self.report.problems.append(Problem(where, article_id, what))

    def _rows_are_readable(self) -> bool:
        """Whether the caches can be compared: with rows that fail their checksums they cannot."""
        return not any(problem.where in ("catalog", "article", "passage") for problem in self.report.problems)

    def _check_record(self, catalog: Inspection) -> None:
        """What the catalog says of itself: the model, and the name that binds the caches to it."""
        try:
            ModelRecord(**json.loads(catalog.meta("model") or ""))
        except (TypeError, ValueError):
            self._found("catalog", None, "the catalog does not say which model it was made with")

    def _check_articles(self, catalog: Inspection) -> None:
        total = catalog.counts()[0]
        keys = catalog.near_keys()
        for rows in catalog.article_rows():
            passages = catalog.passages_between(rows[0][0], rows[-1][0])
            for row in rows:
                self.report.articles += 1
                number = row[0]
                try:
                    article = as_article(row, ())
                except (CorruptIndexError, ValueError, TypeError, AttributeError) as error:
                    self._found("article", number, f"article {number}: {error}")
                    continue
                finally:
                    stored_keys = keys.pop(number, 0) if keys is not None else None
                if stored_keys not in (None, keys_digest(article.title, article.text)):
                    self._found("near-duplicates", number, f"article {number}: its keys are not those of its text")
                own = passages.get(number, [])
                self.report.passages += len(own)
                for problem in passage_problems(article, own, self._dimension, current=splitting.is_current(row[9])):
                    self._found("passage", number, problem)
            self._progress(self.report.articles, total)
        for number in sorted(keys or ()):
            self._found("near-duplicates", number, f"article {number} has keys and is not there")

    def _check_vectors(self) -> None:
        """The FAISS file, caught up, has each passage of the catalog once, with the catalog's vector."""
        folder = self._folder / vectors.FOLDER
        # A missing file is no damage: it is made anew from the catalog, and before it was ever written there is none.
        missing = not (folder / vectors.DESCRIPTION).exists()
        view, problem = vectors.load(folder, self._catalog, self._dimension, whole=True)
        if problem and not missing:
            self._found("vectors", None, problem)
            return
        self._compare("vectors", "FAISS", vectors.ids_in(view), self._catalog.all_passage_ids())
        for number in vectors.differing(view):
            self._found("vectors", None, f"FAISS holds another vector for passage {number} than the catalog")

    def _check_milvus(self, milvus: MilvusCaches) -> None:
        """The collection, caught up, has each passage once, with the catalog's vector and words."""
        try:
            if self._writable:
                milvus.catch_words_up()
            collection = milvus.collection()
            held, generation = collection.generation(), self._catalog.generation()
            if held != generation:
                self._found("vectors", None, f"Milvus is at generation {held}, the catalog at {generation}")
                return
            self._compare("vectors", "Milvus", collection.ids(), self._catalog.all_passage_ids())
            for number, what in collection.differing():
                self._found("vectors", None, f"Milvus holds {what} for passage {number} than the catalog")
        except StorageError as error:
            self._found("vectors", None, str(error))

    def _check_words(self) -> None:
        """The tantivy index, caught up, has each passage once, and its files their checksums."""
        folder = self._folder / words.FOLDER
        if word_files.is_unfinished(folder):
            return
        if self._writable:
            self._check_words_in(folder)
            return
        # Tantivy opens nothing where it cannot lock.
        with tempfile.TemporaryDirectory() as temporary, storage_errors(Path(temporary)):
            self._check_words_in(Path(shutil.copytree(folder, Path(temporary, words.FOLDER))))

    def _check_words_in(self, folder: Path) -> None:
        opened, problem = words.open_or_none(folder, self._catalog)
        if opened is None:
            self._found("words", None, problem or "the tantivy folder is missing")
            return
        try:
            generation = self._catalog.generation()
            if 0 <= opened.view().generation < generation:
                words.caught_up(opened, self._catalog)
            view = opened.view()
            if view.generation == generation:
                self._compare("words", "tantivy", view.passage_ids(), self._catalog.all_passage_ids())
            else:
                self._found("words", None, f"tantivy is at generation {view.generation}, the catalog at {generation}")
        except StorageError as error:
            self._found("words", None, f"tantivy cannot be searched: {error}")

    def _compare(self, where: Where, name: str, held: np.ndarray[Any, Any], expected: np.ndarray[Any, Any]) -> None:
        unique, counts = np.unique(held, return_counts=True)
        for label, numbers in (
            ("lacks", np.setdiff1d(expected, unique)),
            ("still holds the removed", np.setdiff1d(unique, expected)),
            ("holds more than once", unique[counts > 1]),
        ):
            if len(numbers):
                some = ", ".join(map(str, numbers[:5].tolist())) + (" …" if len(numbers) > 5 else "")
                self._found(where, None, f"{name} {label} {len(numbers)} passages: {some}")


def passage_problems(article: Article, rows: list[Row], dimension: int, *, current: bool) -> Iterator[str]:
    """Every passage of an article against its text, its vector against the hash of what was embedded.

    Args:
        article: whole, as far as its own row goes.
        rows: its passages, unchecked.
        dimension: of a vector.
        current: whether the present rules made the passages; others may have put the text for the model together in
            another way, so that its hash says nothing.
    """
    if not rows:
        yield f"article {article.id} ({article.title!r}) has no passages"
    for ordinal, raw in enumerate(rows):
        name = f"passage {raw[0]} of article {article.id} ({article.title!r})"
        try:
            row = as_passage_row(raw)
        except (CorruptIndexError, ValueError, TypeError, AttributeError):
            yield f"{name} does not match its checksum"
            continue
        passage = row.passage
        inside = 0 <= passage.start < passage.end <= len(article.text) and passage.ordinal == ordinal
        edge = passage.start
        for start, end in passage.sentences:
            inside = inside and edge <= start < end <= passage.end
            edge = end
        if not inside or not passage.sentences:
            yield f"{name} is not a slice of its article"
        slice_ = article.text[passage.start : passage.end]
        if current and splitting.embedded_sha256(article.title, slice_) != row.embedded_sha256:
            yield f"{name}: its vector was made from another text"
        length = float(np.linalg.norm(row.vector.astype(np.float32)))
        if len(row.vector) != dimension or not abs(length - 1) < 0.01:
            yield f"{name}: its vector is not a unit vector of {dimension} numbers"
