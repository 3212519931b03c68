"""How many articles there are in each language: kept in the catalog's record, as counting them reads all articles."""

from __future__ import annotations

import json
from collections import Counter

from .database import Connection

META = "languages"
"""The key in the table ``meta``: JSON, how many articles there are by language."""


def as_counts(value: str | None) -> dict[str, int] | None:
    """What the catalog's record keeps; None where it keeps nothing that can be read."""
    try:
        return {str(language): int(count) for language, count in json.loads(value or "").items()}
    except (ValueError, TypeError, AttributeError):
        return None


class LanguageCounts:
    """Keeps count inside one transaction; ``store`` must be called before its end.

    Args:
        connection: to the catalog, with a transaction open.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._changes: Counter[str] = Counter()

    def count(self, language: str | None, change: int) -> None:
        """An article in this language came, or went."""
        if language is not None:
            self._changes[language] += change

    def count_article(self, article_id: int, change: int) -> None:
        """The same for one that is in the catalog."""
        row = self._connection.execute("SELECT language FROM article WHERE id = ?", (article_id,)).fetchone()
        self.count(row[0] if row else None, change)

    def store(self) -> None:
        """Writes the counts down; where there were none yet, those of all articles as they are now."""
        row = self._connection.execute("SELECT value FROM meta WHERE key = ?", (META,)).fetchone()
        counts = as_counts(row[0] if row else None)
        if counts is None:
            statement = "SELECT language, count(*) FROM article WHERE language IS NOT NULL GROUP BY language"
            counts = dict(self._connection.execute(statement))
        elif any(self._changes.values()):
            counts = {name: counts.get(name, 0) + self._changes[name] for name in {*counts, *self._changes}}
        else:
            return
        kept = json.dumps({name: count for name, count in sorted(counts.items()) if count > 0})
        self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (META, kept))
