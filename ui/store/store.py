"""``Store``: the file in which the web page keeps what its users want to find again."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType

from .accounts import Accounts
from .chats import Chats
from .clippings import Clippings
from .database import Database
from .feedback import FeedbackBook

UNDO = timedelta(days=1)
"""How long what was deleted can be brought back."""


class Store:
    """Chats, clippings, feedback, accounts. One store may be used from any number of threads, and by several processes.

    An owner is whatever names a user for good: ``Account.owner``, or a random id that a browser keeps. Every
    method of ``chats``, ``clippings`` and ``feedback`` takes the owner first, and none reaches another owner's.

    Args:
        path: the file; made when it is missing. ``store_path`` says where it belongs.

    Raises:
        NotAnIndexError: the file is another program's.
        IndexFormatError: it was written by a newer version of Pullquote.
        CorruptIndexError: it is damaged.
        StorageError: the disk refused.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._database = Database(Path(path))
        self.accounts = Accounts(self._database)
        self.chats = Chats(self._database)
        self.clippings = Clippings(self._database)
        self.feedback = FeedbackBook(self._database)
        self.purge()

    @property
    def path(self) -> Path:
        """The file."""
        return self._database.path

    def purge(self, older_than: timedelta = UNDO) -> None:
        """Removes for good what was deleted longer ago than this."""
        before = (datetime.now(UTC) - older_than).isoformat(timespec="microseconds")
        with self._database.writing() as connection:
            for table in ("chat", "clipping"):
                connection.execute(f"DELETE FROM {table} WHERE deleted <= ?", (before,))

    def close(self) -> None:
        """Gives the file back; the store cannot be used after this."""
        self._database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
