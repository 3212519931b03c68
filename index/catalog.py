"""The catalog: one SQLite file that holds articles, passages and vectors, and is the truth about the index."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .article import Article, Passage
from .catalog_writer import CatalogWriter
from .database import connect, damaged, migrate, sqlite_errors
from .language_counts import META as LANGUAGES_META
from .language_counts import as_counts
from .rows import (
    ARTICLE_COLUMNS,
    ARTICLE_COLUMNS_1,
    COLUMNS_KEY,
    CONTAINER_COLUMNS,
    PASSAGE_COLUMNS,
    ContainerState,
    PassageRow,
    SourceState,
    as_article,
    as_columns,
    as_container,
    as_passage_row,
    as_unchecked_article,
)
from .schema import checksum
from .stored_vectors import IdArray, StoredVectors

FELL_BACK = "newer than the catalog, which may have lost what was added last (add it again)"
"""Said of a cache that has seen changes which the catalog no longer knows: its log was cut off or put back."""

_LAST_ID = (1 << 63) - 1


class Catalog(StoredVectors):
    """Reads from any thread and any number of processes; writes go through one ``CatalogWriter`` at a time."""

    def counts(self) -> tuple[int, int]:
        """The number of articles and of passages."""
        row = self._rows("SELECT (SELECT count(*) FROM article), (SELECT count(*) FROM passage)")[0]
        return int(row[0]), int(row[1])

    def splitters(self, article_ids: Sequence[int] | None = None) -> dict[int, str]:
        """For each article, or each of some, the fingerprint of what made its passages."""
        if article_ids is None:
            return dict(self._rows("SELECT id, splitter FROM article"))
        return dict(self._rows_in("SELECT id, splitter FROM article WHERE id IN (?)", _distinct(article_ids)))

    def near_groups(self, article_ids: Iterable[int]) -> dict[int, int]:
        """The group of near-duplicates of each of these articles that is in one."""
        statement = "SELECT id, near_group FROM article WHERE id IN (?) AND near_group IS NOT NULL"
        return dict(self._rows_in(statement, _distinct(article_ids)))

    def languages(self) -> frozenset[str]:
        """The languages of all articles, as far as they are known."""
        counts = as_counts(self.meta(LANGUAGES_META))
        if counts is not None:
            return frozenset(counts)
        return frozenset(row[0] for row in self._rows("SELECT DISTINCT language FROM article") if row[0])

    def passages_in(self, language: str, passage_ids: Sequence[int]) -> IdArray:
        """Those of some passages whose article is in a language."""
        statement = "SELECT id, article_id FROM passage WHERE id IN (?)"
        of_article = dict(self._rows_in(statement, passage_ids))
        rows = self._rows_in("SELECT id, language FROM article WHERE id IN (?)", _distinct(of_article.values()))
        wanted = {number for number, own in rows if own == language}
        return np.array([passage for passage, article in of_article.items() if article in wanted], np.int64)

    def source_count(self, article_id: int) -> int:
        """How many sources an article has."""
        return int(self._rows("SELECT count(*) FROM source WHERE article_id = ?", (article_id,))[0][0])

    def articles(self, ids: Iterable[int] | None = None) -> Iterator[Article]:
        """Articles by id, or all of them in the order in which they were added; unknown ids are left out.

        Raises:
            CorruptIndexError: a row or its text fails its checksum.
        """
        if ids is None:
            for rows in self._article_pages():
                yield from self._as_articles(rows)
            return
        wanted = _distinct(ids)
        found = {
            article.id: article
            for article in self._as_articles(
                list(self._rows_in(f"SELECT {self._article_columns()} FROM article WHERE id IN (?)", wanted))
            )
        }
        if len(found) < len(wanted):
            # Ids are never used again: an article that is gone while its passages are there was not removed.
            missing = [number for number in wanted if number not in found]
            for row in self._rows_in("SELECT article_id FROM passage WHERE article_id IN (?) LIMIT 1", missing):
                raise damaged(self.path, f"article {row[0]} is not where it should be")
        yield from (found[number] for number in wanted if number in found)

    def unchecked_articles(self, ids: Iterable[int]) -> Iterator[Article]:
        """Articles as they are, damaged ones included: for removing them, never for quoting."""
        rows = list(self._rows_in(f"SELECT {self._article_columns()} FROM article WHERE id IN (?)", _distinct(ids)))
        sources = self._sources_of(rows, checked=False)
        return (as_unchecked_article(row, tuple(sources[row[0]])) for row in rows)

    def metadata(self, article_id: int) -> tuple[str | None, ...]:
        """First source, title, author, day of publication (ISO 8601), language, site and address, unchecked."""
        statement = (
            "SELECT (SELECT location FROM source WHERE article_id = article.id ORDER BY position LIMIT 1), "
            f"title, author, published, language, {'site, url' if self.version() >= 2 else 'NULL, NULL'} "
            "FROM article WHERE id = ?"
        )
        return self._rows(statement, (article_id,))[0]

    def titles(self) -> dict[int, str]:
        """The title of each article."""
        return dict(self._rows("SELECT id, title FROM article ORDER BY id"))

    def _article_columns(self) -> str:
        return ARTICLE_COLUMNS if self.version() >= 2 else ARTICLE_COLUMNS_1

    def _article_pages(self) -> Iterator[list[tuple[Any, ...]]]:
        """All article rows, some at a time: a long listing holds neither a read transaction nor the whole table."""
        last = 0
        page = f"SELECT {self._article_columns()} FROM article WHERE id > ? ORDER BY id LIMIT 200"
        while rows := self._rows(page, (last,)):
            last = rows[-1][0]
            yield rows

    def _as_articles(self, rows: list[tuple[Any, ...]]) -> Iterator[Article]:
        sources = self._sources_of(rows)
        for row in rows:
            if sources[row[0]]:
                yield as_article(row, tuple(sources[row[0]]))
            elif self._rows("SELECT 1 FROM article WHERE id = ?", (row[0],)):
                raise damaged(self.path, f"article {row[0]} has no source")
            # Otherwise it was removed between the two reads.

    def _sources_of(self, rows: list[tuple[Any, ...]], *, checked: bool = True) -> dict[int, list[str]]:
        sources: dict[int, list[str]] = {row[0]: [] for row in rows}
        statement = (
            "SELECT location, article_id, checksum FROM source WHERE article_id IN (?) ORDER BY article_id, position"
        )
        for location, article_id, stored in self._rows_in(statement, list(sources)):
            if checked and checksum(location, article_id) != stored:
                raise damaged(self.path, f"the source {location!r} does not match its checksum")
            sources[article_id].append(location)
        return sources

    def passages(self, ids: Sequence[int]) -> dict[int, Passage]:
        """Passages by id; those that no longer exist are left out.

        Raises:
            CorruptIndexError: a row fails its checksum, or is gone without having been removed.
        """
        rows = self._rows_in(f"SELECT {PASSAGE_COLUMNS} FROM passage WHERE id IN (?)", ids)
        found = {row[0]: as_passage_row(row).passage for row in rows}
        if len(found) < len(ids):
            self._check_removed([number for number in ids if number not in found])
        return found

    def _check_removed(self, passage_ids: Sequence[int]) -> None:
        """Every id that was ever given to a passage is there or has a tombstone; anything else is damage."""
        removed = {
            row[0] for row in self._rows_in("SELECT passage_id FROM tombstone WHERE passage_id IN (?)", passage_ids)
        }
        last = self._rows("SELECT seq FROM sqlite_sequence WHERE name = 'passage'")
        for number in passage_ids:
            if last and 0 < number <= last[0][0] and number not in removed:
                raise damaged(self.path, f"passage {number} is not where it should be")

    def passage_rows(self, after: int = 0, *, batch: int = 2000) -> Iterator[list[PassageRow]]:
        """Passages with their vectors that were written after a generation, in batches.

        All of them come by id, later ones by generation and id: either way each batch begins where the last one
        ended, and none is looked for.
        """
        where, parameters = ("id > ?", (0,)) if after <= 0 else ("(generation, id) > (?, ?)", (after, _LAST_ID))
        order = "id" if after <= 0 else "generation, id"
        statement = f"SELECT {PASSAGE_COLUMNS}, generation FROM passage WHERE {where} ORDER BY {order} LIMIT {batch}"
        while rows := self._rows(statement, parameters):
            last = rows[-1]
            parameters = (last[0],) if after <= 0 else (last[-1], last[0])
            yield [as_passage_row(row[:-1]) for row in rows]

    def texts_of(self, passages: Sequence[Passage]) -> list[tuple[str, str]]:
        """Title and text of each passage, for the word index."""
        articles = {article.id: article for article in self.articles(passage.article_id for passage in passages)}
        found = []
        for passage in passages:
            article = articles.get(passage.article_id)
            found.append((article.title, article.text[passage.start : passage.end]) if article else ("", ""))
        return found

    def vectors_by_text(self, embedded: Sequence[bytes]) -> dict[bytes, npt.NDArray[np.float16]]:
        """Vectors that are stored already, by the SHA-256 of the text that was embedded."""
        rows = self._rows_in(f"SELECT {PASSAGE_COLUMNS} FROM passage WHERE embedded_sha256 IN (?)", embedded)
        return {row[6]: as_passage_row(row).vector for row in rows}

    def sources(self, locations: Sequence[str] | None = None) -> dict[str, SourceState]:
        """What is known of the given sources, or of all."""
        columns = "location, article_id, root, bytes, modified_ns, read_at_ns, bytes_sha256, validators"
        if locations is None:
            rows: Iterable[tuple[Any, ...]] = self._rows(f"SELECT {columns} FROM source")
        else:
            rows = self._rows_in(f"SELECT {columns} FROM source WHERE location IN (?)", locations)
        return {row[0]: SourceState(*row) for row in rows}

    def sources_below(self, beginning: str) -> dict[str, SourceState]:
        """The sources whose location, or whose root, begins so; ``/`` and ``\\`` are the same."""
        columns = "location, article_id, root, bytes, modified_ns, read_at_ns, bytes_sha256, validators"
        # Up to a character that SQLite does not take; what comes after it the caller compares.
        plain = re.split("[\ud800-\udfff\0]", beginning.replace("\\", "/"))[0]
        begins = " OR ".join(
            # All names are looked through, and few of them hold a backslash.
            f"substr({name}, 1, ?2) = ?1 OR "
            f"(instr({name}, char(92)) AND replace(substr({name}, 1, ?2), char(92), '/') = ?1)"
            for name in ("location", "root")
        )
        rows = self._rows(f"SELECT {columns} FROM source WHERE {begins}", (plain, len(plain)))
        return {row[0]: SourceState(*row) for row in rows}

    def containers(self) -> dict[str, ContainerState]:
        """The files with many articles that were read to their end."""
        if self.version() < 2:
            return {}
        states = map(as_container, self._rows(f"SELECT {CONTAINER_COLUMNS} FROM container"))
        return {state.location: state for state in states if state is not None}

    def columns(self) -> dict[str, dict[str, str]]:
        """What was said of the columns of tables, by the file, folder or link that was added."""
        return as_columns(self.meta(COLUMNS_KEY))

    def roots(self) -> list[str]:
        """The folders that were added, and that ``sync`` visits again."""
        return [row[0] for row in self._rows("SELECT location FROM root ORDER BY location")]

    def article_by_hash(self, sha256: str) -> int | None:
        """The id of the article with this text, if there is one."""
        rows = self._rows("SELECT id FROM article WHERE sha256 = ?", (sha256,))
        return int(rows[0][0]) if rows else None

    def select(self, statement: str, parameters: Sequence[Any]) -> list[int]:
        """Article ids of a filter; ``index.selection`` writes the statement."""
        return [row[0] for row in self._rows(statement, parameters)]

    def authors(self) -> list[str]:
        """Every author once."""
        return [row[0] for row in self._rows("SELECT DISTINCT author FROM article WHERE author IS NOT NULL")]

    def passage_ids(self, article_ids: Sequence[int]) -> IdArray:
        """Ids of all passages of the given articles, ascending."""
        rows = self._rows_in("SELECT id FROM passage WHERE article_id IN (?)", article_ids)
        return np.array(sorted(row[0] for row in rows), np.int64)

    @contextlib.contextmanager
    def write(self) -> Iterator[CatalogWriter]:
        """One transaction: all of it is kept, or nothing. The caller holds the writer's lock.

        Raises:
            StorageError: the disk refused; nothing has changed.
        """
        with sqlite_errors(self.path), contextlib.closing(connect(self.path)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                migrate(connection)
                generation = self.generation() + 1
                writer = CatalogWriter(connection, generation)
                writer.near_duplicates.make_current()
                yield writer
                writer.finish()
                if writer.passages_changed:
                    connection.execute("UPDATE meta SET value = ? WHERE key = 'generation'", (str(writer.generation),))
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise


def _distinct(ids: Iterable[int]) -> list[int]:
    """Each id once, in order; numbers that SQLite cannot hold are no ids."""
    return [number for number in dict.fromkeys(ids) if 0 < number < 1 << 63]
