"""The catalog's tables, by version, and the checksums that its rows carry."""

from __future__ import annotations

import zlib

APPLICATION_ID = 0x50756C51
"""``PulQ``: marks an SQLite file as a Pullquote catalog."""

VERSION = 2

MIGRATIONS: dict[int, str] = {
    # Version 0 is an empty file. Every released version stays here; a newer one is a further entry.
    1: """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

    CREATE TABLE article (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        title TEXT NOT NULL,
        author TEXT,
        published TEXT,               -- ISO 8601 date
        language TEXT,                -- ISO 639-1
        text TEXT NOT NULL,
        sha256 TEXT NOT NULL UNIQUE,  -- of text, in UTF-8
        page_starts TEXT NOT NULL DEFAULT '[]',  -- JSON: offsets in text
        near_group INTEGER,           -- articles with the same number are near-duplicates
        splitter TEXT NOT NULL,       -- the fingerprint of what made the passages
        added_at TEXT NOT NULL,
        generation INTEGER NOT NULL,  -- the transaction that wrote the row
        checksum INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX article_near_group ON article (near_group) WHERE near_group IS NOT NULL;
    CREATE INDEX article_published ON article (published);

    CREATE TABLE source (
        location TEXT PRIMARY KEY,    -- path or URL
        article_id INTEGER NOT NULL REFERENCES article (id) ON DELETE CASCADE,
        root TEXT,                    -- the folder, feed or archive through which it was found
        bytes INTEGER,                -- size, modification time and hash of the file as it was read
        modified_ns INTEGER,
        read_at_ns INTEGER,
        bytes_sha256 TEXT,
        validators TEXT,              -- JSON: ETag, Last-Modified
        position INTEGER NOT NULL,    -- an article's sources are listed in this order
        checksum INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX source_article ON source (article_id);

    CREATE TABLE root (location TEXT PRIMARY KEY, added_at TEXT NOT NULL) STRICT, WITHOUT ROWID;

    CREATE TABLE passage (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        article_id INTEGER NOT NULL REFERENCES article (id),
        ordinal INTEGER NOT NULL,
        start INTEGER NOT NULL,       -- characters in article.text
        "end" INTEGER NOT NULL,
        sentences BLOB NOT NULL,      -- pairs of little-endian uint32: start and end in article.text
        embedded_sha256 BLOB NOT NULL,-- of the text that was embedded
        vector BLOB NOT NULL,         -- little-endian float16, unit length
        generation INTEGER NOT NULL,
        checksum INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX passage_article ON passage (article_id);
    CREATE INDEX passage_generation ON passage (generation);
    CREATE INDEX passage_embedded ON passage (embedded_sha256);

    -- Passages that were removed: what the caches have to forget when they catch up.
    CREATE TABLE tombstone (passage_id INTEGER PRIMARY KEY, generation INTEGER NOT NULL) STRICT;
    CREATE INDEX tombstone_generation ON tombstone (generation);
    """,
    # SQLite keeps the list of tables on the file's first page, which `index/salvaging.py` can mend only while the list
    # fits there (some 290 bytes are left), and while older tables stay on their pages: new ones come after them.
    #
    # site: who published it; url: the canonical address of the original.
    #
    # container: files and feeds that hold many articles, once they were read to the end. Size and times are as in
    # `source`, validators are ETag and Last-Modified as JSON, splitter made the passages of its articles, failures
    # is JSON: pairs of a member's name and why it could not be read. The checksum is of all the other columns.
    #
    # near_key: what near-duplicates are found by; see `index/near_duplicates.py`. It follows from the texts, so its
    # rows carry no checksum: `verify` compares them with the texts.
    2: """
    ALTER TABLE article ADD COLUMN site TEXT;
    ALTER TABLE article ADD COLUMN url TEXT;
    CREATE TABLE container (
        location TEXT PRIMARY KEY, root TEXT, bytes INTEGER, modified_ns INTEGER, read_at_ns INTEGER,
        validators TEXT, splitter TEXT NOT NULL, failures TEXT NOT NULL, checksum INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE near_key (key INTEGER, article_id INTEGER, PRIMARY KEY (key, article_id)) STRICT, WITHOUT ROWID;
    """,
}


def checksum(*values: object) -> int:
    """CRC-32 of a row's values; a damaged page that still parses is noticed by it."""
    crc = 0
    for value in values:
        part = value if isinstance(value, bytes) else repr(value).encode("utf-8", "surrogatepass")
        crc = zlib.crc32(part, zlib.crc32(b"\x1f", crc))
    return crc
