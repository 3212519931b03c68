"""SQLite: connections, versions, and its errors in our words. The only module of ``index`` that imports ``sqlite3``."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from .errors import CorruptIndexError, IndexFormatError, IndexLockedError, NotAnIndexError, StorageError
from .schema import APPLICATION_ID, MIGRATIONS, VERSION

Connection = sqlite3.Connection
DatabaseError = sqlite3.DatabaseError


def create(path: Path, meta: dict[str, str]) -> None:
    """Makes a catalog, or brings an older one up to the present version, in one transaction.

    Raises:
        IndexFormatError: it was written by a newer version.
        StorageError: the disk refused.
    """
    with sqlite_errors(path), contextlib.closing(connect(path)) as connection:
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


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
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


def check_identity(connection: sqlite3.Connection, path: Path) -> None:
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
def sqlite_errors(path: Path) -> Iterator[None]:
    """Turns SQLite's errors into ours."""
    try:
        yield
    except sqlite3.OperationalError as error:
        code = getattr(error, "sqlite_errorcode", None) or 0
        primary = code & 0xFF
        if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise IndexLockedError(f"{path.parent}: another process is writing to the index; try again") from error
        if primary == sqlite3.SQLITE_CORRUPT:
            raise damaged(path, str(error)) from error
        raise StorageError(f"{path.parent}: the index cannot be used: {error}") from error
    except sqlite3.DatabaseError as error:
        raise damaged(path, str(error)) from error


def damaged(path: Path, what: str) -> CorruptIndexError:
    return CorruptIndexError(
        f"{path.parent}: the catalog is damaged ({what}); nothing is answered from it. Add the articles to a new index"
    )
