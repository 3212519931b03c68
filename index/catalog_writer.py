"""What can be changed in the catalog, inside one transaction of ``Catalog.write``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from .article import text_sha256
from .database import Connection
from .embedding import FloatMatrix
from .passages import PassageSpan
from .reading import Draft
from .rows import SourceState, article_checksum
from .schema import checksum


class CatalogWriter:
    """What can be changed inside ``Catalog.write``."""

    def __init__(self, connection: Connection, generation: int) -> None:
        self._connection = connection
        self.generation = generation
        self.passages_changed = False

    def put_article(
        self,
        draft: Draft,
        splitter: str,
        passages: Sequence[PassageSpan],
        embedded: Sequence[bytes],
        vectors: FloatMatrix,
        *,
        replace: int | None = None,
    ) -> int:
        """Stores an article with its passages.

        Args:
            draft: the article.
            splitter: the fingerprint of what made the passages.
            passages, embedded, vectors: each passage's span, the SHA-256 of what was embedded, and its vector.
            replace: the id of an article whose text this is the new version of; its passages go, its id stays.

        Returns:
            The article's id.
        """
        self.passages_changed = True
        if replace is not None:
            self._remove_passages(replace)
        values = [
            draft.title,
            draft.author,
            draft.published.isoformat() if draft.published else None,
            draft.language,
            draft.text,
            text_sha256(draft.text),
            json.dumps(list(draft.page_starts)),
            None,
            splitter,
        ]
        row = [*values, datetime.now(UTC).isoformat(timespec="seconds"), self.generation, article_checksum(values)]
        columns = (
            "title, author, published, language, text, sha256, page_starts, near_group, splitter, added_at, "
            "generation, checksum"
        )
        if replace is None:
            cursor = self._connection.execute(
                f"INSERT INTO article ({columns}) VALUES ({','.join('?' * len(row))})", row
            )
            article_id = int(cursor.lastrowid or 0)
        else:
            assignments = ", ".join(f"{column} = ?" for column in columns.split(", "))
            self._connection.execute(f"UPDATE article SET {assignments} WHERE id = ?", [*row, replace])
            article_id = replace
        half = np.ascontiguousarray(vectors, "<f2")
        for ordinal, passage in enumerate(passages):
            sentences = np.array(passage.sentences, "<u4").tobytes()
            vector = half[ordinal].tobytes()
            fields = (article_id, ordinal, passage.start, passage.end, sentences, embedded[ordinal], vector)
            self._connection.execute(
                'INSERT INTO passage (article_id, ordinal, start, "end", sentences, embedded_sha256, vector, '
                "generation, checksum) VALUES (?,?,?,?,?,?,?,?,?)",
                (*fields, self.generation, checksum(*fields)),
            )
        return article_id

    def put_source(self, state: SourceState) -> None:
        """Records where an article was found; a source that is known already now belongs to this article."""
        fields = (
            state.location,
            state.article_id,
            state.root,
            state.bytes,
            state.modified_ns,
            state.read_at_ns,
            state.bytes_sha256,
        )
        position = self._connection.execute(
            "SELECT coalesce(max(position) + 1, 0) FROM source WHERE article_id = ?", (state.article_id,)
        ).fetchone()[0]
        self._connection.execute(
            "INSERT INTO source (location, article_id, root, bytes, modified_ns, read_at_ns, bytes_sha256, position, "
            "checksum) VALUES (?,?,?,?,?,?,?,?,?) ON CONFLICT (location) DO UPDATE SET "
            "position = CASE WHEN article_id = excluded.article_id THEN position ELSE excluded.position END, "
            "article_id = excluded.article_id, root = coalesce(excluded.root, root), bytes = excluded.bytes, "
            "modified_ns = excluded.modified_ns, read_at_ns = excluded.read_at_ns, "
            "bytes_sha256 = excluded.bytes_sha256, checksum = excluded.checksum",
            (*fields, position, checksum(state.location, state.article_id)),
        )

    def put_root(self, location: str) -> None:
        """Remembers a folder that was added."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self._connection.execute("INSERT OR IGNORE INTO root VALUES (?, ?)", (location, now))

    def remove_source(self, location: str) -> int | None:
        """Forgets a source; returns its article's id when that article has no source left, and was removed too."""
        row = self._connection.execute("SELECT article_id FROM source WHERE location = ?", (location,)).fetchone()
        if row is None:
            return None
        self._connection.execute("DELETE FROM source WHERE location = ?", (location,))
        return int(row[0]) if self.remove_article_without_sources(int(row[0])) else None

    def remove_article_without_sources(self, article_id: int) -> bool:
        """Removes an article if no source is left to it, and says whether it did."""
        rows = self._connection.execute("SELECT 1 FROM source WHERE article_id = ? LIMIT 1", (article_id,)).fetchall()
        if not rows:
            self.remove_article(article_id)
        return not rows

    def remove_article(self, article_id: int) -> None:
        """Removes an article, its sources and its passages."""
        self._remove_passages(article_id)
        self._connection.execute("DELETE FROM article WHERE id = ?", (article_id,))

    def remove_root(self, location: str) -> None:
        """Forgets a folder, so that ``sync`` does not visit it again."""
        self._connection.execute("DELETE FROM root WHERE location = ?", (location,))

    def _remove_passages(self, article_id: int) -> None:
        self.passages_changed = True
        self._connection.execute(
            "INSERT INTO tombstone SELECT id, ? FROM passage WHERE article_id = ?", (self.generation, article_id)
        )
        self._connection.execute("DELETE FROM passage WHERE article_id = ?", (article_id,))
