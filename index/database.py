"""SQLite: connections, versions, and its errors in our words. The only module of ``index`` that imports ``sqlite3``."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from .errors import CorruptIndexError, IndexFormatError, IndexLockedError, NotAnIndexError, StorageError
from .files import disk_problem
from .schema import APPLICATION_ID, MIGRATIONS, VERSION

_CHECKED_BYTES = 32_000_000
"""A catalog up to this size, some ten thousand articles, is checked whenever it is opened: 5 ms a megabyte."""

PAGE_SIZE = 8192
"""Bytes of a page in a new catalog. Rows of articles and passages are long: in SQLite's usual 4,096 a fifth of the file
would stay empty."""

_SYNCHRONOUS = "FULL"
"""What was reported as added survives a power cut; ``benchmarks/safety.py`` measures what that costs."""

Connection = sqlite3.Connection
DatabaseError = sqlite3.DatabaseError
UNREADABLE = (sqlite3.DatabaseError, UnicodeDecodeError, OverflowError)
"""What reading a damaged file raises; the second comes from messages of SQLite that quote a damaged byte."""


def create(path: Path, meta: dict[str, str], page_size: int = PAGE_SIZE) -> None:
    """Makes a catalog, or brings an older one up to the present version, in one transaction.

    Args:
        path: of the file; one that is there keeps its page size.
        meta: the catalog's own record.
        page_size: bytes of a page in a new file.

    Raises:
        IndexFormatError: it was written by a newer version.
        StorageError: the disk refused.
    """
    with sqlite_errors(path), contextlib.closing(connect(path, make=True)) as connection:
        connection.execute(f"PRAGMA page_size = {page_size}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN IMMEDIATE")
        version = version_of(connection)
        if version > VERSION:
            raise _too_new(path, version)
        if version == 0 and connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            raise NotAnIndexError(f"{path} is another program's database; choose another folder with --index")
        migrate(connection)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        for key, value in {"generation": "0", **meta}.items():
            connection.execute("INSERT OR IGNORE INTO meta VALUES (?, ?)", (key, value))
        connection.execute("COMMIT")


def version_of(connection: Connection) -> int:
    """The version of a catalog's tables."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(connection: Connection) -> None:
    """Brings the tables up to the present version, within the transaction that is open; next to nothing if they are."""
    version = version_of(connection)
    for step in range(version + 1, VERSION + 1):
        for statement in _statements(MIGRATIONS[step]):
            connection.execute(statement)
    if version < VERSION:
        connection.execute(f"PRAGMA user_version = {VERSION}")


def connect(path: Path, *, read_only: bool = False, make: bool = False) -> sqlite3.Connection:
    """A connection to a catalog, for any thread, without implicit transactions; a missing file is made on demand."""
    if read_only:
        # SQLite opens no write-ahead log where it may not make the shared memory beside it, but the file alone it
        # does; that is all there is, unless a log was left behind, which must be read with the file or not at all.
        log = path.with_name(f"{path.name}-wal")
        alone = not log.exists() or log.stat().st_size == 0
        address = f"{path.resolve().as_uri()}?mode=ro{'&immutable=1' if alone else ''}"
        connection = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)
    else:
        address = f"{path.absolute().as_uri()}?mode={'rwc' if make else 'rw'}"
        connection = sqlite3.connect(address, uri=True, isolation_level=None, timeout=10.0, check_same_thread=False)
        try:
            connection.execute(f"PRAGMA synchronous = {_SYNCHRONOUS}")
            connection.execute("PRAGMA foreign_keys = ON")
        except (sqlite3.DatabaseError, UnicodeDecodeError):
            connection.close()
            raise
    # A damaged byte is not an error of decoding but a text that does not match its hash: the message names the article.
    connection.text_factory = _lenient
    return connection


def _lenient(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _statements(script: str) -> Iterator[str]:
    """The statements of a script one by one: ``executescript`` would commit the transaction around it."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def check_identity(connection: sqlite3.Connection, path: Path) -> None:
    """Raises ``NotAnIndexError`` for another program's file, ``IndexFormatError`` for a newer version's."""
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = version_of(connection)
    if application != APPLICATION_ID:
        raise NotAnIndexError(f"{path} is not a Pullquote catalog; choose another folder with --index")
    if version > VERSION:
        raise _too_new(path, version)


def check_pages(connection: sqlite3.Connection, path: Path) -> None:
    """Raises ``CorruptIndexError`` when SQLite's own check finds the file damaged; a large one is left to ``verify``.

    Rows carry checksums, but a damaged page may also hide rows; in a small file looking for that costs little.
    """
    if path.stat().st_size > _CHECKED_BYTES:
        return
    lines = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(1)")]
    if lines != ["ok"]:
        raise damaged(path, " ".join(lines[0].split()))


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
        if primary == sqlite3.SQLITE_CORRUPT or str(error).startswith("no such"):
            raise damaged(path, str(error)) from error
        reason = disk_problem(path.parent) or f"the index cannot be used: {error}"
        raise StorageError(f"{path.parent}: {reason}") from error
    except sqlite3.DatabaseError as error:
        raise damaged(path, str(error)) from error
    except UnicodeDecodeError as error:
        # SQLite's message quotes a damaged byte of the file.
        raise damaged(path, "its list of tables cannot be read") from error


def is_damage(error: sqlite3.DatabaseError | UnicodeDecodeError) -> bool:
    """Whether an error means that the file is damaged, rather than that the disk or another process is in the way."""
    if isinstance(error, UnicodeDecodeError):
        return True
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def damaged(path: Path, what: str) -> CorruptIndexError:
    """The error for a catalog that cannot be trusted."""
    return CorruptIndexError(
        f"{path.parent}: the catalog is damaged ({what}); nothing is answered from it. "
        "`pullquote verify --repair` saves what can be saved"
    )
