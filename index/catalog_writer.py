"""What can be changed in the catalog, inside one transaction of ``Catalog.write``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import numpy as np

from .article import text_sha256
from .database import Connection
from .embedding import FloatMatrix
from .language_counts import LanguageCounts
from .near_duplicates import NearDuplicates
from .passages import PassageSpan
from .reading import Draft
from .rows import COLUMNS_KEY, ContainerState, SourceState, article_checksum, as_columns
from .schema import checksum


class CatalogWriter:
    """What can be changed inside ``Catalog.write``."""

    def __init__(self, connection: Connection, generation: int) -> None:
        self._connection = connection
        self.generation = generation
        self.passages_changed = False
        self.near_duplicates = NearDuplicates(connection)
        self._languages = LanguageCounts(connection)

    def finish(self) -> None:
        """Writes down what is kept until the end of the transaction."""
        self.near_duplicates.settle()
        self._languages.store()

    def put_article(
        self,
        draft: Draft,
        splitter: str,
        passages: Sequence[PassageSpan],
        embedded: Sequence[bytes],
        vectors: FloatMatrix,
        *,
        replace: int | None = None,
        added_at: str | None = None,
    ) -> int:
        """Stores an article with its passages.

        Args:
            draft: the article.
            splitter: the fingerprint of what made the passages.
            passages, embedded, vectors: each passage's span, the SHA-256 of what was embedded, and its vector.
            replace: the id of an article whose text this is the new version of; its passages go, its id stays.
            added_at: when the article was first added, ISO 8601; now when None.

        Returns:
            The article's id.
        """
        self.passages_changed = True
        self._languages.count(draft.language, 1)
        if replace is not None:
            self._languages.count_article(replace, -1)
            self.near_duplicates.leave(replace)
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
            draft.site,
            draft.url,
        ]
        added_at = added_at or datetime.now(UTC).isoformat(timespec="seconds")
        row = [*values, added_at, self.generation, article_checksum(values)]
        columns = (
            "title, author, published, language, text, sha256, page_starts, near_group, splitter, site, url, "
            "added_at, generation, checksum"
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
        self.near_duplicates.join(article_id, draft.title, draft.text)
        half = np.ascontiguousarray(vectors, "<f2")
        for ordinal, passage in enumerate(passages):
            sentences = np.array(passage.sentences, "<u4").tobytes()
            vector = half[ordinal].tobytes()
            self._insert_passage(
                (article_id, ordinal, passage.start, passage.end, sentences, embedded[ordinal], vector)
            )
        return article_id

    def _insert_passage(self, fields: tuple[int, int, int, int, bytes, bytes, bytes]) -> None:
        self._connection.execute(
            'INSERT INTO passage (article_id, ordinal, start, "end", sentences, embedded_sha256, vector, '
            "generation, checksum) VALUES (?,?,?,?,?,?,?,?,?)",
            (*fields, self.generation, checksum(*fields)),
        )

    def passage_bounds(self, article_id: int) -> list[tuple[int, int]]:
        """Start and end of an article's passages, in order."""
        return self._connection.execute(
            'SELECT start, "end" FROM passage WHERE article_id = ? ORDER BY ordinal', (article_id,)
        ).fetchall()

    def renew_passages(self, article_id: int, vectors: FloatMatrix) -> None:
        """Gives an article's passages other vectors, in order; they get new ids, and the old ones tombstones."""
        rows = self._connection.execute(
            'SELECT ordinal, start, "end", sentences, embedded_sha256 FROM passage WHERE article_id = ? '
            "ORDER BY ordinal",
            (article_id,),
        ).fetchall()
        self._remove_passages(article_id)
        for row, vector in zip(rows, np.ascontiguousarray(vectors, "<f2"), strict=True):
            self._insert_passage((article_id, *row, vector.tobytes()))

    def put_meta(self, key: str, value: str) -> None:
        """Changes a value of the catalog's own record."""
        self._connection.execute("UPDATE meta SET value = ? WHERE key = ?", (value, key))

    def put_columns(self, columns: Mapping[str, Mapping[str, str]]) -> None:
        """Remembers what was said of the columns of tables, by location; an empty saying is forgotten."""
        found = self._connection.execute("SELECT value FROM meta WHERE key = ?", (COLUMNS_KEY,)).fetchone()
        before = as_columns(found[0] if found else None)
        kept = {location: dict(said) for location, said in {**before, **columns}.items() if said}
        if kept != before:
            value = json.dumps(kept, ensure_ascii=False, sort_keys=True)
            self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (COLUMNS_KEY, value))

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
            state.validators,
        )
        position = self._connection.execute(
            "SELECT coalesce(max(position) + 1, 0) FROM source WHERE article_id = ?", (state.article_id,)
        ).fetchone()[0]
        self._connection.execute(
            "INSERT INTO source (location, article_id, root, bytes, modified_ns, read_at_ns, bytes_sha256, "
            "validators, position, checksum) VALUES (?,?,?,?,?,?,?,?,?,?) ON CONFLICT (location) DO UPDATE SET "
            "position = CASE WHEN article_id = excluded.article_id THEN position ELSE excluded.position END, "
            "article_id = excluded.article_id, root = coalesce(excluded.root, root), bytes = excluded.bytes, "
            "modified_ns = excluded.modified_ns, read_at_ns = excluded.read_at_ns, "
            "bytes_sha256 = excluded.bytes_sha256, validators = excluded.validators, checksum = excluded.checksum",
            (*fields, position, checksum(state.location, state.article_id)),
        )

    def sources_of(self, locations: Sequence[str]) -> dict[str, int]:
        """The article of each of these sources that is known, as this transaction sees it."""
        found = {}
        for location in locations:
            row = self._connection.execute("SELECT article_id FROM source WHERE location = ?", (location,)).fetchone()
            if row is not None:
                found[location] = int(row[0])
        return found

    def forget_sources(self, locations: Sequence[str]) -> None:
        """Forgets sources, whatever article they belong to; articles stay."""
        self._connection.executemany("DELETE FROM source WHERE location = ?", [(location,) for location in locations])

    def forget_passages(self, ids: Sequence[int]) -> None:
        """Removes single passages, and records ids as removed that are not there."""
        self.passages_changed = True
        for number in ids:
            self._connection.execute("DELETE FROM passage WHERE id = ?", (number,))
            self._connection.execute("INSERT OR REPLACE INTO tombstone VALUES (?, ?)", (number, self.generation))

    def revive(self, passage_ids: Sequence[int]) -> None:
        """Takes back that passages were removed."""
        self.passages_changed = True
        self._connection.executemany(
            "DELETE FROM tombstone WHERE passage_id = ?", [(number,) for number in passage_ids]
        )

    def pass_generations(self) -> None:
        """Makes the generation greater than that of any row."""
        self.passages_changed = True
        for table in ("article", "passage", "tombstone"):
            newest = self._connection.execute(f"SELECT coalesce(max(generation), 0) FROM {table}").fetchone()[0]
            self.generation = max(self.generation, int(newest) + 1)

    def put_container(self, state: ContainerState) -> None:
        """Remembers that a file with many articles was read to its end."""
        row = state.row()
        self._connection.execute(f"INSERT OR REPLACE INTO container VALUES ({','.join('?' * len(row))})", row)

    def forget_container(self, location: str) -> None:
        """Forgets that a file with many articles was read, so that it is read again; its articles stay."""
        self._connection.execute("DELETE FROM container WHERE location = ?", (location,))

    def put_root(self, location: str) -> None:
        """Remembers a folder that was added."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self._connection.execute("INSERT OR IGNORE INTO root VALUES (?, ?)", (location, now))

    def remove_source(self, location: str) -> int | None:
        """Forgets a source; returns its article's id when that article has no source left, and was removed too."""
        row = self._connection.execute("SELECT article_id, root FROM source WHERE location = ?", (location,)).fetchone()
        if row is None:
            return None
        # A file of which a member was removed is read again when it is added again, as a removed file is.
        if row[1] is not None:
            self.forget_container(row[1])
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
        self._connection.execute(
            "DELETE FROM container WHERE location IN (SELECT root FROM source WHERE article_id = ?)", (article_id,)
        )
        self._languages.count_article(article_id, -1)
        self.near_duplicates.leave(article_id)
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
