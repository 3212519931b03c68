"""The catalog at one moment, rows as they are, damaged ones included: for checking, mending and exporting it."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .catalog import Catalog
from .errors import CorruptIndexError
from .near_duplicates import META
from .rows import PASSAGE_COLUMNS, SourceState
from .schema import checksum
from .shingles import FINGERPRINT

_SOURCE_COLUMNS = "location, article_id, root, bytes, modified_ns, read_at_ns, bytes_sha256"

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Dangling:
    """Rows that contradict others.

    Attributes:
        sources: sources (location, article id) whose article is not there.
        misnamed: sources (location, article id) that do not match their checksum.
        passages: passages (id, article id) whose article is not there.
        without_source: articles (id, title) that have no source.
        undead: passages (id, generation) that are there and are recorded as removed.
        late: ``(table, how many)`` of rows from a generation that the catalog has not reached.
        vanished: ids of passages that are neither there nor recorded as removed.
    """

    sources: list[Row]
    misnamed: list[Row]
    passages: list[Row]
    without_source: list[Row]
    undead: list[Row]
    late: list[Row]
    vanished: list[int]

    def lines(self) -> Iterator[str]:
        """Each in words."""
        for location, number in self.sources:
            yield f"source {location!r} belongs to article {number}, which is not there"
        for location, number in self.misnamed:
            yield f"source {location!r} of article {number} does not match its checksum"
        for number, article in self.passages:
            yield f"passage {number} belongs to article {article}, which is not there"
        for number, title in self.without_source:
            yield f"article {number} ({title!r}) has no source"
        for number, generation in self.undead:
            yield f"passage {number} is there, and was removed in generation {generation}"
        for table, count in self.late:
            yield f"{count} rows of {table} are from a later generation than the catalog"
        if self.vanished:
            some = ", ".join(map(str, self.vanished[:5])) + (" …" if len(self.vanished) > 5 else "")
            yield f"{len(self.vanished)} passages are neither there nor recorded as removed: {some}"


class Inspection(Catalog):
    """A catalog of which nothing changes while it is open; for one thread.

    Args:
        catalog: whose present state is looked at.
    """

    def __init__(self, catalog: Catalog) -> None:
        super().__init__(catalog.path, read_only=catalog._read_only)
        # One thread gets the same connection back each time, and with it this transaction.
        self._rows("BEGIN")
        self._rows("SELECT count(*) FROM meta")

    def integrity_problems(self) -> list[str]:
        """What SQLite's own check of the file finds, one line each; empty when the file is whole."""
        try:
            lines = [str(row[0]) for row in self._rows("PRAGMA integrity_check(20)")]
        except CorruptIndexError as error:
            return [str(error)]
        return [line for line in lines if line != "ok"]

    def article_rows(self, extra: str = "", ids: Sequence[int] | None = None) -> Iterator[list[Row]]:
        """Article rows by id, some at a time: ``ARTICLE_COLUMNS``, and further columns when named.

        Args:
            extra: the further columns.
            ids: of the articles that are wanted, or None for all.
        """
        if ids is not None:
            one = f"SELECT {self._article_columns()}{extra} FROM article WHERE id IN (?)"
            for number in sorted(set(ids)):
                yield list(self._rows_in(one, [number]))
            return
        last = 0
        page = f"SELECT {self._article_columns()}{extra} FROM article WHERE id > ? ORDER BY id LIMIT 200"
        while rows := self._rows(page, (last,)):
            last = rows[-1][0]
            yield rows

    def passages_between(self, first: int, last: int) -> dict[int, list[Row]]:
        """The passage rows of articles with ids in a range, by article and in order, with ``PASSAGE_COLUMNS``."""
        rows = self._rows(
            f"SELECT {PASSAGE_COLUMNS} FROM passage WHERE article_id BETWEEN ? AND ? ORDER BY article_id, ordinal",
            (first, last),
        )
        return {number: list(own) for number, own in itertools.groupby(rows, key=lambda row: int(row[1]))}

    def near_keys(self) -> dict[int, int] | None:
        """For each article its near-duplicate keys XORed, to compare with its text; None where none were made yet."""
        if self.version() < 2 or self.meta(META) != FINGERPRINT:
            return None
        digests: dict[int, int] = {}
        last = (-1, 0)
        page = (
            "SELECT key, article_id FROM near_key WHERE (key, article_id) > (?, ?) ORDER BY key, article_id LIMIT 9999"
        )
        while rows := self._rows(page, last):
            last = rows[-1]
            for key, number in rows:
                digests[number] = digests.get(number, 0) ^ key
        return digests

    def sources_of_article(self, article_id: int) -> list[SourceState]:
        """The sources of an article in order, with all that is known of them."""
        rows = self._rows(f"SELECT {_SOURCE_COLUMNS} FROM source WHERE article_id = ? ORDER BY position", (article_id,))
        return [SourceState(*row) for row in rows]

    def added_at(self, article_id: int) -> str | None:
        """When an article was first added, ISO 8601."""
        rows = self._rows("SELECT added_at FROM article WHERE id = ?", (article_id,))
        return str(rows[0][0]) if rows else None

    def dangling(self) -> Dangling:
        """Rows that contradict others, or fail their checksum."""
        sources = self._rows("SELECT location, article_id, checksum FROM source")
        generation = self.generation()
        late = [
            (table, self._rows(f"SELECT count(*) FROM {table} WHERE generation > ?", (generation,))[0][0])
            for table in ("article", "passage", "tombstone")
        ]
        return Dangling(
            self._rows("SELECT location, article_id FROM source WHERE article_id NOT IN (SELECT id FROM article)"),
            [row[:2] for row in sources if checksum(*row[:2]) != row[2]],
            self._rows("SELECT id, article_id FROM passage WHERE article_id NOT IN (SELECT id FROM article)"),
            self._rows("SELECT id, title FROM article WHERE id NOT IN (SELECT article_id FROM source)"),
            self._rows("SELECT passage_id, generation FROM tombstone WHERE passage_id IN (SELECT id FROM passage)"),
            [row for row in late if row[1]],
            self._vanished(),
        )

    def _vanished(self) -> list[int]:
        """Every id that was ever given to a passage is there or has a tombstone."""
        rows = self._rows("SELECT seq FROM sqlite_sequence WHERE name = 'passage'")
        last = int(rows[0][0]) if rows else 0
        known = {row[0] for row in self._rows("SELECT id FROM passage UNION ALL SELECT passage_id FROM tombstone")}
        if len(known) == last and (not known or max(known) == last):
            return []
        return sorted(set(range(1, last + 1)) - known)


@contextlib.contextmanager
def at_one_moment(catalog: Catalog) -> Iterator[Inspection]:
    """Opens the catalog's present state and closes it at the end."""
    moment = Inspection(catalog)
    try:
        yield moment
    finally:
        moment.close()
