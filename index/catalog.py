"""The catalog: one SQLite file that holds articles, passages and vectors, and is the truth about the index."""

from __future__ import annotations

import contextlib
import json
import queue
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .article import Article, Passage, Span, text_sha256
from .embedding import FloatMatrix
from .errors import CorruptIndexError, IndexFormatError, IndexLockedError, NotAnIndexError, StorageError, StoreError
from .passages import PassageSpan
from .reading import Draft
from .schema import APPLICATION_ID, MIGRATIONS, VERSION, checksum

IdArray = npt.NDArray[np.int64]

_ARTICLE = "id, title, author, published, language, text, sha256, page_starts, near_group, splitter, checksum"
_PASSAGE = 'id, article_id, ordinal, start, "end", sentences, embedded_sha256, vector, checksum'
_CHUNK = 500  # SQLite takes at most 999 parameters where it was built long ago


@dataclass(frozen=True, slots=True)
class SourceState:
    """What is known of a source: enough to tell without reading it that a file is unchanged."""

    location: str
    article_id: int
    root: str | None
    bytes: int | None
    modified_ns: int | None
    read_at_ns: int | None
    bytes_sha256: str | None


@dataclass(frozen=True, slots=True)
class PassageRow:
    """A passage with what the caches need of it."""

    passage: Passage
    embedded_sha256: bytes
    vector: npt.NDArray[np.float16]


