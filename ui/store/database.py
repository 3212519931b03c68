"""SQLite for the web page's store: connections, versions, and its errors in our words.

The only module of ``ui`` that imports ``sqlite3``.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

from index import CorruptIndexError, IndexFormatError, NotAnIndexError, StorageError
from index.files import disk_problem, storage_errors

from .schema import APPLICATION_ID, MIGRATIONS, VERSION

Connection = sqlite3.Connection
Row = sqlite3.Row

_PATIENCE = 10.0
"""Seconds to wait for another process that is writing."""


class Database:
    """The store's file. It may be used from any number of threads.

    Readers see the state of one moment and wait for nobody; writers of this process take turns, and those of other
    processes are waited for. What ``writing`` has ended is on the disk.

    Raises:
        NotAnIndexError: the file is another program's.
        IndexFormatError: it was written by a newer version.
        CorruptIndexError: it is damaged.
        StorageError: the disk refused.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._idle: list[Connection] = []
        self._guard = threading.Lock()
        self._writer = threading.Lock()
        self._closed = False
        with storage_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            # What people asked is nobody else's business on a machine with several users.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        with self._errors():
            connection = self._connect()
            try:
                self._prepare(connection)
            finally:
                connection.close()

    def close(self) -> None:
        """Closes the connections; what is still in use is closed when it is given back."""
        with self._guard:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees the state of one moment."""
        with self._errors(), self._borrowed() as connection:
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection within a transaction that is kept as a whole at the end, or not at all after an error."""
        with self._errors(), self._writer, self._borrowed() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    @contextlib.contextmanager
    def _borrowed(self) -> Iterator[Connection]:
        with self._guard:
            if self._closed:
                raise StorageError(f"{self.path}: the store is closed; open it again")
            connection = self._idle.pop() if self._idle else None
        connection = connection or self._connect()
        try:
            yield connection
        finally:
            with self._guard:
                keep = not self._closed
                if keep:
                    self._idle.append(connection)
            if not keep:
                connection.close()

    def _connect(self) -> Connection:
        connection = sqlite3.connect(
            f"{self.path.absolute().as_uri()}?mode=rw",
            uri=True,
            isolation_level=None,
            timeout=_PATIENCE,
            check_same_thread=False,
        )
        try:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA secure_delete = ON")  # what is deleted for good is overwritten
        except sqlite3.DatabaseError:
            connection.close()
            raise
        return connection

    def _prepare(self, connection: Connection) -> None:
        """Makes the tables, or brings older ones up to the present version, in one transaction."""
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if application != APPLICATION_ID and (application or tables):
            raise NotAnIndexError(f"{self.path} is another program's database; move it away")
        connection.execute("PRAGMA journal_mode = WAL")
        lines = [str(row[0]) for row in connection.execute("PRAGMA quick_check(1)")]
        if lines != ["ok"]:
            raise self._damaged(" ".join(lines[0].split()))
        connection.execute("BEGIN IMMEDIATE")
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version > VERSION:
            raise IndexFormatError(
                f"{self.path} was written by a newer Pullquote (format {version}, this one knows {VERSION}); "
                "upgrade pullquote"
            )
        for step in range(version + 1, VERSION + 1):
            for statement in statements(MIGRATIONS[step]):
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        """Turns SQLite's errors into ours."""
        try:
            yield
        except sqlite3.OperationalError as error:
            code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
            if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise StorageError(f"{self.path}: another program is writing to it; try again") from error
            if code == sqlite3.SQLITE_CORRUPT or str(error).startswith("no such"):
                raise self._damaged(str(error)) from error
            reason = disk_problem(self.path.parent) or f"it cannot be used: {error}"
            raise StorageError(f"{self.path}: {reason}") from error
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            raise self._damaged(str(error)) from error

    def _damaged(self, what: str) -> CorruptIndexError:
        return CorruptIndexError(
            f"{self.path}: the saved chats are damaged ({what}); the articles are not. "
            "Put the file back from a backup, or move it away to begin anew"
        )


def statements(script: str) -> Iterator[str]:
    """The statements of a script one by one: ``executescript`` would commit the transaction around it."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
