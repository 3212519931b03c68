"""``verify``: proves that what was added is there, whole, and the same in all three stores."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from . import passages as splitting
from . import vectors, words
from .article import text_sha256
from .errors import CorruptIndexError, StorageError
from .rows import as_article, as_passage_row

if TYPE_CHECKING:
    from pathlib import Path

    from .catalog import Catalog

Where = Literal["catalog", "article", "passage", "source", "vectors", "words"]


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
        problems: what differs; empty when the index is whole.
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
        """Whether everything is as it was stored, or has been made so."""
        return not self.problems or (bool(self.repaired) and not self.lost)


class Verifier:
    """Checks an index, row by row, without holding more than a batch in memory.

    Args:
        catalog: the truth.
        folder: of the index, for the two caches.
        dimension: of a vector.
        progress: told the number of articles checked and their total.
    """

    def __init__(
        self, catalog: Catalog, folder: Path, dimension: int, progress: Callable[[int, int], None] | None = None
    ) -> None:
        self._catalog = catalog
        self._folder = folder
        self._dimension = dimension
        self._progress = progress or (lambda done, total: None)
        self.report = VerifyReport()

    def run(self) -> VerifyReport:
        """Checks the catalog, then the caches against it."""
        for line in self._catalog.integrity_problems():
            self._found("catalog", None, f"SQLite says: {line}")
        if not self.report.problems:
            self._check_articles()
            self._check_references()
            self._check_vectors()
            self._check_words()
        return self.report

    def _found(self, where: Where, article_id: int | None, what: str) -> None:
        self.report.problems.append(Problem(where, article_id, what))

    def _check_articles(self) -> None:
        total = self._catalog.counts()[0]
        for row in self._catalog.raw_articles():
            self.report.articles += 1
            number, title, text = row[0], row[1], row[5]
            try:
                as_article(row, ())
            except (CorruptIndexError, ValueError, TypeError) as error:
                self._found("article", number, str(error))
                continue
            if text_sha256(text) != row[6]:
                self._found("article", number, f"article {number} ({title!r}): its text does not match its hash")
            current = row[9] == splitting.fingerprint()
            for problem in self._passage_problems(number, title, text, current):
                self._found("passage", number, problem)
            if self.report.articles % 50 == 0:
                self._progress(self.report.articles, total)
        self._progress(self.report.articles, total)

    def _passage_problems(self, number: int, title: str, text: str, current: bool) -> Iterator[str]:
        """Every passage of an article against its text, its vector against the hash of what was embedded."""
        rows = list(self._catalog.raw_passages(number))
        if not rows:
            yield f"article {number} ({title!r}) has no passages"
        for ordinal, raw in enumerate(rows):
            self.report.passages += 1
            name = f"passage {raw[0]} of article {number} ({title!r})"
            try:
                row = as_passage_row(raw)
            except (CorruptIndexError, ValueError, TypeError):
                yield f"{name} does not match its checksum"
                continue
            passage = row.passage
            inside = 0 <= passage.start < passage.end <= len(text) and passage.ordinal == ordinal
            edge = passage.start
            for start, end in passage.sentences:
                inside = inside and edge <= start < end <= passage.end
                edge = end
            if not inside or not passage.sentences:
                yield f"{name} is not a slice of its article"
            embedded = splitting.embedded_text(title, text[passage.start : passage.end])
            # Another version may have put the text for the model together in another way.
            if current and hashlib.sha256(embedded.encode("utf-8", "surrogatepass")).digest() != row.embedded_sha256:
                yield f"{name}: its vector was made from another text"
            length = float(np.linalg.norm(row.vector.astype(np.float32)))
            if len(row.vector) != self._dimension or not abs(length - 1) < 0.01:
                yield f"{name}: its vector is not a unit vector of {self._dimension} numbers"

    def _check_references(self) -> None:
        for what in self._catalog.dangling():
            self._found("source", None, what)

    def _check_vectors(self) -> None:
        """The FAISS file, caught up, has each passage of the catalog once, with the catalog's vector."""
        view, problem = vectors.load(self._folder / vectors.FOLDER, self._catalog, self._dimension)
        if problem and self._catalog.generation():
            self._found("vectors", None, problem)
            return
        expected = self._catalog.all_passage_ids()
        self._compare("vectors", "FAISS", vectors.ids_in(view), expected)
        for rows in self._catalog.passage_rows():
            ids = np.array([row.passage.id for row in rows], np.int64)
            known = np.isin(ids, vectors.ids_in(view)) if len(self.report.problems) else np.ones(len(ids), bool)
            stored = np.stack([row.vector for row in rows]).astype(np.float32)[known]
            held = view.vectors_of(ids[known], self._dimension)
            wrong = ids[known][np.abs(held - stored).max(axis=1, initial=0.0) > 1e-6]
            for number in wrong.tolist():
                self._found("vectors", None, f"FAISS holds another vector for passage {number} than the catalog")

    def _check_words(self) -> None:
        """The tantivy index, at the catalog's generation, has each passage once, and its files their checksums."""
        opened, problem = words.open_or_none(self._folder / words.FOLDER)
        if opened is None:
            if self._catalog.generation():
                self._found("words", None, problem or "the tantivy folder is missing")
            return
        for line in words.damaged_files(self._folder / words.FOLDER):
            self._found("words", None, line)
        try:
            view = opened.view()
            if view.generation != self._catalog.generation():
                self._found("words", None, f"tantivy is at generation {view.generation}, not the catalog's")
            else:
                self._compare("words", "tantivy", view.passage_ids(), self._catalog.all_passage_ids())
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
