"""Salvages a catalog whose pages are damaged: every row that can be read and passes its checksum goes into a new one.

The damaged file is kept beside it. The new content is put in the place of the old one in a single transaction where
SQLite can still open the file, so that a kill on the way, or another process that has it open, does no harm.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import near_duplicates, words
from .database import PAGE_SIZE, UNREADABLE, Connection, DatabaseError, connect, create, is_damage, sqlite_errors
from .errors import CorruptIndexError
from .files import storage_errors, sync_folder
from .rows import ARTICLE_COLUMNS, ARTICLE_COLUMNS_1, as_article, as_passage_row
from .schema import checksum

DAMAGED = "damaged-catalog-"
"""How the names of the damaged files begin that are kept."""

_OLDER_PAGE = 4096
"""Bytes of a page in catalogs that were made before they had larger ones."""
_HEADER = b"SQLite format 3\0"
_PROBES = 10_000
"""Ids that are tried one by one beyond a damaged place before the rest of a table is given up."""
_UNKNOWN_TIME = "1970-01-01T00:00:00+00:00"
_ARTICLE_REST = ", added_at, generation"
_ARTICLE = f"{ARTICLE_COLUMNS}{_ARTICLE_REST}"
_PASSAGE = 'id, article_id, ordinal, start, "end", sentences, embedded_sha256, vector, checksum, generation'
_SOURCE = "location, article_id, root, bytes, modified_ns, read_at_ns, bytes_sha256, validators, position, checksum"

Row = tuple[Any, ...]


@dataclass(slots=True)
class Salvage:
    """What was saved of a damaged catalog.

    Attributes:
        kept: the damaged file, under its new name.
        articles, passages, sources: how many rows were saved.
        unreadable: how many rows of articles and passages failed their checksums.
        orphans: sources whose article could not be saved, with the article's id and its title when that is known.
        known: ids of the articles that the word index knew, for naming those of which nothing else is left.
        model: the model record of the old catalog as JSON, or None when it could not be read.
    """

    kept: Path
    articles: int = 0
    passages: int = 0
    sources: int = 0
    unreadable: int = 0
    orphans: list[tuple[str, int, str]] = field(default_factory=list)
    known: set[int] = field(default_factory=set)
    model: str | None = None


def salvage(catalog: Path, fallback_model: str) -> Salvage:
    """Replaces a damaged catalog by what can be saved of it. Needs the writer's lock.

    Args:
        catalog: the file.
        fallback_model: JSON of the model record to write down when the old one cannot be read.

    Returns:
        What was saved. Passages that are missing now are made again by ``Repairer``.

    Raises:
        StorageError: the disk refused; the catalog is as it was.
    """
    with storage_errors(catalog), sqlite_errors(catalog):
        result = Salvage(_keep(catalog))
        result.known = words.articles_in(catalog.with_name(words.FOLDER))
        fresh = catalog.with_name(f".{catalog.name}.{os.getpid()}.salvaged")
        work = catalog.with_name(f".{catalog.name}.{os.getpid()}.damaged")
        try:
            for suffix in ("", "-wal"):
                with contextlib.suppress(FileNotFoundError):
                    shutil.copyfile(f"{result.kept}{suffix}", f"{work}{suffix}")
            page = _page_size(work)
            create(fresh, {}, page)
            with _readable(work, fresh, page) as old, contextlib.closing(connect(fresh)) as new:
                new.execute("PRAGMA foreign_keys = OFF")
                new.execute("BEGIN IMMEDIATE")
                _copy(old, new, result, fallback_model)
                new.execute("COMMIT")
            _put_in_place(fresh, catalog)
        finally:
            for path in (fresh, work):
                for suffix in ("", "-wal", "-shm", "-journal"):
                    Path(f"{path}{suffix}").unlink(missing_ok=True)
    return result


def _keep(catalog: Path) -> Path:
    """Copies the damaged catalog, and the log that belongs to it, to a name that is free."""
    number = 1
    while (kept := catalog.with_name(f"{DAMAGED}{number}.sqlite")).exists():
        number += 1
    if not catalog.exists():
        catalog.touch()
    for suffix in ("-wal", ""):
        with contextlib.suppress(FileNotFoundError):
            shutil.copy2(f"{catalog}{suffix}", f"{kept}{suffix}")
    sync_folder(catalog.parent)
    return kept


@contextlib.contextmanager
def _readable(work: Path, fresh: Path, page_size: int) -> Iterator[Connection]:
    """Opens the copy of the damaged file, with its first page put right when SQLite cannot make sense of it."""
    try:
        connection = _opened(work, page_size)
    except (*UNREADABLE, CorruptIndexError):
        _mend_first_page(work, fresh, page_size)
        connection = _opened(work, page_size)
    with contextlib.closing(connection):
        yield connection


def _page_size(work: Path) -> int:
    """Of the damaged file; where its header is lost, of the kind whose pages its length is made of."""
    try:
        with work.open("rb") as file:
            header = file.read(18)
        length = work.stat().st_size
    except FileNotFoundError:
        return PAGE_SIZE
    size = int.from_bytes(header[16:18], "big")
    if header.startswith(_HEADER) and size in (_OLDER_PAGE, PAGE_SIZE):
        return size
    return _OLDER_PAGE if length % PAGE_SIZE == _OLDER_PAGE else PAGE_SIZE


def _opened(work: Path, page_size: int) -> Connection:
    with contextlib.ExitStack() as undo:
        connection = connect(work)
        undo.callback(connection.close)
        with contextlib.suppress(*UNREADABLE):
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        for table in ("meta", "article", "source", "passage", "tombstone"):
            connection.execute(f"SELECT 1 FROM {table} WHERE 0").fetchall()
        if work.stat().st_size % page_size:
            raise CorruptIndexError("the file ends within a page")
        undo.pop_all()
    return connection


def _mend_first_page(work: Path, fresh: Path, page_size: int) -> None:
    """Writes the first page of a new catalog over that of a damaged one.

    It holds the file's header and the list of tables, which are the same in every catalog of this version: tables are
    made in the same order, so they begin on the same pages. Only the number of pages differs.
    """
    with fresh.open("rb") as file:
        page = bytearray(file.read(page_size))
    size = work.stat().st_size
    pages = max(-(-size // page_size), -(-fresh.stat().st_size // page_size))
    page[28:32] = pages.to_bytes(4, "big")  # see https://www.sqlite.org/fileformat2.html
    page[32:40] = bytes(8)  # no list of free pages: this copy is only read
    page[92:96] = page[24:28]
    with work.open("r+b") as file:
        file.truncate(pages * page_size)
        file.write(page)
    Path(f"{work}-wal").unlink(missing_ok=True)
    Path(f"{work}-shm").unlink(missing_ok=True)


def _copy(old: Connection, new: Connection, result: Salvage, fallback_model: str) -> None:
    """Copies every row that is right. Ids and generations stay; each missing passage id becomes a tombstone."""
    titles: dict[int, str] = {}
    articles: set[int] = set()
    highest = {table: _highest(old, table) for table in ("article", "passage")}
    newest = 0
    for row in _rows(old, _article_columns(old), "article", highest["article"]):
        added_at, generation = row[-2] if _is_text(row[-2]) else _UNKNOWN_TIME, _number(row[-1])
        right = _is_right(functools.partial(as_article, row[:-2], ()))
        if right and _insert(new, "article", _ARTICLE, (*row[:-2], added_at, generation)):
            articles.add(row[0])
            newest = max(newest, generation)
        else:
            result.unreadable += 1
            titles[row[0]] = str(row[1])
    result.articles = len(articles)
    passages: set[int] = set()
    for row in _rows(old, _PASSAGE, "passage", highest["passage"]):
        right = _is_right(functools.partial(as_passage_row, row[:-1]))
        if right and row[1] in articles and _insert(new, "passage", _PASSAGE, (*row[:-1], _number(row[-1]))):
            passages.add(row[0])
            newest = max(newest, _number(row[-1]))
        result.unreadable += not right
    result.passages = len(passages)
    for row in _sources(old):
        if row[1] in articles:
            result.sources += _insert(new, "source", _SOURCE, row)
        else:
            result.orphans.append((row[0], row[1], titles.get(row[1], "")))
    for row in _all(old, "SELECT location, added_at FROM root"):
        if all(map(_is_text, row)):
            _insert(new, "root", "location, added_at", row)
    newest = _copy_record(old, new, newest, result, fallback_model)
    last = max(highest["passage"], *passages, 0)
    gone = ((number, newest) for number in range(1, last + 1) if number not in passages)
    new.executemany("INSERT INTO tombstone VALUES (?, ?)", gone)
    new.execute("DELETE FROM sqlite_sequence")
    for table, largest in (("article", max(highest["article"], *articles, 0)), ("passage", last)):
        new.execute("INSERT INTO sqlite_sequence VALUES (?, ?)", (table, largest))


def _article_columns(old: Connection) -> str:
    """What to ask of the damaged file, which may be of version 1; its own word for the version may be damaged."""
    there = {row[1] for row in _all(old, "PRAGMA table_info(article)")}
    return (ARTICLE_COLUMNS if {"site", "url"} <= there else ARTICLE_COLUMNS_1) + _ARTICLE_REST


def _copy_record(old: Connection, new: Connection, newest: int, result: Salvage, fallback_model: str) -> int:
    """Copies what the catalog says of itself; the name is new, so that no cache of the old one is used. Gives the
    new generation."""
    meta = {key: value for key, value in _all(old, "SELECT key, value FROM meta") if _is_text(key) and _is_text(value)}
    result.model = meta.get("model") if _is_right(lambda: json.loads(meta["model"])["dimension"]) else None
    stated = int(meta["generation"]) if meta.get("generation", "").isdecimal() else 0
    # A stated number that is far beyond every row's is more likely damaged than right.
    generation = max(newest, stated if stated < newest + 1_000_000 else 0) + 1
    record = {"model": result.model or fallback_model, "generation": str(generation), "identity": uuid.uuid4().hex}
    meta.pop(near_duplicates.META, None)  # the table is not copied: the next write makes it anew
    for key, value in {**meta, **record}.items():
        new.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))
    return generation


def _highest(old: Connection, table: str) -> int:
    """The largest id that a table ever gave out, or 0 when that is not known."""
    rows = _all(old, "SELECT seq FROM sqlite_sequence WHERE name = ?", (table,))
    pages = _all(old, "PRAGMA page_count")
    # A number that a file of this size can hardly have come to is damage as well.
    bound = 10_000 * (_number(pages[0][0]) + 1) if pages else 0
    return max((number for (number,) in rows if isinstance(number, int) and 0 < number <= bound), default=0)


def _rows(old: Connection, columns: str, table: str, highest: int) -> Iterator[Row]:
    """All rows by id that can be read: in order up to the first damaged place, then one by one until past it."""
    last = 0
    while True:
        try:
            cursor = old.execute(f"SELECT {columns} FROM {table} NOT INDEXED WHERE id > ? ORDER BY id", (last,))
            while (row := cursor.fetchone()) is not None:
                if not isinstance(row[0], int) or row[0] <= last:
                    break  # in a damaged tree a row may be met where it does not belong
                last = row[0]
                yield row
            else:
                return
        except UNREADABLE:
            pass
        for number in range(last + 1, max(highest, last + _PROBES) + 1):
            last = number
            found = _all(old, f"SELECT {columns} FROM {table} NOT INDEXED WHERE id = ?", (number,))
            if found and found[0][0] == number:
                yield found[0]
                break
        else:
            return


def _sources(old: Connection) -> Iterator[Row]:
    """Sources that match their checksum: from the table from both ends, then what its index still knows."""
    seen: set[str] = set()
    for order in ("ASC", "DESC"):
        for row in _all(old, f"SELECT {_SOURCE} FROM source ORDER BY location {order}"):
            location, number, *rest, position, stored = row
            if location in seen or checksum(location, number) != stored or not _is_text(location):
                continue
            seen.add(location)
            kinds = (str, int, int, int, str, str)
            safe = [value if isinstance(value, kind) else None for value, kind in zip(rest, kinds, strict=True)]
            safe = [value if not isinstance(value, str) or _is_text(value) else None for value in safe]
            yield (location, number, *safe, _number(position), stored)
    order_by = "ORDER BY article_id"
    for location, number in _all(old, f"SELECT location, article_id FROM source INDEXED BY source_article {order_by}"):
        if _is_text(location) and isinstance(number, int) and location not in seen:
            seen.add(location)
            yield (location, number, None, None, None, None, None, None, len(seen), checksum(location, number))


def _all(old: Connection, statement: str, parameters: Row = ()) -> list[Row]:
    """The rows of a statement up to the first that cannot be read."""
    found: list[Row] = []
    with contextlib.suppress(*UNREADABLE):
        cursor = old.execute(statement, parameters)
        while (row := cursor.fetchone()) is not None:
            found.append(row)
    return found


def _insert(new: Connection, table: str, columns: str, row: Row) -> bool:
    """Stores a row, and says whether it was: one that clashes with another, as in a damaged tree, is left out."""
    places = ",".join("?" * len(row))
    return new.execute(f"INSERT OR IGNORE INTO {table} ({columns}) VALUES ({places})", row).rowcount == 1


def _is_right(check: Callable[[], object]) -> bool:
    try:
        check()
    except (CorruptIndexError, ValueError, TypeError, AttributeError, KeyError):
        return False
    return True


def _is_text(value: object) -> bool:
    return isinstance(value, str) and _is_right(value.encode)


def _number(value: object) -> int:
    return value if isinstance(value, int) and value >= 0 else 0


def _put_in_place(fresh: Path, catalog: Path) -> None:
    """Puts the new content into the old file in one transaction; where it cannot be opened, the file is replaced."""
    try:
        with contextlib.closing(connect(fresh)) as source, contextlib.closing(connect(catalog)) as target:
            source.backup(target)
            return
    except (DatabaseError, UnicodeDecodeError) as error:
        if not is_damage(error):
            raise
    # What the old log holds belongs to the old file: laid over the new one it would tear it. A copy was kept.
    for suffix in ("-wal", "-shm"):
        Path(f"{catalog}{suffix}").unlink(missing_ok=True)
    with contextlib.closing(connect(fresh)) as source:
        source.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    descriptor = os.open(fresh, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    fresh.replace(catalog)
    sync_folder(catalog.parent)