class Catalog:
    """Reads from any thread and any number of processes; writes go through one ``CatalogWriter`` at a time."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self._read_only = read_only
        self._idle: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue()
        self._closed = False
        with self._connection() as connection:
            _check_identity(connection, path)

    @staticmethod
    def create(path: Path, meta: dict[str, str]) -> None:
        """Makes a catalog, or brings an older one up to the present version, in one transaction.

        Raises:
            IndexFormatError: it was written by a newer version.
            StorageError: the disk refused.
        """
        with _mapped(path), contextlib.closing(_connect(path)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("BEGIN IMMEDIATE")
            version = int(connection.execute("PRAGMA user_version").fetchone()[0])
            if version > VERSION:
                raise _too_new(path, version)
            for step in range(version + 1, VERSION + 1):
                for statement in _statements(MIGRATIONS[step]):
                    connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {VERSION}")
            for key, value in {"generation": "0", **meta}.items():
                connection.execute("INSERT OR IGNORE INTO meta VALUES (?, ?)", (key, value))
            connection.execute("COMMIT")

    def close(self) -> None:
        """Closes all connections; the last one to close folds the write-ahead log into the file."""
        self._closed = True
        while True:
            try:
                self._idle.get_nowait().close()
            except queue.Empty:
                return

    @contextlib.contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        if self._closed:
            raise StoreError(f"the index {str(self.path.parent)!r} has been closed; open it again")
        with _mapped(self.path):
            try:
                connection = self._idle.get_nowait()
            except queue.Empty:
                connection = _connect(self.path, read_only=self._read_only)
            try:
                yield connection
            except sqlite3.DatabaseError:
                connection.close()
                raise
            if self._closed:
                connection.close()
            else:
                self._idle.put(connection)

    def _rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self._connection() as connection:
            return connection.execute(statement, parameters).fetchall()

    def _rows_in(self, statement: str, values: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
        """Rows of a statement with one ``IN (?)``, for any number of values."""
        for first in range(0, len(values), _CHUNK):
            chunk = list(values[first : first + _CHUNK])
            yield from self._rows(statement.replace("(?)", f"({','.join('?' * len(chunk))})"), chunk)

    def generation(self) -> int:
        """The number of the last transaction that changed passages; the caches carry it."""
        return int(self.meta("generation") or 0)

    def meta(self, key: str) -> str | None:
        """A value of the catalog's own record, such as the model's."""
        rows = self._rows("SELECT value FROM meta WHERE key = ?", (key,))
        return str(rows[0][0]) if rows else None

    def counts(self) -> tuple[int, int]:
        """The number of articles and of passages."""
        row = self._rows("SELECT (SELECT count(*) FROM article), (SELECT count(*) FROM passage)")[0]
        return int(row[0]), int(row[1])

    def splitters(self) -> dict[int, str]:
        """For each article the fingerprint of what made its passages."""
        return dict(self._rows("SELECT id, splitter FROM article"))

    def source_count(self, article_id: int) -> int:
        """How many sources an article has."""
        return int(self._rows("SELECT count(*) FROM source WHERE article_id = ?", (article_id,))[0][0])

    def articles(self, ids: Iterable[int] | None = None) -> Iterator[Article]:
        """Articles by id, or all of them in the order in which they were added; unknown ids are left out.

        Raises:
            CorruptIndexError: a row or its text fails its checksum.
        """
        if ids is None:
            # In pages, so that a long listing neither holds a read transaction nor the whole table.
            last = 0
            while rows := self._rows(f"SELECT {_ARTICLE} FROM article WHERE id > ? ORDER BY id LIMIT 200", (last,)):
                last = rows[-1][0]
                yield from self._as_articles(rows)
            return
        wanted = list(dict.fromkeys(ids))
        found = {
            article.id: article
            for article in self._as_articles(
                list(self._rows_in(f"SELECT {_ARTICLE} FROM article WHERE id IN (?)", wanted))
            )
        }
        yield from (found[number] for number in wanted if number in found)

    def _as_articles(self, rows: list[tuple[Any, ...]]) -> Iterator[Article]:
        sources: dict[int, list[str]] = {row[0]: [] for row in rows}
        statement = "SELECT location, article_id FROM source WHERE article_id IN (?) ORDER BY article_id, position"
        for location, article_id in self._rows_in(statement, list(sources)):
            sources[article_id].append(location)
        for row in rows:
            yield _as_article(row, tuple(sources[row[0]]))

    def passages(self, ids: Sequence[int]) -> dict[int, Passage]:
        """Passages by id; those that no longer exist are left out.

        Raises:
            CorruptIndexError: a row fails its checksum.
        """
        rows = self._rows_in(f"SELECT {_PASSAGE} FROM passage WHERE id IN (?)", ids)
        return {row[0]: _as_passage_row(row).passage for row in rows}

    def passage_rows(self, after: int = 0, *, batch: int = 2000) -> Iterator[list[PassageRow]]:
        """Passages with their vectors that were written after a generation, by id, in batches."""
        last = 0
        statement = f"SELECT {_PASSAGE} FROM passage WHERE generation > ? AND id > ? ORDER BY id LIMIT {batch}"
        while rows := self._rows(statement, (after, last)):
            last = rows[-1][0]
            yield [_as_passage_row(row) for row in rows]

    def texts_of(self, passages: Sequence[Passage]) -> list[tuple[str, str]]:
        """Title and text of each passage, for the word index."""
        articles = {article.id: article for article in self.articles(passage.article_id for passage in passages)}
        found = []
        for passage in passages:
            article = articles.get(passage.article_id)
            found.append((article.title, article.text[passage.start : passage.end]) if article else ("", ""))
        return found

    def tombstones(self, after: int = 0) -> IdArray:
        """Ids of passages that were removed after a generation."""
        rows = self._rows("SELECT passage_id FROM tombstone WHERE generation > ?", (after,))
        return np.array([row[0] for row in rows], np.int64)

    def vectors_by_text(self, embedded: Sequence[bytes]) -> dict[bytes, npt.NDArray[np.float16]]:
        """Vectors that are stored already, by the SHA-256 of the text that was embedded."""
        rows = self._rows_in(f"SELECT {_PASSAGE} FROM passage WHERE embedded_sha256 IN (?)", embedded)
        return {row[6]: _as_passage_row(row).vector for row in rows}

    def sources(self, locations: Sequence[str] | None = None) -> dict[str, SourceState]:
        """What is known of the given sources, or of all."""
        columns = "location, article_id, root, bytes, modified_ns, read_at_ns, bytes_sha256"
        if locations is None:
            rows: Iterable[tuple[Any, ...]] = self._rows(f"SELECT {columns} FROM source")
        else:
            rows = self._rows_in(f"SELECT {columns} FROM source WHERE location IN (?)", locations)
        return {row[0]: SourceState(*row) for row in rows}

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
        with _mapped(self.path), contextlib.closing(_connect(self.path)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                generation = (
                    int(connection.execute("SELECT value FROM meta WHERE key = 'generation'").fetchone()[0]) + 1
                )
                writer = CatalogWriter(connection, generation)
                yield writer
                if writer.passages_changed:
                    connection.execute("UPDATE meta SET value = ? WHERE key = 'generation'", (str(generation),))
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise


class CatalogWriter:
    """What can be changed inside ``Catalog.write``."""

    def __init__(self, connection: sqlite3.Connection, generation: int) -> None:
        self._connection = connection
        self.generation = generation
        self.passages_changed = False

    def put_article(
        self,
        draft: Draft,
        splitter: str,
        passages: Sequence[PassageSpan],
        embedded: Sequence[bytes],
        vectors: FloatMatrix,
        *,
        replace: int | None = None,
    ) -> int:
        """Stores an article with its passages.

        Args:
            draft: the article.
            splitter: the fingerprint of what made the passages.
            passages, embedded, vectors: each passage's span, the SHA-256 of what was embedded, and its vector.
            replace: the id of an article whose text this is the new version of; its passages go, its id stays.

        Returns:
            The article's id.
        """
        self.passages_changed = True
        if replace is not None:
            self._remove_passages(replace)
        values = [
            draft.title,
            draft.author,
            draft.published.isoformat() if draft.published else None,
            draft.language,
            draft.text,
            text_sha256(draft.text),
            json.dumps(list(draft.page_starts)),
            None,
            splitter,
        ]
        row = [*values, datetime.now(UTC).isoformat(timespec="seconds"), self.generation, _article_checksum(values)]
        columns = (
            "title, author, published, language, text, sha256, page_starts, near_group, splitter, added_at, "
            "generation, checksum"
        )
        if replace is None:
            cursor = self._connection.execute(
                f"INSERT INTO article ({columns}) VALUES ({','.join('?' * len(row))})", row
            )
            article_id = int(cursor.lastrowid or 0)
        else:
            assignments = ", ".join(f"{column} = ?" for column in columns.split(", "))
            self._connection.execute(f"UPDATE article SET {assignments} WHERE id = ?", [*row, replace])
            article_id = replace
        half = np.ascontiguousarray(vectors, "<f2")
        for ordinal, passage in enumerate(passages):
            sentences = np.array(passage.sentences, "<u4").tobytes()
            vector = half[ordinal].tobytes()
            fields = (article_id, ordinal, passage.start, passage.end, sentences, embedded[ordinal], vector)
            self._connection.execute(
                'INSERT INTO passage (article_id, ordinal, start, "end", sentences, embedded_sha256, vector, '
                "generation, checksum) VALUES (?,?,?,?,?,?,?,?,?)",
                (*fields, self.generation, checksum(*fields)),
            )
        return article_id

    def put_source(self, state: SourceState) -> None:
        """Records where an article was found; a source that is known already now belongs to this article."""
        fields = (
            state.location,
            state.article_id,
            state.root,
            state.bytes,
            state.modified_ns,
            state.read_at_ns,
            state.bytes_sha256,
        )
        position = self._connection.execute(
            "SELECT coalesce(max(position) + 1, 0) FROM source WHERE article_id = ?", (state.article_id,)
        ).fetchone()[0]
        self._connection.execute(
            "INSERT INTO source (location, article_id, root, bytes, modified_ns, read_at_ns, bytes_sha256, position, "
            "checksum) VALUES (?,?,?,?,?,?,?,?,?) ON CONFLICT (location) DO UPDATE SET "
            "position = CASE WHEN article_id = excluded.article_id THEN position ELSE excluded.position END, "
            "article_id = excluded.article_id, root = coalesce(excluded.root, root), bytes = excluded.bytes, "
            "modified_ns = excluded.modified_ns, read_at_ns = excluded.read_at_ns, "
            "bytes_sha256 = excluded.bytes_sha256, checksum = excluded.checksum",
            (*fields, position, checksum(state.location, state.article_id)),
        )

    def put_root(self, location: str) -> None:
        """Remembers a folder that was added."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self._connection.execute("INSERT OR IGNORE INTO root VALUES (?, ?)", (location, now))

    def remove_source(self, location: str) -> int | None:
        """Forgets a source; returns its article's id when that article has no source left, and was removed too."""
        row = self._connection.execute("SELECT article_id FROM source WHERE location = ?", (location,)).fetchone()
        if row is None:
            return None
        self._connection.execute("DELETE FROM source WHERE location = ?", (location,))
        return int(row[0]) if self.remove_article_without_sources(int(row[0])) else None

    def remove_article_without_sources(self, article_id: int) -> bool:
        """Removes an article if no source is left to it, and says whether it did."""
        rows = self._connection.execute("SELECT 1 FROM source WHERE article_id = ? LIMIT 1", (article_id,)).fetchall()
        if not rows:
            self.remove_article(article_id)
        return not rows

    def remove_article(self, article_id: int) -> None:
        """Removes an article, its sources and its passages."""
        self._remove_passages(article_id)
        self._connection.execute("DELETE FROM article WHERE id = ?", (article_id,))

    def remove_root(self, location: str) -> None:
        """Forgets a folder, so that ``sync`` does not visit it again."""
        self._connection.execute("DELETE FROM root WHERE location = ?", (location,))

    def _remove_passages(self, article_id: int) -> None:
        self.passages_changed = True
        self._connection.execute(
            "INSERT INTO tombstone SELECT id, ? FROM passage WHERE article_id = ?", (self.generation, article_id)
        )
        self._connection.execute("DELETE FROM passage WHERE article_id = ?", (article_id,))


