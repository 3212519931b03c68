"""Clippings: quotes that somebody collects across chats, each with its citation and a note."""

from __future__ import annotations

import dataclasses

from pydantic import TypeAdapter, ValidationError

from index import ArticleIndex, CorruptIndexError
from qa import Quote

from .database import Connection, Database, Row
from .owned import LONGEST_NOTE, bounded, checked_owner, missing, moment, new_token, now
from .states import quotes_with_states
from .values import Clipping, SavedQuote, storable

_QUOTE = TypeAdapter(SavedQuote)


class Clippings:
    """The clippings of all owners; every method sees those of one owner only.

    Each method raises ``NotKeptError`` for a clipping that is not there, is deleted, or is another owner's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, owner: str, quote: Quote | SavedQuote, question: str = "", note: str = "") -> Clipping:
        """Keeps a quote, after all others; one that is kept already is not kept twice, and its note stays."""
        saved = dataclasses.replace(quote if isinstance(quote, SavedQuote) else SavedQuote.of(quote), state="same")
        owner, note, time, token = checked_owner(owner), bounded(note, LONGEST_NOTE, "note"), now(), new_token()
        with self._database.writing() as connection:
            kept = connection.execute(
                "SELECT * FROM clipping WHERE owner = ? AND target = ? AND deleted IS NULL", (owner, saved.target)
            ).fetchone()
            if kept is not None:
                return self._clipping(kept)
            connection.execute(
                "INSERT INTO clipping (id, owner, position, target, quote, question, note, created) VALUES "
                "(?, ?, (SELECT coalesce(max(position) + 1, 0) FROM clipping WHERE owner = ?), ?, ?, ?, ?, ?)",
                (token, owner, owner, saved.target, _QUOTE.dump_json(saved).decode(), storable(question), note, time),
            )
            return self._clipping(_own(connection, owner, token))

    def list(self, owner: str, index: ArticleIndex) -> tuple[Clipping, ...]:
        """The owner's clippings in their order; each quote tells what has become of its source."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT * FROM clipping WHERE owner = ? AND deleted IS NULL ORDER BY position, number",
                (checked_owner(owner),),
            ).fetchall()
        kept = [self._clipping(row) for row in rows]
        quotes = quotes_with_states(index, [clipping.quote for clipping in kept])
        return tuple(dataclasses.replace(old, quote=quote) for old, quote in zip(kept, quotes, strict=True))

    def annotate(self, owner: str, clipping_id: str, note: str) -> Clipping:
        """Writes a note beside a clipping; an empty one takes it away."""
        note = bounded(note, LONGEST_NOTE, "note")
        with self._database.writing() as connection:
            number = _own(connection, owner, clipping_id)["number"]
            connection.execute("UPDATE clipping SET note = ? WHERE number = ?", (note, number))
            return self._clipping(_own(connection, owner, clipping_id))

    def move(self, owner: str, clipping_id: str, position: int) -> None:
        """Puts a clipping at another position, counted from 0; the others make room."""
        with self._database.writing() as connection:
            number = _own(connection, owner, clipping_id)["number"]
            rows = connection.execute(
                "SELECT number FROM clipping WHERE owner = ? AND deleted IS NULL ORDER BY position, number",
                (checked_owner(owner),),
            )
            order = [row["number"] for row in rows if row["number"] != number]
            order.insert(max(0, position), number)
            connection.executemany(
                "UPDATE clipping SET position = ? WHERE number = ?",
                [(place, kept) for place, kept in enumerate(order)],
            )

    def delete(self, owner: str, clipping_id: str) -> Clipping:
        """Deletes a clipping; ``restore`` brings it back as long as ``Store.purge`` has not removed it for good."""
        with self._database.writing() as connection:
            row = _own(connection, owner, clipping_id)
            connection.execute("UPDATE clipping SET deleted = ? WHERE number = ?", (now(), row["number"]))
            return self._clipping(row)

    def restore(self, owner: str, clipping_id: str) -> Clipping:
        """Brings a deleted clipping back."""
        with self._database.writing() as connection:
            row = _own(connection, owner, clipping_id, deleted=True)
            connection.execute("UPDATE clipping SET deleted = NULL WHERE number = ?", (row["number"],))
            return self._clipping(row)

    def _clipping(self, row: Row) -> Clipping:
        try:
            quote = _QUOTE.validate_json(row["quote"])
        except ValidationError as error:
            raise CorruptIndexError(f"{self._database.path}: a clipping is damaged ({row['id']})") from error
        return Clipping(row["id"], quote, row["question"], row["note"], moment(row["created"]))


def _own(connection: Connection, owner: str, clipping_id: str, *, deleted: bool = False) -> Row:
    row: Row | None = connection.execute(
        f"SELECT * FROM clipping WHERE id = ? AND owner = ? AND deleted IS {'NOT NULL' if deleted else 'NULL'}",
        (storable(clipping_id), checked_owner(owner)),
    ).fetchone()
    if row is None:
        raise missing("clipping")
    return row
