"""Saved chats."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import TypeAdapter, ValidationError

from index import ArticleIndex, CorruptIndexError
from qa import Turn

from .database import Connection, Database, Row
from .owned import (
    LONGEST_NAME,
    bounded,
    checked_owner,
    folded,
    missing,
    moment,
    new_token,
    now,
    searched_words,
    short_name,
)
from .states import as_turns, with_states
from .values import FoundChat, SavedAnswer, SavedChat, SavedTurn, storable

_ANSWER = TypeAdapter(SavedAnswer)
_CHATS = "SELECT chat.*, (SELECT count(*) FROM turn WHERE turn.chat = chat.number) AS turns FROM chat"


class Chats:
    """The chats of all owners; every method sees those of one owner only.

    Each method raises ``NotKeptError`` for a chat that is not there, is deleted, or is another owner's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def start(self, owner: str, question: str) -> SavedChat:
        """A new chat without turns, named after its first question."""
        owner, name, time, token = checked_owner(owner), short_name(question), now(), new_token()
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO chat (id, owner, name, name_words, created, updated) VALUES (?, ?, ?, ?, ?, ?)",
                (token, owner, name, folded(name), time, time),
            )
            return _chat(_own(connection, owner, token))

    def add(self, owner: str, chat_id: str, turn: Turn) -> SavedTurn:
        """Adds a turn at the end of a chat."""
        answer, question, time = SavedAnswer.of(turn.answer), storable(turn.question), now()
        pieces = (quote.text for quote in answer.quotes)
        titles = (quote.article.title for quote in answer.quotes)
        words = folded("\n".join((question, *pieces, *titles)))
        with self._database.writing() as connection:
            number = _own(connection, owner, chat_id)["number"]
            position = connection.execute(
                "SELECT coalesce(max(position) + 1, 0) FROM turn WHERE chat = ?", (number,)
            ).fetchone()[0]
            connection.execute(
                "INSERT INTO turn VALUES (?, ?, ?, ?, ?, ?)",
                (number, position, question, _ANSWER.dump_json(answer).decode(), words, time),
            )
            connection.execute("UPDATE chat SET updated = ? WHERE number = ?", (time, number))
        return SavedTurn(position, question, answer, moment(time))

    def save(self, owner: str, turn: Turn) -> SavedChat:
        """A new chat that begins with a turn."""
        chat = self.start(owner, turn.question)
        self.add(owner, chat.id, turn)
        return self.get(owner, chat.id)

    def cut(self, owner: str, chat_id: str, position: int) -> None:
        """Takes out the turn at a position and all after it, as when a question is edited or tried again."""
        with self._database.writing() as connection:
            number = _own(connection, owner, chat_id)["number"]
            connection.execute("DELETE FROM turn WHERE chat = ? AND position >= ?", (number, position))
            connection.execute("UPDATE chat SET updated = ? WHERE number = ?", (now(), number))

    def get(self, owner: str, chat_id: str) -> SavedChat:
        """A chat."""
        with self._database.reading() as connection:
            return _chat(_own(connection, owner, chat_id))

    def list(self, owner: str, limit: int = 200, skip: int = 0) -> tuple[SavedChat, ...]:
        """The owner's chats, the one that was used last first."""
        with self._database.reading() as connection:
            rows = connection.execute(
                f"{_CHATS} WHERE owner = ? AND deleted IS NULL ORDER BY updated DESC, number DESC LIMIT ? OFFSET ?",
                (checked_owner(owner), limit, skip),
            )
            return tuple(_chat(row) for row in rows)

    def turns(self, owner: str, chat_id: str, index: ArticleIndex) -> tuple[SavedTurn, ...]:
        """The turns of a chat; each quote tells what has become of its source."""
        return with_states(index, self._saved(owner, chat_id))

    def conversation(self, owner: str, chat_id: str, index: ArticleIndex) -> tuple[Turn, ...]:
        """The turns of a chat as ``qa`` has them, to go on with it; see ``ui.store.states.as_turns``."""
        return as_turns(index, self._saved(owner, chat_id))

    def search(self, owner: str, text: str, limit: int = 50) -> tuple[FoundChat, ...]:
        """The chats that hold all words of a text, in whatever form begins, ends or contains them, newest first.

        Names, questions, quotes and the titles of quoted articles are searched, without case and accents. A text
        without words finds nothing.
        """
        words, owner = searched_words(text), checked_owner(owner)
        if not words:
            return ()
        holds = "(instr(name_words, ?) > 0 OR EXISTS (SELECT 1 FROM turn WHERE chat = number AND instr(words, ?) > 0))"
        one = " OR ".join("instr(words, ?) > 0" for _ in words)
        place = f"SELECT position, question FROM turn WHERE chat = ? AND ({one}) ORDER BY position LIMIT 1"
        found = []
        with self._database.reading() as connection:
            rows = connection.execute(
                f"{_CHATS} WHERE owner = ? AND deleted IS NULL AND {' AND '.join(holds for _ in words)} "
                "ORDER BY updated DESC, number DESC LIMIT ?",
                (owner, *(word for word in words for _ in range(2)), limit),
            ).fetchall()
            for row in rows:
                turn = connection.execute(place, (row["number"], *words)).fetchone()
                found.append(FoundChat(_chat(row), *(turn or (None, ""))))
        return tuple(found)

    def rename(self, owner: str, chat_id: str, name: str) -> SavedChat:
        """Gives a chat another name; an empty one keeps the old."""
        name = short_name(bounded(name, LONGEST_NAME * 10, "name"), LONGEST_NAME)
        with self._database.writing() as connection:
            row = _own(connection, owner, chat_id)
            if name:
                connection.execute(
                    "UPDATE chat SET name = ?, name_words = ? WHERE number = ?", (name, folded(name), row["number"])
                )
            return _chat(_own(connection, owner, chat_id))

    def delete(self, owner: str, chat_id: str) -> SavedChat:
        """Deletes a chat; ``restore`` brings it back as long as ``Store.purge`` has not removed it for good."""
        with self._database.writing() as connection:
            row = _own(connection, owner, chat_id)
            connection.execute("UPDATE chat SET deleted = ? WHERE number = ?", (now(), row["number"]))
            return _chat(row)

    def restore(self, owner: str, chat_id: str) -> SavedChat:
        """Brings a deleted chat back."""
        with self._database.writing() as connection:
            row = _own(connection, owner, chat_id, deleted=True)
            connection.execute("UPDATE chat SET deleted = NULL WHERE number = ?", (row["number"],))
            return _chat(row)

    def _saved(self, owner: str, chat_id: str) -> Sequence[SavedTurn]:
        with self._database.reading() as connection:
            number = _own(connection, owner, chat_id)["number"]
            rows = connection.execute("SELECT * FROM turn WHERE chat = ? ORDER BY position", (number,)).fetchall()
        try:
            return [
                SavedTurn(row["position"], row["question"], _ANSWER.validate_json(row["answer"]), moment(row["asked"]))
                for row in rows
            ]
        except ValidationError as error:
            raise CorruptIndexError(f"{self._database.path}: a saved answer is damaged; delete the chat") from error


def _own(connection: Connection, owner: str, chat_id: str, *, deleted: bool = False) -> Row:
    row: Row | None = connection.execute(
        f"{_CHATS} WHERE id = ? AND owner = ? AND deleted IS {'NOT NULL' if deleted else 'NULL'}",
        (storable(chat_id), checked_owner(owner)),
    ).fetchone()
    if row is None:
        raise missing("chat")
    return row


def _chat(row: Row) -> SavedChat:
    return SavedChat(row["id"], row["name"], moment(row["created"]), moment(row["updated"]), row["turns"])
