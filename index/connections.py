"""A catalog's connections: any number of threads read at the same time, each as long as it likes."""

from __future__ import annotations

import contextlib
import functools
import queue
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from .database import Connection, check_identity, check_pages, connect, damaged, sqlite_errors
from .errors import StoreError
from .schema import VERSION

_CHUNK = 500  # SQLite takes at most 999 parameters where it was built long ago


class Connections:
    """What every way of reading a catalog stands on, and what the catalog records about itself.

    Args:
        path: of the SQLite file.
        read_only: whether the folder may only be read.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self._read_only = read_only
        self._idle: queue.LifoQueue[Connection] = queue.LifoQueue()
        self._closed = False
        self._version = 0
        self._pinned = threading.local()
        with self._connection() as connection:
            check_identity(connection, path)
            check_pages(connection, path)

    def close(self) -> None:
        """Closes all connections; the last one to close folds the write-ahead log into the file."""
        self._closed = True
        while True:
            try:
                self._idle.get_nowait().close()
            except queue.Empty:
                return

    def forget(self) -> None:
        """Forgets connections and what was read once, after the file was put right or replaced."""
        while not self._idle.empty():
            self._idle.get_nowait().close()
        self.__dict__.pop("identity", None)
        self._version = 0

    @contextlib.contextmanager
    def _connection(self) -> Iterator[Connection]:
        if self._closed:
            raise StoreError(f"the index {str(self.path.parent)!r} has been closed; open it again")
        with sqlite_errors(self.path):
            try:
                connection = self._idle.get_nowait()
            except queue.Empty:
                connection = connect(self.path, read_only=self._read_only)
            try:
                yield connection
            except BaseException:
                # After an error, or a Ctrl-C in the middle of a statement, nothing is known about its state.
                connection.close()
                raise
            if self._closed:
                connection.close()
            else:
                self._idle.put(connection)

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """What this thread reads inside is of one moment, whatever is written meanwhile."""
        with self._connection() as connection:
            connection.execute("BEGIN")
            self._pinned.connection = connection
            try:
                yield
            finally:
                self._pinned.connection = None
                connection.execute("COMMIT")

    def _rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        pinned = getattr(self._pinned, "connection", None)
        if pinned is not None:
            return list(pinned.execute(statement, parameters))
        with self._connection() as connection:
            return connection.execute(statement, parameters).fetchall()

    def _rows_in(self, statement: str, values: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
        """Rows of a statement with one ``IN (?)``, for any number of values."""
        for first in range(0, len(values), _CHUNK):
            chunk = list(values[first : first + _CHUNK])
            yield from self._rows(statement.replace("(?)", f"({','.join('?' * len(chunk))})"), chunk)

    def generation(self) -> int:
        """The number of the last transaction that changed passages; the caches carry it."""
        value = self.meta("generation") or ""
        if not value.isdecimal():
            raise damaged(self.path, f"its generation is {value!r}")
        return int(value)

    @functools.cached_property
    def identity(self) -> str:
        """A name that no other index has, so that a cache which was copied from another one is noticed."""
        return self.meta("identity") or ""

    def meta(self, key: str) -> str | None:
        """A value of the catalog's own record, such as the model's."""
        rows = self._rows("SELECT value FROM meta WHERE key = ?", (key,))
        return str(rows[0][0]) if rows else None

    def version(self) -> int:
        """The version of its tables; an older one is brought up to the present one by the first write."""
        if self._version < VERSION:
            self._version = int(self._rows("PRAGMA user_version")[0][0])
        return self._version