def _connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    if read_only:
        # A write-ahead log cannot be opened where nothing may be written; the file alone can.
        address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        return sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)
    connection = sqlite3.connect(path, isolation_level=None, timeout=10.0, check_same_thread=False)
    connection.execute("PRAGMA synchronous = FULL")  # what was reported as added survives a power cut
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _statements(script: str) -> Iterator[str]:
    """The statements of a script one by one: ``executescript`` would commit the transaction around it."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _check_identity(connection: sqlite3.Connection, path: Path) -> None:
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if application != APPLICATION_ID:
        raise NotAnIndexError(f"{path} is not a Pullquote catalog; choose another folder with --index")
    if version > VERSION:
        raise _too_new(path, version)


def _too_new(path: Path, version: int) -> IndexFormatError:
    return IndexFormatError(
        f"{path.parent} was written by a newer Pullquote (format {version}, this one knows {VERSION}); "
        "upgrade pullquote"
    )


@contextlib.contextmanager
def _mapped(path: Path) -> Iterator[None]:
    """Turns SQLite's errors into ours."""
    try:
        yield
    except sqlite3.OperationalError as error:
        code = getattr(error, "sqlite_errorcode", None) or 0
        primary = code & 0xFF
        if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise IndexLockedError(f"{path.parent}: another process is writing to the index; try again") from error
        if primary == sqlite3.SQLITE_CORRUPT:
            raise _damaged(path, str(error)) from error
        raise StorageError(f"{path.parent}: the index cannot be used: {error}") from error
    except sqlite3.DatabaseError as error:
        raise _damaged(path, str(error)) from error


