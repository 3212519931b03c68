"""Accounts and the sessions of those who have signed in."""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from index import PullquoteError

from .database import Connection, Database, Row
from .owned import ACCOUNT, moment, new_token, now
from .values import NotKeptError

LONGEST_USER = 64
"""Characters of an account's name."""
MOST_SESSIONS = 50
"""Of one account; beginning one more ends the oldest."""
SESSION = timedelta(days=14)
"""How long somebody stays signed in."""

_NAME = re.compile(r"[^\W_][\w.@+-]*")


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in.

    Attributes:
        id: a token; a name that is given away again is another account, and does not see what the first one kept.
        name: as ``account_name`` makes it.
        password: its hash, never the password.
        created: when the account was made.
    """

    id: str
    name: str
    password: str
    created: datetime

    @property
    def owner(self) -> str:
        """Names the account as the owner of what it keeps."""
        return f"{ACCOUNT}{self.id}"


class Accounts:
    """Who may sign in, and who is signed in. Passwords come and go as hashes; see ``ui.accounts.passwords``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, name: str, password: str) -> Account:
        """A new account.

        Args:
            name: brought into the form of ``account_name``.
            password: the hash.

        Raises:
            PullquoteError: the name cannot be one, or is taken.
        """
        name, token, time = account_name(name), new_token(), now()
        with self._database.writing() as connection:
            if connection.execute("SELECT 1 FROM account WHERE name = ?", (name,)).fetchone():
                raise PullquoteError(
                    f"there is an account {name!r} already; `pullquote user password {name}` changes its password"
                )
            connection.execute(
                "INSERT INTO account (id, name, password, created) VALUES (?, ?, ?, ?)", (token, name, password, time)
            )
        return Account(token, name, password, moment(time))

    def list(self) -> tuple[Account, ...]:
        """All accounts, by name."""
        with self._database.reading() as connection:
            return tuple(_account(row) for row in connection.execute("SELECT * FROM account ORDER BY name"))

    def find(self, name: str) -> Account | None:
        """The account of a name, written in any way that ``account_name`` makes the same; None when there is none."""
        try:
            name = account_name(name)
        except PullquoteError:
            return None
        with self._database.reading() as connection:
            row = connection.execute("SELECT * FROM account WHERE name = ?", (name,)).fetchone()
        return _account(row) if row else None

    def get(self, name: str) -> Account:
        """The account of a name.

        Raises:
            NotKeptError: there is none.
        """
        account = self.find(name)
        if account is None:
            raise _nobody(name)
        return account

    def owned_by(self, owner: str) -> Account | None:
        """The account that is an owner of what is kept, or None."""
        with self._database.reading() as connection:
            row = connection.execute("SELECT * FROM account WHERE id = ?", (owner.removeprefix(ACCOUNT),)).fetchone()
        return _account(row) if row and owner.startswith(ACCOUNT) else None

    def set_password(self, name: str, password: str) -> None:
        """Gives an account another password, as a hash, and ends its sessions everywhere.

        Raises:
            NotKeptError: there is no such account.
        """
        with self._database.writing() as connection:
            number = _number(connection, name)
            connection.execute("UPDATE account SET password = ? WHERE number = ?", (password, number))
            connection.execute("DELETE FROM session WHERE account = ?", (number,))

    def remove(self, name: str) -> None:
        """Removes an account, its sessions, and all that it has kept: nobody could ever see that again.

        Raises:
            NotKeptError: there is no such account.
        """
        with self._database.writing() as connection:
            number = _number(connection, name)
            token = connection.execute("SELECT id FROM account WHERE number = ?", (number,)).fetchone()["id"]
            for table in ("chat", "clipping", "feedback"):
                connection.execute(f"DELETE FROM {table} WHERE owner = ?", (f"{ACCOUNT}{token}",))
            connection.execute("DELETE FROM account WHERE number = ?", (number,))

    def begin_session(self, account: Account, lasting: timedelta = SESSION) -> str | None:
        """Signs an account in, and gives the token that proves it; only its hash is stored.

        Returns:
            None when the account has gone, or its password has been changed, since it was looked up.
        """
        token, time = secrets.token_urlsafe(32), datetime.now(UTC)
        expires = (time + lasting).isoformat(timespec="microseconds")
        with self._database.writing() as connection:
            row = connection.execute(
                "SELECT number FROM account WHERE id = ? AND password = ?", (account.id, account.password)
            ).fetchone()
            if row is None:
                return None
            connection.execute("DELETE FROM session WHERE expires <= ?", (now(),))
            connection.execute(
                "DELETE FROM session WHERE number IN (SELECT number FROM session WHERE account = ? "
                "ORDER BY number DESC LIMIT -1 OFFSET ?)",
                (row["number"], MOST_SESSIONS - 1),
            )
            connection.execute(
                "INSERT INTO session (token, account, expires) VALUES (?, ?, ?)",
                (_hashed(token), row["number"], expires),
            )
        return token

    def signed_in(self, token: str) -> Account | None:
        """The account that a session's token belongs to; None when the session has ended or never was."""
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT account.* FROM session JOIN account ON account.number = session.account "
                "WHERE session.token = ? AND session.expires > ?",
                (_hashed(token), now()),
            ).fetchone()
        return _account(row) if row else None

    def end_session(self, token: str) -> None:
        """Ends a session; nothing happens when there is none."""
        with self._database.writing() as connection:
            connection.execute("DELETE FROM session WHERE token = ?", (_hashed(token),))


def account_name(text: str) -> str:
    """A name as it is stored and looked up: without spaces around it, in small letters, in one form of Unicode.

    Raises:
        PullquoteError: it is empty, too long, or has other characters than letters, digits and ``. _ @ + -``.
    """
    name = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text.strip()).casefold())
    if len(name) > LONGEST_USER or not _NAME.fullmatch(name):
        raise PullquoteError(
            f"{text[:80]!r} cannot be the name of an account; take 1 to {LONGEST_USER} letters and digits, "
            "and . _ @ + - after the first"
        )
    return name


def _number(connection: Connection, name: str) -> int:
    row = connection.execute("SELECT number FROM account WHERE name = ?", (account_name(name),)).fetchone()
    if row is None:
        raise _nobody(name)
    return int(row["number"])


def _nobody(name: str) -> NotKeptError:
    return NotKeptError(f"there is no account {name[:80]!r}; `pullquote user list` shows what there is")


def _account(row: Row) -> Account:
    return Account(row["id"], row["name"], row["password"], moment(row["created"]))


def _hashed(token: str) -> str:
    # The token is random enough that a plain hash of it cannot be turned back.
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