def _damaged(path: Path, what: str) -> CorruptIndexError:
    return CorruptIndexError(
        f"{path.parent}: the catalog is damaged ({what}); nothing is answered from it. Add the articles to a new index"
    )


def _article_checksum(values: Sequence[object]) -> int:
    """Of title, author, published, language, sha256, page_starts, near_group, splitter; the text has its own hash."""
    title, author, published, language, _text, sha256, page_starts, near_group, splitter = values
    return checksum(title, author, published, language, sha256, page_starts, near_group, splitter)


def _as_article(row: tuple[Any, ...], sources: tuple[str, ...]) -> Article:
    number, title, author, published, language, text, sha256, page_starts, _near_group, _splitter, stored = row
    if _article_checksum(row[1:-1]) != stored or text_sha256(text) != sha256:
        raise CorruptIndexError(
            f"article {number} ({title!r}) does not match its checksum: the catalog is damaged; "
            "run `pullquote remove` on it and add it again"
        )
    return Article(
        number,
        title,
        sources,
        author,
        date.fromisoformat(published) if published else None,
        language,
        text,
        sha256,
        tuple(json.loads(page_starts)),
    )


def _as_passage_row(row: tuple[Any, ...]) -> PassageRow:
    number, article_id, ordinal, start, end, sentences, embedded, vector, stored = row
    if checksum(*row[1:-1]) != stored:
        raise CorruptIndexError(
            f"passage {number} of article {article_id} does not match its checksum: the catalog is damaged; "
            "remove the article and add it again"
        )
    pairs = np.frombuffer(sentences, "<u4").reshape(-1, 2).tolist()
    spans: tuple[Span, ...] = tuple((left, right) for left, right in pairs)
    return PassageRow(Passage(number, article_id, ordinal, start, end, spans), embedded, np.frombuffer(vector, "<f2"))
